/* What a step of the simulated machine takes: no allocation, and little of a cpu with 1,000
 * VMs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "host/sim/physics-private.h"
#include "tests/sim-world.h"

/* The sanitizers put their own allocator in and slow down what is measured. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_MEASURED FALSE
static guint n_allocations;
#else
#define IS_MEASURED TRUE
static guint n_allocations;

/* glibc's own, behind the names that the program takes over. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *
malloc(size_t size)
{
    n_allocations++;
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    n_allocations++;
    return __libc_calloc(n, size);
}

void *
realloc(void *memory, size_t size)
{
    n_allocations++;
    return __libc_realloc(memory, size);
}
#endif

#define N_STEPS 300 /* irqbalance looks three times */

static void
test_allocations(void)
{
    static const char *const scenarios[] = { "redis", "training", "irq-storm",
                                             "noisy", "oom",      "lab" };

    if (!IS_MEASURED) {
        g_test_skip("the sanitizers have an allocator of their own");
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autoptr(HvSimWorld) world = hv_test_world(scenarios[i], NULL);
        guint before;

        world->numa_balancing = 1;
        hv_test_pass(world, 1);
        before = n_allocations;
        hv_world_advance(world, world->now_ns + N_STEPS * HV_SIM_STEP_NS);
        g_assert_cmpuint(n_allocations, ==, before);
    }
}

static double
cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

#define N_FLEET_STEPS 30
#define N_NUMBERS 1000000 /* about 3.3 ms where a step takes 0.65 */

/* Against a loop of known length in the same seconds, so that a slow machine is slow at both;
 * the best of some tries, since others may use it too. */
static void
test_fleet(void)
{
    g_autoptr(HvSimWorld) world = hv_test_world("fleet", NULL);
    HvSimPhysics *physics = hv_sim_physics(world);
    double best = G_MAXDOUBLE, loop = G_MAXDOUBLE, sum = 0;

    if (!IS_MEASURED) {
        g_test_skip("the sanitizers slow it down");
        return;
    }
    for (guint i = 0; i < N_FLEET_STEPS; i++) {
        double began = cpu_ms();

        hv_world_advance(world, world->now_ns + HV_SIM_STEP_NS);
        best = MIN(best, cpu_ms() - began);
        if (i % 6)
            continue;
        began = cpu_ms();
        for (guint j = 0; j < N_NUMBERS; j++)
            sum += hv_sim_random(physics);
        loop = MIN(loop, cpu_ms() - began);
    }
    g_test_message("a step %.3f ms, the loop %.3f ms (%.0f)", best, loop, sum);
    g_assert_cmpfloat(best, <, 0.5 * loop);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sim-steps/a step allocates nothing", test_allocations);
    g_test_add_func("/sim-steps/a step of 1,000 VMs is cheap", test_fleet);
    return g_test_run();
}
