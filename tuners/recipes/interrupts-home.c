/* Recipe: a VM's interrupts, and its vhost threads, to the node where its vCPUs run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "model/i18n.h"
#include "tuners/recipes/helpers.h"
#include "tuners/recipes/room.h"

#define HOUSE_CPUS 4

extern const HvRecipe hv_recipe_interrupts_home;

typedef struct {
    HvScene scene;
    const HvTable *interrupts; /* may be NULL */
    int node;
    HvMask here;  /* all cpus of the node */
    HvMask house; /* of the node, where no vCPU is pinned */
    int next;     /* the cpu of @house that was given last, -1: none */
    HvRecipeDraft *draft;
    GString *held; /* interrupts that only --force changes, and why */
    GString *shared;
} Homing;

static void
clear_homing(Homing *at)
{
    hv_scene_clear(&at->scene);
    if (at->held)
        g_string_free(at->held, TRUE);
    if (at->shared)
        g_string_free(at->shared, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Homing, clear_homing)

/* ---- one interrupt ---- */

static const char *
text_of(const Homing *at, guint row, const char *column)
{
    return hv_table_text(at->interrupts, row, hv_table_column(at->interrupts, column));
}

static gboolean
is_home(const Homing *at, guint row)
{
    HvMask cpus;
    const char *effective = text_of(at, row, "cpus_effective");

    return hv_mask_parse(&cpus, effective ? effective : text_of(at, row, "cpus_wanted")) &&
           hv_mask_is_subset(&cpus, &at->here);
}

/* One that goes to a single cpu gets one of the node's, each another; others get them all. */
static char *
home_of(Homing *at, guint row)
{
    HvMask wanted;

    if (!hv_mask_parse(&wanted, text_of(at, row, "cpus_wanted")) || hv_mask_count(&wanted) > 1)
        return hv_scene_text(&at->house);
    at->next = hv_mask_next(&at->house, at->next);
    if (at->next < 0)
        at->next = hv_mask_next(&at->house, -1);
    return g_strdup_printf("%d", at->next);
}

/* irqbalance would bring it back within seconds: it is told first to leave it alone. */
static void
wish_interrupt(Homing *at, guint row)
{
    const char *irq = text_of(at, row, "irq");
    g_autofree char *balanced = hv_knob_path("irq", irq, "balanced", NULL);
    g_auto(HvValue) value = { 0 };

    if (hv_scene_read(&at->scene, balanced, &value, NULL) && value.number)
        hv_recipe_wish(at->draft, g_steal_pointer(&balanced), g_strdup("off"));
    hv_recipe_wish(at->draft, hv_knob_path("irq", irq, "cpus", NULL), home_of(at, row));
}

static gboolean
is_movable(const Homing *at, guint row)
{
    guint64 movable = TRUE;

    hv_table_u64(at->interrupts, row, hv_table_column(at->interrupts, "movable"), &movable);
    return movable != 0;
}

static void
visit(Homing *at, guint row)
{
    const char *why = text_of(at, row, "why_not");

    if (is_home(at, row))
        return;
    if (is_movable(at, row) || at->scene.call->force) {
        wish_interrupt(at, row);
        return;
    }
    g_string_append_printf(at->held, "%s%s (%s)", at->held->len ? ", " : "",
                           text_of(at, row, "irq"),
                           why ? why : _("it cannot be told whether it moves"));
}

/* ---- whose it is ---- */

/* Which VM the device was passed through to, or NULL. Borrowed. */
static const char *
vm_of_device(const Homing *at, const char *device, gboolean *is_network)
{
    const HvTable *devices = hv_snapshot_table(at->scene.call->snapshot, "devices");
    g_autofree char *key = hv_knob_escape(device);
    const int row = devices ? hv_table_find(devices, key) : -1;
    const char *class_name;

    *is_network = FALSE;
    if (row < 0)
        return NULL;
    class_name = hv_table_text(devices, (guint)row, hv_table_column(devices, "class"));
    *is_network = g_strcmp0(class_name, "ethernet") == 0;
    return hv_table_text(devices, (guint)row, hv_table_column(devices, "vm"));
}

/* A network card of the host's carries this VM's packets among others'. Where the card is on
 * another node, there its interrupts are at home. */
static void
visit_shared(Homing *at, guint row)
{
    guint64 node;

    if (hv_table_u64(at->interrupts, row, hv_table_column(at->interrupts, "device_node"),
                     &node) &&
        node != (guint64)at->node)
        return;
    if (at->scene.call->force) {
        visit(at, row);
        return;
    }
    if (!is_home(at, row))
        g_string_append_printf(at->shared, "%s%s", at->shared->len ? ", " : "",
                               text_of(at, row, "irq"));
}

static void
visit_all(Homing *at)
{
    const char *last = NULL;

    for (guint row = 0; at->interrupts && row < hv_table_n_rows(at->interrupts); row++) {
        const char *irq = text_of(at, row, "irq"), *device = text_of(at, row, "device");
        gboolean is_network;
        const char *vm;

        if (!irq || !device || g_strcmp0(irq, last) == 0) /* a row for each node */
            continue;
        last = irq;
        vm = vm_of_device(at, device, &is_network);
        if (g_strcmp0(vm, at->scene.name) == 0)
            visit(at, row);
        else if ((!vm || !*vm) && is_network && hv_helpers_vhost(at->scene.guest))
            visit_shared(at, row);
    }
}

/* ---- vhost ---- */

/* Its vhost threads, and with them the emulator where they cannot leave it. */
static void
visit_vhost(Homing *at)
{
    const HvGuest *guest = at->scene.guest;
    const HvThread *vhost = hv_helpers_vhost(guest);
    HvMask now;

    if (!vhost || !hv_scene_thread_cpus(&at->scene, vhost, &now) ||
        hv_mask_is_subset(&now, &at->here))
        return;
    if (hv_mask_intersects(&now, &at->here)) {
        hv_mask_intersect(&now, &at->here);
        hv_recipe_wish(at->draft, hv_helpers_path(guest, vhost), hv_scene_text(&now));
        return;
    }
    if (!hv_helpers_follows(at->scene.call->host, guest, vhost)) {
        hv_recipe_wish(at->draft, hv_helpers_path(guest, vhost), hv_scene_text(&at->house));
        return;
    }
    hv_recipe_wish(at->draft, hv_knob_path("vm", guest->name, "emulator", "cpus", NULL),
                   hv_scene_text(&at->house));
    hv_recipe_note(at->draft, _("its vhost threads are in the emulator's cgroup: they go where "
                                "the emulator goes"));
}

/* ---- the recipe ---- */

static void
find_house(Homing *at)
{
    HvRoom room;
    HvMask cores, own;

    hv_room_read(&room, &at->scene, NULL);
    hv_scene_vcpu_cpus(&at->scene, &own);
    if (hv_room_pins(&at->scene) != HV_PINS_FLOATING)
        hv_mask_union(&room.vcpus, &own);
    hv_room_free_cores(&room, &at->scene, at->node, &cores);
    hv_room_house(&room, &at->scene, at->node, &cores, HOUSE_CPUS, &at->house);
    if (hv_mask_count(&at->house) == 0)
        at->house = at->here;
}

static void
note_rest(const Homing *at)
{
    if (at->shared->len)
        hv_recipe_note(at->draft,
                       _("interrupts %s go elsewhere, but their card serves others too: left "
                         "alone; --force sends them to node %d as well"),
                       at->shared->str, at->node);
    if (at->held->len)
        hv_recipe_note(at->draft, _("left alone unless --force is given: %s"), at->held->str);
}

static gboolean
draft_home(const HvRecipeCall *call, HvRecipeDraft *draft, GError **error)
{
    g_auto(Homing) at = { .draft = draft,
                          .next = -1,
                          .held = g_string_new(NULL),
                          .shared = g_string_new(NULL),
                          .interrupts = hv_snapshot_table(call->snapshot, "interrupts") };

    if (!hv_recipe_arguments(&hv_recipe_interrupts_home, call, 1, 1, error) ||
        !hv_scene_open(&at.scene, call, call->arguments[0], FALSE, error))
        return FALSE;
    at.node = hv_scene_vcpu_node(&at.scene);
    if (at.node < 0)
        return hv_recipe_refuse(
            error,
            _("%s: its vCPUs run on several nodes: there is no home: hvtune "
              "recipe move %s gathers them first"),
            at.scene.name, at.scene.name);
    hv_scene_node_cpus(&at.scene, at.node, &at.here);
    find_house(&at);
    draft->title = g_strdup_printf("interrupts-home %s", at.scene.name);
    draft->vm = g_strdup(at.scene.name);
    visit_vhost(&at);
    visit_all(&at);
    if (draft->wishes->len == 0 && at.held->len && !at.shared->len)
        return hv_recipe_refuse(error,
                                _("%s: none of its interrupts can be sent home: %s; "
                                  "--force tries it all the same"),
                                at.scene.name, at.held->str);
    note_rest(&at);
    return TRUE;
}

const HvRecipe hv_recipe_interrupts_home = {
    .name = "interrupts-home",
    .usage = "VM",
    .help = N_("sends a VM's interrupts and vhost threads to the node of its vCPUs"),
    .details =
        N_("Only interrupts of devices that were passed through to it; of a card that "
           "serves others too the VM's vhost threads\n"
           "move, and with --force that card's interrupts. irqbalance is told first to "
           "leave each of them alone. Those of vfio\n"
           "are changed only with --force: where they are posted, this affinity does not "
           "say who takes them."),
    .tables = (const char *const[]){ "vms", "vcpus", "nodes", "cpus", "residency", "devices",
                                     "interrupts", NULL },
    .draft = draft_home,
};
