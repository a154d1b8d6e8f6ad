/* hvtune killed at every point of a change: a fresh process finds out, undo is right. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "tests/fake-knobs.h"
#include "tests/journal-bench.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the child is killed. */
typedef enum { BEFORE_WRITE, AFTER_WRITE, AFTER_JOURNAL, NOWHERE } Point;
/* What it was doing. */
typedef enum { DOING_SET, DOING_FAILING_SET, DOING_UNDO } Doing;

typedef struct {
    HvTestTree *tree;
    HvJournal *journal; /* NULL in between: each process opens its own */
    HvSessionParts parts;
    HvActOptions options;
} Bench;

static guint n_progress;
static guint die_at_progress;

static void
count_progress(const HvPlan *plan G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
    if (++n_progress == die_at_progress)
        _exit(9);
}

static void
open_journal(Bench *bench)
{
    g_autofree char *directory = g_build_filename(bench->tree->path, "state", NULL);
    g_autoptr(GError) error = NULL;

    bench->journal = hv_journal_open_patient(directory, NULL, JOURNAL_PATIENCE_MS, &error);
    g_assert_no_error(error);
    bench->parts = fake_parts(bench->journal);
    bench->options = fake_options();
}

static void
close_journal(Bench *bench)
{
    g_clear_pointer(&bench->journal, hv_journal_free);
}

static void
bench_start(Bench *bench)
{
    fake_start();
    *bench = (Bench){ .tree = hv_test_tree_new() };
}

static void
bench_stop(Bench *bench)
{
    close_journal(bench);
    hv_test_tree_free(bench->tree);
    fake_stop();
}

static HvPlan *
plan_for(Bench *bench, Doing doing)
{
    g_autoptr(GPtrArray) wishes = fake_wishes("vm/web*/vcpu/*/cpus=1", NULL);

    bench->options.persist = TRUE;
    return doing == DOING_UNDO ? hv_plan_make_undo(&bench->parts, 0, &bench->options, NULL)
                               : hv_plan_make(&bench->parts, wishes, &bench->options, NULL);
}

/* Runs in a child, which never comes back. */
static void
act_and_die(Bench *bench, Doing doing, Point point, guint at)
{
    g_autoptr(HvPlan) plan = NULL;

    open_journal(bench);
    plan = plan_for(bench, doing);
    if (!plan)
        _exit(1);
    n_progress = 0;
    die_at_progress = point == AFTER_JOURNAL ? at : 0;
    bench->options.progress = count_progress;
    if (point == BEFORE_WRITE || point == AFTER_WRITE)
        fake_fault(point == BEFORE_WRITE ? FAKE_DIES : FAKE_DIES_LATE, at);
    else if (doing == DOING_FAILING_SET)
        fake_fault(FAKE_REFUSES, 6);
    hv_plan_apply(&bench->parts, plan, &bench->options, NULL);
    _exit(0);
}

/* TRUE when it was killed before its end. */
static gboolean
run_child(Bench *bench, Doing doing, Point point, guint at)
{
    const pid_t pid = fork();
    int status;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0)
        act_and_die(bench, doing, point, at);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status));
    g_assert_true(WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0);
    return WEXITSTATUS(status) == 9;
}

/* What the journal says of each step must be what the host holds. */
static void
assert_true_to_host(const HvPlan *plan)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);
        g_autofree char *wanted =
            hv_value_to_text(step->state == HV_OUTCOME_DONE ? &step->after : &step->before);

        g_assert_cmpint(step->state, !=, HV_OUTCOME_BEGUN);
        g_assert_cmpint(step->state, !=, HV_OUTCOME_UNKNOWN);
        fake_assert(step->knob, wanted);
    }
}

static void
undo_what_stands(Bench *bench)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) undo = hv_plan_make_undo(&bench->parts, 0, &bench->options, &error);

    if (!undo) {
        g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
        return;
    }
    g_assert_true(hv_plan_apply(&bench->parts, undo, &bench->options, &error));
    g_assert_no_error(error);
}

/* A fresh process settles, then undoes: the host must be what it was. */
static void
settle_and_undo(Bench *bench, const char *original)
{
    g_autoptr(GPtrArray) open = NULL;
    g_autoptr(GPtrArray) plans = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *after = NULL;

    open_journal(bench);
    g_assert_cmpint(hv_plan_settle(&bench->parts, &bench->options, &error), >=, 0);
    g_assert_no_error(error);
    open = hv_journal_unsettled(bench->journal, NULL);
    g_assert_cmpuint(open->len, ==, 0);
    plans = hv_journal_read(bench->journal, 1, NULL);
    if (plans->len > 0)
        assert_true_to_host(plans->pdata[0]);
    undo_what_stands(bench);
    after = fake_digest();
    g_assert_cmpstr(after, ==, original);
    close_journal(bench);
}

typedef struct {
    Doing doing;
    Point point;
} Case;

static const Case cases[] = {
    { DOING_SET, BEFORE_WRITE },   { DOING_SET, AFTER_WRITE },
    { DOING_SET, AFTER_JOURNAL },  { DOING_FAILING_SET, AFTER_JOURNAL },
    { DOING_UNDO, BEFORE_WRITE },  { DOING_UNDO, AFTER_WRITE },
    { DOING_UNDO, AFTER_JOURNAL },
};

static void
test_killed_everywhere(gconstpointer data)
{
    const Case *each = data;
    gboolean killed = TRUE;
    guint at;

    for (at = 1; killed; at++) {
        Bench bench;
        g_autofree char *original = NULL;

        bench_start(&bench);
        original = fake_digest();
        if (each->doing == DOING_UNDO)
            g_assert_false(run_child(&bench, DOING_SET, NOWHERE, 0));
        killed = run_child(&bench, each->doing, each->point, at);
        settle_and_undo(&bench, original);
        bench_stop(&bench);
    }
    g_assert_cmpuint(at, >, 8); /* it was killed at eight points at least */
}

static void
test_other_boot(void)
{
    Bench bench;
    g_autoptr(GPtrArray) plans = NULL;
    const HvPlan *plan;

    bench_start(&bench);
    g_assert_true(
        run_child(&bench, DOING_SET, AFTER_WRITE, 3)); /* the live part of the second step */
    open_journal(&bench);
    bench.options.boot_id = "c";
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==, 1);
    plans = hv_journal_read(bench.journal, 1, NULL);
    plan = plans->pdata[0];
    g_assert_cmpint(plan->state, ==, HV_PLAN_PARTLY);
    g_assert_cmpint(hv_plan_step(plan, 0)->state, ==, HV_OUTCOME_DONE);
    g_assert_cmpint(hv_plan_step(plan, 1)->state, ==, HV_OUTCOME_SKIPPED);
    g_assert_nonnull(strstr(hv_plan_step(plan, 1)->error, "started anew"));
    bench_stop(&bench);
}

static void
test_somebody_else_was_quicker(void)
{
    Bench bench;
    g_autoptr(GPtrArray) plans = NULL;
    const HvPlan *plan;

    bench_start(&bench);
    g_assert_true(run_child(&bench, DOING_SET, AFTER_WRITE, 1));
    fake_set("vm/web1/vcpu/0/cpus", "2");
    open_journal(&bench);
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==, 1);
    plans = hv_journal_read(bench.journal, 1, NULL);
    plan = plans->pdata[0];
    g_assert_cmpint(plan->state, ==, HV_PLAN_PARTLY);
    g_assert_cmpint(hv_plan_step(plan, 0)->state, ==, HV_OUTCOME_DIFFERS);
    bench_stop(&bench);
}

static void
test_unreadable_stays_unknown(void)
{
    Bench bench;
    g_autoptr(GPtrArray) plans = NULL;

    bench_start(&bench);
    g_assert_true(run_child(&bench, DOING_SET, AFTER_WRITE, 1));
    fake_set("vm/web1/vcpu/0/cpus", "garbage");
    open_journal(&bench);
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==, 0);
    fake_set("vm/web1/vcpu/0/cpus", "1");
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==,
                    1); /* later it can */
    plans = hv_journal_read(bench.journal, 1, NULL);
    g_assert_cmpint(((HvPlan *)plans->pdata[0])->state, ==, HV_PLAN_PARTLY);
    bench_stop(&bench);
}

/* The call of the killed one hangs in the daemon: "as before" is no answer yet. */
static void
test_late_write(void)
{
    Bench bench;
    g_autoptr(GPtrArray) plans = NULL;

    bench_start(&bench);
    g_assert_true(run_child(&bench, DOING_SET, BEFORE_WRITE, 1));
    open_journal(&bench);
    fake.busy = TRUE;
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==, 0);
    plans = hv_journal_unsettled(bench.journal, NULL);
    g_assert_cmpuint(plans->len, ==, 1);
    fake_set("vm/web1/vcpu/0/cpus", "1"); /* now it is made */
    fake.busy = FALSE;
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==, 1);
    g_ptr_array_unref(plans);
    plans = hv_journal_read(bench.journal, 1, NULL);
    g_assert_cmpint(hv_plan_step(plans->pdata[0], 0)->state, ==, HV_OUTCOME_DONE);
    bench_stop(&bench);
}

/* Killed between the live write and the persistent one; then somebody edits the definition. */
static void
test_definition_of_somebody_else(void)
{
    Bench bench;
    g_autoptr(GPtrArray) plans = NULL;
    g_autoptr(HvPlan) undo = NULL;

    bench_start(&bench);
    g_assert_true(run_child(&bench, DOING_SET, AFTER_WRITE, 1));
    fake_set("persistent/web1", "<web1 edited/>\n");
    open_journal(&bench);
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==, 1);
    plans = hv_journal_read(bench.journal, 1, NULL);
    g_assert_cmpint(((HvPlan *)plans->pdata[0])->state, ==, HV_PLAN_PARTLY);
    g_assert_false(hv_plan_step(plans->pdata[0], 0)->persist);
    undo = hv_plan_make_undo(&bench.parts, 0, &bench.options, NULL);
    g_assert_true(hv_plan_apply(&bench.parts, undo, &bench.options, NULL));
    fake_assert("vm/web1/vcpu/0/cpus", "0-3");
    fake_assert("persistent/web1", "<web1 edited/>\n"); /* it is not ours */
    bench_stop(&bench);
}

static void
wait_to_be_killed(const HvPlan *plan G_GNUC_UNUSED, gpointer data)
{
    const int *wake = data;

    if (write(*wake, "x", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

/* A plan that another live process is applying is not settled, and refuses others on its knobs
 * by name. */
static void
test_live_writer_is_left_alone(void)
{
    Bench bench;
    int ready[2];
    char byte;
    pid_t pid;
    g_autoptr(GPtrArray) wishes = fake_wishes("vm/web1/vcpu/0/cpus=2", NULL);
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) again = NULL;
    g_autoptr(GError) error = NULL;

    bench_start(&bench);
    g_assert_cmpint(pipe(ready), ==, 0);
    pid = fork();
    if (pid == 0) {
        open_journal(&bench);
        plan = plan_for(&bench, DOING_SET);
        bench.options.progress = wait_to_be_killed;
        bench.options.data = &ready[1];
        hv_plan_apply(&bench.parts, plan, &bench.options, NULL);
        _exit(0);
    }
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    open_journal(&bench);
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==, 0);
    plan = hv_plan_make(&bench.parts, wishes, &bench.options, NULL);
    again = hv_plan_copy(plan);
    g_assert_false(hv_plan_apply(&bench.parts, plan, &bench.options, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "entry 1"));
    g_assert_nonnull(strstr(error->message, "root on pts/3"));
    fake_assert("vm/web1/vcpu/0/cpus", "0-3");
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    g_assert_cmpint(hv_plan_settle(&bench.parts, &bench.options, NULL), ==, 1);
    g_assert_true(hv_plan_apply(&bench.parts, again, &bench.options, NULL));
    close(ready[0]);
    close(ready[1]);
    bench_stop(&bench);
}

int
main(int argc, char **argv)
{
    static const char *const doings[] = { "set", "failing-set", "undo" };
    static const char *const points[] = { "before-a-write", "after-a-write",
                                          "after-a-journal-entry" };

    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strdup_printf("/settle/a-%s-killed-%s-is-found-out",
                                                doings[cases[i].doing], points[cases[i].point]);

        g_test_add_data_func(name, &cases[i], test_killed_everywhere);
    }
    g_test_add_func("/settle/after-a-boot-what-was-live-is-gone", test_other_boot);
    g_test_add_func("/settle/a-value-of-somebody-else-is-named",
                    test_somebody_else_was_quicker);
    g_test_add_func("/settle/as-before-is-no-answer-while-a-write-may-come", test_late_write);
    g_test_add_func("/settle/a-definition-of-somebody-else-is-not-ours",
                    test_definition_of_somebody_else);
    g_test_add_func("/settle/what-cannot-be-read-stays-unknown-until-it-can",
                    test_unreadable_stays_unknown);
    g_test_add_func("/settle/a-live-writer-is-left-alone-and-refuses-others",
                    test_live_writer_is_left_alone);
    return g_test_run();
}
