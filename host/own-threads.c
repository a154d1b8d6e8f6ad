/* Threads that may be inside of a library (libvirt, hwloc) when the program ends. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/own-threads.h"

#include "host/worker.h"

typedef struct {
    GThreadFunc run;
    gpointer data;
    GThread *thread;
    gboolean is_over;
} Own;

static GMutex lock; /* of all below */
static GCond ended;
static GSList *all; /* of Own, until it is joined */

static gpointer
begin(gpointer data)
{
    Own *own = data;

    hv_worker_block_signals();
    (void)own->run(own->data);
    g_mutex_lock(&lock);
    own->is_over = TRUE;
    g_cond_broadcast(&ended);
    g_mutex_unlock(&lock);
    return NULL;
}

/* The caller holds the lock. What libraries keep for each thread they free after its function:
 * only a join waits for that too. */
static void
join_those_over(void)
{
    for (GSList *at = all, *next; at; at = next) {
        Own *own = at->data;

        next = at->next;
        if (!own->is_over)
            continue;
        (void)g_thread_join(own->thread);
        g_free(own);
        all = g_slist_delete_link(all, at);
    }
}

gboolean
hv_thread_start(const char *name, GThreadFunc run, gpointer data, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&lock);
    Own *own = g_new(Own, 1);

    join_those_over();
    *own = (Own){ .run = run, .data = data };
    own->thread = g_thread_try_new(name, begin, own, error);
    if (!own->thread) {
        g_free(own);
        return FALSE;
    }
    all = g_slist_prepend(all, own);
    return TRUE;
}

gboolean
hv_threads_end(guint deadline_ms)
{
    const gint64 until = g_get_monotonic_time() + (gint64)deadline_ms * 1000;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&lock);

    join_those_over();
    while (all && g_cond_wait_until(&ended, &lock, until))
        join_those_over();
    return !all;
}
