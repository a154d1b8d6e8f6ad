/* What changes did: measures every plan that it is told of, and says it as a table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/effects.h"

#include <math.h>

#include "advice/effect-change.h"
#include "model/i18n.h"

#define MOST_SHOWN 16 /* changes in the table */

enum {
    PLAN,
    METRIC,
    VM,
    BEFORE,
    AFTER,
    CHANGE_RATIO,
    LOW,
    HIGH,
    P,
    LEAST_RATIO,
    VERDICT,
    TEXT,
    IS_MAIN,
    SURE,
    SETTLED,
    WINDOW_S,
    GOOD,
};

static const HvColumn columns[] = {
    [PLAN] = { .name = "plan",
               .kind = HV_KIND_ID,
               .help = N_("the change, as in the journal") },
    [METRIC] = { .name = "metric",
                 .kind = HV_KIND_KEY,
                 .help = N_("the number that it is judged by") },
    [VM] = { .name = "vm", .kind = HV_KIND_KEY, .help = N_("the VM that it is meant to help") },
    [BEFORE] = { .name = "before", .kind = HV_KIND_F64, .help = N_("median before") },
    [AFTER] = { .name = "after", .kind = HV_KIND_F64, .help = N_("median after") },
    [CHANGE_RATIO] = { .name = "change_ratio",
                       .kind = HV_KIND_F64,
                       .unit = HV_UNIT_RATIO,
                       .help = N_("after less before, of before") },
    [LOW] = { .name = "low",
              .kind = HV_KIND_F64,
              .unit = HV_UNIT_RATIO,
              .help = N_("where the change itself lies with 95 %: from") },
    [HIGH] = { .name = "high",
               .kind = HV_KIND_F64,
               .unit = HV_UNIT_RATIO,
               .help = N_("where the change itself lies with 95 %: to") },
    [P] = { .name = "p",
            .kind = HV_KIND_F64,
            .help = N_("how often as much comes by itself; corrected where several numbers are "
                       "looked at") },
    [LEAST_RATIO] = { .name = "least_ratio",
                      .kind = HV_KIND_F64,
                      .unit = HV_UNIT_RATIO,
                      .help = N_("the smallest change that would have been seen") },
    [VERDICT] = { .name = "verdict",
                  .kind = HV_KIND_TEXT,
                  .help = N_("better, worse, no visible change, the load changed, mixed, too "
                             "early to say, weak") },
    [TEXT] = { .name = "text", .kind = HV_KIND_TEXT, .help = N_("all of it as a line") },
    [IS_MAIN] = { .name = "is_main",
                  .kind = HV_KIND_BOOL,
                  .help = N_("the number chosen to judge it by") },
    [SURE] = { .name = "sure",
               .kind = HV_KIND_BOOL,
               .help = N_("better or worse, and it does not come by itself") },
    [SETTLED] = { .name = "settled",
                  .kind = HV_KIND_BOOL,
                  .help = N_("the answer stays as it is") },
    [WINDOW_S] = { .name = "window_s",
                   .kind = HV_KIND_F64,
                   .unit = HV_UNIT_S,
                   .help = N_("time looked at before, and as long after") },
    [GOOD] = { .name = "good",
               .kind = HV_KIND_TEXT,
               .help = N_("lower or higher: which of them is better") },
    { 0 },
};
const HvSchema hv_effects_schema = { .name = "effects", .columns = columns };
const char *const hv_effects_inputs[] = {
    "vms", "traffic", "watches", "llc", "residency", NULL
};

struct HvEffects {
    HvPast *past;
    gint64 window_ns;
    GPtrArray *changes; /* of HvEffectChange, in the order they were told */
};

HvEffects *
hv_effects_new(void)
{
    HvEffects *effects = g_new0(HvEffects, 1);

    effects->past = hv_past_new();
    effects->window_ns = HV_EFFECTS_WINDOW_NS;
    effects->changes = g_ptr_array_new_with_free_func(hv_effect_change_free);
    return effects;
}

void
hv_effects_free(HvEffects *effects)
{
    if (!effects)
        return;
    g_ptr_array_unref(effects->changes);
    hv_past_free(effects->past);
    g_free(effects);
}

void
hv_effects_set_window(HvEffects *effects, gint64 window_ns)
{
    effects->window_ns = window_ns;
}

static const HvEffectChange *
find(const HvEffects *effects, guint64 plan)
{
    for (guint i = 0; i < effects->changes->len; i++) {
        const HvEffectChange *change = effects->changes->pdata[i];

        if (change->plan == plan)
            return change;
    }
    return NULL;
}

/* Those that the past no longer reaches are of no use to others. */
static void
forget_old(HvEffects *effects)
{
    while (effects->changes->len > MOST_SHOWN) {
        const HvEffectChange *oldest = effects->changes->pdata[0];

        if (!oldest->is_final || oldest->resume >= hv_past_oldest(effects->past))
            return;
        g_ptr_array_remove_index(effects->changes, 0);
    }
}

void
hv_effects_changed(HvEffects *effects, const HvPlan *plan, gint64 begun_ns, gint64 ended_ns)
{
    if (find(effects, plan->id))
        return;
    forget_old(effects);
    g_ptr_array_add(effects->changes,
                    hv_effect_change_new(effects->past, plan, begun_ns, ended_ns));
}

static void
emit_f64(HvSink *out, guint column, const HvEffectChange *change, double value)
{
    if (isnan(value))
        hv_none(out, column, HV_MARK_ABSENT,
                change->is_final ? N_("nothing to divide by, or too few samples")
                                 : N_("too early to say"));
    else
        hv_f64(out, column, value);
}

/* A line is made anew only while its change is under way: the rest stands in the table. */
static void
emit_number(HvSink *out, const HvEffectChange *change, const HvEffectNumber *number)
{
    const HvEffectMeasure *measure = &number->measure;
    const gboolean has = number->is_measured;
    char plan[24];

    g_snprintf(plan, sizeof plan, "%" G_GUINT64_FORMAT, change->plan);
    hv_row(out, plan, number->name, change->vm);
    emit_f64(out, BEFORE, change, has ? measure->before : (double)NAN);
    emit_f64(out, AFTER, change, has ? measure->after : (double)NAN);
    emit_f64(out, CHANGE_RATIO, change, has ? measure->change_ratio : (double)NAN);
    emit_f64(out, LOW, change, has ? measure->low : (double)NAN);
    emit_f64(out, HIGH, change, has ? measure->high : (double)NAN);
    emit_f64(out, P, change, has ? number->p : (double)NAN);
    emit_f64(out, LEAST_RATIO, change, has ? measure->least_ratio : (double)NAN);
    hv_text(out, VERDICT, hv_verdict_name(number->verdict));
    hv_text(out, TEXT, number->line);
    hv_bool(out, IS_MAIN, number->is_main);
    hv_bool(out, SURE,
            change->is_final &&
                (number->verdict == HV_VERDICT_BETTER || number->verdict == HV_VERDICT_WORSE));
    hv_bool(out, SETTLED, change->is_final);
    emit_f64(out, WINDOW_S, change, change->window ? change->window_s : (double)NAN);
    hv_text(out, GOOD, number->more_is_better ? "higher" : "lower");
}

static void
emit(const HvEffects *effects, HvSink *out)
{
    const guint n = effects->changes->len;

    for (guint i = n > MOST_SHOWN ? n - MOST_SHOWN : 0; i < n; i++) {
        const HvEffectChange *change = effects->changes->pdata[i];

        for (guint k = 0; k < change->numbers->len; k++)
            emit_number(out, change, &g_array_index(change->numbers, HvEffectNumber, k));
    }
    if (!n)
        hv_sink_why(out, N_("no change was made since hvtune began to look"));
}

void
hv_effects_run(HvEffects *effects, const HvSnapshot *snapshot, HvSink *out)
{
    const gboolean is_new = hv_past_add(effects->past, snapshot);

    for (guint i = 0; is_new && i < effects->changes->len; i++)
        hv_effect_change_watch(effects->changes->pdata[i], effects->past, snapshot);
    for (guint i = 0; is_new && i < effects->changes->len; i++)
        hv_effect_change_judge(effects->changes->pdata[i], effects->past, effects->changes,
                               effects->window_ns);
    emit(effects, out);
}

char *
hv_effects_settled(HvEffects *effects, guint64 plan)
{
    const HvEffectChange *change = find(effects, plan);

    return change && change->is_final ? g_strdup(change->text) : NULL;
}
