/* Pressure stall information and cpu throttling: how long tasks were kept waiting, of the host
 * or of a cgroup. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* Of one file of /proc/pressure or one *.pressure: times waited since it was made. Older
 * kernels have no "full" for cpu. */
typedef struct {
    guint64 some_ns; /* at least one task waited */
    guint64 full_ns; /* every task that had work did */
    gboolean has_some;
    gboolean has_full;
} HvPressure;

/**
 * hv_pressure_parse:
 * @text: the whole file; cut up in place
 *
 * Returns: FALSE with MALFORMED if a line has no usable total. @pressure is untouched then. Any
 * thread. Source: kernel Documentation/accounting/psi.rst; its totals are in microseconds.
 */
gboolean hv_pressure_parse(char *text, HvPressure *pressure, GError **error);

/* Of cpu.stat. A group without the cpu controller has none of it, and cannot be throttled: all
 * 0. */
typedef struct {
    guint64 n_periods; /* in which a limit was in force */
    guint64 n_throttled;
    guint64 throttled_ns;
} HvThrottle;

/** hv_throttle_parse: a whole cpu.stat, not changed: throttled_usec of version 2,
 * throttled_time (ns) of version 1. Any thread. Source: kernel
 * Documentation/admin-guide/cgroup-v2.rst, Documentation/scheduler/sched-bwc.rst. */
void hv_throttle_parse(const char *text, HvThrottle *throttle);
