/* What one VM's vCPUs amount to: sums, means and the worst of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

/* A number with its mark; or a mark without a value, and why (borrowed from a table, or
 * static). */
typedef struct {
    HvMark mark;
    double value;
    const char *why;
} HvQuantity;

/* Where the columns are that are read here; -1: not there. */
typedef struct {
    const HvTable *vms;   /* "vm_counters" */
    const HvTable *vcpus; /* "vcpus" */
    int tcg, throttled, halt_poll, vhost;
    int vcpu, run, wait, own_throttled, user, system, guest, switches, window;
} HvVmColumns;

/* The rows of one VM: @row of vm_counters, @n_vcpus rows of vcpus from @first on. */
typedef struct {
    guint row;
    guint first;
    guint n_vcpus;
} HvVmRows;

typedef struct {
    HvQuantity cpu;           /* cpus that its vCPUs used: 4 is four of them */
    HvQuantity guest;         /* cpus inside the guest */
    HvQuantity wait_max;      /* worst vCPU: wait - throttled, of its time */
    HvQuantity wait_mean;     /* the same, mean over vCPUs */
    guint64 wait_max_vcpu;    /* when wait_max has a value */
    HvQuantity throttled;     /* mean over vCPUs, of their time */
    HvQuantity throttled_max; /* worst vCPU, of its time; known where its own limit is */
    HvQuantity halt_poll;     /* mean over vCPUs, of their time */
    HvQuantity overhead;      /* of the time that it kept cpus busy */
    HvQuantity switches;      /* per second */
} HvVmSum;

/** hv_vm_columns_find: looks the columns up. Both tables may be NULL. Any thread, as below. */
void hv_vm_columns_find(HvVmColumns *columns, const HvTable *vms, const HvTable *vcpus);
/**
 * hv_vm_sum:
 * A sum or a mean is only given when every vCPU is known; the worst of those that are known is,
 * marked as estimated. throttled: by the vCPU's own limit and by its share of the VM's; one
 * that is not known makes it estimated. wait: the kernel's run-queue delay less the time
 * throttled, by the vCPU's own limit and by its share of the VM's. overhead: (system + user -
 * guest - halt polling + vhost) ÷ (user + system + vhost), estimated: system and user time come
 * in ticks, and the softirqs of its queues are not measured.
 */
void hv_vm_sum(const HvVmColumns *columns, const HvVmRows *rows, HvVmSum *sum);
