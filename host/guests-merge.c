/* One VM from up to three witnesses: its process, libvirt's word, libvirt's status file. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include "model/i18n.h"

/* Reading the status files of many VMs must not hold up the first screen: the rest follows with
 * the next look. */
#define STATUS_BUDGET_US 15000

typedef struct {
    HvHost *host;
    const GPtrArray *processes; /* HvGuestProcess */
    HvLibvirtView view;
    GHashTable *by_uuid; /* uuid -> HvGuestProcess: the one that libvirt means */
    GPtrArray *guests;
    gint64 status_until_us;
    gboolean unfinished;
} Merge;

static void
read_status(Merge *merge, HvGuestProcess *process)
{
    if (process->status_read)
        return;
    if (g_get_monotonic_time() < merge->status_until_us)
        hv_guest_status_read(merge->host, process);
    else
        merge->unfinished = TRUE;
}

/* Anyone may start a QEMU with another VM's uuid: the one that libvirt's pid file names is
 * right, else the older. */
static void
index_process(Merge *merge, HvGuestProcess *process)
{
    HvGuestProcess *other;

    if (!process->args.uuid)
        return;
    other = g_hash_table_lookup(merge->by_uuid, process->args.uuid);
    if (other) {
        hv_guest_status_read(merge->host, process);
        hv_guest_status_read(merge->host, other);
        if (process->run_pid == other->run_pid ? process->start_ticks >= other->start_ticks
                                               : other->run_pid)
            return;
    }
    g_hash_table_insert(merge->by_uuid, process->args.uuid, process);
}

static char *
text_or_empty(const char *text)
{
    return g_strdup(text ? text : "");
}

/* A vCPU that was plugged in after the XML was read has no known pin yet. */
static char **
pins_of_all(char **pins, guint n_vcpus)
{
    const guint n = pins ? g_strv_length(pins) : 0;
    char **all = pins ? g_new0(char *, MAX(n, n_vcpus) + 1) : NULL;

    for (guint i = 0; all && i < MAX(n, n_vcpus); i++)
        all[i] = g_strdup(i < n ? pins[i] : "");
    return all;
}

static void
fill_from_xml(HvGuest *guest, const HvGuestXml *xml)
{
    if (!guest->n_vcpus)
        guest->n_vcpus = xml->n_vcpus;
    guest->memory_bytes = xml->memory_bytes;
    guest->tcg |= xml->tcg;
    if (*xml->owner || !guest->owner) {
        g_free(guest->owner);
        guest->owner = g_strdup(xml->owner);
    }
    guest->launch_security = g_strdup(xml->launch_security);
    guest->apic = xml->apic;
    guest->vcpu_pins = pins_of_all(xml->vcpu_pins, guest->n_vcpus);
    guest->iothread_pins = g_strdupv(xml->iothread_pins);
    guest->emulator_pin = g_strdup(xml->emulator_pin);
    guest->cell_cpus = g_strdupv(xml->cell_cpus);
    guest->passthrough = g_strdupv(xml->passthrough);
    guest->tap_names = g_strdupv(xml->tap_names);
}

static void
fill_from_process(HvGuest *guest, const HvGuestProcess *process)
{
    guest->pid = process->pid;
    guest->start_ticks = process->start_ticks;
    guest->seen_since_ns = process->seen_since_ns;
    guest->tcg = process->tcg;
    guest->n_vcpus = MAX(process->n_vcpus, process->n_kvm_vcpus);
    guest->n_threads = process->n_threads;
    guest->threads = g_new(HvThread, process->n_threads);
    for (guint i = 0; i < process->n_threads; i++)
        guest->threads[i] = process->threads[i];
    guest->cgroup = text_or_empty(process->cgroup);
    guest->cgroup_memory = text_or_empty(process->cgroup_memory);
    guest->cgroup_pressure = text_or_empty(process->cgroup_pressure);
    guest->cgroup_v2 = process->cgroup_v2;
    if (process->args.short_name)
        guest->owner = g_strdup_printf("-name %s", process->args.short_name);
    guest->not_answering_since_ns = process->stopped_since_ns;
}

/* Where nobody else said it. */
static void
fill_from_args(HvGuest *guest, const HvGuestArgs *args)
{
    if (!guest->name && args->name && *args->name)
        guest->name = g_strdup(args->name);
    if (!guest->name)
        guest->name = g_strdup_printf("pid-%d", guest->pid);
    if (!guest->uuid || !*guest->uuid) {
        g_free(guest->uuid);
        guest->uuid = text_or_empty(args->uuid);
    }
    if (!guest->n_vcpus)
        guest->n_vcpus = args->n_vcpus;
    if (!guest->memory_bytes)
        guest->memory_bytes = args->memory_bytes;
}

static void
fill_from_domain(HvGuest *guest, const HvDomain *domain, gboolean connected)
{
    guest->name = g_strdup(domain->name);
    guest->uuid = g_strdup(domain->uuid);
    guest->domain_id = domain->id;
    guest->in_libvirt = TRUE;
    guest->persistent = domain->persistent;
    /* without a process nothing else tells that it still runs */
    guest->state = guest->pid || connected ? domain->state : HV_GUEST_UNKNOWN;
    guest->state_reason = g_strdup(domain->reason);
    guest->job = text_or_empty(domain->job);
    if (!guest->not_answering_since_ns ||
        (domain->not_answering_since_ns &&
         domain->not_answering_since_ns < guest->not_answering_since_ns))
        guest->not_answering_since_ns = domain->not_answering_since_ns;
    guest->haltpoll_read_ns = domain->haltpoll_read_ns;
    guest->haltpoll_ns = domain->haltpoll_ns;
    guest->kvm = hv_kvm_reading_ref(domain->kvm);
    if (domain->xml)
        fill_from_xml(guest, domain->xml);
}

static void
fill_from_status(HvGuest *guest, const HvGuestXml *status)
{
    guest->name = g_strdup(status->name);
    guest->uuid = g_strdup(status->uuid);
    guest->in_libvirt = TRUE;
    guest->state = status->state;
    guest->state_reason = g_strdup(status->reason);
    fill_from_xml(guest, status);
}

/* No member of a list that others read is NULL where the header does not say so. */
static void
finish(HvGuest *guest)
{
    char **texts[] = { &guest->state_reason,    &guest->owner,
                       &guest->launch_security, &guest->job,
                       &guest->cgroup,          &guest->cgroup_memory,
                       &guest->cgroup_pressure };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        if (!*texts[i])
            *texts[i] = g_strdup("");
    if (!guest->passthrough)
        guest->passthrough = g_new0(char *, 1);
    if (!guest->tap_names)
        guest->tap_names = g_new0(char *, 1);
}

static void
add_process(Merge *merge, HvGuestProcess *process)
{
    g_autoptr(HvGuest) guest = hv_guest_new();
    HvDomain *domain = NULL;

    fill_from_process(guest, process);
    if (process->args.uuid &&
        g_hash_table_lookup(merge->by_uuid, process->args.uuid) == process)
        domain = g_hash_table_lookup(merge->view.domains, process->args.uuid);
    if (domain) {
        domain->had_process = TRUE;
        domain->seen_since_ns = process->seen_since_ns;
        fill_from_domain(guest, domain, merge->view.connected);
    } else {
        read_status(merge, process);
        if (process->status)
            fill_from_status(guest, process->status);
        guest->in_libvirt = process->run_pid;
        guest->persistent = process->persistent;
    }
    fill_from_args(guest, &process->args);
    if (process->stopped_since_ns) {
        g_free(guest->state_reason);
        guest->state_reason = g_strdup(N_("stopped (SIGSTOP)"));
    }
    finish(guest);
    g_ptr_array_add(merge->guests, g_steal_pointer(&guest));
}

/* Of another machine, of a driver without processes, or so new that its process was not seen
 * yet. */
static void
add_domains_without_process(Merge *merge)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, merge->view.domains);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const HvDomain *domain = value;
        HvGuest *guest;

        if (!merge->view.remote &&
            (domain->had_process || g_hash_table_contains(merge->by_uuid, domain->uuid)))
            continue;
        guest = hv_guest_new();
        fill_from_domain(guest, domain, merge->view.connected);
        finish(guest);
        g_ptr_array_add(merge->guests, guest);
    }
}

/* A captured tree may hold libvirt's status files without the processes. */
static void
add_status_only(Merge *merge)
{
    g_autoptr(GPtrArray) found = hv_guest_status_only(merge->host, merge->processes);

    for (guint i = 0; i < found->len; i++) {
        const HvGuestXml *status = found->pdata[i];
        HvGuest *guest = hv_guest_new();

        guest->pid = status->pid;
        guest->n_vcpus = status->n_vcpu_threads;
        guest->n_threads = status->n_vcpu_threads;
        guest->threads = g_new0(HvThread, status->n_vcpu_threads);
        for (guint k = 0; k < status->n_vcpu_threads; k++)
            guest->threads[k] = (HvThread){ .tid = status->vcpus[k].tid,
                                            .role = HV_THREAD_VCPU,
                                            .index = status->vcpus[k].index };
        fill_from_status(guest, status);
        finish(guest);
        g_ptr_array_add(merge->guests, guest);
    }
}

HvGuestList *
hv_guests_merge(HvProcScan *scan, HvLibvirt *libvirt, HvGuestList *old, gboolean *unfinished)
{
    Merge merge = { .host = hv_proc_scan_host(scan),
                    .processes = hv_proc_scan_processes(scan),
                    .guests = g_ptr_array_new(),
                    .status_until_us = g_get_monotonic_time() + STATUS_BUDGET_US };
    g_autoptr(GHashTable) by_uuid = g_hash_table_new(g_str_hash, g_str_equal);
    HvGuestList flags = { 0 }, *list;

    merge.by_uuid = by_uuid;
    hv_libvirt_lock(libvirt, &merge.view);
    if (!merge.view.remote) {
        for (guint i = 0; i < merge.processes->len; i++)
            index_process(&merge, merge.processes->pdata[i]);
        for (guint i = 0; i < merge.processes->len; i++)
            add_process(&merge, merge.processes->pdata[i]);
        add_status_only(&merge);
    }
    add_domains_without_process(&merge);
    flags = (HvGuestList){ .remote = merge.view.remote,
                           .libvirt_connected = merge.view.connected,
                           .libvirt_why = g_strdup(merge.view.why),
                           .libvirt_silent_since_ns = merge.view.silent_since_ns };
    hv_libvirt_unlock(libvirt);
    list = hv_guest_list_new(g_steal_pointer(&merge.guests), &flags, old);
    g_free(flags.libvirt_why);
    *unfinished = merge.unfinished;
    return list;
}
