/* Reading /proc/stat: what each cpu did with its time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/proc-stat.h"

#include "host/parse.h"
#include "probes/task.h"

enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, GUEST, GUEST_NICE, N_FIELDS };
#define LEAST_FIELDS 4 /* user nice system idle: Linux 2.4 had no more */

static gboolean
parse_cpu(char **line, int *cpu)
{
    char *at = *line;
    guint64 number;

    if (at[0] != 'c' || at[1] != 'p' || at[2] != 'u')
        return FALSE;
    at += 3;
    *cpu = HV_ALL_CPUS;
    if (*at != ' ') {
        if (!hv_scan_u64(&at, &number) || number > HV_SET_MAX || *at != ' ')
            return FALSE;
        *cpu = (int)number;
    }
    *line = at;
    return TRUE;
}

/* Guest time is part of user time, but the kernel adds the two up at different instants. */
static guint64
less(guint64 whole, guint64 part)
{
    return whole > part ? whole - part : 0;
}

gboolean
hv_cpu_times_parse(char *line, int *cpu, HvCpuTimes *times)
{
    guint64 ns[N_FIELDS] = { 0 };
    guint n = 0;

    if (!parse_cpu(&line, cpu))
        return FALSE;
    for (; n < N_FIELDS; n++) {
        guint64 ticks;

        line = hv_skip_blanks(line);
        if (!hv_scan_u64(&line, &ticks))
            break;
        ns[n] = hv_ticks_to_ns(ticks);
    }
    if (n < LEAST_FIELDS)
        return FALSE;
    *times = (HvCpuTimes){
        .user_ns = less(ns[USER], ns[GUEST]) + less(ns[NICE], ns[GUEST_NICE]),
        .system_ns = ns[SYSTEM],
        .idle_ns = ns[IDLE],
        .iowait_ns = ns[IOWAIT],
        .irq_ns = ns[IRQ],
        .softirq_ns = ns[SOFTIRQ],
        .steal_ns = ns[STEAL],
        .guest_ns = ns[GUEST] + ns[GUEST_NICE],
        .use_ns = ns[USER] + ns[NICE] + ns[SYSTEM] + ns[IRQ] + ns[SOFTIRQ],
    };
    return TRUE;
}
