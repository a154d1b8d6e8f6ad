/* Cache: whose ways of the last-level caches, who holds how much of them, who moves how much
 * through them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/text.h"
#include "tui/cache-grid.h"
#include "tui/cache-head.h"
#include "tui/console.h"
#include "tui/flow-grid.h"
#include "tui/list.h"
#include "tui/pick.h"

#define FOOT_ROWS 2
#define WIDE 120         /* columns of a screen that shows more numbers */
#define OTHER_COLUMNS 43 /* all that are no ways */

typedef struct {
    HvList *list;
    HvListColumn *columns; /* one per way among them */
    GPtrArray *titles;     /* of the ways' columns */
    char *vm;              /* key of the selected VM that the cursor went to */
    guint index;           /* of the cache in view */
    guint n_caches;
} Cache;

/* What the cells of one draw need. */
typedef struct {
    const HvCacheGrid *grid;
    const HvCacheRow *row;
    guint order;
} Line;

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
    const Line *line = row->data;

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

static void
way_cell(const HvView *view, const HvListRow *row, const HvListColumn *column, HvListCell *cell)
{
    const Line *line = row->data;
    const HvWay way = hv_cache_way(line->grid, line->row, (guint)column->item);
    const char *glyph = hv_way_glyph(way, hv_view_ascii(view));

    if (line->row->vm || !line->row->has_mask)
        return;
    for (int i = 0; i < column->width; i++)
        g_strlcat(cell->text, glyph, sizeof cell->text);
    cell->role = hv_way_role(way);
}

/* Of a VM's row and of the hardware there is no such number: not even a reason is due. */
static gboolean
is_group(const HvListRow *row)
{
    const Line *line = row->data;

    return line->row->group && !line->row->vm;
}

static void
size_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const Line *line = row->data;
    const HvTable *domains = hv_snapshot_table(view->now, "resctrl_domains");

    if (is_group(row) && line->row->of_domain >= 0)
        hv_cell_value(cell, view, domains, (guint)line->row->of_domain, column->name, 0, 0);
    else if (is_group(row))
        hv_cell_absent(cell, view);
}

static void
llc_cell(const HvView *view, const HvListRow *row, const HvListColumn *column, HvListCell *cell)
{
    const Line *line = row->data;

    if (line->row->of_llc >= 0)
        hv_cell_value(cell, view, llc_of(view), (guint)line->row->of_llc, column->name, 0, 0);
    else if (line->row->group && !row->child)
        hv_cell_absent(cell, view);
}

static void
rate_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const Line *line = row->data;
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
    const Line *line = row->data;
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
    const char *unit = hv_pick_text(hv_snapshot_table(view->now, "resctrl"), 0, "mb_unit");

    if (!is_group(row) || row->child)
        return;
    llc_cell(view, row, column, cell);
    if (cell->role != HV_ROLE_ABSENT && g_strcmp0(unit, "percent") == 0)
        g_strlcat(cell->text, "%", sizeof cell->text);
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
    const Line *line = row->data;
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
    const Line *line = row->data;

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
static void
make_columns(Cache *self, guint n_ways, int canvas_columns)
{
    const int room = n_ways ? (canvas_columns - OTHER_COLUMNS) / (int)n_ways - 1 : 1;
    const int width = canvas_columns < WIDE ? CLAMP(room, 1, 2) : CLAMP(room - 1, 1, 3);
    HvListColumn *next;

    self->columns = g_new0(HvListColumn, n_ways + G_N_ELEMENTS(other_columns) + 2);
    self->titles = g_ptr_array_new_with_free_func(g_free);
    next = self->columns;
    *next++ = name_column;
    for (guint i = 0; i < n_ways; i++) {
        const guint way = n_ways - 1 - i;
        char *title = g_strdup_printf("%u", width > 1 ? way : way % 10);

        g_ptr_array_add(self->titles, title);
        *next++ = (HvListColumn){
            .name = title, .title = title, .width = width, .item = (int)way, .cell = way_cell
        };
    }
    for (gsize i = 0; i < G_N_ELEMENTS(other_columns); i++)
        *next++ = other_columns[i];
}

/* The list lets go of the old columns last. */
static void
adopt_ways(Cache *self, guint n_ways, int canvas_columns)
{
    g_autoptr(GPtrArray) old_titles = NULL;
    g_autofree HvListColumn *old_columns = NULL;

    old_titles = self->titles;
    old_columns = self->columns;
    make_columns(self, n_ways, canvas_columns);
    if (self->list)
        hv_list_set_columns(self->list, self->columns);
    else
        self->list = hv_list_new(self->columns, "group");
}

/* ---- drawing ---- */

static char *
key_of(const HvCacheRow *row)
{
    return g_strdup_printf("%s/%s/%s", row->group ? row->group : "", row->vm ? row->vm : "",
                           row->part ? row->part : "");
}

/* What the filter looks at. */
static void
set_table(const HvView *view, const HvCacheRow *from, HvListRow *row)
{
    row->table = from->of_llc >= 0
                     ? llc_of(view)
                     : hv_snapshot_table(view->now, from->of_group >= 0 ? "resctrl_groups"
                                                                        : "resctrl_info");
    row->row = (guint)MAX(from->of_llc >= 0 ? from->of_llc : from->of_group, 0);
}

/* Another VM was selected: the cursor goes to its row, where it has one. */
static void
follow_vm(Cache *self, const HvView *view, const HvListRow *rows, guint n)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const char *vm = hv_pick_text(vms, hv_pick_row(vms, view->vm), "vm");

    if (g_strcmp0(self->vm, view->vm) == 0)
        return;
    g_free(self->vm);
    self->vm = g_strdup(view->vm);
    for (guint i = 0; vm && i < n; i++)
        if (g_strcmp0(((const Line *)rows[i].data)->row->vm, vm) == 0) {
            hv_list_set_key(self->list, rows[i].key);
            return;
        }
}

static void
draw_rows(Cache *self, const HvView *view, HvCanvas *canvas, const HvCacheGrid *grid, int top,
          int bottom)
{
    const guint n = grid->rows->len;
    g_autofree HvListRow *rows = g_new0(HvListRow, n + 1);
    g_autofree Line *lines = g_new0(Line, n + 1);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < n; i++) {
        const HvCacheRow *from = &g_array_index(grid->rows, HvCacheRow, i);

        lines[i] = (Line){ grid, from, i };
        rows[i] = (HvListRow){ .first = !from->group,
                               .child = from->vm || g_strcmp0(from->part, "data") == 0,
                               .item = (int)i,
                               .data = &lines[i],
                               .key = key_of(from) };
        g_ptr_array_add(keys, (gpointer)(guintptr)rows[i].key);
        set_table(view, from, &rows[i]);
        if (from->vm)
            hv_console_see(view->console, from->vm);
    }
    follow_vm(self, view, rows, n);
    hv_list_draw(self->list, view, canvas, rows, n, top, bottom);
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Cache *self = state;
    g_autoptr(GArray) ids = hv_cache_ids(view->now);
    g_autoptr(HvCacheGrid) grid = NULL;
    const gboolean has_foot = bottom - top > 9;
    int y;

    self->n_caches = ids->len;
    if (!ids->len) {
        hv_cache_draw_nothing(view, canvas, top, bottom);
        return;
    }
    self->index = MIN(self->index, ids->len - 1);
    grid = hv_cache_grid_new(view->now, g_array_index(ids, guint64, self->index));
    adopt_ways(self, grid->n_ways, canvas->columns);
    y = hv_cache_draw_head(view, canvas, top, grid, ids);
    draw_rows(self, view, canvas, grid, y, has_foot ? bottom - FOOT_ROWS : bottom);
    if (has_foot)
        hv_cache_draw_foot(view, canvas, bottom - FOOT_ROWS, grid);
}

/* ---- keys ---- */

static gboolean
press(Cache *self, guint key)
{
    switch (key) {
    case HV_KEY_RIGHT:
    case 'd':
        self->index = self->index + 1 < self->n_caches ? self->index + 1 : 0;
        return TRUE;
    case HV_KEY_LEFT:
    case 'D':
        self->index = self->index ? self->index - 1 : MAX(self->n_caches, 1) - 1;
        return TRUE;
    default:
        return FALSE;
    }
}

/* "gold/redis-1/": the row of a VM makes it the selected one. */
static void
select_row(Cache *self, const HvView *view)
{
    const char *key = hv_list_key(self->list);
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    g_auto(GStrv) parts = key ? g_strsplit(key, "/", -1) : NULL;

    if (!parts || g_strv_length(parts) != 3)
        return;
    for (int i = 0; vms && *parts[1] && i < (int)hv_table_n_rows(vms); i++)
        if (g_strcmp0(hv_pick_text(vms, i, "vm"), parts[1]) == 0) {
            g_free(self->vm);
            self->vm = g_strdup(hv_table_row_key(vms, (guint)i));
            hv_console_select_vm(view->console, self->vm);
        }
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    Cache *self = state;

    if (self->list && hv_list_event(self->list, view, what)) {
        select_row(self, view);
        return TRUE;
    }
    return what->kind == HV_EVENT_KEY && press(self, what->key);
}

static gpointer
create(void)
{
    return g_new0(Cache, 1);
}

static void
destroy(gpointer state)
{
    Cache *self = state;

    hv_list_free(self->list);
    g_free(self->columns);
    g_free(self->vm);
    g_clear_pointer(&self->titles, g_ptr_array_unref);
    g_free(self);
}

static const HvBinding bindings[] = {
    { 'd',
      N_("next L3"),
      N_("the next last-level cache, the one before"),
      { .verb = HV_DO_EVENT } },
    { 'D', NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_RIGHT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_LEFT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

const HvScreen hv_screen_cache = {
    .name = "cache",
    .title = N_("Cache"),
    .number = 4,
    .help =
        N_("The ways of each last-level cache and the groups that may fill them, who holds how "
           "much, and the bandwidth of each."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
};
