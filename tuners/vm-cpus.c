/* Where the threads of a VM may run: vCPUs, emulator, iothreads, vhost. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "tuners/cpu-list.h"
#include "tuners/tuner.h"
#include "tuners/vm-definition.h"
#include "tuners/vm-target.h"

static const HvKnobFamily knobs[] = {
    [HV_VM_VCPU] = { .path = "vm/*/vcpu/*/cpus",
                     .type = HV_TYPE_CPUS,
                     .help = N_("cpus that this vCPU may run on"),
                     .risk =
                         N_("its memory stays where it is: on another node it becomes remote"),
                     .undo = HV_UNDO_EXACT,
                     .persists = TRUE },
    [HV_VM_EMULATOR] = { .path = "vm/*/emulator/cpus",
                         .type = HV_TYPE_CPUS,
                         .help = N_("cpus that QEMU's main thread and its helpers may run on"),
                         .risk = N_("on a vCPU's cpu it takes time from that vCPU"),
                         .undo = HV_UNDO_EXACT,
                         .persists = TRUE },
    [HV_VM_IOTHREAD] = { .path = "vm/*/iothread/*/cpus",
                         .type = HV_TYPE_CPUS,
                         .help = N_("cpus that this iothread may run on"),
                         .risk = N_("on a vCPU's cpu it takes time from that vCPU"),
                         .undo = HV_UNDO_EXACT,
                         .persists = TRUE },
    [HV_VM_VHOST] = { .path = "vm/*/vhost/cpus",
                      .type = HV_TYPE_CPUS,
                      .help = N_("cpus that the VM's vhost network threads may run on"),
                      .risk =
                          N_("far from the device's interrupts each packet crosses the link"),
                      .undo = HV_UNDO_EXACT },
    { 0 },
};
static const char *const virsh_words[] = {
    [HV_VM_VCPU] = "vcpupin",
    [HV_VM_EMULATOR] = "emulatorpin",
    [HV_VM_IOTHREAD] = "iothreadpin",
};
static const HvGuestVerb verbs[] = {
    [HV_VM_VCPU] = HV_GUEST_PIN_VCPU,
    [HV_VM_EMULATOR] = HV_GUEST_PIN_EMULATOR,
    [HV_VM_IOTHREAD] = HV_GUEST_PIN_IOTHREAD,
};

static HvVmThreads
family_of(const HvKnob *knob)
{
    return (HvVmThreads)(knob->family - knobs);
}

static gboolean
add_path(GPtrArray *paths, HvVmThreads family, const char *vm, guint index)
{
    static const char *const words[] = {
        [HV_VM_VCPU] = "vcpu", "emulator", "iothread", "vhost"
    };
    char number[16];

    g_snprintf(number, sizeof number, "%u", index);
    if (hv_vm_is_numbered(family))
        g_ptr_array_add(paths, hv_knob_path("vm", vm, words[family], number, "cpus", NULL));
    else
        g_ptr_array_add(paths, hv_knob_path("vm", vm, words[family], "cpus", NULL));
    return TRUE;
}

static void
list_guest(const HvGuest *guest, HvVmThreads family, GPtrArray *paths)
{
    gboolean any = FALSE;

    /* remote: its knobs say themselves why they cannot be read */
    for (guint i = 0; guest->pid == 0 && family == HV_VM_VCPU && i < guest->n_vcpus; i++)
        any = add_path(paths, family, guest->name, i);
    for (guint i = 0; i < guest->n_threads; i++) {
        if (guest->threads[i].role != hv_vm_role(family) || (any && !hv_vm_is_numbered(family)))
            continue;
        any = add_path(paths, family, guest->name, guest->threads[i].index);
    }
}

static gboolean
list_knobs(HvHost *host, const HvKnobFamily *family, GPtrArray *paths,
           GError **error G_GNUC_UNUSED)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);

    for (guint i = 0; i < list->n_guests; i++)
        list_guest(list->guests[i], (HvVmThreads)(family - knobs), paths);
    return TRUE;
}

static gboolean
read_thread(HvHost *host, const HvVmTarget *target, const HvThread *thread, const char *path,
            HvSet *cpus, GError **error)
{
    if (!hv_vm_check_alive(host, target, thread, path, HV_ERROR_ABSENT, error))
        return FALSE;
    if (hv_host_get_affinity(host, thread->tid, cpus, error))
        return TRUE;
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autoptr(HvSet) all = hv_set_new();
    g_autoptr(HvSet) one = hv_set_new();
    gboolean mixed = FALSE;

    if (!hv_vm_find(host, knob, family_of(knob), &target, error))
        return FALSE;
    for (guint i = 0; i < target.threads->len; i++) {
        if (!read_thread(host, &target, target.threads->pdata[i], knob->path, one, error))
            return FALSE;
        mixed |= i > 0 && !hv_set_equal(all, one);
        hv_set_union(all, one);
    }
    hv_value_take_set(value, HV_TYPE_CPUS, g_steal_pointer(&all));
    value->mixed = mixed;
    return TRUE;
}

/* libvirt would take a missing cpu into the persistent definition, and cgroup v2 one that is
 * offline. */
static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after,
           const HvPlan *plan G_GNUC_UNUSED, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };

    return hv_vm_find(host, knob, family_of(knob), &target, error) &&
           hv_cpus_check(host, knob->path, after, error);
}

/* Length of libvirt's mask: up to the host's last cpu. */
static guint
mask_length(HvHost *host, const HvSet *cpus)
{
    g_autoptr(HvTopology) topology = hv_host_topology(host, NULL);
    const guint wanted = (guint)(hv_set_last(cpus) + 1);

    if (!topology || topology->n_cpus == 0)
        return wanted;
    return MAX(wanted, topology->cpus[topology->n_cpus - 1].cpu + 1);
}

/* @uuid: whose it must be, or NULL. */
static gboolean
pin_by_libvirt(HvHost *host, const HvKnob *knob, const char *uuid, guint index,
               const HvValue *after, gboolean persistent, GError **error)
{
    g_autofree char *cpus = hv_set_to_text(after->set);
    const HvGuestRequest request = {
        .verb = verbs[family_of(knob)],
        .vm = knob->segments[1],
        .uuid = uuid && *uuid ? uuid : NULL,
        .index = index,
        .cpus = cpus,
        .n_host_cpus = mask_length(host, after->set),
        .persistent = persistent,
    };

    if (hv_host_guest_request(host, &request, HV_VM_DEADLINE_MS, NULL, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

static gboolean
pin_by_affinity(HvHost *host, const HvKnob *knob, const HvVmTarget *target, const HvSet *cpus,
                GError **error)
{
    for (guint i = 0; i < target->threads->len; i++) {
        const HvThread *thread = target->threads->pdata[i];

        if (!hv_host_set_affinity(host, thread->tid, thread->start_ticks, cpus, error)) {
            g_prefix_error(error, "%s: ", knob->path);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
goes_through_libvirt(const HvVmTarget *target)
{
    return target->kind != HV_VM_VHOST && target->guest->in_libvirt;
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };

    if (!hv_vm_find(host, knob, family_of(knob), &target, error))
        return FALSE;
    for (guint i = 0; i < target.threads->len; i++) {
        if (!hv_vm_check_alive(host, &target, target.threads->pdata[i], knob->path,
                               HV_ERROR_CONFLICT, error))
            return FALSE;
    }
    if (!goes_through_libvirt(&target))
        return pin_by_affinity(host, knob, &target, after->set, error);
    return pin_by_libvirt(host, knob, target.guest->uuid, target.index, after, FALSE, error);
}

static gboolean
persist_write(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };

    if (!hv_vm_find(host, knob, family_of(knob), &target, error))
        return FALSE;
    return pin_by_libvirt(host, knob, target.guest->uuid, target.index, after, TRUE, error);
}

/* The pin at @index, or NULL for none or not known. */
static const char *
nth_pin(char *const *pins, guint index)
{
    for (; pins && *pins && index > 0; index--)
        pins++;
    return pins && *pins && **pins ? *pins : NULL;
}

static const char *
pin_in(const HvGuestXml *xml, const HvKnob *knob)
{
    guint64 index = 0;

    if (family_of(knob) == HV_VM_EMULATOR)
        return xml->emulator_pin;
    if (!hv_parse_u64(knob->segments[3], HV_SET_MAX, &index, NULL))
        return NULL;
    return nth_pin(family_of(knob) == HV_VM_IOTHREAD ? xml->iothread_pins : xml->vcpu_pins,
                   (guint)index);
}

static gboolean
persist_holds(const HvKnob *knob, const char *state, const HvValue *after)
{
    g_autoptr(HvGuestXml) xml = hv_guest_xml_parse(state, NULL); /* unreadable: not ours */
    const char *pin = xml ? pin_in(xml, knob) : NULL;
    g_autoptr(HvSet) cpus = pin ? hv_set_parse(pin, NULL) : NULL;

    return cpus && after->set && hv_set_equal(cpus, after->set);
}

/* vhost threads' masks do not go through libvirt. */
static gboolean
is_quiet(HvHost *host, const HvKnob *knob, GError **error)
{
    return family_of(knob) == HV_VM_VHOST || hv_vm_is_quiet(host, knob, error);
}

/* One taskset for each thread; without -a, which would take all threads of the process. */
static char *
taskset_line(const HvVmTarget *target, const char *cpus)
{
    GString *line = g_string_new(NULL);

    for (guint i = 0; i < target->threads->len; i++) {
        const HvThread *thread = target->threads->pdata[i];

        g_string_append_printf(line, "%staskset -cp %s %d", i ? " && " : "", cpus, thread->tid);
    }
    return g_string_free(line, FALSE);
}

static char *
virsh_line(const HvVmTarget *target, const char *cpus, gboolean persist)
{
    const char *name = hv_vm_virsh_name(target->guest);
    g_autofree char *option = g_strconcat(*name == '-' ? "--domain=" : "", name, NULL);
    g_autofree char *domain = hv_shell_quote(option);
    g_autofree char *number =
        hv_vm_is_numbered(target->kind) ? g_strdup_printf(" %u", target->index) : g_strdup("");

    return g_strdup_printf("virsh %s %s%s %s --live%s", virsh_words[target->kind], domain,
                           number, cpus, persist ? " --config" : "");
}

static char *
shell_line(HvHost *host, const HvKnob *knob, const HvValue *after, gboolean persist)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autofree char *list = after->set ? hv_set_to_text(after->set) : g_strdup("");
    g_autofree char *cpus = hv_shell_quote(list);

    if (!hv_vm_find(host, knob, family_of(knob), &target,
                    NULL)) /* no VM, no line: the plan says why */
        return NULL;
    return goes_through_libvirt(&target) ? virsh_line(&target, cpus, persist)
                                         : taskset_line(&target, cpus);
}

/* The pin that libvirt's live definition holds, or NULL for none or not known. */
static const char *
defined_pin(const HvVmTarget *target)
{
    const HvGuest *guest = target->guest;

    if (target->kind == HV_VM_EMULATOR)
        return guest->emulator_pin && *guest->emulator_pin ? guest->emulator_pin : NULL;
    return nth_pin(target->kind == HV_VM_IOTHREAD ? guest->iothread_pins : guest->vcpu_pins,
                   target->index);
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
       const HvValue *after G_GNUC_UNUSED)
{
    g_auto(HvVmTarget) target = { 0 };

    if (!hv_vm_find(host, knob, family_of(knob), &target, NULL) ||
        !goes_through_libvirt(&target) || defined_pin(&target))
        return NULL;
    return g_strdup(
        _("leaves a trace: after undo libvirt's live definition, and on cgroup v2 cpuset.cpus, "
          "name all cpus where they named none"));
}

const HvTuner hv_tuner_vm_cpus = {
    .name = "vm-cpus",
    .source = "libvirt virDomainPinVcpuFlags and its kin; sched_setaffinity(2)",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .persist_read = hv_vm_persist_read,
    .persist_write = persist_write,
    .persist_restore = hv_vm_persist_restore,
    .persist_holds = persist_holds,
    .is_quiet = is_quiet,
    .subject = hv_vm_subject,
    .shell_line = shell_line,
    .remark = remark,
};
