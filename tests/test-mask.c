/* Sets of cpus on the stack. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/mask.h"

static HvMask
parse(const char *text)
{
    HvMask mask;

    g_assert_true(hv_mask_parse(&mask, text));
    return mask;
}

static void
assert_text(const HvMask *mask, const char *expected)
{
    char text[128];

    hv_mask_text(mask, text, sizeof text);
    g_assert_cmpstr(text, ==, expected);
}

static void
test_lists_read_back_as_they_were_written(void)
{
    static const char *const lists[] = { "", "0", "0-3,8", "63-64", "1,3,5,127-130", "8191" };

    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        const HvMask mask = parse(lists[i]);

        assert_text(&mask, lists[i]);
    }
}

static void
test_what_is_no_list_is_refused(void)
{
    static const char *const bad[] = {
        "a", "1-", "1;2", "-1", "8192", "0-8192", "99999999999999999999", " 1", "3-1"
    };
    HvMask mask;

    g_assert_false(hv_mask_parse(&mask, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(hv_mask_parse(&mask, bad[i]));
}

static void
test_sets_of_different_lengths_work_together(void)
{
    const HvMask small = parse("1-2"), large = parse("2,700");
    HvMask mask = small;

    hv_mask_union(&mask, &large);
    assert_text(&mask, "1-2,700");
    hv_mask_subtract(&mask, &small);
    assert_text(&mask, "700");
    hv_mask_union(&mask, &small);
    hv_mask_intersect(&mask, &small);
    assert_text(&mask, "1-2");
    g_assert_true(hv_mask_equal(&mask, &small));
    g_assert_true(hv_mask_equal(&small, &mask));
    g_assert_false(hv_mask_equal(&small, &large));
    g_assert_true(hv_mask_intersects(&small, &large));
    g_assert_true(hv_mask_intersects(&large, &small));
    g_assert_false(hv_mask_is_subset(&large, &small));
    hv_mask_clear(&mask);
    g_assert_true(hv_mask_is_subset(&mask, &small));
    g_assert_cmpuint(hv_mask_count(&mask), ==, 0);
    g_assert_cmpuint(hv_mask_count(&large), ==, 2);
}

static void
test_members_come_in_order(void)
{
    const HvMask mask = parse("3,64,128");
    int expected[] = { 3, 64, 128 };
    guint n = 0;

    HV_MASK_FOREACH(cpu, &mask)
    g_assert_cmpint(cpu, ==, expected[n++]);
    g_assert_cmpuint(n, ==, 3);
    g_assert_true(hv_mask_has(&mask, 64));
    g_assert_false(hv_mask_has(&mask, 65));
    g_assert_false(hv_mask_has(&mask, 100000));
    g_assert_cmpint(hv_mask_next(&mask, HV_MASK_CPUS - 1), ==, -1);
}

static void
test_a_list_too_long_is_cut_after_a_range(void)
{
    const HvMask mask = parse("100-200,300,400-500,600,700");
    char text[32];

    hv_mask_text(&mask, text, sizeof text);
    g_assert_cmpstr(text, ==, "100-200,300,400-500…");
}

static void
test_it_is_made_of_a_set(void)
{
    g_autoptr(HvSet) set = hv_set_parse("2-4,9000", NULL);
    HvMask mask;

    hv_mask_of_set(&mask, set);
    assert_text(&mask, "2-4");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mask/lists read back as they were written",
                    test_lists_read_back_as_they_were_written);
    g_test_add_func("/mask/what is no list is refused", test_what_is_no_list_is_refused);
    g_test_add_func("/mask/sets of different lengths work together",
                    test_sets_of_different_lengths_work_together);
    g_test_add_func("/mask/members come in order", test_members_come_in_order);
    g_test_add_func("/mask/a list too long is cut after a range",
                    test_a_list_too_long_is_cut_after_a_range);
    g_test_add_func("/mask/it is made of a set", test_it_is_made_of_a_set);
    return g_test_run();
}
