/* A log being written: what is pushed waits in a queue for a worker that alone touches the
 * disk.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/log.h"

#include "log/log-private.h"
#include "model/error.h"
#include "model/i18n.h"

#include <string.h>
#include <time.h>

#define MAX_SAMPLES 8                  /* that wait for the worker */
#define MAX_ITEMS 4096                 /* of any kind; further ones are dropped */
#define COMMIT_US (G_USEC_PER_SEC / 2) /* between two commits */
#define RETRY_US G_USEC_PER_SEC        /* after a commit that failed */

typedef enum { ITEM_SAMPLE, ITEM_VIEW, ITEM_NOTE, ITEM_KNOB, ITEM_GAP } ItemKind;

/* One thing to record. */
typedef struct {
    ItemKind kind;
    gint64 time_ns;
    HvSnapshot *snapshot;
    gint64 lost_ns;           /* SAMPLE: 0, or since when there was none */
    const char *why;          /* SAMPLE, GAP: its kind; static */
    char *name, *text, *more; /* NOTE: vm, text; VIEW: text; KNOB: knob, value, why */
} Item;

struct HvLog {
    gatomicrefcount refs;
    gboolean is_ring;
    sqlite3 *db; /* the writer's; of a ring for others too */
    GThread *thread;
    GMutex lock; /* of all below but the writer */
    GCond wake, over;
    GQueue items;
    guint n_samples; /* of them */
    gboolean is_ending, is_over;
    GError *end_error;
    gint64 lost_ns;   /* first sample that was not taken since the last one that was; 0 */
    const char *lost; /* why not */
    char *view, *paused_view;
    GHashTable *knobs; /* knob → value and why, as last recorded */
    HvLogState state;
    HvLogWriter *writer; /* the worker's */
};

static void
free_item(Item *item)
{
    if (!item)
        return;
    if (item->snapshot)
        hv_snapshot_unref(item->snapshot);
    g_free(item->name);
    g_free(item->text);
    g_free(item->more);
    g_free(item);
}

HvLog *
hv_log_ref(HvLog *log)
{
    g_atomic_ref_count_inc(&log->refs);
    return log;
}

void
hv_log_unref(HvLog *log)
{
    if (!g_atomic_ref_count_dec(&log->refs))
        return;
    hv_log_writer_free(log->writer);
    g_queue_clear_full(&log->items, (GDestroyNotify)free_item);
    g_clear_error(&log->end_error);
    g_free(log->view);
    g_free(log->paused_view);
    g_hash_table_unref(log->knobs);
    g_mutex_clear(&log->lock);
    g_cond_clear(&log->wake);
    g_cond_clear(&log->over);
    g_free(log);
}

/* ---- the worker ---- */

static void
record(HvLogWriter *writer, const Item *item)
{
    switch (item->kind) {
    case ITEM_SAMPLE:
        hv_log_writer_sample(writer, item->snapshot, item->lost_ns, item->why);
        break;
    case ITEM_VIEW:
        hv_log_writer_view(writer, item->time_ns, item->text);
        break;
    case ITEM_NOTE:
        hv_log_writer_note(writer, item->time_ns, item->name, item->text);
        break;
    case ITEM_KNOB:
        hv_log_writer_knob(writer, item->time_ns, item->name, item->text, item->more);
        break;
    case ITEM_GAP:
        hv_log_writer_gap(writer, item->time_ns, item->why);
        break;
    }
}

/* The next thing, or NULL when none came until @until_us (0: for ever) or all is to end. */
static Item *
take_item(HvLog *log, gint64 until_us, gboolean *is_ending)
{
    Item *item;

    g_mutex_lock(&log->lock);
    while (g_queue_is_empty(&log->items) && !log->is_ending) {
        if (until_us == 0)
            g_cond_wait(&log->wake, &log->lock);
        else if (!g_cond_wait_until(&log->wake, &log->lock, until_us))
            break;
    }
    item = g_queue_pop_head(&log->items);
    if (item && item->kind == ITEM_SAMPLE)
        log->n_samples--;
    *is_ending = log->is_ending && !item;
    g_mutex_unlock(&log->lock);
    return item;
}

static guint64
thread_ns(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        return 0;
    return (guint64)now.tv_sec * G_GUINT64_CONSTANT(1000000000) + (guint64)now.tv_nsec;
}

static void
publish(HvLog *log, const GError *error)
{
    HvLogState counts = { 0 };

    hv_log_writer_state(log->writer, &counts);
    g_mutex_lock(&log->lock);
    log->state.n_frames = counts.n_frames;
    log->state.n_given_up = counts.n_given_up;
    log->state.n_bytes = counts.n_bytes;
    log->state.first_ns = counts.first_ns;
    log->state.last_ns = counts.last_ns;
    log->state.cost_ns = thread_ns();
    g_strlcpy(log->state.why, error ? error->message : "", sizeof log->state.why);
    g_mutex_unlock(&log->lock);
}

/* Commits; returns when to do so next at the latest: never (0) with nothing left. */
static gint64
commit(HvLog *log)
{
    g_autoptr(GError) error = NULL;
    const gboolean good = hv_log_writer_commit(log->writer, &error);

    publish(log, error);
    return good ? 0 : g_get_monotonic_time() + RETRY_US;
}

static void
end(HvLog *log)
{
    g_autoptr(GError) error = NULL;

    if (!log->is_ring)
        hv_log_writer_end(log->writer, &error);
    publish(log, error);
    if (!log->is_ring)
        g_clear_pointer(&log->writer, hv_log_writer_free); /* leaves one file */
    g_mutex_lock(&log->lock);
    log->end_error = g_steal_pointer(&error);
    log->is_over = TRUE;
    g_cond_signal(&log->over);
    g_mutex_unlock(&log->lock);
}

/* When what @item made is to be committed: the first sample at once, and so whatever comes less
 * often than commits may. */
static gint64
due_of(const HvLog *log, const Item *item, gint64 last_us, gboolean *had_sample)
{
    const gint64 now_us = g_get_monotonic_time();
    const gboolean is_first = item->kind == ITEM_SAMPLE && !*had_sample;

    *had_sample = *had_sample || item->kind == ITEM_SAMPLE;
    return log->is_ring || is_first ? now_us : MAX(now_us, last_us + COMMIT_US);
}

static gpointer
work(gpointer data)
{
    HvLog *log = data;
    gint64 due_us = 0; /* 0: nothing waits */
    gint64 last_us = 0;
    gboolean had_sample = FALSE;
    gboolean is_ending = FALSE;

    while (!is_ending) {
        Item *item = take_item(log, due_us, &is_ending);

        if (item) {
            record(log->writer, item);
            if (due_us == 0 || !had_sample)
                due_us = due_of(log, item, last_us, &had_sample);
            free_item(item);
        }
        if (due_us > 0 && g_get_monotonic_time() >= due_us) {
            due_us = commit(log);
            last_us = g_get_monotonic_time();
        }
    }
    end(log);
    hv_log_unref(log);
    return NULL;
}

/* ---- for anybody ---- */

HvLog *
hv_log_open(const HvLogOptions *options, GError **error)
{
    g_autoptr(HvLogWriter) writer = hv_log_writer_new(options, error);
    HvLog *log;

    if (!writer)
        return NULL;
    log = g_new0(HvLog, 1);
    g_atomic_ref_count_init(&log->refs);
    log->is_ring = !options->path;
    log->db = hv_log_writer_db(writer);
    hv_log_writer_state(writer, &log->state);
    log->writer = g_steal_pointer(&writer);
    g_mutex_init(&log->lock);
    g_cond_init(&log->wake);
    g_cond_init(&log->over);
    g_queue_init(&log->items);
    log->knobs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    log->thread =
        g_thread_try_new(log->is_ring ? "hv-ring" : "hv-log", work, hv_log_ref(log), error);
    if (log->thread)
        return log;
    hv_log_unref(log); /* the worker's */
    hv_log_unref(log);
    return NULL;
}

gboolean
hv_log_close(HvLog *log, guint deadline_ms, GError **error)
{
    const gint64 until_us = g_get_monotonic_time() + (gint64)deadline_ms * 1000;
    gboolean is_over;
    gboolean good;

    if (!log)
        return TRUE;
    g_mutex_lock(&log->lock);
    log->is_ending = TRUE;
    g_cond_signal(&log->wake);
    while (!log->is_over && g_cond_wait_until(&log->over, &log->lock, until_us))
        ;
    is_over = log->is_over;
    good = is_over && !log->end_error;
    if (!is_over)
        g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT,
                    _("the log's disk did not answer within %u ms: its end may be missing"),
                    deadline_ms);
    else if (log->end_error)
        g_propagate_error(error, g_steal_pointer(&log->end_error));
    g_mutex_unlock(&log->lock);
    if (is_over)
        g_thread_join(log->thread);
    else
        g_thread_unref(log->thread); /* left behind; what it holds is its own */
    hv_log_unref(log);
    return good;
}

/* With the lock. Takes @take_item. */
static void
queue_item(HvLog *log, Item *take_item)
{
    if (log->is_ending || g_queue_get_length(&log->items) >= MAX_ITEMS) {
        free_item(take_item);
        return;
    }
    g_queue_push_tail(&log->items, take_item);
    g_cond_signal(&log->wake);
}

static Item *
new_item(ItemKind kind, gint64 time_ns)
{
    Item *item = g_new0(Item, 1);

    item->kind = kind;
    item->time_ns = time_ns;
    return item;
}

/* With the lock: this sample is not taken. */
static void
miss(HvLog *log, gint64 time_ns, const char *why)
{
    if (log->lost_ns == 0) {
        log->lost_ns = time_ns;
        log->lost = why;
    }
}

void
hv_log_push(HvLog *log, HvSnapshot *snapshot)
{
    g_mutex_lock(&log->lock);
    if (!log->state.is_paused && !log->is_ending) {
        if (log->n_samples >= MAX_SAMPLES) {
            miss(log, snapshot->time_ns, "busy");
            log->state.n_dropped++;
        } else {
            Item *item = new_item(ITEM_SAMPLE, snapshot->time_ns);

            item->snapshot = hv_snapshot_ref(snapshot);
            item->lost_ns = log->lost_ns;
            item->why = log->lost;
            log->lost_ns = 0;
            log->n_samples++;
            queue_item(log, item);
        }
    }
    g_mutex_unlock(&log->lock);
}

/* With the lock. */
static void
put_view(HvLog *log, gint64 time_ns, const char *view)
{
    Item *item;

    if (g_strcmp0(log->view, view) == 0)
        return;
    g_free(log->view);
    log->view = g_strdup(view);
    item = new_item(ITEM_VIEW, time_ns);
    item->text = g_strdup(view);
    queue_item(log, item);
}

void
hv_log_pause(HvLog *log, gboolean is_paused, gint64 time_ns)
{
    g_mutex_lock(&log->lock);
    if (!is_paused == !log->state.is_paused) {
        g_mutex_unlock(&log->lock);
        return;
    }
    log->state.is_paused = is_paused;
    if (is_paused) {
        Item *item = new_item(ITEM_GAP, time_ns);

        item->why = "paused";
        queue_item(log, item);
        miss(log, time_ns, "paused");
    } else if (log->paused_view) {
        put_view(log, time_ns, log->paused_view);
        g_clear_pointer(&log->paused_view, g_free);
    }
    g_mutex_unlock(&log->lock);
}

void
hv_log_view(HvLog *log, gint64 time_ns, const char *view)
{
    g_mutex_lock(&log->lock);
    if (log->state.is_paused) {
        g_free(log->paused_view);
        log->paused_view = g_strdup(view);
    } else {
        put_view(log, time_ns, view);
    }
    g_mutex_unlock(&log->lock);
}

void
hv_log_note(HvLog *log, gint64 time_ns, const char *vm, const char *text)
{
    Item *item = new_item(ITEM_NOTE, time_ns);

    item->name = g_strdup(vm);
    item->text = g_strdup(text);
    g_mutex_lock(&log->lock);
    queue_item(log, item);
    g_mutex_unlock(&log->lock);
}

void
hv_log_knob(HvLog *log, gint64 time_ns, const char *knob, const char *value, const char *why)
{
    g_autofree char *both = g_strconcat(value ? "=" : "?", value ? value : why, NULL);

    g_mutex_lock(&log->lock);
    if (g_strcmp0(g_hash_table_lookup(log->knobs, knob), both) != 0) {
        Item *item = new_item(ITEM_KNOB, time_ns);

        item->name = g_strdup(knob);
        item->text = g_strdup(value);
        item->more = g_strdup(value ? NULL : why);
        g_hash_table_replace(log->knobs, g_strdup(knob), g_steal_pointer(&both));
        queue_item(log, item);
    }
    g_mutex_unlock(&log->lock);
}

void
hv_log_state(HvLog *log, HvLogState *state)
{
    g_mutex_lock(&log->lock);
    *state = log->state;
    g_mutex_unlock(&log->lock);
}

gpointer
hv_log_db(HvLog *log)
{
    return log->db;
}
