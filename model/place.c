/* Where a VM could go: names of nodes for people, cpus that are nobody's, the command that
 * pins. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/place.h"

#include <math.h>

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

/* Whole cores of @node, but those where somebody is pinned beside those that @own counts. */
static void
find_cores(const HvPlaces *places, const guint16 *own, const HvTopology *topology, int node,
           HvMask *cores)
{
    HvMask taken;

    hv_mask_clear(&taken);
    hv_mask_clear(cores);
    for (guint i = 0; i < topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &topology->cpus[i];

        if (cpu->node != node || cpu->core < 0 || cpu->cpu >= HV_MASK_CPUS)
            continue;
        if (places->n_pinned[cpu->cpu] != own[cpu->cpu])
            hv_mask_add(&taken, (guint)cpu->core);
        else if (cpu->online)
            hv_mask_add(cores, (guint)cpu->core);
    }
    hv_mask_subtract(cores, &taken);
}

/* The first @n of @cores; FALSE where there are fewer. */
static gboolean
keep_first(HvMask *cores, guint n)
{
    HvMask kept;

    hv_mask_clear(&kept);
    HV_MASK_FOREACH(core, cores)
    {
        if (n == 0)
            break;
        hv_mask_add(&kept, (guint)core);
        n--;
    }
    *cores = kept;
    return n == 0;
}

static gboolean
choose(const HvPlaces *places, const guint16 *own, const HvVmWalk *vm, int node, guint n_cores,
       HvMask *cpus)
{
    const HvTopology *topology = vm->topology;
    gboolean is_enough;
    HvMask cores;

    hv_mask_clear(cpus);
    if (!topology)
        return FALSE;
    find_cores(places, own, topology, node, &cores);
    is_enough = keep_first(&cores, n_cores);
    for (guint i = 0; i < topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &topology->cpus[i];

        if (cpu->node == node && cpu->online &&
            (!is_enough || (cpu->core >= 0 && hv_mask_has(&cores, (guint)cpu->core))))
            hv_mask_add(cpus, cpu->cpu);
    }
    return is_enough;
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
hv_place_choose_apart(HvPlaces *places, const HvVmWalk *vm, int node, guint n_cores,
                      HvMask *cpus)
{
    static const guint16 nobody[HV_MASK_CPUS];

    hv_place_count(places, vm);
    return choose(places, nobody, vm, node, n_cores, cpus);
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
