/* libvirt's events: its loop on a thread of its own, and the inbox that its callbacks fill. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/libvirt-private.h"

#include "host/worker.h"
#include "model/error.h"
#include "model/i18n.h"

#include <string.h>

/* More unread ones than this are not told: the list is made anew anyway. */
#define MAX_UNREAD 4096

struct HvVirInbox {
    gatomicrefcount refs;
    GMutex lock;
    GCond changed;
    GQueue events;
    gboolean woken, closed;
};

/* What every callback of a connection carries. */
typedef struct {
    HvVirInbox *inbox;
    guint64 epoch;
} Origin;

void
hv_vir_event_free(HvVirEvent *event)
{
    if (!event)
        return;
    g_free(event->uuid);
    g_free(event->name);
    g_free(event->text);
    g_free(event);
}

HvVirInbox *
hv_vir_inbox_new(void)
{
    HvVirInbox *inbox = g_new0(HvVirInbox, 1);

    g_atomic_ref_count_init(&inbox->refs);
    g_mutex_init(&inbox->lock);
    g_cond_init(&inbox->changed);
    g_queue_init(&inbox->events);
    return inbox;
}

HvVirInbox *
hv_vir_inbox_ref(HvVirInbox *inbox)
{
    g_atomic_ref_count_inc(&inbox->refs);
    return inbox;
}

static void
drop_events(HvVirInbox *inbox)
{
    for (HvVirEvent *event; (event = g_queue_pop_head(&inbox->events));)
        hv_vir_event_free(event);
}

void
hv_vir_inbox_unref(HvVirInbox *inbox)
{
    if (!inbox || !g_atomic_ref_count_dec(&inbox->refs))
        return;
    drop_events(inbox);
    g_mutex_clear(&inbox->lock);
    g_cond_clear(&inbox->changed);
    g_free(inbox);
}

static void
push(HvVirInbox *inbox, HvVirEvent *take_event)
{
    g_mutex_lock(&inbox->lock);
    if (inbox->closed || inbox->events.length >= MAX_UNREAD)
        hv_vir_event_free(take_event);
    else
        g_queue_push_tail(&inbox->events, take_event);
    inbox->woken = TRUE;
    g_cond_signal(&inbox->changed);
    g_mutex_unlock(&inbox->lock);
}

HvVirEvent *
hv_vir_inbox_pop(HvVirInbox *inbox)
{
    HvVirEvent *event;

    g_mutex_lock(&inbox->lock);
    event = g_queue_pop_head(&inbox->events);
    g_mutex_unlock(&inbox->lock);
    return event;
}

void
hv_vir_inbox_wait(HvVirInbox *inbox, gint64 monotonic_us)
{
    g_mutex_lock(&inbox->lock);
    while (!inbox->woken && g_queue_is_empty(&inbox->events))
        if (!g_cond_wait_until(&inbox->changed, &inbox->lock, monotonic_us))
            break;
    inbox->woken = FALSE;
    g_mutex_unlock(&inbox->lock);
}

void
hv_vir_inbox_wake(HvVirInbox *inbox)
{
    g_mutex_lock(&inbox->lock);
    inbox->woken = TRUE;
    g_cond_signal(&inbox->changed);
    g_mutex_unlock(&inbox->lock);
}

void
hv_vir_inbox_close(HvVirInbox *inbox)
{
    g_mutex_lock(&inbox->lock);
    inbox->closed = TRUE;
    drop_events(inbox);
    g_mutex_unlock(&inbox->lock);
}

/* ---- callbacks: they copy and return, as libvirt asks ---- */

static HvVirEvent *
event_new(const Origin *origin, HvVirEventType type, virDomainPtr domain)
{
    HvVirEvent *event = g_new0(HvVirEvent, 1);
    char uuid[VIR_UUID_STRING_BUFLEN];

    event->type = type;
    event->epoch = origin->epoch;
    if (domain && virDomainGetUUIDString(domain, uuid) == 0)
        event->uuid = g_strdup(uuid);
    if (domain)
        event->name = g_strdup(virDomainGetName(domain));
    return event;
}

static void
push_notice(const Origin *origin, virDomainPtr domain, const char *kind, char *take_text)
{
    HvVirEvent *event = event_new(origin, HV_VIR_NOTICE, domain);

    event->kind = kind;
    event->text = take_text;
    push(origin->inbox, event);
}

static int
on_lifecycle(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain, int event, int detail,
             void *data)
{
    const Origin *origin = data;
    HvVirEvent *message = event_new(origin, HV_VIR_LIFECYCLE, domain);

    message->event = event;
    message->detail = detail;
    push(origin->inbox, message);
    return 0;
}

static void
on_reboot(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain, void *data)
{
    push_notice(data, domain, "rebooted", g_strdup(N_("rebooted by its guest or a user")));
}

static void
on_control_error(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain, void *data)
{
    push_notice(data, domain, "not answering",
                g_strdup(N_("libvirt lost touch with its QEMU")));
}

/* "cputune.vcpupin3" = "0-1" */
static void
on_tunable(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain, virTypedParameterPtr params,
           int n, void *data)
{
    for (int i = 0; i < n; i++) {
        const char *field = params[i].field;
        const char *short_name = strrchr(field, '.') ? strrchr(field, '.') + 1 : field;
        gboolean pin = strstr(field, "pin") && params[i].type == VIR_TYPED_PARAM_STRING;
        char *text = NULL;

        if (params[i].type == VIR_TYPED_PARAM_STRING)
            text = g_strdup_printf("%s = %s", short_name, params[i].value.s);
        else if (params[i].type == VIR_TYPED_PARAM_ULLONG)
            text = g_strdup_printf("%s = %llu", short_name, params[i].value.ul);
        else if (params[i].type == VIR_TYPED_PARAM_LLONG)
            text = g_strdup_printf("%s = %lld", short_name, params[i].value.l);
        else
            text = g_strdup(short_name);
        push_notice(data, domain, pin ? "pin" : "limit", text);
    }
}

static void
on_device_added(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain, const char *alias,
                void *data)
{
    push_notice(data, domain, "device", g_strdup_printf("%s: added", alias));
}

static void
on_device_removed(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain, const char *alias,
                  void *data)
{
    push_notice(data, domain, "device", g_strdup_printf("%s: removed", alias));
}

static void
on_job_completed(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain,
                 virTypedParameterPtr params G_GNUC_UNUSED, int n G_GNUC_UNUSED, void *data)
{
    push_notice(data, domain, "job", g_strdup(N_("its job has ended")));
}

static void
push_changed(const Origin *origin, virDomainPtr domain)
{
    push(origin->inbox, event_new(origin, HV_VIR_CHANGED, domain));
}

static void
on_metadata(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain, int type G_GNUC_UNUSED,
            const char *namespace G_GNUC_UNUSED, void *data)
{
    push_changed(data, domain);
}

static void
on_iteration(virConnectPtr conn G_GNUC_UNUSED, virDomainPtr domain, int iteration, void *data)
{
    if (iteration <= 1)
        push_notice(data, domain, "job", g_strdup(N_("its migration has begun")));
}

static void
on_closed(virConnectPtr conn G_GNUC_UNUSED, int reason G_GNUC_UNUSED, void *data)
{
    const Origin *origin = data;

    push(origin->inbox, event_new(origin, HV_VIR_CLOSED, NULL));
}

static void
origin_free(void *data)
{
    Origin *origin = data;

    hv_vir_inbox_unref(origin->inbox);
    g_free(origin);
}

static Origin *
origin_new(HvVirInbox *inbox, guint64 epoch)
{
    Origin *origin = g_new(Origin, 1);

    *origin = (Origin){ hv_vir_inbox_ref(inbox), epoch };
    return origin;
}

void
hv_vir_register(HvVirConnection *connection, guint64 epoch)
{
    static const struct {
        int id;
        virConnectDomainEventGenericCallback callback;
    } wanted[] = {
        { VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle) },
        { VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(on_reboot) },
        { VIR_DOMAIN_EVENT_ID_CONTROL_ERROR, VIR_DOMAIN_EVENT_CALLBACK(on_control_error) },
        { VIR_DOMAIN_EVENT_ID_TUNABLE, VIR_DOMAIN_EVENT_CALLBACK(on_tunable) },
        { VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device_added) },
        { VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device_removed) },
        { VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, VIR_DOMAIN_EVENT_CALLBACK(on_job_completed) },
        { VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_metadata) },
        { VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION, VIR_DOMAIN_EVENT_CALLBACK(on_iteration) },
    };
    Origin *origin;

    for (guint i = 0; i < G_N_ELEMENTS(wanted) && i < HV_VIR_MAX_CALLBACKS; i++) {
        int id;

        origin = origin_new(connection->inbox, epoch);
        id = virConnectDomainEventRegisterAny(connection->conn, NULL, wanted[i].id,
                                              wanted[i].callback, origin, origin_free);
        if (id >= 0)
            connection->callbacks[connection->n_callbacks++] = id;
        else
            origin_free(
                origin); /* an event that this driver does not have: the slow rounds remain */
    }
    origin = origin_new(connection->inbox, epoch);
    if (virConnectRegisterCloseCallback(connection->conn, on_closed, origin, origin_free) != 0)
        origin_free(origin); /* drivers without a daemon do not close */
}

void
hv_vir_unregister(HvVirConnection *connection)
{
    for (guint i = 0; i < connection->n_callbacks; i++) /* each holds the connection */
        (void)virConnectDomainEventDeregisterAny(connection->conn, connection->callbacks[i]);
    connection->n_callbacks = 0;
    if (connection->inbox)
        (void)virConnectUnregisterCloseCallback(connection->conn, on_closed);
    g_clear_pointer(&connection->inbox, hv_vir_inbox_unref);
}

/* ---- the loop ---- */

static gpointer
event_loop(gpointer unused G_GNUC_UNUSED)
{
    hv_worker_block_signals();
    while (virEventRunDefaultImpl() == 0)
        ;
    return NULL;
}

/* libvirt would print errors over the screen. */
static void
quiet(void *data G_GNUC_UNUSED, virErrorPtr error G_GNUC_UNUSED)
{
}

static gpointer
init_once(gpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GThread) thread = NULL;

    virSetErrorFunc(NULL, quiet);
    if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
        return NULL;
    thread = g_thread_try_new("hv-vir-events", event_loop, NULL, NULL);
    return GINT_TO_POINTER(thread != NULL);
}

gboolean
hv_vir_init(GError **error)
{
    static GOnce once = G_ONCE_INIT;

    if (!hv_libvirt_load(error))
        return FALSE;
    if (g_once(&once, init_once, NULL))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "libvirt: its event loop cannot be started");
    return FALSE;
}
