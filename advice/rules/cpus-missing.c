/* A definition that pins vCPUs to cpus that this host does not have, or has offline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/place.h"
#include "model/rule.h"

/* cost: unknown. A VM so defined does not start again, or runs on fewer cpus than it was given;
 * how much of its time that takes, its wait tells under another rule. */

/* The cpus that definitions of @vm name and the host lacks; how many vCPUs name one. */
static guint
find_missing(const HvVmWalk *vm, int column, const HvMask *online, HvMask *missing,
             guint *first)
{
    guint n_vcpus = 0;

    hv_mask_clear(missing);
    for (guint i = 0; i < vm->n_vcpus; i++) {
        HvMask defined;

        if (!hv_mask_parse(&defined, hv_table_text(vm->vcpus, vm->first + i, column)))
            continue;
        hv_mask_subtract(&defined, online);
        if (!hv_mask_count(&defined))
            continue;
        if (!n_vcpus++)
            *first = i;
        hv_mask_union(missing, &defined);
    }
    return n_vcpus;
}

static void
look(const HvVmWalk *vm, int column, const HvMask *online, HvPlaces *places, HvRuleOut *out)
{
    char cpus[128], evidence[256], command[HV_REMEDY_BYTES / 2], remedy[HV_REMEDY_BYTES];
    HvMask missing, chosen;
    guint first = 0;
    const guint n_vcpus = find_missing(vm, column, online, &missing, &first);

    if (!n_vcpus)
        return;
    hv_mask_text(&missing, cpus, sizeof cpus);
    if (n_vcpus == 1)
        g_snprintf(evidence, sizeof evidence,
                   _("its vCPU %" G_GUINT64_FORMAT " is pinned to cpus that are not there: %s"),
                   hv_vcpu_number(vm, first), cpus);
    else
        g_snprintf(evidence, sizeof evidence,
                   _("%u of its vCPUs are pinned to cpus that are not there: %s"), n_vcpus,
                   cpus);
    hv_place_choose(places, vm, MAX(hv_vcpu_node(vm, first), 0), vm->n_vcpus, &chosen);
    hv_place_pin_command(vm, &chosen, command, sizeof command);
    g_snprintf(remedy, sizeof remedy, _("a pins them anew: %s --persist"), command);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = (double)NAN,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .key = 'a',
                                       .serious = TRUE });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    const HvTable *vcpus = hv_snapshot_table(snapshot, "vcpus");
    const int column = hv_table_column(vcpus, "cpus_defined");
    HvPlaces places = { 0 };
    HvMask online;
    HvVmWalk vm;

    if (!snapshot->topology || hv_set_is_empty(snapshot->topology->online))
        return;
    hv_mask_of_set(&online, snapshot->topology->online);
    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look(&vm, column, &online, &places, out);
}

const HvRule hv_rule_cpus_missing = {
    .name = "cpus-missing",
    .help = N_("a definition pins vCPUs to cpus that this host does not have online"),
    .always = TRUE,
    .inputs = (const char *const[]){ "vms", "vcpus", NULL },
    .run = run,
};
