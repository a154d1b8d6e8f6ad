/* The past under a console: a player on a thread of its own, that takes wishes and gives
 * snapshots. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/playback.h"

#include <math.h>
#include <unistd.h>

#include "app/playback-compare.h"
#include "model/i18n.h"
#include "model/text.h"
#include "tui/console.h"

#define BEAT_US 90000  /* ten pictures a second and more while it plays */
#define IDLE_US 500000 /* how often a log that is being written is looked at */
#define LEAST_PATIENCE_US (3 * G_USEC_PER_SEC)
#define MOST_PATIENCE_US (300 * G_USEC_PER_SEC)
#define NS_PER_S 1e9
#define LEAST_SPEED 0.1
#define MOST_SPEED 100.0

struct HvPlayback {
    HvPlayer *player; /* the thread's */
    HvPlayer *older;  /* of what was before it, or NULL; the thread's too */
    gboolean is_replay;
    int wake_fd;
    GThread *thread;
    HvPlaybackCommand command;
    gpointer command_data;
    GAsyncQueue *intents; /* of HvIntent; @quit ends the thread */
    GAsyncQueue *answers; /* of HvAnswer */
    HvIntent *quit;

    /* the thread's own */
    gint64 beat_us;
    gint64 grew_us; /* when it last grew */
    gint64 opened_us;

    GMutex lock; /* of all below */
    gboolean is_open, is_playing, is_growing;
    double speed;
    gint64 first_ns, last_ns, at_ns;
    gint64 monotonic_ns; /* at at_ns */
    HvSnapshot *news;    /* not yet taken */
    HvSnapshot *shown;
    GPtrArray *marks;      /* of HvTimeMark; replaced, not changed */
    GPtrArray *lent_marks; /* what hv_playback_describe() gave out */
    char *view, *lent_view;
    guint64 view_serial;
};

/* ---- news ---- */

static void
wake(HvPlayback *past)
{
    static const guint64 one = 1;

    if (write(past->wake_fd, &one, sizeof one) < 0)
        g_debug("the screen has gone");
}

static void
answer(HvPlayback *past, guint64 serial, char *take_text, int status, GError *take_error)
{
    HvAnswer *said = hv_answer_new(take_error ? HV_ANSWER_REFUSED : HV_ANSWER_TEXT, serial);

    said->text = take_text;
    said->status = status;
    said->error = take_error;
    g_async_queue_push(past->answers, said);
    wake(past);
}

static void
free_mark(gpointer mark)
{
    hv_time_mark_free(mark);
}

static void
copy_marks(GPtrArray *copy, const GPtrArray *marks)
{
    for (guint i = 0; i < marks->len; i++) {
        const HvTimeMark *mark = marks->pdata[i];

        g_ptr_array_add(copy, hv_time_mark_new(mark->kind, mark->time_ns, mark->until_ns,
                                               mark->id, mark->vm, mark->text));
    }
}

/* Those of before first. */
static GPtrArray *
all_marks(HvPlayback *past)
{
    GPtrArray *marks = g_ptr_array_new_with_free_func(free_mark);

    if (past->older)
        copy_marks(marks, hv_player_marks(past->older));
    copy_marks(marks, hv_player_marks(past->player));
    return marks;
}

/* ---- the thread ---- */

/* So long may the next sample take. */
static gint64
patience_us(HvPlayback *past)
{
    const char *interval = hv_player_meta(past->player, "interval_ns");
    const gint64 interval_us = interval ? g_ascii_strtoll(interval, NULL, 10) / 1000 : 0;

    return CLAMP(3 * interval_us, LEAST_PATIENCE_US, MOST_PATIENCE_US);
}

static void
look_at_range(HvPlayback *past, gboolean is_first)
{
    const gint64 now_us = g_get_monotonic_time();
    gboolean has_grown = hv_player_refresh(past->player);
    g_autoptr(GPtrArray) marks = NULL;
    gint64 first_ns, last_ns, older_last_ns;

    hv_player_range(past->player, &first_ns, &last_ns);
    has_grown = has_grown || last_ns != past->last_ns; /* each seek looks for more too */
    if (has_grown && !is_first)
        past->grew_us = now_us;
    if (past->older)
        hv_player_range(past->older, &first_ns, &older_last_ns);
    if (has_grown || is_first)
        marks = all_marks(past);
    g_mutex_lock(&past->lock);
    past->first_ns = first_ns;
    past->last_ns = last_ns;
    past->is_growing = past->grew_us && now_us - past->grew_us < patience_us(past);
    if (marks) {
        GPtrArray *former = past->marks;

        past->marks = g_steal_pointer(&marks);
        marks = former;
    }
    g_mutex_unlock(&past->lock);
    if (has_grown)
        wake(past);
}

/* Where the operator had frozen the screen: what was on it. (transfer full), or NULL. */
static HvSnapshot *
frozen_sample(HvPlayback *past, const char *view)
{
    const gint64 sample_ns = view ? hv_view_sample_ns(view) : 0;

    return sample_ns ? hv_player_at(past->player, sample_ns, NULL) : NULL;
}

static void
publish(HvPlayback *past, HvSnapshot *take_snapshot, gint64 time_ns)
{
    g_autofree char *view = past->is_replay ? hv_player_view(past->player, time_ns) : NULL;
    const gint64 monotonic_ns = take_snapshot->monotonic_ns + time_ns - take_snapshot->time_ns;
    HvSnapshot *seen = frozen_sample(past, view);
    HvSnapshot *unread, *former;

    if (seen) {
        hv_snapshot_unref(take_snapshot);
        take_snapshot = seen;
    }
    g_mutex_lock(&past->lock);
    unread = past->news;
    former = past->shown;
    past->shown = hv_snapshot_ref(take_snapshot);
    past->news = take_snapshot;
    past->at_ns = time_ns;
    past->monotonic_ns = monotonic_ns;
    past->is_open = TRUE;
    if (g_strcmp0(view, past->view) != 0) {
        char *old = past->view;

        past->view = g_steal_pointer(&view);
        view = old;
        past->view_serial++;
    }
    g_mutex_unlock(&past->lock);
    hv_snapshot_unref(unread);
    hv_snapshot_unref(former);
    wake(past);
}

/* Who knows that time. */
static HvPlayer *
player_of(HvPlayback *past, gint64 time_ns)
{
    gint64 first_ns, last_ns;

    if (!past->older ||
        (hv_player_range(past->player, &first_ns, &last_ns) && time_ns >= first_ns))
        return past->player;
    return past->older;
}

/* Where the one ends the other goes on. */
static gint64
time_beside(HvPlayback *past, gint64 time_ns, int n)
{
    HvPlayer *player = player_of(past, time_ns);
    const gint64 beside_ns = hv_player_beside(player, time_ns, n);
    gint64 first_ns, last_ns;

    if (beside_ns != time_ns || n == 0 || !past->older)
        return beside_ns;
    if (n < 0 && player == past->player)
        return hv_player_beside(past->older, time_ns, n);
    if (n > 0 && player == past->older && hv_player_range(past->player, &first_ns, &last_ns))
        return first_ns;
    return beside_ns;
}

/* FALSE with @error where there is nothing to be seen. */
static gboolean
go_to(HvPlayback *past, gint64 time_ns, GError **error)
{
    HvSnapshot *snapshot = hv_player_at(player_of(past, time_ns), time_ns, error);

    if (snapshot)
        publish(past, snapshot, time_ns);
    return snapshot != NULL;
}

static void
set_playing(HvPlayback *past, gboolean is_playing, double speed)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&past->lock);

    past->is_playing = is_playing;
    if (is_playing)
        past->speed = CLAMP(speed, LEAST_SPEED, MOST_SPEED);
    past->beat_us = g_get_monotonic_time();
}

static void
seek(HvPlayback *past, const HvIntent *intent)
{
    gint64 time_ns = intent->time_ns;
    GError *error = NULL;

    hv_player_refresh(past->player);
    if ((intent->line && !hv_player_time(past->player, intent->line, 0, &time_ns, &error)) ||
        !go_to(past, time_ns, &error)) {
        answer(past, intent->serial, NULL, 0, error);
        return;
    }
    if (!past->is_replay)
        set_playing(past, FALSE, 0);
}

/* The end of what is remembered of a live console is the present. */
static void
leave(HvPlayback *past)
{
    g_mutex_lock(&past->lock);
    past->is_open = past->is_playing = FALSE;
    g_clear_pointer(&past->news, hv_snapshot_unref);
    g_mutex_unlock(&past->lock);
    wake(past);
}

static void
step(HvPlayback *past, const HvIntent *intent)
{
    GError *error = NULL;
    gint64 from_ns, to_ns;

    hv_player_refresh(past->player);
    look_at_range(past, FALSE);
    g_mutex_lock(&past->lock);
    from_ns = past->is_open ? past->at_ns : past->last_ns;
    g_mutex_unlock(&past->lock);
    set_playing(past, FALSE, 0);
    to_ns = time_beside(past, from_ns, intent->n);
    if (!past->is_replay && intent->n > 0 && to_ns <= from_ns)
        leave(past);
    else if (!go_to(past, to_ns, &error))
        answer(past, intent->serial, NULL, 0, error);
}

static void
go_to_now(HvPlayback *past)
{
    gint64 first_ns, last_ns;

    if (!past->is_replay) {
        leave(past);
        return;
    }
    look_at_range(past, FALSE);
    if (hv_player_range(past->player, &first_ns, &last_ns) && go_to(past, last_ns, NULL))
        set_playing(past, TRUE, 1); /* and what is still written follows */
}

static void
compare(HvPlayback *past, const HvIntent *intent)
{
    g_autoptr(HvSnapshot) shown = NULL;
    g_autoptr(HvSnapshot) other = NULL;
    GError *error = NULL;
    gint64 time_ns = intent->time_ns, at_ns;
    char *text = NULL;

    g_mutex_lock(&past->lock);
    shown = past->shown ? hv_snapshot_ref(past->shown) : NULL;
    at_ns = past->at_ns;
    g_mutex_unlock(&past->lock);
    if (shown &&
        (!intent->line || hv_player_time(past->player, intent->line, 0, &time_ns, &error)) &&
        (other = hv_player_at(player_of(past, time_ns), time_ns, &error)))
        text = time_ns < at_ns
                   ? hv_playback_compare(other, shown, hv_player_zone(past->player))
                   : hv_playback_compare(shown, other, hv_player_zone(past->player));
    if (!text && !error)
        error = g_error_new_literal(HV_ERROR, HV_ERROR_ABSENT,
                                    _("nothing is in view to compare with"));
    answer(past, intent->serial, text, 0, error);
}

static void
run_command(HvPlayback *past, const HvIntent *intent)
{
    int status = 0;
    char *text;
    gint64 at_ns;

    g_mutex_lock(&past->lock);
    at_ns = past->at_ns;
    g_mutex_unlock(&past->lock);
    text = past->command(intent->line, at_ns, &status, past->command_data);
    answer(past, intent->serial, text, status, NULL);
}

static void
carry_out(HvPlayback *past, const HvIntent *intent)
{
    if (intent->verb == HV_INTENT_SEEK)
        seek(past, intent);
    else if (intent->verb == HV_INTENT_STEP)
        step(past, intent);
    else if (intent->verb == HV_INTENT_PLAY)
        set_playing(past, intent->speed > 0, intent->speed);
    else if (intent->verb == HV_INTENT_NOW)
        go_to_now(past);
    else if (intent->verb == HV_INTENT_COMPARE)
        compare(past, intent);
    else
        run_command(past, intent);
}

/* Moves on by the time that went by; at the end it waits for more, or stops. */
static void
play(HvPlayback *past)
{
    const gint64 now_us = g_get_monotonic_time();
    gint64 time_ns, last_ns;
    gboolean is_growing;

    g_mutex_lock(&past->lock);
    time_ns = past->at_ns + (gint64)((double)(now_us - past->beat_us) * 1000.0 * past->speed);
    last_ns = past->last_ns;
    is_growing = past->is_growing;
    g_mutex_unlock(&past->lock);
    past->beat_us = now_us;
    /* one that was just opened, and did not end, has not had the time to grow */
    if (!is_growing && !hv_player_meta(past->player, "ended_ns"))
        is_growing = now_us - past->opened_us < patience_us(past);
    if (time_ns >= last_ns && is_growing)
        time_ns = last_ns;
    if (time_ns > last_ns) {
        go_to(past, last_ns, NULL);
        if (past->is_replay)
            set_playing(past, FALSE, 0);
        else
            leave(past);
    } else {
        go_to(past, time_ns, NULL);
    }
}

static gboolean
is_playing(HvPlayback *past)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&past->lock);

    return past->is_playing && past->is_open;
}

static gboolean
needs_range(HvPlayback *past)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&past->lock);

    return past->is_replay || past->is_open;
}

/* NULL: it is time for the next picture, or to look whether there is more. */
static HvIntent *
wait_for_intent(HvPlayback *past)
{
    const gint64 next_us = past->beat_us + BEAT_US - g_get_monotonic_time();

    if (is_playing(past)) /* what a picture took is not waited for once more */
        return g_async_queue_timeout_pop(past->intents, (guint64)CLAMP(next_us, 1, BEAT_US));
    if (needs_range(past))
        return g_async_queue_timeout_pop(past->intents, IDLE_US);
    return g_async_queue_pop(past->intents);
}

static gpointer
run(gpointer data)
{
    HvPlayback *past = data;
    gint64 looked_us = 0;

    for (;;) {
        HvIntent *intent = wait_for_intent(past);

        if (intent == past->quit)
            return NULL;
        if (intent) {
            carry_out(past, intent);
            hv_intent_free(intent);
        }
        if (g_get_monotonic_time() - looked_us >= IDLE_US && needs_range(past)) {
            look_at_range(past, looked_us == 0);
            looked_us = g_get_monotonic_time();
        }
        if (is_playing(past))
            play(past);
    }
}

/* ---- the screen's side ---- */

static void
free_intent(gpointer intent)
{
    hv_intent_free(intent);
}

static void
free_answer(gpointer answer_)
{
    hv_answer_free(answer_);
}

HvPlayback *
hv_playback_new(HvPlayer *take_player, HvPlayer *take_older, gboolean is_replay, gint64 time_ns,
                int wake_fd)
{
    HvPlayback *past = g_new0(HvPlayback, 1);

    past->player = take_player;
    past->older = take_older;
    past->is_replay = is_replay;
    past->wake_fd = wake_fd;
    past->speed = 1;
    past->opened_us = g_get_monotonic_time();
    past->intents = g_async_queue_new_full(free_intent);
    past->answers = g_async_queue_new_full(free_answer);
    past->quit = hv_intent_new(HV_INTENT_STOP);
    past->marks = g_ptr_array_new_with_free_func(free_mark);
    g_mutex_init(&past->lock);
    hv_player_range(past->player, &past->first_ns, &past->last_ns);
    if (is_replay) { /* its first picture needs no thread */
        go_to(past, time_ns, NULL);
        look_at_range(past, TRUE);
    }
    past->thread = g_thread_new("hv-past", run, past);
    return past;
}

void
hv_playback_free(HvPlayback *past)
{
    if (!past)
        return;
    g_async_queue_push_front(past->intents, past->quit);
    g_thread_join(past->thread);
    hv_intent_free(past->quit);
    g_async_queue_unref(past->intents);
    g_async_queue_unref(past->answers);
    hv_snapshot_unref(past->news);
    hv_snapshot_unref(past->shown);
    g_ptr_array_unref(past->marks);
    g_clear_pointer(&past->lent_marks, g_ptr_array_unref);
    g_free(past->view);
    g_free(past->lent_view);
    hv_player_free(past->player);
    hv_player_free(past->older);
    g_mutex_clear(&past->lock);
    g_free(past);
}

void
hv_playback_on_command(HvPlayback *past, HvPlaybackCommand command, gpointer data)
{
    past->command = command;
    past->command_data = data;
}

gboolean
hv_playback_submit(HvPlayback *past, HvIntent *intent)
{
    const HvIntentVerb verb = intent->verb;

    if (verb != HV_INTENT_SEEK && verb != HV_INTENT_STEP && verb != HV_INTENT_PLAY &&
        verb != HV_INTENT_NOW && verb != HV_INTENT_COMPARE &&
        !(verb == HV_INTENT_COMMAND && past->command))
        return FALSE;
    g_async_queue_push(past->intents, intent);
    return TRUE;
}

gboolean
hv_playback_is_open(HvPlayback *past)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&past->lock);

    return past->is_open;
}

HvSnapshot *
hv_playback_take_snapshot(HvPlayback *past)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&past->lock);

    return g_steal_pointer(&past->news);
}

HvAnswer *
hv_playback_take_answer(HvPlayback *past)
{
    return g_async_queue_try_pop(past->answers);
}

void
hv_playback_describe(HvPlayback *past, HvTimeline *timeline)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&past->lock);

    if (past->lent_marks != past->marks) {
        g_clear_pointer(&past->lent_marks, g_ptr_array_unref);
        past->lent_marks = g_ptr_array_ref(past->marks);
    }
    if (g_strcmp0(past->lent_view, past->view) != 0) {
        g_free(past->lent_view);
        past->lent_view = g_strdup(past->view);
    }
    timeline->is_replay = past->is_replay;
    timeline->is_open = past->is_open;
    timeline->is_playing = past->is_playing;
    timeline->is_growing = past->is_growing;
    timeline->speed = past->speed;
    timeline->first_ns = past->first_ns;
    timeline->last_ns = past->last_ns;
    timeline->at_ns = past->at_ns;
    timeline->zone = hv_player_zone(past->player);
    timeline->marks = past->lent_marks;
    timeline->view = past->lent_view;
    timeline->view_serial = past->view_serial;
}

void
hv_playback_clock(HvPlayback *past, gint64 *time_ns, gint64 *monotonic_ns)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&past->lock);

    *time_ns = past->at_ns;
    *monotonic_ns = past->monotonic_ns;
}
