/* How a scenario says what stands on its machine. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/sim.h"
#include "host/sim/world.h"

#define HV_SIM_GIB (G_GUINT64_CONSTANT(1) << 30)
#define HV_SIM_MIB (G_GUINT64_CONSTANT(1) << 20)
#define HV_SIM_MAX_CELLS 2

/* A scenario, whole. */
typedef struct {
    const char *name;
    const HvSimGeometry *geometry;
    gint64 history_ns;
    void (*build)(HvSimWorld *world);
} HvSimScenarioClass;

extern const HvSimScenarioClass hv_sim_class_redis, hv_sim_class_training,
    hv_sim_class_irq_storm, hv_sim_class_noisy, hv_sim_class_oom, hv_sim_class_fleet,
    hv_sim_class_lab;

/** hv_sim_scenario_class: by name, NULL or "" the default; NULL with MALFORMED for another. */
const HvSimScenarioClass *hv_sim_scenario_class(const char *name, GError **error);

/* ---- geometry.c ---- */
extern const HvSimGeometry hv_sim_geometry_intel; /* 2 x 32 cores */
extern const HvSimGeometry hv_sim_geometry_fleet; /* 8 x 32 cores */
extern const HvSimGeometry hv_sim_geometry_lab;   /* as the shared lab's: 2 x 2 cores */
/** hv_sim_geometry_vary: applies "amd,cdp,rmids=16,counters=8,kernel=6.12"; MALFORMED names the
 * word that is wrong. */
gboolean hv_sim_geometry_vary(HvSimGeometry *geometry, const char *variant, GError **error);
/** hv_sim_machine_make: cpus, nodes and links from world->geometry. */
void hv_sim_machine_make(HvSimWorld *world);

/* ---- scenario-build.c ---- */

/* Where the memory of a cell is: of its hot pages and of its cold ones, the part on each node;
 * the rest is untouched. */
typedef struct {
    const char *cpus; /* kernel list for the cell's vCPUs */
    double hot[HV_SIM_MAX_NODES], cold[HV_SIM_MAX_NODES];
} HvSimCellSpec;

/* A VM. What is left out: the usual. Texts are borrowed for the call. */
typedef struct {
    const char *name;
    const char *owner;
    guint n_vcpus;
    guint64 memory_bytes;
    HvSimPageKind pages;
    gboolean one_to_one; /* each vCPU is pinned to one cpu of its cell's list, in their order */
    gboolean unpinned;   /* no pin is defined; cpus say where it may be at first */
    HvSimCellSpec cells[HV_SIM_MAX_CELLS]; /* the second may be left out */
    const char *emulator_cpus;             /* NULL: those of the vCPUs, all cells */
    guint n_iothreads, n_vhosts;
    gboolean not_in_libvirt, transient, pinned_pages, apicv_inhibited;
    const char *passthrough; /* PCI address */
    const char *launch_security;
    HvGuestState state;                         /* HV_GUEST_RUNNING is 0 */
    guint64 cpu_weight;                         /* 100 */
    guint64 hard_limit_bytes, swap_limit_bytes; /* 0: none */
    guint64 balloon_bytes;                      /* 0: all */
    gint64 quota_us;                            /* 0: none; of 100 ms */
    HvSimLoad load;
} HvSimVmSpec;

/** hv_sim_scope_of: the control group of a VM that libvirt runs. (transfer full) */
char *hv_sim_scope_of(int id, const char *name);
/** hv_sim_add_vm: borrowed. */
HvSimVm *hv_sim_add_vm(HvSimWorld *world, const HvSimVmSpec *spec);
/** hv_sim_add_host_threads: what runs on any such host. */
void hv_sim_add_host_threads(HvSimWorld *world);
/** hv_sim_add_device: @os_name and @vm may be NULL. Borrowed. */
HvSimDevice *hv_sim_add_device(HvSimWorld *world, const char *pci, guint pci_class,
                               const char *os_name, int node, double dma_bytes_per_s,
                               HvSimVm *vm);
/** hv_sim_add_irqs: @n interrupts "NAME-0" … of @device, together @per_s, the i-th on the i-th
 * cpu of @cpus. */
void hv_sim_add_irqs(HvSimWorld *world, const HvSimDevice *device, const char *name, guint n,
                     const char *cpus, gboolean managed, double per_s, HvSimVm *vm);
/** hv_sim_add_usual: host threads, a shared network card whose interrupts are on @nic_cpus, and
 * a disk on each of the first two nodes. */
void hv_sim_add_usual(HvSimWorld *world, const char *nic_cpus, double nic_irqs_per_s);
/** hv_sim_add_watch. */
void hv_sim_add_watch(HvSimWorld *world, const char *name, const char *vm,
                      double (*value)(const HvSimWorld *world, const HvSimVm *vm));
/** hv_sim_watch_p99, hv_sim_watch_work: values of a watch. */
double hv_sim_watch_p99(const HvSimWorld *world, const HvSimVm *vm);
double hv_sim_watch_work(const HvSimWorld *world, const HvSimVm *vm);

/* ---- world.c ---- */
/** hv_sim_vm_alloc: with empty lists. */
HvSimVm *hv_sim_vm_alloc(void);

/* ---- sched.c ---- */
/** hv_sim_best_cpu: where @thread had best run. */
guint hv_sim_best_cpu(const HvSimWorld *world, const HvSimThread *thread);
