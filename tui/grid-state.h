/* What drawing a grid and moving about in it share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/grid.h"
#include "tui/order.h"

#define HV_GRID_MAX_COLUMNS 32

/* Where a column stands on the screen. */
typedef struct {
    const HvGridColumn *definition;
    int x, width;
} HvGridPlace;

struct HvGridState {
    const HvGrid *grid;
    char *sort;
    gboolean ascending;
    char *key;       /* of the cursor's row; NULL: none yet */
    gboolean is_set; /* the cursor was put there; else it stays on the first line until rows can
                        be sorted */
    int line, top_line; /* the cursor's, and the first one shown, in the order */
    HvOrder *order;
    HvGridPlace places[HV_GRID_MAX_COLUMNS]; /* as last drawn */
    guint n_places;
    int head_y, page; /* as last drawn: where the heads are, how many rows there is room for */
};

/** hv_grid_update: brings the order up to date and the cursor back to its key; where that is gone, it stays on its line. */
void hv_grid_update(HvGridState *state, const HvView *view);
/** hv_grid_scroll_to_cursor: so that the cursor's line is among those shown. */
void hv_grid_scroll_to_cursor(HvGridState *state);
/** hv_grid_n_lines: how many rows there are to show. hv_grid_row_of_line: the lead table's row on @line, which exists. */
int hv_grid_n_lines(const HvGridState *state);
guint hv_grid_row_of_line(const HvGridState *state, int line);
