/* A VM's memory traffic by resctrl's monitoring groups. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/derive/traffic-read.h"

#define NOT_COUNTED N_("no monitoring group counts it")

/* What the rows of one VM add up to. */
typedef struct {
    guint n_rows, n_totals, n_locals;
    gboolean is_whole; /* each row says that it counts all threads of its group */
    double total, local, remote;
    HvMark why_mark; /* of the first cell without a value */
    const char *why;
} Sum;

/* An empty key is a cell without a value: the control group's own sum. */
static const char *
mon_of(const HvTrafficInput *input, guint row)
{
    const char *mon = hv_table_text(input->mon.table, row, input->at.mon);

    return mon ? mon : "";
}

static const char *
group_of(const HvTrafficInput *input, guint row)
{
    const char *group = hv_table_text(input->mon.table, row, input->at.group);

    return group ? group : "";
}

/* Whether @vm has a row of @group, and of @mon in it. */
static gboolean
has_row(const HvTrafficInput *input, const char *vm, const char *group, const char *mon)
{
    for (const HvVmRun *run = hv_vm_index_first(&input->mon, vm); run;
         run = hv_vm_index_next(&input->mon, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++)
            if (strcmp(group_of(input, row), group) == 0 &&
                strcmp(mon_of(input, row), mon) == 0)
                return TRUE;
    return FALSE;
}

guint
hv_traffic_nodes_of_llc(const HvTrafficInput *input, guint64 llc,
                        guint nodes[HV_TRAFFIC_MAX_NODES])
{
    const HvTopology *topology = input->topology;
    const HvTopoLlc *found =
        topology && llc <= G_MAXINT ? hv_topology_llc(topology, (int)llc) : NULL;
    guint n = 0;

    for (guint i = 0; found && i < topology->n_nodes && n < HV_TRAFFIC_MAX_NODES; i++) {
        const HvTopoNode *node = &topology->nodes[i];

        if (node->node >= 0 && (guint)node->node < input->n_nodes &&
            hv_set_intersects(node->cpus, found->cpus))
            nodes[n++] = (guint)node->node;
    }
    return n;
}

/* Where an L3 serves several nodes, nothing tells whose the bytes were: they are spread evenly.
 */
static void
add_from(const HvTrafficInput *input, HvTraffic *traffic, guint64 llc, double local,
         double remote)
{
    guint nodes[HV_TRAFFIC_MAX_NODES];
    const guint n = hv_traffic_nodes_of_llc(input, llc, nodes);

    for (guint i = 0; i < n; i++) {
        traffic->from_local[nodes[i]] += local / n;
        traffic->from_remote[nodes[i]] += remote / n;
    }
    if (n != 1)
        traffic->from_mark = HV_MARK_ESTIMATED;
}

static void
note_missing(Sum *sum, const HvTable *table, guint row, int column)
{
    if (sum->why)
        return;
    sum->why_mark = hv_table_mark(table, row, column);
    sum->why = hv_table_reason(table, row, column);
}

/* Reads and counts of one L3 are not taken at one instant: local may exceed total a little. */
static void
add_row(const HvTrafficInput *input, HvTraffic *traffic, Sum *sum, guint row)
{
    const HvTable *table = input->mon.table;
    guint64 llc = G_MAXUINT64, is_whole;
    double total, local;

    sum->n_rows++;
    if (!hv_table_u64(table, row, input->at.whole, &is_whole) || !is_whole)
        sum->is_whole = FALSE;
    if (!hv_table_f64(table, row, input->at.total, &total)) {
        note_missing(sum, table, row, input->at.total);
        return;
    }
    hv_traffic_older(traffic, table, row, input->at.mon_ns);
    sum->n_totals++;
    sum->total += total;
    if (!hv_table_f64(table, row, input->at.local, &local)) {
        note_missing(sum, table, row, input->at.local);
        return;
    }
    sum->n_locals++;
    sum->local += MIN(local, total);
    sum->remote += MAX(total - local, 0);
    hv_table_u64(table, row, input->at.llc, &llc);
    add_from(input, traffic, llc, MIN(local, total), MAX(total - local, 0));
}

/* A control group's value contains its children: where that is the VM's, they are not added
 * again. */
static void
add_rows(const HvTrafficInput *input, const char *vm, HvTraffic *traffic, Sum *sum)
{
    for (const HvVmRun *run = hv_vm_index_first(&input->mon, vm); run;
         run = hv_vm_index_next(&input->mon, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++)
            if (!*mon_of(input, row) || !has_row(input, vm, group_of(input, row), ""))
                add_row(input, traffic, sum, row);
}

/* Whether every vCPU is in a group that counts for this VM alone. */
static gboolean
counts_all(const HvTrafficInput *input, const char *vm, const Sum *sum)
{
    const HvTable *table = input->groups.table;
    const HvVmRun *run = hv_vm_index_first(&input->groups, vm);

    if (!run)
        return sum->is_whole;
    for (; run; run = hv_vm_index_next(&input->groups, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++) {
            const char *group = hv_table_text(table, row, input->at.vcpu_group);
            const char *mon = hv_table_text(table, row, input->at.vcpu_mon);

            if (!group || (!has_row(input, vm, group, "") &&
                           (!mon || !*mon || !has_row(input, vm, group, mon))))
                return FALSE;
        }
    return TRUE;
}

static gboolean
is_amd(const HvTopology *topology)
{
    return topology && topology->cpu_model && strstr(topology->cpu_model, "AMD");
}

void
hv_traffic_by_mbm(const HvTrafficInput *input, const char *vm, HvTraffic *traffic)
{
    Sum sum = { .is_whole = TRUE };
    HvMark mark = HV_MARK_MEASURED;
    const char *table_why = input->mon.table ? hv_table_why(input->mon.table) : NULL;

    hv_traffic_clear(input, traffic, HV_MARK_ABSENT, table_why ? table_why : NOT_COUNTED);
    traffic->from_mark = HV_MARK_MEASURED;
    add_rows(input, vm, traffic, &sum);
    if (sum.n_rows == 0)
        return;
    if (sum.n_totals == 0) {
        hv_traffic_clear(input, traffic, sum.why_mark, sum.why);
        return;
    }
    if (is_amd(input->topology))
        traffic->doubt = N_("at most: on AMD the total also counts lines written back");
    if (!counts_all(input, vm, &sum)) {
        mark = HV_MARK_ESTIMATED;
        traffic->doubt =
            N_("at least: not all of its vCPUs are in a group that counts it alone");
    } else if (sum.n_totals < sum.n_rows) {
        mark = HV_MARK_ESTIMATED;
        traffic->doubt = N_("at least: not every L3 has given a number");
    }
    if (sum.n_locals < sum.n_totals) {
        const HvQuantity none = { .mark = sum.why_mark, .why = sum.why };

        hv_traffic_set_bytes(traffic, mark, sum.total, 0);
        traffic->local = traffic->remote = traffic->ratio = none;
        return;
    }
    hv_traffic_set_bytes(traffic, mark, sum.local, sum.remote);
    traffic->total.value = sum.total;
}
