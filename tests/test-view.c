/* What is saved of a console makes another one draw the same: every cell, its role and colour.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "tests/screens-fixture.h"

/* What is typed: letters, arrows, '\n' Enter, '\t' Tab, '\033' Escape, "⇟" a page down, "②" F2,
 * "⑥" F6; "¶" hands over a plan, "∅" an empty one, "‼" an outcome, "⊘" a refusal, "≣" choices.
 * Behind each key all is compared. */
typedef struct {
    const char *name;
    HvScene scene;
    int columns, rows;
    const char *keys;
} Case;

static GHashTable *compared; /* lines "screen=…" and "dialog=…" of all views */

static void
note_compared(const char *view)
{
    g_auto(GStrv) lines = g_strsplit(view, "\n", -1);

    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, "screen=") || g_str_has_prefix(*line, "dialog="))
            g_hash_table_add(compared, g_strdup(*line));
}

/* ---- what differs ---- */

static HvCanvas *
draw(HvDesk *desk, int columns, int rows)
{
    HvCanvas *canvas = hv_canvas_new(columns, rows, FALSE);

    hv_console_draw(desk->console, canvas);
    return canvas;
}

static void
tell_differences(const char *what, const char *a, const char *b)
{
    g_auto(GStrv) lines_a = g_strsplit(a, "\n", -1), lines_b = g_strsplit(b, "\n", -1);

    for (guint i = 0; lines_a[i] && lines_b[i]; i++)
        if (!g_str_equal(lines_a[i], lines_b[i]))
            g_test_message("%s %u\n%s\nrestored\n%s", what, i, lines_a[i], lines_b[i]);
}

static void
assert_same_cells(const HvCanvas *a, const HvCanvas *b)
{
    const gsize n_bytes = (gsize)a->columns * (gsize)a->rows * sizeof *a->cells;

    if (memcmp(a->cells, b->cells, n_bytes) != 0) {
        g_autofree char *text_a = hv_canvas_text(a), *text_b = hv_canvas_text(b);
        g_autofree char *roles_a = hv_canvas_roles(a), *roles_b = hv_canvas_roles(b);

        tell_differences("text", text_a, text_b);
        tell_differences("roles", roles_a, roles_b);
        g_test_fail();
    }
    g_assert_cmpint(a->cursor_x, ==, b->cursor_x);
    g_assert_cmpint(a->cursor_y, ==, b->cursor_y);
    g_assert_cmpint(a->ascii, ==, b->ascii);
}

/* @other, whatever it was, looks like @desk after the view was restored. */
static void
assert_restores(HvDesk *desk, HvDesk *other, const HvCanvas *drawn)
{
    g_autofree char *view = hv_console_save_view(desk->console), *again = NULL;
    g_autoptr(HvCanvas) canvas = NULL;

    g_assert_true(g_utf8_validate(view, -1, NULL));
    g_assert_cmpuint(strlen(view), <=, HV_VIEW_MAX);
    note_compared(view);
    other->now_ns = desk->now_ns;
    hv_console_restore_view(other->console, view);
    canvas = draw(other, drawn->columns, drawn->rows);
    assert_same_cells(drawn, canvas);
    again = hv_console_save_view(other->console);
    if (!g_str_equal(again, view)) {
        tell_differences("lines", view, again);
        g_test_fail();
    }
}

/* ---- typing ---- */

static guint
key_of(gunichar character)
{
    static const struct {
        gunichar character;
        guint key;
    } keys[] = { { '\n', HV_KEY_ENTER },      { '\t', HV_KEY_TAB },  { 033, HV_KEY_ESCAPE },
                 { 0x2190, HV_KEY_LEFT },     { 0x2191, HV_KEY_UP }, { 0x2192, HV_KEY_RIGHT },
                 { 0x2193, HV_KEY_DOWN },     { 0x2461, HV_KEY_F2 }, { 0x2465, HV_KEY_F6 },
                 { 0x21df, HV_KEY_PAGE_DOWN } };

    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].character == character)
            return keys[i].key;
    return character;
}

static guint64
newest_serial(const HvDesk *desk)
{
    g_assert_cmpuint(desk->intents->len, >, 0);
    return ((const HvIntent *)g_ptr_array_index(desk->intents, desk->intents->len - 1))->serial;
}

static HvPlan *
rich_plan(void)
{
    HvPlan *plan = hv_test_plan(12);
    HvStep *slow = hv_plan_step(plan, 3), *failed = hv_plan_step(plan, 1);

    plan->vm = g_strdup("web-1");
    plan->force = TRUE;
    slow->step_class = HV_STEP_SLOW;
    slow->state = HV_OUTCOME_BEGUN;
    slow->progress_ratio = 0.4375;
    slow->progress = g_strdup("3.1 of 16G on node 1 | 210 MB/s");
    failed->state = HV_OUTCOME_DIFFERS;
    failed->undo = HV_UNDO_NEAR;
    failed->error = g_strdup("the host made something \\else of it");
    hv_value_copy(&failed->found, &failed->before);
    failed->before.mixed = TRUE;
    failed->remark = g_strdup("read back as another list");
    return plan;
}

static HvRecipeChoice *
choice(const char *title, const char *why_not)
{
    HvRecipeChoice *made = hv_recipe_choice_new();

    made->title = g_strdup(title);
    g_ptr_array_add(made->facts, g_strdup("free cores: 19"));
    g_ptr_array_add(made->facts, g_strdup("remote then: ≈4 %"));
    made->why_not = g_strdup(why_not);
    made->is_best = !why_not;
    return made;
}

static HvAnswer *
answer_of(gunichar character, guint64 serial)
{
    HvAnswer *answer = hv_answer_new(HV_ANSWER_PLAN, serial);

    if (character == 0xb6)
        answer->plan = rich_plan();
    else if (character == 0x203c || character == 0x2205)
        answer->plan = hv_test_plan(character == 0x203c ? 2 : 0);
    if (character == 0x203c) {
        answer->kind = HV_ANSWER_OUTCOME;
        answer->plan->state = HV_PLAN_PARTLY;
        answer->plan->summary = g_strdup("1 of 2 steps stands");
    } else if (character == 0x2298) {
        answer->kind = HV_ANSWER_REFUSED;
        answer->error =
            g_error_new(HV_ERROR, HV_ERROR_CONFLICT,
                        "vm/web-1/vcpu/0/cpus: it is 4-7, we left 8: somebody else");
    } else if (character == 0x2263) {
        answer->kind = HV_ANSWER_CHOICES;
        answer->choices = g_ptr_array_new_with_free_func((GDestroyNotify)hv_recipe_choice_free);
        g_ptr_array_add(answer->choices, choice("S1: vCPUs to the memory", NULL));
        g_ptr_array_add(answer->choices, choice("S0: all of it", "no room: 3 cores are free"));
    }
    return answer;
}

static void
press(HvDesk *desk, gunichar character)
{
    const HvEvent event = { .kind = HV_EVENT_KEY, .key = key_of(character) };

    if (g_utf8_strchr("¶‼⊘≣∅", -1, character))
        hv_console_answer(desk->console, answer_of(character, newest_serial(desk)));
    else
        g_assert_true(hv_console_event(desk->console, &event));
}

static void
test_case(gconstpointer data)
{
    const Case *one = data;
    g_autoptr(HvDesk) desk = hv_test_desk_new(one->scene);
    g_autoptr(HvDesk) other = hv_test_desk_new(one->scene);
    g_autoptr(HvDesk) fresh = hv_test_desk_new(one->scene);
    g_autoptr(HvCanvas) canvas = draw(desk, one->columns, one->rows);

    for (const char *at = one->keys; *at; at += g_utf8_skip[(guchar)*at]) {
        g_test_message("at %s", at);
        press(desk, g_utf8_get_char(at));
        hv_canvas_free(canvas);
        canvas = draw(desk, one->columns, one->rows);
        assert_restores(desk, other, canvas);
    }
    assert_restores(desk, fresh, canvas);
}

/* ---- beside keys ---- */

static void
test_resized(void)
{
    static const int sizes[][2] = {
        { 120, 40 }, { 80, 24 }, { 30, 5 }, { 200, 60 }, { 60, 12 }
    };
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_WIDE);
    g_autoptr(HvDesk) other = hv_test_desk_new(HV_SCENE_WIDE);

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (const char *keys = "1G\t2G\t3G"; *keys; keys++) {
            g_autoptr(HvCanvas) canvas = NULL;

            press(desk, (gunichar)*keys);
            canvas = draw(desk, sizes[i][0], sizes[i][1]);
            assert_restores(desk, other, canvas);
        }
}

/* What is said ends, and the change reverts, at its own time. */
static void
test_time_passes(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_CHANGED);
    g_autoptr(HvDesk) other = hv_test_desk_new(HV_SCENE_CHANGED);

    hv_console_say(desk->console, HV_ROLE_GOOD, "said \033[31m at %d", 5);
    for (guint second = 0; second < 8; second++) {
        g_autoptr(HvCanvas) canvas = draw(desk, 100, 30);

        assert_restores(desk, other, canvas);
        desk->now_ns += 1000000000;
    }
}

static void
test_frozen(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_BUSY);
    g_autoptr(HvDesk) other = hv_test_desk_new(HV_SCENE_BUSY);
    g_autoptr(HvCanvas) canvas = NULL;
    g_autofree char *view = NULL;

    hv_test_desk_draw(desk);
    g_assert_cmpint(hv_view_sample_ns("screen=desk"), ==, 0);
    press(desk, 'z');
    hv_test_desk_show(desk, HV_SCENE_GONE);
    canvas = draw(desk, 80, 24);
    view = hv_console_save_view(desk->console);
    g_assert_cmpint(hv_view_sample_ns(view), ==, hv_console_view(desk->console)->now->time_ns);
    assert_restores(desk, other, canvas);
    hv_test_desk_show(other, HV_SCENE_GONE);
    g_assert_true(hv_test_desk_shows(other, "FROZEN"));
    assert_restores(desk, other, canvas);
}

static void
test_theme(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_BUSY);
    g_autofree char *view = NULL;

    hv_console_restore_view(desk->console, "screen=map\ntheme=../../../etc/passwd\n");
    hv_test_desk_draw(desk);
    g_assert_true(hv_test_desk_shows(desk, "zoom"));
    view = hv_console_save_view(desk->console);
    g_assert_nonnull(strstr(view, "\ntheme=default\n"));
}

/* Its Enter does nothing: neither a plan nor what it chose is there. */
static void
test_pictures_ask_nothing(void)
{
    static const char *const windows[] = { "a8", "c↓↓", "v≣", "a8\n¶", "u⊘", "a8\n¶w", "②" };

    for (gsize i = 0; i < G_N_ELEMENTS(windows); i++) {
        g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_TRAFFIC);
        g_autoptr(HvDesk) other = hv_test_desk_new(HV_SCENE_TRAFFIC);
        g_autofree char *view = NULL;

        for (const char *at = windows[i]; *at; at += g_utf8_skip[(guchar)*at])
            press(desk, g_utf8_get_char(at));
        hv_test_desk_draw(desk);
        view = hv_console_save_view(desk->console);
        for (const char *key = "\n\033!TfwKxqp"; *key; key++) {
            const HvEvent click = {
                .kind = HV_EVENT_MOUSE, .mouse = HV_MOUSE_PRESS, .x = 40, .y = 12
            };

            hv_console_restore_view(other->console, view);
            hv_test_desk_draw(other);
            hv_console_event(other->console, &click);
            press(other, (gunichar)*key);
        }
        g_assert_cmpuint(other->intents->len, ==, 0);
    }
}

/* More steps than there is room for: those behind are left out whole, the rest is there. */
static void
test_bound(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_TRAFFIC);
    g_autoptr(HvDesk) other = hv_test_desk_new(HV_SCENE_TRAFFIC);
    HvAnswer *answer;
    g_autofree char *view = NULL;

    press(desk, 'u');
    answer = hv_answer_new(HV_ANSWER_PLAN, newest_serial(desk));
    answer->plan = hv_test_plan(2000);
    hv_console_answer(desk->console, answer);
    hv_test_desk_draw(desk);
    view = hv_console_save_view(desk->console);
    g_assert_cmpuint(strlen(view), <=, HV_VIEW_MAX);
    g_assert_true(g_str_has_suffix(view, "\n"));
    hv_console_restore_view(other->console, view);
    g_assert_true(hv_test_desk_shows(other, "vm/web-1/vcpu/0/cpus"));
}

static double
cost_us(HvDesk *desk)
{
    gint64 begun_us;

    hv_test_desk_draw(desk);
    begun_us = g_get_monotonic_time();
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *view = hv_console_save_view(desk->console);

        g_assert_nonnull(view);
    }
    return (double)(g_get_monotonic_time() - begun_us) / 1000;
}

static void
test_cost(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_TRAFFIC);
    const double of_desk = cost_us(desk);

    press(desk, 'u');
    press(desk, 0xb6);
    g_test_message("%.1f us a view of the Desk, %.1f us with a plan of 12 steps", of_desk,
                   cost_us(desk));
}

/* ---- cases ---- */

static const Case cases[] = {
    { "desk", HV_SCENE_BUSY, 80, 24, "e↓↓jf>I ↓ G<⇟↑\n\033" },
    { "desk/findings", HV_SCENE_TRAFFIC, 120, 40, "fff↓e↓→←" },
    { "desk/filter", HV_SCENE_TRAFFIC, 100, 30, "/we\033/re\nn/zzz\033" },
    { "desk/small", HV_SCENE_TRAFFIC, 40, 10, "eG⇟↑" },
    { "map", HV_SCENE_BUSY, 80, 24, "2→↓→+↓↓-- ↓→\n" },
    { "map/wide", HV_SCENE_WIDE, 80, 14, "2⇟⇟↓+⇟↑-" },
    { "traffic", HV_SCENE_TRAFFIC, 100, 30, "3o→←-+↓>I↓/ca\n" },
    { "traffic/wide", HV_SCENE_WIDE, 60, 20, "3→→↓-o+" },
    { "cache", HV_SCENE_TRAFFIC, 100, 30, "4↓↓→→o←+-↓d" },
    { "cache/wide", HV_SCENE_WIDE, 100, 30, "4ddD↓↓↓→o+<\033" },
    { "interrupts", HV_SCENE_BUSY, 100, 30, "5↓>>IG↑A" },
    { "findings", HV_SCENE_TRAFFIC, 100, 30, "6↓" },
    { "journal", HV_SCENE_CHANGED, 100, 30, "7↓e↓↓e<IG\n↓\033" },
    { "sources", HV_SCENE_BUSY, 80, 24, "8↓↓>Io↓\033" },
    { "vm", HV_SCENE_BUSY, 80, 24, "\n↓↓>I⇟\033" },
    { "why", HV_SCENE_TRAFFIC, 80, 24, "w↓⇟⇟\033" },
    { "tags", HV_SCENE_TRAFFIC, 80, 24, "  t↓U" },
    { "mono", HV_SCENE_TRAFFIC, 80, 24, "xeF3x" },
    { "settings", HV_SCENE_BUSY, 100, 40, "②↓↓\n②G\n②" },
    { "help", HV_SCENE_BUSY, 80, 24, "?↓⇟⇟↑G\033" },
    { "sort dialog", HV_SCENE_BUSY, 80, 24, "⑥↓↓\n3⑥↓" },
    { "command", HV_SCENE_BUSY, 80, 24, ":s\t\t\tvm\t\t ö\\|=" },
    { "affinity", HV_SCENE_BUSY, 80, 24, "ea8,9←\t\t0p\n⊘\t\n" },
    { "affinity of tagged", HV_SCENE_BUSY, 100, 30, "  a99" },
    { "plan", HV_SCENE_TRAFFIC, 100, 30, "a8\n¶↓↓↓$↓⇟$\t↓\033" },
    { "plan, low", HV_SCENE_TRAFFIC, 60, 14, "a8\n¶↓↓↓⇟↓\t↓⇟\t!T" },
    { "plan, running", HV_SCENE_TRAFFIC, 100, 30, "a8\n¶\n¶\033↓‼↓$" },
    { "plan, refused", HV_SCENE_TRAFFIC, 100, 30, "a8\n¶\n⊘↓f" },
    { "plan, written", HV_SCENE_TRAFFIC, 100, 30, "a8\n¶wx|y\n⊘" },
    { "plan, nothing", HV_SCENE_TRAFFIC, 100, 30, "a8\n∅" },
    { "move", HV_SCENE_TRAFFIC, 120, 30, "v≣↓↑\n⊘↓" },
    { "move, narrow", HV_SCENE_TRAFFIC, 70, 24, "  v≣↓↑\n¶\033" },
    { "cache menu", HV_SCENE_TRAFFIC, 100, 30, "c↓↓\n↓\033↑\n5\n⊘" },
    { "interrupts menu", HV_SCENE_BUSY, 100, 30, "i\033 5↓i↓↓\n↓" },
    { "conflict", HV_SCENE_TRAFFIC, 80, 24, "u⊘" },
    { "redo conflict", HV_SCENE_CHANGED, 80, 24, "7↓y⊘" },
    { "armed", HV_SCENE_CHANGED, 100, 30, "7?\033" },
    { "empty", HV_SCENE_EMPTY, 80, 24, "2345678" },
    { "nobody", HV_SCENE_NOBODY, 80, 24, "2345678" },
    { "first", HV_SCENE_FIRST, 80, 24, "2345678" },
};

static void
test_all_were_compared(void)
{
    static const char *const windows[] = { "text",     "choice",   "ask",  "menu",
                                           "conflict", "affinity", "move", "plan" };

    g_hash_table_remove_all(compared);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        test_case(&cases[i]);
    for (guint i = 0; hv_screens[i]; i++) {
        g_autofree char *line = g_strconcat("screen=", hv_screens[i]->name, NULL);

        g_assert_true(g_hash_table_contains(compared, line));
        g_assert_cmpint(hv_screens[i]->create != NULL, ==, hv_screens[i]->save != NULL);
        g_assert_cmpint(hv_screens[i]->save != NULL, ==, hv_screens[i]->load != NULL);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(windows); i++) {
        g_autofree char *line = g_strconcat("dialog=", windows[i], NULL);

        g_assert_true(g_hash_table_contains(compared, line));
    }
}

int
main(int argc, char **argv)
{
    g_autoptr(GHashTable) lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    compared = lines;
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path =
            g_strdup_printf("/view/%s is the same when restored", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/view/is the same at any size", test_resized);
    g_test_add_func("/view/says and reverts in time", test_time_passes);
    g_test_add_func("/view/frozen shows its own sample", test_frozen);
    g_test_add_func("/view/opens no file that a log names", test_theme);
    g_test_add_func("/view/windows restored ask for nothing", test_pictures_ask_nothing);
    g_test_add_func("/view/is bounded", test_bound);
    g_test_add_func("/view/is saved at little cost", test_cost);
    g_test_add_func("/view/of every screen and window", test_all_were_compared);
    return g_test_run();
}
