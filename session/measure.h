/* What the sampler and others share of the meter: plans go in from any thread, settled effects
 * come out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/* Opaque. */
typedef struct HvMeasure HvMeasure;

HvMeasure *hv_measure_new(const HvMeter *meter);
void hv_measure_free(HvMeasure *measure);
/** hv_measure_set_window: before the first run. */
void hv_measure_set_window(HvMeasure *measure, gint64 window_ns);
/** hv_measure_changed, hv_measure_take: as hv_sampler_changed() and hv_sampler_take_effect().
 * Any thread. */
void hv_measure_changed(HvMeasure *measure, const HvPlan *plan, gint64 begun_ns,
                        gint64 ended_ns);
char *hv_measure_take(HvMeasure *measure, guint64 *plan);
/** hv_measure_run: adds the table to @snapshot. The sampler's thread. */
void hv_measure_run(HvMeasure *measure, HvSnapshot *snapshot);
