/* Readings of a perf group that shares its counters with others, scaled up stretch by stretch.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#define HV_SCALED_MAX 4

/* Zeroed: just opened. */
typedef struct {
    guint64 values[HV_SCALED_MAX], enabled_ns, running_ns; /* last reading */
    double counts[HV_SCALED_MAX]; /* since it was opened, scaled up; only grows */
    gboolean is_scaled;  /* in the last stretch it ran for less than 90 % of its time */
    gboolean is_blocked; /* it did not run at all, but should have */
} HvScaled;

/**
 * hv_scaled_take:
 * @values: @n raw values, as hv_counters_read() gives them
 *
 * Each stretch between two readings is scaled by itself: the kernel's totals would carry an
 * early lack of counters along for ever. A group that was not enabled (its thread slept) has
 * nothing to add, and that is certain. Any thread. Source: perf_event_open(2).
 */
void hv_scaled_take(HvScaled *scaled, guint n, const guint64 *values, guint64 enabled_ns,
                    guint64 running_ns);
