/* Whether two things of the recent past rose and fell together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/together.h"

#include <math.h>

#define LEAST_SAMPLES 30
#define LEAST_VARIATION 0.1 /* standard deviation of x, of its mean */

static gboolean
has_both(const float *x, const float *y, guint i)
{
    return !isnan(x[i]) && !isnan(y[i]);
}

gboolean
hv_together(const float *x, const float *y, guint n, HvTogether *together)
{
    double sum_x = 0, sum_y = 0, xx = 0, yy = 0, xy = 0;
    guint n_both = 0;

    for (guint i = 0; i < n; i++) {
        if (!has_both(x, y, i))
            continue;
        sum_x += (double)x[i];
        sum_y += (double)y[i];
        n_both++;
    }
    if (n_both < LEAST_SAMPLES)
        return FALSE;
    for (guint i = 0; i < n; i++) {
        const double dx = (double)x[i] - sum_x / n_both, dy = (double)y[i] - sum_y / n_both;

        if (!has_both(x, y, i))
            continue;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    if (!(sqrt(xx / n_both) >= LEAST_VARIATION * fabs(sum_x / n_both)) || !(xx > 0))
        return FALSE;
    *together = (HvTogether){ .correlation = yy > 0 ? xy / sqrt(xx * yy) : 0,
                              .explained = xy / xx * sum_x / n_both };
    return TRUE;
}
