/* Fuzzes pressure files and cpu.stat. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "probes/pressure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    HvPressure pressure = { 0 };
    HvThrottle throttle;

    hv_throttle_parse(text, &throttle);
    if (hv_pressure_parse(text, &pressure, &error))
        g_assert_true(pressure.has_some || pressure.some_ns == 0);
    else
        g_assert_nonnull(error);
    return 0;
}
