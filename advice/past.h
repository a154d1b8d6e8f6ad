/* The recent past of the numbers that effects are told by: twelve minutes of each watch and of
 * a few numbers of each VM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

#define HV_PAST_LENGTH 720 /* samples */
#define HV_PAST_APART_NS                                                                       \
    G_GINT64_CONSTANT(900000000) /* samples closer than that are left out */

/* What is kept of a VM, and of the host: the VM named "". */
typedef enum {
    HV_PAST_WAIT,            /* the worst vCPU's wait; of the host the worst VM's */
    HV_PAST_OVERHEAD,        /* of the host the mean */
    HV_PAST_REMOTE,          /* remote share; likewise */
    HV_PAST_REMOTE_PER_WORK, /* remote bytes for each second of guest time */
    HV_PAST_CPU,             /* guest cpus used; of the host the sum */
    HV_PAST_N_NUMBERS,
} HvPastNumber;

/* One thread. Opaque. */
typedef struct HvPast HvPast;

HvPast *hv_past_new(void);
void hv_past_free(HvPast *past);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvPast, hv_past_free)
/** hv_past_add: keeps what @snapshot says. FALSE: it came too soon after the last. Allocates
 * only when VMs or watches appear. */
gboolean hv_past_add(HvPast *past, const HvSnapshot *snapshot);
/** hv_past_newest: number of the newest sample, from 1; 0: none yet. hv_past_oldest: of the
 * oldest that is still there. */
guint64 hv_past_newest(const HvPast *past);
guint64 hv_past_oldest(const HvPast *past);
/** hv_past_ns: monotonic ns of sample @number, which is there. hv_past_since: number of the
 * first sample at or after @ns; newest + 1 when there is none. */
gint64 hv_past_ns(const HvPast *past, guint64 number);
guint64 hv_past_since(const HvPast *past, gint64 ns);
/** hv_past_read: @n samples from @first on, NAN where unknown; FALSE: nothing is known of that
 * VM or watch. Numbers are within 0.1 %. */
gboolean hv_past_read(const HvPast *past, const char *vm, HvPastNumber number, guint64 first,
                      double *values, guint n);
gboolean hv_past_read_watch(const HvPast *past, const char *watch, guint64 first,
                            double *values, guint n);
/** hv_past_vms, hv_past_watches: names, borrowed, until the next hv_past_add(). (transfer
 * container) */
GPtrArray *hv_past_vms(const HvPast *past);
GPtrArray *hv_past_watches(const HvPast *past);
