/* The session's threads: the newest snapshot wins, answers come in order, nothing the UI calls
 * ever waits. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>

#include "model/error.h"
#include "session/session.h"
#include "tests/fake-knobs.h"

#define S G_GINT64_CONSTANT(1000000000)
#define BEAT_MS 50       /* real time of a wait that nobody ends */
#define PATIENCE_MS 5000 /* then a test has failed */

/* ---- a clock that goes on when a wait has passed ---- */

static GMutex lock; /* of all that follows */
static GCond changed;
static gint64 clock_ns;
static guint n_samples;
static guint n_commands;    /* that have begun */
static gboolean is_blocked; /* the command "hang" waits for FALSE */

static gint64
clock_now(gpointer data G_GNUC_UNUSED)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&lock);

    return clock_ns;
}

static gboolean
clock_wait(gpointer data G_GNUC_UNUSED, gint64 until_ns, int wake_fd)
{
    struct pollfd poll_fd = { .fd = wake_fd, .events = POLLIN };

    if (wake_fd >= 0 && poll(&poll_fd, 1, BEAT_MS) > 0)
        return TRUE;
    g_mutex_lock(&lock);
    clock_ns = MAX(clock_ns, until_ns);
    g_mutex_unlock(&lock);
    return FALSE;
}

/* ---- one probe ---- */

enum { NAME, VALUE };
static const HvColumn columns[] = {
    [NAME] = { .name = "name", .kind = HV_KIND_KEY },
    [VALUE] = { .name = "value", .kind = HV_KIND_U64 },
    { 0 },
};
static const HvSchema schema = { .name = "beats", .columns = columns };

static gpointer
start(HvHost *host G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return &n_samples;
}

static gboolean
sample(gpointer state G_GNUC_UNUSED, HvSink *out, GError **error G_GNUC_UNUSED)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&lock);

    hv_row(out, "beat");
    hv_u64(out, VALUE, ++n_samples);
    g_cond_broadcast(&changed);
    return TRUE;
}

static void
stop(gpointer state G_GNUC_UNUSED)
{
}

static const HvProbe probe = {
    .name = "beats",
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
static const HvProbe *const probes[] = { &probe, NULL };
static const HvDerive *const derives[] = { NULL };

/* ---- a session around it ---- */

typedef struct {
    HvJournal *journal;
    HvSessionParts parts;
    HvActOptions options;
    HvSession *session;
    HvBackend backend;
} Fixture;

/* "hang" waits until the test lets it go; anything else is given back. */
static char *
run_line(const char *line, int *status, gpointer data G_GNUC_UNUSED)
{
    g_mutex_lock(&lock);
    n_commands++;
    g_cond_broadcast(&changed);
    while (is_blocked && g_str_equal(line, "hang"))
        g_cond_wait(&changed, &lock);
    g_mutex_unlock(&lock);
    *status = 7;
    return g_strdup(line);
}

static void
open_session(Fixture *fixture)
{
    fixture->session = hv_session_start(&fixture->parts, &fixture->options);
    hv_session_on_command(fixture->session, run_line, NULL);
    hv_session_backend(fixture->session, &fixture->backend);
}

static void
set_up(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    fake_start();
    clock_ns = 1000 * S;
    n_samples = n_commands = 0;
    is_blocked = FALSE;
    fixture->journal = hv_journal_new_memory();
    fixture->parts = fake_parts(fixture->journal);
    fixture->parts.probes = probes;
    fixture->parts.derives = derives;
    fixture->parts.clock = (HvClock){ NULL, clock_now, clock_now, clock_wait };
    fixture->parts.interval_ns = S;
    fixture->options = fake_options();
}

static void
tear_down(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    if (fixture->session)
        hv_session_stop(fixture->session, 60000);
    hv_journal_free(fixture->journal);
    fake_stop();
}

static void
wait_for_count(const guint *count, guint n)
{
    const gint64 end_us = g_get_monotonic_time() + PATIENCE_MS * 1000;

    g_mutex_lock(&lock);
    while (*count < n)
        g_assert_true(g_cond_wait_until(&changed, &lock, end_us));
    g_mutex_unlock(&lock);
}

/* The next thing that is there for the UI: waits on the descriptor as the console does. */
static void
wait_for_wake(Fixture *fixture)
{
    struct pollfd poll_fd = { .fd = fixture->backend.wake_fd, .events = POLLIN };

    g_assert_cmpint(poll(&poll_fd, 1, PATIENCE_MS), ==, 1);
    fixture->backend.drain_wake(fixture->backend.data);
}

static HvAnswer *
wait_for_answer(Fixture *fixture)
{
    for (;;) {
        HvAnswer *answer = fixture->backend.take_answer(fixture->backend.data);

        if (answer)
            return answer;
        wait_for_wake(fixture);
    }
}

static HvSnapshot *
wait_for_snapshot(Fixture *fixture)
{
    for (;;) {
        HvSnapshot *snapshot = fixture->backend.take_snapshot(fixture->backend.data);

        if (snapshot)
            return snapshot;
        wait_for_wake(fixture);
    }
}

static void
submit_line(Fixture *fixture, guint64 serial, const char *line)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_COMMAND);

    intent->serial = serial;
    intent->line = g_strdup(line);
    fixture->backend.submit(fixture->backend.data, intent);
}

/* ---- snapshots ---- */

static void
test_the_newest_snapshot_wins(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(HvSnapshot) snapshot = NULL;

    open_session(fixture);
    wait_for_count(&n_samples, 4); /* three are published by now */
    snapshot = wait_for_snapshot(fixture);
    g_assert_cmpuint(snapshot->tick, >=, 3);
    g_assert_nonnull(hv_snapshot_table(snapshot, "beats"));
    g_assert_nonnull(hv_snapshot_table(snapshot, "sources"));
}

static void
test_a_snapshot_is_given_once(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(HvSnapshot) first = NULL, second = NULL;

    open_session(fixture);
    first = wait_for_snapshot(fixture);
    second = wait_for_snapshot(fixture);
    g_assert_cmpuint(second->tick, >, first->tick);
}

/* ---- answers ---- */

static void
test_answers_come_in_order_and_none_is_lost(Fixture *fixture,
                                            gconstpointer unused G_GNUC_UNUSED)
{
    open_session(fixture);
    for (guint64 serial = 1; serial <= 20; serial++)
        submit_line(fixture, serial, "x");
    for (guint64 serial = 1; serial <= 20; serial++) {
        g_autoptr(HvAnswer) answer = wait_for_answer(fixture);

        g_assert_cmpint(answer->kind, ==, HV_ANSWER_TEXT);
        g_assert_cmpuint(answer->serial, ==, serial);
        g_assert_cmpstr(answer->text, ==, "x");
        g_assert_cmpint(answer->status, ==, 7);
    }
}

static HvPlan *
make_plan(Fixture *fixture, const char *wish)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_PLAN);
    g_autoptr(HvAnswer) answer = NULL;

    intent->serial = 1;
    g_ptr_array_unref(intent->wishes);
    intent->wishes = fake_wishes(wish, NULL);
    fixture->backend.submit(fixture->backend.data, intent);
    answer = wait_for_answer(fixture);
    g_assert_cmpint(answer->kind, ==, HV_ANSWER_PLAN);
    return g_steal_pointer(&answer->plan);
}

static void
submit_plan(Fixture *fixture, HvPlan *take_plan)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_APPLY);

    intent->serial = 2;
    intent->plan = take_plan;
    fixture->backend.submit(fixture->backend.data, intent);
}

static void
test_a_plan_is_applied_told_of_and_shown(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(HvAnswer) outcome = NULL;
    guint n_progress = 0;

    open_session(fixture);
    submit_plan(fixture, make_plan(fixture, "vm/web1/vcpu/0/cpus=1"));
    for (;;) {
        g_autoptr(HvAnswer) answer = wait_for_answer(fixture);

        g_assert_cmpuint(answer->serial, ==, 2);
        if (answer->kind == HV_ANSWER_PROGRESS) {
            n_progress++;
            continue;
        }
        outcome = g_steal_pointer(&answer);
        break;
    }
    g_assert_cmpint(outcome->kind, ==, HV_ANSWER_OUTCOME);
    g_assert_cmpint(outcome->plan->state, ==, HV_PLAN_APPLIED);
    g_assert_cmpuint(n_progress, >, 0);
    fake_assert("vm/web1/vcpu/0/cpus", "1");
    for (guint i = 0;; i++) { /* the tick that was woken by it may have been under way */
        g_autoptr(HvSnapshot) snapshot = wait_for_snapshot(fixture);
        HvTable *changes = hv_snapshot_table(snapshot, "changes");
        const int column = hv_table_column(changes, "outcome");

        if (i < 3 && (hv_table_n_rows(changes) == 0 ||
                      !g_str_equal(hv_table_text(changes, 0, column), "done")))
            continue;
        g_assert_cmpuint(hv_table_n_rows(changes), ==, 1);
        g_assert_cmpstr(hv_table_text(changes, 0, hv_table_column(changes, "after")), ==, "1");
        g_assert_cmpstr(hv_table_text(changes, 0, hv_table_column(changes, "outcome")), ==,
                        "done");
        break;
    }
}

static void
test_a_wish_that_cannot_be_is_refused(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_PLAN);
    g_autoptr(HvAnswer) answer = NULL;

    open_session(fixture);
    intent->serial = 9;
    g_ptr_array_unref(intent->wishes);
    intent->wishes = fake_wishes("vm/nobody/vcpu/0/cpus=1", NULL);
    fixture->backend.submit(fixture->backend.data, intent);
    answer = wait_for_answer(fixture);
    g_assert_cmpint(answer->kind, ==, HV_ANSWER_REFUSED);
    g_assert_cmpuint(answer->serial, ==, 9);
    g_assert_nonnull(answer->error);
}

static void
test_a_read_only_session_refuses_to_apply(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(HvAnswer) answer = NULL;

    fixture->parts.read_only_why = "started with --read-only";
    open_session(fixture);
    submit_plan(fixture, hv_plan_new(HV_PLAN_SET, "x"));
    answer = wait_for_answer(fixture);
    g_assert_cmpint(answer->kind, ==, HV_ANSWER_REFUSED);
    g_assert_error(answer->error, HV_ERROR, HV_ERROR_DENIED);
    g_assert_cmpstr(fixture->backend.read_only_why, ==, "started with --read-only");
}

/* ---- what hangs ---- */

static void
let_go(void)
{
    g_mutex_lock(&lock);
    is_blocked = FALSE;
    g_cond_broadcast(&changed);
    g_mutex_unlock(&lock);
}

static void
test_snapshots_go_on_while_an_action_hangs(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *busy_with = NULL;
    g_autoptr(HvAnswer) answer = NULL;
    HvIntent *interest = hv_intent_new(HV_INTENT_INTEREST);
    guint64 last_tick = 0;

    is_blocked = TRUE;
    open_session(fixture);
    submit_line(fixture, 1, "hang");
    fixture->backend.submit(fixture->backend.data,
                            interest); /* not for the actuator: taken at once */
    for (guint i = 0; i < 5; i++) {
        g_autoptr(HvSnapshot) snapshot = wait_for_snapshot(fixture);

        g_assert_cmpuint(snapshot->tick, >, last_tick);
        last_tick = snapshot->tick;
    }
    busy_with = hv_session_busy_with(fixture->session);
    g_assert_cmpstr(busy_with, ==, "hang");
    g_assert_null(fixture->backend.take_answer(fixture->backend.data));
    let_go();
    answer = wait_for_answer(fixture);
    g_assert_cmpstr(answer->text, ==, "hang");
}

/* Holds the actuator behind its first step until the test lets it go. */
static void
hold(const HvPlan *plan G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
    g_mutex_lock(&lock);
    n_commands++;
    g_cond_broadcast(&changed);
    while (is_blocked)
        g_cond_wait(&changed, &lock);
    g_mutex_unlock(&lock);
}

static HvAnswer *
wait_for_outcome(Fixture *fixture)
{
    HvAnswer *answer = wait_for_answer(fixture);

    while (answer->kind == HV_ANSWER_PROGRESS) {
        hv_answer_free(answer);
        answer = wait_for_answer(fixture);
    }
    return answer;
}

/* It is heard while the actuator is busy, means that plan alone, and has no answer of its own.
 */
static void
test_stop_ends_the_plan_that_is_applied(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(HvAnswer) stopped = NULL;
    g_autoptr(HvAnswer) next = NULL;

    fixture->options.progress = hold;
    is_blocked = TRUE;
    open_session(fixture);
    fixture->backend.submit(fixture->backend.data, hv_intent_new(HV_INTENT_STOP));
    submit_plan(fixture, make_plan(fixture, "vm/web*/vcpu/*/cpus=1"));
    wait_for_count(&n_commands, 1);
    fixture->backend.submit(fixture->backend.data, hv_intent_new(HV_INTENT_STOP));
    let_go();
    stopped = wait_for_outcome(fixture);
    g_assert_cmpint(stopped->plan->state, ==, HV_PLAN_PARTLY);
    g_assert_cmpint(hv_plan_step(stopped->plan, 0)->state, ==, HV_OUTCOME_DONE);
    g_assert_cmpint(hv_plan_step(stopped->plan, 1)->state, ==, HV_OUTCOME_SKIPPED);
    submit_plan(fixture, make_plan(fixture, "vm/web2/vcpu/1/cpus=2"));
    next = wait_for_outcome(fixture);
    g_assert_cmpint(next->plan->state, ==, HV_PLAN_APPLIED);
}

/* Sanitizers hold threads that nobody joins, and what they keep, against us; here that is the
 * point. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define MAY_LEAVE_THREADS FALSE
#else
#define MAY_LEAVE_THREADS TRUE
#endif

static HvSession *left_behind; /* so that what it holds counts as held */

static void
test_stopping_leaves_behind_what_hangs(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    const gint64 begin_us = g_get_monotonic_time();

    if (!MAY_LEAVE_THREADS) {
        g_test_skip("sanitizers want every thread joined and all it keeps freed");
        return;
    }
    is_blocked = TRUE;
    open_session(fixture);
    submit_line(fixture, 1, "hang");
    wait_for_count(&n_commands, 1);
    left_behind = g_steal_pointer(&fixture->session);
    hv_session_stop(left_behind, 300);
    g_assert_cmpint(g_get_monotonic_time() - begin_us, <, PATIENCE_MS * 1000);
    /* the journal stays too, since the one left behind may still write it */
    fixture->journal = NULL;
    let_go();
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/session/the-newest-snapshot-wins", test_the_newest_snapshot_wins);
    ADD("/session/a-snapshot-is-given-once", test_a_snapshot_is_given_once);
    ADD("/session/answers-come-in-order-and-none-is-lost",
        test_answers_come_in_order_and_none_is_lost);
    ADD("/session/stop-ends-the-plan-that-is-applied", test_stop_ends_the_plan_that_is_applied);
    ADD("/session/a-plan-is-applied-told-of-and-shown",
        test_a_plan_is_applied_told_of_and_shown);
    ADD("/session/a-wish-that-cannot-be-is-refused", test_a_wish_that_cannot_be_is_refused);
    ADD("/session/a-read-only-session-refuses-to-apply",
        test_a_read_only_session_refuses_to_apply);
    ADD("/session/snapshots-go-on-while-an-action-hangs",
        test_snapshots_go_on_while_an_action_hangs);
    ADD("/session/stopping-leaves-behind-what-hangs", test_stopping_leaves_behind_what_hangs);
    return g_test_run();
}
