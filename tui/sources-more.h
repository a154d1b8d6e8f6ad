/* What Sources tells beside the sources: what we left on the host, and numbers that several sources have. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

/** hv_sources_draw_more: what this hvtune has on the host, and the traffic of the selected VM by each source, a row
 * each from @y on, where there is such a thing. Returns the row behind. UI thread, as below. */
int hv_sources_draw_more(const HvView *view, HvCanvas *canvas, int y);
/** hv_sources_list_more: all of both, as lines (char *) to read: every group, every VM that several sources tell of;
 * (transfer full). */
GPtrArray *hv_sources_list_more(const HvView *view);
