/* The vendor's KVM module and its parameter; and KVM's counts of single vCPUs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/kvm-module.h"

#include "host/kvm-module.h"
#include "probes/keep.h"
#include "probes/kvm-columns.h"

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
    HvKeep keep;
    HvKept file; /* its parameter; it vanishes when the module is unloaded */
    HvKvmFacts facts;
};

HvKvmModule *
hv_kvm_module_new(HvHost *host)
{
    HvKvmModule *module = g_new0(HvKvmModule, 1);

    module->keep = (HvKeep){ .host = host, .limit = 1 };
    return module;
}

void
hv_kvm_module_free(HvKvmModule *module)
{
    if (!module)
        return;
    hv_kept_clear(&module->keep, &module->file);
    hv_kvm_facts_clear(&module->facts);
    g_free(module);
}

void
hv_kvm_module_look(HvKvmModule *module)
{
    const HvKvmFacts *facts = &module->facts;

    hv_kvm_facts_read(module->keep.host, &module->facts);
    hv_kept_set(&module->keep, &module->file,
                facts->parameter ? g_strdup_printf("sys/module/%s/parameters/%s", facts->module,
                                                   facts->parameter)
                                 : NULL);
}

/* With the module its parameter is another file. */
static void
refresh(HvKvmModule *module)
{
    char text[16];

    if (!module->file.path)
        return;
    if (hv_kept_read(&module->keep, &module->file, text, sizeof text))
        module->facts.is_on = *text == 'Y' || *text == '1';
    else
        hv_kvm_module_look(module);
}

void
hv_kvm_module_emit(HvKvmModule *module, HvSink *out)
{
    const HvKvmFacts *facts = &module->facts;

    refresh(module);
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
