/* A directory of the journal that hangs, as a dead NFS server's: the other one takes over. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "tests/journal-bench.h"

#include <sqlite3.h>
#include <string.h>

#define PATIENCE_MS 1500

/* SQLite's own way to its files, with a gate before those under @path. */
typedef struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    GMutex lock;
    GCond changed;
    const char *path; /* NULL: the gate is open */
    guint n_waiting;
} Gate;

static Gate gate;

static int
open_behind_gate(sqlite3_vfs *vfs G_GNUC_UNUSED, const char *path, sqlite3_file *file,
                 int flags, int *out_flags)
{
    g_mutex_lock(&gate.lock);
    gate.n_waiting++;
    while (gate.path && path && g_str_has_prefix(path, gate.path))
        g_cond_wait(&gate.changed, &gate.lock);
    gate.n_waiting--;
    g_mutex_unlock(&gate.lock);
    return gate.real->xOpen(gate.real, path, file, flags, out_flags);
}

static void
set_gate(const char *path)
{
    g_mutex_lock(&gate.lock);
    gate.path = path;
    g_cond_broadcast(&gate.changed);
    g_mutex_unlock(&gate.lock);
}

static HvJournal *
open_patiently(const JournalBench *bench, const char *fallback)
{
    g_autoptr(GError) error = NULL;
    HvJournal *journal = hv_journal_open_patient(bench->first, fallback, PATIENCE_MS, &error);

    g_assert_no_error(error);
    return journal;
}

static void
make_first(const JournalBench *bench)
{
    g_autoptr(HvJournal) journal = journal_open(bench);

    journal_add(journal, "k");
}

static void
test_falls_back(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;

    make_first(bench);
    set_gate(bench->first);
    journal = open_patiently(bench, bench->second);
    journal_add(journal, "l");
    g_assert_nonnull(strstr(hv_journal_warning(journal), bench->second));
    g_assert_nonnull(strstr(hv_journal_warning(journal), "does not answer"));
    g_assert_cmpuint(journal_count(journal), ==, 1);
    set_gate(NULL);
}

/* It hangs between two writes of one plan: SQLite's rollback journal cannot be opened. */
static void
test_in_the_middle(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_patiently(bench, bench->second);
    g_autoptr(HvPlan) plan = journal_plan("k");
    g_autoptr(GPtrArray) plans = NULL;
    guint64 version;

    journal_add(journal, "j");
    journal_begin(journal, plan);
    version = hv_journal_version(journal);
    set_gate(bench->first);
    hv_plan_step(plan, 0)->state = HV_OUTCOME_BEGUN;
    g_assert_true(hv_journal_step(journal, plan, 0, NULL));
    g_assert_nonnull(hv_journal_warning(journal));
    journal_end(journal, plan);
    g_assert_cmpuint(hv_journal_version(journal), >, version);
    plans = hv_journal_read(journal, 0, NULL);
    g_assert_cmpuint(plans->len, ==, 1); /* the other entry is out of reach */
    g_assert_cmpuint(((HvPlan *)plans->pdata[0])->id, ==, plan->id);
    g_assert_cmpint(((HvPlan *)plans->pdata[0])->state, ==, HV_PLAN_APPLIED);
    set_gate(NULL);
}

static void
test_comes_back(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvJournal) first_only = NULL;

    make_first(bench);
    set_gate(bench->first);
    journal = open_patiently(bench, bench->second);
    journal_add(journal, "l");
    set_gate(NULL);
    while (journal_count(journal) < 2) /* until the thread that hung is back */
        g_thread_yield();
    journal_add(journal, "m");
    g_assert_null(hv_journal_warning(journal));
    first_only = hv_journal_open_patient(bench->first, NULL, JOURNAL_PATIENCE_MS,
                                         NULL); /* all was carried over */
    g_assert_cmpuint(journal_count(first_only), ==, 3);
}

static void
test_without_fallback(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvPlan) plan = journal_plan("l");
    g_autoptr(GError) error = NULL;

    make_first(bench);
    set_gate(bench->first);
    journal = open_patiently(bench, NULL);
    g_assert_false(hv_journal_begin(journal, plan, 1, &error));
    g_assert_nonnull(strstr(error->message, "nothing was changed"));
    g_assert_cmpuint(plan->id, ==, 0);
    g_clear_error(&error);
    g_assert_null(hv_journal_read(journal, 0, &error));
    g_assert_nonnull(strstr(error->message, "does not answer"));
    set_gate(NULL);
}

/* Nothing that was given up is written when the directory comes back after all. */
static void
test_late_write_is_none(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_patiently(bench, NULL);
    g_autoptr(HvPlan) plan = journal_plan("l");

    journal_add(journal, "k");
    set_gate(bench->first);
    g_assert_false(hv_journal_begin(journal, plan, 1, NULL));
    set_gate(NULL);
    for (guint n = 0; n == 0;) {
        g_autoptr(GPtrArray) plans = hv_journal_read(journal, 0, NULL);

        n = plans ? plans->len : 0;
        g_assert_cmpuint(n, <, 2);
    }
}

/* One thread at most waits in a directory that hangs, however often it is asked. */
static void
test_threads_are_bounded(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;

    make_first(bench);
    set_gate(bench->first);
    journal = open_patiently(bench, bench->second);
    for (guint i = 0; i < 20; i++)
        journal_add(journal, "l");
    g_mutex_lock(&gate.lock);
    g_assert_cmpuint(gate.n_waiting, ==, 1);
    g_mutex_unlock(&gate.lock);
    set_gate(NULL);
}

#define ADD(name, test)                                                                        \
    g_test_add("/journal-hang/" name, JournalBench, NULL, journal_setup, test, journal_teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gate.real = sqlite3_vfs_find(NULL);
    gate.vfs = *gate.real;
    gate.vfs.zName = "gate";
    gate.vfs.xOpen = open_behind_gate;
    g_assert_cmpint(sqlite3_vfs_register(&gate.vfs, 1), ==, SQLITE_OK);
    ADD("a-directory-that-hangs-gives-way-to-the-fallback", test_falls_back);
    ADD("also-in-the-middle-of-a-plan", test_in_the_middle);
    ADD("it-is-used-again-when-it-answers", test_comes_back);
    ADD("without-a-fallback-nothing-is-begun", test_without_fallback);
    ADD("a-write-that-was-given-up-never-lands", test_late_write_is_none);
    ADD("one-thread-at-most-hangs-in-it", test_threads_are_bounded);
    return g_test_run();
}
