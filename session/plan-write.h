/* A plan as a text to keep: lines KNOB = VALUE, or what a person would type in a shell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"

/** hv_plan_to_lines: "KNOB = VALUE" per step, in their order, with what it was, risk and notes
 * as comments behind "#". (transfer full). Any thread, as all below. */
char *hv_plan_to_lines(const HvPlan *plan);
/** hv_plan_to_shell: a script of the steps' shell lines that ends at the first that fails; a
 * step without one is a comment. (transfer full) */
char *hv_plan_to_shell(const HvPlan *plan);
/** hv_plan_write: into a new file @path, readable by its owner alone; the shell form where it
 * ends in ".sh", which may then be executed. CONFLICT where there is such a file already:
 * nothing is overwritten. Returns: a line for people, (transfer full), or NULL. */
char *hv_plan_write(const HvPlan *plan, const char *path, GError **error);
