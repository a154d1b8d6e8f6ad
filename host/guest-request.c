/* Calls on libvirt that a person asked for: pins and definitions, on a connection of their own.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include "host/libvirt-private.h"
#include "host/worker.h"

#include <string.h>

#define GRACE_MS 100
/* A healthy monitor is occupied for less; a change would wait behind it for half a minute. */
#define OCCUPIED_MS 2000

/* A request that outlives its asker. */
typedef struct {
    HvGuestVerb verb;
    char *uri, *vm, *uuid, *xml, *nodes;
    guint index;
    gboolean persistent, restrictive, read_only;
    unsigned char *map; /* libvirt's cpu mask */
    int map_bytes;
} Action;

struct HvActions {
    HvHost *host;
    HvWorkerKind *kind;
};

static void
action_free(gpointer data)
{
    Action *action = data;

    g_free(action->uri);
    g_free(action->vm);
    g_free(action->uuid);
    g_free(action->xml); /* may hold secrets; it is as long in the journal */
    g_free(action->nodes);
    g_free(action->map);
    g_free(action);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Action, action_free)

gboolean
hv_guest_verb_changes(HvGuestVerb verb)
{
    return verb != HV_GUEST_XML_INACTIVE && verb != HV_GUEST_XML_LIVE &&
           verb != HV_GUEST_CONTROL && verb != HV_GUEST_STATE && verb != HV_GUEST_NUMATUNE_READ;
}

gboolean
hv_guest_verb_pins(HvGuestVerb verb)
{
    return verb == HV_GUEST_PIN_VCPU || verb == HV_GUEST_PIN_EMULATOR ||
           verb == HV_GUEST_PIN_IOTHREAD;
}

/* ---- in the worker's thread ---- */

static gboolean
ensure_open(HvVirConnection *connection, const Action *action, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (connection->conn && virConnectIsAlive(connection->conn) == 1)
        return TRUE;
    hv_vir_disconnect(connection);
    if (hv_vir_connect(connection, action->uri, action->read_only, NULL, 0, &why))
        return TRUE;
    /* it is libvirt that is away, which says nothing about the VM that was to be changed */
    if (hv_guest_verb_changes(action->verb) && g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT))
        why->code = HV_ERROR_FAILED;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

static virDomainPtr
find_domain(virConnectPtr conn, const Action *action, GError **error)
{
    g_autoptr(virDomain) domain = virDomainLookupByName(conn, action->vm);
    char uuid[VIR_UUID_STRING_BUFLEN];

    if (!domain) {
        hv_vir_set_error(error, action->vm);
        return NULL;
    }
    if (action->uuid && (virDomainGetUUIDString(domain, uuid) != 0 ||
                         g_ascii_strcasecmp(uuid, action->uuid) != 0)) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT, "%s: another VM has this name now",
                    action->vm);
        return NULL;
    }
    return g_steal_pointer(&domain);
}

/* Never waits for the domain. */
static gboolean
read_control(virDomainPtr domain, const Action *action, virDomainControlInfo *info,
             GError **error)
{
    memset(info, 0, sizeof *info);
    return virDomainGetControlInfo(domain, info, 0) == 0 || hv_vir_set_error(error, action->vm);
}

static char *
control_text(const virDomainControlInfo *info)
{
    static const char *const names[] = { "ok", "job", "occupied", "error" };
    const char *name = info->state < G_N_ELEMENTS(names) ? names[info->state] : "error";

    if (info->state == VIR_DOMAIN_CONTROL_OK || info->state == VIR_DOMAIN_CONTROL_ERROR)
        return g_strdup(name);
    return g_strdup_printf("%s %llu ms", name, info->stateTime);
}

/* Behind a stuck monitor the call would hang and its outcome be unknown; so nothing is tried.
 */
static gboolean
is_free(virDomainPtr domain, const Action *action, GError **error)
{
    virDomainControlInfo info;

    if (virDomainIsActive(domain) != 1)
        return TRUE;
    if (!read_control(domain, action, &info, error))
        return FALSE;
    if (info.state != VIR_DOMAIN_CONTROL_OCCUPIED || info.stateTime < OCCUPIED_MS)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                "%s: not answering libvirt for %llu s, nothing was tried", action->vm,
                info.stateTime / 1000);
    return FALSE;
}

/* A connection that broke after the call was sent took the answer with it, not the call. */
static void
set_failed(virConnectPtr conn, const Action *action, GError **error)
{
    hv_vir_set_error(error, action->vm);
    if (error && *error && virConnectIsAlive(conn) != 1)
        (*error)->code = HV_ERROR_TIMEOUT;
}

/* Nobody hears this error: the asker has gone. */
static gboolean
commit(GError **error)
{
    if (hv_worker_commit())
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "libvirt: too late, nothing was changed");
    return FALSE;
}

static char *
run_pin(virDomainPtr domain, const Action *action, GError **error)
{
    guint flags = action->persistent ? VIR_DOMAIN_AFFECT_CONFIG : VIR_DOMAIN_AFFECT_LIVE;
    virConnectPtr conn =
        virDomainGetConnect(domain); /* asked now: asking forgets the last error */
    int status;

    if (!is_free(domain, action, error) || !commit(error))
        return NULL;
    if (action->verb == HV_GUEST_PIN_VCPU)
        status =
            virDomainPinVcpuFlags(domain, action->index, action->map, action->map_bytes, flags);
    else if (action->verb == HV_GUEST_PIN_EMULATOR)
        status = virDomainPinEmulator(domain, action->map, action->map_bytes, flags);
    else
        status =
            virDomainPinIOThread(domain, action->index, action->map, action->map_bytes, flags);
    if (status == 0)
        return g_strdup("");
    set_failed(conn, action, error);
    return NULL;
}

static char *
run_numatune(virDomainPtr domain, const Action *action, GError **error)
{
    virConnectPtr conn = virDomainGetConnect(domain);

    if (!is_free(domain, action, error) || !commit(error))
        return NULL;
    if (hv_vir_numatune_write(domain, action->nodes, action->restrictive, action->persistent))
        return g_strdup("");
    set_failed(conn, action, error);
    return NULL;
}

static char *
run_xml(virDomainPtr domain, const Action *action, GError **error)
{
    guint flags = 0;
    char *text, *answer;

    if (action->verb == HV_GUEST_XML_INACTIVE)
        flags = VIR_DOMAIN_XML_INACTIVE | (action->read_only ? 0 : VIR_DOMAIN_XML_SECURE);
    text = virDomainGetXMLDesc(domain, flags);
    if (!text)
        hv_vir_set_error(error, action->vm);
    answer = g_strdup(text);
    free(text);
    return answer;
}

static char *
run_define(virConnectPtr conn, const Action *action, GError **error)
{
    g_autoptr(virDomain) defined = NULL;

    if (!commit(error))
        return NULL;
    defined = virDomainDefineXMLFlags(conn, action->xml, 0);
    if (defined)
        return g_strdup("");
    set_failed(conn, action, error);
    return NULL;
}

static char *
run_control(virDomainPtr domain, const Action *action, GError **error)
{
    virDomainControlInfo info;

    return read_control(domain, action, &info, error) ? control_text(&info) : NULL;
}

static char *
run_state(virDomainPtr domain, const Action *action, GError **error)
{
    const int active = virDomainIsActive(domain), persistent = virDomainIsPersistent(domain);
    const int saved = virDomainHasManagedSaveImage(domain, 0);
    char uuid[VIR_UUID_STRING_BUFLEN];
    int state = 0, reason = 0;

    if (active < 0 || persistent < 0 || saved < 0 ||
        virDomainGetUUIDString(domain, uuid) != 0 ||
        virDomainGetState(domain, &state, &reason, 0) != 0) {
        hv_vir_set_error(error, action->vm);
        return NULL;
    }
    return g_strdup_printf("%s%s %s", persistent ? "" : "transient ",
                           active && state == VIR_DOMAIN_PAUSED ? "paused"
                           : active                             ? "running"
                           : saved                              ? "saved"
                                                                : "off",
                           uuid);
}

static gboolean
is_lifecycle(HvGuestVerb verb)
{
    return verb == HV_GUEST_DO_SAVE || verb == HV_GUEST_DO_START ||
           verb == HV_GUEST_DO_SHUTDOWN;
}

/* Saving takes as long as its memory takes to be written. */
static char *
run_lifecycle(virDomainPtr domain, const Action *action, GError **error)
{
    virConnectPtr conn = virDomainGetConnect(domain);
    int status;

    if (!is_free(domain, action, error) || !commit(error))
        return NULL;
    if (action->verb == HV_GUEST_DO_SAVE)
        status = virDomainManagedSave(domain, 0);
    else if (action->verb == HV_GUEST_DO_START)
        status = virDomainCreate(domain);
    else
        status = virDomainShutdown(domain);
    if (status == 0)
        return g_strdup("");
    set_failed(conn, action, error);
    return NULL;
}

static gpointer
run(gpointer *state, gconstpointer request, GError **error)
{
    const Action *action = request;
    HvVirConnection *connection = *state;
    g_autoptr(virDomain) domain = NULL;

    if (!connection)
        *state = connection = g_new0(HvVirConnection, 1);
    if (!ensure_open(connection, action, error))
        return NULL;
    domain = find_domain(connection->conn, action, error);
    if (!domain)
        return NULL;
    if (hv_guest_verb_pins(action->verb))
        return run_pin(domain, action, error);
    if (action->verb == HV_GUEST_DEFINE)
        return run_define(connection->conn, action, error);
    if (action->verb == HV_GUEST_CONTROL)
        return run_control(domain, action, error);
    if (action->verb == HV_GUEST_STATE)
        return run_state(domain, action, error);
    if (is_lifecycle(action->verb))
        return run_lifecycle(domain, action, error);
    if (action->verb == HV_GUEST_NUMATUNE)
        return run_numatune(domain, action, error);
    if (action->verb == HV_GUEST_NUMATUNE_READ)
        return hv_vir_numatune_read(domain, action->vm, action->persistent, error);
    return run_xml(domain, action, error);
}

/* ---- in the asker's thread ---- */

static const HvWorkerClass action_class = { .name = "hv-vir-actions",
                                            .what = "libvirt",
                                            .run = run,
                                            .free_request = action_free,
                                            .free_answer = g_free,
                                            .free_state = hv_vir_connection_free };

HvActions *
hv_actions_new(HvHost *host)
{
    HvActions *actions = g_new0(HvActions, 1);

    actions->host = host;
    actions->kind = hv_worker_kind_new(&action_class);
    return actions;
}

void
hv_actions_free(HvActions *actions)
{
    if (!actions)
        return;
    hv_worker_kind_close(actions->kind, GRACE_MS);
    g_free(actions);
}

/* libvirt takes CPU n as bit n % 8 of byte n / 8, and ignores what the host does not have: so
 * we do not. */
static gboolean
fill_map(Action *action, const HvGuestRequest *request, GError **error)
{
    g_autoptr(HvSet) cpus = hv_set_parse(request->cpus ? request->cpus : "", error);

    if (!cpus)
        return FALSE;
    if (hv_set_is_empty(cpus) || hv_set_last(cpus) >= (int)request->n_host_cpus) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "%s: \"%s\" is no list of cpus of this host", request->vm,
                    request->cpus ? request->cpus : "");
        return FALSE;
    }
    action->map_bytes = VIR_CPU_MAPLEN((int)request->n_host_cpus);
    action->map = g_malloc0((gsize)action->map_bytes);
    HV_SET_FOREACH(cpu, cpus)
    action->map[cpu / 8] = (unsigned char)(action->map[cpu / 8] | 1u << (cpu % 8));
    return TRUE;
}

static Action *
action_new(const HvActions *actions, const HvGuestRequest *request, GError **error)
{
    g_autoptr(Action) action = g_new0(Action, 1);

    action->verb = request->verb;
    action->uri = g_strdup(actions->host->connect_uri);
    action->vm = g_strdup(request->vm);
    action->uuid = request->uuid && *request->uuid ? g_strdup(request->uuid) : NULL;
    action->xml = g_strdup(request->xml);
    action->nodes = g_strdup(request->nodes);
    action->restrictive = request->restrictive;
    action->index = request->index;
    action->persistent = request->persistent;
    action->read_only = hv_host_is_read_only(actions->host);
    if (hv_guest_verb_pins(request->verb) && !fill_map(action, request, error))
        return NULL;
    return g_steal_pointer(&action);
}

/* Past the deadline a change that had begun may have happened; one that had not never will. */
static void
fail_change(const GError *why, gboolean committed, GError **error)
{
    if (!g_error_matches(why, HV_ERROR, HV_ERROR_TIMEOUT))
        g_propagate_error(error, g_error_copy(why));
    else if (committed)
        g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT, "%s: unknown whether it happened",
                    why->message);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: nothing was changed", why->message);
}

static char *
change(HvActions *actions, Action *take_action, guint deadline_ms, GError **error)
{
    g_autoptr(Action) action = take_action;
    g_autoptr(GError) local = NULL;
    g_autofree char *text = NULL;
    gboolean committed;

    if (!hv_host_fault_before_write(actions->host, error))
        return NULL;
    text =
        hv_worker_ask(actions->kind, g_steal_pointer(&action), deadline_ms, &committed, &local);
    if (!text)
        fail_change(local, committed, error);
    else if (hv_host_fault_after_write(actions->host, error))
        return g_steal_pointer(&text);
    return NULL;
}

gboolean
hv_actions_request(HvActions *actions, const HvGuestRequest *request, guint deadline_ms,
                   char **answer, GError **error)
{
    gboolean changes = hv_guest_verb_changes(request->verb);
    g_autoptr(Action) action = NULL;
    g_autofree char *text = NULL;

    if (changes && !hv_host_may_write(actions->host, error))
        return FALSE;
    if (!hv_host_is_live(actions->host)) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "%s: a captured tree has no libvirt",
                    request->vm);
        return FALSE;
    }
    action = action_new(actions, request, error);
    if (!action)
        return FALSE;
    text = changes ? change(actions, g_steal_pointer(&action), deadline_ms, error)
                   : hv_worker_ask(actions->kind, g_steal_pointer(&action), deadline_ms, NULL,
                                   error);
    if (!text)
        return FALSE;
    if (answer)
        *answer = g_steal_pointer(&text);
    return TRUE;
}
