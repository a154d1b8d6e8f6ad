/* Fuzzes what irqbalance answers: a list of interrupts, or a reason and nothing changed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/irqbalance.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(HvSet) banned = hv_set_new();
    g_autoptr(GError) error = NULL;
    guint64 period_s = G_MAXUINT64;
    const gboolean is_good = hv_irqbalance_parse(text, banned, &period_s, &error);

    g_assert_cmpint(is_good, ==, error == NULL);
    g_assert_true(is_good ? period_s <= G_MAXINT : period_s == G_MAXUINT64);
    g_assert_true(is_good || hv_set_is_empty(banned));
    return 0;
}
