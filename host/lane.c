/* A lane for reads that may take long or hang: one thread of a kind, one job at a time, picked
 * up when it is done. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/lane.h"

#include "host/host-private.h"
#include "host/worker.h"

#define FREE_GRACE_US 200000

/* What goes to the worker's thread and back. */
typedef struct {
    const HvLaneClass *lane_class;
    HvHost *host;
    gpointer request;
} Job;

typedef struct {
    const HvLaneClass *lane_class;
    gpointer answer;
} Done;

struct HvLane {
    HvHost *host;
    const HvLaneClass *lane_class;
    HvWorkerClass *worker_class; /* a thread that is left behind goes on reading it */
    HvWorkerKind *kind;          /* NULL: jobs are done at once */
    HvWorkerCall *call;
    gboolean is_done; /* without a worker: the two below wait to be picked up */
    gpointer answer;
    GError *error;
};

static void
free_job(gpointer data)
{
    Job *job = data;

    if (job->request && job->lane_class->free_request)
        job->lane_class->free_request(job->request);
    g_free(job);
}

static void
free_done(gpointer data)
{
    Done *done = data;

    if (!done)
        return;
    if (done->answer && done->lane_class->free_answer)
        done->lane_class->free_answer(done->answer);
    g_free(done);
}

static gpointer
run(gpointer *state G_GNUC_UNUSED, gconstpointer request, GError **error)
{
    const Job *job = request;
    gpointer answer = job->lane_class->run(job->host, job->request, error);
    Done *done;

    if (!answer)
        return NULL;
    done = g_new0(Done, 1);
    done->lane_class = job->lane_class;
    done->answer = answer;
    return done;
}

HvLane *
hv_lane_new(HvHost *host, const HvLaneClass *lane_class)
{
    HvLane *lane = g_new0(HvLane, 1);

    lane->host = host;
    lane->lane_class = lane_class;
    if (hv_host_is_live(host)) {
        lane->worker_class = g_new0(HvWorkerClass, 1);
        *lane->worker_class = (HvWorkerClass){ .name = lane_class->name,
                                               .what = lane_class->what,
                                               .run = run,
                                               .free_request = free_job,
                                               .free_answer = free_done };
        lane->kind = hv_worker_kind_new(lane->worker_class);
    }
    return lane;
}

/* A job that has not come to its end by now is waited for a little. */
static void
drop_call(HvLane *lane)
{
    if (!lane->call)
        return;
    (void)hv_worker_wait(lane->call, g_get_monotonic_time() + FREE_GRACE_US);
    hv_worker_kind_cancel(lane->kind);
    free_done(hv_worker_finish(g_steal_pointer(&lane->call), NULL));
}

void
hv_lane_free(HvLane *lane)
{
    if (!lane)
        return;
    if (lane->kind) {
        guint n_lost;

        drop_call(lane);
        n_lost = hv_worker_n_lost(lane->kind);
        hv_worker_kind_close(lane->kind, FREE_GRACE_US / 1000);
        if (n_lost > 0) /* they still read the host and their class: both stay */
            lane->host->is_left_behind = TRUE;
        else
            g_free(lane->worker_class);
    }
    if (lane->answer && lane->lane_class->free_answer)
        lane->lane_class->free_answer(lane->answer);
    g_clear_error(&lane->error);
    g_free(lane);
}

gboolean
hv_lane_is_busy(const HvLane *lane)
{
    return lane->call || lane->is_done;
}

static void
do_at_once(HvLane *lane, gpointer take_request)
{
    lane->answer = lane->lane_class->run(lane->host, take_request, &lane->error);
    lane->is_done = TRUE;
    if (lane->lane_class->free_request)
        lane->lane_class->free_request(take_request);
}

gboolean
hv_lane_begin(HvLane *lane, gpointer take_request, guint deadline_ms, GError **error)
{
    Job *job;

    g_assert(!hv_lane_is_busy(lane));
    if (!lane->kind) {
        do_at_once(lane, take_request);
        return TRUE;
    }
    job = g_new0(Job, 1);
    *job = (Job){ lane->lane_class, lane->host, take_request };
    lane->call = hv_worker_start(lane->kind, job, deadline_ms, error);
    return lane->call != NULL;
}

gboolean
hv_lane_end(HvLane *lane, gpointer *answer, GError **error)
{
    g_autoptr(GError) failed = NULL;
    Done *done;

    if (lane->is_done) {
        lane->is_done = FALSE;
        *answer = g_steal_pointer(&lane->answer);
        if (lane->error)
            g_propagate_error(error, g_steal_pointer(&lane->error));
        return TRUE;
    }
    if (!lane->call || !hv_worker_wait(lane->call, 0))
        return FALSE;
    done = hv_worker_finish(g_steal_pointer(&lane->call), &failed);
    *answer = done ? g_steal_pointer(&done->answer) : NULL;
    free_done(done);
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return TRUE;
}

gboolean
hv_lane_wait(const HvLane *lane, guint patience_ms)
{
    return !lane->call ||
           hv_worker_wait(lane->call, g_get_monotonic_time() + (gint64)patience_ms * 1000);
}
