/* What KVM counts of a VM, and the columns that the tables of it have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/i18n.h"
#include "model/table.h"

/* X(NAME, name as the kernel writes it, name of its rate, unit of the counter, unit of the
 * rate, what it is). Source: kernel arch/x86/kvm/x86.c, kvm_vcpu_stats_desc;
 * virt/kvm/kvm_main.c. */
#define HV_KVM_EACH_COUNT(X)                                                                   \
    X(EXITS, "exits", "exits_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,                             \
      N_("times that its vCPUs left guest mode, all kinds"))                                   \
    X(HALT_EXITS, "halt_exits", "halt_exits_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,              \
      N_("exits because the guest had nothing to do"))                                         \
    X(IO_EXITS, "io_exits", "io_exits_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,                    \
      N_("exits for a port that is emulated"))                                                 \
    X(MMIO_EXITS, "mmio_exits", "mmio_exits_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,              \
      N_("exits for memory of a device that is emulated"))                                     \
    X(IRQ_WINDOW_EXITS, "irq_window_exits", "irq_window_exits_per_s", HV_UNIT_COUNT,           \
      HV_UNIT_PER_S, N_("exits because an interrupt waited until the guest would take it"))    \
    X(REQUEST_IRQ_EXITS, "request_irq_exits", "request_irq_exits_per_s", HV_UNIT_COUNT,        \
      HV_UNIT_PER_S, N_("exits to QEMU, which waited to inject an interrupt"))                 \
    X(IRQ_EXITS, "irq_exits", "irq_exits_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,                 \
      N_("exits because an interrupt of the host hit its cpu"))                                \
    X(SIGNAL_EXITS, "signal_exits", "signal_exits_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,        \
      N_("exits because its thread had a signal"))                                             \
    X(NMI_WINDOW_EXITS, "nmi_window_exits", "nmi_window_exits_per_s", HV_UNIT_COUNT,           \
      HV_UNIT_PER_S, N_("exits because an NMI waited"))                                        \
    X(HYPERCALLS, "hypercalls", "hypercalls_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,              \
      N_("calls of the guest to its hypervisor"))                                              \
    X(INSN_EMULATION, "insn_emulation", "insn_emulation_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,  \
      N_("instructions that KVM carried out for it"))                                          \
    X(IRQ_INJECTIONS, "irq_injections", "injections_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,      \
      N_("interrupts injected by software: next to none where APICv or AVIC serves it"))       \
    X(NMI_INJECTIONS, "nmi_injections", "nmi_injections_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,  \
      N_("NMIs injected"))                                                                     \
    X(HALT_WAKEUP, "halt_wakeup", "halt_wakeups_per_s", HV_UNIT_COUNT, HV_UNIT_PER_S,          \
      N_("times that a halted vCPU was woken"))                                                \
    X(HALT_POLL_SUCCESS_NS, "halt_poll_success_ns", "halt_poll_success_ratio", HV_UNIT_NS,     \
      HV_UNIT_RATIO, N_("cpus spent polling for a halted vCPU that was then needed"))          \
    X(HALT_POLL_FAIL_NS, "halt_poll_fail_ns", "halt_poll_fail_ratio", HV_UNIT_NS,              \
      HV_UNIT_RATIO, N_("cpus spent polling in vain"))                                         \
    X(DIRECTED_YIELD_ATTEMPTED, "directed_yield_attempted", "yields_tried_per_s",              \
      HV_UNIT_COUNT, HV_UNIT_PER_S, N_("times that a spinning vCPU offered its cpu"))          \
    X(DIRECTED_YIELD_SUCCESSFUL, "directed_yield_successful", "yields_per_s", HV_UNIT_COUNT,   \
      HV_UNIT_PER_S, N_("of those, taken by another vCPU"))

#define HV_KVM_COUNT_ENUM(NAME, COUNTER, RATE, UNIT, RATE_UNIT, HELP) HV_KVM_##NAME,
typedef enum { HV_KVM_EACH_COUNT(HV_KVM_COUNT_ENUM) HV_KVM_N_COUNTS } HvKvmCount;
