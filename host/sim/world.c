/* The simulated machine as a whole: made from a scenario, found in by name and number, moved in
 * steps. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/world.h"

#include "host/sim/physics-private.h"
#include "host/sim/scenario-private.h"

static void
thread_free(gpointer data)
{
    HvSimThread *thread = data;

    hv_set_free(thread->cpus_wanted);
    hv_set_free(thread->cpus_cgroup);
    hv_set_free(thread->cpus_allowed);
    g_free(thread);
}

static void
region_clear(gpointer data)
{
    HvSimRegion *region = data;

    g_free(region->node_of);
    g_free(region->flags);
}

static void
vm_free(gpointer data)
{
    HvSimVm *vm = data;

    g_free(vm->name);
    g_free(vm->uuid);
    g_free(vm->owner);
    g_free(vm->cgroup);
    g_clear_pointer(&vm->threads, g_ptr_array_unref);
    g_clear_pointer(&vm->regions, g_array_unref);
    g_free(vm->launch_security);
    g_strfreev(vm->passthrough);
    g_strfreev(vm->tap_names);
    hv_set_free(vm->mems);
    g_free(vm->numatune_mode);
    g_free(vm->numatune_nodes);
    g_strfreev(vm->vcpu_pins);
    g_free(vm->emulator_pin);
    g_strfreev(vm->iothread_pins);
    g_clear_pointer(&vm->saved_pages, g_ptr_array_unref);
    g_free(vm);
}

static void
irq_free(gpointer data)
{
    HvSimIrq *irq = data;

    g_free(irq->name);
    g_free(irq->chip);
    hv_set_free(irq->cpus);
    g_free(irq->counts);
    g_free(irq);
}

static void
device_free(gpointer data)
{
    HvSimDevice *device = data;

    g_free(device->pci);
    g_free(device->class_name);
    g_free(device->os_name);
    g_free(device);
}

static void
watch_free(gpointer data)
{
    HvSimWatch *watch = data;

    g_free(watch->name);
    g_free(watch);
}

HvSimVm *
hv_sim_vm_alloc(void)
{
    HvSimVm *vm = g_new0(HvSimVm, 1);

    vm->threads = g_ptr_array_new_with_free_func(thread_free);
    vm->regions = g_array_new(FALSE, TRUE, sizeof(HvSimRegion));
    g_array_set_clear_func(vm->regions, region_clear);
    return vm;
}

static gint
compare_vms(gconstpointer a, gconstpointer b)
{
    const HvSimVm *const *left = a;
    const HvSimVm *const *right = b;

    return g_strcmp0((*left)->name, (*right)->name);
}

HvSimWorld *
hv_world_new(const char *scenario, const char *variant, guint64 seed, GError **error)
{
    const HvSimScenarioClass *chosen = hv_sim_scenario_class(scenario, error);
    g_autoptr(HvSimWorld) world = NULL;
    HvSimGeometry geometry;

    if (!chosen)
        return NULL;
    geometry = *chosen->geometry;
    if (!hv_sim_geometry_vary(&geometry, variant, error))
        return NULL;
    world = g_new0(HvSimWorld, 1);
    world->scenario = chosen->name;
    world->geometry = geometry;
    world->seed = seed;
    world->rand = g_rand_new_with_seed((guint32)(seed ^ seed >> 32));
    world->vms = g_ptr_array_new_with_free_func(vm_free);
    world->irqs = g_ptr_array_new_with_free_func(irq_free);
    world->devices = g_ptr_array_new_with_free_func(device_free);
    world->watches = g_ptr_array_new_with_free_func(watch_free);
    world->host_threads = g_ptr_array_new_with_free_func(thread_free);
    world->by_tid = g_hash_table_new(NULL, NULL);
    hv_sim_machine_make(world);
    chosen->build(world);
    g_ptr_array_sort(world->vms, compare_vms);
    for (guint i = 0; i < world->vms->len; i++)
        ((HvSimVm *)world->vms->pdata[i])->number = i;
    world->layout = world->change = 1;
    world->physics = hv_physics_new(world);
    return g_steal_pointer(&world);
}

void
hv_world_free(HvSimWorld *world)
{
    if (!world)
        return;
    hv_physics_free(world->physics);
    g_ptr_array_unref(world->watches);
    g_ptr_array_unref(world->irqs);
    g_ptr_array_unref(world->devices);
    g_ptr_array_unref(world->vms);
    g_ptr_array_unref(world->host_threads);
    g_hash_table_unref(world->by_tid);
    g_rand_free(world->rand);
    g_free(world->cpus);
    g_free(world->nodes);
    g_free(world->modprobe_conf);
    g_free(world);
}

gint64
hv_world_history_ns(const HvSimWorld *world)
{
    return hv_sim_scenario_class(world->scenario, NULL)->history_ns;
}

void
hv_world_advance(HvSimWorld *world, gint64 now_ns)
{
    while (now_ns - world->now_ns >= HV_SIM_STEP_NS) {
        hv_physics_step(world);
        world->now_ns += HV_SIM_STEP_NS;
    }
}

/* As the kernel falls back when nothing is left: to the group's cpus, then to any. */
static void
allow(HvSimWorld *world, HvSimThread *thread)
{
    hv_set_clear(thread->cpus_allowed);
    for (guint pass = 0; pass < 3 && hv_set_is_empty(thread->cpus_allowed); pass++) {
        for (guint i = 0; i < world->n_cpus; i++) {
            gboolean wanted = pass > 0 || hv_set_has(thread->cpus_wanted, i);
            gboolean given = pass > 1 || hv_set_is_empty(thread->cpus_cgroup) ||
                             hv_set_has(thread->cpus_cgroup, i);

            if (world->cpus[i].online && wanted && given)
                hv_set_add(thread->cpus_allowed, i);
        }
    }
    memset(thread->mask, 0, sizeof thread->mask);
    HV_SET_FOREACH(cpu, thread->cpus_allowed)
    thread->mask[cpu / 64] |= G_GUINT64_CONSTANT(1) << (cpu % 64);
}

void
hv_world_place(HvSimWorld *world, HvSimThread *thread)
{
    allow(world, thread);
    world->change++;
    if (hv_set_has(thread->cpus_allowed, thread->cpu))
        return;
    thread->cpu = hv_sim_best_cpu(world, thread);
    thread->arrived_ns = world->now_ns;
}

/* Spread by number over what it may use, as vectors are. */
void
hv_world_place_irq(HvSimWorld *world, HvSimIrq *irq)
{
    guint n_usable = 0, chosen;
    int fallback = -1;

    for (guint i = 0; i < world->n_cpus; i++) {
        if (world->cpus[i].online && fallback < 0)
            fallback = (int)i;
        n_usable += world->cpus[i].online && hv_set_has(irq->cpus, i);
    }
    if (!n_usable) {
        irq->cpu = (guint)MAX(fallback, 0);
        return;
    }
    chosen = irq->irq % n_usable;
    HV_SET_FOREACH(cpu, irq->cpus)
    if ((guint)cpu < world->n_cpus && world->cpus[cpu].online && chosen-- == 0) {
        irq->cpu = (guint)cpu;
        return;
    }
}

HvSimVm *
hv_world_vm(const HvSimWorld *world, const char *name)
{
    for (guint i = 0; i < world->vms->len; i++) {
        HvSimVm *vm = world->vms->pdata[i];

        if (g_str_equal(vm->name, name))
            return vm;
    }
    return NULL;
}

HvSimVm *
hv_world_vm_of_pid(const HvSimWorld *world, int pid)
{
    HvSimThread *thread = hv_world_thread(world, pid);

    return thread && thread->vm && thread->vm->pid == pid ? thread->vm : NULL;
}

HvSimThread *
hv_world_thread(const HvSimWorld *world, int tid)
{
    return g_hash_table_lookup(world->by_tid, GINT_TO_POINTER(tid));
}
