/* Frames: the decoder. What it is given comes from anybody. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame-column.h"
#include "log/varint.h"
#include "model/error.h"
#include "model/i18n.h"
#include "model/sink.h"

#include <string.h>

#define MOST_CELLS (4u << 20) /* of one table: a host of 4,000 vCPUs has a thirtieth */

/* A cell as it was last told. */
typedef struct {
    guint64 number;
    gint64 growth;
    char *text; /* the value of a text, or why there is none */
    HvMark mark;
} Cell;

typedef struct {
    char **keys;
    Cell *cells; /* one per stored column */
    guint n_cells;
} Row;

/* One stored table. */
typedef struct {
    const HvFrameSchema *stored;
    guint n_keys;
    HvPredict *predicts;
    int *columns;    /* where a stored column goes, or -1 */
    HvStore *store;  /* NULL: this program has no such table */
    GPtrArray *rows; /* of Row */
    gint64 sampled_ns;
    char *why;
    gboolean is_there; /* told of in the last frame */
} Table;

struct HvFrameDecoder {
    GPtrArray *tables; /* of Table, by number */
    gboolean is_begun; /* a full frame came, and nothing bad since */
};

/* ---- making and freeing ---- */

static void
free_row(gpointer data)
{
    Row *row = data;

    if (!row) /* taken over */
        return;
    for (guint i = 0; i < row->n_cells; i++)
        g_free(row->cells[i].text);
    g_free(row->cells);
    g_strfreev(row->keys);
    g_free(row);
}

static void
free_table(gpointer data)
{
    Table *table = data;

    hv_store_free(table->store);
    g_ptr_array_unref(table->rows);
    g_free(table->predicts);
    g_free(table->columns);
    g_free(table->why);
    g_free(table);
}

static const HvSchema *
find_schema(const HvSchema *const *known, const char *name)
{
    for (; *known; known++)
        if (g_str_equal((*known)->name, name))
            return *known;
    return NULL;
}

/* Its keys must be the program's own, or its rows could not be made. */
static gboolean
has_same_keys(const HvFrameSchema *stored, const HvSchema *schema)
{
    const guint n_keys = hv_schema_n_keys(schema);

    if (stored->n_columns < n_keys)
        return FALSE;
    for (guint i = 0; i < stored->n_columns; i++) {
        const gboolean is_key = hv_kind_is_key(stored->columns[i].kind);

        if (is_key != (i < n_keys))
            return FALSE;
        if (is_key && (stored->columns[i].kind != schema->columns[i].kind ||
                       !g_str_equal(stored->columns[i].name, schema->columns[i].name)))
            return FALSE;
    }
    return TRUE;
}

static int
find_column(const HvFrameSchema *stored, guint column, const HvSchema *schema)
{
    const int found = hv_schema_find(schema, stored->columns[column].name);

    return found >= 0 && schema->columns[found].kind == stored->columns[column].kind ? found
                                                                                     : -1;
}

static Table *
table_new(const HvFrameSchema *stored, const HvSchema *const *known)
{
    const HvSchema *schema = find_schema(known, stored->name);
    Table *table = g_new0(Table, 1);

    table->stored = stored;
    table->rows = g_ptr_array_new_with_free_func(free_row);
    table->predicts = g_new0(HvPredict, stored->n_columns);
    table->columns = g_new0(int, stored->n_columns);
    while (table->n_keys < stored->n_columns &&
           hv_kind_is_key(stored->columns[table->n_keys].kind))
        table->n_keys++;
    if (schema && has_same_keys(stored, schema))
        table->store = hv_store_new(schema);
    for (guint i = 0; i < stored->n_columns; i++) {
        table->predicts[i] = hv_frame_predict(stored, i);
        table->columns[i] = table->store ? find_column(stored, i, schema) : -1;
    }
    return table;
}

HvFrameDecoder *
hv_frame_decoder_new(const GPtrArray *stored, const HvSchema *const *known)
{
    HvFrameDecoder *decoder = g_new0(HvFrameDecoder, 1);

    decoder->tables = g_ptr_array_new_with_free_func(free_table);
    for (guint i = 0; i < stored->len; i++)
        g_ptr_array_add(decoder->tables, table_new(stored->pdata[i], known));
    return decoder;
}

void
hv_frame_decoder_free(HvFrameDecoder *decoder)
{
    if (!decoder)
        return;
    g_ptr_array_unref(decoder->tables);
    g_free(decoder);
}

/* ---- rows ---- */

static Row *
row_new(const Table *table, HvBytes *bytes)
{
    Row *row = g_new0(Row, 1);

    row->keys = g_new0(char *, table->n_keys + 1);
    for (guint i = 0; i < table->n_keys; i++)
        row->keys[i] = hv_varint_get_text(bytes);
    row->n_cells = table->stored->n_columns;
    row->cells = g_new0(Cell, row->n_cells);
    return row;
}

/* Takes a former row over; each at most once. */
static Row *
take_row(Table *table, guint64 number, HvBytes *bytes)
{
    Row *row;

    if (number == 0)
        return row_new(table, bytes);
    if (number > table->rows->len || !table->rows->pdata[number - 1]) {
        bytes->is_bad = TRUE;
        return NULL;
    }
    row = table->rows->pdata[number - 1];
    table->rows->pdata[number - 1] = NULL;
    return row;
}

/* Every new row takes at least a byte, and no frame more cells than MOST_CELLS. */
static void
get_rows(Table *table, HvBytes *bytes)
{
    const guint64 n = hv_varint_get(bytes);
    const guint64 is_other = hv_varint_get(bytes);
    GPtrArray *rows;

    if (bytes->is_bad || is_other > 1 || (!is_other && n != table->rows->len) ||
        (is_other && (n > (guint64)(bytes->end - bytes->at) ||
                      n * table->stored->n_columns > MOST_CELLS))) {
        bytes->is_bad = TRUE;
        return;
    }
    if (!is_other)
        return;
    rows = g_ptr_array_new_with_free_func(free_row);
    for (guint64 i = 0; i < n && !bytes->is_bad; i++) {
        Row *row = take_row(table, hv_varint_get(bytes), bytes);

        if (row)
            g_ptr_array_add(rows, row);
    }
    g_ptr_array_unref(table->rows);
    table->rows = rows;
}

/* ---- columns ---- */

static void
get_marks(Table *table, guint column, HvBytes *bytes)
{
    if ((gsize)(bytes->end - bytes->at) < table->rows->len) {
        bytes->is_bad = TRUE;
        return;
    }
    for (guint i = 0; i < table->rows->len; i++) {
        Row *row = table->rows->pdata[i];
        Cell *cell = &row->cells[column];
        const guint8 mark = *bytes->at++;
        const gboolean had_value = hv_mark_has_value(cell->mark);

        if (mark > HV_MARK_FAILED) {
            bytes->is_bad = TRUE;
            return;
        }
        cell->mark = (HvMark)mark;
        if (had_value && !hv_mark_has_value(cell->mark))
            cell->growth = 0;
        if (!had_value && table->predicts[column] != HV_PREDICT_TEXT)
            cell->number = 0;
    }
}

static void
get_text(Cell *cell, HvBytes *bytes)
{
    const guint64 told = hv_varint_get(bytes);
    const guint64 length = told - 2;

    if (bytes->is_bad || told == 0)
        return;
    if (told > 1 &&
        (length > (guint64)(bytes->end - bytes->at) || memchr(bytes->at, 0, length))) {
        bytes->is_bad = TRUE;
        return;
    }
    g_free(cell->text);
    cell->text = told == 1 ? NULL : g_strndup((const char *)bytes->at, length);
    if (told > 1)
        bytes->at += length;
}

static void
get_texts(Table *table, guint column, HvBytes *bytes)
{
    for (guint i = 0; i < table->rows->len && !bytes->is_bad; i++) {
        Cell *cell = &((Row *)table->rows->pdata[i])->cells[column];

        if (!hv_mark_has_value(cell->mark) || table->predicts[column] == HV_PREDICT_TEXT)
            get_text(cell, bytes);
    }
}

static guint64
get_bits(HvBytes *bytes)
{
    guint8 head, low, n;
    guint64 bits = 0;

    if (bytes->at == bytes->end) {
        bytes->is_bad = TRUE;
        return 0;
    }
    head = *bytes->at++;
    low = head >> 4;
    n = head & 0xf;
    if (n > 8 || low > 7 || low + n > 8 || bytes->end - bytes->at < n) {
        bytes->is_bad = TRUE;
        return 0;
    }
    for (guint i = 0; i < n; i++)
        bits |= (guint64)bytes->at[i] << (8 * i);
    bytes->at += n;
    return bits << (8 * low);
}

/* The encoder's surprise(), undone. */
static void
advance(Cell *cell, HvPredict predict, guint64 surprise)
{
    const guint64 former = cell->number;

    if (predict == HV_PREDICT_BITS || predict == HV_PREDICT_RATE)
        cell->number = former ^ surprise;
    else if (predict == HV_PREDICT_CHANGE)
        cell->number = former + surprise;
    else
        cell->number = former + (guint64)cell->growth + surprise;
    cell->growth = (gint64)(cell->number - former);
}

static void
get_numbers(Table *table, guint column, guint64 divisor, HvBytes *bytes)
{
    const HvPredict predict = table->predicts[column];
    guint64 above = 0;

    for (guint i = 0; i < table->rows->len && !bytes->is_bad; i++) {
        Cell *cell = &((Row *)table->rows->pdata[i])->cells[column];
        guint64 number;

        if (!hv_mark_has_value(cell->mark))
            continue;
        if (predict == HV_PREDICT_BITS || predict == HV_PREDICT_RATE)
            number = get_bits(bytes);
        else
            number = (guint64)hv_unzigzag(hv_varint_get(bytes)) * divisor;
        if (predict == HV_PREDICT_INSTANT)
            above = number += above;
        advance(cell, predict, number);
    }
}

/* Nothing was told: each number went on as foretold. */
static void
go_on(Table *table, guint column)
{
    const HvPredict predict = table->predicts[column];

    for (guint i = 0; i < table->rows->len && predict != HV_PREDICT_TEXT; i++) {
        Cell *cell = &((Row *)table->rows->pdata[i])->cells[column];

        if (hv_mark_has_value(cell->mark))
            advance(cell, predict, 0);
    }
}

static void
get_column(Table *table, guint column, HvBytes *bytes)
{
    const guint64 flags = hv_varint_get(bytes);
    guint64 divisor = 1;

    if (flags == HV_COLUMN_SAME) {
        go_on(table, column);
        return;
    }
    if (!(flags & HV_COLUMN_VALUES) ||
        flags > (HV_COLUMN_VALUES | HV_COLUMN_MARKS | HV_COLUMN_SCALED)) {
        bytes->is_bad = TRUE;
        return;
    }
    if (flags & HV_COLUMN_SCALED)
        divisor = hv_varint_get(bytes);
    if (flags & HV_COLUMN_MARKS)
        get_marks(table, column, bytes);
    if (!bytes->is_bad)
        get_texts(table, column, bytes);
    if (!bytes->is_bad && table->predicts[column] != HV_PREDICT_TEXT)
        get_numbers(table, column, divisor, bytes);
}

/* ---- into the program's own tables ---- */

static void
emit_cell(HvSink *sink, guint to, HvKind kind, const Cell *cell)
{
    if (!hv_mark_has_value(cell->mark)) {
        hv_none(sink, to, cell->mark, cell->text);
        return;
    }
    if (hv_kind_is_text(kind)) {
        hv_text(sink, to, cell->text ? cell->text : "");
    } else if (kind == HV_KIND_F64 || kind == HV_KIND_RATE) {
        double number;

        memcpy(&number, &cell->number, sizeof number);
        hv_f64(sink, to, number);
    } else {
        hv_u64(sink, to, cell->number);
    }
    if (cell->mark != HV_MARK_MEASURED)
        hv_mark(sink, to, cell->mark);
}

/* RATE cells are set where they were told, else the store computes them as it always does. */
static void
emit(Table *table, gboolean has_rates)
{
    HvSink *sink = hv_sink_begin(&table->store, 1, table->sampled_ns);

    if (table->why)
        hv_sink_why(sink, table->why);
    for (guint i = 0; i < table->rows->len; i++) {
        const Row *row = table->rows->pdata[i];

        hv_row_keys(sink, (const char *const *)row->keys);
        for (guint column = table->n_keys; column < row->n_cells; column++) {
            const HvKind kind = table->stored->columns[column].kind;

            if (table->columns[column] >= 0 && (has_rates || kind != HV_KIND_RATE))
                emit_cell(sink, (guint)table->columns[column], kind, &row->cells[column]);
        }
    }
    hv_sink_end(sink, TRUE);
}

/* ---- a table, a frame ---- */

static void
get_table(Table *table, gboolean is_full, HvBytes *bytes)
{
    gint64 sampled_ns = hv_unzigzag(hv_varint_get(bytes));
    guint64 has_why;

    if (is_full)
        g_ptr_array_set_size(table->rows, 0);
    else
        sampled_ns = (gint64)((guint64)sampled_ns + (guint64)table->sampled_ns);
    table->sampled_ns = sampled_ns;
    has_why = hv_varint_get(bytes);
    g_clear_pointer(&table->why, g_free);
    if (has_why)
        table->why = hv_varint_get_text(bytes);
    if (!bytes->is_bad)
        get_rows(table, bytes);
    for (guint column = table->n_keys; column < table->stored->n_columns && !bytes->is_bad;
         column++)
        if (is_full || table->predicts[column] != HV_PREDICT_RATE)
            get_column(table, column, bytes);
    if (!bytes->is_bad && table->store)
        emit(table, is_full);
}

/* FALSE behind the last table, or where the bytes are bad. */
static gboolean
next_table(HvFrameDecoder *decoder, HvBytes *bytes, gboolean is_full_frame,
           HvSnapshot *snapshot)
{
    const guint64 head = hv_varint_get(bytes);
    const guint64 number = head >> 2;
    const gboolean is_same = (head & 2) != 0, is_full = (head & 1) != 0;
    Table *table;

    if (bytes->is_bad || head == 0)
        return FALSE;
    if (number == 0 || number > decoder->tables->len) {
        bytes->is_bad = TRUE;
        return FALSE;
    }
    table = decoder->tables->pdata[number - 1];
    if ((is_full_frame && !is_full) || (is_same && is_full) || (!is_full && !table->is_there)) {
        bytes->is_bad = TRUE;
        return FALSE;
    }
    if (!is_same)
        get_table(table, is_full, bytes);
    table->is_there = TRUE;
    if (!bytes->is_bad && table->store && snapshot->n_tables < HV_SNAPSHOT_MAX_TABLES &&
        !hv_snapshot_table(snapshot, table->stored->name))
        hv_snapshot_add(snapshot, hv_store_table(table->store));
    return !bytes->is_bad;
}

gboolean
hv_frame_decode(HvFrameDecoder *decoder, const guint8 *bytes, gsize n_bytes,
                HvSnapshot *snapshot, GError **error)
{
    HvBytes left = { bytes, bytes + n_bytes, n_bytes > HV_FRAME_MAX_BYTES };
    const guint64 is_full = hv_varint_get(&left);

    if (left.is_bad || is_full > 1 || (!is_full && !decoder->is_begun)) {
        decoder->is_begun = FALSE;
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            left.is_bad || is_full > 1
                                ? _("is no frame")
                                : _("a frame without the one before it"));
        return FALSE;
    }
    while (next_table(decoder, &left, is_full != 0, snapshot))
        continue;
    decoder->is_begun = !left.is_bad;
    if (left.is_bad)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, _("is no frame"));
    return !left.is_bad;
}
