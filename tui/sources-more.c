/* What Sources tells beside the sources: what we left on the host, and numbers that several
 * sources have. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/sources-more.h"

#include "model/i18n.h"
#include "model/text.h"
#include "tui/list.h"
#include "tui/pick.h"
#include "tui/traffic.h"

/* ---- what is left on the host ---- */

/* TRUE where an earlier row has the same kind. */
static gboolean
was_said(const HvTable *footprint, int row)
{
    for (int i = 0; i < row; i++)
        if (g_strcmp0(hv_pick_text(footprint, i, "kind"),
                      hv_pick_text(footprint, row, "kind")) == 0)
            return TRUE;
    return FALSE;
}

static guint64
sum_of(const HvTable *footprint, const char *kind)
{
    guint64 sum = 0, n;

    for (int i = 0; i < (int)hv_table_n_rows(footprint); i++)
        if (g_strcmp0(hv_pick_text(footprint, i, "kind"), kind) == 0 &&
            hv_pick_u64(footprint, i, "n", &n))
            sum += n;
    return sum;
}

/* "left on the host  monitoring group 13  perf descriptors 24" */
static void
draw_footprint(const HvTable *footprint, HvCanvas *canvas, int y)
{
    HvRun run = { canvas, 1, y, canvas->columns };

    hv_run_add(&run, HV_ROLE_TITLE, _("left on the host"));
    if (!hv_table_n_rows(footprint))
        hv_run_add(&run, HV_ROLE_GOOD, _("nothing"));
    for (int i = 0; i < (int)hv_table_n_rows(footprint); i++) {
        const char *kind = hv_pick_text(footprint, i, "kind");

        if (kind && !was_said(footprint, i))
            hv_run_addf(&run, HV_ROLE_TEXT, "%s %u", _(kind), (guint)sum_of(footprint, kind));
    }
}

/* ---- traffic by several sources ---- */

static guint
count_sources(const HvTable *sources, const char *vm)
{
    guint n = 0;

    for (int i = 0; sources && vm && i < (int)hv_table_n_rows(sources); i++)
        n += g_strcmp0(hv_pick_text(sources, i, "vm"), vm) == 0;
    return n;
}

static char *
say_ratio(const HvView *view, const HvTable *sources, int row)
{
    char ratio[16];

    hv_text_cell(ratio, sizeof ratio, sources, (guint)row,
                 hv_table_column(sources, "remote_ratio"), hv_view_ascii(view));
    return g_strdup_printf("%s %s", _(hv_traffic_source(hv_pick_text(sources, row, "source"))),
                           ratio);
}

/* "resctrl MBM 83% of 3.1 GB/s" */
static char *
say_source(const HvView *view, const HvTable *sources, int row)
{
    g_autofree char *ratio = say_ratio(view, sources, row);
    char total[32];
    double bytes;

    if (!hv_pick_f64(sources, row, "total_bytes_per_s", &bytes))
        return g_steal_pointer(&ratio);
    hv_text_cell(total, sizeof total, sources, (guint)row,
                 hv_table_column(sources, "total_bytes_per_s"), hv_view_ascii(view));
    return g_strdup_printf(_("%s of %s"), ratio, total);
}

static void
draw_traffic(const HvView *view, const HvTable *sources, const char *vm, HvCanvas *canvas,
             int y)
{
    HvRun run = { canvas, 1, y, canvas->columns };

    hv_run_addf(&run, HV_ROLE_TITLE, _("remote of %s"), vm);
    for (int i = 0; i < (int)hv_table_n_rows(sources); i++) {
        g_autofree char *text = NULL;

        if (g_strcmp0(hv_pick_text(sources, i, "vm"), vm) != 0)
            continue;
        text = say_ratio(view, sources, i);
        hv_run_add(&run, HV_ROLE_TEXT, text);
    }
}

int
hv_sources_draw_more(const HvView *view, HvCanvas *canvas, int y)
{
    const HvTable *footprint = hv_snapshot_table(view->now, "footprint");
    const HvTable *sources = hv_snapshot_table(view->now, "traffic_sources");
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const char *vm = hv_pick_text(vms, hv_pick_row(vms, view->vm), "vm");

    if (footprint)
        draw_footprint(footprint, canvas, y++);
    if (count_sources(sources, vm) > 1)
        draw_traffic(view, sources, vm, canvas, y++);
    return y;
}

/* ---- all of it ---- */

static void
list_footprint(const HvTable *footprint, GPtrArray *lines)
{
    g_ptr_array_add(lines, g_strdup(_("left on the host while hvtune looks")));
    if (!footprint || !hv_table_n_rows(footprint))
        g_ptr_array_add(lines, g_strdup_printf("  %s", _("nothing")));
    for (int i = 0; footprint && i < (int)hv_table_n_rows(footprint); i++) {
        const char *kind = hv_pick_text(footprint, i, "kind");
        const char *name = hv_pick_text(footprint, i, "name");
        guint64 n = 0;

        hv_pick_u64(footprint, i, "n", &n);
        g_ptr_array_add(lines, g_strdup_printf("  %s %s: %u", kind ? _(kind) : "–",
                                               name ? name : "", (guint)n));
    }
}

static void
list_traffic(const HvView *view, const HvTable *sources, GPtrArray *lines)
{
    g_ptr_array_add(lines, g_strdup(""));
    g_ptr_array_add(lines, g_strdup(_("remote traffic where several sources tell")));
    for (int i = 0; sources && i < (int)hv_table_n_rows(sources); i++) {
        const char *vm = hv_pick_text(sources, i, "vm");
        g_autofree char *text = NULL;

        if (count_sources(sources, vm) < 2)
            continue;
        text = say_source(view, sources, i);
        g_ptr_array_add(lines, g_strdup_printf("  %-14s %s", vm, text));
    }
}

GPtrArray *
hv_sources_list_more(const HvView *view)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    list_footprint(hv_snapshot_table(view->now, "footprint"), lines);
    list_traffic(view, hv_snapshot_table(view->now, "traffic_sources"), lines);
    return lines;
}
