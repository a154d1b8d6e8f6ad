/* Traffic: who reaches for memory on which node, over which link. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/traffic.h"

#include "model/i18n.h"
#include "tui/console.h"
#include "tui/list.h"
#include "tui/node-name.h"
#include "tui/pick.h"

#define MANY_NODES 9 /* that many are shown by socket at first */

typedef enum { OF_ANY, OF_HOST, OF_VM } Whose;

typedef struct {
    HvList *list;
    Whose whose; /* OF_ANY until somebody chose */
    gboolean by_socket, has_chosen_zoom;
    HvTrafficPages pages;
} Traffic;

/* ---- the VMs ---- */

/* The row of table "traffic" that belongs to a row of table "vms". */
static int
traffic_row(const HvListRow *row)
{
    return row->item;
}

static const HvTable *
traffic_table(const HvView *view)
{
    return hv_snapshot_table(view->now, "traffic");
}

static void
value_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
           HvListCell *cell)
{
    if (traffic_row(row) < 0)
        hv_cell_absent(cell, view);
    else
        hv_cell_value(cell, view, traffic_table(view), (guint)traffic_row(row), column->name,
                      column->warm, column->hot);
}

/* Where no bytes are known, the share by place orders them, below all that is known. */
static void
remote_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
            HvListCell *cell)
{
    double ratio;

    value_cell(view, row, column, cell);
    if (!cell->has_sort &&
        hv_pick_f64(traffic_table(view), traffic_row(row), "remote_ratio", &ratio)) {
        cell->has_sort = TRUE;
        cell->sort = ratio - 2;
    }
}

static void
percent_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
             HvListCell *cell)
{
    if (traffic_row(row) < 0)
        hv_cell_absent(cell, view);
    else
        hv_cell_percent(cell, view, traffic_table(view), (guint)traffic_row(row), column->name,
                        column->warm, column->hot);
}

static void
spark_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
           HvListCell *cell)
{
    hv_cell_spark(cell, view, "traffic", "remote_ratio", row->key, column->width);
    cell->most = 1;
}

static void
place_cell(const HvView *view, const HvListRow *row, const HvListColumn *column G_GNUC_UNUSED,
           HvListCell *cell)
{
    if (hv_node_route(cell->text, sizeof cell->text, view->now->topology, row->table,
                      (int)row->row, hv_view_ascii(view)))
        cell->role = HV_ROLE_WARM;
}

static void
source_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
            HvListCell *cell)
{
    const char *source = hv_pick_text(traffic_table(view), traffic_row(row), column->name);

    if (!source)
        value_cell(view, row, column, cell);
    else
        g_strlcpy(cell->text, _(hv_traffic_source(source)), sizeof cell->text);
    cell->right = FALSE;
}

static const HvListColumn columns[] = {
    { .name = "vm",
      .title = N_("VM"),
      .width = 14,
      .letter = 'N',
      .left = TRUE,
      .grow = 1,
      .ascending = TRUE },
    { .name = "remote_bytes_per_s",
      .title = N_("remote"),
      .width = 9,
      .letter = 'A',
      .cell = remote_cell },
    { .name = "remote_ratio",
      .title = N_("rem%"),
      .width = 5,
      .warm = 0.2,
      .hot = 0.5,
      .cell = percent_cell },
    { .name = "remote history",
      .title = "",
      .width = 8,
      .min_columns = 60,
      .left = TRUE,
      .cell = spark_cell },
    { .name = "local_bytes_per_s", .title = N_("local"), .width = 9, .cell = value_cell },
    { .name = "total_bytes_per_s",
      .title = N_("total"),
      .width = 9,
      .min_columns = 90,
      .letter = 'P',
      .cell = value_cell },
    { .name = "place",
      .title = N_("cpus→mem"),
      .width = 9,
      .left = TRUE,
      .ascending = TRUE,
      .cell = place_cell },
    { .name = "source",
      .title = N_("source"),
      .width = 11,
      .left = TRUE,
      .ascending = TRUE,
      .min_columns = 72,
      .cell = source_cell },
    { .name = "quality",
      .title = N_("quality"),
      .width = 10,
      .left = TRUE,
      .ascending = TRUE,
      .min_columns = 100,
      .cell = value_cell },
    { .name = "age_s", .title = N_("age"), .width = 6, .min_columns = 100, .cell = value_cell },
    { .name = "doubt",
      .title = N_("to bear in mind"),
      .width = 20,
      .left = TRUE,
      .grow = 3,
      .min_columns = 130,
      .cell = value_cell },
    { 0 },
};

static void
see_rows(const Traffic *self, const HvView *view)
{
    const char *key;

    for (guint line = 0; (key = hv_list_line_key(self->list, line)); line++)
        hv_console_see(view->console, key);
}

static void
draw_vms(Traffic *self, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms"), *traffic = traffic_table(view);
    const guint n = vms ? hv_table_n_rows(vms) : 0;
    g_autofree HvListRow *rows = g_new0(HvListRow, n + 1);

    for (guint i = 0; i < n; i++) {
        const char *key = hv_table_row_key(vms, i);

        rows[i] = (HvListRow){
            .table = vms, .row = i, .key = key, .item = hv_pick_row(traffic, key)
        };
    }
    if (!n) {
        hv_canvas_print_in(canvas, 1, top, canvas->columns - 1, -1, HV_ROLE_ABSENT,
                           vms && hv_table_why(vms) ? _(hv_table_why(vms)) : _("no VM here"));
        return;
    }
    if (view->vm && g_strcmp0(hv_list_key(self->list), view->vm) != 0)
        hv_list_set_key(self->list, view->vm);
    hv_list_draw(self->list, view, canvas, rows, n, top, bottom);
    see_rows(self, view);
    if (hv_list_key(self->list) && g_strcmp0(hv_list_key(self->list), view->vm) != 0)
        hv_console_select_vm(view->console, hv_list_key(self->list));
}

/* ---- the square ---- */

/* Without a choice it is the host's, where anything counts the whole host. */
static HvFlowGrid *
new_grid(const Traffic *self, const HvView *view, gboolean *is_host)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const char *vm = hv_pick_text(vms, hv_pick_row(vms, view->vm), "vm");
    g_autoptr(HvFlowGrid) grid = NULL;

    *is_host = self->whose != OF_VM || !vm;
    grid = hv_flow_grid_new(view->now, *is_host ? NULL : vm, self->by_socket);
    if (self->whose != OF_ANY || !grid->why || !vm)
        return g_steal_pointer(&grid);
    *is_host = FALSE;
    return hv_flow_grid_new(view->now, vm, self->by_socket);
}

static char *
title_of(const HvView *view, const HvFlowGrid *grid, gboolean is_host, gboolean ascii)
{
    const char *whose = is_host ? _("host") : view->vm;

    if (grid->why)
        return g_strdup(whose);
    return g_strdup_printf(grid->has_bytes ? _("%s, GB/s: cpus of, memory of %s")
                                           : _("%s, shares by place: memory of %s"),
                           whose, ascii ? "->" : "→");
}

static void
choose_zoom(Traffic *self, const HvView *view)
{
    const HvTopology *topology = view->now->topology;

    if (!self->has_chosen_zoom && topology)
        self->by_socket =
            topology->n_nodes >= MANY_NODES && topology->n_packages < topology->n_nodes;
}

static const char *
remark_of(const HvFlowGrid *grid)
{
    if (grid->why)
        return NULL;
    if (grid->doubt || !grid->has_bytes)
        return grid->has_bytes ? grid->doubt : grid->why_no_bytes;
    return grid->has_rest ? N_("unattributed: beyond all groups, as DMA and write-backs")
                          : NULL;
}

/* Square and VM side by side; returns the row behind both. */
static int
draw_top(Traffic *self, const HvView *view, HvCanvas *canvas, int top, int height)
{
    gboolean is_host;
    g_autoptr(HvFlowGrid) grid = new_grid(self, view, &is_host);
    g_autofree char *title = title_of(view, grid, is_host, canvas->ascii);
    const int width = grid->why ? CLAMP(canvas->columns - HV_TRAFFIC_VM - 10, HV_TRAFFIC_VM, 60)
                                : hv_traffic_width(grid->n, canvas->columns);
    const char *remark = remark_of(grid);
    const HvArea square = { 1, top, width, MIN(height, (int)grid->n + 4) };
    const int gap = canvas->columns - width - HV_TRAFFIC_VM > 6 ? 3 : 1;
    const HvArea vm = { width + gap, top, canvas->columns - width - gap, height };
    int end;

    end = hv_traffic_draw_grid(view, canvas, &square, grid, title, &self->pages);
    end = MAX(hv_traffic_draw_vm(view, canvas, &vm), end);
    if (remark && end < top + height)
        hv_canvas_print_in(canvas, 1, end++, canvas->columns - 1, -1, HV_ROLE_DIM, _(remark));
    return MIN(end, top + height);
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Traffic *self = state;
    const int height = bottom - top;
    const int end = hv_traffic_draw_links(view, canvas, bottom, height > 12 ? 5 : 1);
    int y;

    choose_zoom(self, view);
    y = draw_top(self, view, canvas, top, MAX(end - top - (height > 12 ? 5 : 2), 2));
    if (end - y > 6)
        y++;
    draw_vms(self, view, canvas, y, end);
}

/* ---- keys ---- */

static gboolean
press(Traffic *self, const HvView *view, guint key)
{
    switch (key) {
    case HV_KEY_ENTER:
        return hv_console_do(view->console, &(HvAction){ .verb = HV_DO_VM_PAGE });
    case 'o':
        self->whose = self->whose == OF_VM ? OF_HOST : OF_VM;
        return TRUE;
    case '+':
    case '-':
        self->by_socket = key == '-';
        self->has_chosen_zoom = TRUE;
        self->pages.page = 0;
        return TRUE;
    case HV_KEY_RIGHT:
        self->pages.page = MIN(self->pages.page + 1, MAX(self->pages.n_pages, 1) - 1);
        return TRUE;
    case HV_KEY_LEFT:
        self->pages.page -= self->pages.page > 0;
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    Traffic *self = state;

    if (hv_list_event(self->list, view, what)) {
        if (hv_list_key(self->list))
            hv_console_select_vm(view->console, hv_list_key(self->list));
        return TRUE;
    }
    if (what->kind == HV_EVENT_KEY)
        return press(self, view, what->key);
    if (what->kind == HV_EVENT_MOUSE && what->mouse == HV_MOUSE_PRESS &&
        hv_list_is_on_cursor(self->list, what->y))
        return press(self, view, HV_KEY_ENTER);
    return FALSE;
}

static gpointer
create(void)
{
    Traffic *self = g_new0(Traffic, 1);

    self->list = hv_list_new(columns, "remote_bytes_per_s");
    return self;
}

static void
destroy(gpointer state)
{
    Traffic *self = state;

    hv_list_free(self->list);
    g_free(self);
}

static void
save(gpointer state, HvViewOut *out)
{
    const Traffic *self = state;

    hv_list_save(self->list, out);
    hv_view_put_number(out, "whose", self->whose);
    hv_view_put_flag(out, "by_socket", self->by_socket);
    hv_view_put_flag(out, "has_chosen_zoom", self->has_chosen_zoom);
    hv_view_put_number(out, "page", self->pages.page);
}

static void
load(gpointer state, const HvViewIn *in)
{
    Traffic *self = state;

    hv_list_load(self->list, in);
    self->whose = (Whose)hv_view_number(in, "whose", OF_ANY, OF_VM);
    self->by_socket = hv_view_flag(in, "by_socket");
    self->has_chosen_zoom = hv_view_flag(in, "has_chosen_zoom");
    self->pages.page = (guint)hv_view_number(in, "page", 0, G_MAXUINT16);
}

static const HvBinding bindings[] = {
    { HV_KEY_ENTER, N_("VM"), N_("the VM's page"), { .verb = HV_DO_EVENT } },
    { 'o',
      N_("host/VM"),
      N_("the square of nodes of the host, or of the selected VM"),
      { .verb = HV_DO_EVENT } },
    { '-', N_("sockets"), N_("by sockets, by nodes again"), { .verb = HV_DO_EVENT } },
    { '+', NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_LEFT,
      NULL,
      N_("the other parts of a square that is too large"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_RIGHT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

const HvScreen hv_screen_traffic = {
    .name = "traffic",
    .title = N_("Traffic"),
    .number = 3,
    .help = N_(
        "Memory traffic from node to node, of the host or a VM: the cpus of one, the memory of "
        "another; the selected VM by node; links between sockets."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
    .save = save,
    .load = load,
};
