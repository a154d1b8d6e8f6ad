/* Taking back and making again, in any order that makes sense. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "tests/fake-knobs.h"

#include <string.h>

typedef struct {
    HvJournal *journal;
    HvSessionParts parts;
    HvActOptions options;
    char *original; /* digest */
} Bench;

static void
setup(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    fake_start();
    bench->journal = hv_journal_new_memory();
    bench->parts = fake_parts(bench->journal);
    bench->options = fake_options();
    bench->original = fake_digest();
}

static void
teardown(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_journal_free(bench->journal);
    g_free(bench->original);
    fake_stop();
}

/* Applies and frees a plan; its id. */
static guint64
apply(Bench *bench, HvPlan *take_plan)
{
    g_autoptr(HvPlan) plan = take_plan;
    g_autoptr(GError) error = NULL;

    g_assert_nonnull(plan);
    g_assert_true(hv_plan_apply(&bench->parts, plan, &bench->options, &error));
    g_assert_no_error(error);
    return plan->id;
}

static guint64
set(Bench *bench, const char *wish)
{
    g_autoptr(GPtrArray) wishes = fake_wishes(wish, NULL);

    return apply(bench, hv_plan_make(&bench->parts, wishes, &bench->options, NULL));
}

static guint64
undo(Bench *bench, guint64 id)
{
    g_autoptr(GError) error = NULL;
    HvPlan *plan = hv_plan_make_undo(&bench->parts, id, &bench->options, &error);

    g_assert_no_error(error);
    return apply(bench, plan);
}

static guint64
redo(Bench *bench, guint64 id)
{
    g_autoptr(GError) error = NULL;
    HvPlan *plan = hv_plan_make_redo(&bench->parts, id, &bench->options, &error);

    g_assert_no_error(error);
    return apply(bench, plan);
}

static void
assert_no_undo(Bench *bench, guint64 id, HvError code, const char *contains)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_plan_make_undo(&bench->parts, id, &bench->options, &error));
    g_assert_error(error, HV_ERROR, (gint)code);
    g_assert_nonnull(strstr(error->message, contains));
    g_assert_null(strstr(error->message, "s3cret"));
}

static void
assert_original(Bench *bench)
{
    g_autofree char *now = fake_digest();

    g_assert_cmpstr(now, ==, bench->original);
}

static void
test_persistent_goes_back_exactly(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    bench->options.persist = TRUE;
    set(bench, "vm/*/vcpu/*/cpus=1");
    bench->options.persist = FALSE; /* the entry knows it */
    undo(bench, 0);
    assert_original(bench);
    redo(bench, 0);
    fake_assert("persistent/web1", "<web1 secret='s3cret'>\n0=1\n1=1\n");
    fake_assert("vm/web2/vcpu/1/cpus", "1");
    undo(bench, 0);
    assert_original(bench);
}

static void
test_chain(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 o = set(bench, "vm/web1/vcpu/0/cpus=1");
    const guint64 u = undo(bench, o);
    guint64 r;
    guint64 u2;
    guint64 r2;
    g_autoptr(HvPlan) entry = NULL;

    assert_original(bench);
    r = redo(bench, o); /* by the id of what was undone */
    fake_assert("vm/web1/vcpu/0/cpus", "1");
    g_assert_cmpuint(hv_journal_newest_applied(bench->journal, "m", "b"), ==, r);
    entry = hv_journal_get(bench->journal, o, NULL);
    g_assert_cmpuint(entry->undone_by, ==, u);
    assert_no_undo(bench, o, HV_ERROR_REFUSED, "made again by entry 3");
    u2 = undo(bench, 0);
    assert_original(bench);
    assert_no_undo(bench, r, HV_ERROR_REFUSED, "was undone already, by entry 4");
    r2 = undo(bench, u2); /* undoing an undo is a redo */
    fake_assert("vm/web1/vcpu/0/cpus", "1");
    hv_plan_free(g_steal_pointer(&entry));
    entry = hv_journal_get(bench->journal, r2, NULL);
    g_assert_cmpint(entry->kind, ==, HV_PLAN_REDO);
    g_assert_cmpstr(entry->title, ==, "redo 3: set vm/web1/vcpu/0/cpus");
    undo(bench, 0);
    assert_original(bench);
    assert_no_undo(bench, 0, HV_ERROR_ABSENT, "nothing to undo");
}

static void
test_redo_needs_an_undo(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) none = NULL;
    g_autoptr(GError) stands = NULL;
    g_autoptr(GError) absent = NULL;
    guint64 id;

    g_assert_null(hv_plan_make_redo(&bench->parts, 0, &bench->options, &none));
    g_assert_error(none, HV_ERROR, HV_ERROR_ABSENT);
    id = set(bench, "vm/web1/vcpu/0/cpus=1");
    g_assert_null(hv_plan_make_redo(&bench->parts, id, &bench->options, &stands));
    g_assert_error(stands, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_null(hv_plan_make_redo(&bench->parts, 77, &bench->options, &absent));
    g_assert_error(absent, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_any_order(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 first = set(bench, "vm/web1/vcpu/0/cpus=1");
    const guint64 second = set(bench, "vm/web1/vcpu/1/cpus=2");
    const guint64 third = set(bench, "vm/web1/vcpu/0/cpus=3");

    assert_no_undo(bench, first, HV_ERROR_CONFLICT,
                   "entry 3 of root on pts/3 changed it since");
    undo(bench, second);
    undo(bench, third);
    undo(bench, first);
    assert_original(bench);
}

static void
test_changed_by_others(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 id = set(bench, "vm/web1/vcpu/0/cpus=1");

    fake_set("vm/web1/vcpu/0/cpus", "2");
    assert_no_undo(bench, 0, HV_ERROR_CONFLICT, "is 2 now, no longer the 1");
    assert_no_undo(bench, 0, HV_ERROR_CONFLICT, "--force");
    bench->options.force = TRUE;
    undo(bench, id);
    bench->options.force = FALSE;
    assert_original(bench);
    redo(bench, id); /* gives back what the forced undo found */
    fake_assert("vm/web1/vcpu/0/cpus", "2");
}

static void
test_persistent_changed_by_others(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    bench->options.persist = TRUE;
    set(bench, "vm/web1/vcpu/0/cpus=1");
    fake_set("persistent/web1", "<other/>");
    assert_no_undo(bench, 0, HV_ERROR_CONFLICT, "persistent definition");
    fake_assert("vm/web1/vcpu/0/cpus", "1");
    bench->options.force = TRUE;
    undo(bench, 0);
    assert_original(bench);
}

static void
test_other_boot(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 live = set(bench, "vm/web2/vcpu/0/cpus=1");
    guint64 both;

    bench->options.persist = TRUE;
    both = set(bench, "vm/web1/vcpu/0/cpus=1");
    bench->options.boot_id = "c";
    fake_set("vm/web1/vcpu/0/cpus", "0-3"); /* a boot makes everything anew */
    fake_set("vm/web2/vcpu/0/cpus", "0-3");
    assert_no_undo(bench, live, HV_ERROR_CONFLICT, "the host was started anew");
    g_assert_cmpuint(hv_journal_newest_applied(bench->journal, "m", "c"), ==, both);
    undo(bench, 0); /* its persistent part still counts */
    assert_original(bench);
    assert_no_undo(bench, 0, HV_ERROR_ABSENT, "nothing to undo");
}

static void
test_other_machine(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 id = set(bench, "vm/web1/vcpu/0/cpus=1");

    bench->options.machine_id = "n";
    assert_no_undo(bench, id, HV_ERROR_CONFLICT, "another machine");
    assert_no_undo(bench, 0, HV_ERROR_ABSENT, "nothing to undo");
}

static void
test_guest_started_anew(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 live = set(bench, "vm/web1/vcpu/1/cpus=1");
    g_autoptr(HvPlan) plan = NULL;
    guint64 both;

    bench->options.persist = TRUE;
    both = set(bench, "vm/web1/vcpu/0/cpus=1");
    fake.start_ticks++;
    fake_set("vm/web1/vcpu/0/cpus", "2");
    assert_no_undo(bench, live, HV_ERROR_CONFLICT, "web1 was started anew since");
    plan = hv_plan_make_undo(&bench->parts, both, &bench->options, NULL);
    g_assert_cmpuint(hv_plan_n_steps(plan), ==, 1);
    g_assert_cmpint(hv_plan_step(plan, 0)->after.type, ==, HV_TYPE_NOTHING);
    g_assert_nonnull(strstr(plan->notes->pdata[0], "started anew"));
    apply(bench, g_steal_pointer(&plan));
    fake_assert("vm/web1/vcpu/0/cpus", "2");
    fake_assert("persistent/web1", "<web1 secret='s3cret'>\n");
}

static void
test_guest_gone(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    guint64 both;

    bench->options.persist = TRUE;
    both = set(bench, "vm/web1/vcpu/0/cpus=1");
    fake.no_guests = TRUE;
    undo(bench, both);
    fake_assert("persistent/web1", "<web1 secret='s3cret'>\n");
    redo(bench, both);
    fake_assert("persistent/web1", "<web1 secret='s3cret'>\n0=1\n");
}

/* Each write of an undo fails in turn: the change stands as before, and can be undone later. */
static void
test_failing_undo(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *changed = NULL;

    bench->options.persist = TRUE;
    set(bench, "vm/web*/vcpu/*/cpus=1");
    changed = fake_digest();
    for (guint at = 1; at <= 8; at++) {
        g_autoptr(HvPlan) plan = hv_plan_make_undo(&bench->parts, 1, &bench->options, NULL);
        g_autoptr(GError) error = NULL;
        g_autofree char *after = NULL;

        fake_fault(FAKE_REFUSES, at);
        g_assert_false(hv_plan_apply(&bench->parts, plan, &bench->options, &error));
        g_assert_cmpint(plan->state, ==, HV_PLAN_REFUSED);
        after = fake_digest();
        g_assert_cmpstr(after, ==, changed);
    }
    undo(bench, 1);
    assert_original(bench);
}

static gboolean
stop_first(gpointer data)
{
    guint *asked = data;

    return ++*asked > 1;
}

static void
test_stopped_undo_can_be_finished(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvPlan) plan = NULL;
    guint asked = 0;
    const guint64 id = set(bench, "vm/web1/vcpu/*/cpus=1");

    plan = hv_plan_make_undo(&bench->parts, id, &bench->options, NULL);
    bench->options.stop = stop_first;
    bench->options.data = &asked;
    g_assert_false(hv_plan_apply(&bench->parts, plan, &bench->options, NULL));
    g_assert_cmpint(plan->state, ==, HV_PLAN_PARTLY);
    bench->options.stop = NULL;
    undo(bench, id);
    assert_original(bench);
    assert_no_undo(bench, id, HV_ERROR_REFUSED, "was undone already");
}

static void
test_refused_entries_cannot_be_undone(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) wishes = fake_wishes("vm/web1/vcpu/0/cpus=1", NULL);
    g_autoptr(HvPlan) plan = hv_plan_make(&bench->parts, wishes, &bench->options, NULL);

    fake_fault(FAKE_REFUSES, 1);
    g_assert_false(hv_plan_apply(&bench->parts, plan, &bench->options, NULL));
    assert_no_undo(bench, plan->id, HV_ERROR_REFUSED, "changed nothing");
    assert_no_undo(bench, 0, HV_ERROR_ABSENT, "nothing to undo");
    assert_no_undo(bench, 9, HV_ERROR_ABSENT, "no entry 9");
}

/* No answer, so the journal does not know: an undo asks the host. */
static void
test_unknown_outcome(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) wishes = fake_wishes("vm/web1/vcpu/*/cpus=1", NULL);
    g_autoptr(HvPlan) plan = hv_plan_make(&bench->parts, wishes, &bench->options, NULL);

    fake_fault(FAKE_LOSES, 2);
    g_assert_false(hv_plan_apply(&bench->parts, plan, &bench->options, NULL));
    g_assert_cmpint(plan->state, ==, HV_PLAN_UNKNOWN);
    fake_set("vm/web1/vcpu/1/cpus", "1"); /* the late call came */
    undo(bench, plan->id);
    assert_original(bench);
}

#define ADD(name, test) g_test_add("/undo/" name, Bench, NULL, setup, test, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("the-persistent-definition-goes-back-exactly", test_persistent_goes_back_exactly);
    ADD("undo-and-redo-make-a-chain", test_chain);
    ADD("redo-needs-an-undo", test_redo_needs_an_undo);
    ADD("any-order-that-makes-sense", test_any_order);
    ADD("a-value-changed-by-others-is-refused-unless-forced", test_changed_by_others);
    ADD("a-definition-changed-by-others-is-refused-unless-forced",
        test_persistent_changed_by_others);
    ADD("after-a-boot-only-persistent-parts-go-back", test_other_boot);
    ADD("entries-of-another-machine-are-refused", test_other_machine);
    ADD("after-a-guests-start-only-its-persistent-part-goes-back", test_guest_started_anew);
    ADD("a-guest-that-is-off-gets-its-definition-back", test_guest_gone);
    ADD("a-failing-undo-leaves-the-change", test_failing_undo);
    ADD("a-stopped-undo-can-be-finished", test_stopped_undo_can_be_finished);
    ADD("what-was-refused-cannot-be-undone", test_refused_entries_cannot_be_undone);
    ADD("an-unknown-outcome-is-asked-of-the-host", test_unknown_outcome);
    return g_test_run();
}
