/* Threads and pages: where a thread may run, where a page is. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"

#include "host/guests-private.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* The kernel wants a mask as long as its own (nr_cpu_ids); sets reach HV_SET_MAX. */
#define FIRST_MASK_BYTES 128u
#define MAX_MASK_BYTES ((HV_SET_MAX + 1) / 8)
#define WORD_BITS (8 * sizeof(gulong))

/* libnuma prints its complaints to stderr, over the screen, and may exit: these take the place
 * of its own two. */
void
numa_error(char *where G_GNUC_UNUSED)
{
}

void
numa_warn(int number G_GNUC_UNUSED, char *format G_GNUC_UNUSED, ...)
{
}

static gboolean
fail_thread(GError **error, int errnum, int tid)
{
    g_autofree char *what = g_strdup_printf("thread %d", tid);

    return hv_error_set_errno(error, errnum, what);
}

static void
set_from_mask(HvSet *cpus, const gulong *mask, gsize n_words)
{
    hv_set_clear(cpus);
    for (gsize word = 0; word < n_words; word++) {
        for (gulong bits = mask[word]; bits; bits &= bits - 1)
            hv_set_add(cpus, (guint)(word * WORD_BITS) + (guint)__builtin_ctzl(bits));
    }
}

/* Not through glibc: its cpu_set_t ends at 1024 cpus. */
static gboolean
get_affinity(gpointer data G_GNUC_UNUSED, int tid, HvSet *cpus, GError **error)
{
    for (gsize size = FIRST_MASK_BYTES; size <= MAX_MASK_BYTES; size *= 2) {
        g_autofree gulong *mask = g_malloc0(size);
        long n = syscall(SYS_sched_getaffinity, tid, size, mask);

        if (n >= 0) {
            set_from_mask(cpus, mask, (gsize)n / sizeof *mask);
            return TRUE;
        }
        if (errno != EINVAL) /* EINVAL: the kernel's mask is longer */
            return fail_thread(error, errno, tid);
    }
    return fail_thread(error, EINVAL, tid);
}

static gboolean
set_affinity(gpointer data G_GNUC_UNUSED, int tid, const HvSet *cpus, GError **error)
{
    gsize n_words = ((gsize)hv_set_last(cpus) + WORD_BITS) / WORD_BITS;
    g_autofree gulong *mask = g_new0(gulong, n_words);

    HV_SET_FOREACH(cpu, cpus)
    mask[(gsize)cpu / WORD_BITS] |= 1ul << ((gsize)cpu % WORD_BITS);
    if (syscall(SYS_sched_setaffinity, tid, n_words * sizeof *mask, mask) != 0)
        return fail_thread(error, errno, tid);
    return TRUE;
}

static gboolean
move_pages_of(gpointer data G_GNUC_UNUSED, int pid, gulong n, void **pages, const int *nodes,
              int *status, GError **error)
{
    g_autofree char *what = NULL;

    for (gulong i = 0; i < n; i++)
        status[i] = -EAGAIN; /* stays for those the kernel gave up before */
    /* positive: so many pages were left where they were; their status says why (move_pages(2))
     */
    if (numa_move_pages(pid, n, pages, nodes, status, nodes ? MPOL_MF_MOVE_ALL : 0) >= 0)
        return TRUE;
    what = g_strdup_printf("pages of process %d", pid);
    return hv_error_set_errno(error, errno, what);
}

/* ENODEV on cpus without threads, EINVAL from kernels without CONFIG_SCHED_CORE, EPERM for
 * threads of others. */
static gboolean
get_core_cookie(gpointer data G_GNUC_UNUSED, int tid, guint64 *cookie)
{
    unsigned long found = 0;

    if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, tid, PR_SCHED_CORE_SCOPE_THREAD, &found) != 0)
        return FALSE;
    *cookie = found;
    return TRUE;
}

const HvThreadOps hv_real_threads = {
    .get_affinity = get_affinity,
    .set_affinity = set_affinity,
    .move_pages = move_pages_of,
    .unmark_pages = hv_real_unmark_pages,
    .get_core_cookie = get_core_cookie,
};

static gboolean
is_still(HvHost *host, int tid, guint64 start_ticks, GError **error)
{
    g_autofree char *path = g_strdup_printf("proc/%d/stat", tid);
    HvProcStat stat;

    if (!hv_proc_read_stat(host, path, &stat, error))
        return FALSE;
    if (stat.start_ticks == start_ticks)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                "thread %d: another one has this number now", tid);
    return FALSE;
}

static gboolean
fail_no_threads(GError **error)
{
    g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                        "no running threads behind a captured tree");
    return FALSE;
}

gboolean
hv_host_get_affinity(HvHost *host, int tid, HvSet *cpus, GError **error)
{
    return host->machine->threads
               ? host->machine->threads->get_affinity(host->data, tid, cpus, error)
               : fail_no_threads(error);
}

gboolean
hv_host_get_core_cookie(HvHost *host, int tid, guint64 *cookie)
{
    const HvThreadOps *threads = host->machine->threads;

    return threads && threads->get_core_cookie &&
           threads->get_core_cookie(host->data, tid, cookie);
}

gboolean
hv_host_set_affinity(HvHost *host, int tid, guint64 start_ticks, const HvSet *cpus,
                     GError **error)
{
    const HvThreadOps *threads = host->machine->threads;

    if (!hv_host_may_write(host, error))
        return FALSE;
    if (!threads)
        return fail_no_threads(error);
    if (hv_set_is_empty(cpus)) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    "thread %d: a thread needs at least one cpu", tid);
        return FALSE;
    }
    if (start_ticks && !is_still(host, tid, start_ticks, error))
        return FALSE;
    return hv_host_fault_before_write(host, error) &&
           threads->set_affinity(host->data, tid, cpus, error) &&
           hv_host_fault_after_write(host, error);
}

gboolean
hv_host_query_pages(HvHost *host, int pid, gulong n, void **pages, int *status, GError **error)
{
    const HvThreadOps *threads = host->machine->threads;

    if (threads)
        return threads->move_pages(host->data, pid, n, pages, NULL, status, error);
    g_set_error_literal(error, HV_ERROR, HV_ERROR_DENIED,
                        "no running processes behind a captured tree");
    return FALSE;
}

gboolean
hv_host_move_pages(HvHost *host, int pid, gulong n, void **pages, const int *nodes, int *status,
                   GError **error)
{
    const HvThreadOps *threads = host->machine->threads;

    if (!hv_host_may_write(host, error))
        return FALSE;
    if (!threads)
        return fail_no_threads(error);
    return hv_host_fault_before_write(host, error) &&
           threads->move_pages(host->data, pid, n, pages, nodes, status, error) &&
           hv_host_fault_after_write(host, error);
}

guint
hv_host_unmark_pages(HvHost *host, int pid, gulong n, void **pages, const int *status)
{
    const HvThreadOps *threads = host->machine->threads;

    return threads && threads->unmark_pages
               ? threads->unmark_pages(host->data, pid, n, pages, status)
               : 0;
}
