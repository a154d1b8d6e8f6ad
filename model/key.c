/* Texts and keys that outlive a sample: counted, compared by address, found by joined text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/table-private.h"

#define LEAST_SLOTS 16u

HvString *
hv_string_new(const char *text)
{
    gsize size = strlen(text) + 1;
    HvString *string = g_malloc(sizeof *string + size);

    g_atomic_ref_count_init(&string->refs);
    memcpy(string->text, text, size);
    return string;
}

HvString *
hv_string_ref(HvString *string)
{
    g_atomic_ref_count_inc(&string->refs);
    return string;
}

void
hv_string_unref(HvString *string)
{
    if (string && g_atomic_ref_count_dec(&string->refs))
        g_free(string);
}

static void
append_escaped(GString *out, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *text; text++) {
        guchar byte = (guchar)*text;

        if (g_ascii_isalnum(byte) || strchr("._+@:-", byte)) {
            g_string_append_c(out, (char)byte);
            continue;
        }
        g_string_append_c(out, '%');
        g_string_append_c(out, digits[byte >> 4]);
        g_string_append_c(out, digits[byte & 0xf]);
    }
}

/* Decimal digits only; anything else is no identity. */
static gboolean
parse_id(const char *text, guint64 *id)
{
    guint64 value = 0;

    if (!*text)
        return FALSE;
    for (; *text; text++) {
        guint64 digit = (guint64)(*text - '0');

        if (!g_ascii_isdigit(*text) || value > (G_MAXUINT64 - digit) / 10)
            return FALSE;
        value = value * 10 + digit;
    }
    *id = value;
    return TRUE;
}

/* "007" and "7" are one cpu: leading zeros have no place in the identity. */
static const char *
skip_zeros(const char *text)
{
    while (text[0] == '0' && text[1])
        text++;
    return text;
}

void
hv_key_join(GString *joined, const HvSchema *schema, guint n_keys, const char *const *keys)
{
    g_string_truncate(joined, 0);
    for (guint i = 0; i < n_keys; i++) {
        const char *text = keys[i] ? keys[i] : "";
        guint64 id;

        if (i > 0)
            g_string_append_c(joined, '/');
        if (schema->columns[i].kind == HV_KIND_ID && parse_id(text, &id))
            text = skip_zeros(text);
        append_escaped(joined, text);
    }
}

static char *
put_text(char **free_space, const char *text)
{
    char *place = *free_space;
    gsize size = strlen(text) + 1;

    memcpy(place, text, size);
    *free_space += size;
    return place;
}

HvKey *
hv_key_new(const HvSchema *schema, guint n_keys, const char *const *keys, const GString *joined,
           guint hash, guint32 id)
{
    gsize size = sizeof(HvKey) + n_keys * sizeof(((HvKey *)NULL)->parts[0]) + joined->len + 1;

    for (guint i = 0; i < n_keys; i++)
        size += keys[i] ? strlen(keys[i]) + 1 : 1;

    HvKey *key = g_malloc0(size);
    char *free_space = (char *)&key->parts[n_keys];

    g_atomic_ref_count_init(&key->refs);
    key->id = id;
    key->hash = hash;
    key->joined = put_text(&free_space, joined->str);
    for (guint i = 0; i < n_keys; i++) {
        const char *text = keys[i] ? keys[i] : "";
        gboolean is_id = schema->columns[i].kind == HV_KIND_ID;

        if (is_id ? parse_id(text, &key->parts[i].cell.u64) : *text != '\0')
            key->parts[i].mark = HV_MARK_MEASURED;
        if (!is_id && *text)
            key->parts[i].cell.text = put_text(&free_space, text);
    }
    return key;
}

HvKey *
hv_key_ref(HvKey *key)
{
    g_atomic_ref_count_inc(&key->refs);
    return key;
}

void
hv_key_unref(HvKey *key)
{
    if (key && g_atomic_ref_count_dec(&key->refs))
        g_free(key);
}

/* The slot of that text, or the free one where it would go. */
static guint
find_slot(const HvKeyIndex *index, const char *joined, guint hash)
{
    guint last = index->n_slots - 1;
    guint i = hash & last;

    while (index->slots[i] &&
           (index->slots[i]->hash != hash || strcmp(index->slots[i]->joined, joined) != 0))
        i = (i + 1) & last;
    return i;
}

HvKey *
hv_key_index_find(const HvKeyIndex *index, const char *joined, guint hash)
{
    return index->n_slots > 0 ? index->slots[find_slot(index, joined, hash)] : NULL;
}

static void
put_key(HvKeyIndex *index, HvKey *key)
{
    index->slots[find_slot(index, key->joined, key->hash)] = key;
}

/* At most half of the slots are used, so that a search is short. */
static void
grow(HvKeyIndex *index)
{
    HvKeyIndex larger = { .n_slots = MAX(LEAST_SLOTS, index->n_slots * 2),
                          .n_keys = index->n_keys };

    larger.slots = g_new0(HvKey *, larger.n_slots);
    for (guint i = 0; i < index->n_slots; i++)
        if (index->slots[i])
            put_key(&larger, index->slots[i]);
    g_free(index->slots);
    *index = larger;
}

void
hv_key_index_add(HvKeyIndex *index, HvKey *key)
{
    if (index->n_keys >= index->n_slots / 2)
        grow(index);
    put_key(index, key);
    index->n_keys++;
}

/* Those behind the gap that belong before it move up (Knuth, vol. 3, 6.4, algorithm R). */
void
hv_key_index_remove(HvKeyIndex *index, const HvKey *key)
{
    guint last = index->n_slots - 1;
    guint gap = find_slot(index, key->joined, key->hash);

    for (guint i = (gap + 1) & last; index->slots[i]; i = (i + 1) & last) {
        guint home = index->slots[i]->hash & last;

        if (((i - home) & last) >= ((i - gap) & last)) {
            index->slots[gap] = index->slots[i];
            gap = i;
        }
    }
    index->slots[gap] = NULL;
    index->n_keys--;
}

void
hv_key_index_empty(HvKeyIndex *index)
{
    if (index->n_slots > 0)
        memset(index->slots, 0, index->n_slots * sizeof *index->slots);
    index->n_keys = 0;
}

void
hv_key_index_clear(HvKeyIndex *index)
{
    g_free(index->slots);
    *index = (HvKeyIndex){ 0 };
}
