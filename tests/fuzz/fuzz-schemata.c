/* Fuzzes schemata and size: what is told lies in the text, and a failure says why. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/resctrl-parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    const char *begin, *end;
} Text;

static void
check(const HvResctrlDomain *domain, gpointer data)
{
    const Text *text = data;

    g_assert_true(domain->resource >= text->begin && domain->resource <= text->end);
    g_assert_true(domain->value >= text->begin && domain->value <= text->end);
    g_assert_true(domain->has_number || domain->number == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *masks = g_strndup((const char *)data, size), *sizes = g_strdup(masks);
    const Text first = { masks, masks + size }, second = { sizes, sizes + size };
    g_autoptr(GError) error = NULL, size_error = NULL;
    Text text = first;

    g_assert_cmpint(hv_schemata_parse(masks, check, &text, &error), ==, error == NULL);
    text = second;
    g_assert_cmpint(hv_resctrl_size_parse(sizes, check, &text, &size_error), ==,
                    size_error == NULL);
    return 0;
}
