/* The timeline under a console that looks at its past: two rows, and their keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/console-private.h"

#define HV_TIMELINE_ROWS 2

/** hv_timeline_get: where the console stands; FALSE where it has no past. What @timeline points
 * to is gone when this is asked again, as drawing a picture does. UI thread, as all below. */
gboolean hv_timeline_get(const HvConsole *console, HvTimeline *timeline);
/** hv_timeline_is_shown: it takes the last rows of a canvas of @rows. */
gboolean hv_timeline_is_shown(const HvConsole *console, const HvTimeline *timeline, int rows);
/** hv_timeline_draw: on the last rows of @canvas. */
void hv_timeline_draw(HvConsole *console, HvCanvas *canvas, const HvTimeline *timeline);
/** hv_timeline_follow: makes the console what the operator saw, while nobody wants it
 * otherwise. */
void hv_timeline_follow(HvConsole *console, const HvTimeline *timeline);
/** hv_timeline_key: TRUE: it was one of its keys. hv_timeline_click: at column @x. */
gboolean hv_timeline_key(HvConsole *console, guint key);
void hv_timeline_click(HvConsole *console, int x);
