/* Sources: what works on this host, what does not, why, and the command that would cure it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/dialog.h"
#include "tui/list.h"
#include "tui/pick.h"
#include "tui/sources-more.h"

#define DETAIL_ROWS 6

static const HvListColumn columns[] = {
    { .name = "source", .title = N_("source"), .width = 14, .left = TRUE, .ascending = TRUE },
    { .name = "state", .title = N_("state"), .width = 8, .left = TRUE, .ascending = TRUE },
    { .name = "cost_us", .title = N_("cost"), .width = 8, .warm = 5000, .hot = 50000 },
    { .name = "age_ms", .title = N_("age"), .width = 8, .warm = 10000, .hot = 30000 },
    { .name = "why",
      .title = N_("why"),
      .width = 28,
      .min_columns = 72,
      .left = TRUE,
      .grow = 1,
      .ascending = TRUE },
    { .name = "help",
      .title = N_("tells"),
      .width = 40,
      .min_columns = 120,
      .left = TRUE,
      .grow = 1,
      .ascending = TRUE },
    { 0 },
};

static HvRole
role_of_state(const char *state)
{
    if (g_strcmp0(state, "ok") == 0)
        return HV_ROLE_GOOD;
    if (g_strcmp0(state, "slow") == 0 || g_strcmp0(state, "failed") == 0)
        return HV_ROLE_HOT;
    return g_strcmp0(state, "denied") == 0 ? HV_ROLE_WARM : HV_ROLE_DIM;
}

/* "12 ok  1 denied  2 absent" */
static void
draw_sums(const HvTable *sources, HvCanvas *canvas, int y)
{
    static const char *const states[] = { "ok", "slow", "failed", "denied", "absent", "off" };
    HvRun run = { canvas, 1, y, canvas->columns };

    for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
        guint n = 0;

        for (guint row = 0; row < hv_table_n_rows(sources); row++)
            n += g_strcmp0(hv_pick_text(sources, (int)row, "state"), states[i]) == 0;
        if (n)
            hv_run_addf(&run, role_of_state(states[i]), "%u %s", n, _(states[i]));
    }
}

static int
draw_wrapped(HvCanvas *canvas, int y, int bottom, HvRole role, const char *label,
             const char *text)
{
    g_autofree char *whole = text && *text ? g_strdup_printf("%s%s", label, text) : NULL;
    g_autoptr(GPtrArray) lines = whole ? hv_dialog_wrap(whole, canvas->columns - 2) : NULL;

    for (guint i = 0; lines && i < lines->len && y < bottom; i++)
        hv_canvas_print(canvas, 1, y++, role, g_ptr_array_index(lines, i));
    return y;
}

/* Why and cure of the row under the cursor, uncut. */
static void
draw_detail(const HvTable *sources, int row, HvCanvas *canvas, int y, int bottom)
{
    const char *state = hv_pick_text(sources, row, "state");
    HvRun run = { canvas, 1, y, canvas->columns };

    hv_run_add(&run, HV_ROLE_TITLE, hv_pick_text(sources, row, "source"));
    if (state)
        hv_run_add(&run, role_of_state(state), _(state));
    y = draw_wrapped(canvas, y + 1, bottom, HV_ROLE_DIM, "",
                     hv_pick_text(sources, row, "help"));
    y = draw_wrapped(canvas, y, bottom, HV_ROLE_TEXT, _("why: "),
                     hv_pick_text(sources, row, "why"));
    draw_wrapped(canvas, y, bottom, HV_ROLE_GOOD, _("cure: "),
                 hv_pick_text(sources, row, "cure"));
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    const HvTable *sources = hv_snapshot_table(view->now, "sources");
    const int end = bottom - top > 14 ? bottom - DETAIL_ROWS : bottom;
    int y = top + 1;

    if (!sources || !hv_table_n_rows(sources)) {
        hv_canvas_print(canvas, 1, top, HV_ROLE_DIM, _("no source has answered yet"));
        return;
    }
    draw_sums(sources, canvas, top);
    if (end < bottom)
        y = hv_sources_draw_more(view, canvas, y);
    hv_list_draw_table(state, view, canvas, "sources", y, end - (end < bottom));
    if (end < bottom && hv_list_key(state))
        draw_detail(sources, hv_list_item(state), canvas, end, bottom);
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    if (hv_list_event(state, view, what))
        return TRUE;
    if (what->kind != HV_EVENT_KEY || what->key != 'o')
        return FALSE;
    hv_dialog_text(view->console, _("Sources"), hv_sources_list_more(view));
    return TRUE;
}

static gpointer
create(void)
{
    return hv_list_new(columns, "state");
}

static void
destroy(gpointer state)
{
    hv_list_free(state);
}

static void
save(gpointer state, HvViewOut *out)
{
    hv_list_save(state, out);
}

static void
load(gpointer state, const HvViewIn *in)
{
    hv_list_load(state, in);
}

static const HvBinding bindings[] = {
    { 'o',
      N_("left"),
      N_("what hvtune has left on the host, and traffic by each source that tells"),
      { .verb = HV_DO_EVENT } },
    { 0 },
};

const HvScreen hv_screen_sources = {
    .name = "sources",
    .title = N_("Sources"),
    .number = 8,
    .help = N_(
        "Where the numbers come from: what works here, what not, why, what it costs, and the "
        "command that would cure it."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
    .save = save,
    .load = load,
};
