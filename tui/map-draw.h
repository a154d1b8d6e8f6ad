/* What the Map's rectangles look like: loads, who runs there, memory and devices of nodes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/map-layout.h"
#include "tui/map-marks.h"

/* What is drawn with and from. Borrowed. */
typedef struct {
    HvMapMarks *marks; /* as of @view */
    const HvMapLayout *layout;
    const HvView *view;
    HvCanvas *canvas;
    int shift; /* row of the canvas where the Map's row 0 is, or would be */
} HvMapPen;

/** hv_map_draw_item: one rectangle. UI thread, as below. */
void hv_map_draw_item(const HvMapPen *pen, const HvMapItem *item, gboolean at_cursor);
/** hv_map_draw_head: the lines that are no objects; part of the above. */
void hv_map_draw_head(const HvMapPen *pen, const HvMapItem *item);
/** hv_map_draw_memory: "████ mem 412G of 512G" of a node from column @x, as far as it fits before @end. Returns the column
 * behind it. */
int hv_map_draw_memory(const HvMapPen *pen, int node, int x, int y, int end, HvRole role);
/** hv_map_mean: the mean load of an item's cpus. FALSE where one is not known. */
gboolean hv_map_mean(const HvMapPen *pen, const HvMapItem *item, double *ratio);
