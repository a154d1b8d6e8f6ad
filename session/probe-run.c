/* One probe at work: started when wanted, sampled when due, less often when it costs too much.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/probe-run.h"

#include "model/error.h"
#include "model/i18n.h"

#define NS_PER_MS G_GINT64_CONSTANT(1000000)
#define RETRY_NS (5000 * NS_PER_MS)
#define MAX_PERIOD_NS (10000 * NS_PER_MS)
#define DEAR_PART 50 /* a sample may take a fiftieth of its period: 2 % */
#define CHEAP_PART                                                                             \
    200           /* half a percent of half the period: then it may come twice as often again */
#define OPENING 1 /* samples that open files are no measure */

struct HvProbeRun {
    const HvSessionParts *parts;
    const HvProbe *probe;
    HvStore **stores;
    guint n_stores;
    gboolean wanted;
    gpointer state;   /* NULL: not started */
    gint64 retry_ns;  /* when a failed start is tried again */
    GError *error;    /* of the start or of the last sample, or NULL */
    const char *cure; /* static */
    gint64 wished_ns; /* period; 0: every tick */
    gint64 period_ns; /* now; at least the wished one */
    gint64 sampled_ns;
    gint64 cost_ns; /* of the last sample; -1 none */
    gint64 mean_ns; /* of the last few */
    guint64 n_samples;
};

HvProbeRun *
hv_probe_run_new(const HvSessionParts *parts, const HvProbe *probe)
{
    HvProbeRun *run = g_new0(HvProbeRun, 1);

    run->parts = parts;
    run->probe = probe;
    while (probe->schemas[run->n_stores])
        run->n_stores++;
    run->stores = g_new0(HvStore *, run->n_stores);
    for (guint i = 0; i < run->n_stores; i++)
        run->stores[i] = hv_store_new(probe->schemas[i]);
    run->wished_ns = MAX((gint64)probe->period_ms * NS_PER_MS, parts->interval_ns);
    run->period_ns = run->wished_ns;
    run->cost_ns = -1;
    run->wanted = TRUE;
    return run;
}

void
hv_probe_run_free(HvProbeRun *run)
{
    if (!run)
        return;
    if (run->state)
        run->probe->stop(run->state);
    for (guint i = 0; i < run->n_stores; i++)
        hv_store_free(run->stores[i]);
    g_free(run->stores);
    g_clear_error(&run->error);
    g_free(run);
}

void
hv_probe_run_want(HvProbeRun *run, gboolean wanted)
{
    run->wanted = wanted;
}

gboolean
hv_probe_run_fills(const HvProbeRun *run, const char *table)
{
    for (guint i = 0; i < run->n_stores; i++)
        if (g_str_equal(run->probe->schemas[i]->name, table))
            return TRUE;
    return FALSE;
}

static gint64
now_ns(const HvProbeRun *run)
{
    return run->parts->clock.monotonic_ns(run->parts->clock.data);
}

static void
set_error(HvProbeRun *run, GError *take_error)
{
    g_clear_error(&run->error);
    run->error = take_error;
    run->cure = NULL;
    if (take_error && run->probe->cure)
        run->cure = run->probe->cure(run->parts->host, take_error);
}

/* So that whoever looks at the empty tables sees the reason there. */
static void
publish_reason(HvProbeRun *run)
{
    HvSink *sink = hv_sink_begin(run->stores, run->n_stores, now_ns(run));

    for (guint i = 0; i < run->n_stores; i++) {
        hv_sink_table(sink, i);
        hv_sink_why(sink, run->error->message);
    }
    hv_sink_end(sink, TRUE);
}

static void
start(HvProbeRun *run)
{
    GError *error = NULL;

    if (now_ns(run) < run->retry_ns)
        return;
    run->state = run->probe->start(run->parts->host, &error);
    run->retry_ns = now_ns(run) + RETRY_NS;
    run->n_samples = 0;
    if (!run->state && !error)
        error = g_error_new_literal(HV_ERROR, HV_ERROR_FAILED, N_("it could not be started"));
    set_error(run, error);
    if (!run->state)
        publish_reason(run);
}

/* Ticks jitter: one that comes a little early is the one that was meant. */
static gboolean
is_due(const HvProbeRun *run)
{
    if (run->sampled_ns == 0 || run->period_ns <= run->parts->interval_ns)
        return TRUE;
    return now_ns(run) - run->sampled_ns >=
           run->period_ns - MIN(run->parts->interval_ns, run->period_ns) / 2;
}

static void
adapt(HvProbeRun *run)
{
    if (run->n_samples <= OPENING)
        return;
    run->mean_ns =
        run->n_samples == OPENING + 1 ? run->cost_ns : (3 * run->mean_ns + run->cost_ns) / 4;
    if (run->period_ns <= 0)
        return;
    if (run->mean_ns > run->period_ns / DEAR_PART && run->period_ns < MAX_PERIOD_NS)
        run->period_ns = MIN(run->period_ns * 2, MAX_PERIOD_NS);
    else if (run->mean_ns < run->period_ns / 2 / CHEAP_PART && run->period_ns > run->wished_ns)
        run->period_ns = MAX(run->period_ns / 2, run->wished_ns);
}

static void
sample(HvProbeRun *run, GHashTable *interest)
{
    const gint64 begin_ns = now_ns(run);
    HvSink *sink = hv_sink_begin(run->stores, run->n_stores, begin_ns);
    GError *error = NULL;

    hv_sink_set_interest(sink, interest);
    if (!run->probe->sample(run->state, sink, &error) && !error)
        error = g_error_new_literal(HV_ERROR, HV_ERROR_FAILED, N_("it could not be sampled"));
    hv_sink_end(sink, TRUE); /* what was read before a failure is good */
    if (error || run->error)
        set_error(run, error);
    run->sampled_ns = begin_ns;
    run->cost_ns = now_ns(run) - begin_ns;
    run->n_samples++;
    adapt(run);
}

void
hv_probe_run_tick(HvProbeRun *run, GHashTable *interest)
{
    if (!run->wanted)
        return;
    if (!run->state)
        start(run);
    if (run->state && is_due(run))
        sample(run, interest);
}

void
hv_probe_run_add_tables(HvProbeRun *run, HvSnapshot *snapshot)
{
    for (guint i = 0; run->wanted && i < run->n_stores; i++)
        hv_snapshot_add(snapshot, hv_store_table(run->stores[i]));
}

static HvSourceState
state_of_error(const GError *error)
{
    if (g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT))
        return HV_SOURCE_ABSENT;
    return g_error_matches(error, HV_ERROR, HV_ERROR_DENIED) ? HV_SOURCE_DENIED
                                                             : HV_SOURCE_FAILED;
}

/* What the tables say of themselves. One that is empty, of a probe that knows a cure for that,
 * is absent. */
static void
describe_tables(const HvProbeRun *run, HvSource *source)
{
    guint n_rows = 0;

    for (guint i = 0; i < run->n_stores; i++) {
        const HvTable *table = hv_store_table(run->stores[i]);

        n_rows += hv_table_n_rows(table);
        if (!source->why)
            source->why = hv_table_why(table);
    }
    if (n_rows > 0 || !source->why || !run->probe->cure)
        return;
    source->state = HV_SOURCE_ABSENT;
    source->cure = run->probe->cure(run->parts->host, NULL);
}

void
hv_probe_run_describe(const HvProbeRun *run, HvSource *source)
{
    *source = (HvSource){
        .name = run->probe->name,
        .help = run->probe->help,
        .state = HV_SOURCE_OK,
        .cost_ns = run->cost_ns,
        .sampled_ns = run->sampled_ns,
        .period_ns = run->period_ns,
        .cure = run->cure,
    };
    if (!run->wanted) {
        source->state = HV_SOURCE_OFF;
        source->why = N_("nobody looks at what it tells");
    } else if (run->error) {
        source->state = state_of_error(run->error);
        source->why = run->error->message;
    } else if (run->period_ns > run->wished_ns) {
        source->state = HV_SOURCE_SLOW;
        source->why = N_("it takes over 2 % of its time, so it is asked less often");
    } else {
        describe_tables(run, source);
    }
}
