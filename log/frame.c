/* Frames: schemas, and the encoder. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame-put.h"
#include "log/frame-table.h"
#include "log/schema-text.h"
#include "log/varint.h"

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

gboolean
hv_frame_is_instant(const HvFrameSchema *schema, guint column)
{
    for (guint i = 0; i < schema->n_columns; i++)
        if (schema->columns[i].kind == HV_KIND_RATE && schema->columns[i].at == column &&
            column)
            return TRUE;
    return FALSE;
}

/* ---- encoder ---- */

/* What is remembered of one table. */
typedef struct {
    const HvSchema *schema;
    guint n_columns, n_keys;
    gboolean *is_instant; /* by column */
    HvTable *before;      /* as last encoded, or NULL */
    HvTable *earlier;     /* the one before that, since it was last encoded whole */
} Known;

struct HvFrameEncoder {
    GArray *known;                      /* of Known; a table's number is its index */
    GArray *before_rows, *earlier_rows; /* of guint32: where a row was */
    HvPutRoom room;
};

static void
forget(Known *known)
{
    g_clear_pointer(&known->before, hv_table_unref);
    g_clear_pointer(&known->earlier, hv_table_unref);
}

static void
clear_known(gpointer data)
{
    forget(data);
    g_free(((Known *)data)->is_instant);
}

HvFrameEncoder *
hv_frame_encoder_new(const HvSchema *const *schemas)
{
    HvFrameEncoder *encoder = g_new0(HvFrameEncoder, 1);
    g_autoptr(GPtrArray) described = hv_frame_schemas_of(schemas);

    encoder->known = g_array_new(FALSE, TRUE, sizeof(Known));
    g_array_set_clear_func(encoder->known, clear_known);
    encoder->before_rows = g_array_new(FALSE, FALSE, sizeof(guint32));
    encoder->earlier_rows = g_array_new(FALSE, FALSE, sizeof(guint32));
    encoder->room.numbers = g_array_new(FALSE, FALSE, sizeof(guint64));
    encoder->room.gaps = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (guint i = 0; schemas[i]; i++) {
        Known known = { .schema = schemas[i],
                        .n_columns = hv_schema_n_columns(schemas[i]),
                        .n_keys = hv_schema_n_keys(schemas[i]) };

        known.is_instant = g_new(gboolean, known.n_columns);
        for (guint column = 0; column < known.n_columns; column++)
            known.is_instant[column] = hv_frame_is_instant(described->pdata[i], column);
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
    g_array_unref(encoder->before_rows);
    g_array_unref(encoder->earlier_rows);
    g_array_unref(encoder->room.numbers);
    g_array_unref(encoder->room.gaps);
    g_free(encoder);
}

/* ---- rows ---- */

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
    text = text ? text : "";
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text) + 1);
}

/* How many rows from @row on follow each other in the former table too, or are all new. */
static guint
run_length(const guint32 *before, guint n, guint row)
{
    guint end = row + 1;

    while (end < n && (before[row] == HV_NO_ROW ? before[end] == HV_NO_ROW
                                                : before[end] == before[row] + (end - row)))
        end++;
    return end - row;
}

/* Runs: their length and whether they are new; then their keys, column by column, or where they
 * begin in the former table. */
static void
put_rows(const Known *known, const HvTable *table, const guint32 *before, GByteArray *out)
{
    const guint n = hv_table_n_rows(table);
    guint length;

    hv_varint_put(out, n);
    for (guint row = 0; row < n; row += length) {
        const gboolean is_new = before[row] == HV_NO_ROW;

        length = run_length(before, n, row);
        hv_varint_put(out, (guint64)length << 1 | (is_new ? 1 : 0));
        if (!is_new)
            hv_varint_put(out, before[row]);
        for (guint column = 0; is_new && column < known->n_keys; column++)
            for (guint i = row; i < row + length; i++)
                put_key(out, table, i, column);
    }
}

/* Where the rows of @table were in @other. */
static const guint32 *
find_rows(GArray *rows, const HvTable *table, const HvTable *other)
{
    const guint n = hv_table_n_rows(table);
    const gboolean is_same = other && hv_table_has_rows_of(table, other);
    guint32 *found;

    g_array_set_size(rows, n + 1); /* an address, also of none */
    found = &g_array_index(rows, guint32, 0);
    for (guint row = 0; row < n; row++)
        found[row] = is_same ? row : other ? hv_table_row_in(table, row, other) : HV_NO_ROW;
    return found;
}

/* ---- a table, a frame ---- */

static void
put_table(HvFrameEncoder *encoder, Known *known, HvTable *table, GByteArray *out)
{
    const gboolean is_same = known->before && hv_table_has_rows_of(table, known->before);
    const HvFormer former = {
        .has_same_rows = is_same,
        .before = known->before,
        .earlier = known->earlier,
        .before_rows = find_rows(encoder->before_rows, table, known->before),
        .earlier_rows = find_rows(encoder->earlier_rows, table, known->earlier),
    };
    const char *why = hv_table_why(table);
    const gint64 before_ns = known->before ? hv_table_sampled_ns(known->before) : 0;

    hv_varint_put(out, hv_zigzag(hv_table_sampled_ns(table) - before_ns));
    hv_varint_put(out, (why ? HV_TABLE_WHY : 0) | (is_same ? 0 : HV_TABLE_ROWS));
    if (why)
        g_byte_array_append(out, (const guint8 *)why, (guint)strlen(why) + 1);
    if (!is_same)
        put_rows(known, table, former.before_rows, out);
    for (guint column = known->n_keys; column < known->n_columns; column++)
        if (!known->before || known->schema->columns[column].kind != HV_KIND_RATE)
            hv_column_put(&encoder->room, table, &former, column, known->is_instant[column],
                          out);
    hv_table_unref(known->earlier);
    known->earlier = known->before;
    known->before = hv_table_ref(table);
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
        gboolean is_same;

        /* what another store filled has other identities, and rates of its own past */
        if (is_full || !table || (known->before && !hv_table_is_akin(table, known->before)))
            forget(known);
        if (!table)
            continue;
        is_same = table == known->before;
        hv_varint_put(out, (guint64)(i + 1) << 2 | (is_same ? HV_HEAD_SAME : 0) |
                               (known->before ? 0 : HV_HEAD_WHOLE));
        if (!is_same)
            put_table(encoder, known, table, out);
    }
    hv_varint_put(out, 0);
}
