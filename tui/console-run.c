/* The event loop: terminal, snapshots, answers and signals; draws when something changed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "model/error.h"
#include "tui/console-private.h"
#include "tui/term.h"

#define TICK_MS 1000      /* the clock and the ages on screen */
#define LATE_TICK_MS 1500 /* the same where samples come every second */
#define ESCAPE_MS 25      /* a lone ESC is Escape after this */
#define RESIZE_GAP_MS 20  /* a storm of resizes is drawn no more often than this */
#define NS_PER_S G_GINT64_CONSTANT(1000000000)

/* What the loop keeps from turn to turn; times are monotonic ms. */
typedef struct {
    HvConsole *console;
    HvTerm *term;
    HvCanvas *canvas;
    const HvTheme *theme; /* as last given to the terminal */
    gboolean mono, dirty, resized, ends;
    gint64 drawn_ms;
} Loop;

/* The pace of drawing is the terminal's, whatever clock the host behind the door has. */
static gint64
now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static void
adopt_looks(Loop *loop)
{
    HvConsole *console = loop->console;

    if (console->theme != loop->theme) {
        loop->theme = console->theme;
        hv_term_set_theme(loop->term, loop->theme);
    }
    if (console->mono != loop->mono) {
        loop->mono = console->mono;
        hv_term_set_mono(loop->term, loop->mono);
    }
    if (console->repaint)
        hv_term_repaint(loop->term);
    console->repaint = FALSE;
}

static void
resize(Loop *loop)
{
    int columns, rows;

    hv_term_size(loop->term, &columns, &rows);
    hv_canvas_resize(loop->canvas, columns, rows);
    hv_term_repaint(loop->term);
    loop->resized = FALSE;
}

static void
draw(Loop *loop)
{
    adopt_looks(loop);
    if (loop->resized)
        resize(loop);
    loop->canvas->ascii = loop->console->ascii || hv_term_is_ascii(loop->term);
    hv_console_draw(loop->console, loop->canvas);
    hv_term_draw(loop->term, loop->canvas);
    hv_console_tell_view(loop->console);
    loop->dirty = FALSE;
    loop->drawn_ms = now_ms();
}

/* Gives the terminal back and stops; goes on here once the shell has sent SIGCONT. */
static void
suspend(Loop *loop)
{
    loop->console->suspend = FALSE;
    hv_term_suspend(loop->term);
    kill(getpid(), SIGSTOP);
    hv_term_resume(loop->term);
    loop->resized = loop->dirty = TRUE;
}

static void
take_events(Loop *loop, gboolean timed_out)
{
    HvEvent event = { 0 };

    while (!loop->ends && hv_input_next(hv_term_input(loop->term), timed_out, &event)) {
        if (event.kind == HV_EVENT_NONE)
            continue;
        loop->ends = !hv_console_event(loop->console, &event);
        loop->dirty = TRUE;
    }
}

static void
take_wake(Loop *loop)
{
    const HvBackend *backend = loop->console->backend;
    HvSnapshot *snapshot;
    HvAnswer *answer;

    backend->drain_wake(backend->data);
    while ((answer = backend->take_answer(backend->data))) {
        hv_console_answer(loop->console, answer);
        loop->dirty = TRUE;
    }
    snapshot = backend->take_snapshot(backend->data);
    if (snapshot) {
        hv_console_show(loop->console, snapshot);
        loop->dirty = TRUE;
    }
}

static void
take_signals(Loop *loop, int signal_fd)
{
    struct signalfd_siginfo info;
    const ssize_t n = read(signal_fd, &info, sizeof info);

    if (n != (ssize_t)sizeof info)
        return;
    switch ((int)info.ssi_signo) {
    case SIGWINCH:
        loop->resized = loop->dirty = TRUE;
        break;
    case SIGTSTP:
        loop->console->suspend = TRUE;
        break;
    case SIGCONT:
        loop->dirty = loop->console->repaint = TRUE;
        break;
    case SIGTERM:
    case SIGHUP:
    case SIGINT:
        loop->ends = TRUE;
        break;
    default:
        break;
    }
}

/* Samples of every second bring the clock along: then a tick would only draw twice what is
 * drawn anyway. */
static gint64
tick_ms(const Loop *loop)
{
    const gint64 interval_ns = loop->console->latest->interval_ns;

    return interval_ns > 0 && interval_ns <= NS_PER_S ? LATE_TICK_MS : TICK_MS;
}

/* How long to wait: until a lone ESC is one, until a resize may be drawn, until ages change. */
static int
wait_ms(const Loop *loop)
{
    const gint64 since = now_ms() - loop->drawn_ms;

    if (hv_input_is_pending(hv_term_input(loop->term)))
        return ESCAPE_MS;
    if (loop->dirty && loop->resized)
        return (int)CLAMP(RESIZE_GAP_MS - since, 0, RESIZE_GAP_MS);
    return (int)CLAMP(tick_ms(loop) - since, 0, LATE_TICK_MS);
}

static void
turn(Loop *loop, int signal_fd)
{
    const int wake_fd = loop->console->backend->wake_fd;
    struct pollfd fds[] = {
        { .fd = STDIN_FILENO, .events = POLLIN },
        { .fd = wake_fd, .events = POLLIN },
        { .fd = signal_fd, .events = POLLIN },
    };
    const int n = poll(fds, G_N_ELEMENTS(fds), wait_ms(loop));

    if (n < 0 && errno != EINTR)
        loop->ends = TRUE;
    if (n <= 0) {
        take_events(loop, TRUE);
        return;
    }
    if (fds[0].revents && !hv_term_read(loop->term))
        loop->ends = TRUE;
    take_events(loop, FALSE);
    if (fds[1].revents)
        take_wake(loop);
    if (fds[2].revents)
        take_signals(loop, signal_fd);
}

static void
run(Loop *loop, int signal_fd)
{
    take_wake(loop);
    loop->resized = loop->dirty = TRUE;
    while (!loop->ends) {
        const gint64 since = now_ms() - loop->drawn_ms;

        if (since >= tick_ms(loop) ||
            (loop->dirty && (!loop->resized || since >= RESIZE_GAP_MS)))
            draw(loop);
        turn(loop, signal_fd);
        if (loop->console->suspend && !loop->ends)
            suspend(loop);
    }
}

int
hv_console_run(HvConsole *console, int signal_fd, GError **error)
{
    const HvTermOptions options = {
        .mono = console->mono,
        .ascii = console->ascii,
        .mouse = console->mouse,
    };
    g_autoptr(HvCanvas) canvas = hv_canvas_new(80, 24, console->ascii);
    Loop loop = { .console = console, .canvas = canvas, .mono = console->mono };

    loop.term = hv_term_open(&options, error);
    if (!loop.term)
        return 3;
    run(&loop, signal_fd);
    hv_term_close(loop.term);
    return 0;
}
