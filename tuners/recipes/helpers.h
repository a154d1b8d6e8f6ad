/* The threads of a VM that are no vCPUs: emulator, iothreads, vhost; where they go. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/recipes/scene.h"

/* Where a thread that may run on @now goes: a list of cpus, (transfer full), or NULL: it stays.
 */
typedef char *(*HvHelperChoice)(const HvMask *now, gpointer data);

/** hv_helpers_wish: wishes for those threads of @guest that @choose sends elsewhere. Threads
 * that go where libvirt puts the emulator are not named again. The actuator's thread. */
void hv_helpers_wish(HvHost *host, const HvGuest *guest, HvHelperChoice choose, gpointer data,
                     HvRecipeDraft *draft);
/** hv_helpers_vhost: the VM's first vhost thread, or NULL. hv_helpers_follows: @vhost is in the
 * emulator's cgroup, and can run only where that may. */
const HvThread *hv_helpers_vhost(const HvGuest *guest);
gboolean hv_helpers_follows(HvHost *host, const HvGuest *guest, const HvThread *vhost);
/** hv_helpers_path: the knob of @thread's cpus. (transfer full) */
char *hv_helpers_path(const HvGuest *guest, const HvThread *thread);
