/* Two times of a recording beside each other. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/** hv_playback_compare: what differs between @before and @after, the largest changes first, VM
 * by VM: lines for people. (transfer full). Any thread. */
char *hv_playback_compare(const HvSnapshot *before, const HvSnapshot *after, GTimeZone *zone);
