/* What libvirt last said of its active domains, shared between the director's and the sampler's
 * thread. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/libvirt-domains.h"

#include <string.h>

/* A command occupies a healthy monitor for less. */
#define OCCUPIED_MS 2000
#define NS_PER_MS 1000000
/* A younger QEMU may keep its monitor, and libvirt, waiting for seconds. */
#define CALM_NS G_GINT64_CONSTANT(10000000000)
/* Whoever has just logged in wants to look and to act: a libvirtd that was never asked for
 * statistics first starts every QEMU binary it knows, and keeps everybody waiting for seconds.
 */
#define FIRST_STATS_NS G_GINT64_CONSTANT(30000000000)

static void
domain_free(gpointer data)
{
    HvDomain *domain = data;

    g_free(domain->uuid);
    g_free(domain->name);
    g_free(domain->job);
    hv_kvm_reading_unref(domain->kvm);
    hv_guest_xml_unref(domain->xml);
    g_free(domain);
}

void
hv_domains_init(HvDomains *domains, gboolean remote, const char *why)
{
    g_mutex_init(&domains->lock);
    g_cond_init(&domains->changed);
    domains->domains = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, domain_free);
    domains->remote = remote;
    domains->why = g_strdup(why);
}

void
hv_domains_clear(HvDomains *domains)
{
    g_hash_table_unref(domains->domains);
    g_free(domains->why);
    g_mutex_clear(&domains->lock);
    g_cond_clear(&domains->changed);
}

void
hv_domains_changed(HvDomains *domains)
{
    g_atomic_int_inc(&domains->generation);
}

/* The caller holds the lock, as for all below that take a domain. */
static HvDomain *
ensure_domain(HvDomains *domains, const HvVirRecord *record, gboolean *is_new)
{
    HvDomain *domain = g_hash_table_lookup(domains->domains, record->uuid);

    if (domain && domain->id != record->id) { /* it stopped and started again since */
        g_hash_table_remove(domains->domains, record->uuid);
        domain = NULL;
    }
    *is_new = !domain;
    if (domain)
        return domain;
    domain = g_new0(HvDomain, 1);
    domain->uuid = g_strdup(record->uuid);
    domain->name = g_strdup(record->name);
    domain->id = record->id;
    domain->reason = "";
    domain->state = HV_GUEST_UNKNOWN;
    g_hash_table_insert(domains->domains, domain->uuid, domain);
    return domain;
}

static gboolean
set_state(HvDomain *domain, const HvVirRecord *record)
{
    HvGuestState state;
    const char *reason = hv_guest_state_from_libvirt(record->state, record->reason, &state);
    gboolean changed = state != domain->state || reason != domain->reason;

    domain->state = state;
    domain->reason = reason;
    if (g_strcmp0(domain->name, record->name) == 0)
        return changed;
    g_free(domain->name);
    domain->name = g_strdup(record->name);
    return TRUE;
}

static gboolean
is_listed(const HvVirAnswer *answer, const char *uuid)
{
    for (guint i = 0; i < answer->records->len; i++)
        if (g_str_equal(((const HvVirRecord *)answer->records->pdata[i])->uuid, uuid))
            return TRUE;
    return FALSE;
}

static gboolean
remove_unlisted(HvDomains *domains, const HvVirAnswer *answer)
{
    GHashTableIter iter;
    gpointer uuid;
    gboolean changed = FALSE;

    if (g_hash_table_size(domains->domains) == answer->records->len)
        return FALSE; /* all of the answer are in it by now */
    g_hash_table_iter_init(&iter, domains->domains);
    while (g_hash_table_iter_next(&iter, &uuid, NULL))
        if (!is_listed(answer, uuid)) {
            g_hash_table_iter_remove(&iter);
            changed = TRUE;
        }
    return changed;
}

void
hv_domains_apply_list(HvDomains *domains, const HvVirAnswer *answer, GHashTable *stale)
{
    gboolean changed = FALSE;

    g_mutex_lock(&domains->lock);
    for (guint i = 0; i < answer->records->len; i++) {
        const HvVirRecord *record = answer->records->pdata[i];
        gboolean is_new;
        HvDomain *domain = ensure_domain(domains, record, &is_new);

        changed |= set_state(domain, record) || is_new;
        if (is_new || !domain->xml)
            g_hash_table_add(stale, g_strdup(record->uuid));
    }
    changed |= remove_unlisted(domains, answer);
    g_mutex_unlock(&domains->lock);
    if (changed)
        hv_domains_changed(domains);
}

void
hv_domains_apply_details(HvDomains *domains, const HvVirAnswer *answer)
{
    g_mutex_lock(&domains->lock);
    for (guint i = 0; i < answer->records->len; i++) {
        HvVirRecord *record = answer->records->pdata[i];
        HvDomain *domain;
        gboolean is_new;

        if (!record->active) {
            g_hash_table_remove(domains->domains, record->uuid);
            continue;
        }
        domain = ensure_domain(domains, record, &is_new);
        (void)set_state(domain, record);
        domain->persistent = record->persistent;
        if (!record->xml)
            continue;
        hv_guest_xml_unref(domain->xml);
        domain->xml = hv_guest_xml_ref(record->xml);
    }
    g_mutex_unlock(&domains->lock);
    hv_domains_changed(domains);
}

/* An occupied monitor says for how long; one that libvirt lost says nothing, so that our first
 * look counts. */
static gint64
not_answering_since(const HvDomain *domain, const HvVirRecord *record, gint64 now_ns)
{
    gint64 since_ns = now_ns - (gint64)record->control_ms * NS_PER_MS;

    if (record->control == VIR_DOMAIN_CONTROL_ERROR)
        return domain->not_answering_since_ns ? domain->not_answering_since_ns : now_ns;
    if (record->control != VIR_DOMAIN_CONTROL_OCCUPIED || record->control_ms < OCCUPIED_MS)
        return 0;
    return domain->not_answering_since_ns ? domain->not_answering_since_ns : since_ns;
}

static gboolean
apply_control(HvDomain *domain, const HvVirRecord *record, gint64 now_ns)
{
    gint64 since_ns = not_answering_since(domain, record, now_ns);
    gboolean changed = since_ns != domain->not_answering_since_ns;

    domain->not_answering_since_ns = since_ns;
    return changed;
}

void
hv_domains_apply_control(HvDomains *domains, const HvVirAnswer *answer, gint64 now_ns)
{
    gboolean changed = FALSE;

    g_mutex_lock(&domains->lock);
    for (guint i = 0; i < answer->records->len; i++) {
        const HvVirRecord *record = answer->records->pdata[i];
        HvDomain *domain = g_hash_table_lookup(domains->domains, record->uuid);

        if (domain && record->active)
            changed |= apply_control(domain, record, now_ns);
        else if (domain) {
            g_hash_table_remove(domains->domains, record->uuid);
            changed = TRUE;
        }
    }
    g_mutex_unlock(&domains->lock);
    if (changed)
        hv_domains_changed(domains);
}

void
hv_domains_apply_stats(HvDomains *domains, const HvVirAnswer *answer, gint64 now_ns)
{
    const HvVirRecord *record = answer->records->pdata[0];
    HvDomain *domain;
    gboolean changed = FALSE;

    g_mutex_lock(&domains->lock);
    domain = g_hash_table_lookup(domains->domains, record->uuid);
    if (domain && record->active) {
        changed = apply_control(domain, record, now_ns) ||
                  g_strcmp0(domain->job, record->job) != 0 || record->has_haltpoll ||
                  record->kvm;
        g_free(domain->job);
        domain->job = g_strdup(record->job);
        if (record->kvm) {
            hv_kvm_reading_unref(domain->kvm);
            domain->kvm = hv_kvm_reading_ref(record->kvm);
            domain->kvm->read_ns = now_ns; /* not seen by others before the unlock below */
        }
        if (record->has_haltpoll) {
            domain->haltpoll_ns = record->haltpoll_ns;
            domain->haltpoll_read_ns = now_ns;
        }
    }
    g_mutex_unlock(&domains->lock);
    if (changed)
        hv_domains_changed(domains);
}

void
hv_domains_remove(HvDomains *domains, const char *uuid)
{
    gboolean changed;

    g_mutex_lock(&domains->lock);
    changed = g_hash_table_remove(domains->domains, uuid);
    g_mutex_unlock(&domains->lock);
    if (changed)
        hv_domains_changed(domains);
}

void
hv_domains_set_connection(HvDomains *domains, gboolean connected, const char *why,
                          gint64 silent_since_ns)
{
    gboolean changed;

    g_mutex_lock(&domains->lock);
    changed = domains->connected != connected || domains->silent_since_ns != silent_since_ns ||
              g_strcmp0(domains->why, why) != 0;
    domains->connected = connected;
    domains->silent_since_ns = silent_since_ns;
    if (changed) {
        g_free(domains->why);
        domains->why = g_strdup(why);
    }
    g_mutex_unlock(&domains->lock);
    if (changed)
        hv_domains_changed(domains);
}

/* ---- whose turn it is ---- */

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp((*(HvDomain *const *)a)->name, (*(HvDomain *const *)b)->name);
}

/* By name; the caller holds the lock while it uses them. */
static GPtrArray *
sorted_domains(HvDomains *domains)
{
    GPtrArray *sorted = g_ptr_array_new();
    GHashTableIter iter;
    gpointer domain;

    g_hash_table_iter_init(&iter, domains->domains);
    while (g_hash_table_iter_next(&iter, NULL, &domain))
        g_ptr_array_add(sorted, domain);
    g_ptr_array_sort(sorted, compare_names);
    return sorted;
}

char **
hv_domains_suspects(HvDomains *domains, guint turn)
{
    GPtrArray *uuids = g_ptr_array_new();
    g_autoptr(GPtrArray) sorted = NULL;

    g_mutex_lock(&domains->lock);
    sorted = sorted_domains(domains);
    for (guint i = 0; i < sorted->len; i++) {
        const HvDomain *domain = sorted->pdata[i];

        if (domain->not_answering_since_ns || i == turn % sorted->len)
            g_ptr_array_add(uuids, g_strdup(domain->uuid));
    }
    g_mutex_unlock(&domains->lock);
    g_ptr_array_add(uuids, NULL);
    return (char **)g_ptr_array_free(uuids, FALSE);
}

char *
hv_domains_nth(HvDomains *domains, guint turn)
{
    g_autoptr(GPtrArray) sorted = NULL;
    char *uuid = NULL;

    g_mutex_lock(&domains->lock);
    sorted = sorted_domains(domains);
    if (sorted->len)
        uuid = g_strdup(((const HvDomain *)sorted->pdata[turn % sorted->len])->uuid);
    g_mutex_unlock(&domains->lock);
    return uuid;
}

static gboolean
may_be_asked(const HvDomain *domain, gboolean remote, gint64 now_ns, gint64 realtime_ns)
{
    if (domain->state != HV_GUEST_RUNNING || domain->not_answering_since_ns ||
        now_ns < domain->stats_after_ns)
        return FALSE;
    return remote || (domain->had_process && realtime_ns - domain->seen_since_ns > CALM_NS);
}

/* The first of those that may be asked, but in every second turn rather one that is wanted. */
static const HvDomain *
choose(const GPtrArray *askable, guint turn, const char *prefer)
{
    for (guint i = 0; turn % 2 && i < askable->len; i++) {
        const HvDomain *domain = askable->pdata[(turn / 2 + i) % askable->len];

        if (domain->job || g_strcmp0(domain->name, prefer) == 0)
            return domain;
    }
    return askable->len ? askable->pdata[turn / 2 % askable->len] : NULL;
}

char *
hv_domains_choose(HvDomains *domains, guint turn, const char *prefer, gint64 now_ns,
                  gint64 realtime_ns, gboolean *emulated, gboolean *preferred)
{
    g_autoptr(GPtrArray) askable = NULL;
    const HvDomain *domain;
    char *uuid;

    *emulated = *preferred = FALSE;
    if (!domains->first_choice_ns)
        domains->first_choice_ns = now_ns;
    if (now_ns - domains->first_choice_ns < FIRST_STATS_NS)
        return NULL;
    g_mutex_lock(&domains->lock);
    askable = sorted_domains(domains);
    for (guint i = askable->len; i-- > 0;)
        if (!may_be_asked(askable->pdata[i], domains->remote, now_ns, realtime_ns))
            g_ptr_array_remove_index(askable, i);
    domain = choose(askable, turn, prefer);
    uuid = domain ? g_strdup(domain->uuid) : NULL;
    *emulated = domain && domain->xml && domain->xml->tcg;
    *preferred = domain && g_strcmp0(domain->name, prefer) == 0;
    g_mutex_unlock(&domains->lock);
    return uuid;
}

void
hv_domains_rest(HvDomains *domains, const char *uuid, gint64 until_ns, gint64 since_ns)
{
    HvDomain *domain;

    g_mutex_lock(&domains->lock);
    domain = g_hash_table_lookup(domains->domains, uuid);
    if (domain) {
        domain->stats_after_ns = until_ns;
        if (since_ns && !domain->not_answering_since_ns)
            domain->not_answering_since_ns = since_ns;
    }
    g_mutex_unlock(&domains->lock);
    if (since_ns)
        hv_domains_changed(domains);
}
