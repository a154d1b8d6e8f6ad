/* Recipe: whole cores for one VM, that no other thread of a VM is on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "tuners/recipes/helpers.h"
#include "tuners/recipes/room.h"

#define LEAST_HOUSEKEEPING 2 /* cores of each node that are left to the host */
#define HOUSE_CPUS 4

typedef struct {
    HvScene scene;
    HvRoom room;
    int node;
    gboolean stays; /* on the cores that it has */
    HvSeats seats;  /* else */
    HvMask cpus;    /* all threads of its cores */
    HvMask house;   /* for what has nowhere else to go */
    HvRecipeDraft *draft;
} Isolation;

static void
clear_isolation(Isolation *at)
{
    hv_seats_clear(&at->seats);
    hv_scene_clear(&at->scene);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Isolation, clear_isolation)

/* All threads of the cores that @cpus are on. */
static void
whole_cores(const HvScene *scene, const HvMask *cpus, HvMask *all)
{
    HvMask one;

    hv_mask_clear(all);
    HV_MASK_FOREACH(cpu, cpus)
    {
        const HvTopoCpu *found = hv_topology_cpu(scene->topology, (guint)cpu);

        if (!found || found->core < 0)
            continue;
        hv_scene_core_cpus(scene, (guint)found->core, &one);
        hv_mask_union(all, &one);
    }
}

/* ---- which cores ---- */

/* Its own cores, where nobody else is pinned to them; else others of the same node. */
static gboolean
choose_cores(Isolation *at, GError **error)
{
    HvMask own;

    hv_scene_vcpu_cpus(&at->scene, &own);
    whole_cores(&at->scene, &own, &at->cpus);
    at->stays = hv_room_pins(&at->scene) != HV_PINS_FLOATING &&
                !hv_mask_intersects(&at->cpus, &at->room.vcpus);
    if (at->stays)
        return TRUE;
    if (!hv_room_seat(&at->room, &at->scene, at->node, HV_PINS_ONE, &at->seats, error))
        return FALSE;
    whole_cores(&at->scene, &at->seats.vcpus, &at->cpus);
    return TRUE;
}

/* Cores of @node that are not taken for this, and where no vCPU is pinned, or emulators are
 * at home beside it. */
static guint
count_left(const Isolation *at, int node)
{
    HvMask node_cpus, cores, taken;

    hv_scene_node_cpus(&at->scene, node, &node_cpus);
    hv_mask_clear(&cores);
    hv_mask_clear(&taken);
    HV_MASK_FOREACH(cpu, &node_cpus)
    {
        const HvTopoCpu *found = hv_topology_cpu(at->scene.topology, (guint)cpu);

        if (!found || found->core < 0)
            continue;
        hv_mask_add(&cores, (guint)found->core);
        if (hv_mask_has(&at->cpus, (guint)cpu) || (hv_mask_has(&at->room.vcpus, (guint)cpu) &&
                                                   !hv_mask_has(&at->room.helpers, (guint)cpu)))
            hv_mask_add(&taken, (guint)found->core);
    }
    hv_mask_subtract(&cores, &taken);
    return hv_mask_count(&cores);
}

static gboolean
check_left(const Isolation *at, GError **error)
{
    const guint n_left = count_left(at, at->node);

    return n_left >= LEAST_HOUSEKEEPING ||
           hv_recipe_refuse(
               error,
               _("%s: %u cores of node %d would be left to the host and to all that "
                 "is not pinned: at least %d must: move another VM away first"),
               at->scene.name, n_left, at->node, LEAST_HOUSEKEEPING);
}

static void
find_house(Isolation *at)
{
    HvRoom room = at->room;
    HvMask cores;

    hv_mask_union(&room.vcpus, &at->cpus);
    hv_room_free_cores(&room, &at->scene, at->node, &cores);
    hv_room_house(&room, &at->scene, at->node, &cores, HOUSE_CPUS, &at->house);
}

/* ---- steps ---- */

static void
wish_own_vcpus(const Isolation *at)
{
    const HvVmWalk *walk = &at->scene.walk;

    for (guint i = 0; !at->stays && i < walk->n_vcpus; i++) {
        g_autofree char *number =
            g_strdup_printf("%" G_GUINT64_FORMAT, hv_vcpu_number(walk, i));

        hv_recipe_wish(at->draft,
                       hv_knob_path("vm", at->scene.name, "vcpu", number, "cpus", NULL),
                       hv_seats_vcpu(&at->seats, i));
    }
}

/* What is left of its cpus without the VM's cores; NULL: it is on none of them. */
static char *
elsewhere(const HvMask *now, gpointer data)
{
    const Isolation *at = data;
    HvMask rest = *now;

    if (!hv_mask_intersects(now, &at->cpus))
        return NULL;
    hv_mask_subtract(&rest, &at->cpus);
    if (hv_mask_count(&rest) == 0)
        rest = at->house;
    return hv_mask_count(&rest) ? hv_scene_text(&rest) : NULL;
}

static void
wish_other_vcpus(Isolation *at, const HvVmWalk *walk)
{
    HvMask allowed;

    for (guint i = 0; i < walk->n_vcpus; i++) {
        g_autofree char *number =
            g_strdup_printf("%" G_GUINT64_FORMAT, hv_vcpu_number(walk, i));
        char *text = hv_vcpu_allowed(walk, i, &allowed) ? elsewhere(&allowed, at) : NULL;

        if (text)
            hv_recipe_wish(at->draft,
                           hv_knob_path("vm", walk->name, "vcpu", number, "cpus", NULL), text);
    }
}

/* Its own helpers too: they would take time from its vCPUs. */
static void
wish_all(Isolation *at)
{
    HvVmWalk walk;

    wish_own_vcpus(at);
    hv_vm_walk_begin(&walk, at->scene.call->snapshot);
    while (hv_vm_walk_next(&walk)) {
        const HvGuest *guest = hv_guest_list_find(at->scene.list, walk.name);

        if (!g_str_equal(walk.name, at->scene.name))
            wish_other_vcpus(at, &walk);
        if (guest)
            hv_helpers_wish(at->scene.call->host, guest, elsewhere, at, at->draft);
    }
}

/* ---- what else may run there ---- */

static void
note_slices(const Isolation *at)
{
    HvMask rest;
    g_autofree char *cpus = hv_scene_text(&at->cpus);
    g_autofree char *others = NULL;

    hv_mask_clear(&rest);
    HV_SET_FOREACH(cpu, at->scene.topology->online)
    {
        if (cpu < HV_MASK_CPUS)
            hv_mask_add(&rest, (guint)cpu);
    }
    hv_mask_subtract(&rest, &at->cpus);
    others = hv_scene_text(&rest);
    hv_recipe_note(at->draft,
                   _("not part of this plan: services keep off cpus %s with: systemctl "
                     "set-property --runtime system.slice AllowedCPUs=%s; what is pinned there "
                     "then loses its pins, and undo does not take it back"),
                   cpus, others);
    hv_recipe_note(at->draft,
                   _("VMs that start later may run there unless they are pinned: machine.slice "
                     "holds %s too, so AllowedCPUs cannot keep only the others off"),
                   at->scene.name);
}

/* Interrupts that go to the VM's cores. */
static void
note_interrupts(const Isolation *at)
{
    const HvTable *table = hv_snapshot_table(at->scene.call->snapshot, "interrupts");
    g_autoptr(GString) irqs = g_string_new(NULL);
    const char *last = NULL;
    HvMask cpus;

    for (guint row = 0; table && row < hv_table_n_rows(table); row++) {
        const char *irq = hv_table_text(table, row, hv_table_column(table, "irq"));

        if (!irq || g_strcmp0(irq, last) == 0 || !g_ascii_isdigit(irq[0]) ||
            !hv_mask_parse(
                &cpus, hv_table_text(table, row, hv_table_column(table, "cpus_effective"))) ||
            !hv_mask_intersects(&cpus, &at->cpus))
            continue;
        g_string_append_printf(irqs, "%s%s", irqs->len ? ", " : "", irq);
        last = irq;
    }
    if (irqs->len)
        hv_recipe_note(at->draft, _("interrupts go there still: %s: hvtune set irq/N/cpus=…"),
                       irqs->str);
}

static gboolean
draft_isolate(const HvRecipeCall *call, HvRecipeDraft *draft, GError **error)
{
    g_auto(Isolation) at = { .draft = draft };

    if (!hv_scene_open(&at.scene, call, call->arguments[0], FALSE, error))
        return FALSE;
    at.node = hv_scene_vcpu_node(&at.scene);
    if (at.node < 0)
        return hv_recipe_refuse(error,
                                _("%s: its vCPUs run on several nodes: hvtune recipe move %s "
                                  "gathers them first"),
                                at.scene.name, at.scene.name);
    hv_room_read(&at.room, &at.scene, NULL);
    if (!choose_cores(&at, error) || !check_left(&at, error))
        return FALSE;
    find_house(&at);
    draft->title = g_strdup_printf("isolate %s", at.scene.name);
    draft->vm = g_strdup(at.scene.name);
    wish_all(&at);
    note_interrupts(&at);
    note_slices(&at);
    return TRUE;
}

const HvRecipe hv_recipe_isolate = {
    .name = "isolate",
    .usage = "VM",
    .min_arguments = 1,
    .max_arguments = 1,
    .help = N_("whole cores for a VM's vCPUs, with no other VM's thread on them"),
    .details =
        N_("It keeps its cores where nobody else is pinned to them, else it gets others of "
           "its node. vCPUs of other VMs that\n"
           "float, and all emulators, iothreads and vhost threads, are taken off them. At "
           "least two cores of the node are\n"
           "left to the host."),
    .tables = (const char *const[]){ "vms", "vcpus", "nodes", "cpus", "residency", "interrupts",
                                     NULL },
    .draft = draft_isolate,
};
