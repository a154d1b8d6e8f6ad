/* Recipe: two VMs change places. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "tuners/recipes/helpers.h"
#include "tuners/recipes/move-plan.h"

static gboolean
check_node(const HvScene *scene, int node, GError **error)
{
    return node >= 0 ||
           hv_recipe_refuse(error,
                            _("%s: its vCPUs run on several nodes: it has no place to give: "
                              "hvtune recipe move %s gathers them first"),
                            scene->name, scene->name);
}

/* ---- on two nodes ---- */

static gboolean
plan_one(HvMove *move, const HvScene *scene, const char *other, HvRoom *room, int node,
         GError **error)
{
    hv_room_read(room, scene, other);
    return hv_move_plan(move, scene, room, node, error);
}

/* The second finds what the first has left of both places. */
static gboolean
swap_nodes(const HvScene *one, int node_one, const HvScene *other, int node_other,
           HvRecipeDraft *draft, GError **error)
{
    g_auto(HvMove) first = { 0 };
    g_auto(HvMove) second = { 0 };
    HvRoom room_first, room_second;

    if (!plan_one(&first, one, other->name, &room_first, node_other, error) ||
        !plan_one(&second, other, one->name, &room_second, node_one, error))
        return FALSE;
    hv_move_wish(&first, draft);
    hv_move_wish(&second, draft);
    hv_recipe_note(draft, _("%s goes to node %d:"), one->name, node_other);
    hv_move_note(&first, draft);
    hv_recipe_note(draft, _("%s goes to node %d:"), other->name, node_one);
    hv_move_note(&second, draft);
    hv_recipe_note(draft,
                   _("until the second is moved, both share cpus for some milliseconds"));
    return TRUE;
}

/* ---- on one node: their cpus, one for one ---- */

static void
wish_cpus_of(const HvScene *to, const HvScene *from, HvRecipeDraft *draft)
{
    HvMask allowed;

    for (guint i = 0; i < to->walk.n_vcpus; i++) {
        g_autofree char *number =
            g_strdup_printf("%" G_GUINT64_FORMAT, hv_vcpu_number(&to->walk, i));

        if (hv_vcpu_allowed(&from->walk, i, &allowed))
            hv_recipe_wish(draft, hv_knob_path("vm", to->name, "vcpu", number, "cpus", NULL),
                           hv_scene_text(&allowed));
    }
}

static gboolean
swap_cpus(const HvScene *one, const HvScene *other, HvRecipeDraft *draft, GError **error)
{
    if (one->walk.n_vcpus != other->walk.n_vcpus)
        return hv_recipe_refuse(
            error,
            _("%s has %u vCPUs and %s %u, on one node: their places do not "
              "fit each other: hvtune recipe move takes one to another node"),
            one->name, one->walk.n_vcpus, other->name, other->walk.n_vcpus);
    wish_cpus_of(one, other, draft);
    wish_cpus_of(other, one, draft);
    return TRUE;
}

static gboolean
draft_swap(const HvRecipeCall *call, HvRecipeDraft *draft, GError **error)
{
    g_auto(HvScene) one = { 0 };
    g_auto(HvScene) other = { 0 };
    int node_one, node_other;

    if (!hv_scene_open(&one, call, call->arguments[0], FALSE, error) ||
        !hv_scene_open(&other, call, call->arguments[1], FALSE, error))
        return FALSE;
    if (g_str_equal(one.name, other.name)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: with itself: name two VMs"),
                    one.name);
        return FALSE;
    }
    node_one = hv_scene_vcpu_node(&one);
    node_other = hv_scene_vcpu_node(&other);
    if (!check_node(&one, node_one, error) || !check_node(&other, node_other, error))
        return FALSE;
    draft->title = g_strdup_printf("swap %s and %s", one.name, other.name);
    draft->vm = g_strdup(one.name);
    return node_one == node_other
               ? swap_cpus(&one, &other, draft, error)
               : swap_nodes(&one, node_one, &other, node_other, draft, error);
}

const HvRecipe hv_recipe_swap = {
    .name = "swap",
    .usage = "VM VM",
    .min_arguments = 2,
    .max_arguments = 2,
    .help = N_("two VMs change places: nodes, or on one node their cpus"),
    .details = N_("Each goes to the other's node as with move, onto the cores that the other "
                  "leaves or that are free; on one node\n"
                  "each vCPU gets the cpus of the other VM's vCPU of that number."),
    .tables = (const char *const[]){ "vms", "vcpus", "nodes", "cpus", "residency", "devices",
                                     "interrupts", "host", NULL },
    .draft = draft_swap,
};
