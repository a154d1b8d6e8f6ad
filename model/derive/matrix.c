/* The table "matrix": memory traffic from node to node, of each VM and of the host. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "model/derive/traffic-flow.h"

#define MAX_DIGITS 4

enum { VM, FROM_NODE, TO_NODE, BYTES_PER_S, SHARE_RATIO, CLASS, DOUBT };

static const HvColumn columns[] = {
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .unit = HV_UNIT_NONE,
             .help = N_("name of the VM; empty: the host, all control groups together") },
    [FROM_NODE] = { .name = "from_node",
                    .kind = HV_KIND_ID,
                    .unit = HV_UNIT_NONE,
                    .help =
                        N_("node of the cpus; empty: unattributed, what the memory controllers "
                           "moved beyond all groups: DMA, write-backs") },
    [TO_NODE] = { .name = "to_node",
                  .kind = HV_KIND_ID,
                  .unit = HV_UNIT_NONE,
                  .help = N_("node of the memory") },
    [BYTES_PER_S] = { .name = "bytes_per_s",
                      .kind = HV_KIND_F64,
                      .unit = HV_UNIT_BYTES_PER_S,
                      .help = N_("memory traffic between the two") },
    [SHARE_RATIO] = { .name = "share_ratio",
                      .kind = HV_KIND_F64,
                      .unit = HV_UNIT_RATIO,
                      .help = N_("share of all traffic of the VM or the host") },
    [CLASS] = { .name = "class",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("local, same socket or other socket") },
    [DOUBT] = { .name = "doubt",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("what to bear in mind; empty: nothing") },
    { 0 },
};
static const HvSchema schema = { .name = "matrix", .columns = columns };

static void
emit_class(HvSink *out, const HvTopology *topology, guint from, guint to)
{
    const HvTopoNode *a = topology ? hv_topology_node(topology, (int)from) : NULL;
    const HvTopoNode *b = topology ? hv_topology_node(topology, (int)to) : NULL;

    if (from == to)
        hv_text(out, CLASS, "local");
    else if (!a || !b || a->package < 0 || b->package < 0)
        hv_none(out, CLASS, HV_MARK_ABSENT, N_("the topology does not say"));
    else
        hv_text(out, CLASS, a->package == b->package ? "same socket" : "other socket");
}

static void
emit_amounts(HvSink *out, const HvFlows *flows, double amount, HvMark mark)
{
    if (!hv_mark_has_value(mark)) {
        hv_none(out, BYTES_PER_S, mark, N_("nothing tells to which other node"));
        hv_none(out, SHARE_RATIO, mark, N_("nothing tells to which other node"));
        return;
    }
    if (flows->has_bytes) {
        hv_f64(out, BYTES_PER_S, amount);
        hv_mark(out, BYTES_PER_S, mark);
    } else {
        hv_none(out, BYTES_PER_S, HV_MARK_ABSENT, flows->why);
    }
    if (flows->sum > 0) {
        hv_f64(out, SHARE_RATIO, amount / flows->sum);
        hv_mark(out, SHARE_RATIO, mark);
    }
}

static void
begin_row(HvSink *out, const char *vm, int from, guint to)
{
    char from_text[MAX_DIGITS] = "", to_text[MAX_DIGITS];

    if (from >= 0)
        g_snprintf(from_text, sizeof from_text, "%d", from);
    g_snprintf(to_text, sizeof to_text, "%u", to);
    hv_row(out, vm, from_text, to_text);
    hv_text(out, DOUBT, "");
}

static void
emit_flows(const HvTrafficInput *input, HvSink *out, const char *vm, const HvFlows *flows)
{
    for (guint from = 0; from < input->n_nodes; from++)
        for (guint to = 0; to < input->n_nodes; to++) {
            if (flows->marks[from][to] == HV_MARK_ABSENT)
                continue;
            begin_row(out, vm, (int)from, to);
            emit_amounts(out, flows, flows->amounts[from][to], flows->marks[from][to]);
            emit_class(out, input->topology, from, to);
        }
}

/* What the memory controllers of a node moved beyond what the groups account for. */
static void
emit_unattributed(const HvTrafficInput *input, HvSink *out, const HvTable *memory,
                  const HvFlows *host, gboolean has_host)
{
    const int bytes_column = hv_table_column(memory, "bytes_per_s");

    for (guint row = 0; row < hv_table_n_rows(memory); row++) {
        guint64 node;
        double bytes;

        if (!hv_table_u64(memory, row, hv_table_column(memory, "node"), &node) ||
            node >= input->n_nodes)
            continue;
        begin_row(out, "", -1, (guint)node);
        hv_none(out, CLASS, HV_MARK_ABSENT,
                N_("unattributed: nothing tells where it comes from"));
        if (!hv_table_f64(memory, row, bytes_column, &bytes)) {
            hv_copy(out, BYTES_PER_S, memory, row, bytes_column);
            continue;
        }
        if (!has_host) {
            hv_none(out, BYTES_PER_S, HV_MARK_ABSENT, host->why);
            continue;
        }
        for (guint from = 0; from < input->n_nodes; from++)
            bytes -= host->amounts[from][node];
        hv_f64(out, BYTES_PER_S, bytes);
        hv_mark(out, BYTES_PER_S, HV_MARK_ESTIMATED);
        if (bytes < 0)
            hv_text(
                out, DOUBT,
                N_("below zero: groups and memory controllers were not read at one instant"));
    }
}

static void
emit_host(const HvTrafficInput *input, HvSink *out, const HvTable *memory, HvFlows *flows)
{
    const gboolean has_host = hv_flows_of_host(input, flows);

    if (has_host)
        emit_flows(input, out, "", flows);
    else
        hv_sink_why(out, flows->why);
    emit_unattributed(input, out, memory, flows, has_host);
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vm_counters");
    const int vm_column = hv_table_column(vms, "vm");
    HvTrafficInput input;
    HvFlows flows;

    hv_traffic_open(&input, snapshot);
    emit_host(&input, out, hv_snapshot_table(snapshot, "memory_traffic"), &flows);
    for (guint row = 0; row < hv_table_n_rows(vms); row++) {
        const char *vm = hv_table_text(vms, row, vm_column);

        if (vm && hv_flows_of_vm(&input, vm, &flows))
            emit_flows(&input, out, vm, &flows);
    }
}

const HvDerive hv_derive_matrix = {
    .name = "matrix",
    .schema = &schema,
    .inputs =
        (const char *const[]){ "vm_counters", "vcpus", "residency", "resctrl_mon", "vm_groups",
                               "traffic_perf", "traffic_policy", "memory_traffic", NULL },
    .run = run,
};
