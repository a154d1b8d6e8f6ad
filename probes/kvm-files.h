/* KVM's counts of one VM in debugfs: files that are kept open, and what they say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/kvm-counts.h"
#include "probes/keep.h"

#define HV_KVM_DEBUGFS "sys/kernel/debug/kvm"

/* Zeroed: nothing yet. */
typedef struct {
    int pid;
    HvKept files[HV_KVM_N_COUNTS];
    HvKvmCounts counts;
    gint64 read_ns; /* monotonic; 0: never */
    const GError
        *error; /* why there is none of them: of the first file; NULL: there are some */
} HvKvmFiles;

/** hv_kvm_files_locked: DENIED with @why (static, N_()) where kernel lockdown hides debugfs
 * from everybody; NULL where it does not. (transfer full) */
GError *hv_kvm_files_locked(HvHost *host, const char *why);
/** hv_kvm_files_set: those of process @pid; @names: of the directories below kvm, PID-FD, or
 * NULL. What is as it was stays open. */
void hv_kvm_files_set(HvKeep *keep, HvKvmFiles *files, char **names, int pid);
void hv_kvm_files_clear(HvKeep *keep, HvKvmFiles *files);
/** hv_kvm_files_read: @buffer is scratch. In the steady state nothing is allocated. Returns:
 * whether anything was read. */
gboolean hv_kvm_files_read(HvKeep *keep, HvKvmFiles *files, char *buffer, gsize size,
                           gint64 now_ns);
