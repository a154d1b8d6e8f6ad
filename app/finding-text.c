/* Findings as text for people. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/finding-text.h"

#include "model/i18n.h"
#include "model/text.h"

#define LONGEST_NAME 40
#define LONGEST_TEXT 1000
#define FULL_WINDOW_S 29.5

/* Where the columns are. */
typedef struct {
    const HvTable *table;
    int vm, severity, evidence, remedy, cost, window, quality, folded;
} Columns;

static Columns
find_columns(const HvTable *table)
{
    return (Columns){
        .table = table,
        .vm = hv_table_column(table, "vm"),
        .severity = hv_table_column(table, "severity"),
        .evidence = hv_table_column(table, "evidence"),
        .remedy = hv_table_column(table, "remedy"),
        .cost = hv_table_column(table, "cost_ratio"),
        .window = hv_table_column(table, "window_s"),
        .quality = hv_table_column(table, "quality"),
        .folded = hv_table_column(table, "folded"),
    };
}

static gboolean
is_folded(const Columns *columns, guint row)
{
    double folded = 0;

    return hv_table_f64(columns->table, row, columns->folded, &folded) && folded > 0;
}

static char *
text_of(const Columns *columns, guint row, int column, gsize max_chars)
{
    const char *text = hv_table_text(columns->table, row, column);

    return hv_text_printable(text ? text : "", max_chars);
}

static void
print_finding(GString *out, const Columns *columns, guint row, gboolean ascii)
{
    const char *severity = hv_table_text(columns->table, row, columns->severity);
    g_autofree char *vm = text_of(columns, row, columns->vm, LONGEST_NAME);
    g_autofree char *evidence = text_of(columns, row, columns->evidence, LONGEST_TEXT);
    g_autofree char *remedy = text_of(columns, row, columns->remedy, LONGEST_TEXT);
    double window_s = 0;
    char cost[16], window[32];

    hv_text_cell(cost, sizeof cost, columns->table, row, columns->cost, ascii);
    hv_table_f64(columns->table, row, columns->window, &window_s);
    hv_text_duration(window, sizeof window, (gint64)(window_s * 1e9));
    g_string_append_printf(out, "  %-7s  %s  %s  %s\n", severity ? severity : "",
                           *vm ? vm : _("this host"), cost, evidence);
    g_string_append_printf(out, _("           %s (seen for %s)\n"), remedy, window);
}

/* More time would tell: it rests on measurements, and has only not been seen for long enough.
 */
static gboolean
wants_time(const Columns *columns, guint row)
{
    const char *severity = hv_table_text(columns->table, row, columns->severity);
    const char *quality = hv_table_text(columns->table, row, columns->quality);
    double window_s;

    return g_strcmp0(severity, "maybe") == 0 && g_strcmp0(quality, "estimated") != 0 &&
           hv_table_f64(columns->table, row, columns->window, &window_s) &&
           window_s < FULL_WINDOW_S;
}

void
hv_print_findings(GString *out, const HvTable *findings, guint most, gboolean with_folded,
                  gboolean ascii)
{
    const Columns columns = find_columns(findings);
    guint n_printed = 0, n_more = 0, n_folded = 0;
    gboolean is_short = FALSE;

    for (guint row = 0; row < hv_table_n_rows(findings); row++) {
        if (is_folded(&columns, row) && !with_folded) {
            n_folded++;
        } else if (n_printed == most) {
            n_more++;
        } else {
            print_finding(out, &columns, row, ascii);
            is_short = is_short || wants_time(&columns, row);
            n_printed++;
        }
    }
    if (n_printed == 0)
        g_string_append_printf(out, "  %s\n", _("nothing found that costs 2 % or more"));
    if (n_more)
        g_string_append_printf(out, _("  %u more: hvtune check\n"), n_more);
    if (n_folded)
        g_string_append_printf(out, _("  %u below 2 %%, folded: hvtune check --verbose\n"),
                               n_folded);
    if (is_short)
        g_string_append_printf(
            out, "  %s\n",
            _("a finding is a maybe until it has been seen for 30 s: --interval 30s"));
}

gboolean
hv_findings_are_bad(const HvTable *findings)
{
    const int column = hv_table_column(findings, "severity");

    for (guint row = 0; row < hv_table_n_rows(findings); row++) {
        const char *severity = hv_table_text(findings, row, column);

        if (g_strcmp0(severity, "warning") == 0 || g_strcmp0(severity, "serious") == 0)
            return TRUE;
    }
    return FALSE;
}
