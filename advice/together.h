/* Whether two things of the recent past rose and fell together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

typedef struct {
    double correlation; /* Pearson's, -1 to 1 */
    double explained;   /* part of @y's mean that goes with @x: slope × mean of x */
} HvTogether;

/** hv_together: over the samples that both have (NaN: none). FALSE when those are fewer than
 * 30, or @x varied too little (by less than a tenth of its mean) to tell anything. Any thread.
 */
gboolean hv_together(const float *x, const float *y, guint n, HvTogether *together);
