/* Where things stand on the Map: packages, nodes, L3s, cores, PUs as rectangles. No drawing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-layout.h"

#include <string.h>

#include "model/i18n.h"
#include "tui/canvas.h"
#include "tui/map-devices.h"
#include "tui/map-layout-private.h"

#define BOX_COLUMNS 62       /* narrower packages do not share a row of their own accord, */
#define BOX_COLUMNS_TIGHT 38 /* nor narrower than this to get all on the screen */
#define RULE_HEAD 24         /* columns of "── Package 12  cpu 100% " on a rule */
#define RULE_COLUMNS 70      /* a rule narrower than this does not tell its node too */
#define HEAD_COLUMNS 48 /* "Node 12  L3 12 42.0M  ████████ mem 412G of 512G" */

/* ---- nodes ---- */

static gboolean
is_headed(const HvMapFacts *facts, int node)
{
    if (node < 0)
        return facts->topology->n_nodes > 0;
    return facts->zoom == HV_MAP_NODE || !hv_set_has(facts->wide, (guint)node);
}

static gboolean
fits_in_head(const GPtrArray *names, int room)
{
    int width = 0;

    for (guint i = 0; i < names->len; i++)
        width += 1 + hv_text_width(g_ptr_array_index(names, i));
    return width <= room;
}

/* The line of a node, and one of its devices where they are many and there is room. */
static HvMapItem *
add_head(HvMapBuild *build, int node, int x, int y, int width, int *height)
{
    g_autofree char *nodes = g_strdup_printf("%d", node);
    g_autoptr(GPtrArray) devices = hv_map_devices_of(build->facts->topology, nodes, NULL);
    const guint index = build->layout->items->len;
    HvMapItem *head = hv_map_add(build, HV_MAP_HEAD, node, x, y, width, 1);

    *height = 1;
    if (node < 0)
        return head;
    hv_set_add(build->named, (guint)node);
    head->has_devices = TRUE;
    if (build->device_rows && devices->len && !fits_in_head(devices, width - HEAD_COLUMNS)) {
        head->has_devices = FALSE;
        hv_map_add(build, HV_MAP_DEVICES, node, x + 2, y + 1, width - 2, 1)->text =
            g_steal_pointer(&nodes);
        *height = 2;
    }
    return &g_array_index(build->layout->items, HvMapItem, index);
}

static void
head_line(HvMapBuild *build, int node, int llc, HvMapArea *area)
{
    const int indent = hv_map_is_strip(build->facts) ? 1 : 2;
    int height;

    add_head(build, node, area->x + indent, area->y, area->width - indent - 1, &height)->llc =
        llc;
    area->y += height;
}

/* Nodes none of whose cpus is online, if it has any: at their package, those of -1 at the end.
 */
static void
idle_nodes(HvMapBuild *build, int package, HvMapArea *area)
{
    const HvTopology *topology = build->facts->topology;

    for (guint i = 0; i < topology->n_nodes; i++) {
        const HvTopoNode *node = &topology->nodes[i];

        if ((package >= 0 && node->package != package) || node->node < 0 ||
            hv_set_has(build->named, (guint)node->node) ||
            hv_set_intersects(node->cpus, topology->online))
            continue;
        head_line(build, node->node, -1, area);
    }
}

/* The heads of the nodes in [from, to) that have none yet. Caches stand in the head of their
 * node where it has but one. */
static void
heads_of(HvMapBuild *build, guint from, guint to, int llc, HvMapArea *area)
{
    int last = G_MININT;

    for (guint i = from; i < to; i++) {
        const int node = hv_map_cpu_at(build->facts, i)->node;

        if (node == last || !is_headed(build->facts, node) ||
            (node >= 0 && hv_set_has(build->named, (guint)node)))
            continue;
        last = node;
        head_line(build, node, llc, area);
    }
}

/* The end of the blocks from @from on that belong under one head. */
static guint
end_of_part(const HvMapFacts *facts, guint from, guint end)
{
    guint to = hv_map_end_of_block(facts, from);

    if (facts->zoom == HV_MAP_NODE)
        return to;
    while (to < end && g_array_index(facts->order, HvMapEntry, to).keys[HV_MAP_KEY_BLOCK] ==
                           g_array_index(facts->order, HvMapEntry, from).keys[HV_MAP_KEY_BLOCK])
        to = hv_map_end_of_block(facts, to);
    return to;
}

/* LLC and NODE zoom: whether a package's one node can be told on its rule. */
static gboolean
is_one_node(const HvMapFacts *facts, guint from, guint to)
{
    const int node = hv_map_cpu_at(facts, from)->node;

    for (guint i = from; i < to; i++)
        if (hv_map_cpu_at(facts, i)->node != node)
            return FALSE;
    return node >= 0 && is_headed(facts, node);
}

static void
part(HvMapBuild *build, guint from, guint to, HvMapArea *area)
{
    const HvMapFacts *facts = build->facts;
    const HvTopoCpu *first = hv_map_cpu_at(facts, from);
    const gboolean one_llc = hv_map_end_of_block(facts, from) == to;

    if (hv_map_is_strip(facts)) {
        if (facts->zoom == HV_MAP_LLC || !build->layout->has_details)
            heads_of(build, from, to, -1, area);
        hv_map_strips(build, from, to, area);
        return;
    }
    const gboolean headed = is_headed(facts, first->node);

    if (headed)
        heads_of(build, from, to, one_llc ? first->llc : -1, area);
    hv_map_cells(build, from, to, facts->topology->n_llcs > 0 && !(headed && one_llc), area);
}

/* ---- packages ---- */

/* The package that begins at @from and ends at @to (equal: none of its cpus is online). */
static void
package_box(HvMapBuild *build, int package, guint from, guint to, HvMapArea *area)
{
    const HvMapFacts *facts = build->facts;
    const gboolean framed = !hv_map_is_strip(facts);
    const guint box = build->layout->items->len;
    const int top = area->y;
    HvMapArea inside = { area->x, top + 1,
                         area->width - 1 }; /* the first core's line is the frame's */
    int height;

    hv_map_add(build, HV_MAP_BOX, package, area->x, top, area->width, 1);
    if (!framed && area->width >= RULE_COLUMNS && from < to && is_one_node(facts, from, to) &&
        !(facts->zoom == HV_MAP_NODE && build->layout->has_details))
        add_head(build, hv_map_cpu_at(facts, from)->node, area->x + RULE_HEAD, top,
                 area->width - RULE_HEAD - 2, &height)
            ->on_rule = TRUE;
    for (guint at = from, next; at < to; at = next) {
        next = end_of_part(facts, at, to);
        part(build, at, next, &inside);
    }
    if (package >= 0)
        idle_nodes(build, package, &inside);
    area->y = inside.y + framed;

    HvMapItem *item = &g_array_index(build->layout->items, HvMapItem, box);

    item->height = framed ? area->y - top : 1;
    item->n = build->layout->places->len - item->first;
}

/* A box for packages that a node is wider than: which they are. */
static char *
packages_of(const HvMapFacts *facts, guint from, guint to)
{
    g_autoptr(HvSet) packages = hv_set_new();

    for (guint i = from; i < to; i++)
        if (hv_map_cpu_at(facts, i)->package >= 0)
            hv_set_add(packages, (guint)hv_map_cpu_at(facts, i)->package);
    return hv_set_to_text(packages);
}

/* Nodes wider than a package stand above all boxes; at NODE zoom they are boxes. */
static void
wide_nodes(HvMapBuild *build, HvMapArea *area)
{
    const HvMapFacts *facts = build->facts;

    HV_SET_FOREACH(node, facts->wide)
    {
        g_autoptr(HvSet) packages = hv_set_new();
        int height;

        if (facts->zoom == HV_MAP_NODE)
            return;
        for (guint i = 0; i < facts->order->len; i++)
            if (hv_map_cpu_at(facts, i)->node == node && hv_map_cpu_at(facts, i)->package >= 0)
                hv_set_add(packages, (guint)hv_map_cpu_at(facts, i)->package);
        add_head(build, node, area->x, area->y, area->width, &height)->text =
            hv_set_to_text(packages);
        area->y += height;
    }
}

/* Boxes row by row, side by side as far as there is room. */
typedef struct {
    int slot, top, bottom;
} Rows;

static HvMapArea
next_slot(const HvMapBuild *build, Rows *rows)
{
    if (rows->slot == build->across) {
        rows->slot = 0;
        rows->top = rows->bottom;
    }
    return (HvMapArea){ rows->slot++ * build->box_width, rows->top, build->box_width };
}

static void
boxes(HvMapBuild *build, HvMapArea *area)
{
    const HvMapFacts *facts = build->facts;
    const HvTopology *topology = facts->topology;
    Rows rows = { 0, area->y, area->y };

    for (guint from = 0, to; from < facts->order->len; from = to) {
        const HvMapEntry *entry = &g_array_index(facts->order, HvMapEntry, from);
        const guint index = build->layout->items->len;
        HvMapArea slot = next_slot(build, &rows);

        to = hv_map_end_of_box(facts, from);
        package_box(build, entry->keys[HV_MAP_KEY_PACKAGE], from, to, &slot);
        if (entry->keys[HV_MAP_KEY_SPAN] >= 0)
            g_array_index(build->layout->items, HvMapItem, index).text =
                packages_of(facts, from, to);
        rows.bottom = MAX(rows.bottom, slot.y);
    }
    for (guint i = 0; i < topology->n_packages; i++) {
        if (hv_set_intersects(topology->packages[i].cpus, topology->online))
            continue;
        HvMapArea slot = next_slot(build, &rows);

        package_box(build, topology->packages[i].package, 0, 0, &slot);
        rows.bottom = MAX(rows.bottom, slot.y);
    }
    area->y = rows.bottom;
}

/* ---- what is at the end ---- */

static void
other_devices(HvMapBuild *build, HvMapArea *area)
{
    g_autoptr(GPtrArray) elsewhere = hv_map_devices_elsewhere(build->facts->topology);

    for (guint i = 0; i < elsewhere->len; i++)
        hv_map_add(build, HV_MAP_DEVICES, -1, area->x, area->y++, area->width, 1)->text =
            g_strdup(g_ptr_array_index(elsewhere, i));
}

gsize
hv_map_wrap(const char *text, int width)
{
    const gsize length = strlen(text);
    gsize fitting = 0;

    for (gsize at = 0; at < length;) {
        const gsize end = at + strcspn(text + at, ", ") + 1;
        g_autofree char *line = g_strndup(text, MIN(end, length));

        if (fitting && hv_text_width(g_strchomp(line)) > width)
            break;
        fitting = at = MIN(end, length);
    }
    return fitting;
}

static void
offline_lines(HvMapBuild *build, HvMapArea *area)
{
    const HvTopology *topology = build->facts->topology;
    g_autoptr(HvSet) offline = hv_set_new();
    g_autofree char *list = NULL;
    int height = 0;

    for (guint i = 0; i < topology->n_cpus; i++)
        if (!topology->cpus[i].online)
            hv_set_add(offline, topology->cpus[i].cpu);
    if (hv_set_is_empty(offline))
        return;
    list = hv_set_to_text(offline);

    char *text = g_strdup_printf(_("offline cpus: %s"), list);

    for (const char *at = text; *at; at += hv_map_wrap(at, area->width))
        height++;
    hv_map_add(build, HV_MAP_OFFLINE, -1, area->x, area->y, area->width, height)->text = text;
    area->y += height;
}

/* ---- the whole ---- */

static void
item_clear(gpointer item)
{
    g_free(((HvMapItem *)item)->text);
}

/* As many side by side as there is room for, but no more than fill their last row best. */
static int
side_by_side(const HvMapFacts *facts, const HvMapShape *shape)
{
    const int n = MAX(1, facts->n_boxes);
    const int least = shape->tight ? BOX_COLUMNS_TIGHT : BOX_COLUMNS;
    const int most = CLAMP(facts->columns / least, 1, n);
    const int rows = (n + most - 1) / most;

    return (n + rows - 1) / rows;
}

static HvMapLayout *
make(const HvMapFacts *facts, const HvMapShape *shape, gboolean device_rows)
{
    g_autoptr(HvSet) named = hv_set_new();
    HvMapLayout *layout = g_new0(HvMapLayout, 1);
    HvMapBuild build = { .facts = facts,
                         .shape = shape,
                         .layout = layout,
                         .device_rows = device_rows && !hv_map_is_strip(facts),
                         .named = named };
    HvMapArea area = { 1, 0, facts->columns - 2 };

    layout->topology = hv_topology_ref(facts->topology);
    layout->items = g_array_new(FALSE, TRUE, sizeof(HvMapItem));
    layout->places = g_array_sized_new(FALSE, FALSE, sizeof(HvMapPlace), facts->order->len);
    layout->zoom = facts->zoom;
    g_array_set_clear_func(layout->items, item_clear);
    build.across = side_by_side(facts, shape);
    build.box_width = facts->columns / build.across;
    layout->lists_siblings = shape->lists_siblings && hv_map_can_list(facts, build.box_width);
    if (hv_map_is_strip(facts))
        hv_map_choose_label(&build);
    wide_nodes(&build, &area);
    boxes(&build, &area);
    idle_nodes(&build, -1, &area);
    other_devices(&build, &area);
    offline_lines(&build, &area);
    layout->height = area.y;
    return layout;
}

/* The roomiest first; one without @height ends them. Those that do not fit are scrolled in the
 * first of @scrolled, a look that people know from machines that fit. */
static const HvMapShape pu_shapes[] = { { 12, 2, TRUE, FALSE },
                                        { 12, 2, TRUE, TRUE },
                                        { 10, 2, TRUE, FALSE },
                                        { 10, 2, TRUE, TRUE },
                                        { 8, 2, TRUE, FALSE },
                                        { 8, 2, TRUE, TRUE },
                                        { 0 } };
static const HvMapShape core_shapes[] = { { 0, 2, TRUE, FALSE },
                                          { 0, 2, TRUE, TRUE },
                                          { 0, 1, TRUE, FALSE },
                                          { 0, 1, TRUE, TRUE },
                                          { 0, 1, FALSE, FALSE },
                                          { 0, 1, FALSE, TRUE },
                                          { 0 } };
static const HvMapShape strip_shapes[] = { { 0, 1, TRUE, FALSE }, { 0, 1, TRUE, TRUE }, { 0 } };
static const struct {
    const HvMapShape *shapes;
    guint scrolled;
} shapes_of[HV_MAP_N_ZOOMS] = {
    [HV_MAP_PU] = { pu_shapes, 4 },
    [HV_MAP_CORE] = { core_shapes, 2 },
    [HV_MAP_LLC] = { strip_shapes, 0 },
    [HV_MAP_NODE] = { strip_shapes, 0 },
};

HvMapLayout *
hv_map_layout_new(HvTopology *topology, HvMapZoom zoom, int columns, int rows)
{
    const HvMapShape *shapes = shapes_of[zoom].shapes;
    g_auto(HvMapFacts) facts;

    hv_map_facts_init(&facts, topology, zoom, columns);
    for (const HvMapShape *shape = shapes; shape->height; shape++) {
        g_autoptr(HvMapLayout) plain = make(&facts, shape, FALSE);

        if (plain->height > rows)
            continue;
        g_autoptr(HvMapLayout) roomy = make(&facts, shape, TRUE);

        return roomy->height <= rows ? g_steal_pointer(&roomy) : g_steal_pointer(&plain);
    }
    return make(&facts, &shapes[shapes_of[zoom].scrolled], TRUE);
}

HvMapLayout *
hv_map_layout_fitting(HvTopology *topology, int columns, int rows)
{
    for (HvMapZoom zoom = HV_MAP_PU; zoom < HV_MAP_N_ZOOMS; zoom++) {
        g_autoptr(HvMapLayout) layout = hv_map_layout_new(topology, zoom, columns, rows);

        if (layout->height <= rows)
            return g_steal_pointer(&layout);
    }
    g_autoptr(HvMapLayout) llcs = hv_map_layout_new(topology, HV_MAP_LLC, columns, rows);
    g_autoptr(HvMapLayout) nodes = hv_map_layout_new(topology, HV_MAP_NODE, columns, rows);

    return nodes->height < llcs->height ? g_steal_pointer(&nodes) : g_steal_pointer(&llcs);
}

void
hv_map_layout_free(HvMapLayout *layout)
{
    if (!layout)
        return;
    g_array_unref(layout->items);
    g_array_unref(layout->places);
    hv_topology_unref(layout->topology);
    g_free(layout);
}
