/* GLib's locks and counts in a form that the thread sanitizer sees; empty in programs built
 * without it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1 /* as gcc says it */
#endif
#endif
#ifdef __SANITIZE_THREAD__
#include <dlfcn.h>
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <time.h>

/* GLib's own are futexes and atomics inside a library without instrumentation: every use of
 * them would be reported as a race. These take their place by their names. Queues stay
 * GLib's: only that what was pushed comes before what is popped is told. */

static gpointer
make_mutex(void)
{
    pthread_mutex_t *mutex = g_new(pthread_mutex_t, 1);

    pthread_mutex_init(mutex, NULL);
    return mutex;
}

static void
destroy_mutex(gpointer mutex)
{
    pthread_mutex_destroy(mutex);
    g_free(mutex);
}

static gpointer
make_cond(void)
{
    pthread_cond_t *cond = g_new(pthread_cond_t, 1);
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
    return cond;
}

static void
destroy_cond(gpointer cond)
{
    pthread_cond_destroy(cond);
    g_free(cond);
}

/* Static ones are used without having been initialised. */
static gpointer
lazily(gpointer *place, gpointer (*make)(void), void (*destroy)(gpointer))
{
    gpointer found = __atomic_load_n(place, __ATOMIC_ACQUIRE), expected = NULL, made;

    if (found)
        return found;
    made = make();
    if (__atomic_compare_exchange_n(place, &expected, made, FALSE, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return made;
    destroy(made);
    return expected;
}

static pthread_mutex_t *
mutex_of(GMutex *mutex)
{
    return lazily(&mutex->p, make_mutex, destroy_mutex);
}

static pthread_cond_t *
cond_of(GCond *cond)
{
    return lazily(&cond->p, make_cond, destroy_cond);
}

void
g_mutex_init(GMutex *mutex)
{
    mutex->p = NULL;
}

void
g_mutex_clear(GMutex *mutex)
{
    if (mutex->p)
        destroy_mutex(mutex->p);
    mutex->p = NULL;
}

void
g_mutex_lock(GMutex *mutex)
{
    pthread_mutex_lock(mutex_of(mutex));
}

gboolean
g_mutex_trylock(GMutex *mutex)
{
    return pthread_mutex_trylock(mutex_of(mutex)) == 0;
}

void
g_mutex_unlock(GMutex *mutex)
{
    pthread_mutex_unlock(mutex_of(mutex));
}

void
g_cond_init(GCond *cond)
{
    cond->p = NULL;
}

void
g_cond_clear(GCond *cond)
{
    if (cond->p)
        destroy_cond(cond->p);
    cond->p = NULL;
}

void
g_cond_wait(GCond *cond, GMutex *mutex)
{
    pthread_cond_wait(cond_of(cond), mutex_of(mutex));
}

gboolean
g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time)
{
    struct timespec until = { .tv_sec = (time_t)(end_time / 1000000),
                              .tv_nsec = (long)(end_time % 1000000) * 1000 };

    return pthread_cond_timedwait(cond_of(cond), mutex_of(mutex), &until) != ETIMEDOUT;
}

void
g_cond_signal(GCond *cond)
{
    pthread_cond_signal(cond_of(cond));
}

void
g_cond_broadcast(GCond *cond)
{
    pthread_cond_broadcast(cond_of(cond));
}

void(g_atomic_ref_count_init)(gatomicrefcount *count)
{
    __atomic_store_n(count, 1, __ATOMIC_SEQ_CST);
}

void(g_atomic_ref_count_inc)(gatomicrefcount *count)
{
    __atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
}

gboolean(g_atomic_ref_count_dec)(gatomicrefcount *count)
{
    return __atomic_sub_fetch(count, 1, __ATOMIC_SEQ_CST) == 0;
}

void
__tsan_acquire(gpointer address); /* sanitizer/tsan_interface.h, which gcc does not install */
void __tsan_release(gpointer address);

void
g_async_queue_push(GAsyncQueue *queue, gpointer data)
{
    void (*push)(GAsyncQueue *, gpointer) = dlsym(RTLD_NEXT, "g_async_queue_push");

    __tsan_release(queue);
    push(queue, data);
}

gpointer
g_async_queue_pop(GAsyncQueue *queue)
{
    gpointer (*pop)(GAsyncQueue *) = dlsym(RTLD_NEXT, "g_async_queue_pop");
    gpointer data = pop(queue);

    __tsan_acquire(queue);
    return data;
}

#endif
