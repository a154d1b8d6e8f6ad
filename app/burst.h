/* When a recording looks four times a second: pressure, or a watch, crosses its line. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* Lines, and since when one was crossed. Opaque. */
typedef struct HvBurst HvBurst;

/** hv_burst_new: the lines of pressure, and @lines ("p99_ms>10,…"; NULL or "": no more) of
 * watches. MALFORMED. */
HvBurst *hv_burst_new(const char *lines, GError **error);
void hv_burst_free(HvBurst *burst);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvBurst, hv_burst_free)
/** hv_burst_interval_ns: how long to wait behind @snapshot, where it is @interval_ns without
 * need. */
gint64 hv_burst_interval_ns(HvBurst *burst, const HvSnapshot *snapshot, gint64 interval_ns);
