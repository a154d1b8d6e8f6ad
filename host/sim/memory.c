/* Memory: how long a miss of the L3 takes, what all of them add up to, and what throttles let
 * through. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"

#include <math.h>

/* Model. */
#define REMOTE_NS 140.0
#define LINK_NS 15.0
#define MAX_USE 0.95
/* of the fixed point in a step; the next step goes on where this one ended */
#define ROUNDS 3
#define MOST_ASKED 1.5        /* of a capacity, taken into account */
#define GOOD_ENOUGH 0.002     /* of use */
#define SIBLING_YIELD 0.62    /* of a thread's speed, beside a busy sibling */
#define CORE_BYTES_PER_S 14e9 /* between a core and its L3 */
#define HOT_SHARE 0.9         /* of the misses, to the hot pages */
#define UNLIMITED_EIGHTHS 2048

/* What Intel's throttle leaves of a core's ceiling, by percent. */
static const struct {
    double percent, ratio;
} throttle[] = { { 0, 0.08 },  { 10, 0.13 }, { 20, 0.3 }, { 40, 0.6 },
                 { 60, 0.85 }, { 80, 0.95 }, { 100, 1 } };

static double
throttle_ratio(double percent)
{
    for (guint i = 1; i < G_N_ELEMENTS(throttle); i++) {
        double width = throttle[i].percent - throttle[i - 1].percent;
        double part = (percent - throttle[i - 1].percent) / width;

        if (percent <= throttle[i].percent)
            return throttle[i - 1].ratio + part * (throttle[i].ratio - throttle[i - 1].ratio);
    }
    return 1;
}

void
hv_sim_region_shares(const HvSimRegion *region, guint n_nodes, double *share)
{
    guint64 hot = 0, all = 0;
    double each_hot, each_cold;

    for (guint k = 0; k < n_nodes; k++) {
        hot += region->hot_on_node[k];
        all += region->on_node[k];
    }
    each_hot = hot ? (all > hot ? HOT_SHARE : 1) / (double)hot : 0;
    each_cold = all > hot ? (hot ? 1 - HOT_SHARE : 1) / (double)(all - hot) : 0;
    for (guint k = 0; k < n_nodes; k++)
        share[k] = each_hot * (double)region->hot_on_node[k] +
                   each_cold * (double)(region->on_node[k] - region->hot_on_node[k]);
}

/* Of each vCPU's misses, the part to each node. */
static void
find_shares(HvSimWorld *world, HvSimVm *vm)
{
    double share[HV_SIM_MAX_NODES] = { 0 };
    guint cell = G_MAXUINT;

    for (guint i = 0; i < vm->n_vcpus; i++) {
        HvSimThread *thread = vm->threads->pdata[i];
        double sum = 0;

        if (thread->cell != cell) {
            cell = thread->cell;
            hv_sim_region_shares(&g_array_index(vm->regions, HvSimRegion, cell), world->n_nodes,
                                 share);
        }
        for (guint k = 0; k < world->n_nodes; k++) {
            thread->node_share[k] = (1 - vm->load.host_share) * share[k];
            sum += thread->node_share[k];
        }
        thread->node_share[world->cpus[thread->cpu].node] +=
            1 - sum; /* its own, and what is not touched yet */
    }
}

static double
queue_factor(const HvSimQueue *queue)
{
    double u = queue->use;

    return (1 + 0.3 * u * u * u * u / (1 - u)) * queue->stretch;
}

static void
find_latencies(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    for (guint k = 0; k < world->n_nodes; k++) {
        double factor = queue_factor(&physics->memory[k]);

        for (guint n = 0; n < world->n_nodes; n++) {
            const HvSimQueue *link = &physics->link[k][n];

            physics->latency_ns[n][k] = n == k ? HV_SIM_LOCAL_NS * factor
                                               : REMOTE_NS * factor + LINK_NS * link->use /
                                                                          (1 - link->use) *
                                                                          link->stretch;
        }
    }
}

static guint
closid_of(const HvSimWorld *world, const HvSimThread *thread)
{
    return thread->closid ? thread->closid : world->cpus[thread->cpu].closid;
}

static guint
rmid_of(const HvSimWorld *world, const HvSimThread *thread)
{
    return thread->rmid ? thread->rmid : world->cpus[thread->cpu].rmid;
}

static HvSimQueue *
allowance_of(const HvSimWorld *world, const HvSimThread *thread)
{
    guint l3 = world->cpus[thread->cpu].l3;

    return &hv_sim_physics(world)
                ->allowance[l3 * HV_SIM_MAX_CLOSIDS + closid_of(world, thread)];
}

/* How fast a vCPU goes when no throttle of its core hinders it. */
typedef struct {
    double miss;           /* ratio */
    double service_misses; /* of a request */
    double service_ns, instruction_ns;
} Pace;

static Pace
find_pace(const HvSimWorld *world, guint i)
{
    const HvSimPhysics *physics = hv_sim_physics(world);
    const HvSimThread *thread = physics->threads[i];
    const HvSimLoad *load = &thread->vm->load;
    const HvSimVmState *state = &physics->vms[thread->vm->number];
    const HvSimCpu *cpu = &world->cpus[thread->cpu];
    double slow = (1 - (1 - SIBLING_YIELD) * cpu->sibling_busy_ratio) *
                  (1 - physics->overhead_ratio[i]) * (1 - state->stall_ratio);
    Pace pace = { .miss = physics->vm_miss[thread->vm->number * world->n_l3 + cpu->l3] };
    double latency_ns = 0;

    for (guint k = 0; k < world->n_nodes; k++)
        latency_ns += thread->node_share[k] * physics->latency_ns[cpu->node][k];
    if (world->geometry.vendor == HV_SIM_AMD)
        latency_ns *= queue_factor(allowance_of(world, thread));
    pace.service_misses =
        load->service_misses * (load->miss_none > 0 ? pace.miss / load->miss_none : 1);
    pace.service_ns = (load->service_cpu_ns + pace.service_misses * latency_ns) / slow;
    pace.instruction_ns =
        (load->cpi * 1e9 / (double)world->geometry.base_hz +
         load->accesses_per_instruction * pace.miss * latency_ns / MAX(1, load->overlap)) /
        slow;
    return pace;
}

/* Requests come first; what is left of its time goes to work that always waits. */
static void
divide_time(const HvSimWorld *world, guint i, const Pace *pace)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimThread *thread = physics->threads[i];
    const HvSimLoad *load = &thread->vm->load;
    double arrivals = load->arrivals_per_s * physics->vms[thread->vm->number].arrivals_factor;
    double serving = 0;

    physics->requests[i] = 0;
    if (arrivals > 0 && pace->service_ns > 0) {
        physics->requests[i] = MIN(arrivals, thread->got * 1e9 / pace->service_ns);
        serving = physics->requests[i] * pace->service_ns / 1e9;
    }
    physics->instructions[i] = MAX(0, thread->got - serving) * 1e9 / pace->instruction_ns;
    physics->service_ns[i] = pace->service_ns;
    physics->accesses[i] =
        physics->instructions[i] * load->accesses_per_instruction +
        (pace->miss > 0 ? physics->requests[i] * pace->service_misses / pace->miss : 0);
    thread->lines_per_s = physics->accesses[i] * pace->miss;
    thread->speed = load->cpi * 1e9 / (double)world->geometry.base_hz / pace->instruction_ns;
}

/* What the class of @thread leaves of its core's ceiling. In mode "max" the stronger throttle
 * of both siblings holds. */
static void
limit_core(const HvSimWorld *world, const HvSimThread *thread)
{
    const HvSimCpu *cpu = &world->cpus[thread->cpu];
    double *ceiling = &hv_sim_physics(world)->core_ceiling[cpu->core];
    guint percent = world->classes[closid_of(world, thread)].mb[cpu->l3];

    *ceiling = MIN(*ceiling, CORE_BYTES_PER_S * throttle_ratio(percent));
}

static double
core_factor(const HvSimWorld *world, const HvSimThread *thread)
{
    const HvSimPhysics *physics = hv_sim_physics(world);
    const HvSimCpu *cpu = &world->cpus[thread->cpu];
    guint percent = world->classes[closid_of(world, thread)].mb[cpu->l3];
    double ceiling = physics->core_ceiling[cpu->core], asked = physics->core_bytes[cpu->core];

    if (!world->geometry.mb_per_thread_max)
        ceiling = CORE_BYTES_PER_S *
                  throttle_ratio(world->geometry.vendor == HV_SIM_AMD ? 100 : percent);
    return asked > ceiling ? ceiling / asked : 1;
}

/* All that goes to and from memory for @bytes_per_s read by @thread. */
static void
add_traffic(HvSimWorld *world, const HvSimThread *thread, double bytes_per_s)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    guint here = world->cpus[thread->cpu].node;
    double written = thread->vm->load.write_ratio;

    for (guint k = 0; k < world->n_nodes; k++) {
        double part = bytes_per_s * thread->node_share[k];

        physics->memory[k].bytes_per_s += part * (1 + written);
        physics->link[k][here].bytes_per_s += part;
        physics->link[here][k].bytes_per_s += part * written;
    }
    if (world->geometry.vendor == HV_SIM_AMD)
        allowance_of(world, thread)->bytes_per_s += bytes_per_s * (1 + written);
}

/* What devices and pages under way ask for, whatever it costs others. */
static void
add_unhindered(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    for (guint i = 0; i < world->n_nodes; i++)
        physics->memory[i].bytes_per_s = physics->dma_memory[i];
    for (guint i = 0; i < world->n_nodes; i++)
        for (guint j = 0; j < world->n_nodes; j++) {
            double moving = physics->moving[i][j].now;

            physics->memory[i].bytes_per_s += moving;
            physics->memory[j].bytes_per_s += moving;
            physics->link[i][j].bytes_per_s = physics->dma_link[i][j] + moving;
        }
}

/* Toward what was asked for, the more carefully the steeper the queue is there: @slope is by
 * how much, of itself, a miss takes longer per use, and at worst so much less would be asked
 * for. Where the formula ends and more than fits is still asked for, everybody waits longer,
 * until no more than fits is. Returns: how far off it was. */
static double
settle(HvSimQueue *queue, double slope)
{
    double asked = queue->capacity > 0 ? queue->bytes_per_s / queue->capacity : 0;
    double error = MIN(asked, MOST_ASKED) - queue->use;

    if (queue->stretch > 1 || (queue->use >= MAX_USE && error > 0)) {
        queue->stretch = MAX(1, queue->stretch * CLAMP(sqrt(asked / MAX_USE), 0.5, 2));
        return fabs(asked - MAX_USE);
    }
    queue->use = CLAMP(queue->use + error / (1 + MAX(asked, 0.5) * slope), 0, MAX_USE);
    return fabs(error);
}

static double
memory_slope(const HvSimQueue *queue)
{
    double u = queue->use, left = 1 - u;

    return 0.3 * u * u * u * (4 * left + u) / (left * left) / (1 + 0.3 * u * u * u * u / left);
}

static double
link_slope(const HvSimQueue *queue)
{
    double left = 1 - queue->use;

    return LINK_NS / (left * left) / (REMOTE_NS + LINK_NS * queue->use / left);
}

/* Returns: how far the worst was off. */
static double
settle_queues(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    double error = 0;

    for (guint i = 0; i < world->n_nodes; i++) {
        error = MAX(error, settle(&physics->memory[i], memory_slope(&physics->memory[i])));
        for (guint j = 0; j < world->n_nodes; j++)
            if (i != j)
                error =
                    MAX(error, settle(&physics->link[i][j], link_slope(&physics->link[i][j])));
    }
    for (guint i = 0;
         world->geometry.vendor == HV_SIM_AMD && i < world->n_l3 * HV_SIM_MAX_CLOSIDS; i++) {
        HvSimQueue *allowance = &physics->allowance[i];
        guint eighths = world->classes[i % HV_SIM_MAX_CLOSIDS].mb[i / HV_SIM_MAX_CLOSIDS];

        allowance->capacity = eighths < UNLIMITED_EIGHTHS ? MAX(eighths, 0.1) * 1e9 / 8 : 0;
        error = MAX(error, settle(allowance, memory_slope(allowance)));
        allowance->bytes_per_s = 0;
    }
    return error;
}

/* All by the same factor: more of its time passes in the same work. */
static void
slow_down(HvSimPhysics *physics, guint i, double factor)
{
    physics->threads[i]->lines_per_s *= factor;
    physics->threads[i]->speed *= factor;
    physics->instructions[i] *= factor;
    physics->requests[i] *= factor;
    physics->accesses[i] *= factor;
    physics->service_ns[i] /= factor;
}

/* Returns: whether the fixed point is as good as found. */
static gboolean
one_round(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    find_latencies(world);
    add_unhindered(world);
    for (guint i = 0; i < world->n_cpus; i++)
        physics->core_bytes[i] = 0;
    for (guint i = 0; i < physics->n_vcpus; i++) {
        guint number = physics->vcpus[i];
        HvSimThread *thread = physics->threads[number];
        Pace pace;

        if (thread->got <= 0) {
            thread->lines_per_s = physics->accesses[number] = physics->instructions[number] = 0;
            physics->requests[number] = 0;
            continue;
        }
        pace = find_pace(world, number);
        divide_time(world, number, &pace);
        physics->core_bytes[world->cpus[thread->cpu].core] +=
            physics->accesses[number] * HV_SIM_LINE_BYTES;
    }
    for (guint i = 0; i < physics->n_vcpus; i++) {
        guint number = physics->vcpus[i];
        const HvSimThread *thread = physics->threads[number];
        double factor;

        if (thread->got <= 0)
            continue;
        factor = core_factor(world, thread);
        if (factor < 1)
            slow_down(physics, number, factor);
        add_traffic(world, thread, thread->lines_per_s * HV_SIM_LINE_BYTES);
    }
    return settle_queues(world) < GOOD_ENOUGH;
}

/* Device traffic by source and target node; a VM's device reads and writes where its pages are.
 */
static void
find_dma(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    memset(physics->dma_link, 0, sizeof physics->dma_link);
    memset(physics->dma_memory, 0, sizeof physics->dma_memory);
    for (guint i = 0; i < world->devices->len; i++) {
        const HvSimDevice *device = world->devices->pdata[i];
        guint here = (guint)MAX(0, device->node);
        double bytes = device->dma_bytes_per_s, share[HV_SIM_MAX_NODES] = { 0 };

        if (device->vm)
            bytes *= device->vm->state == HV_GUEST_RUNNING
                         ? physics->vms[device->vm->number].demand_factor
                         : 0;
        if (device->vm)
            hv_sim_region_shares(&g_array_index(device->vm->regions, HvSimRegion, 0),
                                 world->n_nodes, share);
        else
            share[here] = 1;
        for (guint k = 0; k < world->n_nodes; k++) {
            physics->dma_link[here][k] += bytes * share[k];
            physics->dma_link[k][here] += bytes * share[k];
            physics->dma_memory[k] += 2 * bytes * share[k];
        }
        world->nodes[here].dma_bytes_per_s += 2 * bytes;
    }
}

/* The counters of each RMID; @written gains each node's. */
static void
count_thread(HvSimWorld *world, HvSimThread *thread, double *written)
{
    const HvSimCpu *cpu = &world->cpus[thread->cpu];
    HvSimRmid *rmid = &world->rmids[rmid_of(world, thread)];
    double bytes = thread->lines_per_s * HV_SIM_LINE_BYTES * HV_SIM_STEP_S;
    double write_ratio = thread->vm->load.write_ratio;

    rmid->total_bytes[cpu->l3] += bytes * (1 + write_ratio);
    rmid->local_bytes[cpu->l3] += bytes * (1 + write_ratio) * thread->node_share[cpu->node];
    for (guint k = 0; k < world->n_nodes; k++) {
        thread->lines[k] += bytes * thread->node_share[k] / HV_SIM_LINE_BYTES;
        written[k] += bytes * thread->node_share[k] * write_ratio;
    }
}

/* The counters that hardware keeps: of each RMID, memory controller and link. */
static void
count_traffic(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    double written[HV_SIM_MAX_NODES] = { 0 };

    for (guint i = 0; i < physics->n_vcpus; i++)
        count_thread(world, physics->threads[physics->vcpus[i]], written);
    for (guint i = 0; i < world->n_nodes; i++) {
        written[i] += physics->dma_memory[i] / 2 * HV_SIM_STEP_S;
        for (guint j = 0; j < world->n_nodes; j++) {
            written[i] += physics->moving[j][i].now * HV_SIM_STEP_S;
            world->links[i][j].use_ratio = i == j ? 0 : physics->link[i][j].use;
            world->links[i][j].bytes +=
                i == j ? 0 : physics->link[i][j].bytes_per_s * HV_SIM_STEP_S;
        }
        world->nodes[i].use_ratio = physics->memory[i].use;
        world->nodes[i].dram_write_bytes += written[i];
        world->nodes[i].dram_read_bytes +=
            MAX(0, physics->memory[i].bytes_per_s * HV_SIM_STEP_S - written[i]);
    }
}

void
hv_sim_memory_step(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    for (guint i = 0; i < world->n_nodes; i++)
        world->nodes[i].dma_bytes_per_s = 0;
    find_dma(world);
    for (guint i = 0; i < world->vms->len; i++)
        find_shares(world, world->vms->pdata[i]);
    for (guint i = 0; i < world->n_cpus; i++)
        physics->core_ceiling[i] = CORE_BYTES_PER_S;
    for (guint i = 0; world->geometry.mb_per_thread_max && i < physics->n_vcpus; i++)
        if (physics->threads[physics->vcpus[i]]->got > 0)
            limit_core(world, physics->threads[physics->vcpus[i]]);
    for (guint i = 0; i < ROUNDS && !one_round(world); i++)
        ;
    count_traffic(world);
}
