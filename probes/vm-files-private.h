/* What vm-files.c keeps and vm-read.c reads. Only for these two. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "probes/keep.h"
#include "probes/vm-files.h"

#define HV_VM_N_TURNS 10 /* parts in which the VMs that nobody looks at are read */
#define HV_VM_N_PRESSURES 3
#define HV_VM_N_HALT_POLLS 2

struct HvVmReader {
    HvKeep keep;
    char **kvm_names; /* in debugfs: PID-FD; NULL: see @kvm_error */
    GError *kvm_error;
    GError
        *locked;  /* why debugfs is refused although it is there; NULL: it is not locked down */
    guint n_born; /* spreads the turns */
    char buffer[16384];
};

/* A thread whose cpu time is added up from when it was first seen: threads come and go, the sum
 * only grows. */
typedef struct {
    int tid;
    guint64 start_ticks;
    HvThreadRole role;
    HvKept schedstat;
    gboolean has_last;
    guint64 last_ns;
} HvVmThread;

struct HvVmFiles {
    int pid;
    guint64 start_ticks;
    gboolean tcg;
    gint64 libvirt_polled_ns; /* when libvirt told of halt polling; 0: not */
    gint64 libvirt_step_ns;   /* between its last two answers */
    guint64 libvirt_halt_poll_ns;
    HvKept status, stat, throttle;
    HvKept pressures[HV_VM_N_PRESSURES];
    HvKept halt_polls[HV_VM_N_HALT_POLLS];
    const char *no_pressure; /* why there is none, static; NULL: there may be */
    GArray *taps;            /* of HvKept: two for each */
    GPtrArray *threads;      /* of HvVmThread: all but vCPUs */
    guint64 emulator_ns, vhost_ns;
    char *emulator_cpus; /* or NULL */
    guint64 n_periods;
    gboolean is_limited;
    guint turn;
    HvRegard last_regard;
    gint64 due_ns;
    gboolean halt_poll_failed; /* and is to be asked for again, whatever is due */
    HvVmReading reading;
};
