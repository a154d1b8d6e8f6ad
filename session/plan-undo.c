/* The plan that takes an entry of the journal back, where the host is as the entry left it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An undo names the entry it takes back in `of`, and that entry names the undo in `undone_by`.
 * A redo takes back an undo in just the same way, so a chain of them is set <- undo <- redo <-
 * undo, and only its last one stands. */
#include "model/error.h"
#include "model/i18n.h"
#include "session/knobs.h"

#include <string.h>

/* The reversal of one entry in the making. */
typedef struct {
    const HvSessionParts *parts;
    const HvActOptions *options;
    const HvPlan *original;
    HvPlan *plan;
} Reversal;

static gboolean
refuse(GError **error, const char *format, guint64 id)
{
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, id);
    g_auto(GStrv) parts = g_strsplit(format, "{id}", 2);

    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s%s%s", parts[0], number,
                parts[1] ? parts[1] : "");
    return FALSE;
}

/* ---- one step ---- */

static void
note(const Reversal *reversal, const HvStep *step, const char *what)
{
    g_ptr_array_add(reversal->plan->notes, g_strdup_printf("%s: %s", step->knob, what));
}

/* What the step left on the host: as read back, or as wished where that was not done. */
static const HvValue *
left_by(const HvStep *step)
{
    return step->found.type == HV_TYPE_NOTHING ? &step->after : &step->found;
}

typedef enum { LIVE_PART, PERSISTENT_PART } StepPart;

/* Whether an undo that was only partly made has put this one back already. */
static gboolean
is_put_back(const Reversal *reversal, const HvStep *step, StepPart part)
{
    g_autoptr(GPtrArray) plans = hv_journal_read(reversal->parts->journal, 0, NULL);

    for (guint i = 0; plans && i < plans->len; i++) {
        const HvPlan *plan = plans->pdata[i];

        for (guint j = 0; plan->of == reversal->original->id && !plan->undone_by &&
                          j < hv_plan_n_steps(plan);
             j++) {
            const HvStep *other = hv_plan_step(plan, j);

            if (other->state == HV_OUTCOME_DONE && strcmp(other->knob, step->knob) == 0 &&
                (part == LIVE_PART || other->persist))
                return TRUE;
        }
    }
    return FALSE;
}

/* Whether an undo that was cut off left it half way: some of a VM's threads back, some not. */
static gboolean
is_half_way(const Reversal *reversal, const HvStep *step, const HvValue *present)
{
    g_autoptr(GPtrArray) plans = hv_journal_read(reversal->parts->journal, 0, NULL);

    for (guint i = 0; plans && i < plans->len; i++) {
        const HvPlan *plan = plans->pdata[i];

        for (guint j = 0; plan->of == reversal->original->id && j < hv_plan_n_steps(plan);
             j++) {
            const HvStep *other = hv_plan_step(plan, j);

            if (other->state == HV_OUTCOME_DIFFERS && strcmp(other->knob, step->knob) == 0 &&
                hv_value_equal(&other->found, present))
                return TRUE;
        }
    }
    return FALSE;
}

/* Who changed the knob since, as far as the journal knows: "entry 14 of root on pts/3". */
static char *
name_changer(const Reversal *reversal, const HvStep *step, const HvValue *present)
{
    g_autoptr(GPtrArray) plans = hv_journal_read(reversal->parts->journal, 0, NULL);

    for (guint i = 0; plans && i < plans->len; i++) {
        const HvPlan *plan = plans->pdata[i];

        for (guint j = 0; plan->id > reversal->original->id && j < hv_plan_n_steps(plan); j++) {
            const HvStep *other = hv_plan_step(plan, j);

            if (other->state == HV_OUTCOME_DONE && strcmp(other->knob, step->knob) == 0 &&
                hv_value_equal(left_by(other), present))
                return g_strdup_printf(_("entry %" G_GUINT64_FORMAT " of %s"), plan->id,
                                       plan->who ? plan->who : "?");
        }
    }
    return g_strdup(_("somebody else"));
}

static gboolean
conflict(const Reversal *reversal, const HvStep *step, const HvValue *present, GError **error)
{
    g_autofree char *now = hv_value_to_text(present);
    g_autofree char *left = hv_value_to_text(left_by(step));
    g_autofree char *changer = name_changer(reversal, step, present);

    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                _("%s: is %s now, no longer the %s that entry %" G_GUINT64_FORMAT
                  " left: %s changed it since (--force puts it back all the same)"),
                step->knob, now, left, reversal->original->id, changer);
    return FALSE;
}

typedef enum { STANDS, GONE, BAD } Standing;

/* Whether the live value of @step is there to be taken back. Where the journal does not know
 * the outcome, the host says. */
static Standing
judge(const Reversal *reversal, const HvStep *step, const HvValue *present, GError **error)
{
    const gboolean as_left =
        hv_value_equal(present, left_by(step)) || hv_value_equal(present, &step->after);

    if (as_left)
        return STANDS;
    if (hv_value_equal(present, &step->before) &&
        (step->state != HV_OUTCOME_DONE || is_put_back(reversal, step, LIVE_PART))) {
        note(reversal, step, _("is as before already"));
        return GONE;
    }
    if (reversal->options->force || is_half_way(reversal, step, present))
        return STANDS;
    conflict(reversal, step, present, error);
    return BAD;
}

/* The live part of @reversed; STANDS when it has one. */
static Standing
reverse_live(const Reversal *reversal, const HvStep *step, const HvKnob *knob, HvStep *reversed,
             GError **error)
{
    const gboolean force = reversal->options->force;
    g_autoptr(GError) why = NULL;
    g_autofree char *lost = NULL;
    gboolean is_made; /* by an earlier step, which makes it anew: there is nothing to compare */
    Standing standing;

    if (step->before.type == HV_TYPE_NOTHING)
        return GONE; /* it had no live part itself */
    lost = hv_session_lost(reversal->parts, reversal->original, step, knob,
                           reversal->options->boot_id, &why);
    if (why) {
        g_propagate_error(error, g_steal_pointer(&why));
        return BAD;
    }
    if (lost && !force && !step->persist) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT, "%s: %s", step->knob, lost);
        return BAD;
    }
    if (lost && (!force || step->persist)) {
        note(reversal, step, lost);
        return GONE;
    }
    if (!hv_session_read_or_expect(reversal->parts, knob, reversal->plan, &reversed->before,
                                   &reversed->is_expected, &why) ||
        !hv_session_read_subject(reversal->parts, knob, &reversed->subject, &why)) {
        if (g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)) {
            if (lost)
                note(reversal, step, lost);
            else
                g_ptr_array_add(reversal->plan->notes, g_strdup(why->message));
            return GONE;
        }
        g_propagate_error(error, g_steal_pointer(&why));
        return BAD;
    }
    is_made = reversed->is_expected;
    hv_session_follow(reversal->plan, reversed);
    standing = is_made ? STANDS : judge(reversal, step, &reversed->before, error);
    hv_session_target(&reversed->after, &step->before);
    if (standing == STANDS && !hv_value_equal(&reversed->before, &reversed->after))
        return STANDS;
    hv_value_clear(&reversed->before); /* nothing to write */
    hv_value_clear(&reversed->after);
    return standing == BAD ? BAD : GONE;
}

/* The persistent part, as the guest's other steps of this plan will have left it by then. */
static Standing
reverse_persist(const Reversal *reversal, const HvStep *step, const HvKnob *knob,
                HvStep *reversed, GError **error)
{
    g_autofree char *text = NULL;
    const char *present;

    if (!step->persist || !step->persist_before)
        return GONE;
    text = hv_session_read_persist(reversal->parts, knob, error);
    if (!text)
        return BAD;
    present = hv_session_persist_after(reversal->plan, hv_plan_n_steps(reversal->plan), text);
    if (!step->persist_after && strcmp(present, step->persist_before) == 0)
        return GONE; /* its outcome was not known: it was not written */
    if (g_strcmp0(present, step->persist_after) != 0 &&
        is_put_back(reversal, step, PERSISTENT_PART))
        return GONE;
    if (g_strcmp0(present, step->persist_after) != 0 && !reversal->options->force) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                    _("%s: somebody else changed the persistent definition since entry "
                      "%" G_GUINT64_FORMAT " (--force puts the former one back all the same)"),
                    step->knob, reversal->original->id);
        return BAD;
    }
    reversed->persist = TRUE;
    reversed->persist_before = g_strdup(present);
    reversed->persist_after = g_strdup(step->persist_before);
    return STANDS;
}

static void
describe(const Reversal *reversal, const HvStep *step, const HvKnob *knob, HvStep *reversed)
{
    const HvTuner *tuner = knob->tuner;

    reversed->undo = step->undo;
    reversed->step_class = step->step_class;
    reversed->risk = g_strdup(step->risk);
    if (!reversed->subject.guest_name)
        hv_subject_copy(&reversed->subject, &step->subject);
    if (reversed->after.type != HV_TYPE_NOTHING)
        reversed->shell_line =
            tuner->shell_line
                ? tuner->shell_line(reversal->parts->host, knob, &reversed->after, FALSE)
                : hv_knob_shell_line(knob, &reversed->after);
    if (reversed->persist)
        reversed->remark =
            g_strdup(_("the persistent definition goes back whole, out of the journal"));
}

static gboolean
is_allowed(const Reversal *reversal, const HvKnob *knob, const HvValue *after, GError **error)
{
    if (!knob->tuner->check || after->type == HV_TYPE_NOTHING || reversal->options->force)
        return TRUE;
    if (knob->tuner->check(reversal->parts->host, knob, after, reversal->plan, error))
        return TRUE;
    hv_session_prefix(error, knob->path);
    return FALSE;
}

static gboolean
may_stand(const HvStep *step)
{
    return step->state == HV_OUTCOME_DONE || step->state == HV_OUTCOME_UNKNOWN ||
           step->state == HV_OUTCOME_DIFFERS || step->state == HV_OUTCOME_BEGUN;
}

static gboolean
make_reversed(const Reversal *reversal, const HvStep *step, GError **error)
{
    g_autoptr(HvKnob) knob = hv_session_knob(reversal->parts, step->knob, error);
    g_autoptr(HvStep) reversed = hv_step_new(step->knob);
    Standing live;
    Standing persist;

    if (!knob)
        return FALSE;
    live = reverse_live(reversal, step, knob, reversed, error);
    if (live == BAD || !is_allowed(reversal, knob, &reversed->after, error))
        return FALSE;
    persist = reverse_persist(reversal, step, knob, reversed, error);
    if (persist == BAD)
        return FALSE;
    if (live == GONE && persist == GONE)
        return TRUE;
    describe(reversal, step, knob, reversed);
    g_ptr_array_add(reversal->plan->steps, g_steal_pointer(&reversed));
    return TRUE;
}

/* What cannot be taken back, for a reason that will not pass. */
static gboolean
is_foreign(const GError *error)
{
    return g_error_matches(error, HV_ERROR, HV_ERROR_CONFLICT) ||
           g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT);
}

static gboolean
reverse_step(const Reversal *reversal, const HvStep *step, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (reversal->options->leave_slow && step->step_class == HV_STEP_SLOW) {
        note(reversal, step, _("stays as it is"));
        return TRUE;
    }
    if (make_reversed(reversal, step, &why))
        return TRUE;
    if (reversal->options->leave_foreign && is_foreign(why)) {
        g_ptr_array_add(reversal->plan->notes, g_strdup(why->message));
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

/* ---- the whole entry ---- */

/* A word of the journal, not translated: "undo 3: set vm/web1/vcpu/0/cpus". */
static char *
make_title(const HvSessionParts *parts, const HvPlan *original, HvPlanKind kind)
{
    g_autoptr(HvPlan) root = hv_plan_copy(original);
    const guint64 id = kind == HV_PLAN_REDO ? original->of : original->id;

    while (root->kind != HV_PLAN_SET) {
        HvPlan *former = hv_journal_get(parts->journal, root->of, NULL);

        if (!former || former->id >= root->id) { /* a broken journal: what it says must do */
            hv_plan_free(former);
            break;
        }
        hv_plan_free(root);
        root = former;
    }
    return g_strdup_printf("%s %" G_GUINT64_FORMAT ": %s", hv_plan_kind_name(kind), id,
                           root->title);
}

static gboolean
check_state(const HvPlan *original, GError **error)
{
    switch (original->state) {
    case HV_PLAN_APPLIED:
    case HV_PLAN_PARTLY:
    case HV_PLAN_UNKNOWN:
        return TRUE;
    case HV_PLAN_REFUSED:
        return refuse(error, _("entry {id} was refused: it changed nothing"), original->id);
    case HV_PLAN_NEW:
    case HV_PLAN_APPLYING:
        break;
    }
    return refuse(error, _("entry {id} is still being applied"), original->id);
}

static HvPlan *
reverse(const HvSessionParts *parts, const HvPlan *original, HvPlanKind kind,
        const HvActOptions *options, GError **error)
{
    g_autofree char *title = make_title(parts, original, kind);
    g_autoptr(HvPlan) plan = hv_plan_new(kind, title);
    const Reversal reversal = {
        .parts = parts, .options = options, .original = original, .plan = plan
    };
    guint n_standing = 0;

    if (!check_state(original, error))
        return NULL;
    if (g_strcmp0(original->machine_id, options->machine_id) != 0 && !options->force) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                    _("entry %" G_GUINT64_FORMAT " was made on another machine"), original->id);
        return NULL;
    }
    plan->of = original->id;
    plan->persist = original->persist;
    plan->force = options->force;
    plan->who = g_strdup(options->who);
    plan->machine_id = g_strdup(options->machine_id);
    plan->boot_id = g_strdup(options->boot_id);
    for (guint i = hv_plan_n_steps(original); i > 0; i--) {
        const HvStep *step = hv_plan_step(original, i - 1);

        n_standing += may_stand(step) ? 1 : 0;
        if (may_stand(step) && !reverse_step(&reversal, step, error))
            return NULL;
    }
    if (n_standing == 0) {
        refuse(error, _("entry {id}: none of its steps stands"), original->id);
        return NULL;
    }
    return g_steal_pointer(&plan);
}

static gboolean
has_journal(const HvSessionParts *parts, GError **error)
{
    if (parts->journal)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, _("no journal: %s"),
                parts->read_only_why ? parts->read_only_why : _("nothing can be undone here"));
    return FALSE;
}

/* The end of the chain that begins with @take_plan: the only one of it that stands. */
static HvPlan *
last_of_chain(const HvSessionParts *parts, HvPlan *take_plan, GError **error)
{
    g_autoptr(HvPlan) plan = take_plan;

    while (plan && plan->undone_by > plan->id) {
        HvPlan *next = hv_journal_get(parts->journal, plan->undone_by, error);

        hv_plan_free(plan);
        plan = next;
    }
    return g_steal_pointer(&plan);
}

static gboolean
refuse_undone(const HvSessionParts *parts, const HvPlan *original, GError **error)
{
    g_autoptr(HvPlan) last = last_of_chain(parts, hv_plan_copy(original), error);

    if (!last)
        return FALSE;
    if (last->kind == HV_PLAN_UNDO)
        g_set_error(
            error, HV_ERROR, HV_ERROR_REFUSED,
            _("entry %" G_GUINT64_FORMAT " was undone already, by entry %" G_GUINT64_FORMAT),
            original->id, last->id);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("entry %" G_GUINT64_FORMAT " was undone by entry %" G_GUINT64_FORMAT
                      " and made again by entry %" G_GUINT64_FORMAT ": undo that"),
                    original->id, original->undone_by, last->id);
    return FALSE;
}

static guint64
newest_undo(const HvSessionParts *parts, const char *machine_id)
{
    g_autoptr(GPtrArray) plans = hv_journal_read(parts->journal, 0, NULL);

    for (guint i = 0; plans && i < plans->len; i++) {
        const HvPlan *plan = plans->pdata[i];

        if (plan->kind == HV_PLAN_UNDO && !plan->undone_by && plan->state == HV_PLAN_APPLIED &&
            g_strcmp0(plan->machine_id, machine_id) == 0)
            return plan->id;
    }
    return 0;
}

HvPlan *
hv_plan_make_redo(const HvSessionParts *parts, guint64 id, const HvActOptions *options,
                  GError **error)
{
    g_autoptr(HvPlan) last = NULL;
    HvPlan *entry;

    if (!has_journal(parts, error))
        return NULL;
    if (id == 0)
        id = newest_undo(parts, options->machine_id);
    if (id == 0) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            _("nothing to redo: no undo stands"));
        return NULL;
    }
    entry = hv_journal_get(parts->journal, id, error);
    last = entry ? last_of_chain(parts, entry, error) : NULL;
    if (!last)
        return NULL;
    if (last->kind != HV_PLAN_UNDO) {
        refuse(error,
               last->id == id ? _("entry {id} is not undone")
                              : _("entry {id} has made it again"),
               last->id);
        return NULL;
    }
    return reverse(parts, last, HV_PLAN_REDO, options, error);
}

HvPlan *
hv_plan_make_undo(const HvSessionParts *parts, guint64 id, const HvActOptions *options,
                  GError **error)
{
    g_autoptr(HvPlan) original = NULL;

    if (!has_journal(parts, error))
        return NULL;
    if (id == 0)
        id = hv_journal_newest_applied(parts->journal, options->machine_id, options->boot_id);
    if (id == 0) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            _("nothing to undo: no change of this boot stands"));
        return NULL;
    }
    original = hv_journal_get(parts->journal, id, error);
    if (!original)
        return NULL;
    if (original->undone_by != 0) {
        refuse_undone(parts, original, error);
        return NULL;
    }
    if (original->kind == HV_PLAN_UNDO)
        return hv_plan_make_redo(parts, id, options, error);
    return reverse(parts, original, HV_PLAN_UNDO, options, error);
}
