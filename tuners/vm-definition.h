/* What all knobs of VMs that libvirt runs share: the persistent definition, libvirt's quiet,
 * whose they are, what virsh calls the VM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/tuner.h"

/* A pin takes libvirt 20-45 ms, also with a QEMU that hangs; five seconds without an answer is
 * a daemon that hangs. */
#define HV_VM_DEADLINE_MS 5000

/** hv_vm_persist_read: HvTuner.persist_read of a knob "vm/NAME/...": the whole persistent XML,
 * with its secrets; also of a VM that does not run. hv_vm_persist_restore:
 * HvTuner.persist_restore. The actuator's thread, as below. */
gboolean hv_vm_persist_read(HvHost *host, const HvKnob *knob, char **state, GError **error);
gboolean hv_vm_persist_restore(HvHost *host, const HvKnob *knob, const char *before,
                               const char *after, gboolean force, GError **error);
/** hv_vm_is_quiet: HvTuner.is_quiet of a knob that goes through libvirt: REFUSED while it is at
 * work on the VM. */
gboolean hv_vm_is_quiet(HvHost *host, const HvKnob *knob, GError **error);
/** hv_vm_subject: HvTuner.subject of a knob "vm/NAME/...". */
gboolean hv_vm_subject(HvHost *host, const HvKnob *knob, HvSubject *subject, GError **error);
/** hv_vm_virsh_name: what virsh finds @guest by, borrowed: its name, or its uuid where the name
 * is a number. */
const char *hv_vm_virsh_name(const HvGuest *guest);
