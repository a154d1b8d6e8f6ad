/* The simulated machine's devices in sysfs: PCI, disks, network cards, the VMs' taps. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"

#define PCI "sys/bus/pci/devices"

static int
read_local_cpus(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const HvSimDevice *device = data;
    gboolean is_begun = FALSE;

    for (guint cpu = 0; cpu < world->n_cpus; cpu++) {
        if (device->node >= 0 && world->cpus[cpu].node != (guint)device->node)
            continue;
        hv_sim_printf(out, "%s%u", is_begun ? "," : "", cpu);
        is_begun = TRUE;
    }
    hv_sim_text(out, "\n");
    return 0;
}

/* Whose VM has it. */
static gboolean
is_passed(const HvSimWorld *world, const HvSimDevice *device)
{
    for (guint i = 0; i < world->vms->len; i++) {
        const HvSimVm *vm = world->vms->pdata[i];

        for (char **pci = vm->passthrough; pci && *pci; pci++)
            if (g_ascii_strcasecmp(*pci, device->pci) == 0)
                return TRUE;
    }
    return FALSE;
}

static void
add_os_device(HvSimFs *fs, const HvSimDevice *device)
{
    const gboolean is_card = device->pci_class >> 16 == 0x02;
    const char *kind = is_card ? "net" : "block";
    g_autofree char *inside =
        g_strdup_printf(PCI "/%s/%s/%s", device->pci, kind, device->os_name);
    g_autofree char *outside = is_card ? g_strdup_printf("sys/class/net/%s", device->os_name)
                                       : g_strdup_printf("sys/block/%s", device->os_name);
    g_autofree char *link = g_strconcat(outside, "/device", NULL);
    g_autofree char *target = g_strdup_printf("/" PCI "/%s", device->pci);

    hv_sim_fs_dir(fs, inside, NULL, NULL, NULL);
    hv_sim_fs_link(fs, link, target);
    if (is_card)
        hv_sim_fs_textf(fs, "0\n", "%s/statistics/rx_dropped", outside);
}

static void
add_device(HvSimFs *fs, HvSimWorld *world, HvSimDevice *device)
{
    static const HvSimFileClass local_cpus = { .read = read_local_cpus };
    g_autofree char *class_text = g_strdup_printf("0x%06x\n", device->pci_class);
    g_autofree char *node = g_strdup_printf("%d\n", device->node);
    g_autofree char *driver = g_strdup_printf(PCI "/%s/driver", device->pci);

    hv_sim_fs_textf(fs, class_text, PCI "/%s/class", device->pci);
    hv_sim_fs_textf(fs, node, PCI "/%s/numa_node", device->pci);
    hv_sim_fs_filef(fs, &local_cpus, world, device, PCI "/%s/local_cpulist", device->pci);
    hv_sim_fs_textf(fs, "0\n", PCI "/%s/irq", device->pci);
    for (guint i = 0; i < world->irqs->len; i++) {
        const HvSimIrq *irq = world->irqs->pdata[i];

        if (hv_sim_irq_is_of(irq, device->pci))
            hv_sim_fs_textf(fs, "msix\n", PCI "/%s/msi_irqs/%u", device->pci, irq->irq);
    }
    if (is_passed(world, device))
        hv_sim_fs_link(fs, driver, "../../drivers/vfio-pci");
    else if (device->os_name)
        add_os_device(fs, device);
}

static void
add_taps(HvSimFs *fs, const HvSimVm *vm)
{
    static const char *const counters[] = { "rx_dropped", "tx_dropped" };

    for (char **tap = vm->tap_names; tap && *tap; tap++)
        for (guint i = 0; i < G_N_ELEMENTS(counters); i++)
            hv_sim_fs_textf(fs, "0\n", "sys/class/net/%s/statistics/%s", *tap, counters[i]);
}

void
hv_sim_files_devices(HvSimFs *fs, HvSimWorld *world)
{
    hv_sim_fs_dir(fs, PCI, NULL, NULL, NULL);
    hv_sim_fs_dir(fs, "sys/block", NULL, NULL, NULL);
    hv_sim_fs_dir(fs, "sys/bus/pci/drivers/vfio-pci", NULL, NULL, NULL);
    for (guint i = 0; i < world->devices->len; i++)
        add_device(fs, world, world->devices->pdata[i]);
    for (guint i = 0; i < world->vms->len; i++)
        add_taps(fs, world->vms->pdata[i]);
}
