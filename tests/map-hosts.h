/* Machines for the tests of the Map: invented ones of any shape, and a snapshot with VMs for each topology. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"
#include "model/snapshot.h"

/* A machine by its numbers. Cores are dealt out to nodes and caches in order. */
typedef struct {
    const char *name;
    guint n_packages, n_cores, n_threads; /* cores per package, threads per core */
    guint n_nodes;       /* per package; 0: no NUMA node */
    guint n_llcs;        /* per package; 0: none */
    guint node_stride;   /* node numbers are this far apart; 0: 1 */
    gboolean one_node;   /* one for all packages */
    gboolean memory_only; /* and one more node, without cpus, of package 0 */
    gboolean devices;
    const char *offline; /* list of cpus, or NULL */
} HvTestMachine;

extern const HvTestMachine hv_test_machines[]; /* ends with a nameless one */

/** hv_test_machine: the one of that name. hv_test_machine_topology: (transfer full). */
const HvTestMachine *hv_test_machine(const char *name);
HvTopology *hv_test_machine_topology(const HvTestMachine *machine);
/** hv_test_map_snapshot: every cpu of @topology with a load, memory of nodes, and five VMs on the cpus: "web-1" pinned to
 * the first four, "redis-1" free, one with a name that is not fit to be shown, one with a wide, one with a long name.
 * Each is newer than the one before. (transfer full): goes with its stores, which @stores gains. */
HvSnapshot *hv_test_map_snapshot(HvTopology *topology, GPtrArray *stores);
#define HV_TEST_NASTY "x\x1b[31m/$(reboot)"
#define HV_TEST_WIDE "网页服务器"
#define HV_TEST_LONG "a-machine-with-a-name-of-forty-characters"
