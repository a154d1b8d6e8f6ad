/* What only the kernel's files say: offline and isolated cpus, distances, cache ids. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include "host/parse.h"

#include <string.h>

#define CPU "sys/devices/system/cpu"
#define NODE "sys/devices/system/node"
#define PATH_BYTES 160

/* ---- cpus ---- */

static HvSet *
known_cpus(const HvTopology *topology)
{
    HvSet *known = hv_set_new();

    for (guint i = 0; i < topology->n_cpus; i++)
        hv_set_add(known, topology->cpus[i].cpu);
    return known;
}

/* Present but not there: offline. What is merely possible (a slot for a cpu to be plugged in)
 * is not counted. */
static void
add_offline_cpus(HvTopology *topology, const HvTopologySource *source, HvSet *known)
{
    g_autoptr(HvSet) present = hv_source_read_set(source, CPU "/present");
    g_autoptr(HvSet) online = hv_source_read_set(source, CPU "/online");

    if (!present)
        return;
    hv_set_subtract(present, known);
    if (online)
        hv_set_subtract(present, online);
    topology->cpus =
        g_renew(HvTopoCpu, topology->cpus, topology->n_cpus + hv_set_count(present));
    HV_SET_FOREACH(cpu, present)
    {
        topology->cpus[topology->n_cpus++] = (HvTopoCpu){ .cpu = (guint)cpu };
        hv_set_add(known, (guint)cpu);
    }
}

/* "isolcpus=managed_irq,domain,2-5": the words before the list; without "domain" among them the
 * cpus stay in the scheduler's domains, and sysfs does not name them either
 * (kernel-parameters.txt). */
static const char *
skip_isolation_words(const char *value)
{
    gboolean any_word = FALSE, domain = FALSE;

    while (g_ascii_isalpha(*value)) {
        gsize length = strcspn(value, ",");

        any_word = TRUE;
        domain = domain || strncmp(value, "domain", MAX(length, strlen("domain"))) == 0;
        value += length + (value[length] == ',');
    }
    return any_word && !domain ? NULL : value;
}

static HvSet *
read_boot_option(const HvTopologySource *source, const char *option)
{
    char text[4096], *rest = text;

    if (hv_source_read(source, "proc/cmdline", text, sizeof text) < 0)
        return NULL;
    for (const char *word; (word = hv_next_word(&rest));) {
        const char *value =
            g_str_has_prefix(word, option) ? skip_isolation_words(word + strlen(option)) : NULL;

        if (value)
            return hv_set_parse(value, NULL);
    }
    return NULL;
}

static void
read_isolation(HvSet *set, const HvTopologySource *source, const char *path, const char *option)
{
    g_autoptr(HvSet) found = NULL;

    found = source->files->exists(source->data, path) ? hv_source_read_set(source, path)
                                                      : read_boot_option(source, option);
    if (found)
        hv_set_assign(set, found); /* "(null)", as kernels print an empty nohz_full, is no set
                                      and stays empty */
}

static void
read_cpu_model(HvTopology *topology, const HvTopologySource *source)
{
    char text[4096], *rest = text;

    if (topology->cpu_model || hv_source_read(source, "proc/cpuinfo", text, sizeof text) < 0)
        return;
    for (char *line; (line = hv_next_line(&rest));) {
        char *value = g_str_has_prefix(line, "model name") ? strchr(line, ':') : NULL;

        if (value) {
            topology->cpu_model = g_strdup(hv_chomp(hv_skip_blanks(value + 1)));
            return;
        }
    }
}

/* ---- caches ---- */

/* The id of the cache of @level on @cpu, -1 unknown. */
static int
read_cache_id(const HvTopologySource *source, guint cpu, guint level)
{
    for (guint index = 0; index < 10; index++) {
        char path[PATH_BYTES];
        gint64 found, id;

        g_snprintf(path, sizeof path, CPU "/cpu%u/cache/index%u/level", cpu, index);
        if (!hv_source_read_number(source, path, 1, 9, &found) || (guint)found != level)
            continue;
        g_snprintf(path, sizeof path, CPU "/cpu%u/cache/index%u/id", cpu, index);
        if (hv_source_read_number(source, path, 0, HV_SET_MAX, &id))
            return (int)id;
    }
    return -1;
}

/* All or none: two numberings do not mix. */
void
hv_topology_number_llcs(HvTopology *topology, const HvTopologySource *source)
{
    g_autofree int *ids = g_new(int, topology->n_llcs);
    g_autoptr(HvSet) seen = hv_set_new();

    for (guint i = 0; i < topology->n_llcs; i++) {
        const HvTopoLlc *llc = &topology->llcs[i];
        int cpu = hv_set_next(llc->cpus, -1);

        ids[i] = cpu < 0 ? -1 : read_cache_id(source, (guint)cpu, llc->level);
        if (ids[i] < 0 || hv_set_has(seen, (guint)ids[i]))
            return;
        hv_set_add(seen, (guint)ids[i]);
    }
    for (guint i = 0; i < topology->n_llcs; i++)
        topology->llcs[i].llc = ids[i];
}

/* ---- nodes ---- */

/* hwloc says which cpus a memory-only node is near to; the kernel, that it has none. */
static void
read_node_cpus(HvTopoNode *node, const HvTopologySource *source, const HvSet *known)
{
    g_autoptr(HvSet) cpus = NULL;
    char path[PATH_BYTES];

    g_snprintf(path, sizeof path, NODE "/node%d/cpulist", node->node);
    cpus = hv_source_read_set(source, path);
    if (cpus && hv_set_is_subset(cpus, known))
        hv_set_assign(node->cpus, cpus);
}

/* "Node 0 MemTotal:       65536 kB" */
static void
read_node_memory(HvTopoNode *node, const HvTopologySource *source)
{
    char path[PATH_BYTES], text[4096], *found;
    guint64 bytes;

    g_snprintf(path, sizeof path, NODE "/node%d/meminfo", node->node);
    if (node->has_memory_bytes || hv_source_read(source, path, text, sizeof text) < 0)
        return;
    found = strstr(text, "MemTotal:");
    if (!found || !hv_colon_u64(found, "MemTotal", &bytes, NULL))
        return;
    node->memory_bytes = bytes;
    node->has_memory_bytes = TRUE;
}

/* One line a node, a number for each online node; kept only when all are there. */
static gboolean
read_distance_row(const HvTopology *topology, const HvTopologySource *source, guint row,
                  guint *distances)
{
    char path[PATH_BYTES], text[8192], *rest = text;

    g_snprintf(path, sizeof path, NODE "/node%d/distance", topology->nodes[row].node);
    if (hv_source_read(source, path, text, sizeof text) <= 0)
        return FALSE;
    for (guint i = 0; i < topology->n_nodes; i++) {
        const char *word = hv_next_word(&rest);
        guint64 distance;

        if (!word || !hv_parse_u64(word, G_MAXUINT8 + 1, &distance, NULL))
            return FALSE;
        distances[row * topology->n_nodes + i] = (guint)distance;
    }
    return hv_next_word(&rest) == NULL;
}

static void
read_distances(HvTopology *topology, const HvTopologySource *source)
{
    g_autofree guint *distances = NULL;

    if (topology->distances || topology->n_nodes == 0)
        return;
    distances = g_new(guint, (gsize)topology->n_nodes * topology->n_nodes);
    for (guint i = 0; i < topology->n_nodes; i++) {
        if (!read_distance_row(topology, source, i, distances))
            return;
    }
    topology->distances = g_steal_pointer(&distances);
}

/* A memory-only node belongs to the package of the nearest node that has cpus, if one is
 * nearest. */
static gboolean
place_memory_node(HvTopology *topology, guint row)
{
    guint n = topology->n_nodes, nearest = G_MAXUINT;
    int package = -1;

    for (guint i = 0; i < n; i++) {
        const HvTopoNode *node = &topology->nodes[i];
        guint distance = topology->distances[row * n + i];

        if (node->package < 0 || hv_set_is_empty(node->cpus) || distance > nearest)
            continue;
        package = distance == nearest && node->package != package ? -1 : node->package;
        nearest = distance;
    }
    topology->nodes[row].package = package;
    return package >= 0;
}

static gboolean
place_memory_nodes(HvTopology *topology)
{
    gboolean any = FALSE;

    for (guint i = 0; i < topology->n_nodes && topology->distances; i++) {
        const HvTopoNode *node = &topology->nodes[i];

        if (node->package < 0 && hv_set_is_empty(node->cpus))
            any = place_memory_node(topology, i) || any;
    }
    return any;
}

/* ---- devices ---- */

static void
read_device_node(HvTopoDevice *device, const HvTopologySource *source)
{
    char path[PATH_BYTES];
    gint64 node;

    if (device->node >= 0 || !device->pci)
        return;
    g_snprintf(path, sizeof path, "sys/bus/pci/devices/%s/numa_node", device->pci);
    if (!hv_source_read_number(source, path, 0, HV_SET_MAX, &node))
        return;
    device->node = (int)node;
    hv_set_clear(device->nodes);
    hv_set_add(device->nodes, (guint)node);
}

void
hv_topology_amend(HvTopology *topology, const HvTopologySource *source)
{
    g_autoptr(HvSet) known = known_cpus(topology);

    add_offline_cpus(topology, source, known);
    read_isolation(topology->isolated, source, CPU "/isolated", "isolcpus=");
    read_isolation(topology->nohz_full, source, CPU "/nohz_full", "nohz_full=");
    read_cpu_model(topology, source);
    for (guint i = 0; i < topology->n_nodes; i++) {
        read_node_cpus(&topology->nodes[i], source, known);
        read_node_memory(&topology->nodes[i], source);
    }
    for (guint i = 0; i < topology->n_devices; i++)
        read_device_node(&topology->devices[i], source);
    read_distances(topology, source);
    hv_topology_link(topology);
    if (place_memory_nodes(topology))
        hv_topology_link(topology);
}
