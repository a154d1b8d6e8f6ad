/* The console's frame: the line of tabs at every width, the settings. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tests/screens-fixture.h"
#include "tests/support.h"

static HvDesk *
busy(void)
{
    return hv_test_desk_new(HV_SCENE_BUSY);
}

static char *
tabs_at(HvDesk *desk, int columns)
{
    g_autofree char *text = hv_test_desk_text_of_size(desk, columns, 24);
    const char *line = strchr(text, '\n') + 1;

    return g_strndup(line, strcspn(line, "\n"));
}

static void
test_tabs_fit(void)
{
    g_autoptr(HvDesk) desk = busy();

    for (int columns = 40; columns <= 100; columns++) {
        g_autofree char *tabs = tabs_at(desk, columns);

        g_assert_nonnull(strstr(tabs, "1 Desk"));
        for (guint i = 0; hv_screens[i]; i++) {
            g_autofree char *number = g_strdup_printf(" %u", hv_screens[i]->number);

            if (hv_screens[i]->number)
                g_assert_nonnull(strstr(tabs, number));
        }
    }
}

static void
test_titles_are_whole_or_not_there(void)
{
    g_autoptr(HvDesk) desk = busy();

    for (int columns = 40; columns <= 100; columns++) {
        g_autofree char *tabs = tabs_at(desk, columns);
        const char *cut = strstr(tabs, "8 ");

        g_assert_true(!cut || strstr(cut, "8 Sources"));
    }
}

static void
test_settings_know_the_theme(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_key(desk, HV_KEY_F2);
    g_assert_true(hv_test_desk_shows(desk, "theme twilight"));
    hv_test_desk_key(desk, HV_KEY_DOWN);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_false(hv_test_desk_shows(desk, "not owned"));
    hv_test_desk_key(desk, HV_KEY_F2); /* the cursor is on it: one more down is "without" */
    hv_test_desk_key(desk, HV_KEY_DOWN);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_key(desk, HV_KEY_F2);
    g_assert_true(hv_test_desk_shows(desk, "with colours"));
}

int
main(int argc, char **argv)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();

    hv_test_tree_write(tree, "hvtune/themes/twilight.theme",
                       "[theme]\nname = Twilight sky\ninherits = default\n");
    g_setenv("XDG_CONFIG_HOME", tree->path, TRUE); /* before it is first asked for */
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/console-frame/every-screen-has-its-number-at-any-width", test_tabs_fit);
    g_test_add_func("/console-frame/a-title-is-whole-or-not-there",
                    test_titles_are_whole_or_not_there);
    g_test_add_func("/console-frame/the-settings-begin-at-the-theme-in-use",
                    test_settings_know_the_theme);
    return g_test_run();
}
