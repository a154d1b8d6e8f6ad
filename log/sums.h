/* What each VM did in ten seconds, in one row that people can ask for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/rows.h"

#define HV_LOG_SUM_NS G_GINT64_CONSTANT(10000000000)

/* Adds up samples until ten seconds are over. One thread. Opaque. */
typedef struct HvLogSums HvLogSums;
HvLogSums *hv_log_sums_new(void);
void hv_log_sums_free(HvLogSums *sums);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvLogSums, hv_log_sums_free)
/** hv_log_sums_add: one sample, of the tables "vms" and "traffic"; where it begins a new ten
 * seconds, those before are appended to @rows first. */
void hv_log_sums_add(HvLogSums *sums, const HvSnapshot *snapshot, GPtrArray *rows);
/** hv_log_sums_end: what was added since, though ten seconds are not over. */
void hv_log_sums_end(HvLogSums *sums, GPtrArray *rows);
