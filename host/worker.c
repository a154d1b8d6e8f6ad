/* Threads for calls that may never return: each request has a deadline, a thread past it is
 * left behind. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/worker.h"

#include "host/own-threads.h"
#include "model/error.h"

#include <signal.h>

typedef enum { QUEUED, RUNNING, DONE, LOST } CallState;

struct HvWorkerKind {
    gatomicrefcount refs;
    const HvWorkerClass *class;
    GMutex lock; /* guards all below and the state of every call */
    GCond changed;
    GQueue queue;    /* calls that have not begun */
    guint n_threads; /* that take calls: one, or none */
    guint n_lost;
    gboolean closed;
};

struct HvWorkerCall {
    gatomicrefcount refs; /* the caller's and the thread's */
    HvWorkerKind *kind;
    CallState state;
    gint64 deadline_us;
    guint deadline_ms;
    gpointer request, answer;
    GError *error;
    gboolean committed;
};

/* The call that this thread works on. */
static GPrivate current_call;

static HvWorkerKind *
kind_ref(HvWorkerKind *kind)
{
    g_atomic_ref_count_inc(&kind->refs);
    return kind;
}

static void
kind_unref(HvWorkerKind *kind)
{
    if (!g_atomic_ref_count_dec(&kind->refs))
        return;
    g_queue_clear(&kind->queue);
    g_mutex_clear(&kind->lock);
    g_cond_clear(&kind->changed);
    g_free(kind);
}

static void
free_with(GDestroyNotify notify, gpointer data)
{
    if (notify && data)
        notify(data);
}

static void
call_unref(HvWorkerCall *call)
{
    HvWorkerKind *kind = call->kind;

    if (!g_atomic_ref_count_dec(&call->refs))
        return;
    free_with(kind->class->free_request, call->request);
    free_with(kind->class->free_answer, call->answer);
    g_clear_error(&call->error);
    g_free(call);
    kind_unref(kind);
}

void
hv_worker_block_signals(void)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS };
    sigset_t set;

    sigfillset(&set);
    for (guint i = 0; i < G_N_ELEMENTS(faults); i++)
        sigdelset(&set,
                  faults[i]); /* their handlers restore the terminal, whichever thread fails */
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Runs one call with the lock given up. FALSE: the thread was declared lost meanwhile and must
 * end. */
static gboolean
serve(HvWorkerKind *kind, HvWorkerCall *call, gpointer *state)
{
    GError *error = NULL;
    gpointer answer;

    call->state = RUNNING;
    g_mutex_unlock(&kind->lock);
    g_private_set(&current_call, call);
    answer = kind->class->run(state, call->request, &error);
    g_mutex_lock(&kind->lock);
    if (call->state == LOST) { /* nobody waits for it, and the host has changed since */
        g_mutex_unlock(&kind->lock);
        free_with(kind->class->free_answer, answer);
        g_clear_error(&error);
        g_mutex_lock(&kind->lock);
        return FALSE;
    }
    call->answer = answer;
    call->error = error;
    call->state = DONE;
    g_cond_broadcast(&kind->changed);
    return TRUE;
}

static gpointer
worker_thread(gpointer data)
{
    HvWorkerKind *kind = data;
    gpointer state = NULL;
    gboolean lost = FALSE;

    g_mutex_lock(&kind->lock);
    while (!lost) {
        HvWorkerCall *call;

        while (!kind->closed && g_queue_is_empty(&kind->queue))
            g_cond_wait(&kind->changed, &kind->lock);
        if (kind->closed)
            break;
        call = g_queue_pop_head(&kind->queue);
        lost = !serve(kind, call, &state);
        call_unref(call);
    }
    g_mutex_unlock(&kind->lock);
    free_with(kind->class->free_state,
              state); /* may hang as well: it is counted until that is done */
    g_mutex_lock(&kind->lock);
    *(lost ? &kind->n_lost : &kind->n_threads) -= 1;
    g_cond_broadcast(&kind->changed);
    g_mutex_unlock(&kind->lock);
    kind_unref(kind);
    return NULL;
}

HvWorkerKind *
hv_worker_kind_new(const HvWorkerClass *worker_class)
{
    HvWorkerKind *kind = g_new0(HvWorkerKind, 1);

    g_atomic_ref_count_init(&kind->refs);
    kind->class = worker_class;
    g_mutex_init(&kind->lock);
    g_cond_init(&kind->changed);
    g_queue_init(&kind->queue);
    return kind;
}

/* One live thread takes the calls in turn; after it was lost, the next call starts a fresh one.
 */
static gboolean
ensure_thread(HvWorkerKind *kind, GError **error)
{
    if (kind->n_threads)
        return TRUE;
    if (!hv_thread_start(kind->class->name, worker_thread, kind_ref(kind), error)) {
        kind_unref(kind);
        return FALSE;
    }
    kind->n_threads = 1;
    return TRUE;
}

static HvWorkerCall *
call_new(HvWorkerKind *kind, gpointer take_request, guint deadline_ms)
{
    HvWorkerCall *call = g_new0(HvWorkerCall, 1);

    g_atomic_ref_count_init(&call->refs);
    call->kind = kind_ref(kind);
    call->request = take_request;
    call->deadline_ms = deadline_ms;
    call->deadline_us = g_get_monotonic_time() + (gint64)deadline_ms * 1000;
    return call;
}

HvWorkerCall *
hv_worker_start(HvWorkerKind *kind, gpointer take_request, guint deadline_ms, GError **error)
{
    g_autoptr(GError) local = NULL;
    HvWorkerCall *call = call_new(kind, take_request, deadline_ms);

    g_mutex_lock(&kind->lock);
    if (kind->closed)
        g_set_error(&local, HV_ERROR, HV_ERROR_FAILED, "%s: closed", kind->class->what);
    else if (kind->n_lost >= HV_WORKER_MAX_LOST)
        g_set_error(&local, HV_ERROR, HV_ERROR_FAILED,
                    "%s: %u calls have no answer yet, no more are made", kind->class->what,
                    kind->n_lost);
    else if (ensure_thread(kind, &local)) {
        g_atomic_ref_count_inc(&call->refs);
        g_queue_push_tail(&kind->queue, call);
        g_cond_broadcast(&kind->changed);
    }
    g_mutex_unlock(&kind->lock);
    if (!local)
        return call;
    call_unref(call);
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
}

/* The caller holds the lock. A call that has not begun is taken back; the thread of one that
 * has is given up. */
static void
abandon(HvWorkerCall *call)
{
    HvWorkerKind *kind = call->kind;
    double deadline_s = (double)call->deadline_ms / 1000;

    if (call->state == QUEUED) {
        gboolean queued = g_queue_remove(&kind->queue, call); /* not when closing emptied it */

        call->state = DONE;
        g_set_error(&call->error, HV_ERROR, HV_ERROR_FAILED, "%s: not asked within %g s",
                    kind->class->what, deadline_s);
        if (queued)
            call_unref(call); /* the queue's; the caller has its own */
        return;
    }
    call->state = LOST;
    kind->n_threads--;
    kind->n_lost++;
    g_set_error(&call->error, HV_ERROR, HV_ERROR_TIMEOUT, "no answer from %s within %g s",
                kind->class->what, deadline_s);
    if (!g_queue_is_empty(&kind->queue) && kind->n_lost < HV_WORKER_MAX_LOST)
        (void)ensure_thread(
            kind, NULL); /* without a thread the queued calls run into their deadlines */
}

static gboolean
is_over(const HvWorkerCall *call)
{
    return call->state == DONE || call->state == LOST;
}

gboolean
hv_worker_wait(HvWorkerCall *call, gint64 monotonic_us)
{
    HvWorkerKind *kind = call->kind;
    gint64 until = MIN(monotonic_us, call->deadline_us);
    gboolean over;

    g_mutex_lock(&kind->lock);
    while (!is_over(call) && !kind->closed)
        if (!g_cond_wait_until(&kind->changed, &kind->lock, until))
            break;
    if (!is_over(call) && (kind->closed || g_get_monotonic_time() >= call->deadline_us))
        abandon(call);
    over = is_over(call);
    g_mutex_unlock(&kind->lock);
    return over;
}

static gpointer
finish(HvWorkerCall *call, gboolean *committed, GError **error)
{
    gpointer answer;

    while (!hv_worker_wait(call, call->deadline_us))
        ;
    g_mutex_lock(&call->kind->lock);
    if (committed)
        *committed = call->committed;
    answer = g_steal_pointer(&call->answer);
    if (call->error)
        g_propagate_error(error, g_steal_pointer(&call->error));
    g_mutex_unlock(&call->kind->lock);
    call_unref(call);
    return answer;
}

gpointer
hv_worker_finish(HvWorkerCall *call, GError **error)
{
    return finish(call, NULL, error);
}

gpointer
hv_worker_ask(HvWorkerKind *kind, gpointer take_request, guint deadline_ms, gboolean *committed,
              GError **error)
{
    HvWorkerCall *call = hv_worker_start(kind, take_request, deadline_ms, error);

    if (committed)
        *committed = FALSE;
    return call ? finish(call, committed, error) : NULL;
}

gboolean
hv_worker_commit(void)
{
    HvWorkerCall *call = g_private_get(&current_call);

    if (!call)
        return TRUE;
    g_mutex_lock(&call->kind->lock);
    call->committed = call->state == RUNNING && g_get_monotonic_time() < call->deadline_us;
    g_mutex_unlock(&call->kind->lock);
    return call->committed;
}

void
hv_worker_kind_cancel(HvWorkerKind *kind)
{
    g_mutex_lock(&kind->lock);
    kind->closed = TRUE;
    g_cond_broadcast(&kind->changed);
    g_mutex_unlock(&kind->lock);
}

void
hv_worker_kind_close(HvWorkerKind *kind, guint grace_ms)
{
    gint64 until = g_get_monotonic_time() + (gint64)grace_ms * 1000;

    if (!kind)
        return;
    hv_worker_kind_cancel(kind);
    g_mutex_lock(&kind->lock);
    while (kind->n_threads > 0 && kind->n_lost == 0)
        if (!g_cond_wait_until(&kind->changed, &kind->lock, until))
            break;
    for (HvWorkerCall *call; (call = g_queue_pop_head(&kind->queue));)
        call_unref(call);
    g_mutex_unlock(&kind->lock);
    kind_unref(kind);
}

guint
hv_worker_n_lost(HvWorkerKind *kind)
{
    guint n;

    g_mutex_lock(&kind->lock);
    n = kind->n_lost;
    g_mutex_unlock(&kind->lock);
    return n;
}

guint
hv_worker_n_threads(HvWorkerKind *kind)
{
    guint n;

    g_mutex_lock(&kind->lock);
    n = kind->n_threads + kind->n_lost;
    g_mutex_unlock(&kind->lock);
    return n;
}
