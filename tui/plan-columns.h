/* The columns of a plan's steps: knob, before, after, how well it can be undone, what became of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/dialog.h"
#include "tui/plan-lines.h"

/* Widths. @value is of before and after each; @undo 0: not shown; @last: class or outcome. */
typedef struct {
    int knob, value, undo, last;
} HvPlanColumns;

/** hv_plan_columns_of: as wide as @frame lets them be; outcomes take the place of undo and class. UI thread, as below. */
HvPlanColumns hv_plan_columns_of(const HvFrame *frame, gboolean shows_outcome);
/** hv_plan_draw_columns: five texts; the one for undo is left out beside outcomes. */
void hv_plan_draw_columns(const HvFrame *frame, HvCanvas *canvas, int y, HvRole role, HvRole last_role,
                          const char *const *texts, gboolean shows_outcome);
void hv_plan_draw_step(const HvFrame *frame, HvCanvas *canvas, int y, const HvStep *step, gboolean shows_outcome,
                       gboolean is_current);
/** hv_plan_draw_bar: how far a slow step is. */
void hv_plan_draw_bar(const HvFrame *frame, HvCanvas *canvas, int y, const HvPlanLine *line);
