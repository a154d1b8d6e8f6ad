/* What the control group of a VM says about where its memory is, and how much of it its process
 * has. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "probes/keep.h"
#include "host/numa-stat.h"

/* The files of one VM and what they said last. Zeroed: none. */
typedef struct {
    HvKept memory;   /* memory.numa_stat */
    GArray *hugetlb; /* of files and their page sizes */
    HvKept status;   /* of the process */
    gboolean is_v2;
    GArray *parts;         /* of HvNumaPart: all memory */
    GArray *hugetlb_parts; /* of HvNumaPart: what of it is in hugetlb pages */
    gboolean has_parts; /* else @memory.error, or its group is not known (@memory.path NULL) */
    gboolean has_process;
    guint64 process_bytes; /* anonymous, shared and huge pages of the process */
    guint64 hugetlb_bytes; /* of it, in hugetlb pages */
    guint64 pinned_bytes;  /* of it, that cannot move */
    gint64 read_ns;        /* 0: never */
} HvMemoryGroup;

/** hv_memory_group_set: the files of @guest; those that stay the same stay open.
 * hv_memory_group_clear: closes all and frees what it owns. */
void hv_memory_group_set(HvKeep *keep, HvMemoryGroup *group, const HvGuest *guest);
void hv_memory_group_clear(HvKeep *keep, HvMemoryGroup *group);
/** hv_memory_group_read: reads all of them anew. @buffer: for their texts. In the steady state
 * nothing is allocated. */
void hv_memory_group_read(HvKeep *keep, HvMemoryGroup *group, char *buffer, gsize size,
                          gint64 now_ns);
/** hv_memory_group_difference: by how many bytes the group has more than the process; 0 where
 * one of them is not known. They differ where memory is charged to another group, or others
 * live in this one. */
gint64 hv_memory_group_difference(const HvMemoryGroup *group);
