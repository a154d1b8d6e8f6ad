/* Confirm or revert: plans that are taken back at a deadline unless somebody confirms them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guard is armed in the journal before the first write, and everything it needs to know
 * stands there: who writes the plan, its deadline, whether it was confirmed. So it does not
 * matter which process it is, nor what becomes of the one that applied the plan. */
#include "session/guard.h"

#include "model/error.h"
#include "model/i18n.h"
#include "session/knobs.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define NS_PER_MS G_GINT64_CONSTANT(1000000)
#define LOOK_AT_WRITER_NS NS_PER_S
#define ASK_MS 20
/* To take it back: libvirt may come again. */
#define MAX_ATTEMPTS 24
#define AGAIN_NS (5 * NS_PER_S)
/* Below this share of pages in their old place, vCPUs stay where most of their memory is. */
#define MOST 0.5

char *
hv_guard_clock_text(const HvSessionParts *parts, gint64 deadline_ns)
{
    const gint64 at_ns = parts->clock.realtime_ns(parts->clock.data) + deadline_ns -
                         hv_session_boottime_ns(parts);
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(at_ns / NS_PER_S);

    return time ? g_date_time_format(time, "%H:%M:%S") : g_strdup("?");
}

/* ---- before and while it is applied ---- */

static const HvStep *
first_of_class(const HvPlan *plan, HvStepClass step_class)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        if (hv_plan_step(plan, i)->step_class == step_class)
            return hv_plan_step(plan, i);
    }
    return NULL;
}

gboolean
hv_guard_admit(HvPlan *plan, guint confirm_s, GError **error)
{
    const HvStep *one_way = first_of_class(plan, HV_STEP_ONE_WAY);

    if (confirm_s == 0 || plan->confirm != HV_CONFIRM_NONE || hv_plan_n_steps(plan) == 0)
        return TRUE;
    if (one_way) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("%s: cannot be taken back by a timer, so that --confirm is refused: make "
                      "it without"),
                    one_way->knob);
        return FALSE;
    }
    plan->confirm = HV_CONFIRM_ARMED;
    plan->confirm_s = confirm_s;
    g_ptr_array_add(
        plan->notes,
        g_strdup_printf(_("reverts %u s after its last step unless confirmed"), confirm_s));
    if (first_of_class(plan, HV_STEP_SLOW))
        g_ptr_array_add(plan->notes,
                        g_strdup(_("then pages stay where they are, and the other steps go "
                                   "back only while most pages are where they were")));
    return TRUE;
}

/* TRUE once the guard has said so in the journal. */
static gboolean
wait_for_guard(const HvSessionParts *parts, guint64 id)
{
    for (guint waited_ms = 0; !hv_journal_is_guarded(parts->journal, id); waited_ms += ASK_MS) {
        if (waited_ms >= HV_GUARD_ARMS_MS)
            return FALSE;
        parts->clock.wait_until(
            parts->clock.data,
            parts->clock.monotonic_ns(parts->clock.data) + ASK_MS * NS_PER_MS, -1);
    }
    return TRUE;
}

gboolean
hv_guard_arm(const HvSessionParts *parts, HvPlan *plan, GError **error)
{
    g_autofree char *remark = NULL;

    if (plan->confirm != HV_CONFIRM_ARMED)
        return TRUE;
    if (!parts->guardian) {
        g_ptr_array_add(plan->notes,
                        g_strdup(_("the guard is a part of this process, and ends with it")));
        return TRUE;
    }
    if (!parts->guardian->start(parts->guardian->data, plan, &remark, error)) {
        g_prefix_error(error, "%s: ", _("nothing was changed: no guard"));
        return FALSE;
    }
    if (remark)
        g_ptr_array_add(plan->notes, g_steal_pointer(&remark));
    if (wait_for_guard(parts, plan->id))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED,
                _("nothing was changed: the guard was started, but did not arm itself within "
                  "%d s"),
                HV_GUARD_ARMS_MS / 1000);
    return FALSE;
}

void
hv_guard_begin_wait(const HvSessionParts *parts, HvPlan *plan)
{
    if (plan->confirm != HV_CONFIRM_ARMED)
        return;
    if (plan->state == HV_PLAN_REFUSED)
        plan->confirm = HV_CONFIRM_NONE;
    else
        plan->deadline_ns = hv_session_boottime_ns(parts) + plan->confirm_s * NS_PER_S;
}

/* ---- taking it back ---- */

void
hv_guarded_clear(HvGuarded *guarded)
{
    g_clear_pointer(&guarded->said, g_free);
}

/* What became of it, in the journal and for whoever runs the guard. */
static gboolean
end_kept(const HvSessionParts *parts, HvPlan *plan, HvGuarded *guarded, const char *why)
{
    g_autofree char *former = g_steal_pointer(&plan->summary);

    plan->confirm = HV_CONFIRM_KEPT;
    plan->deadline_ns = 0;
    plan->summary = g_strdup_printf(_("%s; not confirmed in time, and not taken back: %s"),
                                    former ? former : "", why);
    guarded->said = g_strdup_printf(
        _("plan %" G_GUINT64_FORMAT " was not confirmed in time, and not taken back: %s"),
        plan->id, why);
    if (!hv_journal_end(parts->journal, plan, NULL))
        g_debug("the journal missed that plan %" G_GUINT64_FORMAT " stays", plan->id);
    return TRUE;
}

/* FALSE: it will be tried again. */
static gboolean
end_failed(const HvSessionParts *parts, HvPlan *plan, HvGuarded *guarded, const GError *why)
{
    const gboolean may_pass = g_error_matches(why, HV_ERROR, HV_ERROR_TIMEOUT) ||
                              g_error_matches(why, HV_ERROR, HV_ERROR_FAILED) ||
                              g_error_matches(why, HV_ERROR, HV_ERROR_DENIED);

    if (!may_pass || ++guarded->n_attempts >= MAX_ATTEMPTS)
        return end_kept(parts, plan, guarded, why->message);
    guarded->next_ns = hv_session_boottime_ns(parts) + AGAIN_NS;
    return FALSE;
}

static gboolean
may_have_moved(const HvStep *step)
{
    return step->step_class == HV_STEP_SLOW && step->state != HV_OUTCOME_PLANNED &&
           step->state != HV_OUTCOME_SKIPPED && step->state != HV_OUTCOME_TAKEN_BACK;
}

/* The share of what slow step @step moves that is where it was; 1 for one that moves nothing
 * itself (where memory may be). */
static gboolean
read_stayed(const HvSessionParts *parts, const HvStep *step, double *ratio, GError **error)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(parts->tuners, step->knob, error);

    *ratio = 1;
    return knob && (!knob->tuner->still_there ||
                    knob->tuner->still_there(parts->host, knob, &step->before, ratio, error));
}

/* Why the instant steps have to stay, (transfer full); NULL: they go back, or @error: it cannot
 * be told. */
static char *
why_stay(const HvSessionParts *parts, const HvPlan *plan, GError **error)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);
        double ratio = 0;

        if (!may_have_moved(step))
            continue;
        if (!read_stayed(parts, step, &ratio, error))
            return NULL;
        if (ratio <= MOST)
            return g_strdup_printf(_("%s: only %.0f %% of the pages are where they were, and "
                                     "vCPUs and memory stay together"),
                                   step->knob, ratio * 100);
    }
    return NULL;
}

static char *
join_notes(const HvPlan *plan)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < plan->notes->len; i++)
        g_string_append_printf(all, "%s%s", i ? "; " : "", (char *)plan->notes->pdata[i]);
    return g_string_free(all, FALSE);
}

static gboolean
undo(const HvSessionParts *parts, const HvActOptions *options, HvPlan *plan, HvGuarded *guarded)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *who = g_strdup_printf("guard of %" G_GUINT64_FORMAT, plan->id);
    g_autofree char *left = NULL;
    HvActOptions act = *options;
    g_autoptr(HvPlan) back = NULL;

    act.who = who;
    act.confirm_s = 0;
    act.force = FALSE;
    act.leave_foreign = act.leave_slow = TRUE;
    back = hv_plan_make_undo(parts, plan->id, &act, &why);
    if (!back)
        return end_failed(parts, plan, guarded, why);
    left = join_notes(back);
    if (hv_plan_n_steps(back) == 0)
        return end_kept(parts, plan, guarded, *left ? left : _("nothing of it stands"));
    if (!hv_plan_apply(parts, back, &act, &why))
        return end_failed(parts, plan, guarded, why);
    guarded->said = g_strdup_printf(_("plan %" G_GUINT64_FORMAT
                                      " was not confirmed in time: taken back by plan "
                                      "%" G_GUINT64_FORMAT "%s%s"),
                                    plan->id, back->id, *left ? ": " : "", left);
    return TRUE;
}

/* From here on it cannot be confirmed any more. */
static gboolean
revert(const HvSessionParts *parts, const HvActOptions *options, HvPlan *plan,
       HvGuarded *guarded)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *stays = NULL;

    if (!hv_journal_set_confirm(parts->journal, plan->id, HV_CONFIRM_ARMED,
                                HV_DEADLINE_REVERTING, &why)) {
        guarded->next_ns = hv_session_boottime_ns(parts) + NS_PER_S;
        return g_error_matches(why, HV_ERROR, HV_ERROR_CONFLICT);
    }
    if (plan->state == HV_PLAN_UNKNOWN)
        hv_plan_settle(parts, options, NULL); /* where it cannot tell, the undo asks the host */
    stays = why_stay(parts, plan, &why);
    if (why)
        return end_failed(parts, plan, guarded, why);
    return stays ? end_kept(parts, plan, guarded, stays) : undo(parts, options, plan, guarded);
}

/* ---- looking after it ---- */

static gboolean
has_dead_writer(const HvSessionParts *parts, const HvPlan *plan)
{
    g_autoptr(GPtrArray) unsettled = hv_journal_unsettled(parts->journal, NULL);

    for (guint i = 0; unsettled && i < unsettled->len; i++) {
        const HvPlan *other = unsettled->pdata[i];

        if (other->id == plan->id && other->state == HV_PLAN_APPLYING)
            return TRUE;
    }
    return FALSE;
}

/* Its last step has ended, if only with the process that made it: the time begins to run. */
static void
begin_time(const HvSessionParts *parts, HvPlan *plan)
{
    plan->deadline_ns = hv_session_boottime_ns(parts) + plan->confirm_s * NS_PER_S;
    if (!hv_journal_set_confirm(parts->journal, plan->id, HV_CONFIRM_ARMED, plan->deadline_ns,
                                NULL))
        plan->deadline_ns = 0; /* once more at the next look */
}

/* TRUE: it is still being applied, and its time does not run yet. */
static gboolean
is_applying(const HvSessionParts *parts, const HvActOptions *options, const HvPlan *plan)
{
    if (plan->state != HV_PLAN_APPLYING)
        return FALSE;
    if (!has_dead_writer(parts, plan))
        return TRUE;
    hv_plan_settle(parts, options, NULL);
    return FALSE;
}

static gboolean
look_at(const HvSessionParts *parts, const HvActOptions *options, HvPlan *plan,
        HvGuarded *guarded)
{
    if (plan->confirm != HV_CONFIRM_ARMED) {
        guarded->said = g_strdup_printf("plan %" G_GUINT64_FORMAT ": %s", plan->id,
                                        hv_confirm_name(plan->confirm));
        return TRUE;
    }
    guarded->next_ns = hv_session_boottime_ns(parts) + LOOK_AT_WRITER_NS;
    if (plan->state == HV_PLAN_REFUSED)
        return hv_journal_set_confirm(parts->journal, plan->id, HV_CONFIRM_NONE, 0, NULL);
    if (plan->deadline_ns == 0) {
        begin_time(parts, plan);
        return FALSE;
    }
    if (hv_session_boottime_ns(parts) >= plan->deadline_ns)
        return revert(parts, options, plan, guarded);
    guarded->next_ns = plan->deadline_ns;
    return FALSE;
}

gboolean
hv_guard_look(const HvSessionParts *parts, const HvActOptions *options, HvGuarded *guarded)
{
    g_autoptr(HvPlan) plan = hv_journal_get(parts->journal, guarded->id, NULL);

    guarded->next_ns = hv_session_boottime_ns(parts) + LOOK_AT_WRITER_NS;
    if (!plan || is_applying(parts, options, plan))
        return FALSE;
    if (plan->state == HV_PLAN_APPLYING) { /* it was settled */
        hv_plan_free(plan);
        plan = hv_journal_get(parts->journal, guarded->id, NULL);
    }
    return plan && plan->state != HV_PLAN_APPLYING && look_at(parts, options, plan, guarded);
}

gboolean
hv_guard_run(const HvSessionParts *parts, const HvActOptions *options, guint64 id, char **said,
             GError **error)
{
    const HvClock *clock = &parts->clock;
    g_auto(HvGuarded) guarded = { .id = id };
    guint64 version = 0;

    if (!hv_journal_take_guard(parts->journal, id, error))
        return FALSE;
    for (;;) {
        const guint64 now = hv_journal_version(parts->journal);

        if ((now != version || hv_session_boottime_ns(parts) >= guarded.next_ns) &&
            (guarded.n_attempts == 0 || hv_session_boottime_ns(parts) >= guarded.next_ns) &&
            hv_guard_look(parts, options, &guarded))
            break;
        version = now;
        if (!hv_journal_is_guarded(parts->journal, id)) /* it went to the other file */
            hv_journal_take_guard(parts->journal, id, NULL);
        clock->wait_until(clock->data,
                          clock->monotonic_ns(clock->data) + HV_GUARD_LOOKS_MS * NS_PER_MS, -1);
    }
    *said = g_steal_pointer(&guarded.said);
    return TRUE;
}

char *
hv_guard_check(const HvSessionParts *parts, const HvActOptions *options)
{
    g_autoptr(GPtrArray) armed = NULL;
    g_autoptr(GString) lines = g_string_new(NULL);

    if (parts->guardian || !parts->journal || parts->read_only_why)
        return NULL;
    armed = hv_journal_armed(parts->journal, options->machine_id, options->boot_id, NULL);
    for (guint i = 0; armed && i < armed->len; i++) {
        g_auto(HvGuarded) guarded = { .id = ((const HvPlan *)armed->pdata[i])->id,
                                      .n_attempts = MAX_ATTEMPTS - 1 };

        if (hv_guard_look(parts, options, &guarded) && guarded.said)
            g_string_append_printf(lines, "%s%s", lines->len ? "\n" : "", guarded.said);
    }
    return lines->len ? g_string_free(g_steal_pointer(&lines), FALSE) : NULL;
}
