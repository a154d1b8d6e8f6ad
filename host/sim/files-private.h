/* What the files of the simulated machine have in common: sets as the kernel writes them, its words of writing,
 * its versions. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/fs.h"
#include "host/sim/world.h"

#define HV_SIM_PAGE_BYTES 4096u
#define HV_SIM_TICK_NS 10000000u /* 100 in a second */

/** hv_sim_set: "0-3,8". hv_sim_mask: hex words of @n_bits, "ff,00000003". Neither allocates; NULL is empty. */
void hv_sim_set(HvSimText *out, const HvSet *set);
void hv_sim_mask(HvSimText *out, const HvSet *set, guint n_bits);
/** hv_sim_write_set: what was written as a list of numbers below @n. NULL with *@errnum: EINVAL,
 * ERANGE, EOVERFLOW. */
HvSet *hv_sim_write_set(const char *text, guint n, int *errnum);
/** hv_sim_ticks: ns as the kernel's clock ticks of 10 ms. */
guint64 hv_sim_ticks(double ns);
/** hv_sim_kernel_is: the world's kernel is at least @major.@minor. */
gboolean hv_sim_kernel_is(const HvSimWorld *world, guint major, guint minor);
/** hv_sim_vhost_is_kernel: vhost threads are kernel threads outside QEMU's process (before 6.4). */
gboolean hv_sim_vhost_is_kernel(const HvSimWorld *world);
/** hv_sim_group_name: below the VM's group: "libvirt/vcpu3", or "" for a VM that libvirt did not start. */
void hv_sim_group_name(const HvSimThread *thread, char *name, gsize size);
/** hv_sim_vm_bytes: resident in pages of @kind and @cell (−1: all), of all nodes. */
guint64 hv_sim_vm_bytes(const HvSimWorld *world, const HvSimVm *vm, int cell, HvSimPageKind kind);
/** hv_sim_irq_pci: whether the irq's chip names that device. */
gboolean hv_sim_irq_is_of(const HvSimIrq *irq, const char *pci);

/* QEMU's own memory beside the guest's: code, heap, libraries, stacks; on the node of its first page. */
#define HV_SIM_QEMU_HEAP_PAGES 6144u
#define HV_SIM_QEMU_FILE_PAGES 2048u
#define HV_SIM_QEMU_STACK_PAGES 48u
/** hv_sim_vm_first_node: where QEMU's own memory is. */
guint hv_sim_vm_first_node(const HvSimVm *vm);

/* ---- parts of hv_sim_files_proc() and hv_sim_files_sys() ---- */

/** hv_sim_files_interrupts: proc/interrupts, softirqs and irq/. hv_sim_files_tasks: proc/PID of the VMs and of the
 * host's own threads. hv_sim_files_cpuinfo: what never changes: cpuinfo, version, mounts. */
/** hv_sim_files_process: proc/PID of one of the host's own. */
void hv_sim_files_process(HvSimFs *fs, HvSimWorld *world, HvSimThread *main);
void hv_sim_files_interrupts(HvSimFs *fs, HvSimWorld *world);
void hv_sim_files_tasks(HvSimFs *fs, HvSimWorld *world);
void hv_sim_files_fixed(HvSimFs *fs, HvSimWorld *world);
/** hv_sim_files_maps: numa_maps and maps of the VM's process. */
void hv_sim_files_maps(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm);
/** hv_sim_files_cpus: sys/devices/system/cpu. hv_sim_files_nodes: …/node. hv_sim_files_devices: sys/bus/pci,
 * sys/class/net, sys/block. hv_sim_files_kvm: modules, debugfs. */
void hv_sim_files_cpus(HvSimFs *fs, HvSimWorld *world);
void hv_sim_files_nodes(HvSimFs *fs, HvSimWorld *world);
void hv_sim_files_devices(HvSimFs *fs, HvSimWorld *world);
void hv_sim_files_kvm(HvSimFs *fs, HvSimWorld *world);
/** hv_sim_files_module: the vendor's part of KVM. hv_sim_kvm_users: VMs that hold it. */
void hv_sim_files_module(HvSimFs *fs, HvSimWorld *world);
guint hv_sim_kvm_users(const HvSimWorld *world);

/* ---- of one VM: its process, its control group, its counts in debugfs ---- */
void hv_sim_files_vm(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm);
void hv_sim_files_cgroup_vm(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm);
void hv_sim_files_kvm_vm(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm);
void hv_sim_files_kvm_vm_gone(HvSimFs *fs, const HvSimVm *vm);
