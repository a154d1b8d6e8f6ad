/* What each source says of a VM's memory traffic: finding the rows, choosing the source,
 * writing the cells. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/traffic-read.h"

#include <string.h>

#define NS_PER_S 1e9

const char *const hv_traffic_tables[] = { "vm_counters",    "vcpus",     "residency",
                                          "resctrl_mon",    "vm_groups", "traffic_perf",
                                          "traffic_policy", NULL };
const char *const hv_traffic_by_names[] = { "mbm", "perf", "estimate" };

static void
find_columns(HvTrafficInput *input)
{
    const HvTable *vcpus = input->vcpus.table, *residency = input->residency.table;
    const HvTable *mon = input->mon.table, *groups = input->groups.table;
    const HvTable *perf = input->perf.table;

    input->at = (HvTrafficColumns){
        .vcpu = hv_table_column(vcpus, "vcpu"),
        .vcpu_run = hv_table_column(vcpus, "run_ratio"),
        .vcpu_node = hv_table_column(vcpus, "node"),
        .vcpu_cell = hv_table_column(vcpus, "cell"),
        .cell = hv_table_column(residency, "cell"),
        .residency_node = hv_table_column(residency, "node"),
        .resident_bytes = hv_table_column(residency, "resident_bytes"),
        .residency_ns = hv_table_column(residency, "read_ns"),
        .group = hv_table_column(mon, "group"),
        .mon = hv_table_column(mon, "mon"),
        .llc = hv_table_column(mon, "llc"),
        .total = hv_table_column(mon, "total_bytes_per_s"),
        .local = hv_table_column(mon, "local_bytes_per_s"),
        .mon_ns = hv_table_column(mon, "read_ns"),
        .whole = hv_table_column(mon, "whole"),
        .vcpu_group = hv_table_column(groups, "group"),
        .vcpu_mon = hv_table_column(groups, "mon"),
        .perf_local = hv_table_column(perf, "local_lines_per_s"),
        .perf_remote = hv_table_column(perf, "remote_lines_per_s"),
        .counts_bytes = hv_table_column(perf, "counts_bytes"),
        .scaled = hv_table_column(perf, "scaled"),
        .perf_ns = hv_table_column(perf, "read_ns"),
        .perf_doubt = hv_table_column(perf, "doubt"),
        .perf_vcpu = hv_table_column(perf, "vcpu"),
    };
}

/* A host that does not say is one where all may be used. */
static void
read_policy(HvTrafficInput *input, const HvTable *policy)
{
    const int allowed = hv_table_column(policy, "allowed");

    for (guint by = 0; by < HV_TRAFFIC_N; by++) {
        const int row = policy ? hv_table_find(policy, hv_traffic_by_names[by]) : -1;
        guint64 is_allowed;

        input->is_allowed[by] =
            row < 0 || !hv_table_u64(policy, (guint)row, allowed, &is_allowed) || is_allowed;
    }
}

void
hv_traffic_open(HvTrafficInput *input, const HvSnapshot *snapshot)
{
    const HvTopology *topology = snapshot->topology;

    input->topology = topology;
    input->n_nodes = topology ? 1 : HV_TRAFFIC_MAX_NODES;
    for (guint i = 0; topology && i < topology->n_nodes; i++)
        if (topology->nodes[i].node >= 0)
            input->n_nodes = MAX(input->n_nodes, (guint)topology->nodes[i].node + 1);
    input->n_nodes = MIN(input->n_nodes, HV_TRAFFIC_MAX_NODES);
    hv_vm_index_fill(&input->vcpus, hv_snapshot_table(snapshot, "vcpus"));
    hv_vm_index_fill(&input->residency, hv_snapshot_table(snapshot, "residency"));
    hv_vm_index_fill(&input->mon, hv_snapshot_table(snapshot, "resctrl_mon"));
    hv_vm_index_fill(&input->groups, hv_snapshot_table(snapshot, "vm_groups"));
    hv_vm_index_fill(&input->perf, hv_snapshot_table(snapshot, "traffic_perf"));
    find_columns(input);
    read_policy(input, hv_snapshot_table(snapshot, "traffic_policy"));
    input->has_counters = (input->is_allowed[HV_TRAFFIC_BY_MBM] && input->mon.n_runs > 0) ||
                          (input->is_allowed[HV_TRAFFIC_BY_PERF] && input->perf.n_runs > 0);
}

void
hv_traffic_clear(const HvTrafficInput *input, HvTraffic *traffic, HvMark mark, const char *why)
{
    const HvQuantity none = { .mark = mark, .why = why };
    const gsize size = input->n_nodes * sizeof *traffic->from_local;

    traffic->quality = mark;
    traffic->why = why;
    traffic->local = traffic->remote = traffic->total = traffic->ratio = none;
    traffic->read_ns = 0;
    traffic->doubt = NULL;
    traffic->from_mark = HV_MARK_ABSENT;
    memset(traffic->from_local, 0, size);
    memset(traffic->from_remote, 0, size);
}

void
hv_traffic_older(HvTraffic *traffic, const HvTable *table, guint row, int column)
{
    guint64 read_ns;

    if (hv_table_u64(table, row, column, &read_ns) && read_ns > 0 &&
        (traffic->read_ns == 0 || (gint64)read_ns < traffic->read_ns))
        traffic->read_ns = (gint64)read_ns;
}

void
hv_traffic_set_bytes(HvTraffic *traffic, HvMark mark, double local, double remote)
{
    const double total = local + remote;

    traffic->quality = mark;
    traffic->local = (HvQuantity){ .mark = mark, .value = local };
    traffic->remote = (HvQuantity){ .mark = mark, .value = remote };
    traffic->total = (HvQuantity){ .mark = mark, .value = total };
    if (total > 0)
        traffic->ratio = (HvQuantity){ .mark = mark, .value = remote / total };
    else
        traffic->ratio =
            (HvQuantity){ .mark = HV_MARK_ABSENT, .why = N_("it has no memory traffic") };
}

void
hv_traffic_read(const HvTrafficInput *input, HvTrafficBy by, const char *vm, HvTraffic *traffic)
{
    static void (*const readers[])(const HvTrafficInput *, const char *, HvTraffic *) = {
        [HV_TRAFFIC_BY_MBM] = hv_traffic_by_mbm,
        [HV_TRAFFIC_BY_PERF] = hv_traffic_by_perf,
        [HV_TRAFFIC_BY_PLACE] = hv_traffic_by_place,
    };

    if (input->is_allowed[by])
        readers[by](input, vm, traffic);
    else
        hv_traffic_clear(input, traffic, HV_MARK_ABSENT, N_("--source traffic= leaves it out"));
}

static gboolean
has_something(const HvTraffic *traffic)
{
    return hv_mark_has_value(traffic->quality);
}

/* The order of the sources is that of their worth; those without a share come after those with
 * one. */
HvTrafficBy
hv_traffic_read_best(const HvTrafficInput *input, const char *vm, HvTraffic *traffic)
{
    guint best = HV_TRAFFIC_N, allowed = HV_TRAFFIC_BY_PLACE;

    for (guint by = 0; by < HV_TRAFFIC_N; by++) {
        hv_traffic_read(input, by, vm, traffic);
        if (has_something(traffic) && hv_mark_has_value(traffic->ratio.mark))
            return by;
        if (has_something(traffic) && best == HV_TRAFFIC_N)
            best = by;
    }
    while (allowed > 0 && !input->is_allowed[allowed])
        allowed--;
    if (best == HV_TRAFFIC_N)
        best = allowed;
    hv_traffic_read(input, best, vm, traffic);
    return best;
}

static guint64
vcpu_number(const HvTrafficInput *input, guint row)
{
    guint64 vcpu = G_MAXUINT64;

    hv_table_u64(input->vcpus.table, row, input->at.vcpu, &vcpu);
    return vcpu;
}

HvTrafficBy
hv_traffic_read_vcpu(const HvTrafficInput *input, const char *vm, guint row, HvTraffic *traffic)
{
    guint64 node = G_MAXUINT64;

    hv_table_u64(input->vcpus.table, row, input->at.vcpu_node, &node);
    if (input->is_allowed[HV_TRAFFIC_BY_PERF]) {
        hv_traffic_vcpu_by_perf(input, vm, vcpu_number(input, row),
                                (guint)MIN(node, HV_TRAFFIC_MAX_NODES), traffic);
        if (has_something(traffic) || !input->is_allowed[HV_TRAFFIC_BY_PLACE])
            return HV_TRAFFIC_BY_PERF;
    }
    if (input->is_allowed[HV_TRAFFIC_BY_PLACE]) {
        hv_traffic_vcpu_by_place(input, vm, row, traffic);
        return HV_TRAFFIC_BY_PLACE;
    }
    hv_traffic_clear(input, traffic, HV_MARK_ABSENT,
                     N_("resctrl counts groups of threads, not one vCPU"));
    return HV_TRAFFIC_BY_MBM;
}

static void
emit_quantity(HvSink *out, guint column, const HvQuantity *quantity)
{
    if (!hv_mark_has_value(quantity->mark)) {
        hv_none(out, column, quantity->mark, quantity->why);
        return;
    }
    hv_f64(out, column, quantity->value);
    hv_mark(out, column, quantity->mark);
}

static const char *
quality_name(HvMark quality)
{
    if (quality == HV_MARK_MEASURED)
        return "measured";
    return quality == HV_MARK_SCALED ? "scaled" : "estimated";
}

void
hv_traffic_emit(HvSink *out, const HvTrafficOut *columns, HvTrafficBy by,
                const HvTraffic *traffic)
{
    const gboolean is_known = has_something(traffic);

    emit_quantity(out, columns->ratio, &traffic->ratio);
    emit_quantity(out, columns->local, &traffic->local);
    emit_quantity(out, columns->remote, &traffic->remote);
    emit_quantity(out, columns->total, &traffic->total);
    if (!is_known) {
        hv_none(out, columns->quality, traffic->quality, traffic->why);
        if (columns->source)
            hv_none(out, columns->source, traffic->quality, traffic->why);
        hv_none(out, columns->age, traffic->quality, traffic->why);
        hv_none(out, columns->doubt, traffic->quality, traffic->why);
        return;
    }
    hv_text(out, columns->quality, quality_name(traffic->quality));
    if (columns->source)
        hv_text(out, columns->source, hv_traffic_by_names[by]);
    if (traffic->read_ns)
        hv_f64(out, columns->age,
               MAX((double)(hv_sink_now_ns(out) - traffic->read_ns) / NS_PER_S, 0));
    hv_text(out, columns->doubt, traffic->doubt ? traffic->doubt : "");
}
