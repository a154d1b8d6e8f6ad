/* The console on this host: the session on its threads, the screen on this one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/console.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "app/blackbox.h"
#include "app/change.h"
#include "app/complete.h"
#include "app/console-record.h"
#include "app/console-signals.h"
#include "app/from.h"
#include "app/playback.h"
#include "app/privilege.h"
#include "model/i18n.h"
#include "tui/console.h"

#define STOP_WAIT_MS 2000 /* for the running step of a plan, when the person quits */

/* One console. It stays reachable to the end: threads that hang may still use it. */
typedef struct {
    HvApp *app;
    const HvOptions *options;
    HvBackend session; /* as the session fills it */
    gboolean asks_libvirt;
    HvRecorder *recorder;
    HvConsoleRecord *record;
    HvPlayback *past;       /* of what the ring holds; NULL: it cannot be looked at */
    HvBlackboxPast *before; /* what sparklines begin with, or NULL */
    HvSnapshot *present;    /* the newest, kept while the past is in view */
    gboolean was_past;
    int own_fd;  /* an eventfd: something of this file's own is there */
    int wake_fd; /* that, or the session's */
    gboolean was_recording;
} Desk;

static Desk desk;

/* ---- the session's backend, with what only app knows ---- */

/* A recording has all VMs in it, whatever is on screen, and their knobs. */
static void
follow_recording(Desk *at)
{
    const gboolean is_recording = hv_recorder_is_recording(at->recorder);
    HvIntent *ask = hv_console_record_ask(at->record);

    if (is_recording && !at->was_recording)
        at->session.submit(at->session.data, hv_intent_new(HV_INTENT_INTEREST));
    at->was_recording = is_recording;
    if (ask)
        at->session.submit(at->session.data, ask);
}

/* The newest, also where it was taken while the past was in view. */
static HvSnapshot *
take_present(Desk *at)
{
    HvSnapshot *snapshot = at->session.take_snapshot(at->session.data);

    if (!snapshot)
        return NULL;
    if (!at->asks_libvirt) /* its threads would keep the first sample waiting for a cpu */
        hv_host_guests_start(hv_app_parts(at->app)->host);
    at->asks_libvirt = TRUE;
    follow_recording(at);
    hv_snapshot_unref(at->present);
    at->present = hv_snapshot_ref(snapshot);
    return snapshot;
}

/* What is shown is also what `:snapshot` and `:triage` print. */
static HvSnapshot *
take_snapshot(gpointer data)
{
    Desk *at = data;
    g_autoptr(HvSnapshot) present = take_present(at);
    HvSnapshot *snapshot;

    if (at->past && hv_playback_is_open(at->past)) {
        at->was_past = TRUE;
        snapshot = hv_playback_take_snapshot(at->past);
    } else if (at->was_past) {
        at->was_past = FALSE;
        snapshot = at->present ? hv_snapshot_ref(at->present) : NULL;
    } else {
        snapshot = g_steal_pointer(&present);
    }
    if (snapshot)
        hv_app_show(at->app, snapshot);
    return snapshot;
}

static HvAnswer *
take_answer(gpointer data)
{
    Desk *at = data;
    HvAnswer *answer = hv_console_record_take_answer(at->record);

    if (!answer && at->past)
        answer = hv_playback_take_answer(at->past);
    while (!answer && (answer = at->session.take_answer(at->session.data)))
        if (hv_console_record_heard(at->record, answer))
            answer = NULL;
    return answer;
}

static void
submit(gpointer data, HvIntent *take_intent)
{
    Desk *at = data;

    if (hv_console_record_submit(at->record, take_intent) ||
        (at->past && hv_playback_submit(at->past, take_intent)))
        return;
    if (take_intent->verb == HV_INTENT_INTEREST && hv_recorder_is_recording(at->recorder))
        hv_intent_free(take_intent);
    else
        at->session.submit(at->session.data, take_intent);
}

static void
drain_wake(gpointer data)
{
    Desk *at = data;
    guint64 n;

    if (read(at->own_fd, &n, sizeof n) < 0 && errno != EAGAIN)
        g_debug("eventfd: %s", g_strerror(errno));
    at->session.drain_wake(at->session.data);
}

static gboolean
timeline(gpointer data, HvTimeline *timeline)
{
    Desk *at = data;

    *timeline = (HvTimeline){ 0 };
    if (at->past)
        hv_playback_describe(at->past, timeline);
    hv_recorder_describe(at->recorder, timeline);
    return TRUE;
}

static gint64
monotonic_ns(gpointer data)
{
    Desk *at = data;

    if (at->past && hv_playback_is_open(at->past)) {
        gint64 time_ns, then_ns;

        hv_playback_clock(at->past, &time_ns, &then_ns);
        return then_ns;
    }
    return at->session.monotonic_ns(at->session.data);
}

static gint64
realtime_ns(gpointer data)
{
    Desk *at = data;

    if (at->past && hv_playback_is_open(at->past)) {
        gint64 time_ns, then_ns;

        hv_playback_clock(at->past, &time_ns, &then_ns);
        return time_ns;
    }
    return at->session.realtime_ns(at->session.data);
}

static gint64
boottime_ns(gpointer data)
{
    Desk *at = data;

    return at->session.boottime_ns(at->session.data);
}

static GPtrArray *
complete(gpointer data, const char *line)
{
    Desk *at = data;

    return hv_complete(at->app, line);
}

static HvBackend
new_backend(void)
{
    return (HvBackend){
        .data = &desk,
        .wake_fd = desk.wake_fd,
        .take_snapshot = take_snapshot,
        .take_answer = take_answer,
        .submit = submit,
        .drain_wake = drain_wake,
        .complete = complete,
        .timeline = timeline,
        .monotonic_ns = monotonic_ns,
        .realtime_ns = realtime_ns,
        .boottime_ns = boottime_ns,
        .read_only_why = hv_app_parts(desk.app)->read_only_why,
        .command_names = hv_command_names,
    };
}

/* On the actuator's thread. */
static char *
run_line(const char *line, int *status, gpointer data)
{
    Desk *at = data;
    g_autoptr(HvOutput) output = hv_output_new(FALSE);

    *status = hv_command_run_line(at->app, at->options, line, output);
    return g_strconcat(output->out->str, output->notes->str, NULL);
}

static gboolean
is_stop_wanted(gpointer session)
{
    return hv_session_is_stop_wanted(session);
}

/* ---- the start ---- */

static gboolean
check_start(const HvOptions *options, GError **error)
{
    if (!hv_console_check_start(error))
        return FALSE;
    if (options->interval_ns)
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("--interval: the console needs at least 100ms"));
    return FALSE;
}

static HvSet *
read_cpus(HvHost *host, const char *path)
{
    g_autofree char *text = hv_host_read_text(host, path, 0, NULL);
    HvSet *cpus = text ? hv_set_parse(text, NULL) : NULL; /* "(null)" where there are none */

    return cpus ? cpus : hv_set_new();
}

/* Online cpus that nobody has set apart for guests. */
static void
endure(HvHost *host)
{
    g_autoptr(HvSet) housekeeping = read_cpus(host, "sys/devices/system/cpu/online");
    g_autoptr(HvSet) isolated = read_cpus(host, "sys/devices/system/cpu/isolated");
    g_autoptr(HvSet) nohz_full = read_cpus(host, "sys/devices/system/cpu/nohz_full");

    hv_set_union(isolated, nohz_full);
    hv_set_subtract(housekeeping, isolated);
    hv_privilege_endure(hv_set_is_empty(isolated) ? NULL : housekeeping);
}

static void
show_nothing_yet(HvApp *app)
{
    g_autoptr(HvSnapshot) nothing = hv_snapshot_new();

    hv_app_show(app, nothing);
}

static gboolean
watch(int epoll_fd, int fd, GError **error)
{
    struct epoll_event event = { .events = EPOLLIN };

    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
        return TRUE;
    return hv_error_set_errno(error, errno, "epoll_ctl");
}

/* One descriptor for the session's news and our own. */
static gboolean
open_wake(GError **error)
{
    desk.own_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    desk.wake_fd = epoll_create1(EPOLL_CLOEXEC);
    if (desk.own_fd < 0 || desk.wake_fd < 0)
        return hv_error_set_errno(error, errno, "eventfd");
    return watch(desk.wake_fd, desk.own_fd, error);
}

static int
run_screen(HvSession *session, const HvTheme *theme, int signal_fd, GError **error)
{
    const HvConsoleOptions look = { .theme = theme,
                                    .mono = hv_app_is_mono(desk.options),
                                    .ascii = desk.options->ascii,
                                    .mouse = TRUE,
                                    .version = PACKAGE_VERSION };
    HvBackend backend;
    HvConsole *console;
    int status;

    hv_session_backend(session, &desk.session);
    if (!watch(desk.wake_fd, desk.session.wake_fd, error))
        return -1;
    hv_session_on_command(session, run_line, &desk);
    backend = new_backend();
    console = hv_console_new(&backend, &look);
    status = hv_console_run(console, signal_fd, error);
    hv_console_free(console);
    return status;
}

/* A plan that is still running when the person has gone: its step ends, the rest is not begun.
 */
static void
end_session(HvSession *session, HvOutput *output)
{
    g_autofree char *busy_with = NULL;

    hv_app_stop();
    busy_with = hv_session_busy_with(session);
    if (hv_session_stop(session, STOP_WAIT_MS)) {
        g_clear_pointer(&desk.before, hv_blackbox_past_free);
        g_clear_pointer(&desk.app, hv_app_free);
    }
    if (busy_with) {
        g_autofree char *line =
            g_strdup_printf(_("%s: was being applied: its running step ended, the rest was not "
                              "begun: see hvtune journal"),
                            busy_with);

        hv_output_note(output, line);
    }
}

/* Without it a console is only without its past. */
static void
open_past(void)
{
    g_autoptr(GError) error = NULL;
    HvPlayer *player =
        hv_player_open_ring(hv_recorder_ring(desk.recorder), hv_app_player_parts(), &error);

    if (player)
        desk.past = hv_playback_new(player, hv_blackbox_open(desk.app), FALSE, 0, desk.own_fd);
    else
        g_debug("no past: %s", error->message);
}

/* What is recorded ends whole, or it is said why not. The recorder itself stays: a sampler that
 * hangs may come back to it. */
static void
end_recording(HvOutput *output)
{
    g_autoptr(GError) error = NULL;

    hv_playback_free(desk.past);
    hv_snapshot_unref(desk.present);
    hv_console_record_free(desk.record);
    if (!hv_recorder_end(desk.recorder, &error))
        hv_output_note(output, error->message);
}

static HvSession *
start_session(const HvOptions *options)
{
    HvSessionParts parts = *hv_app_parts(desk.app);
    HvActOptions act;

    parts.on_sample = hv_recorder_sampled;
    parts.on_sample_data = desk.recorder;
    desk.before = hv_blackbox_past_new(desk.app);
    parts.past = desk.before ? hv_blackbox_past_next : NULL;
    parts.past_data = desk.before;
    hv_app_act_options(desk.app, options, &act);
    return hv_session_start(&parts, &act);
}

int
hv_app_console(const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(HvTheme) theme = NULL;
    HvSession *session;
    int signal_fd, status;

    if (!check_start(options, error) || !(theme = hv_app_theme(options, error)) ||
        (signal_fd = hv_console_open_signals(error)) < 0)
        return -1;
    desk.options = options;
    desk.app = hv_app_new(options, error);
    if (!desk.app || !open_wake(error) ||
        !(desk.recorder = hv_recorder_new(desk.app, options, options->log, TRUE, error)))
        return -1;
    desk.record = hv_console_record_new(desk.recorder, desk.own_fd);
    open_past();
    if (hv_host_is_live(hv_app_parts(desk.app)->host))
        endure(hv_app_parts(desk.app)->host);
    hv_change_settle(desk.app, options, output);
    hv_output_flush(output, NULL); /* before the screen: afterwards it stands above it */
    show_nothing_yet(desk.app);
    session = start_session(options);
    hv_app_on_stop(desk.app, is_stop_wanted, session);
    status = run_screen(session, theme, signal_fd, error);
    end_session(session, output);
    end_recording(output);
    close(signal_fd);
    return status;
}
