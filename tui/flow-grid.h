/* Memory traffic from node to node as a square to draw: one VM's or the host's, by nodes or by sockets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* One number. Without a value @mark says which kind of none, and @why, borrowed from the snapshot. */
typedef struct {
    HvMark mark;
    double value; /* bytes per second, or a share where the square has no bytes */
    const char *why;
} HvFlowCell;

typedef struct {
    gboolean by_socket;
    gboolean has_bytes;  /* else shares of the VM's memory, by place */
    gboolean has_rest;   /* the row of what is in no group */
    guint n;             /* nodes or sockets */
    guint *names;        /* @n numbers of them, rising */
    HvFlowCell *cells;   /* n × n, from × to, then the @n of the rest */
    double most;         /* the largest value */
    const char *why;     /* why there is no value at all, or NULL */
    const char *why_no_bytes;
    const char *doubt;   /* what to bear in mind, or NULL; borrowed as @why */
} HvFlowGrid;

/** hv_flow_grid_new: @vm: a key of "vms", or NULL for the host. All nodes of the topology are in it, and those that
 * the table matrix names besides. Any thread, as all below. */
HvFlowGrid *hv_flow_grid_new(const HvSnapshot *snapshot, const char *vm, gboolean by_socket);
void hv_flow_grid_free(HvFlowGrid *grid);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFlowGrid, hv_flow_grid_free)
/** hv_flow_cell: from the cpus of the @from-th to the memory of the @to-th; @from = n: the rest. */
const HvFlowCell *hv_flow_cell(const HvFlowGrid *grid, guint from, guint to);
/** hv_flow_remote: what the cpus of the @from-th move from and to the memory of all others. */
HvFlowCell hv_flow_remote(const HvFlowGrid *grid, guint from);
/** hv_flow_text: GB/s in at most @width columns with its mark; @shares: a percentage. What has no value is "–", "?",
 * "den" or "fail". */
void hv_flow_text(char *out, gsize size, const HvFlowCell *cell, gboolean shares, int width, gboolean ascii);
