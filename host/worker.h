/* Threads for calls that may never return: each request has a deadline, a thread past it is
 * left behind. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* So many calls of one kind may hang at a time; then the kind is failed until one of them
 * returns. */
#define HV_WORKER_MAX_LOST 4

/* A kind of worker: at most one live thread, its queue, and the threads that hang. Shared by
 * all its threads. */
typedef struct HvWorkerKind HvWorkerKind;
/* One request on its way. */
typedef struct HvWorkerCall HvWorkerCall;

/* What a kind does. All functions but @run may be NULL. Static storage: threads left behind go
 * on reading it. */
typedef struct {
    const char *name; /* of the thread, at most 15 bytes */
    const char *what; /* whom it waits for: "libvirt" */
    /* In the worker's thread. @state is the thread's own, NULL at first (a connection). NULL
     * with @error is no answer. */
    gpointer (*run)(gpointer *state, gconstpointer request, GError **error);
    GDestroyNotify free_request;
    GDestroyNotify free_answer;
    GDestroyNotify free_state; /* in the worker's thread, at its end */
} HvWorkerClass;

/** hv_worker_kind_new: no thread yet. Any thread, as all below. */
HvWorkerKind *hv_worker_kind_new(const HvWorkerClass *worker_class);
/** hv_worker_kind_close: whoever waits is told so; idle threads end, for which it waits up to
 * @grace_ms; those that hang are left behind and end when their call returns. Drops the
 * caller's reference. Accepts NULL. */
void hv_worker_kind_close(HvWorkerKind *kind, guint grace_ms);
/** hv_worker_kind_cancel: whoever waits is told that the kind is closed, now and in future. */
void hv_worker_kind_cancel(HvWorkerKind *kind);

/** hv_worker_start: queues @take_request (taken also on failure). Its deadline counts from now.
 * FAILED without having begun when the kind is closed or has HV_WORKER_MAX_LOST threads that
 * hang. Never waits. */
HvWorkerCall *hv_worker_start(HvWorkerKind *kind, gpointer take_request, guint deadline_ms,
                              GError **error);
/** hv_worker_wait: until the call is over (TRUE) or @monotonic_us has come. Over is also: its
 * deadline has passed. */
gboolean hv_worker_wait(HvWorkerCall *call, gint64 monotonic_us);
/** hv_worker_finish: waits for the answer (transfer full) and frees @call. NULL with @error:
 * TIMEOUT when it had begun and its thread was declared lost; FAILED when it had not begun;
 * else the error of run(). */
gpointer hv_worker_finish(HvWorkerCall *call, GError **error);
/** hv_worker_ask: start and finish. @committed (or NULL): whether run() called
 * hv_worker_commit() and was let. */
gpointer hv_worker_ask(HvWorkerKind *kind, gpointer take_request, guint deadline_ms,
                       gboolean *committed, GError **error);
/** hv_worker_commit: in run(), right before the call that changes something. FALSE: nobody
 * waits any more, and it must not happen. So a change either has begun in time, or never does.
 * Outside of a worker, as where a lane does its job at once: TRUE. */
gboolean hv_worker_commit(void);

/** hv_worker_n_lost: threads that hang now. hv_worker_n_threads: all, these included. */
guint hv_worker_n_lost(HvWorkerKind *kind);
guint hv_worker_n_threads(HvWorkerKind *kind);

/** hv_worker_block_signals: keeps the calling thread out of signal delivery; faults of its own
 * still reach it. */
void hv_worker_block_signals(void);
