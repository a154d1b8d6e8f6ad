/* The journal: files of the first version, and what becomes of an entry once it was applied. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "tests/journal-bench.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

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

/* What the first hvtune wrote: read as it is, and given the rest when it is written. */
static void
make_first_version(const JournalBench *bench)
{
    hv_test_tree_mkdir(bench->tree, "lib/hvtune");
    g_assert_cmpint(g_chmod(bench->first, 0700), ==, 0);
    run_sql(
        bench,
        "CREATE TABLE plans (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, kind TEXT NOT"
        " NULL, of INTEGER NOT NULL, title TEXT NOT NULL, persist INTEGER NOT NULL, force"
        " INTEGER NOT NULL, state TEXT NOT NULL, time_ns INTEGER NOT NULL, undone_by INTEGER"
        " NOT NULL, machine_id TEXT, boot_id TEXT, who TEXT, summary TEXT, notes TEXT,"
        " writer_pid INTEGER NOT NULL, writer_start_ticks INTEGER NOT NULL, writer_boot_id"
        " TEXT);"
        "CREATE TABLE steps (plan INTEGER NOT NULL, step INTEGER NOT NULL, knob TEXT NOT NULL,"
        " before TEXT, after TEXT, found TEXT, undo TEXT NOT NULL, class TEXT NOT NULL,"
        " shell_line TEXT, risk TEXT, remark TEXT, guest_name TEXT, guest_uuid TEXT, guest_pid"
        " INTEGER NOT NULL, guest_start_ticks INTEGER NOT NULL, persist INTEGER NOT NULL,"
        " persist_before TEXT, persist_after TEXT, state TEXT NOT NULL, error TEXT,"
        " PRIMARY KEY (plan, step));"
        "CREATE INDEX plans_state ON plans (state);"
        "INSERT INTO plans VALUES (3, 1, 'set', 0, 'set old', 0, 0, 'applied', 5, 0, 'm', 'b',"
        " 'root', 'the step was made', NULL, 1, 1, 'b');"
        "INSERT INTO steps VALUES (3, 0, 'k', 'cpus 0', 'cpus 1', 'cpus 1', 'exact', 'instant',"
        " NULL, NULL, NULL, NULL, NULL, 0, 0, 0, '<secret/>', NULL, 'done', NULL);"
        "PRAGMA application_id = 1752593525; PRAGMA user_version = 1;");
}

static void
assert_first_version_read(HvJournal *journal)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = hv_journal_get(journal, 3, &error);
    g_autoptr(GPtrArray) armed = hv_journal_armed(journal, NULL, NULL, NULL);

    g_assert_no_error(error);
    g_assert_cmpstr(plan->title, ==, "set old");
    g_assert_cmpint(plan->confirm, ==, HV_CONFIRM_NONE);
    g_assert_null(plan->recipe);
    g_assert_cmpstr(hv_plan_step(plan, 0)->persist_before, ==, "<secret/>");
    g_assert_false(hv_plan_step(plan, 0)->is_expected);
    g_assert_cmpuint(armed->len, ==, 0);
}

static void
test_first_version(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    make_first_version(bench);
    {
        g_autoptr(HvJournal) reader = journal_open(bench);
        g_autoptr(HvJournal) writer = journal_open(bench);
        g_autoptr(HvPlan) back = NULL;

        assert_first_version_read(reader); /* as it is */
        g_assert_false(hv_journal_is_guarded(reader, 3));
        g_assert_true(hv_journal_set_effect(writer, 3, "m 1 -> 2", NULL)); /* made new */
        assert_first_version_read(writer);
        assert_first_version_read(reader); /* which had it open as it was */
        back = hv_journal_get(reader, 3, NULL);
        g_assert_cmpstr(back->effect, ==, "m 1 -> 2");
        g_assert_cmpuint(journal_add(reader, "k2"), ==, 4);
    }
}

static void
test_first_version_carried_over(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;

    make_first_version(bench);
    hv_test_tree_mkdir(bench->tree, "run");
    g_assert_cmpint(g_rename(bench->first, bench->second), ==, 0);
    journal = journal_open(bench);
    assert_first_version_read(journal);
    g_assert_cmpuint(journal_add(journal, "k2"), ==, 4);
    assert_first_version_read(journal);
    g_assert_cmpuint(journal_count(journal), ==, 2);
}

static void
test_new_fields(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autoptr(HvPlan) plan = journal_plan("k");
    g_autoptr(HvPlan) back = NULL;

    plan->recipe = g_strdup("move");
    plan->vm = g_strdup("web1");
    plan->confirm = HV_CONFIRM_ARMED;
    plan->confirm_s = 30;
    hv_plan_step(plan, 0)->is_expected = TRUE;
    journal_begin(journal, plan);
    hv_value_clear(&hv_plan_step(plan, 0)->before);
    g_assert_true(
        hv_value_parse(&hv_plan_step(plan, 0)->before, HV_TYPE_CPUS, NULL, "7", NULL));
    g_assert_true(hv_journal_step(journal, plan, 0, NULL)); /* what was found takes its place */
    plan->deadline_ns = 12345;
    journal_end(journal, plan);
    back = hv_journal_get(journal, plan->id, NULL);
    g_assert_cmpstr(back->recipe, ==, "move");
    g_assert_cmpstr(back->vm, ==, "web1");
    g_assert_cmpint(back->confirm, ==, HV_CONFIRM_ARMED);
    g_assert_cmpuint(back->confirm_s, ==, 30);
    g_assert_cmpint(back->deadline_ns, ==, 12345);
    g_assert_true(hv_plan_step(back, 0)->is_expected);
    g_assert_true(
        hv_value_equal(&hv_plan_step(back, 0)->before, &hv_plan_step(plan, 0)->before));
}

static guint
count_armed(HvJournal *journal, const char *boot_id)
{
    g_autoptr(GPtrArray) armed = hv_journal_armed(journal, "m", boot_id, NULL);

    return armed->len;
}

static guint64
add_armed(HvJournal *journal)
{
    g_autoptr(HvPlan) plan = journal_plan("k");

    plan->confirm = HV_CONFIRM_ARMED;
    journal_begin(journal, plan);
    plan->deadline_ns = 10;
    journal_end(journal, plan);
    return plan->id;
}

/* Of a confirmation and a revert that come at the same time only one is made. */
static void
test_confirmed_once(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    const guint64 id = add_armed(journal);
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(count_armed(journal, "b"), ==, 1);
    g_assert_cmpuint(count_armed(journal, "other boot"), ==, 0);
    g_assert_true(
        hv_journal_set_confirm(journal, id, HV_CONFIRM_ARMED, 99, NULL)); /* renewed */
    g_assert_true(hv_journal_set_confirm(journal, id, HV_CONFIRM_CONFIRMED, 0, NULL));
    g_assert_cmpuint(count_armed(journal, NULL), ==, 0);
    g_assert_false(hv_journal_set_confirm(journal, id, HV_CONFIRM_KEPT, 0, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
}

static void
test_late_end_keeps_confirmation(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autoptr(HvPlan) plan = journal_plan("k");
    g_autoptr(HvPlan) back = NULL;

    plan->confirm = HV_CONFIRM_ARMED;
    journal_begin(journal, plan);
    g_assert_true(hv_journal_set_confirm(journal, plan->id, HV_CONFIRM_CONFIRMED, 0, NULL));
    plan->deadline_ns = 10;
    journal_end(journal, plan); /* knows nothing of that */
    back = hv_journal_get(journal, plan->id, NULL);
    g_assert_cmpint(back->confirm, ==, HV_CONFIRM_CONFIRMED);
    g_assert_cmpint(back->deadline_ns, ==, 0);
}

static void
test_undone_is_reverted(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    const guint64 id = add_armed(journal);
    g_autoptr(HvPlan) undo = journal_plan("k");
    g_autoptr(HvPlan) back = NULL;

    undo->kind = HV_PLAN_UNDO;
    undo->of = id;
    journal_begin(journal, undo);
    journal_end(journal, undo);
    back = hv_journal_get(journal, id, NULL);
    g_assert_cmpint(back->confirm, ==, HV_CONFIRM_REVERTED);
    g_assert_cmpuint(back->undone_by, ==, undo->id);
}

/* Settling and the guard read an entry, ask the host, and write its end: what others wrote
 * meanwhile stays. */
static void
test_late_end_keeps_what_others_wrote(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    const guint64 id = add_armed(journal);
    g_autoptr(HvPlan) read_before = hv_journal_get(journal, id, NULL);
    g_autoptr(HvPlan) back = NULL;

    read_before->deadline_ns = 0;
    g_assert_true(hv_journal_set_confirm(journal, id, HV_CONFIRM_ARMED, 99, NULL));
    journal_end(journal, read_before);
    back = hv_journal_get(journal, id, NULL);
    g_assert_cmpint(back->deadline_ns, ==, 99);
    g_assert_true(hv_journal_mark_undone(journal, id, 7, NULL));
    journal_end(journal, read_before);
    hv_plan_free(back);
    back = hv_journal_get(journal, id, NULL);
    g_assert_cmpuint(back->undone_by, ==, 7);
    g_assert_cmpint(back->confirm, ==, HV_CONFIRM_REVERTED);
}

static void
test_one_guard(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    const guint64 id = add_armed(journal);
    g_autoptr(GError) error = NULL;

    g_assert_false(hv_journal_is_guarded(journal, id));
    g_assert_true(hv_journal_take_guard(journal, id, NULL));
    g_assert_true(hv_journal_is_guarded(journal, id));
    g_assert_true(hv_journal_take_guard(journal, id, NULL)); /* again, by itself */
    run_sql(bench, "UPDATE plans SET guard_pid = 999999999");
    g_assert_false(hv_journal_is_guarded(journal, id)); /* it died */
    g_assert_false(hv_journal_take_guard(journal, 77, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

#define ADD(name, test)                                                                        \
    g_test_add("/journal/" name, JournalBench, NULL, journal_setup, test, journal_teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("of-the-first-version-is-read-and-made-new", test_first_version);
    ADD("of-the-first-version-is-carried-over", test_first_version_carried_over);
    ADD("keeps-recipe-deadline-and-what-was-found", test_new_fields);
    ADD("takes-one-answer-for-what-waits", test_confirmed_once);
    ADD("is-not-confirmed-away-by-a-late-end", test_late_end_keeps_confirmation);
    ADD("keeps-at-a-late-end-what-others-wrote", test_late_end_keeps_what_others_wrote);
    ADD("calls-reverted-what-was-undone", test_undone_is_reverted);
    ADD("knows-whether-a-guard-lives", test_one_guard);
    return g_test_run();
}
