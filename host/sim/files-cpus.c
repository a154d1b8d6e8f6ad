/* The simulated machine's cpus in sysfs: which there are, cores, caches, clocks, throttling. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"
#include "host/sim/kernel-text.h"

#include <errno.h>

#define CPU "sys/devices/system/cpu"
/* A core that is busy alone runs faster than at its base clock, all of them together at it. */
#define TURBO_RATIO 1.25

/* ---- sets of cpus ---- */

typedef gboolean (*Belongs)(const HvSimWorld *world, const HvSimCpu *cpu, const HvSimCpu *self);

/* The online cpus that belong to @self. */
static void
put_cpus(HvSimText *out, const HvSimWorld *world, const HvSimCpu *self, Belongs belongs)
{
    gboolean is_begun = FALSE;

    for (guint i = 0; i < world->n_cpus; i++) {
        guint last = i;

        if (!belongs(world, &world->cpus[i], self))
            continue;
        while (last + 1 < world->n_cpus && belongs(world, &world->cpus[last + 1], self))
            last++;
        hv_sim_text(out, is_begun ? "," : "");
        is_begun = TRUE;
        hv_sim_u64(out, i);
        if (last > i) {
            hv_sim_text(out, "-");
            hv_sim_u64(out, last);
        }
        i = last;
    }
    hv_sim_text(out, "\n");
}

static gboolean
is_online(const HvSimWorld *world G_GNUC_UNUSED, const HvSimCpu *cpu,
          const HvSimCpu *self G_GNUC_UNUSED)
{
    return cpu->online;
}

static gboolean
is_offline(const HvSimWorld *world G_GNUC_UNUSED, const HvSimCpu *cpu,
           const HvSimCpu *self G_GNUC_UNUSED)
{
    return !cpu->online;
}

static gboolean
is_possible(const HvSimWorld *world G_GNUC_UNUSED, const HvSimCpu *cpu G_GNUC_UNUSED,
            const HvSimCpu *self G_GNUC_UNUSED)
{
    return TRUE;
}

static gboolean
shares_core(const HvSimWorld *world G_GNUC_UNUSED, const HvSimCpu *cpu, const HvSimCpu *self)
{
    return cpu->online && cpu->core == self->core && cpu->package == self->package;
}

static gboolean
shares_l3(const HvSimWorld *world G_GNUC_UNUSED, const HvSimCpu *cpu, const HvSimCpu *self)
{
    return cpu->online && cpu->l3 == self->l3;
}

static gboolean
shares_package(const HvSimWorld *world G_GNUC_UNUSED, const HvSimCpu *cpu, const HvSimCpu *self)
{
    return cpu->online && cpu->package == self->package;
}

static int
read_online(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    put_cpus(out, owner, NULL, is_online);
    return 0;
}

static int
read_offline(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    put_cpus(out, owner, NULL, is_offline);
    return 0;
}

static int
read_possible(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    put_cpus(out, owner, NULL, is_possible);
    return 0;
}

static int
read_core_cpus(gpointer owner, gpointer data, HvSimText *out)
{
    put_cpus(out, owner, data, shares_core);
    return 0;
}

static int
read_l3_cpus(gpointer owner, gpointer data, HvSimText *out)
{
    put_cpus(out, owner, data, shares_l3);
    return 0;
}

static int
read_package_cpus(gpointer owner, gpointer data, HvSimText *out)
{
    put_cpus(out, owner, data, shares_package);
    return 0;
}

/* ---- numbers ---- */

static int
read_package(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_printf(out, "%u\n", ((const HvSimCpu *)data)->package);
    return 0;
}

static int
read_core(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;

    hv_sim_printf(out, "%u\n",
                  ((const HvSimCpu *)data)->core % world->geometry.cores_per_package);
    return 0;
}

static int
read_l3_id(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_printf(out, "%u\n", ((const HvSimCpu *)data)->l3);
    return 0;
}

static int
read_l3_size(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_printf(out, "%" G_GUINT64_FORMAT "K\n",
                  ((const HvSimWorld *)owner)->geometry.l3_bytes >> 10);
    return 0;
}

static int
read_l3_ways(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_printf(out, "%u\n", ((const HvSimWorld *)owner)->geometry.n_ways);
    return 0;
}

static guint64
package_busy(const HvSimWorld *world, guint package)
{
    double sum = 0;
    guint n = 0;

    for (guint i = 0; i < world->n_cpus; i++) {
        if (world->cpus[i].package != package)
            continue;
        sum += world->cpus[i].busy_ratio;
        n++;
    }
    return n ? (guint64)(sum / n * 100) : 0;
}

static int
read_clock(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const double busy = (double)package_busy(world, ((const HvSimCpu *)data)->package) / 100;
    const double hz =
        (double)world->geometry.base_hz * (TURBO_RATIO - (TURBO_RATIO - 1) * busy);

    hv_sim_printf(out, "%.0f\n", hz / 1000);
    return 0;
}

static int
read_base_clock(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_printf(out, "%" G_GUINT64_FORMAT "\n",
                  ((const HvSimWorld *)owner)->geometry.base_hz / 1000);
    return 0;
}

static int
read_max_clock(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_printf(out, "%.0f\n",
                  (double)((const HvSimWorld *)owner)->geometry.base_hz * TURBO_RATIO / 1000);
    return 0;
}

/* ---- the trees ---- */

typedef struct {
    const char *name;
    const HvSimFileClass *file_class;
} CpuFile;

/* What goes away with an offline cpu. */
static const CpuFile cpu_files[] = {
    { "topology/physical_package_id", &(const HvSimFileClass){ .read = read_package } },
    { "topology/core_id", &(const HvSimFileClass){ .read = read_core } },
    { "topology/thread_siblings_list", &(const HvSimFileClass){ .read = read_core_cpus } },
    { "topology/core_cpus_list", &(const HvSimFileClass){ .read = read_core_cpus } },
    { "topology/package_cpus_list", &(const HvSimFileClass){ .read = read_package_cpus } },
    { "cache/index0/shared_cpu_list", &(const HvSimFileClass){ .read = read_core_cpus } },
    { "cache/index2/shared_cpu_list", &(const HvSimFileClass){ .read = read_core_cpus } },
    { "cache/index3/shared_cpu_list", &(const HvSimFileClass){ .read = read_l3_cpus } },
    { "cache/index3/id", &(const HvSimFileClass){ .read = read_l3_id } },
    { "cache/index3/size", &(const HvSimFileClass){ .read = read_l3_size } },
    { "cache/index3/ways_of_associativity", &(const HvSimFileClass){ .read = read_l3_ways } },
    { "cpufreq/scaling_cur_freq", &(const HvSimFileClass){ .read = read_clock } },
    { "cpufreq/base_frequency", &(const HvSimFileClass){ .read = read_base_clock } },
    { "cpufreq/cpuinfo_max_freq", &(const HvSimFileClass){ .read = read_max_clock } },
};

static const struct {
    const char *name, *text;
} fixed_files[] = {
    { "cache/index0/level", "1\n" },
    { "cache/index0/type", "Data\n" },
    { "cache/index0/size", "32K\n" },
    { "cache/index2/level", "2\n" },
    { "cache/index2/type", "Unified\n" },
    { "cache/index2/size", "1024K\n" },
    { "cache/index3/level", "3\n" },
    { "cache/index3/type", "Unified\n" },
    { "cpufreq/scaling_governor", "performance\n" },
};

static int
read_fixed(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_text(out, fixed_files[GPOINTER_TO_UINT(data)].text);
    return 0;
}

static int
read_zero(gpointer owner G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_text(out, "0\n");
    return 0;
}

static void
add_cpu(HvSimFs *fs, HvSimWorld *world, HvSimCpu *cpu)
{
    static const HvSimFileClass fixed = { .read = read_fixed }, zero = { .read = read_zero };

    for (guint i = 0; i < G_N_ELEMENTS(cpu_files); i++)
        hv_sim_fs_filef(fs, cpu_files[i].file_class, world, cpu, CPU "/cpu%u/%s", cpu->cpu,
                        cpu_files[i].name);
    for (guint i = 0; i < G_N_ELEMENTS(fixed_files); i++)
        hv_sim_fs_filef(fs, &fixed, world, GUINT_TO_POINTER(i), CPU "/cpu%u/%s", cpu->cpu,
                        fixed_files[i].name);
    if (world->geometry.vendor != HV_SIM_INTEL)
        return;
    hv_sim_fs_filef(fs, &zero, world, NULL, CPU "/cpu%u/thermal_throttle/core_throttle_count",
                    cpu->cpu);
    hv_sim_fs_filef(fs, &zero, world, NULL,
                    CPU "/cpu%u/thermal_throttle/package_throttle_count", cpu->cpu);
}

/* ---- on and off ---- */

typedef struct {
    HvSimFs *fs;
    HvSimWorld *world;
} Owner;

static int
read_is_online(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_text(out, ((const HvSimCpu *)data)->online ? "1\n" : "0\n");
    return 0;
}

/* A cpu that comes or goes changes what groups with it have, and before 6.2 that makes their
 * threads forget what sched_setaffinity had asked for: kernel/cgroup/cpuset.c,
 * hotplug_update_tasks. */
static void
forget_wish(const HvSimWorld *world, HvSimThread *thread, guint cpu)
{
    if (hv_sim_kernel_is(world, 6, 2) || !thread->vm->cgroup || !*thread->vm->cgroup)
        return;
    if (hv_set_is_empty(thread->cpus_cgroup) || hv_set_has(thread->cpus_cgroup, cpu))
        hv_set_add_range(thread->cpus_wanted, 0, world->n_cpus - 1);
}

static void
place_all(HvSimWorld *world, guint cpu)
{
    for (guint i = 0; i < world->vms->len; i++) {
        const HvSimVm *vm = world->vms->pdata[i];

        for (guint k = 0; k < vm->threads->len; k++) {
            forget_wish(world, vm->threads->pdata[k], cpu);
            hv_world_place(world, vm->threads->pdata[k]);
        }
    }
    for (guint i = 0; i < world->host_threads->len; i++)
        hv_world_place(world, world->host_threads->pdata[i]);
}

static void
remove_cpu(HvSimFs *fs, guint cpu)
{
    static const char *const parts[] = { "topology", "cache", "cpufreq", "thermal_throttle" };

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_strdup_printf(CPU "/cpu%u/%s", cpu, parts[i]);

        hv_sim_fs_remove(fs, path);
    }
}

/* Source: kernel Documentation/core-api/cpu_hotplug.rst; what is there already is left as it
 * is. */
static int
write_is_online(gpointer data_owner, gpointer data, const char *text,
                gsize length G_GNUC_UNUSED)
{
    const Owner *owner = data_owner;
    HvSimCpu *cpu = data;
    guint64 value;

    if (hv_kernel_u64(text, 10, 1, &value) != 0)
        return -EINVAL;
    if (cpu->online == (value == 1))
        return 0;
    cpu->online = value == 1;
    if (cpu->online)
        add_cpu(owner->fs, owner->world, cpu);
    else
        remove_cpu(owner->fs, cpu->cpu);
    place_all(owner->world, cpu->cpu);
    owner->world->change++;
    return 0;
}

void
hv_sim_files_cpus(HvSimFs *fs, HvSimWorld *world)
{
    static const HvSimFileClass online = { .read = read_online },
                                offline = { .read = read_offline },
                                possible = { .read = read_possible },
                                is_on = { .read = read_is_online, .write = write_is_online };
    Owner *owner = hv_sim_fs_own(fs, g_new(Owner, 1), g_free);

    *owner = (Owner){ fs, world };
    hv_sim_fs_file(fs, CPU "/online", &online, world, NULL);
    hv_sim_fs_file(fs, CPU "/offline", &offline, world, NULL);
    hv_sim_fs_file(fs, CPU "/possible", &possible, world, NULL);
    hv_sim_fs_file(fs, CPU "/present", &possible, world, NULL);
    hv_sim_fs_text(fs, CPU "/isolated", "\n");
    hv_sim_fs_text(fs, CPU "/nohz_full", "(null)\n");
    for (guint i = 0; i < world->n_cpus; i++) {
        if (i > 0) /* the first cannot go off */
            hv_sim_fs_filef(fs, &is_on, owner, &world->cpus[i], CPU "/cpu%u/online", i);
        if (world->cpus[i].online)
            add_cpu(fs, world, &world->cpus[i]);
    }
}
