/* The journal's two directories, several processes at once, and files that are not what they
 * should be. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "session/journal.h"
#include "tests/support.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    HvTestTree *tree;
    char *first, *second; /* directories */
} Bench;

static void
setup(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_unsetenv("STATE_DIRECTORY");
    bench->tree = hv_test_tree_new();
    bench->first = g_build_filename(bench->tree->path, "lib", "hvtune", NULL);
    bench->second = g_build_filename(bench->tree->path, "run", "hvtune", NULL);
}

static void
teardown(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_test_tree_free(bench->tree);
    g_free(bench->first);
    g_free(bench->second);
}

static HvPlan *
new_plan(const char *knob)
{
    HvPlan *plan = hv_plan_new(HV_PLAN_SET, "set something");
    HvStep *step = hv_step_new(knob);

    g_assert_true(hv_value_parse(&step->before, HV_TYPE_CPUS, NULL, "0-3", NULL));
    g_assert_true(hv_value_parse(&step->after, HV_TYPE_CPUS, NULL, "1", NULL));
    step->persist = TRUE;
    step->persist_before = g_strdup("<secret/>");
    step->shell_line = g_strdup("virsh vcpupin web1 0 1");
    step->subject.guest_name = g_strdup("web1");
    step->subject.guest_uuid = g_strdup("u");
    step->subject.pid = 4711;
    step->subject.start_ticks = G_MAXINT64;
    g_ptr_array_add(plan->steps, step);
    g_ptr_array_add(plan->notes, g_strdup("one"));
    g_ptr_array_add(plan->notes, g_strdup("two"));
    plan->state = HV_PLAN_APPLYING;
    plan->machine_id = g_strdup("m");
    plan->boot_id = g_strdup("b");
    plan->who = g_strdup("root on pts/3");
    return plan;
}

static guint64
begin(HvJournal *journal, HvPlan *plan)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_journal_begin(journal, plan, 1700000000000000000, &error));
    g_assert_no_error(error);
    return plan->id;
}

static void
end(HvJournal *journal, HvPlan *plan)
{
    g_autoptr(GError) error = NULL;

    hv_plan_step(plan, 0)->state = HV_OUTCOME_DONE;
    plan->state = HV_PLAN_APPLIED;
    g_assert_true(hv_journal_end(journal, plan, &error));
    g_assert_no_error(error);
}

/* One applied entry; its id. */
static guint64
add(HvJournal *journal, const char *knob)
{
    g_autoptr(HvPlan) plan = new_plan(knob);

    begin(journal, plan);
    end(journal, plan);
    return plan->id;
}

static HvJournal *
open_both(const Bench *bench)
{
    g_autoptr(GError) error = NULL;
    HvJournal *journal = hv_journal_open(bench->first, bench->second, &error);

    g_assert_no_error(error);
    return journal;
}

static guint
count(HvJournal *journal)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) plans = hv_journal_read(journal, 0, &error);

    g_assert_no_error(error);
    return plans->len;
}

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
test_nothing_yet(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_both(bench);
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(count(journal), ==, 0);
    g_assert_cmpuint(hv_journal_newest_applied(journal, "m", "b"), ==, 0);
    g_assert_null(hv_journal_get(journal, 1, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_false(g_file_test(bench->first, G_FILE_TEST_EXISTS)); /* reading makes nothing */
}

static void
test_round_trip(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_both(bench);
    g_autoptr(HvPlan) plan = new_plan("vm/web1/vcpu/0/cpus");
    g_autoptr(HvPlan) back = NULL;
    g_autoptr(GPtrArray) shown = NULL;
    const HvStep *step;
    HvStep *written = hv_plan_step(plan, 0);
    g_autofree char *text = NULL;

    g_assert_cmpuint(begin(journal, plan), ==, 1);
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
test_all_types(Bench *bench, gconstpointer data G_GNUC_UNUSED)
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
    };
    g_autoptr(HvJournal) journal = open_both(bench);

    for (HvType type = HV_TYPE_CPUS; type <= HV_TYPE_WORD; type++) {
        g_autoptr(HvPlan) plan = new_plan("k");
        g_autoptr(HvPlan) back = NULL;

        g_assert_true(
            hv_value_parse(&hv_plan_step(plan, 0)->after, type, words, texts[type], NULL));
        begin(journal, plan);
        back = hv_journal_get(journal, plan->id, NULL);
        g_assert_true(
            hv_value_equal(&hv_plan_step(back, 0)->after, &hv_plan_step(plan, 0)->after));
        g_assert_cmpint(hv_plan_step(back, 0)->found.type, ==, HV_TYPE_NOTHING);
    }
}

static void
test_modes(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_both(bench);
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    struct stat status;

    add(journal, "k");
    g_assert_cmpint(stat(bench->first, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0700);
    g_assert_cmpint(stat(file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_false(g_file_test(bench->second, G_FILE_TEST_EXISTS));
    g_assert_null(hv_journal_warning(journal));
}

static void
test_two_handles(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) one = open_both(bench);
    g_autoptr(HvJournal) two = open_both(bench);
    guint64 version = hv_journal_version(two);

    g_assert_cmpuint(hv_journal_version(two), ==, version);
    g_assert_cmpuint(add(one, "a"), ==, 1);
    g_assert_cmpuint(hv_journal_version(two), >, version);
    version = hv_journal_version(two);
    g_assert_cmpuint(add(two, "b"), ==, 2);
    g_assert_cmpuint(hv_journal_version(two), >, version); /* own writes count too */
    version = hv_journal_version(two);
    g_assert_cmpuint(add(one, "c"), ==, 3);
    g_assert_cmpuint(hv_journal_version(two), >, version);
    g_assert_cmpuint(count(two), ==, 3);
    g_assert_true(hv_journal_mark_undone(one, 3, 9, NULL));
    g_assert_cmpuint(hv_journal_newest_applied(two, "m", "b"), ==, 2);
    g_assert_true(hv_journal_mark_undone(two, 3, 0, NULL));
    g_assert_cmpuint(hv_journal_newest_applied(one, "m", "b"), ==, 3);
}

static void
test_limit_and_order(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_both(bench);
    g_autoptr(GPtrArray) plans = NULL;

    for (guint i = 0; i < 5; i++)
        add(journal, "k");
    plans = hv_journal_read(journal, 2, NULL);
    g_assert_cmpuint(plans->len, ==, 2);
    g_assert_cmpuint(((HvPlan *)plans->pdata[0])->id, ==, 5);
    g_assert_cmpuint(((HvPlan *)plans->pdata[1])->id, ==, 4);
}

static void
test_fallback_and_back(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvJournal) other = NULL;
    g_autoptr(HvPlan) undone = NULL;

    block(bench->first);
    journal = open_both(bench);
    add(journal, "k");
    g_assert_nonnull(strstr(hv_journal_warning(journal), bench->second));
    other = open_both(bench); /* everybody reads both */
    g_assert_cmpuint(count(other), ==, 1);
    unblock(bench->first);
    add(other, "k");
    g_assert_null(hv_journal_warning(other));
    g_assert_cmpuint(count(other), ==, 2);
    g_assert_cmpuint(count(journal), ==, 2);
    hv_journal_free(g_steal_pointer(&other));
    other = hv_journal_open(bench->first, NULL, NULL); /* it was carried over */
    g_assert_cmpuint(count(other), ==, 2);
    add(journal, "k");
    g_assert_null(hv_journal_warning(journal));
    g_assert_cmpuint(count(other), ==, 3);
}

/* The first directory goes in the middle of a plan: its end is written to the second, and
 * counts. */
static void
test_fallback_in_the_middle(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_both(bench);
    g_autoptr(HvJournal) first_only = NULL;
    g_autoptr(HvPlan) plan = new_plan("k");
    g_autofree char *parent = g_path_get_dirname(bench->first);
    g_autofree char *away = g_strconcat(parent, ".away", NULL);

    begin(journal, plan);
    g_assert_cmpint(g_rename(parent, away), ==, 0);
    block(bench->first);
    hv_plan_step(plan, 0)->state = HV_OUTCOME_BEGUN;
    g_assert_true(hv_journal_step(journal, plan, 0, NULL));
    g_assert_nonnull(hv_journal_warning(journal));
    end(journal, plan);
    unblock(bench->first);
    g_assert_cmpint(g_rename(away, parent), ==, 0);
    g_assert_cmpuint(hv_journal_newest_applied(journal, "m", "b"), ==, plan->id);
    add(journal, "l"); /* carries it over */
    first_only = hv_journal_open(bench->first, NULL, NULL);
    g_assert_cmpuint(count(first_only), ==, 2);
    g_assert_true(hv_journal_mark_undone(first_only, 2, 9, NULL));
    g_assert_cmpuint(hv_journal_newest_applied(first_only, "m", "b"), ==, plan->id);
}

/* While the first could not be read the second gave the same number: it gets a new one when
 * they meet. */
static void
test_same_number_twice(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) second = hv_journal_open(bench->second, NULL, NULL);
    g_autoptr(HvJournal) first = hv_journal_open(bench->first, NULL, NULL);
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvPlan) plan = new_plan("of the second");
    g_autoptr(HvPlan) moved = NULL;

    add(first, "of the first");
    g_assert_true(hv_journal_begin(second, plan, 1800000000000000000, NULL));
    end(second, plan);
    journal = open_both(bench);
    g_assert_cmpuint(add(journal, "later"), ==, 3);
    moved = hv_journal_get(journal, 2, NULL);
    g_assert_cmpstr(hv_plan_step(moved, 0)->knob, ==, "of the second");
    g_assert_cmpuint(count(first), ==, 3);
    g_assert_cmpuint(count(second), ==, 0);
}

static void
test_no_directory_at_all(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvPlan) plan = new_plan("k");
    g_autoptr(GError) error = NULL;

    block(bench->first);
    block(bench->second);
    journal = open_both(bench);
    g_assert_nonnull(journal);
    g_assert_false(hv_journal_begin(journal, plan, 1, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_FAILED);
    g_assert_nonnull(strstr(error->message, bench->first));
    g_assert_nonnull(strstr(error->message, bench->second));
    g_assert_null(strchr(error->message, '\n'));
    g_assert_cmpuint(plan->id, ==, 0);
}

static void
test_state_directory_has_no_fallback(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(HvPlan) plan = new_plan("k");
    g_autofree char *two = g_strconcat(bench->first, ":/elsewhere", NULL);
    g_autofree char *directory = NULL;

    g_setenv("STATE_DIRECTORY", two, TRUE);
    directory = hv_journal_state_dir();
    g_assert_cmpstr(directory, ==, bench->first);
    block(bench->first);
    journal = hv_journal_open(NULL, bench->second, NULL);
    g_assert_false(hv_journal_begin(journal, plan, 1, NULL));
    g_assert_false(g_file_test(bench->second, G_FILE_TEST_EXISTS));
    g_unsetenv("STATE_DIRECTORY");
}

/* No byte more fits, as on a full disk: one line, nothing journalled. Runs in a child, for the
 * limit is for good. */
static void
test_full_disk(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    pid_t pid;
    int status;

    {
        g_autoptr(HvJournal) journal = open_both(bench);

        add(journal, "k");
    }
    pid = fork();
    if (pid == 0) {
        const struct rlimit none = { 1024, 1024 };
        g_autoptr(HvJournal) journal = hv_journal_open(bench->first, NULL, NULL);
        g_autoptr(HvPlan) plan = new_plan("k");
        g_autoptr(GError) error = NULL;

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &none) != 0 || hv_journal_begin(journal, plan, 1, &error) ||
            plan->id != 0 || strchr(error->message, '\n') || count(journal) != 1)
            _exit(1);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
}

/* Opens a journal that must be refused with @code and a line that holds @contains. */
static void
assert_refused(const Bench *bench, HvError code, const char *contains)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_journal_open(bench->first, bench->second, &error));
    g_assert_error(error, HV_ERROR, (gint)code);
    g_assert_nonnull(strstr(error->message, contains));
    g_assert_nonnull(strstr(error->message, bench->first));
    g_assert_null(strchr(error->message, '\n'));
}

static void
test_unsafe(Bench *bench, gconstpointer data G_GNUC_UNUSED)
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
test_foreign(Bench *bench, gconstpointer data G_GNUC_UNUSED)
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
test_not_a_journal(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_test_tree_write(bench->tree, "lib/hvtune/journal.db",
                       "this is no database, but long enough to look at\n");
    g_assert_cmpint(g_chmod(bench->first, 0700), ==, 0);
    assert_refused(bench, HV_ERROR_MALFORMED, "move it away");
}

static void
run_sql(const Bench *bench, const char *sql)
{
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    sqlite3 *db = NULL;

    g_assert_cmpint(sqlite3_open(file, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
    g_assert_cmpint(g_chmod(file, 0600), ==, 0);
}

static void
test_newer_version(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_both(bench);

    add(journal, "k");
    run_sql(bench, "PRAGMA user_version = 7");
    assert_refused(bench, HV_ERROR_MALFORMED, "newer hvtune (version 7");
}

static void
test_foreign_database(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_test_tree_mkdir(bench->tree, "lib/hvtune");
    g_assert_cmpint(g_chmod(bench->first, 0700), ==, 0);
    run_sql(bench, "CREATE TABLE plans (x)");
    assert_refused(bench, HV_ERROR_MALFORMED, "no journal of hvtune");
}

/* Rows that no hvtune wrote are an error, not a crash. */
static void
test_wrong_rows(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const wrongs[] = {
        "UPDATE plans SET state = 'x'",      "UPDATE plans SET kind = ''",
        "UPDATE steps SET before = 'cpus'",  "UPDATE steps SET after = 'q 1'",
        "UPDATE steps SET found = 'mixed-'", "UPDATE steps SET undo = 'maybe'",
        "UPDATE steps SET class = 3",        "UPDATE steps SET before = 'cpus 9-1'",
    };

    for (guint i = 0; i < G_N_ELEMENTS(wrongs); i++) {
        g_autoptr(HvJournal) journal = open_both(bench);
        g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
        g_autoptr(GError) error = NULL;

        add(journal, "k");
        run_sql(bench, wrongs[i]);
        g_assert_null(hv_journal_read(journal, 0, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
        g_assert_cmpint(g_remove(file), ==, 0);
    }
}

static void
test_moved_away(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_both(bench);
    g_autoptr(HvJournal) other = NULL;
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    g_autofree char *away = g_strconcat(file, ".old", NULL);

    add(journal, "k");
    g_assert_cmpint(g_rename(file, away), ==, 0);
    g_assert_cmpuint(count(journal), ==, 0);
    add(journal, "k"); /* goes to a new file, not to the one that was moved */
    other = open_both(bench);
    g_assert_cmpuint(count(other), ==, 1);
}

static void
test_killed_writer_is_unsettled(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = NULL;
    g_autoptr(GPtrArray) plans = NULL;
    g_autoptr(HvPlan) plan = new_plan("k");
    const pid_t pid = fork();

    if (pid == 0) {
        begin(open_both(bench), plan);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    journal = open_both(bench);
    plans = hv_journal_unsettled(journal, NULL);
    g_assert_cmpuint(plans->len, ==, 1);
    begin(journal, plan); /* the dead hold no knob */
    g_ptr_array_unref(plans);
    plans = hv_journal_unsettled(journal, NULL);
    g_assert_cmpuint(plans->len, ==, 1); /* ours is alive */
}

static void
test_busy(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvJournal) journal = open_both(bench);
    g_autoptr(HvPlan) plan = new_plan("k");
    g_autofree char *file = g_build_filename(bench->first, "journal.db", NULL);
    g_autoptr(GError) error = NULL;
    sqlite3 *db = NULL;

    if (!g_test_slow()) {
        g_test_skip("waits two seconds: -m slow");
        return;
    }
    add(journal, "k");
    g_assert_cmpint(sqlite3_open(file, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
    g_assert_false(hv_journal_begin(journal, plan, 1, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
    g_assert_nonnull(strstr(error->message, "locked by another process for more than 2 s"));
    g_assert_false(g_file_test(bench->second,
                               G_FILE_TEST_EXISTS)); /* that one is for disks, not for locks */
    sqlite3_close(db);
}

#define ADD(name, test) g_test_add("/journal/" name, Bench, NULL, setup, test, teardown)

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
    ADD("falls-back-and-is-carried-over", test_fallback_and_back);
    ADD("falls-back-in-the-middle-of-a-plan", test_fallback_in_the_middle);
    ADD("gives-no-number-twice", test_same_number_twice);
    ADD("without-any-directory-gives-one-line", test_no_directory_at_all);
    ADD("with-a-state-directory-has-no-fallback", test_state_directory_has_no_fallback);
    ADD("on-a-full-disk-gives-one-line", test_full_disk);
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
