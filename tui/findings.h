/* What is wrong, as lines: who and what, its cost, its cure. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

/** hv_findings_rows: rows that the findings worth a line take with their cures on a screen of @columns, uncut. UI thread,
 * as below. */
int hv_findings_rows(const HvSnapshot *snapshot, int columns);
/** hv_findings_draw: numbered, from @y on, uncut where @max_rows suffice for all; else a row each: the first one with
 * its cure, as many others with theirs as fit below all. That of key @marked (or NULL) has the cursor's mark. Returns
 * the row behind. */
int hv_findings_draw(const HvView *view, HvCanvas *canvas, int y, int max_rows, const char *marked);
/** hv_findings_next: the key of the finding behind the one of key @marked (NULL: the first), or NULL behind the last;
 * borrowed from @snapshot. */
const char *hv_findings_next(const HvSnapshot *snapshot, const char *marked);
