/* What became of a change: its effects as they firm up, its knobs that somebody else has changed since. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/** hv_change_effects: of change @id, a line each, the main one first: as table "effects" has them, else as the journal
 * (row @row of table "changes", or -1) kept them. (transfer full) array of char *; may be empty. UI thread, as below. */
GPtrArray *hv_change_effects(const HvSnapshot *now, guint64 id, int row);
/** hv_change_contested: the row of table "contested" of @knob as change @id left it, or -1; a NULL @knob: of any. */
int hv_change_contested(const HvSnapshot *now, guint64 id, const char *knob);
/** hv_contested_text: "irq/24/cpus: left at 0-31, is 56 since 12 s (irqbalance)". (transfer full) */
char *hv_contested_text(const HvSnapshot *now, int row);
/** hv_change_newest: the first row in table "changes" of the newest change, if it was made in the last @within_s; -1. */
int hv_change_newest(const HvSnapshot *now, guint within_s);
