/* Text cut into what fits a cell: graphemes and their widths, and what stands for them in ASCII. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/canvas.h"

/* One grapheme as a cell holds it: at most HV_CELL_BYTES - 1 bytes, one or two columns wide. */
typedef struct {
    char text[HV_CELL_BYTES];
    int width;
} HvGlyph;

/** hv_glyph_safe: @text itself where every character may be shown, else an escaped copy, put into @owned for the
 * caller to free. Any thread, as below. */
const char *hv_glyph_safe(const char *text, char **owned);
/** hv_glyph_next: cuts the next grapheme off @text, which came from hv_glyph_safe(). @ascii: what ASCII has nearest to
 * it, as wide as it. FALSE at the end. */
gboolean hv_glyph_next(const char **text, gboolean ascii, HvGlyph *out);
