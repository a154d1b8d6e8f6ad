/* The machine at the top of the Desk: a line per node, and the host line of the first minute.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/cache-grid.h"
#include "tui/desk.h"
#include "tui/flow-grid.h"
#include "tui/list.h"
#include "tui/node-name.h"
#include "tui/pick.h"

#define SHORT_WIDTH 26 /* a node where several share a line */
#define NS_PER_S 1e9
#define WATCH_SPARK 7

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

/* Three digits at most, none behind the point from 10 on. */
static void
put_size(char *out, gsize size, double bytes)
{
    char *point;

    hv_text_bytes(out, size, bytes);
    point = strchr(out, '.');
    if (point && point - out > 1)
        memmove(point, point + 2, strlen(point + 2) + 1);
}

/* "412/512G": the unit once where both have the same. */
static char *
join_sizes(double used, double total)
{
    char used_text[16], total_text[16];
    gsize length;

    put_size(used_text, sizeof used_text, used);
    put_size(total_text, sizeof total_text, total);
    length = strlen(used_text);
    if (length > 1 && used_text[length - 1] == total_text[strlen(total_text) - 1])
        used_text[length - 1] = '\0';
    return g_strdup_printf("%s/%s", used_text, total_text);
}

static char *
memory_text(const HvTable *nodes, int row)
{
    guint64 total, free_bytes;

    if (!hv_pick_u64(nodes, row, "memory_total_bytes", &total) ||
        !hv_pick_u64(nodes, row, "memory_free_bytes", &free_bytes))
        return g_strdup("–");
    return join_sizes((double)(total - MIN(free_bytes, total)), (double)total);
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

/* ---- caches and memory traffic of a node ---- */

/* All caches that the node's cpus share. */
static void
add_cache(HvRun *run, const HvSnapshot *now, guint64 node)
{
    const HvTopology *topology = now->topology;
    const HvTopoNode *found = topology ? hv_topology_node(topology, (int)node) : NULL;
    double held_sum = 0, size_sum = 0, held, size;
    g_autofree char *text = NULL;

    for (guint i = 0; found && i < topology->n_llcs; i++)
        if (hv_set_intersects(topology->llcs[i].cpus, found->cpus) &&
            hv_cache_held(now, (guint64)topology->llcs[i].llc, &held, &size)) {
            held_sum += held;
            size_sum += size;
        }
    if (size_sum <= 0)
        return;
    text = join_sizes(held_sum, size_sum);
    hv_run_addf(run, HV_ROLE_TEXT, "L3 %s", text);
}

static void
add_controllers(HvRun *run, const HvTable *memory, const char *node_key)
{
    const int row = hv_pick_row(memory, node_key);
    char text[32];
    double rate;

    if (!hv_pick_f64(memory, row, "bytes_per_s", &rate))
        return;
    hv_text_cell(text, sizeof text, memory, (guint)row, hv_table_column(memory, "bytes_per_s"),
                 run->canvas->ascii);
    hv_run_addf(run, HV_ROLE_TEXT, "dram %s", text);
}

/* How far the links at @package are used, the fuller direction; 0 where nothing tells. */
static double
use_of_links(const HvTable *links, guint64 package)
{
    double most = 0, use;
    guint64 end;

    for (int row = 0; links && row < (int)hv_table_n_rows(links); row++)
        if (((hv_pick_u64(links, row, "from_package", &end) && end == package) ||
             (hv_pick_u64(links, row, "to_package", &end) && end == package)) &&
            hv_pick_f64(links, row, "use_ratio", &use))
            most = MAX(most, use);
    return most;
}

/* What the node's cpus fetch from the others; a full link has its mark. */
static void
add_flow(HvRun *run, const HvSnapshot *now, const HvFlowGrid *flows, guint64 node)
{
    const HvTopoNode *found = now->topology ? hv_topology_node(now->topology, (int)node) : NULL;
    const double use =
        found ? use_of_links(hv_snapshot_table(now, "links"), (guint64)found->package) : 0;
    const HvRole role = hv_role_of(use, 0.6, 0.8);
    char name[16] = "*", number[16];
    HvFlowCell remote;
    guint at = 0;

    while (at < flows->n && flows->names[at] != node)
        at++;
    if (at == flows->n || !flows->has_bytes)
        return;
    remote = hv_flow_remote(flows, at);
    if (!hv_mark_has_value(remote.mark))
        return;
    if (flows->n == 2)
        hv_node_name(name, sizeof name, now->topology, flows->names[1 - at]);
    hv_flow_text(number, sizeof number, &remote, FALSE, 5, run->canvas->ascii);
    hv_run_addf(run, role, "%s%s %s GB/s%s%s", run->canvas->ascii ? ">" : "→", name, number,
                role == HV_ROLE_TEXT ? "" : " ",
                role == HV_ROLE_TEXT ? "" : hv_canvas_glyph(run->canvas, "▲", "^"));
}

static void
draw_node(const HvView *view, HvCanvas *canvas, int y, int row, const HvFlowGrid *flows)
{
    const HvTable *nodes = hv_snapshot_table(view->now, "nodes");
    g_autofree char *name = name_of(nodes, (guint)row), *memory = memory_text(nodes, row);
    const int width = CLAMP(7 + (canvas->columns - 80) / 4, 7, HV_LIST_SPARK);
    HvRun run = { canvas, 0, y, canvas->columns };
    guint64 node = 0;
    double rate;

    hv_canvas_print(canvas, 1, y, HV_ROLE_TITLE, name);
    hv_canvas_print(canvas, 5, y, HV_ROLE_DIM, _("cpu"));
    run.x = draw_use(view, canvas, 9, y, width, row) + 2;
    hv_pick_u64(nodes, row, "node", &node);
    hv_run_addf(&run, HV_ROLE_TEXT, _("mem %s"), memory);
    add_cache(&run, view->now, node);
    add_controllers(&run, hv_snapshot_table(view->now, "memory_traffic"),
                    hv_table_row_key(nodes, (guint)row));
    add_flow(&run, view->now, flows, node);
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
    g_autoptr(HvFlowGrid) flows = hv_flow_grid_new(view->now, NULL, FALSE);

    if (n > max_rows)
        return draw_short(view, canvas, y, max_rows);
    for (int i = 0; i < n; i++)
        draw_node(view, canvas, y + i, i, flows);
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

/* The operator's own metrics: what hurts stands beside what is tuned. */
static void
add_watches(HvRun *run, const HvView *view)
{
    const HvTable *watches = hv_snapshot_table(view->now, "watches");

    for (int row = 0; watches && row < (int)hv_table_n_rows(watches); row++) {
        const char *name = hv_pick_text(watches, row, "watch");
        HvListCell cell = { 0 };
        char number[16];
        double value;

        if (!name || !hv_pick_f64(watches, row, "value", &value)) {
            hv_run_addf(run, HV_ROLE_ABSENT, "%s %s", name ? name : "",
                        hv_canvas_glyph(run->canvas, "–", "-"));
            continue;
        }
        hv_text_number(number, sizeof number, value);
        hv_cell_spark(&cell, view, "watches", "value", hv_table_row_key(watches, (guint)row),
                      WATCH_SPARK);
        if (!hv_run_add(run, HV_ROLE_TITLE, name))
            return;
        run->x--;
        if (cell.n_values && run->x + WATCH_SPARK < run->end) {
            hv_canvas_sparkline(run->canvas, run->x, run->y, WATCH_SPARK, HV_ROLE_GRAPH,
                                cell.values, cell.n_values, 0);
            run->x += WATCH_SPARK + 1;
        }
        hv_run_add(run, HV_ROLE_TEXT, number);
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
    add_watches(&run, view);
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
