/* What resctrl holds at one look: groups, shares, limits, and whose threads are where. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/resctrl-parse.h"

/* One domain's share of a control group. */
typedef struct {
    char *resource;
    guint domain;
    char *value; /* as the kernel prints it */
    gboolean is_cache, has_number, has_size;
    guint64 number; /* mask, or limit */
    guint64 size_bytes;
} HvLayoutShare;

/* A control group. */
typedef struct {
    char *name; /* "default", or its directory's */
    char *path; /* below resctrl's root: "", or "gold/" */
    HvResctrlOwner owner;
    char *vm;   /* that libvirt made it for; NULL: none, or not known */
    char *mode; /* NULL: cannot be read, as @cpus */
    char *cpus;
    GArray *shares;   /* of HvLayoutShare */
    char *shares_why; /* why they end there, or NULL */
    gboolean has_tasks;
    guint64 n_tasks;
} HvLayoutGroup;

/* Something with counters: a control group's sum, or a monitoring group in one. */
typedef struct {
    guint group;
    char *name;       /* "": the control group's own sum, which contains its children */
    char *path;       /* "gold/mon_groups/web/", as for groups */
    char *vm;         /* whose vCPU threads it counts, and nobody else's; NULL: none */
    gboolean whole;   /* all vCPU threads that the VM has in this control group */
    gboolean is_ours; /* some hvtune made it */
    gboolean is_gone; /* one of ours that gave its place to others: its last numbers stand */
} HvLayoutMon;

/* A vCPU that has a thread here. */
typedef struct {
    guint guest; /* in the list of guests */
    char *vm;
    guint vcpu;
    int tid;
    guint group;
    int mon;     /* index of the monitoring group that it is in, or -1 */
    int counted; /* of what counts, or counted last, it for its VM, or -1; see _settle() */
} HvLayoutVcpu;

/* The files of a directory below info, in this order. */
typedef enum {
    HV_INFO_CBM_MASK,
    HV_INFO_MIN_CBM_BITS,
    HV_INFO_SHAREABLE_BITS,
    HV_INFO_BIT_USAGE,
    HV_INFO_SPARSE_MASKS,
    HV_INFO_NUM_CLOSIDS,
    HV_INFO_MIN_BANDWIDTH,
    HV_INFO_BANDWIDTH_GRAN,
    HV_INFO_DELAY_LINEAR,
    HV_INFO_THROTTLE_MODE,
    HV_INFO_NUM_RMIDS,
    HV_INFO_MON_FEATURES,
    HV_INFO_MAX_THRESHOLD,
    HV_INFO_ASSIGN_MODE,
    HV_INFO_NUM_COUNTERS,
    HV_INFO_FREE_COUNTERS,
    HV_INFO_N_FILES,
} HvInfoFile;

typedef struct {
    char *resource;              /* "L3", "MB", "L3_MON" … */
    char *text[HV_INFO_N_FILES]; /* NULL: there is no such file */
    gboolean has_unused;         /* of bit_usage */
    guint n_unused;
} HvLayoutInfo;

/* What can be counted of each domain of a monitoring group. */
typedef enum {
    HV_EVENT_OCCUPANCY,
    HV_EVENT_TOTAL,
    HV_EVENT_LOCAL,
    HV_EVENT_N,
} HvMonEvent;
extern const char *const hv_mon_event_files[HV_EVENT_N];

typedef struct {
    guint domain;
    guint64 size_bytes; /* of the whole cache; 0: unknown */
} HvLayoutLlc;

/* Immutable once made, shared by an atomic count. */
typedef struct {
    gatomicrefcount refs;
    guint64 digest; /* of all but the default group's number of tasks */
    char *mount;    /* NULL: not told, as @options */
    char *options;
    GPtrArray *infos;  /* of HvLayoutInfo */
    GPtrArray *groups; /* of HvLayoutGroup; the default group first */
    GPtrArray *mons;   /* of HvLayoutMon; each group's sum, then its monitoring groups */
    GPtrArray *vcpus;  /* of HvLayoutVcpu, in the order of the list of guests */
    GArray *llcs;      /* of HvLayoutLlc: the domains that are counted */
} HvResctrlLayout;

/**
 * hv_resctrl_layout_read:
 * @guests: whose threads are looked for
 * @error: ABSENT, saying why not, when resctrl is not mounted
 *
 * Reads all of resctrl but the counters. What cannot be read of a group is NULL there. May take
 * long: not the sampler's thread. (transfer full)
 */
HvResctrlLayout *hv_resctrl_layout_read(HvHost *host, const HvGuestList *guests,
                                        GError **error);
/** hv_resctrl_layout_new: an empty one, for who reads it; _add_group: takes @take_group, and
 * gives it its empty shares. */
HvResctrlLayout *hv_resctrl_layout_new(void);
void hv_resctrl_layout_add_group(HvResctrlLayout *layout, HvLayoutGroup *take_group);
/** hv_resctrl_layout_ref, _unref: NULL is allowed. Any thread, as all below. */
HvResctrlLayout *hv_resctrl_layout_ref(HvResctrlLayout *layout);
void hv_resctrl_layout_unref(HvResctrlLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvResctrlLayout, hv_resctrl_layout_unref)
/** hv_resctrl_layout_add_gone: before it is shared: a monitoring group that is no more, whose
 * last numbers stand for @vm in @group. Returns: its index. */
guint hv_resctrl_layout_add_gone(HvResctrlLayout *layout, guint group, const char *name,
                                 const char *vm);
/** hv_resctrl_layout_settle: before it is shared, last: finds what counts each vCPU. */
void hv_resctrl_layout_settle(HvResctrlLayout *layout);
/** hv_resctrl_layout_info: a number of info/@resource; FALSE without it. @resource NULL: the
 * least of all that have it. */
gboolean hv_resctrl_layout_info(const HvResctrlLayout *layout, const char *resource,
                                HvInfoFile file, guint64 *value);
/** hv_resctrl_layout_counters: AMD's assignable counters of a domain, all and free ones; FALSE
 * where they are not in use. */
gboolean hv_resctrl_layout_counters(const HvResctrlLayout *layout, guint64 *all, guint64 *left);
/** hv_resctrl_layout_n_ways: of cache @resource; 0 unknown. _cache_bytes: of the whole L3 of
 * @domain, from the size that any group has of some of its ways; 0 unknown. */
guint hv_resctrl_layout_n_ways(const HvResctrlLayout *layout, const char *resource);
guint64 hv_resctrl_layout_cache_bytes(const HvResctrlLayout *layout, guint domain);
/** hv_resctrl_layout_mb_unit: "percent", "MB/s", "1/8 GB/s"; NULL without bandwidth control. */
const char *hv_resctrl_layout_mb_unit(const HvResctrlLayout *layout);

/** hv_resctrl_why_absent: why resctrl is not mounted here: @error is set to ABSENT; @cure to a
 * command that would help, or NULL; static text. */
void hv_resctrl_why_absent(HvHost *host, const char **cure, GError **error);
