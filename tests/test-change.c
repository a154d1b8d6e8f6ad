/* The life of a change: wished, planned, journalled, written, read back, or taken back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "tests/fake-knobs.h"

#include <string.h>

static HvPlan *
make(const HvSessionParts *parts, GPtrArray *take_wishes, const HvActOptions *options,
     GError **error)
{
    g_autoptr(GPtrArray) wishes = take_wishes;

    return hv_plan_make(parts, wishes, options, error);
}

/* Plans @wishes, which must be refused with @code and a message that begins with @begin. */
static void
assert_refused(GPtrArray *take_wishes, gboolean persist, HvError code, const char *begin)
{
    const HvSessionParts parts = fake_parts(NULL);
    HvActOptions options = fake_options();
    g_autofree char *before = fake_digest();
    g_autofree char *after = NULL;
    g_autoptr(GError) error = NULL;

    options.persist = persist;
    g_assert_null(make(&parts, take_wishes, &options, &error));
    g_assert_error(error, HV_ERROR, (gint)code);
    g_assert_true(g_str_has_prefix(error->message, begin));
    g_assert_null(strstr(error->message, "s3cret"));
    after = fake_digest();
    g_assert_cmpstr(after, ==, before);
}

static void
test_plan_shows_all(void)
{
    const HvSessionParts parts = fake_parts(NULL);
    const HvActOptions options = fake_options();
    g_autoptr(HvPlan) plan = NULL;
    const HvStep *step;
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;

    fake_start();
    plan = make(&parts, fake_wishes("vm/web1/vcpu/0/cpus=1", NULL), &options, NULL);
    g_assert_cmpuint(hv_plan_n_steps(plan), ==, 1);
    step = hv_plan_step(plan, 0);
    before = hv_value_to_text(&step->before);
    after = hv_value_to_text(&step->after);
    g_assert_cmpstr(before, ==, "0-3");
    g_assert_cmpstr(after, ==, "1");
    g_assert_cmpstr(step->shell_line, ==, "pin web1 0 1");
    g_assert_cmpstr(step->risk, ==, "its memory stays");
    g_assert_cmpint(step->undo, ==, HV_UNDO_EXACT);
    g_assert_cmpstr(step->subject.guest_name, ==, "web1");
    g_assert_cmpstr(plan->title, ==, "set vm/web1/vcpu/0/cpus");
    g_assert_cmpuint(plan->id, ==, 0);
    fake_assert("vm/web1/vcpu/0/cpus", "0-3");
    fake_stop();
}

static void
test_globs_and_no_ops(void)
{
    const HvSessionParts parts = fake_parts(NULL);
    const HvActOptions options = fake_options();
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) none = NULL;
    g_autoptr(GError) error = NULL;

    fake_start();
    fake_set("vm/web2/vcpu/0/cpus", "2");
    plan = make(&parts, fake_wishes("vm/*/vcpu/*/cpus=2", "vm/web1/vcpu/0/cpus=2", NULL),
                &options, NULL);
    g_assert_cmpuint(hv_plan_n_steps(plan), ==, 3);
    g_assert_cmpuint(plan->notes->len, ==, 1);
    g_assert_cmpstr(plan->notes->pdata[0], ==, "vm/web2/vcpu/0/cpus is 2 already");
    none = make(&parts, fake_wishes("vm/web2/vcpu/0/cpus=2", NULL), &options, NULL);
    g_assert_cmpuint(hv_plan_n_steps(none), ==, 0);
    g_assert_null(
        make(&parts, fake_wishes("host/rat*=5", NULL), &options, &error)); /* only when named */
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    fake_stop();
}

static void
test_refusals(void)
{
    fake_start();
    assert_refused(fake_wishes("vm/db9/vcpu/0/cpus=1", NULL), FALSE, HV_ERROR_ABSENT,
                   "vm/db9: no such VM");
    assert_refused(fake_wishes("vm/web1/vcpu/9/cpus=1", NULL), FALSE, HV_ERROR_ABSENT,
                   "vm/web1/vcpu/9/cpus: ");
    assert_refused(fake_wishes("vm/web1/vcpu/0/cpus=", NULL), FALSE, HV_ERROR_MALFORMED,
                   "vm/web1/vcpu/0/cpus: ");
    assert_refused(fake_wishes("vm/web1/vcpu/0/cpus=9", NULL), FALSE, HV_ERROR_REFUSED,
                   "vm/web1/vcpu/0/cpus: no cpu 9");
    assert_refused(fake_wishes("vm/web1/vcpu/0/cpus=1", "vm/web1/vcpu/1/cpus=9", NULL), FALSE,
                   HV_ERROR_REFUSED, "vm/web1/vcpu/1/cpus: no cpu 9");
    assert_refused(fake_wishes("vm/web1/vcpu/0/cpus=1", "vm/*/vcpu/0/cpus=2", NULL), FALSE,
                   HV_ERROR_MALFORMED, "vm/web1/vcpu/0/cpus: ");
    assert_refused(fake_wishes("host/mode=auto", NULL), FALSE, HV_ERROR_MALFORMED,
                   "host/mode: ");
    assert_refused(fake_wishes("host/rate=101", NULL), FALSE, HV_ERROR_MALFORMED,
                   "host/rate: ");
    assert_refused(fake_wishes("host/nothing=1", NULL), FALSE, HV_ERROR_ABSENT,
                   "host/nothing: ");
    assert_refused(fake_wishes("vm/db*/vcpu/*/cpus=1", NULL), FALSE, HV_ERROR_ABSENT,
                   "vm/db*/vcpu/*/cpus: ");
    assert_refused(fake_wishes("vm/web1/vcpu/0/cpus=1", "vm/web1/vhost/cpus=1", NULL), TRUE,
                   HV_ERROR_REFUSED, "vm/web1/vhost/cpus: ");
    fake_stop();
}

static void
test_applied(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    const HvSessionParts parts = fake_parts(journal);
    HvActOptions options = fake_options();
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) entry = NULL;

    fake_start();
    options.persist = TRUE;
    plan = make(&parts, fake_wishes("vm/web1/vcpu/*/cpus=1", NULL), &options, NULL);
    g_assert_true(hv_plan_apply(&parts, plan, &options, &error));
    g_assert_no_error(error);
    fake_assert("vm/web1/vcpu/0/cpus", "1");
    fake_assert("vm/web1/vcpu/1/cpus", "1");
    fake_assert("persistent/web1", "<web1 secret='s3cret'>\n0=1\n1=1\n");
    entry = hv_journal_get(journal, plan->id, NULL);
    g_assert_cmpint(entry->state, ==, HV_PLAN_APPLIED);
    g_assert_cmpint(hv_plan_step(entry, 1)->state, ==, HV_OUTCOME_DONE);
    g_assert_cmpstr(hv_plan_step(entry, 1)->persist_before, ==,
                    "<web1 secret='s3cret'>\n0=1\n");
    g_assert_true(
        hv_value_equal(&hv_plan_step(entry, 0)->found, &hv_plan_step(plan, 0)->after));
    g_assert_cmpstr(entry->who, ==, "root on pts/3");
    g_assert_false(hv_plan_apply(&parts, plan, &options, NULL)); /* once */
    fake_stop();
}

/* Fails each write of a plan of four steps, in each way. */
static void
test_failure_at_every_write(gconstpointer data)
{
    const FakeFault fault = (FakeFault)GPOINTER_TO_INT(data);

    for (guint at = 1; at <= 8; at++) {
        g_autoptr(HvJournal) journal = hv_journal_new_memory();
        const HvSessionParts parts = fake_parts(journal);
        HvActOptions options = fake_options();
        g_autoptr(GError) error = NULL;
        g_autofree char *before = NULL;
        g_autofree char *after = NULL;
        g_autoptr(HvPlan) plan = NULL;

        fake_start();
        before = fake_digest();
        options.persist = TRUE;
        plan = make(&parts, fake_wishes("vm/*/vcpu/*/cpus=1", NULL), &options, NULL);
        fake_fault(fault, at);
        g_assert_false(hv_plan_apply(&parts, plan, &options, &error));
        g_assert_nonnull(error);
        g_assert_true(g_str_has_prefix(error->message, "vm/web"));
        g_assert_null(strstr(error->message, "s3cret"));
        g_assert_cmpint(plan->state, ==, HV_PLAN_REFUSED);
        after = fake_digest();
        g_assert_cmpstr(after, ==, before);
        for (guint i = 0; i < 4; i++) {
            const HvOutcomeState state = hv_plan_step(plan, i)->state;

            g_assert_true(i < (at - 1) / 2 ? state == HV_OUTCOME_TAKEN_BACK
                          : i > (at - 1) / 2
                              ? state == HV_OUTCOME_SKIPPED
                              : state == HV_OUTCOME_FAILED || state == HV_OUTCOME_DIFFERS);
        }
        fake_stop();
    }
}

/* The kernel makes something else of each write in turn. */
static void
test_mangled_at_every_write(void)
{
    for (guint at = 1; at <= 4; at++) {
        g_autoptr(HvJournal) journal = hv_journal_new_memory();
        const HvSessionParts parts = fake_parts(journal);
        const HvActOptions options = fake_options();
        g_autoptr(GError) error = NULL;
        g_autofree char *before = NULL;
        g_autofree char *after = NULL;
        g_autoptr(HvPlan) plan = NULL;

        fake_start();
        before = fake_digest();
        plan = make(&parts, fake_wishes("vm/*/vcpu/*/cpus=1", NULL), &options, NULL);
        fake_fault(FAKE_MANGLES, at);
        g_assert_false(hv_plan_apply(&parts, plan, &options, &error));
        g_assert_nonnull(strstr(error->message, "the kernel made 7 of it"));
        g_assert_cmpint(hv_plan_step(plan, at - 1)->state, ==, HV_OUTCOME_DIFFERS);
        g_assert_cmpint(plan->state, ==, HV_PLAN_REFUSED);
        after = fake_digest();
        g_assert_cmpstr(after, ==, before);
        fake_stop();
    }
}

/* Neither forth nor back: the journal says what stands, and it can be undone when the kernel is
 * willing again. */
static void
test_taking_back_fails(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    const HvSessionParts parts = fake_parts(journal);
    const HvActOptions options = fake_options();
    g_autoptr(GError) error = NULL;
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) undo = NULL;

    fake_start();
    before = fake_digest();
    plan = make(&parts, fake_wishes("vm/*/vcpu/*/cpus=1", NULL), &options, NULL);
    fake_fault(FAKE_BREAKS, 3);
    g_assert_false(hv_plan_apply(&parts, plan, &options, &error));
    g_assert_cmpint(plan->state, ==, HV_PLAN_PARTLY);
    g_assert_cmpint(hv_plan_step(plan, 0)->state, ==, HV_OUTCOME_DONE);
    g_assert_nonnull(strstr(hv_plan_step(plan, 0)->error, "not taken back"));
    g_assert_cmpint(hv_plan_step(plan, 2)->state, ==, HV_OUTCOME_FAILED);
    fake_fault(FAKE_BREAKS, 0);
    undo = hv_plan_make_undo(&parts, 0, &options, NULL);
    g_assert_cmpuint(hv_plan_n_steps(undo), ==, 2);
    g_assert_true(hv_plan_apply(&parts, undo, &options, NULL));
    after = fake_digest();
    g_assert_cmpstr(after, ==, before);
    fake_stop();
}

/* A write that failed half-way is not "as before": an undo must find it. */
static void
test_failed_write_that_left_something(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    const HvSessionParts parts = fake_parts(journal);
    const HvActOptions options = fake_options();
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) undo = NULL;

    fake_start();
    plan = make(&parts, fake_wishes("vm/web1/vhost/cpus=1", NULL), &options, NULL);
    fake_fault(FAKE_SPOILS, 1);
    g_assert_false(hv_plan_apply(&parts, plan, &options, NULL));
    g_assert_cmpint(plan->state, ==, HV_PLAN_PARTLY);
    g_assert_cmpint(hv_plan_step(plan, 0)->state, ==, HV_OUTCOME_DIFFERS);
    fake_fault(FAKE_REFUSES, 0);
    undo = hv_plan_make_undo(&parts, plan->id, &options, NULL);
    g_assert_nonnull(undo);
    g_assert_true(hv_plan_apply(&parts, undo, &options, NULL));
    fake_assert("vm/web1/vhost/cpus", "0-3");
    fake_stop();
}

/* Nobody knows whether a step that was put back without an answer still stands. */
static void
test_put_back_without_an_answer(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    const HvSessionParts parts = fake_parts(journal);
    const HvActOptions options = fake_options();
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) settled = NULL;

    fake_start();
    plan = make(&parts, fake_wishes("vm/web1/vcpu/*/cpus=1", NULL), &options, NULL);
    fake_fault(FAKE_FALLS_DUMB, 2);
    g_assert_false(hv_plan_apply(&parts, plan, &options, NULL));
    g_assert_cmpint(plan->state, ==, HV_PLAN_UNKNOWN);
    g_assert_cmpint(hv_plan_step(plan, 0)->state, ==, HV_OUTCOME_UNKNOWN);
    fake_fault(FAKE_REFUSES, 0);
    fake_set("vm/web1/vcpu/0/cpus", "0-3"); /* it was put back after all */
    g_assert_cmpint(hv_plan_settle(&parts, &options, NULL), ==, 1);
    settled = hv_journal_get(journal, plan->id, NULL);
    g_assert_cmpint(settled->state, ==, HV_PLAN_REFUSED);
    fake_stop();
}

static void
test_late_answer_is_done(void)
{
    for (guint at = 1; at <= 4; at++) {
        g_autoptr(HvJournal) journal = hv_journal_new_memory();
        const HvSessionParts parts = fake_parts(journal);
        HvActOptions options = fake_options();
        g_autoptr(GError) error = NULL;
        g_autoptr(HvPlan) plan = NULL;

        fake_start();
        options.persist = TRUE;
        plan = make(&parts, fake_wishes("vm/web1/vcpu/*/cpus=1", NULL), &options, NULL);
        fake_fault(FAKE_LATE, at);
        g_assert_true(hv_plan_apply(&parts, plan, &options, &error));
        g_assert_no_error(error);
        g_assert_cmpint(plan->state, ==, HV_PLAN_APPLIED);
        fake_stop();
    }
}

static void
test_no_answer_is_unknown(void)
{
    for (guint at = 1; at <= 4; at++) {
        g_autoptr(HvJournal) journal = hv_journal_new_memory();
        const HvSessionParts parts = fake_parts(journal);
        HvActOptions options = fake_options();
        g_autoptr(GError) error = NULL;
        g_autoptr(HvPlan) plan = NULL;

        fake_start();
        options.persist = TRUE;
        plan = make(&parts, fake_wishes("vm/web1/vcpu/*/cpus=1", NULL), &options, NULL);
        fake_fault(FAKE_LOSES, at);
        g_assert_false(hv_plan_apply(&parts, plan, &options, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
        g_assert_cmpint(plan->state, ==, HV_PLAN_UNKNOWN);
        g_assert_cmpint(hv_plan_step(plan, (at - 1) / 2)->state, ==, HV_OUTCOME_UNKNOWN);
        fake_stop();
    }
}

static void
test_conflict_between_plan_and_apply(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    const HvSessionParts parts = fake_parts(journal);
    HvActOptions options = fake_options();
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) forced = NULL;

    fake_start();
    plan = make(&parts, fake_wishes("vm/web1/vcpu/0/cpus=1", "vm/web1/vcpu/1/cpus=1", NULL),
                &options, NULL);
    forced = hv_plan_copy(plan);
    fake_set("vm/web1/vcpu/1/cpus", "3");
    g_assert_false(hv_plan_apply(&parts, plan, &options, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
    fake_assert("vm/web1/vcpu/0/cpus", "0-3");
    fake_assert("vm/web1/vcpu/1/cpus", "3"); /* somebody else's value is left alone */
    options.force = TRUE;
    g_assert_true(hv_plan_apply(&parts, forced, &options, NULL));
    fake_assert("vm/web1/vcpu/1/cpus", "1");
    options.force = FALSE;
    {
        g_autoptr(HvPlan) undo = hv_plan_make_undo(&parts, 0, &options, NULL);

        g_assert_true(hv_plan_apply(&parts, undo, &options, NULL));
        fake_assert("vm/web1/vcpu/1/cpus", "3"); /* what was there before the forced write */
    }
    fake_stop();
}

static void
test_guest_started_anew_before_apply(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    const HvSessionParts parts = fake_parts(journal);
    const HvActOptions options = fake_options();
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = NULL;

    fake_start();
    plan = make(&parts, fake_wishes("vm/web1/vcpu/0/cpus=1", NULL), &options, NULL);
    fake.start_ticks++;
    g_assert_false(hv_plan_apply(&parts, plan, &options, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
    fake_assert("vm/web1/vcpu/0/cpus", "0-3");
    fake_stop();
}

static gboolean
stop_second(gpointer data)
{
    guint *asked = data;

    return ++*asked > 2;
}

static void
test_stop(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    const HvSessionParts parts = fake_parts(journal);
    HvActOptions options = fake_options();
    guint asked = 0;
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) undo = NULL;

    fake_start();
    before = fake_digest();
    options.stop = stop_second;
    options.data = &asked;
    plan = make(&parts, fake_wishes("vm/*/vcpu/*/cpus=1", NULL), &options, NULL);
    g_assert_false(hv_plan_apply(&parts, plan, &options, &error));
    g_assert_cmpint(plan->state, ==, HV_PLAN_PARTLY);
    g_assert_cmpint(hv_plan_step(plan, 1)->state, ==, HV_OUTCOME_DONE);
    g_assert_cmpint(hv_plan_step(plan, 2)->state, ==, HV_OUTCOME_SKIPPED);
    g_assert_nonnull(
        strstr(error->message, "hvtune undo 1 takes back the 2 steps that were made"));
    options.stop = NULL;
    undo = hv_plan_make_undo(&parts, plan->id, &options, NULL);
    g_assert_cmpuint(hv_plan_n_steps(undo), ==, 2);
    g_assert_true(hv_plan_apply(&parts, undo, &options, NULL));
    after = fake_digest();
    g_assert_cmpstr(after, ==, before);
    fake_stop();
}

static void
test_read_only(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    HvSessionParts parts = fake_parts(journal);
    const HvActOptions options = fake_options();
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(GPtrArray) entries = NULL;

    fake_start();
    parts.read_only_why = "a captured tree";
    plan = make(&parts, fake_wishes("vm/web1/vcpu/0/cpus=1", NULL), &options, NULL);
    g_assert_false(hv_plan_apply(&parts, plan, &options, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_DENIED);
    fake_assert("vm/web1/vcpu/0/cpus", "0-3");
    entries = hv_journal_read(journal, 0, NULL);
    g_assert_cmpuint(entries->len, ==, 0);
    fake_stop();
}

static void
test_threads_that_differ(void)
{
    g_autoptr(HvJournal) journal = hv_journal_new_memory();
    const HvSessionParts parts = fake_parts(journal);
    const HvActOptions options = fake_options();
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) undo = NULL;

    fake_start();
    fake_set("vm/web1/vhost/cpus", "0-2!");
    plan = make(&parts, fake_wishes("vm/web1/vhost/cpus=0-2", NULL), &options, NULL);
    g_assert_cmpuint(hv_plan_n_steps(plan), ==, 1); /* the same union, but not the same */
    g_assert_cmpint(hv_plan_undo_of(plan), ==, HV_UNDO_NEAR);
    g_assert_true(hv_plan_apply(&parts, plan, &options, NULL));
    undo = hv_plan_make_undo(&parts, 0, &options, &error);
    g_assert_no_error(error);
    g_assert_true(hv_plan_apply(&parts, undo, &options, &error));
    fake_assert("vm/web1/vhost/cpus", "0-2");
    fake_stop();
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/change/a-plan-shows-before-after-line-risk-and-writes-nothing",
                    test_plan_shows_all);
    g_test_add_func("/change/globs-expand-and-no-ops-become-notes", test_globs_and_no_ops);
    g_test_add_func("/change/one-bad-wish-refuses-all-with-one-line", test_refusals);
    g_test_add_func("/change/applied-steps-are-written-read-back-and-journalled", test_applied);
    g_test_add_data_func("/change/a-refused-write-takes-all-back",
                         GINT_TO_POINTER(FAKE_REFUSES), test_failure_at_every_write);
    g_test_add_func("/change/what-the-kernel-makes-otherwise-takes-all-back",
                    test_mangled_at_every_write);
    g_test_add_func("/change/what-cannot-be-taken-back-is-said-and-undone-later",
                    test_taking_back_fails);
    g_test_add_func("/change/a-failed-write-that-left-something-can-be-undone",
                    test_failed_write_that_left_something);
    g_test_add_func("/change/a-step-put-back-without-an-answer-is-unknown-until-settled",
                    test_put_back_without_an_answer);
    g_test_add_func("/change/an-answer-that-was-lost-is-done-when-the-host-says-so",
                    test_late_answer_is_done);
    g_test_add_func("/change/no-answer-and-nothing-written-is-unknown",
                    test_no_answer_is_unknown);
    g_test_add_func("/change/somebody-elses-change-meanwhile-is-a-conflict",
                    test_conflict_between_plan_and_apply);
    g_test_add_func("/change/a-guest-started-anew-meanwhile-is-a-conflict",
                    test_guest_started_anew_before_apply);
    g_test_add_func("/change/stopped-it-says-how-to-go-on", test_stop);
    g_test_add_func("/change/read-only-nothing-is-written-nor-journalled", test_read_only);
    g_test_add_func("/change/threads-that-differ-go-back-to-their-union",
                    test_threads_that_differ);
    return g_test_run();
}
