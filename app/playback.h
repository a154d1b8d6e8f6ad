/* The past under a console: a player on a thread of its own, that takes wishes and gives
 * snapshots. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/wiring.h"
#include "log/player.h"
#include "model/backend.h"

/* Opaque. */
typedef struct HvPlayback HvPlayback;

/* What runs a line of the command language on the snapshot in view (at @time_ns); as
 * HvSession's hook. */
typedef char *(*HvPlaybackCommand)(const char *line, gint64 time_ns, int *status,
                                   gpointer data);

/** hv_playback_new: @take_older, or NULL, knows what was before @take_player, which is played
 * from its @time_ns on; @is_replay: else it is what a live console remembers, closed until
 * somebody asks for it. @wake_fd: an eventfd (borrowed) that is written when there is news. UI
 * thread, as below. */
HvPlayback *hv_playback_new(HvPlayer *take_player, HvPlayer *take_older, gboolean is_replay,
                            gint64 time_ns, int wake_fd);
/** hv_playback_free: waits for the sample being decoded. Accepts NULL. */
void hv_playback_free(HvPlayback *past);
/** hv_playback_on_command: who runs COMMAND intents, on the past's thread. */
void hv_playback_on_command(HvPlayback *past, HvPlaybackCommand run, gpointer data);
/** hv_playback_submit: SEEK, STEP, PLAY, NOW and COMPARE, in a replay COMMAND too, are its own:
 * TRUE, and @intent is taken. */
gboolean hv_playback_submit(HvPlayback *past, HvIntent *intent);
/** hv_playback_is_open: the past is in view. */
gboolean hv_playback_is_open(HvPlayback *past);
/** hv_playback_take_snapshot, hv_playback_take_answer: the newest not yet taken, (transfer
 * full), or NULL. */
HvSnapshot *hv_playback_take_snapshot(HvPlayback *past);
HvAnswer *hv_playback_take_answer(HvPlayback *past);
/** hv_playback_describe: fills all of @timeline but the recording; borrowed until the next
 * call. */
void hv_playback_describe(HvPlayback *past, HvTimeline *timeline);
/** hv_playback_clock: the time in view: since 1970, and as the recorded host's monotonic clock
 * was then. */
void hv_playback_clock(HvPlayback *past, gint64 *time_ns, gint64 *monotonic_ns);
