/* Plots of a report: a drawing in SVG, or a sparkline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/page.h"

#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"

#define WIDTH 860.0
#define HEIGHT 150.0
#define LEFT 60.0
#define TOP 26.0
#define BOTTOM 18.0
#define SPARKS 60

/* What a plot reaches to: 0 is always in it. */
static double
highest(const GArray *values)
{
    double most = 0;

    for (guint i = 0; i < values->len; i++) {
        const double value = (double)g_array_index(values, float, i);

        if (!isnan(value) && value > most)
            most = value;
    }
    return most > 0 ? most : 1;
}

static char *
number_text(double value, const char *unit)
{
    static const struct {
        double least, scale;
        const char *format, *prefix;
    } forms[] = { { 999.5e6, 1e9, "%.3g", "G" },
                  { 999.5e3, 1e6, "%.3g", "M" },
                  { 999.5, 1, "%.0f", "" },
                  { 0, 1, "%.3g", "" } };
    const double number = g_str_equal(unit, "%") ? value * 100 : value;
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    guint i = 0;

    while (i + 1 < G_N_ELEMENTS(forms) && fabs(number) < forms[i].least)
        i++;
    g_ascii_formatd(digits, sizeof digits, forms[i].format, number / forms[i].scale);
    return g_strconcat(digits, *unit || *forms[i].prefix ? " " : "", forms[i].prefix, unit,
                       NULL);
}

static void
append_escaped(GString *out, const char *text)
{
    g_autofree char *printable = hv_text_printable(text, 120);
    g_autofree char *escaped = g_markup_escape_text(printable, -1);

    g_string_append(out, escaped);
}

static void
append_number(GString *out, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append(out, g_ascii_formatd(digits, sizeof digits, "%.1f", value));
}

/* A gap in the values is a gap in the line. */
static void
append_path(GString *out, const GArray *values, double most)
{
    const double step = values->len > 1 ? (WIDTH - LEFT) / (values->len - 1) : 0;
    gboolean is_down = FALSE;

    g_string_append(out, "<path fill=\"none\" stroke=\"#2a78d6\" stroke-width=\"1.6\" d=\"");
    for (guint i = 0; i < values->len; i++) {
        const float value = g_array_index(values, float, i);

        if (isnan(value)) {
            is_down = FALSE;
            continue;
        }
        g_string_append(out, is_down ? "L" : "M");
        append_number(out, LEFT + step * i);
        g_string_append_c(out, ' ');
        append_number(out, TOP + (HEIGHT - TOP - BOTTOM) * (1 - (double)value / most));
        is_down = TRUE;
    }
    g_string_append(out, "\"/>");
}

static void
append_label(GString *out, double x, double y, const char *anchor, const char *text)
{
    g_string_append(out, "<text x=\"");
    append_number(out, x);
    g_string_append(out, "\" y=\"");
    append_number(out, y);
    g_string_append_printf(out, "\" text-anchor=\"%s\" font-size=\"11\" fill=\"#6b7480\">",
                           anchor);
    append_escaped(out, text);
    g_string_append(out, "</text>");
}

static void
append_mark(GString *out, const HvPlotMark *mark)
{
    const double x = LEFT + (WIDTH - LEFT) * CLAMP(mark->at, 0, 1);

    g_string_append(out, "<line stroke=\"#d6632a\" stroke-dasharray=\"3 3\" x1=\"");
    append_number(out, x);
    g_string_append(out, "\" x2=\"");
    append_number(out, x);
    g_string_append_printf(out, "\" y1=\"%.0f\" y2=\"%.0f\"><title>", TOP, HEIGHT - BOTTOM);
    append_escaped(out, mark->text);
    g_string_append(out, "</title></line>");
    append_label(out, x, TOP - 4, "middle", mark->text);
}

static void
append_svg(GString *out, const HvPlotLine *line, const GPtrArray *marks, const char *from,
           const char *to)
{
    const double most = highest(line->values);
    g_autofree char *top = number_text(most, line->unit), *zero = number_text(0, line->unit);

    g_string_append_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
        "width=\"%.0f\" height=\"%.0f\" role=\"img\"><title>",
        WIDTH, HEIGHT, WIDTH, HEIGHT);
    append_escaped(out, line->name);
    g_string_append_printf(
        out, "</title><path fill=\"none\" stroke=\"#b9c0c8\" d=\"M%.0f %.0fV%.0fH%.0f\"/>",
        LEFT, TOP, HEIGHT - BOTTOM, WIDTH);
    append_label(out, LEFT - 6, TOP + 8, "end", top);
    append_label(out, LEFT - 6, HEIGHT - BOTTOM, "end", zero);
    append_label(out, LEFT, HEIGHT - 4, "start", from);
    append_label(out, WIDTH, HEIGHT - 4, "end", to);
    append_label(out, 0, 11, "start", line->name);
    for (guint i = 0; i < marks->len; i++)
        append_mark(out, marks->pdata[i]);
    append_path(out, line->values, most);
    g_string_append(out, "</svg>\n");
}

/* The largest of each stretch: a peak must not be lost. */
static void
append_sparks(GString *out, const GArray *values, double most)
{
    static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    const guint n = MIN(values->len, SPARKS);

    for (guint i = 0; i < n; i++) {
        float peak = NAN;

        for (guint at = i * values->len / n; at < (i + 1) * values->len / n; at++)
            peak = fmaxf(peak, g_array_index(values, float, at));
        g_string_append(
            out, isnan(peak) ? " " : blocks[(guint)CLAMP((double)peak / most * 7.99, 0, 7)]);
    }
}

void
hv_page_plot(HvPage *page, const HvPlotLine *line, const GPtrArray *marks, const char *from,
             const char *to)
{
    const double most = highest(line->values);
    g_autofree char *top = NULL;
    g_autoptr(GString) text = NULL;

    if (page->is_html) {
        append_svg(page->out, line, marks, from, to);
        return;
    }
    top = number_text(most, line->unit);
    text = g_string_new(NULL);
    g_string_append_printf(text, "%-32s ", line->name);
    append_sparks(text, line->values, most);
    g_string_append_printf(text, _("  up to %s, %s to %s"), top, from, to);
    hv_page_code(page, text->str);
}
