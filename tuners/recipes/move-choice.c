/* Where a VM could go: every way and node, with what speaks for and against it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/recipes/move-choice.h"

#include <math.h>
#include <string.h>

#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"
#include "tuners/recipes/move-facts.h"

/* One node. */
typedef struct {
    HvMove move;
    GError *error; /* why not */
    double rank;   /* smaller is better */
} Candidate;

static void
free_candidate(gpointer data)
{
    Candidate *candidate = data;

    hv_move_clear(&candidate->move);
    g_clear_error(&candidate->error);
    g_free(candidate);
}

/* What is rather not given up for a move of milliseconds: cores of their own, a device near. */
static gboolean
fits(const Candidate *candidate)
{
    const HvScene *scene = candidate->move.scene;
    const int now = hv_scene_vcpu_node(scene);

    if (candidate->move.seats.is_packed)
        return FALSE;
    return !(now >= 0 && hv_move_is_near_devices(scene, now) &&
             !hv_move_is_near_devices(scene, candidate->move.node));
}

static double
rank_of(const Candidate *candidate)
{
    static const double ranks[] = {
        [HV_WAY_NOTHING] = 0, [HV_WAY_VCPUS] = 1, [HV_WAY_MEMORY] = 3, [HV_WAY_BOTH] = 5
    };
    const HvMove *move = &candidate->move;
    const double total = (double)MAX(1, move->scene->memory.total_bytes);

    if (candidate->error)
        return 100 + move->node;
    return ranks[move->way] + (fits(candidate) ? 0 : 3) + (double)move->moved_bytes / total;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    const Candidate *one = *(Candidate *const *)a, *other = *(Candidate *const *)b;

    if (one->rank < other->rank)
        return -1;
    return one->rank > other->rank;
}

/* (transfer full) */
static GPtrArray *
find_candidates(const HvScene *scene, const HvRoom *room)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(free_candidate);

    for (guint i = 0; i < scene->topology->n_nodes; i++) {
        const HvTopoNode *node = &scene->topology->nodes[i];
        Candidate *candidate;

        if (node->node < 0 || node->node >= HV_SCENE_NODES || hv_set_is_empty(node->cpus))
            continue;
        candidate = g_new0(Candidate, 1);
        hv_move_plan(&candidate->move, scene, room, node->node, &candidate->error);
        candidate->rank = rank_of(candidate);
        g_ptr_array_add(found, candidate);
    }
    g_ptr_array_sort(found, compare);
    return found;
}

static char *
title_of(const Candidate *candidate)
{
    static const char *const ways[] = {
        [HV_WAY_NOTHING] = N_("%s: it is there"),
        [HV_WAY_VCPUS] = N_("%s: vCPUs to the memory"),
        [HV_WAY_MEMORY] = N_("%s: memory to the vCPUs"),
        [HV_WAY_BOTH] = N_("%s: vCPUs and memory"),
    };
    char name[HV_PLACE_NAME_BYTES];
    const char *const ways_text = _(ways[candidate->move.way]);
    g_auto(GStrv) parts = g_strsplit(ways_text, "%s", 2);

    hv_place_name(candidate->move.scene->topology, candidate->move.node, name, sizeof name);
    return g_strjoinv(name, parts);
}

void
hv_move_choices(const HvScene *scene, const HvRoom *room, const char *target,
                GPtrArray *choices)
{
    g_autoptr(GPtrArray) found = find_candidates(scene, room);
    gboolean has_best = FALSE;

    for (guint pass = 0; pass < 2; pass++) {
        for (guint i = 0; i < found->len; i++) {
            const Candidate *candidate = found->pdata[i];
            const gboolean is_done = candidate->move.way == HV_WAY_NOTHING && !candidate->error;
            HvRecipeChoice *choice;

            if ((pass == 0) != (!candidate->error && !is_done))
                continue;
            choice = hv_recipe_choice_new();
            choice->title = title_of(candidate);
            choice->arguments = g_new0(char *, 3);
            choice->arguments[0] = g_strdup(target);
            choice->arguments[1] = g_strdup_printf("%d", candidate->move.node);
            choice->why_not = candidate->error ? g_strdup(candidate->error->message)
                              : is_done        ? g_strdup(_("it is there already"))
                                               : NULL;
            choice->is_best = !choice->why_not && !has_best;
            has_best |= choice->is_best;
            hv_move_facts(&candidate->move, choice);
            g_ptr_array_add(choices, choice);
        }
    }
}

/* One line for each way that there is. */
static void
note_candidate(const Candidate *candidate, gboolean is_best, HvRecipeDraft *draft)
{
    g_autofree char *title = title_of(candidate);
    g_autofree char *cost = hv_move_cost(&candidate->move);

    hv_recipe_note(draft, "%s%s: %s", is_best ? _("chosen: ") : _("instead: "), title,
                   candidate->error ? candidate->error->message : cost);
}

gboolean
hv_move_best(const HvScene *scene, const HvRoom *room, HvRecipeDraft *draft, int *node,
             GError **error)
{
    g_autoptr(GPtrArray) found = find_candidates(scene, room);
    Candidate *best = found->len ? found->pdata[0] : NULL;

    if (!best)
        return hv_recipe_refuse(error, _("%s: no node of this host has cpus"), scene->name);
    if (best->error) {
        g_propagate_error(error, g_steal_pointer(&best->error));
        return FALSE;
    }
    *node = best->move.node;
    for (guint i = 0; best->move.way != HV_WAY_NOTHING && i < found->len; i++)
        note_candidate(found->pdata[i], i == 0, draft);
    return TRUE;
}
