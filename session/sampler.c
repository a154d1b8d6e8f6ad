/* The sampler: one tick runs the probes that are due, derives tables from them, and makes a
 * snapshot. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/sampler.h"

#include "session/measure.h"
#include "session/probe-run.h"

#define MAX_POOLED 4

/* Counted: one for the sampler, one for each snapshot that is out. Snapshots come back from any
 * thread. */
typedef struct {
    gatomicrefcount refs;
    GMutex lock;
    HvSnapshot *free_ones[MAX_POOLED];
    guint n_free;
} Pool;

/* A derived table. */
typedef struct {
    const HvDerive *derive;
    HvStore *store;
    gboolean wanted;
} Derived;

struct HvSampler {
    const HvSessionParts *parts;
    Pool *pool;
    GPtrArray *runs;  /* of HvProbeRun */
    GArray *deriveds; /* of Derived, in the order to run in */
    HvStore *advice;  /* NULL: nobody advises */
    gpointer adviser_state;
    gboolean wants_advice;
    HvMeasure *measure; /* NULL: nobody measures */
    gboolean wants_effects;
    HvStore *sources;
    HvStore *changes_store;
    HvChanges *changes;     /* owned */
    HvChanges *shared;      /* borrowed; NULL: @changes is shown, and refreshed here */
    guint64 shown_version;  /* of the changes in the store */
    HvContested *contested; /* owned, of @changes */
    HvStore *contested_store, *knob_events;
    guint64 contested_version; /* of the rows in those */
    gboolean wants_sources, wants_changes, wants_contested;
    HvHistory *history;
    guint64 tick;
    GHashTable *interest; /* NULL: all */
    GMutex lock;          /* of the two below */
    gboolean has_next_interest;
    GHashTable *next_interest;
};

/* ---- snapshots that come back ---- */

static Pool *
pool_new(void)
{
    Pool *pool = g_new0(Pool, 1);

    g_atomic_ref_count_init(&pool->refs);
    g_mutex_init(&pool->lock);
    return pool;
}

static void
free_snapshot(HvSnapshot *snapshot)
{
    snapshot->release = NULL;
    g_atomic_ref_count_init(&snapshot->refs);
    hv_snapshot_unref(snapshot);
}

static void
pool_unref(Pool *pool)
{
    if (!g_atomic_ref_count_dec(&pool->refs))
        return;
    while (pool->n_free > 0)
        free_snapshot(pool->free_ones[--pool->n_free]);
    g_mutex_clear(&pool->lock);
    g_free(pool);
}

static gboolean
pool_push(Pool *pool, HvSnapshot *snapshot)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool->lock);

    if (pool->n_free >= MAX_POOLED)
        return FALSE;
    pool->free_ones[pool->n_free++] = snapshot;
    return TRUE;
}

static void
release(gpointer data)
{
    HvSnapshot *snapshot = data;
    Pool *pool = snapshot->pool;

    hv_snapshot_reset(snapshot);
    if (!pool_push(pool, snapshot))
        free_snapshot(snapshot);
    pool_unref(pool);
}

static HvSnapshot *
pool_pop(Pool *pool)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool->lock);

    return pool->n_free > 0 ? pool->free_ones[--pool->n_free] : NULL;
}

static HvSnapshot *
pool_take(Pool *pool)
{
    HvSnapshot *snapshot = pool_pop(pool);

    if (!snapshot)
        snapshot = hv_snapshot_new();
    g_atomic_ref_count_init(&snapshot->refs);
    g_atomic_ref_count_inc(&pool->refs);
    snapshot->pool = pool;
    snapshot->release = release;
    return snapshot;
}

/* ---- making and freeing ---- */

static void
clear_derived(gpointer data)
{
    hv_store_free(((Derived *)data)->store);
}

static void
free_run(gpointer run)
{
    hv_probe_run_free(run);
}

HvSampler *
hv_sampler_new(const HvSessionParts *parts)
{
    HvSampler *sampler = g_new0(HvSampler, 1);

    sampler->parts = parts;
    sampler->pool = pool_new();
    g_mutex_init(&sampler->lock);
    sampler->runs = g_ptr_array_new_with_free_func(free_run);
    sampler->deriveds = g_array_new(FALSE, TRUE, sizeof(Derived));
    g_array_set_clear_func(sampler->deriveds, clear_derived);
    for (const HvProbe *const *probe = parts->probes; *probe; probe++)
        g_ptr_array_add(sampler->runs, hv_probe_run_new(parts, *probe));
    for (const HvDerive *const *derive = parts->derives; *derive; derive++) {
        const Derived derived = { .derive = *derive, .store = hv_store_new((*derive)->schema) };

        g_array_append_val(sampler->deriveds, derived);
    }
    if (parts->adviser) {
        sampler->advice = hv_store_new(parts->adviser->schema);
        sampler->adviser_state = parts->adviser->new_state();
    }
    if (parts->meter)
        sampler->measure = hv_measure_new(parts->meter);
    sampler->sources = hv_store_new(&hv_sources_schema);
    sampler->changes_store = hv_store_new(&hv_changes_schema);
    sampler->changes = hv_changes_new(parts->journal);
    sampler->contested = hv_contested_new(parts);
    hv_changes_watch(sampler->changes, sampler->contested);
    if (parts->guardian)
        hv_changes_expect_guards(sampler->changes);
    sampler->contested_store = hv_store_new(&hv_contested_schema);
    sampler->knob_events = hv_store_new(&hv_knob_events_schema);
    sampler->history = parts->history ? hv_history_new(parts->history) : NULL;
    hv_sampler_want(sampler, NULL);
    return sampler;
}

void
hv_sampler_free(HvSampler *sampler)
{
    if (!sampler)
        return;
    g_ptr_array_unref(sampler->runs);
    g_array_unref(sampler->deriveds);
    if (sampler->advice)
        sampler->parts->adviser->free_state(sampler->adviser_state);
    hv_store_free(sampler->advice);
    hv_measure_free(sampler->measure);
    hv_store_free(sampler->sources);
    hv_store_free(sampler->changes_store);
    hv_changes_free(sampler->changes);
    hv_contested_free(sampler->contested);
    hv_store_free(sampler->contested_store);
    hv_store_free(sampler->knob_events);
    hv_history_free(sampler->history);
    g_clear_pointer(&sampler->interest, g_hash_table_unref);
    g_clear_pointer(&sampler->next_interest, g_hash_table_unref);
    g_mutex_clear(&sampler->lock);
    pool_unref(sampler->pool);
    g_free(sampler);
}

void
hv_sampler_share_changes(HvSampler *sampler, HvChanges *changes)
{
    sampler->shared = changes;
}

/* ---- effects ---- */

void
hv_sampler_measure(HvSampler *sampler, gint64 window_ns)
{
    if (sampler->measure)
        hv_measure_set_window(sampler->measure, window_ns);
}

void
hv_sampler_changed(HvSampler *sampler, const HvPlan *plan, gint64 begun_ns, gint64 ended_ns)
{
    if (sampler->measure)
        hv_measure_changed(sampler->measure, plan, begun_ns, ended_ns);
}

char *
hv_sampler_take_effect(HvSampler *sampler, guint64 *plan)
{
    return sampler->measure ? hv_measure_take(sampler->measure, plan) : NULL;
}

/* ---- what is wanted ---- */

static void
want_all(HvSampler *sampler, gboolean wanted)
{
    sampler->wants_sources = sampler->wants_changes = sampler->wants_advice = wanted;
    sampler->wants_effects = wanted;
    sampler->wants_contested = wanted;
    for (guint i = 0; i < sampler->runs->len; i++)
        hv_probe_run_want(sampler->runs->pdata[i], wanted);
    for (guint i = 0; i < sampler->deriveds->len; i++)
        g_array_index(sampler->deriveds, Derived, i).wanted = wanted;
}

static void
want_raw(HvSampler *sampler, const char *table)
{
    const gboolean is_sources = g_str_equal(table, hv_sources_schema.name);

    sampler->wants_sources = sampler->wants_sources || is_sources;
    if (g_str_equal(table, hv_changes_schema.name))
        sampler->wants_changes = TRUE;
    if (g_str_equal(table, hv_contested_schema.name) ||
        g_str_equal(table, hv_knob_events_schema.name))
        sampler->wants_contested = TRUE;
    for (guint i = 0; i < sampler->runs->len;
         i++) /* whether a source works shows when it is asked */
        if (is_sources || hv_probe_run_fills(sampler->runs->pdata[i], table))
            hv_probe_run_want(sampler->runs->pdata[i], TRUE);
}

static void
want_table(HvSampler *sampler, const char *table)
{
    want_raw(sampler, table);
    for (guint i = 0; i < sampler->deriveds->len; i++) {
        Derived *derived = &g_array_index(sampler->deriveds, Derived, i);

        derived->wanted = derived->wanted || g_str_equal(derived->derive->schema->name, table);
    }
}

static void
want_advice(HvSampler *sampler)
{
    const char *const *input;

    sampler->wants_advice = TRUE;
    for (guint rule = 0; (input = sampler->parts->adviser->inputs(rule)); rule++)
        for (; *input; input++)
            want_table(sampler, *input);
}

static void
want_effects(HvSampler *sampler)
{
    sampler->wants_effects = TRUE;
    for (const char *const *input = sampler->parts->meter->inputs; *input; input++)
        want_table(sampler, *input);
}

/* Derived tables use only those before them, so one pass from the last to the first finds all
 * that is needed. */
static void
want_inputs(HvSampler *sampler)
{
    for (guint i = sampler->deriveds->len; i-- > 0;) {
        const Derived *derived = &g_array_index(sampler->deriveds, Derived, i);
        const char *const *input = derived->derive->inputs;

        for (guint run = 0; derived->wanted && !input && run < sampler->runs->len; run++)
            hv_probe_run_want(sampler->runs->pdata[run], TRUE);
        for (; derived->wanted && input && *input; input++) {
            want_raw(sampler, *input);
            for (guint before = 0; before < i; before++) {
                Derived *other = &g_array_index(sampler->deriveds, Derived, before);

                other->wanted =
                    other->wanted || g_str_equal(other->derive->schema->name, *input);
            }
        }
    }
}

void
hv_sampler_want(HvSampler *sampler, const char *const *tables)
{
    want_all(sampler, tables == NULL);
    for (; tables && *tables; tables++) {
        want_table(sampler, *tables);
        if (sampler->advice && g_str_equal(sampler->parts->adviser->schema->name, *tables))
            want_advice(sampler);
        if (sampler->measure && g_str_equal(sampler->parts->meter->schema->name, *tables))
            want_effects(sampler);
    }
    want_inputs(sampler);
}

void
hv_sampler_set_interest(HvSampler *sampler, GHashTable *take_vms)
{
    GHashTable *unused;

    g_mutex_lock(&sampler->lock);
    unused = sampler->next_interest;
    sampler->next_interest = take_vms;
    sampler->has_next_interest = TRUE;
    g_mutex_unlock(&sampler->lock);
    g_clear_pointer(&unused, g_hash_table_unref);
}

static void
take_interest(HvSampler *sampler)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&sampler->lock);

    if (!sampler->has_next_interest)
        return;
    g_clear_pointer(&sampler->interest, g_hash_table_unref);
    sampler->interest = g_steal_pointer(&sampler->next_interest);
    sampler->has_next_interest = FALSE;
}

/* ---- a tick ---- */

static gint64
monotonic_ns(const HvSampler *sampler)
{
    return sampler->parts->clock.monotonic_ns(sampler->parts->clock.data);
}

static void
fill_contested(HvSampler *sampler, HvContested *contested)
{
    HvSink *sink = hv_sink_begin(&sampler->contested_store, 1, monotonic_ns(sampler));

    hv_contested_fill(contested, sink);
    hv_sink_end(sink, TRUE);
    sink = hv_sink_begin(&sampler->knob_events, 1, monotonic_ns(sampler));
    hv_contested_fill_events(contested, sink);
    hv_sink_end(sink, TRUE);
}

/* For how long a knob is contested grows with each tick; where none is, nothing is to be done.
 */
static void
add_contested(HvSampler *sampler, HvSnapshot *snapshot, HvContested *contested)
{
    const guint64 version = contested ? hv_contested_version(contested) : 0;

    if (contested && (version != sampler->contested_version ||
                      hv_table_n_rows(hv_store_table(sampler->contested_store)) > 0))
        fill_contested(sampler, contested);
    sampler->contested_version = version;
    hv_snapshot_add(snapshot, hv_store_table(sampler->contested_store));
    hv_snapshot_add(snapshot, hv_store_table(sampler->knob_events));
}

/* The journal is read, and the table made anew, only when somebody wrote. */
static void
add_changes(HvSampler *sampler, HvSnapshot *snapshot)
{
    HvChanges *changes = sampler->shared ? sampler->shared : sampler->changes;
    guint64 version;

    if (!sampler->wants_changes && !sampler->wants_contested)
        return;
    if (!sampler->shared)
        hv_changes_refresh(changes);
    if (sampler->wants_contested)
        add_contested(sampler, snapshot, hv_changes_contested(changes));
    if (!sampler->wants_changes)
        return;
    version = hv_changes_version(changes);
    if (version != sampler->shown_version) {
        HvSink *sink = hv_sink_begin(&sampler->changes_store, 1, monotonic_ns(sampler));

        hv_changes_fill(changes, sink);
        hv_sink_end(sink, TRUE);
        sampler->shown_version = version;
    }
    hv_snapshot_add(snapshot, hv_store_table(sampler->changes_store));
}

static void
add_derived(HvSampler *sampler, HvSnapshot *snapshot)
{
    for (guint i = 0; i < sampler->deriveds->len; i++) {
        Derived *derived = &g_array_index(sampler->deriveds, Derived, i);
        HvSink *sink;

        if (!derived->wanted)
            continue;
        sink = hv_sink_begin(&derived->store, 1, snapshot->monotonic_ns);
        hv_sink_set_interest(sink, sampler->interest);
        derived->derive->run(snapshot, sink);
        hv_sink_end(sink, TRUE);
        hv_snapshot_add(snapshot, hv_store_table(derived->store));
    }
}

static void
add_advice(HvSampler *sampler, HvSnapshot *snapshot)
{
    HvSink *sink;

    if (!sampler->advice || !sampler->wants_advice)
        return;
    sink = hv_sink_begin(&sampler->advice, 1, monotonic_ns(sampler));
    hv_sink_end(sink, sampler->parts->adviser->run(sampler->adviser_state, snapshot, sink));
    hv_snapshot_add(snapshot, hv_store_table(sampler->advice));
}

static void
add_sources(HvSampler *sampler, HvSnapshot *snapshot)
{
    HvSink *sink;

    if (!sampler->wants_sources)
        return;
    sink = hv_sink_begin(&sampler->sources, 1, monotonic_ns(sampler));
    for (guint i = 0; i < sampler->runs->len; i++) {
        HvSource source;

        hv_probe_run_describe(sampler->runs->pdata[i], &source);
        hv_sources_emit(sink, &source);
    }
    hv_sink_end(sink, TRUE);
    hv_snapshot_add(snapshot, hv_store_table(sampler->sources));
}

static HvSnapshot *
begin_snapshot(HvSampler *sampler)
{
    const HvSessionParts *parts = sampler->parts;
    HvSnapshot *snapshot = pool_take(sampler->pool);

    snapshot->tick = ++sampler->tick;
    snapshot->time_ns = parts->clock.realtime_ns(parts->clock.data);
    snapshot->monotonic_ns = monotonic_ns(sampler);
    snapshot->interval_ns = parts->interval_ns;
    snapshot->topology = parts->topology ? parts->topology(parts->host, NULL) : NULL;
    snapshot->history = sampler->history;
    return snapshot;
}

void
hv_sampler_remember(HvSampler *sampler, const HvSnapshot *snapshot)
{
    if (sampler->history)
        hv_history_append(sampler->history, ++sampler->tick, snapshot->tables,
                          snapshot->n_tables);
}

HvSnapshot *
hv_sampler_tick(HvSampler *sampler)
{
    HvSnapshot *snapshot = begin_snapshot(sampler);

    take_interest(sampler);
    for (guint i = 0; i < sampler->runs->len; i++) {
        hv_probe_run_tick(sampler->runs->pdata[i], sampler->interest);
        hv_probe_run_add_tables(sampler->runs->pdata[i], snapshot);
    }
    add_changes(sampler, snapshot);
    add_derived(sampler, snapshot);
    add_advice(sampler, snapshot);
    if (sampler->measure && sampler->wants_effects)
        hv_measure_run(sampler->measure, snapshot);
    add_sources(sampler, snapshot);
    if (sampler->history)
        hv_history_append(sampler->history, snapshot->tick, snapshot->tables,
                          snapshot->n_tables);
    return snapshot;
}
