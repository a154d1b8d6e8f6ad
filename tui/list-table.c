/* A list of a whole table: its rows as they are, or why there are none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/list.h"

static const char *
why_empty(const HvTable *table)
{
    const char *why = table ? hv_table_why(table) : NULL;

    if (why)
        return why;
    return table && hv_table_sampled_ns(table) ? _("none") : _("not read yet");
}

void
hv_list_draw_table(HvList *list, const HvView *view, HvCanvas *canvas, const char *name,
                   int top, int bottom)
{
    const HvTable *table = hv_snapshot_table(view->now, name);
    const guint n_rows = table ? hv_table_n_rows(table) : 0;
    g_autofree HvListRow *rows = g_new0(HvListRow, n_rows);

    for (guint i = 0; i < n_rows; i++)
        rows[i] = (HvListRow){
            .table = table, .row = i, .key = hv_table_row_key(table, i), .item = (int)i
        };
    hv_list_draw(list, view, canvas, rows, n_rows, top, bottom);
    if (!n_rows && top + 1 < bottom)
        hv_canvas_print(canvas, 1, top + 1, HV_ROLE_ABSENT, why_empty(table));
}
