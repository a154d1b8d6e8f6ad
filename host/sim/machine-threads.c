/* The simulated machine's threads and pages: where they may run, where they are, with the
 * kernel's errors. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/machine-private.h"

#include <errno.h>

static gboolean
fail_thread(GError **error, int errnum, int tid)
{
    g_autofree char *what = g_strdup_printf("thread %d", tid);

    return hv_error_set_errno(error, errnum, what);
}

static gboolean
get_affinity(gpointer data, int tid, HvSet *cpus, GError **error)
{
    HvSimMachine *machine = data;
    const HvSimThread *thread;

    g_mutex_lock(&machine->lock);
    thread = hv_world_thread(machine->world, tid);
    if (thread)
        hv_set_assign(cpus, thread->cpus_allowed);
    g_mutex_unlock(&machine->lock);
    return thread || fail_thread(error, ESRCH, tid);
}

/* Something of @cpus must be online and in the thread's group: kernel/sched/core.c,
 * __sched_setaffinity. */
static gboolean
is_possible(const HvSimWorld *world, const HvSimThread *thread, const HvSet *cpus)
{
    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        if (hv_set_has(cpus, cpu) && world->cpus[cpu].online &&
            (hv_set_is_empty(thread->cpus_cgroup) || hv_set_has(thread->cpus_cgroup, cpu)))
            return TRUE;
    return FALSE;
}

int
hv_sim_set_affinity(HvSimWorld *world, int tid, const HvSet *cpus)
{
    HvSimThread *thread = hv_world_thread(world, tid);

    if (!thread)
        return -ESRCH;
    if (!is_possible(world, thread, cpus))
        return -EINVAL;
    hv_set_assign(thread->cpus_wanted, cpus);
    hv_world_place(world, thread);
    return 0;
}

static gboolean
set_affinity(gpointer data, int tid, const HvSet *cpus, GError **error)
{
    HvSimMachine *machine = data;
    int result;

    g_mutex_lock(&machine->lock);
    hv_sim_machine_advance(machine);
    result = hv_sim_set_affinity(machine->world, tid, cpus);
    g_mutex_unlock(&machine->lock);
    return result == 0 || fail_thread(error, -result, tid);
}

/* ---- pages ---- */

static int
query_page(const HvSimVm *vm, guint64 address)
{
    HvSimRegion *region;
    guint page;

    if (!hv_world_page(vm, address, &region, &page))
        return -EFAULT;
    return region->node_of[page] == HV_SIM_NO_NODE ? -ENOENT : region->node_of[page];
}

static int
move_page(HvSimWorld *world, HvSimVm *vm, guint64 address, guint node)
{
    HvSimRegion *region;
    guint page;

    return hv_world_page(vm, address, &region, &page)
               ? hv_world_move_page(world, vm, region, page, node)
               : -EFAULT;
}

/* A node that is not there, or not the VM's to use, ends the call (mm/migrate.c,
 * do_pages_move); what was told until then stays. */
static int
move_all(HvSimWorld *world, HvSimVm *vm, gulong n, void **pages, const int *nodes, int *status)
{
    for (gulong i = 0; i < n; i++) {
        const guint64 address = GPOINTER_TO_SIZE(pages[i]);

        if (!nodes) {
            status[i] = query_page(vm, address);
            continue;
        }
        if (nodes[i] < 0 || (guint)nodes[i] >= world->n_nodes)
            return -ENODEV;
        if (vm->mems && !hv_set_is_empty(vm->mems) && !hv_set_has(vm->mems, (guint)nodes[i]))
            return -EACCES;
        status[i] = move_page(world, vm, address, (guint)nodes[i]);
    }
    return 0;
}

static gboolean
move_pages(gpointer data, int pid, gulong n, void **pages, const int *nodes, int *status,
           GError **error)
{
    HvSimMachine *machine = data;
    g_autofree char *what = NULL;
    HvSimVm *vm;
    int result = -ESRCH;
    gint64 until_ns = 0;

    for (gulong i = 0; i < n; i++)
        status[i] = -EAGAIN;
    g_mutex_lock(&machine->lock);
    if (nodes)
        hv_sim_machine_advance(machine);
    vm = hv_world_vm_of_pid(machine->world, pid);
    if (vm)
        result = move_all(machine->world, vm, n, pages, nodes, status);
    if (nodes)
        until_ns = hv_sim_machine_now(machine) + hv_world_take_move_ns(machine->world);
    g_mutex_unlock(&machine->lock);
    if (nodes) /* the call returns when the pages are there */
        hv_sim_clock_ops.wait_until(machine, until_ns, -1);
    if (result == 0)
        return TRUE;
    what = g_strdup_printf("pages of process %d", pid);
    return hv_error_set_errno(error, -result, what);
}

const HvThreadOps hv_sim_thread_ops = {
    .get_affinity = get_affinity,
    .set_affinity = set_affinity,
    .move_pages = move_pages,
};
