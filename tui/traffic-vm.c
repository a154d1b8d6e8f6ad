/* The selected VM on the screen Traffic: per node its vCPUs, its memory and its traffic, then
 * the sums with their source. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/text.h"
#include "tui/dialog.h"
#include "tui/list.h"
#include "tui/node-name.h"
#include "tui/pick.h"
#include "tui/traffic.h"

#define MOST_SPARK 30

/* What the VM has on each node of a square. */
typedef struct {
    guint n_vcpus;
    gboolean has_memory;
    double memory_bytes;
} Place;

static gboolean
find(const HvFlowGrid *grid, guint64 node, guint *index)
{
    for (*index = 0; *index < grid->n; (*index)++)
        if (grid->names[*index] == node)
            return TRUE;
    return FALSE;
}

/* Its name: other tables have that, "vms" is looked up by its key. */
static const char *
name_of(const HvView *view)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");

    return hv_pick_text(vms, hv_pick_row(vms, view->vm), "vm");
}

static gboolean
is_of(const HvTable *table, int row, const char *vm)
{
    return g_strcmp0(hv_pick_text(table, row, "vm"), vm) == 0;
}

static void
add_vcpus(const HvView *view, const HvFlowGrid *grid, Place *places)
{
    const HvTable *vcpus = hv_snapshot_table(view->now, "vcpus");
    const char *name = name_of(view);
    guint64 node;
    guint index;

    for (int i = 0; vcpus && i < (int)hv_table_n_rows(vcpus); i++)
        if (is_of(vcpus, i, name) && hv_pick_u64(vcpus, i, "node", &node) &&
            find(grid, node, &index))
            places[index].n_vcpus++;
}

/* A node on which none of its memory is has 0 of it, where any is known. */
static void
add_memory(const HvView *view, const HvFlowGrid *grid, Place *places)
{
    const HvTable *residency = hv_snapshot_table(view->now, "residency");
    const char *name = name_of(view);
    gboolean has_any = FALSE;
    guint64 node, bytes;
    guint index;

    for (int i = 0; residency && i < (int)hv_table_n_rows(residency); i++)
        if (is_of(residency, i, name) && hv_pick_u64(residency, i, "node", &node) &&
            hv_pick_u64(residency, i, "resident_bytes", &bytes) && find(grid, node, &index)) {
            places[index].memory_bytes += (double)bytes;
            has_any = TRUE;
        }
    for (guint i = 0; i < grid->n; i++)
        places[i].has_memory = has_any;
}

static void
draw_number(HvCanvas *canvas, int x, int y, int width, const HvFlowCell *cell, gboolean shares,
            HvRole role)
{
    char text[32];

    hv_flow_text(text, sizeof text, cell, shares, width - 1, canvas->ascii);
    hv_canvas_print_in(canvas, x, y, width, 1,
                       hv_mark_has_value(cell->mark) ? role : HV_ROLE_ABSENT, text);
}

/* name and vCPUs 4, memory, local and remote 6 */
static void
draw_node(const HvView *view, HvCanvas *canvas, int x, int y, const HvFlowGrid *grid, guint at,
          const Place *place)
{
    const HvFlowCell remote = hv_flow_remote(grid, at);
    char text[32];

    hv_node_name(text, sizeof text, view->now->topology, grid->names[at]);
    hv_canvas_print_in(canvas, x, y, 4, -1, HV_ROLE_TITLE, text);
    g_snprintf(text, sizeof text, "%u", place->n_vcpus);
    hv_canvas_print_in(canvas, x + 4, y, 4, 1, place->n_vcpus ? HV_ROLE_TEXT : HV_ROLE_DIM,
                       text);
    if (place->has_memory)
        hv_text_bytes(text, sizeof text, place->memory_bytes);
    else
        g_strlcpy(text, canvas->ascii ? "-" : "–", sizeof text);
    hv_canvas_print_in(canvas, x + 8, y, 6, 1,
                       !place->has_memory        ? HV_ROLE_ABSENT
                       : place->memory_bytes > 0 ? HV_ROLE_TEXT
                                                 : HV_ROLE_DIM,
                       text);
    draw_number(canvas, x + 14, y, 6, hv_flow_cell(grid, at, at), !grid->has_bytes,
                HV_ROLE_TEXT);
    draw_number(canvas, x + 20, y, 6, &remote, !grid->has_bytes,
                remote.value > 0 ? HV_ROLE_WARM : HV_ROLE_TEXT);
}

static void
draw_heads(HvCanvas *canvas, int x, int y, int width)
{
    static const struct {
        const char *title;
        int x, width;
    } heads[] = {
        { N_("vCPU"), 4, 4 }, { N_("mem"), 8, 6 }, { N_("local"), 14, 6 }, { N_("rem."), 20, 6 }
    };

    hv_canvas_fill(canvas, x, y, MIN(width, HV_TRAFFIC_VM), 1, HV_ROLE_HEAD, " ");
    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
        hv_canvas_print_in(canvas, x + heads[i].x, y, heads[i].width, 1, HV_ROLE_HEAD,
                           _(heads[i].title));
}

static int
draw_nodes(const HvView *view, HvCanvas *canvas, const HvArea *area)
{
    g_autoptr(HvFlowGrid) grid = hv_flow_grid_new(view->now, name_of(view), FALSE);
    g_autofree Place *places = g_new0(Place, grid->n + 1);
    const int end = area->y + area->height;
    int y = area->y + 1;

    add_vcpus(view, grid, places);
    add_memory(view, grid, places);
    draw_heads(canvas, area->x, y++, area->width);
    for (guint i = 0; i < grid->n && y < end; i++) {
        const gboolean is_used = places[i].n_vcpus || places[i].memory_bytes > 0;

        if (grid->n <= 8 || is_used) /* of many nodes only those that are its own */
            draw_node(view, canvas, area->x, y++, grid, i, &places[i]);
    }
    return y;
}

/* "2.6 GB/s remote  0.5 GB/s local": nothing of it where no bytes are known. */
static int
draw_sums(const HvView *view, const HvTable *traffic, int row, HvCanvas *canvas,
          const HvArea *area, int y)
{
    HvRun run = { canvas, area->x, y, area->x + area->width };
    HvListCell cell = { 0 }, past = { 0 };
    double ratio;
    char bytes[32];

    hv_cell_percent(&cell, view, traffic, (guint)row, "remote_ratio", 0.2, 0.5);
    hv_run_addf(&run, cell.role, _("remote %s%s"), cell.text,
                hv_pick_f64(traffic, row, "remote_ratio", &ratio) ? "%" : "");
    hv_cell_spark(&past, view, "traffic", "remote_ratio", view->vm,
                  CLAMP(run.end - run.x, 1, MOST_SPARK));
    if (past.n_values)
        hv_canvas_sparkline(canvas, run.x, y, (int)past.n_values, HV_ROLE_GRAPH, past.values,
                            past.n_values, 1);
    y++;
    run = (HvRun){ canvas, area->x, y, area->x + area->width };
    if (!hv_pick_f64(traffic, row, "total_bytes_per_s", &ratio))
        return y;
    hv_text_cell(bytes, sizeof bytes, traffic, (guint)row,
                 hv_table_column(traffic, "remote_bytes_per_s"), canvas->ascii);
    hv_run_addf(&run, HV_ROLE_TEXT, _("%s of"), bytes);
    run.x--;
    hv_text_cell(bytes, sizeof bytes, traffic, (guint)row,
                 hv_table_column(traffic, "total_bytes_per_s"), canvas->ascii);
    hv_run_add(&run, HV_ROLE_TEXT, bytes);
    return y + 1;
}

static int
say(HvCanvas *canvas, const HvArea *area, int y, HvRole role, const char *text)
{
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(text, area->width);

    for (guint i = 0; i < lines->len && y < area->y + area->height; i++)
        hv_canvas_print(canvas, area->x, y++, role, g_ptr_array_index(lines, i));
    return y;
}

/* "resctrl MBM, measured, 1.4 s" and what is to be borne in mind. */
static int
draw_source(const HvView *view, const HvTable *traffic, int row, HvCanvas *canvas,
            const HvArea *area, int y)
{
    const char *source = hv_pick_text(traffic, row, "source");
    const char *quality = hv_pick_text(traffic, row, "quality");
    const char *doubt = hv_pick_text(traffic, row, "doubt");
    g_autofree char *text = NULL;
    char age[16];
    double seconds;

    if (!source) {
        const char *why =
            hv_table_reason(traffic, (guint)row, hv_table_column(traffic, "remote_ratio"));

        return say(canvas, area, y, HV_ROLE_ABSENT, _(why));
    }
    if (hv_pick_f64(traffic, row, "age_s", &seconds)) {
        hv_view_age(view, seconds, age, sizeof age);
        text = g_strdup_printf("%s, %s, %s", _(hv_traffic_source(source)),
                               quality ? _(quality) : "–", age);
    } else {
        text =
            g_strdup_printf("%s, %s", _(hv_traffic_source(source)), quality ? _(quality) : "–");
    }
    y = say(canvas, area, y, HV_ROLE_DIM, text);
    return doubt && *doubt ? say(canvas, area, y, HV_ROLE_DIM, _(doubt)) : y;
}

int
hv_traffic_draw_vm(const HvView *view, HvCanvas *canvas, const HvArea *area)
{
    const HvTable *traffic = hv_snapshot_table(view->now, "traffic");
    const int row = hv_pick_row(traffic, view->vm);
    int y;

    if (!name_of(view)) {
        hv_canvas_print_in(canvas, area->x, area->y, area->width, -1, HV_ROLE_ABSENT,
                           _("no VM is selected"));
        return area->y + 1;
    }
    hv_canvas_print_in(canvas, area->x, area->y, area->width, -1, HV_ROLE_TITLE, name_of(view));
    y = draw_nodes(view, canvas, area);
    if (row < 0)
        return say(canvas, area, y, HV_ROLE_ABSENT,
                   traffic && hv_table_why(traffic) ? _(hv_table_why(traffic))
                                                    : _("its traffic is not read here"));
    if (y < area->y + area->height)
        y = draw_sums(view, traffic, row, canvas, area, y);
    return draw_source(view, traffic, row, canvas, area, y);
}
