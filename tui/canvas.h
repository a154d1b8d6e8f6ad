/* The picture being drawn: cells of one character, one role. Knows nothing of terminals or colours. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* What a cell means; themes give it a look. hv_role_letters[] has one letter each, for golden screens. */
typedef enum {
    HV_ROLE_TEXT,      /* ' ' plain */
    HV_ROLE_DIM,       /* 'd' secondary */
    HV_ROLE_TITLE,     /* 't' headings */
    HV_ROLE_BAR,       /* 'b' the header line */
    HV_ROLE_TAB,       /* 'a' a screen's tab */
    HV_ROLE_TAB_ON,    /* 'A' the current one */
    HV_ROLE_HEAD,      /* 'h' column heads */
    HV_ROLE_HEAD_SORT, /* 'H' the sort column's */
    HV_ROLE_CURSOR,    /* 'c' the cursor row */
    HV_ROLE_TAGGED,    /* 'g' tagged rows */
    HV_ROLE_KEY,       /* 'k' a key in the footer */
    HV_ROLE_GOOD,      /* '+' */
    HV_ROLE_WARM,      /* 'w' worth a look */
    HV_ROLE_HOT,       /* '!' bad */
    HV_ROLE_ABSENT,    /* '-' no value */
    HV_ROLE_GRAPH,     /* 'G' sparklines and bars */
    HV_ROLE_BOX,       /* 'x' frames */
    HV_ROLE_DIALOG,    /* 'D' inside a dialog */
    HV_ROLE_INPUT,     /* 'i' where one types */
    HV_ROLE_MARK,      /* 'm' the selected VM's PUs on the Map */
    HV_ROLE_HEAT_0,    /* '0' … cold */
    HV_ROLE_HEAT_1, HV_ROLE_HEAT_2, HV_ROLE_HEAT_3, HV_ROLE_HEAT_4, /* '4' hottest */
    HV_N_ROLES,
} HvRole;
extern const char hv_role_letters[HV_N_ROLES + 1];
extern const char *const hv_role_names[HV_N_ROLES]; /* as in theme files: "text", "tab-on", "heat-3" */

#define HV_CELL_BYTES 12
/* One cell: an UTF-8 grapheme (base and combining marks, cut to fit), its role. A wide one is followed by a cell with text "". */
typedef struct {
    char text[HV_CELL_BYTES];
    guint8 role;
    guint8 width; /* 1 or 2; 0: the second half of a wide one */
} HvCanvasCell;

/* A rectangle of cells. Opaque but for its size. UI thread, as all below. */
typedef struct {
    int columns, rows;
    gboolean ascii;         /* only ASCII may be drawn: see hv_canvas_glyph() */
    HvCanvasCell *cells;    /* rows × columns */
    int clip_left, clip_top, clip_right, clip_bottom; /* drawing outside is dropped */
    int cursor_x, cursor_y; /* where the terminal's cursor shall stand; -1 hidden */
} HvCanvas;

HvCanvas *hv_canvas_new(int columns, int rows, gboolean ascii);
void hv_canvas_free(HvCanvas *canvas);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvCanvas, hv_canvas_free)
/** hv_canvas_resize: also clears. hv_canvas_clear: blanks in HV_ROLE_TEXT. */
void hv_canvas_resize(HvCanvas *canvas, int columns, int rows);
void hv_canvas_clear(HvCanvas *canvas);
/** hv_canvas_clip: limits drawing to a rectangle; width < 0 lifts it. */
void hv_canvas_clip(HvCanvas *canvas, int x, int y, int width, int height);
/** hv_canvas_print: draws UTF-8 from (x, y), clipped; unprintable bytes are shown escaped, wide characters take two
 * cells. Returns: the column behind the last one drawn (as if unclipped). */
int hv_canvas_print(HvCanvas *canvas, int x, int y, HvRole role, const char *text);
int hv_canvas_printf(HvCanvas *canvas, int x, int y, HvRole role, const char *format, ...) G_GNUC_PRINTF(5, 6);
/** hv_canvas_print_in: in exactly @width columns, cut with "…" or padded; @align <0 left, 0 centred, >0 right. */
void hv_canvas_print_in(HvCanvas *canvas, int x, int y, int width, int align, HvRole role, const char *text);
/** hv_canvas_fill: @glyph (one cell wide) over a rectangle. hv_canvas_role: changes only the role. */
void hv_canvas_fill(HvCanvas *canvas, int x, int y, int width, int height, HvRole role, const char *glyph);
void hv_canvas_role(HvCanvas *canvas, int x, int y, int width, int height, HvRole role);
/** hv_canvas_box: a frame with @title (or NULL) in its top edge. */
void hv_canvas_box(HvCanvas *canvas, int x, int y, int width, int height, HvRole role, const char *title);
/** hv_canvas_glyph: @utf8, or @ascii where only ASCII may be drawn. */
const char *hv_canvas_glyph(const HvCanvas *canvas, const char *utf8, const char *ascii);
/** hv_canvas_sparkline: @n values (NaN: a gap) as blocks (ASCII: "_.:-=+*#" steps; a gap is a blank), @max the full height (<=0: of the values). */
void hv_canvas_sparkline(HvCanvas *canvas, int x, int y, int width, HvRole role, const float *values, guint n, float max);
/** hv_canvas_bar: a horizontal bar of @ratio (0-1) in @width cells, eighths where possible. */
void hv_canvas_bar(HvCanvas *canvas, int x, int y, int width, HvRole role, double ratio);
/** hv_canvas_heat: role HEAT_0…4 for @ratio (0-1); in mono the number beside it must tell. */
HvRole hv_canvas_heat(double ratio);
/** hv_canvas_text: rows × text, trailing blanks cut, each line ended by "\n"; (transfer full). For shot and tests. */
char *hv_canvas_text(const HvCanvas *canvas);
/** hv_canvas_roles: the same shape, one role letter per cell. */
char *hv_canvas_roles(const HvCanvas *canvas);
/** hv_text_width: columns that @text takes. */
int hv_text_width(const char *text);
