/* What counting a thread costs: opening, reading and closing a group of two events. Software
 * events, which every kernel has; a PMU's take as many system calls. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"

#define N_THREADS 64
#define N_ROUNDS 2000

/* Threads that sleep, as most vCPUs do. */
static GMutex lock;
static GCond changed;
static guint n_started;
static gboolean is_over;
static int tids[N_THREADS];

static gpointer
sleep_until_over(gpointer number)
{
    g_mutex_lock(&lock);
    tids[GPOINTER_TO_UINT(number)] = gettid();
    n_started++;
    g_cond_broadcast(&changed);
    while (!is_over)
        g_cond_wait(&changed, &lock);
    g_mutex_unlock(&lock);
    return NULL;
}

static double
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static gboolean
measure(HvHost *host)
{
    static const HvCounterEvent events[] = { { 1, 1, 0 },
                                             { 1, 2, 0 } }; /* task-clock, page-faults */
    HvCounters *counters[N_THREADS];
    const double begin_us = now_us();
    double opened_us, read_us, closed_us;
    guint64 values[2], enabled_ns, running_ns;

    for (guint i = 0; i < N_THREADS; i++) {
        g_autoptr(GError) error = NULL;

        counters[i] = hv_host_open_counters(host, tids[i], -1, events, 2, &error);
        if (counters[i])
            continue;
        printf("skipped: %s\n", error->message);
        while (i-- > 0)
            hv_counters_close(counters[i]);
        return FALSE;
    }
    opened_us = now_us();
    for (guint round = 0; round < N_ROUNDS; round++)
        for (guint i = 0; i < N_THREADS; i++)
            hv_counters_read(counters[i], values, &enabled_ns, &running_ns, NULL);
    read_us = now_us();
    for (guint i = 0; i < N_THREADS; i++)
        hv_counters_close(counters[i]);
    closed_us = now_us();
    printf("a group of two events on a thread: open %.2f us, read %.2f us, close %.2f us\n",
           (opened_us - begin_us) / N_THREADS, (read_us - opened_us) / N_THREADS / N_ROUNDS,
           (closed_us - read_us) / N_THREADS);
    return TRUE;
}

int
main(void)
{
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    GThread *threads[N_THREADS];
    gboolean is_measured;

    for (guint i = 0; i < N_THREADS; i++)
        threads[i] = g_thread_new("sleeper", sleep_until_over, GUINT_TO_POINTER(i));
    g_mutex_lock(&lock);
    while (n_started < N_THREADS)
        g_cond_wait(&changed, &lock);
    g_mutex_unlock(&lock);
    is_measured = measure(host);
    g_mutex_lock(&lock);
    is_over = TRUE;
    g_cond_broadcast(&changed);
    g_mutex_unlock(&lock);
    for (guint i = 0; i < N_THREADS; i++)
        g_thread_join(threads[i]);
    return is_measured ? 0 : 77;
}
