/* The Map: hwloc's boxes as lstopo users know them, with loads and whose vCPU runs where. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/console.h"
#include "tui/map-carry.h"
#include "tui/map-draw.h"
#include "tui/pick.h"

#define LIST_COLUMNS 24 /* longer lists of cpus are counted in the title */
#define CONTEXT 3       /* rows above the cursor that shall be seen: of its package and node */

typedef struct {
    HvMapZoom zoom;
    gboolean zoom_chosen; /* by the person; else by what fits */
    HvMapLayout *layout;
    int columns, rows; /* that it was made for */
    int cursor;        /* item index */
    int cursor_cpu;    /* a cpu of the object under the cursor, kept over re-layout; -1 */
    int scroll, shift; /* rows above the picture; where its row 0 was drawn last */
    char *carried;     /* "web-1/3": what was carried at the last draw, or NULL */
    HvMapMarks *marks;
} Map;

static const char *const zoom_names[HV_MAP_N_ZOOMS] = { N_("PU"), N_("core"), N_("L3"),
                                                        N_("node") };

static gpointer
create(void)
{
    Map *map = g_new0(Map, 1);

    map->cursor = map->cursor_cpu = -1;
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
    g_free(map->carried);
    g_free(map);
}

static HvMapPen
pen_of(const Map *map, const HvView *view, HvCanvas *canvas)
{
    return (HvMapPen){ map->marks, map->layout, view, canvas, map->shift };
}

static const HvMapItem *
cursor_item(const Map *map)
{
    return map->layout ? hv_map_layout_item(map->layout, map->cursor) : NULL;
}

/* ---- layout and cursor ---- */

static void
put_cursor(Map *map, int index)
{
    const HvMapItem *item = hv_map_layout_item(map->layout, index);

    map->cursor = index;
    if (item &&
        (map->cursor_cpu < 0 || !hv_map_layout_has(map->layout, item, (guint)map->cursor_cpu)))
        map->cursor_cpu = (int)hv_map_layout_place(map->layout, item, 0)->cpu;
}

static void
go_to_cpu(Map *map, int cpu)
{
    const int index = cpu >= 0 ? hv_map_layout_of_cpu(map->layout, (guint)cpu) : -1;

    if (index < 0)
        return;
    map->cursor_cpu = cpu;
    put_cursor(map, index);
}

static void
lay_out(Map *map, HvTopology *topology, int columns, int rows)
{
    HvMapLayout *layout;

    if (map->layout && map->layout->topology == topology && map->columns == columns &&
        map->rows == rows && map->layout->zoom == map->zoom)
        return;
    layout = map->zoom_chosen ? hv_map_layout_new(topology, map->zoom, columns, rows)
                              : hv_map_layout_fitting(topology, columns, rows);
    hv_map_layout_free(map->layout);
    map->layout = layout;
    map->zoom = layout->zoom;
    map->columns = columns;
    map->rows = rows;
    map->cursor = -1;
    go_to_cpu(map, map->cursor_cpu);
    if (map->cursor < 0)
        put_cursor(map, hv_map_layout_end(layout, FALSE));
}

/* The first look is at the selected VM; a vCPU picked up elsewhere is met where it runs. */
static void
follow(Map *map, const HvView *view, gboolean is_first)
{
    const char *vm = NULL;
    int vcpu = -1;
    g_autofree char *carried = hv_console_picked(view->console, &vm, &vcpu)
                                   ? g_strdup_printf("%s/%d", vm, vcpu)
                                   : NULL;

    for (guint cpu = 0; is_first && cpu < map->marks->n_cpus; cpu++)
        if (hv_map_marks_cpu(map->marks, cpu)->running) {
            go_to_cpu(map, (int)cpu);
            break;
        }
    if (carried && g_strcmp0(carried, map->carried))
        go_to_cpu(map, hv_map_cpu_of(map->marks, vm, vcpu));
    g_free(map->carried);
    map->carried = g_steal_pointer(&carried);
}

static void
keep_in_view(Map *map, int rows)
{
    const HvMapItem *item = cursor_item(map);
    const int context = item ? CLAMP(rows - item->height, 0, CONTEXT) : 0;

    if (!item)
        return;
    map->scroll = MAX(map->scroll, item->y + item->height + MIN(context, 1) - rows);
    map->scroll = MIN(map->scroll, item->y - context);
    map->scroll = CLAMP(map->scroll, 0, MAX(0, map->layout->height - rows));
}

/* ---- drawing ---- */

/* The last-level cache is L2 on some machines. */
static const char *
llc_name(const HvTopology *topology)
{
    return topology->n_llcs && topology->llcs[0].level == 2 ? "L2" : "L3";
}

static void
add_place(HvRun *run, HvRole role, const char *word, int number)
{
    if (number >= 0)
        hv_run_addf(run, role, "%s %d", word, number);
}

/* What is under the cursor, in one line: where it is, how busy, who ran there last. */
static void
tell_object(const HvMapPen *pen, const HvMapItem *item, HvRun *run, HvRole role)
{
    g_autoptr(HvSet) cpus = hv_map_layout_cpus(pen->layout, item);
    g_autofree char *list = hv_set_to_text(cpus);
    double use;

    if (item->n == 1)
        hv_run_addf(run, role, _("cpu %s"), list);
    else if (hv_text_width(list) > LIST_COLUMNS)
        hv_run_addf(run, role, _("%u cpus"), item->n);
    else
        hv_run_addf(run, role, _("cpus %s"), list);
    add_place(run, role, _("core"), item->core);
    add_place(run, role, llc_name(pen->layout->topology), item->llc);
    add_place(run, role, _("node"), item->node);
    add_place(run, role, _("package"), item->package);
    if (hv_map_mean(pen, item, &use))
        hv_run_addf(run, role, "%.0f%%", use * 100);
    if (hv_set_intersects(cpus, pen->layout->topology->isolated))
        hv_run_add(run, role, _("isolated"));
}

static void
tell_vcpus(const HvMapPen *pen, const HvMapItem *item, HvRun *run)
{
    g_autoptr(GArray) rows = hv_map_vcpus_on(pen, item);

    for (guint i = 0; i < rows->len; i++) {
        const guint row = g_array_index(rows, guint, i);
        const char *vm = hv_table_text(pen->marks->vcpus, row, pen->marks->vm_column);
        guint64 vcpu = 0;

        hv_table_u64(pen->marks->vcpus, row, pen->marks->vcpu_column, &vcpu);
        if (!hv_run_addf(run, HV_ROLE_TEXT, "%s/%" G_GUINT64_FORMAT, vm ? vm : "?", vcpu))
            return;
    }
}

/* Right: which VM is marked, and which rows are seen. Returns the column where that begins. */
static int
draw_title_end(const Map *map, const HvView *view, HvCanvas *canvas, int y)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const char *vm = hv_pick_text(vms, hv_pick_row(vms, view->vm), "vm");
    g_autofree char *marked = vm ? g_strdup_printf("* %s", vm) : NULL;
    int x = canvas->columns - 1;

    if (map->layout->height > map->rows) {
        g_autofree char *rows = g_strdup_printf(
            _("rows %d-%d/%d"), map->scroll + 1,
            MIN(map->layout->height, map->scroll + map->rows), map->layout->height);

        x -= hv_text_width(rows);
        hv_canvas_print(canvas, x, y, HV_ROLE_DIM, rows);
        x -= 2;
    }
    if (marked) {
        const int width = MIN(hv_text_width(marked), canvas->columns / 4);

        x -= width;
        hv_canvas_print_in(canvas, x, y, width, -1, HV_ROLE_MARK, marked);
        x -= 2;
    }
    return x;
}

static void
draw_title(const Map *map, const HvMapPen *pen, int y)
{
    const HvMapItem *item = cursor_item(map);
    HvRun run = { pen->canvas, 1, y, pen->canvas->columns - 1 };
    const char *vm = NULL;
    int vcpu = -1;

    if (!hv_console_picked(pen->view->console, &vm, &vcpu)) {
        run.end = draw_title_end(map, pen->view, pen->canvas, y);
        hv_run_addf(&run, HV_ROLE_TITLE, _("zoom %s"),
                    map->zoom == HV_MAP_LLC ? llc_name(map->layout->topology)
                                            : _(zoom_names[map->zoom]));
        if (item) {
            tell_object(pen, item, &run, HV_ROLE_TEXT);
            tell_vcpus(pen, item, &run);
        }
        return;
    }
    g_autofree char *carried = g_strdup_printf(_("carrying %s/%d to"), vm, vcpu);

    hv_canvas_print_in(pen->canvas, 0, y, pen->canvas->columns, -1, HV_ROLE_INPUT, "");
    if (!hv_run_add(&run, HV_ROLE_INPUT, carried)) {
        hv_canvas_print_in(pen->canvas, 1, y, run.end - 1, -1, HV_ROLE_INPUT, carried);
        return;
    }
    if (item)
        tell_object(pen, item, &run, HV_ROLE_INPUT);
    hv_run_add(&run, HV_ROLE_INPUT, _("Enter puts it down, Esc lets go"));
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Map *map = state;
    const int rows = bottom - top - 1;
    const gboolean is_first = !map->layout && map->cursor_cpu < 0;

    if (!view->now->topology || hv_set_is_empty(view->now->topology->online) || rows < 1) {
        hv_canvas_print(canvas, 1, top, HV_ROLE_ABSENT,
                        _("the topology of this host is not known (yet)"));
        return;
    }
    lay_out(map, view->now->topology, canvas->columns, rows);
    hv_map_marks_update(map->marks, view);
    follow(map, view, is_first);
    keep_in_view(map, rows);
    map->shift = top + 1 - map->scroll;

    const HvMapPen pen = pen_of(map, view, canvas);

    draw_title(map, &pen, top);
    hv_canvas_clip(canvas, 0, top + 1, canvas->columns, rows);
    for (guint i = 0; i < map->layout->items->len; i++) {
        const HvMapItem *item = hv_map_layout_item(map->layout, (int)i);

        if (item->y < map->scroll + rows && item->y + item->height > map->scroll)
            hv_map_draw_item(&pen, item, (int)i == map->cursor);
    }
    hv_canvas_clip(canvas, 0, 0, -1, -1);
}

/* ---- events ---- */

static void
set_zoom(Map *map, int by)
{
    map->zoom = (HvMapZoom)CLAMP((int)map->zoom + by, 0, HV_MAP_N_ZOOMS - 1);
    map->zoom_chosen = TRUE;
}

static void
move_to(Map *map, int index)
{
    map->cursor_cpu = -1;
    put_cursor(map, index);
}

/* A page is as many rows as the screen has. */
static void
page(Map *map, int dy)
{
    const HvMapItem *from = cursor_item(map), *item = from;

    while (item && ABS(item->y - from->y) < map->rows) {
        const int to = hv_map_layout_step(map->layout, map->cursor, 0, dy);

        if (to == map->cursor)
            return;
        move_to(map, to);
        item = cursor_item(map);
    }
}

/* Enter: puts down what is carried; else selects the VM that runs here, and again opens it. */
static void
enter(const HvMapPen *pen, const HvMapItem *item)
{
    HvConsole *console = pen->view->console;
    g_autoptr(GArray) rows = hv_map_vcpus_on(pen, item);

    if (hv_console_picked(console, NULL, NULL)) {
        hv_map_put_down(pen, item);
        return;
    }
    if (!rows->len)
        return;

    const guint row = g_array_index(rows, guint, 0);
    const char *key = hv_table_row_key(pen->marks->vcpus, row);
    g_autofree char *vm = g_strndup(key, hv_map_vm_length(key));
    const HvAction open = { .verb = HV_DO_VM_PAGE };
    guint64 vcpu = 0;

    if (!g_strcmp0(vm, pen->view->vm)) {
        hv_console_do(console, &open);
        return;
    }
    hv_table_u64(pen->marks->vcpus, row, pen->marks->vcpu_column, &vcpu);
    hv_console_select_vcpu(console, vm, (int)vcpu);
}

static gboolean
mouse(Map *map, const HvEvent *event)
{
    const int at = hv_map_layout_at(map->layout, event->x, event->y - map->shift);

    if (event->mouse == HV_MOUSE_WHEEL_UP || event->mouse == HV_MOUSE_WHEEL_DOWN)
        move_to(map, hv_map_layout_step(map->layout, map->cursor, 0,
                                        event->mouse == HV_MOUSE_WHEEL_UP ? -1 : 1));
    else if (event->mouse == HV_MOUSE_PRESS && at >= 0 && event->y - map->shift >= map->scroll)
        move_to(map, at);
    return TRUE;
}

/* TRUE when the key moves the cursor. */
static gboolean
move(Map *map, guint key)
{
    static const struct {
        guint key;
        int dx, dy;
    } moves[] = { { HV_KEY_LEFT, -1, 0 }, { HV_KEY_RIGHT, 1, 0 }, { HV_KEY_UP, 0, -1 },
                  { HV_KEY_DOWN, 0, 1 },  { 'k', 0, -1 },         { 'j', 0, 1 } };

    for (guint i = 0; i < G_N_ELEMENTS(moves); i++)
        if (moves[i].key == key) {
            move_to(map,
                    hv_map_layout_step(map->layout, map->cursor, moves[i].dx, moves[i].dy));
            return TRUE;
        }
    if (key == HV_KEY_PAGE_UP || key == HV_KEY_PAGE_DOWN)
        page(map, key == HV_KEY_PAGE_UP ? -1 : 1);
    else if (key == 'g' || key == HV_KEY_HOME || key == 'G' || key == HV_KEY_END)
        move_to(map, hv_map_layout_end(map->layout, key == 'G' || key == HV_KEY_END));
    else
        return FALSE;
    return TRUE;
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    Map *map = state;
    const HvMapItem *item = cursor_item(map);
    const HvMapPen pen = pen_of(map, view, NULL);

    if (!item || !view->now->topology) /* nothing drawn yet */
        return FALSE;
    hv_map_marks_update(map->marks, view);
    if (what->kind == HV_EVENT_MOUSE)
        return mouse(map, what);
    if (move(map, what->key))
        return TRUE;
    switch (what->key) {
    case '+':
    case '-':
        set_zoom(map, what->key == '+' ? -1 : 1);
        return TRUE;
    case ' ':
        hv_map_pick_up(&pen, item);
        return TRUE;
    case HV_KEY_ENTER:
        enter(&pen, item);
        return TRUE;
    default:
        return FALSE;
    }
}

static void
save(gpointer state, HvViewOut *out)
{
    const Map *map = state;

    hv_view_put_number(out, "zoom", map->zoom);
    hv_view_put_flag(out, "zoom_chosen", map->zoom_chosen);
    hv_view_put_number(out, "cpu", map->cursor_cpu + 1);
    hv_view_put_number(out, "scroll", map->scroll);
    hv_view_put(out, "carried", map->carried);
}

/* The next draw lays out anew, with the cursor on that cpu. */
static void
load(gpointer state, const HvViewIn *in)
{
    Map *map = state;

    g_clear_pointer(&map->layout, hv_map_layout_free);
    map->cursor = -1;
    map->zoom = (HvMapZoom)hv_view_number(in, "zoom", 0, HV_MAP_N_ZOOMS - 1);
    map->zoom_chosen = hv_view_flag(in, "zoom_chosen");
    map->cursor_cpu = (int)hv_view_number(in, "cpu", 0, G_MAXUINT16) - 1;
    map->scroll = (int)hv_view_number(in, "scroll", 0, G_MAXUINT16);
    g_free(map->carried);
    map->carried = hv_view_get(in, "carried");
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
    { ' ',
      N_("pick up"),
      N_("picks up the vCPU that ran here last; again: the next one that did"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_ENTER,
      N_("put down"),
      N_("puts the vCPU down here, into a plan; else selects the VM, again: opens it"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, NULL, N_("lets go of the vCPU"), { .verb = HV_DO_BACK } },
    { '+', N_("zoom in"), N_("a closer look: node, L3, core, PU"), { .verb = HV_DO_EVENT } },
    { '-', N_("zoom out"), N_("a wider look"), { .verb = HV_DO_EVENT } },
    { 0 },
};
static const char *const tables[] = { "cpus", "nodes", "vms", "vcpus", "devices", NULL };

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
    .save = save,
    .load = load,
};
