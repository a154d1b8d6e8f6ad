/* The order of a step, what physics keep between steps, noise, and what each thread wants. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"

#include <math.h>

double
hv_sim_random(HvSimPhysics *physics)
{
    guint64 z = physics->random += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15); /* splitmix64 */

    z = (z ^ z >> 30) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

/* The sum of four even ones: near enough to the bell, and cheap for 1,000 VMs. */
double
hv_sim_normal(HvSimPhysics *physics)
{
    double sum = 0;

    for (guint i = 0; i < 4; i++)
        sum += hv_sim_random(physics);
    return (sum - 2) * 1.7320508075688772;
}

static void
list_threads(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    guint n = 0;

    for (guint i = 0; i < world->vms->len; i++) {
        HvSimVm *vm = world->vms->pdata[i];

        for (guint j = 0; j < vm->threads->len && n < physics->threads_allocated; j++)
            physics->threads[n++] = vm->threads->pdata[j];
    }
    for (guint i = 0; i < world->host_threads->len && n < physics->threads_allocated; i++)
        physics->threads[n++] = world->host_threads->pdata[i];
    physics->n_threads = n;
    physics->n_vcpus = 0;
    for (guint i = 0; i < n; i++)
        if (physics->threads[i]->vm && physics->threads[i]->role == HV_THREAD_VCPU)
            physics->vcpus[physics->n_vcpus++] = i;
    physics->layout = world->layout;
}

static void
make_queues(HvSimPhysics *physics, const HvSimWorld *world)
{
    for (guint i = 0; i < world->n_nodes; i++) {
        physics->memory[i].capacity = world->geometry.dram_bytes_per_s;
        physics->memory[i].stretch = 1;
        for (guint j = 0; j < world->n_nodes; j++) {
            physics->link[i][j].capacity = world->geometry.link_bytes_per_s;
            physics->link[i][j].stretch = 1;
        }
    }
    physics->allowance = g_new0(HvSimQueue, world->n_l3 * HV_SIM_MAX_CLOSIDS);
    for (guint i = 0; i < world->n_l3 * HV_SIM_MAX_CLOSIDS; i++)
        physics->allowance[i].stretch = 1;
}

static void
make_thread_arrays(HvSimPhysics *physics, guint n)
{
    physics->threads_allocated = n;
    physics->threads = g_new0(HvSimThread *, n);
    physics->vcpus = g_new0(guint, n);
    physics->weight = g_new0(double, n);
    physics->next = g_new0(int, n);
    physics->poll_ratio = g_new0(double, n);
    physics->overhead_ratio = g_new0(double, n);
    physics->exits_per_s = g_new0(double, n);
    physics->service_ns = g_new0(double, n);
    physics->throttled_ratio = g_new0(double, n);
    physics->instructions = g_new0(double, n);
    physics->requests = g_new0(double, n);
    physics->accesses = g_new0(double, n);
}

static void
make_cpu_arrays(HvSimPhysics *physics, guint n)
{
    physics->head = g_new0(int, n);
    physics->pushed = g_new0(gboolean, n);
    physics->irq_ratio = g_new0(double, n);
    physics->softirq_ratio = g_new0(double, n);
    physics->core_bytes = g_new0(double, n);
    physics->core_ceiling = g_new0(double, n);
    physics->cpu_used = g_new0(double, n);
}

static void
make_caches(HvSimPhysics *physics, const HvSimWorld *world)
{
    guint n_vms = world->vms->len, n_ways = world->n_l3 * world->geometry.n_ways;

    physics->n_ways = world->geometry.n_ways;
    physics->vm_bytes = g_new0(double, n_vms *n_ways);
    physics->vm_fill = g_new0(double, n_vms *n_ways);
    physics->vm_held = g_new0(double, n_vms * world->n_l3);
    physics->vm_miss = g_new0(double, n_vms * world->n_l3);
    physics->rmid_bytes = g_new0(double, n_ways * world->geometry.n_rmids);
    physics->rmid_fill = g_new0(double, n_ways * world->geometry.n_rmids);
    physics->rmid_filled = g_new0(gboolean, world->n_l3 * world->geometry.n_rmids);
    physics->dma_bytes = g_new0(double, n_ways);
    physics->fill = g_new0(double, n_ways);
    physics->held = g_new0(double, n_ways);
    physics->keep = g_new0(double, n_ways);
    physics->gain = g_new0(double, n_ways);
}

/* Noise is given for samples of a second, and stepped ten times in one. */
static void
make_vms(HvSimPhysics *physics, const HvSimWorld *world)
{
    physics->vms = g_new0(HvSimVmState, world->vms->len);
    for (guint i = 0; i < world->vms->len; i++) {
        const HvSimVm *vm = world->vms->pdata[i];

        physics->vms[i].phi = pow(vm->load.noise_phi, HV_SIM_STEP_S);
        for (guint l3 = 0; l3 < world->n_l3; l3++)
            physics->vm_miss[i * world->n_l3 + l3] = vm->load.miss_none;
    }
}

HvSimPhysics *
hv_physics_new(HvSimWorld *world)
{
    HvSimPhysics *physics = g_new0(HvSimPhysics, 1);
    guint n = world->host_threads->len;

    for (guint i = 0; i < world->vms->len; i++)
        n += ((HvSimVm *)world->vms->pdata[i])->threads->len;
    world->physics = physics;
    physics->random = world->seed * 0x2545f4914f6cdd1d + 88172645463325252;
    make_thread_arrays(physics, n);
    make_cpu_arrays(physics, world->n_cpus);
    make_queues(physics, world);
    make_caches(physics, world);
    make_vms(physics, world);
    list_threads(world);
    for (guint i = 0; i < n; i++)
        if (physics->threads[i]->vm)
            physics->service_ns[i] = physics->threads[i]->vm->load.service_cpu_ns;
    return physics;
}

void
hv_physics_free(HvSimPhysics *physics)
{
    if (!physics)
        return;
    gpointer owned[] = { physics->threads,
                         physics->next,
                         physics->poll_ratio,
                         physics->exits_per_s,
                         physics->overhead_ratio,
                         physics->service_ns,
                         physics->instructions,
                         physics->requests,
                         physics->accesses,
                         physics->head,
                         physics->irq_ratio,
                         physics->softirq_ratio,
                         physics->core_bytes,
                         physics->core_ceiling,
                         physics->cpu_used,
                         physics->allowance,
                         physics->vm_bytes,
                         physics->vm_fill,
                         physics->vm_held,
                         physics->vm_miss,
                         physics->rmid_bytes,
                         physics->rmid_fill,
                         physics->dma_bytes,
                         physics->fill,
                         physics->held,
                         physics->keep,
                         physics->gain,
                         physics->vms,
                         physics->throttled_ratio,
                         physics->vcpus,
                         physics->weight,
                         physics->rmid_filled,
                         physics->pushed };

    for (guint i = 0; i < G_N_ELEMENTS(owned); i++)
        g_free(owned[i]);
    g_free(physics);
}

/* Slow swings and AR(1) noise of one VM's load. */
static void
vary_load(HvSimWorld *world, HvSimVm *vm)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimVmState *state = &physics->vms[vm->number];
    const HvSimLoad *load = &vm->load;
    double fresh = load->demand_noise * sqrt(1 - state->phi * state->phi);
    double day = 1;

    for (guint i = 0; i < G_N_ELEMENTS(vm->noise); i++)
        vm->noise[i] = vm->noise[i] * state->phi + fresh * hv_sim_normal(physics);
    if (load->day_period_ns)
        day +=
            load->day_amplitude * sin(2 * G_PI * (double)(world->now_ns % load->day_period_ns) /
                                      (double)load->day_period_ns);
    state->demand_factor = MAX(0.05, day * (1 + vm->noise[0]));
    state->arrivals_factor = MAX(0.05, day * (1 + vm->noise[1]));
    state->latency_factor = MAX(0.2, 1 + vm->noise[2]);
}

#define JITTER_RATIO 0.06     /* between the vCPUs of a VM, model */
#define VHOST_BYTES_PER_S 3e9 /* what one cpu copies */

/* Work that arrives whether it is done quickly or not takes the more cpu the slower it goes: against how fast it would
 * go alone, from its node's memory, without a cache. */
static double
slowness(const HvSimWorld *world, const HvSimThread *thread)
{
    const HvSimLoad *load = &thread->vm->load;
    double cpu_ns = load->cpi * 1e9 / (double)world->geometry.base_hz;
    double alone = cpu_ns + load->accesses_per_instruction * load->miss_none * HV_SIM_LOCAL_NS /
                                MAX(1, load->overlap);

    if (load->closed_loop || thread->speed <= 0)
        return 1;
    return CLAMP(cpu_ns / alone / thread->speed, 0.5, 5);
}

static double
wanted(const HvSimWorld *world, const HvSimThread *thread, guint i)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    const HvSimVm *vm = thread->vm;
    const HvSimVmState *state = &physics->vms[vm->number];
    double server =
        vm->load.arrivals_per_s * state->arrivals_factor * physics->service_ns[i] / 1e9;
    double jitter = 1 + JITTER_RATIO * (2 * hv_sim_random(physics) - 1);

    switch (thread->role) {
    case HV_THREAD_VCPU:
        return server + vm->load.demand * state->demand_factor * slowness(world, thread) * jitter;
    case HV_THREAD_EMULATOR:
        if (vm->load.emulator_demand > 0)
            return vm->load.emulator_demand * state->demand_factor * jitter;
        return (0.008 + 0.001 * vm->n_vcpus) * jitter;
    case HV_THREAD_IOTHREAD:
        return 0.02 * state->demand_factor * jitter;
    case HV_THREAD_VHOST:
        return 0.002 +
               vm->load.network_bytes_per_s / VHOST_BYTES_PER_S * state->demand_factor * jitter;
    case HV_THREAD_WORKER:
        break;
    }
    return 0;
}

void
hv_sim_demand_step(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    for (guint i = 0; i < world->vms->len; i++)
        vary_load(world, world->vms->pdata[i]);
    for (guint i = 0; i < physics->n_threads; i++) {
        HvSimThread *thread = physics->threads[i];
        const HvSimVm *vm = thread->vm;
        double limit;

        physics->throttled_ratio[i] = 0;
        if (!vm)
            continue; /* the host's want the same at any time */
        if (vm->is_gone ||
            (vm->state != HV_GUEST_RUNNING && thread->role != HV_THREAD_EMULATOR)) {
            thread->demand = 0;
            continue;
        }
        thread->demand = CLAMP(wanted(world, thread, i), 0, 1);
        if (thread->role != HV_THREAD_VCPU || vm->quota_us < 0)
            continue;
        limit = (double)vm->quota_us / (double)vm->period_us;
        physics->throttled_ratio[i] = MAX(0, thread->demand - limit);
        thread->demand = MIN(thread->demand, limit);
    }
}

void
hv_physics_step(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    if (physics->layout != world->layout)
        list_threads(world);
    hv_sim_demand_step(world);
    hv_sim_interrupts_step(world);
    hv_sim_sched_step(world);
    hv_sim_pages_step(world);
    hv_sim_memory_step(world);
    hv_sim_cache_step(world);
    hv_sim_account_step(world);
    physics->n_steps++;
}
