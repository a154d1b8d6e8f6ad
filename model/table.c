/* Reading tables, and the pool that their memory goes back to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/table.h"

#include <string.h>

#include "model/i18n.h"
#include "model/table-private.h"

#define MAX_POOLED 4
#define LEAST_ROWS 16u

/* Counted: one for the store, one for each table that is out. Tables come back from any thread.
 */
struct HvTablePool {
    gatomicrefcount refs;
    GMutex lock;
    const HvSchema *schema;
    HvTable *free_tables;
    guint n_free;
};

gboolean
hv_kind_is_key(HvKind kind)
{
    return kind == HV_KIND_KEY || kind == HV_KIND_ID;
}

static gboolean
kind_is_f64(HvKind kind)
{
    return kind == HV_KIND_F64 || kind == HV_KIND_RATE;
}

guint
hv_schema_n_columns(const HvSchema *schema)
{
    guint n = 0;

    while (schema->columns[n].name)
        n++;
    return n;
}

guint
hv_schema_n_keys(const HvSchema *schema)
{
    guint n = 0;

    while (schema->columns[n].name && hv_kind_is_key(schema->columns[n].kind))
        n++;
    return n;
}

int
hv_schema_find(const HvSchema *schema, const char *name)
{
    for (int i = 0; schema->columns[i].name; i++) /* the first byte spares most calls */
        if (*schema->columns[i].name == *name && strcmp(schema->columns[i].name, name) == 0)
            return i;
    return -1;
}

static void
column_clear(HvColumnData *data, guint capacity)
{
    for (guint row = 0; data->owned && row < capacity; row++)
        hv_string_unref(data->owned[row]);
    g_free(data->owned);
    g_free(data->cells);
    g_free(data->marks);
}

static void
table_free(HvTable *table)
{
    for (guint i = 0; i < table->n_columns; i++)
        column_clear(&table->columns[i], table->capacity);
    for (guint row = 0; row < table->capacity; row++)
        hv_key_unref(table->keys[row]);
    hv_key_index_clear(&table->index);
    hv_string_unref(table->why);
    g_free(table->columns);
    g_free(table->keys);
    g_free(table->row_of_id);
    g_free(table);
}

HvTablePool *
hv_table_pool_new(const HvSchema *schema)
{
    HvTablePool *pool = g_new0(HvTablePool, 1);

    g_atomic_ref_count_init(&pool->refs);
    g_mutex_init(&pool->lock);
    pool->schema = schema;
    return pool;
}

void
hv_table_pool_unref(HvTablePool *pool)
{
    if (!g_atomic_ref_count_dec(&pool->refs))
        return;
    while (pool->free_tables) {
        HvTable *table = pool->free_tables;

        pool->free_tables = table->next;
        table_free(table);
    }
    g_mutex_clear(&pool->lock);
    g_free(pool);
}

static HvTable *
table_new(const HvSchema *schema)
{
    HvTable *table = g_new0(HvTable, 1);

    table->schema = schema;
    table->n_columns = hv_schema_n_columns(schema);
    table->n_keys = hv_schema_n_keys(schema);
    table->columns = g_new0(HvColumnData, table->n_columns);
    return table;
}

static HvTable *
pop(HvTablePool *pool)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool->lock);
    HvTable *table = pool->free_tables;

    if (table) {
        pool->free_tables = table->next;
        pool->n_free--;
    }
    return table;
}

static gboolean
push(HvTablePool *pool, HvTable *table)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool->lock);

    if (pool->n_free >= MAX_POOLED)
        return FALSE;
    table->next = pool->free_tables;
    pool->free_tables = table;
    pool->n_free++;
    return TRUE;
}

HvTable *
hv_table_pool_take(HvTablePool *pool)
{
    HvTable *table = pop(pool);

    if (!table)
        table = table_new(pool->schema);
    for (guint i = table->n_keys; i < table->n_columns && table->n_rows > 0; i++)
        memset(table->columns[i].marks, 0, table->n_rows);
    table->n_rows = 0;
    table->sampled_ns = 0;
    table->has_why = FALSE;
    table->pool = pool;
    g_atomic_ref_count_inc(&pool->refs);
    g_atomic_ref_count_init(&table->refs);
    return table;
}

HvTable *
hv_table_ref(HvTable *table)
{
    if (table)
        g_atomic_ref_count_inc(&table->refs);
    return table;
}

void
hv_table_unref(HvTable *table)
{
    if (!table || !g_atomic_ref_count_dec(&table->refs))
        return;

    HvTablePool *pool = g_steal_pointer(&table->pool);

    if (!push(pool, table))
        table_free(table);
    hv_table_pool_unref(pool);
}

static void
grow_rows(HvTable *table)
{
    guint old = table->capacity;
    guint capacity = MAX(LEAST_ROWS, old * 2);

    table->keys = g_renew(HvKey *, table->keys, capacity);
    memset(table->keys + old, 0, (capacity - old) * sizeof *table->keys);
    for (guint i = table->n_keys; i < table->n_columns; i++) {
        HvColumnData *data = &table->columns[i];

        data->cells = g_renew(HvCell, data->cells, capacity);
        data->marks = g_renew(guint8, data->marks, capacity);
        memset(data->marks + old, 0, capacity - old);
        if (data->owned) {
            data->owned = g_renew(HvString *, data->owned, capacity);
            memset(data->owned + old, 0, (capacity - old) * sizeof *data->owned);
        }
    }
    table->capacity = capacity;
}

guint
hv_table_add_row(HvTable *table, HvKey *key)
{
    guint row = table->n_rows++;

    if (row >= table->capacity)
        grow_rows(table);
    if (table->keys[row] != key) {
        hv_key_unref(table->keys[row]);
        table->keys[row] = hv_key_ref(key);
        table->moved = TRUE;
    }
    return row;
}

static guint
count_ids(const HvTable *table)
{
    guint n_ids = 0;

    for (guint row = 0; row < table->n_rows; row++)
        n_ids = MAX(n_ids, table->keys[row]->id + 1);
    return n_ids;
}

/* Rows that hold the keys of the last use need no new index: the steady state. */
void
hv_table_index(HvTable *table)
{
    if (!table->moved && table->n_rows == table->n_indexed)
        return;

    guint n_ids = count_ids(table);

    if (n_ids > table->n_ids) {
        table->row_of_id = g_renew(guint32, table->row_of_id, n_ids);
        table->n_ids = n_ids;
    }
    if (table->n_ids > 0)
        memset(table->row_of_id, 0, table->n_ids * sizeof *table->row_of_id);
    hv_key_index_empty(&table->index);
    for (guint row = 0; row < table->n_rows; row++) {
        table->row_of_id[table->keys[row]->id] = row + 1;
        hv_key_index_add(&table->index, table->keys[row]);
    }
    table->n_indexed = table->n_rows;
    table->moved = FALSE;
}

const HvSchema *
hv_table_schema(const HvTable *table)
{
    return table->schema;
}

guint
hv_table_n_rows(const HvTable *table)
{
    return table ? table->n_rows : 0;
}

gint64
hv_table_sampled_ns(const HvTable *table)
{
    return table->sampled_ns;
}

const char *
hv_table_why(const HvTable *table)
{
    return table->has_why ? table->why->text : NULL;
}

int
hv_table_column(const HvTable *table, const char *name)
{
    return table ? hv_schema_find(table->schema, name) : -1;
}

HvKey *
hv_table_key(const HvTable *table, guint row)
{
    return table->keys[row];
}

guint32
hv_table_row_id(const HvTable *table, guint row)
{
    g_return_val_if_fail(row < table->n_rows, G_MAXUINT32);
    return table->keys[row]->id;
}

const char *
hv_table_row_key(const HvTable *table, guint row)
{
    g_return_val_if_fail(row < table->n_rows, NULL);
    return table->keys[row]->joined;
}

int
hv_table_row_of_id(const HvTable *table, guint32 id)
{
    return table && id < table->n_ids ? (int)table->row_of_id[id] - 1 : -1;
}

int
hv_table_row_of_key(const HvTable *table, const HvKey *key)
{
    int row = hv_table_row_of_id(table, key->id);

    return row >= 0 && table->keys[row] == key ? row : -1;
}

int
hv_table_find(const HvTable *table, const char *key)
{
    const HvKey *found = table ? hv_key_index_find(&table->index, key, g_str_hash(key)) : NULL;

    return found ? hv_table_row_of_id(table, found->id) : -1;
}

HvMark
hv_table_cell(const HvTable *table, guint row, int column, HvCell *cell)
{
    static const HvCell nothing;

    *cell = nothing;
    if (column < 0)
        return HV_MARK_ABSENT;
    g_return_val_if_fail(table && row < table->n_rows && (guint)column < table->n_columns,
                         HV_MARK_ABSENT);
    if ((guint)column < table->n_keys) {
        *cell = table->keys[row]->parts[column].cell;
        return table->keys[row]->parts[column].mark;
    }

    guint8 stored = table->columns[column].marks[row];

    if (stored != 0)
        *cell = table->columns[column].cells[row];
    return (HvMark)(stored & ~HV_MARK_SET);
}

HvMark
hv_table_mark(const HvTable *table, guint row, int column)
{
    HvCell cell;

    return hv_table_cell(table, row, column, &cell);
}

gboolean
hv_table_u64(const HvTable *table, guint row, int column, guint64 *value)
{
    HvCell cell;

    if (!hv_mark_has_value(hv_table_cell(table, row, column, &cell)))
        return FALSE;

    HvKind kind = table->schema->columns[column].kind;

    if (hv_kind_is_text(kind) || kind_is_f64(kind))
        return FALSE;
    *value = cell.u64;
    return TRUE;
}

gboolean
hv_table_f64(const HvTable *table, guint row, int column, double *value)
{
    HvCell cell;

    if (!hv_mark_has_value(hv_table_cell(table, row, column, &cell)))
        return FALSE;

    HvKind kind = table->schema->columns[column].kind;

    if (hv_kind_is_text(kind))
        return FALSE;
    *value = kind_is_f64(kind) ? cell.f64 : (double)cell.u64;
    return TRUE;
}

const char *
hv_table_text(const HvTable *table, guint row, int column)
{
    HvCell cell;

    if (!hv_mark_has_value(hv_table_cell(table, row, column, &cell)))
        return NULL;
    return hv_kind_is_text(table->schema->columns[column].kind) ? cell.text : NULL;
}

static const char *const general_reasons[] = {
    [HV_MARK_ABSENT] = N_("nothing is known"),
    [HV_MARK_UNAVAILABLE] = N_("the kernel answered \"Unavailable\""),
    [HV_MARK_DENIED] = N_("not allowed for this user"),
    [HV_MARK_FAILED] = N_("the last read failed"),
};

const char *
hv_table_reason(const HvTable *table, guint row, int column)
{
    HvCell cell;
    HvMark mark = hv_table_cell(table, row, column, &cell);

    if (hv_mark_has_value(mark))
        return NULL;
    return cell.text ? cell.text : general_reasons[mark];
}
