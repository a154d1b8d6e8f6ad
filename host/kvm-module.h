/* The vendor's KVM module: which it is, and its parameter for APICv or AVIC. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* Zeroed: nothing is known. Owns its texts. */
typedef struct {
    char *module;          /* "kvm_intel", "kvm_amd", "kvm_pvm"; NULL: KVM is not loaded */
    const char *parameter; /* "enable_apicv", "avic", static; NULL: see @error */
    gboolean is_on;
    GError *error;
} HvKvmFacts;

/** hv_kvm_facts_read: from sys/module; what was there is replaced. Any thread. Source: kernel
 * arch/x86/kvm/vmx/vmx.c, svm/svm.c: module_param. */
void hv_kvm_facts_read(HvHost *host, HvKvmFacts *facts);
void hv_kvm_facts_clear(HvKvmFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvKvmFacts, hv_kvm_facts_clear)
