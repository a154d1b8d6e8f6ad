/* Parts of the Desk: the machine at the top, what is wrong at the foot. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

/** hv_desk_top: nodes and the host line from @top on, in at most @max_rows rows. Returns the row behind. UI thread, as below. */
int hv_desk_top(const HvView *view, HvCanvas *canvas, int top, int max_rows);
/** hv_desk_foot: late and failed sources, then the newest events, in at most @max_rows rows above @bottom.
 * Returns the first row that it took. */
int hv_desk_foot(const HvView *view, HvCanvas *canvas, int bottom, int max_rows);
/** hv_desk_nobody: says that there is no VM, and which source says why. */
void hv_desk_nobody(const HvView *view, HvCanvas *canvas, int top, int bottom);
