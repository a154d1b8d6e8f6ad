/* Tables as OpenMetrics text: https://prometheus.io/docs/specs/om/open_metrics_spec/ */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/metrics.h"

#include <math.h>
#include <string.h>

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

/* Metrics are in base units, whose whole word ends the name: read_ns, a number of nanoseconds,
 * becomes read_seconds. Ends that mean something else to a reader of metrics are others here.
 */
static const struct {
    const char *end, *name;
    double scale;
} ends[] = {
    { "_per_s", "_per_second", 1 }, { "_ns", "_seconds", 1e-9 }, { "_us", "_seconds", 1e-6 },
    { "_ms", "_seconds", 1e-3 },    { "_s", "_seconds", 1 },     { "_total", "_all", 1 },
    { "_bits", "_width", 1 },
};

/* (transfer full) */
static char *
name_of(const HvSchema *schema, const HvColumn *column, double *scale)
{
    const char *total = column->kind == HV_KIND_COUNTER ? "_total" : "";

    for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(column->name, ends[i].end)) {
            *scale = ends[i].scale;
            return g_strdup_printf("hvtune_%s_%.*s%s%s", schema->name,
                                   (int)(strlen(column->name) - strlen(ends[i].end)),
                                   column->name, ends[i].name, total);
        }
    *scale = 1;
    return g_strdup_printf("hvtune_%s_%s%s", schema->name, column->name, total);
}

/* A counter's family has no _total in OpenMetrics and has it in the text format that most
 * tools, promtool too, read: without a TYPE it is the same in both. */
static void
append_head(GString *out, const char *name, const HvColumn *column)
{
    g_autofree char *help =
        hv_text_printable(column->help ? column->help : column->name, LONGEST_LABEL);

    if (column->kind != HV_KIND_COUNTER)
        g_string_append_printf(out, "# TYPE %s gauge\n", name);
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
    gboolean has_head = FALSE;
    double value, scale;
    g_autofree char *name = name_of(schema, column, &scale);

    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        char digits[G_ASCII_DTOSTR_BUF_SIZE];

        if (!hv_table_f64(table, row, (int)index, &value) || !isfinite(value))
            continue;
        if (!has_head)
            append_head(out, name, column);
        has_head = TRUE;
        g_string_append(out, name);
        append_labels(out, table, row);
        g_string_append_printf(out, " %s\n",
                               g_ascii_dtostr(digits, sizeof digits, value * scale));
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
