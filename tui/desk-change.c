/* The newest change, at the foot of the Desk: what it did, as it firms up; what somebody else
 * has changed since. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/change-facts.h"
#include "tui/desk.h"
#include "tui/pick.h"

#define RECENT_S 600
#define MARK_WIDTH 3 /* " ◆ " */

static gboolean
is_undone(const HvTable *changes, int row)
{
    guint64 by;

    return hv_pick_u64(changes, row, "undone_by", &by) && by;
}

/* One row for the newest change, one for what is contested. */
int
hv_desk_change_rows(const HvView *view)
{
    const HvTable *contested = hv_snapshot_table(view->now, "contested");
    const int row = hv_change_newest(view->now, RECENT_S);

    return (row >= 0 && !is_undone(hv_snapshot_table(view->now, "changes"), row)) +
           (contested && hv_table_n_rows(contested) > 0);
}

/* "plan 17  redis_p99_ms 11.9 → 3.1 (−74 %, sure)  …  u undo": as many effects as fit; without
 * one what the change was. */
static void
draw_newest(const HvView *view, HvCanvas *canvas, int y, int row)
{
    const HvTable *changes = hv_snapshot_table(view->now, "changes");
    const char *title = hv_pick_text(changes, row, "title"),
               *state = hv_pick_text(changes, row, "state");
    g_autofree char *undo = g_strdup_printf("u %s", _("undo"));
    HvRun run = { canvas, MARK_WIDTH, y, canvas->columns - hv_text_width(undo) - 2 };
    g_autoptr(GPtrArray) effects = NULL;
    guint64 id = 0;

    hv_pick_u64(changes, row, "change", &id);
    effects = hv_change_effects(view->now, id, row);
    hv_canvas_print(canvas, 1, y, HV_ROLE_KEY, hv_canvas_glyph(canvas, "◆", "*"));
    hv_run_addf(&run, HV_ROLE_TITLE, _("plan %u"), (guint)id);
    for (guint i = 0; i < effects->len; i++) {
        const char *text = g_ptr_array_index(effects, i);

        if (!hv_run_add(&run, i ? HV_ROLE_TEXT : HV_ROLE_TITLE, text) && !i) {
            hv_canvas_print_in(canvas, run.x, y, run.end - run.x, -1, HV_ROLE_TITLE, text);
            run.x = run.end;
        }
    }
    if (!effects->len)
        hv_canvas_printf(canvas, run.x, y, HV_ROLE_TEXT, "%s: %s", title ? title : "–",
                         state ? _(state) : "–");
    hv_canvas_fill(canvas, run.end, y, canvas->columns - run.end, 1, HV_ROLE_TEXT, " ");
    hv_canvas_print(canvas, run.end + 1, y, HV_ROLE_KEY, "u");
    hv_canvas_print(canvas, run.end + 3, y, HV_ROLE_TEXT, _("undo"));
}

static void
draw_contested(const HvView *view, HvCanvas *canvas, int y)
{
    const HvTable *contested = hv_snapshot_table(view->now, "contested");
    const guint n = hv_table_n_rows(contested);
    g_autofree char *first = hv_contested_text(view->now, 0);
    g_autofree char *text = n > 1
                                ? g_strdup_printf(_("%s, and %u more: 7 Journal"), first, n - 1)
                                : g_strdup_printf(_("%s: 7 Journal"), first);

    hv_canvas_print(canvas, 1, y, HV_ROLE_HOT, hv_canvas_glyph(canvas, "≠", "!"));
    hv_canvas_print_in(canvas, MARK_WIDTH, y, canvas->columns - MARK_WIDTH, -1, HV_ROLE_HOT,
                       text);
}

int
hv_desk_change_draw(const HvView *view, HvCanvas *canvas, int y, int max_rows)
{
    const HvTable *contested = hv_snapshot_table(view->now, "contested");
    const int row = hv_change_newest(view->now, RECENT_S), end = y + max_rows;

    if (y < end && row >= 0 && !is_undone(hv_snapshot_table(view->now, "changes"), row))
        draw_newest(view, canvas, y++, row);
    if (y < end && contested && hv_table_n_rows(contested))
        draw_contested(view, canvas, y++);
    return y;
}
