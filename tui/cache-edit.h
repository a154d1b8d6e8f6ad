/* Wishes for masks and bandwidths, made with the arrow keys: kept here until they become a plan. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"
#include "tui/cache-grid.h"
#include "tui/view-text.h"

typedef enum { HV_EDGE_LEFT, HV_EDGE_RIGHT } HvEdge; /* the highest way, the lowest */

/* What is wished for, by knob. Opaque. */
typedef struct HvCacheEdit HvCacheEdit;

HvCacheEdit *hv_cache_edit_new(void);
void hv_cache_edit_free(HvCacheEdit *edit);
/** hv_cache_edit_count: how many knobs it wishes for. hv_cache_edit_clear: drops all. UI thread, as all below. */
guint hv_cache_edit_count(const HvCacheEdit *edit);
void hv_cache_edit_clear(HvCacheEdit *edit);
/** hv_cache_edit_overlay: puts the wishes into the rows of @grid: masks and limits are those wished for. A wish
 * that has come true, or whose group has gone, is forgotten. */
void hv_cache_edit_overlay(HvCacheEdit *edit, HvCacheGrid *grid, const HvSnapshot *now);
/** hv_cache_edit_stretch: moves @edge of the mask of @row (of an overlaid grid) by one way; @by -1: to the left.
 * hv_cache_edit_shift: moves the whole mask. Both: NULL, or why not, (transfer full). */
char *hv_cache_edit_stretch(HvCacheEdit *edit, const HvCacheGrid *grid, const HvSnapshot *now, const HvCacheRow *row,
                            HvEdge edge, int by);
char *hv_cache_edit_shift(HvCacheEdit *edit, const HvCacheGrid *grid, const HvSnapshot *now, const HvCacheRow *row,
                          int by);
/** hv_cache_edit_bandwidth: one step of the kernel's more (@by 1) or less (-1). Likewise. */
char *hv_cache_edit_bandwidth(HvCacheEdit *edit, const HvCacheGrid *grid, const HvSnapshot *now,
                              const HvCacheRow *row, int by);
/** hv_cache_edit_wishes: all of them, of HvWish; (transfer full). Shares that grow come last, so that ways are free
 * before they are taken. */
GPtrArray *hv_cache_edit_wishes(const HvCacheEdit *edit);
/** hv_cache_edit_save: all wishes as lines. hv_cache_edit_load: those alone, of lines from anybody. */
void hv_cache_edit_save(const HvCacheEdit *edit, HvViewOut *out);
void hv_cache_edit_load(HvCacheEdit *edit, const HvViewIn *in);
/** hv_cache_edit_text: what is wished for @row, and the rules that hold: "gold: mask ff → 1ff, 9 ways, 31.5M; …".
 * (transfer full) */
char *hv_cache_edit_text(const HvCacheGrid *grid, const HvSnapshot *now, const HvCacheRow *row, gboolean ascii);
/** hv_cache_edge_way: the way at that edge of the row's mask, or -1. hv_cache_mask_ways: how many it has. */
int hv_cache_edge_way(const HvCacheRow *row, HvEdge edge);
guint hv_cache_mask_ways(guint64 mask);
