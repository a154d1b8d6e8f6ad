/* Frames: the decoder. What it is given comes from anybody. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame-get.h"
#include "log/frame-table.h"
#include "model/error.h"
#include "model/i18n.h"

#define MOST_CELLS                                                                             \
    (4u << 20) /* of all tables at once: a host of 4,000 vCPUs has a tenth of them */

/* One stored table. It is filled as it was stored; where the program's own has other columns,
 * that is made of it. */
typedef struct {
    HvSchema stored; /* owned, as its columns; their names are borrowed */
    guint n_keys, n_columns;
    HvStore *store;
    HvTable *before, *earlier; /* as in the encoder; NULL: it was not told of */
    HvStore *own;              /* NULL: the stored one will do, or there is none to be shown */
    gboolean is_shown;         /* this program has such a table */
    int *columns;              /* where a column of the own one is in the stored one, or -1 */
    guint n_cells;
    gboolean is_told; /* in this frame */
} Table;

struct HvFrameDecoder {
    GPtrArray *tables; /* of Table, by number */
    HvGet get;
    GArray *before_rows, *earlier_rows; /* of guint32 */
    guint64 n_cells;                    /* of all tables */
    gboolean is_begun;                  /* a full frame came, and nothing bad since */
};

/* ---- making and freeing ---- */

static void
forget(Table *table)
{
    g_clear_pointer(&table->before, hv_table_unref);
    g_clear_pointer(&table->earlier, hv_table_unref);
}

static void
free_table(gpointer data)
{
    Table *table = data;

    forget(table);
    hv_store_free(table->store);
    hv_store_free(table->own);
    g_free((gpointer)(guintptr)table->stored.columns);
    g_free(table->columns);
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

static gboolean
is_same_column(const HvColumn *a, const HvColumn *b)
{
    return g_str_equal(a->name, b->name) && a->kind == b->kind && a->unit == b->unit;
}

static gboolean
is_same_schema(const HvSchema *a, const HvSchema *b)
{
    guint i = 0;

    for (; a->columns[i].name && b->columns[i].name; i++)
        if (!is_same_column(&a->columns[i], &b->columns[i]) ||
            a->columns[i].of != b->columns[i].of || a->columns[i].at != b->columns[i].at)
            return FALSE;
    return !a->columns[i].name && !b->columns[i].name;
}

/* Its keys must be the program's own, or its rows could not be made. */
static gboolean
has_same_keys(const HvSchema *a, const HvSchema *b)
{
    const guint n_keys = hv_schema_n_keys(a);

    if (hv_schema_n_keys(b) != n_keys)
        return FALSE;
    for (guint i = 0; i < n_keys; i++)
        if (!is_same_column(&a->columns[i], &b->columns[i]))
            return FALSE;
    return TRUE;
}

static void
describe(Table *table, const HvFrameSchema *stored)
{
    HvColumn *columns = g_new0(HvColumn, stored->n_columns + 1);

    for (guint i = 0; i < stored->n_columns; i++)
        columns[i] = (HvColumn){ .name = stored->columns[i].name,
                                 .kind = stored->columns[i].kind,
                                 .unit = stored->columns[i].unit,
                                 .of = stored->columns[i].of,
                                 .at = stored->columns[i].at };
    table->stored.name = stored->name;
    table->stored.columns = columns;
    table->n_columns = stored->n_columns;
    table->n_keys = hv_schema_n_keys(&table->stored);
}

static void
map_columns(Table *table, const HvSchema *own)
{
    const guint n = hv_schema_n_columns(own);

    table->own = hv_store_new(own);
    table->columns = g_new0(int, n);
    for (guint i = 0; i < n; i++) {
        const int found = hv_schema_find(&table->stored, own->columns[i].name);

        table->columns[i] =
            found >= 0 && is_same_column(&table->stored.columns[found], &own->columns[i])
                ? found
                : -1;
    }
}

static Table *
table_new(const HvFrameSchema *stored, const HvSchema *const *known)
{
    const HvSchema *own = find_schema(known, stored->name);
    Table *table = g_new0(Table, 1);
    gboolean is_same;

    describe(table, stored);
    is_same = own && is_same_schema(own, &table->stored);
    table->is_shown = own && has_same_keys(own, &table->stored);
    table->store = hv_store_new(is_same ? own : &table->stored);
    if (table->is_shown && !is_same)
        map_columns(table, own);
    return table;
}

HvFrameDecoder *
hv_frame_decoder_new(const GPtrArray *stored, const HvSchema *const *known)
{
    HvFrameDecoder *decoder = g_new0(HvFrameDecoder, 1);

    decoder->tables = g_ptr_array_new_with_free_func(free_table);
    for (guint i = 0; i < stored->len; i++)
        g_ptr_array_add(decoder->tables, table_new(stored->pdata[i], known));
    decoder->get.numbers = g_array_new(FALSE, FALSE, sizeof(guint64));
    decoder->get.gaps = g_array_new(FALSE, FALSE, sizeof(guint64));
    decoder->before_rows = g_array_new(FALSE, FALSE, sizeof(guint32));
    decoder->earlier_rows = g_array_new(FALSE, FALSE, sizeof(guint32));
    return decoder;
}

void
hv_frame_decoder_free(HvFrameDecoder *decoder)
{
    if (!decoder)
        return;
    g_ptr_array_unref(decoder->tables);
    g_array_unref(decoder->get.numbers);
    g_array_unref(decoder->get.gaps);
    g_array_unref(decoder->before_rows);
    g_array_unref(decoder->earlier_rows);
    g_free(decoder);
}

/* ---- rows ---- */

static guint32 *
room_for(GArray *rows, guint n)
{
    g_array_set_size(rows, n + 1);
    return &g_array_index(rows, guint32, 0);
}

static void
get_old_rows(HvGet *get, HvSink *sink, const Table *table, guint32 *before, guint64 n)
{
    const guint64 first = hv_varint_get(&get->bytes);
    const guint n_before = table->before ? hv_table_n_rows(table->before) : 0;

    if (first > n_before || n > n_before - first) {
        get->bytes.is_bad = TRUE;
        return;
    }
    for (guint64 i = 0; i < n; i++) {
        before[i] = (guint32)(first + i);
        hv_row_again(sink, hv_table_row_id(table->before, before[i]));
    }
}

/* Keys stand column by column; each ends with a NUL, so that they cannot be more than the bytes
 * left. */
static void
get_new_rows(HvGet *get, HvSink *sink, const Table *table, guint32 *before, guint64 n)
{
    const guint64 n_texts = n * table->n_keys;
    g_autofree const char **keys = NULL;
    g_autofree const char **row = g_new0(const char *, table->n_keys + 1);

    if (n_texts > (guint64)(get->bytes.end - get->bytes.at)) {
        get->bytes.is_bad = TRUE;
        return;
    }
    keys = g_new(const char *, n_texts + 1);
    for (guint64 i = 0; i < n_texts; i++)
        keys[i] = hv_get_text(get, 2); /* in the key, and joined */
    for (guint64 i = 0; i < n && !get->bytes.is_bad; i++) {
        for (guint column = 0; column < table->n_keys; column++)
            row[column] = keys[column * n + i];
        before[i] = HV_NO_ROW;
        hv_row_keys(sink, row);
    }
}

/* Rows that are told twice are bad: what follows would not fit them. */
static void
get_runs(HvGet *get, HvSink *sink, const Table *table, guint32 *before, guint n_rows)
{
    guint row = 0;

    while (row < n_rows && !get->bytes.is_bad) {
        const guint64 head = hv_varint_get(&get->bytes), n = head >> 1;

        if (n == 0 || n > n_rows - row) {
            get->bytes.is_bad = TRUE;
            return;
        }
        if (head & 1)
            get_new_rows(get, sink, table, &before[row], n);
        else
            get_old_rows(get, sink, table, &before[row], n);
        row += (guint)n;
        if (hv_sink_n_rows(sink) != row)
            get->bytes.is_bad = TRUE;
    }
}

static gboolean
has_room(HvFrameDecoder *decoder, Table *table, guint64 n_rows)
{
    const guint64 n_cells = n_rows * table->n_columns;
    const guint64 others = decoder->n_cells - table->n_cells;

    if (n_rows > MOST_CELLS || n_cells > MOST_CELLS - others)
        return FALSE;
    table->n_cells = (guint)n_cells;
    decoder->n_cells = others + n_cells;
    return TRUE;
}

/* Tells the rows to @sink. Returns: where they were before. */
static const guint32 *
get_rows(HvFrameDecoder *decoder, Table *table, HvSink *sink, gboolean is_other)
{
    HvGet *get = &decoder->get;
    const guint n_before = table->before ? hv_table_n_rows(table->before) : 0;
    const guint64 n = is_other ? hv_varint_get(&get->bytes) : n_before;
    guint32 *before;

    if (get->bytes.is_bad || !has_room(decoder, table, n)) {
        get->bytes.is_bad = TRUE;
        return NULL;
    }
    before = room_for(decoder->before_rows, (guint)n);
    if (is_other) {
        get_runs(get, sink, table, before, (guint)n);
        return before;
    }
    if (table->before)
        hv_sink_rows_again(sink);
    for (guint row = 0; row < n_before; row++)
        before[row] = row;
    return before;
}

/* Where they were in the sample before that. */
static const guint32 *
find_earlier(HvFrameDecoder *decoder, const Table *table, const guint32 *before, guint n)
{
    const gboolean is_same =
        table->earlier && hv_table_has_rows_of(table->before, table->earlier);
    guint32 *earlier = room_for(decoder->earlier_rows, n);

    for (guint row = 0; row < n; row++)
        earlier[row] = !table->earlier || before[row] == HV_NO_ROW ? HV_NO_ROW
                       : is_same                                   ? before[row]
                                 : hv_table_row_in(table->before, before[row], table->earlier);
    return earlier;
}

/* ---- a table ---- */

static void
get_columns(HvFrameDecoder *decoder, Table *table, HvSink *sink, const guint32 *before_rows)
{
    const HvFormer former = { .before = table->before,
                              .earlier = table->earlier,
                              .before_rows = before_rows,
                              .earlier_rows = find_earlier(decoder, table, before_rows,
                                                           hv_sink_n_rows(sink)),
                              .has_same_rows = FALSE /* who reads need not know */ };

    for (guint i = table->n_keys; i < table->n_columns && !decoder->get.bytes.is_bad; i++) {
        const HvKind kind = table->stored.columns[i].kind;

        if (!table->before || kind != HV_KIND_RATE)
            hv_column_get(&decoder->get, sink, &former, i, kind);
    }
}

/* Rates that were not told are computed by the store, as they were when it was sampled. */
static void
get_table(HvFrameDecoder *decoder, Table *table)
{
    HvGet *get = &decoder->get;
    const gint64 before_ns = table->before ? hv_table_sampled_ns(table->before) : 0;
    const guint64 change_ns = (guint64)hv_unzigzag(hv_varint_get(&get->bytes));
    const guint64 flags = hv_varint_get(&get->bytes);
    HvSink *sink = hv_sink_begin(&table->store, 1, (gint64)((guint64)before_ns + change_ns));
    const guint32 *before_rows;

    if (flags & HV_TABLE_WHY)
        hv_sink_why(sink, hv_get_text(get, 1));
    before_rows = get_rows(decoder, table, sink, (flags & HV_TABLE_ROWS) != 0);
    if (!get->bytes.is_bad)
        get_columns(decoder, table, sink, before_rows);
    hv_sink_end(sink, !get->bytes.is_bad);
    if (get->bytes.is_bad)
        return;
    hv_table_unref(table->earlier);
    table->earlier = table->before;
    table->before = hv_table_ref(hv_store_table(table->store));
}

/* The keys of @row, as they are emitted. */
static void
emit_row(HvSink *sink, const HvTable *from, guint row, guint n_keys)
{
    g_autofree const char **keys = g_new0(const char *, n_keys + 1);
    g_autofree char *digits = g_malloc0((gsize)n_keys * 24 + 1);

    for (guint i = 0; i < n_keys; i++) {
        guint64 number;

        keys[i] = hv_table_text(from, row, (int)i);
        if (hv_table_u64(from, row, (int)i, &number)) {
            g_snprintf(&digits[(gsize)i * 24], 24, "%" G_GUINT64_FORMAT, number);
            keys[i] = &digits[(gsize)i * 24];
        }
        keys[i] = keys[i] ? keys[i] : "";
    }
    hv_row_keys(sink, keys);
}

/* The program's own table, of one that was recorded with other columns. */
static void
make_own(const Table *table)
{
    const HvTable *from = table->before;
    const HvSchema *schema = hv_store_schema(table->own);
    HvStore *store = table->own;
    HvSink *sink = hv_sink_begin(&store, 1, hv_table_sampled_ns(from));

    hv_sink_why(sink, hv_table_why(from));
    for (guint row = 0; row < hv_table_n_rows(from); row++) {
        emit_row(sink, from, row, table->n_keys);
        for (guint i = table->n_keys; schema->columns[i].name; i++)
            if (table->columns[i] >= 0)
                hv_copy(sink, i, from, row, table->columns[i]);
            else
                hv_none(sink, i, HV_MARK_ABSENT, N_("not in the recording"));
    }
    hv_sink_end(sink, TRUE);
}

/* ---- a frame ---- */

static void
show(Table *table, gboolean is_same, HvSnapshot *snapshot)
{
    if (!table->is_shown || snapshot->n_tables >= HV_SNAPSHOT_MAX_TABLES ||
        hv_snapshot_table(snapshot, table->stored.name))
        return;
    if (table->own && !is_same)
        make_own(table);
    hv_snapshot_add(snapshot, table->own ? hv_store_table(table->own) : table->before);
}

/* FALSE behind the last table, or where the bytes are bad. Tables are told in their order. */
static gboolean
next_table(HvFrameDecoder *decoder, guint64 *last, gboolean is_full, HvSnapshot *snapshot)
{
    HvBytes *bytes = &decoder->get.bytes;
    const guint64 head = hv_varint_get(bytes), number = head >> 2;
    const gboolean is_whole = (head & HV_HEAD_WHOLE) != 0, is_same = (head & HV_HEAD_SAME) != 0;
    Table *table;

    if (bytes->is_bad || head == 0)
        return FALSE;
    if (number <= *last || number > decoder->tables->len || (is_full && !is_whole) ||
        (is_same && is_whole)) {
        bytes->is_bad = TRUE;
        return FALSE;
    }
    *last = number;
    table = decoder->tables->pdata[number - 1];
    if (is_whole)
        forget(table);
    else if (!table->before)
        bytes->is_bad = TRUE;
    if (!is_same && !bytes->is_bad)
        get_table(decoder, table);
    table->is_told = !bytes->is_bad;
    if (table->is_told)
        show(table, is_same, snapshot);
    return table->is_told;
}

static void
begin_frame(HvFrameDecoder *decoder, gboolean is_full)
{
    for (guint i = 0; i < decoder->tables->len; i++)
        ((Table *)decoder->tables->pdata[i])->is_told = FALSE;
    if (is_full)
        decoder->get.n_text = 0; /* what was told before is let go */
}

/* A table that is not told of has no past in the next frame. */
static void
end_frame(HvFrameDecoder *decoder)
{
    for (guint i = 0; i < decoder->tables->len; i++) {
        Table *table = decoder->tables->pdata[i];

        if (!table->is_told)
            forget(table);
    }
}

gboolean
hv_frame_decode(HvFrameDecoder *decoder, const guint8 *bytes, gsize n_bytes,
                HvSnapshot *snapshot, GError **error)
{
    HvBytes *left = &decoder->get.bytes;
    guint64 is_full, last = 0;

    *left = (HvBytes){ bytes, bytes + n_bytes, n_bytes > HV_FRAME_MAX_BYTES };
    is_full = hv_varint_get(left);
    if (left->is_bad || is_full > 1 || (!is_full && !decoder->is_begun)) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            left->is_bad || is_full > 1
                                ? _("is no frame")
                                : _("a frame without the one before it"));
        decoder->is_begun = FALSE;
        return FALSE;
    }
    begin_frame(decoder, is_full != 0);
    while (next_table(decoder, &last, is_full != 0, snapshot))
        continue;
    end_frame(decoder);
    decoder->is_begun = !left->is_bad && left->at == left->end;
    if (!decoder->is_begun)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, _("is no frame"));
    return decoder->is_begun;
}
