/* What a plan says of itself, as lines: its steps, then room, risk and what will be watched. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/plan-lines.h"

#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "tui/dialog.h"
#include "tui/pick.h"

HvRole
hv_outcome_role(HvOutcomeState state)
{
    switch (state) {
    case HV_OUTCOME_DONE:
        return HV_ROLE_GOOD;
    case HV_OUTCOME_FAILED:
    case HV_OUTCOME_UNKNOWN:
    case HV_OUTCOME_DIFFERS:
        return HV_ROLE_HOT;
    case HV_OUTCOME_TAKEN_BACK:
    case HV_OUTCOME_SKIPPED:
    case HV_OUTCOME_BEGUN:
        return HV_ROLE_WARM;
    case HV_OUTCOME_PLANNED:
    default:
        return HV_ROLE_DIALOG;
    }
}

/* ---- lines ---- */

static void
clear_line(gpointer data)
{
    g_free(((HvPlanLine *)data)->text);
}

GArray *
hv_plan_lines_new(void)
{
    GArray *lines = g_array_new(FALSE, TRUE, sizeof(HvPlanLine));

    g_array_set_clear_func(lines, clear_line);
    return lines;
}

void
hv_plan_line_add(GArray *lines, int step, HvRole role, char *take_text)
{
    const HvPlanLine line = { .step = step, .role = role, .text = take_text };

    g_array_append_val(lines, line);
}

void
hv_plan_line_wrap(GArray *lines, int step, HvRole role, const char *prefix, const char *text,
                  int width)
{
    g_autoptr(GPtrArray) pieces = hv_dialog_wrap(text, width - 4);

    for (guint i = 0; i < pieces->len; i++)
        hv_plan_line_add(lines, step, role,
                         g_strconcat(i ? "    " : prefix, g_ptr_array_index(pieces, i), NULL));
}

/* ---- steps ---- */

static void
add_progress(GArray *lines, int index, const HvStep *step)
{
    HvPlanLine line = { .step = index, .role = HV_ROLE_WARM };

    if (step->state != HV_OUTCOME_BEGUN ||
        (!step->progress && step->step_class != HV_STEP_SLOW))
        return;
    if (isnan(step->progress_ratio)) {
        line.text = g_strdup_printf("    %s", step->progress ? step->progress : "");
    } else {
        line.is_bar = TRUE;
        line.done_ratio = step->progress_ratio;
        line.text = g_strdup_printf("%3.0f %%  %s", step->progress_ratio * 100,
                                    step->progress ? step->progress : "");
    }
    g_array_append_val(lines, line);
}

static void
add_step(GArray *lines, int index, const HvStep *step, int width)
{
    hv_plan_line_add(lines, index, HV_ROLE_DIALOG, NULL);
    add_progress(lines, index, step);
    if (step->error)
        hv_plan_line_wrap(lines, index, HV_ROLE_HOT, "    ", step->error, width);
    if (step->state == HV_OUTCOME_DIFFERS) {
        g_autofree char *found = hv_value_to_text(&step->found);
        g_autofree char *text = g_strdup_printf(_("the host made %s of it"), found);

        hv_plan_line_wrap(lines, index, HV_ROLE_HOT, "    ", text, width);
    }
}

void
hv_plan_step_lines(GArray *lines, const HvPlan *plan, int width)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        add_step(lines, (int)i, hv_plan_step(plan, i), width);
}

void
hv_plan_shell_lines(GArray *lines, const HvPlan *plan, int width)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        if (hv_plan_step(plan, i)->shell_line)
            hv_plan_line_wrap(lines, (int)i, HV_ROLE_DIALOG, "$ ",
                              hv_plan_step(plan, i)->shell_line, width);
}

/* ---- what it says besides ---- */

char *
hv_plan_vm(const HvPlan *plan)
{
    const char *knob = hv_plan_n_steps(plan) ? hv_plan_step(plan, 0)->knob : "";
    g_auto(GStrv) parts = NULL;

    if (plan->vm)
        return g_strdup(plan->vm);
    parts = g_strsplit(knob, "/", 3);
    return g_str_has_prefix(knob, "vm/") && parts[1] ? hv_knob_unescape(parts[1], NULL) : NULL;
}

static void
add_metric(GString *text, const char *name)
{
    if (text->len)
        g_string_append_printf(text, ", %s", name);
    else
        g_string_append_printf(text, _("%s (main)"), name);
}

/* In the order in which the main metric is chosen. */
char *
hv_plan_watched(const HvPlan *plan, const HvSnapshot *now)
{
    const HvTable *watches = hv_snapshot_table(now, "watches");
    g_autofree char *vm = hv_plan_vm(plan);
    GString *text = g_string_new(NULL);

    for (int i = 0; watches && i < (int)hv_table_n_rows(watches); i++)
        if (hv_pick_text(watches, i, "watch"))
            add_metric(text, hv_pick_text(watches, i, "watch"));
    if (vm) {
        add_metric(text, _("wait"));
        add_metric(text, _("overhead"));
        add_metric(text, _("remote share"));
    }
    return g_string_free(text, text->len == 0);
}

/* Equal risks and remarks of several steps are said once. */
static void
add_once(GArray *lines, GHashTable *said, const char *label, const char *text, int width)
{
    g_autofree char *prefix = NULL;

    if (!text || !g_hash_table_add(said, g_strdup(text)))
        return;
    prefix = g_strconcat(label, " ", text, NULL);
    hv_plan_line_wrap(lines, -1, HV_ROLE_WARM, "", prefix, width);
}

void
hv_plan_note_lines(GArray *lines, const HvPlan *plan, const HvSnapshot *now, int width)
{
    g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *watched = hv_plan_watched(plan, now);

    for (guint i = 0; plan->notes && i < plan->notes->len; i++)
        hv_plan_line_wrap(lines, -1, HV_ROLE_DIALOG, "", g_ptr_array_index(plan->notes, i),
                          width);
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        add_once(lines, said, _("Risk:"), hv_plan_step(plan, i)->risk, width);
        add_once(lines, said, _("Note:"), hv_plan_step(plan, i)->remark, width);
    }
    if (watched && hv_plan_n_steps(plan)) {
        g_autofree char *text = g_strdup_printf(_("Watched: %s"), watched);

        hv_plan_line_wrap(lines, -1, HV_ROLE_DIALOG, "", text, width);
    }
}

/* ---- what it cannot be asked ---- */

static const HvStep *
first_of_class(const HvPlan *plan, HvStepClass step_class)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        if (hv_plan_step(plan, i)->step_class == step_class)
            return hv_plan_step(plan, i);
    return NULL;
}

char *
hv_plan_no_confirm(const HvPlan *plan)
{
    const HvStep *one_way = first_of_class(plan, HV_STEP_ONE_WAY);

    return one_way ? g_strdup_printf(_("cannot revert by itself: %s goes one way only"),
                                     one_way->knob)
                   : NULL;
}

char *
hv_plan_no_trial(const HvPlan *plan)
{
    const HvStep *slow = first_of_class(plan, HV_STEP_SLOW);
    const HvStep *one_way = first_of_class(plan, HV_STEP_ONE_WAY);

    if (plan->kind != HV_PLAN_SET)
        return g_strdup(_("a trial is of a change, not of an undo"));
    if (one_way)
        return g_strdup_printf(_("no trial: %s goes one way only"), one_way->knob);
    if (slow)
        return g_strdup_printf(_("no trial: %s is slow, and a trial switches it to and fro"),
                               slow->knob);
    return NULL;
}

char *
hv_plan_heading(const HvPlan *plan)
{
    GString *title = g_string_new(plan->title);

    if (plan->id)
        g_string_append_printf(title, " · %s %" G_GUINT64_FORMAT, _("plan"), plan->id);
    if (plan->persist)
        g_string_append_printf(title, " · %s", _("also in the definition"));
    if (plan->force)
        g_string_append_printf(title, " · %s", _("by force"));
    return g_string_free(title, FALSE);
}
