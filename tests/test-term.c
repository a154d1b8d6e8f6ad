/* The terminal on a pty: entered, drawn on, left as it was, whatever ends the program. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "model/error.h"
#include "tests/vt.h"

#define TIMEOUT_MS 20000
#define COLUMNS 60
#define ROWS 12

/* A child on a pty of its own, and what it wrote. */
typedef struct {
    int master, slave, go; /* go: a byte lets the child go on */
    pid_t pid;
    GString *bytes;
    struct termios before;
    int status;
    gboolean has_ended;
} Child;

/* What the child does; its result is its exit status. */
typedef int (*Scenario)(int go);

static void
be_child(const Child *child, int go, const char *type, Scenario scenario)
{
    const struct rlimit no_core = { 0, 0 };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &no_core);
    close(child->master); /* else nobody hangs up */
    close(child->go);
    setsid();
    ioctl(child->slave, TIOCSCTTY, 0);
    dup2(child->slave, STDIN_FILENO);
    dup2(child->slave, STDOUT_FILENO);
    g_setenv("TERM", type, TRUE);
    g_unsetenv("COLORTERM");
    _exit(scenario(go));
}

static Child *
child_new(const char *type, Scenario scenario)
{
    const struct winsize size = { .ws_col = COLUMNS, .ws_row = ROWS };
    Child *child = g_new0(Child, 1);
    int go[2];

    child->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    g_assert_cmpint(child->master, >=, 0);
    g_assert_cmpint(grantpt(child->master), ==, 0);
    g_assert_cmpint(unlockpt(child->master), ==, 0);
    child->slave = open(ptsname(child->master), O_RDWR | O_NOCTTY);
    g_assert_cmpint(child->slave, >=, 0);
    g_assert_cmpint(ioctl(child->slave, TIOCSWINSZ, &size), ==, 0);
    g_assert_cmpint(tcgetattr(child->slave, &child->before), ==, 0);
    g_assert_cmpint(pipe(go), ==, 0);
    child->go = go[1];
    child->bytes = g_string_new(NULL);
    child->pid = fork();
    if (child->pid == 0)
        be_child(child, go[0], type, scenario);
    g_assert_cmpint(child->pid, >, 0);
    close(go[0]);
    return child;
}

static void
child_free(Child *child)
{
    if (!child->has_ended) {
        kill(child->pid, SIGKILL);
        waitpid(child->pid, &child->status, 0);
    }
    close(child->master);
    close(child->slave);
    close(child->go);
    g_string_free(child->bytes, TRUE);
    g_free(child);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Child, child_free)

static gboolean
read_more(Child *child, int timeout_ms)
{
    struct pollfd readable = { .fd = child->master, .events = POLLIN };
    char bytes[65536];

    if (poll(&readable, 1, timeout_ms) <= 0)
        return FALSE;
    const gssize n = read(child->master, bytes, sizeof bytes);
    if (n > 0)
        g_string_append_len(child->bytes, bytes, n);
    return n > 0;
}

static void
wait_for(Child *child, const char *text)
{
    const gint64 end = g_get_monotonic_time() + TIMEOUT_MS * 1000;

    while (!strstr(child->bytes->str, text)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        read_more(child, 100);
    }
}

static void
let_go_on(Child *child)
{
    g_assert_cmpint(write(child->go, "x", 1), ==, 1);
}

static void
wait_for_end(Child *child)
{
    const gint64 end = g_get_monotonic_time() + TIMEOUT_MS * 1000;

    while (waitpid(child->pid, &child->status, WNOHANG) == 0) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        read_more(child, 20);
    }
    child->has_ended = TRUE;
    while (read_more(child, 0))
        ;
}

static void
assert_exit(Child *child, int status)
{
    wait_for_end(child);
    g_assert_true(WIFEXITED(child->status));
    g_assert_cmpint(WEXITSTATUS(child->status), ==, status);
}

/* Nothing of ours is left: settings, screen, cursor, mouse, pastes, colours. */
static void
assert_restored(const Child *child)
{
    g_autoptr(Vt) vt = vt_new(COLUMNS, ROWS, TRUE);
    struct termios after;

    vt_feed(vt, child->bytes->str, child->bytes->len);
    g_assert_false(vt->is_alternate);
    g_assert_true(vt->is_cursor_shown);
    g_assert_false(vt->has_mouse);
    g_assert_false(vt->has_paste);
    g_assert_false(vt->is_synchronised);
    g_assert_false(vt->pen.bold);
    g_assert_cmpint(vt->pen.fg, ==, -1);
    g_assert_cmpint(vt->pen.bg, ==, -1);
    g_assert_cmpint(tcgetattr(child->slave, &after), ==, 0);
    g_assert_cmpuint(after.c_iflag, ==, child->before.c_iflag);
    g_assert_cmpuint(after.c_oflag, ==, child->before.c_oflag);
    g_assert_cmpuint(after.c_lflag, ==, child->before.c_lflag);
    g_assert_cmpint(memcmp(after.c_cc, child->before.c_cc, sizeof after.c_cc), ==, 0);
    g_assert_cmpint(fcntl(child->slave, F_GETFL) & O_NONBLOCK, ==, 0);
}

/* ---- scenarios, run by the child ---- */

static HvTerm *
open_term(void)
{
    const HvTermOptions options = { .mouse = TRUE };

    return hv_term_open(&options, NULL);
}

static void
wait_go(int go)
{
    char byte;

    if (read(go, &byte, 1) != 1)
        _exit(99);
}

static void
draw_text(HvTerm *term, const char *text)
{
    int columns, rows;

    hv_term_size(term, &columns, &rows);
    g_autoptr(HvCanvas) canvas = hv_canvas_new(columns, rows, FALSE);
    hv_canvas_fill(canvas, 0, 0, columns, 1, HV_ROLE_BAR, " ");
    hv_canvas_print(canvas, 2, 3, HV_ROLE_HOT, text);
    hv_term_draw(term, canvas);
}

static int
draw_and_close(int go)
{
    HvTerm *term = open_term();

    draw_text(term, "ready");
    wait_go(go);
    hv_term_close(term);
    return 7;
}

static int
draw_and_die(int go)
{
    HvTerm *term = open_term();
    char number;

    draw_text(term, "ready");
    if (read(go, &number, 1) == 1)
        raise(number);
    return 99;
}

#ifndef __SANITIZE_ADDRESS__ /* which answers a stack overflow itself */
G_GNUC_NO_INLINE static int
overflow(volatile char *above, guint depth)
{
    volatile char here[4096];

    here[0] = above ? above[0] : (char)depth;
    return depth == 0 ? here[0] : overflow(here, depth - 1) + here[0];
}

static int
draw_and_overflow(int go)
{
    const struct rlimit stack = { 256 * 1024, 256 * 1024 };
    HvTerm *term = open_term();

    draw_text(term, "ready");
    wait_go(go);
    setrlimit(RLIMIT_STACK, &stack);
    return overflow(NULL, 1000000);
}
#endif

static int
suspend_and_resume(int go)
{
    HvTerm *term = open_term();

    draw_text(term, "one");
    wait_go(go);
    hv_term_suspend(term);
    g_assert_cmpint(write(STDOUT_FILENO, "shell", 5), ==, 5);
    wait_go(go);
    hv_term_resume(term);
    draw_text(term, "two");
    wait_go(go);
    hv_term_close(term);
    return 0;
}

static int
draw_much_unread(int go)
{
    HvTerm *term = open_term();
    g_autoptr(HvCanvas) canvas = hv_canvas_new(COLUMNS, ROWS, FALSE);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    const gint64 start = g_get_monotonic_time();

    for (guint i = 0; i < 3000; i++) {
        for (int y = 0; y < ROWS; y++) {
            for (int x = 0; x < COLUMNS; x++)
                hv_canvas_printf(canvas, x, y, (HvRole)g_rand_int_range(rand, 0, HV_N_ROLES),
                                 "%c", (char)g_rand_int_range(rand, 'a', 'z'));
        }
        hv_term_draw(term, canvas);
    }
    if (g_get_monotonic_time() - start > 10 * G_USEC_PER_SEC)
        return 98;
    hv_term_draw(term, canvas);
    if (write(STDERR_FILENO, "", 0) != 0)
        return 97;
    kill(getppid(), SIGUSR1);
    for (guint i = 0; i < 50; i++) {
        wait_go(go);
        draw_text(term, "the end");
    }
    hv_term_close(term);
    return 0;
}

static int
read_keys(int go G_GNUC_UNUSED)
{
    HvTerm *term = open_term();
    GString *seen = g_string_new(NULL);
    HvEvent event;

    draw_text(term, "ready");
    while (hv_term_read(term)) {
        while (hv_input_next(hv_term_input(term), FALSE, &event)) {
            g_string_append_printf(
                seen, "%s,", event.kind == HV_EVENT_KEY ? hv_key_name(event.key) : "mouse");
            if (event.kind == HV_EVENT_KEY && event.key == 'q') {
                hv_term_close(term);
                return strcmp(seen->str, "Up,F1,a,Enter,Ctrl-S,mouse,q,") == 0 ? 0 : 96;
            }
        }
        struct pollfd readable = { .fd = STDIN_FILENO, .events = POLLIN };
        poll(&readable, 1, TIMEOUT_MS);
    }
    return 95;
}

static int
until_hang_up(int go G_GNUC_UNUSED)
{
    HvTerm *term = open_term();

    signal(SIGHUP, SIG_IGN);
    draw_text(term, "ready");
    while (hv_term_read(term)) {
        struct pollfd readable = { .fd = STDIN_FILENO, .events = POLLIN };
        poll(&readable, 1, TIMEOUT_MS);
    }
    draw_text(term, "nobody sees this");
    hv_term_close(term);
    return 0;
}

/* Exits with the depth, or 50 + the error's code. */
static int
tell_depth(int go G_GNUC_UNUSED)
{
    const HvTermOptions options = { .mouse = TRUE };
    g_autoptr(GError) error = NULL;
    HvTerm *term = hv_term_open(&options, &error);

    if (!term)
        return error->domain == HV_ERROR && !strchr(error->message, '\n') ? 50 + error->code
                                                                          : 94;
    const int depth = (int)hv_term_depth(term);
    hv_term_close(term);
    return depth;
}

static int
tell_depth_of_truecolor(int go)
{
    g_setenv("COLORTERM", "truecolor", TRUE);
    return tell_depth(go);
}

static int
without_terminal(int go)
{
    const int nothing = open("/dev/null", O_RDWR);

    dup2(nothing, STDIN_FILENO);
    return tell_depth(go);
}

/* ---- tests ---- */

static void
test_close_leaves_it_as_it_was(void)
{
    static const char *const types[] = { "xterm-256color", "linux", "vt100", "screen" };

    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autoptr(Child) child = child_new(types[i], draw_and_close);

        wait_for(child, "ready");
        g_autoptr(Vt) vt = vt_new(COLUMNS, ROWS, FALSE);
        vt_feed(vt, child->bytes->str, child->bytes->len);
        g_assert_cmpstr(vt_cell(vt, 2, 3)->text, ==, "r");
        g_assert_false(vt->is_cursor_shown);
        let_go_on(child);
        assert_exit(child, 7);
        assert_restored(child);
    }
}

static void
test_fatal_signals_leave_it_as_it_was(void)
{
    static const int signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT };

    for (guint i = 0; i < G_N_ELEMENTS(signals); i++) {
        g_autoptr(Child) child = child_new("xterm-256color", draw_and_die);
        const char number = (char)signals[i];

        wait_for(child, "ready");
        g_assert_cmpint(write(child->go, &number, 1), ==, 1);
        wait_for_end(child);
        g_assert_true(WIFSIGNALED(child->status));
        g_assert_cmpint(WTERMSIG(child->status), ==, signals[i]);
        assert_restored(child);
    }
}

static void
test_stack_overflow_leaves_it_as_it_was(void)
{
#ifdef __SANITIZE_ADDRESS__
    g_test_skip("the address sanitizer answers a stack overflow itself");
#else
    g_autoptr(Child) child = child_new("xterm-256color", draw_and_overflow);

    wait_for(child, "ready");
    let_go_on(child);
    wait_for_end(child);
    g_assert_true(WIFSIGNALED(child->status));
    g_assert_cmpint(WTERMSIG(child->status), ==, SIGSEGV);
    assert_restored(child);
#endif
}

static void
test_suspend_gives_the_shell_its_terminal(void)
{
    g_autoptr(Child) child = child_new("xterm-256color", suspend_and_resume);

    wait_for(child, "one");
    let_go_on(child);
    wait_for(child, "shell");
    assert_restored(child);
    g_string_truncate(child->bytes, 0);
    let_go_on(child);
    wait_for(child, "two");
    g_autoptr(Vt) vt = vt_new(COLUMNS, ROWS, TRUE);
    vt_feed(vt, child->bytes->str, child->bytes->len);
    g_assert_true(vt->is_alternate);
    g_assert_cmpstr(vt_cell(vt, 0, 0)->text, ==, " "); /* painted whole */
    let_go_on(child);
    assert_exit(child, 0);
    assert_restored(child);
}

static volatile sig_atomic_t n_usr1;

static void
on_usr1(int number G_GNUC_UNUSED)
{
    n_usr1++;
}

static void
test_terminal_that_does_not_read_is_not_waited_for(void)
{
    signal(SIGUSR1, on_usr1);
    g_autoptr(Child) child = child_new("xterm-256color", draw_much_unread);
    const gint64 end = g_get_monotonic_time() + TIMEOUT_MS * 1000;

    while (n_usr1 == 0) { /* nothing is read meanwhile */
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_assert_cmpint(waitpid(child->pid, &child->status, WNOHANG), ==, 0);
        poll(NULL, 0, 20);
    }
    for (guint i = 0; i < 50; i++) {
        while (read_more(child, 20))
            ;
        let_go_on(child);
    }
    wait_for_end(child);
    g_assert_true(WIFEXITED(child->status));
    g_assert_cmpint(WEXITSTATUS(child->status), ==, 0);
    /* no frame was torn: what came last stands on a screen that was clean before */
    const char *leave = g_strrstr_len(child->bytes->str, (gssize)child->bytes->len,
                                      "\033[?2026l\033[0m\033[?2004l");
    g_assert_nonnull(leave);
    g_autoptr(Vt) vt = vt_new(COLUMNS, ROWS, TRUE);
    vt_feed(vt, child->bytes->str, (gsize)(leave - child->bytes->str));
    g_assert_cmpstr(vt_cell(vt, 2, 3)->text, ==, "t");
    g_assert_cmpstr(vt_cell(vt, 8, 3)->text, ==, "d");
    g_assert_cmpstr(vt_cell(vt, 9, 3)->text, ==, " ");
    g_assert_cmpstr(vt_cell(vt, 30, 7)->text, ==, " ");
    assert_restored(child);
}

static void
test_keys_and_mouse_arrive(void)
{
    static const char bytes[] = "\033OA\033OPa\r\023\033[<0;3;4Mq";
    g_autoptr(Child) child = child_new("xterm-256color", read_keys);

    wait_for(child, "ready");
    g_assert_cmpint(write(child->master, bytes, sizeof bytes - 1), ==,
                    (gssize)sizeof bytes - 1);
    assert_exit(child, 0);
    assert_restored(child);
}

static void
test_hang_up_is_told(void)
{
    g_autoptr(Child) child = child_new("xterm-256color", until_hang_up);

    wait_for(child, "ready");
    close(child->master);
    child->master = open("/dev/null", O_RDWR);
    assert_exit(child, 0);
}

static void
test_depth_and_refusals(void)
{
    static const struct {
        const char *type;
        Scenario scenario;
        int status;
    } cases[] = {
        { "xterm-256color", tell_depth, HV_DEPTH_256 },
        { "xterm-256color", tell_depth_of_truecolor, HV_DEPTH_TRUE },
        { "xterm", tell_depth, HV_DEPTH_8 },
        { "linux", tell_depth, HV_DEPTH_8 },
        { "vt100", tell_depth, HV_DEPTH_MONO },
        { "xterm-of-tomorrow", tell_depth, HV_DEPTH_256 },
        { "dumb", tell_depth, 50 + HV_ERROR_FAILED },
        { "no-such-terminal", tell_depth, 50 + HV_ERROR_FAILED },
        { "", tell_depth, 50 + HV_ERROR_FAILED },
        { "xterm", without_terminal, 50 + HV_ERROR_FAILED },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Child) child = child_new(cases[i].type, cases[i].scenario);

        g_test_message("TERM=%s", cases[i].type);
        assert_exit(child, cases[i].status);
        if (cases[i].status >= 50)
            g_assert_cmpuint(child->bytes->len, ==, 0);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/term/close leaves it as it was", test_close_leaves_it_as_it_was);
    g_test_add_func("/term/fatal signals leave it as it was",
                    test_fatal_signals_leave_it_as_it_was);
    g_test_add_func("/term/a stack overflow leaves it as it was",
                    test_stack_overflow_leaves_it_as_it_was);
    g_test_add_func("/term/suspend gives the shell its terminal",
                    test_suspend_gives_the_shell_its_terminal);
    g_test_add_func("/term/a terminal that does not read is not waited for",
                    test_terminal_that_does_not_read_is_not_waited_for);
    g_test_add_func("/term/keys and mouse arrive", test_keys_and_mouse_arrive);
    g_test_add_func("/term/a hang-up is told", test_hang_up_is_told);
    g_test_add_func("/term/depth is found, and what cannot show a console is refused",
                    test_depth_and_refusals);
    return g_test_run();
}
