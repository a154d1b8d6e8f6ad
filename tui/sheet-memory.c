/* Memory on the sheet behind a row: traffic, place, cache, each with its source and age. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/text.h"
#include "tui/list.h"
#include "tui/node-name.h"
#include "tui/pick.h"
#include "tui/residence.h"
#include "tui/sheet.h"
#include "tui/traffic.h"
#include "tui/vm-cache.h"

#define NS_PER_S 1e9

/* ", group gold, lv": whose counters they are. */
static char *
source_text(const HvView *view, const HvTable *traffic, int row, const HvVmCache *cache)
{
    const char *source = hv_pick_text(traffic, row, "source");
    const char *quality = hv_pick_text(traffic, row, "quality");
    GString *text = g_string_new(source ? _(hv_traffic_source(source)) : "");
    char age[24];
    double age_s;

    if (g_strcmp0(source, "mbm") == 0 && cache && cache->group)
        g_string_append_printf(text, _(", group %s"),
                               cache->is_mixed ? _("mixed") : cache->group);
    if (quality && g_strcmp0(quality, "measured") != 0)
        g_string_append_printf(text, ", %s", _(quality));
    if (hv_pick_f64(traffic, row, "age_s", &age_s)) {
        hv_view_age(view, age_s, age, sizeof age);
        g_string_append_printf(text, ", %s", age);
    }
    return g_string_free(text, FALSE);
}

static void
add_traffic(GArray *sheet, const HvView *view, const HvVmCache *cache, int width)
{
    const HvTable *traffic = hv_snapshot_table(view->now, "traffic");
    const int row = hv_pick_row(traffic, view->vm);
    const char *doubt = hv_pick_text(traffic, row, "doubt");
    g_autofree char *source = row >= 0 ? source_text(view, traffic, row, cache) : NULL;
    g_autofree char *value = NULL;
    HvListCell share = { 0 };
    char total[32];
    double number;

    if (!hv_pick_f64(traffic, row, "remote_ratio", &number)) {
        hv_sheet_add(sheet, HV_ROLE_ABSENT, _("remote"), "–", "");
        hv_sheet_below(sheet, HV_ROLE_ABSENT,
                       row >= 0 ? _(hv_table_reason(traffic, (guint)row,
                                                    hv_table_column(traffic, "remote_ratio")))
                       : traffic && hv_table_why(traffic)
                           ? _(hv_table_why(traffic))
                           : _("its memory traffic is not read here"),
                       width);
        return;
    }
    hv_cell_percent(&share, view, traffic, (guint)row, "remote_ratio", 0.2, 0.5);
    hv_text_cell(total, sizeof total, traffic, (guint)row,
                 hv_table_column(traffic, "total_bytes_per_s"), hv_view_ascii(view));
    value = hv_pick_f64(traffic, row, "total_bytes_per_s", &number)
                ? g_strdup_printf(_("%s %% of %s"), share.text, total)
                : g_strdup_printf(_("%s %%, no bytes known"), share.text);
    hv_sheet_add(sheet, share.role, _("remote"), value, source);
    if (doubt && *doubt)
        hv_sheet_below(sheet, HV_ROLE_DIM, _(doubt), width);
    if (hv_pick_f64(traffic, row, "total_bytes_per_s", &number))
        hv_sheet_below(sheet, HV_ROLE_DIM,
                       _("stall: lines of 64 bytes one by one, 90 ns here, 180 ns there "
                         "(assumed), at most 60 % of guest time"),
                       width);
}

static void
add_memory(GArray *sheet, const HvView *view, const char *vm, int width)
{
    g_autoptr(HvResidences) residences = hv_residences_new(view->now, vm);
    g_autofree char *value = NULL, *source = NULL;
    char age[24] = "", bytes[16], huge[16], name[16];

    if (!residences->source) {
        hv_sheet_add(sheet, HV_ROLE_ABSENT, _("memory"), "–", "");
        hv_sheet_below(sheet, HV_ROLE_ABSENT, _(residences->why), width);
        return;
    }
    if (residences->read_ns)
        hv_view_age(view, (double)(view->now->monotonic_ns - residences->read_ns) / NS_PER_S,
                    age, sizeof age);
    value = hv_residences_text(residences, view->now->topology);
    source = g_strdup_printf("%s%s%s", residences->source, *age ? ", " : "", age);
    hv_sheet_add(sheet, HV_ROLE_TEXT, _("memory"), value, source);
    for (guint i = 0; i < residences->places->len; i++) {
        const HvResidence *place = &g_array_index(residences->places, HvResidence, i);
        g_autofree char *cell =
            place->has_cell ? g_strdup_printf(_("cell %u on "), (guint)place->cell) : NULL;
        g_autofree char *text = NULL;

        hv_node_name(name, sizeof name, view->now->topology, (guint)place->node);
        hv_text_bytes(bytes, sizeof bytes, place->bytes);
        hv_text_bytes(huge, sizeof huge, place->huge_bytes);
        text = g_strdup_printf(_("%s%s: %s, in huge pages %s"), cell ? cell : "", name, bytes,
                               huge);
        hv_sheet_below(sheet, HV_ROLE_TEXT, text, width);
    }
    if (residences->why_not_movable) {
        g_autofree char *text =
            g_strdup_printf(_("it cannot be moved: %s"), _(residences->why_not_movable));

        hv_sheet_below(sheet, HV_ROLE_WARM, text, width);
    }
}

static void
add_cache(GArray *sheet, const HvView *view, const HvVmCache *cache, int width)
{
    const HvTable *llc = hv_snapshot_table(view->now, "llc");
    g_autofree char *value = NULL, *source = NULL;
    char bytes[16];

    if (!cache || !cache->has_held) {
        const char *why = cache && cache->why        ? cache->why
                          : llc && hv_table_why(llc) ? hv_table_why(llc)
                                                     : N_("resctrl does not count its lines");

        hv_sheet_add(sheet, HV_ROLE_ABSENT, _("L3 held"), "–", "");
        hv_sheet_below(sheet, HV_ROLE_ABSENT, _(why), width);
        return;
    }
    hv_text_bytes(bytes, sizeof bytes, cache->held_bytes);
    value = g_strdup_printf("%s%s", hv_cell_sign(cache->mark, hv_view_ascii(view)), bytes);
    source = g_strdup_printf(_("resctrl, group %s"), cache->is_mixed ? _("mixed")
                                                     : cache->group  ? cache->group
                                                                     : "–");
    hv_sheet_add(sheet, HV_ROLE_TEXT, _("L3 held"), value, source);
    hv_sheet_below(sheet, HV_ROLE_DIM,
                   cache->is_warming
                       ? _("warming: lines that it filled before it was counted are missing")
                       : _("lines that it filled; not what it needs"),
                   width);
}

void
hv_sheet_memory(GArray *sheet, const HvView *view, int width)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const char *vm = hv_pick_text(vms, hv_pick_row(vms, view->vm), "vm");
    g_autoptr(GHashTable) caches = hv_vm_caches_new(view->now);
    const HvVmCache *cache = vm ? g_hash_table_lookup(caches, vm) : NULL;
    g_autofree char *vcpus = vm ? hv_vcpus_text(view->now, vm) : NULL;

    if (!vm)
        return;
    add_traffic(sheet, view, cache, width);
    add_memory(sheet, view, vm, width);
    if (vcpus)
        hv_sheet_add(sheet, HV_ROLE_TEXT, _("vCPUs"), vcpus, _("stat, where they last ran"));
    add_cache(sheet, view, cache, width);
}
