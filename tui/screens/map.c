/* The Map: hwloc's boxes as lstopo users know them, with loads and whose vCPU runs where. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/console.h"
#include "tui/map-draw.h"

typedef struct {
    HvMapZoom zoom;
    gboolean zoom_chosen; /* by the person; else by what fits */
    int columns;
    guint64 generation; /* of the topology laid out */
    HvMapLayout *layout;
    int cursor;              /* item index */
    int cursor_cpu;          /* a cpu of the object under the cursor, kept over re-layout; -1 */
    int scroll, top, bottom; /* as last drawn */
    HvMapMarks *marks;
} Map;

static const char *const zoom_names[HV_MAP_N_ZOOMS] = { N_("PU"), N_("core"), N_("L3"),
                                                        N_("node") };

static gpointer
create(void)
{
    Map *map = g_new0(Map, 1);

    map->cursor_cpu = -1;
    map->marks = hv_map_marks_new();
    return map;
}

static void
destroy(gpointer state)
{
    Map *map = state;

    if (!map)
        return;
    hv_map_layout_free(map->layout);
    hv_map_marks_free(map->marks);
    g_free(map);
}

static const HvMapItem *
item_at(const Map *map, int index)
{
    if (!map->layout || index < 0 || (guint)index >= map->layout->items->len)
        return NULL;
    return &g_array_index(map->layout->items, HvMapItem, index);
}

/* The closest look at which the whole machine fits the screen. */
static HvMapZoom
fitting_zoom(const HvTopology *topology, int columns, int rows)
{
    for (HvMapZoom zoom = HV_MAP_PU; zoom < HV_MAP_NODE; zoom++) {
        g_autoptr(HvMapLayout) layout = hv_map_layout_new(topology, zoom, columns);

        if (layout->height <= rows)
            return zoom;
    }
    return HV_MAP_LLC;
}

static int
first_object(const HvMapLayout *layout)
{
    for (guint i = 0; i < layout->items->len; i++)
        if (g_array_index(layout->items, HvMapItem, i).kind == HV_MAP_OBJECT)
            return (int)i;
    return -1;
}

static void
put_cursor(Map *map, int index)
{
    const HvMapItem *item = item_at(map, index);

    map->cursor = index;
    if (item && item->cpus &&
        !(map->cursor_cpu >= 0 && hv_set_has(item->cpus, (guint)map->cursor_cpu)))
        map->cursor_cpu = hv_set_next(item->cpus, -1);
}

static void
lay_out(Map *map, const HvTopology *topology, int columns, int rows)
{
    if (map->layout && map->columns == columns && map->generation == topology->generation)
        return;
    if (!map->zoom_chosen)
        map->zoom = fitting_zoom(topology, columns, rows);
    hv_map_layout_free(map->layout);
    map->layout = hv_map_layout_new(topology, map->zoom, MAX(20, columns));
    map->columns = columns;
    map->generation = topology->generation;
    const int at =
        map->cursor_cpu >= 0 ? hv_map_layout_of_cpu(map->layout, (guint)map->cursor_cpu) : -1;
    put_cursor(map, at >= 0 ? at : first_object(map->layout));
}

static void
append_place(GString *out, const char *word, int number)
{
    if (number >= 0)
        g_string_append_printf(out, "  %s %d", word, number);
}

/* The line above: zoom, and what is under the cursor, or what is carried and where it would go.
 */
static void
draw_title(const Map *map, const HvView *view, HvCanvas *canvas, int y)
{
    const HvMapItem *item = item_at(map, map->cursor);
    g_autoptr(GString) line = g_string_new(NULL);
    const char *vm = NULL;
    int vcpu = -1;
    const gboolean held = hv_console_picked(view->console, &vm, &vcpu);

    if (held)
        g_string_append_printf(line, _("carrying %s/%d to"), vm, vcpu);
    else
        g_string_append_printf(line, _("zoom %s:"), _(zoom_names[map->zoom]));
    if (item && item->cpus) {
        g_autofree char *cpus = hv_set_to_text(item->cpus);

        g_string_append_printf(line, "  %s %s",
                               hv_set_count(item->cpus) > 1 ? _("cpus") : _("cpu"), cpus);
        append_place(line, _("core"), item->core);
        append_place(line, "L3", item->llc);
        append_place(line, _("node"), item->node);
    }
    if (held)
        g_string_append(line, _("   Enter puts it down, Esc lets go"));
    hv_canvas_print_in(canvas, 0, y, canvas->columns, -1, held ? HV_ROLE_INPUT : HV_ROLE_TITLE,
                       line->str);
}

static void
keep_in_view(Map *map, int rows)
{
    const HvMapItem *item = item_at(map, map->cursor);

    if (!map->layout)
        return;
    if (item && item->y < map->scroll + 1)
        map->scroll = item->y <= 2 ? 0 : item->y - 1; /* with the head above it */
    if (item && item->y + item->height + 1 > map->scroll + rows)
        map->scroll = item->y + item->height + 1 - rows;
    map->scroll = CLAMP(map->scroll, 0, MAX(0, map->layout->height - rows));
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Map *map = state;
    const int rows = bottom - top - 1;

    if (!view->now->topology || !view->now->topology->n_cpus || rows < 1) {
        hv_canvas_print(canvas, 1, top + 1, HV_ROLE_ABSENT,
                        _("the topology of this host is not known (yet)"));
        return;
    }
    lay_out(map, view->now->topology, canvas->columns, rows);
    hv_map_marks_update(map->marks, view);
    map->top = top + 1;
    map->bottom = bottom;
    keep_in_view(map, rows);
    draw_title(map, view, canvas, top);
    hv_canvas_clip(canvas, 0, top + 1, canvas->columns, rows);
    for (guint i = 0; i < map->layout->items->len; i++) {
        const HvMapItem *item = &g_array_index(map->layout->items, HvMapItem, i);
        const int y = top + 1 + item->y - map->scroll;

        if (y < bottom && y + item->height > top)
            hv_map_draw_item(map->marks, map->layout, view, canvas, item, y,
                             (int)i == map->cursor);
    }
    hv_canvas_clip(canvas, 0, 0, -1, -1);
    if (map->layout->height > rows)
        hv_canvas_printf(canvas, MAX(0, canvas->columns - 14), top, HV_ROLE_DIM,
                         _("rows %d-%d/%d"), map->scroll + 1, map->scroll + rows,
                         map->layout->height);
}

/* Picks up the vCPU under the cursor: the selected VM's when it has one there, else the
 * busiest. */
static void
pick_up(Map *map, const HvView *view)
{
    const HvTable *vcpus = hv_snapshot_table(view->now, "vcpus");
    const HvMapItem *item = item_at(map, map->cursor);
    int best = -1;
    double best_run = -1;

    for (guint row = 0; item && item->cpus && vcpus && row < hv_table_n_rows(vcpus); row++) {
        const gboolean selected =
            !g_strcmp0(hv_table_text(vcpus, row, hv_table_column(vcpus, "vm")), view->vm);
        double run = 0;
        guint64 cpu;

        if (!hv_table_u64(vcpus, row, hv_table_column(vcpus, "cpu"), &cpu) ||
            !hv_set_has(item->cpus, (guint)cpu))
            continue;
        hv_table_f64(vcpus, row, hv_table_column(vcpus, "run_ratio"), &run);
        run += selected ? 1000 : 0;
        if (run > best_run) {
            best = (int)row;
            best_run = run;
        }
    }
    if (best < 0) {
        hv_console_say(view->console, HV_ROLE_WARM, "%s",
                       _("no vCPU ran here last: nothing to pick up"));
        return;
    }
    guint64 vcpu = 0;

    hv_table_u64(vcpus, (guint)best, hv_table_column(vcpus, "vcpu"), &vcpu);
    hv_console_pick(view->console,
                    hv_table_text(vcpus, (guint)best, hv_table_column(vcpus, "vm")), (int)vcpu);
}

static void
put_down(Map *map, const HvView *view)
{
    const HvMapItem *item = item_at(map, map->cursor);
    g_autofree char *number = NULL, *path = NULL, *cpus = NULL;
    const char *vm;
    int vcpu;

    if (!hv_console_picked(view->console, &vm, &vcpu) || !item || !item->cpus)
        return;
    number = g_strdup_printf("%d", vcpu);
    path = hv_knob_path("vm", vm, "vcpu", number, "cpus", NULL);
    cpus = hv_set_to_text(item->cpus);
    GPtrArray *wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);

    g_ptr_array_add(wishes, hv_wish_new(path, cpus));
    hv_console_drop(view->console);
    hv_console_plan(view->console, wishes, FALSE);
}

static void
set_zoom(Map *map, int by)
{
    map->zoom = (HvMapZoom)CLAMP((int)map->zoom + by, 0, HV_MAP_N_ZOOMS - 1);
    map->zoom_chosen = TRUE;
    map->columns = 0; /* lays out anew */
}

static void
step(Map *map, int dx, int dy, int times)
{
    for (int i = 0; i < times && map->layout; i++) {
        const int to = hv_map_layout_step(map->layout, map->cursor, dx, dy);

        if (to == map->cursor)
            return;
        map->cursor_cpu = -1;
        put_cursor(map, to);
    }
}

static gboolean
mouse(Map *map, const HvEvent *event)
{
    const int at =
        map->layout ? hv_map_layout_at(map->layout, event->x, event->y - map->top + map->scroll)
                    : -1;

    if (event->mouse == HV_MOUSE_WHEEL_UP || event->mouse == HV_MOUSE_WHEEL_DOWN) {
        step(map, 0, event->mouse == HV_MOUSE_WHEEL_UP ? -1 : 1, 1);
    } else if (event->mouse == HV_MOUSE_PRESS && at >= 0) {
        map->cursor_cpu = -1;
        put_cursor(map, at);
    }
    return TRUE;
}

static gboolean
enter(Map *map, const HvView *view)
{
    const HvMapItem *item = item_at(map, map->cursor);
    const HvTable *vcpus = hv_snapshot_table(view->now, "vcpus");
    const guint row = item && map->zoom == HV_MAP_PU
                          ? GPOINTER_TO_UINT(g_hash_table_lookup(
                                map->marks->runs_on, GUINT_TO_POINTER((guint)item->id + 1)))
                          : 0;

    if (hv_console_picked(view->console, NULL, NULL))
        put_down(map, view);
    else if (row && vcpus && row <= hv_table_n_rows(vcpus))
        hv_console_select_vm(view->console,
                             hv_table_text(vcpus, row - 1, hv_table_column(vcpus, "vm")));
    return TRUE;
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    static const struct {
        guint key;
        int dx, dy, times;
    } moves[] = {
        { HV_KEY_LEFT, -1, 0, 1 },
        { HV_KEY_RIGHT, 1, 0, 1 },
        { HV_KEY_UP, 0, -1, 1 },
        { HV_KEY_DOWN, 0, 1, 1 },
        { 'k', 0, -1, 1 },
        { 'j', 0, 1, 1 },
        { HV_KEY_PAGE_UP, 0, -1, 8 },
        { HV_KEY_PAGE_DOWN, 0, 1, 8 },
        { 'g', 0, -1, G_MAXINT },
        { 'G', 0, 1, G_MAXINT },
    };
    Map *map = state;

    if (what->kind == HV_EVENT_MOUSE)
        return mouse(map, what);
    for (guint i = 0; i < G_N_ELEMENTS(moves); i++) {
        if (moves[i].key == what->key) {
            step(map, moves[i].dx, moves[i].dy, moves[i].times);
            return TRUE;
        }
    }
    switch (what->key) {
    case '+':
    case '-':
        set_zoom(map, what->key == '+' ? -1 : 1);
        return TRUE;
    case ' ':
        pick_up(map, view);
        return TRUE;
    case HV_KEY_ENTER:
        return enter(map, view);
    case HV_KEY_ESCAPE:
        if (!hv_console_picked(view->console, NULL, NULL))
            return FALSE;
        hv_console_drop(view->console);
        return TRUE;
    default:
        return FALSE;
    }
}

static const HvBinding bindings[] = {
    { HV_KEY_UP,
      NULL,
      N_("arrows move over PUs, cores, L3s or nodes, by the zoom"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_DOWN, NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_LEFT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_RIGHT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'j', NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'k', NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'g', NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'G', NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_PAGE_UP, NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_PAGE_DOWN, NULL, NULL, { .verb = HV_DO_EVENT } },
    { ' ', N_("pick up"), N_("picks up the vCPU that ran here last"), { .verb = HV_DO_EVENT } },
    { HV_KEY_ENTER,
      N_("put down"),
      N_("puts the vCPU down here, into a plan; else selects the VM"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, NULL, N_("lets go of the vCPU"), { .verb = HV_DO_EVENT } },
    { '+', N_("zoom in"), N_("a closer look: node, L3, core, PU"), { .verb = HV_DO_EVENT } },
    { '-', N_("zoom out"), N_("a wider look"), { .verb = HV_DO_EVENT } },
    { 0 },
};
static const char *const tables[] = { "cpus", "nodes", "vcpus", "devices", NULL };

const HvScreen hv_screen_map = {
    .name = "map",
    .title = N_("Map"),
    .number = 2,
    .help = N_("the machine as boxes: packages, nodes, L3s, cores, PUs with their load and who "
               "runs there"),
    .bindings = bindings,
    .tables = tables,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
};
