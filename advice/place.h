/* Where a VM could go: names of nodes for people, cpus that are nobody's, the command that
 * pins. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "advice/vms.h"

#define HV_PLACE_NAME_BYTES 32
#define HV_REMEDY_BYTES 768

/** hv_place_name: "S1" where each socket is one node, else "node 3". Any thread, as all below.
 */
void hv_place_name(const HvTopology *topology, int node, char *out, gsize size);
/** hv_place_idle_cpus: how many of @node's cpus do nothing: 12.5; NAN unknown. */
double hv_place_idle_cpus(const HvSnapshot *snapshot, int node);
/**
 * hv_place_choose:
 * Whole cores of @node that no other VM's vCPU is pinned to, as many as @vm has vCPUs; all cpus
 * of @node where there are not that many.
 *
 * Returns: FALSE, and an empty @cpus, where the topology does not know @node.
 */
gboolean hv_place_choose(const HvVmWalk *vm, int node, HvMask *cpus);
/** hv_place_pin_command: "hvtune set 'vm/web/vcpu/…/cpus=4-7'" for all its vCPUs. */
void hv_place_pin_command(const HvVmWalk *vm, const HvMask *cpus, char *out, gsize size);
