/* The tables that the probe "kvm" fills. Only for it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/kvm-columns.h"

enum { HV_KVM_VMS, HV_KVM_VCPUS, HV_KVM_HOST }; /* order of the probe's schemas */

#define HV_KVM_COUNTER_NUMBER(NAME, COUNTER, RATE, UNIT, RATE_UNIT, HELP) N_##NAME,
#define HV_KVM_RATE_NUMBER(NAME, COUNTER, RATE, UNIT, RATE_UNIT, HELP) R_##NAME,
#define HV_KVM_COUNTER_COLUMN(NAME, COUNTER, RATE, UNIT, RATE_UNIT, HELP)                      \
    [N_##NAME] = { .name = (COUNTER),                                                          \
                   .kind = HV_KIND_COUNTER,                                                    \
                   .unit = (UNIT),                                                             \
                   .help = HELP,                                                               \
                   .hidden = TRUE },
#define HV_KVM_RATE_COLUMN(NAME, COUNTER, RATE, UNIT, RATE_UNIT, HELP)                         \
    [R_##NAME] = { .name = (RATE),                                                             \
                   .kind = HV_KIND_RATE,                                                       \
                   .unit = (RATE_UNIT),                                                        \
                   .help = HELP,                                                               \
                   .of = N_##NAME,                                                             \
                   .at = READ_NS },
#define HV_KVM_READ_NS                                                                         \
    {                                                                                          \
        .name = "read_ns", .kind = HV_KIND_U64, .unit = HV_UNIT_NS,                            \
        .help = N_("monotonic instant at which its counts were read"), .hidden = TRUE          \
    }
