/* Lines of the sheet behind a row: a number with its source and age, its formula and doubt below. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

#define HV_SHEET_LABEL 13 /* columns of a line's name */
#define HV_SHEET_VALUE 22 /* and of its value */

/** hv_sheet_new: no lines yet; (transfer full) for g_array_unref(). UI thread, as all below. */
GArray *hv_sheet_new(void);
/** hv_sheet_add: a line; texts are copied. hv_sheet_text: one over the whole width. hv_sheet_below: one under the value,
 * wrapped to @width columns of the screen. */
void hv_sheet_add(GArray *sheet, HvRole role, const char *label, const char *value, const char *source);
void hv_sheet_text(GArray *sheet, HvRole role, const char *text);
void hv_sheet_below(GArray *sheet, HvRole role, const char *text, int width);
/** hv_sheet_draw: lines from @offset on, corrected so that the last page is full; a mark where there are more.
 * Returns the offset. */
guint hv_sheet_draw(const GArray *sheet, guint offset, HvCanvas *canvas, int y, int bottom);
/** hv_sheet_findings: what was found of the selected VM, with its cure. */
void hv_sheet_findings(GArray *sheet, const HvView *view, int width);
/** hv_sheet_memory: remote traffic, where memory is, where vCPUs run, cache and group: each with its source, or why
 * it is not known. */
void hv_sheet_memory(GArray *sheet, const HvView *view, int width);
/** hv_sheet_exits: exits by kind, what they cost, injected interrupts, APICv and why. */
void hv_sheet_exits(GArray *sheet, const HvView *view, int width);
