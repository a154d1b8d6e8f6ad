/* The simulated machine's VMs go and come. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/machine-private.h"

/** hv_sim_run_lifecycle: STATE, SAVE, START and SHUTDOWN of @vm; the answer (transfer full), or
 * NULL with libvirt's words. With the machine's lock. */
char *hv_sim_run_lifecycle(HvSimMachine *machine, HvSimVm *vm, const HvGuestRequest *request,
                           GError **error);
/** hv_sim_lifecycle_ns: how long the caller of such a request waits for it. */
gint64 hv_sim_lifecycle_ns(const HvSimVm *vm, HvGuestVerb verb);
