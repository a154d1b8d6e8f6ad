/* Tests of the number, word and line readers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/parse.h"

#include "model/error.h"

static void
test_lines_are_cut_in_place(void)
{
    char text[] = "one\n\nthree";
    char *rest = text;

    g_assert_cmpstr(hv_next_line(&rest), ==, "one");
    g_assert_cmpstr(hv_next_line(&rest), ==, "");
    g_assert_cmpstr(hv_next_line(&rest), ==, "three");
    g_assert_null(hv_next_line(&rest));
    g_assert_null(hv_next_line(&rest));
}

static void
test_words_are_cut_at_blanks_and_tabs(void)
{
    char text[] = " cpu0\t 12  ";
    char *rest = text;

    g_assert_cmpstr(hv_next_word(&rest), ==, "cpu0");
    g_assert_cmpstr(hv_next_word(&rest), ==, "12");
    g_assert_null(hv_next_word(&rest));
    g_assert_null(hv_next_word(&rest));
}

static void
test_chomp_removes_what_trails(void)
{
    char text[] = "0-3 \n\n", blank[] = "\n";

    g_assert_cmpstr(hv_chomp(text), ==, "0-3");
    g_assert_cmpstr(hv_chomp(blank), ==, "");
}

static void
test_u64_takes_all_of_its_range_and_nothing_else(void)
{
    static const char *const wrong[] = { "",
                                         "-1",
                                         "+1",
                                         " 1",
                                         "1 ",
                                         "1x",
                                         "0x1",
                                         "18446744073709551616",
                                         "99999999999999999999999" };
    guint64 value = 7;

    g_assert_true(hv_parse_u64("18446744073709551615", G_MAXUINT64, &value, NULL));
    g_assert_cmpuint(value, ==, G_MAXUINT64);
    g_assert_true(hv_parse_u64("100", 100, &value, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(hv_parse_u64(wrong[i], G_MAXUINT64, &value, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
    g_assert_cmpuint(value, ==, 100); /* untouched by what failed */
    g_assert_false(hv_parse_u64("101", 100, &value, NULL));
    g_assert_false(hv_parse_u64("5", 4, &value, NULL));
    g_assert_true(hv_parse_u64("0", 0, &value, NULL));
}

static void
test_int_takes_both_ends(void)
{
    gint64 value;

    g_assert_true(hv_parse_int("-9223372036854775808", G_MININT64, G_MAXINT64, &value, NULL));
    g_assert_cmpint(value, ==, G_MININT64);
    g_assert_true(hv_parse_int("9223372036854775807", G_MININT64, G_MAXINT64, &value, NULL));
    g_assert_cmpint(value, ==, G_MAXINT64);
    g_assert_false(hv_parse_int("9223372036854775808", G_MININT64, G_MAXINT64, &value, NULL));
    g_assert_false(hv_parse_int("-9223372036854775809", G_MININT64, G_MAXINT64, &value, NULL));
    g_assert_false(hv_parse_int("--1", -5, 5, &value, NULL));
    g_assert_false(hv_parse_int("-6", -5, 5, &value, NULL));
    g_assert_true(hv_parse_int("-1", -1, 5, &value, NULL));
    g_assert_cmpint(value, ==, -1);
}

static void
test_hex_with_and_without_prefix(void)
{
    guint64 value;

    g_assert_true(hv_parse_hex("0x020000", G_MAXUINT32, &value, NULL));
    g_assert_cmpuint(value, ==, 0x20000);
    g_assert_true(hv_parse_hex("ffffffffffffffff", G_MAXUINT64, &value, NULL));
    g_assert_cmpuint(value, ==, G_MAXUINT64);
    g_assert_false(hv_parse_hex("1ffffffffffffffff", G_MAXUINT64, &value, NULL));
    g_assert_false(hv_parse_hex("0x", G_MAXUINT64, &value, NULL));
    g_assert_false(hv_parse_hex("fg", G_MAXUINT64, &value, NULL));
}

static void
test_scan_moves_behind_the_digits(void)
{
    char text[] = "42/7", overflow[] = "18446744073709551616";
    char *rest = text, *large = overflow;
    guint64 value;

    g_assert_true(hv_scan_u64(&rest, &value));
    g_assert_cmpuint(value, ==, 42);
    g_assert_cmpstr(rest, ==, "/7");
    g_assert_false(hv_scan_u64(&rest, &value));
    g_assert_false(hv_scan_u64(&large, &value));
    g_assert_true(large == overflow);
}

static void
test_field_is_found_by_its_whole_name(void)
{
    const char *line = "some avg10=0.00 subtotal=9 total=1234";
    g_autoptr(GError) error = NULL, missing = NULL;
    guint64 value;

    g_assert_true(hv_field_u64(line, "total", G_MAXUINT64, &value, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(value, ==, 1234);
    g_assert_false(hv_field_u64(line, "avg10", G_MAXUINT64, &value, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_false(hv_field_u64(line, "full", G_MAXUINT64, &value, &missing));
    g_assert_error(missing, HV_ERROR, HV_ERROR_MALFORMED);
}

static void
test_kilobytes_become_bytes(void)
{
    const char *text =
        "MemTotal:       32 kB\nHugePages_Total:       3\nX: y\nBig: 18446744073709551615 kB\n";
    guint64 value;
    g_autoptr(GError) error = NULL, missing = NULL;

    g_assert_true(hv_colon_u64(text, "MemTotal", &value, NULL));
    g_assert_cmpuint(value, ==, 32768);
    g_assert_true(hv_colon_u64(text, "HugePages_Total", &value, NULL));
    g_assert_cmpuint(value, ==, 3);
    g_assert_false(hv_colon_u64(text, "X", &value, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_false(hv_colon_u64(text, "Big", &value, NULL));
    g_assert_false(hv_colon_u64(text, "Total", &value, &missing));
    g_assert_error(missing, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_key_is_not_found_in_a_longer_one(void)
{
    const char *text = "nr_throttled_long 5\nnr_throttled 7\n";
    guint64 value;
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_key_u64(text, "nr_throttled", &value, NULL));
    g_assert_cmpuint(value, ==, 7);
    g_assert_false(hv_key_u64(text, "nr_periods", &value, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_message_never_repeats_control_characters(void)
{
    g_autoptr(GError) error = NULL;
    guint64 value;

    g_assert_false(hv_parse_u64("\033[31mred\a", 5, &value, &error));
    g_assert_cmpstr(error->message, ==, "\"?[31mred?\" is not a number up to 5");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/parse/lines-are-cut-in-place", test_lines_are_cut_in_place);
    g_test_add_func("/parse/words-are-cut-at-blanks-and-tabs",
                    test_words_are_cut_at_blanks_and_tabs);
    g_test_add_func("/parse/chomp-removes-what-trails", test_chomp_removes_what_trails);
    g_test_add_func("/parse/u64-takes-all-of-its-range-and-nothing-else",
                    test_u64_takes_all_of_its_range_and_nothing_else);
    g_test_add_func("/parse/int-takes-both-ends", test_int_takes_both_ends);
    g_test_add_func("/parse/hex-with-and-without-prefix", test_hex_with_and_without_prefix);
    g_test_add_func("/parse/scan-moves-behind-the-digits", test_scan_moves_behind_the_digits);
    g_test_add_func("/parse/field-is-found-by-its-whole-name",
                    test_field_is_found_by_its_whole_name);
    g_test_add_func("/parse/kilobytes-become-bytes", test_kilobytes_become_bytes);
    g_test_add_func("/parse/key-is-not-found-in-a-longer-one",
                    test_key_is_not_found_in_a_longer_one);
    g_test_add_func("/parse/message-never-repeats-control-characters",
                    test_message_never_repeats_control_characters);
    return g_test_run();
}
