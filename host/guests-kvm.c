/* KVM VMs and vCPU threads that bear no names: known by their descriptors and by what they do.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include "host/parse.h"

#include <string.h>

/* A VMM opens its VM and vCPUs early: they have low numbers. */
#define MAX_FDS 1024
#define MAX_HOLES 8
#define PATH_BYTES 128
/* Linux, x86-64 and arm64 alike but for the number of ioctl(2) itself:
 * include/uapi/linux/kvm.h. */
#define KVM_RUN 0xae80
#define VCPU_LINK "anon_inode:kvm-vcpu:"

/* (transfer full), NULL: no such descriptor, or not for us to see. */
static char *
read_link(HvHost *host, int pid, guint fd)
{
    char path[PATH_BYTES];

    g_snprintf(path, sizeof path, "proc/%d/fd/%u", pid, fd);
    return hv_host_readlink(host, path, NULL);
}

static gboolean
is_vcpu_link(const char *target, guint *index)
{
    guint64 number;

    if (!g_str_has_prefix(target, VCPU_LINK) ||
        !hv_parse_u64(target + strlen(VCPU_LINK), G_MAXUINT16, &number, NULL))
        return FALSE;
    *index = (guint)number;
    return TRUE;
}

gboolean
hv_guest_kvm_has_vm(HvHost *host, int pid)
{
    guint n_holes = 0;

    for (guint fd = 0; fd < MAX_FDS && n_holes < MAX_HOLES; fd++) {
        g_autofree char *target = read_link(host, pid, fd);

        if (target && g_str_equal(target, "anon_inode:kvm-vm"))
            return TRUE;
        n_holes = target ? 0 : n_holes + 1;
    }
    return FALSE;
}

static guint
count_vcpus(HvHost *host, int pid)
{
    guint n = 0, n_holes = 0, index;

    for (guint fd = 0; fd < MAX_FDS && n_holes < MAX_HOLES; fd++) {
        g_autofree char *target = read_link(host, pid, fd);

        n += target && is_vcpu_link(target, &index);
        n_holes = target ? 0 : n_holes + 1;
    }
    return n;
}

/* "16 0xd 0xae80 …": it waits in the kernel inside KVM_RUN on descriptor 13. Source: proc(5),
 * /proc/PID/syscall. */
static gboolean
runs_vcpu(HvHost *host, int pid, int tid, guint *index)
{
    char path[PATH_BYTES];
    g_autofree char *text = NULL;
    g_autofree char *target = NULL;
    char *rest;
    const char *number, *fd, *request;
    guint64 fd_value, request_value;

    g_snprintf(path, sizeof path, "proc/%d/task/%d/syscall", pid, tid);
    rest = text =
        hv_host_read_text(host, path, 1024, NULL); /* "running", or not for us to see */
    if (!text)
        return FALSE;
    number = hv_next_word(&rest);
    fd = hv_next_word(&rest);
    request = hv_next_word(&rest);
    if (!number || !fd || !request ||
        !hv_parse_hex(request, G_MAXUINT64, &request_value, NULL) || request_value != KVM_RUN ||
        !hv_parse_hex(fd, G_MAXINT, &fd_value, NULL))
        return FALSE;
    target = read_link(host, pid, (guint)fd_value);
    return target && is_vcpu_link(target, index);
}

/* A thread that the kernel made for a VM (kvm-nx-lpage-recovery, vhost) bears a copy of its
 * maker's system call. */
static gboolean
is_kernels(HvHost *host, int pid, int tid)
{
    char directory[PATH_BYTES];
    g_autofree char *comm = NULL;

    g_snprintf(directory, sizeof directory, "proc/%d/task/%d", pid, tid);
    comm = hv_proc_read_comm(host, directory);
    return !comm || g_str_has_prefix(comm, "kvm-") || g_str_has_prefix(comm, "vhost-");
}

static gboolean
has_guest_time(HvHost *host, int pid, int tid)
{
    char path[PATH_BYTES];
    HvProcStat stat;

    g_snprintf(path, sizeof path, "proc/%d/task/%d/stat", pid, tid);
    return hv_proc_read_stat(host, path, &stat, NULL) && stat.guest_ticks > 0;
}

static gboolean
is_taken(const GArray *threads, guint index)
{
    for (guint i = 0; i < threads->len; i++) {
        const HvThread *thread = &g_array_index(threads, HvThread, i);

        if (thread->role == HV_THREAD_VCPU && thread->index == index)
            return TRUE;
    }
    return FALSE;
}

/* vCPUs are made in order, and so are their threads: as many as there are numbers left can be
 * told by that. */
static void
number_the_rest(HvHost *host, const HvGuestProcess *process, GArray *threads)
{
    g_autoptr(GArray) rest = g_array_new(FALSE, FALSE, sizeof(guint));
    guint n_taken = 0, next = 0;

    for (guint i = 0; i < threads->len; i++) {
        const HvThread *thread = &g_array_index(threads, HvThread, i);

        n_taken += thread->role == HV_THREAD_VCPU;
        if (thread->role == HV_THREAD_WORKER && has_guest_time(host, process->pid, thread->tid))
            g_array_append_val(rest, i);
    }
    if (n_taken + rest->len != process->n_kvm_vcpus)
        return;
    for (guint i = 0; i < rest->len; i++) {
        HvThread *thread = &g_array_index(threads, HvThread, g_array_index(rest, guint, i));

        while (is_taken(threads, next))
            next++;
        thread->role = HV_THREAD_VCPU;
        thread->index = next;
    }
}

void
hv_guest_kvm_name_threads(HvHost *host, HvGuestProcess *process, GArray *threads)
{
    process->n_kvm_vcpus = count_vcpus(host, process->pid);
    for (guint i = 0; i < threads->len; i++) {
        HvThread *thread = &g_array_index(threads, HvThread, i);
        guint index;

        if (thread->role == HV_THREAD_WORKER && !is_kernels(host, process->pid, thread->tid) &&
            runs_vcpu(host, process->pid, thread->tid, &index) && !is_taken(threads, index)) {
            thread->role = HV_THREAD_VCPU;
            thread->index = index;
        }
    }
    number_the_rest(host, process, threads);
}
