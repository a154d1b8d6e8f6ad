/* What is remembered and recorded of a session: the ring of a console, and the file that it is
 * recorded into. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/wiring.h"
#include "log/log.h"
#include "model/timeline.h"

/* A ring, and perhaps a file. Any thread may call, none waits. Opaque. */
typedef struct HvRecorder HvRecorder;

/** hv_recorder_new: @path: recorded into from the start, NULL: nothing is; @has_ring: the last
 * samples are remembered; --append, --tables,
 * --max-age, --max-size and
 * --rotate are done as @options (borrowed for life) say; CONFLICT where the file exists. Main
 * thread. */
HvRecorder *hv_recorder_new(HvApp *app, const HvOptions *options, const char *path,
                            gboolean has_ring, GError **error);
/** hv_recorder_end: closes file and ring; FALSE with @error when not all got to the disk.
 * Samples that come later are dropped. hv_recorder_free: when no sampler has it any more;
 * accepts NULL. */
gboolean hv_recorder_end(HvRecorder *recorder, GError **error);
void hv_recorder_free(HvRecorder *recorder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvRecorder, hv_recorder_free)
/** hv_recorder_tables: what has to be sampled for what is recorded, NULL-terminated, borrowed;
 * NULL: all. */
const char *const *hv_recorder_tables(HvRecorder *recorder);
/** hv_recorder_sampled: a sample, as HvSessionParts.on_sample. */
void hv_recorder_sampled(HvSnapshot *snapshot, gpointer recorder);
/** hv_recorder_ring: what a console remembers, borrowed; NULL without one. */
HvLog *hv_recorder_ring(HvRecorder *recorder);

/** hv_recorder_start: into @path (NULL: a name of host and time in the current directory),
 * beginning with what the ring holds. CONFLICT where there is such a file or a recording is on.
 * hv_recorder_stop: FALSE with @error when not all got to the disk. hv_recorder_save: what the
 * ring holds, and no more. Their answer for people is (transfer full), NULL with
 * @error. */
char *hv_recorder_start(HvRecorder *recorder, const char *path, GError **error);
char *hv_recorder_stop(HvRecorder *recorder, GError **error);
char *hv_recorder_save(HvRecorder *recorder, const char *path, GError **error);
/** hv_recorder_is_recording: into a file. */
gboolean hv_recorder_is_recording(HvRecorder *recorder);
/** hv_recorder_view, hv_recorder_note: what was on screen from @time_ns (since 1970) on; a mark
 * of the operator's. */
void hv_recorder_view(HvRecorder *recorder, gint64 time_ns, const char *view);
void hv_recorder_note(HvRecorder *recorder, gint64 time_ns, const char *vm, const char *text);
/** hv_recorder_knobs: @lines of "KNOB = VALUE", as `get` prints them, read now. */
void hv_recorder_knobs(HvRecorder *recorder, const char *lines);
/** hv_recorder_wants_knobs: it is time to read them: recording began, a minute passed, or
 * hv_recorder_changed() was called. */
gboolean hv_recorder_wants_knobs(HvRecorder *recorder);
void hv_recorder_changed(HvRecorder *recorder);
/** hv_recorder_describe: fills is_recording, is_paused, recording and why of @timeline; they
 * are valid until the next call. */
void hv_recorder_describe(HvRecorder *recorder, HvTimeline *timeline);
