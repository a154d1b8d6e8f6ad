/* What the screens look like: text and roles against tests/golden, at 80x24, wide and too
 * small. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "tests/screens-changed.h"

/* One picture: what is done before it is taken. */
typedef struct {
    const char *name;
    HvScene scene;
    const char *screen; /* NULL: the Desk */
    const char *keys;   /* typed then; "\r" is Enter, "\t" Tab */
    void (*then)(HvDesk *desk);
    gboolean ascii;
} Picture;

static void
show_plan(HvDesk *desk)
{
    HvAnswer *answer;

    hv_test_desk_key(desk, 'a');
    hv_test_desk_type(desk, "8");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    answer = hv_answer_new(HV_ANSWER_PLAN, hv_test_desk_asked(desk, HV_INTENT_PLAN)->serial);
    answer->plan = hv_test_plan(4);
    hv_console_answer(desk->console, answer);
}

static void
show_failed_plan(HvDesk *desk)
{
    HvAnswer *answer;

    show_plan(desk);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    answer =
        hv_answer_new(HV_ANSWER_OUTCOME, hv_test_desk_asked(desk, HV_INTENT_APPLY)->serial);
    answer->plan = hv_test_plan(4);
    answer->plan->id = 14;
    answer->plan->state = HV_PLAN_REFUSED;
    answer->plan->summary = g_strdup("plan 14 refused: step 3 failed, 2 taken back");
    hv_plan_step(answer->plan, 0)->state = HV_OUTCOME_TAKEN_BACK;
    hv_plan_step(answer->plan, 1)->state = HV_OUTCOME_TAKEN_BACK;
    hv_plan_step(answer->plan, 2)->state = HV_OUTCOME_FAILED;
    hv_plan_step(answer->plan, 2)->error = g_strdup("vm/web-1/vcpu/2/cpus: cpu 8 went offline");
    hv_plan_step(answer->plan, 3)->state = HV_OUTCOME_SKIPPED;
    hv_console_answer(desk->console, answer);
}

static void
show_conflict(HvDesk *desk)
{
    HvAnswer *answer;

    hv_test_desk_key(desk, 'u');
    answer = hv_answer_new(HV_ANSWER_REFUSED, hv_test_desk_asked(desk, HV_INTENT_UNDO)->serial);
    answer->error = g_error_new(HV_ERROR, HV_ERROR_CONFLICT,
                                "vm/web-1/vcpu/0/cpus: is 0-7 now, we left it at 0-3: somebody "
                                "else changed it");
    hv_console_answer(desk->console, answer);
}

static const Picture pictures[] = {
    { "desk-empty", HV_SCENE_EMPTY, NULL, "", NULL, FALSE },
    { "desk-nobody", HV_SCENE_NOBODY, NULL, "", NULL, FALSE },
    { "desk-first", HV_SCENE_FIRST, NULL, "", NULL, FALSE },
    { "desk", HV_SCENE_BUSY, NULL, "jjje", NULL, FALSE },
    { "desk-tagged", HV_SCENE_BUSY, NULL, "N  ", NULL, FALSE },
    { "desk-traffic", HV_SCENE_TRAFFIC, NULL, "e", NULL, FALSE },
    { "desk-traffic-ascii", HV_SCENE_TRAFFIC, NULL, "", NULL, TRUE },
    { "desk-blind", HV_SCENE_BLIND, NULL, "", NULL, FALSE },
    { "vm", HV_SCENE_BUSY, "vm", "jjj", NULL, FALSE },
    { "why", HV_SCENE_BUSY, "why", "", NULL, FALSE },
    { "interrupts", HV_SCENE_BUSY, "interrupts", "", NULL, FALSE },
    { "traffic", HV_SCENE_TRAFFIC, "traffic", "g", NULL, FALSE },
    { "vm-traffic", HV_SCENE_TRAFFIC, "vm", "", NULL, FALSE },
    { "vm-blind", HV_SCENE_BLIND, "vm", "", NULL, FALSE },
    { "why-traffic", HV_SCENE_TRAFFIC, "why", "", NULL, FALSE },
    { "why-traffic-ascii", HV_SCENE_TRAFFIC, "why", "", NULL, TRUE },
    { "why-blind", HV_SCENE_BLIND, "why", "", NULL, FALSE },
    { "cache", HV_SCENE_TRAFFIC, "cache", "jj", NULL, FALSE },
    { "cache-ascii", HV_SCENE_TRAFFIC, "cache", "d", NULL, TRUE },
    { "cache-blind", HV_SCENE_BLIND, "cache", "", NULL, FALSE },
    { "cache-wide", HV_SCENE_WIDE, "cache", "", NULL, FALSE },
    { "cache-none", HV_SCENE_BUSY, "cache", "", NULL, FALSE },
    { "traffic-ascii", HV_SCENE_TRAFFIC, "traffic", "g", NULL, TRUE },
    { "interrupts-ascii", HV_SCENE_BUSY, "interrupts", "", NULL, TRUE },
    { "traffic-vm", HV_SCENE_TRAFFIC, "traffic", "og", NULL, FALSE },
    { "traffic-blind", HV_SCENE_BLIND, "traffic", "g", NULL, FALSE },
    { "traffic-wide", HV_SCENE_WIDE, "traffic", "g", NULL, FALSE },
    { "traffic-none", HV_SCENE_BUSY, "traffic", "", NULL, FALSE },
    { "journal", HV_SCENE_BUSY, "journal", "je", NULL, FALSE },
    { "journal-change", HV_SCENE_BUSY, "journal", "j\r", NULL, FALSE },
    { "sources", HV_SCENE_BUSY, "sources", "", NULL, FALSE },
    { "sources-traffic", HV_SCENE_TRAFFIC, "sources", "", NULL, FALSE },
    { "sources-left", HV_SCENE_TRAFFIC, "sources", "o", NULL, FALSE },
    { "help", HV_SCENE_BUSY, NULL, "?", NULL, FALSE },
    { "affinity", HV_SCENE_BUSY, NULL, "a2,5-6", NULL, FALSE },
    { "affinity-wrong", HV_SCENE_BUSY, NULL, "a2,14-15,99", NULL, FALSE },
    { "plan", HV_SCENE_BUSY, NULL, "", show_plan, FALSE },
    { "plan-failed", HV_SCENE_BUSY, NULL, "", show_failed_plan, FALSE },
    { "conflict", HV_SCENE_BUSY, NULL, "", show_conflict, FALSE },
    { "command", HV_SCENE_BUSY, NULL, ":s\t", NULL, FALSE },
    { "desk-changed", HV_SCENE_CHANGED, NULL, "f", NULL, FALSE },
    { "desk-changed-ascii", HV_SCENE_CHANGED, NULL, "ff", NULL, TRUE },
    { "journal-changed", HV_SCENE_CHANGED, "journal", "e", NULL, FALSE },
    { "journal-contested", HV_SCENE_CHANGED, "journal", "j", NULL, FALSE },
    { "journal-effect", HV_SCENE_CHANGED, "journal", "\r", NULL, FALSE },
    { "move", HV_SCENE_TRAFFIC, NULL, "", hv_test_show_choices, FALSE },
    { "move-refused", HV_SCENE_TRAFFIC, NULL, "", hv_test_show_refused_choice, TRUE },
    { "plan-long", HV_SCENE_TRAFFIC, NULL, "", hv_test_show_long_plan, FALSE },
    { "plan-shell", HV_SCENE_TRAFFIC, NULL, "", hv_test_show_shell_lines, FALSE },
    { "plan-running", HV_SCENE_TRAFFIC, NULL, "", hv_test_show_running_plan, FALSE },
    { "plan-running-ascii", HV_SCENE_TRAFFIC, NULL, "", hv_test_show_running_plan, TRUE },
    { "plan-armed", HV_SCENE_TRAFFIC, NULL, "", hv_test_show_armed_plan, FALSE },
    { "plan-name", HV_SCENE_TRAFFIC, NULL, "", hv_test_show_name, FALSE },
    { "cache-edit", HV_SCENE_TRAFFIC, "cache", "", hv_test_show_cache_edit, FALSE },
    { "cache-edit-ascii", HV_SCENE_TRAFFIC, "cache", "", hv_test_show_cache_edit, TRUE },
    { "cache-menu", HV_SCENE_TRAFFIC, NULL, "c", NULL, FALSE },
    { "irq-menu", HV_SCENE_BUSY, "interrupts", "i", NULL, FALSE },
};
static const struct {
    int columns, rows;
} sizes[] = { { 80, 24 }, { 160, 45 }, { 20, 5 } };

static char *
golden_path(const char *name, const char *kind, int columns, int rows)
{
    const char *source = g_getenv("srcdir");
    g_autofree char *file = g_strdup_printf("%s-%dx%d.%s", name, columns, rows, kind);

    return g_build_filename(source ? source : ".", "tests", "golden", file, NULL);
}

static void
compare(const char *path, const char *drawn)
{
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
type(HvDesk *desk, const char *keys)
{
    for (const char *key = keys; *key; key++)
        hv_test_desk_key(desk, *key == '\r'   ? HV_KEY_ENTER
                               : *key == '\t' ? HV_KEY_TAB
                                              : (guint)*key);
}

static void
test_picture(gconstpointer data)
{
    const Picture *picture = data;
    g_autoptr(HvDesk) desk = hv_test_desk_new(picture->scene);

    if (picture->screen) {
        if (hv_console_view(desk->console)->vm)
            hv_console_select_vm(desk->console,
                                 picture->scene < HV_SCENE_TRAFFIC ? "web-1" : "redis-1");
        g_assert_true(hv_console_go(desk->console, picture->screen));
    }
    type(desk, picture->keys);
    if (picture->then)
        picture->then(desk);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const int columns = sizes[i].columns, rows = sizes[i].rows;
        g_autoptr(HvCanvas) canvas = hv_canvas_new(columns, rows, picture->ascii);
        g_autofree char *text_path = golden_path(picture->name, "txt", columns, rows);
        g_autofree char *roles_path = golden_path(picture->name, "roles", columns, rows);
        g_autofree char *text = NULL, *roles = NULL;

        hv_console_draw(desk->console, canvas);
        text = hv_canvas_text(canvas);
        roles = hv_canvas_roles(canvas);
        compare(text_path, text);
        compare(roles_path, roles);
    }
}

/* Every screen at every size around the limits: nothing may be drawn outside, nothing may
 * crash. */
static void
test_any_size(void)
{
    static const int columns[] = { 1, 2, 39, 40, 41, 53, 66, 79, 81, 100, 200, 400 };
    static const int rows[] = { 1, 9, 10, 11, 13, 25, 50, 120 };

    for (guint screen = 0; hv_screens[screen]; screen++) {
        g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_BUSY);

        hv_console_go(desk->console, hv_screens[screen]->name);
        for (gsize i = 0; i < G_N_ELEMENTS(columns) * G_N_ELEMENTS(rows); i++) {
            g_autofree char *text = hv_test_desk_text_of_size(
                desk, columns[i % G_N_ELEMENTS(columns)], rows[i / G_N_ELEMENTS(columns)]);

            g_assert_nonnull(text);
        }
    }
}

static gboolean
is_ascii(const char *text)
{
    for (; *text; text++)
        if ((*text < ' ' || *text > '~') && *text != '\n')
            return FALSE;
    return TRUE;
}

static void
test_ascii(void)
{
    for (guint screen = 0; hv_screens[screen]; screen++) {
        g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_BUSY);
        g_autoptr(HvCanvas) canvas = hv_canvas_new(120, 40, TRUE);
        g_autofree char *text = NULL;

        hv_console_go(desk->console, hv_screens[screen]->name);
        hv_console_draw(desk->console, canvas);
        text = hv_canvas_text(canvas);
        g_assert_true(is_ascii(text));
    }
}

static void
test_no_control_bytes(void)
{
    for (guint screen = 0; hv_screens[screen]; screen++) {
        g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_BUSY);
        g_autofree char *text = NULL;

        hv_console_go(desk->console, hv_screens[screen]->name);
        text = hv_test_desk_text_of_size(desk, 200, 60);
        for (const char *at = text; *at; at++)
            g_assert_true((guchar)*at >= ' ' || *at == '\n');
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(pictures); i++) {
        g_autofree char *name = g_strdup_printf("/screens/golden/%s", pictures[i].name);

        g_test_add_data_func(name, &pictures[i], test_picture);
    }
    g_test_add_func("/screens/every screen can be drawn at any size", test_any_size);
    g_test_add_func("/screens/with ASCII only, nothing else is drawn", test_ascii);
    g_test_add_func("/screens/no byte of a name reaches the terminal as it is",
                    test_no_control_bytes);
    return g_test_run();
}
