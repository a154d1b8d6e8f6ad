/* A limit on cpu time that a VM keeps running into. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "advice/vms.h"
#include "model/i18n.h"
#include "model/rule.h"

#define LEAST_PERIODS 0.05 /* of them, throttled */
#define SERIOUS_COST 0.2

/* cost = share of their time that its vCPUs are held back, mean over them: "throttled_ratio" of
 * "vms"; nothing is assumed. */

static double
of_row(const HvTable *table, guint row)
{
    const double periods = hv_named_number(table, row, "periods_per_s");
    const double throttled = hv_named_number(table, row, "throttled_periods_per_s");

    return periods > 0 ? throttled / periods : (double)NAN;
}

/* The worst of the VM's own limit and those of its vCPUs; NAN: no limit, or not known. */
static double
throttled_periods(const HvVmWalk *vm)
{
    const HvTable *counters = hv_snapshot_table(vm->snapshot, "vm_counters");
    const int row = counters ? hv_table_find(counters, vm->key) : -1;
    double worst = row < 0 ? (double)NAN : of_row(counters, (guint)row);

    for (guint i = 0; i < vm->n_vcpus; i++) {
        const double share = of_row(vm->vcpus, vm->first + i);

        if (!(share <= worst) && !isnan(share))
            worst = share;
    }
    return worst;
}

static void
look(const HvVmWalk *vm, HvRuleOut *out)
{
    const double periods = throttled_periods(vm);
    const double cost = hv_named_number(vm->vms, vm->row, "throttled_ratio");
    const char *owner = hv_table_text(vm->vms, vm->row, hv_table_column(vm->vms, "owner"));
    char evidence[256], remedy[512];

    if (!(periods > LEAST_PERIODS))
        return;
    g_snprintf(evidence, sizeof evidence,
               _("its cpu limit held it back in %d %% of the periods"),
               (int)lround(100 * periods));
    if (owner)
        g_snprintf(remedy, sizeof remedy,
                   _("raise it where it is set (%s); for now: virsh schedinfo %s --set "
                     "vcpu_quota=…"),
                   owner, vm->key);
    else
        g_snprintf(remedy, sizeof remedy, _("raise it: virsh schedinfo %s --set vcpu_quota=…"),
                   vm->key);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = cost,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .serious = cost >= SERIOUS_COST });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    HvVmWalk vm;

    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look(&vm, out);
}

const HvRule hv_rule_quota = {
    .name = "quota",
    .help = N_("a VM keeps running into its limit on cpu time"),
    .inputs = (const char *const[]){ "vms", "vcpus", "vm_counters", NULL },
    .run = run,
};
