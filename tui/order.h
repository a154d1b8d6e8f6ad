/* The rows of a table in the order in which a grid shows them, joined with other tables by key; kept per snapshot. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* Where the cells of a column come from. Valid as long as the snapshot it was found in. */
typedef struct {
    const HvTable *table;
    int column;     /* -1: nobody has it */
    const int *map; /* row of @table for each row of the lead table, -1: none; NULL: the same row */
} HvCellSource;

/* What is shown, and how it was arrived at. Opaque. UI thread. */
typedef struct HvOrder HvOrder;

/** hv_order_new: without rows. hv_order_free accepts NULL. */
HvOrder *hv_order_new(void);
void hv_order_free(HvOrder *order);
/** hv_order_update: orders the rows of @table that match @filter by the column @sort (NULL: as the table has them); does
 * nothing when nothing changed since the last call. Rows without a value come last, either way; others keep their order. */
void hv_order_update(HvOrder *order, const HvSnapshot *now, const char *table, const char *sort,
                     gboolean ascending, const char *filter);
/** hv_order_lead: the table of the last update, or NULL. hv_order_rows: its rows as ordered, @n_rows of them, borrowed
 * until the next update. */
const HvTable *hv_order_lead(const HvOrder *order);
const guint *hv_order_rows(const HvOrder *order, guint *n_rows);
/** hv_order_has_sort_values: at least one row has a value to be sorted by. */
gboolean hv_order_has_sort_values(const HvOrder *order);
/** hv_order_source: where @column ("column" or "table.column") comes from, in the snapshot of the last update. */
HvCellSource hv_order_source(HvOrder *order, const HvSnapshot *now, const char *column);
/** hv_order_cell_row: the row of @source's table for @row of the lead table, or -1 without one. */
int hv_order_cell_row(const HvCellSource *source, guint row);
