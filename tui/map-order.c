/* In which order the Map draws the cpus that are online, and where its boxes and blocks begin.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-order.h"

HvSet *
hv_map_wide_nodes(const HvTopology *topology)
{
    HvSet *wide = hv_set_new();
    g_autoptr(GHashTable) packages = g_hash_table_new(NULL, NULL); /* node → package + 1 */

    for (guint i = 0; i < topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &topology->cpus[i];
        gpointer key = GINT_TO_POINTER(cpu->node), before;

        if (!cpu->online || cpu->node < 0 || cpu->package < 0)
            continue;
        before = g_hash_table_lookup(packages, key);
        if (!before)
            g_hash_table_insert(packages, key, GINT_TO_POINTER(cpu->package + 1));
        else if (GPOINTER_TO_INT(before) != cpu->package + 1)
            hv_set_add(wide, (guint)cpu->node);
    }
    return wide;
}

/* A cache that holds several nodes (sub-NUMA clusters) stands where the first of them does. */
static GHashTable *
first_nodes(const HvTopology *topology)
{
    GHashTable *first = g_hash_table_new(NULL, NULL); /* cache → node */

    for (guint i = 0; i < topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &topology->cpus[i];
        gpointer node, key = GINT_TO_POINTER(cpu->llc);

        if (cpu->online && (!g_hash_table_lookup_extended(first, key, NULL, &node) ||
                            cpu->node < GPOINTER_TO_INT(node)))
            g_hash_table_insert(first, key, GINT_TO_POINTER(cpu->node));
    }
    return first;
}

static void
set_keys(HvMapEntry *entry, HvMapZoom zoom, const HvSet *wide, GHashTable *first)
{
    const HvTopoCpu *cpu = entry->cpu;
    const gboolean is_wide =
        zoom == HV_MAP_NODE && cpu->node >= 0 && hv_set_has(wide, (guint)cpu->node);
    const int first_node =
        zoom == HV_MAP_LLC && cpu->llc >= 0
            ? GPOINTER_TO_INT(g_hash_table_lookup(first, GINT_TO_POINTER(cpu->llc)))
            : cpu->node;

    entry->keys[HV_MAP_KEY_SPAN] = is_wide ? cpu->node : -1;
    entry->keys[HV_MAP_KEY_PACKAGE] = is_wide ? -1 : cpu->package;
    entry->keys[HV_MAP_KEY_BLOCK] = first_node;
    entry->keys[HV_MAP_KEY_BLOCK + 1] = zoom == HV_MAP_NODE ? -1 : cpu->llc;
    entry->keys[HV_MAP_KEY_CORE] = cpu->core;
    entry->keys[HV_MAP_KEY_CPU] = (int)cpu->cpu;
}

static int
compare(gconstpointer first, gconstpointer second)
{
    const HvMapEntry *a = first, *b = second;

    for (guint i = 0; i < HV_MAP_N_KEYS; i++)
        if (a->keys[i] != b->keys[i])
            return a->keys[i] < b->keys[i] ? -1 : 1;
    return 0;
}

GArray *
hv_map_order(const HvTopology *topology, HvMapZoom zoom)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(HvMapEntry));
    g_autoptr(HvSet) wide = hv_map_wide_nodes(topology);
    g_autoptr(GHashTable) first = first_nodes(topology);

    for (guint i = 0; i < topology->n_cpus; i++) {
        HvMapEntry entry = { .cpu = &topology->cpus[i] };

        if (!entry.cpu->online)
            continue;
        set_keys(&entry, zoom, wide, first);
        g_array_append_val(order, entry);
    }
    g_array_sort(order, compare);
    return order;
}

guint
hv_map_order_run(const GArray *order, guint from, guint n_keys)
{
    const HvMapEntry *entries = (const HvMapEntry *)(gconstpointer)order->data;
    guint to = from + 1;

    for (; to < order->len; to++)
        for (guint i = 0; i < n_keys; i++)
            if (entries[to].keys[i] != entries[from].keys[i])
                return to;
    return to;
}

gboolean
hv_map_same_core(const HvTopoCpu *a, const HvTopoCpu *b)
{
    return a->core >= 0 && a->core == b->core;
}
