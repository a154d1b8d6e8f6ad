/* Parts of the Desk: the machine at the top, what is wrong at the foot. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/list.h"

/** hv_desk_top: nodes and the host line from @top on, in at most @max_rows rows. Returns the row behind. UI thread, as below. */
int hv_desk_top(const HvView *view, HvCanvas *canvas, int top, int max_rows);
/** hv_desk_foot: the newest change, findings (that of key @marked has the cursor), late and failed sources, then the newest events, in at most @max_rows rows above @bottom.
 * Returns the first row that it took. */
int hv_desk_foot(const HvView *view, HvCanvas *canvas, int bottom, int max_rows, const char *marked);
/** hv_desk_change_rows, hv_desk_change_draw: what the newest change of the last minutes did, and what is contested; from
 * @y on, in at most @max_rows. Returns the row behind. */
int hv_desk_change_rows(const HvView *view);
int hv_desk_change_draw(const HvView *view, HvCanvas *canvas, int y, int max_rows);
/** hv_desk_nobody: says that there is no VM, and which source says why. */
void hv_desk_nobody(const HvView *view, HvCanvas *canvas, int top, int bottom);

/* Which numbers there are to show; flags. */
typedef enum { HV_DESK_PLAIN = 0, HV_DESK_NODES = 1, HV_DESK_CACHES = 2 } HvDeskKind;

/** hv_desk_kind: several nodes, resctrl. hv_desk_columns_new: the columns of its list; (transfer full), g_free(). */
HvDeskKind hv_desk_kind(const HvSnapshot *snapshot);
HvListColumn *hv_desk_columns_new(HvDeskKind kind);
