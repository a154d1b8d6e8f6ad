/* Interrupts of the simulated machine: where devices' go, what they and a guest's own cost,
 * irqbalance. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"

/* Model: what each costs. */
#define HARD_NS 900.0       /* a device's interrupt */
#define SOFTIRQ_NS 2200.0   /* the work that follows it */
#define FAR_NS 1500.0       /* more, when device or vCPU are on another package */
#define EXIT_NS 1500.0      /* one exit of a guest */
#define PAGE_MOVE_NS 2000.0 /* a page that is moved keeps waiting who touches it */
#define MAX_HARD 0.3        /* of a cpu: then the device is polled */
#define MAX_SOFT 0.6
#define BALANCE_S 10.0 /* irqbalance looks this often */

/* Exits per virtual interrupt without APICv: injection, window, end of interrupt. */
#define EXITS_PER_INTERRUPT (1 + HV_SIM_WINDOWS_PER_INTERRUPT + 1)

static void
take_irq(HvSimWorld *world, HvSimIrq *irq)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    double factor = irq->vm ? physics->vms[irq->vm->number].demand_factor : 1;
    double per_s = irq->vm && irq->vm->state != HV_GUEST_RUNNING ? 0 : irq->per_s * factor;
    gboolean far = irq->node >= 0 && world->cpus[irq->cpu].node != (guint)irq->node;

    double hard = per_s * HARD_NS / 1e9, soft = per_s * (SOFTIRQ_NS + (far ? FAR_NS : 0)) / 1e9;

    irq->counts[irq->cpu] += per_s * HV_SIM_STEP_S;
    physics->irq_ratio[irq->cpu] = MIN(MAX_HARD, physics->irq_ratio[irq->cpu] + hard);
    physics->softirq_ratio[irq->cpu] = MIN(MAX_SOFT, physics->softirq_ratio[irq->cpu] + soft);
}

/* Puts back what it had chosen: a change by hand lasts until its next look. */
static void
balance(HvSimWorld *world)
{
    for (guint i = 0; i < world->irqs->len; i++) {
        HvSimIrq *irq = world->irqs->pdata[i];

        if (irq->managed || irq->banned || !world->cpus[irq->balanced].online)
            continue;
        if (hv_set_has(irq->cpus, irq->balanced) && hv_set_count(irq->cpus) == 1)
            continue;
        hv_set_clear(irq->cpus);
        hv_set_add(irq->cpus, irq->balanced);
        hv_world_place_irq(world, irq);
        world->change++;
    }
}

/* For each package, the part of a VM's interrupts that reaches its vCPUs there from another
 * one. A VM without interrupts of its own lives from those that all share. */
static void
find_far(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    double shared[HV_SIM_MAX_NODES] = { 0 }, all = 0;

    for (guint i = 0; i < world->irqs->len; i++) {
        const HvSimIrq *irq = world->irqs->pdata[i];

        if (irq->vm || irq->managed)
            continue; /* a disk's queues belong to their cpus */
        shared[world->cpus[irq->cpu].package] += irq->per_s;
        all += irq->per_s;
    }
    for (guint i = 0; i < world->vms->len; i++)
        for (guint k = 0; k < world->n_nodes; k++)
            physics->vms[i].far_ratio[k] = all > 0 ? 1 - shared[k] / all : 0;
    for (guint i = 0; i < world->irqs->len; i++) {
        const HvSimIrq *irq = world->irqs->pdata[i];

        for (guint k = 0; irq->vm && k < world->n_nodes; k++)
            physics->vms[irq->vm->number].far_ratio[k] = world->cpus[irq->cpu].package != k;
    }
}

static double
pages_ratio(const HvSimVmState *state, const HvSimVm *vm)
{
    double per_s = MIN(state->pages_under_way / HV_SIM_STEP_S, state->pages_per_s);

    return MIN(0.5, per_s * PAGE_MOVE_NS / 1e9 / vm->n_vcpus);
}

gboolean
hv_sim_has_apicv(const HvSimWorld *world, const HvSimVm *vm)
{
    const gboolean is_amd = world->geometry.vendor == HV_SIM_AMD;

    if (!world->apicv || ((vm->apic & HV_APIC_SYNIC) && !(vm->apic & HV_APIC_HV_AVIC)))
        return FALSE;
    return !is_amd ||
           ((vm->apic & (HV_APIC_PIT_DISCARD | HV_APIC_SPLIT | HV_APIC_NO_PIT)) != 0 &&
            (!vm->launch_security || !*vm->launch_security));
}

/* With APICv an interrupt costs a vCPU that runs nothing, and one that is halted its wake-up.
 */
static void
cost_vcpu(HvSimWorld *world, guint i)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    const HvSimThread *thread = physics->threads[i];
    const HvSimVm *vm = thread->vm;
    const HvSimVmState *state = &physics->vms[vm->number];
    double far = state->far_ratio[world->cpus[thread->cpu].package];
    double per_s = HV_SIM_EXITS_PER_S;
    double exits_ratio;

    if (!hv_sim_has_apicv(world, vm))
        per_s += vm->load.interrupts_per_s * EXITS_PER_INTERRUPT + vm->load.ipis_per_s;
    else
        per_s += vm->load.interrupts_per_s * MAX(0, 1 - thread->demand) * HV_SIM_HALTED;
    exits_ratio = per_s * (EXIT_NS + far * FAR_NS) / 1e9;
    physics->exits_per_s[i] = per_s;
    physics->overhead_ratio[i] = MIN(0.8, exits_ratio + pages_ratio(state, vm));
}

void
hv_sim_interrupts_step(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    double now_s = (double)world->now_ns / 1e9;

    for (guint i = 0; i < world->n_cpus; i++)
        physics->irq_ratio[i] = physics->softirq_ratio[i] = 0;
    if (now_s >= physics->next_balance_s) {
        physics->next_balance_s = now_s + BALANCE_S;
        if (world->irqbalance)
            balance(world);
    }
    for (guint i = 0; i < world->irqs->len; i++)
        take_irq(world, world->irqs->pdata[i]);
    find_far(world);
    for (guint i = 0; i < physics->n_vcpus; i++)
        cost_vcpu(world, physics->vcpus[i]);
}
