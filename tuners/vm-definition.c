/* What all knobs of VMs that libvirt runs share: the persistent definition, libvirt's quiet,
 * whose they are, what virsh calls the VM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/vm-definition.h"

#include "model/i18n.h"
#include "tuners/vm-target.h"

#include <string.h>

/* The persistent definition also of a VM that is not running, so that its part of an undo stays
 * possible. */
gboolean
hv_vm_persist_read(HvHost *host, const HvKnob *knob, char **state, GError **error)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);
    const HvGuest *guest = hv_guest_list_find(list, knob->segments[1]);
    const HvGuestRequest request = {
        .verb = HV_GUEST_XML_INACTIVE,
        .vm = knob->segments[1],
        .uuid = guest && *guest->uuid ? guest->uuid : NULL,
    };

    if (guest && (!guest->in_libvirt || !guest->persistent)) {
        g_set_error(
            error, HV_ERROR, HV_ERROR_REFUSED,
            guest->in_libvirt
                ? _("%s: the VM is transient: it has no persistent definition")
                : _("%s: libvirt does not know this VM: it has no persistent definition"),
            knob->path);
        return FALSE;
    }
    if (hv_host_guest_request(host, &request, HV_VM_DEADLINE_MS, state, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

gboolean
hv_vm_persist_restore(HvHost *host, const HvKnob *knob, const char *before, const char *after,
                      gboolean force, GError **error)
{
    g_autofree char *present = NULL;
    const HvGuestRequest request = { .verb = HV_GUEST_DEFINE,
                                     .vm = knob->segments[1],
                                     .xml = before };

    if (!hv_vm_persist_read(host, knob, &present, error))
        return FALSE;
    if (!force && g_strcmp0(present, after) != 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                    _("%s: somebody else changed the persistent definition since"), knob->path);
        return FALSE;
    }
    if (hv_host_guest_request(host, &request, HV_VM_DEADLINE_MS, NULL, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

/* A call that a killed hvtune sent, or that had no answer, may still wait in a daemon that
 * hangs or behind the VM's job. One that answers a later call with "ok" has made it. */
gboolean
hv_vm_is_quiet(HvHost *host, const HvKnob *knob, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autofree char *state = NULL;
    HvGuestRequest request = { .verb = HV_GUEST_CONTROL, .vm = knob->segments[1] };

    if (!hv_vm_find_guest(host, knob->segments[1], &target, NULL) || !target.guest->in_libvirt)
        return TRUE; /* whoever reads it says what is wrong */
    request.uuid = *target.guest->uuid ? target.guest->uuid : NULL;
    if (!hv_host_guest_request(host, &request, HV_VM_DEADLINE_MS, &state, error)) {
        g_prefix_error(error, "%s: ", knob->path);
        return FALSE;
    }
    if (strcmp(state, "ok") == 0 || strcmp(state, "error") == 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: libvirt is still at work on this VM (%s)"), knob->path, state);
    return FALSE;
}

gboolean
hv_vm_subject(HvHost *host, const HvKnob *knob, HvSubject *subject, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };

    if (!hv_vm_find_guest(host, knob->segments[1], &target, error))
        return FALSE;
    hv_subject_clear(subject);
    subject->guest_name = g_strdup(target.guest->name);
    subject->guest_uuid = g_strdup(target.guest->uuid);
    subject->pid = target.guest->pid;
    subject->start_ticks = target.guest->start_ticks;
    return TRUE;
}

/* What virsh finds the VM by: it takes a name that is a number for the id of a running VM,
 * which may be another one. */
const char *
hv_vm_virsh_name(const HvGuest *guest)
{
    const gboolean is_number = guest->name[strspn(guest->name, " +0123456789")] == '\0';

    return is_number && *guest->uuid ? guest->uuid : guest->name;
}
