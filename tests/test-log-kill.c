/* A recorder killed at any moment: its log opens at once, and has what was committed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file.h"
#include "tests/log-bench.h"
#include "tests/log-walk.h"
#include "tests/support.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS "HVTUNE_KILLS" /* how many; in `make check` a few */
#define FEW 4
#define SHORT_MS 120 /* while the file is made, ended and gone on with */
#define LONG_MS 1600 /* so that "all but the last second" can be told */
#define CLOSE_MS 10000
#define MAX_REPORTS 100000

/* What the recorder says over a pipe, after each sample. */
typedef struct {
    gint64 monotonic_us; /* when it was pushed */
    gint64 time_ns;
    gint64 committed_ns; /* the last one known to be committed */
} Report;

/* ---- the recorder ---- */

static void
report(const HvSnapshot *snapshot, HvLog *log)
{
    HvLogState state;
    Report said = { .monotonic_us = g_get_monotonic_time(), .time_ns = snapshot->time_ns };

    hv_log_state(log, &state);
    said.committed_ns = state.last_ns;
    if (write(STDOUT_FILENO, &said, sizeof said) != sizeof said)
        _exit(1);
}

/* A sample a millisecond; ends and goes on again and again, until it is killed. */
static int
record(const char *path)
{
    HvLogBench *bench = hv_log_bench_new(8);
    HvLogOptions options = hv_log_bench_options(path);

    options.append = TRUE;
    options.keep_bytes = 400 << 10;
    for (guint round = 1;; round++) {
        HvLog *log = hv_log_open(&options, NULL);

        for (guint i = 0; log && i < 20 * round; i++) {
            g_autoptr(HvSnapshot) snapshot = hv_log_bench_next(bench);

            hv_log_push(log, snapshot);
            report(snapshot, log);
            g_poll(NULL, 0, 1);
        }
        if (!log || !hv_log_close(log, CLOSE_MS, NULL))
            return 1;
    }
}

/* ---- who kills it ---- */

static GPid
start(const char *path, int *from)
{
    g_auto(GStrv) argv = g_new0(char *, 4);
    g_autoptr(GError) error = NULL;
    GPid pid;

    argv[0] = g_file_read_link("/proc/self/exe", NULL);
    argv[1] = g_strdup("--record");
    argv[2] = g_strdup(path);
    g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                             NULL, from, NULL, &error);
    g_assert_no_error(error);
    return pid;
}

/* Reads what is said for so long, then kills it, and reads the rest. Returns when that was. */
static gint64
kill_after(GPid pid, int from, gint64 after_us, GArray *reports)
{
    const gint64 due_us = g_get_monotonic_time() + after_us;
    gint64 killed_us = 0;

    for (;;) {
        const gint64 left_us = due_us - g_get_monotonic_time();
        GPollFD wait = { .fd = from, .events = G_IO_IN };
        Report said;

        if (left_us <= 0 && killed_us == 0) {
            killed_us = g_get_monotonic_time();
            g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
        }
        if (killed_us == 0 && g_poll(&wait, 1, (int)(left_us / 1000) + 1) <= 0)
            continue;
        if (read(from, &said, sizeof said) != sizeof said)
            break;
        g_assert_cmpuint(reports->len, <, MAX_REPORTS);
        g_array_append_val(reports, said);
    }
    g_assert_cmpint(killed_us, !=, 0);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    close(from);
    return killed_us;
}

static gint64
must_have(const GArray *reports, gint64 killed_us)
{
    gint64 time_ns = 0;

    for (guint i = 0; i < reports->len; i++) {
        const Report *said = &g_array_index(reports, Report, i);

        time_ns = MAX(time_ns, said->committed_ns);
        if (said->monotonic_us <= killed_us - G_USEC_PER_SEC)
            time_ns = MAX(time_ns, said->time_ns);
    }
    return time_ns;
}

/* It opens, is sound, and has what it must; where nothing was committed it may be refused. */
static void
check(const char *path, gint64 must_ns)
{
    g_autoptr(HvLogFile) file = hv_log_file_read(path, NULL);
    g_autofree char *sound = NULL;
    g_autofree char *why = NULL;

    if (!file) {
        g_assert_cmpint(must_ns, ==, 0);
        return;
    }
    sound = hv_log_bench_text(hv_log_file_db(file), "PRAGMA integrity_check");
    g_assert_cmpstr(sound, ==, "ok");
    g_assert_cmpint(
        hv_log_bench_number(hv_log_file_db(file), "SELECT max(time_ns) FROM frames"), >=,
        must_ns);
    g_assert_cmpint((gint64)hv_log_walk(file, &why), ==,
                    hv_log_bench_number(hv_log_file_db(file), "SELECT count(*) FROM frames"));
    g_assert_cmpstr(why, ==, NULL);
}

/* And a later recorder goes on in it, and ends it in one file. */
static void
go_on(const char *path, gint64 must_ns)
{
    HvLogOptions options = hv_log_bench_options(path);
    HvLog *log;

    options.append = TRUE;
    log = hv_log_open(&options, NULL);
    g_assert_true(log || must_ns == 0);
    g_assert_true(hv_log_close(log, CLOSE_MS, NULL));
    if (log)
        check(path, must_ns);
}

static void
killed_at_any_moment(void)
{
    const char *wished = g_getenv(KILLS);
    const guint64 n = wished ? g_ascii_strtoull(wished, NULL, 10) : FEW;

    for (guint64 i = 0; i < n; i++) {
        g_autoptr(HvTestTree) tree = hv_test_tree_new();
        g_autoptr(GArray) reports = g_array_new(FALSE, FALSE, sizeof(Report));
        g_autofree char *path = g_build_filename(tree->path, "a.hvlog", NULL);
        const int most_ms = wished && i % 4 == 0 ? LONG_MS : SHORT_MS;
        int from;
        const GPid pid = start(path, &from);
        const gint64 killed_us =
            kill_after(pid, from, g_test_rand_int_range(0, most_ms * 1000), reports);

        check(path, must_have(reports, killed_us));
        go_on(path, must_have(reports, killed_us));
    }
}

int
main(int argc, char **argv)
{
    if (argc == 3 && g_str_equal(argv[1], "--record"))
        return record(argv[2]);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/killed at any moment it opens, and has all but the last second",
                    killed_at_any_moment);
    return g_test_run();
}
