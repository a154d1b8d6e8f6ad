/* The mappings of a process and where their pages are: /proc/PID/numa_maps and maps. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/numa-stat.h"

/* One line of numa_maps. Texts are borrowed from what was parsed. */
typedef struct {
    guint64 address;    /* of its first byte */
    const char *policy; /* "default", "bind:0", "prefer (many):0-1" … */
    const char *file;   /* its path with escapes undone, "… (deleted)" too; NULL: anonymous */
    gboolean is_hugetlb;
    guint64 page_bytes; /* of its pages; transparent huge ones are counted as small; 0: it has
                           none */
    guint n_nodes;      /* of @nodes; the same node may stand there twice */
    struct {
        guint node;
        guint64 bytes;
    } nodes[HV_NUMA_MAX_NODES];
} HvNumaMapping;

/**
 * hv_numa_maps_next:
 * @text: in and out: what is left of a numa_maps, NUL-terminated; cut up in place
 *
 * Returns: FALSE at its end, or with MALFORMED. Words that are not known are skipped: kernels
 * add some. Any thread. Source: kernel fs/proc/task_mmu.c, show_numa_map; numa(7).
 */
gboolean hv_numa_maps_next(char **text, HvNumaMapping *mapping, GError **error);

/* One line of maps. */
typedef struct {
    guint64 start, end; /* end: the first byte behind it */
    gboolean can_write;
    const char *path; /* "" for an anonymous one; "[heap]" and the like as they stand */
} HvMapping;

/** hv_maps_next: the same for /proc/PID/maps. Source: proc(5). */
gboolean hv_maps_next(char **text, HvMapping *mapping, GError **error);
