/* Colours in every depth: read from theme files, the nearest found where one is left out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "tui/theme-private.h"

#define N_16 16
static const char *const names_16[N_16] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white",
};
/* xterm's, XTerm-col.ad; other terminals differ a little. */
static const int rgb_16[N_16] = {
    0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
    0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};
static const int cube_steps[] = { 0, 95, 135, 175, 215, 255 };

/* Eyes see green best ("redmean" without the mean). */
static int
distance(int a, int b)
{
    const int red = (a >> 16 & 255) - (b >> 16 & 255), green = (a >> 8 & 255) - (b >> 8 & 255),
              blue = (a & 255) - (b & 255);

    return 3 * red * red + 4 * green * green + 2 * blue * blue;
}

static int
nearest_step(int value)
{
    int best = 0;

    for (int i = 1; i < (int)G_N_ELEMENTS(cube_steps); i++) {
        if (ABS(cube_steps[i] - value) < ABS(cube_steps[best] - value))
            best = i;
    }
    return best;
}

/* 16-231: a cube of 6; 232-255: greys 8, 18, … 238 (xterm's 256colres.pl). */
static int
nearest_256(int rgb)
{
    const int red = nearest_step(rgb >> 16 & 255), green = nearest_step(rgb >> 8 & 255),
              blue = nearest_step(rgb & 255);
    const int cube = cube_steps[red] << 16 | cube_steps[green] << 8 | cube_steps[blue];
    const int mean = ((rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)) / 3;
    const int step = CLAMP((mean - 3) / 10, 0, 23);
    const int grey = (8 + 10 * step) * 0x010101;

    return distance(grey, rgb) < distance(cube, rgb) ? 232 + step
                                                     : 16 + 36 * red + 6 * green + blue;
}

static int
nearest_16(int rgb)
{
    int best = 0;

    for (int i = 1; i < N_16; i++) {
        if (distance(rgb_16[i], rgb) < distance(rgb_16[best], rgb))
            best = i;
    }
    return best;
}

HvColour
hv_colour_of_rgb(int rgb)
{
    return (HvColour){ rgb, nearest_256(rgb), nearest_16(rgb) };
}

HvColour
hv_colour_mix(HvColour a, HvColour b)
{
    if (a.rgb < 0 || b.rgb < 0)
        return a.rgb < 0 ? b : a;
    return hv_colour_of_rgb(((a.rgb & 0xfefefe) >> 1) + ((b.rgb & 0xfefefe) >> 1));
}

/* @digits hexadecimal digits behind a "#". */
static gboolean
parse_hex(const char *text, guint digits, int *number)
{
    if (*text != '#' || strlen(text + 1) != digits)
        return FALSE;
    *number = 0;
    for (text++; *text; text++) {
        if (!g_ascii_isxdigit(*text))
            return FALSE;
        *number = *number << 4 | g_ascii_xdigit_value(*text);
    }
    return TRUE;
}

static gboolean
parse_limited(const char *text, guint64 max, int *number)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, max, &value, NULL))
        return FALSE;
    *number = (int)value;
    return TRUE;
}

static gboolean
parse_16(const char *text, int *number)
{
    for (int i = 0; i < N_16; i++) {
        if (!g_ascii_strcasecmp(text, names_16[i])) {
            *number = i;
            return TRUE;
        }
    }
    if (!strcmp(text, "default")) {
        *number = -1;
        return TRUE;
    }
    return parse_limited(text, N_16 - 1, number);
}

static gboolean
bad_colour(const char *text, GError **error)
{
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                "\"%s\" is no colour (#rrggbb, a number up to 255, one of 16)", text);
    return FALSE;
}

gboolean
hv_colour_parse(const char *text, HvColour *colour, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
    const char *given[4] = { NULL }; /* one more than may be */
    guint n = 0;

    for (guint i = 0; words[i] && n < G_N_ELEMENTS(given); i++) {
        if (*words[i])
            given[n++] = words[i];
    }
    if (n == 1 && !strcmp(given[0], "default")) {
        *colour = HV_COLOUR_DEFAULT;
        return TRUE;
    }
    HvColour found;
    if (n == 0 || given[3] || !parse_hex(given[0], 6, &found.rgb))
        return bad_colour(text, error);
    found = hv_colour_of_rgb(found.rgb);
    if ((given[1] && !parse_limited(given[1], 255, &found.c256)) ||
        (given[2] && !parse_16(given[2], &found.c16)))
        return bad_colour(text, error);
    *colour = found;
    return TRUE;
}

gboolean
hv_colour_parse_btop(const char *text, HvColour *colour, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    int parts[3], number;

    if (!*text) {
        *colour = HV_COLOUR_DEFAULT;
        return TRUE;
    }
    if (parse_hex(text, 6, &number)) {
        *colour = hv_colour_of_rgb(number);
        return TRUE;
    }
    if (parse_hex(text, 2, &number)) {
        *colour = hv_colour_of_rgb(number * 0x010101);
        return TRUE;
    }
    if (g_strv_length(words) != 3)
        return bad_colour(text, error);
    for (guint i = 0; i < 3; i++) {
        if (!parse_limited(words[i], 255, &parts[i]))
            return bad_colour(text, error);
    }
    *colour = hv_colour_of_rgb(parts[0] << 16 | parts[1] << 8 | parts[2]);
    return TRUE;
}
