/* A terminal for tests: as much of a VT as hvtune's frames use; anything else fails the test. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* How a cell is drawn. Colours: -1 the default; 0x1000000 + one of 256; else 0xRRGGBB. */
typedef struct {
    gboolean bold, dim, italic, underline, reverse;
    int fg, bg;
} VtPen;

typedef struct {
    char text[16]; /* "" behind a wide character */
    VtPen pen;
} VtCell;

typedef struct {
    int columns, rows, x, y;
    gboolean wraps_next; /* a character was written into the last column */
    gboolean erases_in_colour;
    VtPen pen;
    VtCell *cells;
    gboolean is_alternate, is_cursor_shown, is_synchronised, has_paste, has_mouse;
    guint n_synchronised; /* pairs of marks so far */
    guint n_scrolls;      /* must stay 0 */
    GString *rest;        /* of a sequence cut off by the end of the bytes */
} Vt;

Vt *vt_new(int columns, int rows, gboolean erases_in_colour);
void vt_free(Vt *vt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vt, vt_free)
/** vt_feed: what the program writes. vt_set_pen: the pen after an SGR sequence. */
void vt_feed(Vt *vt, const char *bytes, gsize n);
VtPen vt_pen_of(const char *sgr);
VtCell *vt_cell(const Vt *vt, int x, int y);
