/* The columns of the Desk's list, and what stands in them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/affinity-check.h"
#include "tui/desk.h"
#include "tui/node-name.h"
#include "tui/pick.h"
#include "tui/vm-cache.h"

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

    if (!cpus) {
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
    if (g_str_equal(state, "unknown"))
        return HV_ROLE_DIM;
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
    else if (why && *why && (cell->role == HV_ROLE_WARM || cell->role == HV_ROLE_HOT))
        g_snprintf(cell->text, sizeof cell->text, "%s: %s", _(state), why);
    else
        g_strlcpy(cell->text, _(state), sizeof cell->text);
}

/* A VM that does not answer, does not run or is under way says that instead of the rest. */
static gboolean
says_state(const HvView *view, const HvListRow *row, HvListCell *cell)
{
    const char *state = hv_pick_text(row->table, (int)row->row, "state");
    const char *job = hv_pick_text(row->table, (int)row->row, "job");
    char age[16];
    double seconds;

    if (is_silent(row, &seconds)) {
        hv_text_duration(age, sizeof age, (gint64)(seconds * 1e9));
        g_snprintf(cell->text, sizeof cell->text, _("not answering %s"), age);
        cell->role = HV_ROLE_HOT;
    } else if (state && (role_of_state(state) == HV_ROLE_WARM ||
                         role_of_state(state) == HV_ROLE_HOT || (job && *job))) {
        state_cell(view, row, NULL, cell);
    } else {
        return FALSE;
    }
    cell->spills = TRUE;
    return TRUE;
}

/* On a single node the pins carry what the place does on several. */
static void
pins_or_state_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
                   HvListCell *cell)
{
    double seconds;

    if (is_silent(row, &seconds))
        says_state(view, row, cell);
    else
        pins_cell(view, row, column, cell);
}

static void
place_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
           HvListCell *cell)
{
    if (row->child)
        state_cell(view, row, column, cell);
    else if (!says_state(view, row, cell) &&
             hv_node_route(cell->text, sizeof cell->text, view->now->topology, row->table,
                           (int)row->row, hv_view_ascii(view)))
        cell->role = HV_ROLE_WARM;
}

/* The row of the VM, or vCPU, in the table of its traffic. */
static int
find_traffic(const HvView *view, const HvListRow *row, const HvTable **table)
{
    *table = hv_snapshot_table(view->now, row->child ? "vcpu_traffic" : "traffic");
    return hv_pick_row(*table, row->key);
}

static void
remote_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
            HvListCell *cell)
{
    const HvTable *table;
    const int at = find_traffic(view, row, &table);

    if (at >= 0)
        hv_cell_percent(cell, view, table, (guint)at, column->name, column->warm, column->hot);
    else if (!row->child)
        hv_cell_absent(cell, view);
}

static void
remote_spark_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
                  HvListCell *cell)
{
    if (row->child)
        return;
    hv_cell_spark(cell, view, "traffic", "remote_ratio", row->key, column->width);
    cell->most = 1;
}

/* "38.1G": bytes per second, as the head says. */
static void
traffic_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
             HvListCell *cell)
{
    const HvTable *table;
    const int at = find_traffic(view, row, &table);
    char number[16];

    if (at < 0) {
        if (!row->child)
            hv_cell_absent(cell, view);
        return;
    }
    hv_cell_value(cell, view, table, (guint)at, column->name, 0, 0);
    if (!cell->has_sort)
        return;
    hv_text_number(number, sizeof number, cell->sort);
    g_snprintf(
        cell->text, sizeof cell->text, "%s%s",
        hv_cell_sign(hv_table_mark(table, (guint)at, hv_table_column(table, column->name)),
                     hv_view_ascii(view)),
        number);
}

static void
held_cell(const HvView *view, const HvListRow *row, const HvListColumn *column G_GNUC_UNUSED,
          HvListCell *cell)
{
    const HvVmCache *cache = row->data;
    const gboolean ascii = hv_view_ascii(view);
    char bytes[16];

    if (row->child)
        return;
    if (!cache || !cache->has_held) {
        hv_cell_absent(cell, view);
        if (cache && cache->mark == HV_MARK_UNAVAILABLE)
            g_strlcpy(cell->text, "?", sizeof cell->text);
        return;
    }
    hv_text_bytes(bytes, sizeof bytes, cache->held_bytes);
    g_snprintf(cell->text, sizeof cell->text, "%s%s%s", hv_cell_sign(cache->mark, ascii), bytes,
               !cache->is_warming ? ""
               : ascii            ? "^"
                                  : "↑");
    cell->right = cell->has_sort = TRUE;
    cell->sort = cache->held_bytes;
}

static void
group_cell(const HvView *view, const HvListRow *row, const HvListColumn *column G_GNUC_UNUSED,
           HvListCell *cell)
{
    const HvVmCache *cache = row->data;
    const HvTable *groups = hv_snapshot_table(view->now, "vm_groups");
    const char *group = row->child
                            ? hv_pick_text(groups, hv_pick_row(groups, row->key), "group")
                        : cache ? cache->group
                                : NULL;

    if (!row->child && cache && cache->is_mixed)
        group = _("mixed");
    if (group)
        g_strlcpy(cell->text, group, sizeof cell->text);
    else if (!row->child)
        hv_cell_absent(cell, view);
    cell->right = FALSE;
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

/* ---- columns ---- */

/* A column, and where it stands: @nodes is the least width of a screen that shows several
 * nodes, the column's own that of a screen of one. */
typedef struct {
    HvListColumn column;
    HvDeskKind needs, hides;
    int nodes;
} Entry;

#define CACHE_WIDTH 16 /* of the two columns of caches with their gaps */

static const Entry entries[] = {
    { .column = { .name = "vm",
                  .title = N_("VM"),
                  .width = 14,
                  .letter = 'N',
                  .left = TRUE,
                  .grow = 1,
                  .ascending = TRUE,
                  .cell = name_cell } },
    { .column = { .name = "worst", .title = N_("worst"), .letter = 'A' } },
    { .column = { .name = "n_vcpus", .title = N_("vcpu"), .width = 4, .cell = text_cell },
      .nodes = 56 },
    { .column = { .name = "cpu_ratio",
                  .child = "run_ratio",
                  .title = N_("cpu%"),
                  .width = 5,
                  .letter = 'P',
                  .cell = percent_cell } },
    { .column = { .name = "guest_cpu_ratio",
                  .child = "guest_ratio",
                  .title = N_("gst%"),
                  .width = 5,
                  .min_columns = 74,
                  .cell = percent_cell },
      .nodes = 86 },
    { .column = { .name = "wait_max_ratio",
                  .child = "wait_ratio",
                  .title = N_("wait%"),
                  .width = 5,
                  .warm = 0.05,
                  .hot = 0.2,
                  .cell = percent_cell } },
    { .column = { .name = "throttled_ratio",
                  .title = N_("thr"),
                  .width = 4,
                  .min_columns = 60,
                  .warm = 0.01,
                  .hot = 0.05,
                  .cell = percent_cell },
      .nodes = 91 },
    { .column = { .name = "halt_poll_ratio",
                  .title = N_("hp"),
                  .width = 4,
                  .min_columns = 80,
                  .cell = percent_cell },
      .nodes = 96 },
    { .column = { .name = "overhead_ratio",
                  .title = N_("ovh"),
                  .width = 4,
                  .min_columns = 68,
                  .warm = 0.2,
                  .hot = 0.5,
                  .cell = percent_cell },
      .nodes = 101 },
    { .column = { .name = "emulator_ratio",
                  .title = N_("emul"),
                  .width = 5,
                  .min_columns = 104,
                  .cell = percent_cell },
      .nodes = 166 },
    { .column = { .name = "vhost_ratio",
                  .title = N_("vhost"),
                  .width = 5,
                  .min_columns = 104,
                  .cell = percent_cell },
      .nodes = 166 },
    { .column = { .name = "psi_cpu_some_ratio",
                  .title = N_("psi c"),
                  .width = 5,
                  .min_columns = 123,
                  .warm = 0.1,
                  .hot = 0.4,
                  .cell = percent_cell },
      .nodes = 154 },
    { .column = { .name = "psi_memory_some_ratio",
                  .title = N_("mem"),
                  .width = 5,
                  .min_columns = 123,
                  .warm = 0.05,
                  .hot = 0.2,
                  .cell = percent_cell },
      .nodes = 154 },
    { .column = { .name = "psi_io_some_ratio",
                  .title = N_("io"),
                  .width = 5,
                  .min_columns = 123,
                  .warm = 0.1,
                  .hot = 0.4,
                  .cell = percent_cell },
      .nodes = 154 },
    { .column = { .name = "memory_bytes",
                  .title = N_("memory"),
                  .width = 6,
                  .min_columns = 90,
                  .letter = 'M',
                  .cell = text_cell },
      .nodes = 108 },
    { .column = { .name = "cpu history",
                  .title = N_("cpu"),
                  .width = 12,
                  .min_columns = 146,
                  .left = TRUE,
                  .cell = spark_cell },
      .nodes = 187 },
    { .column = { .name = "place",
                  .title = N_("cpus→mem"),
                  .width = 8,
                  .left = TRUE,
                  .ascending = TRUE,
                  .cell = place_cell },
      .needs = HV_DESK_NODES },
    { .column = { .name = "remote_ratio",
                  .title = N_("remote"),
                  .width = 6,
                  .warm = 0.2,
                  .hot = 0.5,
                  .cell = remote_cell },
      .needs = HV_DESK_NODES },
    { .column = { .name = "remote history",
                  .title = "",
                  .width = 6,
                  .left = TRUE,
                  .cell = remote_spark_cell },
      .needs = HV_DESK_NODES,
      .nodes = 80 },
    { .column = { .name = "remote_bytes_per_s",
                  .title = N_("remB/s"),
                  .width = 7,
                  .cell = traffic_cell },
      .needs = HV_DESK_NODES,
      .nodes = 116 },
    { .column = { .name = "local_bytes_per_s",
                  .title = N_("locB/s"),
                  .width = 6,
                  .cell = traffic_cell },
      .needs = HV_DESK_NODES,
      .nodes = 72 },
    { .column = { .name = "held",
                  .title = N_("L3"),
                  .width = 6,
                  .min_columns = 97,
                  .cell = held_cell },
      .needs = HV_DESK_CACHES,
      .nodes = 48 },
    { .column = { .name = "group",
                  .title = N_("group"),
                  .width = 8,
                  .left = TRUE,
                  .ascending = TRUE,
                  .min_columns = 112,
                  .cell = group_cell },
      .needs = HV_DESK_CACHES,
      .nodes = 65 },
    { .column = { .name = "nodes",
                  .child = "node",
                  .title = N_("node"),
                  .width = 6,
                  .left = TRUE },
      .hides = HV_DESK_NODES },
    { .column = { .name = "cpus_allowed",
                  .child = "cpus_allowed",
                  .title = N_("pins"),
                  .width = 8,
                  .left = TRUE,
                  .min_columns = 54,
                  .ascending = TRUE,
                  .cell = pins_or_state_cell },
      .hides = HV_DESK_NODES },
    { .column = { .name = "cpus_allowed",
                  .child = "cpus_allowed",
                  .title = N_("pins"),
                  .width = 8,
                  .left = TRUE,
                  .ascending = TRUE,
                  .cell = pins_cell },
      .needs = HV_DESK_NODES,
      .nodes = 125 },
    { .column = { .name = "state",
                  .title = N_("state"),
                  .width = 10,
                  .left = TRUE,
                  .grow = 1,
                  .ascending = TRUE,
                  .cell = state_cell },
      .nodes = 136 },
    { .column = { .name = "age_s",
                  .title = N_("age"),
                  .width = 7,
                  .min_columns = 132,
                  .cell = text_cell },
      .nodes = 174 },
    { .column = { .name = "owner",
                  .title = N_("owner"),
                  .width = 12,
                  .min_columns = 160,
                  .left = TRUE,
                  .ascending = TRUE,
                  .cell = text_cell },
      .nodes = 200 },
};

HvDeskKind
hv_desk_kind(const HvSnapshot *snapshot)
{
    const HvTable *nodes = hv_snapshot_table(snapshot, "nodes");
    HvDeskKind kind = HV_DESK_PLAIN;

    if ((snapshot->topology && snapshot->topology->n_nodes > 1) ||
        (nodes && hv_table_n_rows(nodes) > 1))
        kind |= HV_DESK_NODES;
    if (hv_vm_caches_any(snapshot))
        kind |= HV_DESK_CACHES;
    return kind;
}

HvListColumn *
hv_desk_columns_new(HvDeskKind kind)
{
    HvListColumn *columns = g_new0(HvListColumn, G_N_ELEMENTS(entries) + 1), *next = columns;

    for (gsize i = 0; i < G_N_ELEMENTS(entries); i++) {
        if ((entries[i].needs & ~kind) || (entries[i].hides & kind))
            continue;
        *next = entries[i].column;
        if (kind & HV_DESK_NODES)
            next->min_columns = entries[i].nodes - (kind & HV_DESK_CACHES ? 0 : CACHE_WIDTH);
        next++;
    }
    return columns;
}
