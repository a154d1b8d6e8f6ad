/* A terminal for tests: as much of a VT as hvtune's frames use; anything else fails the test.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/vt.h"

#include <string.h>

#define MAX_NUMBERS 16

static const VtPen plain = { .fg = -1, .bg = -1 };

Vt *
vt_new(int columns, int rows, gboolean erases_in_colour)
{
    Vt *vt = g_new0(Vt, 1);

    vt->columns = columns;
    vt->rows = rows;
    vt->erases_in_colour = erases_in_colour;
    vt->pen = plain;
    vt->cells = g_new0(VtCell, (gsize)(columns * rows));
    for (int i = 0; i < columns * rows; i++) /* what was there before */
        vt->cells[i] = (VtCell){ .text = "~", .pen = plain };
    vt->rest = g_string_new(NULL);
    vt->is_cursor_shown = TRUE;
    return vt;
}

void
vt_free(Vt *vt)
{
    g_free(vt->cells);
    g_string_free(vt->rest, TRUE);
    g_free(vt);
}

VtCell *
vt_cell(const Vt *vt, int x, int y)
{
    return &vt->cells[y * vt->columns + x];
}

static void
erase(Vt *vt, int x, int y, int n)
{
    for (int i = 0; i < n && x + i < vt->columns; i++) {
        *vt_cell(vt, x + i, y) = (VtCell){ .text = " ", .pen = plain };
        if (vt->erases_in_colour)
            vt_cell(vt, x + i, y)->pen.bg = vt->pen.bg;
    }
}

static void
line_feed(Vt *vt)
{
    if (vt->y + 1 < vt->rows)
        vt->y++;
    else
        vt->n_scrolls++;
}

/* Drawing over half of a wide character leaves a blank. */
static void
put(Vt *vt, const char *text, int width)
{
    if (vt->wraps_next) {
        vt->x = 0;
        line_feed(vt);
        vt->wraps_next = FALSE;
    }
    g_assert_cmpint(vt->x + width, <=, vt->columns);
    for (int i = 0; i < width; i++) {
        const int x = vt->x + i;

        if (vt_cell(vt, x, vt->y)->text[0] == '\0' && x > 0 && i == 0)
            g_strlcpy(vt_cell(vt, x - 1, vt->y)->text, " ", 16);
        if (i == width - 1 && x + 1 < vt->columns && vt_cell(vt, x + 1, vt->y)->text[0] == '\0')
            g_strlcpy(vt_cell(vt, x + 1, vt->y)->text, " ", 16);
    }
    for (int i = 0; i < width; i++) {
        VtCell *cell = vt_cell(vt, vt->x + i, vt->y);
        g_strlcpy(cell->text, i == 0 ? text : "", sizeof cell->text);
        cell->pen = vt->pen;
    }
    vt->x += width;
    if (vt->x >= vt->columns) {
        vt->x = vt->columns - 1;
        vt->wraps_next = TRUE;
    }
}

static int
colour_of(const int *numbers, int n, int *at)
{
    if (*at + 2 < n && numbers[*at + 1] == 5) {
        *at += 2;
        return 0x1000000 + numbers[*at];
    }
    g_assert_cmpint(*at + 4, <, n);
    g_assert_cmpint(numbers[*at + 1], ==, 2);
    *at += 4;
    return numbers[*at - 2] << 16 | numbers[*at - 1] << 8 | numbers[*at];
}

static void
set_pen(VtPen *pen, const int *numbers, int n)
{
    for (int i = 0; i < n; i++) {
        const int code = numbers[i];

        if (code == 0)
            *pen = plain;
        else if (code == 1)
            pen->bold = TRUE;
        else if (code == 2)
            pen->dim = TRUE;
        else if (code == 3)
            pen->italic = TRUE;
        else if (code == 4)
            pen->underline = TRUE;
        else if (code == 7)
            pen->reverse = TRUE;
        else if (code == 38)
            pen->fg = colour_of(numbers, n, &i);
        else if (code == 48)
            pen->bg = colour_of(numbers, n, &i);
        else if (code == 39)
            pen->fg = -1;
        else if (code == 49)
            pen->bg = -1;
        else if (code >= 30 && code <= 37)
            pen->fg = 0x1000000 + code - 30;
        else if (code >= 40 && code <= 47)
            pen->bg = 0x1000000 + code - 40;
        else if (code >= 90 && code <= 97)
            pen->fg = 0x1000000 + code - 90 + 8;
        else if (code >= 100 && code <= 107)
            pen->bg = 0x1000000 + code - 100 + 8;
        else
            g_error("SGR %d", code);
    }
}

static void
set_mode(Vt *vt, int mode, gboolean on)
{
    switch (mode) {
    case 25:
        vt->is_cursor_shown = on;
        break;
    case 1002:
    case 1006:
        vt->has_mouse = on;
        break;
    case 1049:
        vt->is_alternate = on;
        break;
    case 2004:
        vt->has_paste = on;
        break;
    case 2026:
        if (!on && vt->is_synchronised)
            vt->n_synchronised++;
        vt->is_synchronised = on;
        break;
    default:
        g_error("mode %d", mode);
    }
}

static int
read_numbers(const char *text, int numbers[MAX_NUMBERS])
{
    int n = 1;

    memset(numbers, 0, MAX_NUMBERS * sizeof(int));
    for (; *text; text++) {
        if (*text == ';')
            g_assert_cmpint(++n, <=, MAX_NUMBERS);
        else if (g_ascii_isdigit(*text))
            numbers[n - 1] = numbers[n - 1] * 10 + *text - '0';
    }
    return n;
}

static void
control(Vt *vt, const char *parameters, char final)
{
    int numbers[MAX_NUMBERS];
    const int n = read_numbers(parameters, numbers);
    const int first = MAX(numbers[0], 1);

    if (*parameters == '?') {
        g_assert_true(final == 'h' || final == 'l');
        set_mode(vt, numbers[0], final == 'h');
        return;
    }
    if (final == 'm') {
        set_pen(&vt->pen, numbers, n);
        return;
    }
    if (final == 'K') {
        g_assert_false(vt->wraps_next); /* terminals differ about it */
        erase(vt, vt->x, vt->y, vt->columns);
        return;
    }
    if (final == 'X') {
        erase(vt, vt->x, vt->y, first);
        return;
    }
    if (final == 'J') {
        g_assert_cmpint(numbers[0], ==, 2);
        for (int y = 0; y < vt->rows; y++)
            erase(vt, 0, y, vt->columns);
        return;
    }
    if (final == 't') /* xterm's stack of titles */
        return;
    /* a relative step off the right edge means what each terminal likes */
    g_assert_true(!vt->wraps_next || final == 'H');
    vt->wraps_next = FALSE;
    if (final == 'H') {
        vt->y = MIN(first, vt->rows) - 1;
        vt->x = MIN(MAX(n > 1 ? numbers[1] : 1, 1), vt->columns) - 1;
    } else if (final == 'A')
        vt->y = MAX(vt->y - first, 0);
    else if (final == 'B')
        vt->y = MIN(vt->y + first, vt->rows - 1);
    else if (final == 'C')
        vt->x = MIN(vt->x + first, vt->columns - 1);
    else if (final == 'D')
        vt->x = MAX(vt->x - first, 0);
    else
        g_error("ESC [ %s %c", parameters, final);
}

/* Returns: how many bytes were used; 0: the sequence goes on. */
static gsize
one_escape(Vt *vt, const char *bytes, gsize n)
{
    gsize end = 2;

    if (n < 2)
        return 0;
    if (bytes[1] == '(')
        return n < 3 ? 0 : 3;
    g_assert_cmpint(bytes[1], ==, '[');
    while (end < n && (guchar)bytes[end] < 0x40)
        end++;
    if (end == n)
        return 0;
    g_autofree char *parameters = g_strndup(bytes + 2, end - 2);
    control(vt, parameters, bytes[end]);
    return end + 1;
}

static gsize
one_character(Vt *vt, const char *bytes, gsize n)
{
    const gunichar character = g_utf8_get_char_validated(bytes, (gssize)n);
    char text[16] = "";

    if (character == (gunichar)-2)
        return 0;
    g_assert_cmphex(character, !=, (gunichar)-1);
    const int length = g_unichar_to_utf8(character, text);
    if (character >= 0x300 && g_unichar_iszerowidth(character)) {
        const int x = vt->wraps_next ? vt->x : vt->x - 1;
        VtCell *cell = vt_cell(vt, vt_cell(vt, x, vt->y)->text[0] ? x : x - 1, vt->y);
        g_strlcat(cell->text, text, sizeof cell->text);
    } else
        put(vt, text, character >= 0x300 && g_unichar_iswide(character) ? 2 : 1);
    return (gsize)length;
}

static gsize
one(Vt *vt, const char *bytes, gsize n)
{
    switch (*bytes) {
    case '\033':
        return one_escape(vt, bytes, n);
    case '\r':
        vt->x = 0;
        vt->wraps_next = FALSE;
        return 1;
    case '\n':
        g_assert_false(vt->wraps_next);
        line_feed(vt);
        return 1;
    case '\b':
        g_assert_false(vt->wraps_next);
        vt->x = MAX(vt->x - 1, 0);
        return 1;
    case '\030': /* cancels */
        return 1;
    default:
        g_assert_cmpint((guchar)*bytes, >=, 0x20);
        return one_character(vt, bytes, n);
    }
}

void
vt_feed(Vt *vt, const char *bytes, gsize n)
{
    gsize at = 0;

    g_string_append_len(vt->rest, bytes, (gssize)n);
    while (at < vt->rest->len) {
        const gsize used = one(vt, vt->rest->str + at, vt->rest->len - at);
        if (used == 0)
            break;
        at += used;
    }
    g_string_erase(vt->rest, 0, (gssize)at);
}

VtPen
vt_pen_of(const char *sgr)
{
    int numbers[MAX_NUMBERS];
    VtPen pen = plain;

    set_pen(&pen, numbers, read_numbers(sgr, numbers));
    return pen;
}
