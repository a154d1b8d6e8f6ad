/* Where a VM could go: names of nodes for people, cpus that are nobody's, the command that
 * pins. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/place.h"

#include <math.h>
#include <string.h>

#include "model/i18n.h"

#define LIST_BYTES 512

void
hv_place_name(const HvTopology *topology, int node, char *out, gsize size)
{
    const HvTopoNode *found = topology ? hv_topology_node(topology, node) : NULL;

    if (found && found->package >= 0 && topology->n_nodes == topology->n_packages)
        g_snprintf(out, size, "S%d", found->package);
    else
        g_snprintf(out, size, _("node %d"), node);
}

double
hv_place_idle_cpus(const HvSnapshot *snapshot, int node)
{
    const HvTable *nodes = hv_snapshot_table(snapshot, "nodes");
    char key[HV_PLACE_NAME_BYTES];
    int row;
    HvMask cpus;

    g_snprintf(key, sizeof key, "%d", node);
    row = nodes ? hv_table_find(nodes, key) : -1;
    if (row < 0 ||
        !hv_mask_parse(&cpus, hv_table_text(nodes, (guint)row, hv_table_column(nodes, "cpus"))))
        return (double)NAN;
    return hv_mask_count(&cpus) * (1 - hv_named_number(nodes, (guint)row, "use_ratio"));
}

/* Cpus that pinned vCPUs of others may run on. */
static void
find_taken(const HvVmWalk *vm, HvMask *taken)
{
    HvVmWalk walk;

    memset(taken, 0, sizeof *taken);
    hv_vm_walk_begin(&walk, vm->snapshot);
    while (hv_vm_walk_next(&walk)) {
        for (guint i = 0; i < walk.n_vcpus && walk.row != vm->row; i++) {
            HvMask allowed;

            if (hv_vcpu_allowed(&walk, i, &allowed) && hv_vcpu_is_pinned(&walk, &allowed))
                hv_mask_union(taken, &allowed);
        }
    }
}

gboolean
hv_place_choose(const HvVmWalk *vm, int node, HvMask *cpus)
{
    const HvTopology *topology = vm->topology;
    const HvTopoNode *target = topology ? hv_topology_node(topology, node) : NULL;
    HvMask taken, online;
    guint n_cores = 0;

    memset(cpus, 0, sizeof *cpus);
    if (!target)
        return FALSE;
    find_taken(vm, &taken);
    hv_mask_of_set(&online, topology->online);
    for (guint i = 0; i < topology->n_cores && n_cores < vm->n_vcpus; i++) {
        HvMask core;

        hv_mask_of_set(&core, topology->cores[i].cpus);
        if (topology->cores[i].node != node || hv_mask_intersects(&core, &taken))
            continue;
        hv_mask_union(cpus, &core);
        n_cores++;
    }
    if (n_cores < vm->n_vcpus)
        hv_mask_of_set(cpus, target->cpus);
    hv_mask_intersect(cpus, &online);
    return TRUE;
}

void
hv_place_pin_command(const HvVmWalk *vm, const HvMask *cpus, char *out, gsize size)
{
    char list[LIST_BYTES];

    hv_mask_text(cpus, list, sizeof list);
    g_snprintf(out, size, "hvtune set 'vm/%s/vcpu/*/cpus=%s'", vm->key, list);
}
