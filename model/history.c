/* The recent past: per kept column and row a ring of samples. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/history.h"

#include <math.h>
#include <string.h>

#include "model/table-private.h"

#define SPARE_ROWS 64 /* rows gone that are kept readable whatever the number of rows */

/* One column of one row. The place of a sample in the ring is its tick modulo the length. */
typedef struct {
    float ring[HV_HISTORY_SAMPLES];
} Series;

typedef struct {
    HvKey *key;
    guint64 seen;    /* the last tick with this row */
    Series series[]; /* one per column of the group */
} Row;

/* What is kept of one table. */
typedef struct {
    const char *table;
    GPtrArray *names;       /* const char *: columns */
    GArray *columns;        /* int: where they are in @schema */
    const HvSchema *schema; /* that @columns was made for */
    GPtrArray *rows;        /* of Row, in no order */
    GHashTable *row_of_key; /* joined key, of the row, to row */
    GPtrArray *row_of_id;   /* row or NULL; the row number may have a new key since */
    guint64 newest;         /* tick; 0: none yet */
} Group;

struct HvHistory {
    GMutex lock;
    GPtrArray *groups;
};

static void
group_free(gpointer data)
{
    Group *group = data;

    g_hash_table_unref(group->row_of_key);
    g_ptr_array_unref(group->row_of_id);
    g_ptr_array_unref(group->rows);
    g_ptr_array_unref(group->names);
    g_array_unref(group->columns);
    g_free(group);
}

static void
row_free(gpointer data)
{
    Row *row = data;

    hv_key_unref(row->key);
    g_free(row);
}

static Group *
group_new(const char *table)
{
    Group *group = g_new0(Group, 1);

    group->table = table;
    group->names = g_ptr_array_new();
    group->columns = g_array_new(FALSE, FALSE, sizeof(int));
    group->rows = g_ptr_array_new_with_free_func(row_free);
    group->row_of_key = g_hash_table_new(g_str_hash, g_str_equal);
    group->row_of_id = g_ptr_array_new();
    return group;
}

static Group *
find_group(const HvHistory *history, const char *table)
{
    for (guint i = 0; i < history->groups->len; i++) {
        Group *group = history->groups->pdata[i];

        if (g_str_equal(group->table, table))
            return group;
    }
    return NULL;
}

HvHistory *
hv_history_new(const HvHistoryColumn *columns)
{
    HvHistory *history = g_new0(HvHistory, 1);

    g_mutex_init(&history->lock);
    history->groups = g_ptr_array_new_with_free_func(group_free);
    for (; columns && columns->table; columns++) {
        Group *group = find_group(history, columns->table);

        if (!group) {
            group = group_new(columns->table);
            g_ptr_array_add(history->groups, group);
        }
        g_ptr_array_add(group->names, (gpointer)(guintptr)columns->column);
    }
    return history;
}

void
hv_history_free(HvHistory *history)
{
    if (!history)
        return;
    g_ptr_array_unref(history->groups);
    g_mutex_clear(&history->lock);
    g_free(history);
}

/* Nothing is known of the past of this row. */
static void
forget(const Group *group, Row *row)
{
    for (guint i = 0; i < group->names->len; i++)
        for (guint k = 0; k < HV_HISTORY_SAMPLES; k++)
            row->series[i].ring[k] = NAN;
}

/* The row gone for longest, if its samples are all out of reach or too many rows are gone; else
 * NULL. */
static Row *
find_gone(const Group *group, guint64 tick)
{
    Row *oldest = NULL;
    guint n_gone = 0;

    for (guint i = 0; group->newest > 0 && i < group->rows->len; i++) {
        Row *row = group->rows->pdata[i];

        if (row->seen >= group->newest) /* of the former tick: may still come in this one */
            continue;
        n_gone++;
        if (!oldest || row->seen < oldest->seen)
            oldest = row;
    }
    if (!oldest)
        return NULL;
    if (oldest->seen + HV_HISTORY_SAMPLES <= tick)
        return oldest;
    return n_gone > SPARE_ROWS && n_gone > group->rows->len / 2 ? oldest : NULL;
}

/* A row that was away, or one in the place of a row gone, or a new one; without a past. */
static Row *
make_row(Group *group, HvKey *key, guint64 tick)
{
    Row *row = g_hash_table_lookup(group->row_of_key, key->joined);
    /* never away: only the table is another one's, which goes on with what was recorded */
    const gboolean goes_on = row && row->seen + 1 == tick;

    if (!row)
        row = find_gone(group, tick);
    if (row) {
        g_hash_table_remove(group->row_of_key, row->key->joined);
        hv_key_unref(row->key);
    } else {
        row = g_malloc(sizeof *row + group->names->len * sizeof(Series));
        g_ptr_array_add(group->rows, row);
    }
    row->key = hv_key_ref(key);
    if (!goes_on)
        forget(group, row);
    g_hash_table_insert(group->row_of_key, (gpointer)(guintptr)key->joined, row);
    if (key->id >= group->row_of_id->len)
        g_ptr_array_set_size(group->row_of_id, (int)key->id + 1);
    group->row_of_id->pdata[key->id] = row;
    return row;
}

static Row *
find_row(Group *group, HvKey *key, guint64 tick)
{
    Row *row = key->id < group->row_of_id->len ? group->row_of_id->pdata[key->id] : NULL;

    return row && row->key == key ? row : make_row(group, key, tick);
}

static void
find_columns(Group *group, const HvSchema *schema)
{
    if (group->schema == schema)
        return;
    g_array_set_size(group->columns, 0);
    for (guint i = 0; i < group->names->len; i++) {
        int column = hv_schema_find(schema, group->names->pdata[i]);

        g_array_append_val(group->columns, column);
    }
    group->schema = schema;
}

static void
append_row(Group *group, const HvTable *table, guint index, guint64 tick)
{
    Row *row = find_row(group, hv_table_key(table, index), tick);

    row->seen = tick;
    for (guint i = 0; i < group->names->len; i++) {
        double value = (double)NAN;

        hv_table_f64(table, index, g_array_index(group->columns, int, i), &value);
        row->series[i].ring[tick % HV_HISTORY_SAMPLES] = (float)value;
    }
}

/* No row has a value from tick @first to @last, but those seen at @last. */
static void
blank(Group *group, guint64 first, guint64 last)
{
    for (guint r = 0; r < group->rows->len; r++) {
        Row *row = group->rows->pdata[r];

        for (guint i = 0; i < group->names->len && row->seen != last; i++)
            for (guint64 tick = first; tick <= last; tick++)
                row->series[i].ring[tick % HV_HISTORY_SAMPLES] = NAN;
    }
}

static void
append_table(Group *group, const HvTable *table, guint64 tick)
{
    if (tick > group->newest + 1) /* samples left out are unknown */
        blank(group, MAX(group->newest + 1, tick - MIN(tick - 1, HV_HISTORY_SAMPLES)),
              tick - 1);
    find_columns(group, hv_table_schema(table));
    for (guint row = 0; row < hv_table_n_rows(table); row++)
        append_row(group, table, row, tick);
    blank(group, tick, tick);
    group->newest = tick;
}

void
hv_history_append(HvHistory *history, guint64 tick, HvTable *const *tables, guint n_tables)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&history->lock);

    for (guint i = 0; i < n_tables; i++) {
        Group *group = find_group(history, hv_table_schema(tables[i])->name);

        if (group && tick > group->newest)
            append_table(group, tables[i], tick);
    }
}

/* The series and its group, or NULL where none is kept. */
static const Series *
find_series(const HvHistory *history, const char *table, const char *column, const char *key,
            const Group **group)
{
    *group = find_group(history, table);

    const Row *row = *group ? g_hash_table_lookup((*group)->row_of_key, key) : NULL;

    for (guint i = 0; row && i < (*group)->names->len; i++)
        if (g_str_equal((*group)->names->pdata[i], column))
            return &row->series[i];
    return NULL;
}

/* Ticks from 0 to @newest were written; that of @last is the last of @n. */
static void
copy_ring(float *values, guint n, const Series *series, gint64 last, gint64 newest)
{
    for (guint i = 0; i < n; i++) {
        gint64 tick = last - (gint64)(n - 1 - i);

        values[i] = tick >= 0 && tick <= newest && tick > newest - HV_HISTORY_SAMPLES
                        ? series->ring[tick % HV_HISTORY_SAMPLES]
                        : NAN;
    }
}

gboolean
hv_history_read(HvHistory *history, const char *table, const char *column, const char *key,
                guint64 tick, float *values, guint n)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&history->lock);
    const Group *group;
    const Series *series = find_series(history, table, column, key, &group);

    if (series)
        copy_ring(values, n, series, (gint64)tick, (gint64)group->newest);
    return series != NULL;
}
