/* Confirm or revert: plans that are taken back at a deadline unless somebody confirms them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/* How long a guard may take to arm itself, and how often it looks. */
#define HV_GUARD_ARMS_MS 10000
#define HV_GUARD_LOOKS_MS 200

/** hv_guard_admit: @plan shall revert @confirm_s after its last step unless confirmed (0: as it
 * is); what that means is added to its notes. REFUSED where a step cannot be taken back by a
 * timer. Again is nothing new. Any thread. */
gboolean hv_guard_admit(HvPlan *plan, guint confirm_s, GError **error);
/** hv_guard_arm: for a journalled @plan that waits: starts its guard, and waits until that is
 * armed. For others nothing. Nothing must be written where it fails. The actuator's thread, as
 * below. */
gboolean hv_guard_arm(const HvSessionParts *parts, HvPlan *plan, GError **error);
/** hv_guard_begin_wait: from now on the time to confirm runs; or not at all where nothing of
 * @plan stands. */
void hv_guard_begin_wait(const HvSessionParts *parts, HvPlan *plan);

/* One plan under guard. */
typedef struct {
    guint64 id;
    guint n_attempts; /* to take it back, that failed for a reason that may pass */
    gint64 next_ns;   /* of CLOCK_BOOTTIME: when to look again at the latest */
    char *said;       /* what became of it, a line for people, once it has ended */
} HvGuarded;

void hv_guarded_clear(HvGuarded *guarded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvGuarded, hv_guarded_clear)
/** hv_guard_look: takes it back if it is time for that; begins its deadline where the process
 * that applied it died over it. TRUE once there is nothing more to guard. */
gboolean hv_guard_look(const HvSessionParts *parts, const HvActOptions *options,
                       HvGuarded *guarded);
/** hv_guard_run: is the guard of plan @id until that is confirmed, reverted or kept. @said:
 * what became of it (transfer full). FALSE with @error when it cannot be guarded. */
gboolean hv_guard_run(const HvSessionParts *parts, const HvActOptions *options, guint64 id,
                      char **said, GError **error);
/** hv_guard_check: where this process is its own guard: looks at all plans that wait. Lines of
 * what was done (transfer full), or NULL. */
char *hv_guard_check(const HvSessionParts *parts, const HvActOptions *options);
/** hv_guard_confirm: plan @id (0: the newest that waits on this boot) stays; its number goes to
 * @id. ABSENT: none waits; REFUSED: that one does not (any more). */
gboolean hv_guard_confirm(const HvSessionParts *parts, const HvActOptions *options, guint64 *id,
                          GError **error);
/** hv_guard_orphans: a line for each plan that waits and whose guard is gone; char *. (transfer
 * full) */
GPtrArray *hv_guard_orphans(const HvSessionParts *parts, const HvActOptions *options);
/** hv_guard_clock_text: when @deadline_ns is, as people's clocks show it: "14:02:11". (transfer
 * full) */
char *hv_guard_clock_text(const HvSessionParts *parts, gint64 deadline_ns);
