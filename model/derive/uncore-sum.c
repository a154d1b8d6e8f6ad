/* Adding up the units of the raw table "uncore". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/uncore-sum.h"

gboolean
hv_uncore_has(const HvTable *uncore, const char *kind)
{
    const int column = hv_table_column(uncore, "kind");

    for (guint row = 0; row < hv_table_n_rows(uncore); row++)
        if (g_strcmp0(hv_table_text(uncore, row, column), kind) == 0)
            return TRUE;
    return FALSE;
}

const char *
hv_uncore_why(const HvTable *uncore, const char *otherwise)
{
    const char *why = uncore ? hv_table_why(uncore) : NULL;

    return why ? why : otherwise;
}

static void
add_row(const HvTable *uncore, guint row, HvUncoreSum *sum)
{
    const int column = hv_table_column(uncore, "bytes_per_s");
    double bytes_per_s, nominal;

    sum->n_units++;
    if (hv_table_f64(uncore, row, hv_table_column(uncore, "nominal_bytes_per_s"), &nominal))
        sum->nominal += nominal;
    if (hv_table_f64(uncore, row, column, &bytes_per_s)) {
        sum->n_known++;
        sum->bytes_per_s += bytes_per_s;
        if (sum->why == NULL && hv_table_mark(uncore, row, column) != HV_MARK_MEASURED)
            sum->mark = hv_table_mark(uncore, row, column);
    } else if (!sum->why) {
        sum->mark = hv_table_mark(uncore, row, column);
        sum->why = hv_table_reason(uncore, row, column);
    }
}

void
hv_uncore_sum(const HvTable *uncore, const HvUncoreMatch *match, HvUncoreSum *sum)
{
    const int kind = hv_table_column(uncore, "kind"),
              by = hv_table_column(uncore, match->column);

    *sum = (HvUncoreSum){ .mark = HV_MARK_MEASURED };
    for (guint row = 0; row < hv_table_n_rows(uncore); row++) {
        guint64 number;

        if (g_strcmp0(hv_table_text(uncore, row, kind), match->kind) == 0 &&
            hv_table_u64(uncore, row, by, &number) && number == match->number)
            add_row(uncore, row, sum);
    }
}

/* A sum without one of its units would pass for the whole. */
void
hv_uncore_emit(HvSink *out, guint column, const HvUncoreSum *sum, const char *no_units)
{
    if (sum->n_units == 0) {
        hv_none(out, column, HV_MARK_ABSENT, no_units);
    } else if (sum->n_known < sum->n_units) {
        hv_none(out, column, sum->mark, sum->why);
    } else {
        hv_f64(out, column, sum->bytes_per_s);
        hv_mark(out, column, sum->mark);
    }
}
