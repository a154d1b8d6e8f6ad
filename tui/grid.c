/* A grid and what a person does to it: cursor, scrolling, sort order. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/grid.h"

#include <string.h>

#include "tui/grid-state.h"

#define WHEEL_ROWS 3

HvGridState *
hv_grid_state_new(const HvGrid *grid)
{
    HvGridState *state = g_new0(HvGridState, 1);

    state->grid = grid;
    state->sort = g_strdup(grid->sort);
    state->ascending = grid->ascending;
    state->order = hv_order_new();
    state->page = 1;
    return state;
}

void
hv_grid_state_free(HvGridState *state)
{
    if (!state)
        return;
    hv_order_free(state->order);
    g_free(state->sort);
    g_free(state->key);
    g_free(state);
}

const char *
hv_grid_key(const HvGridState *state)
{
    return state->key;
}

void
hv_grid_set_key(HvGridState *state, const char *key)
{
    if (g_strcmp0(state->key, key)) {
        g_free(state->key);
        state->key = g_strdup(key);
    }
    state->is_set = key != NULL;
}

int
hv_grid_n_lines(const HvGridState *state)
{
    guint n_rows;

    hv_order_rows(state->order, &n_rows);
    return (int)n_rows;
}

guint
hv_grid_row_of_line(const HvGridState *state, int line)
{
    guint n_rows;

    return hv_order_rows(state->order, &n_rows)[line];
}

static int
line_of_key(const HvGridState *state, const char *key)
{
    const HvTable *lead = hv_order_lead(state->order);
    const int row = lead ? hv_table_find(lead, key) : -1;

    for (int line = 0; row >= 0 && line < hv_grid_n_lines(state); line++) {
        if (hv_grid_row_of_line(state, line) == (guint)row)
            return line;
    }
    return -1;
}

/* Puts the cursor on @line, or the nearest there is. */
static void
set_line(HvGridState *state, int line)
{
    g_autofree char *former = g_steal_pointer(&state->key);

    state->line = CLAMP(line, 0, MAX(hv_grid_n_lines(state) - 1, 0));
    if (hv_grid_n_lines(state) == 0)
        return;
    const char *key =
        hv_table_row_key(hv_order_lead(state->order), hv_grid_row_of_line(state, state->line));
    state->key = g_strcmp0(former, key) ? g_strdup(key) : g_steal_pointer(&former);
}

/* Brings the order up to date and the cursor back to its key; where that is gone, it stays on
 * its line. */
void
hv_grid_update(HvGridState *state, const HvView *view)
{
    hv_order_update(state->order, view->now, state->grid->table, state->sort, state->ascending,
                    view->filter ? view->filter : "");
    const int found = state->is_set && state->key ? line_of_key(state, state->key) : -1;

    if (found >= 0)
        state->line = found;
    else
        set_line(state, state->is_set ? state->line : 0);
    if (hv_order_has_sort_values(state->order) && state->key)
        state->is_set = TRUE;
}

void
hv_grid_scroll_to_cursor(HvGridState *state)
{
    const int last_top = MAX(hv_grid_n_lines(state) - state->page, 0);

    state->top_line = CLAMP(state->top_line, state->line - state->page + 1, state->line);
    state->top_line = CLAMP(state->top_line, 0, last_top);
}

static void
move_to(HvGridState *state, int line)
{
    set_line(state, line);
    state->is_set = state->key != NULL;
    hv_grid_scroll_to_cursor(state);
}

/* Numbers worst first, texts from a to z: what one wants to see first. */
static void
sort_by(HvGridState *state, const HvView *view, const char *column)
{
    const HvCellSource source = hv_order_source(state->order, view->now, column);

    if (!g_strcmp0(state->sort, column))
        return;
    state->ascending = FALSE;
    if (source.column >= 0) {
        const HvKind kind = hv_table_schema(source.table)->columns[source.column].kind;
        state->ascending = hv_kind_is_text(kind) || kind == HV_KIND_ID;
    }
    g_free(state->sort);
    state->sort = g_strdup(column);
}

static void
sort_by_neighbour(HvGridState *state, const HvView *view, int step)
{
    const int n = (int)state->n_places;
    int place = step > 0 ? -1 : 0;

    for (int i = 0; i < n; i++) {
        if (!g_strcmp0(state->sort, state->places[i].definition->column))
            place = i;
    }
    if (n > 0)
        sort_by(state, view, state->places[(place + step + n) % n].definition->column);
}

static void
click_head(HvGridState *state, const HvView *view, int x)
{
    for (guint i = 0; i < state->n_places; i++) {
        const HvGridPlace *place = &state->places[i];

        if (x < place->x - 1 || x >= place->x + place->width)
            continue;
        if (!g_strcmp0(state->sort, place->definition->column))
            state->ascending = !state->ascending;
        else
            sort_by(state, view, place->definition->column);
        return;
    }
}

/* The wheel moves what is shown; the cursor comes along at the edge. */
static void
turn_wheel(HvGridState *state, int rows)
{
    const int last_top = MAX(hv_grid_n_lines(state) - state->page, 0);

    state->top_line = CLAMP(state->top_line + rows, 0, last_top);
    move_to(state, CLAMP(state->line, state->top_line, state->top_line + state->page - 1));
}

static gboolean
mouse_event(HvGridState *state, const HvView *view, const HvEvent *event)
{
    const int line = state->top_line + event->y - state->head_y - 1;

    if (event->mouse == HV_MOUSE_WHEEL_UP || event->mouse == HV_MOUSE_WHEEL_DOWN) {
        turn_wheel(state, event->mouse == HV_MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
        return TRUE;
    }
    if (event->mouse != HV_MOUSE_PRESS || event->y < state->head_y ||
        event->y > state->head_y + state->page)
        return FALSE;
    if (event->y == state->head_y)
        click_head(state, view, event->x);
    else if (line < hv_grid_n_lines(state))
        move_to(state, line);
    return TRUE;
}

static gboolean
key_event(HvGridState *state, const HvView *view, guint key)
{
    static const struct {
        guint key;
        int lines, pages; /* how far */
    } moves[] = {
        { HV_KEY_UP, -1, 0 },
        { 'k', -1, 0 },
        { HV_KEY_DOWN, 1, 0 },
        { 'j', 1, 0 },
        { HV_KEY_PAGE_UP, 0, -1 },
        { HV_KEY_PAGE_DOWN, 0, 1 },
        { HV_KEY_HOME, -G_MAXINT / 2, 0 },
        { 'g', -G_MAXINT / 2, 0 },
        { HV_KEY_END, G_MAXINT / 2, 0 },
        { 'G', G_MAXINT / 2, 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(moves); i++) {
        if (moves[i].key == key) {
            move_to(state, state->line + moves[i].lines + moves[i].pages * state->page);
            return TRUE;
        }
    }
    if (key == '<' || key == '>')
        sort_by_neighbour(state, view, key == '<' ? -1 : 1);
    else if (key == 'I')
        state->ascending = !state->ascending;
    else
        return FALSE;
    return TRUE;
}

gboolean
hv_grid_event(HvGridState *state, const HvView *view, const HvEvent *event)
{
    hv_grid_update(state, view);
    if (event->kind == HV_EVENT_KEY)
        return key_event(state, view, event->key);
    return event->kind == HV_EVENT_MOUSE && mouse_event(state, view, event);
}

/* The next row, and behind the last one the first: with a filter all rows match. */
static void
step_around(HvGridState *state, int step)
{
    const int n = hv_grid_n_lines(state);

    if (n > 0)
        move_to(state, (state->line + step + n) % n);
}

/* Returns: FALSE where neither a column shown nor one of the lead table has that name. */
static gboolean
sort_by_name(HvGridState *state, const HvView *view, const char *column)
{
    if (!column || hv_order_source(state->order, view->now, column).column < 0)
        return FALSE;
    sort_by(state, view, column);
    return TRUE;
}

gboolean
hv_grid_do(HvGridState *state, const HvView *view, const HvAction *action)
{
    hv_grid_update(state, view);
    if (action->verb == HV_DO_SORT_BY)
        return sort_by_name(state, view, action->column);
    if (action->verb == HV_DO_SORT)
        sort_by_neighbour(state, view, 1);
    else if (action->verb == HV_DO_REVERSE)
        state->ascending = !state->ascending;
    else if (action->verb == HV_DO_NEXT_MATCH)
        step_around(state, 1);
    else if (action->verb == HV_DO_PREVIOUS_MATCH)
        step_around(state, -1);
    else
        return FALSE;
    return TRUE;
}
