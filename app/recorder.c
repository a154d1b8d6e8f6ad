/* What is remembered and recorded of a session: the ring of a console, and the file that it is
 * recorded into. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/recorder-tables.h"
#include "host/host.h"
#include "model/i18n.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define RING_BYTES (16u << 20)
#define CLOSE_MS 5000
#define KNOBS_EVERY_NS (60 * NS_PER_S)
#define MOST_WAITING 16 /* samples, while a file is being made */

struct HvRecorder {
    HvApp *app;
    const HvOptions *options;
    HvRecordedTables *tables;
    char *hostname, *timezone;
    HvLog *ring; /* NULL: none */
    GMutex lock; /* of all below; never held over the disk */
    GCond saved; /* what the ring holds is in a file, or cannot be */
    HvLog *log;  /* NULL: not recording */
    char *path;
    char *said_path;    /* what hv_recorder_describe() gave out */
    char said_why[160]; /* likewise */
    gboolean is_busy;   /* a file is being made or closed */
    GQueue waiting;     /* of HvSnapshot, while is_busy */
    gboolean is_paused;
    gboolean is_rotating;
    guint n_rotated;
    gint64 begun_ns;
    gint64 knobs_due_ns; /* since 1970 */
};

/* ---- making and freeing ---- */

static gint64
realtime_ns(const HvRecorder *recorder)
{
    const HvClock *clock = &hv_app_parts(recorder->app)->clock;

    return clock->realtime_ns(clock->data);
}

static HvLogOptions
options_for(const HvRecorder *recorder, const char *path, gboolean append)
{
    const HvOptions *options = recorder->options;

    return (HvLogOptions){
        .path = path,
        .append = append,
        .schemas = hv_recorded_schemas(recorder->tables),
        .sums = hv_recorded_sums(),
        .hostname = recorder->hostname,
        .timezone = recorder->timezone,
        .version = PACKAGE_VERSION,
        .interval_ns = options->interval_ns,
        .keep_ns = path ? options->max_age_ns : 0,
        .keep_bytes = path ? options->max_bytes : RING_BYTES,
    };
}

static HvLog *
open_log(const HvRecorder *recorder, const char *path, gboolean append, GError **error)
{
    const HvLogOptions options = options_for(recorder, path, append);

    return hv_log_open(&options, error);
}

static void
adopt(HvRecorder *recorder, HvLog *take_log, const char *path)
{
    recorder->log = take_log;
    recorder->begun_ns = realtime_ns(recorder);
    recorder->knobs_due_ns = 0;
    if (path != recorder->path) {
        g_free(recorder->path);
        recorder->path = g_strdup(path);
    }
}

/* "a.hvlog" is followed by "a.1.hvlog". */
static char *
next_path(const char *first, guint n)
{
    const char *dot = strrchr(first, '.');
    const int n_stem = dot && !strchr(dot, '/') ? (int)(dot - first) : (int)strlen(first);

    return g_strdup_printf("%.*s.%u%s", n_stem, first, n, first + n_stem);
}

/* A name that nobody has. */
static char *
free_path(const char *first, guint *n)
{
    char *path = next_path(first, ++*n);

    while (g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_free(path);
        path = next_path(first, ++*n);
    }
    return path;
}

/* What bounds itself by age or size is nobody's to keep: of another version or with other
 * tables it makes room. */
static HvLog *
begin_anew(HvRecorder *recorder, const char *path, GError **error)
{
    g_autofree char *aside = free_path(path, &recorder->n_rotated);

    if (rename(path, aside) != 0) {
        hv_error_set_errno(error, errno, path);
        return NULL;
    }
    return open_log(recorder, path, FALSE, error);
}

static gboolean
open_first(HvRecorder *recorder, const char *path, gboolean has_ring, GError **error)
{
    const HvOptions *options = recorder->options;
    const gboolean appends = path && hv_options_has(options, HV_OPTION_APPEND) &&
                             g_file_test(path, G_FILE_TEST_EXISTS);
    g_autoptr(GError) why = NULL;
    HvLog *log;

    if (has_ring && !(recorder->ring = open_log(recorder, NULL, FALSE, error)))
        return FALSE;
    if (!path)
        return TRUE;
    log = open_log(recorder, path, appends, &why);
    if (!log && appends && (options->max_age_ns || options->max_bytes) &&
        g_error_matches(why, HV_ERROR, HV_ERROR_REFUSED)) {
        g_clear_error(&why);
        log = begin_anew(recorder, path, &why);
    }
    if (log)
        adopt(recorder, log, path);
    else
        g_propagate_error(error, g_steal_pointer(&why));
    return log != NULL;
}

static char *
read_hostname(HvHost *host)
{
    char *name = hv_host_read_text(host, "proc/sys/kernel/hostname", 0, NULL);

    return name ? g_strstrip(name) : g_strdup("host");
}

static char *
read_timezone(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_local();

    return g_strdup(g_time_zone_get_identifier(zone));
}

HvRecorder *
hv_recorder_new(HvApp *app, const HvOptions *options, const char *path, gboolean has_ring,
                GError **error)
{
    HvRecordedTables *tables =
        hv_recorded_tables_new((const char *const *)options->tables, error);
    HvRecorder *recorder;

    if (!tables)
        return NULL;
    recorder = g_new0(HvRecorder, 1);
    recorder->app = app;
    recorder->options = options;
    recorder->tables = tables;
    recorder->hostname = read_hostname(hv_app_parts(app)->host);
    recorder->timezone = read_timezone();
    g_mutex_init(&recorder->lock);
    g_cond_init(&recorder->saved);
    g_queue_init(&recorder->waiting);
    if (open_first(recorder, path, has_ring, error))
        return recorder;
    hv_recorder_free(recorder);
    return NULL;
}

static void
free_snapshot(gpointer snapshot)
{
    hv_snapshot_unref(snapshot);
}

gboolean
hv_recorder_end(HvRecorder *recorder, GError **error)
{
    HvLog *log, *ring;

    g_mutex_lock(&recorder->lock);
    log = g_steal_pointer(&recorder->log);
    ring = g_steal_pointer(&recorder->ring);
    g_mutex_unlock(&recorder->lock);
    hv_log_close(ring, CLOSE_MS, NULL);
    return hv_log_close(log, CLOSE_MS, error);
}

void
hv_recorder_free(HvRecorder *recorder)
{
    if (!recorder)
        return;
    hv_recorder_end(recorder, NULL);
    g_queue_clear_full(&recorder->waiting, free_snapshot);
    hv_recorded_tables_free(recorder->tables);
    g_mutex_clear(&recorder->lock);
    g_cond_clear(&recorder->saved);
    g_free(recorder->hostname);
    g_free(recorder->timezone);
    g_free(recorder->path);
    g_free(recorder->said_path);
    g_free(recorder);
}

const char *const *
hv_recorder_tables(HvRecorder *recorder)
{
    return hv_recorded_wanted(recorder->tables);
}

HvLog *
hv_recorder_ring(HvRecorder *recorder)
{
    return recorder->ring;
}

/* ---- a file after the other ---- */

static gpointer
rotate(gpointer data)
{
    HvRecorder *recorder = data;
    g_autofree char *path = free_path(recorder->path, &recorder->n_rotated);
    HvLog *next = NULL;
    HvLog *former = NULL;

    next = open_log(recorder, path, FALSE, NULL); /* else the former goes on */
    g_mutex_lock(&recorder->lock);
    if (next) {
        former = recorder->log;
        recorder->log = next;
        recorder->knobs_due_ns = 0;
    }
    recorder->begun_ns = realtime_ns(recorder);
    recorder->is_rotating = FALSE;
    g_mutex_unlock(&recorder->lock);
    hv_log_close(former, CLOSE_MS, NULL);
    return NULL;
}

/* Under the lock. */
static gboolean
shall_rotate(HvRecorder *recorder, gint64 now_ns)
{
    const HvOptions *options = recorder->options;
    HvLogState state;

    if (!recorder->log || recorder->is_rotating || recorder->is_busy)
        return FALSE;
    if (options->rotate_ns)
        return now_ns - recorder->begun_ns >= options->rotate_ns;
    if (!options->rotate_bytes)
        return FALSE;
    hv_log_state(recorder->log, &state);
    return state.n_bytes >= options->rotate_bytes;
}

/* ---- samples ---- */

/* Under the lock. What comes while a file is being made waits, so that nothing is missing in
 * it.
 */
static void
push(HvRecorder *recorder, HvSnapshot *snapshot)
{
    if (recorder->log && !recorder->is_paused)
        hv_log_push(recorder->log, snapshot);
    if (recorder->is_busy && !recorder->log && recorder->waiting.length < MOST_WAITING)
        g_queue_push_tail(&recorder->waiting, hv_snapshot_ref(snapshot));
    if (shall_rotate(recorder, snapshot->time_ns)) {
        recorder->is_rotating = TRUE;
        g_thread_unref(g_thread_new("rotate", rotate, recorder));
    }
}

void
hv_recorder_sampled(HvSnapshot *snapshot, gpointer data)
{
    HvRecorder *recorder = data;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    if (recorder->ring)
        hv_log_push(recorder->ring, snapshot);
    push(recorder, snapshot);
}

/* ---- on and off ---- */

static gboolean
begin_busy(HvRecorder *recorder, gboolean wants_recording, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    if (recorder->is_busy) {
        g_set_error_literal(
            error, HV_ERROR, HV_ERROR_CONFLICT,
            _("a recording is being begun or ended: its disk has not answered"));
        return FALSE;
    }
    if (wants_recording != (recorder->log != NULL)) {
        if (recorder->log)
            g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT, _("%s: is being recorded into"),
                        recorder->path);
        else
            g_set_error_literal(error, HV_ERROR, HV_ERROR_CONFLICT, _("nothing is recorded"));
        return FALSE;
    }
    recorder->is_busy = TRUE;
    return TRUE;
}

static void
end_busy(HvRecorder *recorder, HvLog *take_log, const char *path)
{
    HvSnapshot *snapshot;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    recorder->is_busy = FALSE;
    if (take_log)
        adopt(recorder, take_log, path);
    while ((snapshot = g_queue_pop_head(&recorder->waiting))) {
        if (take_log)
            hv_log_push(take_log, snapshot);
        hv_snapshot_unref(snapshot);
    }
}

/* "web1-20260302-141500.hvlog" */
static char *
name_after_host(const HvRecorder *recorder)
{
    g_autoptr(GDateTime) now =
        g_date_time_new_from_unix_local(realtime_ns(recorder) / NS_PER_S);
    g_autofree char *when = g_date_time_format(now, "%Y%m%d-%H%M%S");
    g_autofree char *host = g_strdup(recorder->hostname);

    g_strcanon(host, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".-_", '_');
    return g_strdup_printf("%s-%s.hvlog", host, when);
}

typedef struct {
    HvRecorder *recorder;
    gboolean is_done;
    GError *error;
} Saving;

static void
note_saved(const GError *error, gpointer data)
{
    Saving *saving = data;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&saving->recorder->lock);

    saving->error = error ? g_error_copy(error) : NULL;
    saving->is_done = TRUE;
    g_cond_broadcast(&saving->recorder->saved);
}

/* Waits for as long as the disk takes: in a thread of its own. */
static gboolean
save_ring(HvRecorder *recorder, const char *path, GError **error)
{
    Saving saving = { .recorder = recorder };

    hv_log_save(recorder->ring, path, note_saved, &saving);
    g_mutex_lock(&recorder->lock);
    while (!saving.is_done)
        g_cond_wait(&recorder->saved, &recorder->lock);
    g_mutex_unlock(&recorder->lock);
    if (saving.error)
        g_propagate_error(error, saving.error);
    return !saving.error;
}

char *
hv_recorder_start(HvRecorder *recorder, const char *path, GError **error)
{
    g_autofree char *name = path ? g_strdup(path) : name_after_host(recorder);
    HvLog *log = NULL;

    if (!begin_busy(recorder, FALSE, error))
        return NULL;
    if (!recorder->ring || save_ring(recorder, name, error))
        log = open_log(recorder, name, recorder->ring != NULL, error);
    end_busy(recorder, log, name);
    return log ? g_strdup_printf(_("recording into %s"), name) : NULL;
}

char *
hv_recorder_stop(HvRecorder *recorder, GError **error)
{
    g_autofree char *path = NULL;
    HvLog *log;
    gboolean is_whole;

    if (!begin_busy(recorder, TRUE, error))
        return NULL;
    g_mutex_lock(&recorder->lock);
    log = g_steal_pointer(&recorder->log);
    path = g_strdup(recorder->path);
    g_mutex_unlock(&recorder->lock);
    is_whole = hv_log_close(log, CLOSE_MS, error);
    end_busy(recorder, NULL, NULL);
    return is_whole ? g_strdup_printf(_("recorded: %s: hvtune replay %s"), path, path) : NULL;
}

char *
hv_recorder_save(HvRecorder *recorder, const char *path, GError **error)
{
    g_autofree char *name = path ? g_strdup(path) : name_after_host(recorder);

    if (!recorder->ring) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, _("nothing is remembered here"));
        return NULL;
    }
    return save_ring(recorder, name, error)
               ? g_strdup_printf(_("what just happened is in %s"), name)
               : NULL;
}

gboolean
hv_recorder_is_recording(HvRecorder *recorder)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    return recorder->log != NULL;
}

/* ---- what is not a sample ---- */

void
hv_recorder_view(HvRecorder *recorder, gint64 time_ns, const char *view)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    if (recorder->ring)
        hv_log_view(recorder->ring, time_ns, view);
    if (recorder->log)
        hv_log_view(recorder->log, time_ns, view);
}

void
hv_recorder_note(HvRecorder *recorder, gint64 time_ns, const char *vm, const char *text)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    if (recorder->ring)
        hv_log_note(recorder->ring, time_ns, vm, text);
    if (recorder->log)
        hv_log_note(recorder->log, time_ns, vm, text);
}

static void
put_knob(HvLog *log, gint64 time_ns, const char *line)
{
    const char *equals = strstr(line, " = ");
    g_autofree char *knob = equals ? g_strndup(line, (gsize)(equals - line)) : NULL;

    if (knob)
        hv_log_knob(log, time_ns, knob, equals + strlen(" = "), NULL);
}

void
hv_recorder_knobs(HvRecorder *recorder, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    const gint64 now_ns = realtime_ns(recorder);
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    for (char **line = lines; recorder->log && *line; line++)
        put_knob(recorder->log, now_ns, *line);
}

gboolean
hv_recorder_wants_knobs(HvRecorder *recorder)
{
    const gint64 now_ns = realtime_ns(recorder);
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    if (!recorder->log || now_ns < recorder->knobs_due_ns)
        return FALSE;
    recorder->knobs_due_ns = now_ns + KNOBS_EVERY_NS;
    return TRUE;
}

void
hv_recorder_changed(HvRecorder *recorder)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    recorder->knobs_due_ns = 0;
}

void
hv_recorder_describe(HvRecorder *recorder, HvTimeline *timeline)
{
    HvLogState state = { 0 };
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&recorder->lock);

    if (recorder->log)
        hv_log_state(recorder->log, &state);
    if (g_strcmp0(recorder->said_path, recorder->path) != 0) {
        g_free(recorder->said_path);
        recorder->said_path = g_strdup(recorder->path);
    }
    g_strlcpy(recorder->said_why, state.why, sizeof recorder->said_why);
    timeline->is_recording = recorder->log != NULL;
    timeline->is_paused = recorder->is_paused;
    timeline->recording = recorder->log ? recorder->said_path : NULL;
    timeline->why = *recorder->said_why ? recorder->said_why : NULL;
}
