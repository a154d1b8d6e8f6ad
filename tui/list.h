/* A list of rows that a screen picks out of several tables: trees, shaded cells, cells of the screen's own making. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

#define HV_LIST_TEXT 256 /* bytes of a cell; longer ones are cut */
#define HV_LIST_SPARK 60 /* samples of a sparkline */

/* One row, as the screen found it. Borrowed for one draw. */
typedef struct {
    const HvTable *table;
    guint row;
    const char *key; /* unique in the list */
    gboolean child;  /* stays below the last row that is none */
    gboolean first;  /* stays on top whatever the order */
    int item;        /* the screen's own number for it */
    gconstpointer data; /* and what else its cells need */
} HvListRow;

/* What is shown in one cell. Comes zeroed. */
typedef struct {
    char text[HV_LIST_TEXT];
    int room;     /* columns there are for it at least; 0: enough */
    HvRole role;  /* HV_ROLE_TEXT: as its row */
    gboolean right;
    gboolean spills;   /* may run over the columns behind it, which are not drawn then */
    gboolean has_sort; /* a number to sort by; without one by @text, and an empty one comes last */
    double sort;
    guint n_values; /* of @values: a sparkline instead of the text */
    float most;     /* its full height; 0: the largest value */
    float values[HV_LIST_SPARK];
} HvListCell;

/* One column. @cell NULL: the cell of the row's own table, column @name (of a child @child). */
typedef struct HvListColumn {
    const char *name;  /* for SORT_BY and to say what is sorted by */
    const char *title; /* N_("VCPU") */
    int width;
    int min_columns; /* shown only on screens at least this wide; 0: always */
    guint letter;    /* a key that sorts by it, as 'P'; 0: none */
    const char *child;
    int grow;          /* its share of what is left over; the first column takes all if none has one */
    gboolean left;     /* head to the left */
    gboolean ascending; /* the order when first sorted by */
    double warm, hot;  /* thresholds of a number; both 0: none */
    int item;          /* the screen's own number for it */
    void (*cell)(const HvView *view, const HvListRow *row, const struct HvListColumn *column,
                 HvListCell *cell);
} HvListColumn;

/* What a person did to a list, and what the last draw found. Opaque. */
typedef struct HvList HvList;

/** hv_list_new: @columns end with a nameless one and are borrowed; @sort: the first sort column. UI thread, as below. */
HvList *hv_list_new(const HvListColumn *columns, const char *sort);
void hv_list_free(HvList *list);
/** hv_list_set_columns: other columns; sort and cursor stay. */
void hv_list_set_columns(HvList *list, const HvListColumn *columns);
/** hv_list_draw: heads at @top, rows to @bottom (exclusive), those that view->filter lets through, sorted,
 * texts as people count; what is absent comes last either way. */
void hv_list_draw(HvList *list, const HvView *view, HvCanvas *canvas, const HvListRow *rows, guint n_rows,
                  int top, int bottom);
/** hv_list_draw_table: the same of all rows of the table @name, or why there are none; an item is the number of a row. */
void hv_list_draw_table(HvList *list, const HvView *view, HvCanvas *canvas, const char *name, int top, int bottom);
/** hv_list_event: arrows, j k g G, pages, wheel, clicks on rows and heads, n p, sort keys. A click on the cursor row is
 * left to the screen, as Enter is. TRUE when it was one of these. */
gboolean hv_list_event(HvList *list, const HvView *view, const HvEvent *event);
/** hv_list_key: of the row under the cursor, NULL without rows; hv_list_item: its number. Until the next draw. */
const char *hv_list_key(const HvList *list);
int hv_list_item(const HvList *list);
/** hv_list_line_key: of the row on the @line-th line of the last draw, NULL behind the last one. */
const char *hv_list_line_key(const HvList *list, guint line);
/** hv_list_set_key: the cursor goes to that row with the next draw, if it is there then. */
void hv_list_set_key(HvList *list, const char *key);
/** hv_list_save: its order, cursor and scroll position. hv_list_load: puts them back, for the next draw. */
void hv_list_save(const HvList *list, HvViewOut *out);
void hv_list_load(HvList *list, const HvViewIn *in);
/** hv_list_is_on_cursor: TRUE when @y is the line of the cursor. */
gboolean hv_list_is_on_cursor(const HvList *list, int y);

/** hv_cell_value: a cell as hv_text_cell() gives it, with its sort number and role by @warm and @hot.
 * hv_cell_percent: a ratio as percent, "1.2" or "83". hv_cell_bool: @yes or nothing. */
void hv_cell_value(HvListCell *cell, const HvView *view, const HvTable *table, guint row, const char *column,
                   double warm, double hot);
void hv_cell_percent(HvListCell *cell, const HvView *view, const HvTable *table, guint row, const char *column,
                     double warm, double hot);
/** hv_cell_spark: the past of "table.column" for @key; leaves the cell empty where it is not kept. */
void hv_cell_spark(HvListCell *cell, const HvView *view, const char *table, const char *column, const char *key,
                   int width);
/** hv_cell_absent: no value, and last in any order. */
void hv_cell_absent(HvListCell *cell, const HvView *view);
/** hv_cell_sign: what stands before a number that is no straight measurement: "≈", "~" or nothing. */
const char *hv_cell_sign(HvMark mark, gboolean ascii);
/** hv_role_of: TEXT, WARM or HOT for @value; @warm > @hot: small is bad; both 0: TEXT. */
HvRole hv_role_of(double value, double warm, double hot);
/** hv_view_ascii: TRUE where only ASCII may be drawn. */
gboolean hv_view_ascii(const HvView *view);
/** hv_view_age: how old a number is by now, that was @age_s old in the snapshot: "3 s", "now" below a tenth. */
void hv_view_age(const HvView *view, double age_s, char *out, gsize size);
