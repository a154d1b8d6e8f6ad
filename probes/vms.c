/* One row per VM: everything of it that is not per vCPU. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/vm-columns.h"
#include "probes/probe.h"
#include "probes/vm-files.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)

enum {
    VM,
    UUID,
    STATE,
    STATE_REASON,
    PID,
    N_VCPUS,
    MEMORY_BYTES,
    OWNER,
    LAUNCH_SECURITY,
    JOB,
    IN_LIBVIRT,
    TCG,
    AGE_S,
    NOT_ANSWERING_S,
    RESIDENT_BYTES,
    SWAP_BYTES,
    EMULATOR_CPUS,
    EMULATOR_RATIO,
    VHOST_RATIO,
    THROTTLED_RATIO,
    HALT_POLL_RATIO,
    PSI_CPU_RATIO,
    PSI_MEMORY_RATIO,
    PSI_IO_RATIO,
    MAJOR_FAULTS_PER_S,
    TAP_DROPS_PER_S,
    READ_NS,
    PROCESS_AT_NS,
    EMULATOR_NS,
    VHOST_NS,
    THROTTLED_NS,
    N_PERIODS,
    N_THROTTLED,
    PERIODS_PER_S,
    THROTTLED_PER_S,
    HALT_POLL_NS,
    HALT_POLL_AT_NS,
    THROTTLED_AT_NS,
    PSI_CPU_NS,
    PSI_MEMORY_NS,
    PSI_IO_NS,
    MAJOR_FAULTS,
    TAP_DROPS,
};

#define READ_AT .at = READ_NS

static const HvColumn columns[] = {
    HV_VM_COLUMNS,
    [EMULATOR_RATIO] = { HV_VM_EMULATOR_RATIO, .kind = HV_KIND_RATE, .of = EMULATOR_NS,
                         READ_AT },
    [VHOST_RATIO] = { HV_VM_VHOST_RATIO, .kind = HV_KIND_RATE, .of = VHOST_NS, READ_AT },
    [THROTTLED_RATIO] = { .name = "throttled_ratio",
                          .kind = HV_KIND_RATE,
                          .unit = HV_UNIT_RATIO,
                          .help = N_("cpus denied by the limit of the whole VM"),
                          .of = THROTTLED_NS,
                          .at = THROTTLED_AT_NS },
    [HALT_POLL_RATIO] = { .name = "halt_poll_ratio",
                          .kind = HV_KIND_RATE,
                          .unit = HV_UNIT_RATIO,
                          .help = N_("cpus spent polling for halted vCPUs"),
                          .of = HALT_POLL_NS,
                          .at = HALT_POLL_AT_NS },
    [PSI_CPU_RATIO] = { HV_VM_PSI_CPU_RATIO, .kind = HV_KIND_RATE, .of = PSI_CPU_NS, READ_AT },
    [PSI_MEMORY_RATIO] = { HV_VM_PSI_MEMORY_RATIO, .kind = HV_KIND_RATE, .of = PSI_MEMORY_NS,
                           READ_AT },
    [PSI_IO_RATIO] = { HV_VM_PSI_IO_RATIO, .kind = HV_KIND_RATE, .of = PSI_IO_NS, READ_AT },
    [MAJOR_FAULTS_PER_S] = { HV_VM_MAJOR_FAULTS_PER_S, .kind = HV_KIND_RATE, .of = MAJOR_FAULTS,
                             .at = PROCESS_AT_NS },
    [TAP_DROPS_PER_S] = { HV_VM_TAP_DROPS_PER_S, .kind = HV_KIND_RATE, .of = TAP_DROPS,
                          .at = PROCESS_AT_NS },
    [READ_NS] = { .name = "read_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NS,
                  .help = N_("monotonic instant at which its files were read"),
                  .hidden = TRUE },
    [PROCESS_AT_NS] = { .name = "process_at_ns",
                        .kind = HV_KIND_U64,
                        .unit = HV_UNIT_NS,
                        .help =
                            N_("monotonic instant of its faults, memory and dropped packets"),
                        .hidden = TRUE },
    [EMULATOR_NS] = { .name = "emulator_run_ns",
                      .kind = HV_KIND_COUNTER,
                      .unit = HV_UNIT_NS,
                      .help = N_("cpu time of QEMU's own threads since they were first seen"),
                      .hidden = TRUE },
    [VHOST_NS] = { .name = "vhost_run_ns",
                   .kind = HV_KIND_COUNTER,
                   .unit = HV_UNIT_NS,
                   .help = N_("cpu time of its vhost threads since they were first seen"),
                   .hidden = TRUE },
    [THROTTLED_NS] = { .name = "throttled_ns",
                       .kind = HV_KIND_COUNTER,
                       .unit = HV_UNIT_NS,
                       .help = N_("time denied by the limit of the whole VM, over all cpus"),
                       .hidden = TRUE },
    [N_PERIODS] = { .name = "n_periods",
                    .kind = HV_KIND_COUNTER,
                    .unit = HV_UNIT_COUNT,
                    .help = N_("periods in which that limit was in force"),
                    .hidden = TRUE },
    [N_THROTTLED] = { .name = "n_throttled",
                      .kind = HV_KIND_COUNTER,
                      .unit = HV_UNIT_COUNT,
                      .help = N_("periods in which that limit was reached"),
                      .hidden = TRUE },
    [PERIODS_PER_S] = { .name = "periods_per_s",
                        .kind = HV_KIND_RATE,
                        .unit = HV_UNIT_PER_S,
                        .help = N_("such periods per second"),
                        .of = N_PERIODS,
                        .at = THROTTLED_AT_NS,
                        .hidden = TRUE },
    [THROTTLED_PER_S] = { .name = "throttled_periods_per_s",
                          .kind = HV_KIND_RATE,
                          .unit = HV_UNIT_PER_S,
                          .help = N_("of those, the ones in which it was reached"),
                          .of = N_THROTTLED,
                          .at = THROTTLED_AT_NS,
                          .hidden = TRUE },
    [HALT_POLL_NS] = { .name = "haltpoll_ns",
                       .kind = HV_KIND_COUNTER,
                       .unit = HV_UNIT_NS,
                       .help = N_("time spent polling for halted vCPUs"),
                       .hidden = TRUE },
    [HALT_POLL_AT_NS] = { .name = "haltpoll_at_ns",
                          .kind = HV_KIND_U64,
                          .unit = HV_UNIT_NS,
                          .help = N_("monotonic instant at which that was read"),
                          .hidden = TRUE },
    [THROTTLED_AT_NS] = { .name = "throttled_at_ns",
                          .kind = HV_KIND_U64,
                          .unit = HV_UNIT_NS,
                          .help = N_("monotonic instant at which throttling was read"),
                          .hidden = TRUE },
    [PSI_CPU_NS] = { .name = "psi_cpu_some_ns",
                     .kind = HV_KIND_COUNTER,
                     .unit = HV_UNIT_NS,
                     .help = N_("time a thread of it waited for a cpu"),
                     .hidden = TRUE },
    [PSI_MEMORY_NS] = { .name = "psi_memory_some_ns",
                        .kind = HV_KIND_COUNTER,
                        .unit = HV_UNIT_NS,
                        .help = N_("time a thread of it waited for memory"),
                        .hidden = TRUE },
    [PSI_IO_NS] = { .name = "psi_io_some_ns",
                    .kind = HV_KIND_COUNTER,
                    .unit = HV_UNIT_NS,
                    .help = N_("time a thread of it waited for I/O"),
                    .hidden = TRUE },
    [MAJOR_FAULTS] = { .name = "major_faults",
                       .kind = HV_KIND_COUNTER,
                       .unit = HV_UNIT_COUNT,
                       .help = N_("major page faults since its start"),
                       .hidden = TRUE },
    [TAP_DROPS] = { .name = "tap_drops",
                    .kind = HV_KIND_COUNTER,
                    .unit = HV_UNIT_COUNT,
                    .help = N_("packets dropped at its tap devices"),
                    .hidden = TRUE },
    { 0 },
};
static const HvSchema schema = { .name = "vm_counters", .columns = columns, .raw = TRUE };

typedef struct {
    HvVmFiles *files;
    guint32 row;
    gboolean has_row;
} Vm;

typedef struct {
    HvHost *host;
    HvVmReader *reader;
    HvGuestList *list;
    GArray *vms;     /* of Vm, in the order of the list */
    char *preferred; /* the only VM that is looked at, or NULL */
} Probe;

static void
adopt(Probe *probe, GHashTable *former)
{
    g_array_set_size(probe->vms, 0);
    for (guint i = 0; i < probe->list->n_guests; i++) {
        const HvGuest *guest = probe->list->guests[i];
        HvVmFiles *files = g_hash_table_lookup(former, guest->name);
        Vm vm = { 0 };

        if (files)
            g_hash_table_steal(former, guest->name);
        vm.files = hv_vm_files_renew(probe->reader, files, guest);
        g_array_append_val(probe->vms, vm);
    }
}

/* The list changed: VMs that stay keep their files. Takes @take_list. */
static void
reconcile(Probe *probe, HvGuestList *take_list)
{
    g_autoptr(HvGuestList) former_list = probe->list; /* its names are the keys below */
    g_autoptr(GHashTable) former = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    gpointer left;

    for (guint i = 0; i < probe->vms->len; i++) {
        HvVmFiles *files = g_array_index(probe->vms, Vm, i).files;

        if (g_hash_table_contains(former, former_list->guests[i]->name)) /* two of one name */
            hv_vm_files_free(probe->reader, files);
        else
            g_hash_table_insert(former, former_list->guests[i]->name, files);
    }
    probe->list = take_list;
    hv_vm_reader_relist(probe->reader);
    adopt(probe, former);
    g_hash_table_iter_init(&iter, former);
    while (g_hash_table_iter_next(&iter, NULL, &left))
        hv_vm_files_free(probe->reader, left);
}

static void
text_unless_empty(HvSink *out, guint column, const char *text, const char *why)
{
    if (text && *text)
        hv_text(out, column, text);
    else
        hv_none(out, column, HV_MARK_ABSENT, why);
}

static void
emit_identity(HvSink *out, const HvGuest *guest, gboolean remote)
{
    text_unless_empty(out, UUID, guest->uuid, N_("it has none that is known"));
    hv_text(out, STATE, hv_guest_state_name(guest->state));
    text_unless_empty(out, STATE_REASON, guest->state_reason, N_("libvirt gives no reason"));
    text_unless_empty(out, OWNER, guest->owner, N_("its definition names no owner"));
    text_unless_empty(out, LAUNCH_SECURITY, guest->launch_security, N_("none"));
    text_unless_empty(out, JOB, guest->job, N_("no job runs"));
    hv_bool(out, IN_LIBVIRT, guest->in_libvirt);
    hv_bool(out, TCG, guest->tcg);
    if (guest->n_vcpus)
        hv_u64(out, N_VCPUS, guest->n_vcpus);
    else
        hv_none(out, N_VCPUS, HV_MARK_ABSENT, N_("neither libvirt nor its threads tell"));
    if (guest->pid)
        hv_u64(out, PID, (guint64)guest->pid);
    else
        hv_none(out, PID, HV_MARK_ABSENT,
                remote ? N_("runs on another machine (REMOTE)")
                       : N_("no local process is known"));
    if (guest->memory_bytes)
        hv_u64(out, MEMORY_BYTES, guest->memory_bytes);
    else
        hv_none(out, MEMORY_BYTES, HV_MARK_ABSENT,
                N_("libvirt was not asked yet, or does not know it"));
}

static void
emit_times(HvHost *host, HvSink *out, const HvGuest *guest)
{
    if (guest->seen_since_ns)
        hv_f64(out, AGE_S,
               (double)(hv_host_realtime_ns(host) - guest->seen_since_ns) / NS_PER_S);
    else
        hv_none(out, AGE_S, HV_MARK_ABSENT, N_("the start of its process is not known"));
    if (guest->not_answering_since_ns)
        hv_f64(out, NOT_ANSWERING_S,
               (double)(hv_sink_now_ns(out) - guest->not_answering_since_ns) / NS_PER_S);
    else
        hv_none(out, NOT_ANSWERING_S, HV_MARK_ABSENT, N_("it answers"));
}

/* Which column each number of hv_vm_files_read() goes to. */
static const guint column_of[HV_VM_N_NUMBERS] = {
    [HV_VM_RESIDENT_BYTES] = RESIDENT_BYTES, [HV_VM_SWAP_BYTES] = SWAP_BYTES,
    [HV_VM_EMULATOR_NS] = EMULATOR_NS,       [HV_VM_VHOST_NS] = VHOST_NS,
    [HV_VM_THROTTLED_NS] = THROTTLED_NS,     [HV_VM_N_PERIODS] = N_PERIODS,
    [HV_VM_N_THROTTLED] = N_THROTTLED,       [HV_VM_HALT_POLL_NS] = HALT_POLL_NS,
    [HV_VM_PSI_CPU_NS] = PSI_CPU_NS,         [HV_VM_PSI_MEMORY_NS] = PSI_MEMORY_NS,
    [HV_VM_PSI_IO_NS] = PSI_IO_NS,           [HV_VM_MAJOR_FAULTS] = MAJOR_FAULTS,
    [HV_VM_TAP_DROPS] = TAP_DROPS,
};

static void
emit_instant(HvSink *out, guint column, gint64 instant_ns)
{
    if (instant_ns)
        hv_u64(out, column, (guint64)instant_ns);
}

static void
emit_numbers(HvSink *out, const HvVmReading *reading)
{
    for (guint i = 0; i < HV_VM_N_NUMBERS; i++) {
        const HvVmNumber *number = &reading->numbers[i];

        if (number->has_value)
            hv_u64(out, column_of[i], number->value);
        else if (number->error)
            hv_none_error(out, column_of[i], number->error);
        else
            hv_none(out, column_of[i], HV_MARK_ABSENT, number->why);
    }
    if (reading->emulator_cpus)
        hv_text(out, EMULATOR_CPUS, reading->emulator_cpus);
    else
        hv_none(out, EMULATOR_CPUS, HV_MARK_ABSENT, N_("its main thread cannot be seen"));
    emit_instant(out, READ_NS, reading->read_ns);
    emit_instant(out, PROCESS_AT_NS, reading->process_ns);
    emit_instant(out, THROTTLED_AT_NS, reading->throttled_ns);
    emit_instant(out, HALT_POLL_AT_NS, reading->halt_poll_ns);
}

static void
sample_vm(Probe *probe, HvSink *out, Vm *vm, const HvGuest *guest)
{
    if (!vm->has_row || !hv_row_again(out, vm->row)) {
        vm->row = hv_row(out, guest->name);
        vm->has_row = TRUE;
    }
    emit_identity(out, guest, probe->list->remote);
    emit_times(probe->host, out, guest);
    emit_numbers(out, hv_vm_files_read(probe->reader, vm->files,
                                       hv_sink_regard(out, guest->name), hv_sink_now_ns(out)));
}

/* libvirt's statistics are dear and come one VM after the other: the one on its own page more
 * often. */
static void
tell_preferred(Probe *probe, const HvSink *out)
{
    const char *only = NULL;
    guint n_wanted = 0;

    for (guint i = 0; i < probe->list->n_guests && n_wanted < 2; i++) {
        if (!hv_sink_wants(out, probe->list->guests[i]->name))
            continue;
        only = probe->list->guests[i]->name;
        n_wanted++;
    }
    if (n_wanted != 1)
        only = NULL;
    if (g_strcmp0(only, probe->preferred) == 0)
        return;
    g_free(probe->preferred);
    probe->preferred = g_strdup(only);
    hv_host_guests_prefer(probe->host, only);
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->reader = hv_vm_reader_new(host);
    probe->vms = g_array_new(FALSE, FALSE, sizeof(Vm));
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;
    HvGuestList *list = hv_host_guests(probe->host);

    if (probe->list && probe->list->generation == list->generation)
        hv_guest_list_unref(list);
    else
        reconcile(probe, list);
    tell_preferred(probe, out);
    for (guint i = 0; i < probe->vms->len; i++)
        sample_vm(probe, out, &g_array_index(probe->vms, Vm, i), probe->list->guests[i]);
    if (hv_vm_reader_note(probe->reader))
        hv_sink_why(out, hv_vm_reader_note(probe->reader));
    else if (probe->vms->len == 0)
        hv_sink_why(out, N_("no VM runs here"));
    return TRUE;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    for (guint i = 0; i < probe->vms->len; i++)
        hv_vm_files_free(probe->reader, g_array_index(probe->vms, Vm, i).files);
    g_array_unref(probe->vms);
    hv_vm_reader_free(probe->reader);
    hv_guest_list_unref(probe->list);
    g_free(probe->preferred);
    g_free(probe);
}

const HvProbe hv_probe_vms = {
    .name = "vms",
    .source =
        "libvirt; proc(5): stat, status, task/TID/schedstat; cgroup cpu.stat and *.pressure",
    .help = N_("state of each VM and what it costs beside its vCPUs"),
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
