/* Any bytes as a configuration file: taken or refused with an error, never both. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "app/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(GError) error = NULL;
    const gboolean is_taken = hv_settings_apply_text(options, (const char *)data, size, &error);

    g_assert_true(is_taken == (error == NULL));
    g_assert_cmpint(options->interval_ns, >=, 0);
    return 0;
}
