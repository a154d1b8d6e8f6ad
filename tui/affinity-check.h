/* What a typed list of cpus would mean: which exist, what they share, who is there already. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"
#include "tui/canvas.h"

/* A line about the list. Both are for people. */
typedef struct {
    HvRole role;
    char *text;
} HvAffinityNote;

/** hv_affinity_set: @text as a set of which every cpu is online; MALFORMED names the part that is wrong, the absent or the
 * offline cpus; an empty list is MALFORMED too. A @topology of NULL checks only the form. (transfer full). Any thread. */
HvSet *hv_affinity_set(const HvTopology *topology, const char *text, GError **error);
/** hv_affinity_notes: cores, L3s, nodes of @set; cores of which it has only one thread; isolated cpus; which VMs other than @vm
 * (a key of table "vms") are pinned there. (transfer full): array of HvAffinityNote that frees its texts. */
GArray *hv_affinity_notes(const HvSnapshot *snapshot, const char *vm, const HvSet *set);
/** hv_affinity_is_pinned: TRUE when @cpus, a kernel list, leaves out an online cpu. */
gboolean hv_affinity_is_pinned(const HvTopology *topology, const char *cpus);
