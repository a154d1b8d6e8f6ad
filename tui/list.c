/* A list of rows that a screen picks out of several tables: what is shown, in which order,
 * where. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/list.h"

#include <string.h>

#include "model/i18n.h"
#include "model/natural.h"
#include "tui/filter.h"
#include "tui/list-private.h"

/* A row that is no child, while the order is being found. */
typedef struct {
    guint index, n_rows; /* of the row and its children */
    gboolean first, has_sort, ascending;
    double sort;
    char *text;
} Lead;

static const HvListColumn *
find_column(const HvList *list, const char *name)
{
    for (const HvListColumn *column = list->columns; column->name; column++)
        if (g_str_equal(column->name, name))
            return column;
    return NULL;
}

HvList *
hv_list_new(const HvListColumn *columns, const char *sort)
{
    HvList *list = g_new0(HvList, 1);
    const HvListColumn *column;

    list->columns = columns;
    list->shown = g_array_new(FALSE, FALSE, sizeof(Shown));
    list->spans = g_array_new(FALSE, FALSE, sizeof(Span));
    list->keys = g_string_chunk_new(1024);
    list->sort = sort;
    column = find_column(list, sort);
    list->ascending = column && column->ascending;
    return list;
}

void
hv_list_free(HvList *list)
{
    if (!list)
        return;
    g_array_free(list->shown, TRUE);
    g_array_free(list->spans, TRUE);
    g_string_chunk_free(list->keys);
    g_free(list->key);
    g_free(list->wanted);
    g_free(list->loaded_sort);
    g_free(list);
}

void
hv_list_set_columns(HvList *list, const HvListColumn *columns)
{
    const HvListColumn *column;

    list->columns = columns;
    column = find_column(list, list->sort);
    list->sort = column ? column->name : columns[0].name;
}

const char *
hv_list_key(const HvList *list)
{
    return list->shown->len ? list->key : NULL;
}

const char *
hv_list_line_key(const HvList *list, guint line)
{
    const guint at = list->offset + line;

    return at < list->shown->len && list->top + 1 + (int)line < list->bottom
               ? g_array_index(list->shown, Shown, at).key
               : NULL;
}

int
hv_list_item(const HvList *list)
{
    return list->index < list->shown->len ? g_array_index(list->shown, Shown, list->index).item
                                          : -1;
}

void
hv_list_set_key(HvList *list, const char *key)
{
    g_free(list->wanted);
    list->wanted = g_strdup(key);
}

static void
fill_cell(const HvView *view, const HvListRow *row, const HvListColumn *column,
          HvListCell *cell)
{
    const char *name = row->child ? column->child : column->name;

    cell->text[0] = '\0';
    cell->room = column->width;
    cell->role = HV_ROLE_TEXT;
    cell->right = cell->spills = cell->has_sort = FALSE;
    cell->n_values = 0;
    cell->most = 0;
    if (column->cell)
        column->cell(view, row, column, cell);
    else if (name)
        hv_cell_value(cell, view, row->table, row->row, name, column->warm, column->hot);
}

static void
clear_lead(gpointer data)
{
    g_free(((Lead *)data)->text);
}

static gboolean
is_let_through(const HvView *view, const HvListRow *row)
{
    return row->first || !*view->filter ||
           hv_filter_matches(view->filter, row->table, row->row);
}

/* What the row is sorted by; a plain number is not made text for that. */
static void
find_order(const HvView *view, const HvListRow *row, const HvListColumn *column, Lead *lead)
{
    HvListCell cell;

    lead->has_sort =
        !column->cell && hv_table_f64(row->table, row->row,
                                      hv_table_column(row->table, column->name), &lead->sort);
    if (lead->has_sort)
        return;
    fill_cell(view, row, column, &cell);
    lead->has_sort = cell.has_sort;
    lead->sort = cell.sort;
    lead->text = cell.has_sort || cell.role == HV_ROLE_ABSENT ? NULL : g_strdup(cell.text);
}

static GArray *
find_leads(HvList *list, const HvView *view, const HvListRow *rows, guint n_rows)
{
    const HvListColumn *column = find_column(list, list->sort);
    GArray *leads = g_array_new(FALSE, TRUE, sizeof(Lead));

    g_array_set_clear_func(leads, clear_lead);
    for (guint i = 0; i < n_rows;) {
        Lead lead = { .index = i, .first = rows[i].first, .ascending = list->ascending };

        while (++i < n_rows && rows[i].child)
            ;
        lead.n_rows = i - lead.index;
        if (!is_let_through(view, &rows[lead.index]))
            continue;
        if (column)
            find_order(view, &rows[lead.index], column, &lead);
        g_array_append_val(leads, lead);
    }
    return leads;
}

/* A number before a text, a text before nothing. */
static int
rank_of(const Lead *lead)
{
    if (lead->first)
        return 0;
    if (lead->has_sort)
        return 1;
    return lead->text && *lead->text ? 2 : 3;
}

static int
compare(gconstpointer left, gconstpointer right)
{
    const Lead *a = left, *b = right;
    const int rank = rank_of(a) - rank_of(b);
    int order = 0;

    if (rank)
        return rank;
    if (!a->first && a->has_sort)
        order = (a->sort > b->sort) - (a->sort < b->sort);
    else if (!a->first && a->text && b->text)
        order = hv_natural_compare(a->text, b->text);
    if (!order)
        return a->index < b->index ? -1 : 1;
    return a->ascending ? order : -order;
}

static int
find_shown(const HvList *list, const char *key)
{
    for (guint i = 0; key && i < list->shown->len; i++)
        if (g_str_equal(g_array_index(list->shown, Shown, i).key, key))
            return (int)i;
    return -1;
}

void
hv_list_put_cursor(HvList *list, guint index)
{
    const guint n = list->shown->len;

    list->index = n ? MIN(index, n - 1) : 0;
    g_free(list->key);
    list->key = n ? g_strdup(g_array_index(list->shown, Shown, list->index).key) : NULL;
}

/* The cursor stays with its row; where that is gone, with its line. */
static void
follow_cursor(HvList *list)
{
    int at = find_shown(list, list->wanted);

    if (at < 0)
        at = find_shown(list, list->key);
    if (at < 0)
        hv_list_put_cursor(list, list->index);
    else
        hv_list_put_cursor(list, (guint)at);
    g_clear_pointer(&list->wanted, g_free);
}

/* Row numbers in the order shown. */
static GArray *
arrange(HvList *list, const HvView *view, const HvListRow *rows, guint n_rows)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) leads = find_leads(list, view, rows, n_rows);

    g_array_sort(leads, compare);
    g_array_set_size(list->shown, 0);
    g_string_chunk_clear(list->keys);
    for (guint i = 0; i < leads->len; i++) {
        const Lead *lead = &g_array_index(leads, Lead, i);

        for (guint at = lead->index; at < lead->index + lead->n_rows; at++) {
            const Shown shown = { g_string_chunk_insert(list->keys, rows[at].key),
                                  rows[at].item, rows[at].child };

            g_array_append_val(order, at);
            g_array_append_val(list->shown, shown);
        }
    }
    follow_cursor(list);
    return order;
}

static gboolean
is_visible(const HvListColumn *column, int columns)
{
    return column->width > 0 && columns >= column->min_columns;
}

/* What the visible columns take, and the sum of their shares. */
static int
sum_columns(const HvList *list, int columns, int *grow)
{
    int used = 0;

    *grow = 0;
    for (const HvListColumn *column = list->columns; column->name; column++)
        if (is_visible(column, columns)) {
            used += column->width + 1;
            *grow += column->grow;
        }
    return used;
}

/* Columns stand one blank apart; the last one that grows gets what the division leaves. */
static void
place_columns(HvList *list, int columns)
{
    int grow, x = 1;
    int left = MAX(columns - 1 - sum_columns(list, columns, &grow), 0);

    g_array_set_size(list->spans, 0);
    for (const HvListColumn *column = list->columns; column->name; column++) {
        Span span = { x, column->width, (guint)(column - list->columns) };
        int more = 0;

        if (!is_visible(column, columns))
            continue;
        if (grow > 0)
            more = left * column->grow / grow;
        else if (!list->spans->len)
            more = left;
        span.width += more;
        left -= more;
        grow -= column->grow;
        g_array_append_val(list->spans, span);
        x += span.width + 1;
    }
}

static gboolean
is_sort_visible(const HvList *list)
{
    for (guint i = 0; i < list->spans->len; i++)
        if (g_str_equal(list->columns[g_array_index(list->spans, Span, i).column].name,
                        list->sort))
            return TRUE;
    return FALSE;
}

static void
draw_head(const HvList *list, HvCanvas *canvas, const Span *span, gboolean also_sort)
{
    const HvListColumn *column = &list->columns[span->column];
    const HvListColumn *sort = find_column(list, list->sort);
    const gboolean is_sort = column == sort;
    const char *arrow =
        list->ascending ? hv_canvas_glyph(canvas, "▲", "^") : hv_canvas_glyph(canvas, "▼", "v");
    g_autofree char *text = NULL;

    if (also_sort && sort)
        text = g_strdup_printf("%s %s%s", _(column->title), arrow, _(sort->title));
    else
        text = g_strdup_printf("%s%s", is_sort ? arrow : "", _(column->title));
    /* the arrow stands in the gap before a head that fills its column */
    if (!column->left && is_sort)
        hv_canvas_print_in(canvas, span->x - 1, list->top, span->width + 1, 1,
                           HV_ROLE_HEAD_SORT, text);
    else
        hv_canvas_print_in(canvas, span->x, list->top, span->width, column->left ? -1 : 1,
                           is_sort ? HV_ROLE_HEAD_SORT : HV_ROLE_HEAD, text);
}

static void
draw_heads(const HvList *list, HvCanvas *canvas)
{
    const gboolean is_hidden = !is_sort_visible(list);

    hv_canvas_fill(canvas, 0, list->top, canvas->columns, 1, HV_ROLE_HEAD, " ");
    for (guint i = 0; i < list->spans->len; i++)
        draw_head(list, canvas, &g_array_index(list->spans, Span, i), is_hidden && i == 0);
}

static HvRole
role_in_row(HvRole row, HvRole cell)
{
    if (row == HV_ROLE_TEXT)
        return cell;
    return cell == HV_ROLE_WARM || cell == HV_ROLE_HOT ? cell : row;
}

static void
draw_cell(const HvListCell *cell, HvCanvas *canvas, const Span *span, int y, HvRole base)
{
    const HvRole role = role_in_row(base, cell->role);

    if (cell->n_values)
        hv_canvas_sparkline(canvas, span->x, y, span->width, role_in_row(base, HV_ROLE_GRAPH),
                            cell->values, cell->n_values, cell->most);
    else
        hv_canvas_print_in(canvas, span->x, y,
                           cell->spills ? canvas->columns - span->x : span->width,
                           cell->right ? 1 : -1, role, cell->text);
}

static HvRole
role_of_row(const HvView *view, const HvListRow *row, gboolean is_cursor, gboolean *is_tagged)
{
    *is_tagged = g_str_equal(hv_table_schema(row->table)->name, "vms") &&
                 g_hash_table_contains(view->tagged, row->key);
    if (is_cursor)
        return HV_ROLE_CURSOR;
    return *is_tagged ? HV_ROLE_TAGGED : HV_ROLE_TEXT;
}

static void
draw_row(const HvList *list, const HvView *view, HvCanvas *canvas, const HvListRow *row, int y,
         gboolean is_cursor)
{
    gboolean is_tagged;
    const HvRole base = role_of_row(view, row, is_cursor, &is_tagged);
    HvListCell cell = { 0 };

    hv_canvas_fill(canvas, 0, y, canvas->columns, 1, base, " ");
    if (is_tagged)
        hv_canvas_print(canvas, 0, y, base, "*");
    else if (is_cursor)
        hv_canvas_print(canvas, 0, y, base, hv_canvas_glyph(canvas, "▌", ">"));
    for (guint i = 0; i < list->spans->len; i++) {
        const Span *span = &g_array_index(list->spans, Span, i);

        fill_cell(view, row, &list->columns[span->column], &cell);
        draw_cell(&cell, canvas, span, y, base);
        if (cell.spills)
            break;
    }
}

static void
scroll(HvList *list)
{
    const guint page = (guint)MAX(list->bottom - list->top - 1, 1), n = list->shown->len;

    if (list->index < list->offset)
        list->offset = list->index;
    if (list->index >= list->offset + page)
        list->offset = list->index - page + 1;
    if (list->offset + page > n)
        list->offset = n > page ? n - page : 0;
}

void
hv_list_draw(HvList *list, const HvView *view, HvCanvas *canvas, const HvListRow *rows,
             guint n_rows, int top, int bottom)
{
    g_autoptr(GArray) order = NULL;

    hv_list_adopt_sort(list);
    order = arrange(list, view, rows, n_rows);
    list->top = top;
    list->bottom = bottom;
    place_columns(list, canvas->columns);
    scroll(list);
    if (bottom > top)
        draw_heads(list, canvas);
    for (guint i = list->offset; i < order->len; i++) {
        const int y = top + 1 + (int)(i - list->offset);

        if (y >= bottom)
            break;
        draw_row(list, view, canvas, &rows[g_array_index(order, guint, i)], y,
                 i == list->index);
    }
    if (n_rows && !order->len && top + 1 < bottom)
        hv_canvas_printf(canvas, 1, top + 1, HV_ROLE_ABSENT, _("nothing matches %s"),
                         view->filter);
}
