/* Recipe: a VM's interrupts, and its vhost threads, to the node where its vCPUs run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "tuners/recipes/helpers.h"
#include "tuners/recipes/irq-home.h"
#include "tuners/recipes/room.h"

#define HOUSE_CPUS 4

/* ---- vhost ---- */

/* Its vhost threads, and with them the emulator where they cannot leave it. */
static void
visit_vhost(HvIrqHome *at)
{
    const HvGuest *guest = at->scene->guest;
    const HvThread *vhost = hv_helpers_vhost(guest);
    HvMask now;

    if (!vhost || !hv_scene_thread_cpus(at->scene, vhost, &now) ||
        hv_mask_is_subset(&now, &at->here))
        return;
    if (hv_mask_intersects(&now, &at->here)) {
        hv_mask_intersect(&now, &at->here);
        hv_recipe_wish(at->draft, hv_helpers_path(guest, vhost), hv_scene_text(&now));
        return;
    }
    if (!hv_helpers_follows(at->scene->call->host, guest, vhost)) {
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
find_house(const HvScene *scene, int node, HvMask *house)
{
    HvRoom room;
    HvMask cores, own;

    hv_room_read(&room, scene, NULL);
    hv_scene_vcpu_cpus(scene, &own);
    if (hv_room_pins(scene) != HV_PINS_FLOATING)
        hv_mask_union(&room.vcpus, &own);
    hv_room_free_cores(&room, scene, node, &cores);
    hv_room_house(&room, scene, node, &cores, HOUSE_CPUS, house);
    if (hv_mask_count(house) == 0)
        hv_scene_node_cpus(scene, node, house);
}

static void
note_rest(const HvIrqHome *at)
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
    g_auto(HvScene) scene = { 0 };
    g_auto(HvIrqHome) at = { 0 };
    HvMask house;
    int node;

    if (!hv_scene_open(&scene, call, call->arguments[0], FALSE, error))
        return FALSE;
    node = hv_scene_vcpu_node(&scene);
    if (node < 0)
        return hv_recipe_refuse(
            error,
            _("%s: its vCPUs run on several nodes: there is no home: hvtune "
              "recipe move %s gathers them first"),
            scene.name, scene.name);
    find_house(&scene, node, &house);
    hv_irq_home_init(&at, &scene, node, &house, draft);
    draft->title = g_strdup_printf("interrupts-home %s", scene.name);
    draft->vm = g_strdup(scene.name);
    visit_vhost(&at);
    hv_irq_home_visit(&at, TRUE);
    if (draft->wishes->len == 0 && at.held->len && !at.shared->len)
        return hv_recipe_refuse(error,
                                _("%s: none of its interrupts can be sent home: %s; "
                                  "--force tries it all the same"),
                                scene.name, at.held->str);
    note_rest(&at);
    return TRUE;
}

const HvRecipe hv_recipe_interrupts_home = {
    .name = "interrupts-home",
    .usage = "VM",
    .min_arguments = 1,
    .max_arguments = 1,
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
