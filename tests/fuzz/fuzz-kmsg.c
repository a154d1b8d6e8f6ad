/* Fuzzes records of the kernel log. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "probes/kmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    char *at = text;
    HvKmsg record;

    while (hv_kmsg_next(&at, &record)) {
        g_assert_cmpuint(record.level, <=, 7);
        g_assert_true(record.text >= text && record.text <= text + size);
        hv_kmsg_kind(record.text);
    }
    return 0;
}
