/* What is wrong, as lines: who and what, its cost, its cure. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/findings.h"

#include <string.h>

#include "model/i18n.h"
#include "tui/dialog.h"
#include "tui/list.h"
#include "tui/pick.h"

#define REMEDY_X 3
#define LEAST_WIDTH 20
#define COST_WIDTH 7 /* "≈41 %" and two blanks before it */

static gboolean
is_shown(const HvTable *findings, int row)
{
    guint64 folded = 0;

    return !hv_pick_u64(findings, row, "folded", &folded) || !folded;
}

static int
count(const HvTable *findings)
{
    int n = 0;

    for (int i = 0; findings && i < (int)hv_table_n_rows(findings); i++)
        n += is_shown(findings, i);
    return n;
}

static HvRole
role_of(const char *severity)
{
    if (g_strcmp0(severity, "serious") == 0)
        return HV_ROLE_HOT;
    return g_strcmp0(severity, "warning") == 0 ? HV_ROLE_WARM : HV_ROLE_TEXT;
}

static void
draw_cost(const HvView *view, HvCanvas *canvas, int y, const HvTable *findings, int row,
          HvRole role)
{
    HvListCell cell = { 0 };
    g_autofree char *text = NULL;
    double cost;

    if (!hv_pick_f64(findings, row, "cost_ratio", &cost))
        return;
    hv_cell_percent(&cell, view, findings, (guint)row, "cost_ratio", 0, 0);
    text = g_strdup_printf("%s %%", cell.text);
    hv_canvas_print_in(canvas, canvas->columns - COST_WIDTH, y, COST_WIDTH, 1, role, text);
}

/* What is said of it, as one line. */
static char *
evidence_of(const HvTable *findings, int row)
{
    const char *evidence = hv_pick_text(findings, row, "evidence");
    const gboolean is_unsure = g_strcmp0(hv_pick_text(findings, row, "severity"), "maybe") == 0;

    return g_strdup_printf("%s%s", is_unsure ? _("maybe: ") : "", evidence ? evidence : "–");
}

/* Where the evidence begins: behind number and VM. */
static int
evidence_x(const HvTable *findings, int row, int number)
{
    const char *vm = hv_pick_text(findings, row, "vm");

    return 3 + (number > 9) + (vm && *vm ? hv_text_width(vm) + 2 : 0);
}

static GPtrArray *
wrap_evidence(const HvTable *findings, int row, int number, int columns)
{
    g_autofree char *text = evidence_of(findings, row);

    return hv_dialog_wrap(
        text, MAX(columns - COST_WIDTH - evidence_x(findings, row, number), LEAST_WIDTH));
}

/* The cure, without the key that it begins with. */
static const char *
remedy_of(const HvTable *findings, int row, const char **key)
{
    const char *remedy = hv_pick_text(findings, row, "remedy");

    *key = hv_pick_text(findings, row, "key");
    if (!remedy || !*key || !**key || !g_str_has_prefix(remedy, *key) ||
        remedy[strlen(*key)] != ' ') {
        *key = NULL;
        return remedy ? remedy : "";
    }
    return remedy + strlen(*key) + 1;
}

static GPtrArray *
wrap_remedy(const HvTable *findings, int row, int columns)
{
    const char *key, *remedy = remedy_of(findings, row, &key);

    return hv_dialog_wrap(remedy, MAX(columns - REMEDY_X - (key ? 2 : 0) - 1, LEAST_WIDTH));
}

int
hv_findings_rows(const HvSnapshot *snapshot, int columns)
{
    const HvTable *findings = hv_snapshot_table(snapshot, "findings");
    int n_rows = 0, number = 0;

    for (int i = 0; findings && i < (int)hv_table_n_rows(findings); i++) {
        g_autoptr(GPtrArray) evidence = NULL, remedy = NULL;

        if (!is_shown(findings, i))
            continue;
        evidence = wrap_evidence(findings, i, ++number, columns);
        remedy = wrap_remedy(findings, i, columns);
        n_rows += (int)(evidence->len + remedy->len);
    }
    return n_rows;
}

/* " 1 redis-1  83 % of its 3.1 GB/s come from S1, its 8 vCPUs run on S0    ≈41 %" */
static int
draw_finding(const HvView *view, HvCanvas *canvas, int y, int number, const HvTable *findings,
             int row, gboolean is_whole)
{
    const char *vm = hv_pick_text(findings, row, "vm");
    const HvRole role = role_of(hv_pick_text(findings, row, "severity"));
    const int x = evidence_x(findings, row, number);
    g_autofree char *text = evidence_of(findings, row);
    g_autoptr(GPtrArray) lines = wrap_evidence(findings, row, number, canvas->columns);

    hv_canvas_printf(canvas, 1, y, role, "%d", number);
    if (vm && *vm)
        hv_canvas_print(canvas, 3 + (number > 9), y, HV_ROLE_TITLE, vm);
    draw_cost(view, canvas, y, findings, row, role);
    if (!is_whole) {
        hv_canvas_print_in(canvas, x, y, canvas->columns - COST_WIDTH - x, -1, HV_ROLE_TEXT,
                           text);
        return y + 1;
    }
    for (guint i = 0; i < lines->len; i++)
        hv_canvas_print(canvas, x, y++, HV_ROLE_TEXT, g_ptr_array_index(lines, i));
    return y;
}

/* The key that cures it stands out. */
static int
draw_cure(HvCanvas *canvas, int y, const HvTable *findings, int row, gboolean is_whole)
{
    const char *key, *remedy = remedy_of(findings, row, &key);
    const int x = REMEDY_X + (key ? 2 : 0);
    g_autoptr(GPtrArray) lines = wrap_remedy(findings, row, canvas->columns);

    if (key)
        hv_canvas_print(canvas, REMEDY_X, y, HV_ROLE_KEY, key);
    if (!is_whole) {
        hv_canvas_print_in(canvas, x, y, canvas->columns - x, -1, HV_ROLE_DIM, remedy);
        return y + 1;
    }
    for (guint i = 0; i < lines->len; i++)
        hv_canvas_print(canvas, x, y++, HV_ROLE_DIM, g_ptr_array_index(lines, i));
    return y;
}

const char *
hv_findings_next(const HvSnapshot *snapshot, const char *marked)
{
    const HvTable *findings = hv_snapshot_table(snapshot, "findings");
    const int from = marked ? hv_pick_row(findings, marked) : -1;

    for (int i = from + 1; findings && i < (int)hv_table_n_rows(findings); i++)
        if (is_shown(findings, i))
            return hv_table_row_key(findings, (guint)i);
    return NULL;
}

static void
draw_mark(HvCanvas *canvas, int y, int end, const HvTable *findings, int row,
          const char *marked)
{
    if (g_strcmp0(marked, hv_table_row_key(findings, (guint)row)) != 0)
        return;
    hv_canvas_print(canvas, 0, y, HV_ROLE_CURSOR, hv_canvas_glyph(canvas, "▌", ">"));
    hv_canvas_role(canvas, 0, y, canvas->columns, end - y, HV_ROLE_CURSOR);
}

int
hv_findings_draw(const HvView *view, HvCanvas *canvas, int y, int max_rows, const char *marked)
{
    const HvTable *findings = hv_snapshot_table(view->now, "findings");
    const gboolean is_whole = hv_findings_rows(view->now, canvas->columns) <= max_rows;
    const int n_cures = is_whole ? G_MAXINT : MAX(max_rows - count(findings), 1);
    const int end = y + max_rows;
    int number = 0;

    for (int i = 0; findings && i < (int)hv_table_n_rows(findings) && y < end; i++) {
        const int first = y;

        if (!is_shown(findings, i))
            continue;
        y = draw_finding(view, canvas, y, ++number, findings, i, is_whole);
        draw_mark(canvas, first, y, findings, i, marked);
        if (number <= n_cures && y < end)
            y = draw_cure(canvas, y, findings, i, is_whole);
    }
    return y;
}
