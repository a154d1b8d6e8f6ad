/* Tables written down as text, for the tests of derivations: one row a line, one word a cell.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/derive.h"

#define HV_TEST_MAX_TABLES 16
#define HV_TEST_NOW_NS G_GINT64_CONSTANT(100000000000)

/* A snapshot in the making. Zeroed: empty. */
typedef struct {
    guint n_stores;
    HvStore *stores[HV_TEST_MAX_TABLES];
    HvColumn *columns[HV_TEST_MAX_TABLES];
    HvSchema schemas[HV_TEST_MAX_TABLES];
    HvSnapshot *snapshot;
} HvTestTables;

/**
 * hv_test_tables_add:
 * @heading: the columns: "vm:key vcpu:id run_ratio:f64 node:u64 group:text"
 * @rows: a line each, NULL for none. "-" is a cell without a value ("not known"), "?" one that
 * is UNAVAILABLE ("not tracked"), "''" an empty text, "~1" a scaled number; "_" in texts stands
 * for a blank.
 *
 * The table @name joins the snapshot.
 */
void hv_test_tables_add(HvTestTables *tables, const char *name, const char *heading,
                        const char *rows);
/** hv_test_tables_add_empty: a table without rows that says @why. */
void hv_test_tables_add_empty(HvTestTables *tables, const char *name, const char *why);
/** hv_test_tables_add_topology: takes @take_topology. */
void hv_test_tables_add_topology(HvTestTables *tables, HvTopology *take_topology);
/** hv_test_tables_derive: runs @derive at HV_TEST_NOW_NS; its table joins the snapshot, and is
 * borrowed. */
HvTable *hv_test_tables_derive(HvTestTables *tables, const HvDerive *derive);
void hv_test_tables_clear(HvTestTables *tables);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvTestTables, hv_test_tables_clear)

/** hv_test_topology: @n_packages packages of @nodes_per_package nodes of @cpus_per_node cpus,
 * each node with an L3 of its own. (transfer full) */
HvTopology *hv_test_topology(guint n_packages, guint nodes_per_package, guint cpus_per_node);
