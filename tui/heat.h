/* Heat: numbers shaded by size, so that the shade is seen without colours too. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/list.h"

/** hv_heat_ratio: how hot @value is beside the largest of its picture, 0-1 for hv_canvas_heat(); each of the five shades
 * is about a third of the one above. NaN, zero and less are cold. Any thread, as hv_heat_shade(). */
double hv_heat_ratio(double value, double most);
/** hv_heat_shade: one column that gets darker with @ratio: " ", "░", "▒", "▓", "█" (ASCII " ", ".", "+", "*", "#"). */
const char *hv_heat_shade(double ratio, gboolean ascii);
/** hv_heat_draw: @text to the right of @width columns, the shade behind it in the last one, all in the role of @ratio.
 * UI thread, as below. */
void hv_heat_draw(HvCanvas *canvas, int x, int y, int width, double ratio, const char *text);
/** hv_heat_cell: the same for the text that is already in a list's cell. */
void hv_heat_cell(HvListCell *cell, const HvView *view, double ratio);
