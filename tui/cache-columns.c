/* The columns of the screen Cache: names, a column for each way, sizes, rates, owners. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cache-columns.h"

#include "model/i18n.h"
#include "model/text.h"
#include "tui/cache-head.h"
#include "tui/flow-grid.h"
#include "tui/pick.h"

#define WIDE 120         /* columns of a screen that shows more numbers */
#define OTHER_COLUMNS 43 /* all that are no ways */

/* ---- cells ---- */

static const HvTable *
llc_of(const HvView *view)
{
    return hv_snapshot_table(view->now, "llc");
}

static void
name_cell(const HvView *view G_GNUC_UNUSED, const HvListRow *row,
          const HvListColumn *column G_GNUC_UNUSED, HvListCell *cell)
{
    const HvCacheLine *line = row->data;

    if (!line->row->group)
        g_strlcpy(cell->text, _("hardware"), sizeof cell->text);
    else if (line->row->vm)
        g_snprintf(cell->text, sizeof cell->text, "  %s", line->row->vm);
    else if (row->child)
        g_snprintf(cell->text, sizeof cell->text, "  %s", _("data"));
    else if (line->row->part)
        g_snprintf(cell->text, sizeof cell->text, _("%s code"), line->row->group);
    else
        g_strlcpy(cell->text, line->row->group, sizeof cell->text);
    cell->has_sort = TRUE;
    cell->sort = line->order;
}

/* A way that is wished for and not there yet has a "+", one that is to go a "-". */
static const char *
pending_sign(const HvCacheRow *row, guint way)
{
    const guint64 bit = G_GUINT64_CONSTANT(1) << way;

    if ((row->mask ^ row->present_mask) & bit)
        return row->mask & bit ? "+" : "-";
    return NULL;
}

/* The edge that the arrows move has a bracket. */
static void
way_cell(const HvView *view, const HvListRow *row, const HvListColumn *column, HvListCell *cell)
{
    const HvCacheLine *line = row->data;
    const HvWay way = hv_cache_way(line->grid, line->row, (guint)column->item);
    const char *glyph = hv_way_glyph(way, hv_view_ascii(view));
    const char *sign = pending_sign(line->row, (guint)column->item);
    const gboolean is_edge = line->edge_way == column->item;
    const int bracket = !is_edge ? -1 : line->edge == HV_EDGE_LEFT ? 0 : column->width - 1;
    const int signed_at = bracket == 0 && column->width > 1 ? 1 : 0;

    if (line->row->vm || !line->row->has_mask)
        return;
    for (int i = 0; i < column->width; i++)
        g_strlcat(cell->text,
                  i == bracket             ? line->edge == HV_EDGE_LEFT ? "[" : "]"
                  : sign && i == signed_at ? sign
                                           : glyph,
                  sizeof cell->text);
    cell->role = is_edge ? HV_ROLE_KEY : hv_way_role(way);
}

/* Of a VM's row and of the hardware there is no such number: not even a reason is due. */
static gboolean
is_group(const HvListRow *row)
{
    const HvCacheLine *line = row->data;

    return line->row->group && !line->row->vm;
}

/* With a "*": as it is wished for. */
static void
size_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const HvCacheLine *line = row->data;
    const HvTable *domains = hv_snapshot_table(view->now, "resctrl_domains");

    if (!is_group(row))
        return;
    if (line->row->mask != line->row->present_mask) {
        hv_text_bytes(cell->text, sizeof cell->text,
                      hv_cache_mask_ways(line->row->mask) * line->grid->way_bytes);
        g_strlcat(cell->text, "*", sizeof cell->text);
        cell->role = HV_ROLE_WARM;
        cell->right = TRUE;
    } else if (line->row->of_domain >= 0) {
        hv_cell_value(cell, view, domains, (guint)line->row->of_domain, column->name, 0, 0);
    } else {
        hv_cell_absent(cell, view);
    }
}

static void
llc_cell(const HvView *view, const HvListRow *row, const HvListColumn *column, HvListCell *cell)
{
    const HvCacheLine *line = row->data;

    if (line->row->of_llc >= 0)
        hv_cell_value(cell, view, llc_of(view), (guint)line->row->of_llc, column->name, 0, 0);
    else if (line->row->group && !row->child)
        hv_cell_absent(cell, view);
}

static void
rate_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const HvCacheLine *line = row->data;
    HvFlowCell flow = { 0 };

    llc_cell(view, row, column, cell);
    if (!cell->has_sort)
        return;
    flow.value = cell->sort;
    flow.mark = hv_table_mark(llc_of(view), (guint)line->row->of_llc,
                              hv_table_column(llc_of(view), column->name));
    hv_flow_text(cell->text, sizeof cell->text, &flow, FALSE, column->width,
                 hv_view_ascii(view));
}

/* What was counted only lately says so: lines that were there before are not in it. */
static void
held_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const HvCacheLine *line = row->data;
    guint64 flag = 0;

    llc_cell(view, row, column, cell);
    if (cell->has_sort && hv_pick_u64(llc_of(view), line->row->of_llc, "warming", &flag) &&
        flag)
        g_strlcat(cell->text, hv_view_ascii(view) ? "^" : "↑", sizeof cell->text);
}

/* The limit belongs to the group, as its share of the ways does. */
static void
limit_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
           HvListCell *cell)
{
    const HvCacheLine *line = row->data;
    const char *unit = hv_pick_text(hv_snapshot_table(view->now, "resctrl"), 0, "mb_unit");

    if (!is_group(row) || row->child)
        return;
    if (line->row->is_limit_wished)
        g_snprintf(cell->text, sizeof cell->text, "%" G_GUINT64_FORMAT, line->row->limit);
    else
        llc_cell(view, row, column, cell);
    if (cell->role != HV_ROLE_ABSENT && g_strcmp0(unit, "percent") == 0)
        g_strlcat(cell->text, "%", sizeof cell->text);
    if (line->row->is_limit_wished) {
        g_strlcat(cell->text, "*", sizeof cell->text);
        cell->role = HV_ROLE_WARM;
    }
    cell->right = TRUE;
}

static void
owner_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
           HvListCell *cell)
{
    static const struct {
        const char *owner, *mark;
    } marks[] = {
        { "default", "" }, { "libvirt", "lv" }, { "hvtune", "hv" }, { "container", "ct" }
    };
    const HvCacheLine *line = row->data;
    const HvTable *groups = hv_snapshot_table(view->now, "resctrl_groups");
    const char *owner = hv_pick_text(groups, line->row->of_group, "owner");

    if (!is_group(row) || row->child)
        return;
    g_strlcpy(cell->text, owner ? "?" : "", sizeof cell->text);
    for (gsize i = 0; owner && i < G_N_ELEMENTS(marks); i++)
        if (g_str_equal(owner, marks[i].owner))
            g_strlcpy(cell->text, marks[i].mark, sizeof cell->text);
    if (owner && column->width > 2)
        g_strlcpy(cell->text, _(owner), sizeof cell->text);
}

static void
mode_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const HvCacheLine *line = row->data;

    if (is_group(row) && !row->child && line->row->of_group >= 0)
        hv_cell_value(cell, view, hv_snapshot_table(view->now, "resctrl_groups"),
                      (guint)line->row->of_group, column->name, 0, 0);
}

/* ---- columns ---- */

static const HvListColumn name_column = { .name = "group",
                                          .title = N_("group"),
                                          .width = 11,
                                          .letter = 'N',
                                          .left = TRUE,
                                          .ascending = TRUE,
                                          .grow = 1,
                                          .cell = name_cell };
static const HvListColumn other_columns[] = {
    { .name = "size_bytes", .title = N_("of L3"), .width = 6, .cell = size_cell },
    { .name = "occupancy_bytes",
      .title = N_("held"),
      .width = 6,
      .letter = 'M',
      .cell = held_cell },
    { .name = "mb", .title = N_("mb"), .width = 5, .cell = limit_cell },
    { .name = "total_bytes_per_s",
      .title = N_("GB/s"),
      .width = 6,
      .letter = 'P',
      .cell = rate_cell },
    { .name = "local_bytes_per_s",
      .title = N_("local"),
      .width = 6,
      .min_columns = 100,
      .cell = rate_cell },
    { .name = "owner", .title = "", .width = 2, .left = TRUE, .cell = owner_cell },
    { .name = "owner name",
      .title = N_("owner"),
      .width = 10,
      .min_columns = WIDE,
      .left = TRUE,
      .cell = owner_cell },
    { .name = "mode",
      .title = N_("mode"),
      .width = 10,
      .min_columns = WIDE,
      .left = TRUE,
      .cell = mode_cell },
    { .name = "n_tasks",
      .title = N_("tasks"),
      .width = 6,
      .min_columns = WIDE,
      .cell = mode_cell },
    { .name = "age_s", .title = N_("age"), .width = 6, .min_columns = WIDE, .cell = llc_cell },
};

/* The highest way to the left, as masks are written. */
HvListColumn *
hv_cache_columns_new(guint n_ways, int canvas_columns, GPtrArray *titles)
{
    const int room = n_ways ? (canvas_columns - OTHER_COLUMNS) / (int)n_ways - 1 : 1;
    const int width = canvas_columns < WIDE ? CLAMP(room, 1, 2) : CLAMP(room - 1, 1, 3);
    HvListColumn *columns = g_new0(HvListColumn, n_ways + G_N_ELEMENTS(other_columns) + 2);
    HvListColumn *next = columns;

    *next++ = name_column;
    for (guint i = 0; i < n_ways; i++) {
        const guint way = n_ways - 1 - i;
        char *title = g_strdup_printf("%u", width > 1 ? way : way % 10);

        g_ptr_array_add(titles, title);
        *next++ = (HvListColumn){
            .name = title, .title = title, .width = width, .item = (int)way, .cell = way_cell
        };
    }
    for (gsize i = 0; i < G_N_ELEMENTS(other_columns); i++)
        *next++ = other_columns[i];
    return columns;
}
