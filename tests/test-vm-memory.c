/* Where a VM's memory is and may be: refused, moved, stopped halfway, taken back, on the
 * simulated machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "session/session.h"
#include "tests/sim-host.h"

#include <math.h>
#include <string.h>

#define NS_PER_S 1e9

typedef struct {
    HvHost *host;
    HvJournal *journal;
    HvSessionParts parts;
    HvActOptions options;
    guint n_told;
    double stop_at; /* of the pages' way; 0: never */
    double seen_ratio;
    char *seen_text;
} Bench;

static gint64
realtime_ns(gpointer data)
{
    return hv_host_realtime_ns(data);
}

static gint64
monotonic_ns(gpointer data)
{
    return hv_host_monotonic_ns(data);
}

static void
see(const HvPlan *plan, gpointer data)
{
    Bench *bench = data;

    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);

        if (step->state != HV_OUTCOME_BEGUN || isnan(step->progress_ratio))
            continue;
        bench->n_told++;
        g_free(bench->seen_text);
        bench->seen_text = g_strdup(step->progress);
    }
}

/* The plan that is applied is the test's own: it is looked at instead of waiting for a quarter
 * of a second of wall time to be told. */
static const HvPlan *applied;

static gboolean
stop(gpointer data)
{
    const Bench *bench = data;

    for (guint i = 0; bench->stop_at > 0 && applied && i < hv_plan_n_steps(applied); i++)
        if (hv_plan_step(applied, i)->progress_ratio >= bench->stop_at) /* not for NAN */
            return TRUE;
    return FALSE;
}

static void
setup_on(Bench *bench, HvHost *take_host)
{
    *bench = (Bench){ .host = take_host, .journal = hv_journal_new_memory() };
    hv_guest_list_unref(hv_host_guests(bench->host));
    bench->parts = (HvSessionParts){ .host = bench->host,
                                     .tuners = hv_tuners,
                                     .clock = { bench->host, monotonic_ns, realtime_ns, NULL },
                                     .journal = bench->journal };
    bench->options = (HvActOptions){ .who = "root",
                                     .machine_id = "m",
                                     .boot_id = "b",
                                     .progress = see,
                                     .stop = stop,
                                     .data = bench };
}

static void
setup(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    setup_on(bench, hv_test_redis());
}

static void
teardown(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_journal_free(bench->journal);
    hv_host_free(bench->host);
    g_free(bench->seen_text);
}

static void
free_wish(gpointer wish)
{
    hv_wish_free(wish);
}

/* @texts: "KNOB=VALUE", blanks between them. */
static HvPlan *
plan_of(Bench *bench, const char *texts, GError **error)
{
    g_autoptr(GPtrArray) wishes = g_ptr_array_new_with_free_func(free_wish);
    g_auto(GStrv) words = g_strsplit(texts, " ", -1);

    for (char **word = words; *word; word++)
        g_ptr_array_add(wishes, hv_wish_parse(*word, NULL));
    return hv_plan_make(&bench->parts, wishes, &bench->options, error);
}

static gboolean
apply(Bench *bench, HvPlan *plan, GError **error)
{
    gboolean good;

    applied = plan;
    good = hv_plan_apply(&bench->parts, plan, &bench->options, error);
    applied = NULL;
    return good;
}

static HvPlan *
made(Bench *bench, const char *texts)
{
    g_autoptr(GError) error = NULL;
    HvPlan *plan = plan_of(bench, texts, &error);

    g_assert_no_error(error);
    apply(bench, plan, &error);
    g_assert_no_error(error);
    g_assert_cmpint(plan->state, ==, HV_PLAN_APPLIED);
    return plan;
}

static void
undo(Bench *bench, guint64 id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = hv_plan_make_undo(&bench->parts, id, &bench->options, &error);

    g_assert_no_error(error);
    apply(bench, plan, &error);
    g_assert_no_error(error);
}

static void
assert_reads(const Bench *bench, const char *path, const char *wanted)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(hv_tuners, path, NULL);
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    knob->tuner->read(bench->host, knob, &value, &error);
    g_assert_no_error(error);
    text = hv_value_to_text(&value);
    g_assert_cmpstr(text, ==, wanted);
}

static void
assert_refused(Bench *bench, const char *texts, HvError code, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = plan_of(bench, texts, &error);

    g_assert_null(plan);
    g_assert_error(error, HV_ERROR, (gint)code);
    if (!strstr(error->message, why))
        g_test_message("\"%s\" does not say \"%s\"", error->message, why);
    g_assert_nonnull(strstr(error->message, why));
}

/* ---- reading ---- */

static void
test_a_few_pages_elsewhere_are_no_node(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    assert_reads(bench, "vm/redis-1/memory/pages", "1"); /* 2 % are on node 0 */
    assert_reads(bench, "vm/batch-7/memory/pages", "0-1");
    assert_reads(bench, "vm/redis-1/memory/nodes", "0-1");
}

/* ---- refusals ---- */

static void
test_what_cannot_be_is_refused_before_anything_is_written(Bench *bench,
                                                          gconstpointer data G_GNUC_UNUSED)
{
    static const struct {
        const char *wish;
        HvError code;
        const char *why;
    } cases[] = {
        { "vm/fw-1/memory/pages=1", HV_ERROR_REFUSED,
          "pinned for the passed-through device 0000:b1:00.0" },
        { "vm/fw-1/memory/nodes=1", HV_ERROR_REFUSED, "pinned" },
        { "vm/db-1/memory/pages=0", HV_ERROR_REFUSED, "no room on node 0" },
        { "vm/trainer-a/memory/pages=1", HV_ERROR_REFUSED, "in huge pages of 2.0M" },
        { "vm/redis-1/memory/pages=7", HV_ERROR_MALFORMED, "no memory on node 7" },
        { "vm/redis-1/memory/nodes=7", HV_ERROR_MALFORMED, "this host has some on 0-1" },
        { "vm/redis-1/memory/nodes=0", HV_ERROR_REFUSED, "first vm/redis-1/memory/pages=0" },
        { "vm/nobody/memory/nodes=0", HV_ERROR_ABSENT, "no such VM" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_refused(bench, cases[i].wish, cases[i].code, cases[i].why);
    assert_reads(bench, "vm/redis-1/memory/nodes", "0-1");
}

/* What others do: nodes without a mode, which libvirt makes strict. */
static void
test_a_strict_vm_is_refused_with_the_rule(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const HvGuestRequest strict = { .verb = HV_GUEST_NUMATUNE, .vm = "old-3", .nodes = "0" };
    g_autoptr(GError) error = NULL;

    hv_host_guest_request(bench->host, &strict, 5000, NULL, &error);
    g_assert_no_error(error);
    assert_refused(bench, "vm/old-3/memory/nodes=0-1", HV_ERROR_REFUSED, "mode strict");
    assert_refused(bench, "vm/old-3/memory/pages=1", HV_ERROR_REFUSED,
                   "may have memory on node 0 only");
    assert_reads(bench, "vm/old-3/memory/nodes", "0");
}

static void
test_libvirts_own_words_of_refusal(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    HvGuestRequest request = { .verb = HV_GUEST_NUMATUNE, .vm = "old-3", .nodes = "0" };
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_host_guest_request(bench->host, &request, 5000, NULL, NULL));
    g_assert_false(hv_host_guest_request(bench->host, &request, 5000, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_nonnull(strstr(
        error->message, "change of nodeset for running domain requires restrictive numa mode"));
    g_clear_error(&error);
    request.restrictive = TRUE;
    g_assert_false(hv_host_guest_request(bench->host, &request, 5000, NULL, &error));
    g_assert_nonnull(strstr(error->message, "can't change numatune mode for running domain"));
}

/* ---- moves ---- */

static void
test_pages_move_and_come_back(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvPlan) plan = made(bench, "vm/old-3/memory/pages=1");
    const HvStep *step = hv_plan_step(plan, 0);

    g_assert_cmpint(step->step_class, ==, HV_STEP_SLOW);
    g_assert_cmpint(step->undo, ==, HV_UNDO_NEAR);
    assert_reads(bench, "vm/old-3/memory/pages", "1");
    g_assert_nonnull(strstr(bench->seen_text, "on node 1"));
    undo(bench, 0);
    assert_reads(bench, "vm/old-3/memory/pages", "0");
}

/* Its node is left only when its memory is there; undone in the reverse order. */
static void
test_pages_then_nodes_are_one_plan(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvPlan) plan = made(bench, "vm/old-3/memory/pages=1 vm/old-3/memory/nodes=1");
    const HvGuestRequest read = { .verb = HV_GUEST_NUMATUNE_READ, .vm = "old-3" };
    g_autofree char *numatune = NULL, *after = NULL;

    g_assert_nonnull(strstr(hv_plan_step(plan, 1)->remark, "leaves a trace"));
    g_assert_nonnull(strstr(hv_plan_step(plan, 1)->shell_line, "--mode restrictive"));
    g_assert_true(hv_host_guest_request(bench->host, &read, 5000, &numatune, NULL));
    g_assert_cmpstr(numatune, ==, "restrictive 1");
    assert_reads(bench, "vm/old-3/memory/nodes", "1");
    undo(bench, 0);
    assert_reads(bench, "vm/old-3/memory/nodes", "0-1");
    assert_reads(bench, "vm/old-3/memory/pages", "0");
    g_assert_true(hv_host_guest_request(bench->host, &read, 5000, &after, NULL));
    g_assert_cmpstr(after, ==, "restrictive 0-1");
}

static void
test_a_bound_vm_follows_by_its_nodes(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvPlan) bound = made(bench, "vm/old-3/memory/nodes=0");
    g_autoptr(HvPlan) moved = NULL;

    assert_refused(bench, "vm/old-3/memory/pages=1", HV_ERROR_REFUSED,
                   "first vm/old-3/memory/nodes");
    moved = made(bench, "vm/old-3/memory/nodes=1"); /* libvirt waits for the copying */
    assert_reads(bench, "vm/old-3/memory/pages", "1");
    g_assert_cmpint(hv_plan_step(moved, 0)->step_class, ==, HV_STEP_SLOW);
}

static void
test_the_persistent_definition_goes_back_exactly(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const HvGuestRequest read = { .verb = HV_GUEST_XML_INACTIVE, .vm = "old-3" };
    g_autofree char *before = NULL, *with = NULL, *after = NULL;
    g_autoptr(HvPlan) plan = NULL;

    g_assert_true(hv_host_guest_request(bench->host, &read, 5000, &before, NULL));
    bench->options.persist = TRUE;
    plan = made(bench, "vm/old-3/memory/nodes=0");
    g_assert_true(hv_host_guest_request(bench->host, &read, 5000, &with, NULL));
    g_assert_nonnull(strstr(with, "<memory mode='restrictive' nodeset='0'/>"));
    undo(bench, 0);
    g_assert_true(hv_host_guest_request(bench->host, &read, 5000, &after, NULL));
    g_assert_cmpstr(after, ==, before);
}

static void
test_a_vm_unknown_to_libvirt_has_its_own_group(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvPlan) plan = made(bench, "vm/pid-4711/memory/nodes=0");

    g_assert_true(
        g_str_has_prefix(hv_plan_step(plan, 0)->shell_line, "echo 0 >/sys/fs/cgroup/"));
    assert_reads(bench, "vm/pid-4711/memory/nodes", "0");
    undo(bench, 0);
    assert_reads(bench, "vm/pid-4711/memory/nodes", "0-1");
}

/* ---- how fast ---- */

static double
seconds_for(Bench *bench, guint64 rate, const char *wish)
{
    const gint64 begin_ns = hv_host_monotonic_ns(bench->host);
    g_autoptr(HvPlan) plan = NULL;

    bench->options.rate_bytes_per_s = rate;
    plan = made(bench, wish);
    return (double)(hv_host_monotonic_ns(bench->host) - begin_ns) / NS_PER_S;
}

/* 2 GiB at 1 GiB/s and at 64 MiB/s, behind a second of watching; simulated time. */
static void
test_pages_go_no_faster_than_asked(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    const double fast_s = seconds_for(bench, 1u << 30, "vm/old-3/memory/pages=1");
    const double slow_s = seconds_for(bench, 128u << 20, "vm/old-3/memory/pages=0");

    g_test_message("%.1f s, %.1f s", fast_s, slow_s);
    g_assert_cmpfloat(slow_s, >, 3 * fast_s);
    g_assert_cmpfloat(fast_s, >, 1);
}

/* ---- stopped ---- */

static void
test_stopped_early_the_pins_go_back(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan =
        plan_of(bench, "vm/win-2/vcpu/0/cpus=40 vm/win-2/memory/pages=0", &error);

    g_assert_no_error(error);
    bench->stop_at = 0.2;
    g_assert_false(apply(bench, plan, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_FAILED);
    g_assert_nonnull(strstr(plan->summary, "most pages are where they were"));
    g_assert_cmpint(hv_plan_step(plan, 0)->state, ==, HV_OUTCOME_TAKEN_BACK);
    g_assert_cmpint(hv_plan_step(plan, 1)->state, ==, HV_OUTCOME_DIFFERS);
    g_assert_cmpint(plan->state, ==, HV_PLAN_PARTLY);
    assert_reads(bench, "vm/win-2/vcpu/0/cpus", "112-115");
    assert_reads(bench, "vm/win-2/memory/pages", "0-1");
    bench->stop_at = 0;
    undo(bench, plan->id);
    assert_reads(bench, "vm/win-2/memory/pages", "1");
}

static void
test_stopped_late_the_pins_stay(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan =
        plan_of(bench, "vm/win-2/vcpu/0/cpus=40 vm/win-2/memory/pages=0", &error);

    g_assert_no_error(error);
    bench->stop_at = 0.8;
    g_assert_false(apply(bench, plan, &error));
    g_assert_nonnull(strstr(plan->summary, "end together"));
    g_assert_cmpint(hv_plan_step(plan, 0)->state, ==, HV_OUTCOME_DONE);
    g_assert_cmpint(hv_plan_step(plan, 1)->state, ==, HV_OUTCOME_DIFFERS);
    g_assert_true(hv_plan_pages_moved(plan));
    assert_reads(bench, "vm/win-2/vcpu/0/cpus", "40");
    bench->stop_at = 0;
    undo(bench, 0);
    assert_reads(bench, "vm/win-2/vcpu/0/cpus", "112-115");
    assert_reads(bench, "vm/win-2/memory/pages", "1");
}

/* Killed in the middle: the next hvtune finds where the pages are. */
static void
test_a_move_that_was_cut_off_is_settled_by_looking(Bench *bench,
                                                   gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = plan_of(bench, "vm/old-3/memory/pages=1", &error);
    g_autoptr(HvPlan) settled = NULL;

    g_assert_no_error(error);
    plan->state = HV_PLAN_APPLYING;
    g_free(plan->who);
    plan->who = g_strdup("root, since killed");
    g_assert_true(hv_journal_begin(bench->journal, plan, 1, &error));
    hv_plan_step(plan, 0)->state = HV_OUTCOME_UNKNOWN; /* as begun, with this process alive */
    plan->state = HV_PLAN_UNKNOWN;
    g_assert_true(hv_journal_end(bench->journal, plan, &error));
    g_assert_cmpint(hv_plan_settle(&bench->parts, &bench->options, &error), ==, 1);
    g_assert_no_error(error);
    settled = hv_journal_get(bench->journal, plan->id, &error);
    g_assert_cmpint(hv_plan_step(settled, 0)->state, ==, HV_OUTCOME_DIFFERS);
    g_assert_nonnull(strstr(hv_plan_step(settled, 0)->error, "the host has 0"));
}

static void
test_a_refused_batch_leaves_what_had_moved(Bench *bench, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = NULL;

    teardown(bench, data);
    setup_on(bench, hv_test_demo("redis", 1, 0, FALSE, "fail-write:40"));
    plan = plan_of(bench, "vm/win-2/memory/pages=0", &error);
    g_assert_no_error(error);
    g_assert_false(apply(bench, plan, &error));
    g_assert_cmpint(hv_plan_step(plan, 0)->state, ==, HV_OUTCOME_DIFFERS);
    g_assert_cmpint(plan->state, ==, HV_PLAN_PARTLY);
    assert_reads(bench, "vm/win-2/memory/pages", "1");
}

#define ADD(name, test) g_test_add("/vm-memory/" name, Bench, NULL, setup, test, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a-few-pages-elsewhere-are-no-node", test_a_few_pages_elsewhere_are_no_node);
    ADD("what-cannot-be-is-refused-before-anything-is-written",
        test_what_cannot_be_is_refused_before_anything_is_written);
    ADD("a-strict-vm-is-refused-with-the-rule", test_a_strict_vm_is_refused_with_the_rule);
    ADD("libvirts-own-words-of-refusal", test_libvirts_own_words_of_refusal);
    ADD("pages-move-and-come-back", test_pages_move_and_come_back);
    ADD("pages-then-nodes-are-one-plan", test_pages_then_nodes_are_one_plan);
    ADD("a-bound-vm-follows-by-its-nodes", test_a_bound_vm_follows_by_its_nodes);
    ADD("the-persistent-definition-goes-back-exactly",
        test_the_persistent_definition_goes_back_exactly);
    ADD("a-vm-unknown-to-libvirt-has-its-own-group",
        test_a_vm_unknown_to_libvirt_has_its_own_group);
    ADD("pages-go-no-faster-than-asked", test_pages_go_no_faster_than_asked);
    ADD("stopped-early-the-pins-go-back", test_stopped_early_the_pins_go_back);
    ADD("stopped-late-the-pins-stay", test_stopped_late_the_pins_stay);
    ADD("a-move-that-was-cut-off-is-settled-by-looking",
        test_a_move_that_was_cut_off_is_settled_by_looking);
    ADD("a-refused-batch-leaves-what-had-moved", test_a_refused_batch_leaves_what_had_moved);
    return g_test_run();
}
