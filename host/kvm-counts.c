/* What KVM counts of a VM and of each of its vCPUs: names, and a set of such numbers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/kvm-counts.h"

#include <string.h>

#define MAX_VCPUS 4096u

#define NAME_OF(NAME, COUNTER, RATE, UNIT, RATE_UNIT, HELP) [HV_KVM_##NAME] = (COUNTER),
static const char *const names[HV_KVM_N_COUNTS] = { HV_KVM_EACH_COUNT(NAME_OF) };

const char *
hv_kvm_count_name(HvKvmCount count)
{
    return names[count];
}

gboolean
hv_kvm_count_find(const char *name, gsize length, HvKvmCount *count)
{
    for (guint i = 0; i < HV_KVM_N_COUNTS; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
            *count = i;
            return TRUE;
        }
    return FALSE;
}

void
hv_kvm_counts_set(HvKvmCounts *counts, HvKvmCount count, guint64 value)
{
    counts->has |= 1u << count;
    counts->values[count] = value;
}

gboolean
hv_kvm_counts_get(const HvKvmCounts *counts, HvKvmCount count, guint64 *value)
{
    *value = counts->values[count];
    return (counts->has >> count & 1) != 0;
}

HvKvmReading *
hv_kvm_reading_new(void)
{
    HvKvmReading *reading = g_new0(HvKvmReading, 1);

    g_atomic_ref_count_init(&reading->refs);
    return reading;
}

static HvKvmCounts *
need_vcpu(HvKvmReading *reading, guint64 number)
{
    if (number >= reading->n_vcpus) {
        reading->vcpus = g_renew(HvKvmCounts, reading->vcpus, number + 1);
        memset(&reading->vcpus[reading->n_vcpus], 0,
               (number + 1 - reading->n_vcpus) * sizeof *reading->vcpus);
        reading->n_vcpus = (guint)number + 1;
    }
    return &reading->vcpus[number];
}

/* Source: libvirt 9.0 virConnectGetAllDomainStats(3), group vcpu. */
void
hv_kvm_reading_add(HvKvmReading *reading, const char *field, guint64 value)
{
    static const char prefix[] = "vcpu.", suffix[] = ".sum";
    guint64 vcpu;
    char *end;
    HvKvmCount count;
    gsize length;

    if (!g_str_has_prefix(field, prefix) || !g_ascii_isdigit(field[strlen(prefix)]))
        return;
    vcpu = g_ascii_strtoull(field + strlen(prefix), &end, 10);
    if (*end != '.' || vcpu >= MAX_VCPUS || !g_str_has_suffix(end, suffix))
        return;
    end++;
    length = strlen(end);
    if (length > strlen(suffix) && hv_kvm_count_find(end, length - strlen(suffix), &count))
        hv_kvm_counts_set(need_vcpu(reading, vcpu), count, value);
}

void
hv_kvm_reading_sum(HvKvmReading *reading)
{
    reading->total = (HvKvmCounts){ 0 };
    for (guint i = 0; i < reading->n_vcpus; i++) {
        const HvKvmCounts *vcpu = &reading->vcpus[i];

        reading->total.has |= vcpu->has;
        for (guint k = 0; k < HV_KVM_N_COUNTS; k++)
            reading->total.values[k] += vcpu->values[k];
    }
}

HvKvmReading *
hv_kvm_reading_ref(HvKvmReading *reading)
{
    if (reading)
        g_atomic_ref_count_inc(&reading->refs);
    return reading;
}

void
hv_kvm_reading_unref(HvKvmReading *reading)
{
    if (!reading || !g_atomic_ref_count_dec(&reading->refs))
        return;
    g_free(reading->vcpus);
    g_free(reading);
}
