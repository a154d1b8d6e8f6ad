/* The grid: what stands where, in which order and role; the cursor, sorting. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/grid.h"

#include <string.h>

#include "model/sink.h"

enum { VM, UUID, STATE, HOME, NODES, CPU, WAIT, MEMORY, LIBVIRT };
static const HvColumn vm_columns[] = {
    [VM] = { "vm", HV_KIND_KEY, HV_UNIT_NONE, "" },
    [UUID] = { "uuid", HV_KIND_TEXT, HV_UNIT_NONE, "" },
    [STATE] = { "state", HV_KIND_TEXT, HV_UNIT_NONE, "" },
    [HOME] = { "home_node", HV_KIND_U64, HV_UNIT_NONE, "" },
    [NODES] = { "nodes", HV_KIND_SET, HV_UNIT_NONE, "" },
    [CPU] = { "cpu_ratio", HV_KIND_F64, HV_UNIT_RATIO, "" },
    [WAIT] = { "wait_max_ratio", HV_KIND_F64, HV_UNIT_RATIO, "" },
    [MEMORY] = { "memory_bytes", HV_KIND_U64, HV_UNIT_BYTES, "" },
    [LIBVIRT] = { "in_libvirt", HV_KIND_BOOL, HV_UNIT_NONE, "" },
    { 0 },
};
static const HvSchema vm_schema = { .name = "vms", .columns = vm_columns };
enum { TRAFFIC_VM, REMOTE };
static const HvColumn traffic_columns[] = {
    [TRAFFIC_VM] = { "vm", HV_KIND_KEY, HV_UNIT_NONE, "" },
    [REMOTE] = { "remote_per_s", HV_KIND_F64, HV_UNIT_PER_S, "" },
    { 0 },
};
static const HvSchema traffic_schema = { .name = "traffic", .columns = traffic_columns };
static const HvHistoryColumn history_columns[] = { { "vms", "cpu_ratio" }, { 0 } };

typedef struct {
    const char *vm, *uuid, *state;
    int home; /* -1: not known */
    const char *nodes;
    double cpu, wait; /* below 0: not known */
    guint64 memory_bytes;
} Row;

static const Row few[] = {
    { "web-10", "aaaa1111-00db", "running", 0, "0", 0.881, 0.094, G_GUINT64_CONSTANT(1) << 30 },
    { "redis-1", "bbbb2222-00fa", "running", 1, "0-1", 4.12, 0.012,
      G_GUINT64_CONSTANT(8) << 30 },
    { "web-2", "cccc3333-0000", "paused", -1, "1", -1, -1, G_GUINT64_CONSTANT(4) << 30 },
    { "idle-9", "dddd4444-0000", "running", 0, "0", 0.002, 0.012, G_GUINT64_CONSTANT(2) << 30 },
    { NULL },
};

/* What a grid is shown from: stores, and the snapshot of their last samples. */
typedef struct {
    HvStore *stores[2];
    HvHistory *history;
    HvSnapshot *now;
    gint64 now_ns;
    HvView view;
    HvCanvas *canvas;
} Scene;

static void
put_row(HvSink *sink, const Row *row)
{
    hv_row(sink, row->vm);
    hv_text(sink, UUID, row->uuid);
    hv_text(sink, STATE, row->state);
    if (row->home >= 0)
        hv_u64(sink, HOME, (guint64)row->home);
    hv_text(sink, NODES, row->nodes);
    if (row->cpu >= 0)
        hv_f64(sink, CPU, row->cpu);
    if (row->wait >= 0)
        hv_f64(sink, WAIT, row->wait);
    hv_u64(sink, MEMORY, row->memory_bytes);
    hv_bool(sink, LIBVIRT, row->home != 0);
}

static void
show_rows(Scene *scene, const Row *rows)
{
    scene->now_ns += G_GINT64_CONSTANT(1000000000);
    HvSink *sink = hv_sink_begin(scene->stores, 2, scene->now_ns);
    for (guint i = 0; rows[i].vm; i++)
        put_row(sink, &rows[i]);
    hv_sink_table(sink, 1);
    hv_row(sink, "web-2");
    hv_f64(sink, REMOTE, 83);
    hv_row(sink, "redis-1");
    hv_f64(sink, REMOTE, 4);
    hv_sink_end(sink, TRUE);

    const guint64 tick = scene->now ? scene->now->tick + 1 : 1;
    hv_snapshot_unref(scene->now);
    scene->now = hv_snapshot_new();
    scene->now->tick = tick;
    scene->now->monotonic_ns = scene->now_ns;
    scene->now->history = scene->history;
    hv_snapshot_add(scene->now, hv_store_table(scene->stores[0]));
    hv_snapshot_add(scene->now, hv_store_table(scene->stores[1]));
    hv_history_append(scene->history, tick, scene->now->tables, scene->now->n_tables);
    scene->view.now = scene->now;
}

static Scene *
scene_new(const Row *rows, int columns, int lines)
{
    Scene *scene = g_new0(Scene, 1);

    scene->stores[0] = hv_store_new(&vm_schema);
    scene->stores[1] = hv_store_new(&traffic_schema);
    scene->history = hv_history_new(history_columns);
    scene->canvas = hv_canvas_new(columns, lines, FALSE);
    scene->view.filter = "";
    scene->view.tagged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    show_rows(scene, rows);
    return scene;
}

static void
scene_free(Scene *scene)
{
    hv_snapshot_unref(scene->now);
    hv_store_free(scene->stores[0]);
    hv_store_free(scene->stores[1]);
    hv_history_free(scene->history);
    hv_canvas_free(scene->canvas);
    g_hash_table_unref(scene->view.tagged);
    g_free(scene);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scene, scene_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvGridState, hv_grid_state_free)

static const HvGridColumn columns[] = {
    { .column = "vm", .title = "VM", .width = 8 },
    { .column = "state", .title = "STATE", .width = 7, .min_columns = 50 },
    { .column = "cpu_ratio", .title = "CPU", .width = 6 },
    { .column = "wait_max_ratio", .title = "WAIT", .width = 6, .warm = 0.05, .hot = 0.09 },
    { .column = "traffic.remote_per_s", .title = "REMOTE", .width = 7 },
    { 0 },
};
static const HvGrid grid = { .table = "vms", .columns = columns, .sort = "cpu_ratio" };

static void
draw(HvGridState *state, Scene *scene)
{
    hv_canvas_clear(scene->canvas);
    hv_grid_draw(state, &scene->view, scene->canvas, 0, scene->canvas->rows);
}

static void
press(HvGridState *state, Scene *scene, guint key)
{
    const HvEvent event = { .kind = HV_EVENT_KEY, .key = key };

    g_assert_true(hv_grid_event(state, &scene->view, &event));
    draw(state, scene);
}

static gboolean
mouse(HvGridState *state, Scene *scene, HvMouseAction action, int x, int y)
{
    const HvEvent event = { .kind = HV_EVENT_MOUSE, .mouse = action, .x = x, .y = y };
    const gboolean done = hv_grid_event(state, &scene->view, &event);

    draw(state, scene);
    return done;
}

static gboolean
run(HvGridState *state, Scene *scene, HvVerb verb, const char *column)
{
    const HvAction action = { .verb = verb, .column = column };
    const gboolean done = hv_grid_do(state, &scene->view, &action);

    draw(state, scene);
    return done;
}

/* The first word of each row, as drawn: "redis-1 web-10". */
static char *
names(const Scene *scene)
{
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *out = g_string_new(NULL);

    for (guint i = 1; lines[i]; i++) {
        const char *name = g_str_has_prefix(lines[i], "▌") ? lines[i] + strlen("▌")
                                                           : lines[i] + (*lines[i] != 0);
        const gsize length = strcspn(name, " ");

        if (length && out->len)
            g_string_append_c(out, ' ');
        g_string_append_len(out, name, (gssize)length);
    }
    return g_string_free(out, FALSE);
}

static void
assert_names(const Scene *scene, const char *expected)
{
    g_autofree char *text = names(scene);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_drawn_whole(void)
{
    g_autoptr(Scene) scene = scene_new(few, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    g_hash_table_add(scene->view.tagged, g_strdup("web-10"));
    draw(state, scene);
    g_autofree char *text = hv_canvas_text(scene->canvas),
                    *roles = hv_canvas_roles(scene->canvas);
    g_assert_cmpstr(text, ==,
                    " VM                  ▼CPU   WAIT  REMOTE\n"
                    "▌redis-1             412%   1.2%       4\n"
                    "*web-10               88%   9.4%       –\n"
                    " idle-9              0.2%   1.2%       –\n"
                    " web-2                  –      –      83\n\n");
    g_assert_cmpstr(roles, ==,
                    "hhhhhhhhhhhhhhhhhhhhhHHHHhhhhhhhhhhhhhhh\n"
                    "cccccccccccccccccccccccccccccccccccccccc\n"
                    "gggggggggggggggggggggggggg!!!!!!gggggggg\n"
                    "                                 -------\n"
                    "                   ------ ------\n\n");
    g_assert_cmpstr(hv_grid_key(state), ==, "redis-1");
}

static void
test_what_is_hot_stays_visible_under_the_cursor(void)
{
    g_autoptr(Scene) scene = scene_new(few, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    press(state, scene, HV_KEY_DOWN);
    g_autofree char *roles = hv_canvas_roles(scene->canvas);
    g_assert_nonnull(strstr(roles, "cccccccccccccccccccccccccc!!!!!!cccccccc\n"));
}

static void
test_columns_follow_the_width(void)
{
    g_autoptr(Scene) wide = scene_new(few, 60, 3);
    g_autoptr(Scene) narrow = scene_new(few, 20, 3);
    g_autoptr(Scene) tiny = scene_new(few, 3, 2);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, wide);
    g_autofree char *wide_text = hv_canvas_text(wide->canvas);
    g_assert_nonnull(strstr(wide_text, "STATE"));
    draw(state, narrow);
    g_autofree char *narrow_text = hv_canvas_text(narrow->canvas);
    g_assert_true(g_str_has_prefix(narrow_text, " VM             ▼CPU\n"));
    draw(state, tiny);
    hv_grid_draw(state, &tiny->view, tiny->canvas, 1, 1);
    hv_grid_draw(state, &tiny->view, tiny->canvas, 1, 0);
}

static void
test_absent_is_last_either_way(void)
{
    g_autoptr(Scene) scene = scene_new(few, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    assert_names(scene, "redis-1 web-10 idle-9 web-2");
    press(state, scene, 'I');
    assert_names(scene, "idle-9 web-10 redis-1 web-2");
    g_assert_true(run(state, scene, HV_DO_SORT_BY, "vm"));
    assert_names(scene, "idle-9 redis-1 web-2 web-10"); /* as people count */
    g_assert_true(run(state, scene, HV_DO_SORT_BY, "wait_max_ratio"));
    assert_names(scene, "web-10 redis-1 idle-9 web-2"); /* equal ones keep their order */
    g_assert_true(run(state, scene, HV_DO_SORT_BY, "traffic.remote_per_s"));
    assert_names(scene, "web-2 redis-1 web-10 idle-9");
    g_assert_false(run(state, scene, HV_DO_SORT_BY, "nonsense"));
    g_assert_false(run(state, scene, HV_DO_SORT_BY, NULL));
    g_assert_false(run(state, scene, HV_DO_TAG, NULL));
}

static void
test_hidden_sort_column_is_named_in_the_first_head(void)
{
    g_autoptr(Scene) scene = scene_new(few, 40, 3);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    g_assert_true(run(state, scene, HV_DO_SORT_BY, "memory_bytes"));
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_assert_true(g_str_has_prefix(text, " VM ▼memory_bytes     CPU   WAIT  REMOTE\n▌redis-1"));
}

static void
test_sort_keys_go_through_the_columns(void)
{
    g_autoptr(Scene) scene = scene_new(few, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    press(state, scene, '>'); /* wait */
    assert_names(scene, "web-10 redis-1 idle-9 web-2");
    g_assert_true(run(state, scene, HV_DO_SORT, NULL)); /* remote */
    assert_names(scene, "web-2 redis-1 web-10 idle-9");
    press(state, scene, '>'); /* around to the name */
    assert_names(scene, "idle-9 redis-1 web-2 web-10");
    press(state, scene, '<');
    assert_names(scene, "web-2 redis-1 web-10 idle-9");
}

static const Row later[] = {
    { "web-10", "aaaa1111-00db", "running", 0, "0", 0.5, 0.094, 1 },
    { "redis-1", "bbbb2222-00fa", "running", 1, "0-1", 0.1, 0.012, 1 },
    { "web-3", "eeee5555-0000", "running", 1, "1", 3, 0, 1 },
    { NULL },
};

static void
test_cursor_follows_the_key(void)
{
    g_autoptr(Scene) scene = scene_new(few, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    g_assert_cmpstr(hv_grid_key(state), ==, "redis-1");
    show_rows(scene, later);
    draw(state, scene);
    assert_names(scene, "web-3 web-10 redis-1");
    g_assert_cmpstr(hv_grid_key(state), ==, "redis-1");
    hv_grid_set_key(state, "web-3");
    draw(state, scene);
    g_assert_cmpstr(hv_grid_key(state), ==, "web-3");
    show_rows(scene, few); /* web-3 is gone: the cursor stays on its line */
    draw(state, scene);
    g_assert_cmpstr(hv_grid_key(state), ==, "redis-1");
}

static void
test_first_values_bring_the_cursor_to_the_worst(void)
{
    static const Row unknown[] = { { "a", "", "", -1, "", -1, -1, 0 },
                                   { "b", "", "", -1, "", -1, -1, 0 },
                                   { NULL } };
    static const Row known[] = { { "a", "", "", -1, "", 0.1, -1, 0 },
                                 { "b", "", "", -1, "", 0.9, -1, 0 },
                                 { NULL } };
    g_autoptr(Scene) scene = scene_new(unknown, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    g_assert_cmpstr(hv_grid_key(state), ==, "a");
    show_rows(scene, known);
    draw(state, scene);
    g_assert_cmpstr(hv_grid_key(state), ==, "b");
    show_rows(scene, unknown);
    draw(state, scene);
    g_assert_cmpstr(hv_grid_key(state), ==, "b");
}

static Row *
many_rows(guint n)
{
    Row *rows = g_new0(Row, n + 1);

    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("vm-%u", i);
        rows[i] = (Row){ g_intern_string(name), "", "", -1, "", 100 - i, -1, 0 };
    }
    return rows;
}

static void
test_cursor_is_always_on_screen(void)
{
    static const guint keys[] = { HV_KEY_DOWN,
                                  HV_KEY_PAGE_DOWN,
                                  'G',
                                  HV_KEY_UP,
                                  'k',
                                  HV_KEY_PAGE_UP,
                                  'j',
                                  HV_KEY_END,
                                  HV_KEY_HOME,
                                  'g',
                                  HV_KEY_PAGE_DOWN,
                                  HV_KEY_PAGE_DOWN,
                                  HV_KEY_UP };
    g_autofree Row *rows = many_rows(50);
    g_autoptr(Scene) scene = scene_new(rows, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        press(state, scene, keys[i]);
        g_autofree char *text = hv_canvas_text(scene->canvas);
        const char *cursor = strstr(text, "▌");
        g_assert_nonnull(cursor);
        g_assert_true(g_str_has_prefix(cursor + strlen("▌"), hv_grid_key(state)));
    }
    press(state, scene, 'G');
    assert_names(scene, "vm-45 vm-46 vm-47 vm-48 vm-49");
    press(state, scene, 'g');
    press(state, scene, HV_KEY_PAGE_DOWN);
    g_assert_cmpstr(hv_grid_key(state), ==, "vm-5");
    g_assert_true(run(state, scene, HV_DO_PREVIOUS_MATCH, NULL));
    g_assert_cmpstr(hv_grid_key(state), ==, "vm-4");
    press(state, scene, 'G');
    g_assert_true(run(state, scene, HV_DO_NEXT_MATCH, NULL)); /* around */
    g_assert_cmpstr(hv_grid_key(state), ==, "vm-0");
}

static void
test_mouse_clicks_and_wheel(void)
{
    g_autofree Row *rows = many_rows(50);
    g_autoptr(Scene) scene = scene_new(rows, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    g_assert_true(mouse(state, scene, HV_MOUSE_PRESS, 5, 3));
    g_assert_cmpstr(hv_grid_key(state), ==, "vm-2");
    g_assert_true(mouse(state, scene, HV_MOUSE_WHEEL_DOWN, 5, 3));
    assert_names(scene, "vm-3 vm-4 vm-5 vm-6 vm-7");
    g_assert_cmpstr(hv_grid_key(state), ==, "vm-3");
    for (guint i = 0; i < 30; i++)
        mouse(state, scene, HV_MOUSE_WHEEL_DOWN, 5, 3);
    assert_names(scene, "vm-45 vm-46 vm-47 vm-48 vm-49");
    for (guint i = 0; i < 30; i++)
        mouse(state, scene, HV_MOUSE_WHEEL_UP, 5, 3);
    assert_names(scene, "vm-0 vm-1 vm-2 vm-3 vm-4");
    g_assert_true(mouse(state, scene, HV_MOUSE_PRESS, 22, 0)); /* the head of CPU: reversed */
    press(state, scene, 'g');
    assert_names(scene, "vm-49 vm-48 vm-47 vm-46 vm-45");
    g_assert_true(mouse(state, scene, HV_MOUSE_PRESS, 2, 0)); /* VM */
    press(state, scene, 'g');
    assert_names(scene, "vm-0 vm-1 vm-2 vm-3 vm-4");
    g_assert_false(mouse(state, scene, HV_MOUSE_PRESS, 2, 6));
    g_assert_false(mouse(state, scene, HV_MOUSE_RELEASE, 2, 3));
}

static void
test_filter_hides_rows_and_says_so(void)
{
    g_autoptr(Scene) scene = scene_new(few, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    scene->view.filter = "web";
    draw(state, scene);
    assert_names(scene, "web-10 web-2");
    scene->view.filter = "zzz";
    draw(state, scene);
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_assert_nonnull(strstr(text, "\n nothing matches zzz\n"));
    press(state, scene, HV_KEY_DOWN);
    scene->view.filter = "";
    draw(state, scene);
    assert_names(scene, "redis-1 web-10 idle-9 web-2");
}

static void
test_missing_table_is_told(void)
{
    static const HvGrid other = { .table = "no such", .columns = columns, .sort = "vm" };
    g_autoptr(Scene) scene = scene_new(few, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&other);

    draw(state, scene);
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_assert_nonnull(strstr(text, "\n not read yet\n"));
    press(state, scene, 'G');
    g_assert_null(hv_grid_key(state));
    g_assert_false(mouse(state, scene, HV_MOUSE_PRESS, 2, 8));
}

static void
test_history_is_drawn_as_a_sparkline(void)
{
    static const HvGridColumn spark_columns[] = {
        { .column = "vm", .title = "VM", .width = 8 },
        { .column = "cpu_ratio", .title = "CPU", .width = 4, .spark = "vms.cpu_ratio" },
        { .column = "wait_max_ratio",
          .title = "WAIT",
          .width = 4,
          .spark = "vms.wait_max_ratio" },
        { 0 }
    };
    static const HvGrid spark_grid = { .table = "vms", .columns = spark_columns };
    g_autoptr(Scene) scene = scene_new(later, 20, 3);
    g_autoptr(HvGridState) state = hv_grid_state_new(&spark_grid);

    show_rows(scene, few);
    draw(state, scene);
    g_autofree char *text = hv_canvas_text(scene->canvas),
                    *roles = hv_canvas_roles(scene->canvas);
    g_assert_cmpstr(text, ==,
                    " VM        CPU  WAIT\n▌web-10      ▅█ 9.4%\n redis-1     ▁█ 1.2%\n");
    g_assert_nonnull(strstr(roles, "\n           GGGG\n"));
}

static void
test_ascii_has_no_other_bytes(void)
{
    g_autoptr(Scene) scene = scene_new(few, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    scene->canvas->ascii = TRUE;
    draw(state, scene);
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_assert_true(g_str_is_ascii(text));
    g_assert_nonnull(strstr(text, " vCPU "));
    g_assert_nonnull(strstr(text, "\n>redis-1"));
}

static void
test_drawing_again_costs_little(void)
{
    g_autofree Row *rows = many_rows(1000);
    g_autoptr(Scene) scene = scene_new(rows, 40, 6);
    g_autoptr(HvGridState) state = hv_grid_state_new(&grid);

    draw(state, scene);
    const gint64 start_us = g_get_monotonic_time();
    for (guint i = 0; i < 100; i++)
        draw(state, scene);
    g_assert_cmpint(g_get_monotonic_time() - start_us, <, 100 * 2000);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/grid/heads, rows, marks and roles", test_drawn_whole);
    g_test_add_func("/grid/what is hot stays visible under the cursor",
                    test_what_is_hot_stays_visible_under_the_cursor);
    g_test_add_func("/grid/columns follow the width", test_columns_follow_the_width);
    g_test_add_func("/grid/absent is last either way", test_absent_is_last_either_way);
    g_test_add_func("/grid/a hidden sort column is named in the first head",
                    test_hidden_sort_column_is_named_in_the_first_head);
    g_test_add_func("/grid/sort keys go through the columns",
                    test_sort_keys_go_through_the_columns);
    g_test_add_func("/grid/the cursor follows the key", test_cursor_follows_the_key);
    g_test_add_func("/grid/the first values bring the cursor to the worst",
                    test_first_values_bring_the_cursor_to_the_worst);
    g_test_add_func("/grid/the cursor is always on screen", test_cursor_is_always_on_screen);
    g_test_add_func("/grid/clicks and the wheel work", test_mouse_clicks_and_wheel);
    g_test_add_func("/grid/a filter hides rows and says so",
                    test_filter_hides_rows_and_says_so);
    g_test_add_func("/grid/a missing table is told", test_missing_table_is_told);
    g_test_add_func("/grid/history is drawn as a sparkline",
                    test_history_is_drawn_as_a_sparkline);
    g_test_add_func("/grid/an ASCII grid has no other bytes", test_ascii_has_no_other_bytes);
    g_test_add_func("/grid/drawing again costs little", test_drawing_again_costs_little);
    return g_test_run();
}
