/* The plots of a report: samples at equal distances over the whole log. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/report-plots.h"

#include <math.h>

#include "log/player-private.h"
#include "model/i18n.h"

#define MOST_POINTS 240 /* of a plot; each costs a seek in a long log */
#define MOST_VMS 6
#define MOST_LINES 24

/* One line while it is made. */
typedef struct {
    HvPlotLine plot;
    char *table, *column, *key;
    gboolean has_value;
} Line;

static void
free_line(gpointer data)
{
    Line *line = data;

    g_free(line->plot.name);
    g_array_unref(line->plot.values);
    g_free(line->table);
    g_free(line->column);
    g_free(line->key);
    g_free(line);
}

static void
add_line(GPtrArray *lines, const char *table, const char *column, const char *key,
         const char *unit)
{
    Line *line;

    if (lines->len >= MOST_LINES)
        return;
    line = g_new0(Line, 1);
    line->plot.name =
        g_str_equal(table, "watches") ? g_strdup(key) : g_strdup_printf("%s %s", key, column);
    line->plot.unit = unit;
    line->plot.values = g_array_new(FALSE, FALSE, sizeof(float));
    line->table = g_strdup(table);
    line->column = g_strdup(column);
    line->key = g_strdup(key);
    g_ptr_array_add(lines, line);
}

/* VMs that somebody changed, or that a finding named, the costliest first. */
static GPtrArray *
concerned_vms(HvPlayer *player)
{
    GPtrArray *vms = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(player->db,
                           "SELECT vm FROM (SELECT vm, 2.0 AS weight FROM effects UNION ALL "
                           "SELECT vm, coalesce(cost_ratio, 0) FROM findings) WHERE vm IS NOT "
                           "NULL AND vm <> '' "
                           "GROUP BY vm ORDER BY max(weight) DESC LIMIT ?",
                           -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, MOST_VMS);
        while (sqlite3_step(statement) == SQLITE_ROW)
            g_ptr_array_add(vms, g_strdup((const char *)sqlite3_column_text(statement, 0)));
    }
    sqlite3_finalize(statement);
    return vms;
}

static void
add_vm_lines(HvPlayer *player, GPtrArray *lines)
{
    g_autoptr(GPtrArray) vms = concerned_vms(player);

    for (guint i = 0; i < vms->len; i++) {
        add_line(lines, "traffic", "remote_ratio", vms->pdata[i], "%");
        add_line(lines, "vms", "wait_max_ratio", vms->pdata[i], "%");
        add_line(lines, "vms", "cpu_ratio", vms->pdata[i], "%");
    }
}

static void
add_watch_lines(GPtrArray *lines, const HvSnapshot *snapshot)
{
    const HvTable *watches = hv_snapshot_table(snapshot, "watches");

    for (guint row = 0; watches && row < hv_table_n_rows(watches); row++)
        add_line(lines, "watches", "value", hv_table_row_key(watches, row), "");
}

static void
take_point(Line *line, const HvSnapshot *snapshot)
{
    const HvTable *table = hv_snapshot_table(snapshot, line->table);
    const int row = table ? hv_table_find(table, line->key) : -1;
    double value;
    float point = NAN;

    if (row >= 0 &&
        hv_table_f64(table, (guint)row, hv_table_column(table, line->column), &value)) {
        point = (float)value;
        line->has_value = TRUE;
    }
    g_array_append_val(line->plot.values, point);
}

static gboolean
take_points(HvPlayer *player, GPtrArray *lines, GError **error)
{
    const gint64 length_ns = player->last_ns - player->first_ns;

    for (guint i = 0; i < MOST_POINTS; i++) {
        const gint64 at_ns =
            player->first_ns + (gint64)((double)length_ns * i / (MOST_POINTS - 1));
        g_autoptr(HvSnapshot) snapshot = hv_player_at(player, at_ns, error);

        if (!snapshot)
            return FALSE;
        if (i == 0)
            add_watch_lines(lines, snapshot);
        for (guint each = 0; each < lines->len; each++)
            take_point(lines->pdata[each], snapshot);
    }
    return TRUE;
}

static void
free_mark(gpointer data)
{
    g_free(((HvPlotMark *)data)->text);
    g_free(data);
}

static GPtrArray *
marks_of(HvPlayer *player)
{
    GPtrArray *marks = g_ptr_array_new_with_free_func(free_mark);
    const GPtrArray *all = hv_player_marks(player);
    const double length_ns = (double)MAX(player->last_ns - player->first_ns, 1);

    for (guint i = 0; i < all->len; i++) {
        const HvTimeMark *mark = all->pdata[i];
        HvPlotMark *plotted;

        if (mark->kind != HV_TIME_MARK_CHANGE)
            continue;
        plotted = g_new0(HvPlotMark, 1);
        plotted->at = (double)(mark->time_ns - player->first_ns) / length_ns;
        plotted->text = g_strdup_printf(_("plan %" G_GUINT64_FORMAT), mark->id);
        g_ptr_array_add(marks, plotted);
    }
    return marks;
}

gboolean
hv_report_plots(HvPlayer *player, HvPage *page, GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(free_line);
    g_autoptr(GPtrArray) marks = marks_of(player);
    g_autofree char *from = hv_player_clock(player, player->first_ns);
    g_autofree char *to = hv_player_clock(player, player->last_ns);

    add_vm_lines(player, lines);
    if (!take_points(player, lines, error))
        return FALSE;
    for (guint i = lines->len; i-- > 0;) { /* watches were found last, and come first */
        const Line *line = lines->pdata[i];

        if (line->has_value && g_str_equal(line->table, "watches"))
            hv_page_plot(page, &line->plot, marks, from, to);
    }
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = lines->pdata[i];

        if (line->has_value && !g_str_equal(line->table, "watches"))
            hv_page_plot(page, &line->plot, marks, from, to);
    }
    return TRUE;
}
