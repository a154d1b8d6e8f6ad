/* Recording: nothing pushed is lost unsaid, nobody waits for the disk, and people can query it.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file.h"
#include "log/view-rows.h"
#include "model/error.h"
#include "tests/log-bench.h"
#include "tests/support.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define PATIENCE_MS 60000 /* what hangs shall fail the test */

typedef struct {
    HvTestTree *tree;
    char *path;
    HvLogBench *bench;
    HvLogOptions options;
    HvLog *log;
    HvLogFile *file;
    sqlite3 *db; /* of the file, once read */
} Setup;

static void
set_up(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    setup->tree = hv_test_tree_new();
    setup->path = g_build_filename(setup->tree->path, "a.hvlog", NULL);
    setup->bench = hv_log_bench_new(3);
    setup->options = hv_log_bench_options(setup->path);
}

static void
tear_down(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    hv_log_file_close(setup->file);
    hv_log_bench_free(setup->bench);
    hv_test_tree_free(setup->tree);
    g_free(setup->path);
}

static void
begin(Setup *setup)
{
    g_autoptr(GError) error = NULL;

    setup->log = hv_log_open(&setup->options, &error);
    g_assert_no_error(error);
}

static HvLogState
state_of(HvLog *log)
{
    HvLogState state;

    hv_log_state(log, &state);
    return state;
}

/* Pushes @n samples, each once the one before was taken off the queue. */
static void
push(Setup *setup, guint n)
{
    while (n-- > 0) {
        g_autoptr(HvSnapshot) snapshot = hv_log_bench_next(setup->bench);
        const guint64 n_dropped = state_of(setup->log).n_dropped;

        hv_log_push(setup->log, snapshot);
        g_assert_cmpuint(state_of(setup->log).n_dropped, ==, n_dropped);
        while (n % 4 == 0 &&
               !g_atomic_ref_count_compare(&snapshot->refs, 1)) /* the worker has it still */
            g_thread_yield();
    }
}

static void
end(Setup *setup)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_log_close(g_steal_pointer(&setup->log), PATIENCE_MS, &error));
    g_assert_no_error(error);
}

/* Ends it, and reads what is there. */
static void
end_and_read(Setup *setup)
{
    g_autoptr(GError) error = NULL;

    end(setup);
    setup->file = hv_log_file_read(setup->path, &error);
    g_assert_no_error(error);
    setup->db = hv_log_file_db(setup->file);
}

static gint64
number(Setup *setup, const char *sql)
{
    return hv_log_bench_number(setup->db, sql);
}

static void
assert_text(Setup *setup, const char *sql, const char *expected)
{
    g_autofree char *text = hv_log_bench_text(setup->db, sql);

    g_assert_cmpstr(text, ==, expected);
}

static guint
n_files(const HvTestTree *tree)
{
    g_autoptr(GDir) directory = g_dir_open(tree->path, 0, NULL);
    guint n = 0;

    while (g_dir_read_name(directory))
        n++;
    return n - 2; /* proc, sys */
}

static void
a_clean_end_leaves_all_of_it_in_one_file(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    begin(setup);
    push(setup, 70);
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM frames"), ==, 70);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM frames WHERE is_full"), ==, 3);
    g_assert_cmpint(number(setup, "SELECT min(tick) FROM frames"), ==, 1);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM gaps"), ==, 0);
    assert_text(setup, "SELECT value FROM meta WHERE key = 'hostname'", "bench");
    assert_text(setup, "SELECT name FROM schemas WHERE number = 0", "vm_counters");
    assert_text(setup, "PRAGMA journal_mode", "delete");
    g_assert_cmpuint(n_files(setup->tree), ==, 1);
}

static void
the_first_sample_is_committed_at_once(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvLogFile) file = NULL;

    begin(setup);
    push(setup, 1);
    while (state_of(setup->log).n_frames == 0)
        g_poll(NULL, 0, 1);
    file = hv_log_file_read(setup->path, NULL);
    g_assert_cmpint(hv_log_bench_number(hv_log_file_db(file), "SELECT count(*) FROM frames"),
                    ==, 1);
    end(setup);
}

static void
what_the_worker_cannot_take_is_a_gap(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    sqlite3 *other = NULL;

    begin(setup);
    g_assert_cmpint(sqlite3_open(setup->path, &other), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
    for (guint i = 0; i < 20; i++) { /* the first waits for the lock, 8 for the worker */
        g_autoptr(HvSnapshot) snapshot = hv_log_bench_next(setup->bench);

        hv_log_push(setup->log, snapshot);
        while (i == 0 && !g_atomic_ref_count_compare(&snapshot->refs, 1))
            g_poll(NULL, 0, 1);
    }
    g_assert_cmpuint(state_of(setup->log).n_dropped, ==, 11);
    g_assert_cmpint(sqlite3_close_v2(other), ==, SQLITE_OK);
    while (state_of(setup->log).n_frames < 9)
        g_poll(NULL, 0, 1);
    push(setup, 1);
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM frames"), ==, 10);
    g_assert_cmpint(number(setup, "SELECT is_full FROM frames ORDER BY seq DESC"), ==, 1);
    g_assert_cmpint(number(setup, "SELECT from_ns FROM gaps WHERE kind = 'busy'"), ==,
                    HV_BENCH_BEGIN_NS + 10 * HV_BENCH_S);
    g_assert_cmpint(number(setup, "SELECT to_ns FROM gaps WHERE kind = 'busy'"), ==,
                    HV_BENCH_BEGIN_NS + 21 * HV_BENCH_S);
}

static void
a_pause_is_a_gap_and_ends_with_a_full_sample(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    begin(setup);
    push(setup, 2);
    hv_log_pause(setup->log, TRUE, HV_BENCH_BEGIN_NS + 3 * HV_BENCH_S);
    g_assert_true(state_of(setup->log).is_paused);
    push(setup, 5);
    hv_log_view(setup->log, HV_BENCH_BEGIN_NS + 4 * HV_BENCH_S, "screen=map\n");
    hv_log_pause(setup->log, FALSE, HV_BENCH_BEGIN_NS + 8 * HV_BENCH_S);
    push(setup, 2);
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM frames"), ==, 4);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM frames WHERE is_full"), ==, 2);
    g_assert_cmpint(number(setup, "SELECT to_ns - from_ns FROM gaps WHERE kind = 'paused'"), ==,
                    5 * HV_BENCH_S);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM gaps"), ==, 1);
    g_assert_cmpint(number(setup, "SELECT time_ns FROM views"), ==,
                    HV_BENCH_BEGIN_NS + 8 * HV_BENCH_S);
}

static void
a_host_that_slept_is_a_gap(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    begin(setup);
    push(setup, 2);
    for (guint i = 0; i < 9; i++)
        hv_snapshot_unref(hv_log_bench_next(setup->bench));
    push(setup, 2);
    end_and_read(setup);
    assert_text(setup, "SELECT kind FROM gaps", "missed");
    g_assert_cmpint(number(setup, "SELECT to_ns - from_ns FROM gaps"), ==, 10 * HV_BENCH_S);
}

static void
ten_seconds_of_a_vm_are_a_row(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    begin(setup);
    push(setup, 25);
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM vm_sums"), ==, 9);
    g_assert_cmpint(number(setup, "SELECT sum(n_samples) FROM vm_sums WHERE vm = 'vm1'"), ==,
                    25);
    assert_text(setup, "SELECT wait_max_ratio FROM vm_sums WHERE vm = 'vm1' AND n_samples = 10",
                "0.9");
    assert_text(setup, "SELECT cpu_ratio FROM vm_sums LIMIT 1", "0.5");
    g_assert_cmpint(number(setup, "SELECT count(remote_ratio) FROM vm_sums"), ==, 0);
}

static void
changes_and_findings_are_rows(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    begin(setup);
    hv_log_bench_change(setup->bench, "begun");
    push(setup, 1);
    hv_log_bench_change(setup->bench, "done");
    hv_log_bench_find(setup->bench, "steal", "maybe");
    push(setup, 2);
    hv_log_bench_find(setup->bench, "steal", "serious");
    push(setup, 2);
    hv_log_bench_find(setup->bench, NULL, NULL);
    push(setup, 2);
    hv_log_bench_find(setup->bench, "steal", "note");
    push(setup, 1);
    end_and_read(setup);
    assert_text(setup, "SELECT outcome FROM changes WHERE change = 7 AND step = 0", "done");
    g_assert_cmpint(number(setup, "SELECT count(*) FROM changes"), ==, 1);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM findings"), ==, 2);
    assert_text(setup, "SELECT severity FROM findings WHERE id = 1", "serious");
    g_assert_cmpint(number(setup, "SELECT ended_ns - begun_ns FROM findings WHERE id = 1"), ==,
                    4 * HV_BENCH_S);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM findings WHERE ended_ns IS NULL"), ==,
                    1);
}

static void
equal_views_and_knobs_are_one_row(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    begin(setup);
    for (gint64 i = 0; i < 3; i++) {
        hv_log_view(setup->log, i,
                    "screen=desk\nrows=24\ndesk.sort=wait\nevil=\033[2J\nnone\n");
        hv_log_knob(setup->log, i, "vm/a/cpus", "0-3", NULL);
        hv_log_knob(setup->log, i, "vm/b/cpus", NULL, "denied");
    }
    hv_log_knob(setup->log, 3, "vm/a/cpus", "1", NULL);
    hv_log_note(setup->log, 5, NULL, "hello");
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM views"), ==, 1);
    assert_text(setup, "SELECT screen || rows || rest FROM views", "desk24desk.sort=wait\n");
    g_assert_cmpint(number(setup, "SELECT count(*) FROM knobs"), ==, 3);
    assert_text(setup, "SELECT why FROM knobs WHERE value IS NULL", "denied");
    assert_text(setup, "SELECT text FROM notes WHERE vm IS NULL AND time_ns = 5", "hello");
}

static void
a_view_comes_back_as_lines(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    static const char view[] =
        "screen=desk\ncolumns=80\nfilter=é=\u00a0b\nmap.cursor=3\nempty=\n";
    g_autofree char *lines = NULL;
    sqlite3_stmt *statement = NULL;

    begin(setup);
    hv_log_view(setup->log, 1, view);
    end_and_read(setup);
    g_assert_cmpint(sqlite3_prepare_v2(setup->db, "SELECT * FROM views", -1, &statement, NULL),
                    ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
    lines = hv_log_view_lines(statement, 2);
    g_assert_cmpstr(lines, ==, view);
    sqlite3_finalize(statement);
}

static void
older_samples_go_whole_groups_at_a_time(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    setup->options.keep_ns = 60 * HV_BENCH_S;
    begin(setup);
    hv_log_view(setup->log, HV_BENCH_BEGIN_NS, "screen=desk\n");
    hv_log_note(setup->log, HV_BENCH_BEGIN_NS, NULL, "old");
    push(setup, 301);
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT is_full FROM frames ORDER BY seq"), ==, 1);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM frames"), >=, 60);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM frames"), <=, 121);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM notes"), ==, 0);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM views"), ==, 1);
}

typedef struct {
    GMutex lock;
    GCond cond;
    gboolean is_over;
    char *why;
} Saved;

static void
on_saved(const GError *error, gpointer data)
{
    Saved *saved = data;

    g_mutex_lock(&saved->lock);
    saved->is_over = TRUE;
    saved->why = g_strdup(error ? error->message : NULL);
    g_cond_signal(&saved->cond);
    g_mutex_unlock(&saved->lock);
}

static char *
save(HvLog *ring, const char *path)
{
    Saved saved = { .is_over = FALSE };

    g_mutex_init(&saved.lock);
    g_cond_init(&saved.cond);
    hv_log_save(ring, path, on_saved, &saved);
    g_mutex_lock(&saved.lock);
    while (!saved.is_over)
        g_cond_wait(&saved.cond, &saved.lock);
    g_mutex_unlock(&saved.lock);
    g_mutex_clear(&saved.lock);
    g_cond_clear(&saved.cond);
    return saved.why;
}

static void
a_ring_stays_below_its_size_and_is_saved_while_it_goes_on(Setup *setup,
                                                          gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *why = NULL;
    g_autofree char *again = NULL;
    HvLog *ring;

    setup->options.path = NULL;
    setup->options.keep_bytes = 256 << 10;
    begin(setup);
    ring = setup->log;
    push(setup, 400);
    hv_log_note(ring, 1, "vm1", "kept");
    while (state_of(ring).last_ns < HV_BENCH_BEGIN_NS + 400 * HV_BENCH_S)
        g_poll(NULL, 0, 1);
    g_assert_cmpuint(state_of(ring).n_bytes, <, 320 << 10);
    why = save(ring, setup->path);
    g_assert_cmpstr(why, ==, NULL);
    again = save(ring, setup->path);
    g_assert_nonnull(strstr(again, "exists"));
    push(setup, 2);
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT max(tick) FROM frames"), ==, 400);
    g_assert_cmpint(number(setup, "SELECT is_full FROM frames ORDER BY seq"), ==, 1);
    g_assert_cmpuint(n_files(setup->tree), ==, 1);
}

static void
a_log_that_is_gone_on_with_has_a_gap_until_its_next_sample(Setup *setup,
                                                           gconstpointer data G_GNUC_UNUSED)
{
    begin(setup);
    push(setup, 2);
    end(setup);
    for (guint i = 0; i < 50; i++)
        hv_snapshot_unref(hv_log_bench_next(setup->bench));
    setup->options.append = TRUE;
    begin(setup);
    push(setup, 2);
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM frames"), ==, 4);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM gaps"), ==, 1);
    g_assert_cmpint(number(setup, "SELECT to_ns - from_ns FROM gaps WHERE kind = 'stopped'"),
                    ==, 51 * HV_BENCH_S);
}

static void
what_is_gone_on_with_at_once_has_no_gap(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    begin(setup);
    push(setup, 2);
    hv_log_pause(setup->log, TRUE, HV_BENCH_BEGIN_NS + 1);
    end(setup);
    setup->options.append = TRUE;
    begin(setup);
    push(setup, 2);
    end_and_read(setup);
    g_assert_cmpint(number(setup, "SELECT count(*) FROM gaps WHERE kind = 'stopped'"), ==, 0);
    g_assert_cmpint(number(setup, "SELECT to_ns FROM gaps WHERE kind = 'paused'"), ==,
                    HV_BENCH_BEGIN_NS + 3 * HV_BENCH_S);
}

static void
a_file_that_is_removed_meanwhile_is_named(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    begin(setup);
    push(setup, 1);
    while (state_of(setup->log).n_frames == 0)
        g_poll(NULL, 0, 1);
    g_assert_cmpint(g_unlink(setup->path), ==, 0);
    push(setup, 1);
    g_assert_false(hv_log_close(setup->log, PATIENCE_MS, &error));
    g_assert_nonnull(strstr(error->message, "removed"));
}

static void
two_never_record_into_one_file(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    HvLogOptions second = setup->options;

    begin(setup);
    second.append = TRUE;
    g_assert_null(hv_log_open(&second, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
    push(setup, 1);
    end(setup);
}

static void
other_tables_need_another_file(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    begin(setup);
    end(setup);
    setup->options.append = TRUE;
    setup->options.schemas = hv_log_bench_sums();
    g_assert_null(hv_log_open(&setup->options, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
}

static void
a_directory_that_takes_no_file_is_named(void)
{
    HvLogOptions options = hv_log_bench_options("/proc/sys/a.hvlog");
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_log_open(&options, &error));
    g_assert_nonnull(strstr(error->message, "/proc/sys/a.hvlog"));
    g_assert_null(strchr(error->message, '\n'));
}

/* ---- a disk that is full ---- */

static void
limit_files(rlim_t most)
{
    struct rlimit limit;

    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    limit.rlim_cur = MIN(most, limit.rlim_max);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static void
fill_the_disk(void)
{
    Setup setup = { 0 };

    set_up(&setup, NULL);
    signal(SIGXFSZ, SIG_IGN);
    begin(&setup);
    push(&setup, 1);
    while (state_of(setup.log).n_frames < 1)
        g_poll(NULL, 0, 1);
    limit_files(4 << 10); /* less than its -wal has already */
    hv_log_note(setup.log, 0, NULL, "kept too");
    push(&setup, 1);
    while (state_of(setup.log).why[0] == '\0')
        g_poll(NULL, 0, 1);
    g_assert_nonnull(strstr(state_of(setup.log).why, "a.hvlog"));
    push(&setup, 3); /* goes on trying */
    limit_files(RLIM_INFINITY);
    end_and_read(&setup);
    g_assert_cmpint(number(&setup, "SELECT count(*) FROM frames"), ==, 5);
    g_assert_cmpint(number(&setup, "SELECT count(*) FROM notes"), ==, 1);
    g_assert_cmpint(number(&setup, "SELECT count(*) FROM gaps"), ==, 0);
    tear_down(&setup, NULL);
}

static void
a_full_disk_is_named_and_holds_nobody_up(void)
{
    if (g_test_subprocess()) {
        fill_the_disk();
        return;
    }
    g_test_trap_subprocess(NULL, 0, (GTestSubprocessFlags)0);
    g_test_trap_assert_passed();
}

static void
add(const char *claim, void (*test)(Setup *, gconstpointer))
{
    g_autofree char *path = g_strconcat("/log/", claim, NULL);

    g_test_add(path, Setup, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("a clean end leaves all of it in one file", a_clean_end_leaves_all_of_it_in_one_file);
    add("the first sample is committed at once", the_first_sample_is_committed_at_once);
    add("what the worker cannot take is a gap", what_the_worker_cannot_take_is_a_gap);
    add("a pause is a gap, and ends with a full sample",
        a_pause_is_a_gap_and_ends_with_a_full_sample);
    add("a host that slept is a gap", a_host_that_slept_is_a_gap);
    add("ten seconds of a VM are a row", ten_seconds_of_a_vm_are_a_row);
    add("changes and findings are rows", changes_and_findings_are_rows);
    add("equal views and knobs are one row", equal_views_and_knobs_are_one_row);
    add("a view comes back as lines", a_view_comes_back_as_lines);
    add("older samples go, whole groups at a time", older_samples_go_whole_groups_at_a_time);
    add("a ring stays below its size, and is saved while it goes on",
        a_ring_stays_below_its_size_and_is_saved_while_it_goes_on);
    add("a log that is gone on with has a gap until its next sample",
        a_log_that_is_gone_on_with_has_a_gap_until_its_next_sample);
    add("what is gone on with at once has no gap", what_is_gone_on_with_at_once_has_no_gap);
    add("a file that is removed meanwhile is named", a_file_that_is_removed_meanwhile_is_named);
    add("two never record into one file", two_never_record_into_one_file);
    add("other tables need another file", other_tables_need_another_file);
    g_test_add_func("/log/a directory that takes no file is named",
                    a_directory_that_takes_no_file_is_named);
    g_test_add_func("/log/a full disk is named, and holds nobody up",
                    a_full_disk_is_named_and_holds_nobody_up);
    return g_test_run();
}
