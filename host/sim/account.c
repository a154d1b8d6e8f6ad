/* What a step adds to the counters of threads, cpus and VMs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"

#define STEP_NS ((double)HV_SIM_STEP_NS)
#define USER_RATIO 0.002        /* of a vCPU's time: QEMU's own code, model */
#define SLICE_S 0.003           /* of a thread that others wait for, model */
#define WAKES_PER_S 150.0       /* of a thread with little to do, model */
#define IO_RATIO 0.001          /* of its time that a VM waits for its disks, model */
#define SWAP_IO_RATIO 0.7       /* of a stall for memory that is swapping in */
#define ALLOCATIONS_PER_S 400.0 /* pages, of a cpu that is busy, model */
#define MAX_LOAD 0.985          /* of a server, beyond which its queue would not end */

static void
count_switches(HvSimWorld *world, HvSimThread *thread)
{
    double voluntary =
        WAKES_PER_S * (thread->got < 0.98 ? MIN(1, 4 * thread->got) : 0.02) * HV_SIM_STEP_S;
    double involuntary = MIN(thread->wait, thread->got) / SLICE_S * HV_SIM_STEP_S;
    double part =
        hv_sim_random(hv_sim_physics(world)); /* so that few a second are counted too */
    guint64 n_voluntary = (guint64)(voluntary + part),
            n_involuntary = (guint64)(involuntary + 1 - part);

    thread->n_voluntary_switches += n_voluntary;
    thread->n_involuntary_switches += n_involuntary;
    thread->n_timeslices += n_voluntary + n_involuntary;
    world->context_switches += (double)(n_voluntary + n_involuntary);
}

/* The kinds of exits that any busy vCPU has, as shares of all but those for interrupts; the
 * rest are accesses to model-specific registers, which KVM does not count by themselves. Model.
 */
static const struct {
    HvKvmCount count;
    double share;
} usual_exits[] = {
    { HV_KVM_HALT_EXITS, 0.4 },      { HV_KVM_HALT_WAKEUP, 0.4 }, { HV_KVM_IRQ_EXITS, 0.25 },
    { HV_KVM_IO_EXITS, 0.1 },        { HV_KVM_MMIO_EXITS, 0.05 }, { HV_KVM_SIGNAL_EXITS, 0.01 },
    { HV_KVM_INSN_EMULATION, 0.15 },
};

static void
count_exits(HvSimWorld *world, guint i)
{
    const HvSimPhysics *physics = hv_sim_physics(world);
    const HvSimThread *thread = physics->threads[i];
    HvSimVm *vm = thread->vm;
    const double time = thread->got * HV_SIM_STEP_S,
                 interrupts = time * vm->load.interrupts_per_s;

    vm->kvm[HV_KVM_EXITS] += time * physics->exits_per_s[i];
    for (guint k = 0; k < G_N_ELEMENTS(usual_exits); k++)
        vm->kvm[usual_exits[k].count] += time * HV_SIM_EXITS_PER_S * usual_exits[k].share;
    if (!hv_sim_has_apicv(world, vm)) {
        vm->kvm[HV_KVM_IRQ_INJECTIONS] += interrupts;
        vm->kvm[HV_KVM_IRQ_WINDOW_EXITS] += interrupts * HV_SIM_WINDOWS_PER_INTERRUPT;
        return;
    }
    vm->kvm[HV_KVM_HALT_EXITS] += interrupts * MAX(0, 1 - thread->demand) * HV_SIM_HALTED;
    vm->kvm[HV_KVM_HALT_WAKEUP] += interrupts * MAX(0, 1 - thread->demand) * HV_SIM_HALTED;
}

static void
count_vcpu(HvSimWorld *world, guint i)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimThread *thread = physics->threads[i];
    HvSimVm *vm = thread->vm;
    HvSimCpu *cpu = &world->cpus[thread->cpu];
    double overhead = thread->got * physics->overhead_ratio[i], poll = physics->poll_ratio[i];
    double user = thread->got * USER_RATIO * (1 - physics->overhead_ratio[i]);
    double guest = thread->got - overhead - user;
    double lines = thread->lines_per_s * HV_SIM_STEP_S;

    thread->guest_ns += guest * STEP_NS;
    thread->user_ns += user * STEP_NS;
    thread->system_ns += (overhead + poll) * STEP_NS;
    thread->run_ns += poll * STEP_NS;
    cpu->guest_ns += guest * STEP_NS;
    cpu->user_ns += user * STEP_NS;
    cpu->system_ns += (overhead + poll) * STEP_NS;
    vm->halt_poll_ns += poll * STEP_NS;
    vm->throttled_ns += physics->throttled_ratio[i] * STEP_NS;
    thread->wait_ns += physics->throttled_ratio[i] * STEP_NS; /* as schedstat does */
    if (vm->quota_us >= 0 && thread->demand > 0) {
        double n_periods = HV_SIM_STEP_S * 1e6 / (double)vm->period_us;

        vm->n_periods += n_periods;
        vm->n_throttled += physics->throttled_ratio[i] > 0 ? n_periods : 0;
    }
    thread->misses += lines;
    thread->accesses += physics->accesses[i] * HV_SIM_STEP_S;
    thread->instructions += (physics->instructions[i] +
                             physics->requests[i] * vm->load.service_cpu_ns / 1e9 *
                                 (double)world->geometry.base_hz / MAX(0.1, vm->load.cpi)) *
                            HV_SIM_STEP_S;
    vm->ipis += thread->got * vm->load.ipis_per_s * HV_SIM_STEP_S;
    count_exits(world, i);
}

/* Threads of QEMU spend user time, the kernel's own and vhost system time. */
static void
count_other(HvSimWorld *world, HvSimThread *thread)
{
    HvSimCpu *cpu = &world->cpus[thread->cpu];
    double user = thread->vm && thread->role != HV_THREAD_VHOST ? 0.6 * thread->got : 0;

    thread->user_ns += user * STEP_NS;
    thread->system_ns += (thread->got - user) * STEP_NS;
    cpu->user_ns += user * STEP_NS;
    cpu->system_ns += (thread->got - user) * STEP_NS;
}

static void
count_thread(HvSimWorld *world, guint i)
{
    HvSimThread *thread = hv_sim_physics(world)->threads[i];

    thread->run_ns += thread->got * STEP_NS;
    thread->wait_ns += thread->wait * STEP_NS;
    count_switches(world, thread);
    if (thread->vm && thread->role == HV_THREAD_VCPU)
        count_vcpu(world, i);
    else
        count_other(world, thread);
}

/* P99 = 4.6 S / (1 - λS): of a queue with one server, at the mean of its vCPUs; who waits for a
 * cpu serves slower. */
static void
find_p99(HvSimWorld *world, HvSimVm *vm, double service_ns, guint n)
{
    HvSimVmState *state = &hv_sim_physics(world)->vms[vm->number];
    double arrivals = vm->load.arrivals_per_s * state->arrivals_factor;

    vm->p99_ms = 0;
    state->load_ratio = 0;
    if (arrivals <= 0 || !n)
        return;
    service_ns /= n;
    state->load_ratio = MIN(MAX_LOAD, arrivals * service_ns / 1e9);
    vm->p99_ms = 4.6 * service_ns / 1e6 / (1 - state->load_ratio) * state->latency_factor;
}

/* Threads of one VM lie together in the list, from @first. */
static void
count_vm(HvSimWorld *world, HvSimVm *vm, guint first)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimVmState *state = &physics->vms[vm->number];
    double instructions = 0, requests = 0, service_ns = 0, nobody_waits = 1;
    guint n = 0;

    for (guint i = first; i < first + vm->n_vcpus; i++) {
        const HvSimThread *thread = physics->threads[i];

        nobody_waits *= 1 - thread->wait;
        if (thread->got <= 0)
            continue;
        n++;
        instructions += physics->instructions[i];
        requests += physics->requests[i];
        service_ns += physics->service_ns[i] * (1 + thread->wait / thread->got);
    }
    vm->work_per_s = vm->load.instructions_per_work > 0
                         ? instructions / vm->load.instructions_per_work
                         : requests;
    vm->work += vm->work_per_s * HV_SIM_STEP_S;
    find_p99(world, vm, service_ns, n);
    vm->psi_cpu_ns += (1 - nobody_waits) * STEP_NS;
    vm->psi_memory_ns += state->stall_ratio * STEP_NS;
    vm->psi_io_ns +=
        (IO_RATIO * state->demand_factor + SWAP_IO_RATIO * state->stall_ratio) * STEP_NS;
}

void
hv_sim_account_step(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    guint first = 0;

    for (guint i = 0; i < physics->n_threads; i++)
        count_thread(world, i);
    for (guint i = 0; i < world->vms->len; i++) {
        HvSimVm *vm = world->vms->pdata[i];

        count_vm(world, vm, first);
        first += vm->threads->len;
    }
    for (guint i = 0; i < world->n_cpus; i++) {
        HvSimCpu *cpu = &world->cpus[i];

        world->nodes[cpu->node].local_allocations +=
            ALLOCATIONS_PER_S * cpu->busy_ratio * HV_SIM_STEP_S;
        cpu->irq_ns += physics->irq_ratio[i] * STEP_NS;
        cpu->softirq_ns += physics->softirq_ratio[i] * STEP_NS;
        cpu->idle_ns += (1 - physics->cpu_used[i]) * STEP_NS;
    }
}
