/* The questions that hvtune asks libvirt: run by workers, since any of them may hang. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/libvirt-private.h"

#include "model/error.h"

#include <string.h>

/* An answer with details is cut here, so that events are heard in between. */
#define DETAIL_US 500000
/* A domain whose monitor is occupied for longer is not asked for anything that needs it. */
#define OCCUPIED_MS 2000
#define MAX_XML_BYTES (16 * 1024 * 1024)

HvVirRequest *
hv_vir_request_new(HvVirVerb verb, const char *uri)
{
    HvVirRequest *request = g_new0(HvVirRequest, 1);

    request->verb = verb;
    request->uri = g_strdup(uri);
    return request;
}

void
hv_vir_request_free(gpointer data)
{
    HvVirRequest *request = data;

    g_free(request->uri);
    hv_vir_inbox_unref(request->inbox);
    g_strfreev(request->uuids);
    g_free(request);
}

static void
record_free(gpointer data)
{
    HvVirRecord *record = data;

    g_free(record->uuid);
    g_free(record->name);
    g_free(record->job);
    hv_kvm_reading_unref(record->kvm);
    hv_guest_xml_unref(record->xml);
    g_free(record);
}

void
hv_vir_answer_free(gpointer data)
{
    HvVirAnswer *answer = data;

    g_free(answer->uri);
    g_ptr_array_unref(answer->records);
    g_free(answer);
}

static HvVirAnswer *
answer_new(void)
{
    HvVirAnswer *answer = g_new0(HvVirAnswer, 1);

    answer->records = g_ptr_array_new_with_free_func(record_free);
    return answer;
}

static HvVirRecord *
add_record(HvVirAnswer *answer, virDomainPtr domain, const char *uuid)
{
    HvVirRecord *record = g_new0(HvVirRecord, 1);
    char text[VIR_UUID_STRING_BUFLEN];

    if (domain && virDomainGetUUIDString(domain, text) == 0)
        uuid = text;
    record->uuid = g_strdup(uuid);
    record->name = g_strdup(domain ? virDomainGetName(domain) : "");
    record->id = domain ? (int)virDomainGetID(domain) : -1;
    record->active = domain && record->id >= 0;
    g_ptr_array_add(answer->records, record);
    return record;
}

static HvVirAnswer *
run_open(HvVirConnection *connection, const HvVirRequest *request, GError **error)
{
    HvVirAnswer *answer;
    char *uri;

    hv_vir_disconnect(connection);
    if (!hv_vir_connect(connection, request->uri, TRUE, request->inbox, request->epoch, error))
        return NULL;
    answer = answer_new();
    uri = virConnectGetURI(connection->conn);
    answer->uri = g_strdup(uri ? uri : request->uri);
    free(uri);
    return answer;
}

static int
int_param(const virTypedParameter *params, int n, const char *field)
{
    for (int i = 0; i < n; i++)
        if (params[i].type == VIR_TYPED_PARAM_INT && g_str_equal(params[i].field, field))
            return params[i].value.i;
    return 0;
}

static void
free_domain(gpointer domain)
{
    hv_vir_domain_free(domain);
}

/* Whether it answers is asked of one after the other for ever: nobody is looked up for that
 * before he failed to. */
static void
keep_domain(HvVirConnection *connection, const char *uuid, virDomainPtr take_domain)
{
    if (!connection->answering)
        connection->answering =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_domain);
    g_hash_table_replace(connection->answering, g_strdup(uuid), take_domain);
}

/* All states in one call; not every driver has it. */
static HvVirAnswer *
list_by_stats(HvVirConnection *connection)
{
    virDomainStatsRecordPtr *found = NULL;
    int n = virConnectGetAllDomainStats(connection->conn, VIR_DOMAIN_STATS_STATE, &found,
                                        VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE |
                                            VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    HvVirAnswer *answer = n >= 0 ? answer_new() : NULL;

    g_clear_pointer(&connection->answering, g_hash_table_unref); /* who has gone with them */
    for (int i = 0; i < n; i++) {
        HvVirRecord *record = add_record(answer, found[i]->dom, "");

        record->state = int_param(found[i]->params, found[i]->nparams, "state.state");
        record->reason = int_param(found[i]->params, found[i]->nparams, "state.reason");
        if (record->active && virDomainRef(found[i]->dom) == 0)
            keep_domain(connection, record->uuid, found[i]->dom);
    }
    if (found)
        virDomainStatsRecordListFree(found);
    return answer;
}

static HvVirAnswer *
run_list(HvVirConnection *connection, GError **error)
{
    HvVirAnswer *answer = list_by_stats(connection);
    virDomainPtr *domains = NULL;
    int n;

    if (answer)
        return answer;
    n = virConnectListAllDomains(connection->conn, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    if (n < 0) {
        hv_vir_set_error(error, "list of domains");
        return NULL;
    }
    answer = answer_new();
    for (int i = 0; i < n; i++) {
        HvVirRecord *record = add_record(answer, domains[i], "");

        (void)virDomainGetState(domains[i], &record->state, &record->reason,
                                0); /* gone: the next list */
        hv_vir_domain_free(domains[i]);
    }
    free(domains);
    return answer;
}

/* FALSE only when the connection is of no use any more; a domain that has gone is an answer. */
static gboolean
find_domain(HvVirConnection *connection, const char *uuid, virDomainPtr *domain, GError **error)
{
    const virError *last;

    *domain = virDomainLookupByUUIDString(connection->conn, uuid);
    if (*domain)
        return TRUE;
    last = virGetLastError();
    return (last && last->code == VIR_ERR_NO_DOMAIN) || hv_vir_set_error(error, uuid);
}

static void
read_detail(virDomainPtr domain, HvVirRecord *record)
{
    char *text;

    if (!record->active || virDomainGetState(domain, &record->state, &record->reason, 0) != 0)
        return;
    record->persistent = virDomainIsPersistent(domain) == 1;
    text = virDomainGetXMLDesc(
        domain, 0); /* without it pins and memory stay unknown until the next round */
    if (text && strlen(text) <= MAX_XML_BYTES)
        record->xml = hv_guest_xml_parse(text, NULL);
    free(text);
}

static HvVirAnswer *
run_detail(HvVirConnection *connection, const HvVirRequest *request, GError **error)
{
    g_autoptr(HvVirAnswer) answer = answer_new();
    gint64 until = g_get_monotonic_time() + DETAIL_US;

    for (guint i = 0; request->uuids[i] && g_get_monotonic_time() < until; i++) {
        g_autoptr(virDomain) domain = NULL;

        if (!find_domain(connection, request->uuids[i], &domain, error))
            return NULL;
        read_detail(domain, add_record(answer, domain, request->uuids[i]));
    }
    return g_steal_pointer(&answer);
}

/* FALSE: it does not run, or is there no more. */
static gboolean
read_control(virDomainPtr domain, HvVirRecord *record)
{
    virDomainControlInfo info = { 0 };

    if (!record->active || virDomainGetControlInfo(domain, &info, 0) != 0)
        return FALSE;
    record->control = (int)info.state;
    record->control_ms = (guint)MIN(info.stateTime, G_MAXUINT);
    return TRUE;
}

static gboolean
ask_control(HvVirConnection *connection, const char *uuid, HvVirAnswer *answer, GError **error)
{
    virDomainPtr domain =
        connection->answering ? g_hash_table_lookup(connection->answering, uuid) : NULL;

    if (domain && read_control(domain, add_record(answer, domain, uuid)))
        return TRUE;
    if (domain) {
        g_ptr_array_set_size(answer->records, (int)answer->records->len - 1);
        g_hash_table_remove(connection->answering, uuid);
    }
    if (!find_domain(connection, uuid, &domain, error))
        return FALSE;
    if (read_control(domain, add_record(answer, domain, uuid)))
        keep_domain(connection, uuid, domain);
    else
        hv_vir_domain_free(domain);
    return TRUE;
}

static HvVirAnswer *
run_control(HvVirConnection *connection, const HvVirRequest *request, GError **error)
{
    g_autoptr(HvVirAnswer) answer = answer_new();
    unsigned long version;

    if (!request->uuids[0] && virConnectGetLibVersion(connection->conn, &version) != 0) {
        hv_vir_set_error(error, request->uri);
        return NULL;
    }
    for (guint i = 0; request->uuids[i]; i++) {
        if (!ask_control(connection, request->uuids[i], answer, error))
            return NULL;
    }
    return g_steal_pointer(&answer);
}

static const char *
operation_name(int operation)
{
    static const char *const names[] = {
        [VIR_DOMAIN_JOB_OPERATION_START] = "start",
        [VIR_DOMAIN_JOB_OPERATION_SAVE] = "save",
        [VIR_DOMAIN_JOB_OPERATION_RESTORE] = "restore",
        [VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN] = "migration in",
        [VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT] = "migration",
        [VIR_DOMAIN_JOB_OPERATION_SNAPSHOT] = "snapshot",
        [VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT] = "snapshot revert",
        [VIR_DOMAIN_JOB_OPERATION_DUMP] = "dump",
        [VIR_DOMAIN_JOB_OPERATION_BACKUP] = "backup",
    };

    return operation > 0 && operation < (int)G_N_ELEMENTS(names) ? names[operation] : NULL;
}

/* "migration 43 %", "backup"; NULL without one. */
static char *
read_job(virDomainPtr domain)
{
    virTypedParameterPtr params = NULL;
    int type = VIR_DOMAIN_JOB_NONE, n = 0;
    unsigned long long total = 0, processed = 0;
    char *text = NULL;

    if (virDomainGetJobStats(domain, &type, &params, &n, 0) != 0)
        return NULL;
    if (type == VIR_DOMAIN_JOB_BOUNDED || type == VIR_DOMAIN_JOB_UNBOUNDED) {
        const char *name = operation_name(int_param(params, n, VIR_DOMAIN_JOB_OPERATION));
        (void)virTypedParamsGetULLong(params, n, VIR_DOMAIN_JOB_DATA_TOTAL, &total);
        (void)virTypedParamsGetULLong(params, n, VIR_DOMAIN_JOB_DATA_PROCESSED, &processed);
        text = total && processed <= total
                   ? g_strdup_printf("%s %.0f %%", name ? name : "job",
                                     100.0 * (double)processed / (double)total)
                   : g_strdup(name ? name : "job");
    }
    virTypedParamsFree(params, n);
    return text;
}

static void
read_haltpoll(const virDomainStatsRecord *found, HvVirRecord *record)
{
    unsigned long long success = 0, fail = 0;

    if (virTypedParamsGetULLong(found->params, found->nparams, "cpu.haltpoll.success.time",
                                &success) == 1 &&
        virTypedParamsGetULLong(found->params, found->nparams, "cpu.haltpoll.fail.time",
                                &fail) == 1) {
        record->has_haltpoll = TRUE;
        record->haltpoll_ns = success + fail;
    }
}

/* Halt polling is among them. Without QEMU's query-stats (before 7.1) there are none. */
static void
read_kvm(const virDomainStatsRecord *found, HvVirRecord *record)
{
    g_autoptr(HvKvmReading) reading = hv_kvm_reading_new();
    guint64 success, fail;

    for (int i = 0; i < found->nparams; i++)
        if (found->params[i].type == VIR_TYPED_PARAM_ULLONG)
            hv_kvm_reading_add(reading, found->params[i].field, found->params[i].value.ul);
    hv_kvm_reading_sum(reading);
    if (!reading->total.has)
        return;
    record->has_haltpoll =
        hv_kvm_counts_get(&reading->total, HV_KVM_HALT_POLL_SUCCESS_NS, &success) &&
        hv_kvm_counts_get(&reading->total, HV_KVM_HALT_POLL_FAIL_NS, &fail);
    record->haltpoll_ns = record->has_haltpoll ? success + fail : 0;
    record->kvm = g_steal_pointer(&reading);
}

static void
read_counts(virDomainPtr domain, gboolean kvm, HvVirRecord *record)
{
    virDomainPtr domains[] = { domain, NULL };
    virDomainStatsRecordPtr *found = NULL;
    int n =
        virDomainListGetStats(domains, kvm ? VIR_DOMAIN_STATS_VCPU : VIR_DOMAIN_STATS_CPU_TOTAL,
                              &found, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);

    if (n > 0 && kvm)
        read_kvm(found[0], record);
    else if (n > 0)
        read_haltpoll(found[0], record);
    if (found)
        virDomainStatsRecordListFree(found);
}

/* The only questions that need QEMU's monitor: never of a domain whose monitor is stuck. */
static HvVirAnswer *
run_stats(HvVirConnection *connection, const HvVirRequest *request, GError **error)
{
    g_autoptr(HvVirAnswer) answer = answer_new();
    g_autoptr(virDomain) domain = NULL;
    HvVirRecord *record;

    if (!find_domain(connection, request->uuids[0], &domain, error))
        return NULL;
    record = add_record(answer, domain, request->uuids[0]);
    read_control(domain, record);
    if (!record->active || record->control == VIR_DOMAIN_CONTROL_ERROR ||
        (record->control == VIR_DOMAIN_CONTROL_OCCUPIED && record->control_ms >= OCCUPIED_MS))
        return g_steal_pointer(&answer);
    record->job = read_job(domain);
    if (request->haltpoll || request->kvm)
        read_counts(domain, request->kvm, record);
    return g_steal_pointer(&answer);
}

/* Statistics open their own connection when they need one. */
static gboolean
ensure_open(HvVirConnection *connection, const HvVirRequest *request, GError **error)
{
    if (connection->conn && virConnectIsAlive(connection->conn) == 1)
        return TRUE;
    if (request->verb != HV_VIR_STATS) {
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s: the connection has ended",
                    request->uri);
        return FALSE;
    }
    hv_vir_disconnect(connection);
    return hv_vir_connect(connection, request->uri, TRUE, NULL, 0, error);
}

gpointer
hv_vir_run(gpointer *state, gconstpointer data, GError **error)
{
    const HvVirRequest *request = data;
    HvVirConnection *connection = *state;

    if (!connection)
        *state = connection = g_new0(HvVirConnection, 1);
    if (request->verb == HV_VIR_OPEN)
        return run_open(connection, request, error);
    if (!ensure_open(connection, request, error))
        return NULL;
    switch (request->verb) {
    case HV_VIR_LIST:
        return run_list(connection, error);
    case HV_VIR_DETAIL:
        return run_detail(connection, request, error);
    case HV_VIR_CONTROL:
        return run_control(connection, request, error);
    case HV_VIR_STATS:
        return run_stats(connection, request, error);
    case HV_VIR_OPEN:
    default:
        return NULL;
    }
}
