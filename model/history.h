/* The recent past of a few columns: 300 samples; NaN: absent. What is older is in the ring of log/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

#define HV_HISTORY_SAMPLES 300

/* One column of one table whose past is kept per row. A list ends with a NULL table. */
typedef struct {
    const char *table;
    const char *column;
} HvHistoryColumn;

/* Bounded store of the past. Written by one thread (the sampler), read by any. Opaque. */
typedef struct HvHistory HvHistory;

/** hv_history_new: @columns is static. hv_history_free accepts NULL. */
HvHistory *hv_history_new(const HvHistoryColumn *columns);
void hv_history_free(HvHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvHistory, hv_history_free)
/** hv_history_append: adds the sample of tick @tick from each of @tables that has a kept
 * column; rows not in the sample get NaN; a row that was away starts anew. Allocates only when
 * rows appear. Sampler thread. */
void hv_history_append(HvHistory *history, guint64 tick, HvTable *const *tables,
                       guint n_tables);
/**
 * hv_history_read:
 * @key: joined key of the row
 * @tick: the newest sample wanted, as in HvSnapshot
 * @values: gets @n values, oldest first, NaN where absent; the last is that of @tick
 *
 * Returns: FALSE, and nothing written, where this column or row is not kept. Copies under a
 * short lock. Any thread.
 */
gboolean hv_history_read(HvHistory *history, const char *table, const char *column,
                         const char *key, guint64 tick, float *values, guint n);
