/* The console on this host: the session on its threads, the screen on this one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/console.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/change.h"
#include "app/complete.h"
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
} Desk;

static Desk desk;

/* ---- the session's backend, with what only app knows ---- */

/* What is shown is also what `:snapshot` and `:triage` print. */
static HvSnapshot *
take_snapshot(gpointer data)
{
    Desk *at = data;
    HvSnapshot *snapshot = at->session.take_snapshot(at->session.data);

    if (!snapshot)
        return NULL;
    hv_app_show(at->app, snapshot);
    if (!at->asks_libvirt) /* its threads would keep the first sample waiting for a cpu */
        hv_host_guests_start(hv_app_parts(at->app)->host);
    at->asks_libvirt = TRUE;
    return snapshot;
}

static HvAnswer *
take_answer(gpointer data)
{
    Desk *at = data;

    return at->session.take_answer(at->session.data);
}

static void
submit(gpointer data, HvIntent *take_intent)
{
    Desk *at = data;

    at->session.submit(at->session.data, take_intent);
}

static void
drain_wake(gpointer data)
{
    Desk *at = data;

    at->session.drain_wake(at->session.data);
}

static gint64
monotonic_ns(gpointer data)
{
    Desk *at = data;

    return at->session.monotonic_ns(at->session.data);
}

static gint64
realtime_ns(gpointer data)
{
    Desk *at = data;

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
        .wake_fd = desk.session.wake_fd,
        .take_snapshot = take_snapshot,
        .take_answer = take_answer,
        .submit = submit,
        .drain_wake = drain_wake,
        .complete = complete,
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
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("input or output is no terminal: the console needs one: "
                              "see hvtune snapshot, shot and triage"));
        return FALSE;
    }
    if (options->interval_ns)
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("--interval: the console needs at least 100ms"));
    return FALSE;
}

/* Blocked before any thread is started, so that only the screen's loop gets them. */
static int
open_signals(GError **error)
{
    static const int numbers[] = { SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT };
    sigset_t set;
    int fd;

    sigemptyset(&set);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        hv_error_set_errno(error, errno, "signalfd");
    return fd;
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
    if (hv_session_stop(session, STOP_WAIT_MS))
        g_clear_pointer(&desk.app, hv_app_free);
    if (busy_with) {
        g_autofree char *line =
            g_strdup_printf(_("%s: was being applied: its running step ended, the rest was not "
                              "begun: see hvtune journal"),
                            busy_with);

        hv_output_note(output, line);
    }
}

int
hv_app_console(const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(HvTheme) theme = NULL;
    HvSession *session;
    HvActOptions act;
    int signal_fd, status;

    if (!check_start(options, error) || !(theme = hv_app_theme(options, error)) ||
        (signal_fd = open_signals(error)) < 0)
        return -1;
    desk.options = options;
    desk.app = hv_app_new(options, error);
    if (!desk.app)
        return -1;
    if (hv_host_is_live(hv_app_parts(desk.app)->host))
        endure(hv_app_parts(desk.app)->host);
    hv_change_settle(desk.app, options, output);
    hv_output_flush(output, NULL); /* before the screen: afterwards it stands above it */
    show_nothing_yet(desk.app);
    hv_app_act_options(desk.app, options, &act);
    session = hv_session_start(hv_app_parts(desk.app), &act);
    hv_app_on_stop(desk.app, is_stop_wanted, session);
    status = run_screen(session, theme, signal_fd, error);
    end_session(session, output);
    close(signal_fd);
    return status;
}
