/* Makes rows of samples and commits them; without threads of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sqlite3.h>

#include "log/log.h"

/* A log being written, for one thread at a time. Opaque. */
typedef struct HvLogWriter HvLogWriter;

/** hv_log_writer_new: makes or goes on with the file, and its first rows, committed. Errors as
 * hv_log_open(). */
HvLogWriter *hv_log_writer_new(const HvLogOptions *options, GError **error);
/** hv_log_writer_free: closes without a clean end. Accepts NULL. */
void hv_log_writer_free(HvLogWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvLogWriter, hv_log_writer_free)
/** hv_log_writer_db: borrowed. */
sqlite3 *hv_log_writer_db(HvLogWriter *writer);

/** hv_log_writer_sample: packs one, to be committed. @lost_ns: 0, or the time of the first of
 * those before it that are missing for @why ("busy", "paused"). */
void hv_log_writer_sample(HvLogWriter *writer, const HvSnapshot *snapshot, gint64 lost_ns,
                          const char *why);
/** hv_log_writer_view, _note, _knob: as in log/log.h. hv_log_writer_gap: one that has begun. */
void hv_log_writer_view(HvLogWriter *writer, gint64 time_ns, const char *view);
void hv_log_writer_note(HvLogWriter *writer, gint64 time_ns, const char *vm, const char *text);
void hv_log_writer_knob(HvLogWriter *writer, gint64 time_ns, const char *knob,
                        const char *value, const char *why);
void hv_log_writer_gap(HvLogWriter *writer, gint64 from_ns, const char *kind);
/** hv_log_writer_has_rows: something waits for the next commit. */
gboolean hv_log_writer_has_rows(const HvLogWriter *writer);
/** hv_log_writer_commit: all that waits. FALSE: nothing of it is on disk; it is kept for the
 * next time, as long as that is not too much: then the samples of it are given up, and a gap.
 */
gboolean hv_log_writer_commit(HvLogWriter *writer, GError **error);
/** hv_log_writer_end: a clean end: commits, and leaves one file where nobody reads it. */
gboolean hv_log_writer_end(HvLogWriter *writer, GError **error);
/** hv_log_writer_state: the counts of what is committed; other fields are left. */
void hv_log_writer_state(HvLogWriter *writer, HvLogState *state);
