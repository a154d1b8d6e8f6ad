/* Lines NAME=VALUE being written: parts of names, escapes, the bound. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "tui/view-text.h"

struct HvViewOut {
    GString *text, *within;
    const char *shortened;
};

gboolean
hv_view_is_short(const char *within, const char *shortened, const char *name)
{
    static const char *const names[] = { "filter", "sort", "scroll", "cursor", NULL };
    const gsize n = shortened ? strlen(shortened) : 0;

    return n && strncmp(within, shortened, n) == 0 && g_str_equal(within + n, ".") &&
           g_strv_contains(names, name);
}

HvViewOut *
hv_view_out_new(void)
{
    HvViewOut *out = g_new0(HvViewOut, 1);

    out->text = g_string_sized_new(4096);
    out->within = g_string_new(NULL);
    return out;
}

void
hv_view_out_free(HvViewOut *out)
{
    if (!out)
        return;
    g_string_free(out->text, TRUE);
    g_string_free(out->within, TRUE);
    g_free(out);
}

void
hv_view_out_begin(HvViewOut *out)
{
    g_string_truncate(out->text, 0);
    g_string_truncate(out->within, 0);
    out->shortened = NULL;
}

void
hv_view_out_shorten(HvViewOut *out, const char *name)
{
    out->shortened = name;
}

const char *
hv_view_out_text(const HvViewOut *out)
{
    return out->text->str;
}

gsize
hv_view_out_n_left(const HvViewOut *out)
{
    return out->text->len < HV_VIEW_MAX ? HV_VIEW_MAX - out->text->len : 0;
}

void
hv_view_out_enter(HvViewOut *out, const char *name)
{
    g_string_append(out->within, name);
    g_string_append_c(out->within, '.');
}

void
hv_view_out_leave(HvViewOut *out)
{
    gsize n = out->within->len - 1;

    while (n && out->within->str[n - 1] != '.')
        n--;
    g_string_truncate(out->within, n);
}

static gboolean
is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '\\' && byte != '|';
}

static void
append_bytes(GString *text, const char *bytes, gsize n)
{
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(text, "\\x%02x", (guint)(guchar)bytes[i]);
}

/* Appends one character that is not plain. Returns how many bytes it has. */
static gsize
append_character(GString *text, const char *at)
{
    const gunichar character = g_utf8_get_char_validated(at, -1);
    gsize n;

    if (character == (gunichar)-1 || character == (gunichar)-2) {
        append_bytes(text, at, 1);
        return 1;
    }
    n = (gsize)(guchar)g_utf8_skip[(guchar)*at];
    if (character >= 0x80 && g_unichar_isgraph(character))
        g_string_append_len(text, at, (gssize)n);
    else
        append_bytes(text, at, n);
    return n;
}

static void
append_value(GString *text, const char *value)
{
    while (*value) {
        gsize n = 0;

        while (is_plain(value[n]))
            n++;
        g_string_append_len(text, value, (gssize)n);
        value += n;
        if (*value)
            value += append_character(text, value);
    }
}

static gsize
begin_line(HvViewOut *out, const char *name)
{
    const gsize start = out->text->len;

    if (!hv_view_is_short(out->within->str, out->shortened, name))
        g_string_append_len(out->text, out->within->str, (gssize)out->within->len);
    g_string_append(out->text, name);
    g_string_append_c(out->text, '=');
    return start;
}

/* A line that does not fit is left out whole. */
static void
end_line(HvViewOut *out, gsize start)
{
    g_string_append_c(out->text, '\n');
    if (out->text->len > HV_VIEW_MAX)
        g_string_truncate(out->text, start);
}

void
hv_view_put(HvViewOut *out, const char *name, const char *text)
{
    gsize start;

    if (!text)
        return;
    start = begin_line(out, name);
    append_value(out->text, text);
    end_line(out, start);
}

void
hv_view_put_number(HvViewOut *out, const char *name, gint64 number)
{
    gsize start;

    if (!number)
        return;
    start = begin_line(out, name);
    g_string_append_printf(out->text, "%" G_GINT64_FORMAT, number);
    end_line(out, start);
}

void
hv_view_put_flag(HvViewOut *out, const char *name, gboolean flag)
{
    if (flag)
        hv_view_put(out, name, "1");
}

void
hv_view_put_fields(HvViewOut *out, const char *name, const char *const *fields, guint n)
{
    const gsize start = begin_line(out, name);

    for (guint i = 0; i < n; i++) {
        if (i)
            g_string_append_c(out->text, '|');
        append_value(out->text, fields[i] ? fields[i] : "");
    }
    end_line(out, start);
}

void
hv_view_put_all(HvViewOut *out, const char *name, const GPtrArray *texts)
{
    for (guint i = 0; texts && i < texts->len; i++)
        hv_view_put(out, name, g_ptr_array_index(texts, i));
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
hv_view_put_set(HvViewOut *out, const char *name, GHashTable *set)
{
    g_autofree gpointer *keys = NULL;
    guint n;

    if (!g_hash_table_size(set))
        return;
    keys = g_hash_table_get_keys_as_array(set, &n);
    qsort(keys, n, sizeof *keys, compare);
    for (guint i = 0; i < n; i++)
        hv_view_put(out, name, keys[i]);
}
