/* QEMU's own threads on the cpus that the VM's vCPUs are pinned to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/place.h"
#include "model/rule.h"

#define LEAST_WAIT 0.02

/*
 * cost = mean over its vCPUs of what the emulator takes from them: its use of each cpu, but no
 * more than the vCPU waits
 *
 * Assumed: the emulator uses all cpus that it may run on alike.
 */

/* In "vms". */
typedef struct {
    int cpus, used;
} Columns;

static void
describe(const HvVmWalk *vm, guint n_hit, guint worst, const char *cpus, char *out, gsize size)
{
    const int wait_pct = (int)lround(100 * hv_vcpu_wait(vm, worst));

    g_snprintf(out, size,
               _("its emulator runs on cpus %s like %u of its vCPUs, vCPU %" G_GUINT64_FORMAT
                 " waits %d %%"),
               cpus, n_hit, hv_vcpu_number(vm, worst), wait_pct);
}

static void
advise(HvPlaces *places, const HvVmWalk *vm, const HvMask *emulator, char *out, gsize size)
{
    const int node = hv_place_node_of(vm->topology, hv_mask_next(emulator, -1));
    char cpus[128];
    HvMask apart;

    hv_place_choose_apart(places, vm, node, 1, &apart);
    hv_mask_text(&apart, cpus, sizeof cpus);
    g_snprintf(out, size, _("a moves it away: hvtune set vm/%s/emulator/cpus=%s"), vm->key,
               cpus);
}

static void
look(const HvVmWalk *vm, const Columns *columns, HvPlaces *places, HvRuleOut *out)
{
    const double used = hv_number(vm->vms, vm->row, columns->used);
    const char *cpus = hv_table_text(vm->vms, vm->row, columns->cpus);
    guint n_hit = 0, worst = 0;
    double taken = 0;
    char evidence[256], remedy[HV_REMEDY_BYTES];
    HvMask emulator;

    if (!hv_mask_parse(&emulator, cpus) || !hv_mask_count(&emulator))
        return;
    for (guint i = 0; i < vm->n_vcpus; i++) {
        const double wait = hv_vcpu_wait(vm, i);
        HvMask allowed;

        if (!(wait > LEAST_WAIT) || !hv_vcpu_allowed(vm, i, &allowed) ||
            !hv_vcpu_is_pinned(vm, &allowed) || !hv_mask_intersects(&allowed, &emulator))
            continue;
        if (!n_hit || wait > hv_vcpu_wait(vm, worst))
            worst = i;
        n_hit++;
        taken += MIN(wait, used / hv_mask_count(&emulator));
    }
    if (!n_hit || isnan(used))
        return;
    describe(vm, n_hit, worst, cpus, evidence, sizeof evidence);
    advise(places, vm, &emulator, remedy, sizeof remedy);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = taken / vm->n_vcpus,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .key = 'a' });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");
    const Columns columns = { .cpus = hv_table_column(vms, "emulator_cpus"),
                              .used = hv_table_column(vms, "emulator_ratio") };
    HvPlaces places = { 0 };
    HvVmWalk vm;

    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look(&vm, &columns, &places, out);
}

const HvRule hv_rule_emulator_on_vcpu_cpus = {
    .name = "emulator-on-vcpu-cpus",
    .help = N_("QEMU's own threads take cpu time from pinned vCPUs that wait"),
    .inputs = (const char *const[]){ "vms", "vcpus", NULL },
    .run = run,
};
