/* Fuzzes meminfo and numastat of a memory node, and zoneinfo. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/node-files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    HvNumastat numastat;
    HvNodeMemory memory;
    guint64 low_bytes;

    if (!hv_zoneinfo_low(text, 0, &low_bytes))
        g_assert_cmpuint(low_bytes, ==, 0);
    hv_numastat_parse(text, &numastat);
    hv_node_meminfo_parse(text, &memory);
    g_assert_true(memory.has_total || memory.total_bytes == 0);
    g_assert_true(memory.has_free || memory.free_bytes == 0);
    return 0;
}
