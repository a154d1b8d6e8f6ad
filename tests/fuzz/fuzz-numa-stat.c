/* Fuzzes memory.numa_stat of both versions and hugetlb.SIZE.numa_stat. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/numa-stat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const GArray *parts)
{
    for (guint i = 0; i < parts->len; i++)
        g_assert_cmpuint(g_array_index(parts, HvNumaPart, i).node, <, HV_NUMA_MAX_NODES);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *v2 = g_strndup((const char *)data, size), *v1 = g_strdup(v2),
                    *huge = g_strdup(v2);
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(HvNumaPart));
    g_autoptr(GError) v2_error = NULL, v1_error = NULL, huge_error = NULL;

    (void)hv_hugetlb_page_bytes(v2);
    g_assert_true(hv_numa_stat_parse(v2, TRUE, parts, &v2_error) == !v2_error);
    check(parts);
    g_assert_true(hv_numa_stat_parse(v1, FALSE, parts, &v1_error) == !v1_error);
    check(parts);
    g_assert_true(hv_hugetlb_stat_parse(huge, 2u << 20, parts, &huge_error) == !huge_error);
    check(parts);
    return 0;
}
