/* The laws of the simulated machine: what adds up, what never exceeds what, and what each part
 * answers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "host/sim/physics-private.h"
#include "model/error.h"
#include "tests/sim-world.h"

static const char *const scenarios[] = {
    "redis", "training", "irq-storm", "noisy", "oom", "lab"
};

/* Of all counters, so that one that differs is seen. */
static double
digest(const HvSimWorld *world)
{
    double sum = world->context_switches;

    for (guint i = 0; i < world->vms->len; i++) {
        const HvSimVm *vm = world->vms->pdata[i];

        sum += vm->p99_ms * 1e6 + vm->kvm[HV_KVM_EXITS] + vm->halt_poll_ns + (double)vm->swap_bytes;
        for (guint j = 0; j < vm->threads->len; j++) {
            const HvSimThread *thread = vm->threads->pdata[j];

            sum += thread->run_ns + 3 * thread->wait_ns + thread->misses + 7 * thread->cpu;
        }
    }
    for (guint i = 0; i < world->geometry.n_rmids; i++)
        for (guint l3 = 0; l3 < world->n_l3; l3++)
            sum += world->rmids[i].local_bytes[l3] + 5 * world->rmids[i].occupancy_bytes[l3];
    return sum;
}

static double
run(const char *scenario, guint64 seed)
{
    g_autoptr(HvSimWorld) world = hv_world_new(scenario, "amd", seed, NULL);

    hv_test_pass(world, 5);
    hv_test_pin_all(world, ((HvSimVm *)world->vms->pdata[0])->name, "1-2");
    hv_test_pass(world, 5.05); /* what is less than a step waits for the next */
    hv_test_pass(world, 5.05);
    return digest(world);
}

static void
test_deterministic(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        double first = run(scenarios[i], 3);

        g_assert_true(run(scenarios[i], 3) == first);
        g_assert_false(run(scenarios[i], 4) == first);
    }
}

static double
busy_ns(const HvSimCpu *cpu)
{
    return cpu->user_ns + cpu->system_ns + cpu->guest_ns + cpu->irq_ns + cpu->softirq_ns +
           cpu->steal_ns;
}

static void
check_time(HvSimWorld *world)
{
    double all = 0, threads = 0, interrupts = 0;

    for (guint i = 0; i < world->n_cpus; i++) {
        const HvSimCpu *cpu = &world->cpus[i];
        double unsaid = (double)world->now_ns - busy_ns(cpu) - cpu->idle_ns;

        g_assert_cmpfloat(fabs(unsaid), <, 1e5); /* of 12 days */
        all += busy_ns(cpu);
        interrupts += cpu->irq_ns + cpu->softirq_ns;
    }
    for (guint i = 0; i < hv_sim_physics(world)->n_threads; i++) {
        const HvSimThread *thread = hv_sim_physics(world)->threads[i];
        double parts = thread->user_ns + thread->system_ns + thread->guest_ns;

        g_assert_cmpfloat(fabs(thread->run_ns - parts), <, 1 + 1e-6 * parts);
        threads += thread->run_ns;
    }
    g_assert_cmpfloat(fabs(all - threads - interrupts), <, 1e-6 * all + 1e3);
}

static void
test_time(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autoptr(HvSimWorld) world = hv_test_world(scenarios[i], NULL);

        for (guint step = 0; step < 50; step++) {
            const HvSimPhysics *physics = hv_sim_physics(world);

            hv_world_advance(world, world->now_ns + HV_SIM_STEP_NS);
            for (guint j = 0; j < physics->n_threads; j++) {
                const HvSimThread *thread = physics->threads[j];

                g_assert_cmpfloat(thread->got, <=, thread->demand + 1e-9);
                g_assert_cmpfloat(thread->wait, >=, 0);
                g_assert_cmpfloat(thread->got + thread->wait, <=, 1 + 1e-9);
                g_assert_true(hv_set_has(thread->cpus_allowed, thread->cpu));
            }
        }
        check_time(world);
    }
}

static void
check_cache(const HvSimWorld *world)
{
    const HvSimPhysics *physics = hv_sim_physics(world);
    double way_bytes = (double)world->geometry.l3_bytes / world->geometry.n_ways;

    for (guint l3 = 0; l3 < world->n_l3; l3++) {
        double by_rmid = 0, by_vm = 0;

        for (guint way = 0; way < physics->n_ways; way++)
            g_assert_cmpfloat(physics->held[l3 * physics->n_ways + way], <=,
                              way_bytes * (1 + 1e-9));
        for (guint i = 0; i < world->geometry.n_rmids; i++)
            by_rmid += world->rmids[i].occupancy_bytes[l3];
        for (guint i = 0; i < world->vms->len; i++)
            by_vm += physics->vm_held[i * world->n_l3 + l3];
        g_assert_cmpfloat(by_rmid, <=, (double)world->geometry.l3_bytes * (1 + 1e-9));
        g_assert_cmpfloat(by_vm, <=, by_rmid + 1);
    }
}

static void
test_cache_bounds(void)
{
    static const char *const variants[] = { "", "amd", "cdp", "rmids=16,kernel=6.12" };

    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++)
        for (guint j = 0; j < G_N_ELEMENTS(variants); j++) {
            g_autoptr(HvSimWorld) world = hv_test_world(scenarios[i], variants[j]);

            hv_test_ways(world, 1, 0xf);
            hv_test_group(world, ((HvSimVm *)world->vms->pdata[0])->name, 1, 5);
            hv_test_pass(world, 1);
            check_cache(world);
        }
}

static double
under(const HvSimWorld *world, guint rmid)
{
    double sum = 0;

    for (guint l3 = 0; l3 < world->n_l3; l3++)
        sum += world->rmids[rmid].occupancy_bytes[l3];
    return sum;
}

/* Lines stay under the RMID that filled them, until somebody fills their place. */
static void
test_rmid(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("irq-storm", NULL);
    HvSimVm *vm = hv_world_vm(world, "db-1");
    double held, old;

    hv_test_group(world, "db-1", 0, 9);
    g_assert_cmpfloat(under(world, 9), ==, 0);
    hv_test_pass(world, 5);
    held = hv_sim_physics(world)->vm_held[vm->number * world->n_l3 + 1];
    g_assert_cmpfloat(under(world, 9), >, 0.5 * held);
    hv_test_group(world, "db-1", 0, 10);
    hv_test_pass(world, 0.1);
    old = under(world, 9);
    g_assert_cmpfloat(old, >, 0.3 * held);
    g_assert_cmpfloat(under(world, 10), <, 0.7 * held);
    hv_test_pass(world, 5);
    g_assert_cmpfloat(under(world, 9), <, 0.2 * old);
    g_assert_cmpfloat(under(world, 10), >, 0.8 * held);
}

/* Fills go where the mask allows, hits are everywhere: a smaller mask takes away no line by
 * itself. */
static void
test_mask_shrinks(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("training", NULL);
    const HvSimPhysics *physics = hv_sim_physics(world);
    HvSimVm *vm = hv_world_vm(world, "web-1");
    guint number = vm->number * world->n_l3 + 1;
    double before, *ways = &physics->vm_bytes[number * physics->n_ways];

    hv_test_pass(world, 5);
    hv_world_vm(world, "web-2")->state = hv_world_vm(world, "ci-3")->state = HV_GUEST_PAUSED;
    before = physics->vm_held[number];
    g_assert_cmpfloat(before, >, 5e6);
    hv_test_ways(world, 1, 0x003);
    hv_test_group(world, "web-1", 1, 0);
    hv_test_pass(world, 0.1);
    g_assert_cmpfloat(ways[5] + ways[6], >, 0.5 * before / 6);
    hv_test_pass(world, 10);
    g_assert_cmpfloat(ways[0], >, 3e6);
    g_assert_cmpfloat(ways[0], >,
                      5 * ways[6]); /* the kernel's own fills drive the old ones out slowly */
}

static void
test_mbm(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    const HvSimRmid before = world->rmids[0];
    HvTestVm vm;
    double total, local;

    hv_test_group(world, "redis-1", 0, 3);
    vm = hv_test_vm(world, "redis-1", 5);
    total = world->rmids[3].total_bytes[0] / 5;
    local = world->rmids[3].local_bytes[0] / 5;
    g_assert_cmpfloat(world->rmids[3].total_bytes[1], ==, 0); /* its vCPUs are on package 0 */
    g_assert_cmpfloat_with_epsilon(1 - local / total, vm.remote_ratio, 0.002);
    g_assert_cmpfloat(
        total, >, vm.local_bytes_per_s + vm.remote_bytes_per_s); /* and what it writes back */
    g_assert_cmpfloat(world->rmids[0].total_bytes[0], >, before.total_bytes[0]);
    g_assert_cmpfloat(world->rmids[0].local_bytes[0], <, world->rmids[0].total_bytes[0]);
}

static void
test_bandwidth_bounds(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autoptr(HvSimWorld) world = hv_test_world(scenarios[i], NULL);

        for (guint k = 0; k < world->n_nodes; k++) {
            const HvSimNode *node = &world->nodes[k];
            double before = node->dram_read_bytes + node->dram_write_bytes, passed;

            hv_test_pass(world, 2);
            passed = (node->dram_read_bytes + node->dram_write_bytes - before) / 2;
            g_assert_cmpfloat(passed, <=, 1.01 * world->geometry.dram_bytes_per_s);
            g_assert_cmpfloat_with_epsilon(passed / world->geometry.dram_bytes_per_s,
                                           node->use_ratio, 0.03);
        }
    }
}

static void
test_latency(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    const HvSimPhysics *physics = hv_sim_physics(world);
    double u = world->nodes[1].use_ratio, x = world->links[1][0].use_ratio;
    double factor = 1 + 0.3 * pow(u, 4) / (1 - u);

    g_assert_cmpfloat_with_epsilon(physics->latency_ns[1][1], 90 * factor, 0.5);
    g_assert_cmpfloat_with_epsilon(physics->latency_ns[0][1], 140 * factor + 15 * x / (1 - x),
                                   2);
    g_assert_cmpfloat(x, >, 0.6);
}

static double
speed_beside(const char *cpus)
{
    g_autoptr(HvSimWorld) world = hv_test_world("training", NULL);

    hv_test_pin(world, "web-1", 0, 0, "60");
    hv_test_pin(world, "web-2", 0, 0, cpus);
    hv_world_vm(world, "web-1")->load.demand = hv_world_vm(world, "web-2")->load.demand = 1;
    hv_world_vm(world, "web-2")->load.accesses_per_instruction = 0;
    hv_test_pass(world, 5);
    return ((HvSimThread *)hv_world_vm(world, "web-1")->threads->pdata[0])->speed;
}

static void
test_siblings(void)
{
    g_assert_cmpfloat_with_epsilon(speed_beside("124") / speed_beside("61"), 0.62, 0.03);
}

static void
test_weight(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("training", NULL);
    HvSimVm *heavy = hv_world_vm(world, "web-1"), *light = hv_world_vm(world, "web-2");

    heavy->load.demand = light->load.demand = 1.2;
    heavy->load.day_amplitude = light->load.day_amplitude = 0;
    heavy->cpu_weight = 300;
    hv_test_pin_all(world, "web-1", "60");
    hv_test_pin_all(world, "web-2", "60");
    hv_test_pass(world, 2);
    g_assert_cmpfloat_with_epsilon(
        hv_test_vm(world, "web-1", 2).run / hv_test_vm(world, "web-2", 2).run, 3, 0.1);
    g_assert_cmpfloat(hv_test_vm(world, "web-2", 2).wait, >, 3);
}

static void
test_quota(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("training", NULL);
    HvSimVm *vm = hv_world_vm(world, "ps-1");
    double throttled = vm->throttled_ns, waited;
    HvTestVm seen;

    vm->quota_us = 50000;
    seen = hv_test_vm(world, "ps-1", 4);
    throttled = (vm->throttled_ns - throttled) / 4e9;
    waited = seen.wait - throttled;
    g_assert_cmpfloat(seen.run, <, 16 * 0.51);
    g_assert_cmpfloat(throttled, >, 16 * 0.35);
    g_assert_cmpfloat(waited, <, 0.1); /* the rest of what schedstat calls waiting */
    g_assert_cmpfloat_with_epsilon(vm->n_throttled, 4 * 10 * 16, 1);
}

static void
test_emulator(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    HvSimVm *vm = hv_world_vm(world, "db-1");
    HvSimThread *shared = vm->threads->pdata[0], *alone = vm->threads->pdata[5];
    double before[] = { shared->wait_ns, alone->wait_ns };

    hv_test_pass(world, 10);
    g_assert_cmpfloat((shared->wait_ns - before[0]) / 1e10, >, 0.02);
    g_assert_cmpfloat((alone->wait_ns - before[1]) / 1e10, <, 0.005);
}

static void
test_drift(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    const HvSimVm *vm = hv_world_vm(world, "batch-7");
    guint n_moves = 0, was[8] = { 0 };

    for (guint second = 0; second < 120; second++) {
        for (guint i = 0; i < vm->n_vcpus; i++) {
            guint node = world->cpus[((HvSimThread *)vm->threads->pdata[i])->cpu].node;

            n_moves += second && node != was[i];
            was[i] = node;
        }
        hv_test_pass(world, 1);
    }
    g_assert_cmpuint(n_moves, >, 0);
    g_assert_cmpuint(n_moves, <, 200);
}

static void
test_offline(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    HvSimThread *thread = hv_world_vm(world, "redis-1")->threads->pdata[0];
    HvSimIrq *irq = world->irqs->pdata[0];
    guint was = irq->cpu;

    g_assert_cmpuint(thread->cpu, ==, 24);
    world->cpus[24].online = FALSE;
    hv_world_place(world, thread);
    g_assert_cmpuint(thread->cpu, !=, 24); /* nothing of its mask is left: anywhere */
    g_assert_cmpuint(hv_set_count(thread->cpus_allowed), ==, world->n_cpus - 1);
    world->cpus[24].online = TRUE;
    hv_world_place(world, thread);
    g_assert_cmpuint(thread->cpu, ==, 24);
    hv_set_add_range(thread->cpus_cgroup, 40,
                     41); /* which shares no cpu with what was wanted */
    hv_world_place(world, thread);
    g_assert_cmpuint(hv_set_count(thread->cpus_allowed), ==, 2);
    world->cpus[was].online = FALSE;
    hv_world_place_irq(world, irq);
    g_assert_cmpuint(irq->cpu, !=, was);
}

/* A cap holds for the class in each L3, and what is below it feels nothing. */
static void
test_amd_cap(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("noisy", "amd");
    double free_bytes, capped_bytes;
    HvSimRmid before;

    hv_test_group(world, "scan-1", 2, 4);
    hv_test_pass(world, 3);
    before = world->rmids[4];
    hv_test_pass(world, 1);
    free_bytes = world->rmids[4].total_bytes[1] - before.total_bytes[1];
    hv_test_mb(world, 2, 80); /* 10 GB/s */
    hv_test_pass(world, 3);
    before = world->rmids[4];
    hv_test_pass(world, 1);
    capped_bytes = world->rmids[4].total_bytes[1] - before.total_bytes[1];
    g_assert_cmpfloat(free_bytes, >, 15e9);
    g_assert_cmpfloat(capped_bytes, <, 10.2e9);
    g_assert_cmpfloat(capped_bytes, >, 8.5e9);
}

static void
test_throttle_below(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("noisy", NULL);
    double before = hv_test_vm(world, "dev-1", 10).instructions_per_s;

    hv_test_group(world, "dev-1", 1, 0);
    hv_test_mb(world, 1, 40);
    g_assert_cmpfloat_with_epsilon(hv_test_vm(world, "dev-1", 10).instructions_per_s / before,
                                   1, 0.03);
    hv_test_group(world, "scan-1", 1, 0);
    before = hv_test_vm(world, "scan-1", 5).instructions_per_s;
    hv_test_mb(world, 1, 10);
    g_assert_cmpfloat_with_epsilon(hv_test_vm(world, "scan-1", 5).instructions_per_s / before,
                                   0.13 / 0.6, 0.05);
}

/* Another L3 is cold: the misses of a while, and remote ones for ever. */
static void
test_repin(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("training", NULL);
    HvSimVm *vm = hv_world_vm(world, "web-1");
    double held, remote;

    hv_test_pass(world, 10);
    held = hv_sim_physics(world)->vm_held[vm->number * 2 + 1];
    hv_test_pin_all(world, "web-1", "32-33,48-49");
    hv_test_pass(world, 1);
    g_assert_cmpfloat(hv_sim_physics(world)->vm_held[vm->number * 2 + 1], >, 0.8 * held);
    hv_test_pin_all(world, "web-1", "28-31");
    hv_test_pass(world, 0.1);
    g_assert_cmpfloat(hv_sim_physics(world)->vm_held[vm->number * 2], <, 0.5 * held);
    remote = hv_test_vm(world, "web-1", 2).remote_ratio;
    g_assert_cmpfloat(remote, >, 0.95);
    g_assert_cmpint(((HvSimThread *)vm->threads->pdata[0])->arrived_ns, >,
                    world->now_ns - 3000000000);
}

/* A step of 1,000 VMs allocates nothing and costs less than as many small numbers drawn as a
 * millisecond holds: see tests/test-sim-steps.c. Here: that all of them are there and run. */
static void
test_fleet(void)
{
    g_autoptr(HvSimWorld) world = hv_world_new("fleet", NULL, 1, NULL);
    guint n_vcpus = 0, n_ran = 0;

    g_assert_cmpuint(world->n_cpus, ==, 512);
    g_assert_cmpuint(world->n_nodes, ==, 8);
    g_assert_cmpuint(world->vms->len, ==, 1000);
    hv_test_pass(world, 2);
    for (guint i = 0; i < world->vms->len; i++) {
        const HvSimVm *vm = world->vms->pdata[i];

        n_vcpus += vm->n_vcpus;
        for (guint j = 0; j < vm->n_vcpus; j++)
            n_ran += ((HvSimThread *)vm->threads->pdata[j])->run_ns > 0;
    }
    g_assert_cmpuint(n_vcpus, ==, 2000);
    g_assert_cmpuint(n_ran, ==, 2000);
    check_cache(world);
    check_time(world);
}

static void
test_lab(void)
{
    g_autoptr(HvSimWorld) intel = hv_test_world("lab", NULL);
    g_autoptr(HvSimWorld) amd = hv_test_world("lab", "amd");

    g_assert_cmpuint(intel->n_cpus, ==, 8);
    for (guint i = 0; i < 8; i++) {
        g_assert_cmpuint(intel->cpus[i].node, ==, i / 4);
        g_assert_cmpuint(intel->cpus[i].l3, ==, i / 4);
        g_assert_cmpuint(intel->cpus[i].sibling, ==, i ^ 1);
    }
    g_assert_cmpuint(intel->geometry.l3_bytes, ==, 24 << 20);
    g_assert_cmpuint(amd->geometry.l3_bytes, ==, 16 << 20);
    g_assert_cmpuint(amd->geometry.n_ways, ==, 16);
    g_assert_cmpuint(amd->geometry.n_mb_closids, ==, 16);
    g_assert_cmpuint(amd->n_l3, ==, 2);
    g_assert_cmpuint(amd->classes[0].mb[0], ==, 2048);
}

static void
test_numbering(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", "amd");

    g_assert_cmpuint(world->n_l3, ==, 16);
    g_assert_cmpuint(world->cpus[33].sibling, ==, 97);
    g_assert_cmpuint(world->cpus[97].sibling, ==, 33);
    g_assert_cmpuint(world->cpus[97].core, ==, 33);
    g_assert_cmpuint(world->cpus[33].package, ==, 1);
    g_assert_cmpuint(world->cpus[33].l3, ==, 8);
    g_assert_cmpuint(world->cpus[97].l3, ==, 8);
    g_assert_cmpuint(world->cpus[36].l3, ==, 9);
}

static void
test_refused(void)
{
    static const struct {
        const char *scenario, *variant;
    } wrong[] = {
        { "rediss", NULL },
        { "redis", "arm" },
        { "redis", "rmids=0" },
        { "redis", "rmids=513" },
        { "redis", "rmids" },
        { "redis", "counters=4" },
        { "redis", "amd,counters=x" },
        { "redis", "kernel=5" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(hv_world_new(wrong[i].scenario, wrong[i].variant, 0, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

/* What a careful person finds before it hurts. */
static void
test_traps(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    double swing = hv_test_vm(world, "mail-2", 5).run;
    HvTestVm fw, db;

    g_assert_true(hv_world_vm(world, "fw-1")->pinned_pages);
    g_assert_cmpuint(hv_world_vm(world, "sap-1")->n_cells, ==, 2);
    g_assert_cmpuint(hv_world_vm(world, "db-1")->memory_bytes, >,
                     hv_world_free_bytes(world, 0));
    g_assert_cmpuint(hv_world_vm(world, "redis-1")->memory_bytes, <,
                     hv_world_free_bytes(world, 0));
    g_assert_true(world->irqbalance);
    hv_test_pass(world, 145);
    swing /= hv_test_vm(world, "mail-2", 5).run;
    g_assert_true(swing > 1.2 || swing < 0.8);
    fw = hv_test_vm(world, "sap-1", 5);
    g_assert_cmpfloat(fw.remote_ratio, <, 0.03);
    hv_test_pin_all(world, "sap-1",
                    "44-51,108-115"); /* whole, though half of its memory is elsewhere */
    db = hv_test_vm(world, "sap-1", 5);
    g_assert_cmpfloat(db.remote_ratio, >, 0.3);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sim-physics/same seed and changes, same numbers", test_deterministic);
    g_test_add_func("/sim-physics/time adds up: by cpu, by thread, by wish", test_time);
    g_test_add_func("/sim-physics/no way and no cache holds more than it can",
                    test_cache_bounds);
    g_test_add_func("/sim-physics/lines stay under the RMID that filled them", test_rmid);
    g_test_add_func("/sim-physics/a smaller mask leaves old lines", test_mask_shrinks);
    g_test_add_func("/sim-physics/RMIDs count what their threads read and write", test_mbm);
    g_test_add_func("/sim-physics/no memory gives more than it can", test_bandwidth_bounds);
    g_test_add_func("/sim-physics/latency is the model's", test_latency);
    g_test_add_func("/sim-physics/two busy siblings yield 0.62 each", test_siblings);
    g_test_add_func("/sim-physics/a cpu is shared by weight", test_weight);
    g_test_add_func("/sim-physics/a quota throttles, and schedstat calls it waiting",
                    test_quota);
    g_test_add_func("/sim-physics/an emulator keeps the vCPUs of its cpus waiting",
                    test_emulator);
    g_test_add_func("/sim-physics/unpinned vCPUs drift", test_drift);
    g_test_add_func("/sim-physics/threads and interrupts leave a cpu that goes", test_offline);
    g_test_add_func("/sim-physics/AMD: a cap holds in each L3", test_amd_cap);
    g_test_add_func("/sim-physics/Intel: below the ceiling a throttle is not felt",
                    test_throttle_below);
    g_test_add_func("/sim-physics/another cache is cold, another socket remote", test_repin);
    g_test_add_func("/sim-physics/the fleet is whole", test_fleet);
    g_test_add_func("/sim-physics/the lab's build", test_lab);
    g_test_add_func("/sim-physics/cpus are numbered as Linux does", test_numbering);
    g_test_add_func("/sim-physics/unknown scenarios and variants are refused", test_refused);
    g_test_add_func("/sim-physics/traps are planted", test_traps);
    return g_test_run();
}
