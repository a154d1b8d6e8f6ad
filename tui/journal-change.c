/* One change of the Journal: what it did at the foot, all of it in a window. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/journal-change.h"

#include "model/i18n.h"
#include "model/plan.h"
#include "tui/change-facts.h"
#include "tui/console-private.h"
#include "tui/pick.h"

static gboolean
is_of(const HvTable *table, int row, guint64 id)
{
    guint64 value;

    return hv_pick_u64(table, row, "change", &value) && value == id;
}

/* The row of its first step, or -1. */
static int
first_row(const HvTable *table, guint64 id)
{
    for (int i = 0; table && i < (int)hv_table_n_rows(table); i++)
        if (is_of(table, i, id))
            return i;
    return -1;
}

/* ---- at the foot ---- */

static char *
confirm_text(const HvView *view, guint64 id, int row)
{
    const char *confirm = hv_pick_text(hv_snapshot_table(view->now, "changes"), row, "confirm");

    if (view->console->armed_id == id)
        return hv_console_armed_text(view->console, TRUE);
    if (g_strcmp0(confirm, "armed") == 0)
        return g_strdup(_("reverts unless confirmed: K keeps it"));
    if (g_strcmp0(confirm, "orphaned") == 0)
        return g_strdup(_("its guard is gone: it does not revert by itself"));
    if (g_strcmp0(confirm, "confirmed") == 0)
        return g_strdup(_("confirmed: it stays"));
    if (g_strcmp0(confirm, "reverted") == 0)
        return g_strdup(_("nobody confirmed it in time: reverted"));
    return g_strcmp0(confirm, "kept") == 0
               ? g_strdup(_("nobody confirmed it in time, and it could not be reverted"))
               : NULL;
}

/* What is contested, then what will happen to it, then what it did. */
static GPtrArray *
foot_lines(const HvView *view, guint64 id)
{
    const int row = first_row(hv_snapshot_table(view->now, "changes"), id);
    const int contested = hv_change_contested(view->now, id, NULL);
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    GPtrArray *effects = hv_change_effects(view->now, id, row);
    char *confirm = confirm_text(view, id, row);

    if (contested >= 0) {
        g_autofree char *text = hv_contested_text(view->now, contested);

        g_ptr_array_add(lines, g_strdup_printf(_("%s: o puts it back"), text));
    }
    if (confirm)
        g_ptr_array_add(lines, confirm);
    g_ptr_array_extend_and_steal(lines, effects);
    if (!lines->len)
        g_ptr_array_add(lines, g_strdup(_("what it did is not known")));
    return lines;
}

void
hv_change_draw_foot(const HvView *view, HvCanvas *canvas, int top, int bottom, guint64 id)
{
    g_autoptr(GPtrArray) lines = foot_lines(view, id);
    const gboolean is_contested = hv_change_contested(view->now, id, NULL) >= 0;

    hv_canvas_printf(canvas, 1, top, HV_ROLE_TITLE, _("change %u"), (guint)id);
    for (int i = 0; i < (int)lines->len && top + 1 + i < bottom; i++)
        hv_canvas_print_in(canvas, 1, top + 1 + i, canvas->columns - 1, -1,
                           !i && is_contested ? HV_ROLE_HOT : HV_ROLE_TEXT,
                           g_ptr_array_index(lines, (guint)i));
}

/* ---- in full ---- */

static void
add_field(GPtrArray *lines, const HvTable *table, int row, const char *label,
          const char *column)
{
    const char *text = hv_pick_text(table, row, column);

    if (text && *text)
        g_ptr_array_add(lines, g_strdup_printf("    %-9s %s", label, text));
}

static void
add_step(GPtrArray *lines, const HvSnapshot *now, const HvTable *table, int row, guint64 id)
{
    const char *knob = hv_pick_text(table, row, "knob");
    const int contested = knob ? hv_change_contested(now, id, knob) : -1;

    g_ptr_array_add(lines, g_strdup(""));
    g_ptr_array_add(lines, g_strdup(knob ? knob : "–"));
    add_field(lines, table, row, _("before"), "before");
    add_field(lines, table, row, _("after"), "after");
    add_field(lines, table, row, _("found"), "found");
    add_field(lines, table, row, _("outcome"), "outcome");
    add_field(lines, table, row, _("error"), "error");
    add_field(lines, table, row, _("undo"), "undo");
    if (contested >= 0)
        g_ptr_array_add(lines, g_strdup_printf("    %-9s %s", _("now"),
                                               hv_pick_text(hv_snapshot_table(now, "contested"),
                                                            contested, "present")));
    add_field(lines, table, row, "$", "shell_line");
}

static char *
date_of(guint64 time_ns)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local((gint64)(time_ns / 1000000000));

    return time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("–");
}

void
hv_change_open(const HvView *view, guint64 id)
{
    const HvTable *table = hv_snapshot_table(view->now, "changes");
    const int first = first_row(table, id);
    const char *who = hv_pick_text(table, first, "who"),
               *what = hv_pick_text(table, first, "title");
    g_autofree char *title = NULL, *date = NULL;
    GPtrArray *lines;
    guint64 time_ns = 0;

    if (first < 0)
        return;
    hv_pick_u64(table, first, "time_ns", &time_ns);
    date = date_of(time_ns);
    title = g_strdup_printf(_("change %u"), (guint)id);
    lines = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(lines, g_strdup(what ? what : "–"));
    g_ptr_array_add(lines, g_strdup_printf("%s  %s", date, who ? who : ""));
    g_ptr_array_extend_and_steal(lines, foot_lines(view, id));
    for (int i = first; i < (int)hv_table_n_rows(table); i++)
        if (is_of(table, i, id))
            add_step(lines, view->now, table, i, id);
    hv_dialog_text(view->console, title, lines);
}

/* ---- back to what we left ---- */

GPtrArray *
hv_change_wishes_back(const HvSnapshot *now, guint64 id, const char *knob)
{
    const HvTable *contested = hv_snapshot_table(now, "contested");
    GPtrArray *wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);
    guint64 plan;

    for (int i = 0; contested && i < (int)hv_table_n_rows(contested); i++) {
        const char *path = hv_pick_text(contested, i, "knob"),
                   *expected = hv_pick_text(contested, i, "expected");

        if (path && expected && hv_pick_u64(contested, i, "plan", &plan) && plan == id &&
            (!knob || g_str_equal(knob, path)))
            g_ptr_array_add(wishes, hv_wish_new(path, expected));
    }
    return wishes;
}
