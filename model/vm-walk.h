/* VMs and their vCPUs as rules walk over them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/mask.h"
#include "model/snapshot.h"

/* A walk over "vms" and "vcpus"; the row of each that it is at. Lives on the stack. */
typedef struct {
    const HvSnapshot *snapshot;
    const HvTopology *topology; /* may be NULL */
    const HvTable *vms, *vcpus; /* may be NULL */
    const char *name;           /* of the VM; borrowed, as the next */
    const char *key;            /* the same, escaped as in knob paths */
    guint row;                  /* in vms */
    guint first, n_vcpus;       /* its rows in vcpus */
    /* the walk's own */
    guint next_row, next_vcpu;
    int vm, cpu_ratio, state, vcpu_vm, vcpu_id, run, wait, throttled, node, allowed, cookie;
} HvVmWalk;

/** hv_vm_walk_begin: before the first VM. Any thread, as all below. */
void hv_vm_walk_begin(HvVmWalk *walk, const HvSnapshot *snapshot);
/** hv_vm_walk_next: FALSE behind the last. */
gboolean hv_vm_walk_next(HvVmWalk *walk);
/** hv_number: a number of a cell, NAN without one; @table may be NULL. */
double hv_number(const HvTable *table, guint row, int column);
/** hv_named_number: the same, looking the column up. */
double hv_named_number(const HvTable *table, guint row, const char *column);

/** hv_vm_cpus_used: cpus that its vCPUs use: 4.12; NAN unknown. */
double hv_vm_cpus_used(const HvVmWalk *walk);
/** hv_vm_is_running: unless it is known to be paused or the like. */
gboolean hv_vm_is_running(const HvVmWalk *walk);
/** hv_vcpu_number, hv_vcpu_run, hv_vcpu_wait: of the @i-th vCPU: its number; shares of its time
 * running, and waiting without what its own limit held it back; NAN unknown. */
guint64 hv_vcpu_number(const HvVmWalk *walk, guint i);
double hv_vcpu_run(const HvVmWalk *walk, guint i);
double hv_vcpu_wait(const HvVmWalk *walk, guint i);
/** hv_vcpu_node: where it last ran, -1 unknown. */
int hv_vcpu_node(const HvVmWalk *walk, guint i);
/** hv_vcpu_allowed: cpus that it may run on; FALSE when that is not known. */
gboolean hv_vcpu_allowed(const HvVmWalk *walk, guint i, HvMask *cpus);
/** hv_vcpu_is_pinned: it is held to less than a node: cpus were chosen for it. */
gboolean hv_vcpu_is_pinned(const HvVmWalk *walk, const HvMask *allowed);
