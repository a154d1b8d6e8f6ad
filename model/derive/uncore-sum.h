/* Adding up the units of the raw table "uncore". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"

/* Which units: those of @kind whose @column holds @number. */
typedef struct {
    const char *kind; /* "memory" or "link" */
    const char *column;
    guint64 number;
} HvUncoreMatch;

typedef struct {
    guint n_units, n_known;
    HvMark
        mark; /* of the sum: MEASURED or SCALED; the first cell's without a value otherwise */
    const char *why; /* borrowed from the table */
    double bytes_per_s;
    double nominal; /* bytes/s that they could move together, 0: not known */
} HvUncoreSum;

/** hv_uncore_has: whether there is a unit of @kind; @uncore may be NULL. Any thread, as below.
 */
gboolean hv_uncore_has(const HvTable *uncore, const char *kind);
/** hv_uncore_why: why there are none: the table's reason, else @otherwise. */
const char *hv_uncore_why(const HvTable *uncore, const char *otherwise);
void hv_uncore_sum(const HvTable *uncore, const HvUncoreMatch *match, HvUncoreSum *sum);
/** hv_uncore_emit: the sum as bytes per second, or why not; @no_units: the reason where no unit
 * matches. */
void hv_uncore_emit(HvSink *out, guint column, const HvUncoreSum *sum, const char *no_units);
