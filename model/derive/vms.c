/* The table "vms": each VM as a whole, its vCPUs summed up, and how badly it fares. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/derive.h"
#include "model/derive/list.h"
#include "model/derive/vm-home.h"
#include "model/derive/vm-sum.h"
#include "model/i18n.h"
#include "model/vm-columns.h"

enum {
    VM,
    UUID,
    STATE,
    STATE_REASON,
    PID,
    N_VCPUS,
    MEMORY_BYTES,
    HOME_NODE,
    HOME_NODES,
    MEMORY_NODES,
    NODES,
    CPUS_ALLOWED,
    CPU_RATIO,
    GUEST_CPU_RATIO,
    WAIT_MAX_RATIO,
    WAIT_MAX_VCPU,
    WAIT_MEAN_RATIO,
    THROTTLED_RATIO,
    THROTTLED_MAX_RATIO,
    HALT_POLL_RATIO,
    OVERHEAD_RATIO,
    EMULATOR_RATIO,
    VHOST_RATIO,
    PSI_CPU_RATIO,
    PSI_MEMORY_RATIO,
    PSI_IO_RATIO,
    NOT_ANSWERING_S,
    JOB,
    OWNER,
    LAUNCH_SECURITY,
    AGE_S,
    RESIDENT_BYTES,
    SWAP_BYTES,
    EMULATOR_CPUS,
    MAJOR_FAULTS_PER_S,
    TAP_DROPS_PER_S,
    CTX_SWITCHES_PER_S,
    IN_LIBVIRT,
    TCG,
    REMOTE_RATIO,
    WORST,
    N_COLUMNS,
};

static const HvColumn columns[] = {
    HV_VM_COLUMNS,
    [HOME_NODE] = { .name = "home_node",
                    .kind = HV_KIND_U64,
                    .unit = HV_UNIT_NONE,
                    .help = N_("node that holds 75 % or more of its memory") },
    [HOME_NODES] = { .name = "home_nodes",
                     .kind = HV_KIND_SET,
                     .unit = HV_UNIT_NONE,
                     .help = N_("fewest nodes that hold over 95 % of its memory") },
    [MEMORY_NODES] = { .name = "memory_nodes",
                       .kind = HV_KIND_SET,
                       .unit = HV_UNIT_NONE,
                       .help = N_("nodes that hold any of its memory") },
    [NODES] = { .name = "nodes",
                .kind = HV_KIND_SET,
                .unit = HV_UNIT_NONE,
                .help = N_("nodes that its vCPUs last ran on") },
    [CPUS_ALLOWED] = { .name = "cpus_allowed",
                       .kind = HV_KIND_SET,
                       .unit = HV_UNIT_NONE,
                       .help = N_("cpus that its vCPUs may run on, together") },
    [CPU_RATIO] = { .name = "cpu_ratio",
                    .kind = HV_KIND_F64,
                    .unit = HV_UNIT_RATIO,
                    .help = N_("cpus that its vCPUs use: 4 is four of them") },
    [GUEST_CPU_RATIO] = { .name = "guest_cpu_ratio",
                          .kind = HV_KIND_F64,
                          .unit = HV_UNIT_RATIO,
                          .help = N_("cpus that the guest itself uses") },
    [WAIT_MAX_RATIO] = { .name = "wait_max_ratio",
                         .kind = HV_KIND_F64,
                         .unit = HV_UNIT_RATIO,
                         .help =
                             N_("how long its worst vCPU waits for a cpu, throttling apart") },
    [WAIT_MAX_VCPU] = { .name = "wait_max_vcpu",
                        .kind = HV_KIND_U64,
                        .unit = HV_UNIT_NONE,
                        .help = N_("that vCPU") },
    [WAIT_MEAN_RATIO] = { .name = "wait_mean_ratio",
                          .kind = HV_KIND_F64,
                          .unit = HV_UNIT_RATIO,
                          .help = N_("how long its vCPUs wait for a cpu on average, throttling "
                                     "apart") },
    [THROTTLED_RATIO] = { .name = "throttled_ratio",
                          .kind = HV_KIND_F64,
                          .unit = HV_UNIT_RATIO,
                          .help = N_(
                              "share of their time that its vCPUs are held back by a limit") },
    [THROTTLED_MAX_RATIO] = { .name = "throttled_max_ratio",
                              .kind = HV_KIND_F64,
                              .unit = HV_UNIT_RATIO,
                              .help = N_("share of its time that its worst vCPU is held back "
                                         "by a limit") },
    [HALT_POLL_RATIO] = { .name = "halt_poll_ratio",
                          .kind = HV_KIND_F64,
                          .unit = HV_UNIT_RATIO,
                          .help =
                              N_("share of its vCPUs' time spent polling instead of halted") },
    [OVERHEAD_RATIO] = { .name = "overhead_ratio",
                         .kind = HV_KIND_F64,
                         .unit = HV_UNIT_RATIO,
                         .help = N_(
                             "share of its busy time not spent in the guest; softirqs are not "
                             "counted") },
    [EMULATOR_RATIO] = { HV_VM_EMULATOR_RATIO, .kind = HV_KIND_F64 },
    [VHOST_RATIO] = { HV_VM_VHOST_RATIO, .kind = HV_KIND_F64 },
    [PSI_CPU_RATIO] = { HV_VM_PSI_CPU_RATIO, .kind = HV_KIND_F64 },
    [PSI_MEMORY_RATIO] = { HV_VM_PSI_MEMORY_RATIO, .kind = HV_KIND_F64 },
    [PSI_IO_RATIO] = { HV_VM_PSI_IO_RATIO, .kind = HV_KIND_F64 },
    [MAJOR_FAULTS_PER_S] = { HV_VM_MAJOR_FAULTS_PER_S, .kind = HV_KIND_F64 },
    [TAP_DROPS_PER_S] = { HV_VM_TAP_DROPS_PER_S, .kind = HV_KIND_F64 },
    [CTX_SWITCHES_PER_S] = { .name = "ctx_switches_per_s",
                             .kind = HV_KIND_F64,
                             .unit = HV_UNIT_PER_S,
                             .help = N_("context switches of its vCPUs") },
    [REMOTE_RATIO] = { .name = "remote_ratio",
                       .kind = HV_KIND_F64,
                       .unit = HV_UNIT_RATIO,
                       .help = N_("share of its memory traffic that goes to other nodes, as in "
                                  "table traffic") },
    [WORST] = { .name = "worst",
                .kind = HV_KIND_F64,
                .unit = HV_UNIT_NONE,
                .help = N_("how badly it fares: the order of the Desk"),
                .hidden = TRUE },
    { 0 },
};
static const HvSchema schema = { .name = "vms", .columns = columns };

/* Columns that are the same in vm_counters. */
static const guint copied[] = {
    UUID,
    STATE,
    STATE_REASON,
    PID,
    N_VCPUS,
    MEMORY_BYTES,
    EMULATOR_RATIO,
    VHOST_RATIO,
    PSI_CPU_RATIO,
    PSI_MEMORY_RATIO,
    PSI_IO_RATIO,
    NOT_ANSWERING_S,
    JOB,
    OWNER,
    AGE_S,
    LAUNCH_SECURITY,
    RESIDENT_BYTES,
    SWAP_BYTES,
    EMULATOR_CPUS,
    IN_LIBVIRT,
    MAJOR_FAULTS_PER_S,
    TCG,
    TAP_DROPS_PER_S,
};

/* Bonuses of the order: a VM that is dead to the world comes before any that is slow. */
#define WORST_NOT_ANSWERING 100
#define WORST_STOPPED_BY_ERROR 50

/* A vCPU that moves that much does nothing else: one line of 64 bytes after the other, each
 * 160 ns away on the other socket. */
#define REMOTE_FULL_BYTES_PER_S 400e6
#define LEAST_BUSY 0.05 /* cpus */

/* What is looked up once a run. */
typedef struct {
    HvVmColumns sums;
    HvVmHomes homes;
    const HvTable *traffic;
    int remote_ratio, remote_bytes;
    const HvTopology *topology;
    int from[N_COLUMNS]; /* of those that are copied */
    int vm, vcpu_vm, vcpu_node, vcpu_allowed;
    guint next_vcpu; /* the vCPUs of a VM follow those of the one before */
} Run;

static gboolean
is_of_vm(const Run *run, guint row, const char *vm)
{
    return g_strcmp0(hv_table_text(run->sums.vcpus, row, run->vcpu_vm), vm) == 0;
}

/* Both tables list VMs in one order, so the search mostly ends where it begins. */
static HvVmRows
find_vcpus(Run *run, guint vm_row, const char *vm)
{
    const guint n_rows = hv_table_n_rows(run->sums.vcpus);
    HvVmRows rows = { .row = vm_row, .first = run->next_vcpu };

    if (rows.first >= n_rows || !is_of_vm(run, rows.first, vm))
        for (rows.first = 0; rows.first < n_rows && !is_of_vm(run, rows.first, vm);
             rows.first++)
            ;
    while (rows.first + rows.n_vcpus < n_rows && is_of_vm(run, rows.first + rows.n_vcpus, vm))
        rows.n_vcpus++;
    run->next_vcpu = rows.first + rows.n_vcpus;
    return rows;
}

static void
emit(HvSink *out, guint column, HvQuantity quantity)
{
    if (!hv_mark_has_value(quantity.mark)) {
        hv_none(out, column, quantity.mark, quantity.why);
        return;
    }
    hv_f64(out, column, quantity.value);
    hv_mark(out, column, quantity.mark);
}

static void
emit_sums(HvSink *out, const HvVmSum *sum)
{
    emit(out, CPU_RATIO, sum->cpu);
    emit(out, GUEST_CPU_RATIO, sum->guest);
    emit(out, WAIT_MAX_RATIO, sum->wait_max);
    emit(out, WAIT_MEAN_RATIO, sum->wait_mean);
    emit(out, THROTTLED_RATIO, sum->throttled);
    emit(out, THROTTLED_MAX_RATIO, sum->throttled_max);
    emit(out, HALT_POLL_RATIO, sum->halt_poll);
    emit(out, OVERHEAD_RATIO, sum->overhead);
    emit(out, CTX_SWITCHES_PER_S, sum->switches);
    if (hv_mark_has_value(sum->wait_max.mark))
        hv_u64(out, WAIT_MAX_VCPU, sum->wait_max_vcpu);
    else
        hv_none(out, WAIT_MAX_VCPU, sum->wait_max.mark, sum->wait_max.why);
}

/* @why: of a vCPU that does not tell; a union without it would be too small. */
static void
emit_union(HvSink *out, guint column, HvList *list, gboolean is_known, const char *why)
{
    if (is_known && list->n_words > 0)
        hv_text(out, column, hv_list_text(list));
    else
        hv_none(out, column, HV_MARK_ABSENT, why ? why : N_("its vCPUs are not known"));
}

static void
emit_nodes(HvSink *out, const Run *run, const HvVmRows *rows)
{
    const HvTable *vcpus = run->sums.vcpus;
    gboolean is_known = TRUE;
    const char *why = NULL;
    g_auto(HvList) list;

    hv_list_init(&list);
    for (guint i = 0; i < rows->n_vcpus && is_known; i++) {
        guint64 node;

        is_known =
            hv_table_u64(vcpus, rows->first + i, run->vcpu_node, &node) && node <= HV_SET_MAX;
        if (is_known)
            hv_list_add(&list, (guint)node);
        else
            why = hv_table_reason(vcpus, rows->first + i, run->vcpu_node);
    }
    emit_union(out, NODES, &list, is_known, why);
}

static void
emit_allowed(HvSink *out, const Run *run, const HvVmRows *rows)
{
    const HvTable *vcpus = run->sums.vcpus;
    const char *last = NULL, *why = NULL;
    gboolean is_known = TRUE;
    g_auto(HvList) list;

    hv_list_init(&list);
    for (guint i = 0; i < rows->n_vcpus && is_known; i++) {
        const char *allowed = hv_table_text(vcpus, rows->first + i, run->vcpu_allowed);

        if (!allowed)
            why = hv_table_reason(vcpus, rows->first + i, run->vcpu_allowed);
        is_known =
            allowed && (g_strcmp0(allowed, last) == 0 || hv_list_add_text(&list, allowed));
        last = allowed;
    }
    emit_union(out, CPUS_ALLOWED, &list, is_known, why);
}

/* Where only one node has memory, everything lives there. -1: there are several, or none is
 * known. */
static int
only_node(const HvTopology *topology)
{
    guint n_nodes = 0;
    int only = -1;

    for (guint i = 0; topology && i < topology->n_nodes; i++) {
        if (topology->nodes[i].has_memory_bytes && topology->nodes[i].memory_bytes == 0)
            continue;
        n_nodes++;
        only = topology->nodes[i].node;
    }
    return n_nodes == 1 ? only : -1;
}

static void
emit_no_home(const Run *run, HvSink *out, const HvVmHome *home, gboolean is_here)
{
    const char *why = !is_here        ? N_("no process of it is known here")
                      : home->why     ? home->why
                      : run->topology ? N_("no source tells where its memory lies: see Sources")
                                      : N_("the topology is not known");

    hv_none(out, HOME_NODE, HV_MARK_ABSENT, why);
    hv_none(out, HOME_NODES, HV_MARK_ABSENT, why);
    hv_none(out, MEMORY_NODES, HV_MARK_ABSENT, why);
}

static void
emit_only_home(HvSink *out, guint node)
{
    g_auto(HvList) list;

    hv_list_init(&list);
    hv_list_add(&list, node);
    hv_u64(out, HOME_NODE, node);
    hv_text(out, HOME_NODES, hv_list_text(&list));
    hv_text(out, MEMORY_NODES, hv_list_text(&list));
}

static void
emit_home_nodes(HvSink *out, const HvVmHome *home)
{
    g_auto(HvList) nearly_all, all;

    hv_list_init(&nearly_all);
    hv_list_init(&all);
    for (guint i = 0; i < home->n_nodes; i++)
        hv_list_add(&nearly_all, home->nodes[i]);
    for (guint node = 0; node < HV_VM_HOME_MAX_NODES; node++)
        if (home->bytes[node])
            hv_list_add(&all, node);
    hv_text(out, HOME_NODES, hv_list_text(&nearly_all));
    hv_text(out, MEMORY_NODES, hv_list_text(&all));
    if (home->home < 0) {
        hv_none(out, HOME_NODE, HV_MARK_ABSENT, N_("no node holds 75 % of its memory"));
        return;
    }
    hv_u64(out, HOME_NODE, (guint64)home->home);
    if (home->is_estimate)
        hv_mark(out, HOME_NODE, HV_MARK_ESTIMATED);
}

static void
emit_home(const Run *run, HvSink *out, const char *vm, gboolean is_here)
{
    const int only = only_node(run->topology);
    HvVmHome home;

    hv_vm_home_find(&run->homes, vm, &home);
    if (is_here && home.sum)
        emit_home_nodes(out, &home);
    else if (is_here && only >= 0)
        emit_only_home(out, (guint)only);
    else
        emit_no_home(run, out, &home, is_here);
}

static gboolean
is_stopped_by_error(const HvTable *vms, guint row, const Run *run)
{
    const char *state = hv_table_text(vms, row, run->from[STATE]);
    const char *reason = hv_table_text(vms, row, run->from[STATE_REASON]);

    if (g_strcmp0(state, "crashed") == 0)
        return TRUE;
    return g_strcmp0(state, "paused") == 0 && reason && strstr(reason, "error");
}

/* Memory on other nodes, as a share of time: only where bytes are counted, so that no estimate
 * comes before a wait that was measured. */
static gboolean
find_remote_part(const HvSink *out, const Run *run, int traffic_row, double *part)
{
    const guint row = (guint)traffic_row;
    double ratio, bytes, busy;
    HvMark mark;

    if (traffic_row < 0)
        return FALSE;
    mark = hv_table_mark(run->traffic, row, run->remote_bytes);
    if ((mark != HV_MARK_MEASURED && mark != HV_MARK_SCALED) ||
        !hv_table_f64(run->traffic, row, run->remote_bytes, &bytes) ||
        !hv_table_f64(run->traffic, row, run->remote_ratio, &ratio) ||
        !hv_sink_get_f64(out, CPU_RATIO, &busy))
        return FALSE;
    *part = busy < LEAST_BUSY ? 0 : ratio * MIN(bytes / busy / REMOTE_FULL_BYTES_PER_S, 1);
    return TRUE;
}

static int
emit_remote(HvSink *out, const Run *run, const HvVmRows *rows)
{
    const char *key = hv_table_row_key(run->sums.vms, rows->row);
    const int row = run->traffic ? hv_table_find(run->traffic, key) : -1;

    if (row >= 0)
        hv_copy(out, REMOTE_RATIO, run->traffic, (guint)row, run->remote_ratio);
    else
        hv_none(out, REMOTE_RATIO, HV_MARK_ABSENT, N_("its memory traffic is not known"));
    return row;
}

/* Shares of time are added up as they are: a VM that waits half the time and stalls on memory
 * half the time is at 1. */
static void
emit_worst(HvSink *out, const Run *run, const HvVmRows *rows)
{
    static const guint parts[] = { WAIT_MAX_RATIO, THROTTLED_RATIO, PSI_CPU_RATIO,
                                   PSI_MEMORY_RATIO, PSI_IO_RATIO };
    const int traffic_row = emit_remote(out, run, rows);
    double worst = 0, part;
    guint n_known = 0;

    if (find_remote_part(out, run, traffic_row, &part)) {
        worst += part;
        n_known++;
    }
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (!hv_sink_get_f64(out, parts[i], &part))
            continue;
        worst += part;
        n_known++;
    }
    if (hv_sink_get_f64(out, NOT_ANSWERING_S, &part)) {
        worst += WORST_NOT_ANSWERING;
        n_known++;
    }
    if (is_stopped_by_error(run->sums.vms, rows->row, run)) {
        worst += WORST_STOPPED_BY_ERROR;
        n_known++;
    }
    if (n_known > 0)
        hv_f64(out, WORST, worst);
    else
        hv_none(out, WORST, HV_MARK_ABSENT, N_("nothing that would tell is known"));
}

static void
run_vm(Run *run, HvSink *out, guint row, const char *vm)
{
    const HvVmRows rows = find_vcpus(run, row, vm);
    HvVmSum sum;
    guint64 pid = 0;

    hv_row(out, vm);
    for (guint i = 0; i < G_N_ELEMENTS(copied); i++)
        hv_copy(out, copied[i], run->sums.vms, row, run->from[copied[i]]);
    hv_vm_sum(&run->sums, &rows, &sum);
    emit_sums(out, &sum);
    emit_nodes(out, run, &rows);
    emit_allowed(out, run, &rows);
    hv_table_u64(run->sums.vms, row, run->from[PID], &pid);
    emit_home(run, out, vm, pid != 0);
    emit_worst(out, run, &rows);
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vm_counters");
    const HvTable *vcpus = hv_snapshot_table(snapshot, "vcpus");
    const HvTable *traffic = hv_snapshot_table(snapshot, "traffic");
    Run this_run = {
        .traffic = traffic,
        .remote_ratio = hv_table_column(traffic, "remote_ratio"),
        .remote_bytes = hv_table_column(traffic, "remote_bytes_per_s"),
        .topology = snapshot->topology,
        .vm = hv_table_column(vms, "vm"),
        .vcpu_vm = hv_table_column(vcpus, "vm"),
        .vcpu_node = hv_table_column(vcpus, "node"),
        .vcpu_allowed = hv_table_column(vcpus, "cpus_allowed"),
    };

    hv_vm_columns_find(&this_run.sums, vms, vcpus);
    hv_vm_homes_fill(&this_run.homes, hv_snapshot_table(snapshot, "residency"));
    for (guint i = 0; i < G_N_ELEMENTS(copied); i++)
        this_run.from[copied[i]] = hv_table_column(vms, columns[copied[i]].name);
    for (guint row = 0; row < hv_table_n_rows(vms); row++) {
        const char *vm = hv_table_text(vms, row, this_run.vm);

        if (vm)
            run_vm(&this_run, out, row, vm);
    }
    if (vms && hv_table_n_rows(vms) == 0)
        hv_sink_why(out, hv_table_why(vms));
}

const HvDerive hv_derive_vms = {
    .name = "vms",
    .schema = &schema,
    .inputs = (const char *const[]){ "vm_counters", "vcpus", "residency", "traffic", NULL },
    .run = run,
};
