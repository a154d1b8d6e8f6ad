/* Reading what sysfs says of one memory node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* Of nodeN/meminfo. */
typedef struct {
    guint64 total_bytes;
    guint64 free_bytes;
    guint64 inactive_file_bytes; /* page cache that nobody used lately; 0 where not told */
    gboolean has_total;
    gboolean has_free;
} HvNodeMemory;

/** hv_node_meminfo_parse: cuts up @text in place; lines are "Node 0 MemTotal:  123 kB". What is
 * missing stays without. Any thread, as below. Source: kernel drivers/base/node.c. */
void hv_node_meminfo_parse(char *text, HvNodeMemory *memory);

/** hv_zoneinfo_low: of proc/zoneinfo: bytes below which the kernel begins to reclaim on @node,
 * over its zones. FALSE when the node is not in it. @text is not changed. Source: kernel
 * mm/vmstat.c, zoneinfo_show_print. */
gboolean hv_zoneinfo_low(const char *text, guint node, guint64 *bytes);

/* Of nodeN/numastat, in pages: allocations by tasks that ran here, and by tasks that ran
 * elsewhere. */
typedef struct {
    guint64 n_local;
    guint64 n_remote;
    gboolean has_both;
} HvNumastat;

/** hv_numastat_parse: @text is not changed. Source: kernel
 * Documentation/admin-guide/numastat.rst. */
void hv_numastat_parse(const char *text, HvNumastat *numastat);
