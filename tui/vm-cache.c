/* What the tables of caches and groups say of each VM, gathered once a draw. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/vm-cache.h"

#include "tui/pick.h"

/* VMs are named in these tables as in "vms". */
static HvVmCache *
cache_of(GHashTable *caches, const char *vm)
{
    HvVmCache *cache = g_hash_table_lookup(caches, vm);

    if (!cache) {
        cache = g_new0(HvVmCache, 1);
        g_hash_table_insert(caches, g_strdup(vm), cache);
    }
    return cache;
}

static void
add_held(HvVmCache *cache, const HvTable *llc, int row)
{
    const int column = hv_table_column(llc, "occupancy_bytes");
    const HvMark mark = hv_table_mark(llc, (guint)row, column);
    guint64 flag = 0;
    double bytes;

    if (hv_pick_u64(llc, row, "warming", &flag) && flag)
        cache->is_warming = TRUE;
    if (!hv_pick_f64(llc, row, "occupancy_bytes", &bytes)) {
        if (!cache->has_held) {
            cache->mark = mark;
            cache->why = hv_table_reason(llc, (guint)row, column);
        }
        return;
    }
    if (!cache->has_held || mark != HV_MARK_MEASURED)
        cache->mark = mark;
    cache->has_held = TRUE;
    cache->held_bytes += bytes;
}

static void
add_group(HvVmCache *cache, const char *group)
{
    if (cache->group && group && !g_str_equal(cache->group, group))
        cache->is_mixed = TRUE;
    if (!cache->group)
        cache->group = group;
}

GHashTable *
hv_vm_caches_new(const HvSnapshot *snapshot)
{
    const HvTable *llc = hv_snapshot_table(snapshot, "llc");
    const HvTable *groups = hv_snapshot_table(snapshot, "vm_groups");
    GHashTable *caches = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (int i = 0; llc && i < (int)hv_table_n_rows(llc); i++) {
        const char *vm = hv_pick_text(llc, i, "vm");

        if (!vm || !*vm)
            continue;
        add_held(cache_of(caches, vm), llc, i);
        add_group(cache_of(caches, vm), hv_pick_text(llc, i, "group"));
    }
    for (int i = 0; groups && i < (int)hv_table_n_rows(groups); i++) {
        const char *vm = hv_pick_text(groups, i, "vm");

        if (vm)
            add_group(cache_of(caches, vm), hv_pick_text(groups, i, "group"));
    }
    return caches;
}

gboolean
hv_vm_caches_any(const HvSnapshot *snapshot)
{
    const HvTable *llc = hv_snapshot_table(snapshot, "llc");
    const HvTable *groups = hv_snapshot_table(snapshot, "resctrl_groups");

    return (llc && hv_table_n_rows(llc)) || (groups && hv_table_n_rows(groups));
}
