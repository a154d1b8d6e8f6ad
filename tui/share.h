/* Where the wall time of a VM's vCPUs goes, as far as it is known: the slices of the sheet's bar. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

typedef enum {
    HV_SHARE_GUEST,      /* in the guest, without the two below where they are known; ≈ */
    HV_SHARE_LOCAL,      /* of the guest's time: waiting for memory of its own node; ≈, only where bytes are known */
    HV_SHARE_REMOTE,     /* likewise of other nodes */
    HV_SHARE_HYPERVISOR, /* its vCPU threads in KVM and the kernel */
    HV_SHARE_POLL,       /* polling for a halted vCPU */
    HV_SHARE_WAIT,       /* ready, but no cpu */
    HV_SHARE_THROTTLED,  /* denied by a limit */
    HV_SHARE_IDLE,       /* the rest */
    HV_N_SHARES,
} HvShareKind;

/* Ratios of wall time × vCPUs; together at most 1. */
typedef struct {
    guint n_vcpus;
    gboolean is_known[HV_N_SHARES];
    double ratio[HV_N_SHARES];
} HvShares;

/** hv_shares_of: @vm: a key of table "vms". FALSE where no vCPU has a run time yet. Any thread. */
gboolean hv_shares_of(const HvSnapshot *snapshot, const char *vm, HvShares *shares);
