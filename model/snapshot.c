/* Snapshots: counting references and finding tables by name. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot.h"

HvSnapshot *
hv_snapshot_new(void)
{
    HvSnapshot *snapshot = g_new0(HvSnapshot, 1);

    g_atomic_ref_count_init(&snapshot->refs);
    return snapshot;
}

HvSnapshot *
hv_snapshot_ref(HvSnapshot *snapshot)
{
    g_atomic_ref_count_inc(&snapshot->refs);
    return snapshot;
}

void
hv_snapshot_unref(HvSnapshot *snapshot)
{
    if (!snapshot || !g_atomic_ref_count_dec(&snapshot->refs))
        return;
    if (snapshot->release) {
        snapshot->release(snapshot);
        return;
    }
    hv_snapshot_reset(snapshot);
    g_free(snapshot);
}

void
hv_snapshot_add(HvSnapshot *snapshot, HvTable *table)
{
    g_return_if_fail(table && snapshot->n_tables < HV_SNAPSHOT_MAX_TABLES);
    snapshot->tables[snapshot->n_tables++] = hv_table_ref(table);
}

void
hv_snapshot_reset(HvSnapshot *snapshot)
{
    for (guint i = 0; i < snapshot->n_tables; i++)
        g_clear_pointer(&snapshot->tables[i], hv_table_unref);
    snapshot->n_tables = 0;
    g_clear_pointer(&snapshot->topology, hv_topology_unref);
}

HvTable *
hv_snapshot_table(const HvSnapshot *snapshot, const char *name)
{
    for (guint i = 0; i < snapshot->n_tables; i++)
        if (g_str_equal(hv_table_schema(snapshot->tables[i])->name, name))
            return snapshot->tables[i];
    return NULL;
}
