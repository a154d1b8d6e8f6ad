/* A plan's window as lines of a view: the plan as text, its progress, and back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/error.h"
#include "tui/dialog-plan.h"

#define MAX_ROWS 1000000

/* The fields of a step's line. */
enum {
    KNOB,
    BEFORE,
    AFTER,
    UNDO,
    CLASS,
    OUTCOME,
    SHELL_LINE,
    RISK,
    REMARK,
    WRONG,
    FOUND,
    DONE_RATIO,
    PROGRESS,
    N_FIELDS
};

/* ---- into lines ---- */

/* A risk or remark is shown once: that of the step before is not written again. */
static const char *
once(const char *text, const char *before)
{
    return g_strcmp0(text, before) == 0 ? NULL : text;
}

static void
save_step(const HvStep *step, const HvStep *before, HvViewOut *out)
{
    g_autofree char *from = hv_value_to_text(&step->before);
    g_autofree char *to = hv_value_to_text(&step->after);
    g_autofree char *found = hv_value_to_text(&step->found);
    char ratio[G_ASCII_DTOSTR_BUF_SIZE] = "";
    const char *fields[N_FIELDS] = {
        [KNOB] = step->knob,
        [BEFORE] = from,
        [AFTER] = to,
        [UNDO] = hv_undo_name(step->undo),
        [CLASS] = hv_step_class_name(step->step_class),
        [OUTCOME] = hv_outcome_name(step->state),
        [SHELL_LINE] = step->shell_line,
        [RISK] = once(step->risk, before ? before->risk : NULL),
        [REMARK] = once(step->remark, before ? before->remark : NULL),
        [WRONG] = step->error,
        [FOUND] = found,
        [DONE_RATIO] = ratio,
        [PROGRESS] = step->progress,
    };

    if (!isnan(step->progress_ratio))
        g_ascii_dtostr(ratio, sizeof ratio, step->progress_ratio);
    hv_view_put_fields(out, "step", fields, N_FIELDS);
}

static void
save_plan(const HvPlan *plan, HvViewOut *out)
{
    hv_view_put(out, "title", plan->title);
    hv_view_put_number(out, "id", (gint64)plan->id);
    hv_view_put(out, "vm", plan->vm);
    hv_view_put(out, "state", hv_plan_state_name(plan->state));
    hv_view_put(out, "summary", plan->summary);
    hv_view_put_flag(out, "persist", plan->persist);
    hv_view_put_flag(out, "force", plan->force);
    hv_view_put_all(out, "note", plan->notes);
    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        save_step(hv_plan_step(plan, i), i ? hv_plan_step(plan, i - 1) : NULL, out);
}

void
hv_dialog_plan_save(const HvDialog *dialog, HvViewOut *out)
{
    const HvPlanDialog *self = (const HvPlanDialog *)dialog;

    hv_view_put_flag(out, "begun", self->serial != 0);
    hv_view_put_flag(out, "trial", self->is_trial);
    hv_view_put_flag(out, "ended", self->is_ended);
    hv_view_put_flag(out, "stopping", self->is_stopping);
    hv_view_put_flag(out, "shows_all", self->shows_all);
    hv_view_put_flag(out, "in_notes", self->in_notes);
    hv_view_put_number(out, "current", self->cursor);
    hv_view_put_number(out, "scroll", self->offset);
    hv_view_put_number(out, "note_scroll", self->note_offset);
    hv_view_put(out, "said", self->said);
    hv_view_put_number(out, "said_role", self->said_role);
    if (self->refused) {
        hv_view_put(out, "refused", self->refused->message);
        hv_view_put_flag(out, "conflict",
                         g_error_matches(self->refused, HV_ERROR, HV_ERROR_CONFLICT));
    }
    save_plan(self->plan, out);
}

/* ---- and back ---- */

static HvUndo
undo_of(const char *name)
{
    for (HvUndo undo = HV_UNDO_EXACT; undo < HV_UNDO_NONE; undo++)
        if (g_str_equal(name, hv_undo_name(undo)))
            return undo;
    return HV_UNDO_NONE;
}

static HvStepClass
class_of(const char *name)
{
    for (HvStepClass step_class = HV_STEP_INSTANT; step_class < HV_STEP_ONE_WAY; step_class++)
        if (g_str_equal(name, hv_step_class_name(step_class)))
            return step_class;
    return HV_STEP_ONE_WAY;
}

static double
ratio_of(const char *text)
{
    const double ratio = *text ? g_ascii_strtod(text, NULL) : (double)NAN;

    return isnan(ratio) ? (double)NAN : CLAMP(ratio, 0.0, 1.0);
}

static char *
text_or_null(const char *text)
{
    return *text ? g_strdup(text) : NULL;
}

static HvStep *
load_step(char **fields)
{
    HvStep *step = hv_step_new(fields[KNOB]);

    hv_value_set_word(&step->before, fields[BEFORE]);
    hv_value_set_word(&step->after, fields[AFTER]);
    hv_value_set_word(&step->found, fields[FOUND]);
    step->undo = undo_of(fields[UNDO]);
    step->step_class = class_of(fields[CLASS]);
    if (!hv_outcome_parse(fields[OUTCOME], &step->state))
        step->state = HV_OUTCOME_UNKNOWN;
    step->shell_line = text_or_null(fields[SHELL_LINE]);
    step->risk = text_or_null(fields[RISK]);
    step->remark = text_or_null(fields[REMARK]);
    step->error = text_or_null(fields[WRONG]);
    step->progress_ratio = ratio_of(fields[DONE_RATIO]);
    step->progress = text_or_null(fields[PROGRESS]);
    return step;
}

static HvPlan *
load_plan(const HvViewIn *in)
{
    g_autofree char *title = hv_view_get(in, "title"), *state = hv_view_get(in, "state");
    HvPlan *plan = hv_plan_new(HV_PLAN_SET, title ? title : "");
    const guint n_steps = hv_view_n(in, "step"), n_notes = hv_view_n(in, "note");

    plan->id = (guint64)hv_view_number(in, "id", 0, G_MAXINT64);
    plan->vm = hv_view_get(in, "vm");
    if (!state || !hv_plan_state_parse(state, &plan->state))
        plan->state = HV_PLAN_UNKNOWN;
    plan->summary = hv_view_get(in, "summary");
    plan->persist = hv_view_flag(in, "persist");
    plan->force = hv_view_flag(in, "force");
    for (guint i = 0; i < n_notes; i++)
        g_ptr_array_add(plan->notes, hv_view_nth(in, "note", i));
    for (guint i = 0; i < n_steps; i++) {
        g_auto(GStrv) fields = hv_view_fields(in, "step", i, N_FIELDS);

        g_ptr_array_add(plan->steps, load_step(fields));
    }
    return plan;
}

static GError *
load_refusal(const HvViewIn *in)
{
    const HvError code = hv_view_flag(in, "conflict") ? HV_ERROR_CONFLICT : HV_ERROR_FAILED;
    g_autofree char *message = hv_view_get(in, "refused");

    return message ? g_error_new_literal(HV_ERROR, (gint)code, message) : NULL;
}

HvDialog *
hv_dialog_plan_load(HvConsole *console G_GNUC_UNUSED, HvViewIn *in)
{
    HvPlanDialog *self = g_new0(HvPlanDialog, 1);
    guint n;

    self->dialog.class = &hv_dialog_plan_class;
    self->plan = load_plan(in);
    n = hv_plan_n_steps(self->plan);
    self->serial = hv_view_flag(in, "begun") ? 1 : 0;
    self->is_trial = hv_view_flag(in, "trial");
    self->is_ended = hv_view_flag(in, "ended");
    self->is_stopping = hv_view_flag(in, "stopping");
    self->shows_all = hv_view_flag(in, "shows_all");
    self->in_notes = hv_view_flag(in, "in_notes");
    self->cursor = (guint)hv_view_number(in, "current", 0, n ? n - 1 : 0);
    self->offset = (guint)hv_view_number(in, "scroll", 0, MAX_ROWS);
    self->note_offset = (guint)hv_view_number(in, "note_scroll", 0, MAX_ROWS);
    self->said = hv_view_get(in, "said");
    self->said_role = (HvRole)hv_view_number(in, "said_role", 0, HV_N_ROLES - 1);
    self->refused = load_refusal(in);
    return &self->dialog;
}
