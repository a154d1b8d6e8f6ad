/* Numbers drawn on a canvas: sparklines, bars and heat. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/canvas.h"

#include <math.h>

/* Any value above nothing is drawn higher than nothing. */
static int
spark_level(float value, float max)
{
    if (!(value > 0) || !(max > 0))
        return 0;
    return CLAMP((int)ceilf(value / max * 8) - 1, 0, 7);
}

static float
spark_max(const float *values, guint n)
{
    float max = 0;

    for (guint i = 0; i < n; i++) {
        if (isfinite(values[i]))
            max = MAX(max, values[i]);
    }
    return max;
}

void
hv_canvas_sparkline(HvCanvas *canvas, int x, int y, int width, HvRole role, const float *values,
                    guint n, float max)
{
    static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const steps[] = { "_", ".", ":", "-", "=", "+", "*", "#" };

    if (width <= 0)
        return;
    if (n > (guint)width) {
        values += n - (guint)width;
        n = (guint)width;
    }
    if (max <= 0)
        max = spark_max(values, n);
    hv_canvas_fill(canvas, x, y, width, 1, role, " ");
    for (guint i = 0; i < n; i++) {
        const int level = spark_level(values[i], max);

        if (!isnan(values[i]))
            hv_canvas_print(canvas, x + width - (int)(n - i), y, role,
                            hv_canvas_glyph(canvas, blocks[level], steps[level]));
    }
}

void
hv_canvas_bar(HvCanvas *canvas, int x, int y, int width, HvRole role, double ratio)
{
    static const char *const parts[] = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" };

    if (width <= 0)
        return;
    hv_canvas_fill(canvas, x, y, width, 1, role, " ");
    if (!(ratio > 0))
        return;

    const int steps = canvas->ascii ? 1 : 8; /* per cell */
    const int filled = MAX(1, (int)lround(MIN(ratio, 1.0) * width * steps));

    hv_canvas_fill(canvas, x, y, filled / steps, 1, role, hv_canvas_glyph(canvas, "█", "#"));
    if (filled % steps)
        hv_canvas_print(canvas, x + filled / steps, y, role, parts[filled % steps - 1]);
}

HvRole
hv_canvas_heat(double ratio)
{
    if (!(ratio > 0))
        return HV_ROLE_HEAT_0;
    return HV_ROLE_HEAT_0 + (HvRole)(MIN(ratio, 0.99) * 5);
}
