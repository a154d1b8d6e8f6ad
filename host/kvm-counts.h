/* What KVM counts of a VM and of each of its vCPUs: names, and a set of such numbers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/kvm-columns.h"

/* Those of them that are known. */
typedef struct {
    guint32 has; /* bit 1 << HvKvmCount */
    guint64 values[HV_KVM_N_COUNTS];
} HvKvmCounts;

/* What was told of one VM at a time. Immutable; shared by an atomic count. */
typedef struct {
    gatomicrefcount refs;
    gint64 read_ns;    /* monotonic */
    HvKvmCounts total; /* over its vCPUs */
    guint n_vcpus;
    HvKvmCounts *vcpus; /* by vCPU number; one without any was not told of */
} HvKvmReading;

/** hv_kvm_count_name: as the kernel writes it: "halt_exits". Static. Any thread, as all below.
 */
const char *hv_kvm_count_name(HvKvmCount count);
/** hv_kvm_count_find: the reverse; FALSE for a name that is none of them. */
gboolean hv_kvm_count_find(const char *name, gsize length, HvKvmCount *count);
/** hv_kvm_counts_set: @count becomes known. hv_kvm_counts_get: FALSE when it is not known. */
void hv_kvm_counts_set(HvKvmCounts *counts, HvKvmCount count, guint64 value);
gboolean hv_kvm_counts_get(const HvKvmCounts *counts, HvKvmCount count, guint64 *value);
/** hv_kvm_reading_new: nothing is known. hv_kvm_reading_add: one statistic of libvirt's,
 * "vcpu.3.exits.sum"; others are passed over. hv_kvm_reading_sum: fills the total. */
HvKvmReading *hv_kvm_reading_new(void);
void hv_kvm_reading_add(HvKvmReading *reading, const char *field, guint64 value);
void hv_kvm_reading_sum(HvKvmReading *reading);
HvKvmReading *hv_kvm_reading_ref(HvKvmReading *reading);
/** hv_kvm_reading_unref: NULL is allowed, as in ref. */
void hv_kvm_reading_unref(HvKvmReading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvKvmReading, hv_kvm_reading_unref)
