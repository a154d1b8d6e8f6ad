/* The simulated VMs' control groups, version 2, as systemd and libvirt make them: cpus and
 * nodes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/cgroup-private.h"
#include "host/sim/kernel-text.h"

#include <errno.h>
#include <string.h>

#define NS_PER_US 1000u
#define MAX_NODES 1024u /* CONFIG_NODES_SHIFT=10 */
#define MAX_WEIGHT 10000u
#define MIN_US 1000
#define MAX_PERIOD_US 1000000u

/* ---- who is in it ---- */

static int
read_threads(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimGroup *group = data;

    for (guint i = 0; i < group->threads->len; i++)
        hv_sim_printf(out, "%d\n", ((const HvSimThread *)group->threads->pdata[i])->tid);
    return 0;
}

static int
read_procs(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_printf(out, "%d\n", ((const HvSimGroup *)data)->vm->pid);
    return 0;
}

/* ---- cpu ---- */

static void
add_times(const HvSimGroup *group, double *user, double *system)
{
    for (guint i = 0; i < group->children->len; i++)
        add_times(group->children->pdata[i], user, system);
    for (guint i = 0; i < group->threads->len; i++) {
        const HvSimThread *thread = group->threads->pdata[i];

        *user += thread->user_ns + thread->guest_ns;
        *system += thread->system_ns;
    }
}

static void
put(HvSimText *out, const char *name, double value)
{
    hv_sim_text(out, name);
    hv_sim_u64(out, (guint64)value);
    hv_sim_text(out, "\n");
}

static int
read_cpu_stat(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimGroup *group = data;
    const HvSimVm *vm = group->vm;
    const double share = group->is_vcpu ? 1.0 / MAX(vm->n_vcpus, 1) : 0;
    double user = 0, system = 0;

    add_times(group, &user, &system);
    put(out, "usage_usec ", (user + system) / NS_PER_US);
    put(out, "user_usec ", user / NS_PER_US);
    put(out, "system_usec ", system / NS_PER_US);
    put(out, "nr_periods ", vm->n_periods * share);
    put(out, "nr_throttled ", vm->n_throttled * share);
    put(out, "throttled_usec ", vm->throttled_ns * share / NS_PER_US);
    hv_sim_text(out, "nr_bursts 0\nburst_usec 0\n");
    return 0;
}

static int
read_cpu_max(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimVm *vm = ((const HvSimGroup *)data)->vm;

    if (vm->quota_us < 0)
        hv_sim_printf(out, "max %" G_GINT64_FORMAT "\n", vm->period_us);
    else
        hv_sim_printf(out, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", vm->quota_us,
                      vm->period_us);
    return 0;
}

/* "max", "50000", "50000 100000"; all vCPUs of a VM have the same. Source: kernel/sched/core.c,
 * cpu_max_write. */
static int
write_cpu_max(gpointer owner, gpointer data, const char *text, gsize length G_GNUC_UNUSED)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n", 3);
    HvSimVm *vm = ((const HvSimGroup *)data)->vm;
    guint64 quota = 0, period = (guint64)vm->period_us;
    const gboolean is_max = g_strcmp0(words[0], "max") == 0;

    if (!words[0] || (!is_max && hv_kernel_u64(words[0], 10, G_MAXINT64, &quota) != 0))
        return -EINVAL;
    if (words[1] && *words[1] && hv_kernel_u64(words[1], 10, G_MAXINT64, &period) != 0)
        return -EINVAL;
    if ((!is_max && quota < MIN_US) || period < MIN_US || period > MAX_PERIOD_US)
        return -EINVAL;
    vm->quota_us = is_max ? -1 : (gint64)quota;
    vm->period_us = (gint64)period;
    ((HvSimWorld *)owner)->change++;
    return 0;
}

static int
read_weight(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_u64(out, ((const HvSimGroup *)data)->vm->cpu_weight);
    hv_sim_text(out, "\n");
    return 0;
}

static int
write_weight(gpointer owner, gpointer data, const char *text, gsize length G_GNUC_UNUSED)
{
    guint64 weight;

    if (hv_kernel_u64(text, 10, G_MAXUINT32, &weight) != 0)
        return -EINVAL;
    if (weight < 1 || weight > MAX_WEIGHT)
        return -ERANGE;
    ((const HvSimGroup *)data)->vm->cpu_weight = weight;
    ((HvSimWorld *)owner)->change++;
    return 0;
}

/* ---- cpuset.cpus ---- */

/* What the group's own list leaves of its parent's cpus; nothing left of them: all of them.
 * Source: kernel Documentation/admin-guide/cgroup-v2.rst, cpuset.cpus.effective. */
static const HvSet *
effective(HvSimGroup *group)
{
    const HvSet *above = group->parent ? effective(group->parent) : NULL;

    hv_set_clear(group->effective);
    for (guint cpu = 0; cpu < group->world->n_cpus; cpu++)
        if (group->world->cpus[cpu].online && (!above || hv_set_has(above, cpu)) &&
            hv_set_has(group->cpus, cpu))
            hv_set_add(group->effective, cpu);
    if (!hv_set_is_empty(group->effective))
        return group->effective;
    for (guint cpu = 0; cpu < group->world->n_cpus; cpu++)
        if (above ? hv_set_has(above, cpu) : group->world->cpus[cpu].online)
            hv_set_add(group->effective, cpu);
    return group->effective;
}

static gboolean
is_limited(const HvSimGroup *group)
{
    for (; group; group = group->parent)
        if (!hv_set_is_empty(group->cpus))
            return TRUE;
    return FALSE;
}

/* Kernels before 6.2 forget with it what sched_setaffinity had asked for. */
static void
limit_thread(HvSimGroup *group, HvSimThread *thread)
{
    HvSimWorld *world = group->world;

    if (is_limited(group))
        hv_set_assign(thread->cpus_cgroup, effective(group));
    else
        hv_set_clear(thread->cpus_cgroup);
    if (!hv_sim_kernel_is(world, 6, 2)) {
        hv_set_clear(thread->cpus_wanted);
        hv_set_add_range(thread->cpus_wanted, 0, world->n_cpus - 1);
    }
    hv_world_place(world, thread);
}

static void
limit_threads(HvSimGroup *group)
{
    for (guint i = 0; i < group->children->len; i++)
        limit_threads(group->children->pdata[i]);
    for (guint i = 0; i < group->threads->len; i++)
        limit_thread(group, group->threads->pdata[i]);
}

static int
read_cpus(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_set(out, ((const HvSimGroup *)data)->cpus);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_effective_cpus(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_set(out, effective(data));
    hv_sim_text(out, "\n");
    return 0;
}

/* A group with tasks in it or below, as all of these, cannot go back to no list of its own:
 * kernel/cgroup/cpuset.c, validate_change. */
static gboolean
may_become(const HvSet *old, const HvSet *new)
{
    return !old || hv_set_is_empty(old) || !hv_set_is_empty(new);
}

static int
write_cpus(gpointer owner, gpointer data, const char *text, gsize length G_GNUC_UNUSED)
{
    HvSimWorld *world = owner;
    HvSimGroup *group = data;
    int errnum;
    g_autoptr(HvSet) cpus = hv_sim_write_set(text, world->n_cpus, &errnum);

    if (!cpus)
        return -errnum;
    if (!may_become(group->cpus, cpus))
        return -ENOSPC;
    hv_set_assign(group->cpus, cpus);
    limit_threads(group);
    world->change++;
    return 0;
}

/* ---- cpuset.mems ---- */

static int
read_mems(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_set(out, ((const HvSimGroup *)data)->vm->mems);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_effective_mems(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const HvSet *mems = ((const HvSimGroup *)data)->vm->mems;

    if (mems && !hv_set_is_empty(mems))
        hv_sim_set(out, mems);
    else
        hv_sim_printf(out, world->n_nodes > 1 ? "0-%u" : "0", world->n_nodes - 1);
    hv_sim_text(out, "\n");
    return 0;
}

/* One list for the whole VM, as libvirt writes the same one to all its groups. */
static int
write_mems(gpointer owner, gpointer data, const char *text, gsize length G_GNUC_UNUSED)
{
    HvSimWorld *world = owner;
    int errnum;
    g_autoptr(HvSet) mems = hv_sim_write_set(text, MAX_NODES, &errnum);

    if (!mems)
        return -errnum;
    if (hv_set_last(mems) >= (int)world->n_nodes)
        return -EINVAL;
    if (!may_become(((const HvSimGroup *)data)->vm->mems, mems))
        return -ENOSPC;
    hv_world_set_mems(world, ((const HvSimGroup *)data)->vm, mems);
    world->change++;
    return 0;
}

/* ---- the trees ---- */

typedef struct {
    const char *name;
    HvSimFileClass file_class;
} GroupFile;

static const GroupFile group_files[] = {
    { "cgroup.threads", { .read = read_threads } },
    { "cpu.stat", { .read = read_cpu_stat } },
    { "cpuset.cpus", { .read = read_cpus, .write = write_cpus } },
    { "cpuset.cpus.effective", { .read = read_effective_cpus } },
    { "cpuset.mems", { .read = read_mems, .write = write_mems } },
    { "cpuset.mems.effective", { .read = read_effective_mems } },
};

static void
free_group(gpointer data)
{
    HvSimGroup *group = data;

    hv_set_free(group->cpus);
    hv_set_free(group->effective);
    g_ptr_array_unref(group->children);
    g_ptr_array_unref(group->threads);
    g_free(group->name);
    g_free(group->path);
    g_free(group);
}

static HvSimGroup *
add_group(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm, HvSimGroup *parent, const char *name)
{
    HvSimGroup *group = hv_sim_fs_own(fs, g_new0(HvSimGroup, 1), free_group);

    group->world = world;
    group->vm = vm;
    group->parent = parent;
    group->name = g_strdup(name);
    group->path = g_strdup_printf("sys/fs/cgroup/%s%s%s", vm->cgroup, *name ? "/" : "", name);
    group->cpus = hv_set_new();
    group->effective = hv_set_new();
    group->children = g_ptr_array_new();
    group->threads = g_ptr_array_new();
    if (parent)
        g_ptr_array_add(parent->children, group);
    for (guint i = 0; i < G_N_ELEMENTS(group_files); i++)
        hv_sim_fs_filef(fs, &group_files[i].file_class, world, group, "%s/%s", group->path,
                        group_files[i].name);
    return group;
}

static HvSimGroup *
find_leaf(const HvSimGroup *parent, const char *name)
{
    for (guint i = 0; i < parent->children->len; i++)
        if (strcmp(((const HvSimGroup *)parent->children->pdata[i])->name, name) == 0)
            return parent->children->pdata[i];
    return NULL;
}

/* The group of libvirt's that @thread is in, made for the first thread of it. */
static void
add_to_leaf(HvSimFs *fs, HvSimWorld *world, HvSimGroup *parent, HvSimThread *thread)
{
    static const HvSimFileClass cpu_max = { .read = read_cpu_max, .write = write_cpu_max };
    HvSimGroup *group;
    char name[64];

    hv_sim_group_name(thread, name, sizeof name);
    group = find_leaf(parent, name);
    if (!group) {
        group = add_group(fs, world, parent->vm, parent, name);
        group->is_vcpu = thread->role == HV_THREAD_VCPU;
        hv_set_assign(group->cpus, thread->cpus_cgroup);
        hv_sim_fs_textf(fs, "threaded\n", "%s/cgroup.type", group->path);
        if (group->is_vcpu)
            hv_sim_fs_filef(fs, &cpu_max, world, group, "%s/cpu.max", group->path);
        else
            hv_sim_fs_textf(fs, "max 100000\n", "%s/cpu.max", group->path);
    }
    g_ptr_array_add(group->threads, thread);
}

void
hv_sim_files_cgroup_vm(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm)
{
    static const HvSimFileClass weight = { .read = read_weight, .write = write_weight },
                                procs = { .read = read_procs };
    HvSimGroup *group, *inner;

    if (!vm->cgroup || !*vm->cgroup)
        return;
    group = add_group(fs, world, vm, NULL, "");
    hv_sim_fs_filef(fs, &weight, world, group, "%s/cpu.weight", group->path);
    hv_sim_fs_filef(fs, &procs, world, group, "%s/cgroup.procs", group->path);
    hv_sim_fs_textf(fs, "domain\n", "%s/cgroup.type", group->path);
    hv_sim_fs_textf(fs, "cpuset cpu io memory hugetlb pids\n", "%s/cgroup.controllers",
                    group->path);
    hv_sim_files_cgroup_memory(fs, group);
    for (guint i = 0; !vm->in_libvirt && i < vm->threads->len; i++)
        g_ptr_array_add(group->threads, vm->threads->pdata[i]);
    if (!vm->in_libvirt)
        return;
    inner = add_group(fs, world, vm, group, "libvirt");
    hv_sim_fs_textf(fs, "domain threaded\n", "%s/cgroup.type", inner->path);
    for (guint i = 0; i < vm->threads->len; i++)
        add_to_leaf(fs, world, inner, vm->threads->pdata[i]);
}

void
hv_sim_files_cgroup(HvSimFs *fs, HvSimWorld *world)
{
    hv_sim_fs_text(fs, "sys/fs/cgroup/cgroup.controllers",
                   "cpuset cpu io memory hugetlb pids rdma misc\n");
    hv_sim_fs_text(fs, "sys/fs/cgroup/cgroup.subtree_control",
                   "cpuset cpu io memory hugetlb pids\n");
    for (guint i = 0; i < world->vms->len; i++)
        hv_sim_files_cgroup_vm(fs, world, world->vms->pdata[i]);
}
