/* A list's keys and mouse: moving, sorting, going from match to match. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/dialog.h"
#include "tui/list-private.h"

#define WHEEL_ROWS 3

static void
sort_by(HvList *list, const HvListColumn *column)
{
    if (g_str_equal(column->name, list->sort)) {
        list->ascending = !list->ascending;
        return;
    }
    list->sort = column->name;
    list->ascending = column->ascending;
}

static void
move_cursor(HvList *list, int by)
{
    const int last = (int)list->shown->len - 1;

    hv_list_put_cursor(list, (guint)CLAMP((int)list->index + by, 0, MAX(last, 0)));
}

/* To the next row that is no child, round the end: what the filter lets through are the
 * matches. */
static void
next_match(HvList *list, int step)
{
    const int n = (int)list->shown->len;

    for (int i = 1; i <= n; i++) {
        const int at = (((int)list->index + step * i) % n + n) % n;

        if (!g_array_index(list->shown, Shown, at).child) {
            hv_list_put_cursor(list, (guint)at);
            return;
        }
    }
}

/* Sorts by the visible column left or right of the present one. */
static void
shift_sort(HvList *list, int step)
{
    const int n = (int)list->spans->len;
    int at = step > 0 ? -1 : n;

    for (int i = 0; i < n; i++)
        if (g_str_equal(list->columns[g_array_index(list->spans, Span, i).column].name,
                        list->sort))
            at = i;
    at += step;
    if (at >= 0 && at < n)
        sort_by(list, &list->columns[g_array_index(list->spans, Span, at).column]);
}

static void
sort_chosen(gpointer data, HvConsole *console G_GNUC_UNUSED, guint index)
{
    HvList *list = data;

    sort_by(list, &list->columns[index]);
}

static void
choose_sort(HvList *list, const HvView *view)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    guint current = 0, n = 0;

    for (const HvListColumn *column = list->columns; column->name; column++, n++) {
        g_strv_builder_add(names, _(column->title));
        if (g_str_equal(column->name, list->sort))
            current = n;
    }
    hv_dialog_choose(view->console, _("sort by"), g_strv_builder_end(names), current,
                     sort_chosen, list);
}

static gboolean
sort_by_letter(HvList *list, guint letter)
{
    for (const HvListColumn *column = list->columns; column->name; column++)
        if (column->letter && column->letter == letter) {
            list->sort = column->name;
            list->ascending = column->ascending;
            return TRUE;
        }
    return FALSE;
}

static gboolean
sort_key(HvList *list, const HvView *view, guint key)
{
    switch (key) {
    case '<':
        shift_sort(list, -1);
        return TRUE;
    case '>':
        shift_sort(list, 1);
        return TRUE;
    case 'I':
        list->ascending = !list->ascending;
        return TRUE;
    case 'n':
        next_match(list, 1);
        return TRUE;
    case 'p':
        next_match(list, -1);
        return TRUE;
    case HV_KEY_F6:
        choose_sort(list, view);
        return TRUE;
    default:
        return sort_by_letter(list, key);
    }
}

static gboolean
move_key(HvList *list, guint key)
{
    const int page = MAX(list->bottom - list->top - 1, 1), n = (int)list->shown->len;
    const struct {
        guint key;
        int by;
    } moves[] = {
        { HV_KEY_UP, -1 },         { 'k', -1 },
        { HV_KEY_DOWN, 1 },        { 'j', 1 },
        { HV_KEY_HOME, -n },       { 'g', -n },
        { HV_KEY_END, n },         { 'G', n },
        { HV_KEY_PAGE_UP, -page }, { HV_KEY_PAGE_DOWN, page },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(moves); i++)
        if (moves[i].key == key) {
            move_cursor(list, moves[i].by);
            return TRUE;
        }
    return FALSE;
}

static gboolean
press_head(HvList *list, int x)
{
    for (guint i = 0; i < list->spans->len; i++) {
        const Span *span = &g_array_index(list->spans, Span, i);

        if (x >= span->x - 1 && x < span->x + span->width) {
            sort_by(list, &list->columns[span->column]);
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
press(HvList *list, int x, int y)
{
    const guint at = list->offset + (guint)MAX(y - list->top - 1, 0);

    if (y < list->top || y >= list->bottom)
        return FALSE;
    if (y == list->top)
        return press_head(list, x);
    if (at >= list->shown->len || at == list->index)
        return FALSE;
    hv_list_put_cursor(list, at);
    return TRUE;
}

gboolean
hv_list_is_on_cursor(const HvList *list, int y)
{
    return list->shown->len > 0 && y > list->top && y < list->bottom &&
           list->offset + (guint)(y - list->top - 1) == list->index;
}

static gboolean
mouse_event(HvList *list, const HvEvent *event)
{
    switch (event->mouse) {
    case HV_MOUSE_WHEEL_UP:
        move_cursor(list, -WHEEL_ROWS);
        return TRUE;
    case HV_MOUSE_WHEEL_DOWN:
        move_cursor(list, WHEEL_ROWS);
        return TRUE;
    case HV_MOUSE_PRESS:
        return press(list, event->x, event->y);
    case HV_MOUSE_RELEASE:
    case HV_MOUSE_DRAG:
    default:
        return FALSE;
    }
}

gboolean
hv_list_event(HvList *list, const HvView *view, const HvEvent *event)
{
    if (event->kind == HV_EVENT_MOUSE)
        return mouse_event(list, event);
    if (event->kind != HV_EVENT_KEY)
        return FALSE;
    return move_key(list, event->key) || sort_key(list, view, event->key);
}
