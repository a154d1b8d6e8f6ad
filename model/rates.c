/* Rates: the change of a counter between two samples of a table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/table-private.h"

#define NS_PER_S 1e9

static const char one_sample[] = N_("one sample: no rate");
static const char went_back[] = N_("the counter went back");
static const char no_former[] = N_("no former value");

/* A row in both tables; @before is -1 where the former one has no such row. */
typedef struct {
    HvTable *table;
    const HvTable *former;
    guint now;
    int before;
} Pair;

/* @why is static, or belongs to the same row of the same table. */
static void
put_none(const Pair *pair, guint column, HvMark mark, const char *why)
{
    HvColumnData *data = &pair->table->columns[column];

    data->cells[pair->now].text = why;
    data->marks[pair->now] = (guint8)(mark | HV_MARK_SET);
}

static void
put_rate(const Pair *pair, guint column, HvMark mark, double rate)
{
    HvColumnData *data = &pair->table->columns[column];

    data->cells[pair->now].f64 = rate;
    data->marks[pair->now] = (guint8)mark;
}

/* @n_units: change of the counter; its unit over the time's for ratios, else per second. */
static double
scale(HvUnit unit, guint64 n_units, gint64 elapsed_ns)
{
    double quotient = (double)n_units / (double)elapsed_ns;

    if (unit == HV_UNIT_RATIO)
        return quotient;
    return quotient * (unit == HV_UNIT_PCT ? 100 : NS_PER_S);
}

/* For a source that takes turns the time is that of the row. */
static gboolean
elapsed(const Pair *pair, guint at, gint64 *elapsed_ns)
{
    guint64 now_ns, before_ns;

    if (at == 0) {
        *elapsed_ns = pair->table->sampled_ns - pair->former->sampled_ns;
        return TRUE;
    }
    if (!hv_table_u64(pair->table, pair->now, (int)at, &now_ns) ||
        !hv_table_u64(pair->former, (guint)pair->before, (int)at, &before_ns))
        return FALSE;
    *elapsed_ns = (gint64)(now_ns - before_ns);
    return TRUE;
}

/* The row was not read since: the former rate is still the newest one. */
static void
keep_rate(const Pair *pair, guint column)
{
    HvCell cell;
    HvMark mark = hv_table_cell(pair->former, (guint)pair->before, (int)column, &cell);

    if (hv_mark_has_value(mark))
        put_rate(pair, column, mark, cell.f64);
    else
        put_none(pair, column, HV_MARK_ABSENT, one_sample);
}

static void
fill_cell(const Pair *pair, guint column)
{
    const HvColumn *rate = &pair->table->schema->columns[column];
    HvCell now, before;
    HvMark now_mark = hv_table_cell(pair->table, pair->now, (int)rate->of, &now);
    gint64 elapsed_ns;

    if (!hv_mark_has_value(now_mark)) {
        put_none(pair, column, now_mark, now.text);
        return;
    }
    if (pair->before < 0) {
        gboolean is_first = pair->former->sampled_ns == 0;

        put_none(pair, column, HV_MARK_ABSENT, is_first ? one_sample : no_former);
        return;
    }

    HvMark before_mark =
        hv_table_cell(pair->former, (guint)pair->before, (int)rate->of, &before);

    if (!hv_mark_has_value(before_mark) || !elapsed(pair, rate->at, &elapsed_ns))
        put_none(pair, column, HV_MARK_ABSENT, no_former);
    else if (rate->at != 0 && elapsed_ns == 0)
        keep_rate(pair, column);
    else if (elapsed_ns <= 0)
        put_none(pair, column, HV_MARK_ABSENT, one_sample);
    else if (now.u64 < before.u64)
        put_none(pair, column, HV_MARK_ABSENT, went_back);
    else /* a rate is no better than the worse of its counters */
        put_rate(pair, column, MAX(now_mark, before_mark),
                 scale(rate->unit, now.u64 - before.u64, elapsed_ns));
}

void
hv_rates_fill(HvTable *table, const HvTable *former)
{
    guint first = table->n_keys;

    while (first < table->n_columns && table->schema->columns[first].kind != HV_KIND_RATE)
        first++;
    if (first == table->n_columns)
        return;
    for (guint row = 0; row < table->n_rows; row++) {
        const Pair pair = { table, former, row, hv_table_row_of_key(former, table->keys[row]) };

        for (guint i = first; i < table->n_columns; i++)
            if (table->schema->columns[i].kind == HV_KIND_RATE &&
                table->columns[i].marks[row] == 0)
                fill_cell(&pair, i);
    }
}
