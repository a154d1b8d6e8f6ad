/* The simulated machine's VMs go and come: saved into a file or shut down, and started again as
 * new processes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/lifecycle.h"
#include "host/guest-xml.h"
#include "host/sim/files-private.h"
#include "host/sim/physics-private.h"
#include "host/sim/scenario-private.h"

#include <string.h>

#define TICKS_PER_S 100
#define PIDS_APART 97
#define SAVE_BYTES_PER_S 1.5e9                      /* to libvirt's file, and back; model */
#define BOOT_NS (8 * G_GINT64_CONSTANT(1000000000)) /* and a shutdown: model */

/* ---- pages ---- */

static HvSimRegion *
region_at(HvSimVm *vm, guint i)
{
    return &g_array_index(vm->regions, HvSimRegion, i);
}

/* Takes them all off their nodes, and keeps where they were. */
static void
drop_pages(HvSimWorld *world, HvSimVm *vm)
{
    vm->saved_pages = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < vm->regions->len; i++) {
        HvSimRegion *region = region_at(vm, i);

        g_ptr_array_add(vm->saved_pages, g_memdup2(region->node_of, region->n_pages));
        for (guint page = 0; page < region->n_pages; page++)
            hv_sim_page_put(world, region, page, HV_SIM_NO_NODE);
    }
}

/* Model: what is read back, or touched anew, comes to lie as it lay. */
static void
restore_pages(HvSimWorld *world, HvSimVm *vm)
{
    for (guint i = 0; vm->saved_pages && i < vm->saved_pages->len; i++) {
        const guint8 *nodes = vm->saved_pages->pdata[i];
        HvSimRegion *region = region_at(vm, i);

        for (guint page = 0; page < region->n_pages; page++)
            hv_sim_page_put(world, region, page, nodes[page]);
    }
    g_clear_pointer(&vm->saved_pages, g_ptr_array_unref);
}

/* ---- processes ---- */

static void
remove_files(HvSimMachine *machine, const HvSimVm *vm)
{
    g_autofree char *group = g_strdup_printf("sys/fs/cgroup/%s", vm->cgroup);
    g_autofree char *process = g_strdup_printf("proc/%d", vm->pid);

    hv_sim_files_kvm_vm_gone(machine->fs, vm);
    hv_sim_fs_remove(machine->fs, group);
    hv_sim_fs_remove(machine->fs, process);
    for (guint i = 0; i < vm->threads->len; i++) {
        const HvSimThread *thread = vm->threads->pdata[i];
        g_autofree char *kernel_thread = g_strdup_printf("proc/%d", thread->tid);

        if (thread->role == HV_THREAD_VHOST)
            hv_sim_fs_remove(machine->fs, kernel_thread);
        g_hash_table_remove(machine->world->by_tid, GINT_TO_POINTER(thread->tid));
    }
}

static void
add_files(HvSimMachine *machine, HvSimVm *vm)
{
    hv_sim_files_cgroup_vm(machine->fs, machine->world, vm);
    hv_sim_files_vm(machine->fs, machine->world, vm);
    hv_sim_files_kvm_vm(machine->fs, machine->world, vm);
}

/* A new process counts from zero, in no resctrl group but the default one. */
static void
renew_thread(HvSimWorld *world, HvSimThread *thread, int former_pid)
{
    const HvSimVm *vm = thread->vm;

    thread->tid += vm->pid - former_pid;
    thread->start_ticks = vm->start_ticks;
    thread->run_ns = thread->wait_ns = thread->user_ns = thread->system_ns = 0;
    thread->guest_ns = thread->instructions = thread->accesses = thread->misses = 0;
    thread->n_timeslices = thread->n_voluntary_switches = 0;
    thread->n_involuntary_switches = 0;
    thread->closid = thread->rmid = 0;
    if (thread->role == HV_THREAD_VHOST)
        g_snprintf(thread->comm, sizeof thread->comm, "vhost-%d", vm->pid);
    g_hash_table_insert(world->by_tid, GINT_TO_POINTER(thread->tid), thread);
}

static void
renew_process(HvSimWorld *world, HvSimVm *vm)
{
    const int former_pid = vm->pid;

    for (guint i = 0; i < world->vms->len; i++) {
        const HvSimVm *other = world->vms->pdata[i];

        vm->pid = MAX(vm->pid, other->pid);
        vm->domain_id = MAX(vm->domain_id, other->domain_id);
    }
    vm->pid += PIDS_APART;
    vm->domain_id++;
    vm->start_ticks = (guint64)(world->now_ns / (1000000000 / TICKS_PER_S));
    vm->started_ns = world->epoch_ns + world->now_ns;
    g_free(vm->cgroup);
    vm->cgroup = hv_sim_scope_of(vm->domain_id, vm->name);
    memset(vm->kvm, 0, sizeof vm->kvm);
    vm->halt_poll_ns = vm->throttled_ns = vm->n_periods = vm->n_throttled = 0;
    vm->major_faults = vm->psi_cpu_ns = vm->psi_memory_ns = vm->psi_io_ns = 0;
    for (guint i = 0; i < vm->threads->len; i++)
        renew_thread(world, vm->threads->pdata[i], former_pid);
}

/* Whoever is started anew, not out of a file, gets what its definition says by now. */
static void
take_definition(HvSimMachine *machine, HvSimVm *vm)
{
    const HvSimXml *kept = g_hash_table_lookup(machine->definitions, vm->name);
    g_autofree char *text = kept ? hv_sim_xml_to_text(kept) : NULL;
    g_autoptr(HvGuestXml) xml = text ? hv_guest_xml_parse(text, NULL) : NULL;

    if (xml)
        vm->apic = xml->apic;
}

/* ---- requests ---- */

static gboolean
fail(GError **error, const HvSimVm *vm, const char *what)
{
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: %s", vm->name, what);
    return FALSE;
}

/* In libvirt's words (9.0: qemuMigrationSrcIsAllowed, qemuDomainSaveInternal). */
static gboolean
stop(HvSimMachine *machine, HvSimVm *vm, gboolean save, GError **error)
{
    if (vm->is_gone)
        return fail(error, vm, "Requested operation is not valid: domain is not running");
    if (save && !vm->persistent)
        return fail(error, vm,
                    "Requested operation is not valid: cannot do managed save for transient "
                    "domain");
    if (save && vm->passthrough && *vm->passthrough)
        return fail(error, vm,
                    "Requested operation is not valid: cannot migrate a domain with <hostdev "
                    "mode='subsystem' type='pci'>");
    remove_files(machine, vm);
    drop_pages(machine->world, vm);
    vm->is_gone = TRUE;
    vm->is_saved = save;
    machine->world->layout++;
    return TRUE;
}

static gboolean
start(HvSimMachine *machine, HvSimVm *vm, GError **error)
{
    if (!vm->is_gone)
        return fail(error, vm, "Requested operation is not valid: domain is already running");
    if (machine->world->no_vendor_module)
        return fail(error, vm,
                    "internal error: process exited while connecting to monitor: Could not "
                    "access KVM kernel module: No such file or directory");
    if (!vm->is_saved)
        take_definition(machine, vm);
    vm->is_gone = vm->is_saved = FALSE;
    renew_process(machine->world, vm);
    restore_pages(machine->world, vm);
    add_files(machine, vm);
    machine->world->layout++;
    return TRUE;
}

char *
hv_sim_run_lifecycle(HvSimMachine *machine, HvSimVm *vm, const HvGuestRequest *request,
                     GError **error)
{
    gboolean good;

    if (request->verb == HV_GUEST_STATE)
        return g_strdup_printf("%s%s %s", vm->persistent ? "" : "transient ",
                               vm->is_saved                   ? "saved"
                               : vm->is_gone                  ? "off"
                               : vm->state == HV_GUEST_PAUSED ? "paused"
                                                              : "running",
                               vm->uuid);
    good = request->verb == HV_GUEST_DO_START
               ? start(machine, vm, error)
               : stop(machine, vm, request->verb == HV_GUEST_DO_SAVE, error);
    return good ? g_strdup("") : NULL;
}

gint64
hv_sim_lifecycle_ns(const HvSimVm *vm, HvGuestVerb verb)
{
    if (verb == HV_GUEST_DO_SAVE || (verb == HV_GUEST_DO_START && vm->is_saved))
        return (gint64)((double)vm->memory_bytes / SAVE_BYTES_PER_S * 1e9);
    return verb == HV_GUEST_DO_START || verb == HV_GUEST_DO_SHUTDOWN ? BOOT_NS : 0;
}
