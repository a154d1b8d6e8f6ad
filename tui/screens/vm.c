/* A VM's page: who it is, what it does, and each of its vCPUs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/text.h"
#include "tui/console.h"
#include "tui/list.h"
#include "tui/pick.h"
#include "tui/vm-memory.h"

#define SPARK_WIDTH 24
#define LABEL_WIDTH 10

/* ---- who it is ---- */

static void
add_text(HvRun *run, HvRole role, const char *label, const char *text)
{
    if (text && *text)
        hv_run_addf(run, role, "%s%s%s", label, *label ? " " : "", text);
}

/* A cell with its name before it; one without a value is left out. */
static void
add_cell(HvRun *run, const HvTable *vms, int row, const char *label, const char *column,
         double warm, double hot)
{
    const int at = hv_table_column(vms, column);
    char text[64];
    double value;

    if (!hv_table_f64(vms, (guint)row, at, &value))
        return;
    hv_text_cell(text, sizeof text, vms, (guint)row, at, run->canvas->ascii);
    hv_run_addf(run, hv_role_of(value, warm, hot), "%s %s", label, text);
}

static HvRun
begin_line(HvCanvas *canvas, int y, const char *label)
{
    hv_canvas_print(canvas, 1, y, HV_ROLE_DIM, label);
    return (HvRun){ canvas, 1 + LABEL_WIDTH, y, canvas->columns };
}

/* A line on which nothing is known says why, by the reason of its first column. */
static void
end_line(HvRun *run, const HvTable *vms, int row, const char *column)
{
    if (run->x == 1 + LABEL_WIDTH)
        hv_run_addf(run, HV_ROLE_ABSENT, "– %s",
                    hv_table_reason(vms, (guint)row, hv_table_column(vms, column)));
}

static void
draw_state(HvRun *run, const HvTable *vms, int row)
{
    const char *state = hv_pick_text(vms, row, "state");
    const char *why = hv_pick_text(vms, row, "state_reason");
    char age[16];
    double seconds;

    if (hv_pick_f64(vms, row, "not_answering_s", &seconds)) {
        hv_text_duration(age, sizeof age, (gint64)(seconds * 1e9));
        hv_run_addf(run, HV_ROLE_HOT, _("not answering for %s"), age);
    }
    if (state)
        hv_run_addf(run, g_str_equal(state, "running") ? HV_ROLE_GOOD : HV_ROLE_WARM,
                    "%s%s%s%s", _(state), why && *why ? " (" : "", why ? why : "",
                    why && *why ? ")" : "");
}

static int
draw_identity(const HvTable *vms, int row, HvCanvas *canvas, int y)
{
    HvRun run = { canvas, 1, y, canvas->columns };
    guint64 flag, pid;

    hv_run_add(&run, HV_ROLE_TITLE, hv_pick_text(vms, row, "vm"));
    draw_state(&run, vms, row);
    if (hv_pick_u64(vms, row, "pid", &pid))
        hv_run_addf(&run, HV_ROLE_TEXT, "pid %u", (guint)pid);
    add_cell(&run, vms, row, _("age"), "age_s", 0, 0);
    if (hv_pick_u64(vms, row, "tcg", &flag) && flag)
        hv_run_add(&run, HV_ROLE_WARM, _("emulated (TCG)"));
    if (hv_pick_u64(vms, row, "in_libvirt", &flag) && !flag)
        hv_run_add(&run, HV_ROLE_WARM, _("unknown to libvirt"));
    add_text(&run, HV_ROLE_TEXT, "", hv_pick_text(vms, row, "uuid"));
    return y + 1;
}

/* A line of its own only where there is something to say. */
static int
draw_owner(const HvTable *vms, int row, HvCanvas *canvas, int y)
{
    static const struct {
        const char *label, *column;
        HvRole role;
    } parts[] = {
        { N_("owner"), "owner", HV_ROLE_TEXT },
        { N_("job"), "job", HV_ROLE_WARM },
        { N_("encrypted by"), "launch_security", HV_ROLE_TEXT },
    };
    HvRun run = { canvas, 1 + LABEL_WIDTH, y, canvas->columns };

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        add_text(&run, parts[i].role, _(parts[i].label),
                 hv_pick_text(vms, row, parts[i].column));
    return run.x > 1 + LABEL_WIDTH ? y + 1 : y;
}

/* ---- where it is and what it does ---- */

static void
add_home(HvRun *run, const HvTable *vms, int row)
{
    const int home = hv_table_column(vms, "home_node");
    guint64 node;

    if (hv_pick_u64(vms, row, "home_node", &node))
        hv_run_addf(run, HV_ROLE_TEXT, _("memory on node %u"), (guint)node);
    else
        hv_run_addf(run, HV_ROLE_ABSENT, _("memory's node: %s"),
                    hv_table_reason(vms, (guint)row, home));
}

static int
draw_place(const HvTable *vms, int row, HvCanvas *canvas, int y)
{
    HvRun run = begin_line(canvas, y, _("placement"));

    add_text(&run, HV_ROLE_TEXT, _("ran on node"), hv_pick_text(vms, row, "nodes"));
    add_text(&run, HV_ROLE_TEXT, _("allowed"), hv_pick_text(vms, row, "cpus_allowed"));
    add_home(&run, vms, row);
    run = begin_line(canvas, y + 1, _("memory"));
    add_cell(&run, vms, row, _("given"), "memory_bytes", 0, 0);
    add_cell(&run, vms, row, _("resident"), "resident_bytes", 0, 0);
    add_cell(&run, vms, row, _("swapped"), "swap_bytes", 1, 1e9);
    add_cell(&run, vms, row, _("faults from disk/s"), "major_faults_per_s", 1, 100);
    return y + 2;
}

static int
draw_use(const HvView *view, const HvTable *vms, int row, HvCanvas *canvas, int y)
{
    HvRun run = begin_line(canvas, y, _("cpu"));
    HvListCell cell = { 0 };
    double n_vcpus = 0;

    hv_pick_f64(vms, row, "n_vcpus", &n_vcpus);
    hv_cell_spark(&cell, view, "vms", "cpu_ratio", view->vm, SPARK_WIDTH);
    if (cell.n_values) {
        hv_canvas_sparkline(canvas, run.x, y, SPARK_WIDTH, HV_ROLE_GRAPH, cell.values,
                            cell.n_values, (float)n_vcpus);
        run.x += SPARK_WIDTH + 2;
    }
    add_cell(&run, vms, row, _("used"), "cpu_ratio", 0, 0);
    add_cell(&run, vms, row, _("guest"), "guest_cpu_ratio", 0, 0);
    add_cell(&run, vms, row, _("overhead"), "overhead_ratio", 0.2, 0.5);
    add_cell(&run, vms, row, _("emulator"), "emulator_ratio", 0, 0);
    add_cell(&run, vms, row, _("vhost"), "vhost_ratio", 0, 0);
    end_line(&run, vms, row, "cpu_ratio");
    run = begin_line(canvas, y + 1, _("suffers"));
    add_cell(&run, vms, row, _("worst wait"), "wait_max_ratio", 0.05, 0.2);
    add_cell(&run, vms, row, _("of vCPU"), "wait_max_vcpu", 0, 0);
    add_cell(&run, vms, row, _("throttled"), "throttled_ratio", 0.01, 0.05);
    add_cell(&run, vms, row, _("halt-poll"), "halt_poll_ratio", 0, 0);
    add_cell(&run, vms, row, _("tap drops/s"), "tap_drops_per_s", 1, 100);
    end_line(&run, vms, row, "wait_max_ratio");
    run = begin_line(canvas, y + 2, _("pressure"));
    add_cell(&run, vms, row, _("cpu"), "psi_cpu_some_ratio", 0.1, 0.4);
    add_cell(&run, vms, row, _("mem"), "psi_memory_some_ratio", 0.05, 0.2);
    add_cell(&run, vms, row, _("io"), "psi_io_some_ratio", 0.1, 0.4);
    end_line(&run, vms, row, "psi_cpu_some_ratio");
    return y + 3;
}

static int
draw_memory(const HvView *view, const HvTable *vms, int row, HvCanvas *canvas, int y)
{
    const char *vm = hv_pick_text(vms, row, "vm");
    HvRun run = begin_line(canvas, y, _("resident"));

    hv_vm_draw_residency(view, vm, &run);
    run = begin_line(canvas, y + 1, _("traffic"));
    hv_vm_draw_traffic(view, vm, &run);
    return y + 2;
}

/* ---- its vCPUs ---- */

/* The row of the whole VM stands first and shows columns of table vms. */
static const char *
column_of(const HvListRow *row, const HvListColumn *column)
{
    return row->first ? column->child : column->name;
}

static void
name_cell(const HvView *view G_GNUC_UNUSED, const HvListRow *row,
          const HvListColumn *column G_GNUC_UNUSED, HvListCell *cell)
{
    if (row->first)
        g_strlcpy(cell->text, _("whole VM"), sizeof cell->text);
    else
        g_snprintf(cell->text, sizeof cell->text, "vCPU %d", row->item);
    cell->has_sort = TRUE;
    cell->sort = row->item;
}

static void
value_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
           HvListCell *cell)
{
    const char *name = column_of(row, column);

    if (name)
        hv_cell_value(cell, view, row->table, row->row, name, column->warm, column->hot);
}

static void
percent_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
             HvListCell *cell)
{
    const char *name = column_of(row, column);

    if (name)
        hv_cell_percent(cell, view, row->table, row->row, name, column->warm, column->hot);
}

/* Where the kernel's and the definition's differ, a mark says so. */
static void
defined_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
             HvListCell *cell)
{
    const char *allowed = hv_pick_text(row->table, (int)row->row, "cpus_allowed");
    const char *defined = hv_pick_text(row->table, (int)row->row, "cpus_defined");

    if (row->first)
        return;
    if (!defined) {
        value_cell(view, row, column, cell);
        cell->right = FALSE;
        return;
    }
    if (!allowed || g_str_equal(allowed, defined)) {
        g_strlcpy(cell->text, defined, sizeof cell->text);
        cell->role = HV_ROLE_DIM;
        return;
    }
    g_snprintf(cell->text, sizeof cell->text, "%s%s", hv_view_ascii(view) ? "!=" : "≠",
               defined);
    cell->role = HV_ROLE_WARM;
}

/* The row of a vCPU, or the VM, in a table that has its own. */
static int
row_in(const HvView *view, const HvListRow *row, const char *vcpu_table, const char *vm_table,
       const HvTable **table)
{
    *table = hv_snapshot_table(view->now, row->first ? vm_table : vcpu_table);
    return hv_pick_row(*table, row->key);
}

static void
remote_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
            HvListCell *cell)
{
    const HvTable *table;
    const int at = row_in(view, row, "vcpu_traffic", "traffic", &table);

    if (at < 0)
        hv_cell_absent(cell, view);
    else
        hv_cell_percent(cell, view, table, (guint)at, column->name, column->warm, column->hot);
}

static void
group_cell(const HvView *view, const HvListRow *row, const HvListColumn *column G_GNUC_UNUSED,
           HvListCell *cell)
{
    const HvTable *table;
    const int at = row_in(view, row, "vm_groups", "vm_groups", &table);
    const char *group = hv_pick_text(table, at, "group");

    if (group)
        g_strlcpy(cell->text, group, sizeof cell->text);
    else if (!row->first)
        hv_cell_absent(cell, view);
    cell->right = FALSE;
}

static const HvListColumn columns[] = {
    { .name = "vcpu",
      .title = N_("vCPU"),
      .width = 9,
      .letter = 'N',
      .left = TRUE,
      .ascending = TRUE,
      .cell = name_cell },
    { .name = "cpu", .title = N_("on cpu"), .width = 6, .ascending = TRUE, .cell = value_cell },
    { .name = "node",
      .child = "nodes",
      .title = N_("node"),
      .width = 5,
      .ascending = TRUE,
      .cell = value_cell },
    { .name = "run_ratio",
      .child = "cpu_ratio",
      .title = N_("run%"),
      .width = 6,
      .letter = 'P',
      .cell = percent_cell },
    { .name = "guest_ratio",
      .child = "guest_cpu_ratio",
      .title = N_("gst%"),
      .width = 6,
      .cell = percent_cell },
    { .name = "system_ratio",
      .title = N_("sys%"),
      .width = 5,
      .warm = 0.2,
      .hot = 0.5,
      .min_columns = 62,
      .cell = percent_cell },
    { .name = "wait_ratio",
      .child = "wait_max_ratio",
      .title = N_("wait%"),
      .width = 6,
      .letter = 'A',
      .warm = 0.05,
      .hot = 0.2,
      .cell = percent_cell },
    { .name = "remote_ratio",
      .title = N_("rem%"),
      .width = 4,
      .warm = 0.2,
      .hot = 0.5,
      .min_columns = 78,
      .cell = remote_cell },
    { .name = "switches_per_s",
      .child = "ctx_switches_per_s",
      .title = N_("switch/s"),
      .width = 8,
      .min_columns = 86,
      .cell = value_cell },
    { .name = "cpus_allowed",
      .child = "cpus_allowed",
      .title = N_("allowed"),
      .width = 9,
      .left = TRUE,
      .grow = 1,
      .cell = value_cell },
    { .name = "cpus_defined",
      .title = N_("defined"),
      .width = 9,
      .left = TRUE,
      .grow = 1,
      .cell = defined_cell },
    { .name = "group",
      .title = N_("group"),
      .width = 10,
      .left = TRUE,
      .ascending = TRUE,
      .min_columns = 116,
      .cell = group_cell },
    { .name = "state",
      .title = N_("state"),
      .width = 10,
      .left = TRUE,
      .min_columns = 96,
      .cell = value_cell },
    { .name = "tid",
      .child = "pid",
      .title = N_("thread"),
      .width = 8,
      .min_columns = 106,
      .cell = value_cell },
    { 0 },
};

static GArray *
find_rows(const HvView *view, int vm_row)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const HvTable *vcpus = hv_snapshot_table(view->now, "vcpus");
    g_autofree char *prefix = g_strconcat(view->vm, "/", NULL);
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(HvListRow));
    const HvListRow whole = {
        .table = vms, .row = (guint)vm_row, .key = view->vm, .first = TRUE, .item = -1
    };

    g_array_append_val(rows, whole);
    for (guint i = 0; vcpus && i < hv_table_n_rows(vcpus); i++) {
        HvListRow row = { .table = vcpus, .row = i, .key = hv_table_row_key(vcpus, i) };
        guint64 vcpu;

        if (!g_str_has_prefix(row.key, prefix) || !hv_pick_u64(vcpus, (int)i, "vcpu", &vcpu))
            continue;
        row.item = (int)vcpu;
        g_array_append_val(rows, row);
    }
    return rows;
}

/* The cursor is on what is selected; where that is not shown, what it is on becomes so. */
static void
draw_vcpus(HvList *list, const HvView *view, HvCanvas *canvas, int vm_row, int top, int bottom)
{
    g_autoptr(GArray) rows = find_rows(view, vm_row);
    g_autofree char *key =
        view->vcpu < 0 ? g_strdup(view->vm) : g_strdup_printf("%s/%d", view->vm, view->vcpu);

    if (g_strcmp0(hv_list_key(list), key) != 0)
        hv_list_set_key(list, key);
    hv_list_draw(list, view, canvas, (const HvListRow *)(gpointer)rows->data, rows->len, top,
                 bottom);
    if (hv_list_item(list) != view->vcpu)
        hv_console_select_vcpu(view->console, view->vm, hv_list_item(list));
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const int row = hv_pick_row(vms, view->vm);
    int y;

    if (row < 0) {
        hv_canvas_printf(canvas, 1, top, HV_ROLE_WARM, _("%s: no such VM any more"),
                         view->vm ? view->vm : "–");
        return;
    }
    hv_console_see(view->console, view->vm);
    y = draw_identity(vms, row, canvas, top);
    y = draw_owner(vms, row, canvas, y);
    y = draw_place(vms, row, canvas, y);
    y = draw_memory(view, vms, row, canvas, y);
    y = draw_use(view, vms, row, canvas, y);
    draw_vcpus(state, view, canvas, row, bottom - y > 8 ? y + 1 : y, bottom);
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    HvList *list = state;

    if (!hv_list_event(list, view, what))
        return FALSE;
    hv_console_select_vcpu(view->console, view->vm, hv_list_item(list));
    return TRUE;
}

static gpointer
create(void)
{
    return hv_list_new(columns, "vcpu");
}

static void
destroy(gpointer state)
{
    hv_list_free(state);
}

static void
save(gpointer state, HvViewOut *out)
{
    hv_list_save(state, out);
}

static void
load(gpointer state, const HvViewIn *in)
{
    hv_list_load(state, in);
}

static const HvBinding bindings[] = {
    { HV_KEY_ENTER,
      NULL,
      N_("where the vCPU, or the whole VM, may run"),
      { .verb = HV_DO_AFFINITY } },
    { 0 },
};

const HvScreen hv_screen_vm = {
    .name = "vm",
    .title = N_("VM"),
    .help =
        N_("One VM: identity, placement, pressure, and each vCPU with where it may run. Its "
           "first row is the VM as a whole."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
    .save = save,
    .load = load,
};
