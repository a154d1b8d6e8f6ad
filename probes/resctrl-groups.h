/* The monitoring groups that hvtune keeps: for which VMs, and how many. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "probes/resctrl-layout.h"

/* One thread at a time; it waits for locks. Opaque. */
typedef struct HvGroupKeeper HvGroupKeeper;

/** hv_group_keeper_new: makes nothing yet. hv_group_keeper_free: leaves what is there. Accepts
 * NULL. */
HvGroupKeeper *hv_group_keeper_new(HvHost *host);
void hv_group_keeper_free(HvGroupKeeper *keeper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvGroupKeeper, hv_group_keeper_free)
/**
 * hv_group_keeper_turn:
 * @layout: as just read
 * @wanted: for each guest of @guests, whether somebody looks at it
 *
 * Makes, fills, gives up and removes groups, where that is allowed and needed. Removes those
 * that a killed hvtune left. Returns: whether anything was changed: @layout is out of date
 * then.
 */
gboolean hv_group_keeper_turn(HvGroupKeeper *keeper, const HvResctrlLayout *layout,
                              const HvGuestList *guests, const guint8 *wanted);
/** hv_group_keeper_note: of @n_read counters in this round @n_unavailable had no value: over
 * 5 % halve what may be made. */
void hv_group_keeper_note(HvGroupKeeper *keeper, guint n_read, guint n_unavailable);
/** hv_group_keeper_close: removes all that this hvtune alone uses. */
void hv_group_keeper_close(HvGroupKeeper *keeper);

/** hv_group_keeper_n_held: groups that this hvtune uses. _limit: that there may be, 0: none.
 * _why: why there are fewer than VMs, or NULL; borrowed until the next turn. _is_limbo: the
 * kernel said lately that RMIDs are in limbo. _is_pending: another had resctrl's lock: the next
 * turn should be soon. */
guint hv_group_keeper_n_held(const HvGroupKeeper *keeper);
guint hv_group_keeper_limit(const HvGroupKeeper *keeper);
const char *hv_group_keeper_why(const HvGroupKeeper *keeper);
gboolean hv_group_keeper_is_limbo(const HvGroupKeeper *keeper);
gboolean hv_group_keeper_is_pending(const HvGroupKeeper *keeper);
