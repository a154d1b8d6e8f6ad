/* The scenarios of the simulated machine: cured whole, in another order, by half, and wrongly.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim-world.h"

#define assert_near(value, wanted, tolerance)                                                  \
    do {                                                                                       \
        double found_ = (value);                                                               \
        g_test_message("%s: %.3f", #value, found_);                                            \
        g_assert_cmpfloat_with_epsilon(found_, wanted, tolerance);                             \
    } while (0)
#define assert_between(value, low, high)                                                       \
    do {                                                                                       \
        double found_ = (value);                                                               \
        g_test_message("%s: %.3f", #value, found_);                                            \
        g_assert_cmpfloat(found_, >, low);                                                     \
        g_assert_cmpfloat(found_, <, high);                                                    \
    } while (0)

#define FREE_CORES "52-59" /* of node 1, siblings idle */

static double
p99(HvSimWorld *world)
{
    return hv_test_watch(world, "redis_p99_ms", 20);
}

static double
remote(HvSimWorld *world)
{
    return hv_test_vm(world, "redis-1", 5).remote_ratio;
}

static void
test_redis_ill(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    HvTestVm vm = hv_test_vm(world, "redis-1", 10);

    assert_near(hv_test_watch(world, "redis_p99_ms", 60), 12, 0.6);
    assert_near(vm.remote_ratio, 0.83, 0.01);
    assert_near((vm.local_bytes_per_s + vm.remote_bytes_per_s) * 1.32, 3e9, 0.2e9);
    assert_between(vm.wait / 8, -0.001, 0.01);
}

static void
test_redis_vcpus(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    double before = hv_test_vm(world, "redis-1", 10).instructions_per_s;
    HvTestVm after;

    hv_test_pin_all(world, "redis-1", FREE_CORES);
    hv_test_pass(world, 2);
    assert_near(p99(world), 3, 0.25);
    after = hv_test_vm(world, "redis-1", 10);
    assert_between(after.remote_ratio, -0.001, 0.05);
    g_assert_cmpfloat(after.instructions_per_s, >, before);
}

static void
test_redis_variants(void)
{
    static const char *const variants[] = { "amd", "amd,counters=8", "cdp",
                                            "kernel=6.12,rmids=16" };

    for (guint i = 0; i < G_N_ELEMENTS(variants); i++) {
        g_autoptr(HvSimWorld) world = hv_test_world("redis", variants[i]);

        assert_between(p99(world), 10, 14);
        hv_test_pin_all(world, "redis-1", FREE_CORES);
        hv_test_pass(world, 2);
        assert_near(p99(world), 3, 0.35);
    }
}

static void
test_redis_pages(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);

    g_assert_cmpuint(hv_test_move(world, "redis-1", 0, 1), ==, 0);
    hv_test_pass(world, 2);
    assert_between(remote(world), -0.001, 0.05);
    assert_near(p99(world), 3, 0.35);
}

static void
test_redis_half(void)
{
    g_autoptr(HvSimWorld) pages = hv_test_world("redis", NULL);
    g_autoptr(HvSimWorld) vcpus = hv_test_world("redis", NULL);

    hv_test_move(pages, "redis-1", 0, 0.5);
    hv_test_pin(vcpus, "redis-1", 0, 3, FREE_CORES);
    hv_test_pass(pages, 2);
    hv_test_pass(vcpus, 2);
    assert_near(remote(pages), 0.42, 0.04);
    assert_near(remote(vcpus), 0.42, 0.06);
    assert_between(p99(pages), 4, 8);
    assert_between(p99(vcpus), 4, 8);
}

/* Half the way by each, and then the rest by the other: the order does not matter. */
static void
test_redis_order(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);

    hv_test_move(world, "redis-1", 0, 0.5);
    hv_test_pin_all(world, "redis-1", FREE_CORES);
    hv_test_move(world, "redis-1", 1, 1);
    hv_test_pass(world, 2);
    assert_near(p99(world), 3, 0.25);
}

static void
test_redis_wrong(void)
{
    g_autoptr(HvSimWorld) both = hv_test_world("redis", NULL);
    g_autoptr(HvSimWorld) beside = hv_test_world("redis", NULL);
    g_autoptr(HvSimWorld) neighbour = hv_test_world("redis", NULL);

    hv_test_move(both, "redis-1", 0, 1); /* and away from it again */
    hv_test_pin_all(both, "redis-1", FREE_CORES);
    hv_test_pass(both, 2);
    assert_between(p99(both), 10, 30);
    hv_test_pin_all(beside, "redis-1", "24-31,88-95");
    assert_between(p99(beside), 11, 16);
    hv_test_pin_all(neighbour, "batch-7", "52-59");
    assert_between(p99(neighbour), 10.5, 13);
}

static void
test_redis_onto_others(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);

    hv_test_pin_all(world, "redis-1", "32-39"); /* the right node, but db-1 is on these cpus */
    hv_test_pass(world, 2);
    assert_between(p99(world), 4, 1000);
}

/* Queueing amplifies the ratio: at little load the same cure gains much less: 1.7 with the link
 * as loaded as before, a little less since its own traffic is missing there. */
static void
test_redis_light(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    double ill;

    hv_world_vm(world, "redis-1")->load.arrivals_per_s /= 5;
    hv_test_pass(world, 2);
    ill = p99(world);
    hv_test_pin_all(world, "redis-1", FREE_CORES);
    hv_test_pass(world, 2);
    assert_between(ill / p99(world), 1.45, 1.75);
}

static void
test_redis_worse_first(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    HvSimVm *vm = hv_world_vm(world, "redis-1");
    HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, 0);
    double ill = p99(world);

    for (guint page = 0; page < region->n_pages / 16; page++)
        hv_world_move_page(world, vm, region, page, 0);
    g_assert_cmpint(hv_world_take_move_ns(world), >, 1900000000); /* 4 GiB at 2 GB/s */
    g_assert_cmpint(hv_world_take_move_ns(world), ==, 0);
    g_assert_cmpfloat(hv_test_watch(world, "redis_p99_ms", 2), >, ill * 1.15);
    hv_test_pass(world, 3);
    g_assert_cmpfloat(hv_test_watch(world, "redis_p99_ms", 5), <, ill);
}

/* Off at first; then hot pages walk to their vCPUs, and undo a move of memory that is not
 * bound. */
static void
test_redis_balancing(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    double hot, later;

    world->numa_balancing = 1;
    hot = remote(world);
    hv_test_pass(world, 60);
    later = remote(world);
    g_assert_cmpfloat(later, <, hot - 0.2);
    hv_test_move(world, "redis-1", 1, 1);
    hot = remote(world);
    hv_test_pass(world, 40);
    g_assert_cmpfloat(remote(world), <, hot - 0.1);
}

#define SERVER 1
#define WORKERS 0

static double
images(HvSimWorld *world)
{
    hv_test_pass(world, 3);
    return hv_test_watch(world, "images_per_s", 20);
}

/* The server's class has @server, all others the default's @others. Returns: images per second
 * against none. */
static double
share(guint32 server, guint32 others)
{
    g_autoptr(HvSimWorld) world = hv_test_world("training", NULL);
    double before = images(world);

    hv_test_ways(world, SERVER, server);
    hv_test_ways(world, WORKERS, others);
    hv_test_group(world, "ps-1", SERVER, 0);
    return images(world) / before;
}

static void
test_training(void)
{
    assert_near(share(0x1ff, 0xe00), 1.22, 0.02);     /* 75 % and 25 % */
    assert_between(share(0x0ff, 0xf00), 1.10, 1.205); /* one way fewer */
    assert_between(share(0x03f, 0xfc0), 0.95, 1.12);  /* half each */
    assert_between(share(0x007, 0xff8), 0.8, 1.0);    /* 75 % to the streamers */
    assert_between(share(0x1ff, 0xfff), 0.9, 0.985);  /* the others are left at 100 % */
    assert_near(share(0xfff, 0xfff), 1, 0.01);
}

#define NOISY 1

static double
reports(HvSimWorld *world)
{
    hv_test_pass(world, 3);
    return hv_test_watch(world, "reports_per_s", 10);
}

static void
test_noisy(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("noisy", NULL);
    double ill = reports(world), half, cured, innocent;

    hv_test_group(world, "scan-1", NOISY, 0);
    hv_test_mb(world, NOISY, 80);
    assert_near(reports(world) / ill, 1, 0.1);
    innocent = hv_test_vm(world, "api-2", 5).instructions_per_s;
    hv_test_mb(world, NOISY, 40);
    half = reports(world) / ill;
    hv_test_mb(world, NOISY, 20);
    cured = reports(world) / ill;
    assert_between(half, 1.1, cured - 0.05);
    assert_between(cured, 1.5, 4);
    g_assert_cmpfloat(hv_test_vm(world, "api-2", 5).instructions_per_s, <, innocent * 0.9);
    hv_test_mb(world, NOISY, 100);
    hv_test_mb(world, 0,
               20); /* the others instead, among them one on siblings of four of its cores */
    assert_between(reports(world) / ill, 0.2, 1 + 0.5 * (cured - 1));
}

/* Of the time that cpus were busy: what guests' exits and interrupts took. */
static double
overhead(HvSimWorld *world)
{
    double system[2] = { 0 }, busy[2] = { 0 };

    for (guint pass = 0; pass < 2; pass++) {
        for (guint i = 0; i < world->n_cpus; i++) {
            const HvSimCpu *cpu = &world->cpus[i];

            system[pass] += cpu->system_ns + cpu->irq_ns + cpu->softirq_ns;
            busy[pass] +=
                cpu->system_ns + cpu->irq_ns + cpu->softirq_ns + cpu->user_ns + cpu->guest_ns;
        }
        for (guint i = 0; i < world->vms->len; i++)
            system[pass] -= ((HvSimVm *)world->vms->pdata[i])->halt_poll_ns;
        hv_test_pass(world, 10);
    }
    return (system[1] - system[0]) / (busy[1] - busy[0]);
}

static void
send_home(HvSimWorld *world)
{
    g_autoptr(HvSet) home = hv_set_parse("28-31", NULL);

    for (guint i = 0; i < world->irqs->len; i++) {
        HvSimIrq *irq = world->irqs->pdata[i];

        if (irq->managed)
            continue;
        hv_set_assign(irq->cpus, home);
        hv_world_place_irq(world, irq);
    }
}

static void
test_irq_storm(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("irq-storm", NULL);
    double packets = hv_test_watch(world, "packets_per_s", 10);
    double ill = overhead(world), near, cured;

    assert_between(ill, 0.15, 0.4);
    world->irqbalance = FALSE;
    send_home(world);
    near = overhead(world);
    assert_between(near, 0.08, ill - 0.03);
    world->apicv = TRUE;
    cured = overhead(world);
    assert_between(cured, 0.005, 0.06);
    g_assert_cmpfloat(hv_test_watch(world, "packets_per_s", 10), >, packets * 1.1);
}

/* A moved interrupt stays only while nobody balances, or it is banned. */
static void
test_irqbalance(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("irq-storm", NULL);
    HvSimIrq *banned = world->irqs->pdata[0], *other = world->irqs->pdata[1];
    guint before = other->cpu;

    banned->banned = TRUE;
    send_home(world);
    hv_test_pass(world, 11);
    g_assert_cmpuint(world->cpus[banned->cpu].package, ==, 0);
    g_assert_cmpuint(other->cpu, ==, before);
    world->irqbalance = FALSE;
    send_home(world);
    hv_test_pass(world, 11);
    g_assert_cmpuint(world->cpus[other->cpu].package, ==, 0);
}

static double
orders(HvSimWorld *world)
{
    return hv_test_watch(world, "orders_p99_ms", 10);
}

static void
test_oom(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("oom", NULL);
    HvSimVm *vm = hv_world_vm(world, "orders-1");
    guint64 swapped = vm->swap_bytes;
    double ill, half;

    hv_test_pass(world, 20);
    g_assert_cmpuint(vm->swap_bytes, >, swapped);
    ill = orders(world);
    vm->hard_limit_bytes = G_GUINT64_CONSTANT(34) << 30;
    hv_test_pass(world, 60);
    g_assert_cmpuint(vm->swap_bytes, <, 100 << 20);
    half = orders(world);
    g_assert_cmpfloat(half, <, ill * 0.9);
    vm->balloon_bytes = vm->memory_bytes;
    hv_test_pass(world, 5);
    g_assert_cmpfloat(orders(world), <, half * 0.7);
}

/* With the balloon alone the host swaps more. */
static void
test_oom_wrong(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("oom", NULL);
    HvSimVm *vm = hv_world_vm(world, "orders-1");

    hv_test_pass(world, 60);
    vm->balloon_bytes = vm->memory_bytes;
    hv_test_pass(world, 120);
    g_assert_cmpuint(vm->swap_bytes, >, G_GUINT64_CONSTANT(3) << 30);
    g_assert_cmpfloat(orders(world), >, 5);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sim-cures/redis is at 12 ms, 83 % remote", test_redis_ill);
    g_test_add_func("/sim-cures/redis: vCPUs to the memory give 3 ms", test_redis_vcpus);
    g_test_add_func("/sim-cures/redis: on other machines too", test_redis_variants);
    g_test_add_func("/sim-cures/redis: pages to the vCPUs give 3 ms", test_redis_pages);
    g_test_add_func("/sim-cures/redis: half of either is in between", test_redis_half);
    g_test_add_func("/sim-cures/redis: the order does not matter", test_redis_order);
    g_test_add_func("/sim-cures/redis: wrong moves gain nothing", test_redis_wrong);
    g_test_add_func("/sim-cures/redis: the right node on taken cpus cures less",
                    test_redis_onto_others);
    g_test_add_func("/sim-cures/redis: at load 0.1 the gain is less than twofold",
                    test_redis_light);
    g_test_add_func("/sim-cures/redis: moving pages makes it worse first",
                    test_redis_worse_first);
    g_test_add_func("/sim-cures/redis: NUMA balancing cures slowly, and undoes",
                    test_redis_balancing);
    g_test_add_func("/sim-cures/training: both masks count", test_training);
    g_test_add_func(
        "/sim-cures/noisy: a throttle on the right one helps, and hurts its sibling",
        test_noisy);
    g_test_add_func("/sim-cures/irq-storm: interrupts home, then APICv", test_irq_storm);
    g_test_add_func("/sim-cures/irq-storm: irqbalance undoes a move", test_irqbalance);
    g_test_add_func("/sim-cures/oom: limit and balloon", test_oom);
    g_test_add_func("/sim-cures/oom: the balloon alone is wrong", test_oom_wrong);
    return g_test_run();
}
