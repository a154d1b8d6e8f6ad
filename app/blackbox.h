/* The black box: a recording that went on while nobody was logged in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/wiring.h"
#include "log/player.h"

/** hv_blackbox_open: a player of this host's, or NULL where there is none, or none that can be
 * read. Any thread. */
HvPlayer *hv_blackbox_open(HvApp *app);

/* Its last minute, sample by sample. One thread. Opaque. */
typedef struct HvBlackboxPast HvBlackboxPast;
/** hv_blackbox_past_new: NULL where there is no black box that goes on until now. */
HvBlackboxPast *hv_blackbox_past_new(HvApp *app);
/** hv_blackbox_past_next: (transfer full); NULL behind the last. As HvSessionParts.past. */
HvSnapshot *hv_blackbox_past_next(gpointer past);
void hv_blackbox_past_free(HvBlackboxPast *past);
