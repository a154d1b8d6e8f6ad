/* The operator's view as a row of `views`, and back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/view-rows.h"

#include "log/file-schema.h"

#include <string.h>

/* UTF-8 without control characters and line breaks: values that have such escape them. */
static gboolean
is_printable(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL))
        return FALSE;
    for (; *text; text += g_utf8_skip[*(const guchar *)text]) {
        const gunichar c = g_utf8_get_char(text);

        if (g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029)
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_line(const char *line)
{
    return strchr(line, '=') > line && is_printable(line);
}

/* The value of the first of @lines that begins with @name=, which is taken out. */
static char *
take_value(char **lines, const char *name)
{
    const gsize n = strlen(name);

    for (; *lines; lines++) {
        if (strncmp(*lines, name, n) == 0 && (*lines)[n] == '=') {
            char *value = g_strdup(*lines + n + 1);

            (*lines)[0] = '\0';
            return value;
        }
    }
    return NULL;
}

HvLogRow *
hv_log_view_row(gint64 time_ns, const char *view)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_VIEW);
    g_auto(GStrv) lines = g_strsplit(view, "\n", -1);
    g_autoptr(GString) rest = g_string_new(NULL);

    for (char **line = lines; *line; line++) {
        if (!is_line(*line))
            (*line)[0] = '\0';
    }
    hv_log_row_add_number(row, time_ns);
    for (const char *const *name = hv_log_view_names; *name; name++) {
        g_autofree char *value = take_value(lines, *name);

        hv_log_row_add_text(row, value);
    }
    for (char **line = lines; *line; line++) {
        if (**line)
            g_string_append_printf(rest, "%s\n", *line);
    }
    hv_log_row_add_text(row, rest->str);
    return row;
}

static void
append_lines(GString *out, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        if (is_line(*line))
            g_string_append_printf(out, "%s\n", *line);
    }
}

char *
hv_log_view_lines(sqlite3_stmt *statement, int first)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *rest;
    int column = first;

    for (const char *const *name = hv_log_view_names; *name; name++, column++) {
        const char *value = (const char *)sqlite3_column_text(statement, column);
        g_autofree char *line = value ? g_strdup_printf("%s=%s", *name, value) : NULL;

        if (line && is_line(line))
            g_string_append_printf(out, "%s\n", line);
    }
    rest = (const char *)sqlite3_column_text(statement, column);
    if (rest)
        append_lines(out, rest);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
