/* The actuator's thread: intents become plans, plans are applied, one after the other; in its
 * idle turns it settles what was left open. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "session/guard.h"
#include "session/plan-write.h"
#include "session/session-private.h"

#define LOOK_AT_JOURNAL_NS (1000 * HV_NS_PER_MS) /* other hvtunes write it too */
#define SETTLE_AGAIN_NS (30000 * HV_NS_PER_MS)

static void
set_busy(HvSession *session, const char *title)
{
    g_mutex_lock(&session->lock);
    g_free(session->busy_with);
    session->busy_with = g_strdup(title);
    g_atomic_int_set(&session->is_plan_stopped, 0); /* it was meant for what is over */
    g_mutex_unlock(&session->lock);
}

static void
refuse(HvSession *session, const HvIntent *intent, GError *take_error)
{
    HvAnswer *refusal = hv_answer_new(HV_ANSWER_REFUSED, intent->serial);

    refusal->error = take_error;
    hv_session_answer(session, refusal);
}

static void
answer_plan(HvSession *session, const HvIntent *intent, HvAnswerKind kind, HvPlan *take_plan)
{
    HvAnswer *with_plan = hv_answer_new(kind, intent->serial);

    with_plan->plan = take_plan;
    hv_session_answer(session, with_plan);
}

/* What is told of a plan while it is applied. */
typedef struct {
    HvSession *session;
    const HvIntent *intent;
    gint64 read_us; /* when the journal was read last; 0: not yet */
} Telling;

/* A slow plan is in the journal, and so on screen and in a recording, before it has ended. */
static void
show_changes(Telling *telling)
{
    const gint64 now_us = g_get_monotonic_time();

    if (telling->read_us && now_us - telling->read_us < G_USEC_PER_SEC)
        return;
    telling->read_us = now_us;
    hv_changes_read(telling->session->changes);
    hv_session_wake(telling->session->sampler_fd);
}

static void
tell_progress(const HvPlan *plan, gpointer data)
{
    Telling *telling = data;
    const HvActOptions *options = &telling->session->options;

    show_changes(telling);
    answer_plan(telling->session, telling->intent, HV_ANSWER_PROGRESS, hv_plan_copy(plan));
    if (options->progress)
        options->progress(plan, options->data);
}

static gboolean
shall_stop(gpointer data)
{
    const Telling *telling = data;
    const HvActOptions *options = &telling->session->options;

    return hv_session_is_stopping(telling->session) ||
           g_atomic_int_get(&telling->session->is_plan_stopped) ||
           (options->stop && options->stop(options->data));
}

static HvActOptions
options_for(const HvSession *session, const HvIntent *intent, Telling *telling)
{
    HvActOptions options = session->options;

    options.persist = intent->persist;
    options.force = intent->force;
    options.confirm_s = intent->confirm_s;
    options.progress = tell_progress;
    options.stop = shall_stop;
    options.data = telling;
    return options;
}

/* Once journalled, a plan has an outcome, good or bad; before that it is refused. */
static void
apply(HvSession *session, HvIntent *intent, const HvActOptions *options)
{
    HvPlan *plan = g_steal_pointer(&intent->plan);
    GError *error = NULL;

    if (session->parts.read_only_why || !session->parts.journal) {
        g_set_error_literal(&error, HV_ERROR, HV_ERROR_DENIED,
                            session->parts.read_only_why
                                ? session->parts.read_only_why
                                : _("there is no journal, so nothing can be changed"));
        hv_plan_free(plan);
        refuse(session, intent, error);
        return;
    }
    set_busy(session, plan->title);
    hv_plan_apply(&session->parts, plan, options, &error);
    set_busy(session, NULL);
    hv_session_refresh(session);
    hv_session_wake(session->sampler_fd);
    if (error && plan->id == 0) {
        hv_plan_free(plan);
        refuse(session, intent, error);
        return;
    }
    g_clear_error(&error); /* the plan's steps say it */
    answer_plan(session, intent, HV_ANSWER_OUTCOME, plan);
}

static void
plan(HvSession *session, const HvIntent *intent, const HvActOptions *options)
{
    GError *error = NULL;
    HvPlan *made;

    if (intent->verb == HV_INTENT_UNDO)
        made = hv_plan_make_undo(&session->parts, intent->id, options, &error);
    else if (intent->verb == HV_INTENT_REDO)
        made = hv_plan_make_redo(&session->parts, intent->id, options, &error);
    else
        made = hv_plan_make(&session->parts, intent->wishes, options, &error);
    if (made)
        answer_plan(session, intent, HV_ANSWER_PLAN, made);
    else
        refuse(session, intent, error);
}

static HvSnapshot *
latest(HvSession *session, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    if (!session->latest)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, _("nothing is sampled yet"));
    return session->latest ? hv_snapshot_ref(session->latest) : NULL;
}

static void
make_by_recipe(HvSession *session, const HvIntent *intent, const HvActOptions *options)
{
    GError *error = NULL;
    g_autoptr(HvSnapshot) snapshot = latest(session, &error);
    HvPlan *made = snapshot ? hv_plan_make_recipe(&session->parts, intent->recipe,
                                                  (const char *const *)intent->arguments,
                                                  snapshot, options, &error)
                            : NULL;

    if (made)
        answer_plan(session, intent, HV_ANSWER_PLAN, made);
    else
        refuse(session, intent, error);
}

static void
answer_choices(HvSession *session, const HvIntent *intent, const HvActOptions *options)
{
    GError *error = NULL;
    g_autoptr(HvSnapshot) snapshot = latest(session, &error);
    GPtrArray *choices = snapshot ? hv_plan_choices(&session->parts, intent->recipe,
                                                    (const char *const *)intent->arguments,
                                                    snapshot, options, &error)
                                  : NULL;
    HvAnswer *with_choices;

    if (!choices) {
        refuse(session, intent, error);
        return;
    }
    with_choices = hv_answer_new(HV_ANSWER_CHOICES, intent->serial);
    with_choices->choices = choices;
    hv_session_answer(session, with_choices);
}

static CommandHook
command_hook(HvSession *session)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    return session->hook;
}

static void
run_command(HvSession *session, const HvIntent *intent)
{
    const CommandHook hook = command_hook(session);
    HvAnswer *text;

    if (!hook.run) {
        refuse(session, intent,
               g_error_new_literal(HV_ERROR, HV_ERROR_ABSENT, _("there are no commands here")));
        return;
    }
    text = hv_answer_new(HV_ANSWER_TEXT, intent->serial);
    set_busy(session, intent->line);
    text->text = hook.run(intent->line, &text->status, hook.data);
    set_busy(session, NULL);
    hv_session_refresh(session);
    hv_session_wake(session->sampler_fd);
    hv_session_answer(session, text);
}

static void
write_plan(HvSession *session, const HvIntent *intent)
{
    GError *error = NULL;
    char *said = hv_plan_write(intent->plan, intent->line, &error);
    HvAnswer *text;

    if (!said) {
        refuse(session, intent, error);
        return;
    }
    text = hv_answer_new(HV_ANSWER_TEXT, intent->serial);
    text->text = said;
    hv_session_answer(session, text);
}

static void
confirm(HvSession *session, const HvIntent *intent, const HvActOptions *options)
{
    GError *error = NULL;
    guint64 id = intent->id;
    HvAnswer *text;

    if (!hv_guard_confirm(&session->parts, options, &id, &error)) {
        refuse(session, intent, error);
        return;
    }
    hv_session_refresh(session);
    hv_session_wake(session->sampler_fd);
    text = hv_answer_new(HV_ANSWER_TEXT, intent->serial);
    text->text = g_strdup_printf(_("plan %" G_GUINT64_FORMAT " stays"), id);
    hv_session_answer(session, text);
}

/* The sub-command does it, as it would from a shell. */
static void
try_plan(HvSession *session, HvIntent *intent)
{
    g_autoptr(GString) line = g_string_new("try");

    for (guint i = 0; i < hv_plan_n_steps(intent->plan); i++) {
        const HvStep *step = hv_plan_step(intent->plan, i);
        g_autofree char *value = hv_value_to_text(&step->after);
        g_autofree char *wish = g_strconcat(step->knob, "=", value, NULL);
        g_autofree char *word = g_shell_quote(wish);

        g_string_append_printf(line, " %s", word);
    }
    g_free(intent->line);
    intent->line = g_string_free(g_steal_pointer(&line), FALSE);
    run_command(session, intent);
}

/* Where this process is the guard itself. */
static void
guard(HvSession *session)
{
    g_autofree char *said = hv_guard_check(&session->parts, &session->options);

    if (said)
        g_debug("%s", said); /* the journal and the changes say it to people */
}

static void
act(HvSession *session, HvIntent *intent)
{
    Telling telling = { .session = session, .intent = intent };
    const HvActOptions options = options_for(session, intent, &telling);

    switch (intent->verb) {
    case HV_INTENT_PLAN:
    case HV_INTENT_UNDO:
    case HV_INTENT_REDO:
        plan(session, intent, &options);
        break;
    case HV_INTENT_APPLY:
        apply(session, intent, &options);
        break;
    case HV_INTENT_COMMAND:
        run_command(session, intent);
        break;
    case HV_INTENT_RECIPE:
        make_by_recipe(session, intent, &options);
        break;
    case HV_INTENT_CHOICES:
        answer_choices(session, intent, &options);
        break;
    case HV_INTENT_WRITE:
        write_plan(session, intent);
        break;
    case HV_INTENT_CONFIRM:
        confirm(session, intent, &options);
        break;
    case HV_INTENT_TRY:
        try_plan(session, intent);
        break;
    case HV_INTENT_STOP: /* never come here: see submit(), and for the past and recordings app
                          */
    case HV_INTENT_INTEREST:
    case HV_INTENT_SEEK:
    case HV_INTENT_STEP:
    case HV_INTENT_PLAY:
    case HV_INTENT_NOW:
    case HV_INTENT_COMPARE:
    case HV_INTENT_RECORD:
    case HV_INTENT_NOTE:
    case HV_INTENT_VIEW:
        break;
    }
}

/* What a killed hvtune left unsettled, and what had no answer, is settled once VMs are known;
 * and again, since libvirt may be late. */
static void
settle(HvSession *session, guint *n_settled)
{
    static const gint64 after_ns[] = { 0, 2000 * HV_NS_PER_MS, 10000 * HV_NS_PER_MS };
    const guint n_early = G_N_ELEMENTS(after_ns);
    const gint64 age_ns = hv_session_monotonic_ns(session) - session->begin_ns;
    const gint64 due_ns = *n_settled < n_early ? after_ns[*n_settled]
                                               : (*n_settled - n_early + 1) * SETTLE_AGAIN_NS;

    if (!session->parts.journal || session->parts.read_only_why ||
        !g_atomic_int_get(&session->has_ticked) || age_ns < due_ns)
        return;
    hv_plan_settle(&session->parts, &session->options,
                   NULL); /* what it cannot tell stays unsettled in the journal */
    (*n_settled)++;
}

static HvIntent *
next_intent(HvSession *session)
{
    const HvSessionParts *parts = &session->parts;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    if (parts->is_in_past && parts->is_in_past(parts->host))
        return NULL;
    return g_queue_pop_head(&session->intents);
}

gpointer
hv_session_run_actuator(gpointer data)
{
    HvSession *session = data;
    guint n_settled = 0;

    hv_session_refresh(session); /* what is there before the first intent is not ours */
    while (!hv_session_is_stopping(session)) {
        g_autoptr(HvIntent) intent = next_intent(session);

        if (intent) {
            act(session, intent);
            continue;
        }
        settle(session, &n_settled);
        guard(session);
        if (hv_session_refresh(session))
            hv_session_wake(session->sampler_fd);
        hv_session_wait_until(session, hv_session_monotonic_ns(session) + LOOK_AT_JOURNAL_NS,
                              session->actuator_fd);
    }
    hv_session_wake(session->ended_fd);
    return NULL;
}
