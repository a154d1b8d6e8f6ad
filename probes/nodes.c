/* One row per memory node: its memory, its huge pages, and for whom pages were given out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "model/node-columns.h"
#include "probes/keep.h"
#include "host/node-files.h"
#include "probes/probe.h"

#define NODE_DIR "sys/devices/system/node"
#define MAX_KEPT_FILES 4096u

enum {
    NODE,
    TOTAL_BYTES,
    FREE_BYTES,
    HUGE_2M_TOTAL,
    HUGE_2M_FREE,
    HUGE_1G_TOTAL,
    HUGE_1G_FREE,
    LOCAL_PER_S,
    REMOTE_PER_S,
    LOCAL,
    REMOTE,
};

static const HvColumn columns[] = {
    HV_NODE_COLUMNS,
    [LOCAL_PER_S] = { HV_NODE_LOCAL_PER_S, .kind = HV_KIND_RATE, .of = LOCAL },
    [REMOTE_PER_S] = { HV_NODE_REMOTE_PER_S, .kind = HV_KIND_RATE, .of = REMOTE },
    [LOCAL] = { .name = "local_allocations",
                .kind = HV_KIND_COUNTER,
                .unit = HV_UNIT_COUNT,
                .help = N_("pages given to tasks that ran on this node since boot"),
                .hidden = TRUE },
    [REMOTE] = { .name = "remote_allocations",
                 .kind = HV_KIND_COUNTER,
                 .unit = HV_UNIT_COUNT,
                 .help = N_("pages given to tasks that ran on other nodes since boot"),
                 .hidden = TRUE },
    { 0 },
};
static const HvSchema schema = { .name = "node_memory", .columns = columns, .raw = TRUE };

enum { MEMINFO, NUMASTAT, ALL_2M, FREE_2M, ALL_1G, FREE_1G, N_FILES };
static const char *const file_names[N_FILES] = {
    [MEMINFO] = "meminfo",
    [NUMASTAT] = "numastat",
    [ALL_2M] = "hugepages/hugepages-2048kB/nr_hugepages",
    [FREE_2M] = "hugepages/hugepages-2048kB/free_hugepages",
    [ALL_1G] = "hugepages/hugepages-1048576kB/nr_hugepages",
    [FREE_1G] = "hugepages/hugepages-1048576kB/free_hugepages",
};

typedef struct {
    guint number;
    guint32 row;
    gboolean has_row;
    HvKept files[N_FILES];
} Node;

typedef struct {
    HvHost *host;
    HvKeep keep;
    HvTopology *topology;
    gboolean has_listed;
    guint64 generation; /* of the topology when nodes were listed */
    GArray *nodes;      /* of Node, by number */
    char buffer[16384];
} Probe;

static void
clear_nodes(Probe *probe)
{
    for (guint i = 0; i < probe->nodes->len; i++)
        for (guint file = 0; file < N_FILES; file++)
            hv_kept_clear(&probe->keep, &g_array_index(probe->nodes, Node, i).files[file]);
    g_array_set_size(probe->nodes, 0);
}

static void
add_node(Probe *probe, guint number)
{
    Node node = { .number = number };

    for (guint file = 0; file < N_FILES; file++)
        hv_kept_set(&probe->keep, &node.files[file],
                    g_strdup_printf(NODE_DIR "/node%u/%s", number, file_names[file]));
    g_array_append_val(probe->nodes, node);
}

/* The topology's nodes and those that sysfs has beside it, as after memory was plugged in. */
static void
list_nodes(Probe *probe)
{
    g_auto(GStrv) names = hv_host_list(probe->host, NODE_DIR, NULL);
    g_autoptr(HvSet) numbers = hv_set_new();

    for (guint i = 0; probe->topology && i < probe->topology->n_nodes; i++)
        if (probe->topology->nodes[i].node >= 0)
            hv_set_add(numbers, (guint)probe->topology->nodes[i].node);
    for (char **name = names; name && *name; name++) {
        guint64 number;

        if (g_str_has_prefix(*name, "node") &&
            hv_parse_u64(*name + strlen("node"), HV_SET_MAX, &number, NULL))
            hv_set_add(numbers, (guint)number);
    }
    clear_nodes(probe);
    HV_SET_FOREACH(number, numbers)
    add_node(probe, (guint)number);
}

static void
refresh(Probe *probe)
{
    guint64 generation;

    g_clear_pointer(&probe->topology, hv_topology_unref);
    probe->topology = hv_host_topology(probe->host, NULL);
    generation = probe->topology ? probe->topology->generation : 0;
    if (probe->has_listed && generation == probe->generation)
        return;
    list_nodes(probe);
    probe->has_listed = TRUE;
    probe->generation = generation;
}

static gboolean
read_kept(Probe *probe, HvKept *kept)
{
    return hv_kept_read(&probe->keep, kept, probe->buffer, sizeof probe->buffer);
}

/* A kernel without NUMA has no sys/devices/system/node: then the only node has all the memory.
 */
static gboolean
read_whole_memory(Probe *probe, HvNodeMemory *memory)
{
    g_autofree char *text = NULL;

    if (probe->nodes->len != 1 || hv_host_exists(probe->host, NODE_DIR))
        return FALSE;
    text = hv_host_read_text(probe->host, "proc/meminfo", 0, NULL);
    *memory = (HvNodeMemory){ 0 };
    if (!text)
        return FALSE;
    memory->has_total = hv_colon_u64(text, "MemTotal", &memory->total_bytes, NULL);
    memory->has_free = hv_colon_u64(text, "MemFree", &memory->free_bytes, NULL);
    return TRUE;
}

static void
emit_memory(Probe *probe, HvSink *out, Node *node)
{
    const HvTopoNode *place =
        probe->topology ? hv_topology_node(probe->topology, (int)node->number) : NULL;
    const GError *error = NULL;
    HvNodeMemory memory = { 0 };

    if (read_kept(probe, &node->files[MEMINFO]))
        hv_node_meminfo_parse(probe->buffer, &memory);
    else if (!read_whole_memory(probe, &memory))
        error = node->files[MEMINFO].error;
    if (memory.has_total)
        hv_u64(out, TOTAL_BYTES, memory.total_bytes);
    else if (place && place->has_memory_bytes)
        hv_u64(out, TOTAL_BYTES, place->memory_bytes);
    else if (error)
        hv_none_error(out, TOTAL_BYTES, error);
    if (memory.has_free)
        hv_u64(out, FREE_BYTES, memory.free_bytes);
    else if (error)
        hv_none_error(out, FREE_BYTES, error);
}

static void
emit_huge_pages(Probe *probe, HvSink *out, guint column, HvKept *file)
{
    guint64 n_pages;

    if (!read_kept(probe, file)) {
        hv_none_error(out, column, file->error);
        return;
    }
    if (hv_parse_u64(hv_chomp(probe->buffer), G_MAXUINT64, &n_pages, &file->error))
        hv_u64(out, column, n_pages);
    else
        hv_none_error(out, column, file->error);
}

static void
emit_allocations(Probe *probe, HvSink *out, Node *node)
{
    HvNumastat numastat = { 0 };

    if (!read_kept(probe, &node->files[NUMASTAT])) {
        hv_none_error(out, LOCAL, node->files[NUMASTAT].error);
        hv_none_error(out, REMOTE, node->files[NUMASTAT].error);
        return;
    }
    hv_numastat_parse(probe->buffer, &numastat);
    if (!numastat.has_both)
        return;
    hv_u64(out, LOCAL, numastat.n_local);
    hv_u64(out, REMOTE, numastat.n_remote);
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->keep = (HvKeep){ .host = host, .limit = MIN(hv_keep_limit(10), MAX_KEPT_FILES) };
    probe->nodes = g_array_new(FALSE, TRUE, sizeof(Node));
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;

    refresh(probe);
    for (guint i = 0; i < probe->nodes->len; i++) {
        Node *node = &g_array_index(probe->nodes, Node, i);

        if (!node->has_row || !hv_row_again(out, node->row))
            node->row = hv_row_u64(out, node->number);
        node->has_row = TRUE;
        emit_memory(probe, out, node);
        emit_huge_pages(probe, out, HUGE_2M_TOTAL, &node->files[ALL_2M]);
        emit_huge_pages(probe, out, HUGE_2M_FREE, &node->files[FREE_2M]);
        emit_huge_pages(probe, out, HUGE_1G_TOTAL, &node->files[ALL_1G]);
        emit_huge_pages(probe, out, HUGE_1G_FREE, &node->files[FREE_1G]);
        emit_allocations(probe, out, node);
    }
    if (probe->nodes->len == 0)
        hv_sink_why(out, N_("neither the topology nor sysfs names a memory node"));
    return TRUE;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    clear_nodes(probe);
    g_array_unref(probe->nodes);
    hv_topology_unref(probe->topology);
    g_free(probe);
}

const HvProbe hv_probe_nodes = {
    .name = "nodes",
    .source = "sysfs: devices/system/node; kernel Documentation/admin-guide/numastat.rst",
    .help = N_("memory, huge pages and allocations of every node"),
    .period_ms = 1000,
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
