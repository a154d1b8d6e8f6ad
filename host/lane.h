/* A lane for reads that may take long or hang: one thread of a kind, one job at a time, picked up when it is done. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* What a lane does with a request. In the lane's own thread, or, behind a tree or a demo, at once in the caller's, so
 * that those stay deterministic. NULL with @error is no answer. Static storage. */
typedef struct {
    const char *name; /* of the thread, at most 15 bytes */
    const char *what; /* whom it waits for: "/proc/PID/numa_maps" */
    gpointer (*run)(HvHost *host, gpointer request, GError **error);
    GDestroyNotify free_request;
    GDestroyNotify free_answer;
} HvLaneClass;

/* One owner's thread (the sampler's). Opaque. */
typedef struct HvLane HvLane;

/** hv_lane_new: no thread yet. hv_lane_free: a job that hangs is left behind, and with it @host's memory. Accepts NULL. */
HvLane *hv_lane_new(HvHost *host, const HvLaneClass *lane_class);
void hv_lane_free(HvLane *lane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvLane, hv_lane_free)
/** hv_lane_is_busy: a job was begun and its end was not picked up. */
gboolean hv_lane_is_busy(const HvLane *lane);
/** hv_lane_begin: FAILED when four jobs hang already. @take_request is taken in any case. Never waits on a live host. */
gboolean hv_lane_begin(HvLane *lane, gpointer take_request, guint deadline_ms, GError **error);
/** hv_lane_end: TRUE when the job is over: @answer (transfer full), or NULL with @error (TIMEOUT past the deadline).
 * FALSE while it runs, or none was begun. Never waits. */
gboolean hv_lane_end(HvLane *lane, gpointer *answer, GError **error);
/** hv_lane_wait: until the job is over (TRUE), or for @patience_ms; at most until its deadline. TRUE when none was begun. */
gboolean hv_lane_wait(const HvLane *lane, guint patience_ms);
