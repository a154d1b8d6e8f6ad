/* A command that may go on for as long as we do; its lines are picked up without waiting. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/stream.h"

#include "host/host-private.h"

#include <string.h>

struct HvStream {
    const HvStreamOps *ops; /* NULL: it has been run already */
    gpointer running;
    char *output; /* of a machine that runs commands at once */
    gsize output_at;
    GError *error;
    gboolean has_ended, is_killed;
    gboolean is_too_long;  /* the line that is being read, of which nothing is kept */
    gsize n_picked_up;     /* bytes in this pick-up */
    gsize at, n;           /* what of the buffer was not given out yet */
    char buffer[4096 + 1]; /* room for a NUL behind the last line */
};

static HvStream *
run_at_once(HvHost *host, const char *const *argv, GError **error)
{
    g_autofree char *output = NULL;
    HvStream *stream;
    int status = 0;

    if (!hv_host_run(host, argv, 0, &output, &status, error))
        return NULL;
    stream = g_new0(HvStream, 1);
    stream->has_ended = TRUE;
    if (status != 0)
        g_set_error(&stream->error, HV_ERROR, HV_ERROR_FAILED, "exit status %d: %s", status,
                    g_strchomp(output));
    else
        stream->output = g_steal_pointer(&output);
    return stream;
}

HvStream *
hv_stream_new(HvHost *host, const char *const *argv, GError **error)
{
    const HvCommandOps *commands = host->machine->commands;
    HvStream *stream;
    gpointer running;

    if (!commands || !commands->streams)
        return run_at_once(host, argv, error);
    running = commands->streams->start(host->data, argv, error);
    if (!running)
        return NULL;
    stream = g_new0(HvStream, 1);
    stream->ops = commands->streams;
    stream->running = running;
    return stream;
}

void
hv_stream_free(HvStream *stream)
{
    if (!stream)
        return;
    if (stream->ops)
        stream->ops->free(stream->running);
    g_clear_error(&stream->error);
    g_free(stream->output);
    g_free(stream);
}

static void
note(HvStream *stream, GError *take_error)
{
    if (stream->error || !take_error)
        g_clear_error(&take_error); /* the first reason is the one */
    else
        stream->error = take_error;
}

gboolean
hv_stream_pick_up(HvStream *stream)
{
    GError *error = NULL;

    stream->n_picked_up = 0;
    if (!stream->has_ended) {
        stream->has_ended = stream->ops->has_ended(stream->running, &error);
        note(stream, error);
    }
    return stream->has_ended;
}

void
hv_stream_kill(HvStream *stream, const char *why)
{
    note(stream, g_error_new_literal(HV_ERROR, HV_ERROR_FAILED, why));
    stream->is_killed = TRUE;
    if (!stream->has_ended)
        stream->ops->kill(stream->running);
}

/* More bytes behind those that are there. */
static gsize
read_more(HvStream *stream)
{
    char *to = stream->buffer + stream->n;
    const gsize room = sizeof stream->buffer - 1 - stream->n;
    gsize n = 0;

    if (stream->ops) {
        n = stream->ops->read(stream->running, to, room);
    } else if (stream->output) {
        n = MIN(strlen(stream->output + stream->output_at), room);
        memcpy(to, stream->output + stream->output_at, n);
        stream->output_at += n;
    }
    stream->n += n;
    stream->n_picked_up += n;
    return n;
}

/* Bytes that make no line yet move to the buffer's front; of a line too long none is kept. */
static void
make_room(HvStream *stream)
{
    const gsize n_kept = stream->n - stream->at;

    if (n_kept > HV_STREAM_LINE_BYTES)
        stream->is_too_long = TRUE;
    if (stream->is_too_long)
        stream->n = 0;
    else
        stream->n = n_kept;
    memmove(stream->buffer, stream->buffer + stream->at, stream->n);
    stream->at = 0;
}

/* The line from the first byte on that was not given out to @end. */
static void
give(HvStream *stream, char *end, const char **line, gboolean *is_whole)
{
    char *begin = stream->buffer + stream->at;
    const gsize length = (gsize)(end - begin);

    *end = '\0';
    *is_whole =
        !stream->is_too_long && length <= HV_STREAM_LINE_BYTES && strlen(begin) == length;
    if (length > HV_STREAM_LINE_BYTES)
        begin[HV_STREAM_LINE_BYTES] = '\0';
    *line = begin;
    stream->at = MIN(stream->at + length + 1, stream->n);
    stream->is_too_long = FALSE;
}

gboolean
hv_stream_next(HvStream *stream, const char **line, gboolean *is_whole)
{
    while (!stream->is_killed) {
        char *newline = memchr(stream->buffer + stream->at, '\n', stream->n - stream->at);

        if (newline) {
            give(stream, newline, line, is_whole);
            return TRUE;
        }
        make_room(stream);
        if (read_more(stream) == 0)
            break;
        if (stream->n_picked_up > HV_STREAM_MAX_BYTES)
            hv_stream_kill(stream, "prints too much: over 256 KiB at a time");
    }
    if (stream->is_killed || !stream->has_ended || (stream->n == 0 && !stream->is_too_long))
        return FALSE;
    give(stream, stream->buffer + stream->n, line, is_whole);
    return TRUE;
}

const GError *
hv_stream_error(const HvStream *stream)
{
    return stream->error;
}

const char *
hv_stream_complaint(const HvStream *stream)
{
    return stream->ops ? stream->ops->complaint(stream->running) : "";
}
