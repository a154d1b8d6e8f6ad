/* Two times of a recording beside each other. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/playback-compare.h"

#include <math.h>

#include "model/i18n.h"
#include "model/text.h"

#define LEAST_CHANGE 0.10 /* of a number that is told */
#define LEAST_RATIO 0.01  /* a share below one percent is noise either way */
#define MOST_LINES 200
#define CELL_BYTES 64

/* What people compare. */
static const struct {
    const char *table, *column;
} numbers[] = {
    { "watches", "value" },          { "vms", "wait_max_ratio" },
    { "traffic", "remote_ratio" },   { "traffic", "total_bytes_per_s" },
    { "vms", "cpu_ratio" },          { "vms", "throttled_ratio" },
    { "vms", "overhead_ratio" },     { "vms", "halt_poll_ratio" },
    { "vms", "psi_cpu_some_ratio" }, { "vms", "psi_memory_some_ratio" },
    { "vms", "psi_io_some_ratio" },  { "kvm", "exits_per_s" },
    { "nodes", "use_ratio" },
};

typedef struct {
    double size;
    char *text;
} Line;

static void
clear_line(gpointer data)
{
    g_free(((Line *)data)->text);
}

static int
compare_lines(gconstpointer a, gconstpointer b)
{
    const Line *left = a, *right = b;

    return (left->size < right->size) - (left->size > right->size);
}

/* How much larger or smaller, the same either way; 0: not worth a line. */
static double
size_of(double before, double after, HvUnit unit)
{
    const double most = MAX(fabs(before), fabs(after));

    if (most <= 0 || fabs(after - before) < LEAST_CHANGE * most ||
        (unit == HV_UNIT_RATIO && most < LEAST_RATIO))
        return 0;
    return fabs(after - before) / most;
}

static void
add_line(GArray *lines, const HvTable *before, guint row, const HvTable *after, guint row_after,
         const char *column)
{
    const int from = hv_table_column(before, column), to = hv_table_column(after, column);
    char text_before[CELL_BYTES], text_after[CELL_BYTES];
    double was, is;
    Line line = { 0 };

    if (!hv_table_f64(before, row, from, &was) || !hv_table_f64(after, row_after, to, &is))
        return;
    line.size = size_of(was, is, hv_table_schema(before)->columns[from].unit);
    if (line.size <= 0)
        return;
    hv_text_cell(text_before, sizeof text_before, before, row, from, FALSE);
    hv_text_cell(text_after, sizeof text_after, after, row_after, to, FALSE);
    line.text = g_strdup_printf("%-18s %-26s %10s → %-10s %+.0f %%",
                                hv_table_row_key(before, row), column, text_before, text_after,
                                was != 0 ? (is - was) / fabs(was) * 100 : 100);
    g_array_append_val(lines, line);
}

static void
compare_column(GArray *lines, const HvSnapshot *before, const HvSnapshot *after,
               const char *table, const char *column)
{
    const HvTable *was = hv_snapshot_table(before, table),
                  *is = hv_snapshot_table(after, table);

    for (guint row = 0; was && is && row < hv_table_n_rows(was); row++) {
        const int row_after = hv_table_find(is, hv_table_row_key(was, row));

        if (row_after >= 0)
            add_line(lines, was, row, is, (guint)row_after, column);
    }
}

/* VMs that are in one only. */
static void
add_absent(GString *out, const HvSnapshot *in, const HvSnapshot *other, const char *what)
{
    const HvTable *vms = hv_snapshot_table(in, "vms"),
                  *others = hv_snapshot_table(other, "vms");

    for (guint row = 0; vms && others && row < hv_table_n_rows(vms); row++)
        if (hv_table_find(others, hv_table_row_key(vms, row)) < 0)
            g_string_append_printf(out, "%-18s %s\n", hv_table_row_key(vms, row), what);
}

static char *
clock_of(const HvSnapshot *snapshot, GTimeZone *zone)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(snapshot->time_ns / 1000000000);
    g_autoptr(GDateTime) local = utc ? g_date_time_to_timezone(utc, zone) : NULL;

    return local ? g_date_time_format(local, "%F %T") : g_strdup("–");
}

char *
hv_playback_compare(const HvSnapshot *before, const HvSnapshot *after, GTimeZone *zone)
{
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(Line));
    g_autofree char *from = clock_of(before, zone), *to = clock_of(after, zone);
    GString *out = g_string_new(NULL);

    g_array_set_clear_func(lines, clear_line);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        compare_column(lines, before, after, numbers[i].table, numbers[i].column);
    g_array_sort(lines, compare_lines);
    g_string_append_printf(out, "%s → %s\n", from, to);
    add_absent(out, before, after, _("has gone"));
    add_absent(out, after, before, _("is new"));
    for (guint i = 0; i < MIN(lines->len, MOST_LINES); i++)
        g_string_append_printf(out, "%s\n", g_array_index(lines, Line, i).text);
    if (!lines->len)
        g_string_append(out, _("no number differs by more than a tenth\n"));
    return g_string_free(out, FALSE);
}
