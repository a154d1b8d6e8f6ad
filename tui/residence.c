/* Where a VM's memory is and where its vCPUs run, by node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/residence.h"

#include "model/i18n.h"
#include "tui/node-name.h"
#include "tui/pick.h"

#define SMALL_PAGE 4096

static HvResidence *
place_of(HvResidences *residences, gboolean has_cell, guint64 cell, guint64 node)
{
    const HvResidence place = { .has_cell = has_cell, .cell = cell, .node = node };

    for (guint i = 0; i < residences->places->len; i++) {
        HvResidence *found = &g_array_index(residences->places, HvResidence, i);

        if (found->node == node && found->has_cell == has_cell && found->cell == cell)
            return found;
    }
    g_array_append_val(residences->places, place);
    return &g_array_index(residences->places, HvResidence, residences->places->len - 1);
}

static void
add_row(HvResidences *residences, const HvTable *table, int row)
{
    guint64 cell = 0, node, page = SMALL_PAGE, bytes, read_ns, movable;
    const gboolean has_cell = hv_pick_u64(table, row, "cell", &cell);
    HvResidence *place;

    if (!hv_pick_u64(table, row, "node", &node) ||
        !hv_pick_u64(table, row, "resident_bytes", &bytes)) {
        residences->why =
            hv_table_reason(table, (guint)row, hv_table_column(table, "resident_bytes"));
        return;
    }
    hv_pick_u64(table, row, "page_bytes", &page);
    place = place_of(residences, has_cell, cell, node);
    place->bytes += (double)bytes;
    if (page > SMALL_PAGE)
        place->huge_bytes += (double)bytes;
    residences->bytes += (double)bytes;
    if (!residences->source)
        residences->source = hv_pick_text(table, row, "source");
    if (hv_pick_u64(table, row, "movable", &movable) && !movable)
        residences->why_not_movable = hv_pick_text(table, row, "why_not");
    if (hv_pick_u64(table, row, "read_ns", &read_ns) &&
        (!residences->read_ns || (gint64)read_ns < residences->read_ns))
        residences->read_ns = (gint64)read_ns;
}

HvResidences *
hv_residences_new(const HvSnapshot *snapshot, const char *vm)
{
    const HvTable *table = hv_snapshot_table(snapshot, "residency");
    HvResidences *residences = g_new0(HvResidences, 1);

    residences->places = g_array_new(FALSE, FALSE, sizeof(HvResidence));
    for (int i = 0; table && i < (int)hv_table_n_rows(table); i++)
        if (g_strcmp0(hv_pick_text(table, i, "vm"), vm) == 0)
            add_row(residences, table, i);
    if (!residences->why)
        residences->why = table && hv_table_why(table)
                              ? hv_table_why(table)
                              : N_("where its memory is, is not read here");
    return residences;
}

void
hv_residences_free(HvResidences *residences)
{
    if (!residences)
        return;
    g_array_unref(residences->places);
    g_free(residences);
}

/* ---- as text ---- */

typedef struct {
    guint node;
    double amount;
} Share;

static int
compare_shares(gconstpointer a, gconstpointer b)
{
    const Share *left = a, *right = b;

    return (left->amount < right->amount) - (left->amount > right->amount);
}

static void
add_share(GArray *shares, guint node, double amount)
{
    const Share share = { node, amount };

    for (guint i = 0; i < shares->len; i++)
        if (g_array_index(shares, Share, i).node == node) {
            g_array_index(shares, Share, i).amount += amount;
            return;
        }
    g_array_append_val(shares, share);
}

char *
hv_residences_text(const HvResidences *residences, const HvTopology *topology)
{
    g_autoptr(GArray) shares = g_array_new(FALSE, FALSE, sizeof(Share));
    GString *text = g_string_new(NULL);
    char name[16];

    for (guint i = 0; i < residences->places->len; i++) {
        const HvResidence *place = &g_array_index(residences->places, HvResidence, i);

        add_share(shares, (guint)place->node, place->bytes);
    }
    g_array_sort(shares, compare_shares);
    for (guint i = 0; i < shares->len && residences->bytes > 0; i++) {
        const Share *share = &g_array_index(shares, Share, i);

        hv_node_name(name, sizeof name, topology, share->node);
        g_string_append_printf(text, "%s%s %.0f %%", i ? ", " : "", name,
                               100 * share->amount / residences->bytes);
    }
    return g_string_free(text, FALSE);
}

char *
hv_vcpus_text(const HvSnapshot *snapshot, const char *vm)
{
    const HvTable *vcpus = hv_snapshot_table(snapshot, "vcpus");
    g_autoptr(GArray) shares = g_array_new(FALSE, FALSE, sizeof(Share));
    g_autoptr(GString) text = g_string_new(NULL);
    guint64 node;
    guint n = 0;
    char name[16];

    for (int i = 0; vcpus && i < (int)hv_table_n_rows(vcpus); i++) {
        if (g_strcmp0(hv_pick_text(vcpus, i, "vm"), vm) != 0)
            continue;
        n++;
        if (hv_pick_u64(vcpus, i, "node", &node))
            add_share(shares, (guint)node, 1);
    }
    g_array_sort(shares, compare_shares);
    for (guint i = 0; i < shares->len; i++) {
        const Share *share = &g_array_index(shares, Share, i);

        hv_node_name(name, sizeof name, snapshot->topology, share->node);
        g_string_append_printf(text, _("%s%s %.0f of %u"), i ? ", " : "", name, share->amount,
                               n);
    }
    return shares->len ? g_strdup(text->str) : NULL;
}
