/* One step on the host: is it still as planned, write it and read it back, put it back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/step.h"

#include "model/error.h"
#include "model/i18n.h"

#define TELL_US (G_USEC_PER_SEC / 4)

static gboolean
has_live(const HvStep *step)
{
    return step->after.type != HV_TYPE_NOTHING;
}

/* ---- before ---- */

static gboolean
check_live(const HvSessionParts *parts, const HvPlan *plan, HvStep *step, const HvKnob *knob,
           GError **error)
{
    g_auto(HvValue) present = { 0 };
    g_autofree char *now = NULL;
    g_autofree char *planned = NULL;

    if (!hv_session_read(parts, knob, &present, error))
        return FALSE;
    if (hv_value_equal(&present, &step->before))
        return TRUE;
    /* that is what an undo goes back to; pages move by themselves, and a slow write looks anew
     */
    if (plan->force || step->is_expected || knob->tuner->write_slowly) {
        hv_value_copy(&step->before, &present);
        return TRUE;
    }
    now = hv_value_to_text(&present);
    planned = hv_value_to_text(&step->before);
    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                _("%s: is %s now, no longer %s: somebody else changed it since it was planned"),
                knob->path, now, planned);
    return FALSE;
}

static gboolean
check_subject(const HvSessionParts *parts, const HvPlan *plan, HvStep *step, const HvKnob *knob,
              GError **error)
{
    g_auto(HvSubject) present = { 0 };

    if (!hv_session_read_subject(parts, knob, &present, error))
        return FALSE;
    if (hv_session_subject_equal(&present, &step->subject))
        return TRUE;
    if (plan->force) {
        hv_subject_copy(&step->subject, &present);
        return TRUE;
    }
    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                _("%s: the VM was started anew since it was planned"), knob->path);
    return FALSE;
}

static gboolean
check_persist(const HvSessionParts *parts, HvPlan *plan, guint index, const HvKnob *knob,
              GError **error)
{
    HvStep *step = hv_plan_step(plan, index);
    g_autofree char *present = hv_session_read_persist(parts, knob, error);
    const char *planned;

    if (!present)
        return FALSE;
    planned = plan->kind == HV_PLAN_SET
                  ? hv_session_persist_after(plan, index, step->persist_before)
                  : step->persist_before;
    if (g_strcmp0(present, planned) != 0 && !plan->force) {
        g_set_error(
            error, HV_ERROR, HV_ERROR_CONFLICT,
            _("%s: somebody else changed the persistent definition since it was planned"),
            knob->path);
        return FALSE;
    }
    g_free(step->persist_before);
    step->persist_before = g_steal_pointer(&present);
    return TRUE;
}

gboolean
hv_step_check(const HvSessionParts *parts, HvPlan *plan, guint index, const HvKnob *knob,
              GError **error)
{
    HvStep *step = hv_plan_step(plan, index);

    if (has_live(step) && (!check_subject(parts, plan, step, knob, error) ||
                           !check_live(parts, plan, step, knob, error)))
        return FALSE;
    return !step->persist || check_persist(parts, plan, index, knob, error);
}

/* ---- the write ---- */

/* Sets what became of it, and gives FALSE. */
static gboolean
end_as(HvStep *step, HvOutcomeState state)
{
    step->state = state;
    return FALSE;
}

static gboolean
is_timeout(const GError *error)
{
    return g_error_matches(error, HV_ERROR, HV_ERROR_TIMEOUT);
}

/* What the kernel made of it. After a write without an answer only "as wished" is an answer:
 * "as before" may still change when the late call is made after all. */
static gboolean
read_back(const HvSessionParts *parts, HvStep *step, const HvKnob *knob,
          const GError *no_answer, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *found = NULL;

    if (!hv_session_read(parts, knob, &step->found, &why)) {
        const gboolean gone = g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT) ||
                              g_error_matches(why, HV_ERROR, HV_ERROR_CONFLICT);

        g_propagate_error(error, no_answer ? g_error_copy(no_answer) : g_steal_pointer(&why));
        return end_as(step, gone ? HV_OUTCOME_FAILED : HV_OUTCOME_UNKNOWN);
    }
    if (hv_session_is_met(knob, &step->found, &step->after))
        return TRUE;
    if (no_answer) {
        g_propagate_error(error, g_error_copy(no_answer));
        return end_as(step, HV_OUTCOME_UNKNOWN);
    }
    found = hv_value_to_text(&step->found);
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, _("%s: the kernel made %s of it"),
                knob->path, found);
    return end_as(step, HV_OUTCOME_DIFFERS);
}

/* A slow write that is under way. */
typedef struct {
    const HvActOptions *options;
    const HvPlan *plan;
    HvStep *step;
    gint64 told_us; /* wall time; 0: never */
} Telling;

static gboolean
tell(gpointer data, double done_ratio, const char *text)
{
    Telling *telling = data;
    const HvActOptions *options = telling->options;
    const gint64 now_us = g_get_monotonic_time(); /* people look by the wall's clock */

    telling->step->progress_ratio = done_ratio;
    g_free(telling->step->progress);
    telling->step->progress = g_strdup(text);
    if (options->progress && now_us - telling->told_us >= TELL_US) {
        telling->told_us = now_us;
        options->progress(telling->plan, options->data);
    }
    return !options->stop || !options->stop(options->data);
}

static gboolean
call_write(const HvSessionParts *parts, const HvActOptions *options, const HvPlan *plan,
           HvStep *step, const HvKnob *knob, GError **error)
{
    Telling telling = { .options = options, .plan = plan, .step = step };
    const HvProgress progress = { tell, &telling, options->rate_bytes_per_s };

    return knob->tuner->write_slowly
               ? knob->tuner->write_slowly(parts->host, knob, &step->after, &progress, error)
               : knob->tuner->write(parts->host, knob, &step->after, error);
}

/* A slow write that ended early, or whose end was not what was asked for, has changed what it
 * had changed by then. */
static gboolean
end_early(const HvSessionParts *parts, HvStep *step, const HvKnob *knob, GError *take_why,
          GError **error)
{
    const gboolean moved = step->progress_ratio > 0; /* not for NAN */

    g_propagate_error(error, take_why);
    if (!hv_session_read(parts, knob, &step->found, NULL))
        return end_as(step, HV_OUTCOME_UNKNOWN);
    return end_as(step, moved || !hv_value_equal(&step->found, &step->before)
                            ? HV_OUTCOME_DIFFERS
                            : HV_OUTCOME_FAILED);
}

static gboolean
write_live(const HvSessionParts *parts, const HvActOptions *options, const HvPlan *plan,
           HvStep *step, const HvKnob *knob, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!call_write(parts, options, plan, step, knob, &why)) {
        hv_session_prefix(&why, knob->path);
        if (knob->tuner->write_slowly)
            return end_early(parts, step, knob, g_steal_pointer(&why), error);
        if (!is_timeout(why)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return end_as(step, HV_OUTCOME_FAILED);
        }
    }
    if (knob->tuner->write_slowly)
        step->progress_ratio = 1;
    return read_back(parts, step, knob, why, error);
}

/* A wish writes the value, an undo or redo puts a whole former text back. */
static gboolean
call_persist(const HvSessionParts *parts, const HvPlan *plan, const HvStep *step,
             const HvKnob *knob, GError **error)
{
    const HvTuner *tuner = knob->tuner;

    return plan->kind == HV_PLAN_SET
               ? tuner->persist_write(parts->host, knob, &step->after, error)
               : tuner->persist_restore(parts->host, knob, step->persist_after,
                                        step->persist_before, plan->force, error);
}

static gboolean
write_persist(const HvSessionParts *parts, const HvPlan *plan, HvStep *step, const HvKnob *knob,
              GError **error)
{
    g_autofree char *present = NULL;
    g_autoptr(GError) why = NULL;

    if (!call_persist(parts, plan, step, knob, &why)) {
        hv_session_prefix(&why, knob->path);
        if (!is_timeout(why)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return end_as(step, HV_OUTCOME_FAILED);
        }
    }
    present = hv_session_read_persist(parts, knob, why ? NULL : error);
    if (!present || (why && g_strcmp0(present, step->persist_before) == 0)) {
        if (why)
            g_propagate_error(error, g_steal_pointer(&why));
        return end_as(step, HV_OUTCOME_UNKNOWN);
    }
    if (plan->kind != HV_PLAN_SET && g_strcmp0(present, step->persist_after) != 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("%s: libvirt made another text of the persistent definition"),
                    knob->path);
        return end_as(step, HV_OUTCOME_DIFFERS);
    }
    g_free(step->persist_after);
    step->persist_after = g_steal_pointer(&present);
    return TRUE;
}

gboolean
hv_step_write(const HvSessionParts *parts, const HvActOptions *options, HvPlan *plan,
              guint index, const HvKnob *knob, GError **error)
{
    HvStep *step = hv_plan_step(plan, index);

    if ((has_live(step) && !write_live(parts, options, plan, step, knob, error)) ||
        (step->persist && !write_persist(parts, plan, step, knob, error)))
        return FALSE;
    step->state = HV_OUTCOME_DONE;
    return TRUE;
}

/* ---- back ---- */

static gboolean
put_persist_back(const HvSessionParts *parts, const HvStep *step, const HvKnob *knob,
                 GError **error)
{
    g_autofree char *present = hv_session_read_persist(parts, knob, error);

    if (!present)
        return FALSE;
    if (g_strcmp0(present, step->persist_before) == 0)
        return TRUE;
    if (!knob->tuner->persist_restore(parts->host, knob, step->persist_before,
                                      step->persist_after, FALSE, error)) {
        hv_session_prefix(error, knob->path);
        return FALSE;
    }
    return TRUE;
}

static gboolean
read_and_compare(const HvSessionParts *parts, const HvKnob *knob, const HvValue *wanted,
                 HvValue *present, gboolean *equal, GError **error)
{
    if (!hv_session_read(parts, knob, present, error))
        return FALSE;
    *equal = hv_value_equal(present, wanted);
    return TRUE;
}

/* Only over what this step made: a DONE step's value, or whatever a failed write left. */
static gboolean
is_ours(const HvStep *step, const HvValue *present)
{
    return step->state != HV_OUTCOME_DONE || hv_value_equal(present, &step->found) ||
           hv_value_equal(present, &step->after);
}

static gboolean
put_live_back(const HvSessionParts *parts, const HvStep *step, const HvKnob *knob,
              GError **error)
{
    g_auto(HvValue) target = { 0 };
    g_auto(HvValue) present = { 0 };
    g_autoptr(GError) why = NULL;
    g_autofree char *now = NULL;
    gboolean equal = FALSE;

    hv_session_target(&target, &step->before);
    if (!hv_session_read(parts, knob, &present, &why)) {
        if (g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)) /* gone, and its value with it */
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
    if (hv_value_equal(&present, &target) || hv_value_equal(&present, &step->before))
        return TRUE;
    if (knob->tuner->write_slowly) { /* what took long stays: see plan-apply.c */
        now = hv_value_to_text(&present);
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, _("%s: stays at %s"), knob->path, now);
        return FALSE;
    }
    if (is_ours(step, &present)) {
        if (!knob->tuner->write(parts->host, knob, &target, error)) {
            hv_session_prefix(error, knob->path);
            return FALSE;
        }
        if (!read_and_compare(parts, knob, &target, &present, &equal, error) || equal)
            return equal;
    }
    now = hv_value_to_text(&present);
    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT, _("%s: is %s now"), knob->path, now);
    return FALSE;
}

gboolean
hv_step_put_back(const HvSessionParts *parts, const HvPlan *plan, guint index,
                 const HvKnob *knob, GError **error)
{
    const HvStep *step = hv_plan_step(plan, index);

    const gboolean persist =
        !step->persist || !step->persist_before || put_persist_back(parts, step, knob, error);
    /* its live part goes back also where the persistent one does not */
    const gboolean live =
        !has_live(step) || put_live_back(parts, step, knob, persist ? error : NULL);

    return persist && live;
}
