/* Tables without names: of the host, of VMs, of people; the same name gets the same word
 * everywhere. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/scrub.h"

#include <string.h>

#include "model/sink.h"

struct HvScrub {
    GHashTable *words; /* char *name → char *word */
    GPtrArray *names;  /* the keys, the longest first: a name may be a part of another */
    guint n_vms, n_others;
};

/* Columns that hold a name and nothing else. */
static const struct {
    const char *table, *column; /* NULL: of every table */
    const char *word;           /* NULL: numbered as a VM */
} places[] = {
    { NULL, "vm", NULL },           { "vms", "uuid", "uuid" },
    { "vms", "owner", "owner" },    { NULL, "who", "user" },
    { "host", "hostname", "host" }, { "devices", "os_names", "device" },
};

HvScrub *
hv_scrub_new(const char *hostname)
{
    HvScrub *scrub = g_new0(HvScrub, 1);

    scrub->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    scrub->names = g_ptr_array_new();
    if (hostname && *hostname) {
        char *name = g_strdup(hostname);

        g_hash_table_insert(scrub->words, name, g_strdup("host"));
        g_ptr_array_add(scrub->names, name);
    }
    return scrub;
}

void
hv_scrub_free(HvScrub *scrub)
{
    if (!scrub)
        return;
    g_ptr_array_unref(scrub->names);
    g_hash_table_unref(scrub->words);
    g_free(scrub);
}

static int
longest_first(gconstpointer a, gconstpointer b)
{
    const char *const *left = a, *const *right = b;
    const gsize left_length = strlen(*left), right_length = strlen(*right);

    return (left_length < right_length) - (left_length > right_length);
}

static void
learn(HvScrub *scrub, const char *name, const char *word)
{
    char *key;

    if (!name || !*name || g_hash_table_contains(scrub->words, name))
        return;
    key = g_strdup(name);
    if (!word)
        word = g_intern_static_string("vm");
    g_hash_table_insert(
        scrub->words, key,
        g_strdup_printf("%s-%u", word,
                        g_str_equal(word, "vm") ? ++scrub->n_vms : ++scrub->n_others));
    g_ptr_array_add(scrub->names, key);
    g_ptr_array_sort(scrub->names, longest_first);
}

static void
learn_column(HvScrub *scrub, const HvTable *table, const char *column, const char *word)
{
    const int found = hv_table_column(table, column);

    for (guint row = 0; found >= 0 && row < hv_table_n_rows(table); row++)
        if (hv_mark_has_value(hv_table_mark(table, row, found)))
            learn(scrub, hv_table_text(table, row, found), word);
}

void
hv_scrub_learn(HvScrub *scrub, const HvSnapshot *snapshot)
{
    for (guint i = 0; i < snapshot->n_tables; i++)
        for (guint place = 0; place < G_N_ELEMENTS(places); place++) {
            const HvTable *table = snapshot->tables[i];

            if (!places[place].table ||
                g_str_equal(places[place].table, hv_table_schema(table)->name))
                learn_column(scrub, table, places[place].column, places[place].word);
        }
}

static gboolean
is_word_byte(char byte)
{
    return g_ascii_isalnum(byte) || byte == '_' || (guchar)byte >= 0x80;
}

/* A name within a longer word is no name. */
static const char *
name_at(const HvScrub *scrub, const char *text, const char *at, gsize *length)
{
    if (at > text && is_word_byte(at[-1]) && is_word_byte(*at))
        return NULL;
    for (guint i = 0; i < scrub->names->len; i++) {
        const char *name = scrub->names->pdata[i];

        *length = strlen(name);
        if (!strncmp(at, name, *length) &&
            !(is_word_byte(at[*length]) && is_word_byte(at[*length - 1])))
            return name;
    }
    return NULL;
}

char *
hv_scrub_text(const HvScrub *scrub, const char *text)
{
    GString *out = g_string_new(NULL);
    gsize length;

    for (const char *at = text; *at;) {
        const char *name = name_at(scrub, text, at, &length);

        if (name) {
            g_string_append(out, g_hash_table_lookup(scrub->words, name));
            at += length;
        } else {
            g_string_append_c(out, *at++);
        }
    }
    return g_string_free(out, FALSE);
}

static char *
key_text(const HvScrub *scrub, const HvTable *table, guint row, guint column)
{
    const char *text = hv_table_text(table, row, (int)column);
    guint64 number;

    if (hv_table_u64(table, row, (int)column, &number))
        return g_strdup_printf("%" G_GUINT64_FORMAT, number);
    return hv_scrub_text(scrub, text ? text : "");
}

static void
copy_cell(const HvScrub *scrub, HvSink *sink, const HvTable *table, guint row, guint column)
{
    HvCell cell;
    const HvMark mark = hv_table_cell(table, row, (int)column, &cell);
    const gboolean is_text = hv_kind_is_text(hv_table_schema(table)->columns[column].kind);
    g_autofree char *text = NULL;

    if (!is_text && hv_mark_has_value(mark)) {
        hv_copy(sink, column, table, row, (int)column);
        return;
    }
    text = cell.text ? hv_scrub_text(scrub, cell.text) : NULL;
    if (!hv_mark_has_value(mark)) {
        hv_none(sink, column, mark, text);
        return;
    }
    hv_text(sink, column, text);
    hv_mark(sink, column, mark);
}

HvTable *
hv_scrub_table(HvScrub *scrub, const HvTable *table)
{
    const HvSchema *schema = hv_table_schema(table);
    g_autoptr(HvStore) store = hv_store_new(schema);
    HvSink *sink = hv_sink_begin(&store, 1, hv_table_sampled_ns(table));
    const guint n_keys = hv_schema_n_keys(schema), n_columns = hv_schema_n_columns(schema);

    if (hv_table_why(table)) {
        g_autofree char *why = hv_scrub_text(scrub, hv_table_why(table));

        hv_sink_why(sink, why);
    }
    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        g_auto(GStrv) keys = g_new0(char *, n_keys + 1);

        for (guint i = 0; i < n_keys; i++)
            keys[i] = key_text(scrub, table, row, i);
        hv_row_keys(sink, (const char *const *)keys);
        for (guint column = n_keys; column < n_columns; column++)
            copy_cell(scrub, sink, table, row, column);
    }
    hv_sink_end(sink, TRUE);
    return hv_table_ref(hv_store_table(store));
}
