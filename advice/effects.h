/* What changes did: measures every plan that it is told of, and says it as a table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"
#include "model/sink.h"
#include "model/snapshot.h"

#define HV_EFFECTS_WINDOW_NS G_GINT64_CONSTANT(30000000000)

/* Table "effects": a row for each number by which a change is judged. */
extern const HvSchema hv_effects_schema;
extern const char *const hv_effects_inputs[]; /* tables that it reads, NULL-terminated */

/* One thread. Opaque. */
typedef struct HvEffects HvEffects;

HvEffects *hv_effects_new(void);
void hv_effects_free(HvEffects *effects);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvEffects, hv_effects_free)
/** hv_effects_set_window: how long is measured before and after; HV_EFFECTS_WINDOW_NS unless
 * said. */
void hv_effects_set_window(HvEffects *effects, gint64 window_ns);
/** hv_effects_changed: @plan (borrowed) was at work from @begun_ns to @ended_ns, monotonic. A
 * plan told of twice counts once. */
void hv_effects_changed(HvEffects *effects, const HvPlan *plan, gint64 begun_ns,
                        gint64 ended_ns);
/** hv_effects_run: keeps the sample; rows of all that is known. Allocates nothing in the steady
 * state while no change is under way. */
void hv_effects_run(HvEffects *effects, const HvSnapshot *snapshot, HvSink *out);
/** hv_effects_settled: the lines about @plan once they stay as they are, or NULL. (transfer
 * full) */
char *hv_effects_settled(HvEffects *effects, guint64 plan);
