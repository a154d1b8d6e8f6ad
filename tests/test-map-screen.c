/* Tests of the Map in its console: cursor, zoom, carrying a vCPU to where it shall run, golden
 * screens. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/knob.h"
#include "tests/map-hosts.h"
#include "tui/console.h"

/* A console on the Map, and what it asked for. */
typedef struct {
    HvBackend backend;
    HvConsole *console;
    GPtrArray *stores, *intents; /* of HvIntent */
    HvCanvas *canvas;
} Desk;

static void
submit(gpointer data, HvIntent *take_intent)
{
    g_ptr_array_add(((Desk *)data)->intents, take_intent);
}

static gint64
monotonic_ns(gpointer data G_GNUC_UNUSED)
{
    return 1000000000;
}

static gint64
realtime_ns(gpointer data G_GNUC_UNUSED)
{
    return G_GINT64_CONSTANT(1767362531) * 1000000000; /* 2026-01-02 14:02:11 UTC */
}

static void
show(Desk *desk, const char *machine)
{
    g_autoptr(HvTopology) topology = hv_test_machine_topology(hv_test_machine(machine));

    hv_console_show(desk->console, hv_test_map_snapshot(topology, desk->stores));
}

static Desk *
desk_new(const char *machine, int columns, int rows)
{
    Desk *desk = g_new0(Desk, 1);
    const HvConsoleOptions options = { .version = "0.1", .screen = "map" };

    desk->backend = (HvBackend){ .data = desk,
                                 .wake_fd = -1,
                                 .submit = submit,
                                 .monotonic_ns = monotonic_ns,
                                 .realtime_ns = realtime_ns };
    desk->stores = g_ptr_array_new_with_free_func((GDestroyNotify)hv_store_free);
    desk->intents = g_ptr_array_new_with_free_func((GDestroyNotify)hv_intent_free);
    desk->console = hv_console_new(&desk->backend, &options);
    desk->canvas = hv_canvas_new(columns, rows, FALSE);
    if (machine)
        show(desk, machine);
    hv_console_draw(desk->console, desk->canvas);
    return desk;
}

static void
desk_free(Desk *desk)
{
    hv_console_free(desk->console);
    hv_canvas_free(desk->canvas);
    g_ptr_array_unref(desk->stores);
    g_ptr_array_unref(desk->intents);
    g_free(desk);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Desk, desk_free)

static void
press(Desk *desk, guint key)
{
    const HvEvent event = { .kind = HV_EVENT_KEY, .key = key };

    g_assert_true(hv_console_event(desk->console, &event));
    hv_console_draw(desk->console, desk->canvas);
}

static void
assert_shows(Desk *desk, const char *expected)
{
    g_autofree char *text = hv_canvas_text(desk->canvas);

    if (!strstr(text, expected)) {
        g_test_message("\"%s\" is not in\n%s", expected, text);
        g_test_fail();
    }
}

static void
assert_carries(Desk *desk, const char *vm, int vcpu)
{
    const char *held = NULL;
    int number = -1;

    g_assert_cmpint(hv_console_picked(desk->console, &held, &number), ==, vm != NULL);
    g_assert_cmpstr(held, ==, vm);
    g_assert_cmpint(number, ==, vcpu);
}

static guint
n_plans(const Desk *desk)
{
    guint n = 0;

    for (guint i = 0; i < desk->intents->len; i++)
        n += ((HvIntent *)desk->intents->pdata[i])->verb == HV_INTENT_PLAN ? 1 : 0;
    return n;
}

/* The one plan that was asked for sets vCPU @vcpu of @vm to @cpus. */
static void
assert_asked(const Desk *desk, const char *vm, const char *vcpu, const char *cpus)
{
    g_autofree char *path = hv_knob_path("vm", vm, "vcpu", vcpu, "cpus", NULL);
    const HvIntent *intent;
    const HvWish *wish;

    g_assert_cmpuint(n_plans(desk), ==, 1);
    intent = desk->intents->pdata[desk->intents->len - 1];
    g_assert_cmpint(intent->verb, ==, HV_INTENT_PLAN);
    g_assert_cmpuint(intent->wishes->len, ==, 1);
    g_assert_false(intent->persist);
    wish = intent->wishes->pdata[0];
    g_assert_cmpstr(wish->knob, ==, path);
    g_assert_cmpstr(wish->value, ==, cpus);
}

/* ---- cursor and zoom ---- */

/* Somewhere between @top and @bottom there is a cell that points, and is coloured. */
static gboolean
has_cursor(const HvCanvas *canvas, int top, int bottom)
{
    const char *pointer = hv_canvas_glyph(canvas, "▶", ">");

    for (int i = top * canvas->columns; i < bottom * canvas->columns; i++)
        if (canvas->cells[i].role == HV_ROLE_CURSOR &&
            g_str_equal(canvas->cells[i].text, pointer))
            return TRUE;
    return FALSE;
}

static const guint keys[] = {
    HV_KEY_UP,        HV_KEY_DOWN, HV_KEY_LEFT, HV_KEY_RIGHT, HV_KEY_PAGE_UP,
    HV_KEY_PAGE_DOWN, 'j',         'k',         'g',          'G',
    HV_KEY_HOME,      HV_KEY_END,  '+',         '-'
};

static guint
some_key(void)
{
    return keys[g_test_rand_int_range(0, G_N_ELEMENTS(keys))];
}

static void
test_cursor_is_always_in_view(gconstpointer machine)
{
    static const struct {
        int columns, rows;
    } sizes[] = { { 80, 24 }, { 160, 50 }, { 40, 10 } };

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(Desk) desk = desk_new(machine, sizes[i].columns, sizes[i].rows);

        g_assert_true(has_cursor(desk->canvas, 3, sizes[i].rows - 1));
        for (int n = 0; n < 100; n++) {
            press(desk, some_key());
            g_assert_true(has_cursor(desk->canvas, 3, sizes[i].rows - 1));
        }
    }
}

static void
test_cursor_is_in_view_of_20x5(gconstpointer machine)
{
    extern const HvScreen hv_screen_map;
    g_autoptr(Desk) desk = desk_new(machine, 80, 24);
    g_autoptr(HvCanvas) canvas = hv_canvas_new(20, 5, TRUE);
    gpointer state = hv_screen_map.create();

    for (int n = 0; n < 100; n++) {
        const HvEvent event = { .kind = HV_EVENT_KEY, .key = some_key() };

        hv_canvas_clear(canvas);
        hv_screen_map.draw(state, hv_console_view(desk->console), canvas, 0, 5);
        g_assert_true(has_cursor(canvas, 1, 5));
        g_assert_true(hv_screen_map.event(state, hv_console_view(desk->console), &event));
    }
    hv_screen_map.destroy(state);
}

static void
test_zoom_keeps_the_place(void)
{
    g_autoptr(Desk) desk = desk_new("8x32x2", 160, 50);

    press(desk, '+');
    for (int i = 0; i < 7; i++)
        press(desk, HV_KEY_RIGHT);
    press(desk, HV_KEY_DOWN);
    assert_shows(desk, "zoom PU  cpu 263  core 7  L3 0  node 0  package 0  35%");
    press(desk, '-');
    assert_shows(desk, "zoom core  cpus 7,263  core 7");
    press(desk, '-');
    assert_shows(desk, "zoom L3  cpus 0-31,256-287  L3 0");
    press(desk, '-');
    assert_shows(desk, "zoom node  cpus 0-31,256-287");
    press(desk, '-');
    assert_shows(desk, "zoom node");
    for (int i = 0; i < 4; i++)
        press(desk, '+');
    assert_shows(desk, "zoom PU  cpu 263");
}

static void
test_first_look_is_at_the_selected_vm(void)
{
    g_autoptr(Desk) desk = desk_new(NULL, 80, 24);

    hv_console_select_vm(desk->console, "redis-1");
    show(desk, "2x20x2");
    hv_console_draw(desk->console, desk->canvas);
    assert_shows(desk, "zoom core  cpus 4,44");
    assert_shows(desk, "* redis-1");
}

static void
test_topology_may_change_under_the_cursor(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 80, 24);

    press(desk, 'G');
    show(desk, "one-cpu"); /* and a key before it is drawn */
    press(desk, HV_KEY_UP);
    assert_shows(desk, "zoom PU  cpu 0");
    g_assert_true(has_cursor(desk->canvas, 3, 23));
}

static void
test_unknown_topology_is_said(void)
{
    g_autoptr(Desk) desk = desk_new(NULL, 80, 24);

    assert_shows(desk, "the topology of this host is not known (yet)");
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        press(desk, keys[i]);
    press(desk, ' ');
    press(desk, HV_KEY_ENTER);
    g_assert_cmpuint(n_plans(desk), ==, 0);
}

static void
test_click_moves_the_cursor(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 80, 24);
    HvEvent event = { .kind = HV_EVENT_MOUSE, .mouse = HV_MOUSE_PRESS, .x = 20, .y = 7 };

    hv_console_event(desk->console, &event);
    hv_console_draw(desk->console, desk->canvas);
    assert_shows(desk, "cpus 10,50");
    event.mouse = HV_MOUSE_WHEEL_DOWN;
    hv_console_event(desk->console, &event);
    hv_console_draw(desk->console, desk->canvas);
    assert_shows(desk, "cpus 18,58");
}

static void
test_vms_on_screen_are_wanted(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 80, 24);
    const HvIntent *intent;
    g_autofree char *nasty = hv_knob_escape(HV_TEST_NASTY);

    g_assert_cmpuint(desk->intents->len, ==, 1);
    intent = desk->intents->pdata[0];
    g_assert_cmpint(intent->verb, ==, HV_INTENT_INTEREST);
    g_assert_true(g_ptr_array_find_with_equal_func(intent->vms, "web-1", g_str_equal, NULL));
    g_assert_true(g_ptr_array_find_with_equal_func(intent->vms, nasty, g_str_equal, NULL));
}

/* ---- carrying ---- */

static void
test_vcpu_is_carried_to_a_pu(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 160, 50);

    press(desk, ' ');
    assert_carries(desk, "web-1", 0);
    assert_shows(desk, "carrying web-1/0 to  cpu 0");
    press(desk, HV_KEY_RIGHT);
    press(desk, HV_KEY_DOWN);
    assert_shows(desk, "carrying web-1/0 to  cpu 43  core 3  L3 0  node 0");
    g_assert_cmpuint(n_plans(desk), ==, 0);
    press(desk, HV_KEY_ENTER);
    assert_asked(desk, "web-1", "0", "43");
    assert_carries(desk, NULL, -1);
}

static void
test_vcpu_is_carried_to_core_cache_and_node(void)
{
    static const struct {
        const char *machine, *cpus;
        int zoom; /* steps out from PU */
    } wider[] = {
        { "2x20x2", "0,40", 1 },
        { "2x20x2", "0-19,40-59", 2 },
        { "snc", "0-19,40-59", 2 },
        { "snc", "0-9,40-49", 3 },
        { "offline", "0-2,4-7,16,18-19", 3 },
        { "epyc", "0-127", 3 },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(wider); i++) {
        g_autoptr(Desk) desk = desk_new(wider[i].machine, 160, 50);

        press(desk, ' ');
        for (int n = 0; n < 3; n++)
            press(desk, '+');
        for (int n = 0; n < wider[i].zoom; n++)
            press(desk, '-');
        press(desk, HV_KEY_ENTER);
        assert_asked(desk, "web-1", "0", wider[i].cpus);
    }
}

static void
test_next_vcpu_is_picked_up_by_another_press(void)
{
    g_autoptr(Desk) desk = desk_new("two-cpus", 80, 24);

    press(desk, ' ');
    assert_carries(desk, "web-1", 2); /* the selected VM's, the busier one */
    press(desk, ' ');
    assert_carries(desk, "web-1", 0);
    press(desk, ' ');
    assert_carries(desk, HV_TEST_LONG, 0);
}

static void
test_escape_lets_go(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 80, 24);

    press(desk, ' ');
    press(desk, HV_KEY_ESCAPE);
    assert_carries(desk, NULL, -1);
    assert_shows(desk, "zoom core");
    press(desk, HV_KEY_ENTER);
    g_assert_cmpuint(n_plans(desk), ==, 0);
}

static void
test_other_screens_keep_what_is_carried(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 80, 24);

    press(desk, ' ');
    press(desk, '1');
    assert_carries(desk, "web-1", 0);
    press(desk, '2');
    press(desk, HV_KEY_RIGHT);
    press(desk, HV_KEY_ENTER);
    assert_asked(desk, "web-1", "0", "1,41");
}

static void
test_vcpu_picked_up_elsewhere_is_met_where_it_ran(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 160, 50);

    press(desk, 'G');
    hv_console_pick(desk->console, "redis-1", 1);
    hv_console_draw(desk->console, desk->canvas);
    assert_shows(desk, "carrying redis-1/1 to  cpu 5");
    press(desk, HV_KEY_RIGHT);
    hv_console_draw(desk->console, desk->canvas); /* and is not met again */
    assert_shows(desk, "carrying redis-1/1 to  cpu 45");
}

static void
test_odd_names_make_good_knobs(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 160, 50);

    hv_console_pick(desk->console, HV_TEST_NASTY, 0);
    hv_console_draw(desk->console, desk->canvas);
    assert_shows(desk, "carrying x\\x1b[31m/$(reboot)/0 to  cpu 6");
    press(desk, HV_KEY_ENTER);
    assert_asked(desk, HV_TEST_NASTY, "0", "6");
}

static void
test_nothing_is_picked_up_where_nothing_ran(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 80, 24);

    press(desk, 'G');
    press(desk, ' ');
    assert_carries(desk, NULL, -1);
    assert_shows(desk, "no vCPU ran here last: nothing to pick up");
}

static void
test_read_only_says_why(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 80, 24);

    desk->backend.read_only_why = "a captured tree";
    press(desk, ' ');
    assert_carries(desk, NULL, -1);
    assert_shows(desk, "nothing can be changed here: a captured tree");
}

static void
test_enter_selects_the_vm_and_then_opens_it(void)
{
    g_autoptr(Desk) desk = desk_new("2x20x2", 80, 24);
    g_autofree char *nasty = hv_knob_escape(HV_TEST_NASTY);

    for (int i = 0; i < 6; i++)
        press(desk, HV_KEY_RIGHT);
    press(desk, HV_KEY_ENTER);
    g_assert_cmpstr(hv_console_view(desk->console)->vm, ==, nasty);
    assert_shows(desk, "* x\\x1b[31m");
    assert_shows(desk, "zoom core");
    press(desk, HV_KEY_ENTER);
    g_assert_cmpstr(hv_console_view(desk->console)->vm, ==, nasty);
    g_assert_cmpuint(n_plans(desk), ==, 0);
    g_assert_false(has_cursor(desk->canvas, 3, 23)); /* another screen */
}

/* ---- golden screens ---- */

static void
compare(const char *name, const char *kind, const HvCanvas *canvas, const char *drawn)
{
    const char *source = g_getenv("srcdir");
    g_autofree char *file =
        g_strdup_printf("map-%s-%dx%d.%s", name, canvas->columns, canvas->rows, kind);
    g_autofree char *path =
        g_build_filename(source ? source : ".", "tests", "golden", file, NULL);
    g_autofree char *expected = NULL;
    g_autoptr(GError) error = NULL;

    if (g_strcmp0(g_getenv("HVTUNE_GOLDEN"), "write") == 0) {
        g_assert_true(g_file_set_contents(path, drawn, -1, &error));
        return;
    }
    g_assert_true(g_file_get_contents(path, &expected, NULL, &error));
    if (!g_str_equal(expected, drawn)) {
        g_test_message("%s differs: expected\n%s\ndrawn\n%s", path, expected, drawn);
        g_test_fail();
    }
}

static void
test_picture(gconstpointer machine)
{
    static const struct {
        int columns, rows;
    } sizes[] = { { 80, 24 }, { 160, 50 }, { 40, 10 } };

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(Desk) desk = desk_new(machine, sizes[i].columns, sizes[i].rows);
        g_autofree char *text = hv_canvas_text(desk->canvas);
        g_autofree char *roles = hv_canvas_roles(desk->canvas);

        compare(machine, "txt", desk->canvas, text);
        compare(machine, "roles", desk->canvas, roles);
    }
}

static void
add(const char *path, const char *machine, GTestDataFunc test)
{
    g_autofree char *name = g_strdup_printf("/map-screen/%s/%s", path, machine);

    g_test_add_data_func(name, machine, test);
}

int
main(int argc, char **argv)
{
    static const char *const golden[] = { "2x20x2", "8x32x2", "holes" };

    g_setenv("TZ", "UTC", TRUE);
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(golden); i++)
        add("golden", golden[i], test_picture);
    for (const HvTestMachine *machine = hv_test_machines; machine->name; machine++) {
        if (machine->n_cores > 512)
            continue; /* shows nothing more, and takes long */
        add("cursor-is-always-in-view", machine->name, test_cursor_is_always_in_view);
        add("cursor-is-in-view-of-20x5", machine->name, test_cursor_is_in_view_of_20x5);
    }
    g_test_add_func("/map-screen/zoom-keeps-the-place", test_zoom_keeps_the_place);
    g_test_add_func("/map-screen/first-look-is-at-the-selected-vm",
                    test_first_look_is_at_the_selected_vm);
    g_test_add_func("/map-screen/topology-may-change-under-the-cursor",
                    test_topology_may_change_under_the_cursor);
    g_test_add_func("/map-screen/unknown-topology-is-said", test_unknown_topology_is_said);
    g_test_add_func("/map-screen/click-moves-the-cursor", test_click_moves_the_cursor);
    g_test_add_func("/map-screen/vms-on-screen-are-wanted", test_vms_on_screen_are_wanted);
    g_test_add_func("/map-screen/vcpu-is-carried-to-a-pu", test_vcpu_is_carried_to_a_pu);
    g_test_add_func("/map-screen/vcpu-is-carried-to-core-cache-and-node",
                    test_vcpu_is_carried_to_core_cache_and_node);
    g_test_add_func("/map-screen/next-vcpu-is-picked-up-by-another-press",
                    test_next_vcpu_is_picked_up_by_another_press);
    g_test_add_func("/map-screen/escape-lets-go", test_escape_lets_go);
    g_test_add_func("/map-screen/other-screens-keep-what-is-carried",
                    test_other_screens_keep_what_is_carried);
    g_test_add_func("/map-screen/vcpu-picked-up-elsewhere-is-met-where-it-ran",
                    test_vcpu_picked_up_elsewhere_is_met_where_it_ran);
    g_test_add_func("/map-screen/odd-names-make-good-knobs", test_odd_names_make_good_knobs);
    g_test_add_func("/map-screen/nothing-is-picked-up-where-nothing-ran",
                    test_nothing_is_picked_up_where_nothing_ran);
    g_test_add_func("/map-screen/read-only-says-why", test_read_only_says_why);
    g_test_add_func("/map-screen/enter-selects-the-vm-and-then-opens-it",
                    test_enter_selects_the_vm_and_then_opens_it);
    return g_test_run();
}
