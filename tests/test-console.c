/* The console's keys and mouse: each does what the design's table says, and no key changes the
 * host by itself. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tests/screens-fixture.h"

static HvDesk *
busy(void)
{
    return hv_test_desk_new(HV_SCENE_BUSY);
}

static gboolean
is_on(HvDesk *desk, const char *tab)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(80, 24, FALSE);
    g_autofree char *text = NULL, *roles = NULL, *line = NULL;
    const char *at;

    hv_console_draw(desk->console, canvas);
    text = hv_canvas_text(canvas);
    roles = hv_canvas_roles(canvas);
    line = g_strndup(strchr(text, '\n') + 1, 80);
    at = strstr(line, tab);
    return at && strchr(roles, '\n')[1 + (at - line)] == 'A';
}

/* ---- screens, back, quit ---- */

static void
test_digits(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, "3");
    g_assert_true(is_on(desk, "3 Traffic"));
    hv_test_desk_type(desk, "4");
    g_assert_true(is_on(desk, "4 Cache"));
    hv_test_desk_type(desk, "5");
    g_assert_true(is_on(desk, "5 Interrupts"));
    hv_test_desk_type(desk, "8");
    g_assert_true(is_on(desk, "8 Sources"));
    hv_test_desk_type(desk, "1");
    g_assert_true(is_on(desk, "1 Desk"));
}

static void
test_not_yet(void)
{
    for (const char *key = "6l$"; *key; key++) {
        g_autoptr(HvDesk) desk = busy();

        g_assert_true(hv_test_desk_key(desk, (guint)*key));
        g_assert_true(hv_test_desk_shows(desk, "not in this version"));
        g_assert_true(is_on(desk, "1 Desk"));
        g_assert_cmpuint(desk->intents->len, ==, 0);
    }
}

static void
test_filter_knows_memory(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_TRAFFIC);

    hv_test_desk_type(desk, "/remote>50");
    g_assert_true(hv_test_desk_shows(desk, "redis-1            8"));
    g_assert_false(hv_test_desk_shows(desk, " db-1  "));
    for (guint i = 0; i < 9; i++)
        hv_test_desk_key(desk, HV_KEY_BACKSPACE);
    hv_test_desk_type(desk, "node:1 remote<50");
    g_assert_true(hv_test_desk_shows(desk, "db-1              12"));
    g_assert_false(hv_test_desk_shows(desk, " trainer-a  "));
}

static void
test_the_desk_names_vm_and_cause(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_TRAFFIC);
    g_autoptr(HvCanvas) canvas = hv_canvas_new(80, 24, FALSE);
    g_autofree char *roles = NULL, *text = NULL;
    g_auto(GStrv) lines = NULL, role_lines = NULL;

    hv_console_draw(desk->console, canvas);
    text = hv_canvas_text(canvas);
    roles = hv_canvas_roles(canvas);
    lines = g_strsplit(text, "\n", -1);
    role_lines = g_strsplit(roles, "\n", -1);
    g_assert_true(g_str_has_prefix(lines[7], "\xe2\x96\x8credis-1 "));
    g_assert_nonnull(strstr(lines[7], " 83 "));
    g_assert_nonnull(strstr(role_lines[7], "!!"));
    g_assert_nonnull(strstr(text, "1 redis-1  83 % of its 3.1 GB/s come from S1"));
    g_assert_nonnull(strstr(text, "\n   a pins its vCPUs to S1"));
}

static void
test_tab(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_key(desk, HV_KEY_BACKTAB);
    g_assert_true(is_on(desk, "8 Sources"));
    hv_test_desk_key(desk, HV_KEY_TAB);
    g_assert_true(is_on(desk, "1 Desk"));
    hv_test_desk_key(desk, HV_KEY_TAB);
    g_assert_false(is_on(desk, "1 Desk"));
}

static void
test_quit(void)
{
    static const guint keys[] = { 'q', 'Q', HV_KEY_F10, HV_KEY_CTRL + 'c' };

    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autoptr(HvDesk) desk = busy();

        g_assert_false(hv_test_desk_key(desk, keys[i]));
        g_assert_cmpuint(desk->intents->len, ==, 0);
    }
}

static void
test_quit_over_dialog(void)
{
    static const guint keys[] = { 'Q', HV_KEY_F10, HV_KEY_CTRL + 'c' };

    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autoptr(HvDesk) desk = busy();

        hv_test_desk_type(desk, "?");
        g_assert_false(hv_test_desk_key(desk, keys[i]));
    }
}

static void
test_back(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(hv_test_desk_shows(desk, "whole VM"));
    hv_test_desk_type(desk, "w");
    g_assert_true(hv_test_desk_shows(desk, "why is it slow?"));
    g_assert_true(hv_test_desk_key(desk, 'q'));
    g_assert_true(hv_test_desk_shows(desk, "whole VM"));
    g_assert_true(hv_test_desk_key(desk, HV_KEY_BACKSPACE));
    g_assert_true(is_on(desk, "1 Desk"));
}

static void
test_escape_never_quits(void)
{
    g_autoptr(HvDesk) desk = busy();

    for (guint i = 0; i < 5; i++) {
        g_assert_true(hv_test_desk_key(desk, HV_KEY_ESCAPE));
        g_assert_true(hv_test_desk_key(desk, HV_KEY_BACKSPACE));
    }
    g_assert_true(is_on(desk, "1 Desk"));
}

static void
test_escape_closes(void)
{
    for (const char *key = "?a/:"; *key; key++) {
        g_autoptr(HvDesk) desk = busy();
        g_autofree char *before = hv_test_desk_text(desk), *after = NULL;

        hv_test_desk_key(desk, (guint)*key);
        g_assert_true(hv_test_desk_key(desk, HV_KEY_ESCAPE));
        after = hv_test_desk_text(desk);
        g_assert_cmpstr(before, ==, after);
    }
}

/* ---- lists ---- */

static const char *
selected(HvDesk *desk)
{
    hv_test_desk_draw(desk);
    return hv_console_view(desk->console)->vm;
}

static void
test_move(void)
{
    g_autoptr(HvDesk) desk = busy();

    g_assert_cmpstr(selected(desk), ==, "db-1");
    hv_test_desk_type(desk, "j");
    g_assert_cmpstr(selected(desk), ==, "batch");
    hv_test_desk_key(desk, HV_KEY_DOWN);
    hv_test_desk_type(desk, "kk");
    g_assert_cmpstr(selected(desk), ==, "db-1");
    hv_test_desk_type(desk, "G");
    g_assert_cmpstr(selected(desk), ==, "redis-1");
    hv_test_desk_key(desk, HV_KEY_PAGE_UP);
    g_assert_cmpstr(selected(desk), ==, "db-1");
    hv_test_desk_key(desk, HV_KEY_END);
    hv_test_desk_type(desk, "g");
    g_assert_cmpstr(selected(desk), ==, "db-1");
}

static void
test_sort(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, "Pg");
    g_assert_cmpstr(selected(desk), ==, "redis-1");
    hv_test_desk_type(desk, "Ng");
    g_assert_true(g_str_has_prefix(selected(desk), "a-virtual-machine"));
    hv_test_desk_type(desk, "Mg");
    g_assert_cmpstr(selected(desk), ==, "redis-1");
    hv_test_desk_type(desk, "Ig");
    g_assert_cmpstr(selected(desk), !=, "redis-1");
    hv_test_desk_type(desk, "Ag");
    g_assert_cmpstr(selected(desk), ==, "db-1");
    hv_test_desk_type(desk, ">g");
    g_assert_true(hv_test_desk_shows(desk, "▲VM"));
}

static void
test_sort_chooser(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_key(desk, HV_KEY_F6);
    g_assert_true(hv_test_desk_shows(desk, "sort by"));
    hv_test_desk_key(desk, HV_KEY_HOME);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(hv_test_desk_shows(desk, "▲VM"));
}

static void
test_filter(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, "/redis");
    g_assert_false(hv_test_desk_shows(desk, " web-1 "));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(hv_test_desk_shows(desk, "/redis"));
    g_assert_cmpstr(selected(desk), ==, "redis-1");
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    g_assert_true(hv_test_desk_shows(desk, " web-1 "));
    g_assert_cmpstr(selected(desk), ==, "redis-1");
}

static void
test_filter_is_its_screens(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, "/redis");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_type(desk, "5");
    g_assert_true(hv_test_desk_shows(desk, "Local timer"));
    hv_test_desk_type(desk, "1");
    g_assert_false(hv_test_desk_shows(desk, " web-1 "));
}

static void
test_fold(void)
{
    static const guint keys[] = { 'e', HV_KEY_F5 };

    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autoptr(HvDesk) desk = busy();

        hv_console_select_vm(desk->console, "web-1");
        hv_test_desk_key(desk, keys[i]);
        g_assert_true(hv_test_desk_shows(desk, "vCPU 3"));
        hv_test_desk_type(desk, "jj");
        hv_test_desk_key(desk, keys[i]);
        g_assert_false(hv_test_desk_shows(desk, "vCPU 3"));
        g_assert_cmpstr(selected(desk), ==, "web-1");
    }
}

static void
test_first_selection(void)
{
    g_autoptr(HvDesk) untouched = hv_test_desk_new(HV_SCENE_FIRST);
    g_autoptr(HvDesk) touched = hv_test_desk_new(HV_SCENE_FIRST);

    g_assert_cmpstr(selected(untouched), ==, "web-1");
    hv_test_desk_show(untouched, HV_SCENE_BUSY);
    g_assert_cmpstr(selected(untouched), ==, "db-1");
    hv_test_desk_type(touched, "w");
    hv_test_desk_show(touched, HV_SCENE_BUSY);
    g_assert_cmpstr(selected(touched), ==, "web-1");
}

static void
test_selection_follows(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_console_select_vm(desk->console, "redis-1");
    hv_test_desk_type(desk, "528");
    hv_test_desk_type(desk, "1w");
    g_assert_true(hv_test_desk_shows(desk, " redis-1  why is it slow?"));
}

static void
test_vm_goes(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_console_select_vm(desk->console, "web-1");
    hv_test_desk_type(desk, " ");
    hv_console_select_vm(desk->console, "web-1");
    hv_test_desk_type(desk, "5");
    hv_test_desk_show(desk, HV_SCENE_GONE);
    hv_test_desk_type(desk, "a");
    g_assert_true(hv_test_desk_shows(desk, "web-1: no such VM any more"));
    hv_console_go(desk->console, "vm");
    g_assert_true(hv_test_desk_shows(desk, "web-1: no such VM any more"));
    hv_test_desk_type(desk, "1");
    g_assert_cmpstr(selected(desk), !=, "web-1");
}

/* ---- the rest ---- */

static void
test_command_line(void)
{
    g_autoptr(HvDesk) desk = busy();
    HvAnswer *answer;

    hv_test_desk_type(desk, ":sn");
    hv_test_desk_key(desk, HV_KEY_TAB);
    g_assert_true(hv_test_desk_shows(desk, ":snapshot"));
    hv_test_desk_type(desk, "host");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpstr(hv_test_desk_asked(desk, HV_INTENT_COMMAND)->line, ==, "snapshot host");
    answer = hv_answer_new(HV_ANSWER_TEXT, hv_test_desk_asked(desk, HV_INTENT_COMMAND)->serial);
    answer->text = g_strdup("line one\nline two\n");
    hv_console_answer(desk->console, answer);
    g_assert_true(hv_test_desk_shows(desk, "line two"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    hv_test_desk_type(desk, ":");
    hv_test_desk_key(desk, HV_KEY_UP);
    g_assert_true(hv_test_desk_shows(desk, ":snapshot host"));
}

static void
test_command_goes_to_screen(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, ":journal");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(is_on(desk, "7 Journal"));
    g_assert_cmpuint(desk->intents->len, ==, 0);
}

static void
test_completion_of_knobs(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, ":set vm/w");
    hv_test_desk_key(desk, HV_KEY_TAB);
    hv_test_desk_type(desk, "3");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpstr(hv_test_desk_asked(desk, HV_INTENT_COMMAND)->line, ==,
                    "set vm/web-1/vcpu/0/cpus=3");
}

static void
test_paste_is_no_key(void)
{
    g_autoptr(HvDesk) desk = busy();
    const HvEvent paste = { .kind = HV_EVENT_PASTE, .paste = "qQu" };

    g_assert_true(hv_console_event(desk->console, &paste));
    hv_test_desk_type(desk, ":");
    g_assert_true(hv_console_event(desk->console, &paste));
    g_assert_true(hv_test_desk_shows(desk, ":qQu"));
    g_assert_cmpuint(desk->intents->len, ==, 0);
}

static void
test_freeze(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, "z");
    hv_test_desk_show(desk, HV_SCENE_GONE);
    g_assert_true(hv_test_desk_shows(desk, "FROZEN"));
    g_assert_true(hv_test_desk_shows(desk, " web-1 "));
    hv_test_desk_type(desk, "z");
    g_assert_false(hv_test_desk_shows(desk, " web-1 "));
}

static void
test_age(void)
{
    g_autoptr(HvDesk) desk = busy();

    desk->now_ns += G_GINT64_CONSTANT(1500000000);
    g_assert_false(hv_test_desk_shows(desk, "data "));
    desk->now_ns += G_GINT64_CONSTANT(6000000000);
    g_assert_true(hv_test_desk_shows(desk, "data 7.9 s old"));
}

static void
test_said_line(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_console_say(desk->console, HV_ROLE_TEXT, "%s", "so it is");
    g_assert_true(hv_test_desk_shows(desk, "so it is"));
    desk->now_ns += G_GINT64_CONSTANT(5000000000);
    g_assert_false(hv_test_desk_shows(desk, "so it is"));
    g_assert_true(hv_test_desk_shows(desk, "F1 help"));
}

static void
test_help_tells_all_keys(void)
{
    g_autoptr(HvDesk) desk = busy();
    g_autofree char *text = NULL;

    hv_test_desk_type(desk, "7h");
    text = hv_test_desk_text_of_size(desk, 120, 130);
    for (guint i = 0; hv_screens[i]; i++)
        for (const HvBinding *binding = hv_screens[i]->bindings; binding && binding->key;
             binding++)
            if (binding->help)
                g_assert_nonnull(strstr(text, hv_key_name(binding->key)));
    g_assert_null(strstr(text, "not in this version"));
}

static void
test_mouse(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_mouse(desk, HV_MOUSE_PRESS, 10, 1);
    g_assert_true(is_on(desk, "2 Map"));
    hv_test_desk_mouse(desk, HV_MOUSE_PRESS, 3, 1);
    g_assert_true(is_on(desk, "1 Desk"));
    hv_test_desk_mouse(desk, HV_MOUSE_PRESS, 5, 8);
    g_assert_cmpstr(selected(desk), ==, "batch");
    hv_test_desk_mouse(desk, HV_MOUSE_WHEEL_DOWN, 5, 8);
    g_assert_cmpstr(selected(desk), !=, "batch");
    hv_test_desk_mouse(desk, HV_MOUSE_PRESS, 2, 6);
    g_assert_true(hv_test_desk_shows(desk, "▲VM"));
    hv_test_desk_mouse(desk, HV_MOUSE_PRESS, 2, 23);
    g_assert_true(hv_test_desk_shows(desk, "whole VM"));
}

static gboolean
is_interesting(const HvIntent *intent, const char *vm)
{
    for (guint i = 0; i < intent->vms->len; i++)
        if (g_str_equal(g_ptr_array_index(intent->vms, i), vm))
            return TRUE;
    return FALSE;
}

static void
test_interest(void)
{
    g_autoptr(HvDesk) desk = busy();
    const HvIntent *newest;

    hv_test_desk_type(desk, "jk"); /* drawn twice: said once */
    g_assert_cmpuint(desk->interests->len, ==, 1);
    newest = g_ptr_array_index(desk->interests, 0);
    g_assert_cmpuint(newest->vms->len, ==, 6);
    hv_console_select_vm(desk->console, "web-1");
    hv_console_go(desk->console, "vm");
    hv_test_desk_type(desk, "j");
    newest = g_ptr_array_index(desk->interests, desk->interests->len - 1);
    g_assert_cmpuint(newest->vms->len, ==, 1);
    g_assert_true(is_interesting(newest, "web-1"));
}

static void
test_settings(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_key(desk, HV_KEY_F2);
    g_assert_true(hv_test_desk_shows(desk, "ASCII only"));
    hv_test_desk_key(desk, HV_KEY_END);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_false(hv_test_desk_shows(desk, "▼"));
}

/* Keys of all kinds in any order, while VMs come and go: nothing may crash, whatever is open.
 */
static void
test_any_keys(void)
{
    static const HvScene scenes[] = { HV_SCENE_BUSY, HV_SCENE_GONE, HV_SCENE_NOBODY,
                                      HV_SCENE_FIRST };
    g_autoptr(GRand) random = g_rand_new_with_seed(12);
    g_autoptr(HvDesk) desk = busy();

    for (guint i = 0; i < 3000; i++) {
        const guint key = g_rand_boolean(random)
                              ? (guint)g_rand_int_range(random, ' ', 0x7f)
                              : (guint)g_rand_int_range(random, HV_KEY_UP, HV_KEY_SHIFT_DOWN);
        const HvEvent event = { .kind = HV_EVENT_KEY, .key = key };

        hv_console_event(desk->console, &event);
        if (i % 50 == 49)
            hv_test_desk_show(desk, scenes[i / 50 % G_N_ELEMENTS(scenes)]);
        if (i % 3 == 0) {
            g_autofree char *drawn = hv_test_desk_text_of_size(
                desk, g_rand_int_range(random, 38, 120), g_rand_int_range(random, 9, 40));

            g_assert_nonnull(drawn);
        }
    }
}

static void
test_remote(void)
{
    g_autoptr(HvDesk) desk = busy();

    g_assert_false(hv_test_desk_shows(desk, "REMOTE"));
    hv_test_desk_show(desk, HV_SCENE_REMOTE);
    g_assert_true(hv_test_desk_shows(desk, "REMOTE"));
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "digits go to the screens of those numbers", test_digits },
    { "keys of later versions say so and do nothing", test_not_yet },
    { "Tab and Shift-Tab go round the screens", test_tab },
    { "q, Q, F10 and Ctrl-C quit from a top screen at once", test_quit },
    { "Q, F10 and Ctrl-C quit over a dialog too", test_quit_over_dialog },
    { "q and Backspace go back from the VM's pages", test_back },
    { "Escape and Backspace never quit", test_escape_never_quits },
    { "Escape closes what was opened", test_escape_closes },
    { "arrows, j k g G and pages move the cursor", test_move },
    { "P M N A sort, I reverses, > goes to the next column", test_sort },
    { "F6 chooses the sort column", test_sort_chooser },
    { "a filter works as it is typed and Escape lifts it", test_filter },
    { "a filter stays with its screen", test_filter_is_its_screens },
    { "filter words know remote traffic and nodes", test_filter_knows_memory },
    { "the Desk names the worst VM, its bad figure, the finding and its key",
      test_the_desk_names_vm_and_cause },
    { "e and F5 unfold and fold the vCPUs", test_fold },
    { "the worst VM is selected once it is known, unless a key came before",
      test_first_selection },
    { "the selected VM stays selected across screens", test_selection_follows },
    { "nothing is done to a VM that has gone", test_vm_goes },
    { "the command line completes, runs, remembers", test_command_line },
    { "a screen's name on the command line goes there", test_command_goes_to_screen },
    { "knobs are completed after set", test_completion_of_knobs },
    { "what is pasted is never taken for keys", test_paste_is_no_key },
    { "z holds the picture and lets it go on", test_freeze },
    { "the age of old data is on screen", test_age },
    { "a said line leaves after five seconds", test_said_line },
    { "the help tells every key of every screen", test_help_tells_all_keys },
    { "tabs, rows, heads, wheel and footer keys take the mouse", test_mouse },
    { "VMs on screen are submitted when they change", test_interest },
    { "another machine's libvirt is flagged in the header", test_remote },
    { "settings switch to ASCII", test_settings },
    { "any keys in any order do no harm", test_any_keys },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *name = g_strdup_printf("/console/%s", tests[i].name);

        g_test_add_func(name, tests[i].test);
    }
    return g_test_run();
}
