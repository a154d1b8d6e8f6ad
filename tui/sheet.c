/* Lines of the sheet behind a row: a number with its source and age, its formula and doubt
 * below. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/sheet.h"

#include "model/i18n.h"
#include "tui/dialog.h"
#include "tui/list.h"
#include "tui/pick.h"

/* Ready to draw. */
typedef struct {
    HvRole role;
    char *label, *value, *source;
    char *text; /* instead of the three */
} Line;

static void
clear_line(gpointer data)
{
    Line *line = data;

    g_free(line->label);
    g_free(line->value);
    g_free(line->source);
    g_free(line->text);
}

GArray *
hv_sheet_new(void)
{
    GArray *sheet = g_array_new(FALSE, TRUE, sizeof(Line));

    g_array_set_clear_func(sheet, clear_line);
    return sheet;
}

void
hv_sheet_add(GArray *sheet, HvRole role, const char *label, const char *value,
             const char *source)
{
    const Line line = { .role = role,
                        .label = g_strdup(label),
                        .value = g_strdup(value),
                        .source = g_strdup(source) };

    g_array_append_val(sheet, line);
}

void
hv_sheet_text(GArray *sheet, HvRole role, const char *text)
{
    const Line line = { .role = role, .text = g_strdup(text) };

    g_array_append_val(sheet, line);
}

void
hv_sheet_below(GArray *sheet, HvRole role, const char *text, int width)
{
    g_autoptr(GPtrArray) pieces = hv_dialog_wrap(text, width - HV_SHEET_LABEL - 2);

    for (guint i = 0; i < pieces->len; i++) {
        const Line line = { .role = role,
                            .text =
                                g_strdup_printf("%*s%s", HV_SHEET_LABEL, "",
                                                (const char *)g_ptr_array_index(pieces, i)) };

        g_array_append_val(sheet, line);
    }
}

static void
draw_line(const Line *line, HvCanvas *canvas, int y)
{
    const int value_width = line->value ? hv_text_width(line->value) : 0;
    const int source_x =
        1 + HV_SHEET_LABEL + MAX(HV_SHEET_VALUE, MIN(value_width, canvas->columns)) + 1;

    if (line->text) {
        hv_canvas_print(canvas, 1, y, line->role, line->text);
        return;
    }
    hv_canvas_print_in(canvas, 1, y, HV_SHEET_LABEL - 1, -1, HV_ROLE_TITLE, line->label);
    hv_canvas_print(canvas, 1 + HV_SHEET_LABEL, y, line->role, line->value);
    hv_canvas_print(canvas, source_x, y, HV_ROLE_DIM, line->source);
}

guint
hv_sheet_draw(const GArray *sheet, guint offset, HvCanvas *canvas, int y, int bottom)
{
    const guint page = (guint)MAX(bottom - y, 1);

    if (offset + page > sheet->len)
        offset = sheet->len > page ? sheet->len - page : 0;
    for (guint i = offset; i < sheet->len && y < bottom; i++)
        draw_line(&g_array_index(sheet, Line, i), canvas, y++);
    if (offset + page < sheet->len)
        hv_canvas_print(canvas, canvas->columns - 1, bottom - 1, HV_ROLE_DIM,
                        hv_canvas_glyph(canvas, "↓", "v"));
    return offset;
}

/* ---- what was found ---- */

static void
add_finding(GArray *sheet, const HvView *view, const HvTable *findings, int row, int width)
{
    const char *evidence = hv_pick_text(findings, row, "evidence");
    const char *remedy = hv_pick_text(findings, row, "remedy");
    const char *severity = hv_pick_text(findings, row, "severity");
    HvListCell cell = { 0 };
    g_autofree char *cost = NULL, *cure = NULL;
    double ratio;

    if (hv_pick_f64(findings, row, "cost_ratio", &ratio)) {
        hv_cell_percent(&cell, view, findings, (guint)row, "cost_ratio", 0.02, 0.2);
        cost = g_strdup_printf(_("costs %s %%"), cell.text);
    }
    hv_sheet_add(sheet, cell.role, _("found"), cost ? cost : _("cost unknown"),
                 severity ? _(severity) : "");
    if (evidence)
        hv_sheet_below(sheet, HV_ROLE_TEXT, evidence, width);
    if (!remedy)
        return;
    cure = g_strdup_printf(_("cure: %s"), remedy);
    hv_sheet_below(sheet, HV_ROLE_GOOD, cure, width);
}

void
hv_sheet_findings(GArray *sheet, const HvView *view, int width)
{
    const HvTable *findings = hv_snapshot_table(view->now, "findings");
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const char *vm = hv_pick_text(vms, hv_pick_row(vms, view->vm), "vm");

    for (int i = 0; findings && vm && i < (int)hv_table_n_rows(findings); i++)
        if (g_strcmp0(hv_pick_text(findings, i, "vm"), vm) == 0)
            add_finding(sheet, view, findings, i, width);
}
