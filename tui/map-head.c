/* The lines of the Map that are no objects: packages, nodes, caches, devices, offline cpus. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/map-draw.h"
#include "tui/pick.h"

#define BAR 8 /* columns of a memory bar */

gboolean
hv_map_mean(const HvMapPen *pen, const HvMapItem *item, double *ratio)
{
    double sum = 0;

    for (guint i = 0; i < item->n; i++)
        sum +=
            (double)hv_map_marks_cpu(pen->marks, hv_map_layout_place(pen->layout, item, i)->cpu)
                ->use;
    *ratio = sum / item->n;
    return item->n && !isnan(sum);
}

/* ---- packages ---- */

static char *
box_title(const HvMapPen *pen, const HvMapItem *item)
{
    double mean;
    g_autofree char *name = item->text     ? g_strdup_printf(_("Packages %s"), item->text)
                            : item->id < 0 ? g_strdup(_("no package"))
                                           : g_strdup_printf(_("Package %d"), item->id);

    if (!item->n)
        return g_strdup_printf(_("%s  no cpu online"), name);
    if (hv_map_mean(pen, item, &mean))
        return g_strdup_printf(_("%s  cpu %.0f%%"), name, mean * 100);
    return g_steal_pointer(&name);
}

static void
draw_box(const HvMapPen *pen, const HvMapItem *item, int y)
{
    HvCanvas *canvas = pen->canvas;
    g_autofree char *title = box_title(pen, item);
    g_autofree char *spaced = g_strdup_printf(" %s ", title);

    if (item->height == 1)
        hv_canvas_fill(canvas, item->x, y, item->width - 1, 1, HV_ROLE_BOX,
                       hv_canvas_glyph(canvas, "─", "-"));
    else
        hv_canvas_box(canvas, item->x, y, item->width, item->height, HV_ROLE_BOX, NULL);
    hv_canvas_print_in(canvas, item->x + 1, y, MIN(hv_text_width(spaced), item->width - 3), -1,
                       HV_ROLE_TITLE, spaced);
}

/* ---- nodes ---- */

/* What the kernel says now, else what the topology says of its size. FALSE: neither. */
static gboolean
memory_of(const HvMapPen *pen, int number, double *used, double *total)
{
    const HvTable *nodes = hv_snapshot_table(pen->view->now, "nodes");
    const HvTopoNode *node = hv_topology_node(pen->layout->topology, number);
    double free_bytes;
    char key[16];

    g_snprintf(key, sizeof key, "%d", number);
    const int row = hv_pick_row(nodes, key);

    *used = (double)NAN;
    if (hv_pick_f64(nodes, row, "memory_total_bytes", total)) {
        if (hv_pick_f64(nodes, row, "memory_free_bytes", &free_bytes))
            *used = MAX(0, *total - free_bytes);
        return TRUE;
    }
    if (!node || !node->has_memory_bytes)
        return FALSE;
    *total = (double)node->memory_bytes;
    return TRUE;
}

/* Its memory in words; and how full it is, NaN: not known. */
static gboolean
tell_memory(const HvMapPen *pen, int node, char out[48], double *ratio)
{
    char used_text[16], total_text[16];
    double used, total;

    if (!memory_of(pen, node, &used, &total))
        return FALSE;
    *ratio = total > 0 ? used / total : (double)NAN;
    hv_text_bytes(total_text, sizeof total_text, total);
    hv_text_bytes(used_text, sizeof used_text, isnan(used) ? 0 : used);
    if (!(total > 0))
        g_strlcpy(out, _("no memory"), 48);
    else if (isnan(used))
        g_snprintf(out, 48, _("mem %s"), total_text);
    else
        g_snprintf(out, 48, _("mem %s of %s"), used_text, total_text);
    return TRUE;
}

int
hv_map_draw_memory(const HvMapPen *pen, int node, int x, int y, int end, HvRole role)
{
    char text[48];
    double ratio;

    if (!tell_memory(pen, node, text, &ratio) || x + hv_text_width(text) > end)
        return x;
    if (!isnan(ratio) && x + BAR + 1 + hv_text_width(text) <= end) {
        hv_canvas_bar(pen->canvas, x, y, BAR, role == HV_ROLE_CURSOR ? role : HV_ROLE_GRAPH,
                      ratio);
        x += BAR + 1;
    }
    return hv_canvas_print(pen->canvas, x, y, role, text);
}

/* As many names as fit before @end, then how many there are besides. Returns the column behind.
 */
static int
draw_names(const HvMapPen *pen, const GPtrArray *names, int x, int y, int end)
{
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        const guint left = names->len - i - 1;
        char more[16] = "";

        if (left)
            g_snprintf(more, sizeof more, " +%u", left);
        if (x + hv_text_width(name) + hv_text_width(more) <= end) {
            x = hv_canvas_print(pen->canvas, x, y, HV_ROLE_DIM, name) + 1;
            continue;
        }
        if (i) /* the room for this was kept */
            return hv_canvas_printf(pen->canvas, x, y, HV_ROLE_DIM, "+%u", left + 1) + 1;
        hv_canvas_print_in(pen->canvas, x, y, end - x, -1, HV_ROLE_DIM, name);
        return end;
    }
    return x;
}

/* What sets a node apart. NULL: nothing. */
static const char *
remark(const HvMapPen *pen, const HvMapItem *item)
{
    const HvTopoNode *node = hv_topology_node(pen->layout->topology, item->id);

    if (!node || hv_set_intersects(node->cpus, pen->layout->topology->online))
        return NULL;
    return hv_set_is_empty(node->cpus) ? _("memory only") : _("its cpus are offline");
}

/* Without its size where @room is wanted for what comes behind it. */
static int
draw_cache(const HvMapPen *pen, int number, int x, int y, int end, int room)
{
    const HvTopoLlc *llc = hv_topology_llc(pen->layout->topology, number);
    char size[16] = "";

    if (!llc)
        return x;
    if (llc->size_bytes)
        hv_text_bytes(size, sizeof size, (double)llc->size_bytes);
    g_autofree char *name = g_strdup_printf("L%u %d", llc->level, number);
    g_autofree char *sized = g_strdup_printf("%s %s", name, size);
    const char *text = !*size || x + hv_text_width(sized) + 2 + room > end ? name : sized;

    if (x + hv_text_width(text) > end)
        return x;
    return hv_canvas_print(pen->canvas, x, y, HV_ROLE_TEXT, text) + 2;
}

/* "Node 0  L3 0 42.0M  ██████▍  mem 412G of 512G  eth0 nvme0n1", and of that what fits. */
static void
draw_node(const HvMapPen *pen, const HvMapItem *item, int y)
{
    HvCanvas *canvas = pen->canvas;
    const int end = item->x + item->width;
    const char *what = remark(pen, item);
    char key[16], memory[48];
    double ratio;
    int x = item->x, behind;

    hv_canvas_fill(canvas, x, y, item->width, 1, HV_ROLE_TEXT, " ");
    x += item->on_rule;
    if (item->id < 0) {
        hv_canvas_print_in(canvas, x, y, item->width, -1, HV_ROLE_DIM, _("no NUMA node"));
        return;
    }
    x = hv_canvas_printf(canvas, x, y, HV_ROLE_TITLE, _("Node %d"), item->id) + 2;
    if (item->text && x + hv_text_width(item->text) + 12 <= end)
        x = hv_canvas_printf(canvas, x, y, HV_ROLE_DIM, _("packages %s"), item->text) + 2;
    if (what && x + hv_text_width(what) <= end)
        x = hv_canvas_print(canvas, x, y, HV_ROLE_TEXT, what) + 2;
    if (!tell_memory(pen, item->id, memory, &ratio))
        *memory = '\0';
    x = draw_cache(pen, item->llc, x, y, end, hv_text_width(memory));
    behind = hv_map_draw_memory(pen, item->id, x, y, end, HV_ROLE_TEXT);
    x = behind > x ? behind + 2 : x;
    g_snprintf(key, sizeof key, "%d", item->id);
    if (item->has_devices && x + 4 < end)
        x = draw_names(pen, hv_map_marks_devices(pen->marks, key), x, y, end);
    if (item->on_rule)
        hv_canvas_fill(canvas, x, y, end - x, 1, HV_ROLE_BOX,
                       hv_canvas_glyph(canvas, "─", "-"));
}

/* ---- the rest ---- */

static void
draw_llc(const HvMapPen *pen, const HvMapItem *item, int y)
{
    const HvTopoLlc *llc = hv_topology_llc(pen->layout->topology, item->id);
    char name[16], size[16];

    g_snprintf(name, sizeof name, "L%u %d", llc ? llc->level : 3, item->id);
    hv_canvas_print_in(pen->canvas, item->x, y, item->width, -1, HV_ROLE_TITLE,
                       llc ? name : _("no L3"));
    if (!llc || !llc->size_bytes || item->height < 2)
        return;
    hv_text_bytes(size, sizeof size, (double)llc->size_bytes);
    hv_canvas_print_in(pen->canvas, item->x, y + 1, item->width, -1, HV_ROLE_DIM, size);
}

static char *
elsewhere(const HvMapPen *pen, const char *nodes)
{
    if (pen->layout->topology->n_nodes < 2)
        return g_strdup(_("devices:"));
    if (!*nodes)
        return g_strdup(_("near no known node:"));
    return g_strdup_printf(strpbrk(nodes, ",-") ? _("near nodes %s:") : _("near node %s:"),
                           nodes);
}

static void
draw_devices(const HvMapPen *pen, const HvMapItem *item, int y)
{
    const GPtrArray *names = hv_map_marks_devices(pen->marks, item->text);
    const int end = item->x + item->width;
    g_autofree char *where = NULL;
    int x = item->x;

    if (item->id < 0) {
        where = elsewhere(pen, item->text);
        x = hv_canvas_print(pen->canvas, x, y, HV_ROLE_TITLE, where) + 1;
    }
    draw_names(pen, names, x, y, end);
}

static void
draw_offline(const HvMapPen *pen, const HvMapItem *item, int y)
{
    for (const char *at = item->text; *at; y++) {
        const gsize length = hv_map_wrap(at, item->width);
        g_autofree char *line = g_strndup(at, length);

        hv_canvas_print_in(pen->canvas, item->x, y, item->width, -1, HV_ROLE_DIM,
                           g_strchomp(line));
        at += length;
    }
}

void
hv_map_draw_head(const HvMapPen *pen, const HvMapItem *item)
{
    static void (*const draws[])(const HvMapPen *, const HvMapItem *, int) = {
        [HV_MAP_BOX] = draw_box,         [HV_MAP_HEAD] = draw_node,
        [HV_MAP_LLC_HEAD] = draw_llc,    [HV_MAP_DEVICES] = draw_devices,
        [HV_MAP_OFFLINE] = draw_offline, [HV_MAP_OBJECT] = NULL,
    };

    if (draws[item->kind])
        draws[item->kind](pen, item, pen->shift + item->y);
}
