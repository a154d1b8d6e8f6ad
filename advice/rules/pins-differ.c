/* vCPUs that may run elsewhere than their definition says. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/rule.h"
#include "model/vm-walk.h"

/* cost: none. It is worth knowing that a restart, or libvirt, would put them elsewhere. */

/* FALSE too where the definition leaves it open, where it is not known, and where it names no
 * cpu that there is: that is another rule's. */
static gboolean
differs(const HvVmWalk *vm, guint i, int defined_column, const HvMask *online)
{
    const char *text = hv_table_text(vm->vcpus, vm->first + i, defined_column);
    HvMask defined, allowed;

    if (!text || !*text || !hv_mask_parse(&defined, text) || !hv_vcpu_allowed(vm, i, &allowed))
        return FALSE;
    hv_mask_intersect(&defined, online);
    return hv_mask_count(&defined) > 0 && !hv_mask_equal(&defined, &allowed);
}

static void
say(const HvVmWalk *vm, guint n_differ, guint first, int defined_column, HvRuleOut *out)
{
    const char *defined = hv_table_text(vm->vcpus, vm->first + first, defined_column);
    const char *allowed = hv_table_text(vm->vcpus, vm->first + first, vm->allowed);
    char evidence[512], remedy[512];

    g_snprintf(evidence, sizeof evidence,
               _("%u of its %u vCPUs may run elsewhere than defined: vCPU %" G_GUINT64_FORMAT
                 " on %.100s, not %.100s"),
               n_differ, vm->n_vcpus, hv_vcpu_number(vm, first), allowed, defined);
    g_snprintf(remedy, sizeof remedy,
               _("a, or hvtune set vm/%s/vcpu/%" G_GUINT64_FORMAT
                 "/cpus=…, with --persist where the definition is to change"),
               vm->key, hv_vcpu_number(vm, first));
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = (double)NAN,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .key = 'a',
                                       .note = TRUE });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    const HvTable *vcpus = hv_snapshot_table(snapshot, "vcpus");
    const int defined_column = hv_table_column(vcpus, "cpus_defined");
    HvMask online;
    HvVmWalk vm;

    if (!snapshot->topology || hv_set_is_empty(snapshot->topology->online))
        return;
    hv_mask_of_set(&online, snapshot->topology->online);
    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm)) {
        guint n_differ = 0, first = 0;

        for (guint i = 0; i < vm.n_vcpus; i++) {
            if (!differs(&vm, i, defined_column, &online))
                continue;
            if (!n_differ++)
                first = i;
        }
        if (n_differ)
            say(&vm, n_differ, first, defined_column, out);
    }
}

const HvRule hv_rule_pins_differ = {
    .name = "pins-differ",
    .help = N_("vCPUs may run elsewhere than their definition says"),
    .inputs = (const char *const[]){ "vms", "vcpus", NULL },
    .run = run,
};
