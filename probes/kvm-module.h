/* The vendor's KVM module and its parameter; and KVM's counts of single vCPUs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

extern const HvSchema hv_kvm_vcpus_schema, hv_kvm_host_schema;

/** hv_kvm_emit_vcpus: rows of kvm_vcpus for what libvirt told of @guest, if it did. */
void hv_kvm_emit_vcpus(HvSink *out, const HvGuest *guest);

typedef struct HvKvmModule HvKvmModule;
HvKvmModule *hv_kvm_module_new(HvHost *host);
/** hv_kvm_module_free: accepts NULL. */
void hv_kvm_module_free(HvKvmModule *module);
/** hv_kvm_module_look: finds which there is; none of its VMs runs without it, so it may have
 * changed when they come and go. */
void hv_kvm_module_look(HvKvmModule *module);
/** hv_kvm_module_emit: the row of kvm_host; allocates nothing in the steady state. */
void hv_kvm_module_emit(HvKvmModule *module, HvSink *out);
