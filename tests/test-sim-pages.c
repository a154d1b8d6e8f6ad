/* Pages of the simulated VMs: what a move is answered, where pages end, what it takes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "tests/sim-world.h"

#define GIB (G_GUINT64_CONSTANT(1) << 30)

static HvSimRegion *
region_of(HvSimWorld *world, const char *name, guint cell)
{
    return &g_array_index(hv_world_vm(world, name)->regions, HvSimRegion, cell);
}

static int
move(HvSimWorld *world, const char *name, guint page, guint node)
{
    return hv_world_move_page(world, hv_world_vm(world, name), region_of(world, name, 0), page,
                              node);
}

/* The first page on @node that nobody uses just then. */
static guint
page_on(const HvSimRegion *region, guint node)
{
    for (guint i = 0; i < region->n_pages; i++)
        if (region->node_of[i] == node && !(region->flags[i] & HV_SIM_PAGE_BUSY))
            return i;
    g_assert_not_reached();
}

static void
test_answers(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    HvSimRegion *region = region_of(world, "redis-1", 0);
    guint far = page_on(region, 1), busy = 0;

    g_assert_cmpint(move(world, "redis-1", far, 2), ==, -ENODEV);
    g_assert_cmpint(move(world, "redis-1", far, 1), ==, 1);
    g_assert_cmpint(hv_world_take_move_ns(world), ==, 0); /* it was there */
    g_assert_cmpint(move(world, "redis-1", far, 0), ==, 0);
    g_assert_cmpuint(region->node_of[far], ==, 0);
    g_assert_cmpint(hv_world_take_move_ns(world), ==, (2 << 20) / 2); /* 2 GB/s */
    while (!(region->flags[busy] & HV_SIM_PAGE_BUSY) || region->node_of[busy] != 1)
        busy++;
    g_assert_cmpint(move(world, "redis-1", busy, 0), ==, -EBUSY);
    g_assert_cmpint(move(world, "redis-1", busy, 0), ==, 0);
    far = page_on(region_of(world, "web-3", 0), HV_SIM_NO_NODE);
    g_assert_cmpint(move(world, "web-3", far, 1), ==, -ENOENT);
    g_assert_cmpint(move(world, "fw-1", 0, 1), ==, -EBUSY);
    g_assert_cmpint(move(world, "fw-1", 0, 1), ==, -EBUSY); /* pinned, and stays so */
    hv_set_add(hv_world_vm(world, "redis-1")->mems, 1);
    g_assert_cmpint(move(world, "redis-1", page_on(region, 1), 0), ==, -EACCES);
}

static void
test_address(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    HvSimVm *vm = hv_world_vm(world, "sap-1");
    const HvSimRegion *second = region_of(world, "sap-1", 1);
    HvSimRegion *region;
    guint page;

    g_assert_true(
        hv_world_page(vm, second->address + 5 * second->page_bytes + 77, &region, &page));
    g_assert_true(region == second);
    g_assert_cmpuint(page, ==, 5);
    g_assert_false(hv_world_page(
        vm, second->address - 1 + second->n_pages * second->page_bytes + 1, &region, &page));
    g_assert_false(hv_world_page(vm, 4096, &region, &page));
    for (guint i = 0; i < world->vms->len; i++) { /* no two mappings of a VM overlap */
        vm = world->vms->pdata[i];
        for (guint j = 1; j < vm->n_cells; j++) {
            const HvSimRegion *above = &g_array_index(vm->regions, HvSimRegion, j - 1);
            const HvSimRegion *below = &above[1]; /* made later: addresses go downwards */

            g_assert_cmpuint(below->address + below->n_pages * below->page_bytes, <=,
                             above->address);
        }
    }
}

static void
test_watermark(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    guint64 had = hv_world_free_bytes(world, 0);
    guint n_left = hv_test_move(world, "db-1", 0, 1);

    g_assert_cmpuint(had, <, 128 * GIB);
    g_assert_cmpuint(n_left, >, 1000);
    g_assert_cmpuint(hv_world_free_bytes(world, 0), <, 3 * GIB);
    g_assert_cmpuint(hv_world_free_bytes(world, 0), >, GIB);
    g_assert_cmpint(move(world, "db-1", page_on(region_of(world, "db-1", 0), 1), 0), ==,
                    -ENOMEM);
}

static void
test_huge(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    guint64 had = world->nodes[1].huge_2m_free, free_bytes = hv_world_free_bytes(world, 1);
    guint n_left = hv_test_move(world, "trainer-a", 1, 0.5);

    g_assert_cmpuint(world->nodes[1].huge_2m_free, ==, 0);
    g_assert_cmpuint(n_left, >, 0);
    g_assert_cmpuint(world->nodes[0].huge_2m_free, >=, had);
    g_assert_cmpuint(hv_world_free_bytes(world, 1), ==,
                     free_bytes); /* the pool had its memory already */
    g_assert_cmpuint(
        hv_world_resident_bytes(hv_world_vm(world, "trainer-a"), 0, HV_SIM_PAGES_4K, 1), ==, 0);
}

static guint64
resident(const HvSimVm *vm, HvSimPageKind kind)
{
    return hv_world_resident_bytes(vm, -1, kind, 0) + hv_world_resident_bytes(vm, -1, kind, 1);
}

static void
test_split(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    const HvSimVm *vm = hv_world_vm(world, "redis-1");
    guint64 before = resident(vm, HV_SIM_PAGES_THP), vm_bytes = world->nodes[0].vm_bytes;
    double split;

    g_assert_cmpuint(resident(vm, HV_SIM_PAGES_4K), ==, 0);
    g_assert_cmpuint(before, ==, 64 * GIB);
    hv_test_move(world, "redis-1", 0, 1);
    split = (double)resident(vm, HV_SIM_PAGES_4K) / (double)before;
    g_assert_cmpfloat_with_epsilon(split, 0.2, 0.02);
    g_assert_cmpuint(resident(vm, HV_SIM_PAGES_THP) + resident(vm, HV_SIM_PAGES_4K), ==,
                     before);
    g_assert_cmpuint(hv_world_resident_bytes(vm, 0, HV_SIM_PAGES_THP, 1), ==, 0);
    g_assert_cmpuint(world->nodes[0].vm_bytes - vm_bytes, >, 62 * GIB);
}

/* Newer kernels flush TLBs for many pages at once. */
static void
test_rates(void)
{
    static const struct {
        const char *kernel;
        double bytes_per_s;
    } kernels[] = { { "kernel=6.1", 0.25e9 }, { "kernel=6.12", 0.8e9 } };

    for (guint i = 0; i < G_N_ELEMENTS(kernels); i++) {
        g_autoptr(HvSimWorld) world = hv_test_world("redis", kernels[i].kernel);
        HvSimRegion *region = region_of(world, "ci-5", 0);
        guint64 before = region->on_node[0];
        double moved;

        for (guint page = 0; page < 100000; page++)
            move(world, "ci-5", page, 0);
        moved = (double)(region->on_node[0] - before) * 4096;
        g_assert_cmpfloat_with_epsilon(moved / ((double)hv_world_take_move_ns(world) / 1e9),
                                       kernels[i].bytes_per_s, 1e6);
    }
}

/* By the kernel itself, in time, after a change of the group's cpuset. */
static void
test_mems(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    g_autoptr(HvSet) home = hv_set_parse("0", NULL);
    HvSimVm *vm = hv_world_vm(world, "redis-1");
    guint64 before = hv_world_resident_bytes(vm, -1, HV_SIM_PAGES_THP, 1), middle;

    hv_world_set_mems(world, vm, home);
    hv_test_pass(world, 10);
    middle = hv_world_resident_bytes(vm, -1, HV_SIM_PAGES_THP, 1);
    g_assert_cmpuint(middle, <, before * 3 / 4);
    g_assert_cmpuint(middle, >, before / 2);
    g_assert_cmpint(hv_world_take_move_ns(world), ==, 0); /* nobody's call waits for these */
    hv_test_pass(world, 40);
    g_assert_cmpuint(hv_world_resident_bytes(vm, -1, HV_SIM_PAGES_THP, 1), <, before / 50);
}

/* A balloon gives its pages to the host, and a guest that lacks them is slower. */
static void
test_balloon(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("oom", NULL);
    HvSimVm *vm = hv_world_vm(world, "orders-1");
    guint64 had = hv_world_free_bytes(world, 0);
    double before = hv_test_watch(world, "orders_p99_ms", 5);

    vm->balloon_bytes = 20 * GIB;
    hv_test_pass(world, 20);
    g_assert_cmpuint(hv_world_free_bytes(world, 0), >, had + 2 * GIB);
    g_assert_cmpuint(resident(vm, HV_SIM_PAGES_THP), >, 19 * GIB);
    g_assert_cmpuint(resident(vm, HV_SIM_PAGES_THP), <, 20 * GIB + (8 << 20));
    g_assert_cmpfloat(hv_test_watch(world, "orders_p99_ms", 5), >, before * 1.3);
}

/* Half of the residency is not half of the traffic: hot pages are few and take most of the
 * misses. */
static void
test_hot(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    HvSimVm *vm = hv_world_vm(world, "redis-1");
    HvSimRegion *region = region_of(world, "redis-1", 0);
    double ratio;

    g_assert_cmpfloat_with_epsilon((double)region->n_hot / region->n_pages, 0.15, 0.01);
    for (guint pass = 0; pass < 2; pass++)
        for (guint page = 0; page < region->n_pages; page++)
            if (region->flags[page] & HV_SIM_PAGE_HOT)
                hv_world_move_page(world, vm, region, page, 0);
    hv_test_pass(world, 8);
    ratio = (double)region->on_node[1] / region->n_pages;
    g_assert_cmpfloat(ratio, >, 0.8);
    g_assert_cmpfloat(hv_test_vm(world, "redis-1", 2).remote_ratio, <, 0.1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sim-pages/a move is answered as move_pages answers", test_answers);
    g_test_add_func("/sim-pages/an address is a page of a cell", test_address);
    g_test_add_func("/sim-pages/the watermark stays free", test_watermark);
    g_test_add_func("/sim-pages/huge pages need free ones", test_huge);
    g_test_add_func("/sim-pages/a fifth of transparent huge pages comes back split",
                    test_split);
    g_test_add_func("/sim-pages/small pages go as fast as the kernel's flushes", test_rates);
    g_test_add_func("/sim-pages/cpuset.mems moves what lies outside", test_mems);
    g_test_add_func("/sim-pages/a balloon gives pages back", test_balloon);
    g_test_add_func("/sim-pages/few pages are hot and count for most", test_hot);
    return g_test_run();
}
