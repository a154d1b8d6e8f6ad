/* In which order the Map draws the cpus that are online, and where its boxes and blocks begin. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/map-layout.h"

enum {
    HV_MAP_KEY_SPAN,    /* NODE zoom: the node, where it is wider than a package; else -1 */
    HV_MAP_KEY_PACKAGE, /* -1: unknown, or SPAN tells */
    HV_MAP_KEY_BLOCK,   /* two numbers that tell blocks apart */
    HV_MAP_KEY_CORE = HV_MAP_KEY_BLOCK + 2,
    HV_MAP_KEY_CPU,
    HV_MAP_N_KEYS,
};

/* One cpu with what it is sorted by. A box is a run of equal SPAN and PACKAGE. A block is a run
 * within it: cpus of one node and cache (PU, CORE), of one cache (LLC), of one node (NODE). */
typedef struct {
    const HvTopoCpu *cpu;
    int keys[HV_MAP_N_KEYS];
} HvMapEntry;

/** hv_map_order: the online cpus of @topology, whose cpus they borrow. (transfer full): of HvMapEntry. UI thread, as below. */
GArray *hv_map_order(const HvTopology *topology, HvMapZoom zoom);
/** hv_map_order_run: the end of the run that begins at @from, in which the first @n_keys keys are equal. */
guint hv_map_order_run(const GArray *order, guint from, guint n_keys);
/** hv_map_same_core: TRUE for two PUs of one core. */
gboolean hv_map_same_core(const HvTopoCpu *a, const HvTopoCpu *b);
/** hv_map_wide_nodes: nodes that have online cpus of several packages. (transfer full) */
HvSet *hv_map_wide_nodes(const HvTopology *topology);
