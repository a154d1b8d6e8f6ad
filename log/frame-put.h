/* A column of a frame, written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/frame-column.h"

/* Room for what is known of a column's cells while it is written; kept between columns. */
typedef struct {
    GArray *numbers; /* of guint64: what differs, of each row with a value */
    GArray *gaps;    /* of guint64 */
} HvPutRoom;

/** hv_column_put: @column of @table, a column that is not of the key, after @former;
 * @is_instant: it has the times at which the rows were read. */
void hv_column_put(HvPutRoom *room, const HvTable *table, const HvFormer *former, guint column,
                   gboolean is_instant, GByteArray *out);
