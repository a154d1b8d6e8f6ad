/* What the tables of caches and groups say of each VM, gathered once a draw. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* Of one VM. Texts are borrowed from the snapshot. */
typedef struct {
    gboolean has_held, is_warming, is_mixed;
    HvMark mark;        /* of the lines that it holds: the weakest of all caches; without a value why there is none */
    const char *why;
    double held_bytes;  /* in all last-level caches */
    const char *group;  /* control group, NULL: unknown; @is_mixed: one of several */
} HvVmCache;

/** hv_vm_caches_new: HvVmCache by the key of the VM. (transfer full) Any thread, as below. */
GHashTable *hv_vm_caches_new(const HvSnapshot *snapshot);
/** hv_vm_caches_any: TRUE where resctrl is there to be shown: some group or cache is known. */
gboolean hv_vm_caches_any(const HvSnapshot *snapshot);
