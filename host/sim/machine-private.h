/* The simulated machine as a machine behind the door: what its parts share. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host-private.h"
#include "host/sim/fs.h"
#include "host/sim/sim.h"
#include "host/sim/world.h"
#include "host/sim/xml.h"

/* HvHost.data behind --demo. */
typedef struct {
    GMutex lock; /* guards all below */
    HvSimWorld *world;
    HvSimFs *fs;
    HvSimResctrl *resctrl;
    double speed;
    gint64 clock_ns;       /* monotonic, as long as only waiting moves it */
    gint64 history_end_ns; /* monotonic */
    gboolean is_paced;     /* from then on the clock goes by itself: */
    gint64 paced_from_ns, paced_since_us;
    GThread *mover; /* who lists the VMs, the sampler: its waiting moves the clock; NULL: anybody's */
    HvGuestList *guests;
    guint64 guests_layout, guests_change; /* of the world when they were listed */
    GHashTable *locks;       /* path → a descriptor whose copies are locked */
    GHashTable *definitions; /* name of a VM → HvSimXml, what libvirt keeps for its next start */
} HvSimMachine;

/** hv_sim_machine_now: the simulated monotonic clock. hv_sim_machine_advance: moves the world to it, in its steps.
 * Both with the lock held. */
gint64 hv_sim_machine_now(const HvSimMachine *machine);
void hv_sim_machine_advance(HvSimMachine *machine);

/* One table each; their first argument is a HvSimMachine. */
extern const HvFileOps hv_sim_file_ops;
extern const HvThreadOps hv_sim_thread_ops;
extern const HvClockOps hv_sim_clock_ops;
extern const HvCommandOps hv_sim_command_ops;
extern const HvSocketOps hv_sim_socket_ops;
extern const HvTopologyOps hv_sim_topology_ops;
extern const HvGuestOps hv_sim_guest_ops;
extern const HvCounterOps hv_sim_counters;

/** hv_sim_set_affinity: sched_setaffinity(2) of @tid, or -errno. With the lock held. */
int hv_sim_set_affinity(HvSimWorld *world, int tid, const HvSet *cpus);
/** hv_sim_module_command: modprobe, the file of its options, and the room for saved VMs; as the next. */
gboolean hv_sim_module_command(HvSimMachine *machine, const char *const *argv, char **output, int *status);
/** hv_sim_systemctl: FALSE when @argv is no systemctl for irqbalance. @output: (transfer full). Takes the lock. */
gboolean hv_sim_systemctl(HvSimMachine *machine, const char *const *argv, char **output, int *status);
/** hv_sim_mount: the same for mount and umount of resctrl. */
gboolean hv_sim_mount(HvSimMachine *machine, const char *const *argv, char **output, int *status);

/* ---- <numatune>: host/sim/machine-numatune.c ---- */

/** hv_sim_run_numatune: HV_GUEST_NUMATUNE; @definition: what is kept for the next start, or NULL for a transient VM.
 * hv_sim_read_numatune: HV_GUEST_NUMATUNE_READ. Both with the lock held; (transfer full), NULL with @error. */
char *hv_sim_run_numatune(HvSimMachine *machine, HvSimVm *vm, HvSimXml *definition, const HvGuestRequest *request,
                          GError **error);
char *hv_sim_read_numatune(const HvSimVm *vm, const HvSimXml *definition, const HvGuestRequest *request);
/** hv_sim_wait_for_mems: until the pages of VM @name follow its cpuset.mems, without the lock. TIMEOUT. */
gboolean hv_sim_wait_for_mems(HvSimMachine *machine, const char *name, guint deadline_ms, GError **error);
