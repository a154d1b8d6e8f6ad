/* The simulated machine's files that say the same as long as it runs: names, versions, mounts,
 * cpuinfo. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"

static const char cpu_flags[] =
    "fpu tsc msr apic sse sse2 ht syscall nx pdpe1gb rdtscp lm constant_tsc "
    "arch_perfmon nonstop_tsc aperfmperf";

static int
read_cpuinfo(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const HvSimGeometry *geometry = &world->geometry;
    const gboolean is_intel = geometry->vendor == HV_SIM_INTEL;

    for (guint i = 0; i < world->n_cpus; i++) {
        const HvSimCpu *cpu = &world->cpus[i];

        if (!cpu->online)
            continue;
        hv_sim_printf(out, "processor\t: %u\nvendor_id\t: %s\n", cpu->cpu,
                      is_intel ? "GenuineIntel" : "AuthenticAMD");
        hv_sim_printf(out, "cpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\n",
                      geometry->family, geometry->model, geometry->cpu_model);
        hv_sim_printf(out, "cpu MHz\t\t: %.3f\ncache size\t: %" G_GUINT64_FORMAT " KB\n",
                      (double)geometry->base_hz / 1e6, geometry->l3_bytes >> 10);
        hv_sim_printf(out, "physical id\t: %u\nsiblings\t: %u\ncore id\t\t: %u\n", cpu->package,
                      geometry->cores_per_package * geometry->threads_per_core,
                      cpu->core % geometry->cores_per_package);
        hv_sim_printf(out, "cpu cores\t: %u\n", geometry->cores_per_package);
        hv_sim_printf(out, "flags\t\t: %s ", cpu_flags);
        hv_sim_text(out, is_intel ? "vmx ept vpid cat_l3 cdp_l3 mba cqm cqm_llc cqm_occup_llc "
                                    "cqm_mbm_total cqm_mbm_local\n\n"
                                  : "svm npt avic cat_l3 cdp_l3 mba cqm cqm_llc cqm_occup_llc "
                                    "cqm_mbm_total cqm_mbm_local\n\n");
    }
    return 0;
}

/* Without libvirt's private mounts; resctrl is mounted as its options say. */
static int
read_mounts(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;

    hv_sim_text(
        out, "sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\n"
             "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"
             "/dev/nvme0n1p2 / ext4 rw,relatime 0 0\n"
             "securityfs /sys/kernel/security securityfs rw,relatime 0 0\n"
             "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0\n"
             "debugfs /sys/kernel/debug debugfs rw,relatime 0 0\n"
             "tracefs /sys/kernel/tracing tracefs rw,relatime 0 0\n"
             "hugetlbfs /dev/hugepages hugetlbfs rw,relatime,pagesize=2M 0 0\n");
    if (world->resctrl_is_mounted)
        hv_sim_printf(out, "resctrl /sys/fs/resctrl resctrl rw,relatime%s 0 0\n",
                      world->geometry.cdp ? ",cdp" : "");
    return 0;
}

static void
add_names(HvSimFs *fs, const HvSimWorld *world)
{
    const char *kernel = world->geometry.kernel;
    g_autofree char *release = g_strconcat(kernel, "\n", NULL);
    g_autofree char *version =
        g_strdup_printf("Linux version %s (gcc 12.2.0) #1 SMP PREEMPT_DYNAMIC\n", kernel);
    g_autofree char *cmdline = g_strdup_printf("BOOT_IMAGE=/boot/vmlinuz-%s "
                                               "root=/dev/nvme0n1p2 ro quiet\n",
                                               kernel);
    g_autofree char *log = g_strdup_printf("6,0,0,-;Linux version %s (gcc 12.2.0)\n", kernel);

    hv_sim_fs_text(fs, "proc/version", version);
    hv_sim_fs_text(fs, "proc/cmdline", cmdline);
    hv_sim_fs_text(fs, "dev/kmsg", log);
    hv_sim_fs_text(fs, "proc/sys/kernel/osrelease", release);
    hv_sim_fs_text(fs, "proc/sys/kernel/ostype", "Linux\n");
    hv_sim_fs_text(fs, "proc/sys/kernel/hostname", "hv-demo\n");
    hv_sim_fs_text(fs, "etc/hostname", "hv-demo\n");
    hv_sim_fs_text(fs, "etc/machine-id", "5d0de0515e0f4f0b9a3c6b1d2e7f8091\n");
    hv_sim_fs_text(fs, "proc/sys/kernel/random/boot_id",
                   "0f5b5f6e-d7a1-4a9e-8f2e-3c1d5a7b9e42\n");
}

/* hvtune itself, as it would find itself there. */
static void
add_self(HvSimFs *fs, const HvSimWorld *world)
{
    g_autofree char *status =
        g_strdup_printf("Name:\thvtune\nState:\tR (running)\nTgid:\t48213\nPid:\t48213\n"
                        "PPid:\t1\nCpus_allowed_list:\t0-%u\nMems_allowed_list:\t0-%u\n",
                        world->n_cpus - 1, world->n_nodes - 1);

    hv_sim_fs_text(fs, "proc/self/schedstat", "1000000 0 1\n");
    hv_sim_fs_text(fs, "proc/self/status", status);
    hv_sim_fs_text(fs, "proc/self/cgroup", "0::/user.slice/user-0.slice/session-1.scope\n");
}

void
hv_sim_files_fixed(HvSimFs *fs, HvSimWorld *world)
{
    static const HvSimFileClass cpuinfo = { .read = read_cpuinfo },
                                mounts = { .read = read_mounts };

    hv_sim_fs_file(fs, "proc/cpuinfo", &cpuinfo, world, NULL);
    hv_sim_fs_file(fs, "proc/mounts", &mounts, world, NULL);
    hv_sim_fs_file(fs, "proc/self/mounts", &mounts, world, NULL);
    hv_sim_fs_text(fs, "proc/filesystems",
                   "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\tdebugfs\n"
                   "nodev\ttracefs\nnodev\thugetlbfs\nnodev\tresctrl\n\text4\n");
    hv_sim_fs_text(fs, "proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    hv_sim_fs_text(fs, "proc/sys/vm/swappiness", "60\n");
    hv_sim_fs_text(fs, "proc/sys/vm/zone_reclaim_mode", "0\n");
    hv_sim_fs_text(fs, "dev/kvm", "");
    hv_sim_fs_text(fs, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
    add_names(fs, world);
    add_self(fs, world);
}
