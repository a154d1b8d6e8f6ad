/* What stands behind the door: the tables of functions of a machine. Only for host/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

#include <unistd.h>

typedef struct HvGuests HvGuests;               /* host/guests-private.h */
typedef struct HvFault HvFault;                 /* host/faulty.c */
typedef struct HvTopologyCache HvTopologyCache; /* host/topology.c */

/* A local file descriptor that closes itself; -1 is none. */
static inline void
hv_autofd_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define hv_autofd __attribute__((cleanup(hv_autofd_close))) int

/* The first argument of every function is the machine's own state (HvHost.data). A function
 * that is NULL: this machine has no such thing, and the door answers DENIED or ABSENT in its
 * stead. Paths are relative to "/". */

/* Handles are descriptors of the real machine or numbers of a simulated one, never negative. */
typedef struct {
    int (*open)(gpointer data, const char *path, GError **error);
    /* bytes read or -errno; must not allocate */
    gssize (*pread)(gpointer data, int handle, char *buffer, gsize size, gsize offset);
    void (*close)(gpointer data, int handle);
    /* names in no order; NULL with @error */
    GPtrArray *(*list)(gpointer data, const char *path, GError **error);
    gboolean (*exists)(gpointer data, const char *path);
    char *(*readlink)(gpointer data, const char *path, GError **error);
    gboolean (*write)(gpointer data, const char *path, const char *text, GError **error);
    gboolean (*mkdir)(gpointer data, const char *path, GError **error);
    gboolean (*rmdir)(gpointer data, const char *path, GError **error);
    gboolean (*rename)(gpointer data, const char *from, const char *to, GError **error);
    /* one try, without waiting: a descriptor, -1 when somebody else holds it, -2 with @error */
    int (*try_lock)(gpointer data, const char *path, gboolean exclusive, GError **error);
} HvFileOps;

typedef struct {
    gboolean (*get_affinity)(gpointer data, int tid, HvSet *cpus, GError **error);
    gboolean (*set_affinity)(gpointer data, int tid, const HvSet *cpus, GError **error);
    /* @nodes NULL: only asks */
    gboolean (*move_pages)(gpointer data, int pid, gulong n, void **pages, const int *nodes,
                           int *status, GError **error);
    /* NULL: no page is ever marked */
    guint (*unmark_pages)(gpointer data, int pid, gulong n, void **pages, const int *status);
    /* NULL: there is no core scheduling */
    gboolean (*get_core_cookie)(gpointer data, int tid, guint64 *cookie);
} HvThreadOps;

typedef struct {
    /* a group's state, with the functions below for it */
    gpointer (*open)(gpointer data, int tid, int cpu, const HvCounterEvent *events, guint n,
                     GError **error);
    gboolean (*read)(gpointer group, guint64 *values, guint64 *enabled_ns, guint64 *running_ns,
                     GError **error);
    void (*close)(gpointer group);
} HvCounterOps;

typedef struct {
    /* from lists and files alone, within milliseconds, or NULL with @error */
    HvTopology *(*quick)(gpointer data, GError **error);
    /* the whole, or NULL: quick is all there is; may take seconds; runs on a worker that may
     * outlive the host, hence without its state; @stamp is the text that stamp() gave before */
    HvTopology *(*load)(const char *stamp, GError **error);
    /* a text that changes when the topology does, into @buffer; NULL: it never does. Must not
     * allocate */
    void (*stamp)(gpointer data, char *buffer, gsize size);
} HvTopologyOps;

/* Commands that may go on for as long as we do; nothing here waits but free (half a second). */
typedef struct {
    gpointer (*start)(gpointer data, const char *const *argv, GError **error);
    /* its output as far as it is there; 0: none now */
    gsize (*read)(gpointer running, char *buffer, gsize size);
    /* the last line of its complaints so far, "" without; borrowed */
    const char *(*complaint)(gpointer running);
    /* TRUE at its end, with @error when that was a failure; nothing of its group is left then
     */
    gboolean (*has_ended)(gpointer running, GError **error);
    void (*kill)(gpointer running);
    void (*free)(gpointer running); /* also one that runs: it is killed */
} HvStreamOps;

typedef struct {
    gboolean (*run)(gpointer data, const char *const *argv, guint deadline_ms, char **output,
                    int *status, GError **error);
    const HvStreamOps *streams; /* NULL: run() takes no time, and is what there is */
} HvCommandOps;

typedef struct {
    /* @answer may be NULL */
    gboolean (*ask)(gpointer data, const char *path, const char *text, guint deadline_ms,
                    char **answer, GError **error);
} HvSocketOps;

typedef struct {
    gint64 (*monotonic_ns)(gpointer data);
    gint64 (*realtime_ns)(gpointer data);
    gint64 (*boottime_ns)(gpointer data);
    gboolean (*wait_until)(gpointer data, gint64 monotonic_ns, int wake_fd);
} HvClockOps;

/* A machine that has its own list of VMs; NULL: host/guests.c asks libvirt and procfs. */
typedef struct {
    HvGuestList *(*list)(gpointer data); /* a reference, as hv_host_guests() */
    HvGuestList *(*peek)(gpointer data);
    gboolean (*request)(gpointer data, const HvGuestRequest *request, guint deadline_ms,
                        char **answer, GError **error);
} HvGuestOps;

/* One kind of machine. All tables but @files and @clock may be NULL. */
typedef struct {
    const char *no_write; /* why this machine cannot be changed, or NULL */
    const HvFileOps *files;
    const HvThreadOps *threads;
    const HvCounterOps *counters;
    const HvTopologyOps *topology;
    const HvCommandOps *commands;
    const HvSocketOps *sockets;
    const HvClockOps *clock;
    const HvGuestOps *guests;
    void (*free)(gpointer data);
} HvMachine;

struct HvHost {
    const HvMachine *machine;
    gpointer data; /* the machine's own state */
    int root_fd;   /* directory that paths are relative to, O_PATH; -1 without files (a topology
                      alone) */
    char *root;    /* "/" or the tree or XML file, for people */
    gboolean simulated; /* a machine of host/sim/ */
    gboolean live;      /* this machine: processes, libvirt and its threads are ours to ask */
    gboolean read_only;
    gboolean
        is_left_behind; /* a thread that hangs still reads it: its memory is not given back */
    char *connect_uri;  /* never NULL; "qemu:///system" unless asked otherwise */
    HvFault *fault;     /* or NULL */
    HvPolicy policy;
    char **watches; /* see hv_host_watches() */
    HvTopologyCache *topology;
    GMutex ids_lock;
    char *machine_id; /* NULL: not read yet */
    char *boot_id;
    GPtrArray *footprint; /* of host/footprint.c, under the same lock; or NULL */
    HvGuests *guests;     /* made by hv_guests_new() at the end of hv_host_new(), freed first by
                             hv_host_free() */
};

/** hv_host_flock: one try of flock(2) on @take_fd (or -errno of its opening), as try_lock says;
 * closed unless it is returned. Any thread. */
int hv_host_flock(int take_fd, const char *path, gboolean exclusive, GError **error);
/** hv_host_may_write: FALSE with DENIED for --read-only and for a machine that cannot be
 * changed. */
gboolean hv_host_may_write(const HvHost *host, GError **error);

/* Every write through the door stands between these two: also guest requests that change
 * something. before: FALSE with REFUSED when this write is to fail (EIO); may not return at
 * all. after: FALSE with TIMEOUT when its answer is to be lost. Both TRUE without --fault. Any
 * thread; before and after of one write on the same thread. */
gboolean hv_host_fault_before_write(HvHost *host, GError **error);
gboolean hv_host_fault_after_write(HvHost *host, GError **error);
/** hv_host_fault_before_read: delays a read as asked. */
void hv_host_fault_before_read(HvHost *host);

/** hv_fault_new: from a specification (see host/faulty.c); MALFORMED names the word. */
HvFault *hv_fault_new(const char *specification, GError **error);
void hv_fault_free(HvFault *fault);

/* ---- the machines ---- */

/** hv_real_open: this machine. hv_tree_open: a captured tree (a directory) or a topology alone
 * (an XML file). Both fill machine, data, root_fd, root and live of @host. */
gboolean hv_real_open(HvHost *host, GError **error);
gboolean hv_tree_open(HvHost *host, const char *root, GError **error);
/** hv_sim_open: the simulated machine; also adds its watches to those of @host. MALFORMED for a
 * scenario or variant that there is not. */
gboolean hv_sim_open(HvHost *host, const HvSimOptions *options, GError **error);

/** hv_topology_cache_new, _free: what hv_host_topology() keeps. */
HvTopologyCache *hv_topology_cache_new(HvHost *host);
void hv_topology_cache_free(HvTopologyCache *cache);
