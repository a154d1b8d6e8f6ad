/* Which counters tell a thread's local and remote memory traffic on this processor. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "probes/cpu-ident.h"

/* One way to count it: two events, to be opened as one group. */
typedef struct {
    const char *name;        /* for people: "OCR:READS_TO_CORE, local and remote DRAM" */
    const char *pmus[2];     /* libpfm4's tables, or NULL: it has none that encodes these */
    const char *names[2];    /* libpfm4's names of the local and the remote event, or NULL */
    HvCounterEvent codes[2]; /* the same, as raw codes */
    gboolean counts_bytes;   /* each is a line of 64 bytes */
    gboolean needs_offcore;  /* the kernel must know this model's offcore registers */
    const char *doubt;       /* N_("..."), or NULL */
} HvPfmChoice;

/* Processors that have the same choices. */
typedef struct {
    HvCpuVendor vendor;
    guint family, first_model, last_model;
    const HvPfmChoice *choices; /* the best first; ends with a NULL name */
} HvPfmModel;

extern const HvPfmModel hv_pfm_models[]; /* ends with a NULL choices */

/** hv_pfm_choices: of that processor, or NULL. Any thread. */
const HvPfmChoice *hv_pfm_choices(const HvCpuIdent *ident);
/** hv_pfm_encode: both events: by libpfm4 where it knows their names on this machine, else by
 * the raw codes. Returns: whether libpfm4 did it. Any thread. Source: libpfm4
 * pfm_get_os_event_encoding(3). */
gboolean hv_pfm_encode(const HvPfmChoice *choice, HvCounterEvent events[2]);
