/* Workers: what hangs is left behind, and never by more than four. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/worker.h"

#include "host/own-threads.h"
#include "model/error.h"

#define LONG_MS 20000
#define SHORT_MS 300

/* A gate that a request waits at until the test opens it. */
typedef struct {
    GMutex lock;
    GCond changed;
    guint n_waiting, n_passed, n_freed_states, n_freed_answers, n_committed;
    gboolean open;
} Gate;

typedef enum { ANSWER, FAIL, HANG, HANG_THEN_COMMIT, COMMIT_THEN_HANG } Order;

typedef struct {
    Gate *gate;
    Order order;
    int number;
} Request;

typedef struct {
    Gate *gate;
    int number;
} Answer;

static Gate *
gate_new(void)
{
    Gate *gate = g_new0(Gate, 1);

    g_mutex_init(&gate->lock);
    g_cond_init(&gate->changed);
    return gate;
}

static void
gate_free(Gate *gate)
{
    g_mutex_clear(&gate->lock);
    g_cond_clear(&gate->changed);
    g_free(gate);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Gate, gate_free)

static void
wait_at(Gate *gate)
{
    g_mutex_lock(&gate->lock);
    gate->n_waiting++;
    g_cond_broadcast(&gate->changed);
    while (!gate->open)
        g_cond_wait(&gate->changed, &gate->lock);
    gate->n_passed++;
    g_cond_broadcast(&gate->changed);
    g_mutex_unlock(&gate->lock);
}

static void
open_gate(Gate *gate)
{
    g_mutex_lock(&gate->lock);
    gate->open = TRUE;
    g_cond_broadcast(&gate->changed);
    g_mutex_unlock(&gate->lock);
}

static void
count(Gate *gate, guint *counter)
{
    g_mutex_lock(&gate->lock);
    ++*counter;
    g_cond_broadcast(&gate->changed);
    g_mutex_unlock(&gate->lock);
}

static void
wait_for(Gate *gate, const guint *counter, guint n)
{
    g_mutex_lock(&gate->lock);
    while (*counter < n)
        g_cond_wait(&gate->changed, &gate->lock);
    g_mutex_unlock(&gate->lock);
}

static void
commit(Gate *gate)
{
    if (hv_worker_commit())
        count(gate, &gate->n_committed);
}

static gpointer
run(gpointer *state, gconstpointer data, GError **error)
{
    const Request *request = data;
    Answer *answer;

    *state = request->gate;
    if (request->order == COMMIT_THEN_HANG)
        commit(request->gate);
    if (request->order >= HANG)
        wait_at(request->gate);
    if (request->order == HANG_THEN_COMMIT)
        commit(request->gate);
    if (request->order == FAIL) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "no");
        return NULL;
    }
    answer = g_new(Answer, 1);
    *answer = (Answer){ request->gate, request->number };
    return answer;
}

static void
free_answer(gpointer data)
{
    Answer *answer = data;

    count(answer->gate, &answer->gate->n_freed_answers);
    g_free(answer);
}

static void
free_state(gpointer state)
{
    Gate *gate = state;

    count(gate, &gate->n_freed_states);
}

static const HvWorkerClass class = { .name = "test-worker",
                                     .what = "the gate",
                                     .run = run,
                                     .free_request = g_free,
                                     .free_answer = free_answer,
                                     .free_state = free_state };

static Request *
request_new(Gate *gate, Order order, int number)
{
    Request *request = g_new(Request, 1);

    *request = (Request){ gate, order, number };
    return request;
}

static void
test_answer(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);

    for (int i = 0; i < 100; i++) {
        g_autoptr(GError) error = NULL;
        Answer *answer =
            hv_worker_ask(kind, request_new(gate, ANSWER, i), LONG_MS, NULL, &error);

        g_assert_no_error(error);
        g_assert_cmpint(answer->number, ==, i);
        free_answer(answer);
    }
    g_assert_cmpuint(hv_worker_n_threads(kind), ==, 1);
    hv_worker_kind_close(kind, LONG_MS);
    g_assert_cmpuint(gate->n_freed_states, ==, 1);
}

static void
test_error(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_worker_ask(kind, request_new(gate, FAIL, 0), LONG_MS, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    hv_worker_kind_close(kind, LONG_MS);
}

static void
hang(HvWorkerKind *kind, Gate *gate, Order order, gboolean *committed)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(
        hv_worker_ask(kind, request_new(gate, order, 0), SHORT_MS, committed, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
}

/* Waits until no thread hangs: they end in their own time once the gate is open. */
static void
wait_until_none_lost(HvWorkerKind *kind)
{
    while (hv_worker_n_lost(kind) > 0)
        g_thread_yield();
}

static void
test_lost_threads_are_bounded(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);
    Answer *answer;

    for (guint i = 0; i < HV_WORKER_MAX_LOST; i++)
        hang(kind, gate, HANG, NULL);
    g_assert_cmpuint(hv_worker_n_lost(kind), ==, HV_WORKER_MAX_LOST);
    for (guint i = 0; i < 50; i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(hv_worker_ask(kind, request_new(gate, ANSWER, 0), LONG_MS, NULL, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_FAILED);
    }
    g_assert_cmpuint(hv_worker_n_threads(kind), ==, HV_WORKER_MAX_LOST);
    open_gate(gate);
    wait_until_none_lost(kind);
    answer = hv_worker_ask(kind, request_new(gate, ANSWER, 7), LONG_MS, NULL, NULL);
    g_assert_nonnull(answer);
    g_assert_cmpint(answer->number, ==, 7);
    free_answer(answer);
    hv_worker_kind_close(kind, LONG_MS);
    g_assert_cmpuint(gate->n_freed_states, ==, HV_WORKER_MAX_LOST + 1);
}

static void
test_late_answer_is_dropped(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);
    Answer *answer;

    hang(kind, gate, HANG, NULL);
    answer = hv_worker_ask(kind, request_new(gate, ANSWER, 2), LONG_MS, NULL, NULL);
    g_assert_cmpint(answer->number, ==, 2);
    free_answer(answer);
    open_gate(gate);
    wait_until_none_lost(kind);
    g_assert_cmpuint(gate->n_freed_answers, ==, 2); /* ours, and the late one by its thread */
    answer = hv_worker_ask(kind, request_new(gate, ANSWER, 3), LONG_MS, NULL, NULL);
    g_assert_cmpint(answer->number, ==, 3);
    free_answer(answer);
    hv_worker_kind_close(kind, LONG_MS);
}

static void
test_late_change_never_happens(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);
    gboolean committed = TRUE;

    hang(kind, gate, HANG_THEN_COMMIT, &committed);
    g_assert_false(committed);
    open_gate(gate);
    wait_until_none_lost(kind);
    g_assert_cmpuint(gate->n_committed, ==, 0);
    hv_worker_kind_close(kind, LONG_MS);
}

static void
test_begun_change_is_unknown(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);
    gboolean committed = FALSE;

    hang(kind, gate, COMMIT_THEN_HANG, &committed);
    g_assert_true(committed);
    open_gate(gate);
    wait_until_none_lost(kind);
    hv_worker_kind_close(kind, LONG_MS);
}

static void
test_queued_call_is_taken_back(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);
    HvWorkerCall *first = hv_worker_start(kind, request_new(gate, HANG, 1), LONG_MS, NULL);
    g_autoptr(GError) error = NULL;
    Answer *answer;

    wait_for(gate, &gate->n_waiting, 1);
    g_assert_null(hv_worker_ask(kind, request_new(gate, HANG, 2), SHORT_MS, NULL, &error));
    g_assert_error(error, HV_ERROR,
                   HV_ERROR_FAILED); /* not TIMEOUT: it is certain that nothing was done */
    open_gate(gate);
    answer = hv_worker_finish(first, NULL);
    g_assert_cmpint(answer->number, ==, 1);
    free_answer(answer);
    g_assert_cmpuint(gate->n_waiting, ==, 1);
    hv_worker_kind_close(kind, LONG_MS);
}

static void
test_closing_wakes_who_waits(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);
    HvWorkerCall *call = hv_worker_start(kind, request_new(gate, HANG, 1), LONG_MS, NULL);
    g_autoptr(GError) error = NULL, refused = NULL;

    wait_for(gate, &gate->n_waiting, 1);
    hv_worker_kind_cancel(kind);
    g_assert_null(hv_worker_finish(call, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
    g_assert_null(hv_worker_start(kind, request_new(gate, ANSWER, 1), LONG_MS, &refused));
    g_assert_error(refused, HV_ERROR, HV_ERROR_FAILED);
    hv_worker_kind_close(kind, 0);
    open_gate(
        gate); /* the thread that was left behind ends on its own and frees what it holds */
    wait_for(gate, &gate->n_freed_states, 1);
}

static void
test_end_waits_for_threads(void)
{
    g_autoptr(Gate) gate = gate_new();
    HvWorkerKind *kind = hv_worker_kind_new(&class);
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_threads_end(LONG_MS));
    g_assert_null(hv_worker_ask(kind, request_new(gate, HANG, 1), SHORT_MS, NULL, &error));
    hv_worker_kind_close(kind, 0);
    g_assert_false(hv_threads_end(1));
    open_gate(gate);
    g_assert_true(hv_threads_end(LONG_MS));
    g_assert_cmpuint(gate->n_freed_states, ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/worker/answers-come-from-one-thread", test_answer);
    g_test_add_func("/worker/errors-are-passed-on", test_error);
    g_test_add_func("/worker/lost-threads-are-bounded-and-it-recovers",
                    test_lost_threads_are_bounded);
    g_test_add_func("/worker/late-answer-is-dropped", test_late_answer_is_dropped);
    g_test_add_func("/worker/late-change-never-happens", test_late_change_never_happens);
    g_test_add_func("/worker/begun-change-is-unknown", test_begun_change_is_unknown);
    g_test_add_func("/worker/queued-call-is-taken-back", test_queued_call_is_taken_back);
    g_test_add_func("/worker/closing-wakes-who-waits", test_closing_wakes_who_waits);
    g_test_add_func("/worker/the-end-waits-for-threads-but-not-for-ever",
                    test_end_waits_for_threads);
    return g_test_run();
}
