/* The list: what stands where, in which order and role; the cursor, sorting. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/list.h"

#include <string.h>
#include <time.h>

#include "tests/vm-table.h"

/* What a list is shown from: a store, and the snapshot of its last sample. */
typedef struct {
    HvStore *store;
    HvSnapshot *now;
    gint64 now_ns;
    HvView view;
    HvCanvas *canvas;
    HvList *list;
} Scene;

static const HvListColumn columns[] = {
    { .name = "vm", .title = "VM", .width = 8, .left = TRUE, .ascending = TRUE, .letter = 'N' },
    { .name = "state", .title = "STATE", .width = 7, .min_columns = 50, .left = TRUE },
    { .name = "cpu_ratio", .title = "CPU", .width = 6, .letter = 'P' },
    { .name = "wait_max_ratio", .title = "WAIT", .width = 6, .warm = 0.05, .hot = 0.09 },
    { .name = "memory_bytes",
      .title = "MEMORY",
      .width = 6,
      .min_columns = 100,
      .letter = 'M' },
    { .name = "home_node", .title = "HOME", .width = 7, .letter = 'H' },
    { .name = "nodes", .title = "NODES", .letter = 'O', .ascending = TRUE },
    { 0 },
};

static void
show_rows(Scene *scene, const HvTestVm *rows)
{
    scene->now_ns += G_GINT64_CONSTANT(1000000000);
    HvSink *sink = hv_sink_begin(&scene->store, 1, scene->now_ns);
    for (guint i = 0; rows[i].vm; i++)
        hv_test_put_vm(sink, &rows[i]);
    hv_sink_end(sink, TRUE);

    const guint64 tick = scene->now ? scene->now->tick + 1 : 1;
    hv_snapshot_unref(scene->now);
    scene->now = hv_snapshot_new();
    scene->now->tick = tick;
    scene->now->monotonic_ns = scene->now_ns;
    hv_snapshot_add(scene->now, hv_store_table(scene->store));
    scene->view.now = scene->now;
}

static void
draw(Scene *scene)
{
    hv_canvas_clear(scene->canvas);
    hv_list_draw_table(scene->list, &scene->view, scene->canvas, "vms", 0, scene->canvas->rows);
}

static Scene *
scene_new(const HvTestVm *rows, int width, int lines)
{
    Scene *scene = g_new0(Scene, 1);

    scene->store = hv_store_new(&hv_test_vms_schema);
    scene->canvas = hv_canvas_new(width, lines, FALSE);
    scene->list = hv_list_new(columns, "cpu_ratio");
    scene->view.filter = "";
    scene->view.tagged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    show_rows(scene, rows);
    draw(scene);
    return scene;
}

static void
scene_free(Scene *scene)
{
    hv_list_free(scene->list);
    hv_snapshot_unref(scene->now);
    hv_store_free(scene->store);
    hv_canvas_free(scene->canvas);
    g_hash_table_unref(scene->view.tagged);
    g_free(scene);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scene, scene_free)

static void
press(Scene *scene, guint key)
{
    const HvEvent event = { .kind = HV_EVENT_KEY, .key = key };

    g_assert_true(hv_list_event(scene->list, &scene->view, &event));
    draw(scene);
}

static gboolean
mouse(Scene *scene, HvMouseAction action, int x, int y)
{
    const HvEvent event = { .kind = HV_EVENT_MOUSE, .mouse = action, .x = x, .y = y };
    const gboolean done = hv_list_event(scene->list, &scene->view, &event);

    draw(scene);
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
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 6);

    g_hash_table_add(scene->view.tagged, g_strdup("web-10"));
    draw(scene);
    g_autofree char *text = hv_canvas_text(scene->canvas),
                    *roles = hv_canvas_roles(scene->canvas);
    g_assert_cmpstr(text, ==,
                    " VM                 ▼CPU   WAIT    HOME\n"
                    "▌redis-1            412%   1.2%       1\n"
                    "*web-10              88%   9.4%       0\n"
                    " idle-9             0.2%   1.2%       0\n"
                    " web-2                 –      –       –\n\n");
    g_assert_cmpstr(roles, ==,
                    "hhhhhhhhhhhhhhhhhHHHHHHHhhhhhhhhhhhhhhhh\n"
                    "cccccccccccccccccccccccccccccccccccccccc\n"
                    "ggggggggggggggggggggggggg!!!!!!ggggggggg\n"
                    "\n"
                    "                  ------ ------ -------\n\n");
    g_assert_cmpstr(hv_list_key(scene->list), ==, "redis-1");
}

static void
test_what_is_hot_stays_visible_under_the_cursor(void)
{
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 6);

    press(scene, HV_KEY_DOWN);
    g_autofree char *roles = hv_canvas_roles(scene->canvas);
    g_assert_nonnull(strstr(roles, "ccccccccccccccccccccccccc!!!!!!ccccccccc\n"));
}

static void
test_columns_follow_the_width(void)
{
    g_autoptr(Scene) wide = scene_new(hv_test_vms, 60, 3);
    g_autoptr(Scene) narrow = scene_new(hv_test_vms, 20, 3);
    g_autoptr(Scene) tiny = scene_new(hv_test_vms, 3, 2);

    g_autofree char *wide_text = hv_canvas_text(wide->canvas);
    g_assert_nonnull(strstr(wide_text, "STATE"));
    g_autofree char *narrow_text = hv_canvas_text(narrow->canvas);
    g_assert_null(strstr(narrow_text, "STATE"));
    hv_list_draw_table(tiny->list, &tiny->view, tiny->canvas, "vms", 1, 1);
    hv_list_draw_table(tiny->list, &tiny->view, tiny->canvas, "vms", 1, 0);
}

static void
test_absent_is_last_either_way(void)
{
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 6);

    assert_names(scene, "redis-1 web-10 idle-9 web-2");
    press(scene, 'I');
    assert_names(scene, "idle-9 web-10 redis-1 web-2");
    press(scene, 'N');
    assert_names(scene, "idle-9 redis-1 web-2 web-10"); /* as people count */
    press(scene, 'H');
    assert_names(scene, "redis-1 web-10 idle-9 web-2"); /* equal ones keep their order */
    press(scene, 'I');
    assert_names(scene, "web-10 idle-9 redis-1 web-2");
}

static void
test_hidden_sort_column_is_named_in_the_first_head(void)
{
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 3);

    press(scene, 'M');
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_assert_cmpstr(lines[0], ==, " VM ▼MEMORY          CPU   WAIT    HOME");
    g_assert_true(g_str_has_prefix(lines[1], "▌redis-1"));
}

static void
test_sort_keys_go_through_the_columns(void)
{
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 6);

    press(scene, '>'); /* wait */
    assert_names(scene, "web-10 redis-1 idle-9 web-2");
    press(scene, '>'); /* home */
    assert_names(scene, "redis-1 web-10 idle-9 web-2");
    press(scene, '>'); /* there is no further one */
    assert_names(scene, "redis-1 web-10 idle-9 web-2");
    press(scene, '<');
    assert_names(scene, "web-10 redis-1 idle-9 web-2");
}

static const HvTestVm later[] = {
    { "web-10", "aaaa1111-00db", "running", 0, "0", 0.5, 0.094, 1 },
    { "redis-1", "bbbb2222-00fa", "running", 1, "0-1", 0.1, 0.012, 1 },
    { "web-3", "eeee5555-0000", "running", 1, "1", 3, 0, 1 },
    { NULL },
};

static void
test_cursor_follows_the_key(void)
{
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 6);

    g_assert_cmpstr(hv_list_key(scene->list), ==, "redis-1");
    show_rows(scene, later);
    draw(scene);
    assert_names(scene, "web-3 web-10 redis-1");
    g_assert_cmpstr(hv_list_key(scene->list), ==, "redis-1");
    hv_list_set_key(scene->list, "web-3");
    draw(scene);
    g_assert_cmpstr(hv_list_key(scene->list), ==, "web-3");
    show_rows(scene, hv_test_vms); /* web-3 is gone: the cursor stays on its line */
    draw(scene);
    g_assert_cmpstr(hv_list_key(scene->list), ==, "redis-1");
}

static HvTestVm *
many_rows(guint n)
{
    HvTestVm *rows = g_new0(HvTestVm, n + 1);

    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("vm-%u", i);
        rows[i] = (HvTestVm){ g_intern_string(name), "", "", -1, "", 100 - i, -1, 0 };
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
    g_autofree HvTestVm *rows = many_rows(50);
    g_autoptr(Scene) scene = scene_new(rows, 40, 6);

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        press(scene, keys[i]);
        g_autofree char *text = hv_canvas_text(scene->canvas);
        const char *cursor = strstr(text, "▌");
        g_assert_nonnull(cursor);
        g_assert_true(g_str_has_prefix(cursor + strlen("▌"), hv_list_key(scene->list)));
    }
    press(scene, 'G');
    assert_names(scene, "vm-45 vm-46 vm-47 vm-48 vm-49");
    press(scene, 'g');
    press(scene, HV_KEY_PAGE_DOWN);
    g_assert_cmpstr(hv_list_key(scene->list), ==, "vm-5");
    press(scene, 'p');
    g_assert_cmpstr(hv_list_key(scene->list), ==, "vm-4");
    press(scene, 'G');
    press(scene, 'n'); /* around */
    g_assert_cmpstr(hv_list_key(scene->list), ==, "vm-0");
}

static void
test_mouse_clicks_and_wheel(void)
{
    g_autofree HvTestVm *rows = many_rows(50);
    g_autoptr(Scene) scene = scene_new(rows, 40, 6);

    g_assert_true(mouse(scene, HV_MOUSE_PRESS, 5, 3));
    g_assert_cmpstr(hv_list_key(scene->list), ==, "vm-2");
    g_assert_true(mouse(scene, HV_MOUSE_WHEEL_DOWN, 5, 3));
    g_assert_cmpstr(hv_list_key(scene->list), ==, "vm-5");
    for (guint i = 0; i < 30; i++)
        mouse(scene, HV_MOUSE_WHEEL_DOWN, 5, 3);
    assert_names(scene, "vm-45 vm-46 vm-47 vm-48 vm-49");
    for (guint i = 0; i < 30; i++)
        mouse(scene, HV_MOUSE_WHEEL_UP, 5, 3);
    assert_names(scene, "vm-0 vm-1 vm-2 vm-3 vm-4");
    g_assert_true(mouse(scene, HV_MOUSE_PRESS, 22, 0)); /* the head of CPU: reversed */
    press(scene, 'g');
    assert_names(scene, "vm-49 vm-48 vm-47 vm-46 vm-45");
    g_assert_true(mouse(scene, HV_MOUSE_PRESS, 2, 0)); /* VM */
    press(scene, 'g');
    assert_names(scene, "vm-0 vm-1 vm-2 vm-3 vm-4");
    g_assert_false(mouse(scene, HV_MOUSE_PRESS, 2, 6));
    g_assert_false(mouse(scene, HV_MOUSE_RELEASE, 2, 3));
}

static void
test_filter_hides_rows_and_says_so(void)
{
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 6);

    scene->view.filter = "web";
    draw(scene);
    assert_names(scene, "web-10 web-2");
    scene->view.filter = "zzz";
    draw(scene);
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_assert_nonnull(strstr(text, "\n nothing matches zzz\n"));
    press(scene, HV_KEY_DOWN);
    scene->view.filter = "";
    draw(scene);
    assert_names(scene, "redis-1 web-10 idle-9 web-2");
}

static void
test_missing_table_is_told(void)
{
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 6);

    hv_snapshot_unref(scene->now);
    scene->view.now = scene->now = hv_snapshot_new();
    draw(scene);
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_assert_nonnull(strstr(text, "\n not read yet\n"));
    press(scene, 'G');
    g_assert_null(hv_list_key(scene->list));
    g_assert_false(mouse(scene, HV_MOUSE_PRESS, 2, 8));
}

static void
test_narrow_cells_have_the_short_word(void)
{
    static const HvListColumn narrow[] = { { .name = "vm", .title = "VM", .width = 8 },
                                           { .name = "cpu_ratio", .title = "CPU", .width = 4 },
                                           { 0 } };
    static const HvTestVm failed[] = { { "a", "", "", -1, "", -2, -1, 0 }, { NULL } };
    g_autoptr(Scene) scene = scene_new(failed, 20, 3);

    hv_list_set_columns(scene->list, narrow);
    draw(scene);
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_assert_nonnull(strstr(text, " fail"));
    g_assert_null(strstr(text, "…"));
}

static void
test_ascii_has_no_other_bytes(void)
{
    g_autoptr(Scene) scene = scene_new(hv_test_vms, 40, 6);

    scene->canvas->ascii = TRUE;
    draw(scene);
    g_autofree char *text = hv_canvas_text(scene->canvas);
    g_assert_true(g_str_is_ascii(text));
    g_assert_nonnull(strstr(text, " vCPU "));
    g_assert_nonnull(strstr(text, "\n>redis-1"));
}

/* CPU time of the thread, so that a busy machine does not count. */
static double
cost_of_drawing(guint n_rows)
{
    g_autofree HvTestVm *rows = many_rows(n_rows);
    g_autoptr(Scene) scene = scene_new(rows, 40, 6);
    struct timespec begun, ended;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    for (guint i = 0; i < 50; i++)
        draw(scene);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
    return (double)(ended.tv_sec - begun.tv_sec) * 1e9 +
           (double)(ended.tv_nsec - begun.tv_nsec);
}

/* Sorting makes it 15 times as dear; comparing all rows with all would be 100 times. */
static void
test_drawing_does_not_compare_all_rows_with_all(void)
{
    g_assert_cmpfloat(cost_of_drawing(1000), <, 60 * cost_of_drawing(100));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/list/heads, rows, marks and roles", test_drawn_whole);
    g_test_add_func("/list/what is hot stays visible under the cursor",
                    test_what_is_hot_stays_visible_under_the_cursor);
    g_test_add_func("/list/columns follow the width", test_columns_follow_the_width);
    g_test_add_func("/list/absent is last either way", test_absent_is_last_either_way);
    g_test_add_func("/list/a hidden sort column is named in the first head",
                    test_hidden_sort_column_is_named_in_the_first_head);
    g_test_add_func("/list/sort keys go through the columns",
                    test_sort_keys_go_through_the_columns);
    g_test_add_func("/list/the cursor follows the key", test_cursor_follows_the_key);
    g_test_add_func("/list/the cursor is always on screen", test_cursor_is_always_on_screen);
    g_test_add_func("/list/clicks and the wheel work", test_mouse_clicks_and_wheel);
    g_test_add_func("/list/a filter hides rows and says so",
                    test_filter_hides_rows_and_says_so);
    g_test_add_func("/list/a missing table is told", test_missing_table_is_told);
    g_test_add_func("/list/narrow cells have the short word",
                    test_narrow_cells_have_the_short_word);
    g_test_add_func("/list/an ASCII list has no other bytes", test_ascii_has_no_other_bytes);
    g_test_add_func("/list/drawing does not compare all rows with all",
                    test_drawing_does_not_compare_all_rows_with_all);
    return g_test_run();
}
