/* Tables as OpenMetrics text: https://prometheus.io/docs/specs/om/open_metrics_spec/ */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/metrics.h"

#include <math.h>

#include "model/text.h"

#define LONGEST_LABEL 200 /* characters */

/* A label's value: backslash, quote and newline are escaped; other bytes are as people see
 * them. */
static void
append_label(GString *out, const char *name, const char *value, gboolean is_first)
{
    g_autofree char *text = hv_text_printable(value ? value : "", LONGEST_LABEL);

    g_string_append_printf(out, "%s%s=\"", is_first ? "" : ",", name);
    for (const char *p = text; *p; p++) {
        if (*p == '\\' || *p == '"')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
}

static void
append_labels(GString *out, const HvTable *table, guint row)
{
    const HvSchema *schema = hv_table_schema(table);
    const guint n_keys = hv_schema_n_keys(schema);

    if (!n_keys)
        return;
    g_string_append_c(out, '{');
    for (guint i = 0; i < n_keys; i++) {
        const char *text = hv_table_text(table, row, (int)i);
        g_autofree char *number = NULL;
        guint64 id;

        if (hv_table_u64(table, row, (int)i, &id))
            number = g_strdup_printf("%" G_GUINT64_FORMAT, id);
        append_label(out, schema->columns[i].name, number ? number : text, i == 0);
    }
    g_string_append_c(out, '}');
}

/* The unit must be the end of the name; our own names end with it already, in their own words.
 */
static void
append_head(GString *out, const char *name, const HvColumn *column)
{
    g_autofree char *help =
        hv_text_printable(column->help ? column->help : column->name, LONGEST_LABEL);

    g_string_append_printf(out, "# TYPE %s %s\n", name,
                           column->kind == HV_KIND_COUNTER ? "counter" : "gauge");
    g_string_append_printf(out, "# HELP %s ", name);
    for (const char *p = help; *p; p++) {
        if (*p == '\\' || *p == '"')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '\n');
}

static void
append_column(GString *out, const HvTable *table, guint index)
{
    const HvSchema *schema = hv_table_schema(table);
    const HvColumn *column = &schema->columns[index];
    g_autofree char *name = g_strdup_printf("hvtune_%s_%s", schema->name, column->name);
    const char *suffix = column->kind == HV_KIND_COUNTER ? "_total" : "";
    gboolean has_head = FALSE;
    double value;

    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        char digits[G_ASCII_DTOSTR_BUF_SIZE];

        if (!hv_table_f64(table, row, (int)index, &value) || !isfinite(value))
            continue;
        if (!has_head)
            append_head(out, name, column);
        has_head = TRUE;
        g_string_append_printf(out, "%s%s", name, suffix);
        append_labels(out, table, row);
        g_string_append_printf(out, " %s\n", g_ascii_dtostr(digits, sizeof digits, value));
    }
}

void
hv_metrics_append(GString *out, const HvTable *table)
{
    const HvSchema *schema = hv_table_schema(table);

    for (guint i = hv_schema_n_keys(schema); i < hv_schema_n_columns(schema); i++)
        if (!hv_kind_is_text(schema->columns[i].kind))
            append_column(out, table, i);
}

void
hv_metrics_end(GString *out)
{
    g_string_append(out, "# EOF\n");
}
