/* Cache: whose ways of the last-level caches, who holds how much of them, who moves how much
 * through them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/cache-columns.h"
#include "tui/cache-head.h"
#include "tui/console.h"
#include "tui/pick.h"

#define FOOT_ROWS 2
#define FIRST_SORT "group"

typedef struct {
    HvList *list;
    HvListColumn *columns; /* one per way among them */
    GPtrArray *titles;     /* of the ways' columns */
    char *vm;              /* key of the selected VM that the cursor went to */
    guint index;           /* of the cache in view */
    guint n_caches;
    HvCacheEdit *edit;  /* what is wished for and not planned yet */
    HvEdge edge;        /* that the arrows move */
    gboolean is_edited; /* the arrows have been used: the edge is shown */
} Cache;

/* The list lets go of the old columns last. */
static void
adopt_ways(Cache *self, guint n_ways, int canvas_columns)
{
    g_autoptr(GPtrArray) old_titles = NULL;
    g_autofree HvListColumn *old_columns = NULL;

    old_titles = self->titles;
    old_columns = self->columns;
    self->titles = g_ptr_array_new_with_free_func(g_free);
    self->columns = hv_cache_columns_new(n_ways, canvas_columns, self->titles);
    if (self->list)
        hv_list_set_columns(self->list, self->columns);
    else
        self->list = hv_list_new(self->columns, FIRST_SORT);
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
                     ? hv_snapshot_table(view->now, "llc")
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
        if (g_strcmp0(((const HvCacheLine *)rows[i].data)->row->vm, vm) == 0) {
            hv_list_set_key(self->list, rows[i].key);
            return;
        }
}

/* The row under the cursor shows the edge that the arrows move. */
static void
mark_edge(const Cache *self, const HvListRow *rows, HvCacheLine *lines, guint n)
{
    for (guint i = 0; i < n; i++) {
        const gboolean is_current =
            self->is_edited && g_strcmp0(rows[i].key, hv_list_key(self->list)) == 0;

        lines[i].edge_way = is_current ? hv_cache_edge_way(lines[i].row, self->edge) : -1;
    }
}

static void
draw_rows(Cache *self, const HvView *view, HvCanvas *canvas, const HvCacheGrid *grid, int top,
          int bottom)
{
    const guint n = grid->rows->len;
    g_autofree HvListRow *rows = g_new0(HvListRow, n + 1);
    g_autofree HvCacheLine *lines = g_new0(HvCacheLine, n + 1);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *was_marked = NULL;

    for (guint i = 0; i < n; i++) {
        const HvCacheRow *from = &g_array_index(grid->rows, HvCacheRow, i);

        lines[i] = (HvCacheLine){ .grid = grid, .row = from, .order = i, .edge_way = -1 };
        rows[i] = (HvListRow){ .first = !from->group,
                               .child = from->vm || g_strcmp0(from->part, "data") == 0,
                               .item = (int)i,
                               .data = &lines[i],
                               .key = key_of(from) };
        g_ptr_array_add(keys, (gpointer)(guintptr)rows[i].key);
        lines[i].edge = self->edge;
        set_table(view, from, &rows[i]);
        if (from->vm)
            hv_console_see(view->console, from->vm);
    }
    follow_vm(self, view, rows, n);
    mark_edge(self, rows, lines, n);
    was_marked = g_strdup(hv_list_key(self->list));
    hv_list_draw(self->list, view, canvas, rows, n, top, bottom);
    if (self->is_edited && g_strcmp0(was_marked, hv_list_key(self->list)) != 0) {
        mark_edge(self, rows, lines, n); /* the draw has put the cursor elsewhere */
        hv_list_draw(self->list, view, canvas, rows, n, top, bottom);
    }
}

/* The cache in view, with what is wished for. NULL: none. */
static HvCacheGrid *
wished_grid(Cache *self, const HvView *view, GArray *ids)
{
    HvCacheGrid *grid;

    if (!ids->len)
        return NULL;
    self->index = MIN(self->index, ids->len - 1);
    grid = hv_cache_grid_new(view->now, g_array_index(ids, guint64, self->index));
    hv_cache_edit_overlay(self->edit, grid, view->now);
    return grid;
}

static const HvCacheRow *
current_row(const Cache *self, const HvCacheGrid *grid)
{
    const char *key = self->list ? hv_list_key(self->list) : NULL;

    for (guint i = 0; key && i < grid->rows->len; i++) {
        const HvCacheRow *row = &g_array_index(grid->rows, HvCacheRow, i);
        g_autofree char *of_row = key_of(row);

        if (g_str_equal(key, of_row))
            return row;
    }
    return NULL;
}

/* While one edits: what the row is to be, and what to do with the wishes. */
static void
draw_edit(const Cache *self, const HvView *view, HvCanvas *canvas, int y,
          const HvCacheGrid *grid)
{
    const HvCacheRow *row = current_row(self, grid);
    const guint n = hv_cache_edit_count(self->edit);

    if (row && row->group && !row->vm && row->has_mask) {
        g_autofree char *text = hv_cache_edit_text(grid, view->now, row, hv_view_ascii(view));

        hv_canvas_print_in(canvas, 1, y, canvas->columns - 1, -1, HV_ROLE_TEXT, text);
    }
    if (n)
        hv_canvas_printf(canvas, 1, y + 1, HV_ROLE_WARM,
                         n == 1 ? _("%u wish, nothing is changed yet: Enter plans it, Esc "
                                    "drops it")
                                : _("%u wishes, nothing is changed yet: Enter plans them, Esc "
                                    "drops them"),
                         n);
    else
        hv_canvas_print(canvas, 1, y + 1, HV_ROLE_DIM,
                        self->edge == HV_EDGE_LEFT
                            ? _("the arrows move the left edge; o: the right one")
                            : _("the arrows move the right edge; o: the left one"));
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Cache *self = state;
    g_autoptr(GArray) ids = hv_cache_ids(view->now);
    g_autoptr(HvCacheGrid) grid = wished_grid(self, view, ids);
    const gboolean has_foot = bottom - top > 9;
    int y;

    self->n_caches = ids->len;
    if (!grid) {
        hv_cache_draw_nothing(view, canvas, top, bottom);
        return;
    }
    adopt_ways(self, grid->n_ways, canvas->columns);
    y = hv_cache_draw_head(view, canvas, top, grid, ids);
    draw_rows(self, view, canvas, grid, y, has_foot ? bottom - FOOT_ROWS : bottom);
    if (has_foot && (self->is_edited || hv_cache_edit_count(self->edit)))
        draw_edit(self, view, canvas, bottom - FOOT_ROWS, grid);
    else if (has_foot)
        hv_cache_draw_foot(view, canvas, bottom - FOOT_ROWS, grid);
}

/* ---- keys ---- */

/* What a key does to the row under the cursor; NULL, or why not. */
static char *
edit_row(Cache *self, const HvView *view, const HvCacheGrid *grid, const HvCacheRow *row,
         guint key)
{
    const int by = key == HV_KEY_LEFT || key == HV_KEY_SHIFT_LEFT || key == '-' ? -1 : 1;

    if (key == '+' || key == '-')
        return hv_cache_edit_bandwidth(self->edit, grid, view->now, row, by);
    if (key == HV_KEY_SHIFT_LEFT || key == HV_KEY_SHIFT_RIGHT)
        return hv_cache_edit_shift(self->edit, grid, view->now, row, by);
    return hv_cache_edit_stretch(self->edit, grid, view->now, row, self->edge, by);
}

static void
edit_key(Cache *self, const HvView *view, guint key)
{
    g_autoptr(GArray) ids = hv_cache_ids(view->now);
    g_autoptr(HvCacheGrid) grid = wished_grid(self, view, ids);
    const HvCacheRow *row = grid ? current_row(self, grid) : NULL;
    g_autofree char *why = row ? edit_row(self, view, grid, row, key) : NULL;

    if (why)
        hv_console_say(view->console, HV_ROLE_WARM, "%s", why);
    else
        self->is_edited = TRUE;
}

static void
plan(Cache *self, const HvView *view)
{
    if (hv_cache_edit_count(self->edit))
        hv_console_plan(view->console, hv_cache_edit_wishes(self->edit), FALSE);
    else
        hv_console_say(view->console, HV_ROLE_WARM, "%s",
                       _("nothing is wished for: the arrows move a mask's edge, + and - the "
                         "bandwidth"));
}

/* FALSE: there is nothing to drop, Escape means what it means elsewhere. */
static gboolean
drop(Cache *self)
{
    const gboolean has_any = self->is_edited || hv_cache_edit_count(self->edit);

    hv_cache_edit_clear(self->edit);
    self->is_edited = FALSE;
    return has_any;
}

static gboolean
press(Cache *self, const HvView *view, guint key)
{
    switch (key) {
    case HV_KEY_RIGHT:
    case HV_KEY_LEFT:
    case HV_KEY_SHIFT_RIGHT:
    case HV_KEY_SHIFT_LEFT:
    case '+':
    case '-':
        edit_key(self, view, key);
        return TRUE;
    case 'o':
        self->edge = self->edge == HV_EDGE_LEFT ? HV_EDGE_RIGHT : HV_EDGE_LEFT;
        self->is_edited = TRUE;
        return TRUE;
    case HV_KEY_ENTER:
        plan(self, view);
        return TRUE;
    case HV_KEY_ESCAPE:
        return drop(self);
    case 'd':
        self->index = self->index + 1 < self->n_caches ? self->index + 1 : 0;
        return TRUE;
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
    return what->kind == HV_EVENT_KEY && press(self, view, what->key);
}

static gpointer
create(void)
{
    Cache *self = g_new0(Cache, 1);

    self->edit = hv_cache_edit_new();
    return self;
}

static void
destroy(gpointer state)
{
    Cache *self = state;

    hv_list_free(self->list);
    hv_cache_edit_free(self->edit);
    g_free(self->columns);
    g_free(self->vm);
    g_clear_pointer(&self->titles, g_ptr_array_unref);
    g_free(self);
}

static void
save(gpointer state, HvViewOut *out)
{
    const Cache *self = state;

    if (self->list)
        hv_list_save(self->list, out);
    else
        hv_view_put(out, "sort", FIRST_SORT);
    hv_view_put(out, "vm", self->vm);
    hv_view_put_number(out, "cache", self->index);
    hv_view_put_flag(out, "right_edge", self->edge == HV_EDGE_RIGHT);
    hv_view_put_flag(out, "is_edited", self->is_edited);
    hv_cache_edit_save(self->edit, out);
}

static void
load(gpointer state, const HvViewIn *in)
{
    Cache *self = state;

    if (!self->list)
        adopt_ways(self, 0, 0);
    hv_list_load(self->list, in);
    g_free(self->vm);
    self->vm = hv_view_get(in, "vm");
    self->index = (guint)hv_view_number(in, "cache", 0, G_MAXUINT16);
    self->edge = hv_view_flag(in, "right_edge") ? HV_EDGE_RIGHT : HV_EDGE_LEFT;
    self->is_edited = hv_view_flag(in, "is_edited");
    hv_cache_edit_load(self->edit, in);
}

static const HvBinding bindings[] = {
    { HV_KEY_LEFT,
      N_("edge"),
      N_("move the edge of the group's mask"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_RIGHT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'o', N_("other edge"), N_("the other edge of the mask"), { .verb = HV_DO_EVENT } },
    { HV_KEY_SHIFT_LEFT, NULL, N_("move the whole mask"), { .verb = HV_DO_EVENT } },
    { HV_KEY_SHIFT_RIGHT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { '+', N_("bandwidth"), N_("more bandwidth, less"), { .verb = HV_DO_EVENT } },
    { '-', NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ENTER,
      N_("plan"),
      N_("a plan of all that is wished for; nothing is changed before"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, NULL, N_("drop what is wished for"), { .verb = HV_DO_EVENT } },
    { 'd',
      N_("next L3"),
      N_("the next last-level cache, the one before"),
      { .verb = HV_DO_EVENT } },
    { 'D', NULL, NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

const HvScreen hv_screen_cache = {
    .name = "cache",
    .title = N_("Cache"),
    .number = 4,
    .help =
        N_("The ways of each last-level cache and the groups that may fill them, who holds how "
           "much, and the bandwidth of each; the arrows edit masks, Enter plans it."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
    .save = save,
    .load = load,
};
