/* Which rows of a table belong to which VM, found without going through all of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

#define HV_VM_INDEX_MAX_RUNS 4096
#define HV_VM_INDEX_HEADS 2048

/* Rows of one VM that follow each other. */
typedef struct {
    guint first, n;
    guint16 next; /* 1 + the next run of the same hash, or 0 */
} HvVmRun;

/* Lives on the stack of one derivation, as that may not allocate. */
typedef struct {
    const HvTable *table; /* or NULL */
    int vm;               /* its column "vm", or -1 */
    guint n_runs;
    gboolean is_full; /* rows were left out */
    guint16 heads[HV_VM_INDEX_HEADS];
    guint16 tails[HV_VM_INDEX_HEADS];
    HvVmRun runs[HV_VM_INDEX_MAX_RUNS];
} HvVmIndex;

/** hv_vm_index_fill: over @table, which may be NULL; rows with an empty VM are left out. */
void hv_vm_index_fill(HvVmIndex *index, const HvTable *table);
/** hv_vm_index_first, hv_vm_index_next: the runs of @vm in the order of the table, or NULL. */
const HvVmRun *hv_vm_index_first(const HvVmIndex *index, const char *vm);
const HvVmRun *hv_vm_index_next(const HvVmIndex *index, const HvVmRun *run, const char *vm);
