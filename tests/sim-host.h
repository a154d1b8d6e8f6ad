/* A simulated machine for tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "host/sim/sim.h"

/** hv_test_demo: opened with the watch "mine=true" beside the scenario's; never NULL.
 * hv_test_redis: the usual one, whose clock only waiting moves. */
HvHost *hv_test_demo(const char *scenario, guint64 seed, double speed, gboolean read_only,
                     const char *fault);
HvHost *hv_test_redis(void);
/** hv_test_read: the whole file, without its last newline; it must be there. (transfer full) */
char *hv_test_read(HvHost *host, const char *path);
