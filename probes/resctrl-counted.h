/* One group's counters: its open files, its last values, and whether it is warm. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "probes/keep.h"
#include "probes/resctrl-layout.h"

/* One domain of something that is counted. */
typedef struct {
    HvMark marks[HV_EVENT_N];
    guint64 values[HV_EVENT_N];
    const char *why[HV_EVENT_N]; /* static; where there is no value */
    gint64 read_ns;              /* monotonic; 0: never */
    gboolean is_warming;         /* old lines may still lie under another RMID */
} HvMonCell;

/* Something that is, or lately was, counted. One thread. */
typedef struct {
    HvKept *files;     /* domains × events */
    HvMonCell *cells;  /* by domain */
    double *filled;    /* by domain: what all had filled there when it began, bytes */
    gboolean *is_warm; /* by domain */
    guint n_llcs;
    gint64 since_ns; /* first seen */
    char *group, *name, *vm;
    gboolean is_ours, is_listed, is_gone;
} HvCounted;

/** hv_counted_new: nothing is open yet. hv_counted_free: closes. */
HvCounted *hv_counted_new(const HvResctrlLayout *layout);
void hv_counted_free(HvKeep *keep, HvCounted *counted);
/** hv_counted_begin: it counts from now on, in the files of the group at @path ("gold/");
 * hv_counted_close: it does not any more; its last values stay. */
void hv_counted_begin(HvKeep *keep, HvCounted *counted, const HvResctrlLayout *layout,
                      const char *path, gint64 now_ns);
void hv_counted_close(HvKeep *keep, HvCounted *counted);
/** hv_counted_try_again: what could not be read is opened anew. */
void hv_counted_try_again(HvCounted *counted);
/** hv_counted_read: all its values; in the steady state nothing is allocated. */
void hv_counted_read(HvKeep *keep, HvCounted *counted);
/** hv_counted_read_ns: when it was last read; 0: never. */
gint64 hv_counted_read_ns(const HvCounted *counted);
/**
 * hv_counted_warm_up:
 * @llc: index of a domain
 * @size_bytes: of its whole cache; 0: unknown
 * @filled: what all groups together have filled into it so far, in bytes; -1: unknown
 *
 * After each reading: decides whether it is warm. Lines are tagged when they are filled: a
 * group that has filled as much as the cache holds, or that has seen it filled twice by all,
 * has no old lines under another RMID.
 */
void hv_counted_warm_up(HvCounted *counted, guint llc, guint64 size_bytes, double filled);
