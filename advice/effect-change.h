/* One plan whose effect is being measured: when all has settled, what its numbers did, what
 * that means. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "advice/effect.h"
#include "advice/past.h"
#include "model/plan.h"

typedef enum {
    HV_VERDICT_TOO_EARLY,
    HV_VERDICT_BETTER,
    HV_VERDICT_WORSE,
    HV_VERDICT_NO_CHANGE,
    HV_VERDICT_LOAD, /* the neighbours moved alike */
    HV_VERDICT_MIXED,
    HV_VERDICT_WEAK,
} HvVerdict;

/* A number by which the plan is judged. */
typedef struct {
    const char *name; /* owned where it is a watch's */
    gboolean is_watch;
    HvPastNumber number; /* unless a watch */
    gboolean of_neighbours, is_main, more_is_better;
    double floor;
    gboolean is_measured; /* what follows holds */
    HvEffectMeasure measure;
    double p; /* corrected for the number of numbers */
    HvVerdict verdict;
    char *line; /* all of it in words; owned */
} HvEffectNumber;

#define HV_EFFECT_RECENT 5 /* samples looked at for what still moves */

/* Owns what hangs on it. */
typedef struct {
    guint64 plan;
    char *vm;          /* "": the host */
    GPtrArray *others; /* char *: other VMs that the plan touches */
    gint64 begun_ns, ended_ns;
    guint64 cut;    /* sample number; 0: none yet */
    guint64 resume; /* likewise: all has settled */
    guint window;   /* samples that the answer so far stands on; 0: none */
    double window_s;
    double past_s; /* what lay behind it */
    gboolean is_final;
    gboolean is_lost;   /* it did not settle */
    guint64 mixed_with; /* another plan's id; 0: none */
    double load_ratio;  /* what the neighbours' load did */
    GArray *numbers;    /* of HvEffectNumber, main one first */
    guint n_recent;
    double occupancy[HV_EFFECT_RECENT], resident[HV_EFFECT_RECENT]; /* by sample */
    char *text; /* the lines of all numbers, once it is final; owned */
} HvEffectChange;

/** hv_effect_change_new: of @plan, as far as @past goes. hv_effect_change_free accepts NULL.
 * One thread, as all below. */
HvEffectChange *hv_effect_change_new(const HvPast *past, const HvPlan *plan, gint64 begun_ns,
                                     gint64 ended_ns);
void hv_effect_change_free(gpointer change);
/** hv_effect_change_watch: looks at the newest sample for what still moves. */
void hv_effect_change_watch(HvEffectChange *change, const HvPast *past,
                            const HvSnapshot *snapshot);
/** hv_effect_change_judge: what is known by now, with windows of @window_ns in the end;
 * @changes: all that are known, of HvEffectChange. */
void hv_effect_change_judge(HvEffectChange *change, const HvPast *past,
                            const GPtrArray *changes, gint64 window_ns);

/** hv_verdict_name: stable words, untranslated. */
const char *hv_verdict_name(HvVerdict verdict);
/** hv_effect_line: "redis_p99_ms 11.9 → 3.1 (−74 %, sure)". (transfer full) */
char *hv_effect_line(const HvEffectChange *change, const HvEffectNumber *number);
