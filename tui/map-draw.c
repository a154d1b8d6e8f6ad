/* What the Map's objects look like: PUs and cores as cells, caches and nodes as strips of PUs.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-draw.h"

#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/console.h"

#define PERCENT 4 /* columns of "100%" */

/* The selected VM: where it ran last, and where else it may run. */
static HvRole
role_of(const HvMapCpu *cpu, gboolean at_cursor, HvRole otherwise)
{
    if (at_cursor)
        return HV_ROLE_CURSOR;
    return cpu->running ? HV_ROLE_MARK : cpu->allowed ? HV_ROLE_TAGGED : otherwise;
}

/* Any load is drawn higher than none; what is not known is not taken for idle. */
static const char *
load_glyph(const HvCanvas *canvas, float use)
{
    static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const plain[] = { "_", ".", ":", "-", "=", "+", "*", "#" };
    const int level = isnan(use) ? 0 : CLAMP((int)ceilf(use * 8) - 1, 0, 7);

    if (isnan(use))
        return hv_canvas_glyph(canvas, "·", "?");
    return hv_canvas_glyph(canvas, blocks[level], plain[level]);
}

static void
draw_load(const HvMapPen *pen, const HvMapPlace *place, HvRole role)
{
    const float use = hv_map_marks_cpu(pen->marks, place->cpu)->use;

    if (role == HV_ROLE_TEXT)
        role = isnan(use) ? HV_ROLE_ABSENT : hv_canvas_heat((double)use);
    hv_canvas_fill(pen->canvas, place->x, place->y + pen->shift, 1, 1, role,
                   load_glyph(pen->canvas, use));
}

/* The cursor shows without colours too: it points. */
static void
draw_edge(const HvMapPen *pen, const HvMapItem *item, int y, gboolean at_cursor)
{
    HvCanvas *canvas = pen->canvas;

    if (at_cursor) {
        hv_canvas_fill(canvas, item->x, y, item->width, item->height, HV_ROLE_CURSOR, " ");
        hv_canvas_print(canvas, item->x, y, HV_ROLE_CURSOR, hv_canvas_glyph(canvas, "▶", ">"));
    } else if (item->begins_core) {
        hv_canvas_fill(canvas, item->x, y, 1, item->height, HV_ROLE_BOX,
                       hv_canvas_glyph(canvas, "│", "|"));
    }
}

static void
percent(const HvMapPen *pen, char out[8], const HvMapItem *item)
{
    double mean;

    if (hv_map_mean(pen, item, &mean))
        g_snprintf(out, 8, "%.0f%%", MIN(mean * 100, 999));
    else
        g_strlcpy(out, hv_canvas_glyph(pen->canvas, "–", "-"), 8);
}

/* The busiest vCPU that ran last on one of the item's cpus: 1 + its row; and how many did. */
static guint
busiest(const HvMapPen *pen, const HvMapItem *item, guint *n_vcpus)
{
    guint row = 0;

    *n_vcpus = 0;
    for (guint i = 0; i < item->n; i++) {
        const HvMapCpu *cpu =
            hv_map_marks_cpu(pen->marks, hv_map_layout_place(pen->layout, item, i)->cpu);

        *n_vcpus += cpu->n_vcpus;
        if (cpu->row && (!row || pen->marks->run[cpu->row - 1] > pen->marks->run[row - 1]))
            row = cpu->row;
    }
    return row;
}

static void
see(const HvMapPen *pen, guint row)
{
    const char *key = hv_table_row_key(pen->marks->vcpus, row);
    g_autofree char *vm = g_strndup(key, hv_map_vm_length(key));

    if (pen->view->console)
        hv_console_see(pen->view->console, vm);
}

/* "web-1/3", of a long name "a-long…/3", with "+" where others ran there too. */
static void
draw_vcpu(const HvMapPen *pen, const HvMapItem *item, int y, HvRole role)
{
    guint n_vcpus;
    const guint row = busiest(pen, item, &n_vcpus);
    const char *vm =
        row ? hv_table_text(pen->marks->vcpus, row - 1, pen->marks->vm_column) : NULL;
    const int room = item->width - 1;
    guint64 vcpu;
    char number[32];

    if (!vm || !hv_table_u64(pen->marks->vcpus, row - 1, pen->marks->vcpu_column, &vcpu))
        return;
    see(pen, row - 1);
    g_snprintf(number, sizeof number, "/%" G_GUINT64_FORMAT "%s", vcpu, n_vcpus > 1 ? "+" : "");

    const int for_name = MAX(1, room - (int)strlen(number));
    const int needed = MIN(for_name, hv_text_width(vm));

    hv_canvas_print_in(pen->canvas, item->x + 1, y, needed, -1, role, vm);
    hv_canvas_print_in(pen->canvas, item->x + 1 + needed, y,
                       MIN((int)strlen(number), room - needed), -1, role, number);
}

static HvRole
vcpu_role(gboolean at_cursor)
{
    return at_cursor ? HV_ROLE_CURSOR : HV_ROLE_DIM;
}

/* "│▃ 12*  28%" over "│web-1/3" */
static void
draw_pu(const HvMapPen *pen, const HvMapItem *item, int y, gboolean at_cursor)
{
    const HvMapPlace *place = hv_map_layout_place(pen->layout, item, 0);
    const HvMapCpu *cpu = hv_map_marks_cpu(pen->marks, place->cpu);
    const int end = item->x + item->width - 1;
    char number[16];

    g_snprintf(number, sizeof number, "%u%s", place->cpu, cpu->running ? "*" : "");
    draw_load(pen, place, at_cursor ? HV_ROLE_CURSOR : HV_ROLE_TEXT);
    const int x = hv_canvas_print(pen->canvas, item->x + 3, y,
                                  role_of(cpu, at_cursor, HV_ROLE_TEXT), number);

    if (x + PERCENT < end) {
        char use[8];

        percent(pen, use, item);
        hv_canvas_print_in(pen->canvas, end - PERCENT, y, PERCENT, 1, vcpu_role(at_cursor),
                           use);
    }
    draw_vcpu(pen, item, y + 1, vcpu_role(at_cursor));
}

/* "│▃▁ 0,40", with room over "│web-1/3" */
static void
draw_core(const HvMapPen *pen, const HvMapItem *item, int y, gboolean at_cursor)
{
    const int end = item->x + item->width;
    int x = item->x + 2 + (int)item->n;

    for (guint i = 0; i < item->n; i++) {
        const HvMapPlace *place = hv_map_layout_place(pen->layout, item, i);
        char number[16];

        draw_load(pen, place, at_cursor ? HV_ROLE_CURSOR : HV_ROLE_TEXT);
        if (i && !pen->layout->lists_siblings)
            continue;
        if (i)
            x = hv_canvas_print(pen->canvas, x, y, at_cursor ? HV_ROLE_CURSOR : HV_ROLE_TEXT,
                                ",");
        g_snprintf(number, sizeof number, "%u", place->cpu);
        hv_canvas_print_in(
            pen->canvas, x, y, MIN((int)strlen(number), end - x), -1,
            role_of(hv_map_marks_cpu(pen->marks, place->cpu), at_cursor, HV_ROLE_TEXT), number);
        x += (int)strlen(number);
    }
    if (item->height > 1)
        draw_vcpu(pen, item, y + 1, vcpu_role(at_cursor));
}

/* " L3 12  32.0M  61% " or " Node 12  61%  ████ mem 412G of 512G ", then the PUs. */
static void
draw_strip(const HvMapPen *pen, const HvMapItem *item, int y, gboolean at_cursor)
{
    const HvMapLayout *layout = pen->layout;
    const gboolean is_llc = layout->zoom == HV_MAP_LLC;
    const HvTopoLlc *llc = is_llc ? hv_topology_llc(layout->topology, item->id) : NULL;
    const HvRole role = at_cursor ? HV_ROLE_CURSOR : HV_ROLE_TEXT;
    const int end = item->x + layout->label - 1;
    g_autofree char *name = item->id < 0 ? g_strdup(is_llc ? _("no L3") : _("no node"))
                            : is_llc ? g_strdup_printf("L%u %d", llc ? llc->level : 3, item->id)
                                     : g_strdup_printf(_("Node %d"), item->id);
    int x = item->x + 1 + (is_llc ? 6 : 8);
    char size[16] = "";

    hv_canvas_print_in(pen->canvas, item->x + 1, y, MIN(x, end) - item->x - 1, -1, role, name);
    if (layout->has_details && is_llc) {
        if (llc && llc->size_bytes)
            hv_text_bytes(size, sizeof size, (double)llc->size_bytes);
        hv_canvas_print_in(pen->canvas, x + 1, y, 5, 1, role, size);
        x += 7;
    }
    if (x + PERCENT <= end) {
        char use[8];

        percent(pen, use, item);
        hv_canvas_print_in(pen->canvas, x, y, PERCENT, 1, role, use);
        x += PERCENT + 2;
    }
    if (layout->has_details && !is_llc && item->id >= 0)
        hv_map_draw_memory(pen, item->id, x, y, end, role);
    for (guint i = 0; i < item->n; i++) {
        const HvMapPlace *place = hv_map_layout_place(layout, item, i);

        draw_load(pen, place,
                  role_of(hv_map_marks_cpu(pen->marks, place->cpu), FALSE, HV_ROLE_TEXT));
    }
}

void
hv_map_draw_item(const HvMapPen *pen, const HvMapItem *item, gboolean at_cursor)
{
    static void (*const draws[])(const HvMapPen *, const HvMapItem *, int, gboolean) = {
        [HV_MAP_PU] = draw_pu,
        [HV_MAP_CORE] = draw_core,
        [HV_MAP_LLC] = draw_strip,
        [HV_MAP_NODE] = draw_strip,
    };
    const int y = pen->shift + item->y;

    if (item->kind != HV_MAP_OBJECT) {
        hv_map_draw_head(pen, item);
        return;
    }
    draw_edge(pen, item, y, at_cursor);
    draws[pen->layout->zoom](pen, item, y, at_cursor);
}
