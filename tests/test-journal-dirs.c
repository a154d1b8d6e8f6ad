/* The journal's two directories: the first writable one takes the entries, both are read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "tests/journal-bench.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A file where the directory should be: it cannot be made, by root neither. */
static void
block(const char *directory)
{
    g_autofree char *parent = g_path_get_dirname(directory);

    g_assert_true(g_file_set_contents(parent, "", 0, NULL));
}

static void
unblock(const char *directory)
{
    g_autofree char *parent = g_path_get_dirname(directory);

    g_assert_cmpint(g_remove(parent), ==, 0);
}

static void
test_fallback_and_back(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvJournal) other = NULL;

    block(bench->first);
    journal = journal_open(bench);
    journal_add(journal, "k");
    g_assert_nonnull(strstr(hv_journal_warning(journal), bench->second));
    other = journal_open(bench); /* everybody reads both */
    g_assert_cmpuint(journal_count(other), ==, 1);
    unblock(bench->first);
    journal_add(other, "k");
    g_assert_null(hv_journal_warning(other));
    g_assert_cmpuint(journal_count(other), ==, 2);
    g_assert_cmpuint(journal_count(journal), ==, 2);
    hv_journal_free(g_steal_pointer(&other));
    other = hv_journal_open_patient(bench->first, NULL, JOURNAL_PATIENCE_MS,
                                    NULL); /* it was carried over */
    g_assert_cmpuint(journal_count(other), ==, 2);
    journal_add(journal, "k");
    g_assert_null(hv_journal_warning(journal));
    g_assert_cmpuint(journal_count(other), ==, 3);
}

/* The first directory goes in the middle of a plan: its end is written to the second, and
 * counts. */
static void
test_fallback_in_the_middle(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = journal_open(bench);
    g_autoptr(HvJournal) first_only = NULL;
    g_autoptr(HvPlan) plan = journal_plan("k");
    g_autofree char *parent = g_path_get_dirname(bench->first);
    g_autofree char *away = g_strconcat(parent, ".away", NULL);

    journal_begin(journal, plan);
    g_assert_cmpint(g_rename(parent, away), ==, 0);
    block(bench->first);
    hv_plan_step(plan, 0)->state = HV_OUTCOME_BEGUN;
    g_assert_true(hv_journal_step(journal, plan, 0, NULL));
    g_assert_nonnull(hv_journal_warning(journal));
    journal_end(journal, plan);
    unblock(bench->first);
    g_assert_cmpint(g_rename(away, parent), ==, 0);
    g_assert_cmpuint(hv_journal_newest_applied(journal, "m", "b"), ==, plan->id);
    journal_add(journal, "l"); /* carries it over */
    first_only = hv_journal_open_patient(bench->first, NULL, JOURNAL_PATIENCE_MS, NULL);
    g_assert_cmpuint(journal_count(first_only), ==, 2);
    g_assert_true(hv_journal_mark_undone(first_only, 2, 9, NULL));
    g_assert_cmpuint(hv_journal_newest_applied(first_only, "m", "b"), ==, plan->id);
}

/* While the first could not be read the second gave the same number: it gets a new one when
 * they meet. */
static void
test_same_number_twice(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) second =
        hv_journal_open_patient(bench->second, NULL, JOURNAL_PATIENCE_MS, NULL);
    g_autoptr(HvJournal) first =
        hv_journal_open_patient(bench->first, NULL, JOURNAL_PATIENCE_MS, NULL);
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvPlan) plan = journal_plan("of the second");
    g_autoptr(HvPlan) moved = NULL;

    journal_add(first, "of the first");
    g_assert_true(hv_journal_begin(second, plan, 1800000000000000000, NULL));
    journal_end(second, plan);
    journal = journal_open(bench);
    g_assert_cmpuint(journal_add(journal, "later"), ==, 3);
    moved = hv_journal_get(journal, 2, NULL);
    g_assert_cmpstr(hv_plan_step(moved, 0)->knob, ==, "of the second");
    g_assert_cmpuint(journal_count(first), ==, 3);
    g_assert_cmpuint(journal_count(second), ==, 0);
}

static void
test_no_directory_at_all(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvPlan) plan = journal_plan("k");
    g_autoptr(GError) error = NULL;

    block(bench->first);
    block(bench->second);
    journal = journal_open(bench);
    g_assert_nonnull(journal);
    g_assert_false(hv_journal_begin(journal, plan, 1, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_FAILED);
    g_assert_nonnull(strstr(error->message, bench->first));
    g_assert_nonnull(strstr(error->message, bench->second));
    g_assert_null(strchr(error->message, '\n'));
    g_assert_cmpuint(plan->id, ==, 0);
}

static void
test_state_directory_has_no_fallback(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvPlan) plan = journal_plan("k");
    g_autofree char *two = g_strconcat(bench->first, ":/elsewhere", NULL);
    g_autofree char *directory = NULL;

    g_setenv("STATE_DIRECTORY", two, TRUE);
    directory = hv_journal_state_dir();
    g_assert_cmpstr(directory, ==, bench->first);
    block(bench->first);
    journal = hv_journal_open_patient(NULL, bench->second, JOURNAL_PATIENCE_MS, NULL);
    g_assert_false(hv_journal_begin(journal, plan, 1, NULL));
    g_assert_false(g_file_test(bench->second, G_FILE_TEST_EXISTS));
    g_unsetenv("STATE_DIRECTORY");
}

/* No byte more fits, as on a full disk: one line, nothing journalled. Runs in a child, for the
 * limit is for good. */
static void
test_full_disk(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    pid_t pid;
    int status;

#ifdef __SANITIZE_THREAD__
    g_test_skip("the thread sanitizer allows no threads in a forked child");
    return;
#endif
    {
        g_autoptr(HvJournal) journal = journal_open(bench);

        journal_add(journal, "k");
    }
    pid = fork();
    if (pid == 0) {
        const struct rlimit none = { 1024, 1024 };
        g_autoptr(HvJournal) journal =
            hv_journal_open_patient(bench->first, NULL, JOURNAL_PATIENCE_MS, NULL);
        g_autoptr(HvPlan) plan = journal_plan("k");
        g_autoptr(GError) error = NULL;

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &none) != 0 || hv_journal_begin(journal, plan, 1, &error) ||
            plan->id != 0 || strchr(error->message, '\n') || journal_count(journal) != 1)
            _exit(1);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
}

#define ADD(name, test)                                                                        \
    g_test_add("/journal-dirs/" name, JournalBench, NULL, journal_setup, test, journal_teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("falls-back-and-is-carried-over", test_fallback_and_back);
    ADD("falls-back-in-the-middle-of-a-plan", test_fallback_in_the_middle);
    ADD("gives-no-number-twice", test_same_number_twice);
    ADD("without-any-directory-gives-one-line", test_no_directory_at_all);
    ADD("with-a-state-directory-has-no-fallback", test_state_directory_has_no_fallback);
    ADD("on-a-full-disk-gives-one-line", test_full_disk);
    return g_test_run();
}
