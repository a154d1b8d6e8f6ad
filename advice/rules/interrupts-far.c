/* A network card whose interrupts go to the other socket than the card and the VMs behind it.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/place.h"
#include "model/rule.h"

#define MAX_CARDS 16
#define MAX_PACKAGES 16
#define MAX_IRQS_BYTES 128
#define LEAST_PER_S 1000.0
#define LEAST_FAR_RATIO 0.5
#define LEAST_VHOST_RATIO 0.005
#define MOST_CORES 4u /* that a card's interrupts are offered */

/*
 * cost = interrupts of the VM/s × exits of each × 1.5 µs × far share ÷ vCPUs
 *
 * Assumed: what crosses the sockets costs 1.5 µs more for each exit that an interrupt makes:
 * 2.2 without APICv (injection, window, end of interrupt), 0.2 with it. Where nothing counts
 * the VM's own interrupts, the card's are shared out by what their vhost threads use, one exit
 * each, and the finding is an estimate. Only VMs that run on the card's socket and use vhost
 * are looked at. Interrupts of passed-through devices are another rule's; such as may be
 * posted, and those that the kernel manages, are not in it.
 */
#define FAR_S 1.5e-6
#define EXITS_WITHOUT 2.2
#define EXITS_WITH 0.2

typedef struct {
    const char *device, *name; /* name: as people know it, "eth0" */
    int node, package;         /* where it is */
    double per_s, at[MAX_PACKAGES];
    gboolean is_balanced; /* irqbalance moves some of them */
    HvMask irqs;          /* those that go to the other socket */
} Card;

typedef struct {
    const HvSnapshot *snapshot;
    const HvTable *interrupts, *devices, *kvm;
    Card cards[MAX_CARDS];
    guint n_cards;
    double vhost_ratio; /* of all VMs */
} Look;

/* What a card costs the VMs near it. */
typedef struct {
    double cost_ratio; /* of the one that pays most */
    const char *vm;
    guint n_vms;
    gboolean is_estimate;
} Toll;

static int
package_of(const HvTopology *topology, double node)
{
    const HvTopoNode *found =
        topology && node >= 0 ? hv_topology_node(topology, (int)node) : NULL;

    return found && found->package < MAX_PACKAGES ? found->package : -1;
}

/* What people call @device, when it is a network card that VMs share; else NULL. */
static const char *
shared_card_name(const HvTable *devices, const char *device)
{
    static const char *const classes[] = { "ethernet", "infiniband", NULL };
    const int name = hv_table_column(devices, "device");

    for (guint row = 0; devices && row < hv_table_n_rows(devices); row++) {
        const char *class_name, *os_names;

        if (g_strcmp0(hv_table_text(devices, row, name), device) != 0)
            continue;
        class_name = hv_table_text(devices, row, hv_table_column(devices, "class"));
        os_names = hv_table_text(devices, row, hv_table_column(devices, "os_names"));
        if (hv_table_text(devices, row, hv_table_column(devices, "vm")) || !class_name ||
            !g_strv_contains(classes, class_name))
            return NULL;
        return os_names ? os_names : device;
    }
    return NULL;
}

static Card *
find_card(Look *look, const char *device, double node)
{
    const int package = package_of(look->snapshot->topology, node);
    const char *name;
    Card *card;

    for (guint i = 0; i < look->n_cards; i++)
        if (strcmp(look->cards[i].device, device) == 0)
            return &look->cards[i];
    name = package < 0 ? NULL : shared_card_name(look->devices, device);
    if (!name || look->n_cards == MAX_CARDS)
        return NULL;
    card = &look->cards[look->n_cards++];
    card->device = device;
    card->name = name;
    card->node = (int)node;
    card->package = package;
    card->per_s = 0;
    card->is_balanced = FALSE;
    memset(card->at, 0, sizeof card->at);
    hv_mask_clear(&card->irqs);
    return card;
}

static void
add_row(Card *card, const HvTable *table, guint row, double per_s, int package)
{
    const char *irq = hv_table_text(table, row, hv_table_column(table, "irq"));
    const double number = irq ? g_ascii_strtod(irq, NULL) : HV_MASK_CPUS;
    guint64 is_banned = 0;

    card->per_s += per_s;
    card->at[package] += per_s;
    if (package != card->package && number < HV_MASK_CPUS)
        hv_mask_add(&card->irqs, (guint)number);
    if (hv_table_u64(table, row, hv_table_column(table, "banned"), &is_banned) && !is_banned)
        card->is_balanced = TRUE;
}

static void
count_row(Look *look, guint row)
{
    const HvTable *table = look->interrupts;
    const char *device = hv_table_text(table, row, hv_table_column(table, "device"));
    const double per_s = hv_named_number(table, row, "per_s");
    const int package =
        package_of(look->snapshot->topology, hv_named_number(table, row, "node"));
    guint64 is_movable = 0;
    Card *card;

    if (!device || !(per_s > 0) || package < 0 ||
        !hv_table_u64(table, row, hv_table_column(table, "movable"), &is_movable) ||
        !is_movable)
        return;
    card = find_card(look, device, hv_named_number(table, row, "device_node"));
    if (card)
        add_row(card, table, row, per_s, package);
}

static gboolean
runs_on(const HvVmWalk *vm, int package)
{
    for (guint i = 0; i < vm->n_vcpus; i++)
        if (package_of(vm->topology, hv_vcpu_node(vm, i)) != package)
            return FALSE;
    return vm->n_vcpus > 0;
}

static double
vhost_ratio(const HvVmWalk *vm)
{
    const double ratio = hv_named_number(vm->vms, vm->row, "vhost_ratio");

    return hv_vm_is_running(vm) && ratio > LEAST_VHOST_RATIO ? ratio : 0;
}

/* Exits/s that the VM's interrupts make, NAN where nothing counts them. */
static double
counted_exits(const HvTable *kvm, const char *vm)
{
    const int name = hv_table_column(kvm, "vm");

    for (guint row = 0; kvm && row < hv_table_n_rows(kvm); row++) {
        const char *apicv = hv_table_text(kvm, row, hv_table_column(kvm, "apicv"));

        if (g_strcmp0(hv_table_text(kvm, row, name), vm) == 0)
            return hv_named_number(kvm, row, "injections_per_s") *
                   (g_strcmp0(apicv, "active") == 0 || g_strcmp0(apicv, "likely") == 0
                        ? EXITS_WITH
                        : EXITS_WITHOUT);
    }
    return (double)NAN;
}

static void
add_toll(const Look *look, const Card *card, const HvVmWalk *vm, Toll *toll)
{
    const double far = 1 - card->at[card->package] / card->per_s, part = vhost_ratio(vm);
    const double counted = counted_exits(look->kvm, vm->name);
    const double exits = isnan(counted) ? card->per_s * part / look->vhost_ratio : counted;
    const double cost_ratio = exits * far * FAR_S / vm->n_vcpus;

    toll->n_vms++;
    if (cost_ratio <= toll->cost_ratio)
        return;
    toll->cost_ratio = cost_ratio;
    toll->vm = vm->name;
    toll->is_estimate = isnan(counted);
}

/* Up to four whole cores that no vCPU is pinned to, else the whole node. */
static void
choose_cpus(const Card *card, const HvVmWalk *vm, HvMask *cpus)
{
    HvPlaces places = { 0 };

    for (guint n = MOST_CORES; n > 0; n /= 2)
        if (hv_place_choose_apart(&places, vm, card->node, n, cpus))
            return;
}

/* Where irqbalance runs, a move alone is undone within 10 s. */
static void
write_remedy(const Card *card, const HvVmWalk *vm, char *out, gsize size)
{
    const int first = hv_mask_next(&card->irqs, -1);
    char near[HV_PLACE_NAME_BYTES], cpus[HV_REMEDY_BYTES / 4], irqs[MAX_IRQS_BYTES];
    HvMask free_cpus;

    choose_cpus(card, vm, &free_cpus);
    hv_mask_text(&free_cpus, cpus, sizeof cpus);
    hv_mask_text(&card->irqs, irqs, sizeof irqs);
    hv_place_name(vm->topology, card->node, near, sizeof near);
    if (card->is_balanced)
        g_snprintf(out, size,
                   _("bring them to %s, and keep irqbalance off them: hvtune set "
                     "irq/%d/balanced=off irq/%d/cpus=%s, and so for each of %s"),
                   near, first, first, cpus, irqs);
    else
        g_snprintf(out, size,
                   _("bring them to %s: hvtune set irq/%d/cpus=%s, and so for each of %s"),
                   near, first, cpus, irqs);
}

static void
say(const Card *card, const HvVmWalk *vm, const Toll *toll, HvRuleOut *out)
{
    const double far = 1 - card->at[card->package] / card->per_s;
    char near[HV_PLACE_NAME_BYTES], evidence[256], remedy[HV_REMEDY_BYTES];

    hv_place_name(vm->topology, card->node, near, sizeof near);
    write_remedy(card, vm, remedy, sizeof remedy);
    g_snprintf(evidence, sizeof evidence,
               _("%s is on %s, as are %u VMs that use it; %.0f %% of its %.0f interrupts/s go "
                 "to the other socket; %s pays most"),
               card->name, near, toll->n_vms, 100 * far, card->per_s, toll->vm);
    hv_rule_say(out, &(HvRuleFinding){ .what = card->device,
                                       .cost_ratio = toll->cost_ratio,
                                       .quality = toll->is_estimate ? HV_MARK_ESTIMATED
                                                                    : HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy });
}

static void
judge(const Look *look, const Card *card, HvRuleOut *out)
{
    HvVmWalk vm;
    Toll toll = { 0 };

    if (card->per_s < LEAST_PER_S ||
        card->at[card->package] > (1 - LEAST_FAR_RATIO) * card->per_s)
        return;
    hv_vm_walk_begin(&vm, look->snapshot);
    while (hv_vm_walk_next(&vm))
        if (vhost_ratio(&vm) > 0 && runs_on(&vm, card->package))
            add_toll(look, card, &vm, &toll);
    if (toll.vm)
        say(card, &vm, &toll, out);
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    Look look = { .snapshot = snapshot };
    HvVmWalk vm;

    look.interrupts = hv_snapshot_table(snapshot, "interrupts");
    look.devices = hv_snapshot_table(snapshot, "devices");
    look.kvm = hv_snapshot_table(snapshot, "kvm");
    for (guint row = 0; look.interrupts && row < hv_table_n_rows(look.interrupts); row++)
        count_row(&look, row);
    if (look.n_cards == 0)
        return;
    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look.vhost_ratio += vhost_ratio(&vm);
    for (guint i = 0; i < look.n_cards; i++)
        judge(&look, &look.cards[i], out);
}

const HvRule hv_rule_interrupts_far = {
    .name = "interrupts-far",
    .help = N_("a network card's interrupts go to the other socket than the card and its VMs"),
    .inputs = (const char *const[]){ "vms", "vcpus", "devices", "interrupts", "kvm", NULL },
    .run = run,
};
