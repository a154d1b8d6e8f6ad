/* One last-level cache as a square to draw: ways across, control groups and their VMs down. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cache-grid.h"

#include "tui/pick.h"

#define MAX_WAYS 64

static int
compare_ids(gconstpointer a, gconstpointer b)
{
    const guint64 left = *(const guint64 *)a, right = *(const guint64 *)b;

    return (left > right) - (left < right);
}

static void
add_ids(GArray *ids, const HvTable *table, const char *column, const char *resource)
{
    for (int row = 0; table && row < (int)hv_table_n_rows(table); row++) {
        const char *of = resource ? hv_pick_text(table, row, "resource") : NULL;
        gboolean is_new = !resource || (of && g_str_has_prefix(of, resource));
        guint64 id;

        if (!is_new || !hv_pick_u64(table, row, column, &id))
            continue;
        for (guint i = 0; i < ids->len && is_new; i++)
            is_new = g_array_index(ids, guint64, i) != id;
        if (is_new)
            g_array_append_val(ids, id);
    }
}

GArray *
hv_cache_ids(const HvSnapshot *snapshot)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));

    add_ids(ids, hv_snapshot_table(snapshot, "resctrl_domains"), "domain", "L3");
    add_ids(ids, hv_snapshot_table(snapshot, "llc"), "llc", NULL);
    g_array_sort(ids, compare_ids);
    return ids;
}

static gboolean
is_of(const HvTable *table, int row, const char *column, guint64 id)
{
    guint64 value;

    return hv_pick_u64(table, row, column, &value) && value == id;
}

static guint
count_bits(guint64 mask)
{
    guint n = 0;

    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

/* ---- how large it is ---- */

static void
find_ways(HvCacheGrid *grid, const HvSnapshot *snapshot)
{
    const HvTable *info = hv_snapshot_table(snapshot, "resctrl_info");
    const HvTable *domains = hv_snapshot_table(snapshot, "resctrl_domains");
    guint64 value;

    for (int row = 0; info && row < (int)hv_table_n_rows(info); row++) {
        const char *resource = hv_pick_text(info, row, "resource");

        if (!resource || !g_str_has_prefix(resource, "L3") ||
            !hv_pick_u64(info, row, "n_ways", &value) || value > MAX_WAYS)
            continue;
        grid->n_ways = (guint)value;
        if (hv_pick_u64(info, row, "shareable_mask", &value))
            grid->shareable |= value;
    }
    for (int row = 0; domains && row < (int)hv_table_n_rows(domains); row++) {
        const char *resource = hv_pick_text(domains, row, "resource");
        guint64 mask, size;

        if (resource && g_str_has_prefix(resource, "L3") &&
            is_of(domains, row, "domain", grid->llc) &&
            hv_pick_u64(domains, row, "mask", &mask) && mask &&
            hv_pick_u64(domains, row, "size_bytes", &size))
            grid->way_bytes = (double)size / count_bits(mask);
    }
}

static void
find_size(HvCacheGrid *grid, const HvSnapshot *snapshot)
{
    const HvTopoLlc *known = snapshot->topology && grid->llc <= G_MAXINT
                                 ? hv_topology_llc(snapshot->topology, (int)grid->llc)
                                 : NULL;

    find_ways(grid, snapshot);
    if (grid->way_bytes > 0 && grid->n_ways)
        grid->bytes = grid->way_bytes * grid->n_ways;
    else if (known)
        grid->bytes = (double)known->size_bytes;
    if (grid->way_bytes <= 0 && grid->n_ways)
        grid->way_bytes = grid->bytes / grid->n_ways;
}

/* ---- its rows ---- */

static void
find_masks(const HvCacheGrid *grid, const HvTable *domains, HvCacheRow *row,
           const char *resource)
{
    for (int i = 0; domains && i < (int)hv_table_n_rows(domains); i++)
        if (is_of(domains, i, "domain", grid->llc) &&
            g_strcmp0(hv_pick_text(domains, i, "group"), row->group) == 0 &&
            g_strcmp0(hv_pick_text(domains, i, "resource"), resource) == 0) {
            row->of_domain = i;
            row->has_mask = hv_pick_u64(domains, i, "mask", &row->mask);
            row->present_mask = row->mask;
        }
}

static void
find_limit(const HvCacheGrid *grid, const HvTable *domains, HvCacheRow *row)
{
    for (int i = 0; domains && i < (int)hv_table_n_rows(domains); i++)
        if (is_of(domains, i, "domain", grid->llc) &&
            g_strcmp0(hv_pick_text(domains, i, "group"), row->group) == 0 &&
            g_strcmp0(hv_pick_text(domains, i, "resource"), "MB") == 0)
            row->has_limit = hv_pick_u64(domains, i, "limit", &row->limit);
}

static int
find_llc(const HvCacheGrid *grid, const HvTable *llc, const char *group, const char *vm)
{
    for (int i = 0; llc && i < (int)hv_table_n_rows(llc); i++) {
        const char *of = hv_pick_text(llc, i, "vm");

        if (is_of(llc, i, "llc", grid->llc) &&
            g_strcmp0(hv_pick_text(llc, i, "group"), group) == 0 &&
            g_strcmp0(of && *of ? of : NULL, vm) == 0)
            return i;
    }
    return -1;
}

/* A VM that has no line here and moves nothing is not of this cache. */
static gboolean
is_here(const HvTable *llc, int row)
{
    double value;

    return (hv_pick_f64(llc, row, "occupancy_bytes", &value) && value > 0) ||
           (hv_pick_f64(llc, row, "total_bytes_per_s", &value) && value > 0);
}

static double
held_by(const HvTable *llc, int row)
{
    double bytes = 0;

    hv_pick_f64(llc, row, "occupancy_bytes", &bytes);
    return bytes;
}

/* The one that holds most first; there are few. */
static void
insert_vm(HvCacheGrid *grid, const HvTable *llc, guint first, const HvCacheRow *row)
{
    guint at = first;

    while (at < grid->rows->len &&
           held_by(llc, g_array_index(grid->rows, HvCacheRow, at).of_llc) >=
               held_by(llc, row->of_llc))
        at++;
    g_array_insert_val(grid->rows, at, *row);
}

static void
add_vms(HvCacheGrid *grid, const HvTable *llc, const char *group)
{
    const guint first = grid->rows->len;

    for (int i = 0; llc && i < (int)hv_table_n_rows(llc); i++) {
        HvCacheRow row = { .group = group, .of_llc = i, .of_domain = -1, .of_group = -1 };

        row.vm = hv_pick_text(llc, i, "vm");
        if (row.vm && *row.vm && is_of(llc, i, "llc", grid->llc) && is_here(llc, i) &&
            g_strcmp0(hv_pick_text(llc, i, "group"), group) == 0)
            insert_vm(grid, llc, first, &row);
    }
}

static void
add_sums(HvCacheGrid *grid, const HvTable *llc, int row)
{
    double value;

    if (hv_pick_f64(llc, row, "occupancy_bytes", &value)) {
        grid->held_bytes += value;
        grid->has_held = TRUE;
    }
    if (hv_pick_f64(llc, row, "old_lines_bytes", &value))
        grid->old_bytes += value;
}

/* With code and data apart the group has two rows; its numbers stand in the first. */
static void
add_group(HvCacheGrid *grid, const HvSnapshot *snapshot, const char *group, int of_group)
{
    const HvTable *domains = hv_snapshot_table(snapshot, "resctrl_domains");
    const HvTable *llc = hv_snapshot_table(snapshot, "llc");
    HvCacheRow row = { .group = group, .of_domain = -1, .of_group = of_group };

    row.of_llc = find_llc(grid, llc, group, NULL);
    add_sums(grid, llc, row.of_llc);
    find_masks(grid, domains, &row, "L3");
    if (row.of_domain < 0) {
        find_masks(grid, domains, &row, "L3CODE");
        row.part = row.of_domain < 0 ? NULL : "code";
    }
    find_limit(grid, domains, &row);
    g_array_append_val(grid->rows, row);
    if (row.part) {
        row = (HvCacheRow){ .group = group, .part = "data", .of_llc = -1, .of_domain = -1 };
        row.of_group = of_group;
        find_masks(grid, domains, &row, "L3DATA");
        g_array_append_val(grid->rows, row);
    }
    add_vms(grid, llc, group);
}

static gboolean
has_group(const HvCacheGrid *grid, const char *group)
{
    for (guint i = 0; i < grid->rows->len; i++)
        if (g_strcmp0(g_array_index(grid->rows, HvCacheRow, i).group, group) == 0)
            return TRUE;
    return FALSE;
}

/* Groups as resctrl lists them, then any that only counters know. */
static void
add_groups(HvCacheGrid *grid, const HvSnapshot *snapshot)
{
    const HvTable *groups = hv_snapshot_table(snapshot, "resctrl_groups");
    const HvTable *llc = hv_snapshot_table(snapshot, "llc");

    for (int pass = 0; pass < 2; pass++) /* the default one first */
        for (int i = 0; groups && i < (int)hv_table_n_rows(groups); i++) {
            const char *group = hv_pick_text(groups, i, "group");

            if (group && g_str_equal(group, "default") == (pass == 0))
                add_group(grid, snapshot, group, i);
        }
    for (int i = 0; llc && i < (int)hv_table_n_rows(llc); i++) {
        const char *group = hv_pick_text(llc, i, "group");

        if (group && is_of(llc, i, "llc", grid->llc) && !has_group(grid, group))
            add_group(grid, snapshot, group, -1);
    }
}

static void
find_warming(HvCacheGrid *grid, const HvTable *llc)
{
    guint64 flag;

    for (guint i = 0; i < grid->rows->len; i++)
        if (hv_pick_u64(llc, g_array_index(grid->rows, HvCacheRow, i).of_llc, "warming",
                        &flag) &&
            flag)
            grid->is_warming = TRUE;
}

HvCacheGrid *
hv_cache_grid_new(const HvSnapshot *snapshot, guint64 llc)
{
    HvCacheGrid *grid = g_new0(HvCacheGrid, 1);
    HvCacheRow hardware = { .of_llc = -1, .of_domain = -1, .of_group = -1, .has_mask = TRUE };

    grid->llc = llc;
    grid->rows = g_array_new(FALSE, FALSE, sizeof(HvCacheRow));
    find_size(grid, snapshot);
    hardware.mask = hardware.present_mask = grid->shareable;
    if (grid->shareable)
        g_array_append_val(grid->rows, hardware);
    add_groups(grid, snapshot);
    find_warming(grid, hv_snapshot_table(snapshot, "llc"));
    return grid;
}

void
hv_cache_grid_free(HvCacheGrid *grid)
{
    if (!grid)
        return;
    g_array_unref(grid->rows);
    g_free(grid);
}

HvWay
hv_cache_way(const HvCacheGrid *grid, const HvCacheRow *row, guint way)
{
    const guint64 bit = G_GUINT64_CONSTANT(1) << way;

    if (!row->has_mask || !(row->mask & bit))
        return HV_WAY_NONE;
    if (!row->group)
        return HV_WAY_DEVICES;
    for (guint i = 0; i < grid->rows->len; i++) {
        const HvCacheRow *other = &g_array_index(grid->rows, HvCacheRow, i);

        if (other->group && g_strcmp0(other->group, row->group) != 0 && other->has_mask &&
            (other->mask & bit))
            return HV_WAY_SHARED;
    }
    return grid->shareable & bit ? HV_WAY_DEVICES : HV_WAY_ALONE;
}

gboolean
hv_cache_held(const HvSnapshot *snapshot, guint64 llc, double *held_bytes, double *size_bytes)
{
    const HvTable *table = hv_snapshot_table(snapshot, "llc");
    HvCacheGrid size = { .llc = llc };
    double value;
    gboolean has_any = FALSE;

    *held_bytes = 0;
    for (int i = 0; table && i < (int)hv_table_n_rows(table); i++) {
        const char *vm = hv_pick_text(table, i, "vm");

        if (!is_of(table, i, "llc", llc) || (vm && *vm) ||
            !hv_pick_f64(table, i, "occupancy_bytes", &value))
            continue;
        *held_bytes += value;
        has_any = TRUE;
    }
    find_size(&size, snapshot);
    *size_bytes = size.bytes;
    return has_any && size.bytes > 0;
}
