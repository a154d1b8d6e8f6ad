/* Whole columns of tables at once, for those who write them down and read them back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/columns.h"

#include <string.h>

#include "model/sink-private.h"

HvColumnView
hv_table_view(const HvTable *table, guint column)
{
    const HvColumnData *data = &table->columns[column];

    return (HvColumnView){ data->cells, data->marks };
}

gboolean
hv_table_is_akin(const HvTable *table, const HvTable *other)
{
    return table->pool == other->pool;
}

gboolean
hv_table_has_rows_of(const HvTable *table, const HvTable *other)
{
    return table->n_rows == other->n_rows &&
           (table->n_rows == 0 ||
            memcmp(table->keys, other->keys, table->n_rows * sizeof *table->keys) == 0);
}

guint32
hv_table_row_in(const HvTable *table, guint row, const HvTable *other)
{
    return (guint32)hv_table_row_of_key(other, table->keys[row]);
}

guint
hv_sink_n_rows(const HvSink *sink)
{
    return sink->table->n_rows;
}

void
hv_sink_at(HvSink *sink, guint row)
{
    const HvKey *key = sink->table->keys[row];

    sink->id = key->id;
    sink->row = row;
    sink->former_row = hv_table_row_of_key(sink->former, key);
}

static void
share(HvString **to, HvString *from)
{
    if (*to == from)
        return;
    hv_string_unref(*to);
    *to = from ? hv_string_ref(from) : NULL;
}

/* Where all rows are still where they were. */
static void
keep_all(HvColumnData *data, const HvColumnData *former, guint n_rows)
{
    memcpy(data->marks, former->marks, n_rows);
    memcpy(data->cells, former->cells, n_rows * sizeof *data->cells);
    if (!former->owned ||
        memcmp(data->owned, former->owned, n_rows * sizeof *data->owned) == 0)
        return;
    for (guint row = 0; row < n_rows; row++)
        share(&data->owned[row], former->owned[row]);
}

void
hv_sink_keep_column(HvSink *sink, guint column, const guint32 *from)
{
    const guint n_rows = sink->table->n_rows;
    HvColumnData *data = &sink->table->columns[column];
    const HvColumnData *former = &sink->former->columns[column];

    if (former->owned && !data->owned)
        data->owned = g_new0(HvString *, sink->table->capacity);
    if (n_rows > 0 && hv_table_has_rows_of(sink->table, sink->former)) {
        keep_all(data, former, n_rows);
        return;
    }
    for (guint row = 0; row < n_rows; row++) {
        const guint32 then = from[row];

        data->marks[row] = then == HV_NO_ROW ? 0 : former->marks[then];
        if (data->marks[row] == 0)
            continue;
        data->cells[row] = former->cells[then];
        if (former->owned)
            share(&data->owned[row], former->owned[then]);
    }
}

void
hv_sink_unset(HvSink *sink, guint column)
{
    sink->table->columns[column].marks[sink->row] = 0;
}

HvCell *
hv_sink_numbers(HvSink *sink, guint column, const guint8 **marks)
{
    HvColumnData *data = &sink->table->columns[column];

    *marks = data->marks;
    return data->cells;
}
