/* What the sampler and others share of the meter. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/measure.h"

/* A plan on its way to the meter. */
typedef struct {
    HvPlan *plan;
    gint64 begun_ns, ended_ns;
} Told;

/* An effect on its way to the journal. */
typedef struct {
    guint64 plan;
    char *text;
} Settled;

struct HvMeasure {
    const HvMeter *meter;
    gpointer state; /* the meter's */
    HvStore *store;
    GArray *pending; /* guint64: plans that have no final answer */
    GMutex lock;     /* of both below */
    GQueue told;     /* of Told */
    GQueue settled;  /* of Settled */
};

static void
free_told(gpointer data)
{
    Told *told = data;

    hv_plan_free(told->plan);
    g_free(told);
}

static void
free_settled(gpointer data)
{
    g_free(((Settled *)data)->text);
    g_free(data);
}

HvMeasure *
hv_measure_new(const HvMeter *meter)
{
    HvMeasure *measure = g_new0(HvMeasure, 1);

    measure->meter = meter;
    measure->state = meter->new_state();
    measure->store = hv_store_new(meter->schema);
    measure->pending = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_mutex_init(&measure->lock);
    g_queue_init(&measure->told);
    g_queue_init(&measure->settled);
    return measure;
}

void
hv_measure_free(HvMeasure *measure)
{
    if (!measure)
        return;
    measure->meter->free_state(measure->state);
    hv_store_free(measure->store);
    g_array_unref(measure->pending);
    g_queue_clear_full(&measure->told, free_told);
    g_queue_clear_full(&measure->settled, free_settled);
    g_mutex_clear(&measure->lock);
    g_free(measure);
}

void
hv_measure_set_window(HvMeasure *measure, gint64 window_ns)
{
    measure->meter->set_window(measure->state, window_ns);
}

void
hv_measure_changed(HvMeasure *measure, const HvPlan *plan, gint64 begun_ns, gint64 ended_ns)
{
    Told *told = g_new(Told, 1);

    *told = (Told){ hv_plan_copy(plan), begun_ns, ended_ns };
    g_mutex_lock(&measure->lock);
    g_queue_push_tail(&measure->told, told);
    g_mutex_unlock(&measure->lock);
}

char *
hv_measure_take(HvMeasure *measure, guint64 *plan)
{
    Settled *settled;
    char *text;

    g_mutex_lock(&measure->lock);
    settled = g_queue_pop_head(&measure->settled);
    g_mutex_unlock(&measure->lock);
    if (!settled)
        return NULL;
    *plan = settled->plan;
    text = g_steal_pointer(&settled->text);
    g_free(settled);
    return text;
}

static Told *
next_told(HvMeasure *measure)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&measure->lock);

    return g_queue_pop_head(&measure->told);
}

static void
hand_in(HvMeasure *measure)
{
    Told *told;

    while ((told = next_told(measure))) {
        measure->meter->changed(measure->state, told->plan, told->begun_ns, told->ended_ns);
        g_array_append_val(measure->pending, told->plan->id);
        free_told(told);
    }
}

static void
take_out(HvMeasure *measure)
{
    for (guint i = measure->pending->len; i-- > 0;) {
        const guint64 plan = g_array_index(measure->pending, guint64, i);
        char *text = measure->meter->settled(measure->state, plan);
        Settled *settled;

        if (!text)
            continue;
        settled = g_new(Settled, 1);
        *settled = (Settled){ plan, text };
        g_array_remove_index(measure->pending, i);
        g_mutex_lock(&measure->lock);
        g_queue_push_tail(&measure->settled, settled);
        g_mutex_unlock(&measure->lock);
    }
}

void
hv_measure_run(HvMeasure *measure, HvSnapshot *snapshot)
{
    HvSink *sink = hv_sink_begin(&measure->store, 1, snapshot->monotonic_ns);

    hand_in(measure);
    measure->meter->run(measure->state, snapshot, sink);
    hv_sink_end(sink, TRUE);
    hv_snapshot_add(snapshot, hv_store_table(measure->store));
    take_out(measure);
}
