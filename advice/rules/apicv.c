/* Interrupts of a guest that software injects, at the price of exits, where hardware could. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/rule.h"
#include "model/vm-walk.h"

#define LEAST_COST 0.02
#define SERIOUS_COST 0.2

/* cost = (interrupt-window + end-of-interrupt exits)/s × 1.5 µs ÷ the vCPUs' run time, from
 * "kvm": estimated, and at the least. What a guest does while it runs guests of its own
 * (NESTED), or between two instructions (IRQWIN), leaves injections low and is no finding. */

typedef struct {
    const HvTable *kvm;
    int state, why, cause, cure, injections;
} Columns;

static void
say_remedy(const Columns *columns, guint row, const char *vm, char *remedy, gsize size)
{
    const char *cause = hv_table_text(columns->kvm, row, columns->cause);
    const char *cure = hv_table_text(columns->kvm, row, columns->cure);

    if (g_strcmp0(cause, "parameter") == 0)
        g_snprintf(remedy, size,
                   _("hvtune recipe apicv on --dry-run shows the plan; with --outage all VMs of this "
                     "host pause for it: evacuate it first where you can"));
    else if (g_strcmp0(cause, "pit") == 0)
        g_snprintf(remedy, size,
                   _("virsh edit %s: <timer name='pit' tickpolicy='discard'/> in <clock>, then "
                     "shut it down and start it"),
                   vm);
    else if (g_strcmp0(cause, "synic") == 0)
        g_snprintf(remedy, size,
                   _("virsh edit %s: <avic state='on'/> in <hyperv>, then shut it down and "
                     "start it"),
                   vm);
    else if (cure)
        g_strlcpy(remedy, cure, size);
    else
        g_strlcpy(remedy, _("none is known; w shows where its exits come from"), size);
}

static void
look(const HvVmWalk *vm, const Columns *columns, HvRuleOut *out)
{
    const int found = hv_table_find(columns->kvm, vm->key);
    const guint row = (guint)MAX(found, 0);
    const char *state = found < 0 ? NULL : hv_table_text(columns->kvm, row, columns->state);
    char evidence[512], remedy[512];
    double cost;

    if (!state || (strcmp(state, "off") != 0 && strcmp(state, "inhibited") != 0))
        return;
    cost = hv_named_number(columns->kvm, row, "cost_ratio");
    if (!(cost >= LEAST_COST))
        return;
    g_snprintf(evidence, sizeof evidence, _("APICv %s (%s); %.0f interrupts/s injected"), state,
               hv_table_text(columns->kvm, row, columns->why),
               hv_number(columns->kvm, row, columns->injections));
    say_remedy(columns, row, vm->key, remedy, sizeof remedy);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = cost,
                                       .quality = HV_MARK_ESTIMATED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .serious = cost >= SERIOUS_COST });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    const HvTable *kvm = hv_snapshot_table(snapshot, "kvm");
    const Columns columns = { .kvm = kvm,
                              .state = hv_table_column(kvm, "apicv"),
                              .why = hv_table_column(kvm, "apicv_why"),
                              .cause = hv_table_column(kvm, "apicv_cause"),
                              .cure = hv_table_column(kvm, "apicv_cure"),
                              .injections = hv_table_column(kvm, "injections_per_s") };
    HvVmWalk vm;

    if (!kvm)
        return;
    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look(&vm, &columns, out);
}

const HvRule hv_rule_apicv = {
    .name = "apicv",
    .help = N_("interrupts cost a VM exits that APICv or AVIC would spare it"),
    .inputs = (const char *const[]){ "vms", "vcpus", "kvm", NULL },
    .run = run,
};
