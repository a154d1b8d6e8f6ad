/* Making a plan true, step by step; on a failure all of it goes back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Each step is on disk as begun before its write, so that after a kill at any moment the host
 * can be asked about it. */
#include "model/error.h"
#include "model/i18n.h"
#include "session/guard.h"
#include "session/step.h"

/* A plan being applied. */
typedef struct {
    const HvSessionParts *parts;
    const HvActOptions *options;
    HvPlan *plan;
} Act;

/* Journals step @index as it is now, and shows it. */
static gboolean
record(const Act *act, guint index, GError **error)
{
    const gboolean good = hv_journal_step(act->parts->journal, act->plan, index, error);

    if (act->options->progress)
        act->options->progress(act->plan, act->options->data);
    return good;
}

static gboolean
refuse_read_only(const HvSessionParts *parts, GError **error)
{
    if (!parts->read_only_why && parts->journal)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_DENIED, _("nothing can be changed here: %s"),
                parts->read_only_why ? parts->read_only_why : _("there is no journal"));
    return FALSE;
}

/* What a recipe alone may do since it stops guests, nobody does by a key: not to undo it
 * either.
 */
static gboolean
refuse_outage(const HvSessionParts *parts, const HvPlan *plan, const HvActOptions *options,
              GError **error)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        g_autoptr(HvKnob) knob = hv_session_knob(parts, hv_plan_step(plan, i)->knob, NULL);

        if (!knob || !knob->family->only_by || options->outage)
            continue;
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("%s: guests stop for this: the command line does it, with "
                      "--outage=HOSTNAME (hvtune recipe %s)"),
                    knob->path, knob->family->only_by);
        return FALSE;
    }
    return TRUE;
}

static gboolean
refuse_used(const HvPlan *plan, GError **error)
{
    if (plan->state == HV_PLAN_NEW)
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED, _("this plan was applied already"));
    return FALSE;
}

static void
fill_entry(HvPlan *plan, const HvActOptions *options)
{
    plan->force |= options->force;
    plan->state = HV_PLAN_APPLYING;
    if (!plan->who)
        plan->who = g_strdup(options->who);
    if (!plan->machine_id)
        plan->machine_id = g_strdup(options->machine_id);
    if (!plan->boot_id)
        plan->boot_id = g_strdup(options->boot_id);
}

/* Begins, writes and ends step @index. FALSE with @error unless it is DONE and journalled as
 * that; @begun: whether anything may have been written. */
static gboolean
make_step(const Act *act, guint index, gboolean *begun, GError **error)
{
    HvStep *step = hv_plan_step(act->plan, index);
    g_autoptr(HvKnob) knob = hv_session_knob(act->parts, step->knob, error);

    *begun = FALSE;
    if (!knob || !hv_step_check(act->parts, act->plan, index, knob, error)) {
        step->state = HV_OUTCOME_FAILED;
        return FALSE;
    }
    step->state = HV_OUTCOME_BEGUN;
    if (!record(act, index, error)) {
        step->state = HV_OUTCOME_FAILED;
        return FALSE;
    }
    *begun = TRUE;
    return hv_step_write(act->parts, act->options, act->plan, index, knob, error) &&
           record(act, index, error);
}

/* What a step is that could not be put back: a failed one is not "as before" when something
 * stands, and a write back without an answer may yet be made. */
static void
judge_remains(const Act *act, HvStep *step, const HvKnob *knob, const GError *why)
{
    g_auto(HvValue) present = { 0 };

    if (g_error_matches(why, HV_ERROR, HV_ERROR_TIMEOUT)) {
        step->state = HV_OUTCOME_UNKNOWN;
        return;
    }
    if (step->state != HV_OUTCOME_FAILED || step->after.type == HV_TYPE_NOTHING)
        return;
    if (!knob || !hv_session_read(act->parts, knob, &present, NULL)) {
        step->state = HV_OUTCOME_UNKNOWN;
    } else if (!hv_value_equal(&present, &step->before)) {
        hv_value_copy(&step->found, &present);
        step->state = HV_OUTCOME_DIFFERS;
    }
}

/* Puts step @index back; what stays wrong is said in its error. */
static gboolean
take_back(const Act *act, guint index)
{
    HvStep *step = hv_plan_step(act->plan, index);
    const gboolean done = step->state == HV_OUTCOME_DONE;
    g_autoptr(GError) why = NULL;
    g_autoptr(HvKnob) knob = hv_session_knob(act->parts, step->knob, &why);
    const gboolean back = knob && hv_step_put_back(act->parts, act->plan, index, knob, &why);

    if (back && done) {
        step->state = HV_OUTCOME_TAKEN_BACK;
    } else if (!back) {
        g_autofree char *former = g_steal_pointer(&step->error);

        step->error = g_strdup_printf(_("%s%snot taken back: %s"), former ? former : "",
                                      former ? "; " : "", why->message);
        judge_remains(act, step, knob, why);
    }
    if (!record(act, index, NULL)) /* the host matters more; settling reads it */
        g_debug("the journal missed that step %u was taken back", index);
    return back;
}

/* Written over some time, with progress told: pages that moved. They stay where they are, for
 * moving them back would take as long. */
static gboolean
has_moved(const HvStep *step)
{
    return step->progress_ratio >= 0; /* not for NAN */
}

/* What became of a plan that failed. */
typedef struct {
    guint n_back;      /* earlier steps that went back */
    gboolean all_back; /* nothing stands */
    gboolean stays;    /* earlier steps were left as they are, where most pages are now */
    gboolean moved;    /* pages were moved, some or all */
} Back;

static void
take_back_step(const Act *act, guint index, gboolean is_earlier, Back *back)
{
    gboolean is_back;

    if (has_moved(hv_plan_step(act->plan, index))) {
        back->moved = TRUE;
        back->all_back = FALSE;
        if (!record(act, index, NULL)) /* settling reads the host */
            g_debug("the journal missed how step %u ended", index);
        return;
    }
    is_back = take_back(act, index);
    back->all_back &= is_back;
    back->n_back += is_back && is_earlier ? 1 : 0;
}

/* Takes back the failed step @failed if it was begun, and the earlier ones, last first; but
 * these only while most pages are still where they were: vCPUs and memory end together. */
static Back
take_all_back(const Act *act, guint failed, gboolean begun)
{
    Back back = { .all_back = TRUE, .stays = hv_plan_pages_moved(act->plan) };

    if (begun)
        take_back_step(act, failed, FALSE, &back);
    if (back.stays) {
        back.all_back = FALSE;
        back.moved = TRUE;
        return back;
    }
    for (guint i = failed; i > 0; i--)
        take_back_step(act, i - 1, TRUE, &back);
    return back;
}

static void
skip_rest(HvPlan *plan)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        HvStep *step = hv_plan_step(plan, i);

        if (step->state == HV_OUTCOME_PLANNED)
            step->state = HV_OUTCOME_SKIPPED;
    }
}

/* Writes the end. The host is what it is by now: a journal that fails here is said, not acted
 * upon. */
static void
end_plan(const Act *act)
{
    HvPlan *plan = act->plan;
    g_autoptr(GError) error = NULL;

    skip_rest(plan);
    hv_guard_begin_wait(act->parts, plan);
    if (hv_journal_end(act->parts->journal, plan, &error) &&
        (plan->kind == HV_PLAN_SET || plan->state != HV_PLAN_APPLIED ||
         hv_journal_mark_undone(act->parts->journal, plan->of, plan->id, &error))) {
        if (act->options->progress)
            act->options->progress(plan, act->options->data);
        return;
    }
    g_autofree char *former = g_steal_pointer(&plan->summary);

    plan->summary =
        g_strdup_printf(_("%s; the journal missed the end: %s"), former, error->message);
}

static gboolean
succeed(const Act *act)
{
    const guint n_steps = hv_plan_n_steps(act->plan);

    act->plan->state = HV_PLAN_APPLIED;
    act->plan->summary = n_steps == 0   ? g_strdup(_("nothing was left to take back"))
                         : n_steps == 1 ? g_strdup(_("the step was made"))
                                        : g_strdup_printf(_("all %u steps were made"), n_steps);
    end_plan(act);
    return TRUE;
}

/* Nobody would take it back: nothing is written. */
static gboolean
unguarded(const Act *act, GError *take_why, GError **error)
{
    act->plan->state = HV_PLAN_REFUSED;
    act->plan->summary = g_strdup(take_why->message);
    end_plan(act);
    g_propagate_error(error, take_why);
    return FALSE;
}

static gboolean
stopped(const Act *act, GError **error)
{
    HvPlan *plan = act->plan;
    const guint n_done = hv_plan_count_steps(plan, HV_OUTCOME_DONE);

    plan->state = n_done ? HV_PLAN_PARTLY : HV_PLAN_REFUSED;
    plan->summary = n_done
                        ? g_strdup_printf(_("stopped: hvtune undo %" G_GUINT64_FORMAT
                                            " takes back the %u steps that were made, of %u"),
                                          plan->id, n_done, hv_plan_n_steps(plan))
                        : g_strdup(_("stopped before anything was written"));
    end_plan(act);
    g_set_error_literal(error, HV_ERROR, HV_ERROR_FAILED, plan->summary);
    return FALSE;
}

/* No answer: whether it was written will be known when the host can be asked; until then what
 * was made stays. */
static gboolean
unknown(const Act *act, const GError *why, GError **error)
{
    HvPlan *plan = act->plan;

    plan->state = HV_PLAN_UNKNOWN;
    plan->summary =
        g_strdup_printf(_("%s; whether it was written is not known; entry %" G_GUINT64_FORMAT
                          " has %u steps that were made"),
                        why->message, plan->id, hv_plan_count_steps(plan, HV_OUTCOME_DONE));
    end_plan(act);
    g_set_error_literal(error, why->domain, why->code, plan->summary);
    return FALSE;
}

/* What a person is told of a plan that failed because of @why. */
static char *
summarize(const HvPlan *plan, const Back *back, const char *why)
{
    if (back->stays)
        return g_strdup_printf(
            _("%s; most pages had moved by then, so what was made stays: vCPUs "
              "and memory end together (hvtune undo %" G_GUINT64_FORMAT " takes it back)"),
            why, plan->id);
    if (back->moved)
        return g_strdup_printf(
            _("%s; most pages are where they were, so the %u steps before were "
              "taken back; those that moved stay where they are"),
            why, back->n_back);
    if (!back->all_back)
        return g_strdup_printf(_("%s; not all could be taken back: entry %" G_GUINT64_FORMAT
                                 " of the journal says which steps stand"),
                               why, plan->id);
    if (back->n_back > 0)
        return g_strdup_printf(_("%s; the %u steps before it were taken back"), why,
                               back->n_back);
    return g_strdup(why);
}

/* It was there when the plan was made: a VM that ended, a device that was taken out. */
static GError *
judge_absence(GError *take_why)
{
    GError *gone;

    if (!g_error_matches(take_why, HV_ERROR, HV_ERROR_ABSENT))
        return take_why;
    gone = g_error_new(HV_ERROR, HV_ERROR_CONFLICT, _("%s: it went away since it was planned"),
                       take_why->message);
    g_error_free(take_why);
    return gone;
}

static gboolean
failed(const Act *act, guint index, gboolean begun, GError *take_why, GError **error)
{
    g_autoptr(GError) why = judge_absence(take_why);
    HvPlan *plan = act->plan;
    HvStep *step = hv_plan_step(plan, index);
    Back back;

    g_free(step->error);
    step->error = g_strdup(why->message);
    if (step->state == HV_OUTCOME_UNKNOWN)
        return unknown(act, why, error);
    back = take_all_back(act, index, begun);
    plan->state = back.all_back ? HV_PLAN_REFUSED : HV_PLAN_PARTLY;
    if (hv_plan_count_steps(plan, HV_OUTCOME_UNKNOWN) > 0)
        plan->state = HV_PLAN_UNKNOWN;
    plan->summary = summarize(plan, &back, why->message);
    end_plan(act);
    g_set_error_literal(error, why->domain, why->code, plan->summary);
    return FALSE;
}

gboolean
hv_plan_apply(const HvSessionParts *parts, HvPlan *plan, const HvActOptions *options,
              GError **error)
{
    const Act act = { .parts = parts, .options = options, .plan = plan };
    const HvClock *clock = &parts->clock;
    GError *unarmed = NULL;

    if (!refuse_read_only(parts, error) || !refuse_used(plan, error) ||
        !refuse_outage(parts, plan, options, error) ||
        !hv_guard_admit(plan, options->confirm_s, error))
        return FALSE;
    if (hv_plan_n_steps(plan) == 0 && plan->kind == HV_PLAN_SET) {
        plan->state = HV_PLAN_APPLIED;
        plan->summary = g_strdup(_("nothing to change"));
        return TRUE;
    }
    fill_entry(plan, options);
    if (!hv_journal_begin(parts->journal, plan, clock->realtime_ns(clock->data), error)) {
        plan->state = HV_PLAN_REFUSED;
        return FALSE;
    }
    if (!hv_guard_arm(parts, plan, &unarmed))
        return unguarded(&act, unarmed, error);
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        g_autoptr(GError) why = NULL;
        gboolean begun;

        if (options->stop && options->stop(options->data))
            return stopped(&act, error);
        if (!make_step(&act, i, &begun, &why))
            return failed(&act, i, begun, g_steal_pointer(&why), error);
    }
    return succeed(&act);
}
