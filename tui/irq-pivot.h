/* Interrupts turned round: one row per interrupt, one number per node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

#define HV_NO_NODE (-1) /* the cpus whose node is not known */

typedef struct {
    guint row;     /* of table interrupts: where it was taken most */
    double total;  /* over the nodes */
    double *nodes; /* one per node of the pivot; NaN: no value */
} HvPivotIrq;

typedef struct {
    gboolean is_rate; /* per second; else since boot, as there is no second sample yet */
    GArray *nodes;    /* of int, rising, HV_NO_NODE last */
    GArray *irqs;     /* of HvPivotIrq */
    double *totals;   /* per node */
    double most;      /* the largest number of all */
    double *cells;    /* what nodes of the irqs point into */
} HvPivot;

/** hv_pivot_new: of table @interrupts (may be NULL). Any thread. */
HvPivot *hv_pivot_new(const HvTable *interrupts);
void hv_pivot_free(HvPivot *pivot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvPivot, hv_pivot_free)
