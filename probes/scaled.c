/* Readings of a perf group that shares its counters with others, scaled up stretch by stretch.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/scaled.h"

#define SCALED_BELOW 0.9

void
hv_scaled_take(HvScaled *scaled, guint n, const guint64 *values, guint64 enabled_ns,
               guint64 running_ns)
{
    const double enabled = (double)(enabled_ns - scaled->enabled_ns);
    const double running = (double)(running_ns - scaled->running_ns);

    scaled->is_blocked = enabled > 0 && running <= 0;
    scaled->is_scaled = running > 0 && running < enabled * SCALED_BELOW;
    for (guint i = 0; i < n; i++) {
        if (running > 0)
            scaled->counts[i] +=
                (double)(values[i] - scaled->values[i]) * MAX(enabled / running, 1);
        scaled->values[i] = values[i];
    }
    scaled->enabled_ns = enabled_ns;
    scaled->running_ns = running_ns;
}
