/* The one list of VMs: from libvirt's events and procfs; immutable, numbered by generation. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/kvm-counts.h"
#include "model/probe.h"

typedef enum {
    HV_THREAD_VCPU,
    HV_THREAD_EMULATOR,
    HV_THREAD_IOTHREAD,
    HV_THREAD_VHOST,
    HV_THREAD_WORKER
} HvThreadRole;

/* One thread of a VM. */
typedef struct {
    int tid;
    HvThreadRole role;
    guint index;         /* vCPU or iothread number; vhost: running number */
    guint64 start_ticks; /* field 22 of its stat */
    gboolean kernel;     /* a kernel thread (vhost-PID of old kernels), outside the process */
} HvThread;

typedef enum {
    HV_GUEST_RUNNING,
    HV_GUEST_PAUSED,
    HV_GUEST_SHUTDOWN, /* shutting down */
    HV_GUEST_CRASHED,
    HV_GUEST_SUSPENDED, /* by its guest's power management */
    HV_GUEST_UNKNOWN,   /* libvirt was not asked, or does not know it: there is a process */
} HvGuestState;

/* What a definition says that decides whether APICv or AVIC can serve the VM: bits. Source:
 * libvirt formatdomain.html; kernel arch/x86/include/asm/kvm_host.h, enum kvm_apicv_inhibit. */
typedef enum {
    HV_APIC_KNOWN = 1 << 0,       /* the definition was read */
    HV_APIC_SYNIC = 1 << 1,       /* hyperv synic: Windows may use its AutoEOI */
    HV_APIC_HV_AVIC = 1 << 2,     /* hyperv avic: tells Windows not to */
    HV_APIC_PIT_DISCARD = 1 << 3, /* timer pit tickpolicy=discard: nothing is reinjected */
    HV_APIC_SPLIT = 1 << 4,       /* ioapic driver=qemu: no PIT in the kernel */
    HV_APIC_X2APIC = 1 << 5,      /* cpu feature x2apic required or forced */
    HV_APIC_NO_X2APIC = 1 << 6,   /* disabled or forbidden */
    HV_APIC_SVM = 1 << 7,         /* cpu feature svm required or forced: nesting */
    HV_APIC_NO_PIT = 1 << 8,      /* timer pit present=no */
} HvApicFacts;

/* One running VM. Immutable. */
typedef struct {
    gatomicrefcount refs;
    char *name;          /* libvirt's, or QEMU's -name guest=, or "pid-4711" */
    char *uuid;          /* "" when unknown */
    int domain_id;       /* libvirt's, -1 */
    int pid;             /* 0: no local process is known (REMOTE) */
    guint64 start_ticks; /* of the process */
    HvGuestState state;
    char *state_reason; /* "booted", "I/O error", "migrating", or "" */
    guint n_vcpus;
    guint64 memory_bytes;  /* 0: unknown */
    gboolean in_libvirt;   /* libvirt knows it: its knobs go through libvirt */
    gboolean persistent;   /* has a persistent definition */
    gboolean tcg;          /* emulated, no KVM */
    char *owner;           /* "nova: m1.large, project x", "kubevirt ns/name", or "" */
    char *launch_security; /* "sev", "sev-snp", "tdx", or "" */
    char *job;             /* "migration 43 %", "backup", or "" */
    char *cgroup; /* VM-level group, path from "/": "sys/fs/cgroup/machine/…"; "" unknown. v2 or
                     v1 cpu */
    char *cgroup_memory; /* v1: the memory controller's; v2: = cgroup; "" unknown */
    gboolean cgroup_v2;
    char *cgroup_pressure; /* where its *.pressure files are: = cgroup on v2; on a host with
                            * both versions its group in the v2 hierarchy; "" unknown */
    HvThread *threads;     /* vCPUs first by index, then emulator, iothreads, vhost, workers */
    guint n_threads;
    char **vcpu_pins;     /* defined cpus by vCPU index (kernel list, "" where none),
                             NULL-terminated, or NULL: none */
    char *emulator_pin;   /* defined, or NULL */
    char **iothread_pins; /* defined cpus by iothread number ("" where none), NULL-terminated,
                             or NULL: none */
    char **cell_cpus;     /* vCPUs of each guest NUMA cell by its number (kernel list, "" none),
                             NULL-terminated, or NULL: it has no cells, or they are not known */
    char **passthrough;   /* PCI addresses of <hostdev>, NULL-terminated, maybe empty */
    char **tap_names;     /* host-side NIC names, NULL-terminated, maybe empty */
    gint64 seen_since_ns; /* realtime of the process's start, 0 unknown */
    gint64 not_answering_since_ns; /* monotonic ns since when QEMU or libvirt does not answer
                                      for it; 0: it does */
    gint64 haltpoll_read_ns;       /* monotonic ns of the last libvirt statistics, 0 never */
    guint64 haltpoll_ns; /* time spent halt-polling since its start, when haltpoll_read_ns */
    HvKvmReading *kvm;   /* what libvirt last told of KVM's counts, or NULL: nothing (yet) */
    guint apic;          /* HvApicFacts; 0: its definition was not read */
} HvGuest;

/* All of them, by name. Immutable; shared by an atomic count. */
typedef struct {
    gatomicrefcount refs;
    guint64 generation; /* grows when anything in the list changed */
    guint64 layout; /* grows when VMs, their threads or cgroups came or went; generation alone:
                       states, halt-poll … */
    guint n_guests;
    HvGuest **guests;
    gboolean remote; /* another machine's libvirt: no pids, nothing is joined with procfs */
    gboolean libvirt_connected;
    char *libvirt_why;              /* why not, or "not answering for 3 s", or NULL */
    gint64 libvirt_silent_since_ns; /* monotonic; 0: it answers */
} HvGuestList;

/** hv_guest_list_ref, _unref: NULL is allowed. Any thread, as all below. */
HvGuestList *hv_guest_list_ref(HvGuestList *list);
void hv_guest_list_unref(HvGuestList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvGuestList, hv_guest_list_unref)
/** hv_guest_list_find: by name, borrowed, or NULL. */
const HvGuest *hv_guest_list_find(const HvGuestList *list, const char *name);
/** hv_guest_thread: the thread of a role and number, or NULL. */
const HvThread *hv_guest_thread(const HvGuest *guest, HvThreadRole role, guint index);
/** hv_guest_state_name: "running", "paused", … stable words. */
const char *hv_guest_state_name(HvGuestState state);

/** hv_host_guests_prefer: the VM in view: its libvirt statistics are asked for in every second
 * turn. NULL: none. */
void hv_host_guests_prefer(HvHost *host, const char *vm);

/* Of which VMs libvirt is asked for what KVM counts: dear, as QEMU itself answers. */
typedef enum {
    HV_KVM_WISH_NONE,
    HV_KVM_WISH_VIEW, /* the one in view, see hv_host_guests_prefer() */
    HV_KVM_WISH_ALL,  /* one after the other, every few seconds one */
} HvKvmWish;
/** hv_host_guests_wish_kvm: with statistics that are asked for anyway. Any thread. */
void hv_host_guests_wish_kvm(HvHost *host, HvKvmWish wish);
/** hv_host_guests_set_patient: libvirt is asked a fifth as often, where nobody waits for what
 * it says; its events are heard as ever. Any thread. */
void hv_host_guests_set_patient(HvHost *host, gboolean is_patient);

/* Something that happened to a guest; kept for the last hour, at most 256. */
typedef struct {
    guint64 serial;
    gint64 time_ns; /* since 1970 */
    char *vm;
    char *kind; /* "started", "stopped", "crashed", "paused", "resumed", "arrived", "pin",
                   "connection" … */
    char *text;
} HvGuestEvent;

/** hv_host_guest_events: calls @each for every event with a serial above @after_serial, oldest
 * first; the event is borrowed and @each must not ask the host for anything. Returns: whether
 * there was one. Any thread. */
gboolean hv_host_guest_events(HvHost *host, guint64 after_serial,
                              void (*each)(const HvGuestEvent *event, gpointer data),
                              gpointer data);

/* A call on libvirt. Texts are borrowed for the time of the call. */
typedef enum {
    HV_GUEST_PIN_VCPU,      /* @index, @cpus */
    HV_GUEST_PIN_EMULATOR,  /* @cpus */
    HV_GUEST_PIN_IOTHREAD,  /* @index, @cpus */
    HV_GUEST_XML_INACTIVE,  /* answer: persistent XML, with secrets */
    HV_GUEST_XML_LIVE,      /* answer: live XML */
    HV_GUEST_DEFINE,        /* @xml: redefines the persistent definition */
    HV_GUEST_CONTROL,       /* answer: "ok", "job 12 ms", "occupied 9000 ms": lock-free */
    HV_GUEST_NUMATUNE,      /* @nodes; with @restrictive also that mode, as there is none yet */
    HV_GUEST_NUMATUNE_READ, /* answer: "MODE NODES" ("strict 0-1", mode "other": a later
                               libvirt's), or "": none */
    HV_GUEST_STATE,   /* answer: "running UUID", paused, saved or off; "transient …" before it
                         where stopping it would lose it; also of one that is not active */
    HV_GUEST_DO_SAVE, /* its memory goes to libvirt's file, the VM stops (managed save) */
    HV_GUEST_DO_START,    /* starts it, out of that file where there is one */
    HV_GUEST_DO_SHUTDOWN, /* asks its guest to shut down; comes back at once */
} HvGuestVerb;

typedef struct {
    HvGuestVerb verb;
    const char *vm;
    const char *uuid; /* must match the domain found by name, unless NULL */
    guint index;
    const char *cpus;    /* kernel list */
    guint n_host_cpus;   /* length of the mask in cpus */
    gboolean persistent; /* the persistent definition instead of the live one */
    const char *xml;
    const char *nodes; /* kernel list */
    gboolean restrictive;
} HvGuestRequest;
