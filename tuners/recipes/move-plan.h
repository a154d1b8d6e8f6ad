/* One way to bring a VM to a node: which of it goes, where it sits, what that takes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/recipes/room.h"

/* What goes to the node; the rest is there. */
typedef enum { HV_WAY_NOTHING, HV_WAY_VCPUS, HV_WAY_MEMORY, HV_WAY_BOTH } HvWay;

typedef struct {
    const HvScene *scene;
    const HvRoom *room;
    int node;
    HvWay way;
    HvSeats seats;        /* where vCPUs go */
    guint64 moved_bytes;  /* of memory */
    double seconds;       /* ≈, of the moved memory */
    gboolean needs_nodes; /* the node must be allowed to it first */
    HvMask nodes;         /* then these are */
} HvMove;

/** hv_move_plan: decides what goes to @node and whether it may. REFUSED has the reason and the
 * way out. The actuator's thread, as below. */
gboolean hv_move_plan(HvMove *move, const HvScene *scene, const HvRoom *room, int node,
                      GError **error);
void hv_move_clear(HvMove *move);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvMove, hv_move_clear)
/** hv_move_wish: its steps, in their order: vCPUs, other threads, interrupts, pages. */
void hv_move_wish(HvMove *move, HvRecipeDraft *draft);
/** hv_move_note: what a person must know of it. */
void hv_move_note(const HvMove *move, HvRecipeDraft *draft);
/** hv_move_remote_ratio: share of its traffic that will be remote, ≈; NAN unknown. */
double hv_move_remote_ratio(const HvMove *move);
/** hv_move_free_bytes: what @node has free for pages of that size; FALSE unknown. */
gboolean hv_move_free_bytes(const HvScene *scene, int node, HvPages pages, guint64 *bytes);
