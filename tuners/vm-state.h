/* Whether a VM runs, as libvirt says of those that do not run, too. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/tuner.h"

typedef struct {
    const char *word; /* "running", "paused", "saved", "off": static */
    char *uuid;
    gboolean is_transient; /* stopped, it would be gone */
} HvVmState;

/** hv_vm_state_read: asks libvirt. The actuator's thread, as below. */
gboolean hv_vm_state_read(HvHost *host, const char *vm, HvVmState *state, GError **error);
void hv_vm_state_clear(HvVmState *state);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvVmState, hv_vm_state_clear)
/** hv_vm_state_is_up: @word is running or paused. */
gboolean hv_vm_state_is_up(const char *word);
/** hv_vm_state_why_not_saved: why @guest cannot be saved, one clause, translated (transfer
 * full); NULL: nothing known speaks against it. */
char *hv_vm_state_why_not_saved(const HvGuest *guest);
/** hv_vm_state_room: bytes free where libvirt saves VMs. */
gboolean hv_vm_state_room(HvHost *host, guint64 *free_bytes, GError **error);
