/* The lines above and below the ways on the screen Cache. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cache-head.h"

#include "model/i18n.h"
#include "model/text.h"
#include "tui/dialog.h"
#include "tui/heat.h"
#include "tui/pick.h"

#define TOO_MUCH                                                                               \
    1.05       /* of the cache: counters are read one by one and may overlap that much         \
                */
#define MANY 2 /* caches that need no line of their own */

static const struct {
    const char *utf8, *ascii, *meaning;
    HvRole role;
} ways[] = {
    [HV_WAY_NONE] = { "·", ".", N_("not allowed"), HV_ROLE_DIM },
    [HV_WAY_ALONE] = { "▓", "#", N_("its own"), HV_ROLE_GOOD },
    [HV_WAY_DEVICES] = { "█", "D", N_("devices fill it too"), HV_ROLE_TEXT },
    [HV_WAY_SHARED] = { "░", "s", N_("shared with a group"), HV_ROLE_WARM },
};

const char *
hv_way_glyph(HvWay way, gboolean ascii)
{
    return ascii ? ways[way].ascii : ways[way].utf8;
}

HvRole
hv_way_role(HvWay way)
{
    return ways[way].role;
}

/* ---- above ---- */

/* "classes 3 of 8": the last one free is worth a look. */
static void
add_used(HvRun *run, const HvTable *resctrl, const char *name, const char *used_column,
         const char *all_column)
{
    guint64 used, all;

    if (hv_pick_u64(resctrl, 0, used_column, &used) &&
        hv_pick_u64(resctrl, 0, all_column, &all) && all)
        hv_run_addf(run, used + 1 >= all ? HV_ROLE_WARM : HV_ROLE_TEXT, _("%s %u of %u"), name,
                    (guint)used, (guint)all);
}

static void
draw_size(HvRun *run, const HvCacheGrid *grid)
{
    const char *dot = hv_canvas_glyph(run->canvas, "·", "-");
    char size[16], way[16];
    g_autofree char *title = NULL;

    hv_text_bytes(size, sizeof size, grid->bytes);
    hv_text_bytes(way, sizeof way, grid->way_bytes);
    if (grid->bytes <= 0)
        title = g_strdup_printf("L3 %u", (guint)grid->llc);
    else if (!grid->n_ways)
        title = g_strdup_printf("L3 %u %s %s", (guint)grid->llc, dot, size);
    else
        title = g_strdup_printf(_("L3 %u %s %s %s %u ways of %s"), (guint)grid->llc, dot, size,
                                dot, grid->n_ways, way);
    hv_run_add(run, HV_ROLE_TITLE, title);
}

static void
draw_all(const HvView *view, HvCanvas *canvas, int y, const HvCacheGrid *grid,
         const GArray *ids)
{
    HvRun run = { canvas, 1, y, canvas->columns };

    hv_run_add(&run, HV_ROLE_DIM, _("all"));
    for (guint i = 0; i < ids->len; i++) {
        const guint64 id = g_array_index(ids, guint64, i);
        double held, size, ratio = 0;
        gboolean is_known = hv_cache_held(view->now, id, &held, &size);

        if (is_known)
            ratio = held / size;
        hv_run_addf(&run, id == grid->llc ? HV_ROLE_CURSOR : hv_canvas_heat(ratio), "%u%s",
                    (guint)id, is_known ? hv_heat_shade(ratio, canvas->ascii) : "?");
        run.x--;
    }
}

int
hv_cache_draw_head(const HvView *view, HvCanvas *canvas, int y, const HvCacheGrid *grid,
                   const GArray *ids)
{
    const HvTable *resctrl = hv_snapshot_table(view->now, "resctrl");
    HvRun run = { canvas, 1, y, canvas->columns };
    const char *unit = hv_pick_text(resctrl, 0, "mb_unit");
    const char *mode = hv_pick_text(resctrl, 0, "mb_throttle_mode");

    draw_size(&run, grid);
    add_used(&run, resctrl, _("classes"), "closids_used", "n_closids");
    add_used(&run, resctrl, _("RMIDs"), "rmids_used", "n_rmids");
    add_used(&run, resctrl, _("counters"), "counters_used", "n_counters");
    if (unit && !g_str_equal(unit, "percent"))
        hv_run_addf(&run, HV_ROLE_DIM, _("mb in %s"), unit);
    if (mode && *mode)
        hv_run_addf(&run, HV_ROLE_DIM, _("throttles by %s"), mode);
    if (ids->len <= MANY && ids->len > 1)
        hv_run_addf(&run, HV_ROLE_DIM, _("%u caches: d, D"), ids->len);
    if (ids->len <= MANY)
        return y + 1;
    draw_all(view, canvas, y + 1, grid, ids);
    return y + 2;
}

/* ---- below ---- */

static void
draw_legend(HvCanvas *canvas, int y, const HvCacheGrid *grid)
{
    static const HvWay order[] = { HV_WAY_ALONE, HV_WAY_DEVICES, HV_WAY_SHARED, HV_WAY_NONE };
    HvRun run = { canvas, 1, y, canvas->columns };

    for (gsize i = 0; i < G_N_ELEMENTS(order) && grid->n_ways; i++)
        hv_run_addf(&run, ways[order[i]].role, "%s %s", hv_way_glyph(order[i], canvas->ascii),
                    _(ways[order[i]].meaning));
    if (grid->is_warming)
        hv_run_addf(&run, HV_ROLE_DIM, _("%s warming"), hv_canvas_glyph(canvas, "↑", "^"));
}

static void
add_sum(HvRun *run, const HvTable *resctrl, const HvCacheGrid *grid)
{
    const double ratio = grid->held_bytes / grid->bytes;
    guint64 limbo = 0;

    hv_run_addf(run, ratio > TOO_MUCH ? HV_ROLE_WARM : HV_ROLE_TEXT,
                _("sum %.0f%% of the cache%s"), ratio * 100,
                ratio > TOO_MUCH ? _(": more than there is, lines were counted twice") : "");
    if (hv_pick_u64(resctrl, 0, "rmids_limbo", &limbo) && limbo)
        hv_run_addf(run, HV_ROLE_DIM, _("%s%u RMIDs in limbo"),
                    hv_canvas_glyph(run->canvas, "≈", "~"), (guint)limbo);
}

void
hv_cache_draw_foot(const HvView *view, HvCanvas *canvas, int y, const HvCacheGrid *grid)
{
    const HvTable *resctrl = hv_snapshot_table(view->now, "resctrl");
    const HvTable *llc = hv_snapshot_table(view->now, "llc");
    HvRun run = { canvas, 1, y + 1, canvas->columns };
    char old[16];

    draw_legend(canvas, y, grid);
    if (grid->has_held && grid->bytes > 0)
        add_sum(&run, resctrl, grid);
    if (grid->old_bytes > 0) {
        hv_text_bytes(old, sizeof old, grid->old_bytes);
        hv_run_addf(&run, HV_ROLE_WARM, _("old lines left %s%s"),
                    hv_canvas_glyph(canvas, "≈", "~"), old);
    }
    if (!grid->has_held)
        hv_run_addf(&run, HV_ROLE_ABSENT, _("what each holds is not counted: %s"),
                    _(llc && hv_table_why(llc) ? hv_table_why(llc)
                                               : N_("no monitoring of the L3 here")));
}

/* ---- nothing ---- */

static int
say(HvCanvas *canvas, int y, int bottom, HvRole role, const char *text)
{
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(text, canvas->columns - 2);

    for (guint i = 0; i < lines->len && y < bottom; i++)
        hv_canvas_print(canvas, 1, y++, role, g_ptr_array_index(lines, i));
    return y;
}

void
hv_cache_draw_nothing(const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    const HvTable *sources = hv_snapshot_table(view->now, "sources");
    const HvTable *groups = hv_snapshot_table(view->now, "resctrl_groups");
    const HvTable *llc = hv_snapshot_table(view->now, "llc");
    const char *why = groups ? hv_table_why(groups) : NULL, *cure = NULL;

    for (int i = 0; sources && i < (int)hv_table_n_rows(sources); i++)
        if (g_strcmp0(hv_pick_text(sources, i, "source"), "resctrl") == 0) {
            cure = hv_pick_text(sources, i, "cure");
            why = why ? why : hv_pick_text(sources, i, "why");
        }
    if (!why && llc)
        why = hv_table_why(llc);
    top = say(canvas, top, bottom, HV_ROLE_TITLE,
              _("who holds how much of the caches is not to be seen here"));
    top =
        say(canvas, top, bottom, HV_ROLE_ABSENT, _(why ? why : N_("resctrl is not read here")));
    if (cure) {
        g_autofree char *text = g_strdup_printf(_("cure: %s"), cure);

        say(canvas, top, bottom, HV_ROLE_GOOD, text);
    }
}
