/* Fuzzes what the simulated kernel reads: numbers, lists and masks of cpus stay within their
 * limits. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/sim/kernel-text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const guint bases[] = { 0, 10, 16 };
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(HvSet) set = hv_set_new();
    guint64 number;
    int integer;

    for (guint i = 0; i < G_N_ELEMENTS(bases); i++) {
        if (hv_kernel_u64(text, bases[i], 1000, &number) == 0)
            g_assert_cmpuint(number, <=, 1000);
        (void)hv_kernel_int(text, bases[i], &integer);
    }
    for (guint n_bits = 1; n_bits <= 129; n_bits += 32) {
        if (hv_kernel_parse_list(text, n_bits, set) == 0)
            g_assert_cmpint(hv_set_last(set), <, (int)n_bits);
        if (hv_kernel_parse_mask(text, n_bits, set) == 0)
            g_assert_cmpint(hv_set_last(set), <, (int)n_bits);
    }
    return 0;
}
