/* Who else uses the processors' counters behind the kernel's back: programs that write to
 * /dev/cpu/N/msr. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/lane.h"

/* One owner's thread (the sampler's). Opaque. */
typedef struct HvCounterUsers HvCounterUsers;

/** hv_counter_users_new: nothing is looked for yet. hv_counter_users_free accepts NULL. */
HvCounterUsers *hv_counter_users_new(HvHost *host);
void hv_counter_users_free(HvCounterUsers *users);
/** hv_counter_users_look: looks again when the last time was a minute ago; never waits on a
 * live host. Returns: one clause that names them, borrowed until the next call, or NULL: none
 * is known. */
const char *hv_counter_users_look(HvCounterUsers *users, gint64 now_ns);
/** hv_counter_users_find: the names themselves, "pcm (4711), pqos (812)", or "". Any thread.
 * (transfer full) */
char *hv_counter_users_find(HvHost *host);
