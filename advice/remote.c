/* What is known of one VM's remote memory traffic, and where there would be room for it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/remote.h"

#include <math.h>

#define KEY_BYTES 512

static HvMark
mark_of(const char *quality)
{
    if (g_strcmp0(quality, "measured") == 0)
        return HV_MARK_MEASURED;
    return g_strcmp0(quality, "scaled") == 0 ? HV_MARK_SCALED : HV_MARK_ESTIMATED;
}

void
hv_remote_open(HvRemoteTables *tables, const HvSnapshot *snapshot)
{
    const HvTable *traffic = hv_snapshot_table(snapshot, "traffic");

    *tables = (HvRemoteTables){
        .traffic = traffic,
        .sources = hv_snapshot_table(snapshot, "traffic_sources"),
        .matrix = hv_snapshot_table(snapshot, "matrix"),
        .share = hv_table_column(traffic, "remote_ratio"),
        .bytes_per_s = hv_table_column(traffic, "total_bytes_per_s"),
        .quality = hv_table_column(traffic, "quality"),
    };
}

gboolean
hv_remote_read(HvRemote *remote, const HvRemoteTables *tables, const HvVmWalk *vm,
               HvPlaces *places)
{
    const int row = tables->traffic ? hv_table_find(tables->traffic, vm->key) : -1;

    *remote = (HvRemote){ .vm = vm, .tables = tables, .places = places };
    if (!vm->topology || row < 0)
        return FALSE;
    remote->share = hv_number(tables->traffic, (guint)row, tables->share);
    remote->bytes_per_s = hv_number(tables->traffic, (guint)row, tables->bytes_per_s);
    remote->busy = hv_vm_cpus_used(vm);
    remote->quality = mark_of(hv_table_text(tables->traffic, (guint)row, tables->quality));
    if (isnan(remote->bytes_per_s)) /* how much there is cannot be told */
        remote->quality = HV_MARK_ESTIMATED;
    return TRUE;
}

/* By where it lies, whatever the counters say. */
static double
place_share(const HvRemote *remote)
{
    const HvTable *sources = remote->tables->sources;
    char key[KEY_BYTES];
    int row;

    g_snprintf(key, sizeof key, "%s/estimate", remote->vm->key);
    row = sources ? hv_table_find(sources, key) : -1;
    return row < 0 ? (double)NAN : hv_named_number(sources, (guint)row, "remote_ratio");
}

static void
find_vcpus(HvRemote *remote)
{
    const int cell_column = hv_table_column(remote->vm->vcpus, "cell");
    double first_cell = (double)NAN;

    remote->cpu_node = remote->vm->n_vcpus ? hv_vcpu_node(remote->vm, 0) : -1;
    for (guint i = 0; i < remote->vm->n_vcpus; i++) {
        const double cell = hv_number(remote->vm->vcpus, remote->vm->first + i, cell_column);

        if (hv_vcpu_node(remote->vm, i) != remote->cpu_node)
            remote->cpu_node = -1;
        if (i == 0)
            first_cell = cell;
        remote->has_cells = remote->has_cells || cell < first_cell || cell > first_cell;
    }
}

static void
add_flow(HvRemote *remote, const HvTopoNode *from, const HvTopoNode *to)
{
    const HvTable *matrix = remote->tables->matrix;
    char key[KEY_BYTES];
    double share;
    int row;

    g_snprintf(key, sizeof key, "%s/%d/%d", remote->vm->key, from->node, to->node);
    row = matrix ? hv_table_find(matrix, key) : -1;
    if (row < 0 || to->node < 0 || to->node >= HV_REMOTE_MAX_NODES)
        return;
    share = hv_named_number(matrix, (guint)row, "share_ratio");
    if (!(share > 0))
        return;
    remote->at[to->node] += share;
    if (from != to && from->package == to->package)
        remote->same_socket += share;
}

/* The matrix tells where the traffic goes; without it, where most of the memory is. */
static void
find_memory(HvRemote *remote)
{
    const HvTopology *topology = remote->vm->topology;
    const double home = hv_named_number(remote->vm->vms, remote->vm->row, "home_node");
    double most = 0;

    for (guint i = 0; i < topology->n_nodes; i++)
        for (guint j = 0; j < topology->n_nodes; j++)
            add_flow(remote, &topology->nodes[i], &topology->nodes[j]);
    remote->memory_node = isnan(home) || home > HV_SET_MAX ? -1 : (int)home;
    for (int node = 0; node < HV_REMOTE_MAX_NODES; node++) {
        if (node == remote->cpu_node || remote->at[node] <= most)
            continue;
        remote->memory_node = node;
        most = remote->at[node];
    }
}

void
hv_remote_locate(HvRemote *remote)
{
    remote->place_share = place_share(remote);
    find_vcpus(remote);
    find_memory(remote);
}

gboolean
hv_remote_has_room(const HvRemote *remote, int node)
{
    const HvTopoNode *target = hv_topology_node(remote->vm->topology, node);

    return target && hv_set_count(target->cpus) >= remote->vm->n_vcpus &&
           hv_place_idle_cpus(remote->vm->snapshot, node) >= remote->busy;
}

static double
share_at(const HvRemote *remote, int node)
{
    return node >= 0 && node < HV_REMOTE_MAX_NODES ? remote->at[node] : 0;
}

gboolean
hv_remote_has_room_for_memory(const HvRemote *remote, int node)
{
    const HvTable *nodes = hv_snapshot_table(remote->vm->snapshot, "nodes");
    const double resident = hv_named_number(remote->vm->vms, remote->vm->row, "resident_bytes");
    char key[HV_PLACE_NAME_BYTES];
    int row;

    g_snprintf(key, sizeof key, "%d", node);
    row = nodes ? hv_table_find(nodes, key) : -1;
    return row >= 0 && hv_named_number(nodes, (guint)row, "memory_free_bytes") >
                           resident * (1 - share_at(remote, node));
}

int
hv_remote_best_node(const HvRemote *remote)
{
    const HvTopology *topology = remote->vm->topology;
    int best = -1;
    double most = -1;

    for (guint i = 0; i < topology->n_nodes; i++) {
        const int node = topology->nodes[i].node;
        double score = share_at(remote, node);
        HvMask cpus;

        if (!hv_remote_has_room(remote, node) || !hv_remote_has_room_for_memory(remote, node))
            continue;
        if (hv_place_choose(remote->places, remote->vm, node, remote->vm->n_vcpus, &cpus))
            score += 1;
        if (score > most) {
            best = node;
            most = score;
        }
    }
    return best;
}
