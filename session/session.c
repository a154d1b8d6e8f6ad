/* The session: a sampler and an actuator, each on its thread; the console hands in intents and
 * takes out values. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/session.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "model/error.h"
#include "model/i18n.h"
#include "session/sampler.h"

#define NS_PER_MS G_GINT64_CONSTANT(1000000)
#define LOOK_AT_JOURNAL_NS (1000 * NS_PER_MS) /* other hvtunes write it too */
#define SETTLE_AGAIN_NS (30000 * NS_PER_MS)
#define LEAST_WINDOW_NS                                                                        \
    (250 * NS_PER_MS) /* shorter ones make rates of tick-counted times wild */

/* Who runs lines of the command language. */
typedef struct {
    char *(*run)(const char *line, int *status, gpointer data);
    gpointer data;
} CommandHook;

struct HvSession {
    HvSessionParts parts; /* a copy: the console's may change hands */
    HvActOptions options; /* likewise; its progress and stop are asked after ours */
    HvSampler *sampler;
    HvChanges *changes;
    GThread *threads[2];
    gint64 begin_ns;
    int ui_fd;       /* wakes the UI */
    int sampler_fd;  /* wakes the sampler: a tick at once, or the end */
    int actuator_fd; /* wakes the actuator: an intent, or the end */
    int ended_fd;    /* counts threads that have ended */
    gint is_stopping;
    gint has_ticked; /* the list of VMs has been made once */
    GMutex lock;     /* of all below */
    HvSnapshot *mailbox;
    HvSnapshot *latest; /* published last: what recipes are made from */
    GQueue answers;     /* of HvAnswer */
    GQueue intents;     /* of HvIntent */
    char *busy_with;
    CommandHook hook;
};

/* ---- waking each other ---- */

static void
wake(int fd)
{
    const guint64 one = 1;

    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static guint64
drain(int fd)
{
    guint64 count = 0;

    if (read(fd, &count, sizeof count) < 0)
        return 0; /* EAGAIN: nobody woke us */
    return count;
}

static gboolean
is_stopping(HvSession *session)
{
    return g_atomic_int_get(&session->is_stopping) != 0;
}

static gint64
monotonic_ns(const HvSession *session)
{
    return session->parts.clock.monotonic_ns(session->parts.clock.data);
}

static void
wait_until(const HvSession *session, gint64 until_ns, int fd)
{
    session->parts.clock.wait_until(session->parts.clock.data, until_ns, fd);
    drain(fd);
}

static void
answer(HvSession *session, HvAnswer *take_answer)
{
    g_mutex_lock(&session->lock);
    g_queue_push_tail(&session->answers, take_answer);
    g_mutex_unlock(&session->lock);
    wake(session->ui_fd);
}

/* ---- the sampler's thread ---- */

/* The newest wins: a snapshot that nobody took is not missed. */
static void
publish(HvSession *session, HvSnapshot *take_snapshot)
{
    HvSnapshot *unread, *former;

    g_atomic_int_set(&session->has_ticked, 1);
    g_mutex_lock(&session->lock);
    unread = session->mailbox;
    former = session->latest;
    session->mailbox = take_snapshot;
    session->latest = hv_snapshot_ref(take_snapshot);
    g_mutex_unlock(&session->lock);
    hv_snapshot_unref(unread);
    hv_snapshot_unref(former);
    wake(session->ui_fd);
}

/* The next sample on the beat of the interval; those that were missed are left out. */
static gint64
next_beat(const HvSession *session, gint64 beat_ns, gint64 sampled_ns)
{
    const gint64 interval_ns = MAX(session->parts.interval_ns, NS_PER_MS);
    const gint64 least_ns = sampled_ns + MIN(interval_ns / 2, LEAST_WINDOW_NS);

    while (beat_ns < least_ns)
        beat_ns += interval_ns;
    return beat_ns;
}

static gpointer
run_sampler(gpointer data)
{
    HvSession *session = data;
    gint64 beat_ns = monotonic_ns(session);

    while (!is_stopping(session)) {
        const gint64 sampled_ns = monotonic_ns(session);
        const gint64 least_ns =
            sampled_ns + MIN(session->parts.interval_ns / 2, LEAST_WINDOW_NS);

        publish(session, hv_sampler_tick(session->sampler));
        beat_ns = next_beat(session, beat_ns, sampled_ns);
        wait_until(session, beat_ns, session->sampler_fd);
        /* woken after a change: soon, but not so soon that the rates are of nothing */
        if (!is_stopping(session) && monotonic_ns(session) < MIN(least_ns, beat_ns))
            session->parts.clock.wait_until(session->parts.clock.data, MIN(least_ns, beat_ns),
                                            -1);
    }
    wake(session->ended_fd);
    return NULL;
}

/* ---- the actuator's thread ---- */

static void
set_busy(HvSession *session, const char *title)
{
    g_mutex_lock(&session->lock);
    g_free(session->busy_with);
    session->busy_with = g_strdup(title);
    g_mutex_unlock(&session->lock);
}

static void
refuse(HvSession *session, const HvIntent *intent, GError *take_error)
{
    HvAnswer *refusal = hv_answer_new(HV_ANSWER_REFUSED, intent->serial);

    refusal->error = take_error;
    answer(session, refusal);
}

static void
answer_plan(HvSession *session, const HvIntent *intent, HvAnswerKind kind, HvPlan *take_plan)
{
    HvAnswer *with_plan = hv_answer_new(kind, intent->serial);

    with_plan->plan = take_plan;
    answer(session, with_plan);
}

/* What is told of a plan while it is applied. */
typedef struct {
    HvSession *session;
    const HvIntent *intent;
} Telling;

static void
tell_progress(const HvPlan *plan, gpointer data)
{
    const Telling *telling = data;
    const HvActOptions *options = &telling->session->options;

    answer_plan(telling->session, telling->intent, HV_ANSWER_PROGRESS, hv_plan_copy(plan));
    if (options->progress)
        options->progress(plan, options->data);
}

static gboolean
shall_stop(gpointer data)
{
    const Telling *telling = data;
    const HvActOptions *options = &telling->session->options;

    return is_stopping(telling->session) || (options->stop && options->stop(options->data));
}

static HvActOptions
options_for(const HvSession *session, const HvIntent *intent, Telling *telling)
{
    HvActOptions options = session->options;

    options.persist = intent->persist;
    options.force = intent->force;
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
    hv_changes_refresh(session->changes);
    wake(session->sampler_fd);
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
    answer(session, with_choices);
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
    hv_changes_refresh(session->changes);
    wake(session->sampler_fd);
    answer(session, text);
}

static void
act(HvSession *session, HvIntent *intent)
{
    Telling telling = { session, intent };
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
    case HV_INTENT_CONFIRM:
    case HV_INTENT_TRY:
    case HV_INTENT_STOP:
    case HV_INTENT_WRITE:
        refuse(session, intent,
               g_error_new_literal(HV_ERROR, HV_ERROR_ABSENT, _("not in this version")));
        break;
    case HV_INTENT_INTEREST: /* never comes here: see submit() */
        break;
    }
}

/* What a killed hvtune left unsettled, and what had no answer, is settled once VMs are known;
 * and again, since libvirt may be late. */
static void
settle(HvSession *session, guint *n_settled)
{
    static const gint64 after_ns[] = { 0, 2000 * NS_PER_MS, 10000 * NS_PER_MS };
    const guint n_early = G_N_ELEMENTS(after_ns);
    const gint64 age_ns = monotonic_ns(session) - session->begin_ns;
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
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    return g_queue_pop_head(&session->intents);
}

static gpointer
run_actuator(gpointer data)
{
    HvSession *session = data;
    guint n_settled = 0;

    while (!is_stopping(session)) {
        g_autoptr(HvIntent) intent = next_intent(session);

        if (intent) {
            act(session, intent);
            continue;
        }
        settle(session, &n_settled);
        if (hv_changes_refresh(session->changes))
            wake(session->sampler_fd);
        wait_until(session, monotonic_ns(session) + LOOK_AT_JOURNAL_NS, session->actuator_fd);
    }
    wake(session->ended_fd);
    return NULL;
}

/* ---- what the UI calls: none of it waits ---- */

static HvSnapshot *
take_snapshot(gpointer data)
{
    HvSession *session = data;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    return g_steal_pointer(&session->mailbox);
}

static HvAnswer *
take_answer(gpointer data)
{
    HvSession *session = data;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    return g_queue_pop_head(&session->answers);
}

/* Who looks elsewhere has the numbers at the next tick; an actuator that is busy is not asked
 * for that. */
static void
set_interest(HvSession *session, const HvIntent *intent)
{
    GHashTable *vms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; intent->vms && i < intent->vms->len; i++) {
        const char *key = intent->vms->pdata[i]; /* a row's key; probes know VMs by name */
        char *name = hv_knob_unescape(key, NULL);

        g_hash_table_add(vms, name ? name : g_strdup(key));
    }
    hv_sampler_set_interest(session->sampler, vms);
}

static void
submit(gpointer data, HvIntent *take_intent)
{
    HvSession *session = data;

    if (take_intent->verb == HV_INTENT_INTEREST) {
        set_interest(session, take_intent);
        hv_intent_free(take_intent);
        return;
    }
    g_mutex_lock(&session->lock);
    g_queue_push_tail(&session->intents, take_intent);
    g_mutex_unlock(&session->lock);
    wake(session->actuator_fd);
}

static void
drain_wake(gpointer data)
{
    drain(((HvSession *)data)->ui_fd);
}

static gint64
backend_monotonic_ns(gpointer data)
{
    return monotonic_ns(data);
}

static gint64
backend_realtime_ns(gpointer data)
{
    const HvSession *session = data;

    return session->parts.clock.realtime_ns(session->parts.clock.data);
}

void
hv_session_backend(HvSession *session, HvBackend *backend)
{
    backend->data = session;
    backend->wake_fd = session->ui_fd;
    backend->take_snapshot = take_snapshot;
    backend->take_answer = take_answer;
    backend->submit = submit;
    backend->drain_wake = drain_wake;
    backend->monotonic_ns = backend_monotonic_ns;
    backend->realtime_ns = backend_realtime_ns;
    backend->read_only_why = session->parts.read_only_why;
    backend->recipes = session->parts.recipes;
}

void
hv_session_on_command(HvSession *session,
                      char *(*run)(const char *line, int *status, gpointer data), gpointer data)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    session->hook = (CommandHook){ run, data };
}

char *
hv_session_busy_with(HvSession *session)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    return g_strdup(session->busy_with);
}

/* ---- beginning and end ---- */

HvSession *
hv_session_start(const HvSessionParts *parts, const HvActOptions *options)
{
    HvSession *session = g_new0(HvSession, 1);

    session->parts = *parts;
    session->options = *options;
    session->begin_ns = monotonic_ns(session);
    g_mutex_init(&session->lock);
    g_queue_init(&session->answers);
    g_queue_init(&session->intents);
    session->ui_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->sampler_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->actuator_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->sampler = hv_sampler_new(&session->parts);
    session->changes = hv_changes_new(parts->journal);
    hv_sampler_share_changes(session->sampler, session->changes);
    session->threads[0] = g_thread_new("sampler", run_sampler, session);
    session->threads[1] = g_thread_new("actuator", run_actuator, session);
    return session;
}

static void
free_answer(gpointer data)
{
    hv_answer_free(data);
}

static void
free_intent(gpointer data)
{
    hv_intent_free(data);
}

static void
session_free(HvSession *session)
{
    hv_snapshot_unref(session->mailbox);
    hv_snapshot_unref(session->latest);
    hv_sampler_free(session->sampler);
    hv_changes_free(session->changes);
    g_queue_clear_full(&session->answers, free_answer);
    g_queue_clear_full(&session->intents, free_intent);
    g_free(session->busy_with);
    close(session->ui_fd);
    close(session->sampler_fd);
    close(session->actuator_fd);
    close(session->ended_fd);
    g_mutex_clear(&session->lock);
    g_free(session);
}

void
hv_session_stop(HvSession *session, guint deadline_ms)
{
    const gint64 deadline_ns = monotonic_ns(session) + deadline_ms * NS_PER_MS;
    guint64 n_ended = 0;

    g_atomic_int_set(&session->is_stopping, 1);
    wake(session->sampler_fd);
    wake(session->actuator_fd);
    while (n_ended < G_N_ELEMENTS(session->threads) && monotonic_ns(session) < deadline_ns) {
        session->parts.clock.wait_until(session->parts.clock.data, deadline_ns,
                                        session->ended_fd);
        n_ended += drain(session->ended_fd);
    }
    if (n_ended < G_N_ELEMENTS(session->threads))
        return; /* what hangs is left behind, with all that it may still touch */
    for (guint i = 0; i < G_N_ELEMENTS(session->threads); i++)
        g_thread_join(session->threads[i]);
    session_free(session);
}
