/* A VM that floats over cpus that others' vCPUs are pinned to, and makes them wait. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/place.h"
#include "model/rule.h"

#define LEAST_WAIT 0.02
#define LEAST_CPUS 0.1 /* used by the one that floats */

/*
 * cost = wait of the pinned vCPUs that it may run beside, mean over the vCPUs of the VM that
 * suffers most; nothing is assumed but that those vCPUs wait for it: cpus with two pinned vCPUs
 * are left out.
 */

#define MAX_VICTIMS 128

/* A pinned VM with vCPUs that wait. */
typedef struct {
    HvMask cpus;       /* of those vCPUs */
    double cost, wait; /* mean over all its vCPUs; of the worst */
    guint64 vcpu;      /* that one */
    guint row;         /* in "vms" */
} Victim;

typedef struct {
    Victim victims[MAX_VICTIMS];
    guint n;
} Victims;

/* Where its vCPUs may run when none is pinned; FALSE: they are, or it is not known. */
static gboolean
floats(const HvVmWalk *vm, HvMask *cpus)
{
    hv_mask_clear(cpus);
    for (guint i = 0; i < vm->n_vcpus; i++) {
        HvMask allowed;

        if (!hv_vcpu_allowed(vm, i, &allowed) || hv_vcpu_is_pinned(vm, &allowed))
            return FALSE;
        hv_mask_union(cpus, &allowed);
    }
    return vm->n_vcpus > 0 && vm->topology;
}

static gboolean
is_alone(const HvPlaces *places, const HvMask *allowed)
{
    guint n_cpus = 0, n_pinned = 0;

    HV_MASK_FOREACH(cpu, allowed)
    {
        n_cpus++;
        n_pinned = MAX(n_pinned, places->n_pinned[cpu]);
    }
    return n_pinned <= n_cpus;
}

static gboolean
waits_alone(const HvVmWalk *vm, const HvPlaces *places, guint i, HvMask *allowed)
{
    return hv_vcpu_wait(vm, i) > LEAST_WAIT && hv_vcpu_allowed(vm, i, allowed) &&
           hv_vcpu_is_pinned(vm, allowed) && is_alone(places, allowed);
}

static void
add_victim(const HvVmWalk *vm, const HvPlaces *places, Victims *victims)
{
    Victim *victim = &victims->victims[victims->n];

    *victim = (Victim){ .row = vm->row };
    for (guint i = 0; i < vm->n_vcpus; i++) {
        const double wait = hv_vcpu_wait(vm, i);
        HvMask allowed;

        if (!waits_alone(vm, places, i, &allowed))
            continue;
        hv_mask_union(&victim->cpus, &allowed);
        victim->cost += wait / vm->n_vcpus;
        if (wait > victim->wait)
            victim->vcpu = hv_vcpu_number(vm, i);
        victim->wait = MAX(victim->wait, wait);
    }
    if (victim->cost > 0)
        victims->n++;
}

static void
find_victims(const HvSnapshot *snapshot, HvPlaces *places, Victims *victims)
{
    HvVmWalk vm;

    hv_vm_walk_begin(&vm, snapshot);
    hv_place_count(places, &vm);
    while (victims->n < MAX_VICTIMS && hv_vm_walk_next(&vm))
        add_victim(&vm, places, victims);
}

static int
roomiest_node(const HvVmWalk *vm)
{
    int best = -1;
    double most = -1;

    for (guint i = 0; i < vm->topology->n_nodes; i++) {
        const double idle = hv_place_idle_cpus(vm->snapshot, vm->topology->nodes[i].node);

        if (idle > most) {
            most = idle;
            best = vm->topology->nodes[i].node;
        }
    }
    return best;
}

/* Where its memory is, else where there is most room. */
static int
best_node(const HvVmWalk *vm)
{
    const double home = hv_named_number(vm->vms, vm->row, "home_node");

    return isnan(home) || home > HV_SET_MAX ? roomiest_node(vm) : (int)home;
}

static void
say(const HvVmWalk *vm, HvPlaces *places, const Victim *victim, HvRuleOut *out)
{
    char evidence[384], remedy[HV_REMEDY_BYTES];

    g_snprintf(
        evidence, sizeof evidence,
        _("it floats over cpus of pinned VMs: vCPU %" G_GUINT64_FORMAT " of %s waits %d %%"),
        victim->vcpu, hv_table_text(vm->vms, victim->row, vm->vm),
        (int)lround(100 * victim->wait));
    hv_place_pin_remedy(places, vm, best_node(vm), remedy, sizeof remedy);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = victim->cost,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .key = 'a' });
}

static void
look(const HvVmWalk *vm, HvPlaces *places, const Victims *victims, HvRuleOut *out)
{
    const Victim *worst = NULL;
    HvMask floating;

    if (!(hv_vm_cpus_used(vm) >= LEAST_CPUS) || !floats(vm, &floating))
        return;
    for (guint i = 0; i < victims->n; i++) {
        const Victim *victim = &victims->victims[i];

        if (hv_mask_intersects(&victim->cpus, &floating) &&
            (!worst || victim->cost > worst->cost))
            worst = victim;
    }
    if (worst)
        say(vm, places, worst, out);
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    HvPlaces places = { 0 };
    Victims victims;
    HvVmWalk vm;

    victims.n = 0;
    find_victims(snapshot, &places, &victims);
    hv_vm_walk_begin(&vm, snapshot);
    while (victims.n && hv_vm_walk_next(&vm))
        look(&vm, &places, &victims, out);
}

const HvRule hv_rule_unpinned_beside_pinned = {
    .name = "unpinned-beside-pinned",
    .help = N_("a VM without pins runs on cpus that others are pinned to, and makes them wait"),
    .inputs = (const char *const[]){ "vms", "vcpus", "nodes", NULL },
    .run = run,
};
