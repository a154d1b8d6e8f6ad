/* A VM's threads by role, and the cgroup that holds it and nobody else. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include "host/parse.h"

#include <string.h>

#define PATH_BYTES 128
/* A stat line has some 50 numbers, a comm 15 bytes (64 for kernel workers). */
#define STAT_BYTES 2048
#define COMM_BYTES 256

char *
hv_proc_read_comm(HvHost *host, const char *directory)
{
    char path[PATH_BYTES];
    char *comm;

    g_snprintf(path, sizeof path, "%s/comm", directory);
    comm =
        hv_host_read_text(host, path, COMM_BYTES, NULL); /* gone, or hidden: nothing to tell */
    if (comm && g_str_has_suffix(comm, "\n"))
        comm[strlen(comm) - 1] = '\0'; /* only the kernel's own: a comm may end with one, too */
    return comm;
}

gboolean
hv_proc_read_stat(HvHost *host, const char *path, HvProcStat *stat, GError **error)
{
    g_autofree char *text = hv_host_read_text(host, path, STAT_BYTES, error);

    if (!text)
        return FALSE;
    if (hv_guest_parse_stat(text, stat, error))
        return TRUE;
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

static const HvThread *
find_thread(const HvGuestProcess *process, int tid)
{
    for (guint i = 0; i < process->n_threads; i++)
        if (process->threads[i].tid == tid)
            return &process->threads[i];
    return NULL;
}

/* FALSE when it has gone meanwhile. The main thread began with its process, and whatever it
 * calls itself, it is QEMU's own. */
static gboolean
read_thread(HvHost *host, const HvGuestProcess *process, int tid, HvThread *thread,
            gboolean *tcg)
{
    char path[PATH_BYTES];
    HvProcStat stat;

    *thread = (HvThread){ .tid = tid,
                          .role = HV_THREAD_EMULATOR,
                          .start_ticks = process->start_ticks };
    if (tid == process->pid)
        return TRUE;
    g_snprintf(path, sizeof path, "proc/%d/task/%d/stat", process->pid, tid);
    if (!hv_proc_read_stat(host, path, &stat, NULL))
        return FALSE;
    thread->start_ticks = stat.start_ticks;
    hv_guest_parse_comm(stat.comm, &thread->role, &thread->index, tcg);
    return TRUE;
}

static void
add_task(HvHost *host, const HvGuestProcess *process, int tid, gboolean all_names,
         GArray *threads, gboolean *tcg)
{
    const HvThread *old = find_thread(process, tid);
    gboolean emulated = FALSE;
    HvThread thread;

    if (old && !(all_names && old->role == HV_THREAD_WORKER))
        thread = *old;
    else if (!read_thread(host, process, tid, &thread, &emulated))
        return;
    *tcg |= emulated;
    g_array_append_val(threads, thread);
}

/* Kernels before 6.4 run vhost workers as kernel threads of their own. */
static void
add_vhosts(HvHost *host, const GArray *vhosts, GArray *threads)
{
    for (guint i = 0; vhosts && i < vhosts->len; i++) {
        int tid = g_array_index(vhosts, int, i);
        char path[PATH_BYTES];
        HvProcStat stat;

        g_snprintf(path, sizeof path, "proc/%d/stat", tid);
        if (!hv_proc_read_stat(host, path, &stat, NULL))
            continue;
        g_array_append_val(threads, ((HvThread){ .tid = tid,
                                                 .role = HV_THREAD_VHOST,
                                                 .start_ticks = stat.start_ticks,
                                                 .kernel = TRUE }));
    }
}

static gint
compare_threads(gconstpointer a, gconstpointer b)
{
    const HvThread *x = a, *y = b;

    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    if (x->role != HV_THREAD_VHOST && x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return (x->tid > y->tid) - (x->tid < y->tid);
}

/* In order of role and number. Two vCPUs of one number cannot be: the later thread only bears
 * the name. */
static void
put_in_order(GArray *threads)
{
    const HvThread *kept = NULL;
    guint n_vhosts = 0;
    gboolean again = FALSE;

    g_array_sort(threads, compare_threads);
    for (guint i = 0; i < threads->len; i++) {
        HvThread *thread = &g_array_index(threads, HvThread, i);

        if (thread->role == HV_THREAD_VHOST)
            thread->index = n_vhosts++;
        if (thread->role > HV_THREAD_IOTHREAD)
            continue;
        if (!kept || kept->role != thread->role || kept->index != thread->index) {
            kept = thread;
            continue;
        }
        thread->role = HV_THREAD_WORKER;
        thread->index = 0;
        again = TRUE;
    }
    if (again)
        g_array_sort(threads, compare_threads);
}

static gboolean
same_threads(const HvGuestProcess *process, const GArray *threads)
{
    gboolean same = process->n_threads == threads->len;

    for (guint i = 0; same && i < threads->len; i++) {
        const HvThread *a = &process->threads[i], *b = &g_array_index(threads, HvThread, i);

        same = a->tid == b->tid && a->role == b->role && a->index == b->index &&
               a->start_ticks == b->start_ticks && a->kernel == b->kernel;
    }
    return same;
}

gboolean
hv_guest_threads_read(HvHost *host, HvGuestProcess *process, const GArray *vhosts,
                      gboolean all_names)
{
    char path[PATH_BYTES];
    g_auto(GStrv) names = NULL;
    g_autoptr(GArray) threads = g_array_new(FALSE, FALSE, sizeof(HvThread));
    gboolean tcg = process->tcg;

    g_snprintf(path, sizeof path, "proc/%d/task", process->pid);
    names = hv_host_list(host, path, NULL); /* gone: the next look at its stat says so */
    for (guint i = 0; names && names[i]; i++) {
        guint64 tid;

        if (hv_parse_u64(names[i], G_MAXINT, &tid, NULL))
            add_task(host, process, (int)tid, all_names, threads, &tcg);
    }
    add_vhosts(host, vhosts, threads);
    if (process->nameless)
        hv_guest_kvm_name_threads(host, process, threads);
    put_in_order(threads);
    if (!names || (same_threads(process, threads) && tcg == process->tcg))
        return FALSE;
    g_free(process->threads);
    process->n_threads = threads->len;
    process->threads = (HvThread *)(gpointer)g_array_steal(threads, NULL);
    process->tcg = tcg;
    process->n_vcpus = 0;
    while (process->n_vcpus < process->n_threads &&
           process->threads[process->n_vcpus].role == HV_THREAD_VCPU)
        process->n_vcpus++;
    return TRUE;
}

/* A group that libvirt did not make is the VM's only when nobody else lives in it. */
static gboolean
is_alone(HvHost *host, const char *group, int pid)
{
    g_autofree char *path = g_strconcat(group, "/cgroup.procs", NULL);
    g_autofree char *text = hv_host_read_text(host, path, 4096, NULL); /* longer: not alone */
    guint64 only;

    return text && hv_parse_u64(hv_chomp(text), G_MAXINT, &only, NULL) && (int)only == pid;
}

static void
keep_if_alone(HvHost *host, char **group, int pid)
{
    if (*group && !is_alone(host, *group, pid))
        g_clear_pointer(group, g_free);
}

static gboolean
replace(char **place, char *take_text)
{
    g_autofree char *old = *place;

    *place = take_text;
    return g_strcmp0(old, take_text) != 0;
}

gboolean
hv_guest_cgroup_read(HvHost *host, HvGuestProcess *process, const HvCgroupMounts *mounts)
{
    char path[PATH_BYTES];
    g_autofree char *text = NULL;
    g_auto(HvGuestCgroup) cgroup = { 0 };
    gboolean changed;

    g_snprintf(path, sizeof path, "proc/%d/cgroup", process->pid);
    text = hv_host_read_text(host, path, 0, NULL);
    if (!text)
        return FALSE; /* the process has gone, or we have no descriptor left: as before */
    hv_guest_parse_cgroup(text, mounts, &cgroup);
    if (!cgroup.whole) {
        keep_if_alone(host, &cgroup.path, process->pid);
        keep_if_alone(host, &cgroup.memory, process->pid);
        keep_if_alone(host, &cgroup.pressure, process->pid);
    }
    changed = process->cgroup_v2 != cgroup.v2;
    process->cgroup_v2 = cgroup.v2;
    changed |= replace(&process->cgroup, g_steal_pointer(&cgroup.path));
    changed |= replace(&process->cgroup_memory, g_steal_pointer(&cgroup.memory));
    changed |= replace(&process->cgroup_pressure, g_steal_pointer(&cgroup.pressure));
    return changed;
}
