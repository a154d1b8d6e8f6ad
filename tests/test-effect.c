/* What is made of one number before and after a change. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/effect.h"

#include <math.h>

#define PAST 600
#define GAP 5
#define WINDOW 30
#define N (PAST + GAP + WINDOW)

/* A number that wavers by a few percent in a way of its own, then @after times that. */
static void
fill(double *values, double after)
{
    for (guint i = 0; i < N; i++)
        values[i] =
            10 * (1 + 0.03 * sin(i * 1.7) + 0.02 * sin(i * 0.31)) * (i < PAST ? 1 : after);
}

static HvEffectSeries
series_of(const double *values)
{
    return (HvEffectSeries){ .values = values,
                             .n = N,
                             .cut = PAST,
                             .resume = PAST + GAP,
                             .window = WINDOW,
                             .enough = PAST,
                             .seed = 1 };
}

static void
test_change(void)
{
    double values[N];
    const HvEffectSeries series = series_of(values);
    HvEffectMeasure measure;

    fill(values, 0.25);
    g_assert_true(hv_effect_measure(&series, &measure));
    g_assert_true(measure.is_clear);
    g_assert_false(measure.is_weak);
    g_assert_cmpfloat_with_epsilon(measure.before, 10, 0.3);
    g_assert_cmpfloat_with_epsilon(measure.change_ratio, -0.75, 0.02);
    g_assert_cmpfloat(measure.low, <, measure.change_ratio);
    g_assert_cmpfloat(measure.high, >, measure.change_ratio);
    g_assert_cmpfloat(measure.p, <, 0.001);
}

static void
test_nothing(void)
{
    double values[N];
    const HvEffectSeries series = series_of(values);
    HvEffectMeasure measure;

    fill(values, 1.02);
    g_assert_true(hv_effect_measure(&series, &measure));
    g_assert_false(measure.is_clear);
    g_assert_cmpfloat(measure.least_ratio, >=, HV_EFFECT_LEAST_RATIO);
}

/* A load that goes up and down by a half every five minutes has fallen before, too. */
static void
test_waves(void)
{
    double values[N];
    const HvEffectSeries series = series_of(values);
    HvEffectMeasure measure;

    for (guint i = 0; i < N; i++)
        values[i] = 10 + 5 * sin(2 * G_PI * ((double)i - PAST + 75) / 250);
    g_assert_true(hv_effect_measure(&series, &measure));
    g_assert_cmpfloat(measure.change_ratio, <, -0.03);
    g_assert_false(measure.is_clear);
}

static void
test_short_past(void)
{
    double values[N];
    HvEffectSeries series = series_of(values);
    HvEffectMeasure measure;

    fill(values, 0.25);
    series.values += PAST - WINDOW;
    series.n -= PAST - WINDOW;
    series.cut = WINDOW;
    series.resume = WINDOW + GAP;
    g_assert_true(hv_effect_measure(&series, &measure));
    g_assert_true(measure.is_weak);
    g_assert_cmpuint(measure.n_cuts, ==, 0);
    g_assert_true(measure.is_clear);
}

/* The same step was there before: across it nothing is compared. */
static void
test_breaks(void)
{
    const guint at = 300;
    double values[N];
    HvEffectSeries series = series_of(values);
    HvEffectMeasure across, apart;

    fill(values, 0.25);
    for (guint i = 0; i < at; i++)
        values[i] /= 4;
    g_assert_true(hv_effect_measure(&series, &across));
    series.breaks = &at;
    series.n_breaks = 1;
    g_assert_true(hv_effect_measure(&series, &apart));
    g_assert_cmpfloat(apart.least_ratio, <, across.least_ratio / 2);
    g_assert_cmpuint(apart.n_cuts, <, across.n_cuts);
}

static void
test_unknown(void)
{
    double values[N];
    const HvEffectSeries series = series_of(values);
    HvEffectMeasure measure;

    fill(values, 1);
    for (guint i = 0; i < 7; i++)
        values[PAST + GAP + 3 * i] = (double)NAN;
    g_assert_false(hv_effect_measure(&series, &measure));
    values[PAST + GAP] = 10;
    g_assert_true(hv_effect_measure(&series, &measure));
}

/* From nothing to something: there is no ratio, but a change. */
static void
test_from_zero(void)
{
    double values[N];
    HvEffectSeries series = series_of(values);
    HvEffectMeasure measure;

    for (guint i = 0; i < N; i++)
        values[i] = i < PAST ? 0 : 0.3;
    series.floor = 0.005;
    g_assert_true(hv_effect_measure(&series, &measure));
    g_assert_true(isnan(measure.change_ratio));
    g_assert_true(measure.is_clear);
    for (guint i = PAST; i < N; i++)
        values[i] = 0.0002; /* far below the floor */
    g_assert_true(hv_effect_measure(&series, &measure));
    g_assert_false(measure.is_clear);
}

static void
test_holm(void)
{
    double p[] = { 0.01, (double)NAN, 0.04, 0.03 };

    hv_effect_holm(p, G_N_ELEMENTS(p));
    g_assert_cmpfloat_with_epsilon(p[0], 0.03, 1e-9);
    g_assert_true(isnan(p[1]));
    g_assert_cmpfloat_with_epsilon(p[3], 0.06, 1e-9);
    g_assert_cmpfloat_with_epsilon(p[2], 0.06, 1e-9);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/effect/a-change-is-measured-with-its-interval", test_change);
    g_test_add_func("/effect/two-percent-are-no-visible-change", test_nothing);
    g_test_add_func("/effect/what-the-load-does-by-itself-is-no-change", test_waves);
    g_test_add_func("/effect/a-short-past-makes-it-weak", test_short_past);
    g_test_add_func("/effect/the-past-is-not-compared-across-another-change", test_breaks);
    g_test_add_func("/effect/windows-with-holes-say-nothing", test_unknown);
    g_test_add_func("/effect/from-zero-has-no-ratio-and-a-floor", test_from_zero);
    g_test_add_func("/effect/several-numbers-are-corrected-for", test_holm);
    return g_test_run();
}
