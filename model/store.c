/* Stores: row numbers that last as long as their key; samples opened, kept or dropped. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/sink-private.h"

#define NO_ID HV_SINK_NO_ROW
#define MAX_DIGITS 21 /* of a guint64, and the NUL */
#define REST 2        /* samples after which a number may be given to another key */

/* One row number. */
typedef struct {
    HvKey *key;        /* NULL: nobody has this number */
    guint64 emitted;   /* the sample that has the row */
    guint64 born;      /* the sample that gave the number */
    guint64 retired;   /* count of kept samples when it was taken back */
    guint32 next_free; /* numbers taken back, oldest first */
    guint row;         /* of the emitting sample */
} Id;

struct HvStore {
    const HvSchema *schema;
    guint n_keys;
    HvTablePool *pool;
    HvTable *last;
    HvTable *filling; /* NULL between samples */
    GArray *ids;      /* of Id; the index is the row number */
    guint n_live;     /* ids with a key */
    guint n_born;     /* of them in this sample */
    guint32 first_free, last_free;
    HvKeyIndex index;
    GString *joined; /* the key being looked for */
    guint64 sample;  /* grows with each begin */
    guint64 n_kept;
    HvSink *sink; /* kept for the samples that begin with this store */
};

static Id *
id_at(const HvStore *store, guint32 id)
{
    return &g_array_index(store->ids, Id, id);
}

HvStore *
hv_store_new(const HvSchema *schema)
{
    HvStore *store = g_new0(HvStore, 1);

    store->schema = schema;
    store->n_keys = hv_schema_n_keys(schema);
    store->pool = hv_table_pool_new(schema);
    store->last = hv_table_pool_take(store->pool);
    store->ids = g_array_new(FALSE, TRUE, sizeof(Id));
    store->first_free = store->last_free = NO_ID;
    store->joined = g_string_new(NULL);
    return store;
}

static void
sink_free(HvSink *sink)
{
    if (!sink)
        return;
    g_free(sink->stores);
    g_free(sink);
}

void
hv_store_free(HvStore *store)
{
    if (!store)
        return;
    for (guint32 id = 0; id < store->ids->len; id++)
        hv_key_unref(id_at(store, id)->key);
    g_array_unref(store->ids);
    hv_key_index_clear(&store->index);
    g_string_free(store->joined, TRUE);
    hv_table_unref(store->filling);
    hv_table_unref(store->last);
    hv_table_pool_unref(store->pool);
    sink_free(store->sink);
    g_free(store);
}

HvTable *
hv_store_table(HvStore *store)
{
    return store->last;
}

const HvSchema *
hv_store_schema(const HvStore *store)
{
    return store->schema;
}

static void
begin_store(HvStore *store, gint64 now_ns)
{
    g_assert(!store->filling);
    store->filling = hv_table_pool_take(store->pool);
    store->filling->sampled_ns = now_ns;
    store->sample++;
    store->n_born = 0;
}

static HvSink *
sink_of(HvStore *store, guint n_stores)
{
    if (!store->sink)
        store->sink = g_new0(HvSink, 1);

    HvSink *sink = store->sink;

    g_assert(!sink->is_open);
    if (n_stores > sink->n_reserved) {
        sink->stores = g_renew(HvStore *, sink->stores, n_stores);
        sink->n_reserved = n_stores;
    }
    return sink;
}

HvSink *
hv_sink_begin(HvStore *const *stores, guint n_stores, gint64 now_ns)
{
    g_return_val_if_fail(n_stores > 0, NULL);

    HvSink *sink = sink_of(stores[0], n_stores);

    sink->n_stores = n_stores;
    sink->is_open = TRUE;
    sink->now_ns = now_ns;
    sink->interest = NULL;
    for (guint i = 0; i < n_stores; i++) {
        sink->stores[i] = stores[i];
        begin_store(stores[i], now_ns);
    }
    hv_sink_table(sink, 0);
    return sink;
}

static void
retire(HvStore *store, guint32 id)
{
    Id *entry = id_at(store, id);

    hv_key_index_remove(&store->index, entry->key);
    g_clear_pointer(&entry->key, hv_key_unref);
    entry->retired = store->n_kept;
    entry->next_free = NO_ID;
    if (store->last_free == NO_ID)
        store->first_free = id;
    else
        id_at(store, store->last_free)->next_free = id;
    store->last_free = id;
    store->n_live--;
}

static void
keep_sample(HvStore *store)
{
    store->n_kept++;
    hv_table_index(store->filling);
    hv_rates_fill(store->filling, store->last);
    hv_table_unref(store->last);
    store->last = g_steal_pointer(&store->filling);
    for (guint32 id = 0; store->n_live > store->last->n_rows && id < store->ids->len; id++)
        if (id_at(store, id)->key && id_at(store, id)->emitted != store->sample)
            retire(store, id);
}

static void
drop_sample(HvStore *store)
{
    g_clear_pointer(&store->filling, hv_table_unref);
    for (guint32 id = 0; store->n_born > 0 && id < store->ids->len; id++)
        if (id_at(store, id)->key && id_at(store, id)->born == store->sample) {
            retire(store, id);
            store->n_born--;
        }
}

void
hv_sink_end(HvSink *sink, gboolean keep)
{
    g_return_if_fail(sink && sink->is_open);
    for (guint i = 0; i < sink->n_stores; i++) {
        if (keep)
            keep_sample(sink->stores[i]);
        else
            drop_sample(sink->stores[i]);
    }
    sink->is_open = FALSE;
}

gint64
hv_sink_now_ns(const HvSink *sink)
{
    return sink->now_ns;
}

void
hv_sink_table(HvSink *sink, guint index)
{
    g_return_if_fail(index < sink->n_stores);
    sink->store = sink->stores[index];
    sink->table = sink->store->filling;
    sink->former = sink->store->last;
    sink->id = NO_ID;
}

/* A number that rested long enough, else a fresh one. */
static guint32
take_id(HvStore *store)
{
    guint32 id = store->first_free;

    if (id != NO_ID && store->n_kept + 1 >= id_at(store, id)->retired + REST) {
        store->first_free = id_at(store, id)->next_free;
        if (store->first_free == NO_ID)
            store->last_free = NO_ID;
        return id;
    }
    g_array_set_size(store->ids, store->ids->len + 1);
    return store->ids->len - 1;
}

static guint32
intern(HvStore *store, const char *const *keys)
{
    hv_key_join(store->joined, store->schema, store->n_keys, keys);

    guint hash = g_str_hash(store->joined->str);
    HvKey *key = hv_key_index_find(&store->index, store->joined->str, hash);

    if (key)
        return key->id;

    guint32 id = take_id(store);
    Id *entry = id_at(store, id);

    entry->key = hv_key_new(store->schema, store->n_keys, keys, store->joined, hash, id);
    entry->born = store->sample;
    entry->emitted = 0;
    hv_key_index_add(&store->index, entry->key);
    store->n_live++;
    store->n_born++;
    return id;
}

static guint32
begin_row(HvSink *sink, guint32 id)
{
    HvStore *store = sink->store;
    Id *entry = id_at(store, id);

    if (entry->emitted != store->sample) {
        entry->emitted = store->sample;
        entry->row = hv_table_add_row(sink->table, entry->key);
    }
    sink->id = id;
    sink->row = entry->row;
    sink->former_row = hv_table_row_of_key(store->last, entry->key);
    return id;
}

guint32
hv_row_keys(HvSink *sink, const char *const *keys)
{
    return begin_row(sink, intern(sink->store, keys));
}

/* printf is too dear for thousands of rows a second. */
static const char *
write_decimal(char digits[MAX_DIGITS], guint64 number)
{
    char *p = &digits[MAX_DIGITS - 1];

    *p = '\0';
    do {
        *--p = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return p;
}

guint32
hv_row_u64(HvSink *sink, guint64 id)
{
    char digits[MAX_DIGITS];

    g_return_val_if_fail(sink->store->n_keys == 1, NO_ID);
    return hv_row(sink, write_decimal(digits, id));
}

guint32
hv_row_text_u64(HvSink *sink, const char *key, guint64 id)
{
    char digits[MAX_DIGITS];

    g_return_val_if_fail(sink->store->n_keys == 2, NO_ID);
    return hv_row(sink, key, write_decimal(digits, id));
}

void
hv_sink_rows_again(HvSink *sink)
{
    HvStore *store = sink->store;
    const HvTable *former = sink->former;

    g_return_if_fail(sink->table->n_rows == 0);
    for (guint row = 0; row < former->n_rows; row++) {
        Id *entry = id_at(store, former->keys[row]->id);

        entry->emitted = store->sample;
        entry->row = hv_table_add_row(sink->table, entry->key);
    }
    if (former->n_rows > 0)
        hv_sink_at(sink, former->n_rows - 1);
}

gboolean
hv_row_again(HvSink *sink, guint32 row_id)
{
    if (row_id >= sink->store->ids->len || !id_at(sink->store, row_id)->key)
        return FALSE;
    begin_row(sink, row_id);
    return TRUE;
}
