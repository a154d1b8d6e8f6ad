/* Who is counted when there are more VMs than RMIDs may be used. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/resctrl-choose.h"

#define TURNS_PART 4 /* of the groups are for those that take turns */

static gboolean
is_held(const HvResctrlCandidate *candidate, gint64 now_ns)
{
    return candidate->held_ns > 0 && now_ns - candidate->held_ns < HV_RESCTRL_HOLD_NS;
}

/* What is looked at, then what would be dropped too soon, then the worst. */
static int
compare_worst(gconstpointer a, gconstpointer b, gpointer data)
{
    const HvResctrlCandidate *left = *(HvResctrlCandidate *const *)a,
                             *right = *(HvResctrlCandidate *const *)b;
    const gint64 now_ns = *(const gint64 *)data;

    if (left->is_wanted != right->is_wanted)
        return left->is_wanted ? -1 : 1;
    if (is_held(left, now_ns) != is_held(right, now_ns))
        return is_held(left, now_ns) ? -1 : 1;
    if (left->rank > right->rank || left->rank < right->rank)
        return left->rank > right->rank ? -1 : 1;
    return left < right ? -1 : left > right;
}

/* Whose turn is not over, then who was not counted for longest. */
static int
compare_turn(gconstpointer a, gconstpointer b, gpointer data)
{
    const HvResctrlCandidate *left = *(HvResctrlCandidate *const *)a,
                             *right = *(HvResctrlCandidate *const *)b;
    const gint64 now_ns = *(const gint64 *)data;

    if (is_held(left, now_ns) != is_held(right, now_ns))
        return is_held(left, now_ns) ? -1 : 1;
    if (left->counted_ns != right->counted_ns)
        return left->counted_ns < right->counted_ns ? -1 : 1;
    if (left->is_wanted != right->is_wanted)
        return left->is_wanted ? -1 : 1;
    return left < right ? -1 : left > right;
}

/* Takes from the front what fits; the others stay, in their order. Returns: what is left. */
static guint
take(GPtrArray *queue, guint limit)
{
    for (guint i = 0; i < queue->len && limit > 0;) {
        HvResctrlCandidate *candidate = queue->pdata[i];

        if (candidate->n_groups > limit) {
            i++;
            continue;
        }
        candidate->is_chosen = TRUE;
        limit -= candidate->n_groups;
        g_ptr_array_remove_index(queue, i);
    }
    return limit;
}

void
hv_resctrl_choose(HvResctrlCandidate *candidates, guint n, guint limit, gint64 now_ns)
{
    g_autoptr(GPtrArray) queue = g_ptr_array_sized_new(n);
    guint n_needed = 0, n_turns = 0;

    for (guint i = 0; i < n; i++) {
        candidates[i].is_chosen = FALSE;
        n_needed += candidates[i].n_groups;
        g_ptr_array_add(queue, &candidates[i]);
    }
    if (n_needed > limit)
        n_turns = MIN(MAX(limit / TURNS_PART, 1), limit);
    g_ptr_array_sort_with_data(queue, compare_worst, &now_ns);
    limit = take(queue, limit - n_turns);
    g_ptr_array_sort_with_data(queue, compare_turn, &now_ns);
    (void)take(queue, limit + n_turns);
}
