/* A limit on cpu time that a VM keeps running into. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/rule.h"
#include "model/vm-walk.h"

#define LEAST_PERIODS 0.05 /* of them, throttled */
#define SERIOUS_COST 0.2

/* cost = share of their time that its vCPUs are held back, mean over them: "throttled_ratio" of
 * "vms"; nothing is assumed. */

/* Where the columns are. */
typedef struct {
    const HvTable *counters; /* "vm_counters"; may be NULL */
    int periods, throttled;  /* in it */
    int vcpu_periods, vcpu_throttled;
    int cost, owner; /* in "vms" */
} Columns;

static Columns
find_columns(const HvSnapshot *snapshot)
{
    const HvTable *counters = hv_snapshot_table(snapshot, "vm_counters");
    const HvTable *vcpus = hv_snapshot_table(snapshot, "vcpus");
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");

    return (Columns){
        .counters = counters,
        .periods = hv_table_column(counters, "periods_per_s"),
        .throttled = hv_table_column(counters, "throttled_periods_per_s"),
        .vcpu_periods = hv_table_column(vcpus, "periods_per_s"),
        .vcpu_throttled = hv_table_column(vcpus, "throttled_periods_per_s"),
        .cost = hv_table_column(vms, "throttled_ratio"),
        .owner = hv_table_column(vms, "owner"),
    };
}

static double
share_of(double throttled, double periods)
{
    return periods > 0 ? throttled / periods : (double)NAN;
}

/* The worst of the VM's own limit and those of its vCPUs; NAN: no limit, or not known. */
static double
throttled_periods(const HvVmWalk *vm, const Columns *columns)
{
    const int row = columns->counters ? hv_table_find(columns->counters, vm->key) : -1;
    double worst = (double)NAN;

    if (row >= 0)
        worst = share_of(hv_number(columns->counters, (guint)row, columns->throttled),
                         hv_number(columns->counters, (guint)row, columns->periods));
    for (guint i = 0; i < vm->n_vcpus; i++) {
        const double share =
            share_of(hv_number(vm->vcpus, vm->first + i, columns->vcpu_throttled),
                     hv_number(vm->vcpus, vm->first + i, columns->vcpu_periods));

        if (!(share <= worst) && !isnan(share))
            worst = share;
    }
    return worst;
}

static void
look(const HvVmWalk *vm, const Columns *columns, HvRuleOut *out)
{
    const double periods = throttled_periods(vm, columns);
    const double cost = hv_number(vm->vms, vm->row, columns->cost);
    const char *owner = hv_table_text(vm->vms, vm->row, columns->owner);
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
    const Columns columns = find_columns(snapshot);
    HvVmWalk vm;

    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look(&vm, &columns, out);
}

const HvRule hv_rule_quota = {
    .name = "quota",
    .help = N_("a VM keeps running into its limit on cpu time"),
    .inputs = (const char *const[]){ "vms", "vcpus", "vm_counters", NULL },
    .run = run,
};
