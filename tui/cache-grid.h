/* One last-level cache as a square to draw: ways across, control groups and their VMs down. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* What a way is to a group. */
typedef enum {
    HV_WAY_NONE,    /* it may not fill it */
    HV_WAY_ALONE,   /* it alone may */
    HV_WAY_DEVICES, /* no other group may, but devices do */
    HV_WAY_SHARED,  /* another group may too */
} HvWay;

/* One line. Texts are borrowed from the snapshot. */
typedef struct {
    const char *group; /* NULL: the hardware's own use of ways */
    const char *vm;    /* the part that is this VM's, or NULL */
    const char *part;  /* "code", "data": the half of a cache that is told apart, else NULL */
    gboolean has_mask;
    guint64 mask;
    guint64 present_mask; /* what it is now, where another one is wished for; else as @mask */
    gboolean has_limit, is_limit_wished;
    guint64 limit; /* of bandwidth, in the kernel's unit */
    int of_llc, of_domain, of_group; /* rows of llc, resctrl_domains, resctrl_groups; -1: none */
} HvCacheRow;

typedef struct {
    guint64 llc;
    guint n_ways;      /* 0: not shared out by ways */
    guint64 shareable; /* ways that devices fill too */
    double bytes;      /* the whole cache; 0: unknown */
    double way_bytes;  /* 0: unknown */
    gboolean has_held;
    double held_bytes, old_bytes; /* of all groups; old lines: about */
    gboolean is_warming;          /* some group or VM is */
    GArray *rows;                 /* of HvCacheRow: the hardware, then groups with their VMs */
} HvCacheGrid;

/** hv_cache_ids: numbers (guint64) of all caches that resctrl or its groups name, rising; (transfer full). Any thread,
 * as all below. */
GArray *hv_cache_ids(const HvSnapshot *snapshot);
HvCacheGrid *hv_cache_grid_new(const HvSnapshot *snapshot, guint64 llc);
void hv_cache_grid_free(HvCacheGrid *grid);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvCacheGrid, hv_cache_grid_free)
/** hv_cache_way: what @way (0 the lowest bit) is to @row. */
HvWay hv_cache_way(const HvCacheGrid *grid, const HvCacheRow *row, guint way);
/** hv_cache_held: lines of all groups in cache @llc, and the cache's size; FALSE where one is not known. */
gboolean hv_cache_held(const HvSnapshot *snapshot, guint64 llc, double *held_bytes, double *size_bytes);
