/* btop's theme files as they are: lines of theme[key]="colour". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tui/theme-private.h"

/* Which of btop's colours a role takes; what a theme lacks is the terminal's default.
 * Attributes stay those of the default theme. */
static const struct {
    HvRole role;
    const char *fg, *bg;
} btop_roles[] = {
    { HV_ROLE_TEXT, "main_fg", "main_bg" },
    { HV_ROLE_DIM, "inactive_fg", "main_bg" },
    { HV_ROLE_TITLE, "title", "main_bg" },
    { HV_ROLE_BAR, "selected_fg", "selected_bg" },
    { HV_ROLE_TAB, "inactive_fg", "main_bg" },
    { HV_ROLE_TAB_ON, "selected_fg", "selected_bg" },
    { HV_ROLE_HEAD, "graph_text", "main_bg" },
    { HV_ROLE_HEAD_SORT, "title", "main_bg" },
    { HV_ROLE_CURSOR, "selected_fg", "selected_bg" },
    { HV_ROLE_TAGGED, "proc_misc", "main_bg" },
    { HV_ROLE_KEY, "hi_fg", "main_bg" },
    { HV_ROLE_GOOD, "temp_start", "main_bg" },
    { HV_ROLE_WARM, "temp_mid", "main_bg" },
    { HV_ROLE_HOT, "temp_end", "main_bg" },
    { HV_ROLE_ABSENT, "inactive_fg", "main_bg" },
    { HV_ROLE_GRAPH, "cpu_mid", "main_bg" },
    { HV_ROLE_BOX, "div_line", "main_bg" },
    { HV_ROLE_DIALOG, "main_fg", "main_bg" },
    { HV_ROLE_INPUT, "selected_fg", "selected_bg" },
    { HV_ROLE_MARK, "main_bg", "hi_fg" },
    { HV_ROLE_HEAT_0, "cpu_start", "main_bg" },
    { HV_ROLE_HEAT_1, "cpu_low", "main_bg" },
    { HV_ROLE_HEAT_2, "cpu_mid", "main_bg" },
    { HV_ROLE_HEAT_3, "cpu_high", "main_bg" },
    { HV_ROLE_HEAT_4, "cpu_end", "main_bg" },
};

gboolean
hv_theme_parse_btop_line(const HvThemePlace *place, char *line, GError **error)
{
    char *end = strchr(line, ']'), *value = strchr(line, '=');
    HvColour colour;

    if (!*line || *line == '#')
        return TRUE;
    if (!g_str_has_prefix(line, "theme[") || !end || !value || value < end)
        return hv_theme_bad(place, error, "not theme[key]=\"colour\":", line);
    *end = '\0';
    value = g_strstrip(value + 1);
    const gsize length = strlen(value);
    if (length >= 2 && strchr("\"'", *value) && value[length - 1] == *value) {
        value[length - 1] = '\0';
        value++;
    }
    if (!hv_colour_parse_btop(value, &colour, error)) {
        g_prefix_error(error, "%s:%u: ", place->file_name, place->line);
        return FALSE;
    }
    hv_theme_set_colour(place->drafts, line + strlen("theme["), colour);
    return TRUE;
}

/* btop has three points per gradient, and draws a missing middle between the ends. */
void
hv_theme_finish_btop(HvThemeDrafts *drafts)
{
    if (hv_theme_hue(drafts, "cpu_mid").rgb < 0)
        hv_theme_set_colour(
            drafts, "cpu_mid",
            hv_colour_mix(hv_theme_hue(drafts, "cpu_start"), hv_theme_hue(drafts, "cpu_end")));
    if (hv_theme_hue(drafts, "temp_mid").rgb < 0)
        hv_theme_set_colour(drafts, "temp_mid",
                            hv_colour_mix(hv_theme_hue(drafts, "temp_start"),
                                          hv_theme_hue(drafts, "temp_end")));
    hv_theme_set_colour(
        drafts, "cpu_low",
        hv_colour_mix(hv_theme_hue(drafts, "cpu_start"), hv_theme_hue(drafts, "cpu_mid")));
    hv_theme_set_colour(
        drafts, "cpu_high",
        hv_colour_mix(hv_theme_hue(drafts, "cpu_mid"), hv_theme_hue(drafts, "cpu_end")));
    for (guint i = 0; i < G_N_ELEMENTS(btop_roles); i++) {
        HvThemeDraft *role = &drafts->roles[btop_roles[i].role];

        hv_theme_set_text(&role->fg, g_hash_table_contains(drafts->palette, btop_roles[i].fg)
                                         ? btop_roles[i].fg
                                         : "default");
        hv_theme_set_text(&role->bg, g_hash_table_contains(drafts->palette, btop_roles[i].bg)
                                         ? btop_roles[i].bg
                                         : "default");
    }
}
