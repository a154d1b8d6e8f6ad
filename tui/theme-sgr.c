/* How a role looks on a terminal (ECMA-48 8.3.117, xterm's ctlseqs) and in a picture. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/theme.h"

/* A dark ground and what is written on it, where a picture has no terminal to ask. */
#define PICTURE_FG 0xd4d8dc
#define PICTURE_BG 0x10151a
/* Grey on black is black on black where bold does not brighten: written as faint instead. */
#define BRIGHT_BLACK 8

/* What a role comes down to at one depth. */
typedef struct {
    guint attrs;
    int fg, bg; /* in the depth's own numbers; -1: the default */
} Pen;

static int
at_depth(HvColour colour, HvDepth depth)
{
    if (depth == HV_DEPTH_TRUE)
        return colour.rgb;
    return depth == HV_DEPTH_256 ? colour.c256 : colour.c16;
}

static Pen
pen_of(const HvLook *look, HvDepth depth)
{
    Pen pen = { look->mono_attrs, -1, -1 };

    if (depth == HV_DEPTH_MONO)
        return pen;
    pen = (Pen){ look->attrs, at_depth(look->fg, depth), at_depth(look->bg, depth) };
    if (depth == HV_DEPTH_8) {
        if (pen.fg == BRIGHT_BLACK) {
            pen.fg = -1;
            pen.attrs |= HV_ATTR_DIM;
        } else if (pen.fg > BRIGHT_BLACK) {
            pen.fg -= 8;
            pen.attrs |= HV_ATTR_BOLD;
        }
        pen.bg = pen.bg >= 8 ? pen.bg - 8 : pen.bg;
    }
    return pen;
}

static void
append_colour(GString *out, int colour, HvDepth depth, gboolean is_ground)
{
    const int base = is_ground ? 40 : 30;

    if (colour < 0)
        g_string_append_printf(out, "%d;", base + 9);
    else if (depth == HV_DEPTH_TRUE)
        g_string_append_printf(out, "%d;2;%d;%d;%d;", base + 8, colour >> 16 & 255,
                               colour >> 8 & 255, colour & 255);
    else if (depth == HV_DEPTH_256)
        g_string_append_printf(out, "%d;5;%d;", base + 8, colour);
    else
        g_string_append_printf(out, "%d;", colour < 8 ? base + colour : base + 60 + colour - 8);
}

static void
append_attrs(GString *out, guint attrs)
{
    static const struct {
        guint attr;
        char code;
    } codes[] = {
        { HV_ATTR_BOLD, '1' },      { HV_ATTR_DIM, '2' },     { HV_ATTR_ITALIC, '3' },
        { HV_ATTR_UNDERLINE, '4' }, { HV_ATTR_REVERSE, '7' },
    };
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
        if (attrs & codes[i].attr) {
            g_string_append_c(out, codes[i].code);
            g_string_append_c(out, ';');
        }
    }
}

static void
finish(GString *out, char *text, gsize size)
{
    if (out->str[out->len - 1] == ';')
        out->str[out->len - 1] = 'm';
    else
        g_string_append_c(out, 'm');
    g_strlcpy(text, out->str, size);
}

void
hv_theme_sgr(const HvTheme *theme, HvRole role, HvDepth depth, char *out, gsize size)
{
    g_autoptr(GString) text = g_string_new("\033[0;");
    const Pen pen = pen_of(&theme->looks[role], depth);

    append_attrs(text, pen.attrs);
    if (pen.fg >= 0)
        append_colour(text, pen.fg, depth, FALSE);
    if (pen.bg >= 0)
        append_colour(text, pen.bg, depth, TRUE);
    finish(text, out, size);
}

void
hv_theme_sgr_between(const HvTheme *theme, HvRole from, HvRole to, HvDepth depth, char *out,
                     gsize size)
{
    const Pen before = pen_of(&theme->looks[from], depth),
              after = pen_of(&theme->looks[to], depth);
    g_autoptr(GString) text = g_string_new("\033[");

    if (before.attrs == after.attrs && before.fg == after.fg && before.bg == after.bg) {
        g_strlcpy(out, "", size);
        return;
    }
    if (after.attrs == 0 && after.fg < 0 && after.bg < 0) {
        g_strlcpy(out, "\033[m", size);
        return;
    }
    if (before.attrs & ~after.attrs) { /* some of them would have to be taken back */
        hv_theme_sgr(theme, to, depth, out, size);
        return;
    }
    append_attrs(text, after.attrs & ~before.attrs);
    if (before.fg != after.fg)
        append_colour(text, after.fg, depth, FALSE);
    if (before.bg != after.bg)
        append_colour(text, after.bg, depth, TRUE);
    finish(text, out, size);
}

void
hv_theme_rgb(const HvTheme *theme, HvRole role, int *fg, int *bg, guint *attrs)
{
    const HvLook *look = &theme->looks[role];
    const int front = look->fg.rgb < 0 ? PICTURE_FG : look->fg.rgb;
    const int ground = look->bg.rgb < 0 ? PICTURE_BG : look->bg.rgb;
    const gboolean is_reversed = (look->attrs & HV_ATTR_REVERSE) != 0;

    *fg = is_reversed ? ground : front;
    *bg = is_reversed ? front : ground;
    *attrs = look->attrs & ~(guint)HV_ATTR_REVERSE;
}
