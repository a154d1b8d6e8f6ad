/* A canvas as text with colours: for a terminal (ANSI) or a page (SVG). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/theme.h"

/** hv_render_ansi: one line per row, each ended by a reset and a newline. (transfer full) */
char *hv_render_ansi(const HvCanvas *canvas, const HvTheme *theme, HvDepth depth);
/** hv_render_svg: a self-contained picture; every cell at its own place, whatever font the
 * viewer has. (transfer full) */
char *hv_render_svg(const HvCanvas *canvas, const HvTheme *theme);
