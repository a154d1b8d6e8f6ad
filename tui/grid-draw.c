/* A grid drawn: heads, rows, roles, the past as sparklines. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/grid-state.h"

#define MAX_CELL_BYTES 512
#define MAX_SPARK 60

static gboolean
is_shown(const HvGridColumn *definition, int columns)
{
    return definition->min_columns == 0 || columns >= definition->min_columns;
}

/* The first column takes what the others leave; those that do not fit beside its least width
 * are left out. */
static void
place_columns(HvGridState *state, int columns)
{
    const HvGridColumn *definition = state->grid->columns;
    int left = columns - 1 - definition->width; /* 1: the gutter */
    int x = 1;

    state->n_places = 0;
    for (; definition->column && state->n_places < HV_GRID_MAX_COLUMNS; definition++) {
        const int needed = state->n_places ? definition->width + 1 : 0;

        if (!is_shown(definition, columns))
            continue;
        if (needed > left && state->n_places)
            break;
        left -= needed;
        state->places[state->n_places++] = (HvGridPlace){ definition, 0, definition->width };
    }
    if (state->n_places)
        state->places[0].width += MAX(left, 0);
    for (guint i = 0; i < state->n_places; i++) {
        state->places[i].x = x;
        x += state->places[i].width + 1;
    }
}

/* Numbers stand right, texts left, the first column always left. */
static int
alignment(const HvGridState *state, const HvGridPlace *place, const HvCellSource *source)
{
    if (place == state->places || place->definition->spark)
        return -1;
    if (source->column < 0) /* most columns are numbers */
        return 1;
    const HvKind kind = hv_table_schema(source->table)->columns[source->column].kind;
    return hv_kind_is_text(kind) || kind == HV_KIND_BOOL ? -1 : 1;
}

/* Where the column that is sorted by is not shown, the first head says its name. */
static void
draw_first_head(const HvGridState *state, HvCanvas *canvas, const char *mark, int x)
{
    for (guint i = 0; i < state->n_places; i++) {
        if (!g_strcmp0(state->sort, state->places[i].definition->column))
            return;
    }
    g_autofree char *text = g_strconcat(mark, state->sort, NULL);
    const int width = state->places[0].x + state->places[0].width - x;

    hv_canvas_print_in(canvas, x, state->head_y, MIN(width, hv_text_width(text)), -1,
                       HV_ROLE_HEAD_SORT, text);
}

static void
draw_heads(HvGridState *state, const HvView *view, HvCanvas *canvas)
{
    const char *mark = state->ascending ? hv_canvas_glyph(canvas, "▲", "^")
                                        : hv_canvas_glyph(canvas, "▼", "v");

    hv_canvas_fill(canvas, 0, state->head_y, canvas->columns, 1, HV_ROLE_HEAD, " ");
    for (guint i = 0; i < state->n_places; i++) {
        const HvGridPlace *place = &state->places[i];
        const HvCellSource source =
            hv_order_source(state->order, view->now, place->definition->column);
        const char *title = _(place->definition->title);
        const gboolean is_sort = !g_strcmp0(state->sort, place->definition->column);
        const HvRole role = is_sort ? HV_ROLE_HEAD_SORT : HV_ROLE_HEAD;
        const int slack = MAX(place->width - hv_text_width(title), 0);
        const int x = place->x + (alignment(state, place, &source) > 0 ? slack : 0);

        hv_canvas_print_in(canvas, x, state->head_y, place->x + place->width - x, -1, role,
                           title);
        if (is_sort)
            hv_canvas_print(canvas, x - 1, state->head_y, role, mark);
        if (i == 0 && state->sort)
            draw_first_head(state, canvas, mark, x + hv_text_width(title) + 1);
    }
}

static HvRole
threshold_role(const HvGridColumn *definition, double value)
{
    const double sign = definition->warm > definition->hot ? -1 : 1;

    if (definition->warm == 0 && definition->hot == 0)
        return HV_ROLE_TEXT;
    if (value * sign >= definition->hot * sign)
        return HV_ROLE_HOT;
    return value * sign >= definition->warm * sign ? HV_ROLE_WARM : HV_ROLE_TEXT;
}

/* What is wrong stays visible under the cursor; the rest takes the row's role. */
static HvRole
cell_role(const HvCellSource *source, int row, const HvGridColumn *definition, HvRole row_role)
{
    double value;

    if (row < 0 || !hv_mark_has_value(hv_table_mark(source->table, (guint)row, source->column)))
        return row_role == HV_ROLE_TEXT ? HV_ROLE_ABSENT : row_role;
    if (!hv_table_f64(source->table, (guint)row, source->column, &value))
        return row_role;
    const HvRole role = threshold_role(definition, value);
    return role == HV_ROLE_TEXT ? row_role : role;
}

static void
draw_cell(const HvGridState *state, HvCanvas *canvas, const HvGridPlace *place,
          const HvCellSource *source, guint lead_row, int y, HvRole row_role)
{
    const int row = hv_order_cell_row(source, lead_row);
    const HvRole role = cell_role(source, row, place->definition, row_role);
    char text[MAX_CELL_BYTES];

    if (row < 0)
        g_strlcpy(text, hv_canvas_glyph(canvas, "–", "-"), sizeof text);
    else
        hv_text_cell(text, sizeof text, source->table, (guint)row, source->column,
                     canvas->ascii);
    hv_canvas_print_in(canvas, place->x, y, place->width, alignment(state, place, source), role,
                       text);
}

/* Returns: FALSE where no past is kept. */
static gboolean
draw_spark(const HvGridState *state, const HvView *view, HvCanvas *canvas,
           const HvGridPlace *place, guint lead_row, int y, HvRole row_role)
{
    const char *dot = strchr(place->definition->spark, '.');
    const char *key = hv_table_row_key(hv_order_lead(state->order), lead_row);
    float values[MAX_SPARK];
    float max = (float)MAX(place->definition->hot, 0);
    const guint n = (guint)MIN(place->width, MAX_SPARK);
    char table[64];

    if (!view->now->history || !dot)
        return FALSE;
    g_strlcpy(table, place->definition->spark,
              MIN((gsize)(dot - place->definition->spark) + 1, sizeof table));
    if (!hv_history_read(view->now->history, table, dot + 1, key, view->now->tick, values, n))
        return FALSE;
    for (guint i = 0; i < n; i++)
        max = values[i] > max ? values[i] : max; /* a gap is NaN: never larger */
    hv_canvas_sparkline(canvas, place->x, y, place->width,
                        row_role == HV_ROLE_TEXT ? HV_ROLE_GRAPH : row_role, values, n, max);
    return TRUE;
}

static void
draw_row(HvGridState *state, const HvView *view, HvCanvas *canvas, const HvCellSource *sources,
         int line, int y)
{
    const guint row = hv_grid_row_of_line(state, line);
    const char *key = hv_table_row_key(hv_order_lead(state->order), row);
    const gboolean is_tagged = view->tagged && g_hash_table_contains(view->tagged, key);
    const gboolean is_cursor = line == state->line;
    const HvRole role = is_cursor ? HV_ROLE_CURSOR : is_tagged ? HV_ROLE_TAGGED : HV_ROLE_TEXT;

    hv_canvas_fill(canvas, 0, y, canvas->columns, 1, role, " ");
    if (is_tagged)
        hv_canvas_print(canvas, 0, y, role, "*");
    else if (is_cursor)
        hv_canvas_print(canvas, 0, y, role, hv_canvas_glyph(canvas, "▌", ">"));
    for (guint i = 0; i < state->n_places; i++) {
        const HvGridPlace *place = &state->places[i];

        if (!place->definition->spark || !draw_spark(state, view, canvas, place, row, y, role))
            draw_cell(state, canvas, place, &sources[i], row, y, role);
    }
}

static void
draw_nothing(const HvGridState *state, const HvView *view, HvCanvas *canvas, int y)
{
    const HvTable *lead = hv_order_lead(state->order);
    const char *why = lead ? hv_table_why(lead) : NULL;

    if (why)
        hv_canvas_print(canvas, 1, y, HV_ROLE_ABSENT, why);
    else if (lead && hv_table_n_rows(lead) > 0)
        hv_canvas_printf(canvas, 1, y, HV_ROLE_ABSENT, _("nothing matches %s"), view->filter);
    else
        hv_canvas_print(canvas, 1, y, HV_ROLE_ABSENT,
                        lead && hv_table_sampled_ns(lead) ? _("none") : _("not read yet"));
}

void
hv_grid_draw(HvGridState *state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    HvCellSource sources[HV_GRID_MAX_COLUMNS];

    state->head_y = top;
    state->page = MAX(bottom - top - 1, 1);
    hv_grid_update(state, view);
    hv_grid_scroll_to_cursor(state);
    place_columns(state, canvas->columns);
    if (bottom <= top)
        return;
    draw_heads(state, view, canvas);
    for (guint i = 0; i < state->n_places; i++)
        sources[i] =
            hv_order_source(state->order, view->now, state->places[i].definition->column);
    for (int i = 0; i < state->page && state->top_line + i < hv_grid_n_lines(state); i++) {
        if (top + 1 + i < bottom)
            draw_row(state, view, canvas, sources, state->top_line + i, top + 1 + i);
    }
    if (hv_grid_n_lines(state) == 0 && top + 1 < bottom)
        draw_nothing(state, view, canvas, top + 1);
}
