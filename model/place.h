/* Where a VM could go: names of nodes for people, cpus that are nobody's, the command that
 * pins. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/vm-walk.h"

#define HV_PLACE_NAME_BYTES 32
#define HV_REMEDY_BYTES 768

/* How many vCPUs are pinned to each cpu. On the stack of one rule's run; zeroed: not counted
 * yet.
 */
typedef struct {
    gboolean is_counted;
    guint16 n_pinned[HV_MASK_CPUS];
} HvPlaces;

/** hv_place_name: "S1" where each socket is one node, else "node 3". Any thread, as all below.
 */
void hv_place_name(const HvTopology *topology, int node, char *out, gsize size);
/** hv_place_node_of: the node of @cpu, -1 unknown. */
int hv_place_node_of(const HvTopology *topology, int cpu);
/** hv_place_idle_cpus: how many of @node's cpus do nothing: 12.5; NAN unknown. */
double hv_place_idle_cpus(const HvSnapshot *snapshot, int node);
/** hv_place_count: counts, unless it is done; those below do it too. */
void hv_place_count(HvPlaces *places, const HvVmWalk *vm);
/**
 * hv_place_choose:
 * @n_cores: whole cores of @node wanted, that no other VM's vCPU is pinned to
 *
 * Returns: TRUE when there are that many; else @cpus are all online ones of @node, none where
 * the topology does not know it.
 */
gboolean hv_place_choose(HvPlaces *places, const HvVmWalk *vm, int node, guint n_cores,
                         HvMask *cpus);
/** hv_place_choose_apart: @n_cores whole cores of @node that no vCPU is pinned to, @vm's
 * neither. */
gboolean hv_place_choose_apart(HvPlaces *places, const HvVmWalk *vm, int node, guint n_cores,
                               HvMask *cpus);
/** hv_place_pin_command: "hvtune set 'vm/web/vcpu/…/cpus=4-7'" for all its vCPUs. */
void hv_place_pin_command(const HvVmWalk *vm, const HvMask *cpus, char *out, gsize size);
/** hv_place_pin_remedy: "a gives its vCPUs cores of their own on S1: hvtune set …". */
void hv_place_pin_remedy(HvPlaces *places, const HvVmWalk *vm, int node, char *out, gsize size);
