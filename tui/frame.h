/* From what a terminal shows to what it shall show, in few bytes. Pure: no terminal in here. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/canvas.h"
#include "tui/theme.h"

/* What a terminal can do beyond moving its cursor. */
typedef struct {
    gboolean erases_line;       /* EL */
    gboolean erases_characters; /* ECH */
    gboolean erases_in_colour;  /* "bce": what is erased takes the background colour */
    gboolean wraps_late;        /* the last cell of the screen may be written without scrolling */
    gboolean synchronises;      /* mode 2026 */
} HvFrameAbilities;

/* What the terminal shows, as far as we know. Opaque. UI thread, as all below. */
typedef struct HvFrame HvFrame;

HvFrame *hv_frame_new(const HvFrameAbilities *abilities);
void hv_frame_free(HvFrame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFrame, hv_frame_free)
/** hv_frame_set_look: @theme is borrowed. The next frame is painted whole. */
void hv_frame_set_look(HvFrame *frame, const HvTheme *theme, HvDepth depth);
/** hv_frame_forget: nothing is known about what the terminal shows: the next frame is painted whole. */
void hv_frame_forget(HvFrame *frame);
/** hv_frame_compose: appends to @out what turns the terminal's picture into @canvas; nothing where they are the same. */
void hv_frame_compose(HvFrame *frame, const HvCanvas *canvas, GString *out);
