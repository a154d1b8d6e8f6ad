/* The door: the only way to the machine. Behind it stands the real one, a captured tree, or a faulty wrapper. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/guests.h"
#include "model/error.h"
#include "model/probe.h"
#include "model/topology.h"

/* Paths are relative to "/", without a leading slash: "proc/stat", "sys/devices/system/node". */

typedef struct HvSimOptions HvSimOptions; /* host/sim/sim.h */

/* Where numbers of memory traffic may come from: bits. */
typedef enum {
    HV_TRAFFIC_MBM = 1 << 0,      /* resctrl's monitoring groups */
    HV_TRAFFIC_PERF = 1 << 1,     /* counters of threads */
    HV_TRAFFIC_ESTIMATE = 1 << 2, /* residency by placement */
    HV_TRAFFIC_ANY = HV_TRAFFIC_MBM | HV_TRAFFIC_PERF | HV_TRAFFIC_ESTIMATE,
} HvTrafficSource;

/* What may be left on the host while we look at it. Probes ask for it. */
typedef struct {
    guint traffic;             /* HvTrafficSource bits that may be used; 0: ANY */
    gboolean traffic_is_asked; /* --source traffic=… stands on the line */
    gboolean may_monitor;      /* resctrl monitoring groups may be made: a console, a recording, a demo, or asked for;
                                * never with --read-only or --footprint none|perf */
    gboolean may_count;        /* perf descriptors may be opened; not with --footprint none|resctrl */
    const char *state_dir;     /* where leases of monitoring groups are kept; NULL: nowhere */
} HvPolicy;

typedef struct {
    gboolean no_machine;     /* nothing is there: a recording is looked at; before @root */
    const char *root;        /* captured tree or topology XML file; NULL: this machine */
    const HvSimOptions *demo; /* the simulated machine instead; NULL: not */
    HvPolicy policy;          /* its text is borrowed for the host's life */
    const char *const *watches; /* "NAME=COMMAND", NULL-terminated, borrowed for the host's life; NULL: none */
    const char *connect_uri; /* NULL: qemu:///system */
    gboolean read_only;      /* every write is refused with DENIED */
    const char *fault;       /* fault specification (see hv_host_new_faulty), or NULL */
} HvHostOptions;

/** hv_host_new: opens the door that @options asks for. Never touches libvirt before hv_host_guests_start().
 * MALFORMED or ABSENT for a root that is no tree, no XML. (transfer full). Main thread. */
HvHost *hv_host_new(const HvHostOptions *options, GError **error);
/** hv_host_free: closes; workers that hang are left behind. Accepts NULL. */
void hv_host_free(HvHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvHost, hv_host_free)
/** hv_host_is_live: TRUE for this machine; FALSE behind --root. Any thread, as all below unless said. */
gboolean hv_host_is_live(const HvHost *host);
gboolean hv_host_is_read_only(const HvHost *host);
/** hv_host_machine_id, hv_host_boot_id: texts of etc/machine-id and boot_id, "" when unreadable; borrowed. */
const char *hv_host_machine_id(HvHost *host);
const char *hv_host_boot_id(HvHost *host);

/** hv_host_is_simulated: TRUE behind --demo. */
gboolean hv_host_is_simulated(const HvHost *host);
/** hv_host_policy: as given to hv_host_new(); borrowed. */
const HvPolicy *hv_host_policy(const HvHost *host);
/** hv_host_watches: those of the command line and the configuration, and those of a demo's scenario: "NAME=COMMAND",
 * NULL-terminated, borrowed; never NULL. */
const char *const *hv_host_watches(HvHost *host);

/* ---- files ---- */

/* A file kept open for re-reading. Opaque. One thread at a time. */
typedef struct HvFile HvFile;
/* Several files kept open, with one buffer that grows as needed (at most 64 MiB). Opaque. */
typedef struct HvFiles HvFiles;

/** hv_file_open: for reading. hv_file_close accepts NULL. */
HvFile *hv_file_open(HvHost *host, const char *path, GError **error);
void hv_file_close(HvFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFile, hv_file_close)
/** hv_file_read: the whole file from its start into @buffer (NUL-terminated, at most @size - 1 bytes).
 * Returns: bytes read, or -1 with @error (ABSENT when the thing behind it has gone). Never allocates. */
gssize hv_file_read(HvFile *file, char *buffer, gsize size, GError **error);

/** hv_files_open: opens @pattern (with one %s) for each of @names; those that are ABSENT or DENIED stay closed, and
 * their reading says why; NULL with @error only when all fail. hv_files_close takes a gpointer so that it can be a probe's stop. */
HvFiles *hv_files_open(HvHost *host, const char *pattern, const char *const *names, guint n, GError **error);
/** hv_files_add: opens one more. Returns its index; a failure is kept and told by hv_files_read(). */
guint hv_files_add(HvFiles *files, const char *path);
/** hv_files_read: the whole text of the @index-th file, NUL-terminated, in the files' own buffer (good until the next
 * read); NULL with @error. */
char *hv_files_read(HvFiles *files, guint index, GError **error);
void hv_files_close(gpointer files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFiles, hv_files_close)

/** hv_host_read_text: a file once; at most @max bytes (0: 1 MiB), over that MALFORMED. (transfer full). */
char *hv_host_read_text(HvHost *host, const char *path, gsize max, GError **error);
/** hv_host_read_u64_file: a file that is one decimal number. */
gboolean hv_host_read_u64_file(HvHost *host, const char *path, guint64 *value, GError **error);
/** hv_host_list: names in a directory, without "." and "..", sorted; numeric names by number. (transfer full) */
char **hv_host_list(HvHost *host, const char *path, GError **error);
/** hv_host_exists, hv_host_readlink. */
gboolean hv_host_exists(HvHost *host, const char *path);
char *hv_host_readlink(HvHost *host, const char *path, GError **error);
/** hv_host_write: one write(2) of @text to an existing file. DENIED when read-only. */
gboolean hv_host_write(HvHost *host, const char *path, const char *text, GError **error);
/** hv_host_mkdir, hv_host_rmdir: one directory. hv_host_rename: a directory, to a place where there is none.
 * hv_host_lock: flock with retries up to @deadline_ms; -1 with @error;
 * else a descriptor that close() unlocks. */
gboolean hv_host_mkdir(HvHost *host, const char *path, GError **error);
gboolean hv_host_rmdir(HvHost *host, const char *path, GError **error);
gboolean hv_host_rename(HvHost *host, const char *from, const char *to, GError **error);
int hv_host_lock(HvHost *host, const char *path, gboolean exclusive, guint deadline_ms, GError **error);

/* ---- threads and pages ---- */

/** hv_host_get_affinity: the kernel's mask of thread @tid into @cpus. */
gboolean hv_host_get_affinity(HvHost *host, int tid, HvSet *cpus, GError **error);
/** hv_host_set_affinity: refuses with CONFLICT when the thread's start time is no longer @start_ticks (0: unchecked). */
gboolean hv_host_set_affinity(HvHost *host, int tid, guint64 start_ticks, const HvSet *cpus, GError **error);
/** hv_host_get_core_cookie: the core-scheduling cookie of @tid, 0 none: threads with different ones never run on one
 * core at a time. FALSE where the kernel has none, or does not tell. Never allocates. Source: kernel
 * Documentation/admin-guide/hw-vuln/core-scheduling.rst. */
gboolean hv_host_get_core_cookie(HvHost *host, int tid, guint64 *cookie);
/** hv_host_query_pages, hv_host_move_pages: move_pages(2); @status gets a node or -errno per page.
 * @nodes: where to. DENIED without CAP_SYS_NICE or on a captured tree. */
gboolean hv_host_query_pages(HvHost *host, int pid, gulong n, void **pages, int *status, GError **error);
gboolean hv_host_move_pages(HvHost *host, int pid, gulong n, void **pages, const int *nodes, int *status,
                            GError **error);

/** hv_host_unmark_pages: to move_pages(2) of kernels 6.1 to 6.5 a page that NUMA balancing has marked is not there; of
 * those that @status says so of, and that are, one byte each is read, which ends the mark. @pages: rising, of one
 * stretch. Returns: how many; those are to be asked for again. Source: kernel mm/gup.c, FOLL_HONOR_NUMA_FAULT. */
guint hv_host_unmark_pages(HvHost *host, int pid, gulong n, void **pages, const int *status);

/* ---- counters ---- */

/* One event of a group: perf_event_attr type, config, config1. */
typedef struct {
    guint32 type;
    guint64 config, config1;
} HvCounterEvent;
typedef struct HvCounters HvCounters;
/** hv_host_open_counters: a perf group on thread @tid (-1 with @cpu: that cpu), host and guest counted.
 * ABSENT: no PMU or no such event; DENIED: perf_event_paranoid. */
HvCounters *hv_host_open_counters(HvHost *host, int tid, int cpu, const HvCounterEvent *events, guint n,
                                  GError **error);
/** hv_counters_read: raw values (unscaled) into @values[n], and the times enabled and running in ns. */
gboolean hv_counters_read(HvCounters *counters, guint64 *values, guint64 *enabled_ns, guint64 *running_ns,
                          GError **error);
void hv_counters_close(HvCounters *counters);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvCounters, hv_counters_close)

/* ---- topology ---- */

/** hv_host_topology: the present topology, a reference; quick: made from sysfs at first, replaced by hwloc's when its
 * worker is done (generation grows); reloaded when cpus go on- or offline. NULL with @error when there is nothing. */
HvTopology *hv_host_topology(HvHost *host, GError **error);
/** hv_host_wait_topology: waits up to @deadline_ms for hwloc's; one-shot commands. Returns a reference or NULL. */
HvTopology *hv_host_wait_topology(HvHost *host, guint deadline_ms, GError **error);

/* ---- guests (see host/guests.h) ---- */

/** hv_host_guests: the list of VMs as of now, a reference, never NULL. Refreshes from procfs what is due (at most once a
 * tick); never waits for libvirt. Sampler's thread, or the only thread of a one-shot command. */
HvGuestList *hv_host_guests(HvHost *host);
/** hv_host_guests_peek: the list as last made, without touching the host. Any thread. */
HvGuestList *hv_host_guests_peek(HvHost *host);
/** hv_host_guests_start: starts libvirt's workers (events, list). hv_host_guests_wait: waits until libvirt has answered
 * once or @deadline_ms have passed; one-shot commands. */
void hv_host_guests_start(HvHost *host);
void hv_host_guests_wait(HvHost *host, guint deadline_ms);
/** hv_host_guest_request: one call on libvirt, by a worker, with a deadline; TIMEOUT: unknown whether it happened. Not the
 * sampler's, not the UI's thread. @answer (transfer full) may be NULL. */
gboolean hv_host_guest_request(HvHost *host, const HvGuestRequest *request, guint deadline_ms, char **answer,
                               GError **error);

/* ---- commands ---- */

/** hv_host_run: spawns @argv (no shell) with no input, at most 1 MiB of output, killed with its group at the deadline.
 * @status: exit status. TIMEOUT at the deadline. (transfer full) output. */
gboolean hv_host_run(HvHost *host, const char *const *argv, guint deadline_ms, char **output, int *status,
                     GError **error);

/** hv_host_run_change: the same for a command that changes the host: DENIED when read-only; counts as a write for
 * --fault. */
gboolean hv_host_run_change(HvHost *host, const char *const *argv, guint deadline_ms, char **output, int *status,
                            GError **error);

/** hv_host_spawn_detached: starts @argv (its first word a path) so that it outlives this process and its login: as
 * transient service @unit of systemd's, else in a session of its own, and then @why_process says why (static, N_()).
 * With @environment ("NAME=VALUE") alone. DENIED when read-only. */
gboolean hv_host_spawn_detached(HvHost *host, const char *unit, const char *const *argv,
                                const char *const *environment, const char **why_process, GError **error);

/* ---- sockets ---- */

/** hv_host_ask: sends @text to the daemon of root's that listens on the unix stream socket @path and gives what it
 * answers until it closes, at most 1 MiB (transfer full). TIMEOUT at the deadline: the socket then stays open, since an
 * answer into a closed one can kill a daemon. DENIED when it is not root's or not for this user. Not the UI's thread.
 * hv_host_tell: the same for what changes something, and without an answer; DENIED when read-only. */
gboolean hv_host_ask(HvHost *host, const char *path, const char *text, guint deadline_ms, char **answer,
                     GError **error);
gboolean hv_host_tell(HvHost *host, const char *path, const char *text, guint deadline_ms, GError **error);

/* ---- clock ---- */

/** hv_host_monotonic_ns, _realtime_ns, _boottime_ns: the only clocks of what is sampled, recorded or waited for. */
gint64 hv_host_monotonic_ns(HvHost *host);
gint64 hv_host_realtime_ns(HvHost *host);
gint64 hv_host_boottime_ns(HvHost *host);
/** hv_host_wait_until: waits until @monotonic_ns or until @wake_fd (or -1) is readable; TRUE when it was. */
gboolean hv_host_wait_until(HvHost *host, gint64 monotonic_ns, int wake_fd);
