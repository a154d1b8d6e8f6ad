/* Fuzzes QEMU's command line and maps, one behind the other, as guest memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "host/guest-memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *split = size ? memchr(data, '%', size) : NULL;
    const gsize n_bytes = split ? (gsize)(split - data) : size;
    g_autofree char *maps =
        split ? g_strndup((const char *)split + 1, size - n_bytes - 1) : g_strdup("");
    g_autoptr(GArray) backends = hv_guest_backends_new();
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(HvGuestRange));
    g_autoptr(GError) error = NULL;

    hv_guest_backends_parse((const char *)data, n_bytes, backends);
    g_assert_cmpuint(hv_guest_backends_cells(backends), <=, backends->len);
    g_assert_true(hv_guest_ranges_find(maps, backends, ranges, &error) == !error);
    for (guint i = 0; i < ranges->len; i++)
        g_assert_cmpuint(g_array_index(ranges, HvGuestRange, i).bytes, >, 0);
    return 0;
}
