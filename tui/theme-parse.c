/* Theme files. Names of colours are resolved last, so that a theme which defines one anew
 * changes every role that it inherits. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "model/text.h"
#include "tui/theme-private.h"

#define MAX_INHERITS 8
#define MAX_SHOWN 60

static const struct {
    const char *name;
    guint attr;
} attr_names[] = {
    { "none", 0 },
    { "bold", HV_ATTR_BOLD },
    { "dim", HV_ATTR_DIM },
    { "reverse", HV_ATTR_REVERSE },
    { "underline", HV_ATTR_UNDERLINE },
    { "italic", HV_ATTR_ITALIC },
};

static HvThemeDrafts *
drafts_new(void)
{
    HvThemeDrafts *drafts = g_new0(HvThemeDrafts, 1);

    drafts->palette = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return drafts;
}

static void
drafts_free(HvThemeDrafts *drafts)
{
    for (guint i = 0; i < HV_N_ROLES; i++) {
        g_free(drafts->roles[i].fg);
        g_free(drafts->roles[i].bg);
        g_free(drafts->roles[i].where);
    }
    g_hash_table_unref(drafts->palette);
    g_free(drafts->name);
    g_free(drafts);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvThemeDrafts, drafts_free)

void
hv_theme_set_text(char **to, const char *text)
{
    g_free(*to);
    *to = g_strdup(text);
}

void
hv_theme_set_colour(HvThemeDrafts *drafts, const char *name, HvColour colour)
{
    HvColour *copy = g_new(HvColour, 1);

    *copy = colour;
    g_hash_table_replace(drafts->palette, g_strdup(name), copy);
}

gboolean
hv_theme_bad(const HvThemePlace *place, GError **error, const char *what, const char *found)
{
    g_autofree char *shown = hv_text_printable(found, MAX_SHOWN);

    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s:%u: %s \"%s\"", place->file_name,
                place->line, what, shown);
    return FALSE;
}

HvColour
hv_theme_hue(const HvThemeDrafts *drafts, const char *name)
{
    const HvColour *colour = g_hash_table_lookup(drafts->palette, name);

    return colour ? *colour : HV_COLOUR_DEFAULT;
}

static int
find_role(const char *name)
{
    for (int i = 0; i < HV_N_ROLES; i++) {
        if (!strcmp(name, hv_role_names[i]))
            return i;
    }
    return -1;
}

static gboolean
add_attr(const char *word, guint *attrs)
{
    for (guint i = 0; i < G_N_ELEMENTS(attr_names); i++) {
        if (!strcmp(word, attr_names[i].name)) {
            *attrs |= attr_names[i].attr;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
parse_mono(const HvThemePlace *place, HvThemeDraft *role, char **words, GError **error)
{
    guint attrs = 0;

    for (; *words; words++) {
        if (**words && !add_attr(*words, &attrs))
            return hv_theme_bad(place, error, "unknown attribute", *words);
    }
    role->mono_attrs = attrs;
    return TRUE;
}

/* "ember on night bold": a colour, "on" a ground, attributes; each may be missing, in this
 * order. */
static gboolean
parse_look(const HvThemePlace *place, HvThemeDraft *role, char **words, GError **error)
{
    const char *fg = NULL, *bg = NULL;
    gboolean is_ground = FALSE, has_attrs = FALSE;
    guint attrs = 0;

    for (; *words; words++) {
        if (!**words)
            continue;
        if (!is_ground && add_attr(*words, &attrs))
            has_attrs = TRUE;
        else if (!is_ground && !bg && !has_attrs && !strcmp(*words, "on"))
            is_ground = TRUE;
        else if (is_ground) {
            bg = *words;
            is_ground = FALSE;
        } else if (!fg && !bg && !has_attrs)
            fg = *words;
        else
            return hv_theme_bad(place, error, "unknown attribute", *words);
    }
    if (is_ground)
        return hv_theme_bad(place, error, "no colour behind", "on");
    hv_theme_set_text(&role->fg, fg ? fg : "default");
    hv_theme_set_text(&role->bg, bg ? bg : "default");
    role->attrs = attrs;
    g_free(role->where);
    role->where = g_strdup_printf("%s:%u: ", place->file_name, place->line);
    return TRUE;
}

static gboolean
parse_role(const HvThemePlace *place, char *name, const char *value, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(value, " \t", -1);
    const gboolean is_mono = g_str_has_suffix(name, ".mono");

    if (is_mono)
        name[strlen(name) - strlen(".mono")] = '\0';
    const int role = find_role(name);
    if (role < 0)
        return hv_theme_bad(place, error, "unknown role", name);
    HvThemeDraft *draft = &place->drafts->roles[role];
    return is_mono ? parse_mono(place, draft, words, error)
                   : parse_look(place, draft, words, error);
}

static gboolean
parse_hue(const HvThemePlace *place, const char *name, const char *value, GError **error)
{
    HvColour colour;

    if (!strcmp(name, "default") || strpbrk(name, " \t#"))
        return hv_theme_bad(place, error, "unusable name of a colour", name);
    if (!hv_colour_parse(value, &colour, error)) {
        g_prefix_error(error, "%s:%u: ", place->file_name, place->line);
        return FALSE;
    }
    hv_theme_set_colour(place->drafts, name, colour);
    return TRUE;
}

static gboolean
parse_entry(const HvThemePlace *place, char *key, const char *value, GError **error)
{
    if (!strcmp(place->section, "palette"))
        return parse_hue(place, key, value, error);
    if (!strcmp(place->section, "roles"))
        return parse_role(place, key, value, error);
    if (strcmp(place->section, "theme") != 0)
        return hv_theme_bad(place, error, "no section above", key);
    if (!strcmp(key, "name"))
        hv_theme_set_text(&place->drafts->name, value);
    else if (strcmp(key, "inherits") != 0) /* was seen to before */
        return hv_theme_bad(place, error, "unknown word", key);
    return TRUE;
}

static gboolean
parse_line(HvThemePlace *place, char *line, GError **error)
{
    static const char *const sections[] = { "[theme]", "[palette]", "[roles]" };
    static const char *const names[] = { "theme", "palette", "roles" };
    char *equals = strchr(line, '=');

    if (!*line || *line == '#')
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++) {
        if (!strcmp(line, sections[i])) {
            place->section = names[i];
            return TRUE;
        }
    }
    if (*line == '[' || !equals)
        return hv_theme_bad(place, error, "neither a section nor \"key = value\":", line);
    *equals = '\0';
    return parse_entry(place, g_strchomp(line), g_strchug(equals + 1), error);
}

static gboolean
is_btop(const char *text)
{
    return g_str_has_prefix(text, "theme[") || strstr(text, "\ntheme[");
}

static gboolean
parse_text(HvThemeDrafts *drafts, const char *text, const char *file_name, GError **error)
{
    const gboolean btop = is_btop(text);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    HvThemePlace place = { drafts, "", file_name, 0 };

    for (guint i = 0; lines[i]; i++) {
        char *line = g_strstrip(lines[i]);

        place.line = i + 1;
        if (!(btop ? hv_theme_parse_btop_line(&place, line, error)
                   : parse_line(&place, line, error)))
            return FALSE;
    }
    if (btop)
        hv_theme_finish_btop(drafts);
    return TRUE;
}

/* Returns: (transfer full): the name behind "inherits =", or NULL. */
static char *
find_inherited(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++) {
        char *equals = strchr(lines[i], '=');

        if (!equals)
            continue;
        *equals = '\0';
        if (!strcmp(g_strstrip(lines[i]), "inherits"))
            return g_strdup(g_strstrip(equals + 1));
    }
    return NULL;
}

/* Parses what @text inherits, the most remote first. Everything inherits the theme that is
 * compiled in. */
static gboolean
parse_inherited(HvThemeDrafts *drafts, const char *text, const char *file_name, GError **error)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) file_names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *name = find_inherited(text);

    while (name && strcmp(name, "default") != 0) {
        char *found = NULL;
        char *inherited = hv_theme_read(name, &found, error);

        if (!inherited) {
            g_prefix_error(error, "%s: inherits: ", file_name);
            return FALSE;
        }
        g_ptr_array_add(texts, inherited);
        g_ptr_array_add(file_names, found);
        if (texts->len > MAX_INHERITS) {
            g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: inherits more than %d themes",
                        file_name, MAX_INHERITS);
            return FALSE;
        }
        g_free(name);
        name = find_inherited(inherited);
    }
    if (!parse_text(drafts, hv_theme_default_text, "default.theme", error))
        return FALSE;
    for (guint i = texts->len; i-- > 0;) {
        if (!parse_text(drafts, texts->pdata[i], file_names->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
find_hue(const HvThemeDrafts *drafts, const HvThemeDraft *role, const char *name,
         HvColour *colour, GError **error)
{
    if (strcmp(name, "default") != 0 && !g_hash_table_contains(drafts->palette, name)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%sno colour \"%s\" in the palette",
                    role->where, name);
        return FALSE;
    }
    *colour = hv_theme_hue(drafts, name);
    return TRUE;
}

static HvTheme *
resolve(const HvThemeDrafts *drafts, GError **error)
{
    g_autoptr(HvTheme) theme = g_new0(HvTheme, 1);

    theme->name = g_strdup(drafts->name);
    for (guint i = 0; i < HV_N_ROLES; i++) {
        const HvThemeDraft *role = &drafts->roles[i];
        HvLook *look = &theme->looks[i];

        if (!find_hue(drafts, role, role->fg, &look->fg, error) ||
            !find_hue(drafts, role, role->bg, &look->bg, error))
            return NULL;
        look->attrs = role->attrs;
        look->mono_attrs = role->mono_attrs;
    }
    return g_steal_pointer(&theme);
}

HvTheme *
hv_theme_parse(const char *text, const char *file_name, GError **error)
{
    g_autoptr(HvThemeDrafts) drafts = drafts_new();

    if (!parse_inherited(drafts, text, file_name, error) ||
        !parse_text(drafts, text, file_name, error))
        return NULL;
    return resolve(drafts, error);
}

HvTheme *
hv_theme_builtin(void)
{
    HvTheme *theme = hv_theme_parse("", "default.theme", NULL);

    g_assert(theme); /* a test parses it */
    theme->id = g_strdup("default");
    return theme;
}
