/* The past under the console: a recording that is replayed, or what a live one still remembers.
 * Values only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

typedef enum {
    HV_TIME_MARK_CHANGE,
    HV_TIME_MARK_NOTE,
    HV_TIME_MARK_FINDING,
    HV_TIME_MARK_GAP
} HvTimeMarkKind;

/* Something on the timeline. */
typedef struct {
    HvTimeMarkKind kind;
    gint64 time_ns, until_ns; /* since 1970; until: of findings and gaps, else equal */
    guint64 id;               /* of a change: its plan */
    char *vm;                 /* its name, or NULL */
    char *text; /* one printable line: "moved redis-1 to S1 (plan 17): redis_p99_ms 11.9 → 3.1
                   (−74 %, sure)" */
} HvTimeMark;

/** hv_time_mark_new: copies texts. hv_time_mark_free: accepts NULL. Any thread. */
HvTimeMark *hv_time_mark_new(HvTimeMarkKind kind, gint64 time_ns, gint64 until_ns, guint64 id,
                             const char *vm, const char *text);
void hv_time_mark_free(HvTimeMark *mark);

/* Where the console stands in it. Times are ns since 1970. */
typedef struct {
    gboolean is_replay; /* of a file; else the past of a live console */
    gboolean
        is_open; /* the past is in view; a replay always, a live console after `t`, `b`, `[` */
    gboolean is_playing, is_growing; /* growing: somebody is still writing it */
    double speed;                    /* 0.1-100 */
    gint64 first_ns, last_ns, at_ns;
    GTimeZone *zone;        /* of the recording host; borrowed */
    const char *view;       /* of a replay: the operator's then; NULL none; borrowed */
    guint64 view_serial;    /* grows with each other view */
    const GPtrArray *marks; /* of HvTimeMark by rising time; borrowed until the next call */
    gboolean is_recording, is_paused; /* a live one: into @recording */
    const char *recording;            /* its file; borrowed; NULL none */
    const char *why;                  /* what is wrong with its disk; NULL nothing */
} HvTimeline;
