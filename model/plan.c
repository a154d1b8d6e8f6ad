/* Steps, plans and wishes: made, copied, freed, and the stable words for their states. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/plan.h"

#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"

#include <math.h>
#include <string.h>

#define SHOWN_CHARS 80

static const char *const outcome_names[] = {
    [HV_OUTCOME_PLANNED] = "planned",
    [HV_OUTCOME_BEGUN] = "begun",
    [HV_OUTCOME_DONE] = "done",
    [HV_OUTCOME_DIFFERS] = "differs",
    [HV_OUTCOME_FAILED] = "failed",
    [HV_OUTCOME_UNKNOWN] = "unknown",
    [HV_OUTCOME_TAKEN_BACK] = "taken-back",
    [HV_OUTCOME_SKIPPED] = "skipped",
};
static const char *const state_names[] = {
    [HV_PLAN_NEW] = "new",         [HV_PLAN_APPLYING] = "applying",
    [HV_PLAN_APPLIED] = "applied", [HV_PLAN_REFUSED] = "refused",
    [HV_PLAN_PARTLY] = "partly",   [HV_PLAN_UNKNOWN] = "unknown",
};
static const char *const undo_names[] = {
    [HV_UNDO_EXACT] = "exact",
    [HV_UNDO_NEAR] = "near",
    [HV_UNDO_NONE] = "none",
};
static const char *const class_names[] = {
    [HV_STEP_INSTANT] = "instant",
    [HV_STEP_SLOW] = "slow",
    [HV_STEP_ONE_WAY] = "one-way",
};
static const char *const confirm_names[] = {
    [HV_CONFIRM_NONE] = "none",           [HV_CONFIRM_ARMED] = "armed",
    [HV_CONFIRM_CONFIRMED] = "confirmed", [HV_CONFIRM_REVERTED] = "reverted",
    [HV_CONFIRM_KEPT] = "kept",
};
static const char *const kind_names[] = {
    [HV_PLAN_SET] = "set",
    [HV_PLAN_UNDO] = "undo",
    [HV_PLAN_REDO] = "redo",
};

HvStep *
hv_step_new(const char *knob)
{
    HvStep *step = g_new0(HvStep, 1);

    step->knob = g_strdup(knob);
    step->progress_ratio = (double)NAN;
    return step;
}

HvStep *
hv_step_copy(const HvStep *step)
{
    HvStep *copy = hv_step_new(step->knob);

    hv_value_copy(&copy->before, &step->before);
    hv_value_copy(&copy->after, &step->after);
    hv_value_copy(&copy->found, &step->found);
    copy->undo = step->undo;
    copy->step_class = step->step_class;
    copy->shell_line = g_strdup(step->shell_line);
    copy->risk = g_strdup(step->risk);
    copy->remark = g_strdup(step->remark);
    hv_subject_copy(&copy->subject, &step->subject);
    copy->is_expected = step->is_expected;
    copy->progress_ratio = step->progress_ratio;
    copy->progress = g_strdup(step->progress);
    copy->persist = step->persist;
    copy->persist_before = g_strdup(step->persist_before);
    copy->persist_after = g_strdup(step->persist_after);
    copy->state = step->state;
    copy->error = g_strdup(step->error);
    return copy;
}

void
hv_step_free(HvStep *step)
{
    if (!step)
        return;
    g_free(step->knob);
    hv_value_clear(&step->before);
    hv_value_clear(&step->after);
    hv_value_clear(&step->found);
    g_free(step->shell_line);
    g_free(step->risk);
    g_free(step->remark);
    hv_subject_clear(&step->subject);
    g_free(step->progress);
    g_free(step->persist_before);
    g_free(step->persist_after);
    g_free(step->error);
    g_free(step);
}

static void
free_step(gpointer step)
{
    hv_step_free(step);
}

HvPlan *
hv_plan_new(HvPlanKind kind, const char *title)
{
    HvPlan *plan = g_new0(HvPlan, 1);

    plan->kind = kind;
    plan->title = g_strdup(title);
    plan->steps = g_ptr_array_new_with_free_func(free_step);
    plan->notes = g_ptr_array_new_with_free_func(g_free);
    return plan;
}

HvPlan *
hv_plan_copy(const HvPlan *plan)
{
    HvPlan *copy = hv_plan_new(plan->kind, plan->title);

    for (guint i = 0; i < plan->steps->len; i++)
        g_ptr_array_add(copy->steps, hv_step_copy(plan->steps->pdata[i]));
    for (guint i = 0; i < plan->notes->len; i++)
        g_ptr_array_add(copy->notes, g_strdup(plan->notes->pdata[i]));
    copy->id = plan->id;
    copy->of = plan->of;
    copy->persist = plan->persist;
    copy->force = plan->force;
    copy->state = plan->state;
    copy->time_ns = plan->time_ns;
    copy->undone_by = plan->undone_by;
    copy->machine_id = g_strdup(plan->machine_id);
    copy->boot_id = g_strdup(plan->boot_id);
    copy->who = g_strdup(plan->who);
    copy->summary = g_strdup(plan->summary);
    copy->recipe = g_strdup(plan->recipe);
    copy->vm = g_strdup(plan->vm);
    copy->confirm = plan->confirm;
    copy->confirm_s = plan->confirm_s;
    copy->deadline_ns = plan->deadline_ns;
    copy->effect = g_strdup(plan->effect);
    return copy;
}

void
hv_plan_free(HvPlan *plan)
{
    if (!plan)
        return;
    g_free(plan->title);
    g_ptr_array_unref(plan->steps);
    g_ptr_array_unref(plan->notes);
    g_free(plan->machine_id);
    g_free(plan->boot_id);
    g_free(plan->who);
    g_free(plan->summary);
    g_free(plan->recipe);
    g_free(plan->vm);
    g_free(plan->effect);
    g_free(plan);
}

HvStep *
hv_plan_step(const HvPlan *plan, guint index)
{
    return g_ptr_array_index(plan->steps, index);
}

guint
hv_plan_n_steps(const HvPlan *plan)
{
    return plan->steps->len;
}

guint
hv_plan_count_steps(const HvPlan *plan, HvOutcomeState state)
{
    guint n = 0;

    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        n += hv_plan_step(plan, i)->state == state ? 1 : 0;
    return n;
}

HvUndo
hv_plan_undo_of(const HvPlan *plan)
{
    HvUndo weakest = HV_UNDO_EXACT;

    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        weakest = MAX(weakest, hv_plan_step(plan, i)->undo);
    return weakest;
}

HvStepClass
hv_plan_class_of(const HvPlan *plan)
{
    HvStepClass worst = HV_STEP_INSTANT;

    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        worst = MAX(worst, hv_plan_step(plan, i)->step_class);
    return worst;
}

gboolean
hv_plan_pages_moved(const HvPlan *plan)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);

        if (step->step_class == HV_STEP_SLOW &&
            (step->state == HV_OUTCOME_DONE || step->progress_ratio >= 0.5)) /* not for NAN */
            return TRUE;
    }
    return FALSE;
}

const HvValue *
hv_plan_expected(const HvPlan *plan, const char *knob)
{
    for (guint i = plan ? hv_plan_n_steps(plan) : 0; i > 0; i--)
        if (strcmp(hv_plan_step(plan, i - 1)->knob, knob) == 0)
            return &hv_plan_step(plan, i - 1)->after;
    return NULL;
}

HvWish *
hv_wish_new(const char *knob, const char *value)
{
    HvWish *wish = g_new0(HvWish, 1);

    wish->knob = g_strdup(knob);
    wish->value = g_strdup(value);
    return wish;
}

void
hv_wish_free(HvWish *wish)
{
    if (!wish)
        return;
    g_free(wish->knob);
    g_free(wish->value);
    g_free(wish);
}

HvWish *
hv_wish_parse(const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    g_autofree char *knob = equals ? g_strndup(text, (gsize)(equals - text)) : NULL;
    g_autofree char *value = equals ? g_strdup(equals + 1) : NULL;

    if (!equals || !*g_strstrip(knob)) {
        g_autofree char *shown = hv_text_printable(text, SHOWN_CHARS);

        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("\"%s\" is not KNOB=VALUE"), shown);
        return NULL;
    }
    return hv_wish_new(knob, g_strstrip(value));
}

const char *
hv_outcome_name(HvOutcomeState state)
{
    return outcome_names[state];
}

const char *
hv_plan_state_name(HvPlanState state)
{
    return state_names[state];
}

const char *
hv_undo_name(HvUndo undo)
{
    return undo_names[undo];
}

const char *
hv_plan_kind_name(HvPlanKind kind)
{
    return kind_names[kind];
}

/* The place of @word in @names, or -1. */
static int
word_index(const char *const *names, guint n_names, const char *word)
{
    for (guint i = 0; i < n_names; i++) {
        if (g_strcmp0(names[i], word) == 0)
            return (int)i;
    }
    return -1;
}

gboolean
hv_outcome_parse(const char *word, HvOutcomeState *state)
{
    const int index = word_index(outcome_names, G_N_ELEMENTS(outcome_names), word);

    if (index >= 0)
        *state = (HvOutcomeState)index;
    return index >= 0;
}

gboolean
hv_plan_state_parse(const char *word, HvPlanState *state)
{
    const int index = word_index(state_names, G_N_ELEMENTS(state_names), word);

    if (index >= 0)
        *state = (HvPlanState)index;
    return index >= 0;
}

gboolean
hv_plan_kind_parse(const char *word, HvPlanKind *kind)
{
    const int index = word_index(kind_names, G_N_ELEMENTS(kind_names), word);

    if (index >= 0)
        *kind = (HvPlanKind)index;
    return index >= 0;
}

const char *
hv_step_class_name(HvStepClass step_class)
{
    return class_names[step_class];
}

const char *
hv_confirm_name(HvConfirm confirm)
{
    return confirm_names[confirm];
}

gboolean
hv_confirm_parse(const char *word, HvConfirm *confirm)
{
    const int index = word_index(confirm_names, G_N_ELEMENTS(confirm_names), word);

    if (index < 0)
        return FALSE;
    *confirm = (HvConfirm)index;
    return TRUE;
}
