/* Keeps up with libvirt: one thread that never calls it, and workers that do and may be left
 * behind. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/libvirt-domains.h"

#include "host/worker.h"
#include "model/i18n.h"

#include <string.h>

#define MS 1000
#define S 1000000
/* An answer that takes longer than the first is named; after the second its thread is given up.
 */
#define SILENT_US (2 * S)
#define DEADLINE_MS 10000
#define BACKOFF_MIN_US (500 * MS)
#define BACKOFF_MAX_US (5 * S)
/* Events tell of nearly everything at once; what they leave out is found in slow rounds. */
#define LIST_US (10 * S)
#define DETAIL_US (5 * S)
/* Whether QEMU and libvirt answer: one domain's turn, and those that did not. */
#define CONTROL_US (2 * S)
#define SUSPECT_US (1 * S)
#define STATS_US (3 * S)
/* Where nobody waits for the answers. */
#define PATIENCE 5
#define STATS_DEADLINE_MS 5000
/* A domain whose statistics hung is left alone for so long. */
#define STATS_REST_NS (60 * G_GINT64_CONSTANT(1000000000))
#define POLL_US (100 * MS)
#define DETAILS_AT_ONCE 64
#define GRACE_MS 100

static const HvWorkerClass list_class = { .name = "hv-vir-list",
                                          .what = "libvirt",
                                          .run = hv_vir_run,
                                          .free_request = hv_vir_request_free,
                                          .free_answer = hv_vir_answer_free,
                                          .free_state = hv_vir_connection_free };
static const HvWorkerClass stats_class = { .name = "hv-vir-stats",
                                           .what = "libvirt",
                                           .run = hv_vir_run,
                                           .free_request = hv_vir_request_free,
                                           .free_answer = hv_vir_answer_free,
                                           .free_state = hv_vir_connection_free };

struct HvLibvirt {
    HvHost *host;
    HvGuestEvents *events;
    HvVirInbox *inbox;
    HvDomains domains;
    HvWorkerKind *list, *stats;
    GThread *director; /* NULL before the start */
    gint stopping;     /* atomic */
    gint is_patient;   /* atomic */
    GMutex prefer_lock;
    char *prefer;
    HvKvmWish kvm_wish; /* guarded by the same */
    /* the director's own; times are g_get_monotonic_time() */
    guint64 epoch; /* of the connection whose events count */
    gboolean open;
    gboolean was_open;
    gint64 next_open_us, backoff_us;
    gint64 next_list_us, next_detail_us, next_control_us, next_stats_us;
    GHashTable *stale; /* uuids whose XML must be read */
    guint control_turn, detail_turn, stats_turn;
    HvWorkerCall *stats_call;
    char *stats_uuid;
    gint64 stats_since_us;
};

static gint64
now_us(void)
{
    return g_get_monotonic_time();
}

static gint64
round_us(HvLibvirt *libvirt, gint64 pace_us)
{
    return now_us() + (g_atomic_int_get(&libvirt->is_patient) ? PATIENCE * pace_us : pace_us);
}

gboolean
hv_libvirt_uri_is_local(const char *uri)
{
    const char *scheme_end = strstr(uri, "://");
    g_autofree char *scheme = scheme_end ? g_strndup(uri, (gsize)(scheme_end - uri)) : NULL;
    const char *transport = scheme ? strchr(scheme, '+') : NULL;

    if (!scheme || (scheme_end[3] && scheme_end[3] != '/' && scheme_end[3] != '?'))
        return FALSE;
    return !transport || g_str_equal(transport, "+unix");
}

/* ---- events ---- */

static void
tell(HvLibvirt *libvirt, const char *vm, const char *kind, const char *text)
{
    hv_guest_events_push(libvirt->events, hv_host_realtime_ns(libvirt->host), vm, kind, text);
}

static void
set_stale(HvLibvirt *libvirt, const char *uuid)
{
    if (uuid)
        g_hash_table_add(libvirt->stale, g_strdup(uuid));
}

static void
lose_connection(HvLibvirt *libvirt, const char *why, gint64 silent_since_ns)
{
    gint64 now = now_us();

    libvirt->epoch++; /* whatever its connection still sends is not heard */
    libvirt->open = FALSE;
    libvirt->next_open_us = now + libvirt->backoff_us;
    libvirt->backoff_us = MIN(libvirt->backoff_us * 2, BACKOFF_MAX_US);
    hv_domains_set_connection(&libvirt->domains, FALSE, why, silent_since_ns);
    if (libvirt->was_open)
        tell(libvirt, "", "connection", why);
    libvirt->was_open = FALSE;
}

static void
handle_event(HvLibvirt *libvirt, const HvVirEvent *event)
{
    const char *vm = event->name ? event->name : "";

    if (event->epoch != libvirt->epoch)
        return;
    switch (event->type) {
    case HV_VIR_LIFECYCLE: {
        const char *kind;
        const char *text = hv_vir_lifecycle_text(event->event, event->detail, &kind);

        tell(libvirt, vm, kind, text);
        if (event->event == VIR_DOMAIN_EVENT_STOPPED && event->uuid)
            hv_domains_remove(&libvirt->domains, event->uuid);
        else
            set_stale(libvirt, event->uuid);
        break;
    }
    case HV_VIR_NOTICE:
        tell(libvirt, vm, event->kind, event->text);
        set_stale(libvirt, event->uuid);
        libvirt->next_stats_us = 0; /* a job may have begun or ended */
        break;
    case HV_VIR_CLOSED:
        lose_connection(libvirt, N_("libvirt has closed the connection"), 0);
        break;
    case HV_VIR_CHANGED:
    default:
        set_stale(libvirt, event->uuid);
        break;
    }
}

static void
handle_events(HvLibvirt *libvirt)
{
    for (;;) {
        g_autoptr(HvVirEvent) event = hv_vir_inbox_pop(libvirt->inbox);

        if (!event)
            return;
        handle_event(libvirt, event);
    }
}

/* ---- questions ---- */

static void
set_answered(HvLibvirt *libvirt)
{
    g_mutex_lock(&libvirt->domains.lock);
    libvirt->domains.answered = TRUE;
    g_cond_broadcast(&libvirt->domains.changed);
    g_mutex_unlock(&libvirt->domains.lock);
}

/* The connection is as it was, but for this: it has been silent since then. */
static void
set_silent(HvLibvirt *libvirt, gint64 since_us)
{
    gint64 before_ns = libvirt->domains.silent_since_ns; /* only this thread writes it */

    hv_domains_set_connection(&libvirt->domains, libvirt->open, N_("libvirt does not answer"),
                              before_ns ? before_ns : since_us * 1000);
    if (!before_ns)
        tell(libvirt, "", "connection", N_("libvirt does not answer"));
    set_answered(libvirt); /* whoever waits for the first list goes on without it */
}

static void
clear_silence(HvLibvirt *libvirt)
{
    if (!libvirt->domains.silent_since_ns)
        return;
    hv_domains_set_connection(&libvirt->domains, libvirt->open,
                              libvirt->open ? NULL : N_("connecting to libvirt"), 0);
    tell(libvirt, "", "connection", N_("libvirt answers"));
}

/* NULL: there is no connection any more, and the list says why. */
static HvVirAnswer *
ask(HvLibvirt *libvirt, HvVirRequest *take_request)
{
    g_autoptr(GError) error = NULL;
    gint64 since_us = now_us();
    HvWorkerCall *call = hv_worker_start(libvirt->list, take_request, DEADLINE_MS, &error);
    HvVirAnswer *answer = NULL;

    if (call && !hv_worker_wait(call, since_us + SILENT_US))
        set_silent(libvirt, since_us);
    if (call)
        answer = hv_worker_finish(call, &error);
    if (answer) {
        clear_silence(libvirt);
        return answer;
    }
    if (g_atomic_int_get(&libvirt->stopping))
        return NULL;
    if (!call || g_error_matches(error, HV_ERROR, HV_ERROR_TIMEOUT))
        lose_connection(libvirt, N_("libvirt does not answer"),
                        libvirt->domains.silent_since_ns ? libvirt->domains.silent_since_ns
                                                         : since_us * 1000);
    else
        lose_connection(libvirt, error->message, 0);
    set_answered(libvirt);
    return NULL;
}

static HvVirRequest *
new_request(HvLibvirt *libvirt, HvVirVerb verb, char **take_uuids)
{
    HvVirRequest *request = hv_vir_request_new(verb, libvirt->host->connect_uri);

    request->uuids = take_uuids;
    return request;
}

static void
open_connection(HvLibvirt *libvirt)
{
    HvVirRequest *request = new_request(libvirt, HV_VIR_OPEN, NULL);
    g_autoptr(HvVirAnswer) answer = NULL;

    request->inbox = hv_vir_inbox_ref(libvirt->inbox);
    request->epoch = ++libvirt->epoch;
    answer = ask(libvirt, request);
    if (!answer)
        return;
    libvirt->open = TRUE;
    libvirt->next_list_us = libvirt->next_control_us = 0;
    g_mutex_lock(&libvirt->domains.lock);
    libvirt->domains.remote = !hv_libvirt_uri_is_local(answer->uri);
    g_mutex_unlock(&libvirt->domains.lock);
}

/* Events are registered first and the list is made then: what happens in between is in one of
 * them. */
static void
ask_list(HvLibvirt *libvirt)
{
    g_autoptr(HvVirAnswer) answer = ask(libvirt, new_request(libvirt, HV_VIR_LIST, NULL));

    if (!answer)
        return;
    hv_domains_apply_list(&libvirt->domains, answer, libvirt->stale);
    hv_domains_set_connection(&libvirt->domains, TRUE, NULL, 0);
    if (!libvirt->was_open && libvirt->epoch > 1)
        tell(libvirt, "", "connection", N_("libvirt answers"));
    libvirt->was_open = TRUE;
    libvirt->backoff_us = BACKOFF_MIN_US;
    libvirt->next_list_us = round_us(libvirt, LIST_US);
}

static char **
take_stale(HvLibvirt *libvirt)
{
    GPtrArray *uuids = g_ptr_array_new();
    GHashTableIter iter;
    gpointer uuid;

    g_hash_table_iter_init(&iter, libvirt->stale);
    while (uuids->len < DETAILS_AT_ONCE && g_hash_table_iter_next(&iter, &uuid, NULL))
        g_ptr_array_add(uuids, g_strdup(uuid));
    g_ptr_array_add(uuids, NULL);
    return (char **)g_ptr_array_free(uuids, FALSE);
}

static void
ask_details(HvLibvirt *libvirt)
{
    while (libvirt->open && g_hash_table_size(libvirt->stale) > 0) {
        g_autoptr(HvVirAnswer) answer =
            ask(libvirt, new_request(libvirt, HV_VIR_DETAIL, take_stale(libvirt)));

        if (!answer)
            return;
        for (guint i = 0; i < answer->records->len; i++)
            g_hash_table_remove(libvirt->stale,
                                ((HvVirRecord *)answer->records->pdata[i])->uuid);
        hv_domains_apply_details(&libvirt->domains, answer);
        handle_events(libvirt);
    }
    if (libvirt->open)
        set_answered(libvirt);
}

static void
ask_control(HvLibvirt *libvirt)
{
    char **uuids = hv_domains_suspects(&libvirt->domains, libvirt->control_turn++);
    const gboolean has_suspects = g_strv_length(uuids) > 1;
    g_autoptr(HvVirAnswer) answer = ask(libvirt, new_request(libvirt, HV_VIR_CONTROL, uuids));

    if (!answer)
        return;
    hv_domains_apply_control(&libvirt->domains, answer, hv_host_monotonic_ns(libvirt->host));
    libvirt->next_control_us =
        has_suspects ? now_us() + SUSPECT_US : round_us(libvirt, CONTROL_US);
}

/* Changes of a definition alone, of memory and weights have no event. */
static void
make_one_stale(HvLibvirt *libvirt)
{
    g_autofree char *uuid = hv_domains_nth(&libvirt->domains, libvirt->detail_turn++);

    set_stale(libvirt, uuid);
    libvirt->next_detail_us = round_us(libvirt, DETAIL_US);
}

/* ---- statistics: the only calls that need QEMU itself ---- */

static void
start_stats(HvLibvirt *libvirt)
{
    HvVirRequest *request;
    g_autofree char *prefer = NULL;
    gboolean emulated, preferred;
    HvKvmWish wish;

    g_mutex_lock(&libvirt->prefer_lock);
    prefer = g_strdup(libvirt->prefer);
    wish = libvirt->kvm_wish;
    g_mutex_unlock(&libvirt->prefer_lock);
    libvirt->next_stats_us = round_us(libvirt, STATS_US);
    g_free(libvirt->stats_uuid);
    libvirt->stats_uuid = hv_domains_choose(
        &libvirt->domains, libvirt->stats_turn++, prefer, hv_host_monotonic_ns(libvirt->host),
        hv_host_realtime_ns(libvirt->host), &emulated, &preferred);
    if (!libvirt->stats_uuid)
        return;
    request = new_request(libvirt, HV_VIR_STATS, g_new0(char *, 2));
    request->uuids[0] = g_strdup(libvirt->stats_uuid);
    request->haltpoll = !emulated;
    request->kvm =
        !emulated && (wish == HV_KVM_WISH_ALL || (wish == HV_KVM_WISH_VIEW && preferred));
    libvirt->stats_since_us = now_us();
    /* fails while too many hang: no statistics then */
    libvirt->stats_call = hv_worker_start(libvirt->stats, request, STATS_DEADLINE_MS, NULL);
}

static void
poll_stats(HvLibvirt *libvirt)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvVirAnswer) answer = NULL;

    if (!libvirt->stats_call || !hv_worker_wait(libvirt->stats_call, 0))
        return;
    answer = hv_worker_finish(g_steal_pointer(&libvirt->stats_call), &error);
    if (answer)
        hv_domains_apply_stats(&libvirt->domains, answer, hv_host_monotonic_ns(libvirt->host));
    else
        hv_domains_rest(&libvirt->domains, libvirt->stats_uuid,
                        hv_host_monotonic_ns(libvirt->host) + STATS_REST_NS,
                        g_error_matches(error, HV_ERROR, HV_ERROR_TIMEOUT)
                            ? libvirt->stats_since_us * 1000
                            : 0);
}

/* ---- the director ---- */

static gint64
next_wake(const HvLibvirt *libvirt)
{
    gint64 next = libvirt->next_open_us;

    if (libvirt->open)
        next =
            MIN(MIN(libvirt->next_list_us, libvirt->next_detail_us), libvirt->next_control_us);
    if (libvirt->stats_call)
        return MIN(next, now_us() + POLL_US);
    return libvirt->open ? MIN(next, libvirt->next_stats_us) : next;
}

static void
step(HvLibvirt *libvirt)
{
    handle_events(libvirt);
    if (!libvirt->open && now_us() >= libvirt->next_open_us)
        open_connection(libvirt);
    if (libvirt->open && now_us() >= libvirt->next_list_us)
        ask_list(libvirt);
    if (libvirt->open && now_us() >= libvirt->next_detail_us)
        make_one_stale(libvirt);
    if (libvirt->open)
        ask_details(libvirt);
    if (libvirt->open && now_us() >= libvirt->next_control_us)
        ask_control(libvirt);
    poll_stats(libvirt);
    if (libvirt->open && !libvirt->stats_call && now_us() >= libvirt->next_stats_us)
        start_stats(libvirt);
}

static void
free_answer(HvVirAnswer *answer)
{
    if (answer)
        hv_vir_answer_free(answer);
}

static gpointer
director_thread(gpointer data)
{
    HvLibvirt *libvirt = data;

    hv_worker_block_signals();
    while (!g_atomic_int_get(&libvirt->stopping)) {
        step(libvirt);
        hv_vir_inbox_wait(libvirt->inbox, next_wake(libvirt));
    }
    if (libvirt->stats_call) /* its kind is closed: at once */
        free_answer(hv_worker_finish(libvirt->stats_call, NULL));
    return NULL;
}

HvLibvirt *
hv_libvirt_new(HvHost *host, HvGuestEvents *events)
{
    HvLibvirt *libvirt = g_new0(HvLibvirt, 1);
    gboolean live = hv_host_is_live(host);

    libvirt->host = host;
    libvirt->events = events;
    libvirt->inbox = hv_vir_inbox_new();
    libvirt->backoff_us = BACKOFF_MIN_US;
    libvirt->stale = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    libvirt->list = hv_worker_kind_new(&list_class);
    libvirt->stats = hv_worker_kind_new(&stats_class);
    g_mutex_init(&libvirt->prefer_lock);
    hv_domains_init(&libvirt->domains, live && !hv_libvirt_uri_is_local(host->connect_uri),
                    live ? N_("libvirt was not asked yet")
                         : N_("a captured tree has no libvirt"));
    return libvirt;
}

void
hv_libvirt_start(HvLibvirt *libvirt)
{
    if (libvirt->director)
        return;
    libvirt->director = g_thread_try_new("hv-guests", director_thread, libvirt, NULL);
    if (!libvirt->director)
        hv_domains_set_connection(&libvirt->domains, FALSE, N_("no thread for libvirt"), 0);
}

void
hv_libvirt_free(HvLibvirt *libvirt)
{
    if (!libvirt)
        return;
    g_atomic_int_set(&libvirt->stopping, TRUE);
    hv_worker_kind_cancel(libvirt->list);
    hv_worker_kind_cancel(libvirt->stats);
    hv_vir_inbox_wake(libvirt->inbox);
    if (libvirt->director)
        g_thread_join(libvirt->director);
    hv_worker_kind_close(libvirt->list, GRACE_MS);
    hv_worker_kind_close(libvirt->stats, GRACE_MS);
    hv_vir_inbox_close(libvirt->inbox);
    hv_vir_inbox_unref(libvirt->inbox);
    hv_domains_clear(&libvirt->domains);
    g_hash_table_unref(libvirt->stale);
    g_mutex_clear(&libvirt->prefer_lock);
    g_free(libvirt->prefer);
    g_free(libvirt->stats_uuid);
    g_free(libvirt);
}

void
hv_libvirt_wait(HvLibvirt *libvirt, guint deadline_ms)
{
    gint64 until = now_us() + (gint64)deadline_ms * MS;

    g_mutex_lock(&libvirt->domains.lock);
    while (libvirt->director && !libvirt->domains.answered)
        if (!g_cond_wait_until(&libvirt->domains.changed, &libvirt->domains.lock, until))
            break;
    g_mutex_unlock(&libvirt->domains.lock);
}

guint64
hv_libvirt_generation(HvLibvirt *libvirt)
{
    return (guint64)g_atomic_int_get(&libvirt->domains.generation);
}

gboolean
hv_libvirt_is_remote(HvLibvirt *libvirt)
{
    gboolean remote;

    g_mutex_lock(&libvirt->domains.lock);
    remote = libvirt->domains.remote;
    g_mutex_unlock(&libvirt->domains.lock);
    return remote;
}

void
hv_libvirt_set_patient(HvLibvirt *libvirt, gboolean is_patient)
{
    g_atomic_int_set(&libvirt->is_patient, is_patient);
}

void
hv_libvirt_wish_kvm(HvLibvirt *libvirt, HvKvmWish wish)
{
    g_mutex_lock(&libvirt->prefer_lock);
    libvirt->kvm_wish = wish;
    g_mutex_unlock(&libvirt->prefer_lock);
}

void
hv_libvirt_prefer(HvLibvirt *libvirt, const char *vm)
{
    g_mutex_lock(&libvirt->prefer_lock);
    g_free(libvirt->prefer);
    libvirt->prefer = g_strdup(vm);
    g_mutex_unlock(&libvirt->prefer_lock);
}

void
hv_libvirt_lock(HvLibvirt *libvirt, HvLibvirtView *view)
{
    g_mutex_lock(&libvirt->domains.lock);
    *view = (HvLibvirtView){ .connected = libvirt->domains.connected,
                             .remote = libvirt->domains.remote,
                             .why = libvirt->domains.why,
                             .silent_since_ns = libvirt->domains.silent_since_ns,
                             .domains = libvirt->domains.domains };
}

void
hv_libvirt_unlock(HvLibvirt *libvirt)
{
    g_mutex_unlock(&libvirt->domains.lock);
}
