/* Starting guards: hvtune itself, executed anew and apart from this process. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/options.h"
#include "host/host.h"
#include "session/session.h"

/* What a guard is started with; both are borrowed. */
typedef struct {
    HvHost *host;
    const HvOptions *options;
} HvGuardianSeat;

/** hv_guardian_start: see HvGuardian.start; @seat: HvGuardianSeat. The actuator's thread. */
gboolean hv_guardian_start(gpointer seat, const HvPlan *plan, char **remark, GError **error);
