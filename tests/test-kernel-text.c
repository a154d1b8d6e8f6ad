/* Numbers and sets of cpus as the simulated kernel reads them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/kernel-text.h"

#include <errno.h>

static void
test_kernel_lists(void)
{
    static const struct {
        const char *text;
        int result;
        const char *cpus;
    } lists[] = {
        { "0-3,8\n", 0, "0-3,8" },
        { " 1 , 3\n", 0, "1,3" },
        { "", 0, "" },
        { "all", 0, "0-15" },
        { "2-N", 0, "2-15" },
        { "0-7:1/2", 0, "0,2,4,6" },
        { "3-1", -EINVAL, NULL },
        { "1-", -EINVAL, NULL },
        { "1-20", -ERANGE, NULL },
        { "0-7:1/0", -EINVAL, NULL },
        { "99999999999", -EOVERFLOW, NULL },
    };

    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(HvSet) set = hv_set_new();
        g_autofree char *found = NULL;

        g_assert_cmpint(hv_kernel_parse_list(lists[i].text, 16, set), ==, lists[i].result);
        found = hv_set_to_text(set);
        if (lists[i].cpus)
            g_assert_cmpstr(found, ==, lists[i].cpus);
    }
}

static void
test_kernel_masks(void)
{
    g_autoptr(HvSet) set = hv_set_new();
    g_autofree char *found = NULL;

    g_assert_cmpint(hv_kernel_parse_mask("1,80000001\n", 40, set), ==, 0);
    found = hv_set_to_text(set);
    g_assert_cmpstr(found, ==, "0,31-32");
    g_assert_cmpint(hv_kernel_parse_mask("123456789", 40, set), ==, -EOVERFLOW);
    g_assert_cmpint(hv_kernel_parse_mask("1,0,0", 40, set), ==, -EOVERFLOW);
    g_assert_cmpint(hv_kernel_parse_mask("0x1", 40, set), ==, -EINVAL);
    g_assert_cmpint(hv_kernel_parse_mask("100,0", 40, set), ==, -EOVERFLOW);
}

static void
test_kernel_numbers(void)
{
    guint64 number;
    int integer;

    g_assert_cmpint(hv_kernel_u64("+12\n", 10, 100, &number), ==, 0);
    g_assert_cmpuint(number, ==, 12);
    g_assert_cmpint(hv_kernel_u64("0x1f", 16, 100, &number), ==, 0);
    g_assert_cmpuint(number, ==, 31);
    g_assert_cmpint(hv_kernel_u64("017", 0, 100, &number), ==, 0);
    g_assert_cmpuint(number, ==, 15);
    g_assert_cmpint(hv_kernel_u64("12 ", 10, 100, &number), ==, -EINVAL);
    g_assert_cmpint(hv_kernel_u64("101", 10, 100, &number), ==, -ERANGE);
    g_assert_cmpint(hv_kernel_int("-2147483648", 10, &integer), ==, 0);
    g_assert_cmpint(integer, ==, G_MININT);
    g_assert_cmpint(hv_kernel_int("2147483648", 10, &integer), ==, -ERANGE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernel-text/lists are the kernel's", test_kernel_lists);
    g_test_add_func("/kernel-text/masks are the kernel's", test_kernel_masks);
    g_test_add_func("/kernel-text/numbers are the kernel's", test_kernel_numbers);
    return g_test_run();
}
