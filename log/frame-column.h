/* One column of a frame: how its numbers foretell the next ones. The same for both directions.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/frame.h"

/* How a column's numbers are written. */
typedef enum {
    HV_PREDICT_CHANGE,  /* the change since the sample before */
    HV_PREDICT_GROWTH,  /* the change of that change: counters */
    HV_PREDICT_INSTANT, /* that, less what it is in the row above: instants of readings, one
                           after the other */
    HV_PREDICT_BITS,    /* the bits that differ: doubles */
    HV_PREDICT_TEXT,
    HV_PREDICT_RATE, /* only in full frames */
} HvPredict;

/* What stands before a column. */
enum {
    HV_COLUMN_SAME = 0,   /* nothing changed in it */
    HV_COLUMN_VALUES = 1, /* a value for each row follows */
    HV_COLUMN_MARKS = 2,  /* before them a mark for each row */
    HV_COLUMN_SCALED = 4, /* before those a divisor that all have in common */
};

/** hv_frame_predict: of a column of that schema. */
HvPredict hv_frame_predict(const HvFrameSchema *schema, guint column);
