/* Who runs where, and who waits: a weighted fair share of each cpu, and moves to idler ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"
#include "host/sim/scenario-private.h"

/* Model. */
#define SIBLING_COST 0.5   /* a busy sibling counts as so much load */
#define OTHER_L3_COST 0.06 /* what keeps a thread in its cache, on its node */
#define OTHER_NODE_COST 0.25
#define GAIN_TO_MOVE 0.08
#define PUSH_COST 0.5        /* where somebody who may go nowhere else waits to come in */
#define PUSH_WAIT 0.03       /* cpus that one waits for before it pushes */
#define DRIFT_PER_LOOK 0.002 /* now and then one goes anywhere: load averages err */
#define DRIFT_COST 0.15      /* up to which all are alike to it then */
#define LOOKS_PER_STEP 16384 /* at cpus */
/* who finds its cpu taken waits for this part of the other's turn */
#define LATENCY_RATIO 0.3
#define POLL_RATIO 0.25 /* a halted vCPU polls for this part of halt_poll_ns, on average */

/* What it would find on @number, when it would like to be on node @home. */
static double
cost(const HvSimWorld *world, const HvSimThread *thread, guint number, guint home)
{
    const HvSimCpu *cpu = &world->cpus[number], *here = &world->cpus[thread->cpu];
    double load = cpu->demand;
    double sibling = cpu->sibling != number ? world->cpus[cpu->sibling].demand : 0;

    if (number == thread->cpu)
        load += (hv_sim_physics(world)->pushed[number] ? PUSH_COST : 0) - thread->demand;
    if (cpu->sibling == thread->cpu)
        sibling -= thread->demand;
    load += SIBLING_COST * sibling;
    if (cpu->node != home)
        return load + OTHER_NODE_COST;
    return cpu->l3 != here->l3 && cpu->node == here->node ? load + OTHER_L3_COST : load;
}

/* Where a thread looks: from a cpu on, for the cheapest of its mask, and the first of those
 * below @enough. */
typedef struct {
    guint from, home;
    double enough;
} Look;

static guint
search(const HvSimWorld *world, const HvSimThread *thread, const Look *look, double *lowest)
{
    guint best = thread->cpu;
    gboolean found = FALSE;

    *lowest = 0;
    for (guint i = 0; i < world->n_cpus; i++) {
        guint number = look->from + i;
        double at;

        number -= number >= world->n_cpus ? world->n_cpus : 0;
        if (!(thread->mask[number / 64] >> (number % 64) & 1))
            continue;
        at = MAX(look->enough, cost(world, thread, number, look->home));
        if (found && at >= *lowest - 1e-9)
            continue;
        found = TRUE;
        *lowest = at;
        best = number;
    }
    return best;
}

guint
hv_sim_best_cpu(const HvSimWorld *world, const HvSimThread *thread)
{
    const Look look = { .home = world->cpus[thread->cpu].node };
    double lowest;

    return search(world, thread, &look, &lowest);
}

static void
move_to(HvSimWorld *world, HvSimThread *thread, guint number)
{
    HvSimCpu *from = &world->cpus[thread->cpu], *to = &world->cpus[number];

    from->demand -= thread->demand;
    to->demand += thread->demand;
    if (from->l3 != to->l3)
        thread->arrived_ns = world->now_ns;
    thread->cpu = number;
}

static gboolean
may_choose(const HvSimThread *thread)
{
    guint n_words = 0;
    guint64 word = 0;

    for (guint i = 0; i < G_N_ELEMENTS(thread->mask); i++)
        if (thread->mask[i]) {
            n_words++;
            word = thread->mask[i];
        }
    return n_words > 1 || (word & (word - 1));
}

/* Who waits and finds no better cpu makes whoever is on one of its cpus look for another: so
 * those that may go anywhere make room for those that may not, as the kernel's balancing does
 * for pinned tasks. */
static void
push(HvSimWorld *world, const HvSimThread *thread)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    guint from = (guint)(hv_sim_random(physics) * world->n_cpus);

    for (guint i = 0; i < world->n_cpus; i++) {
        guint number = (from + i) % world->n_cpus;

        if (number == thread->cpu || !(thread->mask[number / 64] >> (number % 64) & 1))
            continue;
        physics->pushed[number] = TRUE;
        return;
    }
}

/* Now and then one begins anywhere, on any node. */
static Look
drift(const HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    return (Look){
        .from = (guint)(hv_sim_random(physics) * world->n_cpus),
        .home = (guint)(hv_sim_random(physics) * world->n_nodes),
        .enough = DRIFT_COST,
    };
}

static void
look_around(HvSimWorld *world, HvSimThread *thread)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    Look look = { .home = world->cpus[thread->cpu].node };
    gboolean drifts;
    double lowest;
    guint best;

    if (thread->demand <= 0 || !may_choose(thread))
        return;
    drifts = hv_sim_random(physics) < DRIFT_PER_LOOK;
    if (drifts)
        look = drift(world);
    best = search(world, thread, &look, &lowest);
    if (!drifts && lowest + GAIN_TO_MOVE >= cost(world, thread, thread->cpu, look.home))
        best = thread->cpu;
    physics->pushed[thread->cpu] = FALSE;
    if (best != thread->cpu)
        move_to(world, thread, best);
    else if (thread->wait > PUSH_WAIT)
        push(world, thread);
}

/* In turns: on a machine with very many threads each is looked at less often. */
static void
look_for_better(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    guint n = MIN(physics->n_threads, MAX(4, LOOKS_PER_STEP / world->n_cpus));

    for (guint i = 0; i < n; i++) {
        look_around(world, physics->threads[physics->cursor]);
        physics->cursor = (physics->cursor + 1) % physics->n_threads;
    }
}

/* A VM's weight is divided among its vCPUs, as a group's is among its threads on several cpus.
 */
static double
weight(const HvSimThread *thread)
{
    return thread->vm ? (double)thread->vm->cpu_weight / thread->vm->n_vcpus : 100;
}

/* Fills up by weight: who wants less than its share leaves the rest to the others. */
static void
share_cpu(HvSimPhysics *physics, guint number, double room)
{
    for (int i = physics->head[number]; i >= 0; i = physics->next[i])
        physics->threads[i]->got = 0;
    for (guint pass = 0; pass < 4 && room > 1e-6; pass++) {
        double weights = 0, given = 0;

        for (int i = physics->head[number]; i >= 0; i = physics->next[i])
            if (physics->threads[i]->got < physics->threads[i]->demand)
                weights += physics->weight[i];
        if (weights <= 0)
            return;
        for (int i = physics->head[number]; i >= 0; i = physics->next[i]) {
            HvSimThread *thread = physics->threads[i];
            double more =
                MIN(thread->demand - thread->got, room * physics->weight[i] / weights);

            if (more <= 0)
                continue;
            thread->got += more;
            given += more;
        }
        room -= given;
    }
}

/* How much of the turns of others on its cpu falls to @thread to sit out: less the more it
 * weighs. */
static double
turns(const HvSimPhysics *physics, guint number, int thread)
{
    double mine = physics->weight[thread], sum = 0;

    for (int i = physics->head[number]; i >= 0; i = physics->next[i]) {
        double its = physics->weight[i];

        if (i != thread)
            sum += physics->threads[i]->got * (mine == its ? 0.5 : its / (mine + its));
    }
    return sum;
}

/* What it did not get, and turns of others that it had to see the end of. On most cpus all
 * weigh the same, and what each sits out is half of what the others got. */
static void
find_waits(HvSimPhysics *physics, guint number, double taken)
{
    gboolean is_even = TRUE;
    double got = 0;

    for (int i = physics->head[number]; i >= 0; i = physics->next[i]) {
        got += physics->threads[i]->got;
        is_even = is_even && physics->weight[i] == physics->weight[physics->head[number]];
    }
    for (int i = physics->head[number]; i >= 0; i = physics->next[i]) {
        HvSimThread *thread = physics->threads[i];
        double others =
            taken + (is_even ? 0.5 * (got - thread->got) : turns(physics, number, i));

        thread->wait =
            thread->demand - thread->got + LATENCY_RATIO * thread->got * MIN(1, others);
        thread->wait = CLAMP(thread->wait, 0, 1 - thread->got);
    }
}

/* Polling ends when somebody else wants the cpu, so it takes only what is left. */
static double
poll(HvSimWorld *world, guint number, double left)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    double polled = 0;

    for (int i = physics->head[number]; i >= 0; i = physics->next[i]) {
        const HvSimThread *thread = physics->threads[i];
        double wakes_per_s, ratio;

        physics->poll_ratio[i] = 0;
        if (!thread->vm || thread->role != HV_THREAD_VCPU || thread->demand <= 0 ||
            physics->throttled_ratio[i] > 0)
            continue;
        wakes_per_s = 150 + thread->vm->load.interrupts_per_s * (1 - thread->got) * 0.2;
        ratio = wakes_per_s * POLL_RATIO * (double)world->halt_poll_ns / 1e9;
        ratio = MIN(ratio, 0.4 * left);
        physics->poll_ratio[i] = ratio;
        left -= ratio;
        polled += ratio;
    }
    return polled;
}

static void
run_cpu(HvSimWorld *world, guint number)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimCpu *cpu = &world->cpus[number];
    double taken = physics->irq_ratio[number] + physics->softirq_ratio[number];
    double got = 0;

    if (physics->head[number] >= 0) {
        share_cpu(physics, number, 1 - taken);
        find_waits(physics, number, taken);
    }
    for (int i = physics->head[number]; i >= 0; i = physics->next[i])
        got += physics->threads[i]->got;
    cpu->busy_ratio = MIN(1, got + taken);
    physics->cpu_used[number] = cpu->busy_ratio + poll(world, number, 1 - cpu->busy_ratio);
}

void
hv_sim_sched_step(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    for (guint i = 0; i < world->n_cpus; i++) {
        physics->head[i] = -1;
        world->cpus[i].demand = 0;
    }
    for (guint i = 0; i < physics->n_threads; i++) {
        world->cpus[physics->threads[i]->cpu].demand += physics->threads[i]->demand;
        physics->weight[i] = weight(physics->threads[i]);
    }
    look_for_better(world);
    for (guint i = physics->n_threads; i-- > 0;) {
        guint cpu = physics->threads[i]->cpu;

        physics->next[i] = physics->head[cpu];
        physics->head[cpu] = (int)i;
    }
    for (guint i = 0; i < world->n_cpus; i++)
        run_cpu(world, i);
    for (guint i = 0; i < world->n_cpus; i++)
        world->cpus[i].sibling_busy_ratio =
            world->cpus[i].sibling != i ? world->cpus[world->cpus[i].sibling].busy_ratio : 0;
}
