/* Themes: the files that come with hvtune, both formats, colours in every depth, unsafe files.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/theme.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "model/error.h"
#include "tests/support.h"

static const char *const shipped[] = { "default", "mono", "light", "colour-blind" };

static char *
shipped_path(const char *name)
{
    const char *source = g_getenv("srcdir");
    g_autofree char *file = g_strconcat(name, ".theme", NULL);

    return g_build_filename(source ? source : ".", "themes", file, NULL);
}

static char *
shipped_text(const char *name)
{
    g_autofree char *path = shipped_path(name);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

static HvTheme *
shipped_theme(const char *name)
{
    g_autofree char *text = shipped_text(name);
    g_autoptr(GError) error = NULL;
    HvTheme *theme = hv_theme_parse(text, name, &error);

    g_assert_no_error(error);
    return theme;
}

static void
assert_same_looks(const HvTheme *a, const HvTheme *b)
{
    for (guint i = 0; i < HV_N_ROLES; i++) {
        g_assert_cmpint(a->looks[i].fg.rgb, ==, b->looks[i].fg.rgb);
        g_assert_cmpint(a->looks[i].bg.c256, ==, b->looks[i].bg.c256);
        g_assert_cmpuint(a->looks[i].attrs, ==, b->looks[i].attrs);
        g_assert_cmpuint(a->looks[i].mono_attrs, ==, b->looks[i].mono_attrs);
    }
}

static void
test_builtin_is_default_file(void)
{
    g_autofree char *text = shipped_text("default");
    g_autoptr(HvTheme) builtin = hv_theme_builtin();
    g_autoptr(HvTheme) file = shipped_theme("default");

    assert_same_looks(builtin, file);
    g_assert_cmpstr(builtin->name, ==, "Default");
    for (guint i = 0; i < HV_N_ROLES; i++) { /* it leaves nothing to be inherited */
        g_autofree char *line = g_strdup_printf("\n%s = ", hv_role_names[i]);
        g_autofree char *mono = g_strdup_printf("\n%s.mono = ", hv_role_names[i]);
        g_assert_nonnull(strstr(text, line));
        g_assert_nonnull(strstr(text, mono));
    }
}

/* ---- what one can tell apart ---- */

static double
linear(int channel)
{
    const double value = channel / 255.0;

    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

/* WCAG 2.1: relative luminance, contrast ratio. */
static double
luminance(int rgb)
{
    return 0.2126 * linear(rgb >> 16 & 255) + 0.7152 * linear(rgb >> 8 & 255) +
           0.0722 * linear(rgb & 255);
}

static double
contrast(int a, int b)
{
    const double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

    return x > y ? x / y : y / x;
}

static int
rgb_of_256(int number)
{
    static const int steps[] = { 0, 95, 135, 175, 215, 255 };

    if (number >= 232)
        return (8 + 10 * (number - 232)) * 0x010101;
    g_assert_cmpint(number, >=, 16);
    return steps[(number - 16) / 36] << 16 | steps[(number - 16) / 6 % 6] << 8 |
           steps[(number - 16) % 6];
}

static void
assert_readable(const char *theme, guint role, int fg, int bg)
{
    const double least =
        role == HV_ROLE_DIM || role == HV_ROLE_BOX || role >= HV_ROLE_HEAT_0 ? 3 : 4.5;

    if (contrast(fg, bg) < least)
        g_test_message("%s: %s #%06x on #%06x is %.1f", theme, hv_role_names[role], (guint)fg,
                       (guint)bg, contrast(fg, bg));
    g_assert_cmpfloat(contrast(fg, bg), >=, least);
}

static void
test_every_role_is_readable(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(shipped); i++) {
        g_autoptr(HvTheme) theme = shipped_theme(shipped[i]);

        for (guint role = 0; role < HV_N_ROLES; role++) {
            const HvLook *look = &theme->looks[role];
            int fg, bg;
            guint attrs;

            hv_theme_rgb(theme, role, &fg, &bg, &attrs);
            assert_readable(shipped[i], role, fg, bg);
            if (look->fg.c256 >= 0)
                assert_readable(shipped[i], role, rgb_of_256(look->fg.c256),
                                look->bg.c256 >= 0 ? rgb_of_256(look->bg.c256) : 0x10151a);
        }
    }
}

/* Pairs that stand side by side and must not look the same. */
static const HvRole pairs[][2] = {
    { HV_ROLE_TEXT, HV_ROLE_WARM },     { HV_ROLE_TEXT, HV_ROLE_HOT },
    { HV_ROLE_WARM, HV_ROLE_HOT },      { HV_ROLE_TEXT, HV_ROLE_GOOD },
    { HV_ROLE_GOOD, HV_ROLE_WARM },     { HV_ROLE_GOOD, HV_ROLE_HOT },
    { HV_ROLE_TEXT, HV_ROLE_CURSOR },   { HV_ROLE_CURSOR, HV_ROLE_HOT },
    { HV_ROLE_CURSOR, HV_ROLE_TAGGED }, { HV_ROLE_TEXT, HV_ROLE_TAGGED },
    { HV_ROLE_TAB, HV_ROLE_TAB_ON },    { HV_ROLE_HEAD, HV_ROLE_HEAD_SORT },
    { HV_ROLE_TEXT, HV_ROLE_KEY },      { HV_ROLE_DIALOG, HV_ROLE_INPUT },
    { HV_ROLE_TEXT, HV_ROLE_MARK },     { HV_ROLE_TEXT, HV_ROLE_ABSENT },
    { HV_ROLE_TEXT, HV_ROLE_TITLE },    { HV_ROLE_CURSOR, HV_ROLE_WARM },
    { HV_ROLE_HEAT_0, HV_ROLE_HEAT_1 }, { HV_ROLE_HEAT_1, HV_ROLE_HEAT_2 },
    { HV_ROLE_HEAT_2, HV_ROLE_HEAT_3 }, { HV_ROLE_HEAT_3, HV_ROLE_HEAT_4 },
};

static void
test_roles_differ_in_every_depth(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(shipped); i++) {
        g_autoptr(HvTheme) theme = shipped_theme(shipped[i]);

        for (guint k = 0; k < G_N_ELEMENTS(pairs); k++) {
            for (HvDepth depth = HV_DEPTH_MONO; depth <= HV_DEPTH_TRUE; depth++) {
                char a[64], b[64];

                hv_theme_sgr(theme, pairs[k][0], depth, a, sizeof a);
                hv_theme_sgr(theme, pairs[k][1], depth, b, sizeof b);
                if (!strcmp(a, b))
                    g_test_message("%s, depth %d: %s and %s", shipped[i], depth,
                                   hv_role_names[pairs[k][0]], hv_role_names[pairs[k][1]]);
                g_assert_cmpstr(a, !=, b);
            }
        }
    }
}

/* Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB. */
static const double blindness[][3][3] = {
    { { 0.152286, 1.052583, -0.204868 },
      { 0.114503, 0.786281, 0.099216 },
      { -0.003882, -0.048116, 1.051998 } },
    { { 0.367322, 0.860646, -0.227968 },
      { 0.280085, 0.672501, 0.047413 },
      { -0.011820, 0.042940, 0.968881 } },
};

static void
seen(const double matrix[3][3], int rgb, double lab[3])
{
    const double in[3] = { linear(rgb >> 16 & 255), linear(rgb >> 8 & 255), linear(rgb & 255) };
    static const double to_xyz[3][3] = { { 0.4124, 0.3576, 0.1805 },
                                         { 0.2126, 0.7152, 0.0722 },
                                         { 0.0193, 0.1192, 0.9505 } };
    static const double white[3] = { 0.9505, 1, 1.089 };
    double out[3], f[3];

    for (guint i = 0; i < 3; i++)
        out[i] =
            CLAMP(matrix[i][0] * in[0] + matrix[i][1] * in[1] + matrix[i][2] * in[2], 0, 1);
    for (guint i = 0; i < 3; i++) {
        const double t =
            (to_xyz[i][0] * out[0] + to_xyz[i][1] * out[1] + to_xyz[i][2] * out[2]) / white[i];
        f[i] = t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
    }
    lab[0] = 116 * f[1] - 16;
    lab[1] = 500 * (f[0] - f[1]);
    lab[2] = 200 * (f[1] - f[2]);
}

static double
seen_distance(const double matrix[3][3], int a, int b)
{
    double x[3], y[3];

    seen(matrix, a, x);
    seen(matrix, b, y);
    return sqrt((x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]) +
                (x[2] - y[2]) * (x[2] - y[2]));
}

static void
test_colour_blind_theme_holds_for_the_colour_blind(void)
{
    static const HvRole told_by_hue[][2] = {
        { HV_ROLE_GOOD, HV_ROLE_WARM },     { HV_ROLE_GOOD, HV_ROLE_HOT },
        { HV_ROLE_WARM, HV_ROLE_HOT },      { HV_ROLE_TEXT, HV_ROLE_WARM },
        { HV_ROLE_TEXT, HV_ROLE_GOOD },     { HV_ROLE_HEAT_0, HV_ROLE_HEAT_1 },
        { HV_ROLE_HEAT_1, HV_ROLE_HEAT_2 }, { HV_ROLE_HEAT_2, HV_ROLE_HEAT_3 },
        { HV_ROLE_HEAT_3, HV_ROLE_HEAT_4 }, { HV_ROLE_HEAT_0, HV_ROLE_HEAT_4 },
        { HV_ROLE_HEAT_1, HV_ROLE_HEAT_4 },
    };
    g_autoptr(HvTheme) theme = shipped_theme("colour-blind");

    for (guint i = 0; i < G_N_ELEMENTS(told_by_hue); i++) {
        for (guint k = 0; k < G_N_ELEMENTS(blindness); k++) {
            int colours[2], bg;
            guint attrs;

            for (guint side = 0; side < 2; side++) {
                hv_theme_rgb(theme, told_by_hue[i][side], &colours[side], &bg, &attrs);
                if (theme->looks[told_by_hue[i][side]].attrs & HV_ATTR_REVERSE)
                    colours[side] = bg;
            }
            /* 2.3 is just noticeable; side by side on a busy screen five times that */
            g_assert_cmpfloat(seen_distance(blindness[k], colours[0], colours[1]), >, 12);
        }
    }
    g_assert_true(theme->looks[HV_ROLE_WARM].attrs & HV_ATTR_UNDERLINE);
    g_assert_true(theme->looks[HV_ROLE_HOT].attrs & HV_ATTR_REVERSE);
}

static void
test_mono_theme_has_no_colour(void)
{
    g_autoptr(HvTheme) theme = shipped_theme("mono");
    char out[64];

    for (guint role = 0; role < HV_N_ROLES; role++) {
        g_assert_cmpint(theme->looks[role].fg.rgb, ==, -1);
        g_assert_cmpint(theme->looks[role].bg.c16, ==, -1);
        g_assert_cmpuint(theme->looks[role].attrs, ==, theme->looks[role].mono_attrs);
    }
    hv_theme_sgr(theme, HV_ROLE_HOT, HV_DEPTH_TRUE, out, sizeof out);
    g_assert_cmpstr(out, ==, "\033[0;1;7m");
}

/* ---- the formats ---- */

static HvTheme *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    HvTheme *theme = hv_theme_parse(text, "x.theme", &error);

    g_assert_no_error(error);
    return theme;
}

static void
test_what_a_theme_says_and_leaves_out(void)
{
    g_autoptr(HvTheme) builtin = hv_theme_builtin();
    g_autoptr(HvTheme) theme =
        parse("# mine\n[theme]\nname = Dusk\r\ninherits = default\n[palette]\n"
              "ember = #ff875f 209 red\nnight=#000000\n\n[roles]\n"
              "hot = ember on night  bold underline\nhot.mono = underline\ngood = on ember\n");
    const HvLook *hot = &theme->looks[HV_ROLE_HOT];

    g_assert_cmpstr(theme->name, ==, "Dusk");
    g_assert_cmpint(hot->fg.rgb, ==, 0xff875f);
    g_assert_cmpint(hot->fg.c256, ==, 209);
    g_assert_cmpint(hot->fg.c16, ==, 1);
    g_assert_cmpint(hot->bg.c256, ==, 16); /* computed */
    g_assert_cmpuint(hot->attrs, ==, HV_ATTR_BOLD | HV_ATTR_UNDERLINE);
    g_assert_cmpuint(hot->mono_attrs, ==, HV_ATTR_UNDERLINE);
    g_assert_cmpint(theme->looks[HV_ROLE_GOOD].fg.rgb, ==, -1);
    g_assert_cmpint(theme->looks[HV_ROLE_GOOD].bg.c16, ==, 1);
    g_assert_cmpint(theme->looks[HV_ROLE_WARM].fg.rgb, ==, builtin->looks[HV_ROLE_WARM].fg.rgb);
    g_assert_cmpuint(theme->looks[HV_ROLE_GOOD].mono_attrs, ==,
                     builtin->looks[HV_ROLE_GOOD].mono_attrs);
}

static void
test_new_colour_changes_inherited_roles(void)
{
    g_autoptr(HvTheme) theme = parse("[palette]\namber = #123456\n");

    g_assert_cmpint(theme->looks[HV_ROLE_WARM].fg.rgb, ==, 0x123456);
    g_assert_cmpint(theme->looks[HV_ROLE_MARK].bg.rgb, ==, 0x123456);
}

static void
test_mistakes_are_told_with_their_line(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "[roles]\nhott = default\n", "x.theme:2: unknown role \"hott\"" },
        { "[roles]\nhott.mono = bold\n", "x.theme:2: unknown role \"hott\"" },
        { "[roles]\n\nhot = embr bold\n", "x.theme:3: no colour \"embr\" in the palette" },
        { "[roles]\nhot = default blink\n", "x.theme:2: unknown attribute \"blink\"" },
        { "[roles]\nhot = default on\n", "x.theme:2: no colour behind \"on\"" },
        { "[roles]\nhot.mono = red\n", "x.theme:2: unknown attribute \"red\"" },
        { "[palette]\na = #12345\n", "x.theme:2: \"#12345\" is no colour" },
        { "[palette]\na = #123456 256\n", "x.theme:2: \"#123456 256\" is no colour" },
        { "[palette]\na = #123456 1 purple\n", "x.theme:2: \"#123456 1 purple\" is no colour" },
        { "[palette]\na = #123456 1 red more\n",
          "x.theme:2: \"#123456 1 red more\" is no colour" },
        { "[palette]\na =\n", "x.theme:2: \"\" is no colour" },
        { "[palette]\ndefault = #000000\n",
          "x.theme:2: unusable name of a colour \"default\"" },
        { "[colours]\n", "x.theme:1: neither a section" },
        { "[theme]\ncolour = x\n", "x.theme:2: unknown word \"colour\"" },
        { "hot = default\n", "x.theme:1: no section above \"hot\"" },
        { "\033[2J\n", "x.theme:1: neither a section nor \"key = value\": \"\\x1b[2J\"" },
        { "[theme]\ninherits = no-such-theme\n",
          "x.theme: inherits: no theme \"no-such-theme\": themes are default" },
        { "theme[main_fg]=\"#12\"\ntheme[title]=\"#1\"\n", "x.theme:2: \"#1\" is no colour" },
        { "theme[main_fg]=\"1 2 256\"\n", "x.theme:1: \"1 2 256\" is no colour" },
        { "theme[main_fg\"#12\"\n", "x.theme:1: not theme[key]" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HvTheme) theme = hv_theme_parse(cases[i].text, "x.theme", &error);

        g_assert_null(theme);
        g_assert_true(error->code == HV_ERROR_MALFORMED || error->code == HV_ERROR_ABSENT);
        if (!g_str_has_prefix(error->message, cases[i].message))
            g_assert_cmpstr(error->message, ==, cases[i].message);
    }
}

static void
test_btop_themes_are_read_as_they_are(void)
{
    g_autoptr(HvTheme) builtin = hv_theme_builtin();
    g_autoptr(HvTheme) theme = parse(
        "# Main background\ntheme[main_bg]=\"#1a1b26\"\n\ntheme[main_fg]='#cfc9c2'\n"
        "theme[title]=\"200 100 0\"\ntheme[hi_fg]=\"#7d\"\n"
        "theme[selected_bg]=\"#414868\"\ntheme[selected_fg]=\"\"\n"
        "theme[temp_start]=\"#9ece6a\"\ntheme[temp_mid]=\"\"\ntheme[temp_end]=\"#f7768e\"\n"
        "theme[cpu_start]=\"#000000\"\ntheme[cpu_mid]=\"#404040\"\ntheme[cpu_end]=\"#ff0000\"\n"
        "theme[some_new_key]=\"#ffffff\"\n");

    g_assert_cmpint(theme->looks[HV_ROLE_TEXT].fg.rgb, ==, 0xcfc9c2);
    g_assert_cmpint(theme->looks[HV_ROLE_TEXT].bg.rgb, ==, 0x1a1b26);
    g_assert_cmpint(theme->looks[HV_ROLE_TITLE].fg.rgb, ==, 0xc86400);
    g_assert_cmpint(theme->looks[HV_ROLE_KEY].fg.rgb, ==, 0x7d7d7d);
    g_assert_cmpint(theme->looks[HV_ROLE_CURSOR].fg.rgb, ==, -1);
    g_assert_cmpint(theme->looks[HV_ROLE_CURSOR].bg.rgb, ==, 0x414868);
    g_assert_cmpint(theme->looks[HV_ROLE_GOOD].fg.rgb, ==, 0x9ece6a);
    g_assert_cmpint(theme->looks[HV_ROLE_WARM].fg.rgb, ==, 0x4f6735 + 0x7b3b47); /* half way */
    g_assert_cmpint(theme->looks[HV_ROLE_HOT].fg.rgb, ==, 0xf7768e);
    g_assert_cmpint(theme->looks[HV_ROLE_HEAT_1].fg.rgb, ==, 0x202020);
    g_assert_cmpint(theme->looks[HV_ROLE_DIM].fg.rgb, ==, -1); /* inactive_fg is left out */
    g_assert_cmpuint(theme->looks[HV_ROLE_HOT].mono_attrs, ==,
                     builtin->looks[HV_ROLE_HOT].mono_attrs);
}

/* ---- escape sequences ---- */

static void
test_sgr_in_every_depth(void)
{
    g_autoptr(HvTheme) theme =
        parse("[palette]\na = #ff8000 208 bright-yellow\nb = #0000ff 21 bright-black\n"
              "[roles]\nhot = a on b bold\ndim = b\ntext = default\n");
    static const char *const expected[][2] = {
        [HV_DEPTH_MONO] = { "\033[0;1;7m", "\033[0;2m" },
        [HV_DEPTH_8] = { "\033[0;1;33;40m", "\033[0;2m" },
        [HV_DEPTH_16] = { "\033[0;1;93;100m", "\033[0;90m" },
        [HV_DEPTH_256] = { "\033[0;1;38;5;208;48;5;21m", "\033[0;38;5;21m" },
        [HV_DEPTH_TRUE] = { "\033[0;1;38;2;255;128;0;48;2;0;0;255m", "\033[0;38;2;0;0;255m" },
    };
    for (HvDepth depth = HV_DEPTH_MONO; depth <= HV_DEPTH_TRUE; depth++) {
        char out[64];

        hv_theme_sgr(theme, HV_ROLE_HOT, depth, out, sizeof out);
        g_assert_cmpstr(out, ==, expected[depth][0]);
        hv_theme_sgr(theme, HV_ROLE_DIM, depth, out, sizeof out);
        g_assert_cmpstr(out, ==, expected[depth][1]);
        hv_theme_sgr(theme, HV_ROLE_TEXT, depth, out, sizeof out);
        g_assert_cmpstr(out, ==, "\033[0m");
    }
}

static void
test_sgr_between_is_short(void)
{
    g_autoptr(HvTheme) theme =
        parse("[palette]\na = #ff8000 208\nb = #0000ff 21\n[roles]\ntext = default\n"
              "dim = a\nhot = a bold\nwarm = b on a bold\nabsent = a\ngood = on a\n");
    static const struct {
        HvRole from, to;
        const char *expected;
    } cases[] = {
        { HV_ROLE_DIM, HV_ROLE_ABSENT, "" },
        { HV_ROLE_DIM, HV_ROLE_TEXT, "\033[m" },
        { HV_ROLE_TEXT, HV_ROLE_DIM, "\033[38;5;208m" },
        { HV_ROLE_DIM, HV_ROLE_HOT, "\033[1m" },
        { HV_ROLE_HOT, HV_ROLE_DIM, "\033[0;38;5;208m" },
        { HV_ROLE_HOT, HV_ROLE_WARM, "\033[38;5;21;48;5;208m" },
        { HV_ROLE_DIM, HV_ROLE_GOOD, "\033[39;48;5;208m" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char out[64];

        hv_theme_sgr_between(theme, cases[i].from, cases[i].to, HV_DEPTH_256, out, sizeof out);
        g_assert_cmpstr(out, ==, cases[i].expected);
    }
}

static void
test_computed_colours_are_near(void)
{
    static const struct {
        const char *rgb;
        int c256, c16;
    } cases[] = { { "#000000", 16, 0 },  { "#ffffff", 231, 15 }, { "#5fafff", 75, 12 },
                  { "#808080", 244, 8 }, { "#ff0000", 196, 9 },  { "#cd0000", 160, 1 },
                  { "#00ffff", 51, 14 } };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strdup_printf("[palette]\na = %s\n[roles]\nhot = a\n", cases[i].rgb);
        g_autoptr(HvTheme) theme = parse(text);

        g_assert_cmpint(theme->looks[HV_ROLE_HOT].fg.c256, ==, cases[i].c256);
        g_assert_cmpint(theme->looks[HV_ROLE_HOT].fg.c16, ==, cases[i].c16);
    }
}

/* ---- files ---- */

static void
assert_load_fails(const char *path, HvError code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvTheme) theme = hv_theme_load(path, &error);

    g_assert_null(theme);
    g_assert_error(error, HV_ERROR, (int)code);
}

static void
test_load_finds_files_and_inherits(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = g_build_filename(tree->path, "child.theme", NULL);
    g_autofree char *parent = g_build_filename(tree->path, "parent.theme", NULL);
    g_autoptr(GError) error = NULL;

    hv_test_tree_printf(tree, "parent.theme", "[palette]\nleaf = #010203\nsky = #010101\n");
    hv_test_tree_printf(tree, "child.theme",
                        "[theme]\nname = Child\ninherits = %s\n[palette]\nsky = #040506\n",
                        parent);
    g_autoptr(HvTheme) theme = hv_theme_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(theme->name, ==, "Child");
    g_assert_cmpstr(theme->id, ==, path);
    g_assert_cmpint(theme->looks[HV_ROLE_GOOD].fg.rgb, ==, 0x010203);
    g_assert_cmpint(theme->looks[HV_ROLE_TITLE].fg.rgb, ==, 0x040506);

    hv_test_tree_printf(tree, "parent.theme", "[theme]\ninherits = %s\n", path); /* a circle */
    assert_load_fails(path, HV_ERROR_MALFORMED);
    g_autofree char *missing = g_build_filename(tree->path, "missing.theme", NULL);
    assert_load_fails(missing, HV_ERROR_ABSENT);
    assert_load_fails("no-such-theme", HV_ERROR_ABSENT);
    g_autofree char *directory = g_build_filename(tree->path, "proc", NULL);
    assert_load_fails(directory, HV_ERROR_MALFORMED);
    hv_test_tree_printf(tree, "parent.theme", "%70000s", "x");
    assert_load_fails(parent, HV_ERROR_MALFORMED); /* too large */
    hv_test_tree_write(tree, "parent.theme", "\xff\xfe");
    assert_load_fails(parent, HV_ERROR_MALFORMED);
}

static void
test_default_is_always_there(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvTheme) theme = hv_theme_load("default", &error);
    g_auto(GStrv) names = hv_theme_list();

    g_assert_no_error(error);
    g_assert_nonnull(theme);
    g_assert_true(g_strv_contains((const char *const *)names, "default"));
}

static void
test_root_reads_only_what_is_safe(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = g_build_filename(tree->path, "a.theme", NULL);
    g_autoptr(GError) error = NULL;

    if (geteuid() != 0) {
        g_test_skip("only root is careful about this");
        return;
    }
    hv_test_tree_write(tree, "a.theme", "[theme]\nname = A\n");
    g_autoptr(HvTheme) theme = hv_theme_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(g_chmod(path, 0666), ==, 0);
    assert_load_fails(path, HV_ERROR_DENIED);
    g_assert_cmpint(g_chmod(path, 0644), ==, 0);
    g_assert_cmpint(g_chmod(tree->path, 0777), ==, 0);
    assert_load_fails(path, HV_ERROR_DENIED);
    g_assert_cmpint(g_chmod(tree->path, 0755), ==, 0);
    g_assert_cmpint(chown(path, 12345, 0), ==, 0);
    assert_load_fails(path, HV_ERROR_DENIED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/theme/what is compiled in is the default theme's file",
                    test_builtin_is_default_file);
    g_test_add_func("/theme/every role of every theme is readable",
                    test_every_role_is_readable);
    g_test_add_func("/theme/roles differ in every depth, mono too",
                    test_roles_differ_in_every_depth);
    g_test_add_func("/theme/the theme for the colour-blind holds for them",
                    test_colour_blind_theme_holds_for_the_colour_blind);
    g_test_add_func("/theme/mono has no colour", test_mono_theme_has_no_colour);
    g_test_add_func("/theme/what is left out is inherited",
                    test_what_a_theme_says_and_leaves_out);
    g_test_add_func("/theme/a colour defined anew changes inherited roles",
                    test_new_colour_changes_inherited_roles);
    g_test_add_func("/theme/mistakes are told with their line",
                    test_mistakes_are_told_with_their_line);
    g_test_add_func("/theme/btop's themes are read as they are",
                    test_btop_themes_are_read_as_they_are);
    g_test_add_func("/theme/a role has a sequence in every depth", test_sgr_in_every_depth);
    g_test_add_func("/theme/from role to role is short", test_sgr_between_is_short);
    g_test_add_func("/theme/computed colours are near", test_computed_colours_are_near);
    g_test_add_func("/theme/files are found, inherited and bounded",
                    test_load_finds_files_and_inherits);
    g_test_add_func("/theme/default is always there", test_default_is_always_there);
    g_test_add_func("/theme/root reads only what is safe", test_root_reads_only_what_is_safe);
    return g_test_run();
}
