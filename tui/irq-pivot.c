/* Interrupts turned round: one row per interrupt, one number per node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/irq-pivot.h"

#include <math.h>

static int
node_of(const HvTable *table, guint row, int column)
{
    guint64 node;

    return hv_table_u64(table, row, column, &node) ? (int)node : HV_NO_NODE;
}

/* Rising; the unknown one last. */
static int
compare_nodes(gconstpointer left, gconstpointer right)
{
    const guint a = (guint) * (const int *)left, b = (guint) * (const int *)right;

    return (a > b) - (a < b);
}

static int
index_of(const GArray *nodes, int node)
{
    for (guint i = 0; i < nodes->len; i++)
        if (g_array_index(nodes, int, i) == node)
            return (int)i;
    return -1;
}

static void
find_nodes(HvPivot *pivot, const HvTable *table, int column)
{
    for (guint i = 0; i < hv_table_n_rows(table); i++) {
        const int node = node_of(table, i, column);

        if (index_of(pivot->nodes, node) < 0)
            g_array_append_val(pivot->nodes, node);
    }
    g_array_sort(pivot->nodes, compare_nodes);
}

static gboolean
has_rates(const HvTable *table)
{
    const int column = hv_table_column(table, "per_s");
    double rate;

    for (guint i = 0; i < hv_table_n_rows(table); i++)
        if (hv_table_f64(table, i, column, &rate))
            return TRUE;
    return FALSE;
}

static void
find_irqs(HvPivot *pivot, const HvTable *table, GHashTable *by_name)
{
    const int name = hv_table_column(table, "irq");

    for (guint i = 0; i < hv_table_n_rows(table); i++) {
        const HvPivotIrq irq = { .row = i };
        const char *text = hv_table_text(table, i, name);

        if (!text || g_hash_table_contains(by_name, text))
            continue;
        g_hash_table_insert(by_name, g_strdup(text), GUINT_TO_POINTER(pivot->irqs->len));
        g_array_append_val(pivot->irqs, irq);
    }
}

static void
add_cell(HvPivot *pivot, HvPivotIrq *irq, guint row, int node, double value)
{
    const int at = index_of(pivot->nodes, node);
    double most = 0;

    for (guint i = 0; i < pivot->nodes->len; i++)
        if (!isnan(irq->nodes[i]))
            most = MAX(most, irq->nodes[i]);
    if (value > most)
        irq->row = row;
    irq->nodes[at] = value;
    irq->total += value;
    pivot->totals[at] += value;
    pivot->most = MAX(pivot->most, value);
}

static void
fill(HvPivot *pivot, const HvTable *table, GHashTable *by_name)
{
    const int name = hv_table_column(table, "irq"), node = hv_table_column(table, "node");
    const int value = hv_table_column(table, pivot->is_rate ? "per_s" : "count");
    const guint n = pivot->nodes->len;

    pivot->totals = g_new0(double, n + 1);
    pivot->cells = g_new(double, (gsize)n * pivot->irqs->len + 1);
    for (guint i = 0; i < n * pivot->irqs->len; i++)
        pivot->cells[i] = (double)NAN;
    for (guint i = 0; i < pivot->irqs->len; i++)
        g_array_index(pivot->irqs, HvPivotIrq, i).nodes = pivot->cells + (gsize)i * n;
    for (guint i = 0; i < hv_table_n_rows(table); i++) {
        const char *text = hv_table_text(table, i, name);
        double number;
        guint at;

        if (!text || !hv_table_f64(table, i, value, &number))
            continue;
        at = GPOINTER_TO_UINT(g_hash_table_lookup(by_name, text));
        add_cell(pivot, &g_array_index(pivot->irqs, HvPivotIrq, at), i, node_of(table, i, node),
                 number);
    }
}

/* ERR and MIS are counted on no cpu: a column of nothing but 0 says nothing. */
static void
drop_unknown(HvPivot *pivot)
{
    const guint n = pivot->nodes->len;

    if (n && g_array_index(pivot->nodes, int, n - 1) == HV_NO_NODE && pivot->totals[n - 1] <= 0)
        g_array_set_size(pivot->nodes, n - 1);
}

HvPivot *
hv_pivot_new(const HvTable *interrupts)
{
    g_autoptr(GHashTable) by_name =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    HvPivot *pivot = g_new0(HvPivot, 1);

    pivot->nodes = g_array_new(FALSE, FALSE, sizeof(int));
    pivot->irqs = g_array_new(FALSE, FALSE, sizeof(HvPivotIrq));
    if (!interrupts)
        return pivot;
    pivot->is_rate = has_rates(interrupts);
    find_nodes(pivot, interrupts, hv_table_column(interrupts, "node"));
    find_irqs(pivot, interrupts, by_name);
    fill(pivot, interrupts, by_name);
    drop_unknown(pivot);
    return pivot;
}

void
hv_pivot_free(HvPivot *pivot)
{
    if (!pivot)
        return;
    g_array_free(pivot->nodes, TRUE);
    g_array_free(pivot->irqs, TRUE);
    g_free(pivot->totals);
    g_free(pivot->cells);
    g_free(pivot);
}
