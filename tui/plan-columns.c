/* The columns of a plan's steps: knob, before, after, how well it can be undone, what became of
 * it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/plan-columns.h"

#include "model/i18n.h"

#define WIDE 96 /* columns inside that leave room for long values */
#define UNDO_WIDTH 6
#define CLASS_WIDTH 8
#define OUTCOME_WIDTH 12
#define BAR_WIDTH 20

HvPlanColumns
hv_plan_columns_of(const HvFrame *frame, gboolean shows_outcome)
{
    HvPlanColumns columns = { .value = frame->width >= WIDE ? 20 : 12 };

    columns.undo = shows_outcome ? 0 : UNDO_WIDTH;
    columns.last = shows_outcome ? OUTCOME_WIDTH : CLASS_WIDTH;
    columns.knob = frame->width - 2 - 2 * (columns.value + 1) - columns.last - 1 -
                   (columns.undo ? columns.undo + 1 : 0);
    return columns;
}

void
hv_plan_draw_columns(const HvFrame *frame, HvCanvas *canvas, int y, HvRole role,
                     HvRole last_role, const char *const *texts, gboolean shows_outcome)
{
    const HvPlanColumns columns = hv_plan_columns_of(frame, shows_outcome);
    const int widths[] = { columns.knob, columns.value, columns.value, columns.undo,
                           columns.last };
    int x = frame->x + 2;

    for (gsize i = 0; i < G_N_ELEMENTS(widths); i++) {
        if (!widths[i])
            continue;
        hv_canvas_print_in(canvas, x, y, widths[i], -1,
                           i + 1 == G_N_ELEMENTS(widths) ? last_role : role, texts[i]);
        x += widths[i] + 1;
    }
}

void
hv_plan_draw_step(const HvFrame *frame, HvCanvas *canvas, int y, const HvStep *step,
                  gboolean shows_outcome, gboolean is_current)
{
    g_autofree char *before = hv_value_to_text(&step->before);
    g_autofree char *after = hv_value_to_text(&step->after);
    const HvRole role = is_current ? HV_ROLE_CURSOR : HV_ROLE_DIALOG;
    const char *texts[] = { step->knob, before, after, _(hv_undo_name(step->undo)),
                            shows_outcome ? _(hv_outcome_name(step->state))
                                          : _(hv_step_class_name(step->step_class)) };

    if (is_current) {
        hv_canvas_fill(canvas, frame->x + 2, y, frame->width - 2, 1, role, " ");
        hv_canvas_print(canvas, frame->x, y, HV_ROLE_DIALOG, hv_canvas_glyph(canvas, "▌", ">"));
    }
    hv_plan_draw_columns(frame, canvas, y, role,
                         shows_outcome ? hv_outcome_role(step->state) : role, texts,
                         shows_outcome);
}

void
hv_plan_draw_bar(const HvFrame *frame, HvCanvas *canvas, int y, const HvPlanLine *line)
{
    hv_canvas_bar(canvas, frame->x + 4, y, BAR_WIDTH, HV_ROLE_GRAPH, line->done_ratio);
    hv_canvas_print(canvas, frame->x + 5 + BAR_WIDTH, y, line->role, line->text);
}
