/* A table on the screen: sorting, filtering, scrolling, cursor, marks and roles come with it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

/* One column of a grid. A list ends with a NULL column. */
typedef struct {
    const char *column;   /* of the lead table, or "table.column" joined by the row's key */
    const char *title;    /* N_("VCPU"); shortened by no one: choose it to fit */
    int width;            /* columns; the first column takes what is left over, at least this */
    int min_columns;      /* shown only on screens at least this wide; 0: always */
    double warm, hot;     /* role thresholds for numbers; both 0: none; warm > hot: small is bad */
    const char *spark;    /* draw the history of "table.column" in this column's width instead; NULL: no. A full block is the
                           * largest value there, or @hot where that is more */
} HvGridColumn;

typedef struct {
    const char *table;
    const HvGridColumn *columns;
    const char *sort;      /* first sort column: any of the lead table or "table.column"; its mark stands in the first
                            * head where it is not shown; NULL: as the table has its rows */
    gboolean ascending;
} HvGrid;

/* What a person did to a grid: cursor, sort, scroll. Zeroed is fine to begin with. */
typedef struct HvGridState HvGridState;
HvGridState *hv_grid_state_new(const HvGrid *grid);
void hv_grid_state_free(HvGridState *state);
/** hv_grid_draw: heads at @top, rows to @bottom (exclusive). The cursor follows the key, not the line. */
void hv_grid_draw(HvGridState *state, const HvView *view, HvCanvas *canvas, int top, int bottom);
/** hv_grid_event: arrows, j k g G, pages, wheel and clicks on rows and heads, sort keys. TRUE when it was one of these. */
gboolean hv_grid_event(HvGridState *state, const HvView *view, const HvEvent *event);
/** hv_grid_do: SORT (the next column), SORT_BY, REVERSE, NEXT_MATCH, PREVIOUS_MATCH. TRUE when it was one of these. */
gboolean hv_grid_do(HvGridState *state, const HvView *view, const HvAction *action);
/** hv_grid_key: key of the row under the cursor, or NULL; borrowed until the next draw. */
const char *hv_grid_key(const HvGridState *state);
/** hv_grid_set_key: puts the cursor on that row, as soon as it is there. */
void hv_grid_set_key(HvGridState *state, const char *key);
/** hv_filter_matches: "web" (in the row's texts), "node:1", "remote>50", "wait>=5%", "memory>2G", "!idle"; words are and-ed. A
 * name before ":", "<" or ">" is a column or an alias of some; one that the table lacks makes the word plain text. Ratios
 * compare as percent, sets by "holds all of these". */
gboolean hv_filter_matches(const char *filter, const HvTable *table, guint row);
