/* The picture being drawn: cells of one character, one role; no terminal, no colours. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/canvas.h"

#include <string.h>

#include "tui/glyph.h"

/* A picture from outside (a size option, a lying terminal) is no larger than this in either
 * direction. */
#define MAX_SIDE 2000

const char hv_role_letters[HV_N_ROLES + 1] = " dtbaAhHcgk+w!-GxDim01234";
const char *const hv_role_names[HV_N_ROLES] = {
    [HV_ROLE_TEXT] = "text",     [HV_ROLE_DIM] = "dim",
    [HV_ROLE_TITLE] = "title",   [HV_ROLE_BAR] = "bar",
    [HV_ROLE_TAB] = "tab",       [HV_ROLE_TAB_ON] = "tab-on",
    [HV_ROLE_HEAD] = "head",     [HV_ROLE_HEAD_SORT] = "head-sort",
    [HV_ROLE_CURSOR] = "cursor", [HV_ROLE_TAGGED] = "tagged",
    [HV_ROLE_KEY] = "key",       [HV_ROLE_GOOD] = "good",
    [HV_ROLE_WARM] = "warm",     [HV_ROLE_HOT] = "hot",
    [HV_ROLE_ABSENT] = "absent", [HV_ROLE_GRAPH] = "graph",
    [HV_ROLE_BOX] = "box",       [HV_ROLE_DIALOG] = "dialog",
    [HV_ROLE_INPUT] = "input",   [HV_ROLE_MARK] = "mark",
    [HV_ROLE_HEAT_0] = "heat-0", [HV_ROLE_HEAT_1] = "heat-1",
    [HV_ROLE_HEAT_2] = "heat-2", [HV_ROLE_HEAT_3] = "heat-3",
    [HV_ROLE_HEAT_4] = "heat-4",
};
static const HvCanvasCell blank = { .text = " ", .role = HV_ROLE_TEXT, .width = 1 };

HvCanvas *
hv_canvas_new(int columns, int rows, gboolean ascii)
{
    HvCanvas *canvas = g_new0(HvCanvas, 1);

    canvas->ascii = ascii;
    hv_canvas_resize(canvas, columns, rows);
    return canvas;
}

void
hv_canvas_free(HvCanvas *canvas)
{
    if (!canvas)
        return;
    g_free(canvas->cells);
    g_free(canvas);
}

void
hv_canvas_resize(HvCanvas *canvas, int columns, int rows)
{
    columns = CLAMP(columns, 1, MAX_SIDE);
    rows = CLAMP(rows, 1, MAX_SIDE);
    if (columns != canvas->columns || rows != canvas->rows) {
        g_free(canvas->cells);
        canvas->cells = g_new(HvCanvasCell, (gsize)columns * (gsize)rows);
        canvas->columns = columns;
        canvas->rows = rows;
    }
    hv_canvas_clear(canvas);
}

void
hv_canvas_clear(HvCanvas *canvas)
{
    for (int i = 0; i < canvas->columns * canvas->rows; i++)
        canvas->cells[i] = blank;
    canvas->cursor_x = canvas->cursor_y = -1;
    hv_canvas_clip(canvas, 0, 0, -1, -1);
}

void
hv_canvas_clip(HvCanvas *canvas, int x, int y, int width, int height)
{
    if (width < 0) {
        canvas->clip_left = canvas->clip_top = 0;
        canvas->clip_right = canvas->columns;
        canvas->clip_bottom = canvas->rows;
        return;
    }
    canvas->clip_left = CLAMP(x, 0, canvas->columns);
    canvas->clip_top = CLAMP(y, 0, canvas->rows);
    canvas->clip_right = CLAMP(x + width, canvas->clip_left, canvas->columns);
    canvas->clip_bottom = CLAMP(y + MAX(height, 0), canvas->clip_top, canvas->rows);
}

static HvCanvasCell *
cell_at(const HvCanvas *canvas, int x, int y)
{
    return &canvas->cells[y * canvas->columns + x];
}

static gboolean
is_inside(const HvCanvas *canvas, int x, int y)
{
    return x >= canvas->clip_left && x < canvas->clip_right && y >= canvas->clip_top &&
           y < canvas->clip_bottom;
}

static void
set_blank(HvCanvasCell *cell)
{
    const guint8 role = cell->role;

    *cell = blank;
    cell->role = role;
}

/* What is left of a wide character when its other half is drawn over becomes a blank. */
static void
free_cell(HvCanvas *canvas, int x, int y)
{
    const HvCanvasCell *cell = cell_at(canvas, x, y);

    if (cell->width == 0 && x > 0)
        set_blank(cell_at(canvas, x - 1, y));
    if (cell->width == 2 && x + 1 < canvas->columns)
        set_blank(cell_at(canvas, x + 1, y));
}

static void
put_cell(HvCanvas *canvas, int x, int y, HvRole role, const HvCanvasCell *content)
{
    if (!is_inside(canvas, x, y))
        return;
    free_cell(canvas, x, y);
    HvCanvasCell *cell = cell_at(canvas, x, y);
    *cell = *content;
    cell->role = (guint8)role;
}

/* Half a wide character is not drawn: where only one half is inside, it is a blank. */
static void
put_glyph(HvCanvas *canvas, int x, int y, HvRole role, const HvGlyph *glyph)
{
    HvCanvasCell first = blank, second = blank;

    if (glyph->width == 1 || (is_inside(canvas, x, y) && is_inside(canvas, x + 1, y))) {
        memcpy(first.text, glyph->text, sizeof first.text);
        first.width = (guint8)glyph->width;
        second = (HvCanvasCell){ .width = 0 };
    }
    put_cell(canvas, x, y, role, &first);
    if (glyph->width == 2)
        put_cell(canvas, x + 1, y, role, &second);
}

/* Draws until @limit (exclusive). Returns the column behind the last glyph. */
static int
print_until(HvCanvas *canvas, int x, int y, int limit, HvRole role, const char *text)
{
    HvGlyph glyph;

    while (hv_glyph_next(&text, canvas->ascii, &glyph) && x + glyph.width <= limit) {
        if (canvas->ascii && glyph.width == 2) { /* two ASCII characters stand for it */
            const char second = glyph.text[1];
            glyph.text[1] = '\0';
            glyph.width = 1;
            put_glyph(canvas, x++, y, role, &glyph);
            glyph.text[0] = second;
        }
        put_glyph(canvas, x, y, role, &glyph);
        x += glyph.width;
    }
    return x;
}

int
hv_canvas_print(HvCanvas *canvas, int x, int y, HvRole role, const char *text)
{
    g_autofree char *owned = NULL;

    return print_until(canvas, x, y, G_MAXINT, role, hv_glyph_safe(text, &owned));
}

int
hv_canvas_printf(HvCanvas *canvas, int x, int y, HvRole role, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return hv_canvas_print(canvas, x, y, role, text);
}

int
hv_text_width(const char *text)
{
    g_autofree char *owned = NULL;
    const char *at = hv_glyph_safe(text, &owned);
    HvGlyph glyph;
    int width = 0;

    while (hv_glyph_next(&at, FALSE, &glyph))
        width += glyph.width;
    return width;
}

void
hv_canvas_print_in(HvCanvas *canvas, int x, int y, int width, int align, HvRole role,
                   const char *text)
{
    g_autofree char *owned = NULL;
    const char *safe = hv_glyph_safe(text, &owned);
    const int needed = hv_text_width(safe);

    if (width <= 0)
        return;
    hv_canvas_fill(canvas, x, y, width, 1, role, " ");
    if (needed <= width) {
        const int left = align < 0 ? 0 : align > 0 ? width - needed : (width - needed) / 2;
        print_until(canvas, x + left, y, x + width, role, safe);
        return;
    }
    const int end = print_until(canvas, x, y, x + width - 1, role, safe);
    hv_canvas_print(canvas, end, y, role, hv_canvas_glyph(canvas, "…", "+"));
}

void
hv_canvas_fill(HvCanvas *canvas, int x, int y, int width, int height, HvRole role,
               const char *glyph)
{
    HvGlyph content;
    const int left = MAX(x, canvas->clip_left), right = MIN(x + width, canvas->clip_right);
    const int top = MAX(y, canvas->clip_top), bottom = MIN(y + height, canvas->clip_bottom);

    if (!hv_glyph_next(&glyph, canvas->ascii, &content) || content.width != 1)
        return;
    for (int row = top; row < bottom; row++) {
        for (int column = left; column < right; column++)
            put_glyph(canvas, column, row, role, &content);
    }
}

void
hv_canvas_role(HvCanvas *canvas, int x, int y, int width, int height, HvRole role)
{
    const int left = MAX(x, canvas->clip_left), right = MIN(x + width, canvas->clip_right);
    const int top = MAX(y, canvas->clip_top), bottom = MIN(y + height, canvas->clip_bottom);

    for (int row = top; row < bottom; row++) {
        for (int column = left; column < right; column++) {
            HvCanvasCell *cell = cell_at(canvas, column, row);

            if (cell->width == 0) /* follows its first half */
                continue;
            cell->role = (guint8)role;
            if (cell->width == 2)
                cell[1].role = (guint8)role;
        }
    }
}

const char *
hv_canvas_glyph(const HvCanvas *canvas, const char *utf8, const char *ascii)
{
    return canvas->ascii ? ascii : utf8;
}

void
hv_canvas_box(HvCanvas *canvas, int x, int y, int width, int height, HvRole role,
              const char *title)
{
    const char *across = hv_canvas_glyph(canvas, "─", "-");
    const char *down = hv_canvas_glyph(canvas, "│", "|");
    const int right = x + width - 1, bottom = y + height - 1;

    if (width < 2 || height < 2)
        return;
    hv_canvas_fill(canvas, x + 1, y, width - 2, 1, role, across);
    hv_canvas_fill(canvas, x + 1, bottom, width - 2, 1, role, across);
    hv_canvas_fill(canvas, x, y + 1, 1, height - 2, role, down);
    hv_canvas_fill(canvas, right, y + 1, 1, height - 2, role, down);
    hv_canvas_print(canvas, x, y, role, hv_canvas_glyph(canvas, "┌", "+"));
    hv_canvas_print(canvas, right, y, role, hv_canvas_glyph(canvas, "┐", "+"));
    hv_canvas_print(canvas, x, bottom, role, hv_canvas_glyph(canvas, "└", "+"));
    hv_canvas_print(canvas, right, bottom, role, hv_canvas_glyph(canvas, "┘", "+"));
    if (title && *title && width > 6) {
        g_autofree char *spaced = g_strdup_printf(" %s ", title);
        hv_canvas_print_in(canvas, x + 1, y, MIN(hv_text_width(spaced), width - 3), -1, role,
                           spaced);
    }
}

static void
end_line(GString *out, gsize line_start)
{
    while (out->len > line_start && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    g_string_append_c(out, '\n');
}

char *
hv_canvas_text(const HvCanvas *canvas)
{
    GString *out = g_string_new(NULL);

    for (int row = 0; row < canvas->rows; row++) {
        const gsize start = out->len;

        for (int column = 0; column < canvas->columns; column++)
            g_string_append(out, cell_at(canvas, column, row)->text);
        end_line(out, start);
    }
    return g_string_free(out, FALSE);
}

char *
hv_canvas_roles(const HvCanvas *canvas)
{
    GString *out = g_string_new(NULL);

    for (int row = 0; row < canvas->rows; row++) {
        const gsize start = out->len;

        for (int column = 0; column < canvas->columns; column++)
            g_string_append_c(out, hv_role_letters[cell_at(canvas, column, row)->role]);
        end_line(out, start);
    }
    return g_string_free(out, FALSE);
}
