/* The simulated machine's libvirt: its list of VMs, its pins and definitions, with its own
 * words of refusal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"
#include "host/sim/domain-xml.h"
#include "host/sim/files-private.h"
#include "host/sim/lifecycle.h"
#include "host/sim/machine-private.h"

#include <errno.h>
#include <string.h>

/* ---- the list ---- */

/* With the lock held. */
static void
refresh(HvSimMachine *machine)
{
    HvGuestList *old = machine->guests;

    if (machine->guests_layout == machine->world->layout &&
        machine->guests_change == machine->world->change)
        return;
    machine->guests = hv_sim_guests(machine->world, old);
    machine->guests_layout = machine->world->layout;
    machine->guests_change = machine->world->change;
    hv_guest_list_unref(old);
}

static HvGuestList *
list(gpointer data)
{
    HvSimMachine *machine = data;
    HvGuestList *guests;

    g_mutex_lock(&machine->lock);
    machine->mover = g_thread_self();
    refresh(machine);
    guests = hv_guest_list_ref(machine->guests);
    g_mutex_unlock(&machine->lock);
    return guests;
}

static HvGuestList *
peek(gpointer data)
{
    HvSimMachine *machine = data;
    HvGuestList *guests;

    g_mutex_lock(&machine->lock);
    guests = hv_guest_list_ref(machine->guests);
    g_mutex_unlock(&machine->lock);
    return guests;
}

/* ---- what a pin is of ---- */

typedef struct {
    HvGuestVerb verb;
    HvThreadRole role;
    const char *element, *attribute, *kind; /* of XML; for people */
} PinKind;

static const PinKind pin_kinds[] = {
    { HV_GUEST_PIN_VCPU, HV_THREAD_VCPU, "vcpupin", "vcpu", "vcpu" },
    { HV_GUEST_PIN_EMULATOR, HV_THREAD_EMULATOR, "emulatorpin", NULL, "emulator" },
    { HV_GUEST_PIN_IOTHREAD, HV_THREAD_IOTHREAD, "iothreadpin", "iothread", "iothread" },
};

static const PinKind *
pin_kind(HvGuestVerb verb)
{
    for (guint i = 0; i < G_N_ELEMENTS(pin_kinds); i++)
        if (pin_kinds[i].verb == verb)
            return &pin_kinds[i];
    return NULL;
}

static HvSimThread *
find_thread(const HvSimVm *vm, const PinKind *kind, guint index)
{
    for (guint i = 0; i < vm->threads->len; i++) {
        HvSimThread *thread = vm->threads->pdata[i];

        if (thread->role != kind->role)
            continue;
        if (kind->attribute ? thread->index == index : thread->tid == vm->pid)
            return thread;
    }
    return NULL;
}

/* In libvirt's words (seen with 9.0). */
static gboolean
check_index(const HvSimVm *vm, const PinKind *kind, const HvGuestRequest *request,
            GError **error)
{
    if (find_thread(vm, kind, request->index))
        return TRUE;
    if (kind->role == HV_THREAD_VCPU)
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    "%s: invalid argument: vcpu %u is out of range of %s cpu count %u",
                    vm->name, request->index, request->persistent ? "persistent" : "live",
                    vm->n_vcpus);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    "%s: invalid argument: iothread %u not found", vm->name, request->index);
    return FALSE;
}

/* ---- pins of the running VM ---- */

static void
keep_pin(char ***pins, guint index, const char *cpus)
{
    const guint n = *pins ? g_strv_length(*pins) : 0;

    if (index >= n) {
        *pins = g_renew(char *, *pins, index + 2);
        for (guint i = n; i <= index; i++)
            (*pins)[i] = g_strdup("");
        (*pins)[index + 1] = NULL;
    }
    g_free((*pins)[index]);
    (*pins)[index] = g_strdup(cpus);
}

static void
keep_live_pin(HvSimVm *vm, const PinKind *kind, guint index, const char *cpus)
{
    if (kind->role == HV_THREAD_VCPU) {
        keep_pin(&vm->vcpu_pins, index, cpus);
    } else if (kind->role == HV_THREAD_IOTHREAD) {
        keep_pin(&vm->iothread_pins, index, cpus);
    } else {
        g_free(vm->emulator_pin);
        vm->emulator_pin = g_strdup(cpus);
    }
}

static gboolean
fail_cgroup(const HvSimVm *vm, const PinKind *kind, const char *path, int errnum,
            GError **error)
{
    if (kind->role == HV_THREAD_EMULATOR)
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    "%s: Requested operation is not valid: failed to set cpuset.cpus in cgroup "
                    "for emulator threads",
                    vm->name);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: Unable to write to '/%s': %s",
                    vm->name, path, g_strerror(errnum));
    return FALSE;
}

/* First the group, then the thread, as libvirt does: what fails in between leaves the group
 * changed. */
static gboolean
pin_live(HvSimMachine *machine, HvSimVm *vm, const PinKind *kind, const HvGuestRequest *request,
         const HvSet *cpus, GError **error)
{
    HvSimThread *thread = find_thread(vm, kind, request->index);
    g_autofree char *path = NULL;
    char group[64];
    int result;

    hv_sim_group_name(thread, group, sizeof group);
    path = g_strdup_printf("sys/fs/cgroup/%s/%s/cpuset.cpus", vm->cgroup, group);
    result = hv_sim_fs_write(machine->fs, path, request->cpus);
    if (result < 0)
        return fail_cgroup(vm, kind, path, -result, error);
    result = hv_sim_set_affinity(machine->world, thread->tid, cpus);
    if (result < 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    "%s: cannot set CPU affinity on process %d: %s", vm->name, thread->tid,
                    g_strerror(-result));
        return FALSE;
    }
    keep_live_pin(vm, kind, request->index, request->cpus);
    machine->world->change++;
    return TRUE;
}

/* ---- definitions ---- */

/* What is kept for the next start of @vm: at first what it was started with. NULL with @error
 * for a transient one. */
static HvSimXml *
definition(HvSimMachine *machine, const HvSimVm *vm, GError **error)
{
    HvSimXml *xml = g_hash_table_lookup(machine->definitions, vm->name);

    if (!vm->persistent) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    "%s: Requested operation is not valid: transient domains do not have any "
                    "persistent config",
                    vm->name);
        return NULL;
    }
    if (!xml) {
        xml = hv_sim_domain_xml(vm, FALSE);
        g_hash_table_insert(machine->definitions, g_strdup(vm->name), xml);
    }
    return xml;
}

static char *
run_pin(HvSimMachine *machine, HvSimVm *vm, const HvGuestRequest *request, GError **error)
{
    const PinKind *kind = pin_kind(request->verb);
    g_autoptr(HvSet) cpus = hv_set_parse(request->cpus ? request->cpus : "", error);
    HvSimXml *xml;

    if (!cpus)
        return NULL;
    if (hv_set_is_empty(cpus) || hv_set_last(cpus) >= (int)request->n_host_cpus) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "%s: \"%s\" is no list of cpus of this host", vm->name,
                    request->cpus ? request->cpus : "");
        return NULL;
    }
    xml = definition(machine, vm, request->persistent ? error : NULL);
    if ((request->persistent && !xml) || !check_index(vm, kind, request, error))
        return NULL;
    if (!request->persistent)
        return pin_live(machine, vm, kind, request, cpus, error) ? g_strdup("") : NULL;
    hv_sim_domain_pin(xml, kind->element, kind->attribute, request->index, request->cpus);
    return g_strdup("");
}

static char *
run_xml(HvSimMachine *machine, HvSimVm *vm, const HvGuestRequest *request,
        GError **error G_GNUC_UNUSED)
{
    const HvSimXml *kept = vm->persistent && request->verb == HV_GUEST_XML_INACTIVE
                               ? definition(machine, vm, NULL)
                               : NULL;
    g_autoptr(HvSimXml) made =
        kept ? NULL : hv_sim_domain_xml(vm, request->verb == HV_GUEST_XML_LIVE);

    return hv_sim_xml_to_text(kept ? kept : made);
}

/* A definition of another VM, or of none, would begin a new one: there is no room for it here.
 */
static char *
run_define(HvSimMachine *machine, HvSimVm *vm, const HvGuestRequest *request, GError **error)
{
    g_autoptr(HvGuestXml) read = hv_guest_xml_parse(request->xml ? request->xml : "", error);
    g_autoptr(HvSimXml) xml = read ? hv_sim_xml_parse(request->xml, error) : NULL;

    if (!xml)
        return NULL;
    if (strcmp(read->name, vm->name) != 0 || g_ascii_strcasecmp(read->uuid, vm->uuid) != 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    "%s: operation failed: domain '%s' already exists with uuid %s", vm->name,
                    read->name, vm->uuid);
        return NULL;
    }
    vm->persistent = TRUE;
    g_hash_table_insert(machine->definitions, g_strdup(vm->name), g_steal_pointer(&xml));
    machine->world->change++;
    return g_strdup("");
}

static char *
run_control(HvSimMachine *machine G_GNUC_UNUSED, HvSimVm *vm G_GNUC_UNUSED,
            const HvGuestRequest *request G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return g_strdup("ok");
}

/* Transient VMs have only the live one. What is persistent is told apart before the live one
 * changes. */
static char *
run_numatune(HvSimMachine *machine, HvSimVm *vm, const HvGuestRequest *request, GError **error)
{
    HvSimXml *xml = definition(machine, vm, request->persistent ? error : NULL);

    if (request->persistent && !xml)
        return NULL;
    return request->verb == HV_GUEST_NUMATUNE
               ? hv_sim_run_numatune(machine, vm, xml, request, error)
               : hv_sim_read_numatune(vm, xml, request);
}

/* ---- requests ---- */

typedef char *(*Run)(HvSimMachine *machine, HvSimVm *vm, const HvGuestRequest *request,
                     GError **error);

static const Run runs[] = {
    [HV_GUEST_PIN_VCPU] = run_pin,
    [HV_GUEST_PIN_EMULATOR] = run_pin,
    [HV_GUEST_PIN_IOTHREAD] = run_pin,
    [HV_GUEST_XML_INACTIVE] = run_xml,
    [HV_GUEST_XML_LIVE] = run_xml,
    [HV_GUEST_DEFINE] = run_define,
    [HV_GUEST_CONTROL] = run_control,
    [HV_GUEST_NUMATUNE] = run_numatune,
    [HV_GUEST_NUMATUNE_READ] = run_numatune,
    [HV_GUEST_STATE] = hv_sim_run_lifecycle,
    [HV_GUEST_DO_SAVE] = hv_sim_run_lifecycle,
    [HV_GUEST_DO_START] = hv_sim_run_lifecycle,
    [HV_GUEST_DO_SHUTDOWN] = hv_sim_run_lifecycle,
};

static HvSimVm *
find_domain(const HvSimWorld *world, const HvGuestRequest *request, GError **error)
{
    HvSimVm *vm = hv_world_vm(world, request->vm);

    if (!vm || !vm->in_libvirt) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    "%s: Domain not found: no domain with matching name '%s'", request->vm,
                    request->vm);
        return NULL;
    }
    if (request->uuid && *request->uuid && g_ascii_strcasecmp(request->uuid, vm->uuid) != 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT, "%s: another VM has this name now",
                    request->vm);
        return NULL;
    }
    return vm;
}

static gboolean
request_something(gpointer data, const HvGuestRequest *request, guint deadline_ms,
                  char **answer, GError **error)
{
    HvSimMachine *machine = data;
    g_autofree char *text = NULL;
    gint64 until_ns = 0;
    HvSimVm *vm;

    g_mutex_lock(&machine->lock);
    hv_sim_machine_advance(machine);
    vm = find_domain(machine->world, request, error);
    if (vm) {
        const gint64 takes_ns = hv_sim_lifecycle_ns(vm, request->verb);

        text = runs[request->verb](machine, vm, request, error);
        until_ns = text && takes_ns ? hv_sim_machine_now(machine) + takes_ns : 0;
    }
    g_mutex_unlock(&machine->lock);
    if (until_ns)
        hv_sim_clock_ops.wait_until(machine, until_ns, -1);
    if (!text || (request->verb == HV_GUEST_NUMATUNE && !request->persistent &&
                  !hv_sim_wait_for_mems(machine, request->vm, deadline_ms, error)))
        return FALSE;
    if (answer)
        *answer = g_steal_pointer(&text);
    return TRUE;
}

const HvGuestOps hv_sim_guest_ops = {
    .list = list,
    .peek = peek,
    .request = request_something,
};
