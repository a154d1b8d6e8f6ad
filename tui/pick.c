/* Single cells of a table by the column's name, for screens that show a few of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/pick.h"

static gboolean
has_row(const HvTable *table, int row)
{
    return table && row >= 0 && (guint)row < hv_table_n_rows(table);
}

gboolean
hv_pick_f64(const HvTable *table, int row, const char *column, double *value)
{
    return has_row(table, row) &&
           hv_table_f64(table, (guint)row, hv_table_column(table, column), value);
}

gboolean
hv_pick_u64(const HvTable *table, int row, const char *column, guint64 *value)
{
    return has_row(table, row) &&
           hv_table_u64(table, (guint)row, hv_table_column(table, column), value);
}

const char *
hv_pick_text(const HvTable *table, int row, const char *column)
{
    return has_row(table, row)
               ? hv_table_text(table, (guint)row, hv_table_column(table, column))
               : NULL;
}

int
hv_pick_row(const HvTable *table, const char *key)
{
    return table && key ? hv_table_find(table, key) : -1;
}

char *
hv_pick_clock(guint64 time_ns)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local((gint64)(time_ns / 1000000000));

    return time ? g_date_time_format(time, "%H:%M:%S") : g_strdup("?");
}

gboolean
hv_run_add(HvRun *run, HvRole role, const char *text)
{
    if (run->x + hv_text_width(text) > run->end)
        return FALSE;
    run->x = hv_canvas_print(run->canvas, run->x, run->y, role, text) + 2;
    return TRUE;
}

gboolean
hv_run_addf(HvRun *run, HvRole role, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return hv_run_add(run, role, text);
}
