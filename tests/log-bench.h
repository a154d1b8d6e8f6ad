/* Samples to record for the tests of logs: a few VMs, in the tables that a log knows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sqlite3.h>

#include "log/log.h"

#define HV_BENCH_S G_GINT64_CONSTANT(1000000000)
#define HV_BENCH_BEGIN_NS (G_GINT64_CONSTANT(1700000000) * HV_BENCH_S)

/* Makes samples, a second apart. Opaque. */
typedef struct HvLogBench HvLogBench;
/** hv_log_bench_new: of @n_vms VMs, "vm0" and so on. */
HvLogBench *hv_log_bench_new(guint n_vms);
void hv_log_bench_free(HvLogBench *bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvLogBench, hv_log_bench_free)
/** hv_log_bench_schemas: what is recorded of them; hv_log_bench_sums: what is summed. */
const HvSchema *const *hv_log_bench_schemas(void);
const HvSchema *const *hv_log_bench_sums(void);
/** hv_log_bench_options: for @path, or a ring; with hostname, timezone and version. */
HvLogOptions hv_log_bench_options(const char *path);
/** hv_log_bench_next: the next sample, at HV_BENCH_BEGIN_NS + tick seconds, the first is
 * tick 1. (transfer full) */
HvSnapshot *hv_log_bench_next(HvLogBench *bench);
/** hv_log_bench_find: from the next sample on the finding @kind of vm0 holds; NULL: none.
 * hv_log_bench_change: and change 7 has that outcome. */
void hv_log_bench_find(HvLogBench *bench, const char *kind, const char *severity);
void hv_log_bench_change(HvLogBench *bench, const char *outcome);

/** hv_log_bench_number: of the first row; G_MININT64 without one. hv_log_bench_text: (transfer
 * full). Both fail the test when @sql does. */
gint64 hv_log_bench_number(sqlite3 *db, const char *sql);
char *hv_log_bench_text(sqlite3 *db, const char *sql);
