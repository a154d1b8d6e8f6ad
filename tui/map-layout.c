/* Where things stand on the Map: packages, nodes, L3s, cores and PUs as rectangles. Pure
 * geometry. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-layout.h"

#define PU_WIDTH 7 /* " 512#  " over "web-1/3" */
#define PU_HEIGHT 2
#define MIN_BOX_COLUMNS 64 /* a package narrower than this does not share its row */
#define STRIP_X 22         /* "L3 12  42.0M  100%    " before the PUs */

/* The cpus of one package, node and last-level cache, in the order they are drawn. */
typedef struct {
    int package, node, llc;
    GArray *cpus; /* of const HvTopoCpu * */
} Group;

/* What the building of one layout carries along. */
typedef struct {
    const HvTopology *topology;
    HvMapZoom zoom;
    GArray *items;
    GPtrArray *groups;
    int object_width;
} Build;

static void
group_free(gpointer data)
{
    Group *group = data;

    g_array_unref(group->cpus);
    g_free(group);
}

static int
compare_number(int a, int b)
{
    return (a > b) - (a < b);
}

static int
compare_cpus(gconstpointer first, gconstpointer second)
{
    const HvTopoCpu *a = *(const HvTopoCpu *const *)first,
                    *b = *(const HvTopoCpu *const *)second;
    const int by[] = {
        compare_number(a->package, b->package),   compare_number(a->node, b->node),
        compare_number(a->llc, b->llc),           compare_number(a->core, b->core),
        compare_number((int)a->cpu, (int)b->cpu),
    };

    for (guint i = 0; i < G_N_ELEMENTS(by); i++)
        if (by[i])
            return by[i];
    return 0;
}

static GPtrArray *
make_groups(const HvTopology *topology)
{
    GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(const HvTopoCpu *));
    Group *group = NULL;

    for (guint i = 0; i < topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &topology->cpus[i];

        if (cpu->online)
            g_array_append_val(order, cpu);
    }
    g_array_sort(order, compare_cpus);
    for (guint i = 0; i < order->len; i++) {
        const HvTopoCpu *cpu = g_array_index(order, const HvTopoCpu *, i);

        if (!group || group->package != cpu->package || group->node != cpu->node ||
            group->llc != cpu->llc) {
            group = g_new0(Group, 1);
            *group = (Group){ cpu->package, cpu->node, cpu->llc,
                              g_array_new(FALSE, FALSE, sizeof(const HvTopoCpu *)) };
            g_ptr_array_add(groups, group);
        }
        g_array_append_val(group->cpus, cpu);
    }
    return groups;
}

static HvMapItem *
add(Build *build, HvMapKind kind, int id, int x, int y, int width, int height)
{
    const HvMapItem item = { .kind = kind,
                             .id = id,
                             .x = x,
                             .y = y,
                             .width = width,
                             .height = height,
                             .package = -1,
                             .node = -1,
                             .llc = -1,
                             .core = -1 };

    g_array_append_val(build->items, item);
    return &g_array_index(build->items, HvMapItem, build->items->len - 1);
}

static void
join(HvMapItem *item, const HvTopoCpu *cpu, gboolean first)
{
    item->package = first || item->package == cpu->package ? cpu->package : -1;
    item->node = first || item->node == cpu->node ? cpu->node : -1;
    item->llc = first || item->llc == cpu->llc ? cpu->llc : -1;
    item->core = first || item->core == cpu->core ? cpu->core : -1;
    hv_set_add(item->cpus, cpu->cpu);
}

static gboolean
same_core(const HvTopoCpu *a, const HvTopoCpu *b)
{
    return a->core >= 0 && a->core == b->core;
}

/* PU zoom: siblings side by side, a blank between cores. CORE zoom: one object per core. */
static int
flow(Build *build, const Group *group, int x, int y, int width)
{
    const int height = build->zoom == HV_MAP_PU ? PU_HEIGHT : 1;
    int column = 0;
    HvMapItem *item = NULL;

    for (guint i = 0; i < group->cpus->len; i++) {
        const HvTopoCpu *cpu = g_array_index(group->cpus, const HvTopoCpu *, i);
        const HvTopoCpu *before =
            i ? g_array_index(group->cpus, const HvTopoCpu *, i - 1) : NULL;
        const gboolean sibling = before && same_core(before, cpu);

        if (build->zoom == HV_MAP_CORE && sibling) {
            join(item, cpu, FALSE);
            continue;
        }
        if (before && !sibling)
            column++;
        if (column && column + build->object_width > width) {
            column = 0;
            y += height;
        }
        item = add(build, HV_MAP_OBJECT, build->zoom == HV_MAP_PU ? (int)cpu->cpu : cpu->core,
                   x + column, y, build->object_width, height);
        item->cpus = hv_set_new();
        join(item, cpu, TRUE);
        column += build->object_width;
    }
    return group->cpus->len ? y + height : y;
}

/* LLC and NODE zoom: a line per object, its PUs one character each behind a title. */
static int
strip(Build *build, const Group *const *groups, guint n_groups, int id, int x, int y, int width)
{
    HvMapItem *item = add(build, HV_MAP_OBJECT, id, x, y, width, 1);
    const int room = MAX(8, width - STRIP_X);

    item->cpus = hv_set_new();
    for (guint i = 0; i < n_groups; i++)
        for (guint c = 0; c < groups[i]->cpus->len; c++)
            join(item, g_array_index(groups[i]->cpus, const HvTopoCpu *, c), !i && !c);
    item->height = MAX(1, ((int)hv_set_count(item->cpus) + room - 1) / room);
    return y + item->height;
}

static guint
run_of_node(const Build *build, guint from)
{
    const Group *first = build->groups->pdata[from];
    guint n = 1;

    while (from + n < build->groups->len) {
        const Group *group = build->groups->pdata[from + n];

        if (group->package != first->package || group->node != first->node)
            break;
        n++;
    }
    return n;
}

static int
node_part(Build *build, guint from, guint n, int x, int y, int width)
{
    const Group *first = build->groups->pdata[from];

    if (build->zoom == HV_MAP_NODE)
        return strip(build, (const Group *const *)(build->groups->pdata + from), n, first->node,
                     x, y, width);
    add(build, HV_MAP_HEAD, first->node, x, y++, width, 1)->package = first->package;
    for (guint i = 0; i < n; i++) {
        const Group *group = build->groups->pdata[from + i];

        if (build->zoom == HV_MAP_LLC) {
            y = strip(build, (const Group *const *)(build->groups->pdata + from + i), 1,
                      group->llc, x, y, width);
            continue;
        }
        if (group->llc >= 0)
            add(build, HV_MAP_LLC_HEAD, group->llc, x, y++, width, 1);
        y = flow(build, group, x, y, width);
    }
    return y;
}

/* Nodes without cpus of this package: memory only. */
static int
memory_only(Build *build, int package, int x, int y, int width)
{
    for (guint i = 0; i < build->topology->n_nodes; i++) {
        const HvTopoNode *node = &build->topology->nodes[i];

        if (node->package == package && hv_set_is_empty(node->cpus))
            add(build, HV_MAP_HEAD, node->node, x, y++, width, 1)->package = package;
    }
    return y;
}

/* The package that begins at group @from. Returns how many groups it took. */
static guint
package_box(Build *build, guint from, int x, int *y, int width)
{
    const Group *first = build->groups->pdata[from];
    const guint box = build->items->len;
    const int top = *y;
    guint at = from;

    add(build, HV_MAP_BOX, first->package, x, top, width, 1);
    (*y)++;
    while (at < build->groups->len &&
           ((Group *)build->groups->pdata[at])->package == first->package) {
        const guint n = run_of_node(build, at);

        *y = node_part(build, at, n, x + 2, *y, width - 4);
        at += n;
    }
    *y = memory_only(build, first->package, x + 2, *y, width - 4) + 1;
    g_array_index(build->items, HvMapItem, box).height = *y - top;
    return at - from;
}

static guint
count_packages(const Build *build)
{
    guint n = 0;

    for (guint i = 0; i < build->groups->len; i++)
        n += !i || ((Group *)build->groups->pdata[i])->package !=
                       ((Group *)build->groups->pdata[i - 1])->package;
    return n;
}

static int
core_width(const HvTopology *topology)
{
    int widest = PU_WIDTH;

    for (guint i = 0; i < topology->n_cores; i++) {
        const HvTopoCore *core = &topology->cores[i];
        int width = 2;

        HV_SET_FOREACH(cpu, core->cpus)
        width += 2 + (cpu > 9) + (cpu > 99) + (cpu > 999) + 1;
        widest = MAX(widest, width);
    }
    return widest;
}

static int
offline_line(Build *build, int y, int columns)
{
    for (guint i = 0; i < build->topology->n_cpus; i++) {
        if (!build->topology->cpus[i].online) {
            add(build, HV_MAP_OFFLINE, -1, 1, y, columns - 2, 1);
            return y + 1;
        }
    }
    return y;
}

static void
item_clear(gpointer data)
{
    HvMapItem *item = data;

    hv_set_free(item->cpus);
}

HvMapLayout *
hv_map_layout_new(const HvTopology *topology, HvMapZoom zoom, int columns)
{
    g_autoptr(GPtrArray) groups = make_groups(topology);
    Build build = { .topology = topology,
                    .zoom = zoom,
                    .groups = groups,
                    .items = g_array_new(FALSE, TRUE, sizeof(HvMapItem)),
                    .object_width = zoom == HV_MAP_CORE ? core_width(topology) : PU_WIDTH };
    HvMapLayout *layout = g_new0(HvMapLayout, 1);
    const int n_packages = (int)count_packages(&build);
    const int across = CLAMP(columns / MIN_BOX_COLUMNS, 1, MAX(1, n_packages));
    const int width = columns / across;
    int row_y = 0, bottom = 0, slot = 0;

    g_array_set_clear_func(build.items, item_clear);
    for (guint at = 0; at < groups->len; slot++) {
        if (slot == across) {
            slot = 0;
            row_y = bottom;
        }
        int y = row_y;

        at += package_box(&build, at, slot * width, &y, width);
        bottom = MAX(bottom, y);
    }
    bottom = memory_only(&build, -1, 1, bottom, columns - 2);
    layout->items = build.items;
    layout->zoom = zoom;
    layout->height = offline_line(&build, bottom, columns);
    layout->strip_x = STRIP_X;
    return layout;
}

void
hv_map_layout_free(HvMapLayout *layout)
{
    if (!layout)
        return;
    g_array_unref(layout->items);
    g_free(layout);
}

/* Rows first: the nearest object in the direction, a step aside costing less than a row is
 * high. */
static int
distance(const HvMapItem *from, const HvMapItem *to, int dx, int dy)
{
    const int x = to->x + to->width / 2 - (from->x + from->width / 2);
    const int y = to->y - from->y;

    if (dx)
        return to->y == from->y && x * dx > 0 ? ABS(x) : -1;
    return y * dy > 0 ? ABS(y) * 1000 + ABS(x) : -1;
}

int
hv_map_layout_step(const HvMapLayout *layout, int from, int dx, int dy)
{
    int best = from, best_distance = G_MAXINT;

    if (from < 0 || (guint)from >= layout->items->len)
        return from;
    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = &g_array_index(layout->items, HvMapItem, i);
        const int far =
            item->kind == HV_MAP_OBJECT
                ? distance(&g_array_index(layout->items, HvMapItem, from), item, dx, dy)
                : -1;

        if (far > 0 && far < best_distance) {
            best = (int)i;
            best_distance = far;
        }
    }
    return best;
}

int
hv_map_layout_at(const HvMapLayout *layout, int x, int y)
{
    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = &g_array_index(layout->items, HvMapItem, i);

        if (item->kind == HV_MAP_OBJECT && x >= item->x && x < item->x + item->width &&
            y >= item->y && y < item->y + item->height)
            return (int)i;
    }
    return -1;
}

int
hv_map_layout_of_cpu(const HvMapLayout *layout, guint cpu)
{
    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = &g_array_index(layout->items, HvMapItem, i);

        if (item->kind == HV_MAP_OBJECT && hv_set_has(item->cpus, cpu))
            return (int)i;
    }
    return -1;
}
