/* Rates: the change of a counter between two samples of a table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/table-private.h"

#define NS_PER_S 1e9

static const char one_sample[] = N_("one sample: no rate");
static const char went_back[] = N_("the counter went back");
static const char no_former[] = N_("no former value");

/* @n_units: change of the counter; its unit over the time's for ratios, else per second. */
static double
scale(HvUnit unit, guint64 n_units, gint64 elapsed_ns)
{
    double quotient = (double)n_units / (double)elapsed_ns;

    if (unit == HV_UNIT_RATIO)
        return quotient;
    return quotient * (unit == HV_UNIT_PCT ? 100 : NS_PER_S);
}

/* Of one rate: where its counters and the time of their rows are. */
typedef struct {
    HvTable *table;
    const HvTable *former;
    guint column;
    HvUnit unit;
    HvColumnData *out;
    HvColumnView now, before;       /* of the counter */
    HvColumnView now_at, before_at; /* of the row's time; without cells: the table's */
} Rate;

static gboolean
has_value(guint8 stored)
{
    return hv_mark_has_value((HvMark)(stored & ~HV_MARK_SET));
}

/* @why is static, or belongs to the same row of the same table. */
static void
put_none(const Rate *rate, guint row, guint8 mark, const char *why)
{
    rate->out->cells[row].text = why;
    rate->out->marks[row] = mark | HV_MARK_SET;
}

static void
put_rate(const Rate *rate, guint row, guint8 mark, double value)
{
    rate->out->cells[row].f64 = value;
    rate->out->marks[row] = mark;
}

/* For a source that takes turns the time is that of the row. */
static gboolean
elapsed(const Rate *rate, guint row, guint before, gint64 *elapsed_ns)
{
    if (!rate->now_at.cells) {
        *elapsed_ns = rate->table->sampled_ns - rate->former->sampled_ns;
        return TRUE;
    }
    if (!has_value(rate->now_at.marks[row]) || !has_value(rate->before_at.marks[before]))
        return FALSE;
    *elapsed_ns = (gint64)(rate->now_at.cells[row].u64 - rate->before_at.cells[before].u64);
    return TRUE;
}

/* The row was not read since: the former rate is still the newest one. */
static void
keep_rate(const Rate *rate, guint row, guint before)
{
    const HvColumnData *former = &rate->former->columns[rate->column];

    if (has_value(former->marks[before]))
        put_rate(rate, row, former->marks[before], former->cells[before].f64);
    else
        put_none(rate, row, HV_MARK_ABSENT, one_sample);
}

/* @before: the row in the former table, or -1 */
static void
fill_cell(const Rate *rate, guint row, int before)
{
    const guint8 now_mark = rate->now.marks[row];
    gint64 elapsed_ns;
    guint64 now, then;

    if (!has_value(now_mark)) {
        put_none(rate, row, now_mark, now_mark ? rate->now.cells[row].text : NULL);
        return;
    }
    if (before < 0) {
        put_none(rate, row, HV_MARK_ABSENT,
                 rate->former->sampled_ns == 0 ? one_sample : no_former);
        return;
    }
    if (!has_value(rate->before.marks[before]) ||
        !elapsed(rate, row, (guint)before, &elapsed_ns)) {
        put_none(rate, row, HV_MARK_ABSENT, no_former);
        return;
    }
    now = rate->now.cells[row].u64;
    then = rate->before.cells[before].u64;
    if (rate->now_at.cells && elapsed_ns == 0)
        keep_rate(rate, row, (guint)before);
    else if (elapsed_ns <= 0)
        put_none(rate, row, HV_MARK_ABSENT, one_sample);
    else if (now < then)
        put_none(rate, row, HV_MARK_ABSENT, went_back);
    else /* a rate is no better than the worse of its counters */
        put_rate(rate, row, MAX(now_mark, rate->before.marks[before]),
                 scale(rate->unit, now - then, elapsed_ns));
}

static HvColumnView
view_of(const HvTable *table, guint column)
{
    return (HvColumnView){ table->columns[column].cells, table->columns[column].marks };
}

static void
fill_column(HvTable *table, const HvTable *former, guint column, gboolean has_same_rows)
{
    const HvColumn *described = &table->schema->columns[column];
    Rate rate = { .table = table,
                  .former = former,
                  .column = column,
                  .unit = described->unit,
                  .out = &table->columns[column],
                  .now = view_of(table, described->of),
                  .before = view_of(former, described->of) };

    if (described->at) {
        rate.now_at = view_of(table, described->at);
        rate.before_at = view_of(former, described->at);
    }
    for (guint row = 0; row < table->n_rows; row++)
        if (rate.out->marks[row] == 0)
            fill_cell(&rate, row,
                      has_same_rows ? (int)row : hv_table_row_of_key(former, table->keys[row]));
}

void
hv_rates_fill(HvTable *table, const HvTable *former)
{
    const gboolean has_same_rows = hv_table_has_rows_of(table, former);

    for (guint i = table->n_keys; i < table->n_columns; i++)
        if (table->schema->columns[i].kind == HV_KIND_RATE)
            fill_column(table, former, i, has_same_rows);
}
