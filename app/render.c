/* A canvas as text with colours: for a terminal (ANSI) or a page (SVG). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/render.h"

#include <string.h>

/* A cell in SVG's units; the font is a little smaller than its cell is high. */
#define CELL_WIDTH 9
#define CELL_HEIGHT 18
#define BASELINE 14 /* below the top of the cell */
#define FONT_SIZE 15

static const HvCanvasCell *
cell_at(const HvCanvas *canvas, int x, int y)
{
    return &canvas->cells[y * canvas->columns + x];
}

char *
hv_render_ansi(const HvCanvas *canvas, const HvTheme *theme, HvDepth depth)
{
    GString *out = g_string_new(NULL);

    for (int y = 0; y < canvas->rows; y++) {
        int role = -1;

        for (int x = 0; x < canvas->columns; x++) {
            const HvCanvasCell *cell = cell_at(canvas, x, y);
            char sgr[64];

            if (cell->role != role) {
                role = cell->role;
                hv_theme_sgr(theme, (HvRole)role, depth, sgr, sizeof sgr);
                g_string_append(out, sgr);
            }
            if (cell->width)
                g_string_append(out, *cell->text ? cell->text : " ");
        }
        g_string_append(out, "\033[0m\n");
    }
    return g_string_free(out, FALSE);
}

/* The colours of a role with its reversal carried out. */
static guint
resolve(const HvTheme *theme, int role, int *fg, int *bg)
{
    guint attrs = 0;

    hv_theme_rgb(theme, (HvRole)role, fg, bg, &attrs);
    if (attrs & HV_ATTR_REVERSE) {
        const int swap = *fg;

        *fg = *bg;
        *bg = swap;
    }
    return attrs;
}

static void
append_ground(GString *out, const HvTheme *theme, int role, int x, int y, int n_cells)
{
    int fg, bg;

    resolve(theme, role, &fg, &bg);
    g_string_append_printf(
        out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
        x * CELL_WIDTH, y * CELL_HEIGHT, n_cells * CELL_WIDTH, CELL_HEIGHT, (guint)bg);
}

static void
append_text(GString *out, const HvTheme *theme, int role, int x, int y, const char *text,
            int n_cells)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    int fg, bg;
    const guint attrs = resolve(theme, role, &fg, &bg);

    if (!text[strspn(text, " ")])
        return;
    g_string_append_printf(
        out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%06x\"%s%s%s%s>%s</text>\n",
        x * CELL_WIDTH, y * CELL_HEIGHT + BASELINE, n_cells * CELL_WIDTH, (guint)fg,
        attrs & HV_ATTR_BOLD ? " font-weight=\"bold\"" : "",
        attrs & HV_ATTR_DIM ? " opacity=\"0.6\"" : "",
        attrs & HV_ATTR_ITALIC ? " font-style=\"italic\"" : "",
        attrs & HV_ATTR_UNDERLINE ? " text-decoration=\"underline\"" : "", escaped);
}

static gboolean
is_plain(const HvCanvasCell *cell)
{
    return cell->width == 1 && !cell->text[1];
}

/* Runs of ASCII are one text, spread over their cells; any other glyph may come from a font of
 * another width and stands alone. */
static void
append_row_texts(GString *out, const HvCanvas *canvas, const HvTheme *theme, int y)
{
    for (int x = 0, end; x < canvas->columns; x = end) {
        const HvCanvasCell *first = cell_at(canvas, x, y);
        g_autoptr(GString) run = g_string_new(*first->text ? first->text : " ");

        end = x + 1;
        while (is_plain(first) && end < canvas->columns && is_plain(cell_at(canvas, end, y)) &&
               cell_at(canvas, end, y)->role == first->role) {
            const char *text = cell_at(canvas, end++, y)->text;

            g_string_append(run, *text ? text : " ");
        }
        if (first->width)
            append_text(out, theme, first->role, x, y, run->str,
                        first->width == 2 ? 2 : end - x);
    }
}

static void
append_row_grounds(GString *out, const HvCanvas *canvas, const HvTheme *theme, int y)
{
    for (int x = 0, end; x < canvas->columns; x = end) {
        const int role = cell_at(canvas, x, y)->role;

        for (end = x + 1; end < canvas->columns && cell_at(canvas, end, y)->role == role;)
            end++;
        if (role != HV_ROLE_TEXT)
            append_ground(out, theme, role, x, y, end - x);
    }
}

char *
hv_render_svg(const HvCanvas *canvas, const HvTheme *theme)
{
    GString *out = g_string_new(NULL);
    const int width = canvas->columns * CELL_WIDTH, height = canvas->rows * CELL_HEIGHT;
    int fg, bg;

    hv_theme_rgb(theme, HV_ROLE_TEXT, &fg, &bg, &(guint){ 0 });
    g_string_append_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
        "viewBox=\"0 0 %d %d\" font-family=\"'DejaVu Sans Mono','Liberation Mono',"
        "Menlo,Consolas,monospace\" font-size=\"%d\" xml:space=\"preserve\">\n"
        "<rect width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
        width, height, width, height, FONT_SIZE, width, height, (guint)bg);
    for (int y = 0; y < canvas->rows; y++) {
        append_row_grounds(out, canvas, theme, y);
        append_row_texts(out, canvas, theme, y);
    }
    g_string_append(out, "</svg>\n");
    return g_string_free(out, FALSE);
}
