/* Reading /proc/stat: what each cpu did with its time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* Times since boot in ns, made of ticks of 10 ms. */
typedef struct {
    guint64 user_ns; /* niced time included, guest time not */
    guint64 system_ns;
    guint64 idle_ns;
    guint64 iowait_ns;
    guint64 irq_ns;
    guint64 softirq_ns;
    guint64 steal_ns; /* taken by the hypervisor that we are a guest of */
    guint64 guest_ns; /* niced guests included */
    guint64 use_ns;   /* all but idle, iowait and steal */
} HvCpuTimes;

#define HV_ALL_CPUS (-1)

/**
 * hv_cpu_times_parse:
 * @line: one line of /proc/stat; not changed
 * @cpu: gets the number, HV_ALL_CPUS for the sum
 *
 * Kernels give seven to ten numbers; those that are missing are 0.
 * Returns: FALSE for another kind of line, and for a malformed one. Any thread. Source:
 * proc(5).
 */
gboolean hv_cpu_times_parse(char *line, int *cpu, HvCpuTimes *times);
