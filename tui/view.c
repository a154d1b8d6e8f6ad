/* What the operator's picture depends on beside the snapshot and the clock, as lines and back:
 * the frame, the screens, the windows, the line at the foot. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <string.h>

#include "tui/console-private.h"

#define MAX_BACK 64

/* ---- looks ---- */

static void
save_looks(const HvConsole *console, HvViewOut *out)
{
    hv_view_put(out, "screen", hv_console_screen(console)->name);
    hv_view_put_number(out, "columns", console->columns);
    hv_view_put_number(out, "rows", console->rows);
    hv_view_put(out, "theme", console->theme ? console->theme->id : NULL);
    hv_view_put(out, "glyphs", console->draws_ascii ? "ascii" : "all");
    hv_view_put(out, "colours", console->mono ? "none" : "all");
    hv_view_put(out, "locale", setlocale(LC_MESSAGES, NULL));
    hv_view_put_flag(out, "recording", console->is_recording);
    hv_view_put_flag(out, "bad_disk", console->has_bad_disk);
    hv_view_put_flag(out, "read_only", console->is_read_only);
}

/* Only a name from the list: a file's name from a log is not opened. */
static HvTheme *
load_theme(const char *name)
{
    g_auto(GStrv) names = hv_theme_list();

    return g_strv_contains((const char *const *)names, name) ? hv_theme_load(name, NULL) : NULL;
}

static void
restore_theme(HvConsole *console, const HvViewIn *in)
{
    g_autofree char *name = hv_view_get(in, "theme");
    HvTheme *theme;

    if (!name || (console->theme && g_strcmp0(name, console->theme->id) == 0))
        return;
    theme = load_theme(name);
    if (!theme)
        return;
    hv_theme_free(console->own_theme);
    console->own_theme = theme;
    console->theme = theme;
    console->repaint = TRUE;
}

static void
restore_looks(HvConsole *console, const HvViewIn *in)
{
    g_autofree char *screen = hv_view_get(in, "screen"), *glyphs = hv_view_get(in, "glyphs");
    g_autofree char *colours = hv_view_get(in, "colours");
    const int index = screen ? hv_console_find_screen(screen) : -1;

    if (index >= 0)
        console->screen = (guint)index;
    if (glyphs)
        console->ascii = g_str_equal(glyphs, "ascii");
    if (colours)
        console->mono = g_str_equal(colours, "none");
    console->is_recording = hv_view_flag(in, "recording");
    console->has_bad_disk = hv_view_flag(in, "bad_disk");
    console->is_read_only = hv_view_flag(in, "read_only");
    restore_theme(console, in);
}

/* ---- where one is, and what is selected ---- */

static void
save_back(const HvConsole *console, HvViewOut *out)
{
    for (guint i = 0; i < console->back->len; i++)
        hv_view_put(out, "back", hv_screens[g_array_index(console->back, guint, i)]->name);
}

static void
restore_back(HvConsole *console, const HvViewIn *in)
{
    g_autoptr(GPtrArray) names = hv_view_all(in, "back");

    g_array_set_size(console->back, 0);
    for (guint i = 0; i < MIN(names->len, MAX_BACK); i++) {
        const int found = hv_console_find_screen(g_ptr_array_index(names, i));
        const guint index = (guint)found;

        if (found >= 0)
            g_array_append_val(console->back, index);
    }
}

static void
save_selection(const HvConsole *console, HvViewOut *out)
{
    const gboolean is_before = console->vm_before != NULL;

    hv_view_put(out, "vm", is_before ? console->vm_before : console->vm);
    hv_view_put_number(out, "vcpu", (is_before ? console->vcpu_before : console->vcpu) + 1);
    hv_view_put_flag(out, "guess", console->is_guess);
    if (console->picked_vm) {
        hv_view_put(out, "picked", console->picked_vm);
        hv_view_put_number(out, "picked_vcpu", console->picked_vcpu);
    }
}

static void
restore_selection(HvConsole *console, const HvViewIn *in)
{
    g_autofree char *vm = hv_view_get(in, "vm"), *picked = hv_view_get(in, "picked");

    hv_console_select_vcpu(console, vm, (int)hv_view_number(in, "vcpu", 0, G_MAXINT32) - 1);
    console->is_guess = hv_view_flag(in, "guess");
    hv_view_take_set(in, "tag", console->tagged);
    hv_console_drop(console);
    if (picked)
        hv_console_pick(console, picked, (int)hv_view_number(in, "picked_vcpu", 0, G_MAXINT32));
}

/* ---- what is said, and what the time has to do with ---- */

static void
save_said(const HvConsole *console, HvViewOut *out)
{
    if (console->frozen) {
        hv_view_put_flag(out, "frozen", TRUE);
        hv_view_put_number(out, "sample_ns", console->now->time_ns);
    }
    if (console->said && hv_console_now_ns(console) < console->said_until_ns) {
        hv_view_put(out, "said", console->said);
        hv_view_put_number(out, "said_role", console->said_role);
        hv_view_put_number(out, "said_until_ns", console->said_until_ns);
    }
    hv_view_put_number(out, "armed", (gint64)console->armed_id);
    hv_view_put_number(out, "armed_until_ns", console->armed_until_ns);
    hv_view_put_flag(out, "orphaned", console->is_orphaned);
    hv_view_put_flag(out, "recording", console->is_recording);
    hv_view_put_flag(out, "bad_disk", console->has_bad_disk);
    hv_view_put_flag(out, "read_only", console->is_read_only);
}

static void
restore_said(HvConsole *console, const HvViewIn *in)
{
    console->frozen = hv_view_flag(in, "frozen");
    g_free(console->said);
    console->said = hv_view_get(in, "said");
    console->said_role = (HvRole)hv_view_number(in, "said_role", 0, HV_N_ROLES - 1);
    console->said_until_ns = hv_view_number(in, "said_until_ns", 0, G_MAXINT64);
    console->armed_id = (guint64)hv_view_number(in, "armed", 0, G_MAXINT64);
    console->armed_until_ns = hv_view_number(in, "armed_until_ns", 0, G_MAXINT64);
    console->is_orphaned = hv_view_flag(in, "orphaned");
    console->is_recording = hv_view_flag(in, "recording");
    console->has_bad_disk = hv_view_flag(in, "bad_disk");
    console->is_read_only = hv_view_flag(in, "read_only");
}

/* ---- screens ---- */

static void
save_screen(const HvConsole *console, HvViewOut *out, guint index)
{
    const HvScreen *screen = hv_screens[index];

    hv_view_out_enter(out, screen->name);
    hv_view_put(out, "filter", g_ptr_array_index(console->filters, index));
    if (screen->save)
        screen->save(console->states[index], out);
    hv_view_out_leave(out);
}

/* The one in view first, the others last: where there is too much, they are cut. */
static void
save_other_screens(const HvConsole *console, HvViewOut *out)
{
    for (guint i = 0; hv_screens[i]; i++)
        if (i != console->screen)
            save_screen(console, out, i);
}

static void
restore_screen(HvConsole *console, HvViewIn *in, guint index)
{
    const HvScreen *screen = hv_screens[index];
    char *filter;

    hv_view_in_enter(in, screen->name);
    filter = hv_view_get(in, "filter");
    if (filter && g_utf8_validate(filter, -1, NULL)) {
        char **place = (char **)&g_ptr_array_index(console->filters, index);

        g_free(*place);
        *place = filter;
        if (screen->load)
            screen->load(console->states[index], in);
    } else {
        g_free(filter);
    }
    hv_view_in_leave(in);
}

/* ---- all of it ---- */

char *
hv_console_save_view(HvConsole *console)
{
    HvViewOut *out;

    if (!console->out)
        console->out = hv_view_out_new();
    out = console->out;
    hv_view_out_begin(out);
    hv_view_out_shorten(out, hv_console_screen(console)->name);
    save_looks(console, out);
    save_selection(console, out);
    save_said(console, out);
    save_back(console, out);
    hv_prompt_save(console, out);
    save_screen(console, out, console->screen);
    hv_dialog_save_all(console, out);
    hv_view_put_set(out, "tag", console->tagged);
    save_other_screens(console, out);
    return g_strdup(hv_view_out_text(out));
}

void
hv_console_restore_view(HvConsole *console, const char *view)
{
    g_autoptr(HvViewIn) in = hv_view_in_new(view);

    restore_looks(console, in);
    hv_view_in_shorten(in, hv_console_screen(console)->name);
    restore_selection(console, in);
    restore_said(console, in);
    restore_back(console, in);
    hv_prompt_load(console, in);
    for (guint i = 0; hv_screens[i]; i++)
        restore_screen(console, in, i);
    hv_dialog_load_all(console, in);
}

gint64
hv_view_sample_ns(const char *view)
{
    g_autoptr(HvViewIn) in = hv_view_in_new(view);

    return hv_view_flag(in, "frozen") ? hv_view_number(in, "sample_ns", 0, G_MAXINT64) : 0;
}
