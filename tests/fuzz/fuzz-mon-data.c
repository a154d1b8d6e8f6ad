/* Fuzzes a counter's text: a number, or a reason without one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/resctrl-parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    const char *why = NULL;
    guint64 value = 1;
    const HvMark mark = hv_mon_value_parse(text, &value, &why);

    g_assert_cmpint(hv_mark_has_value(mark), ==, why == NULL);
    g_assert_true(hv_mark_has_value(mark) || value == 1);
    return 0;
}
