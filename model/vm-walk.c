/* VMs and their vCPUs as rules walk over them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/vm-walk.h"

#include <math.h>

double
hv_number(const HvTable *table, guint row, int column)
{
    double value;

    return table && hv_table_f64(table, row, column, &value) ? value : (double)NAN;
}

double
hv_named_number(const HvTable *table, guint row, const char *column)
{
    return hv_number(table, row, hv_table_column(table, column));
}

void
hv_vm_walk_begin(HvVmWalk *walk, const HvSnapshot *snapshot)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");
    const HvTable *vcpus = hv_snapshot_table(snapshot, "vcpus");

    *walk = (HvVmWalk){
        .snapshot = snapshot,
        .topology = snapshot->topology,
        .vms = vms,
        .vcpus = vcpus,
        .vm = hv_table_column(vms, "vm"),
        .cpu_ratio = hv_table_column(vms, "cpu_ratio"),
        .state = hv_table_column(vms, "state"),
        .vcpu_vm = hv_table_column(vcpus, "vm"),
        .vcpu_id = hv_table_column(vcpus, "vcpu"),
        .run = hv_table_column(vcpus, "run_ratio"),
        .wait = hv_table_column(vcpus, "wait_ratio"),
        .throttled = hv_table_column(vcpus, "throttled_ratio"),
        .node = hv_table_column(vcpus, "node"),
        .allowed = hv_table_column(vcpus, "cpus_allowed"),
        .cookie = hv_table_column(vcpus, "core_cookie"),
    };
}

static gboolean
is_of_vm(const HvVmWalk *walk, guint row)
{
    return g_strcmp0(hv_table_text(walk->vcpus, row, walk->vcpu_vm), walk->name) == 0;
}

/* Both tables list VMs in one order, so the search mostly ends where it begins. */
static void
find_vcpus(HvVmWalk *walk)
{
    const guint n_rows = walk->vcpus ? hv_table_n_rows(walk->vcpus) : 0;

    walk->first = walk->next_vcpu;
    walk->n_vcpus = 0;
    if (walk->first >= n_rows || !is_of_vm(walk, walk->first))
        for (walk->first = 0; walk->first < n_rows && !is_of_vm(walk, walk->first);
             walk->first++)
            ;
    while (walk->first + walk->n_vcpus < n_rows && is_of_vm(walk, walk->first + walk->n_vcpus))
        walk->n_vcpus++;
    walk->next_vcpu = walk->first + walk->n_vcpus;
}

gboolean
hv_vm_walk_next(HvVmWalk *walk)
{
    const guint n_rows = walk->vms ? hv_table_n_rows(walk->vms) : 0;

    while (walk->next_row < n_rows) {
        walk->row = walk->next_row++;
        walk->name = hv_table_text(walk->vms, walk->row, walk->vm);
        if (!walk->name)
            continue;
        walk->key = hv_table_row_key(walk->vms, walk->row);
        find_vcpus(walk);
        return TRUE;
    }
    return FALSE;
}

double
hv_vm_cpus_used(const HvVmWalk *walk)
{
    return hv_number(walk->vms, walk->row, walk->cpu_ratio);
}

gboolean
hv_vm_is_running(const HvVmWalk *walk)
{
    const char *state = hv_table_text(walk->vms, walk->row, walk->state);

    return !state || g_str_equal(state, "running") || g_str_equal(state, "unknown");
}

guint64
hv_vcpu_number(const HvVmWalk *walk, guint i)
{
    guint64 number = i;

    hv_table_u64(walk->vcpus, walk->first + i, walk->vcpu_id, &number);
    return number;
}

double
hv_vcpu_run(const HvVmWalk *walk, guint i)
{
    return hv_number(walk->vcpus, walk->first + i, walk->run);
}

/* The kernel counts throttled time as waiting too. */
double
hv_vcpu_wait(const HvVmWalk *walk, guint i)
{
    const double wait = hv_number(walk->vcpus, walk->first + i, walk->wait);
    const double throttled = hv_number(walk->vcpus, walk->first + i, walk->throttled);

    return isnan(throttled) ? wait : MAX(wait - throttled, 0);
}

int
hv_vcpu_node(const HvVmWalk *walk, guint i)
{
    guint64 node;

    return hv_table_u64(walk->vcpus, walk->first + i, walk->node, &node) && node <= HV_SET_MAX
               ? (int)node
               : -1;
}

gboolean
hv_vcpu_allowed(const HvVmWalk *walk, guint i, HvMask *cpus)
{
    return hv_mask_parse(cpus, hv_table_text(walk->vcpus, walk->first + i, walk->allowed));
}

gboolean
hv_vcpu_is_pinned(const HvVmWalk *walk, const HvMask *allowed)
{
    const HvTopoNode *node = NULL;
    guint n_cpus = 0;

    HV_MASK_FOREACH(number, allowed)
    {
        const HvTopoCpu *cpu =
            walk->topology ? hv_topology_cpu(walk->topology, (guint)number) : NULL;

        if (!cpu || (node && cpu->node != node->node))
            return FALSE;
        node = node ? node : hv_topology_node(walk->topology, cpu->node);
        if (!node)
            return FALSE;
        n_cpus++;
    }
    return node && n_cpus < hv_set_count(node->cpus);
}
