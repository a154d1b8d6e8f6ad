/* Settling what a killed hvtune left: the host is asked what became of each step. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "session/knobs.h"

/* What the host says of one part of a step. */
typedef enum {
    PART_NONE,       /* the step has no such part */
    PART_AFTER,      /* as wished */
    PART_BEFORE,     /* as before */
    PART_OTHER,      /* neither */
    PART_LOST,       /* another boot or start of the guest: gone */
    PART_UNREADABLE, /* cannot be told now */
} Part;

typedef struct {
    const HvSessionParts *parts;
    const HvActOptions *options;
    HvPlan *plan;
    gboolean halved; /* a step's live part stands without its persistent one */
    gboolean *deaf;  /* something did not answer: not asked again in this round */
} Settling;

static void
say(HvStep *step, const char *what)
{
    g_free(step->error);
    step->error = g_strdup(what);
}

static Part
look_at_live(const Settling *settling, HvStep *step, const HvKnob *knob)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *lost = NULL;
    g_auto(HvValue) target = { 0 };

    if (step->after.type == HV_TYPE_NOTHING)
        return PART_NONE;
    lost = hv_session_lost(settling->parts, settling->plan, step, knob,
                           settling->options->boot_id, &why);
    if (lost) {
        say(step, lost);
        return PART_LOST;
    }
    if (why || !hv_session_read(settling->parts, knob, &step->found, &why)) {
        say(step, why->message);
        return PART_UNREADABLE;
    }
    hv_session_target(&target, &step->before);
    if (hv_session_is_met(knob, &step->found, &step->after))
        return PART_AFTER;
    return hv_value_equal(&step->found, &step->before) || hv_value_equal(&step->found, &target)
               ? PART_BEFORE
               : PART_OTHER;
}

static gboolean
note_silence(const Settling *settling, HvStep *step, const GError *why)
{
    say(step, why->message);
    *settling->deaf |= g_error_matches(why, HV_ERROR, HV_ERROR_TIMEOUT);
    return FALSE;
}

/* FALSE: a write without an answer may still be made, so that what is read now says nothing. */
static gboolean
is_quiet(const Settling *settling, HvStep *step, const HvKnob *knob)
{
    g_autoptr(GError) why = NULL;

    if (!knob->tuner->is_quiet)
        return TRUE;
    if (*settling->deaf) {
        say(step, _("not asked: there was no answer before"));
        return FALSE;
    }
    return knob->tuner->is_quiet(settling->parts->host, knob, &why) ||
           note_silence(settling, step, why);
}

/* A wish that was cut off does not know the text that libvirt makes of it: one that is other
 * than before and holds the value is taken for it. */
static gboolean
is_ours(const HvStep *step, const HvKnob *knob, const char *present)
{
    if (step->persist_after || step->after.type == HV_TYPE_NOTHING)
        return FALSE;
    return !knob->tuner->persist_holds ||
           knob->tuner->persist_holds(knob, present, &step->after);
}

/* The persistent part comes after the live write, so that this is only asked where that one was
 * made. */
static Part
look_at_persist(const Settling *settling, HvStep *step, const HvKnob *knob)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *present = NULL;

    if (!step->persist || !step->persist_before)
        return PART_NONE;
    if (*settling->deaf) {
        say(step, _("not asked: there was no answer before"));
        return PART_UNREADABLE;
    }
    present = hv_session_read_persist(settling->parts, knob, &why);
    if (!present) {
        note_silence(settling, step, why);
        return PART_UNREADABLE;
    }
    if (g_strcmp0(present, step->persist_after) == 0)
        return PART_AFTER;
    if (g_strcmp0(present, step->persist_before) == 0)
        return PART_BEFORE;
    if (!is_ours(step, knob, present))
        return PART_OTHER;
    step->persist_after = g_steal_pointer(&present);
    return PART_AFTER;
}

/* A step whose live part was made. */
static void
settle_made(Settling *settling, HvStep *step, Part persist)
{
    step->state = HV_OUTCOME_DONE;
    if (persist == PART_BEFORE || persist == PART_OTHER) {
        settling->halved = TRUE;
        step->persist = FALSE;
        say(step, _("interrupted: only its live part was made"));
    } else if (persist == PART_UNREADABLE) {
        step->state = HV_OUTCOME_UNKNOWN;
    }
}

/* A step without a live part, or whose live part went with the guest: the persistent one says
 * it. */
static void
settle_by_persist(HvStep *step, Part persist)
{
    if (persist == PART_AFTER)
        step->state = HV_OUTCOME_DONE;
    else if (persist == PART_UNREADABLE)
        step->state = HV_OUTCOME_UNKNOWN;
    else if (persist == PART_OTHER)
        step->state = HV_OUTCOME_DIFFERS;
    else
        step->state = HV_OUTCOME_SKIPPED;
}

/* Begun, and nobody knows how it ended. */
static void
settle_begun(Settling *settling, HvStep *step, const HvKnob *knob)
{
    Part live = look_at_live(settling, step, knob);
    g_autofree char *found = NULL;

    if (live == PART_BEFORE || live == PART_OTHER ||
        (step->persist && (live == PART_AFTER || live == PART_NONE)))
        live = is_quiet(settling, step, knob) ? look_at_live(settling, step, knob)
                                              : PART_UNREADABLE;
    if (live == PART_AFTER && hv_value_equal(&step->before, &step->after))
        live = PART_NONE; /* it was so already: says nothing */
    if (live == PART_BEFORE && knob->tuner->write_slowly)
        live = PART_OTHER; /* some of it may have been made */
    switch (live) {
    case PART_AFTER:
        settle_made(settling, step, look_at_persist(settling, step, knob));
        break;
    case PART_NONE:
    case PART_LOST:
        settle_by_persist(step, look_at_persist(settling, step, knob));
        break;
    case PART_BEFORE:
        step->state = HV_OUTCOME_SKIPPED;
        say(step, _("interrupted before it was written"));
        break;
    case PART_OTHER:
        found = hv_value_to_text(&step->found);
        g_free(step->error);
        step->error = g_strdup_printf(_("interrupted; the host has %s"), found);
        step->state = HV_OUTCOME_DIFFERS;
        break;
    case PART_UNREADABLE:
        step->state = HV_OUTCOME_UNKNOWN;
        break;
    }
}

/* Done, but perhaps the kill came while it was being taken back: its persistent part goes first
 * then. */
static void
settle_done(Settling *settling, HvStep *step, const HvKnob *knob)
{
    g_auto(HvValue) found = { 0 };
    g_autofree char *former = g_strdup(step->error);
    Part live;
    Part persist;

    hv_value_copy(&found, &step->found);
    live = look_at_live(settling, step, knob);
    hv_value_copy(&step->found, &found);
    say(step, former);
    if (live == PART_UNREADABLE || live == PART_OTHER || live == PART_LOST)
        return;
    if (live == PART_AFTER && hv_value_equal(&step->before, &step->after))
        live = PART_NONE; /* it was so already: says nothing */
    persist = look_at_persist(settling, step, knob);
    if (live == PART_BEFORE || (live == PART_NONE && persist == PART_BEFORE))
        step->state = HV_OUTCOME_TAKEN_BACK;
    else if (live == PART_AFTER && persist == PART_BEFORE &&
             g_strcmp0(step->persist_before, step->persist_after) != 0)
        settle_made(settling, step, persist);
}

static void
settle_step(Settling *settling, HvStep *step)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(HvKnob) knob = NULL;

    if (step->state == HV_OUTCOME_PLANNED)
        step->state = HV_OUTCOME_SKIPPED;
    if (step->state != HV_OUTCOME_BEGUN && step->state != HV_OUTCOME_UNKNOWN &&
        step->state != HV_OUTCOME_DONE)
        return;
    knob = hv_session_knob(settling->parts, step->knob, &why);
    if (!knob) {
        say(step, why->message);
        step->state = step->state == HV_OUTCOME_DONE ? HV_OUTCOME_DONE : HV_OUTCOME_UNKNOWN;
    } else if (step->state == HV_OUTCOME_DONE) {
        settle_done(settling, step, knob);
    } else {
        settle_begun(settling, step, knob);
    }
}

static void
conclude(const Settling *settling)
{
    HvPlan *plan = settling->plan;
    const guint n_steps = hv_plan_n_steps(plan);
    const guint n_done = hv_plan_count_steps(plan, HV_OUTCOME_DONE);
    const guint n_standing = n_done + hv_plan_count_steps(plan, HV_OUTCOME_DIFFERS);

    g_free(plan->summary);
    if (hv_plan_count_steps(plan, HV_OUTCOME_UNKNOWN) > 0) {
        plan->state = HV_PLAN_UNKNOWN;
        plan->summary = g_strdup(_("interrupted; what became of it cannot be read yet"));
    } else if (n_done == n_steps && !settling->halved) {
        plan->state = HV_PLAN_APPLIED;
        plan->summary = g_strdup(_("interrupted after all was written"));
    } else if (n_standing == 0) {
        plan->state = HV_PLAN_REFUSED;
        plan->summary = hv_plan_count_steps(plan, HV_OUTCOME_TAKEN_BACK) > 0
                            ? g_strdup(_("interrupted after all was taken back"))
                            : g_strdup(_("interrupted before anything was written"));
    } else {
        plan->state = HV_PLAN_PARTLY;
        plan->summary = g_strdup_printf(_("interrupted: hvtune undo %" G_GUINT64_FORMAT
                                          " takes back the %u steps that were made, of %u"),
                                        plan->id, n_standing, n_steps);
    }
}

static gboolean
settle_plan(const HvSessionParts *parts, const HvActOptions *options, HvPlan *plan,
            gboolean *deaf, GError **error)
{
    Settling settling = { .parts = parts, .options = options, .plan = plan, .deaf = deaf };

    const gboolean was_unknown = plan->state == HV_PLAN_UNKNOWN;

    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        settle_step(&settling, hv_plan_step(plan, i));
    conclude(&settling);
    if (was_unknown && plan->state == HV_PLAN_UNKNOWN)
        return TRUE; /* as the journal has it */
    if (!hv_journal_end(parts->journal, plan, error))
        return FALSE;
    return plan->kind == HV_PLAN_SET || plan->state != HV_PLAN_APPLIED ||
           hv_journal_mark_undone(parts->journal, plan->of, plan->id, error);
}

int
hv_plan_settle(const HvSessionParts *parts, const HvActOptions *options, GError **error)
{
    g_autoptr(GPtrArray) plans = NULL;
    gboolean deaf = FALSE;
    int n_settled = 0;

    if (!parts->journal || parts->read_only_why)
        return 0;
    plans = hv_journal_unsettled(parts->journal, error);
    if (!plans)
        return -1;
    /* the oldest first: an undo comes after what it undoes */
    for (guint i = plans->len; i > 0; i--) {
        HvPlan *plan = plans->pdata[i - 1];

        if (g_strcmp0(plan->machine_id, options->machine_id) != 0)
            continue;
        if (!settle_plan(parts, options, plan, &deaf, error))
            return -1;
        n_settled += plan->state == HV_PLAN_UNKNOWN ? 0 : 1;
    }
    return n_settled;
}
