/* The terminal: the only file that includes curses (its terminfo). Puts canvases on it by difference. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/canvas.h"
#include "tui/input.h"
#include "tui/theme.h"

typedef struct HvTerm HvTerm;
typedef struct {
    gboolean mono;   /* NO_COLOR or --theme mono is the caller's business: forces HV_DEPTH_MONO */
    gboolean ascii;  /* forced */
    gboolean mouse;
} HvTermOptions;

/** hv_term_open: the controlling terminal on stdin and stdout; raw mode, alternate screen, mouse, bracketed paste.
 * FAILED in one line when stdin or stdout is no terminal, TERM is unknown or dumb. Also makes every fatal signal put the terminal back. */
HvTerm *hv_term_open(const HvTermOptions *options, GError **error);
/** hv_term_close: leaves the terminal as it was. Accepts NULL. */
void hv_term_close(HvTerm *term);
/** hv_term_suspend, hv_term_resume: for SIGTSTP and SIGCONT. */
void hv_term_suspend(HvTerm *term);
void hv_term_resume(HvTerm *term);
void hv_term_size(HvTerm *term, int *columns, int *rows);
HvDepth hv_term_depth(const HvTerm *term);
gboolean hv_term_is_ascii(const HvTerm *term);
/** hv_term_set_theme: borrowed; the next frame is painted whole. hv_term_set_mono: the x key. */
void hv_term_set_theme(HvTerm *term, const HvTheme *theme);
void hv_term_set_mono(HvTerm *term, gboolean mono);
/** hv_term_draw: sends what differs from the last frame, in one write(), inside synchronised-update marks where more than
 * a few cells change. Never blocks for long: a terminal that does not read gets no frame until it does. */
void hv_term_draw(HvTerm *term, const HvCanvas *canvas);
/** hv_term_repaint: the next frame is painted whole. */
void hv_term_repaint(HvTerm *term);
/** hv_term_read: reads what the terminal sent into its decoder. FALSE: it hung up. hv_term_input: the decoder. */
gboolean hv_term_read(HvTerm *term);
HvInput *hv_term_input(HvTerm *term);
