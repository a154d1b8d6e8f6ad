/* VMs in a private tree: the process, threads and cgroups of QEMU as procfs would show them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/support.h"

/** hv_test_rewrite: makes the file @path with @text, or gives it another text in place, as the
 * kernel does: whoever has it open reads the new one. hv_test_rewrite_printf: formatted. */
void hv_test_rewrite(const HvTestTree *tree, const char *path, const char *text);
void hv_test_rewrite_printf(const HvTestTree *tree, const char *path, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* What the files of one vCPU's thread say. */
typedef struct {
    guint64 run_ns, wait_ns;
    guint64 user_ticks, system_ticks, guest_ticks; /* user: guest included */
    guint cpu;
    const char *allowed; /* NULL: "0-3" */
    guint64 switches;
    char state; /* 0: S */
} HvTestVcpu;

/** hv_test_vm_add: a VM with that process and vCPUs, all numbers 0; its threads are @pid + 1 +
 * index. */
void hv_test_vm_add(const HvTestTree *tree, int pid, const char *name, guint n_vcpus);
/** hv_test_vm_remove_vcpu: takes its thread's directory away. */
void hv_test_vm_remove_vcpu(const HvTestTree *tree, int pid, guint index);
/** hv_test_vm_set_vcpu: writes its thread's files anew. */
void hv_test_vm_set_vcpu(const HvTestTree *tree, int pid, guint index, const HvTestVcpu *vcpu);
/** hv_test_host_add: a topology of one socket, @n_nodes nodes and @n_cpus cpus dealt to them in
 * blocks, and /proc/stat. */
void hv_test_host_add(const HvTestTree *tree, guint n_nodes, guint n_cpus);
/** hv_test_assert_near: equal but for rounding. */
#define hv_test_assert_near(found, expected)                                                   \
    hv_test_assert_near_at(G_STRLOC, #found, (found), (expected))
void hv_test_assert_near_at(const char *where, const char *what, double found, double expected);
