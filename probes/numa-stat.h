/* memory.numa_stat and hugetlb.SIZE.numa_stat of a control group: bytes on each node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#define HV_NUMA_STAT_MAX_NODES 64

/* Of one control group. Nodes are kernel numbers. */
typedef struct {
    guint n_nodes; /* one more than the highest number seen */
    guint64
        small_bytes[HV_NUMA_STAT_MAX_NODES];   /* in base pages, or in pages of unknown size */
    guint64 thp_bytes[HV_NUMA_STAT_MAX_NODES]; /* in transparent huge pages */
} HvNumaStat;

/**
 * hv_numa_stat_parse:
 * @text: the whole memory.numa_stat, NUL-terminated; cut up in place
 * @version: of the control groups, 1 or 2
 *
 * Version 2: anonymous and shared memory, in bytes; other page cache is not the guest's.
 * Version 1: all that is charged, with that of the groups below, in base pages; it does not
 * tell shared memory from page cache. Returns: FALSE with MALFORMED where no such line is, or
 * one is broken; @stat is untouched then. Any thread. Source: kernel
 * Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst.
 */
gboolean hv_numa_stat_parse(char *text, guint version, HvNumaStat *stat, GError **error);
/** hv_hugetlb_stat_parse: hugetlb.SIZE.numa_stat, "total=0 N0=0 N1=0": bytes of huge pages in
 * use, into @bytes of HV_NUMA_STAT_MAX_NODES; @n_nodes as in HvNumaStat. MALFORMED as above. */
gboolean hv_hugetlb_stat_parse(char *text, guint64 *bytes, guint *n_nodes, GError **error);
