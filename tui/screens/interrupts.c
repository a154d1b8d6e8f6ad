/* Interrupts: which source hammers which node, whose it is, and whether it goes where it is
 * wanted. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/console.h"
#include "tui/dialog.h"
#include "tui/heat.h"
#include "tui/irq-guests.h"
#include "tui/irq-pivot.h"
#include "tui/pick.h"

#define NARROW_NODES 4 /* more nodes get narrower columns */
#define DETAIL_ROWS 2
#define GUESTS_PART 3 /* of the height at most a third is for VMs */
#define FIRST_SORT "total"

typedef struct {
    HvList *list;
    HvListColumn *columns; /* one per node among them */
    GPtrArray *titles;     /* of the nodes' columns */
    GArray *nodes;         /* that the columns were made for */
} Interrupts;

/* What the cells of one draw need. */
typedef struct {
    const HvPivot *pivot;
    const HvPivotIrq *irq;
} IrqCell;

/* ---- cells ---- */

static void
set_number(HvListCell *cell, double value)
{
    hv_text_number(cell->text, sizeof cell->text, value);
    cell->right = TRUE;
    cell->has_sort = TRUE;
    cell->sort = value;
}

static void
total_cell(const HvView *view G_GNUC_UNUSED, const HvListRow *row,
           const HvListColumn *column G_GNUC_UNUSED, HvListCell *cell)
{
    const IrqCell *data = row->data;

    set_number(cell, data->irq->total);
}

static void
node_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const IrqCell *data = row->data;
    const double value = data->irq->nodes[column->item], most = data->pivot->most;

    if (isnan(value)) {
        hv_cell_absent(cell, view);
        return;
    }
    set_number(cell, value);
    hv_heat_cell(cell, view, hv_heat_ratio(value, most));
}

static void
irq_cell(const HvView *view G_GNUC_UNUSED, const HvListRow *row, const HvListColumn *column,
         HvListCell *cell)
{
    const char *name = hv_pick_text(row->table, (int)row->row, column->name);
    guint64 number;

    g_strlcpy(cell->text, name ? name : "", sizeof cell->text);
    cell->right = TRUE;
    cell->has_sort =
        name && g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT32, &number, NULL);
    cell->sort = cell->has_sort ? (double)number : 0;
}

static void
name_cell(const HvView *view G_GNUC_UNUSED, const HvListRow *row,
          const HvListColumn *column G_GNUC_UNUSED, HvListCell *cell)
{
    const char *name = hv_pick_text(row->table, (int)row->row, "name");
    const char *device = hv_pick_text(row->table, (int)row->row, "device");

    if (device && *device && g_strcmp0(device, name) != 0)
        g_snprintf(cell->text, sizeof cell->text, "%s  %s", device, name ? name : "");
    else
        g_strlcpy(cell->text, name ? name : "", sizeof cell->text);
}

/* TRUE where none of @cpus is on @node. */
static gboolean
is_far(const HvTopology *topology, const char *cpus, int node)
{
    g_autoptr(HvSet) set = cpus ? hv_set_parse(cpus, NULL) : NULL;
    const HvTopoNode *found = topology ? hv_topology_node(topology, node) : NULL;

    return set && found && !hv_set_is_empty(found->cpus) && !hv_set_is_empty(set) &&
           !hv_set_intersects(found->cpus, set);
}

static void
device_node_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
                 HvListCell *cell)
{
    const char *effective = hv_pick_text(row->table, (int)row->row, "cpus_effective");
    guint64 node;

    hv_cell_value(cell, view, row->table, row->row, column->name, 0, 0);
    if (hv_pick_u64(row->table, (int)row->row, column->name, &node) &&
        is_far(view->now->topology, effective, (int)node))
        cell->role = HV_ROLE_WARM;
}

static gboolean
is_within(const char *inner, const char *outer)
{
    g_autoptr(HvSet) in = hv_set_parse(inner, NULL), out = hv_set_parse(outer, NULL);

    return !in || !out || hv_set_is_subset(in, out);
}

/* Effective is mostly one cpu of those wanted; one that is not wanted gets the mark. */
static void
affinity_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
              HvListCell *cell)
{
    const char *wanted = hv_pick_text(row->table, (int)row->row, column->name);
    const char *effective = hv_pick_text(row->table, (int)row->row, "cpus_effective");
    const char *arrow = hv_view_ascii(view) ? ">" : "→";

    if (!wanted) {
        hv_cell_value(cell, view, row->table, row->row, column->name, 0, 0);
        cell->right = FALSE;
    } else if (!effective || g_str_equal(wanted, effective)) {
        g_strlcpy(cell->text, wanted, sizeof cell->text);
    } else if (is_within(effective, wanted)) {
        g_snprintf(cell->text, sizeof cell->text, "%s%s%s", wanted, arrow, effective);
    } else {
        g_snprintf(cell->text, sizeof cell->text, "%s %s%s", hv_view_ascii(view) ? "!=" : "≠",
                   wanted, arrow);
        g_strlcat(cell->text, effective, sizeof cell->text);
        cell->role = HV_ROLE_HOT;
    }
}

/* ---- columns ---- */

static const HvListColumn irq_column = {
    .name = "irq", .title = N_("irq"), .width = 6, .ascending = TRUE, .cell = irq_cell
};
static const HvListColumn total_column = {
    .name = "total", .title = N_("total"), .width = 6, .letter = 'P', .cell = total_cell
};
static const HvListColumn affinity_column = { .name = "cpus_wanted",
                                              .title = N_("wanted→effective"),
                                              .width = 17,
                                              .left = TRUE,
                                              .ascending = TRUE,
                                              .grow = 1,
                                              .cell = affinity_cell };
static const HvListColumn device_node_column = { .name = "device_node",
                                                 .title = N_("dev"),
                                                 .width = 4,
                                                 .ascending = TRUE,
                                                 .cell = device_node_cell };
static const HvListColumn name_column = { .name = "name",
                                          .title = N_("device, name"),
                                          .width = 16,
                                          .left = TRUE,
                                          .ascending = TRUE,
                                          .letter = 'N',
                                          .grow = 2,
                                          .cell = name_cell };

/* The columns that are not nodes give way on narrow screens. */
static HvListColumn *
make_columns(const GArray *nodes, const GPtrArray *titles)
{
    HvListColumn *columns = g_new0(HvListColumn, nodes->len + 6), *next = columns;
    const int width = nodes->len > NARROW_NODES ? 5 : 7;
    const int base = 1 + 7 + 7 + (int)nodes->len * (width + 1) + 17;

    *next++ = irq_column;
    *next++ = total_column;
    for (guint i = 0; i < nodes->len; i++)
        *next++ = (HvListColumn){ .name = g_ptr_array_index(titles, i),
                                  .title = g_ptr_array_index(titles, i),
                                  .width = width,
                                  .item = (int)i,
                                  .cell = node_cell };
    *next = device_node_column;
    next++->min_columns = base + 5;
    *next = affinity_column;
    next++->min_columns = base + 5 + 18;
    *next = name_column;
    return columns;
}

static gboolean
is_same(const GArray *a, const GArray *b)
{
    gboolean is_equal = a->len == b->len;

    for (guint i = 0; is_equal && i < a->len; i++)
        is_equal = g_array_index(a, int, i) == g_array_index(b, int, i);
    return is_equal;
}

static GPtrArray *
make_titles(const GArray *nodes)
{
    GPtrArray *titles = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < nodes->len; i++) {
        const int node = g_array_index(nodes, int, i);

        g_ptr_array_add(titles,
                        node == HV_NO_NODE ? g_strdup("N?") : g_strdup_printf("N%d", node));
    }
    return titles;
}

/* Nodes come and go with hotplug: then the columns are made anew. The list lets go of the old
 * ones last. */
static void
adopt_nodes(Interrupts *self, const GArray *nodes)
{
    g_autoptr(GPtrArray) old_titles = NULL;
    g_autofree HvListColumn *old_columns = NULL;

    if (self->list && is_same(nodes, self->nodes))
        return;
    old_titles = self->titles;
    old_columns = self->columns;
    g_array_set_size(self->nodes, 0);
    g_array_append_vals(self->nodes, nodes->data, nodes->len);
    self->titles = make_titles(nodes);
    self->columns = make_columns(nodes, self->titles);
    if (self->list)
        hv_list_set_columns(self->list, self->columns);
    else
        self->list = hv_list_new(self->columns, FIRST_SORT);
}

/* ---- drawing ---- */

static void
draw_sums(const HvPivot *pivot, HvCanvas *canvas, int y)
{
    HvRun run = { canvas, 1, y, canvas->columns };
    char text[16];

    hv_run_add(&run, HV_ROLE_TITLE,
               pivot->is_rate ? _("interrupts per second") : _("interrupts since boot"));
    for (guint i = 0; i < pivot->nodes->len; i++) {
        const int node = g_array_index(pivot->nodes, int, i);

        hv_text_number(text, sizeof text, pivot->totals[i]);
        if (node == HV_NO_NODE)
            hv_run_addf(&run, HV_ROLE_TEXT, "N? %s", text);
        else
            hv_run_addf(&run, HV_ROLE_TEXT, "N%d %s", node, text);
    }
}

/* All of the cursor's row, where the columns cut it. */
static void
draw_detail(const HvView *view, const HvTable *table, int row, HvCanvas *canvas, int y)
{
    const HvTable *devices = hv_snapshot_table(view->now, "devices");
    const char *device = hv_pick_text(table, row, "device");
    const char *vm = hv_pick_text(devices, hv_pick_row(devices, device), "vm");
    const char *wanted = hv_pick_text(table, row, "cpus_wanted");
    const char *effective = hv_pick_text(table, row, "cpus_effective");
    HvRun run = { canvas, 1, y, canvas->columns };
    guint64 node, is_managed = 0;

    hv_run_addf(&run, HV_ROLE_TITLE, "irq %s", hv_pick_text(table, row, "irq"));
    if (hv_pick_text(table, row, "name"))
        hv_run_add(&run, HV_ROLE_TEXT, hv_pick_text(table, row, "name"));
    if (device && *device)
        hv_run_addf(&run, HV_ROLE_TEXT, _("device %s"), device);
    if (hv_pick_u64(table, row, "device_node", &node))
        hv_run_addf(&run, HV_ROLE_TEXT, _("near node %u"), (guint)node);
    if (vm && *vm)
        hv_run_addf(&run, HV_ROLE_TEXT, _("passed to %s"), vm);
    run = (HvRun){ canvas, 1, y + 1, canvas->columns };
    if (wanted)
        hv_run_addf(&run, HV_ROLE_TEXT, _("wanted on %s"), wanted);
    if (effective)
        hv_run_addf(&run, HV_ROLE_TEXT, _("effective on %s"), effective);
    if (hv_pick_u64(table, row, "managed", &is_managed) && is_managed)
        hv_run_add(&run, HV_ROLE_WARM, _("managed: the kernel does not let it be moved"));
}

static void
draw_rows(Interrupts *self, const HvView *view, HvCanvas *canvas, const HvPivot *pivot, int top,
          int bottom)
{
    const HvTable *table = hv_snapshot_table(view->now, "interrupts");
    const guint n = pivot->irqs->len;
    g_autofree HvListRow *rows = g_new0(HvListRow, n);
    g_autofree IrqCell *cells = g_new0(IrqCell, n);

    for (guint i = 0; i < n; i++) {
        const HvPivotIrq *irq = &g_array_index(pivot->irqs, HvPivotIrq, i);

        cells[i] = (IrqCell){ pivot, irq };
        rows[i] = (HvListRow){ .table = table,
                               .row = irq->row,
                               .data = &cells[i],
                               .item = (int)irq->row,
                               .key = hv_pick_text(table, (int)irq->row, "irq") };
    }
    hv_list_draw(self->list, view, canvas, rows, n, top, bottom);
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Interrupts *self = state;
    const HvTable *table = hv_snapshot_table(view->now, "interrupts");
    g_autoptr(HvPivot) pivot = hv_pivot_new(table);
    const int guests = hv_irq_guests_lines(view, (bottom - top) / GUESTS_PART);
    const int end = bottom - guests - (bottom - top - guests > 12 ? DETAIL_ROWS : 0);

    if (!pivot->irqs->len) {
        hv_canvas_printf(canvas, 1, top, HV_ROLE_ABSENT, _("no interrupts: %s"),
                         table && hv_table_why(table) ? hv_table_why(table)
                                                      : _("not read yet"));
        return;
    }
    adopt_nodes(self, pivot->nodes);
    draw_sums(pivot, canvas, top);
    draw_rows(self, view, canvas, pivot, top + 1, end);
    if (end < bottom - guests && hv_list_key(self->list))
        draw_detail(view, table, hv_list_item(self->list), canvas, end);
    if (guests)
        hv_irq_guests_draw(view, canvas, bottom - guests, bottom);
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    Interrupts *self = state;

    if (self->list && what->kind == HV_EVENT_KEY && what->key == 'A') {
        const HvEvent by_total = { .kind = HV_EVENT_KEY, .key = 'P' };

        return hv_list_event(self->list, view, &by_total);
    }
    if (self->list && what->kind == HV_EVENT_KEY &&
        (what->key == 'i' || what->key == HV_KEY_ENTER)) {
        if (hv_list_key(self->list))
            hv_dialog_irq(view->console, hv_list_key(self->list));
        return TRUE;
    }
    return self->list && hv_list_event(self->list, view, what);
}

static gpointer
create(void)
{
    Interrupts *self = g_new0(Interrupts, 1);

    self->nodes = g_array_new(FALSE, FALSE, sizeof(int));
    return self;
}

static void
destroy(gpointer state)
{
    Interrupts *self = state;

    hv_list_free(self->list);
    g_free(self->columns);
    g_clear_pointer(&self->titles, g_ptr_array_unref);
    g_array_free(self->nodes, TRUE);
    g_free(self);
}

static void
save(gpointer state, HvViewOut *out)
{
    const Interrupts *self = state;

    if (self->list)
        hv_list_save(self->list, out);
    else
        hv_view_put(out, "sort", FIRST_SORT);
}

static void
load(gpointer state, const HvViewIn *in)
{
    Interrupts *self = state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(int));

    if (!self->list)
        adopt_nodes(self, none);
    hv_list_load(self->list, in);
}

static const HvBinding bindings[] = {
    { 'i',
      N_("move it"),
      N_("where this interrupt may go; irqbalance"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_ENTER, NULL, NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

const HvScreen hv_screen_interrupts = {
    .name = "interrupts",
    .title = N_("Interrupts"),
    .number = 5,
    .help =
        N_("Interrupts by source and by the node that takes them, with their device, its node, "
           "the cpus wanted and those they go to."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
    .save = save,
    .load = load,
};
