/* What is wrong, as lines: who and what, its cost, its cure. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/findings.h"

#include <string.h>

#include "model/i18n.h"
#include "tui/list.h"
#include "tui/pick.h"

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

int
hv_findings_rows(const HvSnapshot *snapshot)
{
    return 2 * count(hv_snapshot_table(snapshot, "findings"));
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

/* " 1 redis-1  83 % of its 3.1 GB/s come from S1, its 8 vCPUs run on S0    ≈41 %" */
static void
draw_finding(const HvView *view, HvCanvas *canvas, int y, int number, const HvTable *findings,
             int row)
{
    const char *severity = hv_pick_text(findings, row, "severity");
    const char *vm = hv_pick_text(findings, row, "vm");
    const char *evidence = hv_pick_text(findings, row, "evidence");
    const HvRole role = role_of(severity);
    const gboolean is_unsure = g_strcmp0(severity, "maybe") == 0;
    g_autofree char *text = g_strdup_printf("%s%s%s", is_unsure ? _("maybe") : "",
                                            is_unsure ? ": " : "", evidence ? evidence : "–");
    int x = hv_canvas_printf(canvas, 1, y, role, "%d ", number);

    if (vm && *vm)
        x = hv_canvas_print(canvas, x, y, HV_ROLE_TITLE, vm) + 2;
    hv_canvas_print_in(canvas, x, y, canvas->columns - COST_WIDTH - x, -1, HV_ROLE_TEXT, text);
    draw_cost(view, canvas, y, findings, row, role);
}

/* The key that cures it stands out where the cure begins with it. */
static void
draw_cure(HvCanvas *canvas, int y, const HvTable *findings, int row)
{
    const char *remedy = hv_pick_text(findings, row, "remedy");
    const char *key = hv_pick_text(findings, row, "key");
    int x = 3;

    if (!remedy)
        return;
    if (key && *key && g_str_has_prefix(remedy, key) && remedy[strlen(key)] == ' ') {
        x = hv_canvas_print(canvas, x, y, HV_ROLE_KEY, key);
        remedy += strlen(key);
    }
    hv_canvas_print_in(canvas, x, y, canvas->columns - x, -1, HV_ROLE_DIM, remedy);
}

int
hv_findings_draw(const HvView *view, HvCanvas *canvas, int y, int max_rows)
{
    const HvTable *findings = hv_snapshot_table(view->now, "findings");
    const int n_cures = MAX(max_rows - count(findings), 1);
    const int end = y + max_rows;
    int number = 0;

    for (int i = 0; findings && i < (int)hv_table_n_rows(findings) && y < end; i++) {
        if (!is_shown(findings, i))
            continue;
        draw_finding(view, canvas, y++, ++number, findings, i);
        if (number <= n_cures && y < end)
            draw_cure(canvas, y++, findings, i);
    }
    return y;
}
