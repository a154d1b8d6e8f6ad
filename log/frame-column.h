/* One column of a frame: how its numbers foretell the next ones. The same for both directions.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <math.h>

#include "log/frame.h"
#include "model/columns.h"

/* What stands before a column; above them, from HV_COLUMN_HOW on, a HvForetell. */
enum {
    HV_COLUMN_MARKS = 1,   /* runs of marks follow */
    HV_COLUMN_ALL = 2,     /* a value for each row that has one follows */
    HV_COLUMN_SOME = 4,    /* values of some rows follow */
    HV_COLUMN_DIVISOR = 8, /* before them a divisor that all have in common */
    HV_COLUMN_HOW = 4,     /* shift */
};

/* How a number is foretold; what is written is what differs from that. */
typedef enum {
    HV_FORETELL_SAME,   /* as in the sample before */
    HV_FORETELL_GROWTH, /* it goes on growing as it did */
    HV_FORETELL_ROWS,   /* that; and the row above is wrong by as much */
    HV_FORETELL_NANOS,  /* a double that is a multiple of 1e-9: grows */
    HV_FORETELL_BITS,   /* a double that is none: the bits of before */
    HV_N_FORETELLS
} HvForetell;

/* Tables before the one being told, and where its rows were in them. */
typedef struct {
    const HvTable *before, *earlier;           /* NULL: none */
    const guint32 *before_rows, *earlier_rows; /* HV_NO_ROW: not there */
    gboolean has_same_rows;                    /* those of before are where they were */
} HvFormer;

static inline gboolean
hv_stored_has_value(guint8 mark)
{
    return (guint)(mark - HV_MARK_MEASURED) <= HV_MARK_SCALED - HV_MARK_MEASURED;
}

/* Of a column in a former table: FALSE where the row had no value. */
static inline gboolean
hv_former_value(const HvColumnView *view, guint32 row, guint64 *value)
{
    if (row == HV_NO_ROW || !hv_stored_has_value(view->marks[row]))
        return FALSE;
    *value = view->cells[row].u64;
    return TRUE;
}

/* The double @bits as a multiple of 1e-9, when it is exactly that. */
static inline gboolean
hv_nanos_of(guint64 bits, guint64 *nanos)
{
    double number;

    memcpy(&number, &bits, sizeof number);
    if (!(fabs(number) < 4e9))
        return FALSE;

    const gint64 rounded = (gint64)llrint(number * 1e9);
    const double again = (double)rounded / 1e9;

    *nanos = (guint64)rounded;
    return memcmp(&again, &number, sizeof number) == 0;
}

static inline guint64
hv_nanos_bits(guint64 nanos)
{
    const double number = (double)(gint64)nanos / 1e9;
    guint64 bits;

    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* What a number is foretold to be, in the form in which it is told. */
static inline guint64
hv_foretell(HvForetell how, const HvColumnView *before, guint32 before_row,
            const HvColumnView *earlier, guint32 earlier_row)
{
    guint64 last, first;

    if (!hv_former_value(before, before_row, &last))
        return 0;
    if (how == HV_FORETELL_SAME || how == HV_FORETELL_BITS)
        return last;
    if (how == HV_FORETELL_NANOS && !hv_nanos_of(last, &last))
        return 0;
    if (!hv_former_value(earlier, earlier_row, &first) ||
        (how == HV_FORETELL_NANOS && !hv_nanos_of(first, &first)))
        return last;
    return 2 * last - first;
}
