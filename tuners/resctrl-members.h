/* Whose threads are in which control group, and what a group leaves behind. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/resctrl.h"

/* What an undo of its removal could not bring back. */
typedef struct {
    guint n_strangers; /* threads of no VM */
    guint n_monitors;  /* monitoring groups that are not hvtune's */
    gboolean has_mode; /* it is exclusive */
    gboolean has_cpus; /* cpus belong to it */
} HvLeftBehind;

/** hv_members_map: tid → name of its control group (GRefString), for all threads that are in
 * another than the default group. NULL with @error. (transfer full). The actuator's thread, as
 * all below. */
GHashTable *hv_members_map(HvHost *host, GError **error);
/** hv_members_threads: of @guest's process, as it has them now: int tids; NULL with ABSENT once
 * it has ended. (transfer full) */
GArray *hv_members_threads(HvHost *host, const HvGuest *guest, GError **error);
/** hv_members_is_vcpu: the vCPU whose thread @tid is; FALSE for another thread. */
gboolean hv_members_is_vcpu(const HvGuest *guest, int tid, guint *index);
/** hv_members_left: threads in @group that @plan does not take out of it. */
guint hv_members_left(HvHost *host, const char *group, const HvPlan *plan);
/** hv_members_leave: adds the wishes by which all VMs' threads leave @group for the default. */
void hv_members_leave(HvHost *host, const char *group, GPtrArray *wishes);
/** hv_members_give_back: adds the wishes by which @group has what a new group would have. */
void hv_members_give_back(HvHost *host, const HvControlGroup *group, GPtrArray *wishes);
/** hv_members_look: what @group would leave behind, once VMs' threads have left it. */
void hv_members_look(HvHost *host, const char *group, HvLeftBehind *left);
