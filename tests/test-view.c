/* What is saved of a console makes another one draw the same: every cell, its role and colour.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "tests/screens-fixture.h"

/* What is typed: letters, arrows, '\n' Enter, '\t' Tab, '\033' Escape, "⇟" a page down, "②" F2;
 * "¶" hands over a plan, "‼" an outcome, "⊘" a refusal, "≣" choices. Behind each key all is
 * compared. */
typedef struct {
    const char *name;
    HvScene scene;
    int columns, rows;
    const char *keys;
} Case;

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
    } keys[] = { { '\n', HV_KEY_ENTER },  { '\t', HV_KEY_TAB },  { 033, HV_KEY_ESCAPE },
                 { 0x2190, HV_KEY_LEFT }, { 0x2191, HV_KEY_UP }, { 0x2192, HV_KEY_RIGHT },
                 { 0x2193, HV_KEY_DOWN }, { 0x2461, HV_KEY_F2 }, { 0x21df, HV_KEY_PAGE_DOWN } };

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

    if (character == 0xb6 || character == 0x203c)
        answer->plan = character == 0xb6 ? rich_plan() : hv_test_plan(2);
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

    if (character == 0xb6 || character == 0x203c || character == 0x2298 || character == 0x2263)
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
    { "sort dialog", HV_SCENE_BUSY, 80, 24, "s↓↓\n3s↓" },
    { "command", HV_SCENE_BUSY, 80, 24, ":s\t\t\tvm\t\t ö\\|=" },
    { "empty", HV_SCENE_EMPTY, 80, 24, "2345678" },
    { "nobody", HV_SCENE_NOBODY, 80, 24, "2345678" },
    { "first", HV_SCENE_FIRST, 80, 24, "2345678" },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path =
            g_strdup_printf("/view/%s is the same when restored", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
