/* Where a VM's memory lies: bytes by node, the node it is at home on, the nodes that hold
 * nearly all. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/derive/vm-index.h"

#define HV_VM_HOME_MAX_NODES 64

typedef struct {
    HvVmIndex residency;
    int node, resident_bytes; /* columns, or -1 */
} HvVmHomes;

typedef struct {
    guint64 bytes[HV_VM_HOME_MAX_NODES]; /* by node number */
    guint64 sum;                         /* 0: nothing is known, for this reason: */
    const char *why;                     /* borrowed from the table, or NULL */
    gboolean is_estimate;
    int home;                          /* the node that holds at least 75 %, or -1 */
    guint nodes[HV_VM_HOME_MAX_NODES]; /* fewest that together hold over 95 %, largest first */
    guint n_nodes;
} HvVmHome;

/** hv_vm_homes_fill: over the table "residency", which may be NULL. Any thread, as below. */
void hv_vm_homes_fill(HvVmHomes *homes, const HvTable *residency);
/** hv_vm_home_find: of @vm; a VM without rows has a sum of 0. */
void hv_vm_home_find(const HvVmHomes *homes, const char *vm, HvVmHome *home);
