/* The table "changes": the journal as rows, one for each step. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/changes.h"

#include <string.h>

#include "model/i18n.h"
#include "session/session.h"

#define MAX_PLANS 200

enum {
    CHANGE,
    STEP,
    TIME_NS,
    TITLE,
    KNOB,
    BEFORE,
    AFTER,
    FOUND,
    OUTCOME,
    PLAN_STATE,
    UNDO,
    EFFECT,
    WHO,
    KIND,
    UNDONE_BY,
    PERSIST,
    ERROR,
    CONFIRM,
    DEADLINE_NS,
    RECIPE,
    CONTESTED,
};

static const HvColumn columns[] = {
    [CHANGE] = { .name = "change",
                 .kind = HV_KIND_ID,
                 .unit = HV_UNIT_NONE,
                 .help = N_("number of the change in the journal") },
    [STEP] = { .name = "step",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("step within it, from 0") },
    [TIME_NS] = { .name = "time_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NONE, /* an instant, not a duration */
                  .help = N_("when it was journalled, since 1970") },
    [TITLE] = { .name = "title",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("what the change is") },
    [KNOB] = { .name = "knob",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("the knob that this step turns") },
    [BEFORE] = { .name = "before",
                 .kind = HV_KIND_TEXT,
                 .unit = HV_UNIT_NONE,
                 .help = N_("its value before") },
    [AFTER] = { .name = "after",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("the value wished for") },
    [FOUND] = { .name = "found",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("the value read back") },
    [OUTCOME] = { .name = "outcome",
                  .kind = HV_KIND_TEXT,
                  .unit = HV_UNIT_NONE,
                  .help = N_("what became of the step") },
    [PLAN_STATE] = { .name = "state",
                     .kind = HV_KIND_TEXT,
                     .unit = HV_UNIT_NONE,
                     .help = N_("what became of the change as a whole") },
    [UNDO] = { .name = "undo",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("how well it can be taken back") },
    [EFFECT] = { .name = "effect",
                 .kind = HV_KIND_TEXT,
                 .unit = HV_UNIT_NONE,
                 .help = N_("what it did") },
    [WHO] = { .name = "who",
              .kind = HV_KIND_TEXT,
              .unit = HV_UNIT_NONE,
              .help = N_("who made it") },
    [KIND] = { .name = "kind",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("set, undo or redo") },
    [UNDONE_BY] = { .name = "undone_by",
                    .kind = HV_KIND_U64,
                    .unit = HV_UNIT_NONE,
                    .help = N_("the change that took it back") },
    [PERSIST] = { .name = "persist",
                  .kind = HV_KIND_BOOL,
                  .unit = HV_UNIT_NONE,
                  .help = N_("also written to the persistent definition") },
    [ERROR] = { .name = "error",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("why the step failed") },
    [CONFIRM] = { .name = "confirm",
                  .kind = HV_KIND_TEXT,
                  .unit = HV_UNIT_NONE,
                  .help = N_("whether it reverts by itself: none, armed, orphaned (its guard "
                             "is gone), confirmed, reverted, kept") },
    [DEADLINE_NS] = { .name = "deadline_ns",
                      .kind = HV_KIND_U64,
                      .unit = HV_UNIT_NONE, /* an instant, not a duration */
                      .help = N_("when it reverts unless confirmed, since boot") },
    [RECIPE] = { .name = "recipe",
                 .kind = HV_KIND_TEXT,
                 .unit = HV_UNIT_NONE,
                 .help = N_("the recipe that made it") },
    [CONTESTED] = { .name = "contested",
                    .kind = HV_KIND_TEXT,
                    .unit = HV_UNIT_NONE,
                    .help = N_("what somebody else made of the knob since") },
    { 0 },
};
const HvSchema hv_changes_schema = { .name = "changes", .columns = columns };

struct HvChanges {
    HvJournal *journal;
    HvContested *contested; /* or NULL */
    gboolean has_guards;
    gboolean has_read;
    gboolean is_behind;      /* read, and what stands not looked at since */
    guint64 journal_version; /* the journal thread's */
    GMutex lock;             /* of all below */
    guint64 version;
    GPtrArray *plans; /* of HvPlan, newest first; NULL: see @why */
    char *why;
    GArray *orphans; /* of guint64: plans that wait without a guard */
    GArray *found;   /* the same, while they are looked for: a tick allocates nothing */
};

HvChanges *
hv_changes_new(HvJournal *journal)
{
    HvChanges *changes = g_new0(HvChanges, 1);

    g_mutex_init(&changes->lock);
    changes->journal = journal;
    changes->orphans = g_array_new(FALSE, FALSE, sizeof(guint64));
    changes->found = g_array_new(FALSE, FALSE, sizeof(guint64));
    return changes;
}

void
hv_changes_free(HvChanges *changes)
{
    if (!changes)
        return;
    g_clear_pointer(&changes->plans, g_ptr_array_unref);
    g_free(changes->why);
    g_array_unref(changes->orphans);
    g_array_unref(changes->found);
    g_mutex_clear(&changes->lock);
    g_free(changes);
}

static void
replace(HvChanges *changes, GPtrArray *take_plans, const char *why)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&changes->lock);

    g_clear_pointer(&changes->plans, g_ptr_array_unref);
    changes->plans = take_plans;
    g_free(changes->why);
    changes->why = g_strdup(why);
    changes->version++;
}

void
hv_changes_watch(HvChanges *changes, HvContested *contested)
{
    changes->contested = contested;
}

void
hv_changes_expect_guards(HvChanges *changes)
{
    changes->has_guards = TRUE;
}

HvContested *
hv_changes_contested(HvChanges *changes)
{
    return changes->contested;
}

/* The plans are replaced by this thread alone. */
static gboolean
look_at_contested(HvChanges *changes, gboolean is_new)
{
    HvContested *contested = changes->contested;

    if (!contested)
        return is_new;
    if (is_new)
        hv_contested_watch(contested, changes->plans);
    return hv_contested_look(contested) || is_new;
}

static gboolean
read_journal(HvChanges *changes)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *plans;
    guint64 version;

    if (!changes->journal) {
        if (!changes->has_read)
            replace(changes, NULL, N_("there is no journal here"));
        changes->has_read = TRUE;
        return FALSE;
    }
    version = hv_journal_version(changes->journal);
    if (changes->has_read && version == changes->journal_version)
        return FALSE;
    plans = hv_journal_read(changes->journal, MAX_PLANS, &error);
    changes->has_read = TRUE;
    changes->journal_version = version;
    replace(changes, plans, error ? error->message : NULL);
    return TRUE;
}

/* While its steps run the guard may just be arming itself. */
static gboolean
waits_for_guard(const HvPlan *plan)
{
    return plan->confirm == HV_CONFIRM_ARMED && plan->state != HV_PLAN_APPLYING;
}

static gboolean
is_same(const GArray *a, const GArray *b)
{
    return a->len == b->len &&
           (!a->len || memcmp(a->data, b->data, a->len * sizeof(guint64)) == 0);
}

/* A guard that dies writes nothing: it is asked for anew. */
static gboolean
look_at_guards(HvChanges *changes)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = NULL;
    GArray *former = changes->orphans;

    g_array_set_size(changes->found, 0);
    for (guint i = 0; changes->has_guards && changes->plans && i < changes->plans->len; i++) {
        const HvPlan *plan = changes->plans->pdata[i];

        if (waits_for_guard(plan) && !hv_journal_is_guarded(changes->journal, plan->id))
            g_array_append_val(changes->found, plan->id);
    }
    locker = g_mutex_locker_new(&changes->lock);
    if (is_same(changes->found, former))
        return FALSE;
    changes->orphans = changes->found;
    changes->found = former;
    changes->version++;
    return TRUE;
}

void
hv_changes_read(HvChanges *changes)
{
    changes->is_behind |= read_journal(changes);
}

gboolean
hv_changes_refresh(HvChanges *changes)
{
    gboolean is_new;

    hv_changes_read(changes);
    is_new = look_at_contested(changes, changes->is_behind);
    changes->is_behind = FALSE;
    return look_at_guards(changes) || is_new;
}

static gboolean
is_orphan(const HvChanges *changes, guint64 id)
{
    for (guint i = 0; i < changes->orphans->len; i++) {
        if (g_array_index(changes->orphans, guint64, i) == id)
            return TRUE;
    }
    return FALSE;
}

guint64
hv_changes_version(HvChanges *changes)
{
    const guint64 contested = changes->contested ? hv_contested_version(changes->contested) : 0;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&changes->lock);

    return changes->version + contested;
}

static void
emit_text(HvSink *out, guint column, const char *text, const char *why)
{
    if (text && *text)
        hv_text(out, column, text);
    else
        hv_none(out, column, HV_MARK_ABSENT, why);
}

static void
emit_value(HvSink *out, guint column, const HvValue *value)
{
    g_autofree char *text = value->type == HV_TYPE_NOTHING ? NULL : hv_value_to_text(value);

    emit_text(out, column, text, N_("not read"));
}

static void
emit_step(HvSink *out, const HvPlan *plan, guint index, const char *contested, gboolean orphan)
{
    const HvStep *step = hv_plan_step(plan, index);

    g_autofree char *change = g_strdup_printf("%" G_GUINT64_FORMAT, plan->id);
    g_autofree char *number = g_strdup_printf("%u", index);

    hv_row(out, change, number);
    hv_u64(out, TIME_NS, (guint64)plan->time_ns);
    emit_text(out, TITLE, plan->title, N_("it has no title"));
    emit_text(out, KNOB, step->knob, N_("it turns no knob"));
    emit_value(out, BEFORE, &step->before);
    emit_value(out, AFTER, &step->after);
    emit_value(out, FOUND, &step->found);
    hv_text(out, OUTCOME, hv_outcome_name(step->state));
    hv_text(out, PLAN_STATE, hv_plan_state_name(plan->state));
    hv_text(out, UNDO, hv_undo_name(step->undo));
    emit_text(out, EFFECT, plan->effect, N_("not known (yet)"));
    emit_text(out, WHO, plan->who, N_("not recorded"));
    hv_text(out, KIND, hv_plan_kind_name(plan->kind));
    if (plan->undone_by)
        hv_u64(out, UNDONE_BY, plan->undone_by);
    else
        hv_none(out, UNDONE_BY, HV_MARK_ABSENT, N_("it stands"));
    hv_bool(out, PERSIST, step->persist);
    emit_text(out, ERROR, step->error, N_("no error"));
    hv_text(out, CONFIRM, orphan ? "orphaned" : hv_confirm_name(plan->confirm));
    if (plan->confirm == HV_CONFIRM_ARMED && plan->deadline_ns > 0)
        hv_u64(out, DEADLINE_NS, (guint64)plan->deadline_ns);
    else
        hv_none(out, DEADLINE_NS, HV_MARK_ABSENT, N_("it does not revert by itself"));
    emit_text(out, RECIPE, plan->recipe, N_("made by set"));
    emit_text(out, CONTESTED, contested, N_("nobody else changed it"));
}

void
hv_changes_fill(HvChanges *changes, HvSink *out)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&changes->lock);

    for (guint i = 0; changes->plans && i < changes->plans->len; i++) {
        const HvPlan *plan = changes->plans->pdata[i];
        const gboolean orphan = is_orphan(changes, plan->id);

        for (guint step = 0; step < hv_plan_n_steps(plan); step++) {
            g_autofree char *contested =
                changes->contested ? hv_contested_describe(changes->contested, plan->id,
                                                           hv_plan_step(plan, step)->knob)
                                   : NULL;

            emit_step(out, plan, step, contested, orphan);
        }
    }
    hv_sink_why(out, changes->why);
}

void
hv_changes_each(HvChanges *changes, void (*each)(const HvPlan *plan, gpointer data),
                gpointer data)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&changes->lock);

    for (guint i = 0; changes->plans && i < changes->plans->len; i++)
        each(changes->plans->pdata[i], data);
}
