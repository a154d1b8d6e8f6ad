/* Any bytes as /proc/PID/stat: refused, or its numbers are in range. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-parse.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    HvProcStat stat;

    if (hv_guest_parse_stat(text, &stat, &error)) {
        g_assert_no_error(error);
        g_assert_true(g_ascii_isalpha(stat.state));
        g_assert_cmpint(stat.ppid, >=, 0);
    } else {
        g_assert_nonnull(error);
    }
    return 0;
}
