/* Tables as one JSON object, in the shape that others rely on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
append_escaped(GString *out, gunichar character)
{
    if (character > 0xFFFF) { /* JSON writes these as a pair of UTF-16 surrogates */
        const guint above = character - 0x10000;

        g_string_append_printf(out, "\\u%04x\\u%04x", 0xD800 + (above >> 10),
                               0xDC00 + (above & 0x3FF));
    } else {
        g_string_append_printf(out, "\\u%04x", character);
    }
}

static void
append_character(GString *out, gunichar character)
{
    if (character == '"' || character == '\\')
        g_string_append_printf(out, "\\%c", (char)character);
    else if (g_unichar_isprint(character))
        g_string_append_unichar(out, character);
    else
        append_escaped(out, character);
}

void
hv_json_append_string(GString *out, const char *bytes)
{
    g_string_append_c(out, '"');
    while (*bytes) {
        const gunichar character = g_utf8_get_char_validated(bytes, -1);

        if (character >= (gunichar)-2) { /* not UTF-8, or cut short */
            g_string_append_printf(out, "\\\\x%02x", (guint)(guchar)*bytes++);
            continue;
        }
        append_character(out, character);
        bytes += g_utf8_skip[(guchar)*bytes];
    }
    g_string_append_c(out, '"');
}

void
hv_json_append_double(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (!isfinite(value)) {
        g_string_append(out, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        char format[] = "%.15g";

        format[3] = (char)('0' + digits % 10);
        g_ascii_formatd(text, sizeof text, format, value);
        if (!(g_ascii_strtod(text, NULL) < value || g_ascii_strtod(text, NULL) > value))
            break;
    }
    g_string_append(out, text);
}

static gboolean
append_number(GString *out, const HvColumn *column, HvCell cell)
{
    if (column->kind == HV_KIND_F64 || column->kind == HV_KIND_RATE) {
        hv_json_append_double(out, cell.f64);
        return isfinite(cell.f64);
    }
    if (column->kind == HV_KIND_BOOL)
        g_string_append(out, cell.u64 ? "true" : "false");
    else
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, cell.u64);
    return TRUE;
}

/* FALSE when the cell became null. */
static gboolean
append_cell(GString *out, const HvTable *table, guint row, guint index)
{
    const HvColumn *column = &hv_table_schema(table)->columns[index];
    HvCell cell;

    if (!hv_mark_has_value(hv_table_cell(table, row, (int)index, &cell))) {
        g_string_append(out, "null");
        return FALSE;
    }
    if (!hv_kind_is_text(column->kind))
        return append_number(out, column, cell);
    hv_json_append_string(out, cell.text);
    return TRUE;
}

static void
append_string_or_null(GString *out, const char *text)
{
    if (text)
        hv_json_append_string(out, text);
    else
        g_string_append(out, "null");
}

static void
append_reason(GString *reasons, const char *table, const char *key, const char *column,
              const char *why)
{
    g_string_append(reasons, reasons->len ? ",\n{\"table\":" : "\n{\"table\":");
    hv_json_append_string(reasons, table);
    g_string_append(reasons, ",\"key\":");
    append_string_or_null(reasons, key);
    g_string_append(reasons, ",\"column\":");
    append_string_or_null(reasons, column);
    g_string_append(reasons, ",\"why\":");
    append_string_or_null(reasons, why);
    g_string_append_c(reasons, '}');
}

static void
append_row(GString *out, GString *reasons, const HvTable *table, guint row)
{
    const HvSchema *schema = hv_table_schema(table);
    const guint n_columns = hv_schema_n_columns(schema);

    g_string_append(out, row ? ",\n{" : "\n{");
    for (guint i = 0; i < n_columns; i++) {
        const char *name = schema->columns[i].name;

        g_string_append(out, i ? "," : "");
        hv_json_append_string(out, name);
        g_string_append_c(out, ':');
        if (!append_cell(out, table, row, i))
            append_reason(reasons, schema->name, hv_table_row_key(table, row), name,
                          hv_table_reason(table, row, (int)i));
    }
    g_string_append_c(out, '}');
}

void
hv_json_tables(GString *out, const char *version, gint64 time_ns, HvTable *const *tables,
               guint n_tables, const HvJsonReason *more)
{
    g_autoptr(GString) reasons = g_string_new(NULL);
    const char *comma = "";

    g_string_append(out, "{\"hvtune\":");
    hv_json_append_string(out, version);
    g_string_append_printf(out, ",\"time_ns\":%" G_GINT64_FORMAT ",\"tables\":{", time_ns);
    for (guint t = 0; t < n_tables; t++) {
        if (!tables[t])
            continue;
        g_string_append_printf(out, "%s\n", comma);
        comma = ",";
        hv_json_append_string(out, hv_table_schema(tables[t])->name);
        g_string_append(out, ":[");
        for (guint row = 0; row < hv_table_n_rows(tables[t]); row++)
            append_row(out, reasons, tables[t], row);
        g_string_append_c(out, ']');
        if (hv_table_why(tables[t]))
            append_reason(reasons, hv_table_schema(tables[t])->name, NULL, NULL,
                          hv_table_why(tables[t]));
    }
    for (; more && more->table; more++)
        append_reason(reasons, more->table, NULL, NULL, more->why);
    g_string_append_printf(out, "},\"reasons\":[%s]}\n", reasons->str);
}
