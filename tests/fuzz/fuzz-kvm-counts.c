/* Fuzzes the names of libvirt's statistics of vCPUs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/kvm-counts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) fields = g_strsplit(text, "\n", 64);
    g_autoptr(HvKvmReading) reading = hv_kvm_reading_new();
    guint64 sum;

    for (char **field = fields; *field; field++)
        hv_kvm_reading_add(reading, *field, 1);
    hv_kvm_reading_sum(reading);
    for (guint i = 0; i < HV_KVM_N_COUNTS; i++)
        if (hv_kvm_counts_get(&reading->total, i, &sum))
            g_assert_cmpuint(sum, <=, reading->n_vcpus);
    return 0;
}
