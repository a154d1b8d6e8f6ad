/* The simulated machine's state: cpus, nodes, caches, VMs, threads, pages; physics move it, files show it.
 * Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/guests.h"
#include "model/set.h"

#define HV_SIM_STEP_NS G_GINT64_CONSTANT(100000000) /* physics go in steps of 100 ms */
#define HV_SIM_MAX_NODES 8
#define HV_SIM_MAX_L3 64
#define HV_SIM_MAX_CLOSIDS 64
#define HV_SIM_MAX_RMIDS 512
#define HV_SIM_MAX_WAYS 32
#define HV_SIM_MAX_CPUS 512
#define HV_SIM_NO_NODE 255 /* a page that is not present */

typedef struct HvSimVm HvSimVm;
typedef struct HvSimWorld HvSimWorld;

typedef enum { HV_SIM_INTEL, HV_SIM_AMD } HvSimVendor;

/* The machine's build; fixed for a run. One NUMA node per package. Cpu numbers go as Linux numbers them on such a
 * host: first threads of all cores, package by package, then their siblings. */
typedef struct {
    HvSimVendor vendor;
    guint family, model; /* cpuid's */
    const char *cpu_model;
    guint n_packages, cores_per_package, threads_per_core, l3_per_package;
    guint64 node_bytes;
    guint64 base_hz;
    guint64 l3_bytes;    /* each L3 */
    guint n_ways;
    guint shareable_ways;       /* mask of the ways that device DMA fills too; 0 on AMD */
    guint n_l3_closids, n_mb_closids, n_rmids;
    gboolean cdp;               /* mounted with it */
    gboolean unmounted;         /* resctrl is not mounted at first */
    gboolean mb_per_thread_max; /* thread_throttle_mode max */
    guint n_amd_counters;       /* RMIDs that AMD hardware tracks at a time; 0: all */
    double dram_bytes_per_s;    /* each node's */
    double link_bytes_per_s;    /* each direction of each pair of packages */
    const char *kernel;         /* release, which decides words of errors and rates of page moves: "6.1.0-30-amd64" */
    gboolean adjacent_siblings; /* cpus are numbered core by core, siblings 0 and 1 */
    guint n_vms, n_vcpus;       /* of a fleet: VMs, and vCPUs of each; other scenarios: 0 */
} HvSimGeometry;

typedef struct {
    guint cpu;
    gboolean online;
    guint package, node, core, l3, sibling; /* sibling: the other PU of its core, or itself */
    guint closid, rmid;                     /* resctrl's default for tasks of the default group here */
    double busy_ratio, sibling_busy_ratio;  /* of the last step */
    double demand;                          /* sum of the demands placed here in this step */
    /* since boot, ns */
    double user_ns, system_ns, guest_ns, irq_ns, softirq_ns, steal_ns, idle_ns;
} HvSimCpu;

typedef struct {
    guint node, package;
    guint64 total_bytes;
    guint64 used_bytes;          /* by what is not a simulated VM's page: kernel, page cache, other processes */
    guint64 vm_bytes;            /* resident of VMs, kept by pages */
    guint64 huge_2m_total, huge_2m_free, huge_1g_total, huge_1g_free; /* pages */
    double use_ratio;            /* of its memory bandwidth, last step */
    double dram_read_bytes, dram_write_bytes; /* since boot: the memory controllers */
    double dma_bytes_per_s;      /* device traffic of the last step: in no VM */
    double local_allocations, remote_allocations; /* pages: numastat's local_node, other_node */
} HvSimNode;

/* Traffic of one direction between two packages. */
typedef struct {
    double use_ratio;  /* last step */
    double bytes;      /* since boot */
} HvSimLink;

/* What resctrl tells the hardware for one class; kept by resctrl, read by physics. */
typedef struct {
    gboolean used;
    guint32 code_mask[HV_SIM_MAX_L3]; /* without CDP both are the same */
    guint32 data_mask[HV_SIM_MAX_L3];
    guint mb[HV_SIM_MAX_L3];          /* the kernel's unit: percent, or eighths of GB/s */
} HvSimClass;

/* What the hardware counts for one RMID; kept by physics, read by resctrl. */
typedef struct {
    double occupancy_bytes[HV_SIM_MAX_L3];
    double total_bytes[HV_SIM_MAX_L3];
    double local_bytes[HV_SIM_MAX_L3];
} HvSimRmid;

/* One thread of a VM's process, or of the host itself (vm NULL). What each step reads comes first. */
typedef struct {
    HvSimVm *vm;
    HvThreadRole role;
    guint cpu;            /* where it last ran */
    guint closid, rmid;   /* of its group; closid 0 and rmid 0: the default group */
    guint cell;           /* vCPU: its guest NUMA cell */
    double demand;        /* cpus that it wants in this step, 0-1 */
    double got;           /* cpus that it had in the last step */
    double wait;          /* cpus that it waited for in the last step */
    double speed;         /* work per cpu time in the last step against an idle machine */
    double lines_per_s;   /* that it filled in the last step */
    /* since its start; user time is without the guest's */
    double run_ns, wait_ns, user_ns, system_ns, guest_ns;
    double instructions, accesses, misses;   /* of the L3 */
    guint64 n_timeslices, n_voluntary_switches, n_involuntary_switches;
    double node_share[HV_SIM_MAX_NODES]; /* of its misses in the last step, by node of the memory */
    double lines[HV_SIM_MAX_NODES];      /* filled from each node's memory, 64 bytes each */
    guint64 mask[HV_SIM_MAX_CPUS / 64];  /* cpus_allowed, for physics */
    int tid;
    guint index;
    guint64 start_ticks;
    char comm[16];
    HvSet *cpus_wanted;   /* by sched_setaffinity or libvirt */
    HvSet *cpus_cgroup;   /* its group's cpuset.cpus as written; empty: not limited */
    HvSet *cpus_allowed;  /* what results; never empty: see hv_world_place() */
    gint64 arrived_ns;    /* monotonic: when it came to that cpu's L3 */
} HvSimThread;

typedef enum { HV_SIM_PAGES_4K, HV_SIM_PAGES_THP, HV_SIM_PAGES_HUGE_2M, HV_SIM_PAGES_HUGE_1G } HvSimPageKind;

/* The guest RAM of one cell: one mapping of QEMU's. A page is what the kernel moves whole. */
typedef struct {
    guint cell;
    HvSimPageKind kind;
    guint64 address;      /* of its first byte in QEMU */
    guint64 page_bytes;   /* 4096, 2 MiB or 1 GiB */
    guint n_pages;
    guint8 *node_of;      /* per page: node, or HV_SIM_NO_NODE */
    guint8 *flags;        /* per page: HV_SIM_PAGE_HOT, _SPLIT */
    guint64 on_node[HV_SIM_MAX_NODES];     /* present pages */
    guint64 hot_on_node[HV_SIM_MAX_NODES]; /* of those, the hot ones */
    guint64 split_on_node[HV_SIM_MAX_NODES]; /* of those, the split ones */
    guint n_hot;                           /* pages, present or not */
} HvSimRegion;

#define HV_SIM_PAGE_HOT 1u
#define HV_SIM_PAGE_SPLIT 2u /* a THP that came back as small pages */
#define HV_SIM_PAGE_BUSY 4u  /* in use at the next attempt to move it; only that once */

/* What a VM does; parameters of the model, set by a scenario. */
typedef struct {
    double demand;               /* cpus wanted by each vCPU at an average moment, 0-1 */
    double demand_noise;         /* standard deviation of its AR(1) noise, φ below */
    double noise_phi;
    double day_amplitude;        /* of a slow swing of the load, and its period */
    gint64 day_period_ns;
    double cpi;                  /* cycles per instruction without misses of the L3 */
    double accesses_per_instruction; /* of the L3 */
    double miss_floor, miss_none;    /* m∞ and m0 of semantics §6 */
    double working_set_bytes;    /* K of semantics §6 */
    gboolean streams;            /* m0 = m∞ */
    double write_ratio;          /* of its lines that are also written back */
    gboolean closed_loop;        /* work always waits: faster means more of it; else so much of it arrives, and slower
                                    means more cpu */
    double arrivals_per_s;       /* open loop: λ of a server, 0 none */
    double service_cpu_ns;       /* S_cpu, and the misses of one request, M */
    double service_misses;
    double interrupts_per_s;     /* virtual interrupts that it takes when unhindered, each vCPU */
    double ipis_per_s;
    double network_bytes_per_s;  /* through vhost */
    double overlap;              /* misses of the L3 that are under way at a time; 0: 1 */
    double host_share;           /* of its misses: to the host's own memory on the node where it runs (page tables,
                                    sockets), allocated anew when it moves */
    double instructions_per_work; /* what is counted as work: an image; 0: work is not counted so */
    guint64 need_bytes;          /* memory that the guest would use; 0: what it has */
    double growth_bytes_per_s;   /* memory that it touches for the first time */
    double emulator_demand;      /* cpus that its emulator wants; 0: as usual */
} HvSimLoad;

struct HvSimVm {
    guint number; /* its place in world->vms */
    char *name, *uuid;
    int domain_id, pid;
    guint64 start_ticks;
    gint64 started_ns;    /* since 1970 */
    gboolean in_libvirt, persistent, tcg;
    HvGuestState state;
    char *owner;          /* or "" */
    char *cgroup;         /* "machine.slice/machine-qemu\\x2d1\\x2dredis-1.scope": below sys/fs/cgroup */
    GPtrArray *threads;   /* of HvSimThread: vCPUs first by index, then emulator, iothreads, vhost */
    guint n_vcpus, n_cells;
    GArray *regions;      /* of HvSimRegion, by cell */
    guint64 memory_bytes;
    gboolean pinned_pages;     /* VFIO: no page moves */
    char *launch_security;     /* "sev" or "" */
    char **passthrough;        /* PCI addresses, NULL-terminated, maybe empty */
    char **tap_names;
    HvSet *mems;               /* cpuset.mems as written; empty: not limited */
    char *numatune_mode;       /* libvirt's live <numatune>: "strict" …; NULL: none */
    char *numatune_nodes;      /* its nodeset, when there is a mode */
    char **vcpu_pins;          /* defined by libvirt: kernel lists, "" none; NULL-terminated */
    char *emulator_pin;        /* or NULL */
    char **iothread_pins; /* by iothread number, as vcpu_pins; NULL: none */
    guint64 hard_limit_bytes, soft_limit_bytes, swap_limit_bytes; /* G_MAXUINT64: none */
    guint64 balloon_bytes, swap_bytes;
    guint64 cpu_weight;
    gint64 quota_us, period_us; /* each vCPU; quota −1: none */
    gboolean is_gone, is_saved; /* it does not run; its memory is in libvirt's file */
    GPtrArray *saved_pages;     /* of guint8 by page: its nodes, for each region; NULL: it runs */
    guint apic; /* HvApicFacts of what it was started with */
    HvSimLoad load;
    /* what it does at present */
    double noise[3];            /* AR(1) states: demand, arrivals, latency */
    double work_per_s, p99_ms;  /* of the last step; p99 0: no server */
    double work;                /* since its start */
    double throttled_ns, n_periods, n_throttled, halt_poll_ns;
    double ipis;                    /* since its start, as the next */
    double kvm[HV_KVM_N_COUNTS];    /* what KVM counts, halt_poll_success_ns but for halt_poll_ns */
    double major_faults, oom_kills;
    double psi_cpu_ns, psi_memory_ns, psi_io_ns; /* "some" totals */
};

typedef struct {
    guint irq;
    char *name;            /* the action: "eth0-rx-3" */
    char *chip;            /* "PCI-MSIX-0000:81:00.0   3-edge" */
    HvSet *cpus;           /* smp_affinity as written */
    guint cpu;             /* effective */
    gboolean managed;
    gboolean banned;       /* irqbalance was told to leave it alone */
    guint balanced;        /* the cpu where irqbalance wants it */
    int node;
    double per_s;          /* when unhindered */
    HvSimVm *vm;           /* whose traffic it serves, or NULL */
    double *counts;        /* per cpu number, since boot */
} HvSimIrq;

typedef struct {
    char *pci, *class_name, *os_name; /* os_name may be NULL */
    guint pci_class;                  /* 0x020000 */
    int node;
    double dma_bytes_per_s;           /* in each direction */
    HvSimVm *vm;                      /* whose memory it reads and writes; NULL: its node's */
} HvSimDevice;

/* A number that a scenario gives as a watch. */
typedef struct {
    char *name;                                   /* "redis_p99_ms" */
    double (*value)(const HvSimWorld *world, const HvSimVm *vm);
    HvSimVm *vm;
} HvSimWatch;

struct HvSimWorld {
    const char *scenario;
    HvSimGeometry geometry;
    guint64 seed;
    GRand *rand;
    gint64 now_ns;      /* monotonic; physics have been moved to here */
    gint64 epoch_ns;    /* realtime − monotonic */
    guint n_cpus, n_nodes, n_l3;
    HvSimCpu *cpus;     /* by cpu number */
    HvSimNode *nodes;   /* by node number */
    HvSimLink links[HV_SIM_MAX_NODES][HV_SIM_MAX_NODES]; /* from package, to package */
    HvSimClass classes[HV_SIM_MAX_CLOSIDS];
    HvSimRmid rmids[HV_SIM_MAX_RMIDS];
    GPtrArray *vms;     /* of HvSimVm, by name */
    GPtrArray *irqs, *devices, *watches;
    GPtrArray *host_threads; /* of HvSimThread */
    GHashTable *by_tid;      /* tid → HvSimThread */
    guint64 layout;     /* grows when VMs or threads come or go; change: when pins or states do */
    guint64 change;
    gboolean resctrl_is_mounted;
    gboolean apicv;     /* the module's parameter */
    gboolean no_vendor_module; /* it is unloaded */
    char *modprobe_conf; /* etc/modprobe.d/hvtune.conf, or NULL */
    guint numa_balancing;
    guint64 halt_poll_ns;
    gboolean irqbalance;
    guint ksm;               /* 0 stopped, 1 runs, 2 stopped and taken apart */
    guint64 ksm_pages_sharing; /* places that merged pages save; only a scenario makes them */
    double context_switches;
    double numa_hint_faults, numa_pages_migrated;
    gpointer physics;   /* what physics keep for themselves: host/sim/physics-private.h */
};

/* ---- making and moving: host/sim/world.c, host/sim/scenario*.c ---- */

/** hv_world_new: the machine and VMs of a scenario, at the beginning of its history; @variant as in HvSimOptions.
 * MALFORMED for an unknown scenario or variant. (transfer full) */
HvSimWorld *hv_world_new(const char *scenario, const char *variant, guint64 seed, GError **error);
void hv_world_free(HvSimWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvSimWorld, hv_world_free)
/** hv_world_history_ns: what the scenario has behind it when it opens. */
gint64 hv_world_history_ns(const HvSimWorld *world);
/** hv_world_advance: moves physics by whole steps until less than one is left before @now_ns. Same seed and same
 * changes at the same times: same states. Allocates nothing in the steady state. */
void hv_world_advance(HvSimWorld *world, gint64 now_ns);
/** hv_world_place: the thread's cpus_allowed from what was wanted, its group and what is online; moves it when it may
 * no longer run where it is. To be called after a change of any of these. */
void hv_world_place(HvSimWorld *world, HvSimThread *thread);
/** hv_world_vm: by name, or NULL. hv_world_vm_of_pid, hv_world_thread: by pid; by tid; or NULL. */
HvSimVm *hv_world_vm(const HvSimWorld *world, const char *name);
HvSimVm *hv_world_vm_of_pid(const HvSimWorld *world, int pid);
HvSimThread *hv_world_thread(const HvSimWorld *world, int tid);
/** hv_world_place_irq: irq->cpu from irq->cpus and what is online. To be called after a change of either. */
void hv_world_place_irq(HvSimWorld *world, HvSimIrq *irq);

/* ---- pages: host/sim/pages.c ---- */

/** hv_world_page: the region and page of @address in @vm; FALSE: not mapped. */
gboolean hv_world_page(const HvSimVm *vm, guint64 address, HvSimRegion **region, guint *page);
/** hv_world_move_page: moves one page to @node as move_pages(2) would. Returns: the node it is on afterwards, or
 * -ENOENT (not present), -EBUSY (pinned), -ENOMEM (no room, or no free huge page), -ENODEV (no such node), -EACCES
 * (outside the cpuset). Time passes for it in the next steps. */
int hv_world_move_page(HvSimWorld *world, HvSimVm *vm, HvSimRegion *region, guint page, guint node);
/** hv_world_take_move_ns: how long the calls of hv_world_move_page() since the last question have kept their caller:
 * move_pages(2) returns when the pages are there, so a caller lets that much time pass. */
gint64 hv_world_take_move_ns(HvSimWorld *world);
/** hv_world_resident_bytes: of @vm on @node in pages of that kind, and of @cell (−1: all). */
guint64 hv_world_resident_bytes(const HvSimVm *vm, int cell, HvSimPageKind kind, guint node);
/** hv_world_free_bytes: free on @node. */
guint64 hv_world_free_bytes(const HvSimWorld *world, guint node);
/** hv_world_set_mems: cpuset.mems of the VM; moves its pages there, over the next steps, as the kernel does. */
void hv_world_set_mems(HvSimWorld *world, HvSimVm *vm, const HvSet *nodes);
/** hv_world_follows_mems: its pages are still on their way there. */
gboolean hv_world_follows_mems(const HvSimWorld *world, const HvSimVm *vm);

/* ---- resctrl: host/sim/resctrl*.c ---- */

typedef struct HvSimResctrl HvSimResctrl;
typedef struct HvSimFs HvSimFs;
/** hv_sim_resctrl_new: the mounted file system below sys/fs/resctrl, in @fs; keeps world->classes, the threads'
 * closid and rmid, and the cpus'. */
HvSimResctrl *hv_sim_resctrl_new(HvSimWorld *world, HvSimFs *fs);
void hv_sim_resctrl_free(HvSimResctrl *resctrl);
/** hv_sim_resctrl_unmount: its groups go, threads, cpus and shares are as before the mount; then frees it. */
void hv_sim_resctrl_unmount(HvSimResctrl *resctrl);
/** hv_sim_resctrl_step: called after each hv_world_advance(): limbo, counters stolen on AMD, tasks that have gone. */
void hv_sim_resctrl_step(HvSimResctrl *resctrl);

/* ---- files: host/sim/files-*.c; each adds its files to @fs ---- */
void hv_sim_files_proc(HvSimFs *fs, HvSimWorld *world);
void hv_sim_files_sys(HvSimFs *fs, HvSimWorld *world);
void hv_sim_files_cgroup(HvSimFs *fs, HvSimWorld *world);
void hv_sim_files_events(HvSimFs *fs, HvSimWorld *world); /* sys/bus/event_source, perf's settings */
/** hv_sim_files_irqbalance: its process and its socket while it runs, and what shows that systemd is there. */
void hv_sim_files_irqbalance(HvSimFs *fs, HvSimWorld *world);
/** hv_sim_guests: the list of VMs as libvirt and procfs would tell it. (transfer full) */
HvGuestList *hv_sim_guests(const HvSimWorld *world, HvGuestList *old);
