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

int
hv_place_node_of(const HvTopology *topology, int cpu)
{
    const HvTopoCpu *found =
        topology && cpu >= 0 ? hv_topology_cpu(topology, (guint)cpu) : NULL;

    return found ? found->node : -1;
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

/* Counts the vCPUs of the VM that @walk is at. */
static void
count_vm(guint16 *n_pinned, const HvVmWalk *walk)
{
    for (guint i = 0; i < walk->n_vcpus; i++) {
        HvMask allowed;

        if (!hv_vcpu_allowed(walk, i, &allowed) || !hv_vcpu_is_pinned(walk, &allowed))
            continue;
        HV_MASK_FOREACH(cpu, &allowed)
        n_pinned[cpu]++;
    }
}

void
hv_place_count(HvPlaces *places, const HvVmWalk *vm)
{
    HvVmWalk walk;

    if (places->is_counted)
        return;
    places->is_counted = TRUE;
    hv_vm_walk_begin(&walk, vm->snapshot);
    while (hv_vm_walk_next(&walk))
        count_vm(places->n_pinned, &walk);
}

/* Cpus of @node that @own leaves to others, without counting @own itself. */
static gboolean
choose(HvPlaces *places, const guint16 *own, const HvVmWalk *vm, int node, guint n_cores,
       HvMask *cpus)
{
    const HvTopology *topology = vm->topology;
    const HvTopoNode *target = topology ? hv_topology_node(topology, node) : NULL;
    HvMask online;
    guint n_found = 0;

    memset(cpus, 0, sizeof *cpus);
    if (!target)
        return FALSE;
    for (guint i = 0; i < topology->n_cores && n_found < n_cores; i++) {
        gboolean is_free = topology->cores[i].node == node;
        HvMask core;

        hv_mask_of_set(&core, topology->cores[i].cpus);
        HV_MASK_FOREACH(cpu, &core)
        is_free = is_free && places->n_pinned[cpu] == own[cpu];
        if (!is_free)
            continue;
        hv_mask_union(cpus, &core);
        n_found++;
    }
    if (n_found < n_cores)
        hv_mask_of_set(cpus, target->cpus);
    hv_mask_of_set(&online, topology->online);
    hv_mask_intersect(cpus, &online);
    return n_found == n_cores;
}

gboolean
hv_place_choose(HvPlaces *places, const HvVmWalk *vm, int node, guint n_cores, HvMask *cpus)
{
    guint16 own[HV_MASK_CPUS] = { 0 };

    hv_place_count(places, vm);
    count_vm(own, vm);
    return choose(places, own, vm, node, n_cores, cpus);
}

gboolean
hv_place_choose_apart(HvPlaces *places, const HvVmWalk *vm, int node, HvMask *cpus)
{
    static const guint16 nobody[HV_MASK_CPUS];

    hv_place_count(places, vm);
    return choose(places, nobody, vm, node, 1, cpus);
}

void
hv_place_pin_command(const HvVmWalk *vm, const HvMask *cpus, char *out, gsize size)
{
    char list[LIST_BYTES];

    hv_mask_text(cpus, list, sizeof list);
    g_snprintf(out, size, "hvtune set 'vm/%s/vcpu/*/cpus=%s'", vm->key, list);
}

void
hv_place_pin_remedy(HvPlaces *places, const HvVmWalk *vm, int node, char *out, gsize size)
{
    char name[HV_PLACE_NAME_BYTES], command[HV_REMEDY_BYTES / 2];
    HvMask cpus;
    const gboolean is_own = hv_place_choose(places, vm, node, vm->n_vcpus, &cpus);

    hv_place_name(vm->topology, node, name, sizeof name);
    hv_place_pin_command(vm, &cpus, command, sizeof command);
    if (is_own)
        g_snprintf(out, size, _("a gives its vCPUs cores of their own on %s: %s"), name,
                   command);
    else
        g_snprintf(out, size, _("a lets its vCPUs run on all of %s: %s"), name, command);
}
