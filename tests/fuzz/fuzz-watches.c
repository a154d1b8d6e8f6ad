/* Fuzzes what watches print. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdint.h>

#include "probes/watches.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *line = g_strndup((const char *)data, size);
    double value;

    if (hv_watch_number(line, &value))
        g_assert_true(isfinite(value));
    return 0;
}
