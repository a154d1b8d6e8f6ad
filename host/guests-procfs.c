/* Finding VMs among the processes, and noticing when they change or end, without libvirt. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include "host/parse.h"

#include <string.h>
#include <unistd.h>

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
/* A little under a tick of 1 s, so that each of those looks. */
#define PERIOD_NS (NS_PER_S * 9 / 10)
#define HURRY_NS (NS_PER_S / 10)
/* A process forks first and becomes QEMU some time later: so long its name is looked at each
 * time. */
#define YOUNG_NS (5 * NS_PER_S)
/* So old is a process before its descriptors are worth a look; and at most so much time goes
 * into that per round. */
#define FD_AGE_NS NS_PER_S
#define FD_BUDGET_NS (NS_PER_S / 250)
/* For the first look somebody waits. */
#define FIRST_FD_BUDGET_NS (NS_PER_S / 1000)
/* Old processes are judged anew in so many rounds: one may become QEMU late, or bear a pid
 * again. */
#define SWEEP 128
/* Threads and groups are listed at least so often. */
#define LIST_NS (30 * NS_PER_S)
#define SETTLE_NS (2 * NS_PER_S)
/* Without /proc/loadavg nothing tells whether a process was made. */
#define BLIND_NS (5 * NS_PER_S)
#define ARGS_BYTES (256 * 1024)
#define STAT_BYTES 2048
#define PATH_BYTES 128

typedef struct {
    int pid;
    gboolean is_vm;
    int vhost_of;          /* a kernel thread "vhost-PID": that PID; else 0 */
    gboolean looked_at;    /* at its descriptors, or at the command line of a QEMU */
    guint64 refused_ticks; /* start time of a QEMU that is no VM: not to be read again, or 0 */
    gint64 found_ns;
} Judged;

struct HvProcScan {
    HvHost *host;
    GPtrArray *processes; /* HvGuestProcess by pid */
    GArray *judged;       /* Judged by pid */
    HvFile *loadavg;
    char last_pid[32]; /* of loadavg: changes with each new process or thread */
    HvCgroupMounts mounts;
    gint64 next_ns, next_hurried_ns, listed_ns;
    guint turn;
    gboolean first_done;
    gint64 boot_ns; /* realtime of the boot, 0 unknown */
    int own_pid;    /* its many descriptors are no VM's; 0 unknown */
};

static void
process_free(gpointer data)
{
    HvGuestProcess *process = data;

    hv_guest_args_clear(&process->args);
    g_free(process->threads);
    g_free(process->cgroup);
    g_free(process->cgroup_memory);
    g_free(process->cgroup_pressure);
    hv_guest_xml_unref(process->status);
    hv_file_close(process->stat);
    g_free(process);
}

static gint64
boot_time_ns(HvHost *host)
{
    g_autofree char *stat = NULL;
    guint64 boot_s;

    if (hv_host_is_live(host))
        return hv_host_realtime_ns(host) - hv_host_boottime_ns(host);
    stat = hv_host_read_text(host, "proc/stat", 0, NULL); /* without it no VM has an age */
    if (!stat || !hv_key_u64(stat, "btime", &boot_s, NULL) || boot_s > G_MAXINT32)
        return 0;
    return (gint64)boot_s * NS_PER_S;
}

/* As this /proc numbers it, which may be of another namespace than getpid(). */
static int
own_pid(HvHost *host)
{
    g_autofree char *target =
        hv_host_is_live(host) ? hv_host_readlink(host, "proc/self", NULL) : NULL;
    guint64 pid;

    return target && hv_parse_u64(target, G_MAXINT, &pid, NULL) ? (int)pid : 0;
}

HvProcScan *
hv_proc_scan_new(HvHost *host)
{
    HvProcScan *scan = g_new0(HvProcScan, 1);
    g_autofree char *mounts = hv_host_read_text(host, "proc/mounts", 0, NULL);

    scan->host = host;
    scan->processes = g_ptr_array_new_with_free_func(process_free);
    scan->judged = g_array_new(FALSE, FALSE, sizeof(Judged));
    scan->loadavg = hv_file_open(host, "proc/loadavg", NULL);
    scan->boot_ns = boot_time_ns(host);
    scan->own_pid = own_pid(host);
    if (mounts)
        hv_guest_parse_mounts(mounts, &scan->mounts);
    return scan;
}

void
hv_proc_scan_free(HvProcScan *scan)
{
    if (!scan)
        return;
    g_ptr_array_unref(scan->processes);
    g_array_unref(scan->judged);
    hv_file_close(scan->loadavg);
    hv_cgroup_mounts_clear(&scan->mounts);
    g_free(scan);
}

HvHost *
hv_proc_scan_host(const HvProcScan *scan)
{
    return scan->host;
}

const GPtrArray *
hv_proc_scan_processes(const HvProcScan *scan)
{
    return scan->processes;
}

/* ---- judging ---- */

static gboolean
read_args(HvHost *host, int pid, HvGuestArgs *args)
{
    char path[PATH_BYTES];
    g_autofree char *bytes = g_malloc(ARGS_BYTES);
    g_autoptr(HvFile) file = NULL;
    gssize size;

    g_snprintf(path, sizeof path, "proc/%d/cmdline", pid);
    file = hv_file_open(host, path, NULL);
    size = file ? hv_file_read(file, bytes, ARGS_BYTES, NULL) : -1;
    if (size < 0)
        return FALSE;
    hv_guest_parse_args(bytes, (gsize)size, args);
    return TRUE;
}

/* The tids of kernel threads "vhost-PID". (transfer full), or NULL. */
static GArray *
vhosts_of(const HvProcScan *scan, int pid)
{
    GArray *tids = NULL;

    for (guint i = 0; i < scan->judged->len; i++) {
        const Judged *judged = &g_array_index(scan->judged, Judged, i);

        if (judged->vhost_of != pid)
            continue;
        if (!tids)
            tids = g_array_new(FALSE, FALSE, sizeof(int));
        g_array_append_val(tids, judged->pid);
    }
    return tids;
}

/* What libvirt starts to learn QEMU's features has no machine; what was never seen to run a VM
 * may not be one. */
static gboolean
is_vm(const HvProcScan *scan, HvGuestProcess *process, HvVmm vmm)
{
    if (process->args.no_machine)
        return FALSE;
    process->nameless = !process->n_vcpus && hv_guest_kvm_has_vm(scan->host, process->pid);
    return (vmm == HV_VMM_QEMU && process->args.name) || process->n_vcpus > 0 ||
           process->nameless;
}

static gint
compare_processes(gconstpointer a, gconstpointer b)
{
    const HvGuestProcess *x = *(HvGuestProcess *const *)a, *y = *(HvGuestProcess *const *)b;

    return (x->pid > y->pid) - (x->pid < y->pid);
}

static gboolean
is_alive(const HvProcStat *stat)
{
    return stat->state != 'Z' && stat->state != 'X';
}

static void
list_threads(HvProcScan *scan, HvGuestProcess *process, gboolean all_names, gint64 now_ns)
{
    g_autoptr(GArray) vhosts = vhosts_of(scan, process->pid);
    gboolean changed = hv_guest_threads_read(scan->host, process, vhosts, all_names);

    changed |= hv_guest_cgroup_read(scan->host, process, &scan->mounts);
    /* which thread is which vCPU shows while it runs: look again */
    process->listed_ns =
        process->nameless && process->n_vcpus < process->n_kvm_vcpus ? 0 : now_ns;
    if (!changed)
        return;
    process->version++;
    process->status_read =
        FALSE; /* libvirt writes its status file anew when a vCPU comes or goes */
}

static gint64
start_time_ns(const HvProcScan *scan, guint64 ticks)
{
    guint64 per_s = (guint64)sysconf(_SC_CLK_TCK);

    if (!scan->boot_ns || !per_s || ticks / per_s > G_MAXINT32)
        return 0;
    return scan->boot_ns + (gint64)(ticks / per_s) * NS_PER_S +
           (gint64)(ticks % per_s) * (NS_PER_S / (gint64)per_s);
}

/* That of its main thread tells the same, and the kernel need not add up what all threads did;
 * a capture may not have it. NULL: it has gone, and the next look says so. */
static HvFile *
open_stat(const HvProcScan *scan, int pid)
{
    char path[PATH_BYTES];
    HvFile *stat;

    g_snprintf(path, sizeof path, "proc/%d/task/%d/stat", pid, pid);
    stat = hv_file_open(scan->host, path, NULL);
    if (stat)
        return stat;
    g_snprintf(path, sizeof path, "proc/%d/stat", pid);
    return hv_file_open(scan->host, path, NULL);
}

static gboolean
read_stat(const HvGuestProcess *process, HvProcStat *stat)
{
    char text[STAT_BYTES];

    return process->stat && hv_file_read(process->stat, text, sizeof text, NULL) > 0 &&
           hv_guest_parse_stat(text, stat, NULL);
}

/* A command line is read under the lock of the process's memory map, which a QEMU that is stuck
 * may hold: so that of a VM is read once, and that of another QEMU no more when it is old and
 * was looked at before. */
static gboolean
read_process(const HvProcScan *scan, const Judged *judged, HvVmm vmm, HvGuestProcess *process)
{
    HvProcStat stat;

    process->stat = open_stat(scan, judged->pid);
    if (!read_stat(process, &stat) || !is_alive(&stat))
        return FALSE;
    if (vmm == HV_VMM_QEMU && (stat.start_ticks == judged->refused_ticks ||
                               !read_args(scan->host, judged->pid, &process->args)))
        return FALSE;
    process->pid = judged->pid;
    process->start_ticks = stat.start_ticks;
    process->seen_since_ns = start_time_ns(scan, stat.start_ticks);
    process->n_threads_seen = stat.n_threads;
    process->tcg = process->args.tcg;
    return TRUE;
}

static void
refuse(Judged *judged, const HvGuestProcess *process, gint64 now_ns)
{
    if (judged->looked_at && now_ns >= judged->found_ns + YOUNG_NS)
        judged->refused_ticks = process->start_ticks;
    judged->looked_at = TRUE;
}

/* New threads get their names late. A process of unknown age may be new. */
static gboolean
is_young(const HvProcScan *scan, const HvGuestProcess *process)
{
    return hv_host_is_live(scan->host) &&
           (!process->seen_since_ns ||
            hv_host_realtime_ns(scan->host) < process->seen_since_ns + YOUNG_NS);
}

/* Adds the process when it is a VM. */
static gboolean
try_process(HvProcScan *scan, Judged *judged, HvVmm vmm, gint64 now_ns)
{
    HvGuestProcess *process = g_new0(HvGuestProcess, 1);
    const gboolean found = read_process(scan, judged, vmm, process);

    if (found)
        list_threads(scan, process, TRUE, now_ns);
    if (!found || !is_vm(scan, process, vmm)) {
        if (found && vmm == HV_VMM_QEMU)
            refuse(judged, process, now_ns);
        process_free(process);
        return FALSE;
    }
    process->found_ns = now_ns;
    process->was_there = process->told = !scan->first_done;
    if (process->nameless)
        list_threads(scan, process, TRUE, now_ns);
    process->unsettled_until_ns = is_young(scan, process) ? now_ns + SETTLE_NS : now_ns;
    g_ptr_array_add(scan->processes, process);
    g_ptr_array_sort(scan->processes, compare_processes);
    judged->is_vm = TRUE;
    return TRUE;
}

static HvGuestProcess *
find_process(const HvProcScan *scan, int pid)
{
    for (guint i = 0; i < scan->processes->len; i++) {
        HvGuestProcess *process = scan->processes->pdata[i];

        if (process->pid == pid)
            return process;
    }
    return NULL;
}

/* A kernel thread "vhost-4711" works for process 4711; a process may only call itself so. */
static void
judge_vhost(HvProcScan *scan, Judged *judged, const char *comm)
{
    char path[PATH_BYTES];
    HvProcStat stat;
    HvThreadRole role;
    guint owner;
    gboolean tcg;
    HvGuestProcess *process;

    hv_guest_parse_comm(comm, &role, &owner, &tcg);
    g_snprintf(path, sizeof path, "proc/%d/stat", judged->pid);
    if (judged->vhost_of || role != HV_THREAD_VHOST || !owner ||
        !hv_proc_read_stat(scan->host, path, &stat, NULL) || stat.ppid != 2)
        return;
    judged->vhost_of = (int)owner;
    process = find_process(scan, (int)owner);
    if (process)
        process->listed_ns = 0; /* it has one thread more */
}

/* @deadline_ns: when looking at descriptors has taken long enough. Returns: whether a VM was
 * found. */
static gboolean
judge(HvProcScan *scan, Judged *judged, gboolean sweep, gint64 now_ns, gint64 deadline_ns)
{
    char directory[PATH_BYTES];
    g_autofree char *comm = NULL;
    HvVmm vmm;

    g_snprintf(directory, sizeof directory, "proc/%d", judged->pid);
    comm = hv_proc_read_comm(scan->host, directory);
    if (!comm)
        return FALSE;
    if (sweep)
        judged->vhost_of = 0; /* its pid may be another's now */
    vmm = hv_guest_parse_vmm(comm);
    if (vmm != HV_VMM_NONE)
        return try_process(scan, judged, vmm, now_ns);
    if (g_str_has_prefix(comm, "vhost-"))
        judge_vhost(scan, judged, comm);
    if (judged->vhost_of || (judged->looked_at && !sweep) ||
        now_ns < judged->found_ns + FD_AGE_NS || hv_host_monotonic_ns(scan->host) > deadline_ns)
        return FALSE;
    judged->looked_at = TRUE;
    return hv_guest_kvm_has_vm(scan->host, judged->pid) &&
           try_process(scan, judged, HV_VMM_OTHER, now_ns);
}

/* Those that are young, not yet looked at, or whose turn it is. */
static gboolean
judge_all(HvProcScan *scan, gint64 now_ns)
{
    gint64 deadline_ns = hv_host_monotonic_ns(scan->host) +
                         (scan->first_done ? FD_BUDGET_NS : FIRST_FD_BUDGET_NS);
    gboolean changed = FALSE;

    for (guint i = 0; i < scan->judged->len; i++) {
        Judged *judged = &g_array_index(scan->judged, Judged, i);
        gboolean sweep = (guint)judged->pid % SWEEP == scan->turn % SWEEP;
        gboolean young = now_ns < judged->found_ns + YOUNG_NS;

        if (judged->pid == scan->own_pid || judged->is_vm || (judged->vhost_of && !sweep) ||
            (judged->looked_at && !sweep && !young))
            continue;
        if (!scan->first_done || sweep || young ||
            hv_host_monotonic_ns(scan->host) < deadline_ns)
            changed |= judge(scan, judged, sweep, now_ns, deadline_ns);
    }
    scan->turn++;
    return changed;
}

/* ---- which processes there are ---- */

static gboolean
may_have_new_pids(HvProcScan *scan, gint64 now_ns)
{
    char text[128];
    gssize size = scan->loadavg ? hv_file_read(scan->loadavg, text, sizeof text, NULL) : -1;
    const char *last = size > 0 ? strrchr(text, ' ') : NULL;

    if (!last)
        return now_ns >= scan->listed_ns + BLIND_NS;
    if (g_str_equal(last, scan->last_pid) && scan->first_done)
        return FALSE;
    g_strlcpy(scan->last_pid, last, sizeof scan->last_pid);
    return TRUE;
}

/* The processes of a first look are old, or libvirt tells of them anyway. */
static Judged
new_judged(const HvProcScan *scan, int pid, gint64 now_ns)
{
    return (Judged){ .pid = pid, .found_ns = scan->first_done ? now_ns : now_ns - YOUNG_NS };
}

/* Takes over what is known of pids that are still there, in one pass: both lists are in order.
 */
static void
list_pids(HvProcScan *scan, gint64 now_ns)
{
    g_auto(GStrv) names =
        hv_host_list(scan->host, "proc", NULL); /* none: no processes are shown */
    g_autoptr(GArray) judged = g_array_new(FALSE, FALSE, sizeof(Judged));
    guint old = 0;

    for (guint i = 0; names && names[i]; i++) {
        guint64 pid;
        Judged entry;

        if (!g_ascii_isdigit(names[i][0]) || !hv_parse_u64(names[i], G_MAXINT, &pid, NULL) ||
            !pid)
            continue;
        while (old < scan->judged->len &&
               g_array_index(scan->judged, Judged, old).pid < (int)pid)
            old++;
        if (old < scan->judged->len && g_array_index(scan->judged, Judged, old).pid == (int)pid)
            entry = g_array_index(scan->judged, Judged, old);
        else
            entry = new_judged(scan, (int)pid, now_ns);
        g_array_append_val(judged, entry);
    }
    g_array_unref(scan->judged);
    scan->judged = g_steal_pointer(&judged);
    scan->listed_ns = now_ns;
}

static Judged *
find_judged(const HvProcScan *scan, int pid)
{
    guint low = 0, high = scan->judged->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        Judged *judged = &g_array_index(scan->judged, Judged, middle);

        if (judged->pid == pid)
            return judged;
        if (judged->pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- VMs that are known ---- */

/* FALSE: it has ended, or its pid is another's now. */
static gboolean
refresh_process(HvProcScan *scan, HvGuestProcess *process, gint64 now_ns, gboolean *changed)
{
    HvProcStat stat;
    gboolean stopped, unsettled = now_ns < process->unsettled_until_ns;
    guint64 version = process->version;

    if (!read_stat(process, &stat) || stat.start_ticks != process->start_ticks ||
        !is_alive(&stat))
        return FALSE;
    stopped = stat.state == 'T' || stat.state == 't';
    if (stopped != (process->stopped_since_ns != 0)) {
        process->stopped_since_ns = stopped ? now_ns : 0;
        process->version++;
    }
    if (stat.n_threads != process->n_threads_seen) {
        process->n_threads_seen = stat.n_threads;
        process->unsettled_until_ns = now_ns + SETTLE_NS;
        list_threads(scan, process, unsettled, now_ns);
    } else if (unsettled || process->listed_ns == 0) {
        list_threads(scan, process, unsettled, now_ns);
    } else if (hv_host_is_live(scan->host) && now_ns >= process->listed_ns + LIST_NS) {
        list_threads(scan, process, TRUE, now_ns);
    }
    *changed |= process->version != version;
    return TRUE;
}

/* Also those whose pid is not listed any more: a kept descriptor of a captured file reads on
 * for ever. */
static gboolean
refresh_processes(HvProcScan *scan, gint64 now_ns)
{
    gboolean changed = FALSE;

    for (guint i = scan->processes->len; i-- > 0;) {
        HvGuestProcess *process = scan->processes->pdata[i];
        Judged *judged = find_judged(scan, process->pid);

        if (judged && refresh_process(scan, process, now_ns, &changed))
            continue;
        if (judged)
            *judged = (Judged){ .pid = process->pid, .found_ns = now_ns };
        g_ptr_array_remove_index(scan->processes, i);
        changed = TRUE;
    }
    return changed;
}

gboolean
hv_proc_scan_refresh(HvProcScan *scan, gint64 now_ns, gboolean hurry)
{
    gboolean changed;

    if (now_ns < (hurry ? scan->next_hurried_ns : scan->next_ns))
        return FALSE;
    scan->next_ns = now_ns + PERIOD_NS;
    scan->next_hurried_ns = now_ns + HURRY_NS;
    if (may_have_new_pids(scan, now_ns))
        list_pids(scan, now_ns);
    changed = refresh_processes(scan, now_ns);
    changed |= judge_all(scan, now_ns);
    changed |= !scan->first_done;
    scan->first_done = TRUE;
    return changed;
}
