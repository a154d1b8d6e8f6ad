/* The parts behind the list of VMs: what procfs shows, what libvirt says, what happened. Only
 * for files in host/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/guest-parse.h"
#include "host/guest-xml.h"
#include "host/host-private.h"

/** hv_guests_new: nothing is asked yet. hv_guests_free: ends libvirt's workers; accepts NULL.
 * Main thread. */
HvGuests *hv_guests_new(HvHost *host);
void hv_guests_free(HvGuests *guests);

/* ---- what happened: host/guest-events.c ---- */

typedef struct HvGuestEvents HvGuestEvents;
HvGuestEvents *hv_guest_events_new(void);
void hv_guest_events_free(HvGuestEvents *events);
/** hv_guest_events_push: an event of now. The same kind for the same VM within 5 s is one
 * event: libvirt and procfs tell of the same thing. Any thread. */
void hv_guest_events_push(HvGuestEvents *events, gint64 time_ns, const char *vm,
                          const char *kind, const char *text);
/** hv_guest_events_each: see hv_host_guest_events(); those older than an hour at @now_ns are
 * left out. */
gboolean hv_guest_events_each(HvGuestEvents *events, guint64 after_serial, gint64 now_ns,
                              void (*each)(const HvGuestEvent *event, gpointer data),
                              gpointer data);

/* ---- processes: host/guests-procfs.c; one thread at a time ---- */

/* One process that is a VM. */
typedef struct {
    int pid;
    guint64 start_ticks;
    gint64 seen_since_ns; /* realtime of its start, 0 unknown */
    HvGuestArgs args;
    gboolean tcg;
    HvThread *threads; /* as in HvGuest */
    guint n_threads;
    guint n_vcpus;     /* threads that are vCPUs */
    gboolean nameless; /* its vCPU threads have no names; it was known by its descriptors */
    guint n_kvm_vcpus; /* vCPUs among its descriptors, when nameless */
    char *cgroup, *cgroup_memory, *cgroup_pressure;
    gboolean cgroup_v2;
    gint64 stopped_since_ns; /* monotonic; 0: it is not stopped by a signal */
    gint64 found_ns;         /* monotonic: when this list first had it */
    gboolean was_there;      /* in the first scan already: no event */
    gboolean told;           /* its start was told as an event */
    HvGuestXml *status;      /* libvirt's status file that names this pid and uuid, or NULL */
    gboolean status_read;    /* or tried */
    gboolean run_pid;        /* libvirt's NAME.pid names this pid */
    gboolean persistent;     /* libvirt has a definition file for its name */
    guint64 version;         /* grows with each change of the above but the last four */
    /* kept for the next look */
    HvFile *stat;
    gint64 unsettled_until_ns; /* names and cgroups of young threads still change */
    gint64 listed_ns;
    guint n_threads_seen;
} HvGuestProcess;

typedef struct HvProcScan HvProcScan;
HvProcScan *hv_proc_scan_new(HvHost *host);
void hv_proc_scan_free(HvProcScan *scan);
/** hv_proc_scan_refresh: looks again at what is due, at most about once a second, @hurry: ten
 * times. Returns: whether something changed. */
gboolean hv_proc_scan_refresh(HvProcScan *scan, gint64 now_ns, gboolean hurry);
/** hv_proc_scan_processes: HvGuestProcess by pid; borrowed until the next refresh. */
const GPtrArray *hv_proc_scan_processes(const HvProcScan *scan);
/** hv_proc_scan_host: whose processes they are; borrowed. */
HvHost *hv_proc_scan_host(const HvProcScan *scan);

/* ---- libvirt's files: host/guests-status.c ---- */

/** hv_guest_status_read: fills @process's status, run_pid and persistent from run/libvirt/qemu,
 * once. */
void hv_guest_status_read(HvHost *host, HvGuestProcess *process);
/** hv_guest_status_only: status files of a captured tree whose process is not among @processes
 * (HvGuestProcess); HvGuestXml, (transfer full). */
GPtrArray *hv_guest_status_only(HvHost *host, const GPtrArray *processes);

/* ---- a process's threads and groups: host/guests-threads.c ---- */

/** hv_guest_threads_read: lists the threads of @process anew; threads that it knew keep role
 * and start time unless they are workers and @all_names. @vhosts: tids of kernel threads
 * "vhost-PID" of this pid, NULL-terminated by 0. Returns: whether they changed. */
gboolean hv_guest_threads_read(HvHost *host, HvGuestProcess *process, const GArray *vhosts,
                               gboolean all_names);
/** hv_guest_kvm_has_vm: whether one of the first descriptors of @pid is a KVM VM; /dev/kvm
 * alone is none. Needs root. */
gboolean hv_guest_kvm_has_vm(HvHost *host, int pid);
/** hv_guest_kvm_name_threads: finds which workers among @threads (HvThread) are vCPUs, by what
 * they were last seen to do: to run KVM on which descriptor, else to spend time in a guest.
 * Sets n_kvm_vcpus. (host/guests-kvm.c) */
void hv_guest_kvm_name_threads(HvHost *host, HvGuestProcess *process, GArray *threads);
/** hv_guest_cgroup_read: the VM-level group; as before where it cannot be read. Returns:
 * whether it changed. */
gboolean hv_guest_cgroup_read(HvHost *host, HvGuestProcess *process,
                              const HvCgroupMounts *mounts);
/** hv_proc_read_stat: proc/PID/stat or proc/PID/task/TID/stat, once. */
gboolean hv_proc_read_stat(HvHost *host, const char *path, HvProcStat *stat, GError **error);
/** hv_proc_read_comm: of a thread or process, without its newline; NULL when it has gone.
 * (transfer full) */
char *hv_proc_read_comm(HvHost *host, const char *directory);

/* ---- libvirt: host/guests-libvirt.c ---- */

/* One active domain as libvirt last said. */
typedef struct {
    char *uuid, *name;
    int id;
    HvGuestState state;
    const char *reason; /* static */
    gboolean persistent;
    HvGuestXml *xml;               /* NULL until read */
    char *job;                     /* or NULL */
    gint64 not_answering_since_ns; /* monotonic, 0: it answers */
    gint64 haltpoll_read_ns;
    guint64 haltpoll_ns;
    HvKvmReading *kvm;     /* or NULL */
    gboolean had_process;  /* a local process was seen for this id; without it, it is gone */
    gint64 seen_since_ns;  /* realtime of that process's start, 0 unknown */
    gint64 stats_after_ns; /* no statistics are asked for before */
} HvDomain;

typedef struct HvLibvirt HvLibvirt;
/** hv_libvirt_new: no thread yet. hv_libvirt_start: begins to connect. hv_libvirt_free: ends
 * it, accepts NULL. */
HvLibvirt *hv_libvirt_new(HvHost *host, HvGuestEvents *events);
void hv_libvirt_start(HvLibvirt *libvirt);
void hv_libvirt_free(HvLibvirt *libvirt);
/** hv_libvirt_wait: until libvirt has answered once, or refused, or @deadline_ms have passed.
 */
void hv_libvirt_wait(HvLibvirt *libvirt, guint deadline_ms);
/** hv_libvirt_generation: grows with each change. Never waits. */
guint64 hv_libvirt_generation(HvLibvirt *libvirt);
/** hv_libvirt_is_remote: another machine's; nothing of it is joined with procfs. */
gboolean hv_libvirt_is_remote(HvLibvirt *libvirt);
/** hv_libvirt_prefer: see hv_host_guests_prefer(). */
void hv_libvirt_prefer(HvLibvirt *libvirt, const char *vm);
/** hv_libvirt_wish_kvm: see hv_host_guests_wish_kvm(). */
void hv_libvirt_wish_kvm(HvLibvirt *libvirt, HvKvmWish wish);
/** hv_libvirt_set_patient: see hv_host_guests_set_patient(). */
void hv_libvirt_set_patient(HvLibvirt *libvirt, gboolean is_patient);

/* The state of the connection, valid between lock and unlock. */
typedef struct {
    gboolean connected;
    gboolean remote;
    const char *why;        /* or NULL */
    gint64 silent_since_ns; /* or 0 */
    GHashTable *domains;    /* uuid -> HvDomain */
} HvLibvirtView;
/** hv_libvirt_lock: gives the view; held only to copy from it. */
void hv_libvirt_lock(HvLibvirt *libvirt, HvLibvirtView *view);
void hv_libvirt_unlock(HvLibvirt *libvirt);
/** hv_libvirt_uri_is_local: a driver's name, no host part, and no transport or a unix socket.
 */
gboolean hv_libvirt_uri_is_local(const char *uri);

/* ---- calls that change something: host/guest-request.c ---- */

typedef struct HvActions HvActions;
/** hv_guest_verb_changes: a request of this kind changes something. */
gboolean hv_guest_verb_changes(HvGuestVerb verb);
/** hv_guest_verb_pins: it says where a thread may run. */
gboolean hv_guest_verb_pins(HvGuestVerb verb);
HvActions *hv_actions_new(HvHost *host);
/** hv_actions_free: accepts NULL. */
void hv_actions_free(HvActions *actions);
/** hv_actions_request: see hv_host_guest_request(). */
gboolean hv_actions_request(HvActions *actions, const HvGuestRequest *request,
                            guint deadline_ms, char **answer, GError **error);

/* ---- the list: host/guests-list.c, host/guests-merge.c ---- */

HvGuest *hv_guest_new(void);
HvGuest *hv_guest_ref(HvGuest *guest);
void hv_guest_unref(HvGuest *guest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvGuest, hv_guest_unref)
/** hv_guest_equal: every member. hv_guest_same_layout: those that @layout of a list counts. */
gboolean hv_guest_equal(const HvGuest *a, const HvGuest *b);
gboolean hv_guest_same_layout(const HvGuest *a, const HvGuest *b);
/** hv_guest_list_new: takes @guests (HvGuest, transfer full): sorts them, makes their names
 * unique, reuses the equal ones of @old. Returns: a new list, or @old itself, referenced, when
 * nothing differs. */
HvGuestList *hv_guest_list_new(GPtrArray *take_guests, const HvGuestList *flags,
                               HvGuestList *old);

/** hv_guests_merge: the list of processes and domains, as hv_guest_list_new(). @unfinished:
 * status files are left to read, the next call goes on. */
HvGuestList *hv_guests_merge(HvProcScan *scan, HvLibvirt *libvirt, HvGuestList *old,
                             gboolean *unfinished);
