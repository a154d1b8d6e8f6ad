/* Fuzzes numa_maps and maps. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/numa-maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size), *copy = g_strdup(text);
    g_autofree HvNumaMapping *mapping = g_new(HvNumaMapping, 1);
    g_autoptr(GError) error = NULL, maps_error = NULL;
    HvMapping range;
    char *at = text;

    while (hv_numa_maps_next(&at, mapping, &error)) {
        g_assert_cmpuint(mapping->n_nodes, <=, HV_NUMA_MAX_NODES);
        g_assert_nonnull(mapping->policy);
        g_assert_true(!mapping->file ||
                      (mapping->file >= text && mapping->file <= text + size));
    }
    at = copy;
    while (hv_maps_next(&at, &range, &maps_error))
        g_assert_cmpuint(range.start, <, range.end);
    return 0;
}
