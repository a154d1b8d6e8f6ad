/* Confirm or revert, and what others do to knobs meanwhile: by a clock that only the test
 * moves. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "session/contested.h"
#include "session/guard.h"
#include "tests/fake-knobs.h"

#include <string.h>

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define KNOB "vm/web1/vcpu/0/cpus"

typedef struct {
    HvJournal *journal;
    HvSessionParts parts;
    HvActOptions options;
} Bench;

static void
setup(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    fake_start();
    bench->journal = hv_journal_new_memory();
    bench->parts = fake_parts(bench->journal);
    bench->parts.machine_id = "m";
    bench->parts.boot_id = "b";
    bench->options = fake_options();
}

static void
teardown(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_journal_free(bench->journal);
    fake_stop();
}

static HvPlan *
make(const Bench *bench, GPtrArray *take_wishes)
{
    g_autoptr(GPtrArray) wishes = take_wishes;
    HvPlan *plan = hv_plan_make(&bench->parts, wishes, &bench->options, NULL);

    g_assert_nonnull(plan);
    return plan;
}

static guint64
apply(const Bench *bench, GPtrArray *take_wishes, guint confirm_s)
{
    g_autoptr(HvPlan) plan = make(bench, take_wishes);
    HvActOptions options = bench->options;

    options.confirm_s = confirm_s;
    g_assert_true(hv_plan_apply(&bench->parts, plan, &options, NULL));
    return plan->id;
}

static char *
wait_s(const Bench *bench, guint s)
{
    fake.now_ns += s * NS_PER_S;
    return hv_guard_check(&bench->parts, &bench->options);
}

static void
assert_confirm(const Bench *bench, guint64 id, HvConfirm wanted)
{
    g_autoptr(HvPlan) plan = hv_journal_get(bench->journal, id, NULL);

    g_assert_cmpint(plan->confirm, ==, wanted);
}

static void
test_reverts_at_its_deadline(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 id = apply(bench, fake_wishes(KNOB "=1", NULL), 5);
    g_autofree char *early = wait_s(bench, 4);
    g_autofree char *late = NULL;

    g_assert_null(early);
    fake_assert(KNOB, "1");
    late = wait_s(bench, 2);
    g_assert_cmpstr(late, ==, "plan 1 was not confirmed in time: taken back by plan 2");
    fake_assert(KNOB, "0-3");
    assert_confirm(bench, id, HV_CONFIRM_REVERTED);
}

static void
test_confirmed_stays(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    guint64 id = 0;
    g_autofree char *said = NULL;
    g_autoptr(GError) error = NULL;

    apply(bench, fake_wishes(KNOB "=1", NULL), 5);
    g_assert_true(hv_guard_confirm(&bench->parts, &bench->options, &id, NULL));
    g_assert_cmpuint(id, ==, 1);
    said = wait_s(bench, 60);
    g_assert_null(said);
    fake_assert(KNOB, "1");
    g_assert_false(hv_guard_confirm(&bench->parts, &bench->options, &id, &error));
    g_assert_cmpstr(error->message, ==, "plan 1 cannot be confirmed: it was confirmed already");
}

static void
test_too_late(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    guint64 id = apply(bench, fake_wishes(KNOB "=1", NULL), 5);
    g_autoptr(GError) error = NULL;

    fake.now_ns += 6 * NS_PER_S;
    g_assert_false(hv_guard_confirm(&bench->parts, &bench->options, &id, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
}

static void
test_one_way_is_refused(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvPlan) plan = make(bench, fake_wishes(KNOB "=1", NULL));
    g_autoptr(GError) error = NULL;
    HvActOptions options = bench->options;

    options.confirm_s = 5;
    hv_plan_step(plan, 0)->step_class = HV_STEP_ONE_WAY;
    g_assert_false(hv_plan_apply(&bench->parts, plan, &options, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_nonnull(strstr(error->message, KNOB ": cannot be taken back by a timer"));
    fake_assert(KNOB, "0-3");
}

static void
test_a_failed_plan_waits_for_nothing(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvPlan) plan = make(bench, fake_wishes(KNOB "=1", "vm/web1/vcpu/1/cpus=2", NULL));
    HvActOptions options = bench->options;

    options.confirm_s = 5;
    fake_fault(FAKE_REFUSES, 2);
    g_assert_false(hv_plan_apply(&bench->parts, plan, &options, NULL));
    assert_confirm(bench, plan->id, HV_CONFIRM_NONE);
}

/* What is still ours goes back all the same. */
static void
test_foreign_changes_stay(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 id = apply(bench, fake_wishes(KNOB "=1", "vm/web1/vcpu/1/cpus=2", NULL), 5);
    g_autofree char *said = NULL;

    fake_set(KNOB, "3");
    said = wait_s(bench, 6);
    g_assert_nonnull(strstr(said, "somebody else changed it since"));
    fake_assert(KNOB, "3");
    fake_assert("vm/web1/vcpu/1/cpus", "0-3");
    assert_confirm(bench, id, HV_CONFIRM_REVERTED);
}

static void
test_vm_gone(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 id = apply(bench, fake_wishes(KNOB "=1", NULL), 5);
    g_autofree char *said = NULL;
    g_autoptr(HvPlan) plan = NULL;

    fake.no_guests = TRUE;
    said = wait_s(bench, 6);
    plan = hv_journal_get(bench->journal, id, NULL);
    g_assert_cmpint(plan->confirm, ==, HV_CONFIRM_KEPT);
    g_assert_nonnull(strstr(plan->summary, "not taken back: "));
    g_assert_nonnull(strstr(plan->summary, "no longer runs"));
}

/* ---- slow steps ---- */

static double stayed;

static gboolean
read_stayed(HvHost *host G_GNUC_UNUSED, const HvKnob *knob G_GNUC_UNUSED,
            const HvValue *before G_GNUC_UNUSED, double *ratio, GError **error G_GNUC_UNUSED)
{
    *ratio = stayed;
    return TRUE;
}

static char *
expire_slow(Bench *bench, double ratio)
{
    HvTuner slow = *fake_tuners[0];
    const HvTuner *const tuners[] = { &slow, NULL };
    g_autoptr(HvPlan) plan = NULL;
    HvActOptions options = bench->options;

    slow.still_there = read_stayed;
    stayed = ratio;
    bench->parts.tuners = tuners;
    plan = make(bench, fake_wishes(KNOB "=1", "vm/web1/vcpu/1/cpus=2", NULL));
    hv_plan_step(plan, 1)->step_class = HV_STEP_SLOW;
    options.confirm_s = 5;
    g_assert_true(hv_plan_apply(&bench->parts, plan, &options, NULL));
    return wait_s(bench, 6);
}

static void
test_moved_pages_keep_vcpus(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *said = expire_slow(bench, 0.2);

    g_assert_nonnull(strstr(said, "only 20 % of the pages are where they were"));
    fake_assert(KNOB, "1");
    fake_assert("vm/web1/vcpu/1/cpus", "2");
    assert_confirm(bench, 1, HV_CONFIRM_KEPT);
}

static void
test_pages_that_stayed_let_vcpus_back(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *said = expire_slow(bench, 0.8);

    g_assert_nonnull(strstr(said, "taken back by plan 2"));
    fake_assert(KNOB, "0-3");
    fake_assert("vm/web1/vcpu/1/cpus", "2"); /* where they are */
    assert_confirm(bench, 1, HV_CONFIRM_REVERTED);
}

/* ---- guards apart ---- */

static gboolean
refuse_start(gpointer data G_GNUC_UNUSED, const HvPlan *plan G_GNUC_UNUSED,
             char **remark G_GNUC_UNUSED, GError **error)
{
    g_set_error_literal(error, HV_ERROR, HV_ERROR_FAILED, "no more processes");
    return FALSE;
}

static gboolean
start_and_arm(gpointer data, const HvPlan *plan, char **remark G_GNUC_UNUSED, GError **error)
{
    fake_assert(KNOB, "0-3"); /* before the first write */
    return hv_journal_take_guard(data, plan->id, error);
}

static void
test_without_a_guard_nothing_is_written(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const HvGuardian guardian = { NULL, refuse_start };
    g_autoptr(HvPlan) plan = make(bench, fake_wishes(KNOB "=1", NULL));
    g_autoptr(GError) error = NULL;
    HvActOptions options = bench->options;

    options.confirm_s = 5;
    bench->parts.guardian = &guardian;
    g_assert_false(hv_plan_apply(&bench->parts, plan, &options, &error));
    g_assert_cmpstr(error->message, ==, "nothing was changed: no guard: no more processes");
    fake_assert(KNOB, "0-3");
    assert_confirm(bench, plan->id, HV_CONFIRM_NONE);
}

static void
test_armed_before_the_first_write(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const HvGuardian guardian = { bench->journal, start_and_arm };
    g_autoptr(GPtrArray) orphans = NULL;

    bench->parts.guardian = &guardian;
    apply(bench, fake_wishes(KNOB "=1", NULL), 5);
    fake_assert(KNOB, "1");
    orphans = hv_guard_orphans(&bench->parts, &bench->options);
    g_assert_cmpuint(orphans->len, ==, 0);
}

static void
test_restarted_host(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const HvGuardian guardian = { bench->journal, start_and_arm };
    HvActOptions options = bench->options;
    g_autoptr(GPtrArray) orphans = NULL;
    g_autoptr(GPtrArray) again = NULL;

    bench->parts.guardian = &guardian;
    apply(bench, fake_wishes(KNOB "=1", NULL), 5);
    options.boot_id = "another";
    orphans = hv_guard_orphans(&bench->parts, &options);
    g_assert_cmpuint(orphans->len, ==, 1);
    g_assert_nonnull(strstr(orphans->pdata[0], "nothing of it stands"));
    again = hv_guard_orphans(&bench->parts, &options);
    g_assert_cmpuint(again->len, ==, 0);
}

static void
test_persistent_parts_outlive_a_restart(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const HvGuardian guardian = { bench->journal, start_and_arm };
    HvActOptions options = bench->options;
    g_autoptr(GPtrArray) orphans = NULL;

    bench->parts.guardian = &guardian;
    bench->options.persist = TRUE;
    apply(bench, fake_wishes(KNOB "=1", NULL), 5);
    options.boot_id = "another";
    orphans = hv_guard_orphans(&bench->parts, &options);
    g_assert_nonnull(strstr(orphans->pdata[0], "hvtune undo 1 | hvtune confirm 1"));
}

/* ---- contested ---- */

static char *
look(const Bench *bench, HvContested *contested, guint64 plan)
{
    g_autoptr(GPtrArray) plans = hv_journal_read(bench->journal, 0, NULL);

    hv_contested_watch(contested, plans);
    hv_contested_look(contested);
    return hv_contested_describe(contested, plan, KNOB);
}

static void
test_contested(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvContested) contested = hv_contested_new(&bench->parts);
    const guint64 id = apply(bench, fake_wishes(KNOB "=1", NULL), 0);
    g_autofree char *ours = look(bench, contested, id);
    g_autofree char *theirs = NULL;
    g_autofree char *again = NULL;
    guint64 version;

    g_assert_null(ours);
    fake_set(KNOB, "2");
    version = hv_contested_version(contested);
    theirs = look(bench, contested, id);
    g_assert_true(g_str_has_prefix(theirs, "2 since "));
    g_assert_cmpuint(hv_contested_version(contested), >, version);
    g_assert_false(hv_contested_look(contested)); /* nothing new */
    fake_set(KNOB, "1");
    again = look(bench, contested, id);
    g_assert_null(again);
}

static void
test_other_plans_are_not_contested(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvContested) contested = hv_contested_new(&bench->parts);
    const guint64 first = apply(bench, fake_wishes(KNOB "=1", NULL), 0);
    const guint64 second = apply(bench, fake_wishes(KNOB "=2", NULL), 0);
    g_autoptr(HvPlan) undo = NULL;
    g_autofree char *of_first = look(bench, contested, first);
    g_autofree char *of_second = look(bench, contested, second);
    g_autofree char *after = NULL;

    g_assert_null(of_first);
    g_assert_null(of_second);
    undo = hv_plan_make_undo(&bench->parts, second, &bench->options, NULL);
    g_assert_true(hv_plan_apply(&bench->parts, undo, &bench->options, NULL));
    after = look(bench, contested, first); /* whose value it has again */
    g_assert_null(after);
    fake_set(KNOB, "3");
    g_free(after);
    after = look(bench, contested, first);
    g_assert_nonnull(after);
}

#define ADD(name, test) g_test_add("/guard/" name, Bench, NULL, setup, test, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("reverts-at-the-deadline", test_reverts_at_its_deadline);
    ADD("leaves-what-is-confirmed", test_confirmed_stays);
    ADD("takes-no-late-confirmation", test_too_late);
    ADD("is-refused-to-what-goes-one-way", test_one_way_is_refused);
    ADD("waits-for-no-failed-plan", test_a_failed_plan_waits_for_nothing);
    ADD("leaves-what-others-changed", test_foreign_changes_stay);
    ADD("says-that-the-vm-is-gone", test_vm_gone);
    ADD("keeps-vcpus-with-pages-that-moved", test_moved_pages_keep_vcpus);
    ADD("takes-vcpus-back-to-pages-that-stayed", test_pages_that_stayed_let_vcpus_back);
    ADD("that-does-not-start-lets-nothing-be-written", test_without_a_guard_nothing_is_written);
    ADD("is-armed-before-the-first-write", test_armed_before_the_first_write);
    ADD("is-over-after-a-restart", test_restarted_host);
    ADD("offers-persistent-parts-after-a-restart", test_persistent_parts_outlive_a_restart);
    ADD("sees-what-others-change", test_contested);
    ADD("knows-its-own-plans", test_other_plans_are_not_contested);
    return g_test_run();
}
