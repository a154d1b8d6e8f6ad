/* What the session needs of the sampler beyond session.h. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/changes.h"
#include "session/session.h"

/** hv_sampler_share_changes: shows @changes (borrowed), which somebody else refreshes on the
 * journal's thread. Without it the sampler reads the journal itself. Before the first tick. */
void hv_sampler_share_changes(HvSampler *sampler, HvChanges *changes);
/** hv_sampler_remember: the history begins with @snapshot, which another session took. Before
 * the first tick, oldest first. */
void hv_sampler_remember(HvSampler *sampler, const HvSnapshot *snapshot);
