/* Whether APICv or AVIC serves a VM: what the numbers and its definition say, in words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* What is known of one VM. Rates are NAN, flags -1 where they are not known. */
typedef struct {
    const char *module, *parameter; /* "kvm_intel", "enable_apicv"; parameter NULL: none */
    gboolean is_on;                 /* the parameter */
    gboolean is_amd;
    gboolean tcg;
    double injections_per_s, wakeups_per_s, host_irqs_per_s, posted_per_s;
    int synic, hv_avic, pit_reinjected, nested_svm;
    double n_vcpus;              /* NAN unknown */
    const char *launch_security; /* or NULL */
} HvApicvFacts;

#define HV_APICV_WHY_BYTES 256
typedef struct {
    const char *state;            /* active, inhibited, likely, unknown, off: stable words */
    char why[HV_APICV_WHY_BYTES]; /* evidence, translated */
    const char *cause; /* what inhibits it, a stable word: parameter, pit, synic, sev, vcpus;
                          NULL: nothing does, or what does is not known */
    const char *cure;  /* static, N_("..."); NULL: none is needed, or there is none */
} HvApicvVerdict;

/** hv_apicv_judge: never "active" from configuration alone. Pure; any thread. Source: kernel
 * arch/x86/include/asm/kvm_host.h, enum kvm_apicv_inhibit; what each vendor heeds:
 * vmx/main.c, svm/avic.c. */
void hv_apicv_judge(const HvApicvFacts *facts, HvApicvVerdict *verdict);
