/* Memory traffic from node to node as a square to draw: one VM's or the host's, by nodes or by
 * sockets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/flow-grid.h"

#include <math.h>

#include "model/i18n.h"
#include "tui/list.h"
#include "tui/pick.h"

#define BYTES_PER_GB 1e9

/* What is looked up once a square. */
typedef struct {
    const HvTable *matrix;
    const HvTopology *topology;
    const char *vm; /* "" the host */
    int vm_column, from, to, bytes, share, doubt;
} Input;

static Input
open_input(const HvSnapshot *snapshot, const char *vm)
{
    const HvTable *matrix = hv_snapshot_table(snapshot, "matrix");

    return (Input){ .matrix = matrix,
                    .topology = snapshot->topology,
                    .vm = vm ? vm : "",
                    .vm_column = hv_table_column(matrix, "vm"),
                    .from = hv_table_column(matrix, "from_node"),
                    .to = hv_table_column(matrix, "to_node"),
                    .bytes = hv_table_column(matrix, "bytes_per_s"),
                    .share = hv_table_column(matrix, "share_ratio"),
                    .doubt = hv_table_column(matrix, "doubt") };
}

static guint
n_rows(const Input *input)
{
    return input->matrix ? hv_table_n_rows(input->matrix) : 0;
}

/* The host's name is empty, which a table keeps as no value. */
static gboolean
is_of(const Input *input, guint row)
{
    const char *vm = hv_table_text(input->matrix, row, input->vm_column);

    return g_str_equal(vm ? vm : "", input->vm);
}

static guint
place_of(const HvFlowGrid *grid, const Input *input, guint64 node)
{
    const HvTopoNode *found =
        input->topology ? hv_topology_node(input->topology, (int)node) : NULL;

    return grid->by_socket && found && found->package >= 0 ? (guint)found->package
                                                           : (guint)node;
}

static gboolean
find(const HvFlowGrid *grid, guint name, guint *index)
{
    for (*index = 0; *index < grid->n; (*index)++)
        if (grid->names[*index] == name)
            return TRUE;
    return FALSE;
}

static gboolean
index_of(const HvFlowGrid *grid, const Input *input, guint row, int column, guint *index)
{
    guint64 node;

    return hv_table_u64(input->matrix, row, column, &node) && node <= HV_SET_MAX &&
           find(grid, place_of(grid, input, node), index);
}

static void
add_named(HvSet *names, const HvFlowGrid *grid, const Input *input, guint row, int column)
{
    guint64 node;

    if (hv_table_u64(input->matrix, row, column, &node) && node <= HV_SET_MAX)
        hv_set_add(names, place_of(grid, input, node));
}

static void
find_names(HvFlowGrid *grid, const Input *input)
{
    g_autoptr(HvSet) names = hv_set_new();
    guint i = 0;

    for (guint at = 0; input->topology && at < input->topology->n_nodes; at++)
        if (input->topology->nodes[at].node >= 0)
            hv_set_add(names, place_of(grid, input, (guint64)input->topology->nodes[at].node));
    for (guint row = 0; row < n_rows(input); row++) {
        if (!is_of(input, row))
            continue;
        add_named(names, grid, input, row, input->from);
        add_named(names, grid, input, row, input->to);
    }
    grid->n = hv_set_count(names);
    grid->names = g_new(guint, grid->n + 1);
    HV_SET_FOREACH(name, names)
    grid->names[i++] = (guint)name;
}

/* A sum is as good as its weakest part; one that lacks a part has no value. */
static void
add_up(HvFlowCell *sum, HvMark mark, double value, const char *why)
{
    if (sum->mark == HV_MARK_UNAVAILABLE)
        return;
    if (!hv_mark_has_value(mark)) {
        *sum = (HvFlowCell){ .mark = HV_MARK_UNAVAILABLE, .why = why };
        return;
    }
    sum->value += value;
    if (sum->mark == HV_MARK_ABSENT || mark == HV_MARK_ESTIMATED ||
        (mark == HV_MARK_SCALED && sum->mark == HV_MARK_MEASURED))
        sum->mark = mark;
}

static void
add_row(HvFlowGrid *grid, const Input *input, guint row)
{
    const int column = grid->has_bytes ? input->bytes : input->share;
    const char *doubt = hv_table_text(input->matrix, row, input->doubt);
    double value = 0;
    guint from, to;

    if (!index_of(grid, input, row, input->to, &to))
        return;
    if (!index_of(grid, input, row, input->from, &from)) {
        from = grid->n;
        grid->has_rest = TRUE;
    }
    hv_table_f64(input->matrix, row, column, &value);
    add_up(&grid->cells[from * grid->n + to], hv_table_mark(input->matrix, row, column), value,
           hv_table_reason(input->matrix, row, column));
    if (doubt && *doubt)
        grid->doubt = doubt;
}

/* Bytes where any are known; else shares, and why. */
static void
find_measure(HvFlowGrid *grid, const Input *input)
{
    double value;
    gboolean has_any = FALSE;

    grid->why = input->matrix && hv_table_why(input->matrix)
                    ? hv_table_why(input->matrix)
                    : N_("nothing tells where its memory traffic goes");
    for (guint row = 0; row < n_rows(input) && !grid->has_bytes; row++) {
        if (!is_of(input, row))
            continue;
        grid->has_bytes = hv_table_f64(input->matrix, row, input->bytes, &value);
        has_any |= grid->has_bytes || hv_table_f64(input->matrix, row, input->share, &value);
        if (!grid->has_bytes)
            grid->why_no_bytes = hv_table_reason(input->matrix, row, input->bytes);
    }
    if (has_any)
        grid->why = NULL;
    else if (grid->why_no_bytes)
        grid->why = grid->why_no_bytes;
}

HvFlowGrid *
hv_flow_grid_new(const HvSnapshot *snapshot, const char *vm, gboolean by_socket)
{
    const Input input = open_input(snapshot, vm);
    HvFlowGrid *grid = g_new0(HvFlowGrid, 1);

    grid->by_socket = by_socket;
    find_names(grid, &input);
    find_measure(grid, &input);
    grid->cells = g_new0(HvFlowCell, (gsize)grid->n * (grid->n + 1) + 1);
    for (guint row = 0; row < n_rows(&input); row++)
        if (is_of(&input, row))
            add_row(grid, &input, row);
    for (guint i = 0; i < grid->n * (grid->n + 1); i++)
        grid->most = MAX(grid->most, grid->cells[i].value);
    return grid;
}

void
hv_flow_grid_free(HvFlowGrid *grid)
{
    if (!grid)
        return;
    g_free(grid->names);
    g_free(grid->cells);
    g_free(grid);
}

const HvFlowCell *
hv_flow_cell(const HvFlowGrid *grid, guint from, guint to)
{
    return &grid->cells[from * grid->n + to];
}

HvFlowCell
hv_flow_remote(const HvFlowGrid *grid, guint from)
{
    HvFlowCell sum = { 0 };

    for (guint to = 0; to < grid->n; to++) {
        const HvFlowCell *cell = hv_flow_cell(grid, from, to);

        if (to != from && cell->mark != HV_MARK_ABSENT)
            add_up(&sum, cell->mark, cell->value, cell->why);
    }
    return sum;
}

/* ---- as text ---- */

static const char *
word_of(HvMark mark, gboolean ascii)
{
    switch (mark) {
    case HV_MARK_UNAVAILABLE:
        return "?";
    case HV_MARK_DENIED:
        return "den";
    case HV_MARK_FAILED:
        return "fail";
    case HV_MARK_ABSENT:
    case HV_MARK_MEASURED:
    case HV_MARK_ESTIMATED:
    case HV_MARK_SCALED:
        break;
    }
    return ascii ? "-" : "–";
}

/* As many digits behind the point as there is room for, two at most. */
void
hv_flow_text(char *out, gsize size, const HvFlowCell *cell, gboolean shares, int width,
             gboolean ascii)
{
    const char *sign = hv_cell_sign(cell->mark, ascii);

    if (!hv_mark_has_value(cell->mark)) {
        g_strlcpy(out, word_of(cell->mark, ascii), size);
        return;
    }
    if (shares) {
        g_snprintf(out, size, "%s%.0f%%", sign, cell->value * 100);
        return;
    }
    if (fabs(cell->value) < 0.005 * BYTES_PER_GB) {
        g_snprintf(out, size, "%s0", sign);
        return;
    }
    for (int digits = fabs(cell->value) < 9.995 * BYTES_PER_GB ? 2 : 1; digits >= 0; digits--) {
        g_snprintf(out, size, "%s%.*f", sign, digits, cell->value / BYTES_PER_GB);
        if (g_utf8_strlen(out, -1) <= width)
            return;
    }
}
