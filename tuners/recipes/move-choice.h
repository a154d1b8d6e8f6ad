/* Where a VM could go: every way and node, with what speaks for and against it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/recipes/move-plan.h"

/** hv_move_choices: adds one HvRecipeChoice for each node, best first, refused ones last.
 * @target: "VM" or "VM/cell/N", as typed. The actuator's thread, as below. */
void hv_move_choices(const HvScene *scene, const HvRoom *room, const char *target,
                     GPtrArray *choices);
/** hv_move_best: the node of the best one; notes what was compared. REFUSED when there is none,
 * with the reason of the one that was nearest. */
gboolean hv_move_best(const HvScene *scene, const HvRoom *room, HvRecipeDraft *draft, int *node,
                      GError **error);
