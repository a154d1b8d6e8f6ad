/* vCPUs of two VMs on sibling threads of one core, both pinned there and both busy. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/place.h"
#include "model/rule.h"

#define LEAST_BUSY 0.3
#define MAX_CORES HV_MASK_CPUS

/*
 * cost = mean over its busy vCPUs of (1 − yield) × how busy the sibling is, weighted by their
 * run time
 *
 * Assumed: beside a busy sibling a thread does 0.62 of what it does alone.
 */
#define SIBLING_YIELD 0.62

/* A busy vCPU that is pinned to a core. */
typedef struct {
    guint32 vm; /* 1 + row in "vms"; 0: none */
    int cpu;    /* its only one, or -1 */
    double run;
    gboolean has_cookie; /* of core scheduling */
    guint64 cookie;
} Tenant;

/* Of each core: its busiest tenant, and the busiest of another VM. */
typedef struct {
    Tenant first[MAX_CORES], other[MAX_CORES];
} Tenants;

/* The core that holds all the cpus that the vCPU may run on, or -1. */
static int
core_of(const HvVmWalk *vm, guint i, Tenant *tenant)
{
    const HvTopoCpu *cpu;
    HvMask allowed, core;
    int first;

    if (!hv_vcpu_allowed(vm, i, &allowed))
        return -1;
    first = hv_mask_next(&allowed, -1);
    cpu = first < 0 ? NULL : hv_topology_cpu(vm->topology, (guint)first);
    if (!cpu || cpu->core < 0 || (guint)cpu->core >= MIN(vm->topology->n_cores, MAX_CORES))
        return -1;
    hv_mask_of_set(&core, vm->topology->cores[cpu->core].cpus);
    *tenant = (Tenant){ .vm = vm->row + 1,
                        .cpu = hv_mask_next(&allowed, first) < 0 ? first : -1,
                        .run = hv_vcpu_run(vm, i) };
    tenant->has_cookie = hv_table_u64(vm->vcpus, vm->first + i, vm->cookie, &tenant->cookie);
    return hv_mask_is_subset(&allowed, &core) ? cpu->core : -1;
}

static void
settle(Tenants *tenants, int core, const Tenant *tenant)
{
    Tenant *first = &tenants->first[core], *other = &tenants->other[core];

    if (first->vm && first->vm != tenant->vm && tenant->run > first->run) {
        *other = *first;
        *first = *tenant;
    } else if (!first->vm || (first->vm == tenant->vm && tenant->run > first->run)) {
        *first = *tenant;
    } else if (first->vm != tenant->vm && tenant->run > other->run) {
        *other = *tenant;
    }
}

static void
find_tenants(const HvSnapshot *snapshot, Tenants *tenants)
{
    HvVmWalk vm;

    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm)) {
        for (guint i = 0; i < vm.n_vcpus; i++) {
            Tenant tenant;
            const int core = core_of(&vm, i, &tenant);

            if (core >= 0 && tenant.run >= LEAST_BUSY)
                settle(tenants, core, &tenant);
        }
    }
}

/* Who of another VM is busy on another cpu of the core; two on one cpu are another rule's. */
static const Tenant *
sibling_of(const Tenants *tenants, int core, const Tenant *tenant)
{
    const Tenant *first = &tenants->first[core], *other = &tenants->other[core];
    const Tenant *found = first->vm != tenant->vm ? first : other;

    if (!found->vm || (found->cpu >= 0 && found->cpu == tenant->cpu))
        return NULL;
    return found;
}

/* Core scheduling never runs threads of different cookies on one core at a time. */
static gboolean
is_kept_apart(const Tenant *a, const Tenant *b)
{
    return a->has_cookie && b->has_cookie && a->cookie != b->cookie;
}

static void
look(const HvVmWalk *vm, const Tenants *tenants, HvPlaces *places, HvRuleOut *out)
{
    double lost = 0, run = 0;
    guint n_sharing = 0, with = 0;
    int node = -1;
    char evidence[256], remedy[HV_REMEDY_BYTES];

    for (guint i = 0; i < vm->n_vcpus; i++) {
        Tenant tenant = { .run = (double)NAN };
        const int core = core_of(vm, i, &tenant);
        const Tenant *sibling;

        run += MAX(hv_vcpu_run(vm, i), 0);
        if (core < 0 || !(tenant.run >= LEAST_BUSY))
            continue;
        sibling = sibling_of(tenants, core, &tenant);
        if (!sibling || is_kept_apart(&tenant, sibling))
            continue;
        n_sharing++;
        with = sibling->vm - 1;
        node = vm->topology->cores[core].node;
        lost += tenant.run * (1 - SIBLING_YIELD) * sibling->run;
    }
    if (!n_sharing)
        return;
    g_snprintf(evidence, sizeof evidence,
               _("shares cores with busy vCPUs of %s (%u of %u vCPUs)"),
               hv_table_text(vm->vms, with, vm->vm), n_sharing, vm->n_vcpus);
    hv_place_pin_remedy(places, vm, node, remedy, sizeof remedy);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = lost / run,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .key = 'a' });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    Tenants tenants = { 0 };
    HvPlaces places = { 0 };
    HvVmWalk vm;

    if (!snapshot->topology)
        return;
    find_tenants(snapshot, &tenants);
    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look(&vm, &tenants, &places, out);
}

const HvRule hv_rule_core_shared = {
    .name = "core-shared",
    .help = N_("vCPUs of two VMs, both busy, are pinned to threads of one core"),
    .inputs = (const char *const[]){ "vms", "vcpus", NULL },
    .run = run,
};
