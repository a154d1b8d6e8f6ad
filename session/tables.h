/* The tables that the session makes itself: "sources" and "changes". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/* How a probe is doing. */
typedef enum {
    HV_SOURCE_OFF,
    HV_SOURCE_OK,
    HV_SOURCE_SLOW,
    HV_SOURCE_ABSENT,
    HV_SOURCE_DENIED,
    HV_SOURCE_FAILED
} HvSourceState;

/* One row of "sources". Texts are borrowed. */
typedef struct {
    const char *name, *help;
    HvSourceState state;
    gint64 cost_ns;    /* of the last sample, -1 never sampled */
    gint64 sampled_ns; /* monotonic, 0 never */
    gint64 period_ns;  /* wished distance of samples now */
    const char *why;   /* not, or slow; NULL */
    const char *cure;  /* or NULL */
} HvSourceRow;

/** hv_sources_emit: adds the row. Sampler thread. */
void hv_sources_emit(HvSink *out, const HvSourceRow *source);
/** hv_changes_fill: adds a row per step of the journal's newest plans. Sampler thread; reads
 * the disk. */
void hv_changes_fill(HvSink *out, HvJournal *journal);
