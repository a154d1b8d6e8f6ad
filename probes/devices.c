/* One row per device: what it is, near to which node, passed to which VM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/probe.h"

#define RECOUNT_NS                                                                             \
    (G_GINT64_CONSTANT(60) * 1000000000) /* drivers open queues as they come up */

enum { DEVICE, CLASS, NODE, VM, PCI, OS_NAMES, N_IRQS };

static const HvColumn columns[] = {
    [DEVICE] = { .name = "device",
                 .kind = HV_KIND_KEY,
                 .unit = HV_UNIT_NONE,
                 .help = N_("PCI address, or the kernel's name for it") },
    [CLASS] = { .name = "class",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("what kind of device it is") },
    [NODE] = { .name = "node",
               .kind = HV_KIND_U64,
               .unit = HV_UNIT_NONE,
               .help = N_("node that it is near to") },
    [VM] = { .name = "vm",
             .kind = HV_KIND_TEXT,
             .unit = HV_UNIT_NONE,
             .help = N_("VM that it is passed to") },
    [PCI] = { .name = "pci",
              .kind = HV_KIND_TEXT,
              .unit = HV_UNIT_NONE,
              .help = N_("its PCI address") },
    [OS_NAMES] = { .name = "os_names",
                   .kind = HV_KIND_TEXT,
                   .unit = HV_UNIT_NONE,
                   .help = N_("names of its network cards and disks") },
    [N_IRQS] = { .name = "n_irqs",
                 .kind = HV_KIND_U64,
                 .unit = HV_UNIT_COUNT,
                 .help = N_("interrupts that it has") },
    { 0 },
};
static const HvSchema schema = { .name = "devices", .columns = columns };

/* What is looked up seldom of the device at the same place in the topology. */
typedef struct {
    guint32 row;
    gboolean has_row;
    gboolean has_n_irqs;
    guint n_irqs;
    const char *vm; /* of the list that is held, or NULL */
} Device;

typedef struct {
    HvHost *host;
    HvTopology *topology;
    HvGuestList *list;
    GArray *devices; /* of Device, in the order of the topology */
    gint64 counted_ns;
} Probe;

static const char *
find_vm(const HvGuestList *list, const char *pci)
{
    for (guint i = 0; pci && i < list->n_guests; i++)
        for (char *const *address = list->guests[i]->passthrough; address && *address;
             address++)
            if (g_ascii_strcasecmp(*address, pci) == 0)
                return list->guests[i]->name;
    return NULL;
}

/* Message-signalled interrupts have a directory; else there may be a line of old, which is one.
 */
static void
count_irqs(HvHost *host, Device *device, const char *pci)
{
    g_autofree char *directory = g_strdup_printf("sys/bus/pci/devices/%s/msi_irqs", pci);
    g_autofree char *file = g_strdup_printf("sys/bus/pci/devices/%s/irq", pci);
    g_auto(GStrv) names = hv_host_list(host, directory, NULL);
    guint64 line;

    device->n_irqs = names ? g_strv_length(names) : 0;
    device->has_n_irqs = names != NULL;
    if (!names && hv_host_read_u64_file(host, file, &line, NULL)) {
        device->has_n_irqs = TRUE;
        device->n_irqs = line > 0 ? 1 : 0;
    }
}

static void
look_again(Probe *probe, gboolean is_new_topology, gint64 now_ns)
{
    const gboolean is_due = is_new_topology || now_ns - probe->counted_ns >= RECOUNT_NS;

    if (is_new_topology) {
        g_array_set_size(probe->devices, 0);
        g_array_set_size(probe->devices, probe->topology ? probe->topology->n_devices : 0);
    }
    for (guint i = 0; i < probe->devices->len; i++) {
        Device *device = &g_array_index(probe->devices, Device, i);
        const char *pci = probe->topology->devices[i].pci;

        device->vm = find_vm(probe->list, pci);
        if (is_due && pci)
            count_irqs(probe->host, device, pci);
    }
    if (is_due)
        probe->counted_ns = now_ns;
}

static void
refresh(Probe *probe, gint64 now_ns)
{
    HvTopology *topology = hv_host_topology(probe->host, NULL);
    HvGuestList *list = hv_host_guests(probe->host);
    const gboolean is_new_list = !probe->list || list->generation != probe->list->generation;
    const gboolean is_new_topology = topology != probe->topology || !probe->list;

    hv_topology_unref(probe->topology);
    probe->topology = topology;
    if (is_new_list) {
        hv_guest_list_unref(probe->list);
        probe->list = list;
    } else {
        hv_guest_list_unref(list);
    }
    if (is_new_topology || is_new_list || now_ns - probe->counted_ns >= RECOUNT_NS)
        look_again(probe, is_new_topology, now_ns);
}

static void
emit_device(HvSink *out, Device *device, const HvTopoDevice *place)
{
    if (!device->has_row || !hv_row_again(out, device->row))
        device->row = hv_row(out, place->name);
    device->has_row = TRUE;
    hv_text(out, CLASS, place->class_name);
    if (place->node >= 0)
        hv_u64(out, NODE, (guint64)place->node);
    else
        hv_none(out, NODE, HV_MARK_ABSENT, N_("not known, or near to several nodes"));
    if (device->vm)
        hv_text(out, VM, device->vm);
    else
        hv_none(out, VM, HV_MARK_ABSENT, N_("no VM that is known has it"));
    if (place->pci)
        hv_text(out, PCI, place->pci);
    else
        hv_none(out, PCI, HV_MARK_ABSENT, N_("no PCI device"));
    if (place->os_names)
        hv_text(out, OS_NAMES, place->os_names);
    else
        hv_none(out, OS_NAMES, HV_MARK_ABSENT, N_("no driver of the host gave it a name"));
    if (device->has_n_irqs)
        hv_u64(out, N_IRQS, device->n_irqs);
    else
        hv_none(out, N_IRQS, HV_MARK_ABSENT, N_("sysfs does not tell"));
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->devices = g_array_new(FALSE, TRUE, sizeof(Device));
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;

    refresh(probe, hv_sink_now_ns(out));
    for (guint i = 0; i < probe->devices->len; i++)
        emit_device(out, &g_array_index(probe->devices, Device, i),
                    &probe->topology->devices[i]);
    if (probe->devices->len == 0)
        hv_sink_why(out, N_("the topology names no device"));
    return TRUE;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    g_array_unref(probe->devices);
    hv_guest_list_unref(probe->list);
    hv_topology_unref(probe->topology);
    g_free(probe);
}

const HvProbe hv_probe_devices = {
    .name = "devices",
    .source = "hwloc; sysfs: bus/pci/devices; libvirt",
    .help = N_("devices, the nodes they are near to, and the VMs they are passed to"),
    .period_ms = 1000,
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
