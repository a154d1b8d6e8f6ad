/* Two vCPUs that must share one cpu, while others may be idle. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/place.h"
#include "model/rule.h"

#define SERIOUS_COST 0.2

/* cost = mean share of its vCPUs' time that those which share a cpu wait for one; nothing is
 * assumed: they would not wait on a cpu of their own. */

/* Who is held to each cpu alone: 1 + the rows in "vms" of the first VM and of another one. */
typedef struct {
    guint32 first[HV_MASK_CPUS], other[HV_MASK_CPUS];
    guint16 n[HV_MASK_CPUS];
} Holders;

/* The only cpu that the vCPU may run on, or -1. */
static int
only_cpu(const HvVmWalk *vm, guint i)
{
    HvMask allowed;
    int cpu;

    if (!hv_vcpu_allowed(vm, i, &allowed))
        return -1;
    cpu = hv_mask_next(&allowed, -1);
    return hv_mask_next(&allowed, cpu) < 0 ? cpu : -1;
}

static void
find_holders(const HvSnapshot *snapshot, Holders *holders)
{
    HvVmWalk vm;

    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm)) {
        for (guint i = 0; i < vm.n_vcpus && hv_vm_is_running(&vm); i++) {
            const int cpu = only_cpu(&vm, i);

            if (cpu < 0)
                continue;
            holders->n[cpu]++;
            if (!holders->first[cpu])
                holders->first[cpu] = vm.row + 1;
            else if (holders->first[cpu] != vm.row + 1)
                holders->other[cpu] = vm.row + 1;
        }
    }
}

/* One VM's vCPUs that share. */
typedef struct {
    HvMask shared, all; /* cpus that they share; cpus that any of its vCPUs may run on */
    guint n_sharing;
    double wait; /* sum over those that share */
    double wait_of_all;
    guint32 with;   /* 1 + row of another VM, 0: they share among themselves */
    gboolean knows; /* where each vCPU may run */
} Sharing;

static void
add_vcpu(const HvVmWalk *vm, const Holders *holders, guint i, Sharing *sharing)
{
    const int cpu = only_cpu(vm, i);
    const double wait = hv_vcpu_wait(vm, i);
    HvMask allowed;

    sharing->knows = hv_vcpu_allowed(vm, i, &allowed) && sharing->knows;
    hv_mask_union(&sharing->all, &allowed);
    sharing->wait_of_all += wait;
    if (cpu < 0 || holders->n[cpu] < 2)
        return;
    sharing->n_sharing++;
    sharing->wait += wait;
    hv_mask_add(&sharing->shared, (guint)cpu);
    if (holders->first[cpu] != vm->row + 1)
        sharing->with = holders->first[cpu];
    else if (holders->other[cpu])
        sharing->with = holders->other[cpu];
}

static void
wait_text(char *out, gsize size, double wait)
{
    if (isnan(wait))
        *out = '\0';
    else
        g_snprintf(out, size, _(", wait %.0f %%"), 100 * wait);
}

static void
describe(const HvVmWalk *vm, const Sharing *sharing, char *out, gsize size)
{
    const HvMask *mask = sharing->n_sharing ? &sharing->shared : &sharing->all;
    char cpus[128], wait[64];

    hv_mask_text(mask, cpus, sizeof cpus);
    wait_text(wait, sizeof wait,
              sharing->n_sharing ? sharing->wait / sharing->n_sharing
                                 : sharing->wait_of_all / vm->n_vcpus);
    if (!sharing->n_sharing)
        g_snprintf(out, size, _("its %u vCPUs have only cpus %s%s"), vm->n_vcpus, cpus, wait);
    else if (sharing->with)
        g_snprintf(out, size, _("shares cpus %s with %s (%u of %u vCPUs%s)"), cpus,
                   hv_table_text(vm->vms, sharing->with - 1, vm->vm), sharing->n_sharing,
                   vm->n_vcpus, wait);
    else
        g_snprintf(out, size, _("its vCPUs share cpus %s (%u of %u vCPUs%s)"), cpus,
                   sharing->n_sharing, vm->n_vcpus, wait);
}

static void
look(const HvVmWalk *vm, const Holders *holders, HvPlaces *places, HvRuleOut *out)
{
    Sharing sharing = { .knows = TRUE };
    char evidence[384], remedy[HV_REMEDY_BYTES];
    double cost;

    for (guint i = 0; i < vm->n_vcpus; i++)
        add_vcpu(vm, holders, i, &sharing);
    if (!sharing.n_sharing &&
        (!sharing.knows || hv_mask_count(&sharing.all) >= vm->n_vcpus || !vm->n_vcpus))
        return;
    cost = (sharing.n_sharing ? sharing.wait : sharing.wait_of_all) / vm->n_vcpus;
    describe(vm, &sharing, evidence, sizeof evidence);
    hv_place_pin_remedy(places, vm,
                        hv_place_node_of(vm->topology, hv_mask_next(&sharing.all, -1)), remedy,
                        sizeof remedy);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = cost,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .key = 'a',
                                       .serious = cost >= SERIOUS_COST });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    Holders holders = { 0 };
    HvPlaces places = { 0 };
    HvVmWalk vm;

    find_holders(snapshot, &holders);
    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm)) {
        if (hv_vm_is_running(&vm))
            look(&vm, &holders, &places, out);
    }
}

const HvRule hv_rule_cpu_overcommit = {
    .name = "cpu-overcommit",
    .help = N_("two vCPUs must share one cpu"),
    .always = TRUE,
    .inputs = (const char *const[]){ "vms", "vcpus", NULL },
    .run = run,
};
