/* Devices from sys/bus/pci, for captures without hwloc's view; words for classes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include "host/parse.h"

#include <string.h>

#define PCI "sys/bus/pci/devices"
#define PATH_BYTES 256

/* PCI class and subclass, or the class alone with 0xff; the first that fits. Source: pci.ids,
 * "List of known device classes". Bridges, USB and their like are left out, as hwloc leaves out
 * what is not important. */
static const struct {
    guint8 class, subclass;
    const char *name;
} classes[] = {
    { 0x02, 0x07, "infiniband" }, { 0x02, 0xff, "ethernet" }, { 0x01, 0x08, "nvme" },
    { 0x01, 0xff, "storage" },    { 0x03, 0xff, "gpu" },      { 0x0b, 0x40, "other" },
    { 0x0c, 0x06, "infiniband" }, { 0x12, 0xff, "other" },
};

static const char *
find_class(guint pci_class)
{
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
        if (classes[i].class == pci_class >> 8 &&
            (classes[i].subclass == 0xff || classes[i].subclass == (pci_class & 0xff)))
            return classes[i].name;
    }
    return NULL;
}

const char *
hv_topology_class_name(guint pci_class)
{
    const char *name = find_class(pci_class);

    return name ? name : "other";
}

/* "0x020000" */
static const char *
read_class(const HvTopologySource *source, const char *address)
{
    char path[PATH_BYTES], text[32];
    guint64 number;

    g_snprintf(path, sizeof path, PCI "/%s/class", address);
    if (hv_source_read(source, path, text, sizeof text) <= 0 ||
        !hv_parse_hex(text, 0xffffff, &number, NULL))
        return NULL;
    return find_class((guint)(number >> 8));
}

/* The node that the firmware tells; else those of the cpus it is near to. */
static void
read_nodes(const HvTopology *topology, const HvTopologySource *source, HvTopoDevice *device)
{
    g_autoptr(HvSet) cpus = NULL;
    char path[PATH_BYTES];
    gint64 node;

    g_snprintf(path, sizeof path, PCI "/%s/numa_node", device->name);
    if (hv_source_read_number(source, path, 0, HV_SET_MAX, &node)) {
        hv_set_add(device->nodes, (guint)node);
        return;
    }
    g_snprintf(path, sizeof path, PCI "/%s/local_cpulist", device->name);
    cpus = hv_source_read_set(source, path);
    if (cpus)
        hv_topology_nodes_of(topology, cpus, device->nodes);
}

static char *
read_os_names(const HvTopologySource *source, const char *address)
{
    static const char *const kinds[] = { "net", "infiniband", "nvme", "block" };
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = g_strdup_printf(PCI "/%s/%s", address, kinds[i]);
        g_autoptr(GPtrArray) found = source->files->list(source->data, path, NULL);

        for (guint k = 0; found && k < found->len; k++)
            g_string_append_printf(names, "%s%s", names->len ? " " : "",
                                   (const char *)found->pdata[k]);
    }
    return names->len ? g_strdup(names->str) : NULL;
}

void
hv_topology_add_devices(HvTopology *topology, const HvTopologySource *source)
{
    g_autoptr(GPtrArray) addresses = source->files->list(source->data, PCI, NULL);

    if (!addresses)
        return;
    topology->devices =
        g_renew(HvTopoDevice, topology->devices, topology->n_devices + addresses->len);
    for (guint i = 0; i < addresses->len; i++) {
        const char *address = addresses->pdata[i], *class_name = read_class(source, address);
        HvTopoDevice *device = &topology->devices[topology->n_devices];

        if (!class_name)
            continue;
        *device =
            (HvTopoDevice){ .name = g_strdup(address), .pci = g_strdup(address), .node = -1 };
        device->class_name = g_strdup(class_name);
        device->nodes = hv_set_new();
        read_nodes(topology, source, device);
        device->os_names = read_os_names(source, address);
        topology->n_devices++;
    }
    hv_topology_link(topology);
}
