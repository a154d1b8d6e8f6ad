/* The machine at the top of the Desk: a line per node, and the host line of the first minute.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/desk.h"
#include "tui/list.h"
#include "tui/pick.h"

#define SHORT_WIDTH 26 /* a node where several share a line */
#define NS_PER_S 1e9

/* A node is named by its socket where each socket is one node. */
static char *
name_of(const HvTable *nodes, guint row)
{
    guint64 node = 0, package = 0, other;
    gboolean has_package = hv_pick_u64(nodes, (int)row, "package", &package);

    hv_pick_u64(nodes, (int)row, "node", &node);
    for (guint i = 0; has_package && i < hv_table_n_rows(nodes); i++)
        if (i != row && (!hv_pick_u64(nodes, (int)i, "package", &other) || other == package))
            has_package = FALSE;
    return has_package ? g_strdup_printf("S%u", (guint)package)
                       : g_strdup_printf("N%u", (guint)node);
}

static char *
memory_text(const HvTable *nodes, int row)
{
    guint64 total, free_bytes;
    char used_text[16], total_text[16];

    if (!hv_pick_u64(nodes, row, "memory_total_bytes", &total) ||
        !hv_pick_u64(nodes, row, "memory_free_bytes", &free_bytes))
        return g_strdup("–");
    hv_text_bytes(used_text, sizeof used_text, (double)(total - MIN(free_bytes, total)));
    hv_text_bytes(total_text, sizeof total_text, (double)total);
    return g_strdup_printf("%s/%s", used_text, total_text);
}

/* "2M 120/512 free"; nothing where there are no such pages. */
static void
add_huge(HvRun *run, const HvTable *nodes, int row, const char *name, const char *total_column,
         const char *free_column)
{
    guint64 total, n_free;

    if (!hv_pick_u64(nodes, row, total_column, &total) || !total ||
        !hv_pick_u64(nodes, row, free_column, &n_free))
        return;
    hv_run_addf(run, n_free ? HV_ROLE_TEXT : HV_ROLE_WARM, _("%s pages %u/%u free"), name,
                (guint)n_free, (guint)total);
}

static int
draw_use(const HvView *view, HvCanvas *canvas, int x, int y, int width, int row)
{
    const HvTable *nodes = hv_snapshot_table(view->now, "nodes");
    HvListCell cell = { 0 };
    double use;

    hv_cell_spark(&cell, view, "nodes", "use_ratio", hv_table_row_key(nodes, (guint)row),
                  width);
    if (cell.n_values)
        hv_canvas_sparkline(canvas, x, y, width, HV_ROLE_GRAPH, cell.values, cell.n_values, 1);
    else if (hv_pick_f64(nodes, row, "use_ratio", &use))
        hv_canvas_bar(canvas, x, y, width, HV_ROLE_GRAPH, use);
    x += width + 1;
    if (!hv_pick_f64(nodes, row, "use_ratio", &use))
        hv_canvas_print_in(canvas, x, y, 4, 1, HV_ROLE_ABSENT, "–");
    else
        hv_canvas_printf(canvas, x, y, hv_role_of(use, 0.7, 0.9), "%3.0f%%", use * 100);
    return x + 4;
}

static void
draw_node(const HvView *view, HvCanvas *canvas, int y, int row)
{
    const HvTable *nodes = hv_snapshot_table(view->now, "nodes");
    g_autofree char *name = name_of(nodes, (guint)row), *memory = memory_text(nodes, row);
    const int width = CLAMP(7 + (canvas->columns - 80) / 4, 7, HV_LIST_SPARK);
    HvRun run = { canvas, 0, y, canvas->columns };
    double rate;

    hv_canvas_print(canvas, 1, y, HV_ROLE_TITLE, name);
    hv_canvas_print(canvas, 5, y, HV_ROLE_DIM, _("cpu"));
    run.x = draw_use(view, canvas, 9, y, width, row) + 2;
    hv_run_addf(&run, HV_ROLE_TEXT, _("mem %s"), memory);
    add_huge(&run, nodes, row, "2M", "hugepages_2m_total", "hugepages_2m_free");
    add_huge(&run, nodes, row, "1G", "hugepages_1g_total", "hugepages_1g_free");
    if (hv_pick_f64(nodes, row, "remote_allocations_per_s", &rate)) {
        char text[16];

        hv_text_number(text, sizeof text, rate);
        hv_run_addf(&run, HV_ROLE_DIM, _("remote allocations %s/s"), text);
    }
}

/* Many nodes share lines; what does not fit is counted. */
static int
draw_short(const HvView *view, HvCanvas *canvas, int y, int max_rows)
{
    const HvTable *nodes = hv_snapshot_table(view->now, "nodes");
    const int per_row = MAX((canvas->columns - 1) / SHORT_WIDTH, 1);
    const int n = (int)hv_table_n_rows(nodes),
              n_rows = MIN((n + per_row - 1) / per_row, max_rows);
    const int shown = MIN(n, n_rows * per_row);

    for (int i = 0; i < shown; i++) {
        const int x = 1 + i % per_row * SHORT_WIDTH, row = y + i / per_row;
        g_autofree char *name = name_of(nodes, (guint)i), *memory = memory_text(nodes, i);

        hv_canvas_print(canvas, x, row, HV_ROLE_TITLE, name);
        hv_canvas_print_in(canvas, draw_use(view, canvas, x + 4, row, 3, i) + 1, row, 12, -1,
                           HV_ROLE_TEXT, memory);
    }
    if (n > shown)
        hv_canvas_printf(canvas, 1 + (per_row - 1) * SHORT_WIDTH, y + n_rows - 1, HV_ROLE_DIM,
                         _("and %d more nodes: Map   "), n - shown + 1);
    return y + n_rows;
}

static int
draw_nodes(const HvView *view, HvCanvas *canvas, int y, int max_rows)
{
    const HvTable *nodes = hv_snapshot_table(view->now, "nodes");
    const int n = nodes ? (int)hv_table_n_rows(nodes) : 0;

    if (n > max_rows)
        return draw_short(view, canvas, y, max_rows);
    for (int i = 0; i < n; i++)
        draw_node(view, canvas, y + i, i);
    return y + n;
}

/* ---- the host line ---- */

static void
add_pressure(HvRun *run, const HvTable *host)
{
    static const struct {
        const char *name, *column;
    } parts[] = { { "cpu", "psi_cpu_some_ratio" },
                  { "mem", "psi_memory_some_ratio" },
                  { "io", "psi_io_some_ratio" } };
    GString *text = g_string_new("psi");
    double ratio, most = 0;
    gboolean has_any = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (!hv_pick_f64(host, 0, parts[i].column, &ratio)) {
            g_string_append_printf(text, " %s –", parts[i].name);
            continue;
        }
        g_string_append_printf(text, " %s %.0f", parts[i].name, ratio * 100);
        most = MAX(most, ratio);
        has_any = TRUE;
    }
    if (has_any)
        hv_run_add(run, hv_role_of(most, 0.1, 0.4), text->str);
    g_string_free(text, TRUE);
}

/* Counts that say something only when they are not 0. */
static void
add_count(HvRun *run, const HvTable *host, const char *name, const char *column,
          gboolean always)
{
    char number[16];
    double value;

    if (!hv_pick_f64(host, 0, column, &value) || (value <= 0 && !always))
        return;
    hv_text_number(number, sizeof number, value);
    hv_run_addf(run, value > 0 ? HV_ROLE_HOT : HV_ROLE_TEXT, "%s %s", name, number);
}

static void
add_rate(HvRun *run, const HvTable *host, const char *name, const char *column, HvRole role)
{
    char number[16];
    double value;

    if (!hv_pick_f64(host, 0, column, &value) || (value <= 0 && role != HV_ROLE_TEXT))
        return;
    hv_text_number(number, sizeof number, value);
    hv_run_addf(run, role, "%s %s/s", name, number);
}

static void
add_disk(HvRun *run, const HvTable *host)
{
    const char *device = hv_pick_text(host, 0, "disk_latency_device");
    double ms;

    if (hv_pick_f64(host, 0, "disk_latency_max_ms", &ms))
        hv_run_addf(run, hv_role_of(ms, 20, 100), _("disk %.*f ms%s%s"), ms < 10 ? 1 : 0, ms,
                    device ? " " : "", device ? device : "");
}

static void
add_steal(HvRun *run, const HvTable *host)
{
    double ratio;

    if (hv_pick_f64(host, 0, "steal_ratio", &ratio))
        hv_run_addf(run, hv_role_of(ratio, 0.02, 0.1), _("steal %.0f%%"), ratio * 100);
}

static void
add_frequency(HvRun *run, const HvTable *host)
{
    double slowest, base;

    if (hv_pick_f64(host, 0, "core_min_hz", &slowest) &&
        hv_pick_f64(host, 0, "core_base_hz", &base) && base > 0)
        hv_run_addf(run, slowest < 0.9 * base ? HV_ROLE_WARM : HV_ROLE_TEXT,
                    _("slowest %.1f of %.1f GHz"), slowest / 1e9, base / 1e9);
}

static void
add_sizes(HvRun *run, const HvTable *host)
{
    char text[16];
    double bytes, seconds;

    if (hv_pick_f64(host, 0, "swap_used_bytes", &bytes) && bytes > 0) {
        hv_text_bytes(text, sizeof text, bytes);
        hv_run_addf(run, HV_ROLE_WARM, _("swap %s"), text);
    }
    if (hv_pick_f64(host, 0, "uptime_s", &seconds)) {
        hv_text_duration(text, sizeof text, (gint64)(seconds * NS_PER_S));
        hv_run_addf(run, HV_ROLE_DIM, _("up %s"), text);
    }
}

/* What is wrong comes before what is only said, so that it is there at 80 columns. */
static void
draw_host_line(const HvView *view, HvCanvas *canvas, int y)
{
    const HvTable *host = hv_snapshot_table(view->now, "host");
    HvRun run = { canvas, 1, y, canvas->columns };

    add_pressure(&run, host);
    add_count(&run, host, _("oom"), "oom_kills", TRUE);
    add_count(&run, host, _("hung"), "hung_tasks", FALSE);
    add_count(&run, host, _("mce"), "mce_errors", FALSE);
    add_count(&run, host, _("uncorrected"), "edac_ue_errors", FALSE);
    add_rate(&run, host, _("throttled"), "thermal_throttles_per_s", HV_ROLE_HOT);
    add_steal(&run, host);
    add_disk(&run, host);
    add_rate(&run, host, _("irq"), "irqs_per_s", HV_ROLE_TEXT);
    add_rate(&run, host, _("nic drops"), "nic_drops_per_s", HV_ROLE_WARM);
    add_count(&run, host, _("corrected"), "edac_ce_errors", FALSE);
    add_frequency(&run, host);
    add_sizes(&run, host);
}

int
hv_desk_top(const HvView *view, HvCanvas *canvas, int top, int max_rows)
{
    const int y = draw_nodes(view, canvas, top, MAX(max_rows - 1, 1));

    draw_host_line(view, canvas, y);
    return y + 1;
}
