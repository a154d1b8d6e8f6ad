/* What resctrl takes: masks of a cache's ways, and limits of bandwidth. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/resctrl.h"

/* How a cache's masks are made up. */
typedef struct {
    guint64 full;     /* all its ways */
    guint64 hardware; /* ways that devices fill too: shareable_bits */
    guint n_ways, min_bits;
    gboolean sparse; /* masks may have holes */
} HvWayRules;

/* In which unit a kernel limits bandwidth. */
typedef enum { HV_MB_PERCENT, HV_MB_MBPS, HV_MB_EIGHTHS } HvMbUnit;

typedef struct {
    HvMbUnit unit;
    guint64 least, most; /* most 0: not told */
    guint64 step;        /* what is between is rounded up to a multiple; 0 and 1: nothing is */
} HvMbRules;

/** hv_rules_of_ways: FALSE with ABSENT where @resource is no cache that is allocated. The
 * actuator's thread, as all below. Source: resctrl.rst, "info directory". */
gboolean hv_rules_of_ways(HvHost *host, const char *resource, HvWayRules *rules,
                          GError **error);
/** hv_rules_of_bandwidth: the same for "MB", "SMBA". */
gboolean hv_rules_of_bandwidth(HvHost *host, const char *resource, HvMbRules *rules,
                               GError **error);
/** hv_rules_mb_unit: "percent", "MB/s", "1/8 GB/s". */
const char *hv_rules_mb_unit(HvMbUnit unit);
/** hv_rules_check_mask: REFUSED with the rule that @mask breaks. */
gboolean hv_rules_check_mask(const HvWayRules *rules, const char *resource, guint64 mask,
                             GError **error);
/** hv_rules_check_overlap: REFUSED where @mask of @group would overlap with an exclusive group,
 * or with any if @group is exclusive itself, after the steps of @plan. */
gboolean hv_rules_check_overlap(HvHost *host, const HvWayRules *rules, const char *group,
                                const char *resource, guint domain, guint64 mask,
                                const HvPlan *plan, GError **error);
/** hv_rules_choose: @n ways next to each other for who has @present: from one of its edges,
 * with few that hardware fills, else as near as can be. @n is at most n_ways, and not 0. */
guint64 hv_rules_choose(const HvWayRules *rules, guint64 present, guint n);
/** hv_rules_first: what the kernel gives @group when it is made; FALSE unknown. Source: kernel
 * rdtgroup_init_alloc(). */
gboolean hv_rules_first(HvHost *host, const char *group, const char *resource, guint domain,
                        guint64 *value);
/** hv_rules_peer: the other half of a cache whose code and data are apart, or NULL. */
const char *hv_rules_peer(const char *resource);
guint hv_rules_count(guint64 mask);
