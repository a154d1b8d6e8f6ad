/* What the host looked like at one instant: every table, the topology and the history, immutable and shared. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/history.h"
#include "model/table.h"
#include "model/topology.h"

#define HV_SNAPSHOT_MAX_TABLES 64

/* Shared by an atomic count; read by any thread. */
typedef struct {
    gatomicrefcount refs;
    guint64 tick;        /* 1 for the first */
    gint64 time_ns;      /* since 1970 */
    gint64 monotonic_ns;
    gint64 interval_ns;  /* wished distance of samples; 0: a single look */
    guint n_tables;
    HvTable *tables[HV_SNAPSHOT_MAX_TABLES];
    HvTopology *topology;      /* may be NULL while hwloc loads */
    HvHistory *history;        /* owned by the producer for its whole life: see hv_history_read() */
    gpointer pool;             /* where an unreferenced snapshot goes back to; producer's business */
    void (*release)(gpointer snapshot);
} HvSnapshot;

/** hv_snapshot_new: an empty one that frees itself (pool NULL); tables are added with hv_snapshot_add(). */
HvSnapshot *hv_snapshot_new(void);
HvSnapshot *hv_snapshot_ref(HvSnapshot *snapshot);
void hv_snapshot_unref(HvSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvSnapshot, hv_snapshot_unref)
/** hv_snapshot_add: takes a reference on @table; before sharing only. */
void hv_snapshot_add(HvSnapshot *snapshot, HvTable *table);
/** hv_snapshot_reset: drops tables and topology, keeps the memory; before sharing only. */
void hv_snapshot_reset(HvSnapshot *snapshot);
/** hv_snapshot_table: the table of that schema name, borrowed, or NULL. Any thread. */
HvTable *hv_snapshot_table(const HvSnapshot *snapshot, const char *name);
