/* What a change did to one number: medians of two windows, judged by the number's own past. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/effect.h"

#include <math.h>
#include <stdlib.h>

#define N_CUTS 120 /* of the past: placebos */
#define LEAST_CUTS 40
#define KNOWN_RATIO 0.8       /* of a window's samples */
#define PLACEBO_QUANTILE 0.95 /* of the differences at the cuts */
#define MEDIAN_VARIANCE 1.57  /* that of a median of normal samples, of that of their mean */
#define MOST_PHI 0.97
#define DF_LEAST 2.0

/* The numbers on the scale that they are compared on. */
typedef struct {
    double *values; /* owned */
    gboolean is_log;
    double unit;
} Scaled;

static int
compare_doubles(gconstpointer a, gconstpointer b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* @scratch: room for @n. */
static double
median(const double *values, guint n, double *scratch)
{
    guint n_known = 0;

    for (guint i = 0; i < n; i++)
        if (!isnan(values[i]))
            scratch[n_known++] = values[i];
    if (n_known == 0 || n_known < KNOWN_RATIO * n)
        return (double)NAN;
    qsort(scratch, n_known, sizeof *scratch, compare_doubles);
    return (scratch[n_known / 2] + scratch[(n_known - 1) / 2]) / 2;
}

double
hv_effect_median(const double *values, guint n)
{
    g_autofree double *scratch = g_new(double, MAX(n, 1));

    return median(values, n, scratch);
}

/* Ratios matter, not differences: logarithms, with the floor below which nothing does. A number
 * that may be negative, or nothing at all, is compared as it is. */
static gboolean
has_logs(const HvEffectSeries *series, guint end)
{
    for (guint i = 0; i < end; i++)
        if (series->values[i] + series->floor <= 0)
            return FALSE;
    return TRUE;
}

static Scaled
scale(const HvEffectSeries *series, double before, double after)
{
    const guint end = MIN(series->n, series->resume + series->window);
    const double size = MAX(MAX(fabs(before), fabs(after)), series->floor);
    Scaled scaled = { .values = g_new(double, MAX(series->n, 1)),
                      .is_log = has_logs(series, end),
                      .unit = size > 0 ? size : 1 };

    for (guint i = 0; i < series->n; i++)
        scaled.values[i] = scaled.is_log ? log(series->values[i] + series->floor)
                                         : series->values[i] / scaled.unit;
    return scaled;
}

/* splitmix64 */
static guint64
next_random(guint64 *state)
{
    guint64 z = *state += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- the past ---- */

/* A cut of the past: how far its first window was above the level around it, and how the second
 * differed from the first. */
typedef struct {
    double above, difference;
} Cut;

/* Where the stretch without another change that @at lies in begins. FALSE: it ends before
 * @end. */
static gboolean
find_stretch(const HvEffectSeries *series, guint at, guint end, guint *begin,
             guint *stretch_end)
{
    *begin = 0;
    *stretch_end = series->cut;
    for (guint i = 0; i < series->n_breaks; i++) {
        if (series->breaks[i] <= at)
            *begin = MAX(*begin, series->breaks[i]);
        else
            *stretch_end = MIN(*stretch_end, series->breaks[i]);
    }
    return *stretch_end >= end;
}

/* The level of the stretch; the last one asked for is remembered. */
typedef struct {
    guint begin, end;
    double level;
} Level;

static double
level_of(Level *level, const double *values, guint begin, guint end)
{
    if (level->begin != begin || level->end != end) {
        double sum = 0;
        guint n = 0;

        for (guint i = begin; i < end; i++) {
            sum += isnan(values[i]) ? 0 : values[i];
            n += isnan(values[i]) ? 0 : 1;
        }
        level->begin = begin;
        level->end = end;
        level->level = n ? sum / n : 0;
    }
    return level->level;
}

/* The same difference at random cuts of the past. Returns how many there are. */
static guint
cut_past(const HvEffectSeries *series, const double *values, Cut *cuts)
{
    const guint gap = series->resume - series->cut;
    const guint needed = 2 * series->window + gap;
    g_autofree double *scratch = g_new(double, series->window);
    guint64 random = series->seed;
    Level level = { 0 };
    guint n = 0;

    for (guint i = 0; i < N_CUTS && series->cut > needed; i++) {
        const guint first = (guint)(next_random(&random) % (series->cut - needed + 1));
        const double *from = values + first;
        const double before = median(from, series->window, scratch);
        const double after = median(from + series->window + gap, series->window, scratch);
        guint begin, end;

        if (isnan(before) || isnan(after) ||
            !find_stretch(series, first, first + needed, &begin, &end))
            continue;
        cuts[n++] = (Cut){ before - level_of(&level, values, begin, end), after - before };
    }
    return n;
}

/* ---- how far chance goes ---- */

/* Two-sided Student's t: how often a value beyond ±t comes by chance. By the transformation of
 * Wallace to a normal deviate, good to about 0.001 from two degrees of freedom. */
static double
p_of_t(double t, double df)
{
    const double z = (8 * df + 1) / (8 * df + 3) * sqrt(df * log1p(t * t / df));

    return erfc(z / G_SQRT2);
}

/* The t beyond which 5 % lie. */
static double
t_limit(double df)
{
    double low = 1.9, high = 20;

    for (guint i = 0; i < 40; i++) {
        const double t = (low + high) / 2;

        *(p_of_t(t, df) > 0.05 ? &low : &high) = t;
    }
    return high;
}

/* Of a window's samples: squares around their median, products of neighbours. */
typedef struct {
    double squares, products;
    guint n;
} Spread;

static void
add_spread(Spread *spread, const double *values, guint n, double middle)
{
    for (guint i = 0; i < n; i++) {
        if (isnan(values[i]))
            continue;
        spread->squares += (values[i] - middle) * (values[i] - middle);
        spread->n++;
        if (i > 0 && !isnan(values[i - 1]))
            spread->products += (values[i] - middle) * (values[i - 1] - middle);
    }
}

/* The standard error of the difference of two medians from the samples alone: as AR(1) noise,
 * whose samples count for fewer the more each resembles the last. */
static double
error_of_windows(const HvEffectSeries *series, const double *values, double before,
                 double after, gboolean is_alone)
{
    Spread spread = { 0 };
    double phi, n;

    add_spread(&spread, values + series->cut - series->window, series->window, before);
    add_spread(&spread, values + series->resume, series->window, after);
    if (!(spread.squares > 0))
        return 0;
    n = spread.n / 2.0;
    phi = spread.products / spread.squares;
    phi = CLAMP(is_alone ? phi + (1 + 4 * phi) / n : phi, 0, MOST_PHI);
    return sqrt(MEDIAN_VARIANCE * spread.squares / (spread.n - 2) * (1 + phi) / (1 - phi) * 2 /
                n);
}

/* What the past says: how much of what is above the level goes by itself, then the usual size
 * of such a difference, and the one that 95 % stay below. */
typedef struct {
    guint n;
    double returns; /* 0: it stays where it is; 1: all of it goes */
    double usual, most;
    double df; /* of @usual: independent pieces of the past */
} Placebo;

/* People act when it is at its worst, and the worst passes. */
static double
find_return(const Cut *cuts, guint n)
{
    double squares = 0, products = 0;

    for (guint i = 0; i < n; i++) {
        squares += cuts[i].above * cuts[i].above;
        products += cuts[i].above * cuts[i].difference;
    }
    return squares > 0 ? CLAMP(-products / squares, 0, 1) : 0;
}

static Placebo
judge_past(const HvEffectSeries *series, const double *values)
{
    double sizes[N_CUTS], squares = 0;
    Cut cuts[N_CUTS];
    Placebo placebo = { .n = cut_past(series, values, cuts) };

    if (placebo.n < LEAST_CUTS)
        return (Placebo){ 0 };
    placebo.returns = find_return(cuts, placebo.n);
    for (guint i = 0; i < placebo.n; i++) {
        sizes[i] = fabs(cuts[i].difference + placebo.returns * cuts[i].above);
        squares += sizes[i] * sizes[i];
    }
    qsort(sizes, placebo.n, sizeof *sizes, compare_doubles);
    placebo.usual = sqrt(squares / placebo.n);
    placebo.most = sizes[(guint)(PLACEBO_QUANTILE * (placebo.n - 1))];
    placebo.df = MAX(DF_LEAST, (double)series->cut / series->window / 4);
    return placebo;
}

/* How far the window before the change was above the level of its own stretch. */
static double
above_now(const HvEffectSeries *series, const double *values, double before)
{
    Level level = { 0 };
    guint begin, end;

    find_stretch(series, series->cut - 1, series->cut, &begin, &end);
    return before - level_of(&level, values, begin, end);
}

/* ---- the answer ---- */

static double
as_ratio(const Scaled *scaled, double difference)
{
    return scaled->is_log ? expm1(difference) : difference;
}

static void
judge(const HvEffectSeries *series, const Scaled *scaled, double before, double after,
      HvEffectMeasure *measure)
{
    const double *values = scaled->values;
    const Placebo placebo = judge_past(series, values);
    /* what is left when that is taken out which would have passed by itself */
    const double difference =
        after - before + placebo.returns * above_now(series, values, before);
    const double own = error_of_windows(series, values, before, after, !placebo.n);
    const double error = MAX(own, placebo.usual);
    const double df = placebo.n ? placebo.df : MAX(DF_LEAST, series->window / 9.0);
    const double limit = MAX(t_limit(df) * error, placebo.most);
    const double least = log1p(HV_EFFECT_LEAST_RATIO);

    measure->n_cuts = placebo.n;
    measure->is_weak = !placebo.n || series->cut < series->enough;
    measure->p = error > 0 ? p_of_t(difference / error, df) : fabs(difference) > 0 ? 0 : 1;
    measure->least_ratio = as_ratio(scaled, MAX(limit, least));
    measure->is_clear = fabs(difference) > limit && fabs(difference) > least;
    measure->low = as_ratio(scaled, difference - limit);
    measure->high = as_ratio(scaled, difference + limit);
}

gboolean
hv_effect_measure(const HvEffectSeries *series, HvEffectMeasure *measure)
{
    const guint window = series->window;
    g_autofree double *scratch = NULL;
    double before, after;
    Scaled scaled;

    if (window < HV_EFFECT_LEAST_WINDOW || series->cut < window ||
        series->resume < series->cut || series->resume + window > series->n)
        return FALSE;
    scratch = g_new(double, window);
    before = median(series->values + series->cut - window, window, scratch);
    after = median(series->values + series->resume, window, scratch);
    if (isnan(before) || isnan(after))
        return FALSE;
    *measure = (HvEffectMeasure){ .before = before, .after = after };
    scaled = scale(series, before, after);
    judge(series, &scaled, median(scaled.values + series->cut - window, window, scratch),
          median(scaled.values + series->resume, window, scratch), measure);
    measure->change_ratio = fabs(before) > 0 ? (after - before) / fabs(before) : (double)NAN;
    g_free(scaled.values);
    return TRUE;
}

gboolean
hv_effect_pairs(const double *differences, guint n, double *ratio, double *low, double *high)
{
    double sum = 0, squares = 0, half;

    for (guint i = 0; i < n; i++)
        sum += differences[i];
    for (guint i = 0; n > 1 && i < n; i++)
        squares += (differences[i] - sum / n) * (differences[i] - sum / n);
    if (n < 2)
        return FALSE;
    half = t_limit(n - 1.0) * sqrt(squares / (n - 1.0) / n);
    *ratio = expm1(sum / n);
    *low = expm1(sum / n - half);
    *high = expm1(sum / n + half);
    return TRUE;
}

/* The smallest of those left. */
static guint
smallest(const double *p, const gboolean *done, guint n)
{
    guint least = n;

    for (guint i = 0; i < n; i++)
        if (!done[i] && !isnan(p[i]) && (least == n || p[i] < p[least]))
            least = i;
    return least;
}

void
hv_effect_holm(double *p, guint n)
{
    g_autofree gboolean *done = g_new0(gboolean, MAX(n, 1));
    guint left = 0;
    double so_far = 0;

    for (guint i = 0; i < n; i++)
        left += isnan(p[i]) ? 0 : 1;
    for (; left > 0; left--) {
        const guint i = smallest(p, done, n);

        so_far = MAX(so_far, MIN(1, p[i] * left));
        p[i] = so_far;
        done[i] = TRUE;
    }
}
