/* What speaks for and against a node that a VM could go to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/recipes/move-plan.h"

/** hv_move_facts: adds what is known; what is not is left out. The actuator's thread, as below.
 */
void hv_move_facts(const HvMove *move, HvRecipeChoice *choice);
/** hv_move_cost: time, remote share then and undo, in one clause. (transfer full) */
char *hv_move_cost(const HvMove *move);
/** hv_move_is_near_devices: a device was passed through to the VM, and @node is near to it. */
gboolean hv_move_is_near_devices(const HvScene *scene, int node);
