/* The journal: what is written comes back, several handles, files that are not right. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "tests/journal-bench.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_nothing_yet(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(journal_count(journal), ==, 0);
    g_assert_cmpuint(hv_journal_newest_applied(journal, "m", "b"), ==, 0);
    g_assert_null(hv_journal_get(journal, 1, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_false(g_file_test(bench->first, G_FILE_TEST_EXISTS)); /* reading makes nothing */
}

static void
test_round_trip(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autoptr(HvPlan) plan = journal_plan("vm/web1/vcpu/0/cpus");
    g_autoptr(HvPlan) back = NULL;
    g_autoptr(GPtrArray) shown = NULL;
    const HvStep *step;
    HvStep *written = hv_plan_step(plan, 0);
    g_autofree char *text = NULL;

    g_assert_cmpuint(journal_begin(journal, plan), ==, 1);
    written->state = HV_OUTCOME_DIFFERS;
    written->error = g_strdup("the kernel made 2 of it");
    g_assert_true(hv_value_parse(&written->found, HV_TYPE_CPUS, NULL, "2-3", NULL));
    written->found.mixed = TRUE;
    g_assert_true(hv_journal_step(journal, plan, 0, NULL));
    plan->state = HV_PLAN_REFUSED;
    plan->summary = g_strdup("sum");
    g_assert_true(hv_journal_end(journal, plan, NULL));
    back = hv_journal_get(journal, 1, NULL);
    step = hv_plan_step(back, 0);
    text = hv_value_to_text(&step->found);
    g_assert_cmpstr(text, ==, "2-3 (mixed)");
    g_assert_true(hv_value_equal(&step->before, &written->before));
    g_assert_cmpint(step->state, ==, HV_OUTCOME_DIFFERS);
    g_assert_cmpstr(step->error, ==, "the kernel made 2 of it");
    g_assert_cmpstr(step->persist_before, ==, "<secret/>");
    g_assert_null(step->persist_after);
    g_assert_cmpuint(step->subject.start_ticks, ==, G_MAXINT64);
    g_assert_cmpstr(back->summary, ==, "sum");
    g_assert_cmpint(back->time_ns, ==, 1700000000000000000);
    g_assert_cmpuint(back->notes->len, ==, 2);
    g_assert_cmpstr(back->notes->pdata[1], ==, "two");
    shown = hv_journal_read(journal, 0, NULL); /* what is shown holds no secrets */
    g_assert_null(hv_plan_step(shown->pdata[0], 0)->persist_before);
}

static void
test_all_types(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const words[] = { "tiering", NULL };
    static const char *const texts[] = {
        [HV_TYPE_CPUS] = "0-3",
        [HV_TYPE_NODES] = "1",
        [HV_TYPE_U64] = "18446744073709551615",
        [HV_TYPE_SIZE] = "24M",
        [HV_TYPE_PERCENT] = "5%",
        [HV_TYPE_LIMIT] = "none",
        [HV_TYPE_SWITCH] = "off",
        [HV_TYPE_WORD] = "tiering",
        [HV_TYPE_MASK] = "ff0",
    };
    g_autoptr(HvJournal) journal = journal_open(bench);

    for (HvType type = HV_TYPE_CPUS; type <= HV_TYPE_MASK; type++) {
        g_autoptr(HvPlan) plan = journal_plan("k");
        g_autoptr(HvPlan) back = NULL;

        g_assert_true(
            hv_value_parse(&hv_plan_step(plan, 0)->after, type, words, texts[type], NULL));
        journal_begin(journal, plan);
        back = hv_journal_get(journal, plan->id, NULL);
        g_assert_true(
            hv_value_equal(&hv_plan_step(back, 0)->after, &hv_plan_step(plan, 0)->after));
        g_assert_cmpint(hv_plan_step(back, 0)->found.type, ==, HV_TYPE_NOTHING);
    }
}

static void
test_modes(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    struct stat status;

    journal_add(journal, "k");
    g_assert_cmpint(stat(bench->first, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0700);
    g_assert_cmpint(stat(file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_false(g_file_test(bench->second, G_FILE_TEST_EXISTS));
    g_assert_null(hv_journal_warning(journal));
}

static void
test_two_handles(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) one = journal_open(bench);
    g_autoptr(HvJournal) two = journal_open(bench);
    guint64 version = hv_journal_version(two);

    g_assert_cmpuint(hv_journal_version(two), ==, version);
    g_assert_cmpuint(journal_add(one, "a"), ==, 1);
    g_assert_cmpuint(hv_journal_version(two), >, version);
    version = hv_journal_version(two);
    g_assert_cmpuint(journal_add(two, "b"), ==, 2);
    g_assert_cmpuint(hv_journal_version(two), >, version); /* own writes count too */
    version = hv_journal_version(two);
    g_assert_cmpuint(journal_add(one, "c"), ==, 3);
    g_assert_cmpuint(hv_journal_version(two), >, version);
    g_assert_cmpuint(journal_count(two), ==, 3);
    g_assert_true(hv_journal_mark_undone(one, 3, 9, NULL));
    g_assert_cmpuint(hv_journal_newest_applied(two, "m", "b"), ==, 2);
    g_assert_true(hv_journal_mark_undone(two, 3, 0, NULL));
    g_assert_cmpuint(hv_journal_newest_applied(one, "m", "b"), ==, 3);
}

static void
test_limit_and_order(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autoptr(GPtrArray) plans = NULL;

    for (guint i = 0; i < 5; i++)
        journal_add(journal, "k");
    plans = hv_journal_read(journal, 2, NULL);
    g_assert_cmpuint(plans->len, ==, 2);
    g_assert_cmpuint(((HvPlan *)plans->pdata[0])->id, ==, 5);
    g_assert_cmpuint(((HvPlan *)plans->pdata[1])->id, ==, 4);
}

/* Opens a journal that must be refused with @code and a line that holds @contains. */
static void
assert_refused(const JournalBench *bench, HvError code, const char *contains)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(
        hv_journal_open_patient(bench->first, bench->second, JOURNAL_PATIENCE_MS, &error));
    g_assert_error(error, HV_ERROR, (gint)code);
    g_assert_nonnull(strstr(error->message, contains));
    g_assert_nonnull(strstr(error->message, bench->first));
    g_assert_null(strchr(error->message, '\n'));
}

static void
test_unsafe(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    g_autofree char *elsewhere = g_build_filename(bench->tree->path, "elsewhere", NULL);

    hv_test_tree_mkdir(bench->tree, "lib/hvtune");
    g_assert_cmpint(g_chmod(bench->first, 0777), ==, 0);
    assert_refused(bench, HV_ERROR_REFUSED, "writable by others");
    g_assert_cmpint(g_chmod(bench->first, 0700), ==, 0);
    hv_test_tree_write(bench->tree, "elsewhere", "x");
    g_assert_cmpint(symlink(elsewhere, file), ==, 0);
    assert_refused(bench, HV_ERROR_REFUSED, "symbolic link");
    g_assert_cmpint(g_remove(file), ==, 0);
    hv_test_tree_write(bench->tree, "lib/hvtune/journal.db", "");
    g_assert_cmpint(g_chmod(file, 0666), ==, 0);
    assert_refused(bench, HV_ERROR_REFUSED, "writable by others");
    g_assert_cmpint(g_remove(file), ==, 0);
    g_assert_cmpint(g_mkdir(file, 0700), ==, 0);
    assert_refused(bench, HV_ERROR_REFUSED, "no regular file");
    g_assert_cmpint(g_remove(file), ==, 0);
    g_assert_cmpint(g_remove(bench->first), ==, 0);
    g_assert_cmpint(symlink(bench->tree->path, bench->first), ==, 0);
    assert_refused(bench, HV_ERROR_REFUSED, "symbolic link");
}

static void
test_foreign(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_test_tree_mkdir(bench->tree, "lib/hvtune");
    if (chown(bench->first, 12345, (gid_t)-1) != 0) {
        g_test_skip("only root can give a directory away");
        return;
    }
    assert_refused(bench, HV_ERROR_REFUSED, "another user");
    g_assert_cmpint(chown(bench->first, geteuid(), (gid_t)-1), ==, 0);
}

static void
test_not_a_journal(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_test_tree_write(bench->tree, "lib/hvtune/journal.db",
                       "this is no database, but long enough to look at\n");
    g_assert_cmpint(g_chmod(bench->first, 0700), ==, 0);
    assert_refused(bench, HV_ERROR_MALFORMED, "move it away");
}

static void
run_sql(const JournalBench *bench, const char *sql)
{
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    sqlite3 *db = NULL;

    g_assert_cmpint(sqlite3_open(file, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
    g_assert_cmpint(g_chmod(file, 0600), ==, 0);
}

static void
test_newer_version(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);

    journal_add(journal, "k");
    run_sql(bench, "PRAGMA user_version = 7");
    assert_refused(bench, HV_ERROR_MALFORMED, "newer hvtune (version 7");
}

static void
test_foreign_database(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_test_tree_mkdir(bench->tree, "lib/hvtune");
    g_assert_cmpint(g_chmod(bench->first, 0700), ==, 0);
    run_sql(bench, "CREATE TABLE plans (x)");
    assert_refused(bench, HV_ERROR_MALFORMED, "no journal of hvtune");
}

/* Rows that no hvtune wrote are an error, not a crash. */
static void
test_wrong_rows(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const wrongs[] = {
        "UPDATE plans SET state = 'x'",      "UPDATE plans SET kind = ''",
        "UPDATE steps SET before = 'cpus'",  "UPDATE steps SET after = 'q 1'",
        "UPDATE steps SET found = 'mixed-'", "UPDATE steps SET undo = 'maybe'",
        "UPDATE steps SET class = 3",        "UPDATE steps SET before = 'cpus 9-1'",
    };

    for (guint i = 0; i < G_N_ELEMENTS(wrongs); i++) {
        g_autoptr(HvJournal) journal = journal_open(bench);
        g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
        g_autoptr(GError) error = NULL;

        journal_add(journal, "k");
        run_sql(bench, wrongs[i]);
        g_assert_null(hv_journal_read(journal, 0, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
        g_assert_cmpint(g_remove(file), ==, 0);
    }
}

static void
test_moved_away(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autoptr(HvJournal) other = NULL;
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    g_autofree char *away = g_strconcat(file, ".old", NULL);

    journal_add(journal, "k");
    g_assert_cmpint(g_rename(file, away), ==, 0);
    g_assert_cmpuint(journal_count(journal), ==, 0);
    journal_add(journal, "k"); /* goes to a new file, not to the one that was moved */
    other = journal_open(bench);
    g_assert_cmpuint(journal_count(other), ==, 1);
}

static void
test_killed_writer_is_unsettled(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(GPtrArray) plans = NULL;
    g_autoptr(HvPlan) plan = journal_plan("k");
    const pid_t pid = fork();

    if (pid == 0) {
        journal_begin(journal_open(bench), plan);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    journal = journal_open(bench);
    plans = hv_journal_unsettled(journal, NULL);
    g_assert_cmpuint(plans->len, ==, 1);
    journal_begin(journal, plan); /* the dead hold no knob */
    g_ptr_array_unref(plans);
    plans = hv_journal_unsettled(journal, NULL);
    g_assert_cmpuint(plans->len, ==, 1); /* ours is alive */
}

static void
test_busy(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autoptr(HvPlan) plan = journal_plan("k");
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    g_autoptr(GError) error = NULL;
    sqlite3 *db = NULL;

    if (!g_test_slow()) {
        g_test_skip("waits two seconds: -m slow");
        return;
    }
    journal_add(journal, "k");
    g_assert_cmpint(sqlite3_open(file, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
    g_assert_false(hv_journal_begin(journal, plan, 1, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
    g_assert_nonnull(strstr(error->message, "locked by another process for more than 2 s"));
    g_assert_false(g_file_test(bench->second,
                               G_FILE_TEST_EXISTS)); /* that one is for disks, not for locks */
    sqlite3_close(db);
}

#define ADD(name, test)                                                                        \
    g_test_add("/journal/" name, JournalBench, NULL, journal_setup, test, journal_teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("without-a-file-is-empty-and-makes-none", test_nothing_yet);
    ADD("gives-back-what-was-written", test_round_trip);
    ADD("keeps-values-of-every-type", test_all_types);
    ADD("is-readable-by-its-owner-only", test_modes);
    ADD("is-one-for-all-handles", test_two_handles);
    ADD("gives-the-newest-first", test_limit_and_order);
    ADD("that-others-could-write-is-refused", test_unsafe);
    ADD("of-another-user-is-refused", test_foreign);
    ADD("that-is-garbage-is-refused", test_not_a_journal);
    ADD("of-a-newer-version-is-refused", test_newer_version);
    ADD("that-is-another-database-is-refused", test_foreign_database);
    ADD("with-wrong-rows-is-malformed", test_wrong_rows);
    ADD("moved-away-begins-anew", test_moved_away);
    ADD("knows-the-plans-of-the-dead", test_killed_writer_is_unsettled);
    ADD("that-is-locked-says-so", test_busy);
    return g_test_run();
}
