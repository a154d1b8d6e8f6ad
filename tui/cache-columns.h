/* The columns of the screen Cache: names, a column for each way, sizes, rates, owners. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/cache-edit.h"
#include "tui/list.h"

/* What the cells of a row need: HvListRow.data. Borrowed for one draw. */
typedef struct {
    const HvCacheGrid *grid;
    const HvCacheRow *row;
    guint order;
    int edge_way; /* the way at the edge that the arrows move, of the row under the cursor; else -1 */
    HvEdge edge;
} HvCacheLine;

/** hv_cache_columns_new: for a list on a canvas of @canvas_columns; (transfer full), g_free(). @titles gains the
 * titles of the ways, which the columns borrow. UI thread. */
HvListColumn *hv_cache_columns_new(guint n_ways, int canvas_columns, GPtrArray *titles);
