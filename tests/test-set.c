/* Tests of sets: their list and mask forms, and what they answer. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/set.h"

#include <string.h>

#include "model/error.h"

static void
assert_text(const HvSet *set, const char *expected)
{
    g_autofree char *text = hv_set_to_text(set);

    g_assert_cmpstr(text, ==, expected);
}

static void
assert_mask(const HvSet *set, const char *expected)
{
    g_autofree char *text = hv_set_to_mask(set);

    g_assert_cmpstr(text, ==, expected);
}

static HvSet *
parsed(const char *text)
{
    g_autoptr(GError) error = NULL;
    HvSet *set = hv_set_parse(text, &error);

    g_assert_no_error(error);
    return set;
}

static void
test_lists_become_the_form_of_the_kernel(void)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "", "" },
        { "\n", "" },
        { "0", "0" },
        { "0-3,8", "0-3,8" },
        { " 0-3,8\n", "0-3,8" },
        { "8,0-3", "0-3,8" },
        { "0,1,2,3", "0-3" },
        { "3-5,4-9,4", "3-9" },
        { "007", "7" },
        { "5-5", "5" },
        { "1048575", "1048575" },
        { "0-1048575", "0-1048575" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(HvSet) set = parsed(cases[i].text);

        assert_text(set, cases[i].expected);
    }
}

static void
test_bad_lists_are_refused(void)
{
    static const char *const cases[] = {
        "x",
        "0-",
        "-3",
        "3-1",
        "0,,1",
        "0,",
        ",0",
        ",",
        "0 1",
        "0- 3",
        "0-3-5",
        "0-31:2/4",
        "+1",
        "1.5",
        "0x3",
        "1048576",
        "0-1048576",
        "1\n2",
        "all",
        "4294967296",
        "18446744073709551616",
        "0-3,é",
        "99999999999999999999",
        "1,2,\n3",
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(hv_set_parse(cases[i], &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

static void
test_an_error_names_the_bad_part_and_nothing_dangerous(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_set_parse("0-3,\033[2J,9", &error));
    g_assert_nonnull(strstr(error->message, "[2J"));
    g_assert_null(strchr(error->message, '\033'));
    g_assert_null(strstr(error->message, "0-3"));
}

static void
test_masks_are_words_of_32_bits(void)
{
    static const struct {
        const char *text, *list, *mask;
    } cases[] = {
        { "0", "", "0" },
        { "00000000,00000000\n", "", "0" },
        { "3", "0-1", "3" },
        { "ff,00000003", "0-1,32-39", "ff,00000003" },
        { "80000000", "31", "80000000" },
        { "1,00000000,00000000", "64", "1,00000000,00000000" },
        { "0000000f,F", "0-3,32-35", "f,0000000f" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HvSet) set = hv_set_parse_mask(cases[i].text, &error);

        g_assert_no_error(error);
        assert_text(set, cases[i].list);
        assert_mask(set, cases[i].mask);
    }
}

static void
test_bad_masks_are_refused(void)
{
    static const char *const cases[] = { "0x3",       "g",   "1,", ",1", "1,,1",
                                         "123456789", "f f", "-1", "f-f" };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(hv_set_parse_mask(cases[i], &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

static void
test_a_mask_has_as_many_words_as_the_largest_set(void)
{
    GString *text = g_string_new("80000000");
    guint n_words = (HV_SET_MAX + 1) / 32;
    g_autoptr(GError) error = NULL;

    for (guint i = 1; i < n_words; i++)
        g_string_append(text, ",00000000");

    g_autoptr(HvSet) set = hv_set_parse_mask(text->str, &error);

    g_assert_no_error(error);
    assert_text(set, G_STRINGIFY(HV_SET_MAX));
    g_string_prepend(text, "0,");
    g_assert_null(hv_set_parse_mask(text->str, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_string_free(text, TRUE);
}

static void
test_null_is_an_empty_set_to_ask(void)
{
    g_autoptr(HvSet) empty = hv_set_new();
    g_autoptr(HvSet) some = parsed("4");

    g_assert_true(hv_set_is_empty(NULL));
    g_assert_cmpuint(hv_set_count(NULL), ==, 0);
    g_assert_false(hv_set_has(NULL, 0));
    g_assert_true(hv_set_equal(NULL, NULL));
    g_assert_true(hv_set_equal(NULL, empty));
    g_assert_true(hv_set_equal(empty, NULL));
    g_assert_false(hv_set_equal(some, NULL));
    g_assert_true(hv_set_is_subset(NULL, some));
    g_assert_true(hv_set_is_subset(empty, NULL));
    g_assert_false(hv_set_is_subset(some, NULL));
    g_assert_false(hv_set_intersects(some, NULL));
    g_assert_cmpint(hv_set_next(NULL, -1), ==, -1);
    g_assert_cmpint(hv_set_last(NULL), ==, -1);
    g_assert_null(hv_set_copy(NULL));
    assert_text(NULL, "");
    assert_mask(NULL, "0");
}

static void
test_null_is_an_empty_set_to_combine_with(void)
{
    g_autoptr(HvSet) set = parsed("1-2");

    hv_set_union(set, NULL);
    assert_text(set, "1-2");
    hv_set_subtract(set, NULL);
    assert_text(set, "1-2");
    hv_set_intersect(set, NULL);
    assert_text(set, "");
    hv_set_add(set, 3);
    hv_set_assign(set, NULL);
    assert_text(set, "");
}

static void
test_sets_combine(void)
{
    g_autoptr(HvSet) a = parsed("0-7");
    g_autoptr(HvSet) b = parsed("4-11,200");
    g_autoptr(HvSet) set = hv_set_copy(a);

    hv_set_union(set, b);
    assert_text(set, "0-11,200");
    hv_set_assign(set, a);
    hv_set_intersect(set, b);
    assert_text(set, "4-7");
    g_assert_true(hv_set_is_subset(set, a));
    g_assert_false(hv_set_is_subset(a, set));
    g_assert_true(hv_set_intersects(a, b));
    hv_set_assign(set, b);
    hv_set_subtract(set, a);
    assert_text(set, "8-11,200");
    g_assert_false(hv_set_intersects(set, a));
    assert_text(b, "4-11,200");
}

static void
test_members_are_changed_one_by_one(void)
{
    g_autoptr(HvSet) set = hv_set_new();

    hv_set_add(set, 5);
    hv_set_add_range(set, 7, 9);
    hv_set_add(set, HV_SET_MAX);
    hv_set_remove(set, 8);
    hv_set_remove(set, 100);
    assert_text(set, "5,7,9,1048575");
    g_assert_cmpuint(hv_set_count(set), ==, 4);
    g_assert_cmpint(hv_set_last(set), ==, HV_SET_MAX);
    g_assert_true(hv_set_has(set, 7));
    g_assert_false(hv_set_has(set, 8));
    g_assert_false(hv_set_has(set, HV_SET_MAX + 1));
    hv_set_clear(set);
    g_assert_true(hv_set_is_empty(set));
}

static void
test_members_come_in_rising_order(void)
{
    static const int expected[] = { 0, 3, 64, 1000 };
    g_autoptr(HvSet) set = parsed("1000,3,64,0");
    guint n = 0;

    HV_SET_FOREACH(number, set)
    {
        g_assert_cmpuint(n, <, G_N_ELEMENTS(expected));
        g_assert_cmpint(number, ==, expected[n++]);
    }
    g_assert_cmpuint(n, ==, G_N_ELEMENTS(expected));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/set/lists become the form of the kernel",
                    test_lists_become_the_form_of_the_kernel);
    g_test_add_func("/set/bad lists are refused", test_bad_lists_are_refused);
    g_test_add_func("/set/an error names the bad part and nothing dangerous",
                    test_an_error_names_the_bad_part_and_nothing_dangerous);
    g_test_add_func("/set/masks are words of 32 bits", test_masks_are_words_of_32_bits);
    g_test_add_func("/set/bad masks are refused", test_bad_masks_are_refused);
    g_test_add_func("/set/a mask has as many words as the largest set",
                    test_a_mask_has_as_many_words_as_the_largest_set);
    g_test_add_func("/set/NULL is an empty set to ask", test_null_is_an_empty_set_to_ask);
    g_test_add_func("/set/NULL is an empty set to combine with",
                    test_null_is_an_empty_set_to_combine_with);
    g_test_add_func("/set/sets combine", test_sets_combine);
    g_test_add_func("/set/members are changed one by one", test_members_are_changed_one_by_one);
    g_test_add_func("/set/members come in rising order", test_members_come_in_rising_order);
    return g_test_run();
}
