/* The session: a sampler and an actuator, each on its thread; the console hands in intents and
 * takes out values. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/session-private.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "session/knobs.h"

/* Shorter ones make rates of tick-counted times wild. */
#define LEAST_WINDOW_NS (250 * HV_NS_PER_MS)

/* ---- waking each other ---- */

void
hv_session_wake(int fd)
{
    const guint64 one = 1;

    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

guint64
hv_session_drain(int fd)
{
    guint64 count = 0;

    if (read(fd, &count, sizeof count) < 0)
        return 0; /* EAGAIN: nobody woke us */
    return count;
}

gboolean
hv_session_is_stopping(HvSession *session)
{
    return g_atomic_int_get(&session->is_stopping) != 0;
}

gint64
hv_session_monotonic_ns(const HvSession *session)
{
    return session->parts.clock.monotonic_ns(session->parts.clock.data);
}

void
hv_session_wait_until(const HvSession *session, gint64 until_ns, int fd)
{
    session->parts.clock.wait_until(session->parts.clock.data, until_ns, fd);
    hv_session_drain(fd);
}

void
hv_session_answer(HvSession *session, HvAnswer *take_answer)
{
    g_mutex_lock(&session->lock);
    g_queue_push_tail(&session->answers, take_answer);
    g_mutex_unlock(&session->lock);
    hv_session_wake(session->ui_fd);
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
    hv_session_wake(session->ui_fd);
}

/* The next sample on the beat of the interval; those that were missed are left out. */
static gint64
next_beat(const HvSession *session, gint64 beat_ns, gint64 sampled_ns)
{
    const gint64 interval_ns = MAX(session->parts.interval_ns, HV_NS_PER_MS);
    const gint64 least_ns = sampled_ns + MIN(interval_ns / 2, LEAST_WINDOW_NS);

    while (beat_ns < least_ns)
        beat_ns += interval_ns;
    return beat_ns;
}

static void
remember(HvSession *session)
{
    const HvSessionParts *parts = &session->parts;
    HvSnapshot *snapshot;

    while (parts->past && (snapshot = parts->past(parts->past_data))) {
        hv_sampler_remember(session->sampler, snapshot);
        hv_snapshot_unref(snapshot);
    }
}

static void
sample(HvSession *session)
{
    HvSnapshot *snapshot = hv_sampler_tick(session->sampler);

    if (session->parts.on_sample)
        session->parts.on_sample(snapshot, session->parts.on_sample_data);
    publish(session, snapshot);
}

static gpointer
run_sampler(gpointer data)
{
    HvSession *session = data;
    gint64 beat_ns;

    remember(session);
    beat_ns = hv_session_monotonic_ns(session);

    while (!hv_session_is_stopping(session)) {
        const gint64 sampled_ns = hv_session_monotonic_ns(session);
        const gint64 least_ns =
            sampled_ns + MIN(session->parts.interval_ns / 2, LEAST_WINDOW_NS);

        sample(session);
        beat_ns = next_beat(session, beat_ns, sampled_ns);
        hv_session_wait_until(session, beat_ns, session->sampler_fd);
        /* woken after a change: soon, but not so soon that the rates are of nothing */
        if (!hv_session_is_stopping(session) &&
            hv_session_monotonic_ns(session) < MIN(least_ns, beat_ns))
            session->parts.clock.wait_until(session->parts.clock.data, MIN(least_ns, beat_ns),
                                            -1);
    }
    hv_session_wake(session->ended_fd);
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
    GHashTable *vms =
        intent->vms ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL;

    for (guint i = 0; vms && i < intent->vms->len; i++) {
        const char *key = intent->vms->pdata[i]; /* a row's key; probes know VMs by name */
        char *name = hv_knob_unescape(key, NULL);

        g_hash_table_add(vms, name ? name : g_strdup(key));
    }
    hv_sampler_set_interest(session->sampler, vms);
}

/* It would stand behind what it is to stop, so it is only a flag; when nothing is under way it
 * means nothing. */
static void
stop_plan(HvSession *session)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&session->lock);

    if (session->busy_with)
        g_atomic_int_set(&session->is_plan_stopped, 1);
}

static void
submit(gpointer data, HvIntent *take_intent)
{
    HvSession *session = data;

    if (take_intent->verb == HV_INTENT_STOP) {
        stop_plan(session);
        hv_intent_free(take_intent);
        return;
    }
    if (take_intent->verb == HV_INTENT_INTEREST) {
        set_interest(session, take_intent);
        hv_intent_free(take_intent);
        return;
    }
    g_mutex_lock(&session->lock);
    g_queue_push_tail(&session->intents, take_intent);
    g_mutex_unlock(&session->lock);
    hv_session_wake(session->actuator_fd);
}

static void
drain_wake(gpointer data)
{
    hv_session_drain(((HvSession *)data)->ui_fd);
}

static gint64
backend_monotonic_ns(gpointer data)
{
    return hv_session_monotonic_ns(data);
}

static gint64
backend_realtime_ns(gpointer data)
{
    const HvSession *session = data;

    return session->parts.clock.realtime_ns(session->parts.clock.data);
}

static gint64
backend_boottime_ns(gpointer data)
{
    const HvSession *session = data;

    return hv_session_boottime_ns(&session->parts);
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
    backend->boottime_ns = backend_boottime_ns;
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

gboolean
hv_session_is_stop_wanted(HvSession *session)
{
    return g_atomic_int_get(&session->is_plan_stopped) != 0;
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
    session->begin_ns = hv_session_monotonic_ns(session);
    g_mutex_init(&session->lock);
    g_queue_init(&session->answers);
    g_queue_init(&session->intents);
    session->ui_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->sampler_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->actuator_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->sampler = hv_sampler_new(&session->parts);
    session->contested = hv_contested_new(&session->parts);
    session->changes = hv_changes_new(parts->journal);
    hv_changes_watch(session->changes, session->contested);
    if (parts->guardian)
        hv_changes_expect_guards(session->changes);
    hv_sampler_share_changes(session->sampler, session->changes);
    session->threads[0] = g_thread_new("sampler", run_sampler, session);
    session->threads[1] = g_thread_new("actuator", hv_session_run_actuator, session);
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
    g_clear_pointer(&session->told, g_hash_table_unref);
    hv_contested_free(session->contested);
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

gboolean
hv_session_stop(HvSession *session, guint deadline_ms)
{
    const gint64 deadline_ns = hv_session_monotonic_ns(session) + deadline_ms * HV_NS_PER_MS;
    guint64 n_ended = 0;

    g_atomic_int_set(&session->is_stopping, 1);
    hv_session_wake(session->sampler_fd);
    hv_session_wake(session->actuator_fd);
    while (n_ended < G_N_ELEMENTS(session->threads) &&
           hv_session_monotonic_ns(session) < deadline_ns) {
        session->parts.clock.wait_until(session->parts.clock.data, deadline_ns,
                                        session->ended_fd);
        n_ended += hv_session_drain(session->ended_fd);
    }
    if (n_ended < G_N_ELEMENTS(session->threads))
        return FALSE; /* what hangs is left behind, with all that it may still touch */
    for (guint i = 0; i < G_N_ELEMENTS(session->threads); i++)
        g_thread_join(session->threads[i]);
    session_free(session);
    return TRUE;
}
