/* Themes: what each role looks like with true colour, 256, 16, 8 colours or none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/canvas.h"

typedef enum { HV_DEPTH_MONO, HV_DEPTH_8, HV_DEPTH_16, HV_DEPTH_256, HV_DEPTH_TRUE } HvDepth;

enum { HV_ATTR_BOLD = 1, HV_ATTR_DIM = 2, HV_ATTR_REVERSE = 4, HV_ATTR_UNDERLINE = 8, HV_ATTR_ITALIC = 16 };

/* A colour in all depths; -1: the terminal's default. */
typedef struct {
    int rgb;   /* 0xRRGGBB */
    int c256, c16;
} HvColour;
typedef struct {
    HvColour fg, bg;
    guint attrs;      /* with colours */
    guint mono_attrs; /* without */
} HvLook;
typedef struct {
    char *name; /* as people read it: "Colour blind" */
    char *id;   /* what hv_theme_load() finds it by: "colour-blind"; NULL when it was parsed from a text */
    HvLook looks[HV_N_ROLES];
} HvTheme;

/** hv_theme_builtin: compiled in, so that a screen can always be drawn ("default"). (transfer full). UI thread, as below. */
HvTheme *hv_theme_builtin(void);
/** hv_theme_load: @name: a file name with a slash, or a theme of $XDG_CONFIG_HOME/hvtune/themes, the installed or the source
 * themes directory. Our own format (style page) or btop's (`theme[main_fg]="#..."`). MALFORMED with file and line for an unknown role or
 * bad colour; as root DENIED for a file or directory not owned by root or writable by others. */
HvTheme *hv_theme_load(const char *name, GError **error);
/** hv_theme_parse: the text of a theme of either format; "inherits =" is looked for as hv_theme_load() does. Errors begin with
 * @file_name. */
HvTheme *hv_theme_parse(const char *text, const char *file_name, GError **error);
/** hv_theme_list: names that hv_theme_load() finds. (transfer full) */
char **hv_theme_list(void);
void hv_theme_free(HvTheme *theme);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvTheme, hv_theme_free)
/** hv_theme_sgr: the escape sequence for @role at @depth into @out, "\033[0;…m"; at most 64 bytes. */
void hv_theme_sgr(const HvTheme *theme, HvRole role, HvDepth depth, char *out, gsize size);
/** hv_theme_sgr_between: the shortest sequence that leads from one role's look to another's; "" where they look the same. */
void hv_theme_sgr_between(const HvTheme *theme, HvRole from, HvRole to, HvDepth depth, char *out, gsize size);
/** hv_theme_rgb: for pictures: @fg and @bg as 0xRRGGBB with the terminal's defaults resolved (a dark ground), and the
 * attributes but REVERSE, which has been carried out. */
void hv_theme_rgb(const HvTheme *theme, HvRole role, int *fg, int *bg, guint *attrs);
