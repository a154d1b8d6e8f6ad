/* The simulated machine's memory nodes in sysfs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"

#define NODE "sys/devices/system/node"
#define KB 1024u
#define LOCAL_DISTANCE 10u
#define REMOTE_DISTANCE 21u

static guint
number_of(const HvSimWorld *world, const HvSimNode *node)
{
    return (guint)(node - world->nodes);
}

static gboolean
is_cpu_of(const HvSimWorld *world, guint cpu, guint node)
{
    return world->cpus[cpu].online && world->cpus[cpu].node == node;
}

static int
read_cpulist(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const guint node = number_of(world, data);
    gboolean is_begun = FALSE;

    for (guint cpu = 0; cpu < world->n_cpus; cpu++) {
        const guint first = cpu;

        if (!is_cpu_of(world, cpu, node))
            continue;
        while (cpu + 1 < world->n_cpus && is_cpu_of(world, cpu + 1, node))
            cpu++;
        hv_sim_printf(out, cpu > first ? "%s%u-%u" : "%s%u", is_begun ? "," : "", first, cpu);
        is_begun = TRUE;
    }
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_distance(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const guint node = number_of(world, data);

    for (guint other = 0; other < world->n_nodes; other++)
        hv_sim_printf(out, "%s%u", other ? " " : "",
                      other == node ? LOCAL_DISTANCE : REMOTE_DISTANCE);
    hv_sim_text(out, "\n");
    return 0;
}

static void
put_line(HvSimText *out, guint node, const char *name, guint64 bytes)
{
    hv_sim_printf(out, "Node %u %-15s %8" G_GUINT64_FORMAT " kB\n", node, name, bytes / KB);
}

static int
read_meminfo(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const HvSimNode *node = data;
    const guint number = number_of(world, node);
    const guint64 free_bytes = hv_world_free_bytes(world, number);

    put_line(out, number, "MemTotal:", node->total_bytes);
    put_line(out, number, "MemFree:", free_bytes);
    put_line(out, number, "MemUsed:", node->total_bytes - free_bytes);
    put_line(out, number, "FilePages:", node->used_bytes / 2);
    put_line(out, number, "AnonPages:", node->vm_bytes);
    hv_sim_printf(out, "Node %u HugePages_Total: %5" G_GUINT64_FORMAT "\n", number,
                  node->huge_2m_total);
    hv_sim_printf(out, "Node %u HugePages_Free:  %5" G_GUINT64_FORMAT "\n", number,
                  node->huge_2m_free);
    hv_sim_printf(out, "Node %u HugePages_Surp:      0\n", number);
    return 0;
}

/* Source: kernel Documentation/admin-guide/numastat.rst. */
static int
read_numastat(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimNode *node = data;

    hv_sim_printf(out, "numa_hit %.0f\nnuma_miss 0\nnuma_foreign 0\ninterleave_hit 0\n",
                  node->local_allocations + node->remote_allocations);
    hv_sim_printf(out, "local_node %.0f\nother_node %.0f\n", node->local_allocations,
                  node->remote_allocations);
    return 0;
}

static int
read_vmstat(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;

    hv_sim_printf(out, "nr_free_pages %" G_GUINT64_FORMAT "\nnr_anon_pages %" G_GUINT64_FORMAT,
                  hv_world_free_bytes(world, number_of(world, data)) / HV_SIM_PAGE_BYTES,
                  ((const HvSimNode *)data)->vm_bytes / HV_SIM_PAGE_BYTES);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_u64(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_u64(out, *(const guint64 *)data);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_nodes(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;

    hv_sim_printf(out, world->n_nodes > 1 ? "0-%u\n" : "0\n", world->n_nodes - 1);
    return 0;
}

static void
add_huge_pages(HvSimFs *fs, HvSimWorld *world, HvSimNode *node)
{
    static const HvSimFileClass number = { .read = read_u64 };
    const guint i = number_of(world, node);
    const struct {
        guint kb;
        guint64 *total, *free_pages;
    } sizes[] = {
        { 2048, &node->huge_2m_total, &node->huge_2m_free },
        { 1048576, &node->huge_1g_total, &node->huge_1g_free },
    };

    for (guint k = 0; k < G_N_ELEMENTS(sizes); k++) {
        hv_sim_fs_filef(fs, &number, world, sizes[k].total,
                        NODE "/node%u/hugepages/hugepages-%ukB/nr_hugepages", i, sizes[k].kb);
        hv_sim_fs_filef(fs, &number, world, sizes[k].free_pages,
                        NODE "/node%u/hugepages/hugepages-%ukB/free_hugepages", i, sizes[k].kb);
        hv_sim_fs_textf(fs, "0\n", NODE "/node%u/hugepages/hugepages-%ukB/surplus_hugepages", i,
                        sizes[k].kb);
    }
}

void
hv_sim_files_nodes(HvSimFs *fs, HvSimWorld *world)
{
    static const HvSimFileClass nodes = { .read = read_nodes },
                                cpulist = { .read = read_cpulist },
                                distance = { .read = read_distance },
                                meminfo = { .read = read_meminfo },
                                numastat = { .read = read_numastat },
                                vmstat = { .read = read_vmstat };
    static const char *const lists[] = { "online", "possible", "has_cpu", "has_memory" };

    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        hv_sim_fs_filef(fs, &nodes, world, NULL, NODE "/%s", lists[i]);
    for (guint i = 0; i < world->n_nodes; i++) {
        HvSimNode *node = &world->nodes[i];

        hv_sim_fs_filef(fs, &cpulist, world, node, NODE "/node%u/cpulist", i);
        hv_sim_fs_filef(fs, &distance, world, node, NODE "/node%u/distance", i);
        hv_sim_fs_filef(fs, &meminfo, world, node, NODE "/node%u/meminfo", i);
        hv_sim_fs_filef(fs, &numastat, world, node, NODE "/node%u/numastat", i);
        hv_sim_fs_filef(fs, &vmstat, world, node, NODE "/node%u/vmstat", i);
        add_huge_pages(fs, world, node);
    }
}
