/* What KVM counts of each VM, and what decides whether APICv or AVIC can serve it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "probes/kvm-columns.h"
#include "probes/kvm-files.h"
#include "probes/kvm-module.h"
#include "probes/probe.h"

#define OLDEST_NS (G_GINT64_CONSTANT(19) * 500000000) /* 9.5 s: as for files of VMs */

enum {
    VM,
    SOURCE,
    TCG,
    SYNIC,
    HV_AVIC,
    PIT_REINJECTED,
    SPLIT_IRQCHIP,
    X2APIC,
    NESTED,
    READ_NS,
    HV_KVM_EACH_COUNT(HV_KVM_COUNTER_NUMBER) /* N_EXITS … */
    HV_KVM_EACH_COUNT(HV_KVM_RATE_NUMBER)    /* R_EXITS … */
};

static const HvColumn columns[] = {
    [VM] = { .name = "vm", .kind = HV_KIND_KEY, .help = N_("name of the VM") },
    [SOURCE] = { .name = "source",
                 .kind = HV_KIND_TEXT,
                 .help = N_("where its counts come from: debugfs or libvirt") },
    [TCG] = { .name = "tcg", .kind = HV_KIND_BOOL, .help = N_("emulated, without KVM") },
    [SYNIC] = { .name = "synic",
                .kind = HV_KIND_BOOL,
                .help = N_("its definition has hyperv synic, whose AutoEOI APICv cannot do") },
    [HV_AVIC] = { .name = "hv_avic",
                  .kind = HV_KIND_BOOL,
                  .help = N_("its definition has hyperv avic: Windows leaves AutoEOI alone") },
    [PIT_REINJECTED] = { .name = "pit_reinjected",
                         .kind = HV_KIND_BOOL,
                         .help =
                             N_("KVM's own timer repeats lost ticks, which inhibits AVIC") },
    [SPLIT_IRQCHIP] = { .name = "split_irqchip",
                        .kind = HV_KIND_BOOL,
                        .help = N_("QEMU has the IO-APIC and the timer, KVM the local APICs") },
    [X2APIC] = { .name = "x2apic",
                 .kind = HV_KIND_BOOL,
                 .help = N_("its definition asks for x2APIC, or forbids it") },
    [NESTED] = { .name = "nested_svm",
                 .kind = HV_KIND_BOOL,
                 .help = N_("its definition asks for nested virtualisation on AMD") },
    [READ_NS] = HV_KVM_READ_NS,
    HV_KVM_EACH_COUNT(HV_KVM_COUNTER_COLUMN) HV_KVM_EACH_COUNT(HV_KVM_RATE_COLUMN){ 0 },
};
static const HvSchema schema = { .name = "kvm_vms", .columns = columns, .raw = TRUE };

typedef struct {
    HvKvmFiles files;
    guint32 row;
    gboolean has_row;
} Vm;

typedef struct {
    HvHost *host;
    HvKeep keep;
    HvKvmModule *module;
    HvGuestList *list;
    GArray *vms; /* of Vm, in the order of the list */
    GError *why; /* why debugfs has nothing, or NULL */
    GError *locked;
    char buffer[256];
} Probe;

/* ---- which files ---- */

static void
clear_vms(Probe *probe)
{
    for (guint i = 0; i < probe->vms->len; i++)
        hv_kvm_files_clear(&probe->keep, &g_array_index(probe->vms, Vm, i).files);
    g_array_set_size(probe->vms, 0);
}

/* Takes the VM of @pid out of @former, whose place it leaves empty. */
static Vm
adopt(GArray *former, int pid)
{
    for (guint i = 0; pid && i < former->len; i++) {
        Vm *place = &g_array_index(former, Vm, i);
        const Vm found = *place;

        if (found.files.pid != pid)
            continue;
        *place = (Vm){ 0 };
        return found;
    }
    return (Vm){ 0 };
}

/* The list changed: VMs that stay keep their files. Takes @take_list. */
static void
reconcile(Probe *probe, HvGuestList *take_list)
{
    g_auto(GStrv) names = NULL;
    g_autoptr(GArray) former = probe->vms;

    g_clear_error(&probe->why);
    names = hv_host_list(probe->host, HV_KVM_DEBUGFS, &probe->why);
    if (probe->why) /* the cell's whole text, so that a tick makes none */
        g_prefix_error(&probe->why, "%s", _("libvirt tells, a VM every few seconds; "));
    hv_kvm_module_look(probe->module);
    hv_guest_list_unref(probe->list);
    probe->list = take_list;
    probe->vms = g_array_new(FALSE, FALSE, sizeof(Vm));
    for (guint i = 0; i < take_list->n_guests; i++) {
        const HvGuest *guest = take_list->guests[i];
        Vm vm = adopt(former, guest->pid);

        hv_kvm_files_set(&probe->keep, &vm.files, names, guest->tcg ? 0 : guest->pid);
        g_array_append_val(probe->vms, vm);
    }
    for (guint i = 0; i < former->len; i++)
        hv_kvm_files_clear(&probe->keep, &g_array_index(former, Vm, i).files);
}

/* ---- rows ---- */

static void
emit_fact(HvSink *out, guint column, guint apic, gboolean value)
{
    if (apic & HV_APIC_KNOWN)
        hv_bool(out, column, value);
    else
        hv_none(out, column, HV_MARK_ABSENT, N_("libvirt has not told its definition"));
}

static void
emit_facts(HvSink *out, const HvGuest *guest)
{
    const guint apic = guest->apic;

    hv_bool(out, TCG, guest->tcg);
    emit_fact(out, SYNIC, apic, (apic & HV_APIC_SYNIC) != 0);
    emit_fact(out, HV_AVIC, apic, (apic & HV_APIC_HV_AVIC) != 0);
    emit_fact(out, PIT_REINJECTED, apic,
              !(apic & (HV_APIC_PIT_DISCARD | HV_APIC_SPLIT | HV_APIC_NO_PIT)));
    emit_fact(out, SPLIT_IRQCHIP, apic, (apic & HV_APIC_SPLIT) != 0);
    if (apic & (HV_APIC_X2APIC | HV_APIC_NO_X2APIC))
        hv_bool(out, X2APIC, (apic & HV_APIC_X2APIC) != 0);
    else
        hv_none(out, X2APIC, HV_MARK_ABSENT, N_("its definition leaves it to the cpu model"));
    emit_fact(out, NESTED, apic, (apic & HV_APIC_SVM) != 0);
}

static void
emit_counts(HvSink *out, guint first, const HvKvmCounts *counts)
{
    for (guint i = 0; i < HV_KVM_N_COUNTS; i++) {
        guint64 value;

        if (hv_kvm_counts_get(counts, i, &value))
            hv_u64(out, first + i, value);
        else
            hv_none(out, first + i, HV_MARK_ABSENT,
                    N_("this kernel, or QEMU, does not count it"));
    }
}

/* Lockdown refuses these files to everybody: more privilege would not help, so it is named. */
static const GError *
explain(const Probe *probe, const GError *error)
{
    return probe->locked && g_error_matches(error, HV_ERROR, HV_ERROR_DENIED) ? probe->locked
                                                                              : error;
}

/* Why neither debugfs nor libvirt tells. */
static void
emit_nothing(const Probe *probe, HvSink *out, const Vm *vm, const HvGuest *guest)
{
    const GError *error = explain(probe, probe->why ? probe->why : vm->files.error);
    const char *why = guest->tcg    ? N_("emulated: KVM has no part in it")
                      : !guest->pid ? N_("no local process is known")
                      : !error      ? N_("debugfs does not know this VM")
                                    : NULL;

    for (guint column = SOURCE; column < N_EXITS + HV_KVM_N_COUNTS;
         column = column == SOURCE ? N_EXITS : column + 1) {
        if (why)
            hv_none(out, column, HV_MARK_ABSENT, why);
        else
            hv_none_error(out, column, error);
    }
}

static gboolean
read_debugfs(Probe *probe, Vm *vm, HvRegard regard, gint64 now_ns)
{
    const gint64 age_ns = regard == HV_REGARD_CLOSE  ? 0
                          : regard == HV_REGARD_SEEN ? HV_SEEN_NS
                                                     : OLDEST_NS;

    if (!vm->files.files[0].path)
        return FALSE;
    if (vm->files.read_ns && now_ns - vm->files.read_ns < age_ns)
        return vm->files.counts.has != 0;
    return hv_kvm_files_read(&probe->keep, &vm->files, probe->buffer, sizeof probe->buffer,
                             now_ns);
}

/* Debugfs is exact and cheap; libvirt asks QEMU. Returns: whether debugfs was not to be had. */
static gboolean
sample_vm(Probe *probe, HvSink *out, Vm *vm, const HvGuest *guest)
{
    const gint64 now_ns = hv_sink_now_ns(out);
    const gboolean has_files =
        read_debugfs(probe, vm, hv_sink_regard(out, guest->name), now_ns);

    if (!vm->has_row || !hv_row_again(out, vm->row)) {
        vm->row = hv_row(out, guest->name);
        vm->has_row = TRUE;
    }
    emit_facts(out, guest);
    if (has_files) {
        hv_text(out, SOURCE, "debugfs");
        hv_u64(out, READ_NS, (guint64)vm->files.read_ns);
        emit_counts(out, N_EXITS, &vm->files.counts);
    } else if (guest->kvm) {
        hv_text(out, SOURCE, "libvirt");
        hv_u64(out, READ_NS, (guint64)guest->kvm->read_ns);
        emit_counts(out, N_EXITS, &guest->kvm->total);
    } else {
        emit_nothing(probe, out, vm, guest);
    }
    return !has_files && !guest->tcg;
}

static void
sample_vcpus(const Probe *probe, HvSink *out)
{
    hv_sink_table(out, HV_KVM_VCPUS);
    for (guint i = 0; i < probe->list->n_guests; i++)
        hv_kvm_emit_vcpus(out, probe->list->guests[i]);
}

/* ---- the probe ---- */

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->keep = (HvKeep){ .host = host, .limit = hv_keep_limit(20) };
    probe->module = hv_kvm_module_new(host);
    probe->vms = g_array_new(FALSE, FALSE, sizeof(Vm));
    probe->locked = hv_kvm_files_locked(
        host,
        N_("libvirt tells, a VM every few seconds; kernel lockdown hides debugfs, from root "
           "too"));
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;
    HvGuestList *list = hv_host_guests(probe->host);
    gboolean is_short = FALSE;

    if (probe->list && probe->list->generation == list->generation)
        hv_guest_list_unref(list);
    else
        reconcile(probe, list);
    for (guint i = 0; i < probe->vms->len; i++)
        is_short |=
            sample_vm(probe, out, &g_array_index(probe->vms, Vm, i), probe->list->guests[i]);
    hv_host_guests_wish_kvm(probe->host, is_short ? HV_KVM_WISH_ALL : HV_KVM_WISH_VIEW);
    if (probe->vms->len == 0)
        hv_sink_why(out, N_("no VM runs here"));
    else if (hv_keep_note(&probe->keep))
        hv_sink_why(out, hv_keep_note(&probe->keep));
    sample_vcpus(probe, out);
    hv_sink_table(out, HV_KVM_HOST);
    hv_kvm_module_emit(probe->module, out);
    return TRUE;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    hv_host_guests_wish_kvm(probe->host, HV_KVM_WISH_NONE);
    clear_vms(probe);
    g_array_unref(probe->vms);
    hv_kvm_module_free(probe->module);
    hv_guest_list_unref(probe->list);
    g_clear_error(&probe->why);
    g_clear_error(&probe->locked);
    g_free(probe);
}

const HvProbe hv_probe_kvm = {
    .name = "kvm",
    .source = "kernel Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD; debugfs kvm; libvirt",
    .help = N_("exits, injected interrupts and halt polling of each VM, and whether APICv or "
               "AVIC can serve it"),
    .schemas =
        (const HvSchema *const[]){ &schema, &hv_kvm_vcpus_schema, &hv_kvm_host_schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
