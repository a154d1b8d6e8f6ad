/* The files of one VM's process, cgroup, debugfs and taps, kept open, and what they say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/vm-files.h"

#include <string.h>

#include "model/i18n.h"
#include "probes/kvm-files.h"
#include "probes/vm-files-private.h"

HvVmReader *
hv_vm_reader_new(HvHost *host)
{
    HvVmReader *reader = g_new0(HvVmReader, 1);

    reader->keep = (HvKeep){ .host = host, .limit = hv_keep_limit(25) };
    reader->locked = hv_kvm_files_locked(
        host, N_("kernel lockdown hides KVM's statistics in debugfs, from root too"));
    return reader;
}

void
hv_vm_reader_free(HvVmReader *reader)
{
    g_strfreev(reader->kvm_names);
    g_clear_error(&reader->kvm_error);
    g_clear_error(&reader->locked);
    g_free(reader);
}

void
hv_vm_reader_relist(HvVmReader *reader)
{
    g_clear_pointer(&reader->kvm_names, g_strfreev);
    g_clear_error(&reader->kvm_error);
    reader->kvm_names = hv_host_list(reader->keep.host, HV_KVM_DEBUGFS, &reader->kvm_error);
}

const char *
hv_vm_reader_note(const HvVmReader *reader)
{
    return hv_keep_note(&reader->keep);
}

static void
clear_thread(HvKeep *keep, HvVmThread *thread)
{
    hv_kept_clear(keep, &thread->schedstat);
    g_free(thread);
}

static void
clear_taps(HvKeep *keep, GArray *taps)
{
    for (guint i = 0; i < taps->len; i++)
        hv_kept_clear(keep, &g_array_index(taps, HvKept, i));
    g_array_set_size(taps, 0);
}

void
hv_vm_files_free(HvVmReader *reader, HvVmFiles *files)
{
    HvKeep *keep = &reader->keep;

    if (!files)
        return;
    hv_kept_clear(keep, &files->status);
    hv_kept_clear(keep, &files->stat);
    hv_kept_clear(keep, &files->throttle);
    for (guint i = 0; i < HV_VM_N_PRESSURES; i++)
        hv_kept_clear(keep, &files->pressures[i]);
    for (guint i = 0; i < HV_VM_N_HALT_POLLS; i++)
        hv_kept_clear(keep, &files->halt_polls[i]);
    for (guint i = 0; i < files->threads->len; i++)
        clear_thread(keep, files->threads->pdata[i]);
    clear_taps(keep, files->taps);
    g_array_unref(files->taps);
    g_ptr_array_unref(files->threads);
    g_free(files->emulator_cpus);
    g_free(files);
}

static HvVmFiles *
files_new(HvVmReader *reader, const HvGuest *guest)
{
    HvVmFiles *files = g_new0(HvVmFiles, 1);

    files->pid = guest->pid;
    files->start_ticks = guest->start_ticks;
    files->taps = g_array_new(FALSE, TRUE, sizeof(HvKept));
    files->threads = g_ptr_array_new();
    files->turn = reader->n_born++ % HV_VM_N_TURNS;
    return files;
}

/* A file that is where it was stays open; one that could not be read is tried again. */
static void
set_path(HvKeep *keep, HvKept *kept, char *take_path)
{
    g_autofree char *path = take_path;

    if (path && g_strcmp0(kept->path, path) == 0)
        hv_kept_again(kept);
    else
        hv_kept_set(keep, kept, g_steal_pointer(&path));
}

static void
set_cgroup_files(HvKeep *keep, HvVmFiles *files, const HvGuest *guest)
{
    static const char *const names[HV_VM_N_PRESSURES] = { "cpu", "memory", "io" };
    const char *group = guest->cgroup, *pressure = guest->cgroup_pressure;

    files->no_pressure = NULL;
    if (!*group)
        files->no_pressure = N_("its cgroup is not known");
    else if (!*pressure)
        files->no_pressure = N_("cgroup version 1 has no pressure of groups");
    set_path(keep, &files->throttle, *group ? g_strconcat(group, "/cpu.stat", NULL) : NULL);
    for (guint i = 0; i < HV_VM_N_PRESSURES; i++)
        set_path(keep, &files->pressures[i],
                 files->no_pressure ? NULL
                                    : g_strdup_printf("%s/%s.pressure", pressure, names[i]));
}

static void
set_taps(HvKeep *keep, HvVmFiles *files, const HvGuest *guest)
{
    static const char *const counters[] = { "rx_dropped", "tx_dropped" };
    guint n = 0;

    for (char *const *tap = guest->tap_names; tap && *tap; tap++) {
        if (!**tap || strchr(*tap, '/') || g_str_equal(*tap, "."))
            continue;
        for (guint i = 0; i < G_N_ELEMENTS(counters); i++, n++) {
            if (n >= files->taps->len)
                g_array_set_size(files->taps, n + 1);
            set_path(keep, &g_array_index(files->taps, HvKept, n),
                     g_strdup_printf("sys/class/net/%s/statistics/%s", *tap, counters[i]));
        }
    }
    for (guint i = n; i < files->taps->len; i++)
        hv_kept_clear(keep, &g_array_index(files->taps, HvKept, i));
    g_array_set_size(files->taps, n);
}

static HvVmThread *
thread_new(HvKeep *keep, int pid, const HvThread *from)
{
    HvVmThread *thread = g_new0(HvVmThread, 1);
    char *path = from->kernel ? g_strdup_printf("proc/%d/schedstat", from->tid)
                              : g_strdup_printf("proc/%d/task/%d/schedstat", pid, from->tid);

    thread->tid = from->tid;
    thread->start_ticks = from->start_ticks;
    thread->role = from->role;
    hv_kept_set(keep, &thread->schedstat, path);
    return thread;
}

/* Takes the thread out of @former, or makes it. */
static HvVmThread *
adopt_thread(HvKeep *keep, GPtrArray *former, int pid, const HvThread *from)
{
    for (guint i = 0; i < former->len; i++) {
        HvVmThread *thread = former->pdata[i];

        if (thread->tid == from->tid && thread->start_ticks == from->start_ticks &&
            thread->role == from->role)
            return g_ptr_array_steal_index_fast(former, i);
    }
    return thread_new(keep, pid, from);
}

static void
set_threads(HvKeep *keep, HvVmFiles *files, const HvGuest *guest)
{
    g_autoptr(GPtrArray) former = g_steal_pointer(&files->threads);

    files->threads = g_ptr_array_new();
    for (guint i = 0; i < guest->n_threads; i++)
        if (guest->threads[i].role != HV_THREAD_VCPU)
            g_ptr_array_add(files->threads,
                            adopt_thread(keep, former, guest->pid, &guest->threads[i]));
    for (guint i = 0; i < former->len; i++)
        clear_thread(keep, former->pdata[i]);
}

/* The directory is named PID-FD. */
static const char *
debugfs_name(const HvVmReader *reader, int pid)
{
    g_autofree char *prefix = g_strdup_printf("%d-", pid);

    for (char **name = reader->kvm_names; name && *name; name++)
        if (g_str_has_prefix(*name, prefix))
            return *name;
    return NULL;
}

static void
set_halt_polls(HvVmReader *reader, HvVmFiles *files, const HvGuest *guest)
{
    static const char *const counters[HV_VM_N_HALT_POLLS] = { "halt_poll_success_ns",
                                                              "halt_poll_fail_ns" };
    const char *name = debugfs_name(reader, guest->pid);

    if (files->libvirt_polled_ns && guest->haltpoll_read_ns > files->libvirt_polled_ns)
        files->libvirt_step_ns = guest->haltpoll_read_ns - files->libvirt_polled_ns;
    files->libvirt_polled_ns = guest->haltpoll_read_ns;
    files->libvirt_halt_poll_ns = guest->haltpoll_ns;
    for (guint i = 0; i < HV_VM_N_HALT_POLLS; i++)
        set_path(&reader->keep, &files->halt_polls[i],
                 name ? g_strdup_printf(HV_KVM_DEBUGFS "/%s/%s", name, counters[i]) : NULL);
}

/* What could not be read is tried again, and the errors of before are gone: not one of them may
 * be told once more. Halt polling, which locked hosts tell of no VM, is no reason to read the
 * rest. */
static void
read_failed_again(HvVmFiles *files)
{
    for (guint i = 0; i < HV_VM_N_NUMBERS; i++) {
        if (!files->reading.numbers[i].error)
            continue;
        if (i == HV_VM_HALT_POLL_NS)
            files->halt_poll_failed = TRUE;
        else
            files->due_ns = 0;
    }
}

HvVmFiles *
hv_vm_files_renew(HvVmReader *reader, HvVmFiles *take_files, const HvGuest *guest)
{
    HvVmFiles *files = take_files;
    HvKeep *keep = &reader->keep;

    if (files && (files->pid != guest->pid || files->start_ticks != guest->start_ticks)) {
        hv_vm_files_free(reader, files);
        files = NULL;
    }
    if (!files)
        files = files_new(reader, guest);
    files->tcg = guest->tcg;
    if (!guest->pid)
        return files;
    set_path(keep, &files->status, g_strdup_printf("proc/%d/status", guest->pid));
    set_path(keep, &files->stat, g_strdup_printf("proc/%d/stat", guest->pid));
    set_cgroup_files(keep, files, guest);
    set_taps(keep, files, guest);
    set_threads(keep, files, guest);
    set_halt_polls(reader, files, guest);
    read_failed_again(files);
    return files;
}
