/* The table "sources": every probe, whether it works, what it costs, and what would cure it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"

typedef enum {
    HV_SOURCE_OFF, /* nobody wants it */
    HV_SOURCE_OK,
    HV_SOURCE_SLOW,   /* works, but less often than wished, since it costs too much */
    HV_SOURCE_ABSENT, /* this host has no such thing */
    HV_SOURCE_DENIED, /* there, but not for this user */
    HV_SOURCE_FAILED, /* the last sample failed */
} HvSourceState;

/* One row. All texts are borrowed for the time of the call and may be NULL. */
typedef struct {
    const char *name;
    const char *help;
    HvSourceState state;
    gint64 cost_ns;    /* of the last sample; -1 never sampled */
    gint64 sampled_ns; /* monotonic; 0 never */
    gint64 period_ns;  /* distance of samples now */
    const char *why;
    const char *cure;
} HvSource;

/** hv_sources_emit: one row of the table, into @out. Sampler's thread. */
void hv_sources_emit(HvSink *out, const HvSource *source);
/** hv_source_state_name: a stable word, untranslated. */
const char *hv_source_state_name(HvSourceState state);
