/* Who is counted when there are more VMs than RMIDs may be used. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* A VM that needs monitoring groups of ours. */
typedef struct {
    gboolean is_wanted; /* somebody looks at it */
    double rank;        /* how bad it is: the worst has most */
    guint n_groups;     /* that it needs: one for each control group it is in */
    gint64 held_ns;     /* since when it has them; 0: it has none */
    gint64 counted_ns;  /* when it was last counted; 0: never */
    gboolean is_chosen; /* out */
} HvResctrlCandidate;

/* So long a VM keeps what it got: a rate needs two samples, an occupancy the end of warming. */
#define HV_RESCTRL_HOLD_NS (G_GINT64_CONSTANT(20) * 1000000000)

/**
 * hv_resctrl_choose:
 * @limit: groups that there may be
 *
 * All, where they fit. Else three quarters go to those that are looked at and then to the
 * worst; the rest is for the others in turn, longest uncounted first, each for
 * HV_RESCTRL_HOLD_NS. Pure.
 */
void hv_resctrl_choose(HvResctrlCandidate *candidates, guint n, guint limit, gint64 now_ns);
