/* What this hvtune has on the host for as long as it looks: told by whoever makes it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* Stable words. */
#define HV_FOOTPRINT_GROUP "monitoring group"
#define HV_FOOTPRINT_PERF "perf descriptors"

/** hv_footprint_note: there are @n of @kind under @name now (a path, a VM; both are copied); 0:
 * none any more. Any thread, as below. */
void hv_footprint_note(HvHost *host, const char *kind, const char *name, guint64 n);
/** hv_footprint_each: calls @each for all, in the order in which they were first noted; it must
 * not note anything. Texts are borrowed. */
void hv_footprint_each(HvHost *host,
                       void (*each)(const char *kind, const char *name, guint64 n,
                                    gpointer data),
                       gpointer data);
