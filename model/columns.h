/* Whole columns of tables at once, for those who write them down and read them back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"

/* Set in a stored mark without value when somebody set the cell: its cell.text is the reason,
 * or NULL. A stored mark is a HvMark with or without it; 0: never set. */
#define HV_MARK_SET 0x80u

#define HV_NO_ROW G_MAXUINT32

/* A column that is not of the key, an element per row. */
typedef struct {
    const HvCell *cells; /* undefined where never set */
    const guint8 *marks; /* stored ones */
} HvColumnView;

/** hv_table_view: @column of @table, borrowed. Any thread, as the next three. */
HvColumnView hv_table_view(const HvTable *table, guint column);
/** hv_table_is_akin: both were filled by one store. */
gboolean hv_table_is_akin(const HvTable *table, const HvTable *other);
/** hv_table_has_rows_of: they hold the same rows in the same order. */
gboolean hv_table_has_rows_of(const HvTable *table, const HvTable *other);
/** hv_table_row_in: where the row of that very identity is in @other, or HV_NO_ROW. */
guint32 hv_table_row_in(const HvTable *table, guint row, const HvTable *other);

/** hv_sink_rows_again: emits all rows of the last sample of the current table, in their order,
 * before any other. hv_sink_n_rows: how many were emitted. */
void hv_sink_rows_again(HvSink *sink);
guint hv_sink_n_rows(const HvSink *sink);
/** hv_sink_at: the row @row that was emitted before is the current one again. */
void hv_sink_at(HvSink *sink, guint row);
/** hv_sink_keep_column: @column of all emitted rows as it was in the last sample, where @from
 * says for each row which one it was there; HV_NO_ROW: it becomes never set. Texts are shared.
 */
void hv_sink_keep_column(HvSink *sink, guint column, const guint32 *from);
/** hv_sink_unset: the cell of the current row is as if it had never been set. */
void hv_sink_unset(HvSink *sink, guint column);
/** hv_sink_numbers: the cells of @column, which is one of numbers, to be written; a cell's
 * stored mark is told by @marks and must not be changed there. Until the next row. */
HvCell *hv_sink_numbers(HvSink *sink, guint column, const guint8 **marks);
