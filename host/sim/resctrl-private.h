/* What the parts of the simulated resctrl share. Only for host/sim/resctrl*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/fs.h"
#include "host/sim/world.h"

#define HV_RESCTRL_PATH "sys/fs/resctrl"
#define HV_RESCTRL_MAX_WRITE 4096u /* kernfs takes no more than a page at a time */
#define HV_RESCTRL_STATUS_BYTES 512u

typedef enum { HV_RESCTRL_SHAREABLE, HV_RESCTRL_EXCLUSIVE } HvResctrlMode;
typedef enum {
    HV_RESCTRL_OCCUPANCY,
    HV_RESCTRL_TOTAL,
    HV_RESCTRL_LOCAL,
    HV_RESCTRL_N_EVENTS
} HvResctrlEvent;

typedef struct HvResctrlGroup HvResctrlGroup;

/* What a file of mon_data shows. */
typedef struct {
    HvResctrlGroup *group;
    guint l3;
    HvResctrlEvent event;
} HvResctrlMonFile;

/* A control group, or a monitoring group in one. */
struct HvResctrlGroup {
    char *path;             /* from the root of the machine */
    const char *name;       /* the last part of @path */
    HvResctrlGroup *parent; /* of a monitoring group; NULL: a control group */
    GPtrArray *children;    /* of a control group: its monitoring groups; borrowed */
    guint closid, rmid;
    HvResctrlMode mode;
    HvSet *cpus;
    HvResctrlMonFile mon_files[HV_SIM_MAX_L3][HV_RESCTRL_N_EVENTS];
};

typedef enum {
    HV_RESCTRL_MB,
    HV_RESCTRL_CACHE, /* code and data alike */
    HV_RESCTRL_CODE,
    HV_RESCTRL_DATA,
} HvResctrlControl;

/* A line of schemata. */
typedef struct {
    const char *name;
    HvResctrlControl control;
    guint n_closids;
} HvResctrlSchema;

#define HV_RESCTRL_MAX_SCHEMAS 3

/* Where an RMID is. */
typedef enum { HV_RMID_FREE, HV_RMID_USED, HV_RMID_LIMBO } HvRmidState;

/* What is known of one RMID; its traffic counts from @base on. On AMD hardware that follows few
 * RMIDs at a time, @kept is what was counted before it was last given up. */
typedef struct {
    HvRmidState state;
    guint n_busy; /* domains that still hold lines of it; of one in limbo */
    gboolean busy[HV_SIM_MAX_L3];
    double base[HV_SIM_MAX_L3][HV_RESCTRL_N_EVENTS];
    double kept[HV_SIM_MAX_L3][HV_RESCTRL_N_EVENTS];
    gboolean tracked[HV_SIM_MAX_L3];
    gint64 since_ns[HV_SIM_MAX_L3];   /* tracked or not, since when */
    double last_bytes[HV_SIM_MAX_L3]; /* of traffic, at the last step */
    gint64 active_ns[HV_SIM_MAX_L3];  /* when it last had any */
} HvResctrlRmid;

struct HvSimResctrl {
    HvSimWorld *world;
    HvSimFs *fs;
    GPtrArray *groups; /* of HvResctrlGroup, oldest first: the default group and all others of
                          both kinds */
    HvResctrlSchema schemas[HV_RESCTRL_MAX_SCHEMAS]; /* in the kernel's order */
    guint n_schemas;
    guint32 full_mask;
    guint default_mb, min_mb, mb_step, min_bits;
    gboolean sparse; /* masks may have holes */
    gboolean
        is_newer;    /* kernel 6.7 or later: several tasks in one write, info/L3/sparse_masks */
    guint n_closids; /* the smallest of what the resources have */
    gboolean closid_used[HV_SIM_MAX_CLOSIDS];
    guint n_rmids;
    HvResctrlRmid rmids[HV_SIM_MAX_RMIDS];
    GQueue free_rmids; /* longest free first */
    guint n_limbo;
    gint64 limbo_due_ns[HV_SIM_MAX_L3]; /* when its worker looks again; 0: it rests */
    guint64 scale_bytes;                /* what one count of the hardware stands for */
    guint64 threshold_bytes, max_threshold_bytes;
    gint64 steal_due_ns; /* AMD: when RMIDs that wait for a counter get one next */
    HvSet *online;       /* cpus, when last looked at */
    gboolean l3_online[HV_SIM_MAX_L3];
    guint64 layout;    /* of the world, when its threads were last looked at */
    GHashTable *known; /* tids that were there then */
    char status[HV_RESCTRL_STATUS_BYTES + 1];
    gsize status_length;
    gboolean status_is_full; /* something did not fit: nothing is added any more */
};

/* ---- host/sim/resctrl.c ---- */

/** hv_resctrl_say: adds to info/last_cmd_status; hv_resctrl_clear_status: it says "ok" again.
 */
void hv_resctrl_say(HvSimResctrl *resctrl, const char *format, ...) G_GNUC_PRINTF(2, 3);
void hv_resctrl_clear_status(HvSimResctrl *resctrl);
/** hv_resctrl_get, _set: what @closid has of the schema's resource in domain @l3. */
guint32 hv_resctrl_get(const HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint closid,
                       guint l3);
void hv_resctrl_set(HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint closid,
                    guint l3, guint32 value);

/** hv_resctrl_look: sees which cpus, domains and threads have come or gone; before whatever
 * depends on them. */
void hv_resctrl_look(HvSimResctrl *resctrl);

/* A walk over all threads: { .world = world } at first. */
typedef struct {
    const HvSimWorld *world;
    guint list, index;
} HvResctrlWalk;
/** hv_resctrl_next_thread: NULL at the end. */
HvSimThread *hv_resctrl_next_thread(HvResctrlWalk *walk);

/* ---- groups: host/sim/resctrl-groups.c ---- */

/** hv_resctrl_add_default: the default group, with all its files. */
void hv_resctrl_add_default(HvSimResctrl *resctrl);
void hv_resctrl_free_group(gpointer group);
/** hv_resctrl_add_mon_files, _remove_mon_files: of one domain in one group. */
void hv_resctrl_add_mon_files(HvSimResctrl *resctrl, HvResctrlGroup *group, guint l3);
void hv_resctrl_remove_mon_files(HvSimResctrl *resctrl, const HvResctrlGroup *group, guint l3);
/** hv_resctrl_group_of: the control group that has @closid, or NULL. */
HvResctrlGroup *hv_resctrl_group_of(const HvSimResctrl *resctrl, guint closid);

/* ---- files of a group; their owner is the HvSimResctrl, their data the HvResctrlGroup ---- */

extern const HvSimFileClass hv_resctrl_schemata_file, hv_resctrl_size_file,
    hv_resctrl_mode_file;
extern const HvSimFileClass hv_resctrl_tasks_file, hv_resctrl_cpus_file,
    hv_resctrl_cpus_list_file;
extern const HvSimFileClass hv_resctrl_mon_file; /* data: HvResctrlMonFile */

/* ---- host/sim/resctrl-mode.c ---- */

/** hv_resctrl_overlaps: does @mask of @closid in @l3 overlap with another class; only with
 * exclusive ones; else also with what the hardware uses. */
gboolean hv_resctrl_overlaps(const HvSimResctrl *resctrl, const HvResctrlSchema *schema,
                             guint l3, guint32 mask, guint closid, gboolean only_exclusive);
/** hv_resctrl_init_class: gives a new class all that nobody has to himself. 0 or -ENOSPC. */
int hv_resctrl_init_class(HvSimResctrl *resctrl, guint closid);
/** hv_resctrl_print_bit_usage: a line for all domains. */
void hv_resctrl_print_bit_usage(const HvSimResctrl *resctrl, const HvResctrlSchema *schema,
                                HvSimText *out);

/* ---- host/sim/resctrl-cpus.c ---- */

/** hv_resctrl_assign_cpus: those @cpus count for @group from now on; the group's own set is the
 * caller's. */
void hv_resctrl_assign_cpus(HvSimResctrl *resctrl, const HvSet *cpus,
                            const HvResctrlGroup *group);

/* ---- host/sim/resctrl-info.c ---- */

void hv_resctrl_add_info(HvSimResctrl *resctrl);

/* ---- host/sim/resctrl-rmids.c ---- */

/** hv_resctrl_start_rmids: all free but the default group's. */
void hv_resctrl_start_rmids(HvSimResctrl *resctrl);
/** hv_resctrl_take_rmid: with counters at 0; or -EBUSY (all in use or limbo), -ENOSPC (all in
 * use). */
int hv_resctrl_take_rmid(HvSimResctrl *resctrl);
/** hv_resctrl_release_rmid: into limbo, or free when no cache holds lines of it. */
void hv_resctrl_release_rmid(HvSimResctrl *resctrl, guint rmid);
/** hv_resctrl_check_limbo: the workers that are due; hv_resctrl_empty_limbo: a domain that goes
 * away. */
void hv_resctrl_check_limbo(HvSimResctrl *resctrl);
void hv_resctrl_empty_limbo(HvSimResctrl *resctrl, guint l3);

/* ---- host/sim/resctrl-mon.c ---- */

/** hv_resctrl_occupancy: as the hardware tells it. */
guint64 hv_resctrl_occupancy(const HvSimResctrl *resctrl, guint rmid, guint l3);
/** hv_resctrl_restart_counts: traffic of @rmid counts from 0 again. */
void hv_resctrl_restart_counts(HvSimResctrl *resctrl, guint rmid);
/** hv_resctrl_share_counters: where there are fewer counters than busy RMIDs, who has one. */
void hv_resctrl_share_counters(HvSimResctrl *resctrl);
