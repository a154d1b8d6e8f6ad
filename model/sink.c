/* Setting cells: texts are those that the last samples held, wherever they are equal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "model/error.h"
#include "model/i18n.h"
#include "model/sink-private.h"

#define MOST_CLOSE 4 /* VMs looked at together */

/* Makes *@owned hold @text: what it holds already, else the string of the last sample
 * (@former), else a new one. */
static void
own_text(HvString **owned, HvString *former, const char *text)
{
    if (*owned && strcmp((*owned)->text, text) == 0)
        return;

    HvString *string =
        former && strcmp(former->text, text) == 0 ? hv_string_ref(former) : hv_string_new(text);

    hv_string_unref(*owned);
    *owned = string;
}

void
hv_sink_why(HvSink *sink, const char *why)
{
    sink->table->has_why = why != NULL;
    if (why)
        own_text(&sink->table->why, sink->former->why, why);
}

void
hv_sink_set_interest(HvSink *sink, GHashTable *interest)
{
    sink->interest = interest;
}

gboolean
hv_sink_wants(const HvSink *sink, const char *vm)
{
    return !sink->interest || g_hash_table_contains(sink->interest, vm);
}

HvRegard
hv_sink_regard(const HvSink *sink, const char *vm)
{
    if (!hv_sink_wants(sink, vm))
        return HV_REGARD_NONE;
    return !sink->interest || g_hash_table_size(sink->interest) <= MOST_CLOSE ? HV_REGARD_CLOSE
                                                                              : HV_REGARD_SEEN;
}

gboolean
hv_sink_has_interest(const HvSink *sink)
{
    return sink->interest != NULL;
}

/* The data of a cell that may be set: not of a key, and in a row. NULL is a mistake of the
 * caller. */
static HvColumnData *
data_of(HvSink *sink, guint column)
{
    g_return_val_if_fail(sink->id != HV_SINK_NO_ROW, NULL);
    g_return_val_if_fail(column >= sink->table->n_keys && column < sink->table->n_columns,
                         NULL);
    return &sink->table->columns[column];
}

static HvKind
kind_of(const HvSink *sink, guint column)
{
    return sink->table->schema->columns[column].kind;
}

static gboolean
is_f64(HvKind kind)
{
    return kind == HV_KIND_F64 || kind == HV_KIND_RATE;
}

static void
put_text(HvSink *sink, guint column, guint8 stored, const char *text)
{
    HvColumnData *data = data_of(sink, column);

    if (!data)
        return;
    if (!data->owned)
        data->owned = g_new0(HvString *, sink->table->capacity);

    HvString *const *former = sink->former->columns[column].owned;

    own_text(&data->owned[sink->row],
             former && sink->former_row >= 0 ? former[sink->former_row] : NULL, text);
    data->cells[sink->row].text = data->owned[sink->row]->text;
    data->marks[sink->row] = stored;
}

static void
put_number(HvSink *sink, guint column, HvCell cell)
{
    HvColumnData *data = data_of(sink, column);

    if (!data)
        return;
    data->cells[sink->row] = cell;
    data->marks[sink->row] = HV_MARK_MEASURED;
}

void
hv_u64(HvSink *sink, guint column, guint64 value)
{
    HvKind kind = kind_of(sink, column);

    g_return_if_fail(!hv_kind_is_text(kind));
    if (is_f64(kind))
        hv_f64(sink, column, (double)value);
    else
        put_number(sink, column, (HvCell){ .u64 = value });
}

void
hv_f64(HvSink *sink, guint column, double value)
{
    g_return_if_fail(is_f64(kind_of(sink, column)));
    if (isfinite(value))
        put_number(sink, column, (HvCell){ .f64 = value });
    else
        hv_none(sink, column, HV_MARK_ABSENT, N_("not a number"));
}

void
hv_text(HvSink *sink, guint column, const char *value)
{
    g_return_if_fail(hv_kind_is_text(kind_of(sink, column)));
    if (value)
        put_text(sink, column, HV_MARK_MEASURED, value);
    else
        hv_none(sink, column, HV_MARK_ABSENT, NULL);
}

void
hv_bool(HvSink *sink, guint column, gboolean value)
{
    hv_u64(sink, column, value != FALSE);
}

void
hv_mark(HvSink *sink, guint column, HvMark mark)
{
    HvColumnData *data = data_of(sink, column);

    g_return_if_fail(hv_mark_has_value(mark));
    if (data && hv_mark_has_value((HvMark)data->marks[sink->row]))
        data->marks[sink->row] = (guint8)mark;
}

void
hv_none(HvSink *sink, guint column, HvMark mark, const char *why)
{
    g_return_if_fail(!hv_mark_has_value(mark));

    guint8 stored = (guint8)(mark | HV_MARK_SET);
    HvColumnData *data = data_of(sink, column);

    if (why) {
        put_text(sink, column, stored, why);
    } else if (data) {
        data->cells[sink->row].text = NULL;
        data->marks[sink->row] = stored;
    }
}

void
hv_none_error(HvSink *sink, guint column, const GError *error)
{
    HvMark mark = HV_MARK_FAILED;

    if (g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT))
        mark = HV_MARK_ABSENT;
    else if (g_error_matches(error, HV_ERROR, HV_ERROR_DENIED))
        mark = HV_MARK_DENIED;
    hv_none(sink, column, mark, error ? error->message : NULL);
}

/* The string behind a cell that is a text or a reason; NULL: it is neither, or a key. */
static HvString *
string_of(const HvTable *from, guint row, int column, HvMark mark, HvCell cell)
{
    HvString *const *owned = column >= 0 ? from->columns[column].owned : NULL;

    if (!owned ||
        (hv_mark_has_value(mark) && !hv_kind_is_text(from->schema->columns[column].kind)))
        return NULL;
    return owned[row] && owned[row]->text == cell.text ? owned[row] : NULL;
}

/* Two tables hold one string, which mostly is there from the last sample. */
static void
put_string(HvSink *sink, guint column, HvMark mark, HvString *string)
{
    HvColumnData *data = data_of(sink, column);

    if (!data)
        return;
    if (!data->owned)
        data->owned = g_new0(HvString *, sink->table->capacity);
    if (data->owned[sink->row] != string) {
        hv_string_unref(data->owned[sink->row]);
        data->owned[sink->row] = hv_string_ref(string);
    }
    data->cells[sink->row].text = string->text;
    data->marks[sink->row] = (guint8)(hv_mark_has_value(mark) ? mark : mark | HV_MARK_SET);
}

void
hv_copy(HvSink *sink, guint column, const HvTable *from, guint from_row, int from_column)
{
    HvCell cell;
    HvMark mark = hv_table_cell(from, from_row, from_column, &cell);
    HvString *string = string_of(from, from_row, from_column, mark, cell);
    guint64 integer;
    double number;

    if (string && (!hv_mark_has_value(mark) || hv_kind_is_text(kind_of(sink, column)))) {
        put_string(sink, column, mark, string);
        return;
    }
    if (!hv_mark_has_value(mark)) {
        hv_none(sink, column, mark, cell.text);
        return;
    }
    if (hv_kind_is_text(kind_of(sink, column)))
        hv_text(sink, column, hv_table_text(from, from_row, from_column));
    else if (hv_table_u64(from, from_row, from_column, &integer))
        hv_u64(sink, column, integer);
    else if (hv_table_f64(from, from_row, from_column, &number))
        hv_f64(sink, column, number);
    hv_mark(sink, column, mark);
}

gboolean
hv_sink_get_f64(const HvSink *sink, guint column, double *value)
{
    g_return_val_if_fail(sink->id != HV_SINK_NO_ROW, FALSE);
    return hv_table_f64(sink->table, sink->row, (int)column, value);
}
