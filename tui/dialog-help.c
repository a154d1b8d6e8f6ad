/* Help, made from the key tables of the screens; and the settings. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "tui/console-private.h"

#define KEYS_WIDTH 22
#define MAX_WIDTH 110

static void
add_line(GPtrArray *lines, const char *text)
{
    g_ptr_array_add(lines, g_strdup(text));
}

/* The keys padded to a column, then what they do; further lines stand below that. */
static void
add_keys(GPtrArray *lines, const char *keys, const char *help, int width)
{
    g_autoptr(GPtrArray) pieces = hv_dialog_wrap(help, width - KEYS_WIDTH - 2);

    for (guint i = 0; i < pieces->len; i++) {
        const char *head = i ? "" : keys;
        const int pad = MAX(KEYS_WIDTH - hv_text_width(head), 1);

        g_ptr_array_add(lines, g_strdup_printf("  %s%*s%s", head, pad, "",
                                               (const char *)g_ptr_array_index(pieces, i)));
    }
}

/* Only the digits that have a screen. */
static void
add_digits(GPtrArray *lines, const HvBinding *binding, int width)
{
    GString *keys = g_string_new(NULL);

    for (guint number = 1; number <= 8; number++)
        if (hv_console_screen_of_number(number))
            g_string_append_printf(keys, "%s%u", keys->len ? " " : "", number);
    add_keys(lines, keys->str, _(binding->help), width);
    g_string_free(keys, TRUE);
}

static void
add_bindings(GPtrArray *lines, const HvBinding *bindings, int width)
{
    guint n;

    for (const HvBinding *binding = bindings; binding && binding->key; binding += n) {
        g_autofree char *keys = hv_binding_keys(binding, &n);

        if (binding->action.verb == HV_DO_SCREEN && !binding->action.screen)
            add_digits(lines, binding, width);
        else if (binding->help)
            add_keys(lines, keys, _(binding->help), width);
    }
}

static void
add_screen(GPtrArray *lines, const HvScreen *screen, int width)
{
    g_autofree char *title = screen->number
                                 ? g_strdup_printf("%u %s", screen->number, _(screen->title))
                                 : g_strdup(_(screen->title));
    g_autoptr(GPtrArray) pieces = NULL;

    add_line(lines, title);
    pieces = hv_dialog_wrap(screen->help ? _(screen->help) : "", width - 2);
    for (guint i = 0; screen->help && i < pieces->len; i++)
        g_ptr_array_add(lines, g_strconcat("  ", g_ptr_array_index(pieces, i), NULL));
    add_bindings(lines, screen->bindings, width);
    add_line(lines, "");
}

void
hv_dialog_help(HvConsole *console)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    const HvScreen *current = hv_console_screen(console);
    const int width = MIN(MAX(console->columns, HV_CONSOLE_MIN_COLUMNS), MAX_WIDTH) - 6;
    g_autofree char *title =
        g_strdup_printf("hvtune %s", console->version ? console->version : "");

    add_screen(lines, current, width);
    add_line(lines, _("Everywhere"));
    add_bindings(lines, hv_common_bindings, width);
    add_keys(lines, "Ctrl-Z", _("stop the console; the shell's fg brings it back"), width);
    add_keys(lines, _("mouse"), _("tabs, rows, column heads, the keys at the foot, wheel"),
             width);
    add_line(lines, "");
    for (guint i = 0; hv_screens[i]; i++)
        if (hv_screens[i] != current)
            add_screen(lines, hv_screens[i], width);
    hv_dialog_text(console, g_strchomp(title), lines);
}

/* ---- settings: the last two choices, behind the themes, are switches ---- */

static void
use_theme(HvConsole *console, const char *name)
{
    g_autoptr(GError) error = NULL;
    HvTheme *theme = hv_theme_load(name, &error);

    if (!theme) {
        hv_console_say_error(console, error);
        return;
    }
    hv_theme_free(console->own_theme);
    console->own_theme = theme;
    console->theme = theme;
    console->repaint = TRUE;
}

static void
setting_chosen(gpointer data G_GNUC_UNUSED, HvConsole *console, guint index)
{
    g_auto(GStrv) themes = hv_theme_list();
    const guint n = g_strv_length(themes);

    if (index < n)
        use_theme(console, themes[index]);
    else if (index == n)
        console->mono = !console->mono;
    else
        console->ascii = !console->ascii;
    console->repaint = TRUE;
}

void
hv_dialog_settings(HvConsole *console)
{
    g_auto(GStrv) themes = hv_theme_list();
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    guint current = 0;

    for (guint i = 0; themes[i]; i++) {
        g_autofree char *name = g_strdup_printf(_("theme %s"), themes[i]);

        g_strv_builder_add(names, name);
        if (console->theme && g_strcmp0(themes[i], console->theme->id) == 0)
            current = i;
    }
    g_strv_builder_add(names, console->mono ? _("with colours") : _("without colours (x)"));
    g_strv_builder_add(names, console->ascii ? _("all characters") : _("ASCII only"));
    hv_dialog_choose(console, _("settings"), g_strv_builder_end(names), current, setting_chosen,
                     NULL);
}
