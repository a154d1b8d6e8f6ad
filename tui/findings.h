/* What is wrong, as lines: who and what, its cost, its cure. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

/** hv_findings_rows: rows that the findings worth a line take, with the cure of each below it. UI thread, as below. */
int hv_findings_rows(const HvSnapshot *snapshot);
/** hv_findings_draw: numbered, in at most @max_rows rows from @y on: the first one with its cure, as many others
 * with theirs as fit below all. Returns the row behind. */
int hv_findings_draw(const HvView *view, HvCanvas *canvas, int y, int max_rows);
