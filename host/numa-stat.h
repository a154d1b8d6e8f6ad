/* Memory of a control group by node: memory.numa_stat of both versions, hugetlb.SIZE.numa_stat.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#define HV_NUMA_MAX_NODES 1024u /* MAX_NUMNODES of the largest x86 kernels */
#define HV_NUMA_SMALL_PAGE_BYTES 4096u
#define HV_NUMA_LARGE_PAGE_BYTES (2u << 20) /* of transparent huge pages */

/* Memory on one node. */
typedef struct {
    int cell; /* the guest's cell; -1: not told apart */
    guint node;
    guint64 page_bytes; /* 0: of several sizes */
    guint64 bytes;
} HvNumaPart;

/** hv_numa_add: adds @bytes to the part of @parts (of HvNumaPart) with that cell, node and page
 * size, making it if it is not there; 0 bytes are nothing. Any thread, as all below. */
void hv_numa_add(GArray *parts, int cell, guint node, guint64 page_bytes, guint64 bytes);
/** hv_numa_sum: bytes of all @parts. */
guint64 hv_numa_sum(const GArray *parts);

/**
 * hv_numa_stat_parse:
 * @text: all of a memory.numa_stat, NUL-terminated; cut up in place
 * @is_v2: in bytes with a line for each kind; else pages of 4 KiB, by LRU list
 * @parts: (of HvNumaPart) added to; nothing is allocated that it has room for
 *
 * What a guest's memory can be: anonymous memory and shared memory, transparent huge pages
 * (contained in both) told apart on version 2. File pages are QEMU's own code and the page
 * cache of images: left out. Version 1 counts shared memory as anonymous; of its lines those of
 * the whole subtree are used. Returns: FALSE with MALFORMED for a line that is no such line, or
 * without the lines that count. Source: kernel Documentation/admin-guide/cgroup-v2.rst,
 * cgroup-v1/memory.rst.
 */
gboolean hv_numa_stat_parse(char *text, gboolean is_v2, GArray *parts, GError **error);
/** hv_hugetlb_stat_parse: the same for hugetlb.SIZE.numa_stat (bytes, in both versions) of
 * pages of @page_bytes. Source: kernel mm/hugetlb_cgroup.c, hugetlb_cgroup_read_numa_stat. */
gboolean hv_hugetlb_stat_parse(char *text, guint64 page_bytes, GArray *parts, GError **error);
/** hv_hugetlb_page_bytes: the size in a file's name ("hugetlb.2MB.numa_stat"), as the kernel
 * writes it (KB, MB, GB); 0 for another file. */
guint64 hv_hugetlb_page_bytes(const char *name);
