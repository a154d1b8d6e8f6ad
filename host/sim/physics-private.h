/* What the parts of the physics share: flat lists, queues of memory and links, lines in caches.
 * Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/world.h"

#define HV_SIM_STEP_S ((double)HV_SIM_STEP_NS / 1e9)
#define HV_SIM_EXITS_PER_S 900.0         /* of any busy vCPU: timers, ports, MSRs; model */
#define HV_SIM_WINDOWS_PER_INTERRUPT 0.2 /* exits for a guest that takes none now; model */
#define HV_SIM_HALTED                                                                          \
    0.2 /* of interrupts for a vCPU that is not busy: it must be woken; model */
#define HV_SIM_LINE_BYTES 64.0
#define HV_SIM_LOCAL_NS                                                                        \
    90.0 /* a miss of the L3, from its node's memory with nobody else; model */

/* Something that bytes queue for: a node's memory, a link, an allowance of AMD's. */
typedef struct {
    double capacity;    /* bytes/s; 0: unlimited */
    double bytes_per_s; /* asked of it in this round */
    double use;         /* damped, 0 - 0.95 */
    double stretch;     /* how much longer than the formula it takes, so that no more than fits
                           passes; >= 1 */
} HvSimQueue;

/* Pages that are under way from one node to another: their bytes load both and the link until
 * they are there. */
typedef struct {
    double bytes;       /* not there yet */
    double bytes_per_s; /* at which they go */
    double now;         /* bytes/s in this step */
} HvSimMoving;

/* What physics keep of one VM. */
typedef struct {
    double phi;                                            /* of its noise, for one step */
    double demand_factor, arrivals_factor, latency_factor; /* of this step */
    double stall_ratio;                  /* of its time: it waits for swapped pages */
    double pages_under_way, pages_per_s; /* that are being moved, and how fast at most */
    double far_ratio[HV_SIM_MAX_NODES];  /* of its interrupts: that come from another package
                                            than this one */
    double load_ratio;                   /* λS of the last step, a server's */
    double grown_bytes;                  /* touched for the first time, less than a page */
    guint64 l3s;                         /* where it has lines */
    gboolean must_move;                  /* cpuset.mems changed: pages outside go */
    guint region, page; /* where such a walk is; balancing_*: where NUMA balancing's is */
    guint balance_region, balance_page, swap_page, grow_page;
    double swap_credit;    /* bytes that may go to or come from swap */
    gboolean at_limit;     /* of swap too */
    double balance_credit; /* bytes that NUMA balancing may move */
} HvSimVmState;

typedef struct {
    guint64 random;
    guint64 n_steps;
    guint64 layout, change; /* of the world when the lists were made */
    HvSimThread **threads;  /* all: of VMs, then the host's */
    guint n_threads, threads_allocated;
    guint *vcpus; /* which of them are vCPUs */
    guint n_vcpus;
    double *weight; /* per thread: of its fair share */
    int *next;      /* per thread: the next on its cpu, -1; head per cpu */
    int *head;
    gboolean *pushed;                  /* per cpu: somebody waits to come in */
    guint cursor;                      /* whose turn it is to look for a better cpu */
    double *irq_ratio, *softirq_ratio; /* per cpu: taken by interrupts in this step */
    double *poll_ratio;                /* per thread: polling while halted */
    double *overhead_ratio;  /* per thread: of its time, what exits and pages under way cost */
    double *exits_per_s;     /* per thread, while it runs */
    double *service_ns;      /* per thread: S */
    double *throttled_ratio; /* per thread: kept from running by its quota */
    HvSimVmState *vms;       /* by vm->number */
    /* memory */
    HvSimQueue memory[HV_SIM_MAX_NODES];
    HvSimQueue link[HV_SIM_MAX_NODES][HV_SIM_MAX_NODES];
    HvSimQueue *allowance; /* AMD: [l3 * HV_SIM_MAX_CLOSIDS + closid] */
    double latency_ns[HV_SIM_MAX_NODES]
                     [HV_SIM_MAX_NODES]; /* of node (row: where it runs) to node */
    double *
        core_bytes; /* per core: it would take from its L3 each second, hits too, unthrottled */
    double *core_ceiling; /* per core: of that, what its throttle lets through */
    double *cpu_used;     /* per cpu: of this step, by threads, interrupts and polling */
    double *instructions; /* per thread: per second, but for those of requests */
    double *requests;     /* per thread: served per second */
    double *accesses;     /* per thread: of the L3, per second */
    double dma_link[HV_SIM_MAX_NODES]
                   [HV_SIM_MAX_NODES]; /* bytes/s by devices from node to node */
    double
        dma_memory[HV_SIM_MAX_NODES]; /* and of each node's memory: as many read as written */
    HvSimMoving moving[HV_SIM_MAX_NODES][HV_SIM_MAX_NODES];
    double move_ns; /* hv_world_take_move_ns() */
    /* caches; a way of an L3 has the number l3 * n_ways + way */
    guint n_ways;
    double *vm_bytes,
        *vm_fill; /* [(vm * n_l3 + l3) * n_ways + way]: lines held; filled per second */
    double *vm_held, *vm_miss;      /* [vm * n_l3 + l3]: in all ways; damped miss ratio */
    double *rmid_bytes, *rmid_fill; /* [(l3 * n_rmids + rmid) * n_ways + way] */
    gboolean *rmid_filled; /* [l3 * n_rmids + rmid]: somebody fills under it in this step */
    double *dma_bytes, *fill,
        *held; /* per way: device lines; all fills per second; all lines */
    double *keep,
        *gain; /* per way: what a step does to lines: old times keep plus fill times gain */
    double next_balance_s;
} HvSimPhysics;

/** hv_physics_new, _free: for a world whose VMs and threads are there. */
HvSimPhysics *hv_physics_new(HvSimWorld *world);
void hv_physics_free(HvSimPhysics *physics);
/** hv_physics_step: one step. */
void hv_physics_step(HvSimWorld *world);

/** hv_sim_physics: the world's. */
static inline HvSimPhysics *
hv_sim_physics(const HvSimWorld *world)
{
    return world->physics;
}

/** hv_sim_random: 0 to 1. hv_sim_normal: mean 0, standard deviation 1, never over 3.5. */
double hv_sim_random(HvSimPhysics *physics);
double hv_sim_normal(HvSimPhysics *physics);

/* The parts, in the order of a step. */
void hv_sim_demand_step(HvSimWorld *world);     /* what each thread wants: physics.c */
void hv_sim_interrupts_step(HvSimWorld *world); /* interrupts.c */
/* APICv or AVIC serves @vm: the module allows it, and nothing inhibits it. */
gboolean hv_sim_has_apicv(const HvSimWorld *world, const HvSimVm *vm);
void hv_sim_sched_step(HvSimWorld *world);   /* sched.c */
void hv_sim_memory_step(HvSimWorld *world);  /* memory.c */
void hv_sim_cache_step(HvSimWorld *world);   /* cache.c */
void hv_sim_pages_step(HvSimWorld *world);   /* pages-walk.c */
void hv_sim_account_step(HvSimWorld *world); /* account.c */

/** hv_sim_region_shares: of the misses of @region's cell, the part that goes to each node. */
void hv_sim_region_shares(const HvSimRegion *region, guint n_nodes, double *share);
/** hv_sim_page_put: counts @page of @region on @node (HV_SIM_NO_NODE: no more present). No
 * admission. */
void hv_sim_page_put(HvSimWorld *world, HvSimRegion *region, guint page, guint node);
/** hv_sim_page_send: the same for a page that is present, with what moving it costs in the next
 * steps. */
void hv_sim_page_send(HvSimWorld *world, HvSimVm *vm, HvSimRegion *region, guint page,
                      guint node);
/** hv_sim_move_rate: bytes/s at which pages such as @page go. */
double hv_sim_move_rate(const HvSimWorld *world, const HvSimRegion *region, guint page);
