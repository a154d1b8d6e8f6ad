/* Any bytes as a JSON string: the result is UTF-8 without control characters. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "app/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *bytes = g_strndup((const char *)data, size);
    g_autoptr(GString) out = g_string_new(NULL);

    hv_json_append_string(out, bytes);
    g_assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
    for (gsize i = 0; i < out->len; i++)
        g_assert_cmpuint((guchar)out->str[i], >=, 0x20);
    return 0;
}
