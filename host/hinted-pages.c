/* Pages that NUMA balancing has marked, so that the next access tells who uses them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE_BYTES 4096u
#define MOST_ENTRIES 65536u
#define IS_PRESENT (G_GUINT64_CONSTANT(1) << 63)

/* Bit 63 of an entry; a marked page has it. Source: kernel
 * Documentation/admin-guide/mm/pagemap.rst.
 */
static guint64 *
read_pagemap(int pid, gsize first, gsize n)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/pagemap", pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autofree guint64 *entries = g_new0(guint64, n);
    gssize size;

    if (fd < 0)
        return NULL;
    size = pread(fd, entries, n * sizeof *entries, (off_t)(first * sizeof *entries));
    close(fd);
    return size == (gssize)(n * sizeof *entries) ? g_steal_pointer(&entries) : NULL;
}

/* Any access ends a mark, one by another process too. */
static gboolean
touch(int pid, void *page)
{
    char byte;
    const struct iovec here = { &byte, 1 };
    const struct iovec there = { page, 1 };

    return process_vm_readv(pid, &here, 1, &there, 1, 0) == 1;
}

/* A page that is not there is not touched: that would make one. */
guint
hv_real_unmark_pages(gpointer data G_GNUC_UNUSED, int pid, gulong n, void **pages,
                     const int *status)
{
    const gsize first = n ? GPOINTER_TO_SIZE(pages[0]) / PAGE_BYTES : 0;
    const gsize span = n ? GPOINTER_TO_SIZE(pages[n - 1]) / PAGE_BYTES - first + 1 : 0;
    g_autofree guint64 *entries =
        span > 0 && span <= MOST_ENTRIES ? read_pagemap(pid, first, span) : NULL;
    guint n_touched = 0;

    for (gulong i = 0; entries && i < n; i++) {
        const gsize at = GPOINTER_TO_SIZE(pages[i]) / PAGE_BYTES - first;

        if ((status[i] == -ENOENT || status[i] == -EFAULT) && at < span &&
            entries[at] & IS_PRESENT)
            n_touched += touch(pid, pages[i]) ? 1 : 0;
    }
    return n_touched;
}
