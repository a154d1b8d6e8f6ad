/* Lines NAME=VALUE as they were read, from anybody: what they say by name. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tui/view-text.h"

#define MAX_NAME 256

struct HvViewIn {
    GHashTable *values; /* name → GPtrArray of char * */
    GString *within;
    char *shortened;
};

/* The number of a hexadecimal digit behind "\x", or -1. */
static int
byte_of(const char *at)
{
    const int high = at[0] ? g_ascii_xdigit_value(at[0]) : -1;
    const int low = high >= 0 ? g_ascii_xdigit_value(at[1]) : -1;

    return low >= 0 ? high * 16 + low : -1;
}

/* In place. An escape that is none stands for itself. */
static void
unescape(char *text)
{
    char *to = text;

    for (const char *at = text; *at; at++) {
        const int byte = at[0] == '\\' && at[1] == 'x' ? byte_of(at + 2) : -1;

        *to++ = byte > 0 ? (char)byte : *at;
        at += byte > 0 ? 3 : 0;
    }
    *to = '\0';
}

static void
take_line(HvViewIn *in, const char *line, gsize length)
{
    const char *equals = memchr(line, '=', length);
    g_autofree char *name = NULL;
    GPtrArray *values;

    if (!equals || equals == line || equals - line >= MAX_NAME)
        return;
    name = g_strndup(line, (gsize)(equals - line));
    values = g_hash_table_lookup(in->values, name);
    if (!values) {
        values = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(in->values, g_steal_pointer(&name), values);
    }
    g_ptr_array_add(values, g_strndup(equals + 1, length - (gsize)(equals + 1 - line)));
}

HvViewIn *
hv_view_in_new(const char *text)
{
    HvViewIn *in = g_new0(HvViewIn, 1);
    const char *const end = text + strnlen(text, HV_VIEW_MAX);

    in->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify)g_ptr_array_unref);
    in->within = g_string_new(NULL);
    while (text < end) {
        const char *newline = memchr(text, '\n', (gsize)(end - text));
        const char *stop = newline ? newline : end;

        if (newline || !*end) /* one that the bound cuts is none */
            take_line(in, text, (gsize)(stop - text));
        text = stop + 1;
    }
    return in;
}

void
hv_view_in_free(HvViewIn *in)
{
    if (!in)
        return;
    g_hash_table_unref(in->values);
    g_string_free(in->within, TRUE);
    g_free(in->shortened);
    g_free(in);
}

void
hv_view_in_enter(HvViewIn *in, const char *name)
{
    g_string_append(in->within, name);
    g_string_append_c(in->within, '.');
}

void
hv_view_in_leave(HvViewIn *in)
{
    gsize n = in->within->len - 1;

    while (n && in->within->str[n - 1] != '.')
        n--;
    g_string_truncate(in->within, n);
}

void
hv_view_in_shorten(HvViewIn *in, const char *name)
{
    g_free(in->shortened);
    in->shortened = g_strdup(name);
}

/* Still escaped. */
static const GPtrArray *
values_of(const HvViewIn *in, const char *name)
{
    char whole[MAX_NAME];

    const gboolean is_short = hv_view_is_short(in->within->str, in->shortened, name);

    g_snprintf(whole, sizeof whole, "%s%s", is_short ? "" : in->within->str, name);
    return g_hash_table_lookup(in->values, whole);
}

guint
hv_view_n(const HvViewIn *in, const char *name)
{
    const GPtrArray *values = values_of(in, name);

    return values ? values->len : 0;
}

static const char *
raw_nth(const HvViewIn *in, const char *name, guint index)
{
    const GPtrArray *values = values_of(in, name);

    return values && index < values->len ? g_ptr_array_index(values, index) : NULL;
}

char *
hv_view_nth(const HvViewIn *in, const char *name, guint index)
{
    char *text = g_strdup(raw_nth(in, name, index));

    if (text)
        unescape(text);
    return text;
}

char *
hv_view_get(const HvViewIn *in, const char *name)
{
    return hv_view_nth(in, name, 0);
}

gint64
hv_view_number(const HvViewIn *in, const char *name, gint64 min, gint64 max)
{
    const char *text = raw_nth(in, name, 0);
    gint64 number = 0;

    if (text && !g_ascii_string_to_signed(text, 10, min, max, &number, NULL))
        number = 0;
    return CLAMP(number, min, max);
}

gboolean
hv_view_flag(const HvViewIn *in, const char *name)
{
    return g_strcmp0(raw_nth(in, name, 0), "1") == 0;
}

char **
hv_view_fields(const HvViewIn *in, const char *name, guint index, guint n)
{
    const char *text = raw_nth(in, name, index);
    g_auto(GStrv) pieces = g_strsplit(text ? text : "", "|", -1);
    char **fields = g_new0(char *, n + 1);
    const guint n_pieces = g_strv_length(pieces);

    for (guint i = 0; i < n; i++) {
        fields[i] = g_strdup(i < n_pieces ? pieces[i] : "");
        unescape(fields[i]);
    }
    return fields;
}

GPtrArray *
hv_view_all(const HvViewIn *in, const char *name)
{
    const guint n = hv_view_n(in, name);
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < n; i++)
        g_ptr_array_add(texts, hv_view_nth(in, name, i));
    return texts;
}

void
hv_view_take_set(const HvViewIn *in, const char *name, GHashTable *set)
{
    const guint n = hv_view_n(in, name);

    g_hash_table_remove_all(set);
    for (guint i = 0; i < n; i++)
        g_hash_table_add(set, hv_view_nth(in, name, i));
}
