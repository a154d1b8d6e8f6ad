/* The canvas: what reaches a cell, clipping, wide characters, graphs, ASCII. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/canvas.h"

#include <math.h>
#include <string.h>

static void
assert_text(const HvCanvas *canvas, const char *expected)
{
    g_autofree char *text = hv_canvas_text(canvas);

    g_assert_cmpstr(text, ==, expected);
}

static void
assert_roles(const HvCanvas *canvas, const char *expected)
{
    g_autofree char *roles = hv_canvas_roles(canvas);

    g_assert_cmpstr(roles, ==, expected);
}

static void
test_every_role_has_letter_and_name(void)
{
    g_assert_cmpuint(strlen(hv_role_letters), ==, HV_N_ROLES);
    for (guint i = 0; i < HV_N_ROLES; i++) {
        g_assert_nonnull(hv_role_names[i]);
        g_assert_true(strchr(hv_role_letters, hv_role_letters[i]) == &hv_role_letters[i]);
        for (guint k = 0; k < i; k++)
            g_assert_cmpstr(hv_role_names[i], !=, hv_role_names[k]);
    }
    g_assert_cmpint(hv_role_letters[HV_ROLE_HOT], ==, '!');
    g_assert_cmpint(hv_role_letters[HV_ROLE_HEAT_4], ==, '4');
}

static void
test_print_is_text_and_role(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(10, 2, FALSE);

    g_assert_cmpint(hv_canvas_print(canvas, 1, 0, HV_ROLE_HOT, "web-1"), ==, 6);
    g_assert_cmpint(hv_canvas_printf(canvas, 0, 1, HV_ROLE_TEXT, "%d %%", 41), ==, 4);
    assert_text(canvas, " web-1\n41 %\n");
    assert_roles(canvas, " !!!!!\n\n");
    hv_canvas_clear(canvas);
    assert_text(canvas, "\n\n");
}

static void
test_unprintable_bytes_are_escaped(void)
{
    static const char *const hostile[] = { "a\033[2Jb",
                                           "a\rb",
                                           "\x9b"
                                           "31m",
                                           "a\xff",
                                           "\xe2\x80\xae"
                                           "x",
                                           "\x7f",
                                           "\xc2\x9b"
                                           "x",
                                           "\n" };
    for (guint i = 0; i < G_N_ELEMENTS(hostile); i++) {
        g_autoptr(HvCanvas) canvas = hv_canvas_new(40, 1, FALSE);
        const int end = hv_canvas_print(canvas, 0, 0, HV_ROLE_TEXT, hostile[i]);
        g_autofree char *text = hv_canvas_text(canvas);

        g_assert_nonnull(strchr(text, '\\'));
        g_assert_cmpint(end, ==, hv_text_width(hostile[i]));
        g_assert_true(g_utf8_validate(text, -1, NULL));
        for (const char *at = text; *at; at++)
            g_assert_true((guchar)*at >= 0x20 || at[1] == '\0');
    }
}

static void
test_drawing_is_clipped(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(8, 3, FALSE);

    hv_canvas_clip(canvas, 2, 1, 4, 1);
    hv_canvas_fill(canvas, -5, -5, 100, 100, HV_ROLE_DIM, "#");
    assert_text(canvas, "\n  ####\n\n");
    g_assert_cmpint(hv_canvas_print(canvas, 0, 1, HV_ROLE_TEXT, "abcdefghij"), ==, 10);
    assert_text(canvas, "\n  cdef\n\n");
    hv_canvas_print(canvas, 0, 7, HV_ROLE_TEXT, "x");
    hv_canvas_clip(canvas, 0, 0, -1, -1);
    hv_canvas_print(canvas, -2, 0, HV_ROLE_TEXT, "xyz");
    assert_text(canvas, "z\n  cdef\n\n");
}

static void
test_half_of_a_wide_character_is_a_blank(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(6, 1, FALSE);

    g_assert_cmpint(hv_canvas_print(canvas, 1, 0, HV_ROLE_WARM, "虚拟"), ==, 5);
    g_assert_cmpint(canvas->cells[1].width, ==, 2);
    g_assert_cmpint(canvas->cells[2].width, ==, 0);
    assert_text(canvas, " 虚拟\n");
    assert_roles(canvas, " wwww\n");
    hv_canvas_print(canvas, 2, 0, HV_ROLE_TEXT, "x"); /* over the second half */
    assert_text(canvas, "  x拟\n");
    hv_canvas_print(canvas, 3, 0, HV_ROLE_TEXT, "y"); /* over the first half */
    assert_text(canvas, "  xy\n");

    hv_canvas_clear(canvas);
    hv_canvas_print(canvas, 5, 0, HV_ROLE_TEXT, "虚"); /* half outside */
    hv_canvas_print(canvas, -1, 0, HV_ROLE_TEXT, "虚");
    assert_text(canvas, "\n");
    hv_canvas_print(canvas, 0, 0, HV_ROLE_TEXT, "虚拟机");
    hv_canvas_clip(canvas, 1, 0, 4, 1);
    hv_canvas_fill(canvas, 0, 0, 6, 1, HV_ROLE_TEXT, "-");
    assert_text(canvas, " ----\n");
}

static void
test_combining_marks_share_their_cell(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(6, 1, FALSE);

    g_assert_cmpint(hv_canvas_print(canvas, 0, 0, HV_ROLE_TEXT, "e\xcc\x81x"), ==, 2);
    g_assert_cmpstr(canvas->cells[0].text, ==, "e\xcc\x81");
    g_assert_cmpint(hv_text_width("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81x"),
                    ==, 2);
    hv_canvas_print(canvas, 0, 0, HV_ROLE_TEXT,
                    "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81x");
    g_assert_true(g_utf8_validate(canvas->cells[0].text, -1, NULL));
    g_assert_cmpstr(canvas->cells[1].text, ==, "x");
}

static void
test_print_in_pads_aligns_and_cuts(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(12, 1, FALSE);
    static const struct {
        int width, align;
        const char *text, *expected;
    } cases[] = {
        { 5, -1, "ab", "|ab   |\n" },     { 5, 1, "ab", "|   ab|\n" },
        { 5, 0, "ab", "| ab  |\n" },      { 5, -1, "abcde", "|abcde|\n" },
        { 5, -1, "abcdef", "|abcd…|\n" }, { 5, 1, "abcdef", "|abcd…|\n" },
        { 4, -1, "虚拟机", "|虚… |\n" },  { 5, -1, "虚拟机", "|虚拟…|\n" },
        { 1, -1, "abc", "|…|\n" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        hv_canvas_clear(canvas);
        hv_canvas_print(canvas, 0, 0, HV_ROLE_TEXT, "|");
        hv_canvas_print(canvas, cases[i].width + 1, 0, HV_ROLE_TEXT, "|");
        hv_canvas_print_in(canvas, 1, 0, cases[i].width, cases[i].align, HV_ROLE_KEY,
                           cases[i].text);
        g_autofree char *text = hv_canvas_text(canvas);
        g_assert_cmpstr(text, ==, cases[i].expected);
    }
    hv_canvas_print_in(canvas, 0, 0, 0, -1, HV_ROLE_HOT, "abc");
    g_assert_cmpstr(canvas->cells[0].text, ==, "|");
}

static void
test_role_changes_keep_text_and_halves_together(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(6, 1, FALSE);

    hv_canvas_print(canvas, 0, 0, HV_ROLE_TEXT, "a虚b");
    hv_canvas_role(canvas, 0, 0, 2, 1, HV_ROLE_CURSOR);
    assert_text(canvas, "a虚b\n");
    assert_roles(canvas, "ccc\n");
    hv_canvas_role(canvas, 2, 0, 10, 1, HV_ROLE_HOT); /* begins in the second half */
    assert_roles(canvas, "ccc!!!\n");
}

static void
test_box_has_its_title(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(12, 3, FALSE);
    g_autoptr(HvCanvas) ascii = hv_canvas_new(12, 3, TRUE);

    hv_canvas_box(canvas, 0, 0, 12, 3, HV_ROLE_BOX, "plan 17");
    assert_text(canvas, "┌ plan 17 ─┐\n│          │\n└──────────┘\n");
    hv_canvas_box(ascii, 1, 0, 9, 3, HV_ROLE_BOX, "a long title");
    assert_text(ascii, " + a lo+-+\n |       |\n +-------+\n");
}

static void
test_sparkline_is_scaled_and_shows_gaps(void)
{
    static const float values[] = { 0, 0.01f, 1, 2, 4, NAN, 8 };
    g_autoptr(HvCanvas) canvas = hv_canvas_new(9, 1, FALSE);
    g_autoptr(HvCanvas) ascii = hv_canvas_new(9, 1, TRUE);

    hv_canvas_sparkline(canvas, 0, 0, 9, HV_ROLE_GRAPH, values, 7, 0);
    assert_text(canvas, "  ▁▁▁▂▄ █\n");
    assert_roles(canvas, "GGGGGGGGG\n");
    hv_canvas_sparkline(canvas, 0, 0, 4, HV_ROLE_GRAPH, values, 7, 16); /* the newest */
    assert_text(canvas, "▁▂ ▄▁▂▄ █\n");
    hv_canvas_sparkline(ascii, 0, 0, 9, HV_ROLE_GRAPH, values, 7, 8);
    assert_text(ascii, "  ___.- #\n");
    hv_canvas_sparkline(canvas, 0, 0, 9, HV_ROLE_GRAPH, values, 0, 0);
    assert_text(canvas, "\n");
}

static void
test_bar_has_eighths(void)
{
    static const struct {
        double ratio;
        const char *expected, *ascii;
    } cases[] = {
        { 0, "\n", "\n" },         { 0.001, "▏\n", "#\n" },
        { 0.5, "██\n", "##\n" },   { 0.53125, "██▏\n", "##\n" },
        { 1, "████\n", "####\n" }, { 7, "████\n", "####\n" },
        { NAN, "\n", "\n" },       { -1, "\n", "\n" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(HvCanvas) canvas = hv_canvas_new(6, 1, FALSE);
        g_autoptr(HvCanvas) ascii = hv_canvas_new(6, 1, TRUE);

        hv_canvas_bar(canvas, 0, 0, 4, HV_ROLE_TEXT, cases[i].ratio);
        hv_canvas_bar(ascii, 0, 0, 4, HV_ROLE_TEXT, cases[i].ratio);
        assert_text(canvas, cases[i].expected);
        assert_text(ascii, cases[i].ascii);
    }
}

static void
test_heat_has_five_steps(void)
{
    g_assert_cmpint(hv_canvas_heat(0), ==, HV_ROLE_HEAT_0);
    g_assert_cmpint(hv_canvas_heat(NAN), ==, HV_ROLE_HEAT_0);
    g_assert_cmpint(hv_canvas_heat(0.5), ==, HV_ROLE_HEAT_2);
    g_assert_cmpint(hv_canvas_heat(1), ==, HV_ROLE_HEAT_4);
    g_assert_cmpint(hv_canvas_heat(1e30), ==, HV_ROLE_HEAT_4);
}

static void
test_ascii_canvas_holds_ascii_only(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(30, 1, TRUE);

    g_assert_cmpint(hv_canvas_print(canvas, 0, 0, HV_ROLE_TEXT, "S0 → S1 ≈4 – 虚é▌…"), ==, 18);
    assert_text(canvas, "S0 > S1 ~4 - ???|.\n");
    hv_canvas_print_in(canvas, 0, 0, 4, -1, HV_ROLE_TEXT, "trainer");
    assert_text(canvas, "tra+ S1 ~4 - ???|.\n");
    for (int i = 0; i < canvas->columns; i++) {
        g_assert_true(g_str_is_ascii(canvas->cells[i].text));
        g_assert_cmpint(canvas->cells[i].width, ==, 1);
    }
}

static void
test_resize_clears_and_bounds(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(-3, 0, FALSE);

    g_assert_cmpint(canvas->columns, ==, 1);
    g_assert_cmpint(canvas->rows, ==, 1);
    hv_canvas_clip(canvas, 0, 0, 0, 0);
    hv_canvas_resize(canvas, 5, 2);
    hv_canvas_print(canvas, 3, 1, HV_ROLE_TEXT, "xyz");
    assert_text(canvas, "\n   xy\n");
    hv_canvas_resize(canvas, 1000000, 1);
    g_assert_cmpint(canvas->columns, <, 10000);
    hv_canvas_free(NULL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/canvas/every role has a letter and a name",
                    test_every_role_has_letter_and_name);
    g_test_add_func("/canvas/print is text and role", test_print_is_text_and_role);
    g_test_add_func("/canvas/unprintable bytes are escaped",
                    test_unprintable_bytes_are_escaped);
    g_test_add_func("/canvas/drawing is clipped", test_drawing_is_clipped);
    g_test_add_func("/canvas/half of a wide character is a blank",
                    test_half_of_a_wide_character_is_a_blank);
    g_test_add_func("/canvas/combining marks share their cell",
                    test_combining_marks_share_their_cell);
    g_test_add_func("/canvas/print_in pads, aligns and cuts",
                    test_print_in_pads_aligns_and_cuts);
    g_test_add_func("/canvas/a role keeps the halves of a character together",
                    test_role_changes_keep_text_and_halves_together);
    g_test_add_func("/canvas/a box has its title", test_box_has_its_title);
    g_test_add_func("/canvas/a sparkline is scaled and shows gaps",
                    test_sparkline_is_scaled_and_shows_gaps);
    g_test_add_func("/canvas/a bar has eighths", test_bar_has_eighths);
    g_test_add_func("/canvas/heat has five steps", test_heat_has_five_steps);
    g_test_add_func("/canvas/an ASCII canvas holds ASCII only",
                    test_ascii_canvas_holds_ascii_only);
    g_test_add_func("/canvas/resize clears and is bounded", test_resize_clears_and_bounds);
    return g_test_run();
}
