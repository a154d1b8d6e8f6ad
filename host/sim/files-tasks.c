/* The simulated machine's processes and threads in procfs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"

#include <string.h>

#define KB 1024u
/* What a process of the host's own has in memory. */
#define DAEMON_BYTES (G_GUINT64_CONSTANT(12) << 20)
#define QEMU_VIRTUAL_BYTES (G_GUINT64_CONSTANT(2) << 30) /* beside the guest's memory */

/* ---- who is whose ---- */

/* A thread that is a process of its own: a vhost thread of old kernels, or of the host. */
static gboolean
is_process(const HvSimWorld *world, const HvSimThread *thread)
{
    return !thread->vm || (thread->role == HV_THREAD_VHOST && hv_sim_vhost_is_kernel(world));
}

static int
process_of(const HvSimWorld *world, const HvSimThread *thread)
{
    return is_process(world, thread) ? thread->tid : thread->vm->pid;
}

static char
state_of(const HvSimThread *thread)
{
    return thread->got > 0.5 ? 'R' : 'S';
}

static const char *
state_name(char state)
{
    return state == 'R' ? "R (running)" : "S (sleeping)";
}

/* ---- memory ---- */

typedef struct {
    guint64 total, anon, file, huge, swap, pinned;
} Memory;

static Memory
measure(const HvSimWorld *world, const HvSimThread *thread)
{
    const HvSimVm *vm = thread->vm;
    Memory memory = { .total = DAEMON_BYTES, .anon = DAEMON_BYTES / 2 };

    if (vm && !is_process(world, thread)) {
        memory.anon =
            hv_sim_vm_bytes(world, vm, -1, HV_SIM_PAGES_4K) +
            hv_sim_vm_bytes(world, vm, -1, HV_SIM_PAGES_THP) +
            (HV_SIM_QEMU_HEAP_PAGES + HV_SIM_QEMU_STACK_PAGES) * (guint64)HV_SIM_PAGE_BYTES;
        memory.file = HV_SIM_QEMU_FILE_PAGES * (guint64)HV_SIM_PAGE_BYTES;
        memory.huge = hv_sim_vm_bytes(world, vm, -1, HV_SIM_PAGES_HUGE_2M) +
                      hv_sim_vm_bytes(world, vm, -1, HV_SIM_PAGES_HUGE_1G);
        memory.swap = vm->swap_bytes;
        memory.pinned = vm->pinned_pages ? vm->memory_bytes : 0;
        memory.total = vm->memory_bytes + QEMU_VIRTUAL_BYTES;
    } else if (!vm) {
        memory.file = DAEMON_BYTES / 2;
    } else {
        memory = (Memory){ 0 };
    }
    return memory;
}

/* ---- stat ---- */

typedef struct {
    double user, system, guest;
} Times;

static void
add_times(Times *sum, const HvSimThread *thread)
{
    sum->user += thread->user_ns;
    sum->system += thread->system_ns;
    sum->guest += thread->guest_ns;
}

static guint
count_threads(const HvSimWorld *world, const HvSimThread *thread)
{
    guint n = 0;

    if (is_process(world, thread))
        return 1;
    for (guint i = 0; i < thread->vm->threads->len; i++)
        n += !is_process(world, thread->vm->threads->pdata[i]);
    return n;
}

static void
put_fields(HvSimText *out, const guint64 *fields, guint n)
{
    for (guint i = 0; i < n; i++) {
        hv_sim_text(out, " ");
        hv_sim_u64(out, fields[i]);
    }
}

/* The 52 fields of proc(5). @sum: of the thread alone or of its process. Read very often:
 * without printf. */
static void
put_stat(HvSimText *out, const HvSimWorld *world, const HvSimThread *thread, const Times *sum)
{
    const Memory memory = measure(world, thread);
    const gboolean is_own = is_process(world, thread);
    const guint64 process = (guint64)process_of(world, thread);
    const guint64 parent[] = { thread->vm && is_own ? 2 : 1, process, process, 0 };
    const guint64 from_flags[] = {
        4194304,
        0,
        0,
        is_own ? 0 : (guint64)thread->vm->major_faults,
        0,
        hv_sim_ticks(sum->user + sum->guest),
        hv_sim_ticks(sum->system),
        0,
        0,
        20,
        0,
        count_threads(world, thread),
        0,
        thread->start_ticks,
        memory.total,
        (memory.anon + memory.file) / HV_SIM_PAGE_BYTES,
        G_MAXUINT64,
    };
    const guint64 from_processor[] = { thread->cpu, 0, 0, 0, hv_sim_ticks(sum->guest) };
    const char state[] = { ' ', state_of(thread), '\0' };

    hv_sim_u64(out, (guint64)thread->tid);
    hv_sim_text(out, " (");
    hv_sim_text(out, thread->comm);
    hv_sim_text(out, ")");
    hv_sim_text(out, state);
    put_fields(out, parent, G_N_ELEMENTS(parent));
    hv_sim_text(out, " -1");
    put_fields(out, from_flags, G_N_ELEMENTS(from_flags));
    hv_sim_text(out, " 0 0 0 0 0 0 0 0 0 0 0 0 17");
    put_fields(out, from_processor, G_N_ELEMENTS(from_processor));
    hv_sim_text(out, " 0 0 0 0 0 0 0 0 0\n");
}

static int
read_thread_stat(gpointer owner, gpointer data, HvSimText *out)
{
    Times sum = { 0 };

    add_times(&sum, data);
    put_stat(out, owner, data, &sum);
    return 0;
}

static int
read_process_stat(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimThread *thread = data;
    Times sum = { 0 };

    if (is_process(owner, thread))
        return read_thread_stat(owner, data, out);
    for (guint i = 0; i < thread->vm->threads->len; i++)
        if (!is_process(owner, thread->vm->threads->pdata[i]))
            add_times(&sum, thread->vm->threads->pdata[i]);
    put_stat(out, owner, thread, &sum);
    return 0;
}

static int
read_schedstat(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimThread *thread = data;

    hv_sim_u64(out, (guint64)thread->run_ns);
    hv_sim_text(out, " ");
    hv_sim_u64(out, (guint64)thread->wait_ns);
    hv_sim_text(out, " ");
    hv_sim_u64(out, thread->n_timeslices);
    hv_sim_text(out, "\n");
    return 0;
}

/* ---- status ---- */

static void
put_kb(HvSimText *out, const char *name, guint64 bytes)
{
    hv_sim_printf(out, "%s:\t%8" G_GUINT64_FORMAT " kB\n", name, bytes / KB);
}

static void
put_memory(HvSimText *out, const Memory *memory)
{
    put_kb(out, "VmPeak", memory->total);
    put_kb(out, "VmSize", memory->total);
    put_kb(out, "VmLck", 0);
    put_kb(out, "VmPin", memory->pinned);
    put_kb(out, "VmHWM", memory->anon + memory->file);
    put_kb(out, "VmRSS", memory->anon + memory->file);
    put_kb(out, "RssAnon", memory->anon);
    put_kb(out, "RssFile", memory->file);
    put_kb(out, "RssShmem", 0);
    put_kb(out, "VmSwap", memory->swap);
    put_kb(out, "HugetlbPages", memory->huge);
}

/* As hv_sim_mask(), from the bits that physics keep: this is read for each thread in turn. */
static void
put_mask(HvSimText *out, const guint64 *mask, guint n_bits)
{
    static const char digits[] = "0123456789abcdef";

    for (guint word = MAX((n_bits + 31) / 32, 1); word-- > 0;) {
        const guint32 bits = (guint32)(mask[word / 2] >> (word % 2 * 32));
        char text[10];
        guint n = 0;

        for (guint shift = 32; shift > 0; shift -= 4)
            text[n++] = digits[bits >> (shift - 4) & 15];
        if (word)
            text[n++] = ',';
        hv_sim_bytes(out, text, n);
    }
}

static void
put_places(HvSimText *out, const HvSimWorld *world, const HvSimThread *thread)
{
    const HvSet *mems = thread->vm ? thread->vm->mems : NULL;

    hv_sim_text(out, "Cpus_allowed:\t");
    put_mask(out, thread->mask, world->n_cpus);
    hv_sim_text(out, "\nCpus_allowed_list:\t");
    hv_sim_set(out, thread->cpus_allowed);
    hv_sim_text(out, "\nMems_allowed_list:\t");
    if (mems && !hv_set_is_empty(mems))
        hv_sim_set(out, mems);
    else
        hv_sim_printf(out, world->n_nodes > 1 ? "0-%u" : "0", world->n_nodes - 1);
    hv_sim_text(out, "\n");
}

static int
read_status(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const HvSimThread *thread = data;
    const Memory memory = measure(world, thread);

    hv_sim_printf(out, "Name:\t%s\nUmask:\t0022\nState:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n",
                  thread->comm, state_name(state_of(thread)), process_of(world, thread),
                  thread->tid);
    hv_sim_printf(out, "PPid:\t%d\nTracerPid:\t0\n",
                  thread->vm && is_process(world, thread) ? 2 : 1);
    if (memory.total) /* kernel threads have none */
        put_memory(out, &memory);
    hv_sim_printf(out, "Threads:\t%u\n", count_threads(world, thread));
    put_places(out, world, thread);
    hv_sim_printf(out,
                  "voluntary_ctxt_switches:\t%" G_GUINT64_FORMAT
                  "\nnonvoluntary_ctxt_switches:\t%" G_GUINT64_FORMAT "\n",
                  thread->n_voluntary_switches, thread->n_involuntary_switches);
    return 0;
}

/* ---- names and groups ---- */

static int
read_comm(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_text(out, ((const HvSimThread *)data)->comm);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_cgroup(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimThread *thread = data;
    char group[64];

    hv_sim_group_name(thread, group, sizeof group);
    hv_sim_text(out, "0::/");
    if (thread->vm)
        hv_sim_text(out, thread->vm->cgroup);
    else
        hv_sim_printf(out, "system.slice/%s.service", thread->comm);
    hv_sim_printf(out, "%s%s\n", *group ? "/" : "", group);
    return 0;
}

static void
put_argument(HvSimText *out, const char *argument)
{
    hv_sim_bytes(out, argument, strlen(argument) + 1);
}

static void
put_memory_objects(HvSimText *out, const HvSimVm *vm)
{
    static const char *const types[] = { [HV_SIM_PAGES_4K] = "ram",
                                         [HV_SIM_PAGES_THP] = "ram",
                                         [HV_SIM_PAGES_HUGE_2M] = "file",
                                         [HV_SIM_PAGES_HUGE_1G] = "file" };

    for (guint i = 0; i < vm->regions->len; i++) {
        const HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, i);

        put_argument(out, "-object");
        hv_sim_printf(out,
                      "{\"qom-type\":\"memory-backend-%s\",\"id\":\"ram-node%u\","
                      "\"size\":%" G_GUINT64_FORMAT "}",
                      types[region->kind], region->cell, region->page_bytes * region->n_pages);
        put_argument(out, "");
    }
    for (guint cell = 0; vm->n_cells > 1 && cell < vm->n_cells; cell++) {
        put_argument(out, "-numa");
        hv_sim_printf(out, "node,nodeid=%u,memdev=ram-node%u", cell, cell);
        put_argument(out, "");
    }
}

static int
read_cmdline(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimThread *thread = data;
    const HvSimVm *vm = thread->vm;

    if (!vm) {
        put_argument(out, thread->comm);
        return 0;
    }
    put_argument(out, "/usr/bin/qemu-system-x86_64");
    if (vm->in_libvirt) {
        put_argument(out, "-name");
        hv_sim_printf(out, "guest=%s,debug-threads=on", vm->name);
        put_argument(out, "");
    }
    put_argument(out, "-accel");
    put_argument(out, vm->tcg ? "tcg" : "kvm");
    put_argument(out, "-m");
    hv_sim_printf(out, "size=%" G_GUINT64_FORMAT "k", vm->memory_bytes / KB);
    put_argument(out, "");
    put_memory_objects(out, vm);
    put_argument(out, "-smp");
    hv_sim_printf(out, "%u", vm->n_vcpus);
    put_argument(out, "");
    if (vm->uuid && *vm->uuid) {
        put_argument(out, "-uuid");
        put_argument(out, vm->uuid);
    }
    return 0;
}

static int
read_nothing(gpointer owner G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             HvSimText *out G_GNUC_UNUSED)
{
    return 0;
}

/* ---- the trees ---- */

static void
add_thread(HvSimFs *fs, HvSimWorld *world, HvSimThread *thread)
{
    static const HvSimFileClass stat = { .read = read_thread_stat },
                                schedstat = { .read = read_schedstat },
                                status = { .read = read_status }, comm = { .read = read_comm },
                                cgroup = { .read = read_cgroup };
    static const struct {
        const char *name;
        const HvSimFileClass *file_class;
    } files[] = { { "stat", &stat },
                  { "schedstat", &schedstat },
                  { "status", &status },
                  { "comm", &comm },
                  { "cgroup", &cgroup } };

    for (guint i = 0; i < G_N_ELEMENTS(files); i++)
        hv_sim_fs_filef(fs, files[i].file_class, world, thread, "proc/%d/task/%d/%s",
                        process_of(world, thread), thread->tid, files[i].name);
}

/* @main: its first thread, whose number is the process's. */
static void
add_process(HvSimFs *fs, HvSimWorld *world, HvSimThread *main)
{
    static const HvSimFileClass stat = { .read = read_process_stat },
                                schedstat = { .read = read_schedstat },
                                status = { .read = read_status }, comm = { .read = read_comm },
                                cgroup = { .read = read_cgroup },
                                cmdline = { .read = read_cmdline },
                                no_cmdline = { .read = read_nothing };

    hv_sim_fs_filef(fs, &stat, world, main, "proc/%d/stat", main->tid);
    hv_sim_fs_filef(fs, &schedstat, world, main, "proc/%d/schedstat", main->tid);
    hv_sim_fs_filef(fs, &status, world, main, "proc/%d/status", main->tid);
    hv_sim_fs_filef(fs, &comm, world, main, "proc/%d/comm", main->tid);
    hv_sim_fs_filef(fs, &cgroup, world, main, "proc/%d/cgroup", main->tid);
    hv_sim_fs_filef(fs, main->vm && is_process(world, main) ? &no_cmdline : &cmdline, world,
                    main, "proc/%d/cmdline", main->tid);
}

void
hv_sim_files_vm(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm)
{
    for (guint i = 0; i < vm->threads->len; i++) {
        HvSimThread *thread = vm->threads->pdata[i];

        add_thread(fs, world, thread);
        if (thread->tid == vm->pid || is_process(world, thread))
            add_process(fs, world, thread);
    }
    hv_sim_files_maps(fs, world, vm);
}

void
hv_sim_files_process(HvSimFs *fs, HvSimWorld *world, HvSimThread *main)
{
    add_thread(fs, world, main);
    add_process(fs, world, main);
}

void
hv_sim_files_tasks(HvSimFs *fs, HvSimWorld *world)
{
    for (guint i = 0; i < world->vms->len; i++)
        hv_sim_files_vm(fs, world, world->vms->pdata[i]);
    for (guint i = 0; i < world->host_threads->len; i++)
        hv_sim_files_process(fs, world, world->host_threads->pdata[i]);
}
