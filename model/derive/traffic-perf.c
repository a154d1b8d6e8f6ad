/* A VM's memory traffic by counters of its vCPU threads. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/traffic-read.h"

#define LINE_BYTES 64
#define NOT_COUNTED N_("no counters are open on its vCPUs")
#define NO_LINES N_("this event counts loads, not lines: a share is all that it tells")

/* What the rows of one VM add up to, in lines or loads per second. */
typedef struct {
    guint n_rows, n_known;
    gboolean counts_bytes, is_scaled;
    double local, remote;
    HvMark why_mark; /* of the first row without a value */
    const char *why;
} Sum;

static gboolean
is_true(const HvTable *table, guint row, int column)
{
    guint64 value;

    return hv_table_u64(table, row, column, &value) && value;
}

/* @node: where the vCPU runs; HV_TRAFFIC_MAX_NODES: unknown. */
static void
add_row(const HvTrafficInput *input, HvTraffic *traffic, Sum *sum, guint row, guint node)
{
    const HvTable *table = input->perf.table;
    double local, remote;

    sum->n_rows++;
    if (!hv_table_f64(table, row, input->at.perf_local, &local) ||
        !hv_table_f64(table, row, input->at.perf_remote, &remote)) {
        if (!sum->why) {
            sum->why_mark = hv_table_mark(table, row, input->at.perf_local);
            sum->why = hv_table_reason(table, row, input->at.perf_local);
        }
        return;
    }
    sum->n_known++;
    sum->local += local;
    sum->remote += remote;
    sum->counts_bytes = sum->counts_bytes && is_true(table, row, input->at.counts_bytes);
    sum->is_scaled = sum->is_scaled || is_true(table, row, input->at.scaled);
    hv_traffic_older(traffic, table, row, input->at.perf_ns);
    traffic->doubt = hv_table_text(table, row, input->at.perf_doubt);
    if (node < input->n_nodes) {
        traffic->from_local[node] += local * LINE_BYTES;
        traffic->from_remote[node] += remote * LINE_BYTES;
    } else {
        traffic->from_mark = HV_MARK_ESTIMATED;
    }
}

static void
finish(const HvTrafficInput *input, HvTraffic *traffic, const Sum *sum)
{
    HvMark mark = sum->is_scaled ? HV_MARK_SCALED : HV_MARK_MEASURED;

    if (sum->n_known == 0) {
        if (sum->n_rows > 0)
            hv_traffic_clear(input, traffic, sum->why_mark, sum->why);
        return;
    }
    if (sum->n_known < sum->n_rows) {
        mark = HV_MARK_ESTIMATED;
        traffic->doubt = N_("at least: not all of its vCPUs are counted");
    }
    hv_traffic_set_bytes(traffic, mark, sum->local * LINE_BYTES, sum->remote * LINE_BYTES);
    if (!sum->counts_bytes) {
        const HvQuantity none = { .mark = HV_MARK_ABSENT, .why = NO_LINES };

        traffic->local = traffic->remote = traffic->total = none;
    }
}

static void
begin(const HvTrafficInput *input, HvTraffic *traffic)
{
    const char *table_why = input->perf.table ? hv_table_why(input->perf.table) : NULL;

    hv_traffic_clear(input, traffic, HV_MARK_ABSENT, table_why ? table_why : NOT_COUNTED);
    traffic->from_mark = HV_MARK_MEASURED;
}

/* Both tables list a VM's vCPUs in one order, so the search mostly ends where it begins. */
static guint
node_of(const HvTrafficInput *input, const char *vm, guint64 vcpu, guint hint)
{
    const HvTable *table = input->vcpus.table;
    const HvVmRun *run = hv_vm_index_first(&input->vcpus, vm);
    const int column = hv_table_column(table, "vcpu");

    for (guint i = 0; run && i < run->n; i++) {
        const guint row = run->first + (hint + i) % run->n;
        guint64 its_vcpu, node;

        if (!hv_table_u64(table, row, column, &its_vcpu) || its_vcpu != vcpu)
            continue;
        return hv_table_u64(table, row, input->at.vcpu_node, &node) && node < input->n_nodes
                   ? (guint)node
                   : HV_TRAFFIC_MAX_NODES;
    }
    return HV_TRAFFIC_MAX_NODES;
}

void
hv_traffic_by_perf(const HvTrafficInput *input, const char *vm, HvTraffic *traffic)
{
    Sum sum = { .counts_bytes = TRUE };

    begin(input, traffic);
    for (const HvVmRun *run = hv_vm_index_first(&input->perf, vm); run;
         run = hv_vm_index_next(&input->perf, run, vm))
        for (guint i = 0; i < run->n; i++) {
            guint64 vcpu = G_MAXUINT64;

            hv_table_u64(input->perf.table, run->first + i, input->at.perf_vcpu, &vcpu);
            add_row(input, traffic, &sum, run->first + i, node_of(input, vm, vcpu, i));
        }
    finish(input, traffic, &sum);
}

void
hv_traffic_vcpu_by_perf(const HvTrafficInput *input, const char *vm, guint64 vcpu, guint node,
                        HvTraffic *traffic)
{
    Sum sum = { .counts_bytes = TRUE };

    begin(input, traffic);
    for (const HvVmRun *run = hv_vm_index_first(&input->perf, vm); run;
         run = hv_vm_index_next(&input->perf, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++) {
            guint64 its_vcpu;

            if (hv_table_u64(input->perf.table, row, input->at.perf_vcpu, &its_vcpu) &&
                its_vcpu == vcpu)
                add_row(input, traffic, &sum, row, node);
        }
    finish(input, traffic, &sum);
}
