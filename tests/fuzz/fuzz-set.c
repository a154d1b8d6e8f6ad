/* Fuzzes lists and masks of sets: what is accepted must survive its own text forms. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "model/set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_forms(const HvSet *set)
{
    g_autofree char *list = hv_set_to_text(set);
    g_autofree char *mask = hv_set_to_mask(set);
    g_autoptr(HvSet) from_list = hv_set_parse(list, NULL);
    g_autoptr(HvSet) from_mask = hv_set_parse_mask(mask, NULL);

    g_assert_true(from_list && hv_set_equal(from_list, set));
    g_assert_true(from_mask && hv_set_equal(from_mask, set));
    g_assert_cmpint(hv_set_last(set), <=, HV_SET_MAX);
}

static void
check_parser(HvSet *(*parse)(const char *text, GError **error), const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvSet) set = parse(text, &error);

    g_assert_true(!set == (error != NULL));
    if (set)
        check_forms(set);
    else
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);

    check_parser(hv_set_parse, text);
    check_parser(hv_set_parse_mask, text);
    return 0;
}
