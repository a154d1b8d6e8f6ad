/* Bytes from a terminal made into events: keys, mouse, pastes. Nothing that came stops it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/input.h"

#include <string.h>

#include "model/text.h"
#include "tui/decode.h"

#define MAX_BYTES (64 * 1024)
#define USUAL_BYTES 256
#define MAX_PASTE 4096
#define MAX_UTF8 4
#define MAX_SEQUENCES 256
/* So many timeouts of 25 ms without the end of a paste, and it is taken for lost. Bytes of a
 * paste must not become keys, so nothing in the paste itself may end it. */
#define MAX_PASTE_TIMEOUTS 40
#define ESC 0x1b
#define PASTE_END "\033[201~"

typedef struct {
    char *bytes;
    guint key;
} Sequence;

struct HvInput {
    GByteArray *bytes;
    gsize at;          /* those from here on are not yet understood */
    GArray *sequences; /* of Sequence */
    GString *paste;
    guint n_paste_timeouts;
    HvDecodeThen inside; /* what the bytes that come now belong to */
    char *printable_paste;
};

static void
clear_sequence(gpointer data)
{
    Sequence *sequence = data;

    g_free(sequence->bytes);
}

HvInput *
hv_input_new(void)
{
    HvInput *input = g_new0(HvInput, 1);

    input->bytes = g_byte_array_sized_new(USUAL_BYTES); /* never without memory */
    input->paste = g_string_new(NULL);
    input->sequences = g_array_new(FALSE, FALSE, sizeof(Sequence));
    g_array_set_clear_func(input->sequences, clear_sequence);
    return input;
}

void
hv_input_free(HvInput *input)
{
    if (!input)
        return;
    g_byte_array_unref(input->bytes);
    g_string_free(input->paste, TRUE);
    g_array_unref(input->sequences);
    g_free(input->printable_paste);
    g_free(input);
}

void
hv_input_add_sequence(HvInput *input, const char *bytes, guint key)
{
    const Sequence sequence = { g_strdup(bytes), key };

    if (bytes[0] != ESC || !bytes[1] || input->sequences->len >= MAX_SEQUENCES)
        g_free(sequence.bytes); /* single bytes have their meaning already */
    else
        g_array_append_val(input->sequences, sequence);
}

void
hv_input_feed(HvInput *input, const char *bytes, gsize n)
{
    if (input->at > 0)
        g_byte_array_remove_range(input->bytes, 0, (guint)input->at);
    input->at = 0;
    g_byte_array_append(input->bytes, (const guint8 *)bytes,
                        (guint)MIN(n, MAX_BYTES - input->bytes->len));
    input->n_paste_timeouts = 0;
}

/* The bytes not yet understood. */
static const guint8 *
waiting(const HvInput *input, gsize *n)
{
    *n = input->bytes->len - input->at;
    return input->bytes->data + input->at;
}

static void
drop(HvInput *input, gsize n)
{
    input->at += n;
    if (input->at < input->bytes->len)
        return;
    g_byte_array_set_size(input->bytes, 0);
    input->at = 0;
}

gboolean
hv_input_is_pending(const HvInput *input)
{
    return input->bytes->len > 0 || input->inside != HV_DECODE_NOTHING;
}

/* The longest of the terminal's own sequences at the front; n is 0 while a longer one may still
 * come. FALSE: none. */
static gboolean
find_sequence(const HvInput *input, const guint8 *bytes, gsize n, gboolean timed_out,
              HvDecoded *found)
{
    gboolean unfinished = FALSE;

    *found = (HvDecoded){ .n = 0 };
    if (n < 2)
        return FALSE;
    for (guint i = 0; i < input->sequences->len; i++) {
        const Sequence *sequence = &g_array_index(input->sequences, Sequence, i);
        const gsize length = strlen(sequence->bytes);

        if (memcmp(sequence->bytes, bytes, MIN(length, n)) != 0)
            continue;
        if (length > n)
            unfinished = !timed_out;
        else if (length > found->n)
            *found = (HvDecoded){ .n = length,
                                  .event = { .kind = HV_EVENT_KEY, .key = sequence->key } };
    }
    if (unfinished)
        found->n = 0;
    return found->n > 0 || unfinished;
}

static gboolean
finish_paste(HvInput *input, HvEvent *event)
{
    const char *end;

    /* a character cut by the limit is left out */
    if (input->paste->len == MAX_PASTE && !g_utf8_validate(input->paste->str, -1, &end) &&
        input->paste->str + MAX_PASTE - end < MAX_UTF8)
        g_string_truncate(input->paste, (gsize)(end - input->paste->str));
    input->inside = HV_DECODE_NOTHING;
    input->n_paste_timeouts = 0;
    g_free(input->printable_paste);
    input->printable_paste = hv_text_printable(input->paste->str, MAX_PASTE);
    g_string_truncate(input->paste, 0);
    *event = (HvEvent){ .kind = HV_EVENT_PASTE, .paste = input->printable_paste };
    return TRUE;
}

/* A NUL would end the text: it is left out. Line ends become blanks, so that a list may come in
 * several lines. */
static void
add_to_paste(HvInput *input, gsize n)
{
    const guint8 *bytes = input->bytes->data + input->at;

    for (gsize i = 0; i < n && input->paste->len < MAX_PASTE; i++) {
        if (bytes[i])
            g_string_append_c(input->paste, strchr("\n\r\t", bytes[i]) ? ' ' : (char)bytes[i]);
    }
    drop(input, n);
}

static gboolean
next_of_paste(HvInput *input, gboolean timed_out, HvEvent *event)
{
    const gsize end_length = strlen(PASTE_END);
    gsize n;
    const guint8 *bytes = waiting(input, &n);
    const guint8 *end = n >= end_length ? memmem(bytes, n, PASTE_END, end_length) : NULL;

    if (end) {
        add_to_paste(input, (gsize)(end - bytes));
        drop(input, end_length);
        return finish_paste(input, event);
    }
    if (n >= end_length) /* the rest may be the beginning of its end */
        add_to_paste(input, n - (end_length - 1));
    if (!timed_out || ++input->n_paste_timeouts < MAX_PASTE_TIMEOUTS)
        return FALSE;
    waiting(input, &n);
    add_to_paste(input, n);
    return finish_paste(input, event);
}

/* Passes over what was too long to be kept, to its end or a timeout. */
static void
pass_over(HvInput *input, gboolean timed_out)
{
    gsize n, end;
    const guint8 *bytes = waiting(input, &n);
    const gboolean ended = input->inside == HV_DECODE_STRING
                               ? hv_decode_string_end(bytes, 0, n, &end)
                               : hv_decode_control_end(bytes, n, &end);

    if (!ended) /* a last ESC may begin its end */
        end = n > 0 && bytes[n - 1] == ESC && !timed_out ? n - 1 : n;
    if (ended || timed_out)
        input->inside = HV_DECODE_NOTHING;
    drop(input, end);
}

static HvDecoded
decode(const HvInput *input, gboolean timed_out)
{
    gsize n;
    const guint8 *bytes = waiting(input, &n);
    HvDecoded found;

    return find_sequence(input, bytes, n, timed_out, &found) ? found
                                                             : hv_decode(bytes, n, timed_out);
}

gboolean
hv_input_next(HvInput *input, gboolean timed_out, HvEvent *event)
{
    for (;;) {
        if (input->inside == HV_DECODE_PASTE)
            return next_of_paste(input, timed_out, event);
        if (input->inside != HV_DECODE_NOTHING)
            pass_over(input, timed_out);
        if (input->inside != HV_DECODE_NOTHING)
            return FALSE;
        const HvDecoded found = decode(input, timed_out);

        if (found.n == 0)
            return FALSE;
        drop(input, found.n);
        input->inside = found.then;
        if (found.event.kind != HV_EVENT_NONE) {
            *event = found.event;
            return TRUE;
        }
    }
}
