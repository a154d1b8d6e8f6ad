/* Parts of the screen Traffic: the square of nodes, the selected VM by node, links and memory controllers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/flow-grid.h"
#include "tui/screen.h"

/* A rectangle of the canvas. */
typedef struct {
    int x, y, width, height;
} HvArea;

/* Which part of a square is shown where it is larger than its place; counted in pages, row by row. */
typedef struct {
    guint page, n_pages;
} HvTrafficPages;

#define HV_TRAFFIC_VM 26 /* columns that the VM needs */

/** hv_traffic_width: columns that a square of @n nodes takes of @columns. UI thread, as below. */
int hv_traffic_width(guint n, int columns);
/** hv_traffic_draw_grid: @title above it; numbers of GB/s, or shares where no bytes are known. @pages is corrected.
 * Returns the row behind. */
int hv_traffic_draw_grid(const HvView *view, HvCanvas *canvas, const HvArea *area, const HvFlowGrid *grid,
                          const char *title, HvTrafficPages *pages);
/** hv_traffic_draw_vm: the selected VM: per node its vCPUs, memory, traffic; its sums and where they are from.
 * Returns the row behind. */
int hv_traffic_draw_vm(const HvView *view, HvCanvas *canvas, const HvArea *area);
/** hv_traffic_draw_links: links and memory controllers in the last rows above @bottom, @max_rows at most. Returns
 * the first row taken. */
int hv_traffic_draw_links(const HvView *view, HvCanvas *canvas, int bottom, int max_rows);
/** hv_traffic_source: what a source is called on screen: "resctrl MBM", "perf", "by place". */
const char *hv_traffic_source(const char *source);
