/* The rows of resctrl's raw tables, from what a round found. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"
#include "probes/resctrl-read.h"

/* In the order of the probe's tables. */
enum {
    HV_RESCTRL_TABLE,
    HV_RESCTRL_GROUPS,
    HV_RESCTRL_DOMAINS,
    HV_RESCTRL_INFO,
    HV_RESCTRL_MON,
    HV_RESCTRL_VM_GROUPS,
    HV_RESCTRL_N_TABLES
};
extern const HvSchema hv_resctrl_schemas[HV_RESCTRL_N_TABLES];

/* The numbers of the rows emitted last, by their place, so that no key is looked up twice. */
typedef struct {
    HvResctrlLayout *known;           /* whose rows they are; a reference */
    GArray *ids[HV_RESCTRL_N_TABLES]; /* of guint32 */
    guint at;                         /* in the table being emitted */
} HvResctrlRows;

void hv_resctrl_rows_init(HvResctrlRows *rows);
void hv_resctrl_rows_clear(HvResctrlRows *rows);
/** hv_resctrl_emit: all tables. While the layout is the same, nothing is allocated. The
 * sampler's thread. */
void hv_resctrl_emit(HvResctrlRows *rows, HvSink *out, const HvResctrlRound *round);
