/* Heat: numbers shaded by size, so that the shade is seen without colours too. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/heat.h"

#include <math.h>

#define N_SHADES 5

/* By logarithm: beside one busy node all others would look alike. */
double
hv_heat_ratio(double value, double most)
{
    const double shade_below =
        0.5 / N_SHADES; /* the middle of a shade, so that rounding does not tip it */

    if (!(value > 0) || !(most > 0))
        return 0;
    return CLAMP(1 - shade_below + 2 * log10(value / most) / N_SHADES, 0, 1);
}

const char *
hv_heat_shade(double ratio, gboolean ascii)
{
    static const char *const shades[N_SHADES] = { " ", "░", "▒", "▓", "█" };
    static const char *const letters[N_SHADES] = { " ", ".", "+", "*", "#" };
    const int shade = (int)hv_canvas_heat(ratio) - HV_ROLE_HEAT_0;

    return (ascii ? letters : shades)[shade];
}

void
hv_heat_draw(HvCanvas *canvas, int x, int y, int width, double ratio, const char *text)
{
    const HvRole role = hv_canvas_heat(ratio);

    hv_canvas_print_in(canvas, x, y, width - 1, 1, role, text);
    hv_canvas_print(canvas, x + width - 1, y, role, hv_heat_shade(ratio, canvas->ascii));
}

void
hv_heat_cell(HvListCell *cell, const HvView *view, double ratio)
{
    g_strlcat(cell->text, hv_heat_shade(ratio, hv_view_ascii(view)), sizeof cell->text);
    cell->role = hv_canvas_heat(ratio);
}
