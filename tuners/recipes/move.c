/* Recipe: brings a VM's threads and memory together on one node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "tuners/recipes/move-choice.h"

/* The node that is meant, or the best one. */
static gboolean
find_node(const HvScene *scene, const HvRoom *room, HvRecipeDraft *draft, int *node,
          GError **error)
{
    const char *text = scene->call->arguments[1];

    if (text)
        return hv_scene_node_argument(scene, text, node, error);
    return hv_move_best(scene, room, draft, node, error);
}

static gboolean
draft_move(const HvRecipeCall *call, HvRecipeDraft *draft, GError **error)
{
    g_auto(HvScene) scene = { 0 };
    g_auto(HvMove) move = { 0 };
    HvRoom room;
    int node;

    if (!hv_scene_open(&scene, call, call->arguments[0], TRUE, error))
        return FALSE;
    hv_room_read(&room, &scene, NULL);
    if (!find_node(&scene, &room, draft, &node, error) ||
        !hv_move_plan(&move, &scene, &room, node, error))
        return FALSE;
    draft->title = g_strdup_printf("move %s to node %d", call->arguments[0], node);
    draft->vm = g_strdup(scene.name);
    hv_move_wish(&move, draft);
    hv_move_note(&move, draft);
    return TRUE;
}

static gboolean
choose_move(const HvRecipeCall *call, GPtrArray *choices, GError **error)
{
    g_auto(HvScene) scene = { 0 };
    HvRoom room;

    if (!hv_scene_open(&scene, call, call->arguments[0], TRUE, error))
        return FALSE;
    hv_room_read(&room, &scene, NULL);
    hv_move_choices(&scene, &room, call->arguments[0], choices);
    return TRUE;
}

const HvRecipe hv_recipe_move = {
    .name = "move",
    .usage = "VM[/cell/N] [NODE]",
    .min_arguments = 1,
    .max_arguments = 2,
    .help = N_("brings a VM's vCPUs, helper threads and memory together on one node"),
    .details =
        N_("First the vCPUs, then emulator, iothreads and vhost threads, then what of its "
           "memory lies elsewhere.\n"
           "vCPUs get whole cores that nobody else is pinned to, in pairs where they are in "
           "pairs now; one that floats gets\n"
           "the node's cpus. Without NODE it compares: vCPUs to the memory, memory to the "
           "vCPUs, both elsewhere; and takes\n"
           "the first that there is room for. A guest with several NUMA cells is moved cell "
           "by cell: VM/cell/0."),
    .tables = (const char *const[]){ "vms", "vcpus", "nodes", "cpus", "residency", "traffic",
                                     "matrix", "links", "memory_traffic", "llc", "devices",
                                     "interrupts", "host", NULL },
    .draft = draft_move,
    .choose = choose_move,
};
