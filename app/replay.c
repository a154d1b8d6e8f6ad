/* The console on a recording: a backend without a session. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/replay.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "app/complete.h"
#include "app/console-signals.h"
#include "app/from.h"
#include "app/playback.h"
#include "model/i18n.h"
#include "tui/console.h"

/* One replay. */
typedef struct {
    HvApp *app;
    const HvOptions *options;
    HvPlayback *past;
    int wake_fd;
} Replay;

/* ---- backend ---- */

static HvSnapshot *
take_snapshot(gpointer data)
{
    return hv_playback_take_snapshot(((Replay *)data)->past);
}

static HvAnswer *
take_answer(gpointer data)
{
    return hv_playback_take_answer(((Replay *)data)->past);
}

/* What would change something never comes here: the console knows that nothing can. */
static void
submit(gpointer data, HvIntent *take_intent)
{
    if (!hv_playback_submit(((Replay *)data)->past, take_intent))
        hv_intent_free(take_intent);
}

static void
drain_wake(gpointer data)
{
    guint64 n;

    if (read(((Replay *)data)->wake_fd, &n, sizeof n) < 0 && errno != EAGAIN)
        g_debug("eventfd: %s", g_strerror(errno));
}

static GPtrArray *
complete(gpointer data, const char *line)
{
    return hv_complete(((Replay *)data)->app, line);
}

static gboolean
timeline(gpointer data, HvTimeline *timeline)
{
    *timeline = (HvTimeline){ 0 };
    hv_playback_describe(((Replay *)data)->past, timeline);
    return TRUE;
}

/* Clocks show the time in view, as the operator's did. */
static gint64
monotonic_ns(gpointer data)
{
    gint64 time_ns, then_ns;

    hv_playback_clock(((Replay *)data)->past, &time_ns, &then_ns);
    return then_ns;
}

static gint64
realtime_ns(gpointer data)
{
    gint64 time_ns, then_ns;

    hv_playback_clock(((Replay *)data)->past, &time_ns, &then_ns);
    return time_ns;
}

/* On the past's thread: the line is of the time in view. */
static char *
run_line(const char *line, gint64 time_ns, int *status, gpointer data)
{
    Replay *replay = data;
    g_autoptr(HvOutput) output = hv_output_new(FALSE);
    g_autoptr(HvOptions) at = hv_options_copy(replay->options);
    g_autoptr(GDateTime) second = g_date_time_new_from_unix_utc(time_ns / 1000000000);
    g_autoptr(GDateTime) exact =
        second ? g_date_time_add(second, (GTimeSpan)(time_ns % 1000000000 / 1000)) : NULL;

    g_free(at->at);
    at->at = exact ? g_date_time_format(exact, "%FT%T.%fZ") : NULL;
    *status = hv_command_run_line(replay->app, at, line, output);
    return g_strconcat(output->out->str, output->notes->str, NULL);
}

/* ---- beginning and end ---- */

static gboolean
find_start(const HvOptions *options, HvPlayer *player, gint64 *time_ns, GError **error)
{
    gint64 last_ns;

    if (!hv_player_range(player, time_ns, &last_ns)) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, _("%s: nothing is recorded in it"),
                    options->from);
        return FALSE;
    }
    if (!options->at)
        return TRUE;
    if (!hv_player_time(player, options->at, 0, time_ns, error)) {
        g_prefix_error(error, "%s: ", options->at);
        return FALSE;
    }
    *time_ns = CLAMP(*time_ns, *time_ns, last_ns);
    return TRUE;
}

static int
run_screen(Replay *replay, const HvTheme *theme, int signal_fd, GError **error)
{
    const HvConsoleOptions look = { .theme = theme,
                                    .mono = hv_app_is_mono(replay->options),
                                    .ascii = replay->options->ascii,
                                    .mouse = TRUE,
                                    .version = PACKAGE_VERSION };
    const HvBackend backend = {
        .data = replay,
        .wake_fd = replay->wake_fd,
        .take_snapshot = take_snapshot,
        .take_answer = take_answer,
        .submit = submit,
        .drain_wake = drain_wake,
        .complete = complete,
        .timeline = timeline,
        .monotonic_ns = monotonic_ns,
        .realtime_ns = realtime_ns,
        .boottime_ns = monotonic_ns,
        .read_only_why = _("this is a recording"),
        .command_names = hv_command_names,
    };
    HvConsole *console = hv_console_new(&backend, &look);
    const int status = hv_console_run(console, signal_fd, error);

    hv_console_free(console);
    return status;
}

static int
play(Replay *replay, HvPlayer *take_player, gint64 time_ns, const HvTheme *theme, int signal_fd,
     GError **error)
{
    HvIntent *start;
    int status;

    replay->past = hv_playback_new(take_player, NULL, TRUE, time_ns, replay->wake_fd);
    hv_playback_on_command(replay->past, run_line, replay);
    if (replay->options->given & HV_OPTION_SPEED) {
        start = hv_intent_new(HV_INTENT_PLAY);
        start->speed = replay->options->speed;
        hv_playback_submit(replay->past, start);
    }
    status = run_screen(replay, theme, signal_fd, error);
    hv_playback_free(replay->past);
    return status;
}

int
hv_app_replay(const HvOptions *options, HvOutput *output G_GNUC_UNUSED, GError **error)
{
    g_autoptr(HvTheme) theme = NULL;
    g_autoptr(HvApp) app = NULL;
    g_autoptr(HvPlayer) player = NULL;
    Replay replay = { .options = options };
    gint64 time_ns = 0;
    int signal_fd, status;

    if (options->arguments->len) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("replay: %s: one FILE is enough"),
                    (const char *)options->arguments->pdata[0]);
        return -1;
    }
    if (!hv_console_check_start(error) || !(theme = hv_app_theme(options, error)) ||
        (signal_fd = hv_console_open_signals(error)) < 0)
        return -1;
    app = hv_app_new(options, error);
    player = app ? hv_player_open(options->from, hv_app_player_parts(), error) : NULL;
    if (!player || !find_start(options, player, &time_ns, error))
        return -1;
    replay.app = app;
    replay.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (replay.wake_fd < 0) {
        hv_error_set_errno(error, errno, "eventfd");
        return -1;
    }
    status = play(&replay, g_steal_pointer(&player), time_ns, theme, signal_fd, error);
    close(replay.wake_fd);
    close(signal_fd);
    return status;
}
