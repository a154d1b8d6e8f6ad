/* Recording: snapshots go in, a worker of its own packs and stores them; a slow or full disk
 * never holds anybody up. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* How it is recorded. Copied. */
typedef struct {
    const char *path; /* NULL: in memory: the ring */
    gboolean append;  /* go on with an existing file */
    const HvSchema *const
        *schemas; /* tables that are recorded, NULL-terminated, borrowed for life */
    const HvSchema *const *sums; /* not recorded but summed: "vms", "traffic"; may be NULL */
    const char *hostname, *timezone; /* "Europe/Berlin" or "UTC+01:00": of the recording host */
    const char *version;             /* of hvtune */
    gint64 interval_ns;
    gint64 keep_ns;     /* older frames go; 0: all stay */
    guint64 keep_bytes; /* the same by size; of the ring: of its frames */
} HvLogOptions;

/* A log being written. Counted threads: any thread may call, none waits. Opaque. */
typedef struct HvLog HvLog;

/** hv_log_open: makes the file and its first rows in the calling thread, then starts the
 * worker. CONFLICT where @path exists and is not to be gone on with. */
HvLog *hv_log_open(const HvLogOptions *options, GError **error);
/** hv_log_close: writes what is queued, at most for @deadline_ms, checkpoints, and leaves one
 * file in rollback mode. What hangs is left behind. Accepts NULL. FALSE with @error when not
 * all is on disk. */
gboolean hv_log_close(HvLog *log, guint deadline_ms, GError **error);
/** hv_log_push: this sample. Takes a reference; where the worker cannot follow (8 are waiting)
 * the sample is dropped and a gap is recorded. The first frame is committed at once, later ones
 * each second at least. */
void hv_log_push(HvLog *log, HvSnapshot *snapshot);
/** hv_log_pause: samples are not recorded until it ends; a gap of the kind "paused". */
void hv_log_pause(HvLog *log, gboolean is_paused, gint64 time_ns);
/** hv_log_view: the screen, from this time on, as hv_console_save_view() gives it ("name=value"
 * lines, checked and stored as columns of `views`). Equal ones are dropped. */
void hv_log_view(HvLog *log, gint64 time_ns, const char *view);
/** hv_log_note: a mark of the operator's. @vm may be NULL. */
void hv_log_note(HvLog *log, gint64 time_ns, const char *vm, const char *text);
/** hv_log_knob: a knob's value at that time ("12", "0-3"), or why it has none. Equal to its
 * former one: dropped. */
void hv_log_knob(HvLog *log, gint64 time_ns, const char *knob, const char *value,
                 const char *why);
/** hv_log_save: writes all of @ring that is there (frames, rows, views) into a new file @path, on
 * a thread of its own, ended cleanly; to go on recording there, hv_log_open() it with @append
 * from @done on. @done is called on that thread; @error NULL: all is written. */
void hv_log_save(HvLog *ring, const char *path,
                 void (*done)(const GError *error, gpointer data), gpointer data);

/* How it is going: for the header, Sources and exit lines. */
typedef struct {
    gboolean is_paused;
    guint64 n_frames;
    guint64 n_dropped;        /* the worker could not follow */
    guint64 n_given_up;       /* the disk took nothing for too long */
    guint64 n_bytes;          /* of the file, or of the ring's frames */
    gint64 first_ns, last_ns; /* 0: nothing yet */
    guint64 cost_ns;          /* cpu time of the worker so far */
    char why[160];            /* what is wrong with the disk at present; "" nothing */
} HvLogState;
/** hv_log_state: a copy, under a short lock. Any thread. */
void hv_log_state(HvLog *log, HvLogState *state);
/** hv_log_db: the ring's own database for a player in the same process; SQLite's own mutex
 * guards it. Borrowed. */
gpointer hv_log_db(HvLog *log);
