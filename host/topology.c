/* The topology of a host: quick at first, whole when its worker is done. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host-private.h"
#include "host/own-threads.h"

/* Loads that have not come back, at most; then the quick one has to do. */
#define MAX_LOADS 4
/* How often a change is looked for: several ask in every tick. */
#define CHECK_NS G_GINT64_CONSTANT(200000000)
#define STAMP_BYTES 4096

/* Shared with the workers, which may outlive the host: nothing here belongs to it. */
struct HvTopologyCache {
    gatomicrefcount refs;
    const HvTopologyOps *ops; /* NULL: this machine has none */
    gpointer data;            /* the machine's; not for workers */
    GMutex lock;
    GCond changed;
    HvTopology *now;
    GError *why; /* why there is none */
    char *stamp; /* what @now was made under; NULL: not made yet */
    gint64 checked_ns;
    gboolean whole; /* @now is complete, or will not become so */
    guint n_loads;
    guint64 generation;
};

typedef struct {
    HvTopologyCache *cache;
    const HvTopologyOps *ops;
    char *stamp;
} Load;

HvTopologyCache *
hv_topology_cache_new(HvHost *host)
{
    HvTopologyCache *cache = g_new0(HvTopologyCache, 1);

    g_atomic_ref_count_init(&cache->refs);
    cache->ops = host->machine->topology;
    cache->data = host->data;
    g_mutex_init(&cache->lock);
    g_cond_init(&cache->changed);
    return cache;
}

void
hv_topology_cache_free(HvTopologyCache *cache)
{
    if (!cache || !g_atomic_ref_count_dec(&cache->refs))
        return;
    g_clear_pointer(&cache->now, hv_topology_unref);
    g_clear_error(&cache->why);
    g_free(cache->stamp);
    g_cond_clear(&cache->changed);
    g_mutex_clear(&cache->lock);
    g_free(cache);
}

/* All below with the lock held, but for the worker's loading itself. */

static void
replace(HvTopologyCache *cache, HvTopology *take_topology)
{
    take_topology->generation = ++cache->generation;
    hv_topology_unref(cache->now);
    cache->now = take_topology;
}

/* An answer to an older stamp is dropped: a newer load is under way. */
static gpointer
run_load(gpointer data)
{
    Load *load = data;
    HvTopologyCache *cache = load->cache;
    HvTopology *topology;

    topology = load->ops->load(load->stamp, NULL); /* the quick one stays when it fails */
    g_mutex_lock(&cache->lock);
    cache->n_loads--;
    if (g_strcmp0(load->stamp, cache->stamp) == 0) {
        if (topology)
            replace(cache, g_steal_pointer(&topology));
        cache->whole = TRUE;
    }
    g_cond_broadcast(&cache->changed);
    g_mutex_unlock(&cache->lock);
    hv_topology_unref(topology);
    hv_topology_cache_free(cache);
    g_free(load->stamp);
    g_free(load);
    return NULL;
}

static void
start_load(HvTopologyCache *cache)
{
    Load *load;

    cache->whole = TRUE;
    if (!cache->ops->load || cache->n_loads >= MAX_LOADS)
        return;
    load = g_new(Load, 1);
    *load = (Load){ cache, cache->ops, g_strdup(cache->stamp) };
    g_atomic_ref_count_inc(&cache->refs);
    if (hv_thread_start("topology", run_load, load, NULL)) {
        cache->n_loads++; /* the worker waits for the lock before it counts itself out */
        cache->whole = FALSE;
        return;
    }
    (void)g_atomic_ref_count_dec(&cache->refs); /* the host holds another */
    g_free(load->stamp);
    g_free(load);
}

/* Devices are only in the whole topology: until the next one they stay as they were. */
static void
keep_devices(HvTopology *topology, const HvTopology *before)
{
    if (!before || topology->n_devices > 0)
        return;
    topology->devices = g_new0(HvTopoDevice, before->n_devices);
    for (guint i = 0; i < before->n_devices; i++) {
        const HvTopoDevice *device = &before->devices[i];

        topology->devices[i] = (HvTopoDevice){
            .name = g_strdup(device->name),
            .pci = g_strdup(device->pci),
            .class_name = g_strdup(device->class_name),
            .os_names = g_strdup(device->os_names),
            .node = device->node,
            .nodes = hv_set_copy(device->nodes),
        };
    }
    topology->n_devices = before->n_devices;
}

static void
make_quick(HvTopologyCache *cache, const char *stamp)
{
    HvTopology *topology;

    g_free(cache->stamp);
    cache->stamp = g_strdup(stamp);
    g_clear_error(&cache->why);
    topology = cache->ops->quick(cache->data, &cache->why);
    if (topology) {
        keep_devices(topology, cache->now);
        replace(cache, topology);
    }
    start_load(cache);
}

static void
refresh(HvTopologyCache *cache, gint64 now_ns)
{
    char stamp[STAMP_BYTES] = "";

    if (!cache->ops ||
        (cache->stamp && (!cache->ops->stamp || now_ns - cache->checked_ns < CHECK_NS)))
        return;
    cache->checked_ns = now_ns;
    if (cache->ops->stamp)
        cache->ops->stamp(cache->data, stamp, sizeof stamp);
    if (g_strcmp0(stamp, cache->stamp) != 0)
        make_quick(cache, stamp);
}

static HvTopology *
take_present(const HvTopologyCache *cache, GError **error)
{
    if (cache->now)
        return hv_topology_ref(cache->now);
    if (cache->why)
        g_propagate_error(error, g_error_copy(cache->why));
    else
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, "this machine tells no topology");
    return NULL;
}

HvTopology *
hv_host_topology(HvHost *host, GError **error)
{
    HvTopologyCache *cache = host->topology;
    gint64 now_ns = hv_host_monotonic_ns(host);
    HvTopology *topology;

    g_mutex_lock(&cache->lock);
    refresh(cache, now_ns);
    topology = take_present(cache, error);
    g_mutex_unlock(&cache->lock);
    return topology;
}

HvTopology *
hv_host_wait_topology(HvHost *host, guint deadline_ms, GError **error)
{
    HvTopologyCache *cache = host->topology;
    gint64 deadline_us = g_get_monotonic_time() + (gint64)deadline_ms * 1000;
    gint64 now_ns = hv_host_monotonic_ns(host);
    HvTopology *topology;

    g_mutex_lock(&cache->lock);
    refresh(cache, now_ns);
    while (cache->ops && !cache->whole &&
           g_cond_wait_until(&cache->changed, &cache->lock, deadline_us))
        ;
    topology = take_present(cache, error);
    g_mutex_unlock(&cache->lock);
    return topology;
}
