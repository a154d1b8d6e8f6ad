/* The simulated machine's procfs: what it says of the whole host. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"
#include "host/sim/kernel-text.h"

#include <errno.h>

#define NS_PER_S 1000000000u
#define NS_PER_US 1000u
#define KB 1024u
/* A disk of this kind answers in 90 µs; a request is one interrupt. */
#define DISK_US_PER_REQUEST 90u
#define SECTORS_PER_REQUEST 32u
#define BYTES_PER_PACKET 1448u
#define BUFFERS_BYTES (G_GUINT64_CONSTANT(512) << 20)
#define SWAP_BYTES (G_GUINT64_CONSTANT(32) << 30)

/* ---- proc/stat ---- */

typedef struct {
    double user, system, idle, irq, softirq, steal, guest;
} Times;

static void
add_times(Times *sum, const HvSimCpu *cpu)
{
    sum->user += cpu->user_ns;
    sum->system += cpu->system_ns;
    sum->idle += cpu->idle_ns;
    sum->irq += cpu->irq_ns;
    sum->softirq += cpu->softirq_ns;
    sum->steal += cpu->steal_ns;
    sum->guest += cpu->guest_ns;
}

/* User time contains the guests'. */
static void
put_times(HvSimText *out, const Times *times)
{
    const guint64 fields[] = {
        hv_sim_ticks(times->user + times->guest),
        0,
        hv_sim_ticks(times->system),
        hv_sim_ticks(times->idle),
        0,
        hv_sim_ticks(times->irq),
        hv_sim_ticks(times->softirq),
        hv_sim_ticks(times->steal),
        hv_sim_ticks(times->guest),
        0,
    };

    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        hv_sim_text(out, " ");
        hv_sim_u64(out, fields[i]);
    }
    hv_sim_text(out, "\n");
}

static guint64
sum_irq(const HvSimWorld *world, const HvSimIrq *irq)
{
    double sum = 0;

    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        sum += irq->counts[cpu];
    return (guint64)sum;
}

static void
put_intr(HvSimText *out, const HvSimWorld *world)
{
    guint64 sum = 0;

    for (guint i = 0; i < world->irqs->len; i++)
        sum += sum_irq(world, world->irqs->pdata[i]);
    hv_sim_text(out, "intr ");
    hv_sim_u64(out, sum);
    hv_sim_text(out, "\n");
}

static guint
count_running(const HvSimWorld *world)
{
    guint n = 0;

    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        n += world->cpus[cpu].busy_ratio > 0.5;
    return n;
}

static int
read_stat(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;
    Times all = { 0 };

    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        add_times(&all, &world->cpus[cpu]);
    hv_sim_text(out, "cpu ");
    put_times(out, &all);
    for (guint cpu = 0; cpu < world->n_cpus; cpu++) {
        Times one = { 0 };

        if (!world->cpus[cpu].online)
            continue;
        add_times(&one, &world->cpus[cpu]);
        hv_sim_text(out, "cpu");
        hv_sim_u64(out, cpu);
        put_times(out, &one);
    }
    put_intr(out, world);
    hv_sim_text(out, "ctxt ");
    hv_sim_u64(out, (guint64)world->context_switches);
    hv_sim_printf(out, "\nbtime %" G_GINT64_FORMAT "\nprocesses 48213\n",
                  world->epoch_ns / NS_PER_S);
    hv_sim_printf(out, "procs_running %u\nprocs_blocked 0\n", count_running(world));
    return 0;
}

/* ---- memory ---- */

static void
put_kb(HvSimText *out, const char *name, guint64 bytes)
{
    hv_sim_printf(out, "%-15s %9" G_GUINT64_FORMAT " kB\n", name, bytes / KB);
}

static int
read_meminfo(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;
    guint64 total = 0, free_bytes = 0, huge_total = 0, huge_free = 0, huge_1g = 0, swapped = 0;

    for (guint i = 0; i < world->n_nodes; i++) {
        const HvSimNode *node = &world->nodes[i];

        total += node->total_bytes;
        free_bytes += hv_world_free_bytes(world, i);
        huge_total += node->huge_2m_total;
        huge_free += node->huge_2m_free;
        huge_1g += node->huge_1g_total;
    }
    for (guint i = 0; i < world->vms->len; i++)
        swapped += ((const HvSimVm *)world->vms->pdata[i])->swap_bytes;
    put_kb(out, "MemTotal:", total);
    put_kb(out, "MemFree:", free_bytes);
    put_kb(out, "MemAvailable:", free_bytes + BUFFERS_BYTES);
    put_kb(out, "Buffers:", BUFFERS_BYTES / 4);
    put_kb(out, "Cached:", BUFFERS_BYTES);
    put_kb(out, "SwapTotal:", MAX(SWAP_BYTES, swapped));
    put_kb(out, "SwapFree:", MAX(SWAP_BYTES, swapped) - swapped);
    hv_sim_printf(out, "HugePages_Total:   %5" G_GUINT64_FORMAT "\n", huge_total);
    hv_sim_printf(out, "HugePages_Free:    %5" G_GUINT64_FORMAT "\n", huge_free);
    hv_sim_text(out, "HugePages_Rsvd:        0\nHugePages_Surp:        0\n");
    put_kb(out, "Hugepagesize:", 2u << 20);
    put_kb(out, "Hugetlb:", (huge_total << 21) + (huge_1g << 30));
    return 0;
}

static int
read_vmstat(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;
    double local = 0, remote = 0, oom_kills = 0, major_faults = 0;
    guint64 free_bytes = 0;

    for (guint i = 0; i < world->n_nodes; i++) {
        local += world->nodes[i].local_allocations;
        remote += world->nodes[i].remote_allocations;
        free_bytes += hv_world_free_bytes(world, i);
    }
    for (guint i = 0; i < world->vms->len; i++) {
        const HvSimVm *vm = world->vms->pdata[i];

        oom_kills += vm->oom_kills;
        major_faults += vm->major_faults;
    }
    hv_sim_printf(out, "nr_free_pages %" G_GUINT64_FORMAT "\n", free_bytes / HV_SIM_PAGE_BYTES);
    hv_sim_printf(out, "numa_hit %.0f\nnuma_miss 0\nnuma_foreign 0\n", local + remote);
    hv_sim_printf(out, "numa_local %.0f\nnuma_other %.0f\n", local, remote);
    hv_sim_printf(out, "pgmajfault %.0f\noom_kill %.0f\n", major_faults, oom_kills);
    hv_sim_printf(out, "numa_pte_updates %.0f\nnuma_hint_faults %.0f\n",
                  world->numa_hint_faults * 2, world->numa_hint_faults);
    hv_sim_printf(out, "numa_hint_faults_local %.0f\nnuma_pages_migrated %.0f\n",
                  MAX(world->numa_hint_faults - world->numa_pages_migrated, 0),
                  world->numa_pages_migrated);
    hv_sim_printf(out, "pgmigrate_success %.0f\npgmigrate_fail 0\n",
                  world->numa_pages_migrated);
    return 0;
}

/* ---- pressure, load, time ---- */

/* A task of the host waits at least while one of its VMs does. */
static double
worst_pressure_ns(const HvSimWorld *world, gsize member)
{
    double worst = 0;

    for (guint i = 0; i < world->vms->len; i++) {
        const double *ns =
            (const double *)(const void *)((const char *)world->vms->pdata[i] + member);

        worst = MAX(worst, *ns);
    }
    return worst;
}

static void
put_pressure(HvSimText *out, const char *scope, double ns)
{
    hv_sim_printf(out, "%s avg10=0.00 avg60=0.00 avg300=0.00 total=%.0f\n", scope,
                  ns / NS_PER_US);
}

static int
read_pressure(gpointer owner, gpointer data, HvSimText *out)
{
    const double ns = worst_pressure_ns(owner, GPOINTER_TO_SIZE(data));

    put_pressure(out, "some", ns);
    put_pressure(out, "full", 0);
    return 0;
}

static int
read_uptime(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;
    double idle_ns = 0;

    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        idle_ns += world->cpus[cpu].idle_ns;
    hv_sim_printf(out, "%.2f %.2f\n", (double)world->now_ns / NS_PER_S, idle_ns / NS_PER_S);
    return 0;
}

static int
read_loadavg(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const guint n = count_running(owner);

    hv_sim_printf(out, "%u.00 %u.00 %u.00 %u/1874 48213\n", n, n, n, MAX(n, 1));
    return 0;
}

/* ---- disks and cards ---- */

static guint64
sum_device_irqs(const HvSimWorld *world, const HvSimDevice *device)
{
    guint64 sum = 0;

    for (guint i = 0; i < world->irqs->len; i++)
        if (hv_sim_irq_is_of(world->irqs->pdata[i], device->pci))
            sum += sum_irq(world, world->irqs->pdata[i]);
    return sum;
}

static gboolean
is_disk(const HvSimDevice *device)
{
    return device->os_name && device->pci_class >> 16 == 0x01;
}

static int
read_diskstats(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;
    guint n = 0;

    for (guint i = 0; i < world->devices->len; i++) {
        const HvSimDevice *device = world->devices->pdata[i];
        const guint64 n_requests = is_disk(device) ? sum_device_irqs(world, device) : 0;
        const guint64 busy_ms = n_requests * DISK_US_PER_REQUEST / 1000;

        if (!is_disk(device))
            continue;
        hv_sim_printf(out, " 259 %7u %s %" G_GUINT64_FORMAT " 0 %" G_GUINT64_FORMAT, n++,
                      device->os_name, n_requests, n_requests * SECTORS_PER_REQUEST);
        hv_sim_printf(out, " %" G_GUINT64_FORMAT " 0 0 0 0 0 %" G_GUINT64_FORMAT, busy_ms,
                      busy_ms);
        hv_sim_printf(out, " %" G_GUINT64_FORMAT " 0 0 0 0 0 0\n", busy_ms);
    }
    return 0;
}

static void
put_nic(HvSimText *out, const char *name, guint64 n_packets)
{
    hv_sim_printf(out, "%6s: %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " 0 0 0 0 0 0", name,
                  n_packets * BYTES_PER_PACKET, n_packets);
    hv_sim_printf(out, " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " 0 0 0 0 0 0\n",
                  n_packets * BYTES_PER_PACKET / 2, n_packets / 2);
}

static int
read_net_dev(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;

    hv_sim_text(out, "Inter-|   Receive                                                |"
                     "  Transmit\n face |bytes    packets errs drop fifo frame compressed "
                     "multicast|bytes    packets errs drop fifo colls carrier compressed\n");
    put_nic(out, "lo", 0);
    for (guint i = 0; i < world->devices->len; i++) {
        const HvSimDevice *device = world->devices->pdata[i];

        if (device->os_name && device->pci_class >> 16 == 0x02)
            put_nic(out, device->os_name, sum_device_irqs(world, device));
    }
    return 0;
}

/* ---- settings ---- */

static int
read_numa_balancing(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_printf(out, "%u\n", ((const HvSimWorld *)owner)->numa_balancing);
    return 0;
}

/* Source: kernel Documentation/admin-guide/sysctl/kernel.rst, numa_balancing. */
static int
write_numa_balancing(gpointer owner, gpointer data G_GNUC_UNUSED, const char *text,
                     gsize length G_GNUC_UNUSED)
{
    HvSimWorld *world = owner;
    guint64 value;

    if (hv_kernel_u64(text, 10, 3, &value) != 0)
        return -EINVAL;
    world->numa_balancing = (guint)value;
    world->change++;
    return 0;
}

void
hv_sim_files_proc(HvSimFs *fs, HvSimWorld *world)
{
    static const HvSimFileClass stat = { .read = read_stat },
                                meminfo = { .read = read_meminfo },
                                vmstat = { .read = read_vmstat },
                                pressure = { .read = read_pressure },
                                uptime = { .read = read_uptime },
                                loadavg = { .read = read_loadavg },
                                diskstats = { .read = read_diskstats },
                                net_dev = { .read = read_net_dev },
                                balancing = { .read = read_numa_balancing,
                                              .write = write_numa_balancing };

    hv_sim_fs_file(fs, "proc/stat", &stat, world, NULL);
    hv_sim_fs_file(fs, "proc/meminfo", &meminfo, world, NULL);
    hv_sim_fs_file(fs, "proc/vmstat", &vmstat, world, NULL);
    hv_sim_fs_file(fs, "proc/pressure/cpu", &pressure, world,
                   GSIZE_TO_POINTER(G_STRUCT_OFFSET(HvSimVm, psi_cpu_ns)));
    hv_sim_fs_file(fs, "proc/pressure/memory", &pressure, world,
                   GSIZE_TO_POINTER(G_STRUCT_OFFSET(HvSimVm, psi_memory_ns)));
    hv_sim_fs_file(fs, "proc/pressure/io", &pressure, world,
                   GSIZE_TO_POINTER(G_STRUCT_OFFSET(HvSimVm, psi_io_ns)));
    hv_sim_fs_file(fs, "proc/uptime", &uptime, world, NULL);
    hv_sim_fs_file(fs, "proc/loadavg", &loadavg, world, NULL);
    hv_sim_fs_file(fs, "proc/diskstats", &diskstats, world, NULL);
    hv_sim_fs_file(fs, "proc/net/dev", &net_dev, world, NULL);
    hv_sim_fs_file(fs, "proc/sys/kernel/numa_balancing", &balancing, world, NULL);
    hv_sim_files_fixed(fs, world);
    hv_sim_files_interrupts(fs, world);
    hv_sim_files_tasks(fs, world);
}
