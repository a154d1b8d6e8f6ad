/* Fuzzes /proc/cpuinfo. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "probes/cpu-ident.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    HvCpuIdent ident = { 0 };

    if (hv_cpu_ident_parse(text, &ident, &error))
        g_assert_cmpuint(ident.model, <=, G_MAXUINT);
    else
        g_assert_nonnull(error);
    return 0;
}
