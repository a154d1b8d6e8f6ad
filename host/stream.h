/* A command that may go on for as long as we do; its lines are picked up without waiting. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* Longer lines are not whole. */
#define HV_STREAM_LINE_BYTES 256
/* A command that prints more than this between two pick-ups is killed. */
#define HV_STREAM_MAX_BYTES (256 * 1024)

/* A child process, its process group, and what it has printed. One thread. Opaque. */
typedef struct HvStream HvStream;

/** hv_stream_new: starts @argv: own process group, no terminal, no input, the system's own PATH
 * and LC_ALL=C. ABSENT without such a command, and behind a captured tree. On a simulated
 * machine it has ended at once. */
HvStream *hv_stream_new(HvHost *host, const char *const *argv, GError **error);
/** hv_stream_free: kills what runs, with its group; waits half a second at most, where it
 * has not ended. Accepts NULL. */
void hv_stream_free(HvStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvStream, hv_stream_free)

/** hv_stream_pick_up: begins one pick-up. TRUE when the command has ended, and all of its group
 * are gone: the lines that follow are its last. Never waits, as all below. */
gboolean hv_stream_pick_up(HvStream *stream);
/**
 * hv_stream_next:
 * @line: without its newline, good until the next call; as far as it fits
 * @is_whole: FALSE for a line that is too long or holds NUL bytes
 *
 * Returns: FALSE when there is no further line in this pick-up.
 */
gboolean hv_stream_next(HvStream *stream, const char **line, gboolean *is_whole);
/** hv_stream_error: why it failed (its exit status, a signal, too much output,
 * hv_stream_kill()); NULL: it did not. Borrowed. */
const GError *hv_stream_error(const HvStream *stream);
/** hv_stream_complaint: the last line that it wrote to its standard error, cut; "" without.
 * Borrowed. */
const char *hv_stream_complaint(const HvStream *stream);
/** hv_stream_kill: with its group, for the reason @why; its end is seen by a later pick-up. */
void hv_stream_kill(HvStream *stream, const char *why);
