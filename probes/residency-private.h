/* What residency-read.c reads of each VM and residency.c makes a table of. Only for these two.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "probes/memory-group.h"
#include "host/survey.h"

/* One row of the table. */
typedef struct {
    HvNumaPart part;
    const char *source;
    guint32 row;
    gboolean has_row;
} HvMemoryRow;

/* One VM. */
typedef struct {
    const HvGuest *guest; /* of the list that the probe holds */
    int pid;
    guint64 start_ticks;
    HvMemoryGroup group;
    gint64 due_ns; /* when the group is to be read although nobody looks */
    HvRegard last_regard;
    guint turn;
    gboolean is_wanted; /* somebody looks at it */
    gboolean is_blind;  /* the group does not tell */
    HvSurvey *survey;   /* NULL: none yet */
    gint64 surveyed_ns; /* monotonic, when it was picked up; 0: never */
    gint64 numa_maps_ns;
    guint round;
    GError *survey_error;
    GArray *rows; /* of HvMemoryRow */
    gboolean is_estimate;
    gint64 read_ns; /* of @rows */
} HvVmMemory;

/* All of them. */
typedef struct {
    HvHost *host;
    HvKeep keep;
    HvGuestList *list;
    GPtrArray *vms; /* of HvVmMemory, in the order of the list */
    guint n_born;
    HvLane *lane;
    gint64 survey_from_ns; /* the next job may begin */
    guint next;            /* VM to look into next */
    gboolean is_careful;   /* one did not come back: one VM at a time, that it be known which */
    int surveyed_pid;      /* of the first in the job */
    HvSet *free_gigantic;  /* nodes that have a free 1 GiB page; NULL: not known */
    gint64 free_gigantic_ns; /* when that was read; 0: never */
    char buffer[16384];
} HvResidency;

/** hv_residency_read: brings the list of VMs up to date and reads what is due: their groups,
 * and their processes within the budget of that. @sink tells the time and who is looked at. */
void hv_residency_read(HvResidency *probe, const HvSink *sink);
/** hv_residency_vm_free: one VM with its files. */
void hv_residency_vm_free(HvResidency *probe, HvVmMemory *vm);
