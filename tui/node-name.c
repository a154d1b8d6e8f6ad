/* What nodes are called on screen: by their sockets where each socket is one node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/node-name.h"

#include <string.h>

#include "tui/pick.h"

char
hv_node_letter(const HvTopology *topology)
{
    for (guint i = 0; topology && i < topology->n_packages; i++)
        if (hv_set_count(topology->packages[i].nodes) != 1)
            return 'N';
    return topology && topology->n_packages ? 'S' : 'N';
}

void
hv_node_name(char *out, gsize size, const HvTopology *topology, guint node)
{
    const HvTopoNode *found = topology ? hv_topology_node(topology, (int)node) : NULL;

    if (found && found->package >= 0 && hv_node_letter(topology) == 'S')
        g_snprintf(out, size, "S%d", found->package);
    else
        g_snprintf(out, size, "N%u", node);
}

static void
name_pair(char *out, gsize size, const HvTopology *topology, const HvSet *set)
{
    char first[16], last[16];

    hv_node_name(first, sizeof first, topology, (guint)hv_set_next(set, -1));
    hv_node_name(last, sizeof last, topology, (guint)hv_set_last(set));
    g_snprintf(out, size, "%s+%s", first, last);
}

void
hv_nodes_name(char *out, gsize size, const HvTopology *topology, const char *nodes,
              gboolean ascii)
{
    g_autoptr(HvSet) set = nodes ? hv_set_parse(nodes, NULL) : NULL;

    if (!set || hv_set_is_empty(set))
        g_strlcpy(out, ascii ? "-" : "–", size);
    else if (hv_set_count(set) == 1)
        hv_node_name(out, size, topology, (guint)hv_set_next(set, -1));
    else if (hv_set_count(set) == 2)
        name_pair(out, size, topology, set);
    else
        g_snprintf(out, size, "N%s", nodes);
}

/* The one node that has most of it, else the few that have nearly all. */
static void
name_memory(char *out, gsize size, const HvTopology *topology, const HvTable *vms, int row,
            gboolean ascii)
{
    guint64 node;

    if (hv_pick_u64(vms, row, "home_node", &node))
        hv_node_name(out, size, topology, (guint)node);
    else
        hv_nodes_name(out, size, topology, hv_pick_text(vms, row, "home_nodes"), ascii);
}

gboolean
hv_node_route(char *out, gsize size, const HvTopology *topology, const HvTable *vms, int row,
              gboolean ascii)
{
    const char *none = ascii ? "-" : "–", *arrow = ascii ? " > " : " → ";
    char cpus[32], memory[32];
    gboolean is_known;

    hv_nodes_name(cpus, sizeof cpus, topology, hv_pick_text(vms, row, "nodes"), ascii);
    name_memory(memory, sizeof memory, topology, vms, row, ascii);
    is_known = !g_str_equal(cpus, none) && !g_str_equal(memory, none);
    if (is_known && g_str_equal(cpus, memory) && strchr(cpus, '+')) {
        g_strlcpy(out, cpus, size);
        return FALSE;
    }
    if (!is_known || g_str_equal(cpus, memory))
        arrow = strchr(cpus, '+') ? " " : "   ";
    else if (strlen(cpus) > 2 || strlen(memory) > 2)
        arrow = ascii ? ">" : "→";
    g_snprintf(out, size, "%s%s%s", cpus, arrow, memory);
    return is_known && !g_str_equal(cpus, memory);
}
