/* The devices of the Map: in few words, grouped by the nodes they are near to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-devices.h"

#include <string.h>

/* A list of nodes is as good as its device's one node. */
static char *
nodes_of(const HvTopoDevice *device)
{
    if (device->node >= 0)
        return g_strdup_printf("%d", device->node);
    return device->nodes ? hv_set_to_text(device->nodes) : g_strdup("");
}

/* The first of its names; a PCI address without a domain that says nothing. NULL: it has
 * neither. */
static char *
name_of(const HvTopoDevice *device, gboolean is_address_welcome)
{
    const char *address = device->pci ? device->pci : device->name;

    if (device->os_names && *device->os_names)
        return g_strndup(device->os_names, strcspn(device->os_names, " "));
    if (!device->pci)
        return g_strdup(device->name);
    if (!is_address_welcome)
        return NULL;
    return g_strdup(g_str_has_prefix(address, "0000:") ? address + 5 : address);
}

static const char *
vm_of(const HvTopoDevice *device, const HvTable *table, int vm_column)
{
    const char *vm;
    int row;

    if (vm_column < 0)
        return NULL;
    row = hv_table_find(table, device->name);
    vm = row >= 0 ? hv_table_text(table, (guint)row, vm_column) : NULL;
    return vm && *vm ? vm : NULL;
}

/* Those without a name, by class: one is told by its address, more are counted. */
static void
add_classes(GPtrArray *names, const GPtrArray *nameless)
{
    for (guint i = 0; i < nameless->len; i++) {
        const HvTopoDevice *device = g_ptr_array_index(nameless, i);
        const char *class_name = device->class_name ? device->class_name : "device";
        guint n = 0, before = 0;

        for (guint k = 0; k < nameless->len; k++) {
            const HvTopoDevice *other = g_ptr_array_index(nameless, k);
            const gboolean is_same = !g_strcmp0(other->class_name, device->class_name);

            n += is_same ? 1 : 0;
            before += is_same && k < i ? 1 : 0;
        }
        if (before)
            continue;
        g_autofree char *address = name_of(device, TRUE);

        g_ptr_array_add(names, n == 1 ? g_strdup_printf("%s %s", class_name, address)
                                      : g_strdup_printf("%s x%u", class_name, n));
    }
}

GPtrArray *
hv_map_devices_of(const HvTopology *topology, const char *nodes, const HvTable *table)
{
    const int vm_column = hv_table_column(table, "vm");
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) named = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) nameless = g_ptr_array_new();

    for (guint i = 0; i < topology->n_devices; i++) {
        HvTopoDevice *device = &topology->devices[i];
        g_autofree char *near = nodes_of(device);
        const char *vm = g_str_equal(near, nodes) ? vm_of(device, table, vm_column) : NULL;
        g_autofree char *name = name_of(device, vm != NULL);

        if (!g_str_equal(near, nodes))
            continue;
        if (vm)
            g_ptr_array_add(names, g_strdup_printf("%s>%s", name, vm));
        else if (name)
            g_ptr_array_add(named, g_steal_pointer(&name));
        else
            g_ptr_array_add(nameless, device);
    }
    g_ptr_array_extend_and_steal(names, g_steal_pointer(&named));
    add_classes(names, nameless);
    return names;
}

GPtrArray *
hv_map_devices_elsewhere(const HvTopology *topology)
{
    GPtrArray *sets = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < topology->n_devices; i++) {
        const HvTopoDevice *device = &topology->devices[i];
        g_autofree char *near = nodes_of(device);

        if (!hv_topology_node(topology, device->node) &&
            !g_ptr_array_find_with_equal_func(sets, near, g_str_equal, NULL))
            g_ptr_array_add(sets, g_steal_pointer(&near));
    }
    return sets;
}
