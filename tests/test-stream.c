/* Tests of commands that go on: their lines, their bounds, and that nothing of them is left. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/stream.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/parse.h"
#include "tests/support.h"

#define PATIENCE_NS G_GINT64_CONSTANT(20000000000)
#define FOR_EVER "exec tail -f /dev/null"

/* One command at work. */
typedef struct {
    HvHost *host;
    HvStream *stream;
    GString *lines; /* all so far, each with a newline; "?" for one that is not whole */
    gsize most;     /* bytes of one pick-up */
    gboolean has_ended;
} Run;

static void
clear_run(Run *run)
{
    hv_stream_free(run->stream);
    hv_host_free(run->host);
    g_string_free(run->lines, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, clear_run)

static Run
start(const char *script)
{
    const char *const argv[] = { "/bin/sh", "-c", script, NULL };
    g_autoptr(GError) error = NULL;
    Run run = { .host = hv_host_new(&(HvHostOptions){ 0 }, NULL), .lines = g_string_new(NULL) };

    run.stream = hv_stream_new(run.host, argv, &error);
    g_assert_no_error(error);
    return run;
}

static void
pick_up(Run *run)
{
    const gsize before = run->lines->len;
    const char *line;
    gboolean is_whole;

    run->has_ended = hv_stream_pick_up(run->stream);
    while (hv_stream_next(run->stream, &line, &is_whole))
        g_string_append_printf(run->lines, "%s\n", is_whole ? line : "?");
    run->most = MAX(run->most, run->lines->len - before);
}

static gboolean
has_ended(const Run *run)
{
    return run->has_ended;
}

static gboolean
has_line(const Run *run)
{
    return strchr(run->lines->str, '\n') != NULL;
}

static gboolean
has_failed(const Run *run)
{
    return hv_stream_error(run->stream) != NULL;
}

static void
pick_up_until(Run *run, gboolean (*is_reached)(const Run *run))
{
    const gint64 give_up_ns = hv_host_monotonic_ns(run->host) + PATIENCE_NS;

    for (pick_up(run); !is_reached(run); pick_up(run)) {
        const gint64 now_ns = hv_host_monotonic_ns(run->host);

        g_assert_cmpint(now_ns, <, give_up_ns);
        hv_host_wait_until(run->host, now_ns + 2000000, -1);
    }
}

/* A dead one stays a zombie until its new parent has looked. */
static void
assert_gone(HvHost *host, const char *pid)
{
    const gint64 give_up_ns = hv_host_monotonic_ns(host) + PATIENCE_NS;
    g_autofree char *path = g_strdup_printf("proc/%s/stat", pid);

    for (gboolean gone = FALSE; !gone;) {
        g_autofree char *stat = hv_host_read_text(host, path, 0, NULL);
        const gint64 now_ns = hv_host_monotonic_ns(host);

        gone = !stat || strstr(stat, ") Z ") || strstr(stat, ") X ");
        g_assert_cmpint(now_ns, <, give_up_ns);
        if (!gone)
            hv_host_wait_until(host, now_ns + 2000000, -1);
    }
}

/* @pids: one a line */
static void
assert_all_gone(HvHost *host, const char *pids, guint n)
{
    g_auto(GStrv) each = g_strsplit(pids, "\n", -1);

    g_assert_cmpuint(g_strv_length(each), ==, n + 1);
    for (guint i = 0; i < n; i++)
        assert_gone(host, each[i]);
}

static void
test_lines(void)
{
    g_auto(Run) run = start("echo 1; echo; echo two words; printf 3");

    pick_up_until(&run, has_ended);
    g_assert_cmpstr(run.lines->str, ==, "1\n\ntwo words\n3\n");
    g_assert_null(hv_stream_error(run.stream));
    pick_up(&run);
    g_assert_cmpstr(run.lines->str, ==, "1\n\ntwo words\n3\n");
}

static void
test_goes_on(void)
{
    g_auto(Run) run = start("echo 1; " FOR_EVER);

    pick_up_until(&run, has_line);
    g_assert_cmpstr(run.lines->str, ==, "1\n");
    g_assert_false(run.has_ended);
    pick_up(&run);
    g_assert_cmpstr(run.lines->str, ==, "1\n");
}

static void
test_failure(void)
{
    g_auto(Run) status = start("echo 1; echo early >&2; echo late >&2; exit 3");
    g_auto(Run) killed = start("kill -9 $$");
    g_auto(Run) missing = start("hvtune-no-such-command");

    pick_up_until(&status, has_ended);
    g_assert_cmpstr(status.lines->str, ==, "1\n");
    g_assert_cmpstr(hv_stream_error(status.stream)->message, ==, "exit status 3: late");
    pick_up_until(&killed, has_ended);
    g_assert_cmpstr(hv_stream_error(killed.stream)->message, ==, "killed by signal 9");
    pick_up_until(&missing, has_ended);
    g_assert_nonnull(strstr(hv_stream_error(missing.stream)->message, "not found"));
}

static gboolean
has_complaint(const Run *run)
{
    return *hv_stream_complaint(run->stream) != '\0';
}

static void
test_complaint(void)
{
    g_auto(Run) run = start("echo why >&2; " FOR_EVER);

    pick_up_until(&run, has_complaint);
    g_assert_cmpstr(hv_stream_complaint(run.stream), ==, "why");
}

static void
test_input_and_environment(void)
{
    g_assert_true(g_setenv("HVTUNE_TEST_LEAK", "leaked", TRUE));

    g_auto(Run) run =
        start("cat; echo \"$LC_ALL,$HVTUNE_TEST_LEAK\"; (: </dev/tty) 2>&- || echo none");

    pick_up_until(&run, has_ended);
    g_assert_true(g_str_has_prefix(run.lines->str, "C,\n"));
}

static void
test_long_lines(void)
{
    g_auto(Run) run = start("head -c 256 /dev/zero | tr '\\0' a; echo; "
                            "head -c 257 /dev/zero | tr '\\0' b; echo; "
                            "head -c 9000 /dev/zero | tr '\\0' c; echo; printf '1\\0002\\n'; "
                            "echo 4; head -c 9000 /dev/zero");
    g_autofree char *longest = g_strnfill(256, 'a');
    g_autofree char *lines = g_strconcat(longest, "\n?\n?\n?\n4\n?\n", NULL);

    pick_up_until(&run, has_ended);
    g_assert_cmpstr(run.lines->str, ==, lines);
    g_assert_null(hv_stream_error(run.stream));
}

static void
test_flood(void)
{
    static const char *const scripts[] = { "yes 1", "cat /dev/zero" };

    for (guint i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_auto(Run) run = start(scripts[i]);

        pick_up_until(&run, has_failed);
        g_assert_cmpuint(run.most, <=, HV_STREAM_MAX_BYTES + 4096);
        pick_up_until(&run, has_ended);
        g_assert_nonnull(strstr(hv_stream_error(run.stream)->message, "prints too much"));
    }
}

/* What it complains of is looked at in small portions; it has to wait. */
static void
test_flood_of_complaints(void)
{
    g_auto(Run) run = start("yes aargh >&2");

    pick_up_until(&run, has_complaint);
    for (guint i = 0; i < 20; i++)
        pick_up(&run);
    g_assert_false(run.has_ended);
    g_assert_cmpstr(run.lines->str, ==, "");
}

static void
test_free_kills_all(void)
{
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autofree char *pids = NULL;

    {
        g_auto(Run) run = start("trap '' HUP INT TERM; tail -f /dev/null & a=$!; "
                                "(tail -f /dev/null & echo \"$a\n$$\n$!\"; wait) & wait");
        guint n = 0;

        while (n < 3) {
            pick_up_until(&run, has_line);
            n = 0;
            for (const char *at = run.lines->str; (at = strchr(at, '\n')); at++)
                n++;
        }
        pids = g_strdup(run.lines->str);
    }
    assert_all_gone(host, pids, 3);
}

static void
test_end_leaves_nobody(void)
{
    g_auto(Run) run = start("tail -f /dev/null & echo $!");

    pick_up_until(&run, has_ended);
    g_assert_null(hv_stream_error(run.stream));
    assert_all_gone(run.host, run.lines->str, 1);
}

static void
test_kill(void)
{
    g_auto(Run) run = start("tail -f /dev/null & echo $!; wait");

    pick_up_until(&run, has_line);
    hv_stream_kill(run.stream, "enough");
    pick_up_until(&run, has_ended);
    g_assert_cmpstr(hv_stream_error(run.stream)->message, ==, "enough");
    assert_all_gone(run.host, run.lines->str, 1);
}

/* This program again: starts a command that goes on, tells its processes, and dies by SIGKILL.
 */
static int
die_with_a_stream(void)
{
    g_auto(Run) run = start("tail -f /dev/null & echo \"$!\n$$\"; wait");

    pick_up_until(&run, has_line);
    while (strchr(run.lines->str, '\n') == run.lines->str + run.lines->len - 1)
        pick_up(&run);
    if (write(STDOUT_FILENO, run.lines->str, run.lines->len) < 0)
        return 1;
    (void)kill(getpid(), SIGKILL);
    return 1;
}

static void
test_our_death(void)
{
    char self[] = "/proc/self/exe", word[] = "die";
    char *argv[] = { self, word, NULL };
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autofree char *pids = NULL;
    g_autoptr(GError) error = NULL;
    int wait_status;

    g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &pids, NULL, &wait_status,
                 &error);
    g_assert_no_error(error);
    g_assert_true(WIFSIGNALED(wait_status));
    assert_all_gone(host, pids, 2);
}

static void
test_tree(void)
{
    const char *const argv[] = { "/bin/sh", "-c", "echo 1", NULL };
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ .root = tree->path }, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_stream_new(host, argv, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "die") == 0)
        return die_with_a_stream();
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/lines-come-whole-and-once", test_lines);
    g_test_add_func("/stream/picking-up-does-not-wait", test_goes_on);
    g_test_add_func("/stream/failure-is-told-with-its-complaint", test_failure);
    g_test_add_func("/stream/complaints-are-there-while-it-runs", test_complaint);
    g_test_add_func("/stream/has-no-input-and-a-fixed-environment", test_input_and_environment);
    g_test_add_func("/stream/lines-have-a-bound", test_long_lines);
    g_test_add_func("/stream/a-flood-is-killed", test_flood);
    g_test_add_func("/stream/a-flood-of-complaints-has-to-wait", test_flood_of_complaints);
    g_test_add_func("/stream/free-kills-the-whole-group", test_free_kills_all);
    g_test_add_func("/stream/its-end-leaves-nobody-behind", test_end_leaves_nobody);
    g_test_add_func("/stream/kill-has-a-reason", test_kill);
    g_test_add_func("/stream/our-own-death-leaves-nobody-behind", test_our_death);
    g_test_add_func("/stream/captured-tree-has-none", test_tree);
    return g_test_run();
}
