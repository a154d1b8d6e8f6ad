/* The lines above and below the ways on the screen Cache. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/cache-grid.h"
#include "tui/screen.h"

/** hv_cache_draw_head: the cache in view and what is left of classes and counters; with several caches a second line
 * with all of them by how full they are. Returns the row behind. UI thread, as below. */
int hv_cache_draw_head(const HvView *view, HvCanvas *canvas, int y, const HvCacheGrid *grid, const GArray *ids);
/** hv_cache_draw_foot: what the signs mean, old lines, the sum; two rows from @y on. */
void hv_cache_draw_foot(const HvView *view, HvCanvas *canvas, int y, const HvCacheGrid *grid);
/** hv_cache_draw_nothing: why there is nothing to show, and the cure. */
void hv_cache_draw_nothing(const HvView *view, HvCanvas *canvas, int top, int bottom);
/** hv_way_glyph, hv_way_role: how a way is drawn; one column. */
const char *hv_way_glyph(HvWay way, gboolean ascii);
HvRole hv_way_role(HvWay way);
