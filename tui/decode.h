/* What the bytes at the front of a terminal's input mean: pure, no state. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/input.h"

/* What follows the bytes taken. */
typedef enum {
    HV_DECODE_NOTHING,
    HV_DECODE_PASTE,   /* a paste, up to "ESC [ 201 ~" */
    HV_DECODE_CONTROL, /* the rest of an overlong control sequence */
    HV_DECODE_STRING,  /* the rest of an overlong string for a terminal */
} HvDecodeThen;

/* How many bytes to take (0: more must come), and the event they make: of kind NONE where they mean nothing. */
typedef struct {
    gsize n;
    HvEvent event;
    HvDecodeThen then;
} HvDecoded;

/** hv_decode: @timed_out: nothing followed for a while, so what is there is all. Any thread, as below. */
HvDecoded hv_decode(const guint8 *bytes, gsize n, gboolean timed_out);
/** hv_decode_control_end, hv_decode_string_end: where a control sequence, begun before @bytes, ends; where a string for a
 * terminal does: behind BEL or "ESC \", or before any other ESC. FALSE while the end is not there. */
gboolean hv_decode_control_end(const guint8 *bytes, gsize n, gsize *end);
gboolean hv_decode_string_end(const guint8 *bytes, gsize from, gsize n, gsize *end);
