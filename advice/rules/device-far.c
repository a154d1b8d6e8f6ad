/* A device passed to a VM whose interrupts cross to the node where the VM runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/place.h"
#include "model/rule.h"

#define LEAST_PER_S 100.0

/*
 * cost = interrupts/s × 1.5 µs ÷ vCPUs
 *
 * Assumed: an interrupt from the far socket costs 1.5 µs more. An interrupt of a passed-through
 * device that the host counts at all is not posted: a posted one goes to the vCPU without the
 * host. So those that are posted, and those without traffic, are silent by themselves. What
 * their DMA costs by crossing is not in it: nothing here tells whose it is.
 */
#define FAR_S 1.5e-6

static double
interrupts_per_s(const HvTable *interrupts, const char *pci)
{
    const int device = hv_table_column(interrupts, "device");
    const int per_s = hv_table_column(interrupts, "per_s");
    double sum = 0;

    for (guint row = 0; interrupts && row < hv_table_n_rows(interrupts); row++) {
        const char *text = hv_table_text(interrupts, row, device);

        if (text && g_ascii_strcasecmp(text, pci) == 0)
            sum += MAX(hv_number(interrupts, row, per_s), 0);
    }
    return sum;
}

/* All its vCPUs ran on nodes other than @node. */
static gboolean
runs_elsewhere(const HvVmWalk *vm, int node)
{
    for (guint i = 0; i < vm->n_vcpus; i++) {
        const int ran = hv_vcpu_node(vm, i);

        if (ran < 0 || ran == node)
            return FALSE;
    }
    return vm->n_vcpus > 0;
}

static void
look(const HvVmWalk *vm, const HvTable *devices, guint row, HvPlaces *places, HvRuleOut *out)
{
    const char *pci = hv_table_text(devices, row, hv_table_column(devices, "pci"));
    const double node = hv_named_number(devices, row, "node");
    char near[HV_PLACE_NAME_BYTES], far[HV_PLACE_NAME_BYTES], evidence[256],
        remedy[HV_REMEDY_BYTES];
    double per_s;

    if (!pci || isnan(node) || node > HV_SET_MAX || !runs_elsewhere(vm, (int)node))
        return;
    per_s = interrupts_per_s(hv_snapshot_table(vm->snapshot, "interrupts"), pci);
    if (per_s < LEAST_PER_S)
        return;
    hv_place_name(vm->topology, (int)node, far, sizeof far);
    hv_place_name(vm->topology, hv_vcpu_node(vm, 0), near, sizeof near);
    g_snprintf(evidence, sizeof evidence,
               _("its device %s is on %s, its vCPUs run on %s: %.0f interrupts/s cross"), pci,
               far, near, per_s);
    hv_place_pin_remedy(places, vm, (int)node, remedy, sizeof remedy);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .what = pci,
                                       .cost_ratio = per_s * FAR_S / vm->n_vcpus,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .key = 'a' });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    const HvTable *devices = hv_snapshot_table(snapshot, "devices");
    const int vm_column = hv_table_column(devices, "vm");
    HvPlaces places = { 0 };

    for (guint row = 0; devices && row < hv_table_n_rows(devices); row++) {
        const char *name = hv_table_text(devices, row, vm_column);
        HvVmWalk vm;

        if (!name)
            continue;
        hv_vm_walk_begin(&vm, snapshot);
        while (hv_vm_walk_next(&vm)) {
            if (g_str_equal(vm.name, name))
                look(&vm, devices, row, &places, out);
        }
    }
}

const HvRule hv_rule_device_far = {
    .name = "device-far",
    .help = N_("interrupts of a device passed to a VM cross to another node"),
    .inputs = (const char *const[]){ "vms", "vcpus", "devices", "interrupts", NULL },
    .run = run,
};
