/* A simulated world for tests: see the header. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim-world.h"

#include <errno.h>

#define MOVED_PER_STEP (100u << 20)

HvSimWorld *
hv_test_world(const char *scenario, const char *variant)
{
    g_autoptr(GError) error = NULL;
    HvSimWorld *world = hv_world_new(scenario, variant, HV_TEST_SEED, &error);

    g_assert_no_error(error);
    hv_test_pass(world, 5);
    return world;
}

void
hv_test_pass(HvSimWorld *world, double seconds)
{
    hv_world_advance(world, world->now_ns + (gint64)(seconds * 1e9));
}

double
hv_test_watch(HvSimWorld *world, const char *name, double seconds)
{
    const HvSimWatch *watch = NULL;
    guint n = (guint)(seconds * 1e9 / HV_SIM_STEP_NS);
    double sum = 0;

    for (guint i = 0; i < world->watches->len; i++)
        if (g_str_equal(((HvSimWatch *)world->watches->pdata[i])->name, name))
            watch = world->watches->pdata[i];
    g_assert_nonnull(watch);
    for (guint i = 0; i < n; i++) {
        hv_world_advance(world, world->now_ns + HV_SIM_STEP_NS);
        sum += watch->value(world, watch->vm);
    }
    return sum / n;
}

static HvSimVm *
find(HvSimWorld *world, const char *name)
{
    HvSimVm *vm = hv_world_vm(world, name);

    g_assert_nonnull(vm);
    return vm;
}

void
hv_test_pin(HvSimWorld *world, const char *vm, guint first, guint last, const char *cpus)
{
    g_autoptr(HvSet) set = hv_set_parse(cpus, NULL);

    for (guint i = first; i <= last; i++) {
        HvSimThread *thread = find(world, vm)->threads->pdata[i];

        hv_set_assign(thread->cpus_wanted, set);
        hv_world_place(world, thread);
    }
}

void
hv_test_pin_all(HvSimWorld *world, const char *vm, const char *cpus)
{
    hv_test_pin(world, vm, 0, find(world, vm)->n_vcpus - 1, cpus);
}

guint
hv_test_move(HvSimWorld *world, const char *name, guint node, double ratio)
{
    HvSimVm *vm = find(world, name);
    guint64 in_step = 0;
    guint n_left = 0;
    double credit = 0;

    for (guint i = 0; i < vm->regions->len; i++) {
        HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, i);

        for (guint page = 0; page < region->n_pages; page++) {
            int answer = -EBUSY;

            if (region->node_of[page] == HV_SIM_NO_NODE || region->node_of[page] == node)
                continue;
            credit += ratio;
            if (credit < 1)
                continue;
            credit -= 1;
            for (guint pass = 0; pass < 2 && answer == -EBUSY; pass++)
                answer = hv_world_move_page(world, vm, region, page, node);
            n_left += answer != (int)node;
            in_step += region->page_bytes;
            if (in_step >= MOVED_PER_STEP)
                hv_world_advance(world, world->now_ns + HV_SIM_STEP_NS);
            in_step %= MOVED_PER_STEP;
        }
    }
    return n_left;
}

void
hv_test_group(HvSimWorld *world, const char *vm, guint closid, guint rmid)
{
    for (guint i = 0; i < find(world, vm)->n_vcpus; i++) {
        HvSimThread *thread = find(world, vm)->threads->pdata[i];

        thread->closid = closid;
        thread->rmid = rmid;
    }
}

void
hv_test_ways(HvSimWorld *world, guint closid, guint32 mask)
{
    for (guint i = 0; i < HV_SIM_MAX_L3; i++)
        world->classes[closid].code_mask[i] = world->classes[closid].data_mask[i] = mask;
}

void
hv_test_mb(HvSimWorld *world, guint closid, guint value)
{
    for (guint i = 0; i < HV_SIM_MAX_L3; i++)
        world->classes[closid].mb[i] = value;
}

static HvTestVm
sum_up(const HvSimWorld *world, const HvSimVm *vm)
{
    HvTestVm sum = { 0 };

    for (guint i = 0; i < vm->n_vcpus; i++) {
        const HvSimThread *thread = vm->threads->pdata[i];

        sum.run += thread->run_ns;
        sum.wait += thread->wait_ns;
        sum.system_ratio += thread->system_ns;
        sum.instructions_per_s += thread->instructions;
        for (guint k = 0; k < world->n_nodes; k++) {
            gboolean local = world->cpus[thread->cpu].node == k;

            *(local ? &sum.local_bytes_per_s : &sum.remote_bytes_per_s) +=
                thread->lines[k] * 64;
        }
    }
    return sum;
}

HvTestVm
hv_test_vm(HvSimWorld *world, const char *name, double seconds)
{
    const HvSimVm *vm = find(world, name);
    const HvTestVm before = sum_up(world, vm);
    HvTestVm after;

    hv_test_pass(world, seconds);
    after = sum_up(world, vm);
    after.run = (after.run - before.run) / seconds / 1e9;
    after.wait = (after.wait - before.wait) / seconds / 1e9;
    after.system_ratio = (after.system_ratio - before.system_ratio) / seconds / 1e9 / after.run;
    after.instructions_per_s = (after.instructions_per_s - before.instructions_per_s) / seconds;
    after.local_bytes_per_s = (after.local_bytes_per_s - before.local_bytes_per_s) / seconds;
    after.remote_bytes_per_s = (after.remote_bytes_per_s - before.remote_bytes_per_s) / seconds;
    after.remote_ratio =
        after.remote_bytes_per_s / (after.local_bytes_per_s + after.remote_bytes_per_s);
    return after;
}
