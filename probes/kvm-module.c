/* The vendor's KVM module and its parameter; and KVM's counts of single vCPUs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/kvm-module.h"

#include "host/kvm-module.h"
#include "probes/kvm-columns.h"

#define PERIOD_NS (2 * G_GINT64_CONSTANT(1000000000))

/* ---- kvm_vcpus ---- */

enum {
    VM,
    VCPU,
    READ_NS,
    HV_KVM_EACH_COUNT(HV_KVM_COUNTER_NUMBER) HV_KVM_EACH_COUNT(HV_KVM_RATE_NUMBER)
};

static const HvColumn vcpu_columns[] = {
    [VM] = { .name = "vm", .kind = HV_KIND_KEY, .help = N_("name of the VM") },
    [VCPU] = { .name = "vcpu", .kind = HV_KIND_ID, .help = N_("its vCPU") },
    [READ_NS] = HV_KVM_READ_NS,
    HV_KVM_EACH_COUNT(HV_KVM_COUNTER_COLUMN) HV_KVM_EACH_COUNT(HV_KVM_RATE_COLUMN){ 0 },
};
const HvSchema hv_kvm_vcpus_schema = { .name = "kvm_vcpus",
                                       .columns = vcpu_columns,
                                       .raw = TRUE };

void
hv_kvm_emit_vcpus(HvSink *out, const HvGuest *guest)
{
    for (guint i = 0; guest->kvm && i < guest->kvm->n_vcpus; i++) {
        const HvKvmCounts *counts = &guest->kvm->vcpus[i];

        if (!counts->has)
            continue;
        hv_row_text_u64(out, guest->name, i);
        hv_u64(out, READ_NS, (guint64)guest->kvm->read_ns);
        for (guint k = 0; k < HV_KVM_N_COUNTS; k++) {
            guint64 value;

            if (hv_kvm_counts_get(counts, k, &value))
                hv_u64(out, N_EXITS + k, value);
        }
    }
}

/* ---- kvm_host ---- */

enum { MODULE, PARAMETER, APICV };

static const HvColumn host_columns[] = {
    [MODULE] = { .name = "module",
                 .kind = HV_KIND_KEY,
                 .help = N_("the vendor's part of KVM: kvm_intel, kvm_amd") },
    [PARAMETER] = { .name = "parameter",
                    .kind = HV_KIND_TEXT,
                    .help = N_("its parameter that allows interrupts without exits") },
    [APICV] = { .name = "apicv", .kind = HV_KIND_BOOL, .help = N_("that parameter is on") },
    { 0 },
};
const HvSchema hv_kvm_host_schema = { .name = "kvm_host",
                                      .columns = host_columns,
                                      .raw = TRUE };

struct HvKvmModule {
    HvHost *host;
    HvKvmFacts facts;
    gint64 read_ns;
};

HvKvmModule *
hv_kvm_module_new(HvHost *host)
{
    HvKvmModule *module = g_new0(HvKvmModule, 1);

    module->host = host;
    return module;
}

void
hv_kvm_module_free(HvKvmModule *module)
{
    if (!module)
        return;
    hv_kvm_facts_clear(&module->facts);
    g_free(module);
}

void
hv_kvm_module_emit(HvKvmModule *module, HvSink *out)
{
    const HvKvmFacts *facts = &module->facts;
    const gint64 now_ns = hv_sink_now_ns(out);

    if (!module->read_ns || now_ns - module->read_ns >= PERIOD_NS) {
        hv_kvm_facts_read(module->host, &module->facts);
        module->read_ns = now_ns;
    }
    if (!facts->module) {
        hv_sink_why(out, N_("KVM is not loaded here"));
        return;
    }
    hv_row(out, facts->module);
    if (facts->parameter) {
        hv_text(out, PARAMETER, facts->parameter);
        hv_bool(out, APICV, facts->is_on);
    } else {
        hv_none_error(out, PARAMETER, facts->error);
        hv_none_error(out, APICV, facts->error);
    }
}
