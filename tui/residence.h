/* Where a VM's memory is and where its vCPUs run, by node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* One guest cell on one node, all page sizes together. */
typedef struct {
    gboolean has_cell; /* else the source cannot tell cells apart */
    guint64 cell, node;
    double bytes, huge_bytes; /* huge: in pages larger than 4 KiB */
} HvResidence;

/* Texts are borrowed from the snapshot. */
typedef struct {
    GArray *places;     /* of HvResidence */
    double bytes;       /* of all */
    const char *source; /* "memory.numa_stat", …; NULL: nothing is known, and @why */
    const char *why;
    const char *why_not_movable; /* NULL: it can be moved, or that is not known */
    gint64 read_ns;     /* monotonic, the oldest; 0: unknown */
} HvResidences;

/** hv_residences_new: @vm: its name. hv_residences_free accepts NULL. Any thread, as below. */
HvResidences *hv_residences_new(const HvSnapshot *snapshot, const char *vm);
void hv_residences_free(HvResidences *residences);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvResidences, hv_residences_free)
/** hv_residences_text: "S1 97 %, S0 3 %", cells added up, the largest first; (transfer full). */
char *hv_residences_text(const HvResidences *residences, const HvTopology *topology);
/** hv_vcpus_text: "S0 8 of 8, S1 0 …": on which nodes its vCPUs last ran; NULL: not known. (transfer full) */
char *hv_vcpus_text(const HvSnapshot *snapshot, const char *vm);
