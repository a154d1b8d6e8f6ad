/* Fuzzes what makes outside text safe to show: the result is valid, safe and short enough. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "model/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *whole = hv_text_printable(text, G_MAXSIZE);
    gsize max_chars = size > 0 ? data[0] : 0;
    g_autofree char *cut = hv_text_printable(text, max_chars);

    g_assert_true(g_utf8_validate(whole, -1, NULL));
    g_assert_true(hv_text_is_printable(whole));
    g_assert_true(hv_text_is_printable(text) == g_str_equal(text, whole));
    g_assert_true(g_utf8_validate(cut, -1, NULL));
    g_assert_true(hv_text_is_printable(cut));
    g_assert_true((gsize)g_utf8_strlen(cut, -1) <= max_chars);
    g_assert_true(strlen(cut) <= strlen(whole) + strlen("…"));
    return 0;
}
