/* Frames: schemas, and the encoder. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame-column.h"
#include "log/schema-text.h"
#include "log/varint.h"

#include <string.h>

/* ---- schemas ---- */

static void
free_schema(gpointer schema)
{
    hv_log_schema_free(schema);
}

static HvFrameSchema *
describe(const HvSchema *schema)
{
    HvFrameSchema *described = g_new0(HvFrameSchema, 1);

    described->name = g_strdup(schema->name);
    described->n_columns = hv_schema_n_columns(schema);
    described->columns = g_malloc0_n(described->n_columns, sizeof *described->columns);
    for (guint i = 0; i < described->n_columns; i++) {
        described->columns[i].name = g_strdup(schema->columns[i].name);
        described->columns[i].kind = schema->columns[i].kind;
        described->columns[i].unit = schema->columns[i].unit;
        described->columns[i].of = schema->columns[i].of;
        described->columns[i].at = schema->columns[i].at;
    }
    return described;
}

GPtrArray *
hv_frame_schemas_of(const HvSchema *const *schemas)
{
    GPtrArray *described = g_ptr_array_new_with_free_func(free_schema);

    for (; *schemas; schemas++)
        g_ptr_array_add(described, describe(*schemas));
    return described;
}

static gboolean
is_instant(const HvFrameSchema *schema, guint column)
{
    for (guint i = 0; i < schema->n_columns; i++)
        if (schema->columns[i].kind == HV_KIND_RATE && schema->columns[i].at == column &&
            column)
            return TRUE;
    return FALSE;
}

HvPredict
hv_frame_predict(const HvFrameSchema *schema, guint column)
{
    switch (schema->columns[column].kind) {
    case HV_KIND_TEXT:
    case HV_KIND_SET:
    case HV_KIND_KEY:
        return HV_PREDICT_TEXT;
    case HV_KIND_RATE:
        return HV_PREDICT_RATE;
    case HV_KIND_F64:
        return HV_PREDICT_BITS;
    case HV_KIND_COUNTER:
        return HV_PREDICT_GROWTH;
    case HV_KIND_ID:
    case HV_KIND_BOOL:
    case HV_KIND_U64:
    default:
        return is_instant(schema, column) ? HV_PREDICT_INSTANT : HV_PREDICT_CHANGE;
    }
}

/* ---- encoder ---- */

/* What is remembered of one table. */
typedef struct {
    const HvSchema *schema;
    guint n_columns, n_keys;
    HvPredict *predicts;
    HvTable *former; /* as last encoded, or NULL */
    GArray *growths; /* of gint64: the last change, row by row of @former, column by column */
    GArray *next;    /* the same of the table being encoded */
} Known;

struct HvFrameEncoder {
    GArray *known;   /* of Known; a table's number is its index */
    GArray *rows;    /* of int: the row of the former table, or -1 */
    GArray *numbers; /* of gint64: a column's values as they are written */
};

static void
clear_known(gpointer data)
{
    Known *known = data;

    hv_table_unref(known->former);
    g_free(known->predicts);
    g_array_unref(known->growths);
    g_array_unref(known->next);
}

HvFrameEncoder *
hv_frame_encoder_new(const HvSchema *const *schemas)
{
    HvFrameEncoder *encoder = g_new0(HvFrameEncoder, 1);
    g_autoptr(GPtrArray) described = hv_frame_schemas_of(schemas);

    encoder->known = g_array_new(FALSE, TRUE, sizeof(Known));
    g_array_set_clear_func(encoder->known, clear_known);
    encoder->rows = g_array_new(FALSE, TRUE, sizeof(int));
    encoder->numbers = g_array_new(FALSE, TRUE, sizeof(gint64));
    for (guint i = 0; schemas[i]; i++) {
        Known known = { .schema = schemas[i],
                        .n_columns = hv_schema_n_columns(schemas[i]),
                        .n_keys = hv_schema_n_keys(schemas[i]) };

        known.predicts = g_new(HvPredict, known.n_columns);
        for (guint column = 0; column < known.n_columns; column++)
            known.predicts[column] = hv_frame_predict(described->pdata[i], column);
        known.growths = g_array_new(FALSE, TRUE, sizeof(gint64));
        known.next = g_array_new(FALSE, TRUE, sizeof(gint64));
        g_array_append_val(encoder->known, known);
    }
    return encoder;
}

void
hv_frame_encoder_free(HvFrameEncoder *encoder)
{
    if (!encoder)
        return;
    g_array_unref(encoder->known);
    g_array_unref(encoder->rows);
    g_array_unref(encoder->numbers);
    g_free(encoder);
}

/* A number is given again only two samples later: an equal one and an equal key are the same
 * row. */
static int
former_row(const HvTable *former, const HvTable *table, guint row)
{
    const char *key = hv_table_row_key(table, row);

    if (!former)
        return -1;
    if (row < hv_table_n_rows(former) &&
        hv_table_row_id(former, row) == hv_table_row_id(table, row) &&
        g_str_equal(hv_table_row_key(former, row), key))
        return (int)row;
    return hv_table_find(former, key);
}

static void
put_key(GByteArray *out, const HvTable *table, guint row, guint column)
{
    const char *text = hv_table_text(table, row, (int)column);
    char digits[24];
    guint64 number;

    if (hv_table_u64(table, row, (int)column, &number)) {
        g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, number);
        text = digits;
    }
    hv_varint_put_text(out, text ? text : "");
}

/* 0: the rows of before. 1: each as the number of the former row and 1, or 0 and its key. */
static void
put_rows(HvFrameEncoder *encoder, const Known *known, const HvTable *table,
         const HvTable *former, GByteArray *out)
{
    const guint n = hv_table_n_rows(table);
    gboolean is_same = former && n == hv_table_n_rows(former);

    g_array_set_size(encoder->rows, n);
    for (guint row = 0; row < n; row++) {
        g_array_index(encoder->rows, int, row) = former_row(former, table, row);
        is_same = is_same && g_array_index(encoder->rows, int, row) == (int)row;
    }
    hv_varint_put(out, n);
    hv_varint_put(out, is_same ? 0 : 1);
    for (guint row = 0; !is_same && row < n; row++) {
        const int before = g_array_index(encoder->rows, int, row);

        hv_varint_put(out, (guint64)(before + 1));
        for (guint column = 0; before < 0 && column < known->n_keys; column++)
            put_key(out, table, row, column);
    }
}

static HvMark
former_cell(const HvTable *former, int row, guint column, HvCell *cell)
{
    if (row < 0) {
        *cell = (HvCell){ 0 };
        return HV_MARK_ABSENT;
    }
    return hv_table_cell(former, (guint)row, (int)column, cell);
}

/* TRUE when one of them changed. */
static gboolean
marks_differ(const HvFrameEncoder *encoder, const HvTable *table, const HvTable *former,
             guint column)
{
    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        const int before = g_array_index(encoder->rows, int, row);
        HvCell cell;

        if (former_cell(former, before, column, &cell) !=
            hv_table_mark(table, row, (int)column))
            return TRUE;
    }
    return FALSE;
}

static void
put_marks(const HvTable *table, guint column, GByteArray *out)
{
    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        const guint8 mark = (guint8)hv_table_mark(table, row, (int)column);

        g_byte_array_append(out, &mark, 1);
    }
}

/* ---- texts, and reasons of cells without a value ---- */

/* A text that is not there is told from an empty one: 0 as before, 1 none, 2 and more its
 * length. */
static gboolean
put_text(GByteArray *out, const char *text, const char *before, gboolean had_text)
{
    if (had_text && g_strcmp0(text, before) == 0) {
        hv_varint_put(out, 0);
        return FALSE;
    }
    if (!text) {
        hv_varint_put(out, 1);
        return TRUE;
    }
    hv_varint_put(out, strlen(text) + 2);
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
    return TRUE;
}

/* Whether @cell, of that mark and kind, is a text. */
static gboolean
is_text(HvMark mark, HvPredict predict)
{
    return !hv_mark_has_value(mark) || predict == HV_PREDICT_TEXT;
}

/* The texts among the cells. FALSE, and nothing written that matters, when none changed. */
static gboolean
put_texts(const HvFrameEncoder *encoder, const HvTable *table, const HvTable *former,
          guint column, HvPredict predict, GByteArray *out)
{
    gboolean changed = FALSE;

    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        const int before = g_array_index(encoder->rows, int, row);
        HvCell now, then;
        const HvMark mark = hv_table_cell(table, row, (int)column, &now);
        const HvMark was = former_cell(former, before, column, &then);

        if (is_text(mark, predict))
            changed |= put_text(out, now.text, is_text(was, predict) ? then.text : NULL,
                                is_text(was, predict));
    }
    return changed;
}

/* ---- numbers ---- */

static gint64 *
growth_at(GArray *growths, const Known *known, guint row, guint column)
{
    return &g_array_index(growths, gint64, (gsize)row * known->n_columns + column);
}

/* How @row's number differs from what was foretold; remembers its growth. */
static gint64
surprise(const Known *known, HvPredict predict, guint row, int before, guint column,
         guint64 now, guint64 then)
{
    const gint64 growth = (gint64)(now - then);
    const gint64 former_growth =
        before >= 0 ? *growth_at(known->growths, known, (guint)before, column) : 0;

    *growth_at(known->next, known, row, column) = growth;
    if (predict == HV_PREDICT_BITS || predict == HV_PREDICT_RATE)
        return (gint64)(now ^ then);
    return predict == HV_PREDICT_CHANGE ? growth
                                        : (gint64)((guint64)growth - (guint64)former_growth);
}

static guint64
magnitude(gint64 number)
{
    return number < 0 ? -(guint64)number : (guint64)number;
}

static guint64
common_divisor(const GArray *numbers)
{
    guint64 divisor = 0;

    for (guint i = 0; i < numbers->len && divisor != 1; i++) {
        guint64 rest = magnitude(g_array_index(numbers, gint64, i));

        while (rest) {
            const guint64 next = divisor % rest;

            divisor = rest;
            rest = next;
        }
    }
    return divisor;
}

/* Zero bytes at both ends of the bits are left out: their numbers, then the rest. */
static void
put_bits(GByteArray *out, guint64 bits)
{
    guint low = 0, n = 0;
    guint8 bytes[9];

    while (bits && low < 7 && !(bits & 0xff)) {
        bits >>= 8;
        low++;
    }
    while (bits) {
        bytes[++n] = (guint8)bits;
        bits >>= 8;
    }
    bytes[0] = (guint8)(low << 4 | n);
    g_byte_array_append(out, bytes, n + 1);
}

/* Collects the surprises of the cells that have numbers. TRUE when one is not 0. */
static gboolean
collect(HvFrameEncoder *encoder, const Known *known, const HvTable *table,
        const HvTable *former, guint column)
{
    const HvPredict predict = known->predicts[column];
    gboolean changed = FALSE;
    gint64 above = 0;

    g_array_set_size(encoder->numbers, 0);
    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        const int before = g_array_index(encoder->rows, int, row);
        HvCell now, then;
        gint64 number;

        if (!hv_mark_has_value(hv_table_cell(table, row, (int)column, &now))) {
            *growth_at(known->next, known, row, column) = 0;
            continue;
        }
        if (!hv_mark_has_value(former_cell(former, before, column, &then)))
            then.u64 = 0;
        number = surprise(known, predict, row, before, column, now.u64, then.u64);
        if (predict == HV_PREDICT_INSTANT) {
            const gint64 own = number;

            number = (gint64)((guint64)own - (guint64)above);
            above = own;
        }
        changed = changed || number != 0;
        g_array_append_val(encoder->numbers, number);
    }
    return changed;
}

static void
put_numbers(const HvFrameEncoder *encoder, HvPredict predict, guint64 divisor, GByteArray *out)
{
    for (guint i = 0; i < encoder->numbers->len; i++) {
        const gint64 number = g_array_index(encoder->numbers, gint64, i);

        if (predict == HV_PREDICT_BITS || predict == HV_PREDICT_RATE)
            put_bits(out, (guint64)number);
        else
            hv_varint_put(out, hv_zigzag(divisor > 1 ? number / (gint64)divisor : number));
    }
}

/* ---- a column, a table, a frame ---- */

static void
put_column(HvFrameEncoder *encoder, const Known *known, const HvTable *table,
           const HvTable *former, guint column, GByteArray *out)
{
    const HvPredict predict = known->predicts[column];
    const guint begin = out->len;
    const gboolean has_marks = marks_differ(encoder, table, former, column);
    const gboolean has_numbers =
        predict != HV_PREDICT_TEXT && collect(encoder, known, table, former, column);
    guint64 divisor = 1;
    guint flags = HV_COLUMN_VALUES | (has_marks ? HV_COLUMN_MARKS : 0);
    gboolean has_texts;

    if (has_numbers && predict != HV_PREDICT_BITS && predict != HV_PREDICT_RATE)
        divisor = common_divisor(encoder->numbers);
    if (divisor > 1 && divisor <= G_MAXINT64)
        flags |= HV_COLUMN_SCALED;
    hv_varint_put(out, flags);
    if (flags & HV_COLUMN_SCALED)
        hv_varint_put(out, divisor);
    if (has_marks)
        put_marks(table, column, out);
    has_texts = put_texts(encoder, table, former, column, predict, out);
    if (predict != HV_PREDICT_TEXT)
        put_numbers(encoder, predict, flags & HV_COLUMN_SCALED ? divisor : 1, out);
    if (!has_marks && !has_texts && !has_numbers) {
        g_byte_array_set_size(out, begin);
        hv_varint_put(out, HV_COLUMN_SAME);
    }
}

static void
put_table(HvFrameEncoder *encoder, Known *known, HvTable *table, gboolean is_full,
          GByteArray *out)
{
    HvTable *former = is_full ? NULL : known->former;
    const char *why = hv_table_why(table);
    GArray *growths;

    hv_varint_put(out, hv_zigzag(hv_table_sampled_ns(table) -
                                 (former ? hv_table_sampled_ns(former) : 0)));
    hv_varint_put(out, why ? 1 : 0);
    if (why)
        hv_varint_put_text(out, why);
    put_rows(encoder, known, table, former, out);
    g_array_set_size(known->next, hv_table_n_rows(table) * known->n_columns);
    for (guint column = known->n_keys; column < known->n_columns; column++)
        if (is_full || known->predicts[column] != HV_PREDICT_RATE)
            put_column(encoder, known, table, former, column, out);
    growths = known->growths;
    known->growths = known->next;
    known->next = growths;
    hv_table_ref(table);
    hv_table_unref(known->former);
    known->former = table;
}

void
hv_frame_encode(HvFrameEncoder *encoder, const HvSnapshot *snapshot, gboolean is_full,
                GByteArray *out)
{
    g_byte_array_set_size(out, 0);
    hv_varint_put(out, is_full ? 1 : 0);
    for (guint i = 0; i < encoder->known->len; i++) {
        Known *known = &g_array_index(encoder->known, Known, i);
        HvTable *table = hv_snapshot_table(snapshot, known->schema->name);
        const guint is_same = !is_full && table && table == known->former;

        if (!table) {
            g_clear_pointer(&known->former, hv_table_unref);
            continue;
        }
        hv_varint_put(out, (guint64)(i + 1) << 2 | is_same << 1 | (is_full || !known->former));
        if (!is_same)
            put_table(encoder, known, table, is_full || !known->former, out);
    }
    hv_varint_put(out, 0);
}
