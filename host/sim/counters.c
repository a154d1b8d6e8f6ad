/* The simulated machine's performance counters: of threads, memory channels and links between
 * sockets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/events-private.h"
#include "host/sim/machine-private.h"

#include <errno.h>
#include <string.h>

#define MAX_EVENTS 8
#define LINE_BYTES 64.0
#define UPI_FLIT_BYTES (64.0 / 9) /* nine slots carry a line */
#define DF_BEAT_BYTES 32.0
#define DF_REMOTE_DATA 0x7c7u /* and each 0x40 further: controllers 1 to 3 */
/* Loads that a program waited for, of all lines that came: the others were fetched ahead. */
#define DEMAND_SHARE 0.4 /* model */

/* What is counted of a thread, and what of it: since it was opened. */
typedef enum { COUNT_RUN_NS, COUNT_SWITCHES, COUNT_FAULTS, COUNT_LOCAL, COUNT_REMOTE } What;

typedef struct {
    guint32 type;
    guint model; /* cpuid's, 0: any */
    HvSimVendor vendor;
    guint64 config, config1;
    What what;
    double share;
} Event;

/* Raw codes as these processors have them; the offcore ones need what they ask for in config1.
 */
static const Event events_known[] = {
    { HV_SIM_PMU_SOFTWARE, 0, HV_SIM_INTEL, 0, 0, COUNT_RUN_NS, 1 }, /* cpu-clock */
    { HV_SIM_PMU_SOFTWARE, 0, HV_SIM_INTEL, 1, 0, COUNT_RUN_NS, 1 }, /* task-clock */
    { HV_SIM_PMU_SOFTWARE, 0, HV_SIM_INTEL, 2, 0, COUNT_FAULTS, 1 },
    { HV_SIM_PMU_SOFTWARE, 0, HV_SIM_INTEL, 3, 0, COUNT_SWITCHES, 1 },
    { HV_SIM_PMU_CPU, 0, HV_SIM_INTEL, 0x01d3, 0, COUNT_LOCAL, DEMAND_SHARE },
    { HV_SIM_PMU_CPU, 0, HV_SIM_INTEL, 0x02d3, 0, COUNT_REMOTE, DEMAND_SHARE },
    { HV_SIM_PMU_CPU, 106, HV_SIM_INTEL, 0x1b7, 0x70c000477, COUNT_LOCAL, 1 },
    { HV_SIM_PMU_CPU, 106, HV_SIM_INTEL, 0x1b7, 0x730000477, COUNT_REMOTE, 1 },
    { HV_SIM_PMU_CPU, 143, HV_SIM_INTEL, 0x12a, 0x70c004477, COUNT_LOCAL, 1 },
    { HV_SIM_PMU_CPU, 143, HV_SIM_INTEL, 0x12a, 0x730004477, COUNT_REMOTE, 1 },
    { HV_SIM_PMU_CPU, 0, HV_SIM_AMD, 0x0844, 0, COUNT_LOCAL, 1 },
    { HV_SIM_PMU_CPU, 0, HV_SIM_AMD, 0x4044, 0, COUNT_REMOTE, 1 },
};

/* An open group. */
typedef struct {
    HvSimMachine *machine;
    int tid, cpu; /* one of both is -1 */
    guint64 start_ticks;
    gint64 opened_ns;
    double run_ns; /* of the thread when it was opened */
    guint n;
    HvCounterEvent events[MAX_EVENTS];
    const Event *known[MAX_EVENTS]; /* of a thread's events */
    double at_open[MAX_EVENTS];     /* of a cpu's events */
    double counts[MAX_EVENTS];      /* of a thread's, as far as read */
    double lines[HV_SIM_MAX_NODES]; /* of the thread, when last read */
} Group;

static const Event *
find_event(const HvSimWorld *world, const HvCounterEvent *event)
{
    for (guint i = 0; i < G_N_ELEMENTS(events_known); i++) {
        const Event *known = &events_known[i];

        if (known->type != event->type || known->config != event->config ||
            known->config1 != event->config1)
            continue;
        if (known->type == HV_SIM_PMU_SOFTWARE ||
            (hv_sim_has_pmu(world) && known->vendor == world->geometry.vendor &&
             (known->model == 0 || known->model == world->geometry.model)))
            return known;
    }
    return NULL;
}

static HvSimThread *
find_thread(const Group *group)
{
    HvSimThread *thread = hv_world_thread(group->machine->world, group->tid);

    return thread && thread->start_ticks == group->start_ticks ? thread : NULL;
}

/* ---- what a package counts ---- */

static double
memory_lines(const HvSimWorld *world, guint package, guint64 config)
{
    guint event, reads, writes;
    double bytes = 0;

    hv_sim_memory_event(world, &event, &reads, &writes);
    for (guint i = 0; i < world->n_nodes; i++) {
        const HvSimNode *node = &world->nodes[i];

        if (node->package != package || (config & 0xff) != event)
            continue;
        if (config >> 8 & 0xff & reads)
            bytes += node->dram_read_bytes;
        if (config >> 8 & 0xff & writes & ~reads)
            bytes += node->dram_write_bytes;
    }
    return bytes / LINE_BYTES / HV_SIM_N_CHANNELS;
}

static double
sent_bytes(const HvSimWorld *world, guint package)
{
    double bytes = 0;

    for (guint to = 0; to < world->geometry.n_packages; to++)
        if (to != package)
            bytes += world->links[package][to].bytes;
    return bytes;
}

/* Number of an event of AMD's data fabric, whose bits are in two places. */
static guint
df_event(guint64 config)
{
    return (guint)((config & 0xff) | (config >> 32 & 0xf) << 8);
}

/* FALSE: this machine has no such event. */
static gboolean
read_package(const HvSimWorld *world, guint package, const HvCounterEvent *event, double *count)
{
    const gboolean is_intel = world->geometry.vendor == HV_SIM_INTEL;

    if (!hv_sim_has_pmu(world))
        return FALSE;
    if (is_intel && event->type >= HV_SIM_PMU_IMC &&
        event->type < HV_SIM_PMU_IMC + HV_SIM_N_CHANNELS) {
        *count = memory_lines(world, package, event->config);
        return TRUE;
    }
    if (is_intel && event->type >= HV_SIM_PMU_LINK &&
        event->type < HV_SIM_PMU_LINK + hv_sim_n_upi(world) && event->config == 0x0f02) {
        *count = sent_bytes(world, package) / UPI_FLIT_BYTES / hv_sim_n_upi(world);
        return TRUE;
    }
    if (!is_intel && event->type == HV_SIM_PMU_DF &&
        df_event(event->config) >= DF_REMOTE_DATA &&
        (df_event(event->config) - DF_REMOTE_DATA) % 0x40 == 0) {
        *count = sent_bytes(world, package) / DF_BEAT_BYTES / HV_SIM_N_DF_LINKS;
        return TRUE;
    }
    return FALSE;
}

/* ---- opening ---- */

static gboolean
fail_event(GError **error, const HvCounterEvent *event)
{
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                "no counter of type %" G_GUINT32_FORMAT ", config 0x%" G_GINT64_MODIFIER
                "x on the simulated machine",
                event->type, event->config);
    return FALSE;
}

static gboolean
open_on_thread(Group *group, GError **error)
{
    const HvSimThread *thread = hv_world_thread(group->machine->world, group->tid);

    if (!thread)
        return hv_error_set_errno(error, ESRCH, "perf_event_open");
    for (guint i = 0; i < group->n; i++) {
        group->known[i] = find_event(group->machine->world, &group->events[i]);
        if (!group->known[i])
            return fail_event(error, &group->events[i]);
    }
    group->start_ticks = thread->start_ticks;
    group->run_ns = thread->run_ns;
    memcpy(group->lines, thread->lines, sizeof group->lines);
    return TRUE;
}

static gboolean
open_on_cpu(Group *group, GError **error)
{
    const HvSimWorld *world = group->machine->world;

    if ((guint)group->cpu >= world->n_cpus || !world->cpus[group->cpu].online)
        return hv_error_set_errno(error, ENODEV, "perf_event_open");
    for (guint i = 0; i < group->n; i++)
        if (!read_package(world, world->cpus[group->cpu].package, &group->events[i],
                          &group->at_open[i]))
            return fail_event(error, &group->events[i]);
    return TRUE;
}

static gpointer
open_group(gpointer data, int tid, int cpu, const HvCounterEvent *events, guint n,
           GError **error)
{
    HvSimMachine *machine = data;
    Group *group;
    gboolean is_open;

    if (n > MAX_EVENTS) {
        hv_error_set_errno(error, EINVAL, "perf_event_open");
        return NULL;
    }
    group = g_new0(Group, 1);
    group->machine = machine;
    group->tid = tid;
    group->cpu = cpu;
    group->n = n;
    memcpy(group->events, events, n * sizeof *events);
    g_mutex_lock(&machine->lock);
    group->opened_ns = machine->world->now_ns;
    is_open = tid >= 0 ? open_on_thread(group, error) : open_on_cpu(group, error);
    g_mutex_unlock(&machine->lock);
    if (!is_open)
        g_clear_pointer(&group, g_free);
    return group;
}

/* ---- reading ---- */

/* Lines are local or remote by where the thread is now; what came before it was moved has been
 * read before, a tick apart at most. */
static void
count_thread(Group *group, const HvSimThread *thread)
{
    const HvSimWorld *world = group->machine->world;
    double local = 0, remote = 0;

    for (guint i = 0; i < world->n_nodes; i++) {
        const double lines = thread->lines[i] - group->lines[i];

        if (world->nodes[i].package == world->cpus[thread->cpu].package)
            local += lines;
        else
            remote += lines;
        group->lines[i] = thread->lines[i];
    }
    for (guint i = 0; i < group->n; i++) {
        const Event *event = group->known[i];

        if (event->what == COUNT_RUN_NS)
            group->counts[i] = thread->run_ns - group->run_ns;
        else if (event->what == COUNT_SWITCHES)
            group->counts[i] =
                (double)(thread->n_voluntary_switches + thread->n_involuntary_switches);
        else if (event->what != COUNT_FAULTS)
            group->counts[i] += (event->what == COUNT_LOCAL ? local : remote) * event->share;
    }
}

/* A thread's times go on while it runs, a cpu's always. */
static gboolean
read_locked(Group *group, guint64 *values, guint64 *ns)
{
    const HvSimWorld *world = group->machine->world;
    const HvSimThread *thread = group->tid >= 0 ? find_thread(group) : NULL;
    double count = 0;

    if (group->tid >= 0 && !thread)
        return FALSE;
    if (thread)
        count_thread(group, thread);
    for (guint i = 0; i < group->n; i++) {
        if (!thread &&
            read_package(world, world->cpus[group->cpu].package, &group->events[i], &count))
            group->counts[i] = count - group->at_open[i];
        values[i] = (guint64)group->counts[i];
    }
    *ns = thread ? (guint64)(thread->run_ns - group->run_ns)
                 : (guint64)(world->now_ns - group->opened_ns);
    return TRUE;
}

static gboolean
read_group(gpointer data, guint64 *values, guint64 *enabled_ns, guint64 *running_ns,
           GError **error)
{
    Group *group = data;
    gboolean is_there;

    g_mutex_lock(&group->machine->lock);
    is_there = read_locked(group, values, enabled_ns);
    g_mutex_unlock(&group->machine->lock);
    *running_ns = *enabled_ns;
    if (!is_there)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            "perf counters: the group has stopped");
    return is_there;
}

const HvCounterOps hv_sim_counters = { .open = open_group,
                                       .read = read_group,
                                       .close = g_free };
