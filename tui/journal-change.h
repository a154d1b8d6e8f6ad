/* One change of the Journal: what it did at the foot, all of it in a window. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

/** hv_change_draw_foot: effects of change @id, whether it reverts, what is contested; below a line from @top on to
 * @bottom. UI thread, as all below. */
void hv_change_draw_foot(const HvView *view, HvCanvas *canvas, int top, int bottom, guint64 id);
/** hv_change_open: a window with its steps, outcomes, shell lines and effects. */
void hv_change_open(const HvView *view, guint64 id);
/** hv_change_wishes_back: that its contested knobs (or only @knob) be again what it left. (transfer full) */
GPtrArray *hv_change_wishes_back(const HvSnapshot *now, guint64 id, const char *knob);
