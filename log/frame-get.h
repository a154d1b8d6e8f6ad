/* A column of a frame, read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/frame-column.h"
#include "log/varint.h"

#define HV_GET_MOST_TEXT (64u << 20) /* bytes of texts in the tables of one frame */

/* Bytes being read, and room for a column; kept between columns. */
typedef struct {
    HvBytes bytes;
    GArray *numbers, *gaps; /* of guint64 */
    gsize n_text;           /* of this frame so far */
} HvGet;

/** hv_get_text: a text, borrowed from the bytes; "" where they are bad. Counts it @times. */
const char *hv_get_text(HvGet *get, guint64 times);
/** hv_column_get: fills @column of the rows that @sink was told of. Anybody's bytes: they are
 * bad where they say what cannot be. */
void hv_column_get(HvGet *get, HvSink *sink, const HvFormer *former, guint column, HvKind kind);
