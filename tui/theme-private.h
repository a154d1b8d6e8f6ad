/* What the parts of the themes share: reading, parsing, colours. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/theme.h"

#define HV_COLOUR_DEFAULT ((HvColour){ -1, -1, -1 })

/* A role as written. */
typedef struct {
    char *fg, *bg; /* names in the palette */
    guint attrs, mono_attrs;
    char *where; /* "file:line: ", for errors */
} HvThemeDraft;

typedef struct {
    char *name;
    GHashTable *palette; /* name → HvColour */
    HvThemeDraft roles[HV_N_ROLES];
} HvThemeDrafts;

/* The line being read. */
typedef struct {
    HvThemeDrafts *drafts;
    const char *section; /* "" before the first */
    const char *file_name;
    guint line;
} HvThemePlace;

/* The text of themes/default.theme. */
extern const char hv_theme_default_text[];

/** hv_theme_read: the text of the theme called @name, found as hv_theme_load() does; @file_name: where it was. ABSENT where
 * there is none, DENIED where it is not safe. (transfer full, both) */
char *hv_theme_read(const char *name, char **file_name, GError **error);

/** hv_colour_parse: "default"; "#rrggbb", then optionally its number of 256, then its name or number of 16. */
gboolean hv_colour_parse(const char *text, HvColour *colour, GError **error);
/** hv_colour_of_rgb: 0xRRGGBB with the nearest of 256 and of 16. */
HvColour hv_colour_of_rgb(int rgb);
/** hv_colour_parse_btop: "#rrggbb", "#gg" (grey), "r g b" or "" (the default). */
gboolean hv_colour_parse_btop(const char *text, HvColour *colour, GError **error);
/** hv_colour_mix: half of each. */
HvColour hv_colour_mix(HvColour a, HvColour b);

/** hv_theme_set_text: frees what @to held. hv_theme_set_colour, hv_theme_hue: a colour of the palette; the default where
 * it has none of that name. */
void hv_theme_set_text(char **to, const char *text);
void hv_theme_set_colour(HvThemeDrafts *drafts, const char *name, HvColour colour);
HvColour hv_theme_hue(const HvThemeDrafts *drafts, const char *name);
/** hv_theme_bad: MALFORMED: "file:line: what "found"". FALSE always. */
gboolean hv_theme_bad(const HvThemePlace *place, GError **error, const char *what, const char *found);
/** hv_theme_parse_btop_line, hv_theme_finish_btop: one line of a btop theme, cut up in place; the roles behind the last. */
gboolean hv_theme_parse_btop_line(const HvThemePlace *place, char *line, GError **error);
void hv_theme_finish_btop(HvThemeDrafts *drafts);
