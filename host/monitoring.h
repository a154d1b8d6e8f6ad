/* Monitoring groups of resctrl that hvtune makes: shared by all hvtunes of a host, leased, and
 * removed with the last lease. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

#define HV_RESCTRL_DIR "sys/fs/resctrl"

/* What this hvtune has made and uses. One thread at a time; it waits for locks and files, so
 * not the sampler's. Opaque. */
typedef struct HvMonitoring HvMonitoring;

/* A group that is to be. */
typedef struct {
    char *path;    /* below resctrl's root: "gold/mon_groups/hvtune-<uuid>"; owned */
    GArray *tids;  /* of int: threads that are to join it; owned, may be empty */
    GError *error; /* out: why it could not be made, or NULL; owned */
} HvMonitoringWish;

/** hv_monitoring_wish_clear: for GArray; frees what it owns. */
void hv_monitoring_wish_clear(gpointer wish);

/**
 * hv_monitoring_new:
 *
 * Touches nothing. Leases lie in "monitoring" of the policy's state directory, one file per
 * hvtune, named PID-STARTTIME, a line for each group; a simulated machine can do without.
 * hv_monitoring_free: removes nothing: see hv_monitoring_close(). Accepts NULL.
 */
HvMonitoring *hv_monitoring_new(HvHost *host);
void hv_monitoring_free(HvMonitoring *monitoring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvMonitoring, hv_monitoring_free)

/** hv_monitoring_is_ours: whether some hvtune gave a monitoring group the name @name.
 * hv_monitoring_name: of a guest's group: "hvtune-<uuid>", "hvtune-pid-PID-STARTTIME" without a
 * uuid. (transfer full). Any thread. */
gboolean hv_monitoring_is_ours(const char *name);
char *hv_monitoring_name(const HvGuest *guest);

/** hv_monitoring_may: FALSE with DENIED or ABSENT when no group may be made here, and why. */
gboolean hv_monitoring_may(HvMonitoring *monitoring, GError **error);
/** hv_monitoring_is_held: whether this hvtune has a lease of the group at @path. */
gboolean hv_monitoring_is_held(const HvMonitoring *monitoring, const char *path);
/** hv_monitoring_n_held: how many. */
guint hv_monitoring_n_held(const HvMonitoring *monitoring);
/** hv_monitoring_is_leased: whether any living hvtune, this one included, has one. */
gboolean hv_monitoring_is_leased(HvMonitoring *monitoring, const char *path);

/** hv_monitoring_lock: takes resctrl's lock for itself, as libvirt does around its changes; at
 * most 200 ms. TIMEOUT when another holds it. hv_monitoring_unlock: gives it back. */
gboolean hv_monitoring_lock(HvMonitoring *monitoring, GError **error);
void hv_monitoring_unlock(HvMonitoring *monitoring);

/**
 * hv_monitoring_set:
 * @wishes: of HvMonitoringWish: all groups that this hvtune uses from now on
 *
 * Under the lock. First the lease is written, then groups are made and threads put in, one
 * write for each; a thread that has ended is passed over. Groups held so far that are no longer
 * wished for are given up, and removed when no other hvtune uses them. A wish that fails has
 * its error; ABSENT, DENIED, REFUSED: "out of RMIDs" with EBUSY or ENOSPC. Returns: FALSE with
 * @error when leases cannot be kept: nothing was made.
 */
gboolean hv_monitoring_set(HvMonitoring *monitoring, GArray *wishes, GError **error);
/** hv_monitoring_sweep: under the lock: removes all groups of hvtunes that have died. Returns:
 * how many. */
guint hv_monitoring_sweep(HvMonitoring *monitoring);
/** hv_monitoring_close: gives up and removes all that it holds, taking the lock itself. */
void hv_monitoring_close(HvMonitoring *monitoring);

/** hv_monitoring_is_limbo: whether @error says that RMIDs are there, but still in limbo. */
gboolean hv_monitoring_is_limbo(const GError *error);
