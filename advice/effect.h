/* What a change did to one number: medians of two windows, judged by the number's own past.
 * Pure functions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#define HV_EFFECT_LEAST_RATIO 0.05 /* smaller changes are not worth a word */
#define HV_EFFECT_LEAST_WINDOW 8   /* samples */

/* One number's samples at one rate, oldest first; NAN where it is not known, or where another
 * change makes it no measure of this one. */
typedef struct {
    const double *values;
    guint n;
    guint cut;           /* the first sample after the change began */
    guint resume;        /* the first one after it that counts: all has settled */
    guint window;        /* samples looked at on each side: up to @cut, and from @resume */
    guint enough;        /* samples of the past that make the answer more than weak */
    const guint *breaks; /* where other changes were: the past is not compared across them */
    guint n_breaks;
    double floor; /* below this the number might as well be zero; 0: any size matters */
    guint64 seed; /* of the cuts: the same seed, the same answer */
} HvEffectSeries;

typedef struct {
    double before, after;           /* medians */
    double change_ratio, low, high; /* (after − before) ÷ before, and where it lies with 95 %;
                                       NAN where before is nothing */
    double p;                       /* how often such a difference comes by itself */
    double least_ratio; /* the smallest change that would have been told from the past's own */
    guint n_cuts;       /* of the past that it was compared with */
    gboolean is_weak;   /* the past is too short to judge by */
    gboolean is_clear;  /* outside what the past does by itself, and of some size */
} HvEffectMeasure;

/** hv_effect_measure: FALSE where either window has too few samples. Any thread, as all below.
 */
gboolean hv_effect_measure(const HvEffectSeries *series, HvEffectMeasure *measure);
/** hv_effect_median: of those of @n @values that are known; NAN where fewer than four fifths
 * are. */
double hv_effect_median(const double *values, guint n);
/** hv_effect_pairs: mean of @n differences (logarithms) of pairs, as ratios: the mean and where
 * it lies with 95 %. FALSE with fewer than two. */
gboolean hv_effect_pairs(const double *differences, guint n, double *ratio, double *low,
                         double *high);
/** hv_effect_holm: corrects @n values of p for being that many, in place; NAN stays so. */
void hv_effect_holm(double *p, guint n);
