/* Calls on libvirt, made by threads that may be left behind, and the events it sends. Only for
 * files in host/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/guest-xml.h"
#include "host/libvirt-load.h"

/* ---- events: host/libvirt-events.c ---- */

typedef enum {
    HV_VIR_LIFECYCLE, /* event and detail as libvirt's virDomainEventType */
    HV_VIR_NOTICE,    /* @kind and @text say what; the domain is read again */
    HV_VIR_CHANGED,   /* the domain is read again, nobody is told */
    HV_VIR_CLOSED,    /* the connection has ended */
} HvVirEventType;

typedef struct {
    HvVirEventType type;
    guint64 epoch; /* of the connection that it came from */
    char *uuid, *name;
    int event, detail;
    const char *kind; /* static */
    char *text;
} HvVirEvent;
void hv_vir_event_free(HvVirEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvVirEvent, hv_vir_event_free)

/* Where events arrive: from libvirt's thread to ours. Shared by an atomic count, since
 * connections that hang keep it. */
typedef struct HvVirInbox HvVirInbox;
HvVirInbox *hv_vir_inbox_new(void);
HvVirInbox *hv_vir_inbox_ref(HvVirInbox *inbox);
void hv_vir_inbox_unref(HvVirInbox *inbox);
/** hv_vir_inbox_pop: the oldest event or NULL. hv_vir_inbox_wait: until there is one,
 * @monotonic_us, or a wake. */
HvVirEvent *hv_vir_inbox_pop(HvVirInbox *inbox);
void hv_vir_inbox_wait(HvVirInbox *inbox, gint64 monotonic_us);
void hv_vir_inbox_wake(HvVirInbox *inbox);
/** hv_vir_inbox_close: whatever comes later is dropped. */
void hv_vir_inbox_close(HvVirInbox *inbox);

/** hv_vir_lifecycle_text: of virDomainEventType and its detail: what to tell, and its @kind;
 * static. */
const char *hv_vir_lifecycle_text(int event, int detail, const char **kind);

/** hv_vir_init: libvirt, its event loop and the thread of that loop, once per process. Never on
 * a thread that must not wait. FALSE with @error. */
gboolean hv_vir_init(GError **error);

/* ---- connections: host/libvirt-connection.c; one thread each ---- */

#define HV_VIR_MAX_CALLBACKS 16

typedef struct {
    virConnectPtr conn; /* NULL: none */
    gboolean read_only;
    HvVirInbox *inbox; /* or NULL: without events */
    int callbacks[HV_VIR_MAX_CALLBACKS];
    guint n_callbacks;
    GHashTable *answering; /* UUID to virDomainPtr: those asked whether they answer, or NULL */
} HvVirConnection;

/** hv_vir_connect: opens @connection, which must be closed. @inbox: gets its events, marked
 * with @epoch. May hang. */
gboolean hv_vir_connect(HvVirConnection *connection, const char *uri, gboolean read_only,
                        HvVirInbox *inbox, guint64 epoch, GError **error);
/** hv_vir_disconnect: may hang. hv_vir_connection_free: the same, for a worker's state. */
void hv_vir_disconnect(HvVirConnection *connection);
void hv_vir_connection_free(gpointer connection);
/** hv_vir_register, _unregister: for everything that hvtune listens to (host/libvirt-events.c).
 */
void hv_vir_register(HvVirConnection *connection, guint64 epoch);
void hv_vir_unregister(HvVirConnection *connection);

/** hv_vir_set_error: from this thread's last libvirt error, with @what in front: DENIED,
 * ABSENT, REFUSED or FAILED. Returns FALSE. */
gboolean hv_vir_set_error(GError **error, const char *what);

static inline void
hv_vir_domain_free(virDomainPtr domain)
{
    if (domain)
        (void)virDomainFree(domain);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virDomain, hv_vir_domain_free)

/* ---- <numatune>: host/libvirt-numatune.c ---- */

/** hv_vir_numatune_read: "MODE NODES", or "" where nothing is set; NULL with @error, @vm in front.
 * (transfer full) hv_vir_numatune_write: @nodes, a kernel list, and with @restrictive that mode
 * together with it: without a mode libvirt would make it strict, for the life of the domain. FALSE:
 * libvirt's last error says why. Source: libvirt virDomainSetNumaParameters. */
char *hv_vir_numatune_read(virDomainPtr domain, const char *vm, gboolean persistent,
                           GError **error);
gboolean hv_vir_numatune_write(virDomainPtr domain, const char *nodes, gboolean restrictive,
                               gboolean persistent);

/* ---- questions: host/libvirt-calls.c ---- */

typedef enum {
    HV_VIR_OPEN,    /* connects anew; the answer has the uri that libvirt resolved */
    HV_VIR_LIST,    /* every active domain with its state */
    HV_VIR_DETAIL,  /* those of @uuids with XML; as many as fit into half a second, in order */
    HV_VIR_CONTROL, /* whether those of @uuids answer; without any, whether libvirt does */
    HV_VIR_STATS,   /* job and halt-polling of the one of @uuids, unless it does not answer */
} HvVirVerb;

typedef struct {
    HvVirVerb verb;
    char *uri;
    HvVirInbox *inbox; /* of an OPEN with events */
    guint64 epoch;
    char **uuids;
    gboolean haltpoll; /* of STATS: ask for halt-polling, too */
    gboolean kvm;      /* and for what KVM counts of each vCPU */
} HvVirRequest;
HvVirRequest *hv_vir_request_new(HvVirVerb verb, const char *uri);
void hv_vir_request_free(gpointer request);

typedef struct {
    char *uuid, *name;
    gboolean active; /* FALSE: it has gone */
    int id, state, reason;
    gboolean persistent;
    HvGuestXml *xml;  /* or NULL */
    int control;      /* virDomainControlState */
    guint control_ms; /* since when it is in this state */
    char *job;        /* or NULL */
    gboolean has_haltpoll;
    guint64 haltpoll_ns;
    HvKvmReading *kvm; /* or NULL */
} HvVirRecord;

typedef struct {
    char *uri; /* of OPEN */
    GPtrArray *records;
} HvVirAnswer;
void hv_vir_answer_free(gpointer answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvVirAnswer, hv_vir_answer_free)

/** hv_vir_run: a HvWorkerClass.run: HvVirRequest in, HvVirAnswer out; the thread's state is its
 * HvVirConnection. */
gpointer hv_vir_run(gpointer *state, gconstpointer request, GError **error);
