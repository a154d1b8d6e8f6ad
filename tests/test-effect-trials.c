/* A thousand changes that change nothing, and as many that change a fifth: how often each is
 * called better or worse. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "advice/effect.h"
#include "tests/sim-world.h"

#define N_TRIALS 1000
#define N_SIMULATED 200 /* of them, in the simulated machine's own load */
#define PAST 600        /* samples of 1 s */
#define LONG 1200       /* of which the moment of the change is chosen */
#define SETTLING 5
#define WINDOW 30 /* SETTLING + WINDOW: well within 60 s */
#define PHI 0.8
#define NOISE 0.06 /* standard deviation of the number's logarithm */
#define CHANGE 1.2
#define SEED 7

typedef enum { STEADY, WAVES, WANDERING, AT_THE_PEAK, N_DRIFTS } Drift;
static const char *const drift_names[] = { "steady load", "a load in waves", "a wandering load",
                                           "changed at the peak of waves" };

typedef struct {
    double values[LONG];
    guint cut;
} Trial;

static double
normal(GRand *rand)
{
    return sqrt(-2 * log(1 - g_rand_double(rand))) * cos(2 * G_PI * g_rand_double(rand));
}

/* Engineers act when it is at its worst. */
static guint
find_peak(const Trial *trial)
{
    double most = -1;
    guint peak = PAST;

    for (guint cut = PAST; cut + SETTLING + WINDOW <= LONG; cut++) {
        const double level = hv_effect_median(trial->values + cut - WINDOW, WINDOW);

        if (level > most) {
            most = level;
            peak = cut;
        }
    }
    return peak;
}

static void
make_trial(Trial *trial, GRand *rand, Drift drift)
{
    const double phase = g_rand_double_range(rand, 0, 2 * G_PI);
    const double period = g_rand_double_range(rand, 600, 3600);
    double noise = NOISE * normal(rand), walk = 0;

    for (guint i = 0; i < LONG; i++) {
        noise = PHI * noise + NOISE * sqrt(1 - PHI * PHI) * normal(rand);
        walk += 0.1 / sqrt(PAST) * normal(rand);
        trial->values[i] = exp(noise + (drift == WANDERING ? walk : 0) +
                               (drift == WAVES || drift == AT_THE_PEAK
                                    ? 0.1 * sin(phase + 2 * G_PI * i / period)
                                    : 0));
    }
    trial->cut = drift == AT_THE_PEAK ? find_peak(trial) : PAST;
}

/* Whether it is called better or worse when the change makes of a number @factor times that. */
static gboolean
is_called(const Trial *trial, double factor, guint64 seed)
{
    const guint first = trial->cut - PAST;
    double values[PAST + SETTLING + WINDOW];
    const HvEffectSeries series = { .values = values,
                                    .n = G_N_ELEMENTS(values),
                                    .cut = PAST,
                                    .resume = PAST + SETTLING,
                                    .window = WINDOW,
                                    .enough = PAST,
                                    .seed = seed };
    HvEffectMeasure measure;

    for (guint i = 0; i < series.n; i++)
        values[i] = trial->values[first + i] * (i >= PAST ? factor : 1);
    g_assert_true(hv_effect_measure(&series, &measure));
    g_assert_false(measure.is_weak);
    g_assert_cmpuint(measure.n_cuts, >=, 40);
    return measure.is_clear;
}

typedef struct {
    guint n, n_false, n_found;
} Count;

static void
count(Count *counted, const Trial *trial, guint64 seed)
{
    counted->n++;
    counted->n_false += is_called(trial, 1, seed) ? 1 : 0;
    counted->n_found += is_called(trial, seed & 1 ? CHANGE : 1 / CHANGE, seed) ? 1 : 0;
}

static void
tell(const char *what, const Count *counted)
{
    g_test_message("%s: of %u changes that change nothing %.1f %% are called better or worse; "
                   "of a fifth more or less %.1f %% are found, after %u s",
                   what, counted->n, 100.0 * counted->n_false / counted->n,
                   100.0 * counted->n_found / counted->n, SETTLING + WINDOW);
}

/* The watch of the scenario "redis", moved by all that moves it there; the change is a number's
 * own factor, so that its true size is known. */
static void
count_simulated(Count *counted, GRand *rand)
{
    g_autoptr(HvSimWorld) world = hv_test_world("redis", NULL);
    const HvSimWatch *watch = world->watches->pdata[0];
    Trial trial;

    for (guint i = 0; i < LONG; i++) {
        hv_test_pass(world, 1);
        trial.values[i] = watch->value(world, watch->vm);
    }
    for (guint i = 0; i < N_SIMULATED; i++) {
        trial.cut = (guint)g_rand_int_range(rand, PAST, LONG - SETTLING - WINDOW);
        count(counted, &trial, i);
    }
}

static void
test_trials(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(SEED);
    Count counts[N_DRIFTS] = { 0 }, simulated = { 0 }, all = { 0 };

    for (guint i = 0; i < N_TRIALS - N_SIMULATED; i++) {
        Trial trial;

        make_trial(&trial, rand, (Drift)(i % N_DRIFTS));
        count(&counts[i % N_DRIFTS], &trial, i);
    }
    count_simulated(&simulated, rand);
    for (guint i = 0; i <= N_DRIFTS; i++) {
        const Count *counted = i < N_DRIFTS ? &counts[i] : &simulated;

        tell(i < N_DRIFTS ? drift_names[i] : "the simulated redis_p99_ms", counted);
        all.n += counted->n;
        all.n_false += counted->n_false;
        all.n_found += counted->n_found;
    }
    tell("all", &all);
    g_assert_cmpuint(all.n, ==, N_TRIALS);
    g_assert_cmpfloat((double)all.n_false / all.n, <=, 0.05);
    g_assert_cmpfloat((double)all.n_found / all.n, >=, 0.80);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/effect-trials/nothing-is-seldom-called-something-and-a-fifth-is-found",
                    test_trials);
    return g_test_run();
}
