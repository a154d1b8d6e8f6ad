/* Cores and PUs in rows: cells with room for a name, or one character each behind a label. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-layout-private.h"

#define GUTTER 7              /* " L3 12" left of the cores */
#define WIDEST_CELL 14        /* "▃ 511*   100%", over "long-name/12" */
#define NAMED_CELL 9          /* the narrowest core with a row for "web-1/3" */
#define LABEL_TINY 9          /* " Node 12 " */
#define LABEL_LLC 13          /* " L3 12  100% " */
#define LABEL_LLC_DETAILS 20  /* " L3 12  32.0M  100% " */
#define LABEL_NODE 14         /* " Node 12  100% " */
#define LABEL_NODE_DETAILS 42 /* " Node 12  100%  ████████ mem 412G of 512G " */

HvMapItem *
hv_map_add(HvMapBuild *build, HvMapKind kind, int id, int x, int y, int width, int height)
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
                             .core = -1,
                             .first = build->layout->places->len };

    g_array_append_val(build->layout->items, item);
    return &g_array_index(build->layout->items, HvMapItem, build->layout->items->len - 1);
}

void
hv_map_add_place(HvMapBuild *build, HvMapItem *item, const HvTopoCpu *cpu, int x, int y)
{
    const HvMapPlace place = { cpu->cpu, x, y };
    const gboolean first = item->n++ == 0;

    item->package = first || item->package == cpu->package ? cpu->package : -1;
    item->node = first || item->node == cpu->node ? cpu->node : -1;
    item->llc = first || item->llc == cpu->llc ? cpu->llc : -1;
    item->core = first || item->core == cpu->core ? cpu->core : -1;
    g_array_append_val(build->layout->places, place);
}

/* ---- PU and CORE zoom: cells ---- */

/* How the blocks of a node stand: @across side by side, each with @gutter and cells of @cell.
 */
typedef struct {
    int across, width, gutter, cell;
} Grid;

/* "│▃▁ 0,40" */
static int
core_columns(const HvMapFacts *facts, int label)
{
    return 1 + facts->threads + 1 + label;
}

gboolean
hv_map_can_list(const HvMapFacts *facts, int box_width)
{
    return core_columns(facts, facts->label_all) <= box_width - 1 - GUTTER;
}

static int
natural_cell(const HvMapBuild *build)
{
    const HvMapFacts *facts = build->facts;
    const int label = build->layout->lists_siblings ? facts->label_all : facts->label_first;
    const int core = core_columns(facts, label);

    if (facts->zoom == HV_MAP_PU)
        return build->shape->cell;
    return build->shape->height > 1 ? MAX(core, NAMED_CELL) : core;
}

/* Cells as wide as the rows allow without being more rows. @n_cores: most of a block. */
static Grid
make_grid(const HvMapBuild *build, int n_blocks, int n_cores, gboolean has_gutter, int width)
{
    const int threads = build->facts->zoom == HV_MAP_PU ? build->facts->threads : 1;
    const int gutter = has_gutter ? GUTTER : 0, natural = natural_cell(build);
    const int in_row = CLAMP((width - gutter) / (natural * threads), 1, n_cores);
    const int block = gutter + in_row * natural * threads;
    const int across = CLAMP((width + 1) / (block + 1), 1, n_blocks);
    const int share = (width + 1) / across - 1;
    const int stretched = (share - gutter) / (in_row * threads);
    const int cell = MIN(MAX(natural, MIN(stretched, WIDEST_CELL)), width - gutter);

    return (Grid){ across, share, gutter, cell };
}

static void
add_cell(HvMapBuild *build, guint from, guint to, gboolean begins_core, int x, int y, int width)
{
    const HvTopoCpu *cpu = hv_map_cpu_at(build->facts, from);
    HvMapItem *item = hv_map_add(build, HV_MAP_OBJECT,
                                 build->facts->zoom == HV_MAP_PU ? (int)cpu->cpu : cpu->core, x,
                                 y, width, build->shape->height);

    item->begins_core = begins_core;
    for (guint i = from; i < to; i++)
        hv_map_add_place(build, item, hv_map_cpu_at(build->facts, i), x + 1 + (int)(i - from),
                         y);
}

/* The cpus of one block in rows. A core goes on in the next row only where it is wider than
 * one. Returns: how many rows of the screen it took. */
static int
fill_block(HvMapBuild *build, guint from, guint to, int x, int y, int width, int cell)
{
    const gboolean per_core = build->facts->zoom == HV_MAP_CORE;
    int column = 0, row = 0;

    for (guint core = from, next; core < to; core = next) {
        next = hv_map_end_of_core(build->facts, core, to);
        const int needed = per_core ? cell : (int)(next - core) * cell;

        if (column && column + needed > width) {
            column = 0;
            row++;
        }
        for (guint i = core; i < next; i = per_core ? next : i + 1) {
            if (column && column + cell > width) {
                column = 0;
                row++;
            }
            add_cell(build, i, per_core ? next : i + 1, i == core, x + column,
                     y + row * build->shape->height, cell);
            column += cell;
        }
    }
    return (row + 1) * build->shape->height;
}

void
hv_map_cells(HvMapBuild *build, guint from, guint to, gboolean names_llc, HvMapArea *area)
{
    int n_blocks = 0, n_cores = 1, slot = 0, height = 0;

    for (guint at = from, next; at < to; at = next) {
        next = hv_map_end_of_block(build->facts, at);
        n_cores = MAX(n_cores, hv_map_count_cores(build->facts, at, next));
        n_blocks++;
    }
    const Grid grid = make_grid(build, n_blocks, n_cores, names_llc, area->width);

    for (guint at = from, next; at < to; at = next, slot++) {
        next = hv_map_end_of_block(build->facts, at);
        if (slot == grid.across) {
            slot = 0;
            area->y += height;
            height = 0;
        }
        const int x = area->x + slot * (grid.width + 1);
        const int llc = hv_map_cpu_at(build->facts, at)->llc;
        const guint head = build->layout->items->len;

        if (names_llc)
            hv_map_add(build, HV_MAP_LLC_HEAD, llc, x + 1, area->y, GUTTER - 1, 1);
        const int rows = fill_block(build, at, next, x + grid.gutter, area->y,
                                    grid.width - grid.gutter, grid.cell);

        if (names_llc)
            g_array_index(build->layout->items, HvMapItem, head).height = rows;
        height = MAX(height, rows);
    }
    area->y += height;
}

/* ---- LLC and NODE zoom: strips of one character per PU ---- */

/* Cores apart, and sizes beside the names, where a block still stands in one row. */
void
hv_map_choose_label(HvMapBuild *build)
{
    const HvMapFacts *facts = build->facts;
    const gboolean is_llc = facts->zoom == HV_MAP_LLC;
    const int room = build->box_width - 1;
    const int narrow = is_llc ? LABEL_LLC : LABEL_NODE;
    const int details = is_llc ? LABEL_LLC_DETAILS : LABEL_NODE_DETAILS;
    HvMapLayout *layout = build->layout;

    build->separates = facts->threads > 1 && narrow + facts->separated <= room;
    layout->has_details =
        details + (build->separates ? facts->separated : facts->content) <= room;
    layout->label = layout->has_details      ? details
                    : narrow + narrow > room ? LABEL_TINY
                                             : narrow;
}

static int
fill_strip(HvMapBuild *build, guint from, guint to, int x, int y, int width)
{
    const HvMapFacts *facts = build->facts;
    const HvTopoCpu *cpu = hv_map_cpu_at(facts, from);
    const int start = x + build->layout->label, room = width - build->layout->label;
    HvMapItem *item = hv_map_add(
        build, HV_MAP_OBJECT, facts->zoom == HV_MAP_LLC ? cpu->llc : cpu->node, x, y, width, 1);
    int column = 0, row = 0;

    for (guint core = from, next; core < to; core = next) {
        next = hv_map_end_of_core(facts, core, to);
        column += column && build->separates;
        if (column && column + (int)(next - core) > room) {
            column = 0;
            row++;
        }
        for (guint i = core; i < next; i++, column++) {
            if (column == room) {
                column = 0;
                row++;
            }
            hv_map_add_place(build, item, hv_map_cpu_at(facts, i), start + column, y + row);
        }
    }
    item->height = row + 1;
    return item->height;
}

void
hv_map_strips(HvMapBuild *build, guint from, guint to, HvMapArea *area)
{
    const int content = build->separates ? build->facts->separated : build->facts->content;
    const int block = MIN(build->layout->label + content, area->width);
    const int across = MAX(1, (area->width + 2) / (block + 2));
    const int share = (area->width + 2) / across - 2;
    int slot = 0, height = 0;

    for (guint at = from, next; at < to; at = next, slot++) {
        next = hv_map_end_of_block(build->facts, at);
        if (slot == across) {
            slot = 0;
            area->y += height;
            height = 0;
        }
        const int rows =
            fill_strip(build, at, next, area->x + slot * (share + 2), area->y, share);

        height = MAX(height, rows);
    }
    area->y += height;
}
