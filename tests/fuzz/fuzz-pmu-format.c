/* Fuzzes the fields and events that sysfs tells of a PMU. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "probes/pmu-format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) field_error = NULL, terms_error = NULL;
    HvPmuTerm terms[HV_PMU_MAX_TERMS];
    HvCounterEvent event = { 0 };
    HvPmuField field;
    guint n;

    if (hv_pmu_field_parse(text, &field, &field_error)) {
        g_assert_cmpuint(field.mask, !=, 0);
        g_assert_true(hv_pmu_field_put(&field, 1, &event, NULL));
        g_assert_cmpuint(event.config | event.config1, ==, field.mask & (~field.mask + 1));
    } else {
        g_assert_nonnull(field_error);
    }
    if (hv_pmu_terms_parse(text, terms, &n, &terms_error))
        g_assert_cmpuint(n, <=, HV_PMU_MAX_TERMS);
    else
        g_assert_nonnull(terms_error);
    return 0;
}
