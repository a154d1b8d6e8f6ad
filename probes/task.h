/* What procfs says of one thread: stat, schedstat, status. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* Of one line of /proc/PID/task/TID/stat; field numbers as in proc(5). Times in ns, made of
 * ticks of 10 ms. */
typedef struct {
    char state;           /* field 3: R S D Z T t X I */
    guint64 major_faults; /* 12 */
    guint64 user_ns;      /* 14; guest time included */
    guint64 system_ns;    /* 15 */
    guint64 start_ticks;  /* 22 */
    guint64 cpu;          /* 39: last ran on */
    guint64 guest_ns;     /* 43 */
} HvTaskStat;

/* Of the first line of schedstat. */
typedef struct {
    guint64 run_ns;     /* on a cpu, exact */
    guint64 wait_ns;    /* runnable, but not on a cpu */
    guint64 timeslices; /* 0 with both others 0: the kernel does not count */
} HvSchedstat;

/* Of status. Lines that are missing leave their has_ FALSE. */
typedef struct {
    char *cpus_allowed; /* kernel list, within the text given; NULL without */
    guint64 switches;   /* voluntary and not */
    gboolean has_switches;
    guint64 resident_bytes; /* VmRSS and HugetlbPages */
    gboolean has_resident;
    guint64 swap_bytes; /* VmSwap */
    gboolean has_swap;
} HvTaskStatus;

/** hv_ticks_to_ns: clock ticks of the kernel's user interface (USER_HZ) in ns; G_MAXUINT64
 * stays within range. Any thread. */
guint64 hv_ticks_to_ns(guint64 ticks);
/** hv_task_stat_parse: a whole stat line, not changed; the name in it may hold anything, so the
 * last ")" counts. @stat is untouched on failure: MALFORMED. Any thread. Source: proc(5). */
gboolean hv_task_stat_parse(char *text, HvTaskStat *stat, GError **error);
/** hv_schedstat_parse: "run_ns wait_ns timeslices". MALFORMED otherwise. Source: kernel
 * Documentation/scheduler/sched-stats.rst. */
gboolean hv_schedstat_parse(char *text, HvSchedstat *schedstat, GError **error);
/** hv_task_status_parse: a whole status text, cut up in place. Never fails: what is not there
 * is not there. */
void hv_task_status_parse(char *text, HvTaskStatus *status);
/** hv_task_state_name: a stable word for people and JSON, "running"; NULL for a letter that is
 * none. */
const char *hv_task_state_name(char state);
