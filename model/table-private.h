/* What tables are made of, for the files that fill, pool, rate and remember them only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/columns.h"

/* A text that several tables may hold. */
typedef struct {
    gatomicrefcount refs;
    char text[];
} HvString;

HvString *hv_string_new(const char *text);
HvString *hv_string_ref(HvString *string);
/** hv_string_unref: accepts NULL. Any thread. */
void hv_string_unref(HvString *string);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvString, hv_string_unref)

/* The identity of a row: its number, its key cells, their joined text. Immutable. As long as
 * somebody holds it, its address tells it from any other key, also from one that got the same
 * number later. */
typedef struct {
    gatomicrefcount refs;
    guint32 id;
    guint hash; /* g_str_hash() of joined */
    const char *joined;
    struct {
        HvCell cell;
        HvMark mark;
    } parts[]; /* one per key column; the texts lie behind them */
} HvKey;

/** hv_key_join: writes the joined, escaped text of @keys (one per key column of @schema, NULL
 * is "") into @joined. */
void hv_key_join(GString *joined, const HvSchema *schema, guint n_keys,
                 const char *const *keys);
/** hv_key_new: @joined and @hash as made from @keys. */
HvKey *hv_key_new(const HvSchema *schema, guint n_keys, const char *const *keys,
                  const GString *joined, guint hash, guint32 id);
HvKey *hv_key_ref(HvKey *key);
/** hv_key_unref: accepts NULL. Any thread. */
void hv_key_unref(HvKey *key);

/* Keys by joined text: an open-addressed table of borrowed keys. Zeroed: empty. */
typedef struct {
    HvKey **slots;
    guint n_slots; /* a power of two, or 0 */
    guint n_keys;
} HvKeyIndex;

HvKey *hv_key_index_find(const HvKeyIndex *index, const char *joined, guint hash);
/** hv_key_index_add: @key is not in it. hv_key_index_remove: @key is in it. */
void hv_key_index_add(HvKeyIndex *index, HvKey *key);
void hv_key_index_remove(HvKeyIndex *index, const HvKey *key);
/** hv_key_index_empty: forgets all, keeps the memory. hv_key_index_clear: gives the memory
 * back. */
void hv_key_index_empty(HvKeyIndex *index);
void hv_key_index_clear(HvKeyIndex *index);

/* One column, an element per row. Key columns have none of it: their cells are in the keys. */
typedef struct {
    HvCell *cells;
    guint8 *marks;    /* HvMark, or'ed with HV_MARK_SET; 0: never set */
    HvString **owned; /* the texts behind cells, kept for the next use of the row; NULL until
                         the first */
} HvColumnData;

typedef struct HvTablePool HvTablePool;

struct HvTable {
    gatomicrefcount refs;
    HvTablePool *pool;
    HvTable *next; /* in the pool */
    const HvSchema *schema;
    guint n_columns;
    guint n_keys;
    gint64 sampled_ns;
    HvString *why; /* kept for the next use; valid when has_why */
    gboolean has_why;
    guint n_rows;
    guint capacity;
    HvKey **keys;
    HvColumnData *columns;
    guint32 *row_of_id; /* row + 1; 0: none */
    guint n_ids;
    HvKeyIndex index;
    guint n_indexed; /* rows that row_of_id and index were made for */
    gboolean moved;  /* a row got another key since */
};

/** hv_table_pool_new: tables for @schema; @n_keys and @n_columns are of it. Owner's thread. */
HvTablePool *hv_table_pool_new(const HvSchema *schema);
/** hv_table_pool_unref: the owner has no more use of it; tables still referenced keep it. */
void hv_table_pool_unref(HvTablePool *pool);
/** hv_table_pool_take: (transfer full): an empty table, never published, with one reference. */
HvTable *hv_table_pool_take(HvTablePool *pool);

/** hv_table_add_row: the number of a new row for @key. hv_table_index: makes the rows findable.
 * Before publishing. */
guint hv_table_add_row(HvTable *table, HvKey *key);
void hv_table_index(HvTable *table);
/** hv_table_row_of_key: the row of exactly @key, or -1. */
int hv_table_row_of_key(const HvTable *table, const HvKey *key);
/** hv_table_key: the key of @row, borrowed. */
HvKey *hv_table_key(const HvTable *table, guint row);

/** hv_rates_fill: sets every RATE cell of @table that nobody set, from @table and @former. */
void hv_rates_fill(HvTable *table, const HvTable *former);
