/* Traffic by node: from the node of the cpus to the node of the memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/traffic-flow.h"

#include <string.h>

static void
clear(const HvTrafficInput *input, HvFlows *flows)
{
    flows->has_bytes = TRUE;
    flows->why = NULL;
    flows->sum = 0;
    for (guint from = 0; from < input->n_nodes; from++) {
        memset(flows->amounts[from], 0, input->n_nodes * sizeof **flows->amounts);
        for (guint to = 0; to < input->n_nodes; to++)
            flows->marks[from][to] = HV_MARK_ABSENT;
    }
}

static void
add(HvFlows *flows, guint from, guint to, double amount, HvMark mark)
{
    flows->amounts[from][to] += amount;
    if (flows->marks[from][to] == HV_MARK_ABSENT || mark != HV_MARK_MEASURED)
        flows->marks[from][to] = mark;
    flows->sum += amount;
}

/* Other nodes that have memory. */
static guint
list_others(const HvTrafficInput *input, guint from, guint others[HV_TRAFFIC_MAX_NODES])
{
    guint n = 0;

    for (guint i = 0; input->topology && i < input->topology->n_nodes; i++) {
        const HvTopoNode *node = &input->topology->nodes[i];

        if (node->node < 0 || (guint)node->node >= input->n_nodes ||
            (guint)node->node == from || (node->has_memory_bytes && node->memory_bytes == 0))
            continue;
        others[n++] = (guint)node->node;
    }
    return n;
}

/* Counters tell remote bytes, but not of which node: with one other node that is certain, with
 * several it goes by where the memory is. */
static void
split_remote(const HvTrafficInput *input, HvFlows *flows, guint from, double remote,
             HvMark mark, const HvPlaces *places)
{
    guint others[HV_TRAFFIC_MAX_NODES];
    const guint n = list_others(input, from, others);
    double sum = 0;

    if (n == 1)
        add(flows, from, others[0], remote, mark);
    for (guint i = 0; i < n && places; i++)
        sum += places->bytes[others[i]];
    for (guint i = 0; i < n && n > 1; i++) {
        if (sum > 0)
            add(flows, from, others[i], remote * places->bytes[others[i]] / sum,
                HV_MARK_ESTIMATED);
        else if (remote > 0)
            add(flows, from, others[i], 0, HV_MARK_UNAVAILABLE);
    }
}

static void
take_counted(const HvTrafficInput *input, const HvTraffic *traffic, const HvPlaces *places,
             HvFlows *flows)
{
    const HvMark mark =
        traffic->from_mark == HV_MARK_ESTIMATED ? HV_MARK_ESTIMATED : traffic->remote.mark;

    for (guint from = 0; from < input->n_nodes; from++) {
        const double local = traffic->from_local[from], remote = traffic->from_remote[from];

        if (local <= 0 && remote <= 0)
            continue;
        add(flows, from, from, local, mark);
        split_remote(input, flows, from, remote, mark, places);
    }
}

static gboolean
take_shares(const HvTrafficInput *input, const char *vm, const char *why, HvFlows *flows)
{
    flows->has_bytes = FALSE;
    flows->why = why;
    if (!input->is_allowed[HV_TRAFFIC_BY_PLACE] ||
        !hv_traffic_place_shares(input, vm, flows->amounts, &why))
        return FALSE;
    for (guint from = 0; from < input->n_nodes; from++)
        for (guint to = 0; to < input->n_nodes; to++) {
            flows->sum += flows->amounts[from][to];
            if (flows->amounts[from][to] > 0)
                flows->marks[from][to] = HV_MARK_ESTIMATED;
        }
    return TRUE;
}

gboolean
hv_flows_of_vm(const HvTrafficInput *input, const char *vm, HvFlows *flows)
{
    HvTraffic traffic;
    HvPlaces places;
    const char *unused;

    clear(input, flows);
    for (guint by = 0; by < HV_TRAFFIC_BY_PLACE; by++) {
        hv_traffic_read(input, by, vm, &traffic);
        if (!hv_mark_has_value(traffic.remote.mark))
            continue;
        take_counted(input, &traffic,
                     hv_traffic_places(input, vm, &places, &unused) ? &places : NULL, flows);
        return TRUE;
    }
    hv_traffic_read(input, HV_TRAFFIC_BY_PLACE, vm, &traffic);
    return take_shares(input, vm, traffic.remote.why, flows);
}

/* ---- the host ---- */

static void
add_places_of_all(const HvTrafficInput *input, HvPlaces *places)
{
    const HvTable *table = input->residency.table;

    memset(places, 0, sizeof *places);
    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        guint64 node, bytes;

        if (!hv_table_u64(table, row, input->at.residency_node, &node) ||
            node >= input->n_nodes ||
            !hv_table_u64(table, row, input->at.resident_bytes, &bytes))
            continue;
        places->bytes[node] += (double)bytes;
        places->sum += (double)bytes;
    }
}

/* A control group's own sum, which contains its children's. */
static void
add_group(const HvTrafficInput *input, HvTraffic *traffic, guint row, guint *n_missing)
{
    const HvTable *table = input->mon.table;
    guint nodes[HV_TRAFFIC_MAX_NODES];
    double total, local;
    guint64 llc = G_MAXUINT64;
    guint n;

    hv_table_u64(table, row, input->at.llc, &llc);
    n = hv_traffic_nodes_of_llc(input, llc, nodes);
    if (!hv_table_f64(table, row, input->at.total, &total) ||
        !hv_table_f64(table, row, input->at.local, &local)) {
        traffic->why = hv_table_reason(table, row, input->at.local);
        (*n_missing)++;
        return;
    }
    for (guint i = 0; i < n; i++) {
        traffic->from_local[nodes[i]] += MIN(local, total) / n;
        traffic->from_remote[nodes[i]] += MAX(total - local, 0) / n;
    }
    if (n != 1)
        traffic->from_mark = HV_MARK_ESTIMATED;
}

gboolean
hv_flows_of_host(const HvTrafficInput *input, HvFlows *flows)
{
    const HvTable *table = input->mon.table;
    const char *why = table ? hv_table_why(table) : NULL;
    guint n_groups = 0, n_missing = 0;
    HvTraffic traffic;
    HvPlaces places;

    clear(input, flows);
    hv_traffic_clear(input, &traffic, HV_MARK_ABSENT,
                     why ? why : N_("only resctrl counts the whole host"));
    traffic.from_mark = traffic.remote.mark = HV_MARK_MEASURED;
    for (guint row = 0; input->is_allowed[HV_TRAFFIC_BY_MBM] && row < hv_table_n_rows(table);
         row++) {
        const char *mon = hv_table_text(table, row, input->at.mon);

        if (mon && *mon)
            continue;
        n_groups++;
        add_group(input, &traffic, row, &n_missing);
    }
    flows->why = traffic.why;
    if (n_missing == n_groups)
        return FALSE;
    if (n_missing > 0)
        traffic.from_mark = HV_MARK_ESTIMATED; /* at least that */
    add_places_of_all(input, &places);
    take_counted(input, &traffic, &places, flows);
    return TRUE;
}
