/* A VM's memory and traffic as the two lines of its page. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/vm-memory.h"

#include "model/i18n.h"
#include "model/text.h"
#include "tui/list.h"
#include "tui/node-name.h"
#include "tui/residence.h"
#include "tui/traffic.h"
#include "tui/vm-cache.h"

#define REMOTE_SPARK 12
#define NS_PER_S 1e9

/* Where its memory is, by which source; or why that is not known. */
void
hv_vm_draw_residency(const HvView *view, const char *vm, HvRun *run)
{
    g_autoptr(HvResidences) residences = hv_residences_new(view->now, vm);
    char name[16], bytes[16], age[16];

    if (!residences->source) {
        hv_run_addf(run, HV_ROLE_ABSENT, "– %s", _(residences->why));
        return;
    }
    for (guint i = 0; i < residences->places->len; i++) {
        const HvResidence *place = &g_array_index(residences->places, HvResidence, i);

        hv_node_name(name, sizeof name, view->now->topology, (guint)place->node);
        hv_text_bytes(bytes, sizeof bytes, place->bytes);
        if (place->has_cell)
            hv_run_addf(run, HV_ROLE_TEXT, _("cell %u %s %s"), (guint)place->cell, name, bytes);
        else
            hv_run_addf(run, HV_ROLE_TEXT, "%s %s", name, bytes);
    }
    if (residences->why_not_movable)
        hv_run_add(run, HV_ROLE_WARM, _("cannot be moved"));
    hv_view_age(view, (double)(view->now->monotonic_ns - residences->read_ns) / NS_PER_S, age,
                sizeof age);
    if (!residences->read_ns ||
        !hv_run_addf(run, HV_ROLE_DIM, "%s, %s", residences->source, age))
        hv_run_add(run, HV_ROLE_DIM, residences->source);
}

static void
add_past(HvRun *run, const HvView *view)
{
    HvListCell past = { 0 };

    hv_cell_spark(&past, view, "traffic", "remote_ratio", view->vm, REMOTE_SPARK);
    if (!past.n_values || run->x + REMOTE_SPARK >= run->end)
        return;
    hv_canvas_sparkline(run->canvas, run->x, run->y, REMOTE_SPARK, HV_ROLE_GRAPH, past.values,
                        past.n_values, 1);
    run->x += REMOTE_SPARK + 2;
}

static void
add_cache(HvRun *run, const HvView *view, const char *vm)
{
    g_autoptr(GHashTable) caches = hv_vm_caches_new(view->now);
    const HvVmCache *cache = g_hash_table_lookup(caches, vm);
    char bytes[16];

    if (cache && cache->has_held) {
        hv_text_bytes(bytes, sizeof bytes, cache->held_bytes);
        hv_run_addf(run, HV_ROLE_TEXT, "L3 %s%s", hv_cell_sign(cache->mark, run->canvas->ascii),
                    bytes);
    }
    if (cache && cache->group)
        hv_run_addf(run, HV_ROLE_TEXT, _("group %s"),
                    cache->is_mixed ? _("mixed") : cache->group);
}

void
hv_vm_draw_traffic(const HvView *view, const char *vm, HvRun *run)
{
    const HvTable *traffic = hv_snapshot_table(view->now, "traffic");
    const int row = hv_pick_row(traffic, view->vm);
    const char *source = hv_pick_text(traffic, row, "source");
    HvListCell share = { 0 };
    char total[32];
    double bytes;

    if (row < 0 || !source) {
        hv_run_addf(run, HV_ROLE_ABSENT, "– %s",
                    row >= 0 ? _(hv_table_reason(traffic, (guint)row,
                                                 hv_table_column(traffic, "remote_ratio")))
                    : traffic && hv_table_why(traffic)
                        ? _(hv_table_why(traffic))
                        : _("its memory traffic is not read here"));
        add_cache(run, view, vm);
        return;
    }
    hv_cell_percent(&share, view, traffic, (guint)row, "remote_ratio", 0.2, 0.5);
    hv_run_addf(run, share.role, _("remote %s%%"), share.text);
    add_past(run, view);
    if (hv_pick_f64(traffic, row, "total_bytes_per_s", &bytes)) {
        hv_text_cell(total, sizeof total, traffic, (guint)row,
                     hv_table_column(traffic, "total_bytes_per_s"), run->canvas->ascii);
        hv_run_addf(run, HV_ROLE_TEXT, _("of %s"), total);
    }
    hv_run_add(run, HV_ROLE_DIM, _(hv_traffic_source(source)));
    add_cache(run, view, vm);
}
