/* One line being typed: text, cursor, the usual editing keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/canvas.h"
#include "tui/input.h"
#include "tui/view-text.h"

#define HV_LINE_MAX 4096 /* bytes; what is typed or pasted beyond is dropped */

typedef struct {
    GString *text;
    gsize cursor;        /* byte offset in @text, at a character */
    const char *allowed; /* the only ASCII characters accepted; NULL: all that are printable */
} HvLine;

/** hv_line_init: an empty line; hv_line_clear frees what it owns. UI thread, as below. */
void hv_line_init(HvLine *line, const char *allowed);
void hv_line_clear(HvLine *line);
/** hv_line_set: makes @text the line, the cursor at its end. */
void hv_line_set(HvLine *line, const char *text);
/** hv_line_save: text and cursor. hv_line_load: of lines from anybody. */
void hv_line_save(const HvLine *line, HvViewOut *out);
void hv_line_load(HvLine *line, const HvViewIn *in);
/** hv_line_event: characters, paste, Left, Right, Home, End, Backspace, Delete, Ctrl-A, -E, -K, -U, -W. TRUE: it was one. */
gboolean hv_line_event(HvLine *line, const HvEvent *event);
/** hv_line_draw: in @width columns, scrolled so that the cursor is in view; puts the terminal's cursor there. */
void hv_line_draw(const HvLine *line, HvCanvas *canvas, int x, int y, int width);
