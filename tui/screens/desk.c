/* The Desk: the machine, the VMs worst first, what is wrong. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/affinity-check.h"
#include "tui/console.h"
#include "tui/desk.h"
#include "tui/list.h"
#include "tui/pick.h"

typedef struct {
    HvList *list;
    GHashTable *unfolded; /* keys of VMs whose vCPUs are shown */
} Desk;

/* ---- cells ---- */

static void
name_cell(const HvView *view G_GNUC_UNUSED, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    guint64 vcpu = 0;

    if (row->child) {
        hv_pick_u64(row->table, (int)row->row, "vcpu", &vcpu);
        g_snprintf(cell->text, sizeof cell->text, "  vCPU %u", (guint)vcpu);
        return;
    }
    g_strlcpy(cell->text, hv_pick_text(row->table, (int)row->row, column->name),
              sizeof cell->text);
}

static void
percent_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
             HvListCell *cell)
{
    const char *name = row->child ? column->child : column->name;

    if (name)
        hv_cell_percent(cell, view, row->table, row->row, name, column->warm, column->hot);
}

/* Text that is all blanks is no text: a value that is there but says nothing. */
static void
text_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    if (!row->child)
        hv_cell_value(cell, view, row->table, row->row, column->name, column->warm,
                      column->hot);
}

static gboolean
is_silent(const HvListRow *row, double *seconds)
{
    return !row->child && hv_pick_f64(row->table, (int)row->row, "not_answering_s", seconds);
}

static void
pins_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const char *cpus = hv_pick_text(row->table, (int)row->row, column->name);
    const char *defined = hv_pick_text(row->table, (int)row->row, "cpus_defined");
    char age[16];
    double seconds;

    if (is_silent(row, &seconds)) {
        hv_text_duration(age, sizeof age, (gint64)(seconds * 1e9));
        g_snprintf(cell->text, sizeof cell->text, _("not answering %s"), age);
        cell->role = HV_ROLE_HOT;
        cell->spills = TRUE;
    } else if (!cpus) {
        hv_cell_absent(cell, view);
    } else if (view->now->topology && !hv_affinity_is_pinned(view->now->topology, cpus)) {
        g_strlcpy(cell->text, _("any"), sizeof cell->text);
        cell->role = HV_ROLE_DIM;
    } else {
        g_strlcpy(cell->text, cpus, sizeof cell->text);
    }
    if (row->child && cpus && defined && !g_str_equal(cpus, defined))
        cell->role = HV_ROLE_WARM;
}

static HvRole
role_of_state(const char *state)
{
    if (g_str_has_prefix(state, "running"))
        return HV_ROLE_TEXT;
    return g_str_has_prefix(state, "crashed") ? HV_ROLE_HOT : HV_ROLE_WARM;
}

/* The state, why it is so where that is not the usual, and the job under way. */
static void
state_cell(const HvView *view, const HvListRow *row, const HvListColumn *column G_GNUC_UNUSED,
           HvListCell *cell)
{
    const int at = (int)row->row;
    const char *state = hv_pick_text(row->table, at, "state");
    const char *why = hv_pick_text(row->table, at, "state_reason");
    const char *job = hv_pick_text(row->table, at, "job");
    guint64 cpu;

    if (row->child) {
        if (hv_pick_u64(row->table, at, "cpu", &cpu))
            g_snprintf(cell->text, sizeof cell->text, _("on cpu %u"), (guint)cpu);
        cell->role = HV_ROLE_DIM;
        return;
    }
    if (!state) {
        hv_cell_absent(cell, view);
        cell->right = FALSE;
        return;
    }
    cell->role = role_of_state(state);
    if (job && *job)
        g_snprintf(cell->text, sizeof cell->text, "%s", job);
    else if (why && *why && cell->role != HV_ROLE_TEXT)
        g_snprintf(cell->text, sizeof cell->text, "%s: %s", _(state), why);
    else
        g_strlcpy(cell->text, _(state), sizeof cell->text);
}

static void
spark_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
           HvListCell *cell)
{
    double n_vcpus;

    if (row->child)
        return;
    hv_cell_spark(cell, view, "vms", "cpu_ratio", row->key, column->width);
    if (hv_pick_f64(row->table, (int)row->row, "n_vcpus", &n_vcpus))
        cell->most = (float)n_vcpus;
}

static const HvListColumn columns[] = {
    { .name = "vm",
      .title = N_("VM"),
      .width = 14,
      .letter = 'N',
      .left = TRUE,
      .grow = 1,
      .ascending = TRUE,
      .cell = name_cell },
    { .name = "worst", .title = N_("worst"), .letter = 'A' },
    { .name = "n_vcpus", .title = N_("vcpu"), .width = 4, .cell = text_cell },
    { .name = "cpu_ratio",
      .child = "run_ratio",
      .title = N_("cpu%"),
      .width = 5,
      .letter = 'P',
      .cell = percent_cell },
    { .name = "guest_cpu_ratio",
      .child = "guest_ratio",
      .title = N_("gst%"),
      .width = 5,
      .min_columns = 74,
      .cell = percent_cell },
    { .name = "wait_max_ratio",
      .child = "wait_ratio",
      .title = N_("wait%"),
      .width = 5,
      .warm = 0.05,
      .hot = 0.2,
      .cell = percent_cell },
    { .name = "throttled_ratio",
      .title = N_("thr"),
      .width = 4,
      .min_columns = 60,
      .warm = 0.01,
      .hot = 0.05,
      .cell = percent_cell },
    { .name = "halt_poll_ratio",
      .title = N_("hp"),
      .width = 4,
      .min_columns = 80,
      .cell = percent_cell },
    { .name = "overhead_ratio",
      .title = N_("ovh"),
      .width = 4,
      .min_columns = 68,
      .warm = 0.2,
      .hot = 0.5,
      .cell = percent_cell },
    { .name = "emulator_ratio",
      .title = N_("emul"),
      .width = 5,
      .min_columns = 104,
      .cell = percent_cell },
    { .name = "vhost_ratio",
      .title = N_("vhost"),
      .width = 5,
      .min_columns = 104,
      .cell = percent_cell },
    { .name = "psi_cpu_some_ratio",
      .title = N_("psi c"),
      .width = 5,
      .min_columns = 123,
      .warm = 0.1,
      .hot = 0.4,
      .cell = percent_cell },
    { .name = "psi_memory_some_ratio",
      .title = N_("mem"),
      .width = 5,
      .min_columns = 123,
      .warm = 0.05,
      .hot = 0.2,
      .cell = percent_cell },
    { .name = "psi_io_some_ratio",
      .title = N_("io"),
      .width = 5,
      .min_columns = 123,
      .warm = 0.1,
      .hot = 0.4,
      .cell = percent_cell },
    { .name = "memory_bytes",
      .title = N_("memory"),
      .width = 6,
      .min_columns = 90,
      .letter = 'M',
      .cell = text_cell },
    { .name = "cpu history",
      .title = N_("cpu"),
      .width = 12,
      .min_columns = 146,
      .left = TRUE,
      .cell = spark_cell },
    { .name = "nodes", .child = "node", .title = N_("node"), .width = 6, .left = TRUE },
    { .name = "cpus_allowed",
      .child = "cpus_allowed",
      .title = N_("pins"),
      .width = 8,
      .left = TRUE,
      .min_columns = 54,
      .ascending = TRUE,
      .cell = pins_cell },
    { .name = "state",
      .title = N_("state"),
      .width = 10,
      .left = TRUE,
      .grow = 1,
      .ascending = TRUE,
      .cell = state_cell },
    { .name = "age_s", .title = N_("age"), .width = 7, .min_columns = 132, .cell = text_cell },
    { .name = "owner",
      .title = N_("owner"),
      .width = 12,
      .min_columns = 160,
      .left = TRUE,
      .ascending = TRUE,
      .cell = text_cell },
    { 0 },
};

/* ---- rows ---- */

static void
add_vcpus(GArray *rows, const HvSnapshot *now, const char *vm)
{
    const HvTable *vcpus = hv_snapshot_table(now, "vcpus");
    g_autofree char *prefix = g_strconcat(vm, "/", NULL);

    for (guint i = 0; vcpus && i < hv_table_n_rows(vcpus); i++) {
        const HvListRow row = { .table = vcpus,
                                .row = i,
                                .key = hv_table_row_key(vcpus, i),
                                .child = TRUE,
                                .item = (int)i };

        if (g_str_has_prefix(row.key, prefix))
            g_array_append_val(rows, row);
    }
}

static GArray *
find_rows(const Desk *desk, const HvView *view)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(HvListRow));

    for (guint i = 0; vms && i < hv_table_n_rows(vms); i++) {
        const HvListRow row = {
            .table = vms, .row = i, .key = hv_table_row_key(vms, i), .item = -1
        };

        g_array_append_val(rows, row);
        if (g_hash_table_contains(desk->unfolded, row.key))
            add_vcpus(rows, view->now, row.key);
    }
    return rows;
}

/* ---- what is selected and the cursor are one ---- */

static char *
selected_key(const HvView *view)
{
    return view->vcpu < 0 || !view->vm ? g_strdup(view->vm)
                                       : g_strdup_printf("%s/%d", view->vm, view->vcpu);
}

static void
select_row(const Desk *desk, const HvView *view)
{
    const char *key = hv_list_key(desk->list), *slash = key ? strrchr(key, '/') : NULL;
    g_autofree char *vm = slash ? g_strndup(key, (gsize)(slash - key)) : g_strdup(key);

    if (slash)
        hv_console_select_vcpu(view->console, vm, (int)g_ascii_strtoull(slash + 1, NULL, 10));
    else if (vm)
        hv_console_select_vm(view->console, vm);
}

/* The row of what is selected; of its VM where its vCPUs are folded. */
static void
put_cursor(const Desk *desk, const HvView *view)
{
    g_autofree char *key = selected_key(view);

    if (view->vm && view->vcpu >= 0 && !g_hash_table_contains(desk->unfolded, view->vm))
        hv_list_set_key(desk->list, view->vm);
    else if (key && g_strcmp0(hv_list_key(desk->list), key) != 0)
        hv_list_set_key(desk->list, key);
}

/* Where the row of what was selected is not shown, the one under the cursor is. */
static void
adopt_cursor(const Desk *desk, const HvView *view)
{
    g_autofree char *key = selected_key(view);

    if (hv_list_key(desk->list) && g_strcmp0(hv_list_key(desk->list), key) != 0)
        select_row(desk, view);
}

/* The VMs of the rows on screen, vCPUs' too. */
static void
see_rows(const Desk *desk, const HvView *view)
{
    const char *key;

    for (guint line = 0; (key = hv_list_line_key(desk->list, line)); line++) {
        const char *slash = strchr(key, '/');
        g_autofree char *vm = slash ? g_strndup(key, (gsize)(slash - key)) : g_strdup(key);

        hv_console_see(view->console, vm);
    }
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Desk *desk = state;
    const int height = bottom - top;
    g_autoptr(GArray) rows = find_rows(desk, view);
    int y = hv_desk_top(view, canvas, top, MAX(height / 4, 2)), end;

    end = hv_desk_foot(view, canvas, bottom, height / 5);
    if (height > 14)
        y++;
    if (!rows->len) {
        hv_desk_nobody(view, canvas, y, end);
        return;
    }
    put_cursor(desk, view);
    hv_list_draw(desk->list, view, canvas, (const HvListRow *)(gpointer)rows->data, rows->len,
                 y, end < bottom && height > 14 ? end - 1 : end);
    see_rows(desk, view);
    adopt_cursor(desk, view);
}

/* ---- keys ---- */

static gboolean
fold(Desk *desk, const HvView *view)
{
    if (!view->vm)
        return TRUE;
    if (!g_hash_table_remove(desk->unfolded, view->vm))
        g_hash_table_add(desk->unfolded, g_strdup(view->vm));
    return TRUE;
}

static gboolean
tag(Desk *desk, const HvView *view)
{
    const HvEvent down = { .kind = HV_EVENT_KEY, .key = HV_KEY_DOWN };

    hv_console_do(view->console, &(HvAction){ .verb = HV_DO_TAG });
    hv_list_event(desk->list, view, &down);
    select_row(desk, view);
    return TRUE;
}

static gboolean
open_page(const HvView *view)
{
    return hv_console_do(view->console, &(HvAction){ .verb = HV_DO_VM_PAGE });
}

static gboolean
press(Desk *desk, const HvView *view, guint key)
{
    switch (key) {
    case HV_KEY_ENTER:
        return open_page(view);
    case HV_KEY_F5:
    case 'e':
        return fold(desk, view);
    case ' ':
        return tag(desk, view);
    default:
        return FALSE;
    }
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    Desk *desk = state;

    if (hv_list_event(desk->list, view, what)) {
        select_row(desk, view);
        return TRUE;
    }
    if (what->kind == HV_EVENT_KEY)
        return press(desk, view, what->key);
    if (what->kind == HV_EVENT_MOUSE && what->mouse == HV_MOUSE_PRESS &&
        hv_list_is_on_cursor(desk->list, what->y))
        return open_page(view);
    return FALSE;
}

static gpointer
create(void)
{
    Desk *desk = g_new0(Desk, 1);

    desk->list = hv_list_new(columns, "worst");
    desk->unfolded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return desk;
}

static void
destroy(gpointer state)
{
    Desk *desk = state;

    hv_list_free(desk->list);
    g_hash_table_unref(desk->unfolded);
    g_free(desk);
}

static const HvBinding bindings[] = {
    { HV_KEY_ENTER, N_("VM"), N_("the VM's page"), { .verb = HV_DO_EVENT } },
    { HV_KEY_F5, N_("vCPUs"), N_("unfold or fold the VM's vCPUs"), { .verb = HV_DO_EVENT } },
    { 'e', NULL, NULL, { .verb = HV_DO_EVENT } },
    { ' ',
      NULL,
      N_("tag the VM: a change then applies to all tagged"),
      { .verb = HV_DO_EVENT } },
    { 0 },
};

const HvScreen hv_screen_desk = {
    .name = "desk",
    .title = N_("Desk"),
    .number = 1,
    .help =
        N_("The machine's nodes and pressure, one row per VM with the worst first, and what is "
           "wrong."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
};
