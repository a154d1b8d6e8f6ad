/* Which rows of a table belong to which VM, found without going through all of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/vm-index.h"

#include <string.h>

static void
add_run(HvVmIndex *index, const char *vm, guint first, guint n)
{
    const guint head = g_str_hash(vm) % HV_VM_INDEX_HEADS;

    if (index->n_runs == HV_VM_INDEX_MAX_RUNS) {
        index->is_full = TRUE;
        return;
    }
    index->runs[index->n_runs++] = (HvVmRun){ .first = first, .n = n };
    if (index->tails[head])
        index->runs[index->tails[head] - 1].next = (guint16)index->n_runs;
    else
        index->heads[head] = (guint16)index->n_runs;
    index->tails[head] = (guint16)index->n_runs;
}

void
hv_vm_index_fill(HvVmIndex *index, const HvTable *table)
{
    const guint n_rows = hv_table_n_rows(table);

    index->table = table;
    index->vm = hv_table_column(table, "vm");
    index->n_runs = 0;
    index->is_full = FALSE;
    memset(index->heads, 0, sizeof index->heads);
    memset(index->tails, 0, sizeof index->tails);
    for (guint row = 0; row < n_rows;) {
        const char *vm = hv_table_text(table, row, index->vm);
        const guint first = row++;

        while (vm && row < n_rows && g_strcmp0(hv_table_text(table, row, index->vm), vm) == 0)
            row++;
        if (vm && *vm)
            add_run(index, vm, first, row - first);
    }
}

static const HvVmRun *
find(const HvVmIndex *index, guint16 at, const char *vm)
{
    for (; at; at = index->runs[at - 1].next)
        if (g_strcmp0(hv_table_text(index->table, index->runs[at - 1].first, index->vm), vm) ==
            0)
            return &index->runs[at - 1];
    return NULL;
}

const HvVmRun *
hv_vm_index_first(const HvVmIndex *index, const char *vm)
{
    return index->table ? find(index, index->heads[g_str_hash(vm) % HV_VM_INDEX_HEADS], vm)
                        : NULL;
}

const HvVmRun *
hv_vm_index_next(const HvVmIndex *index, const HvVmRun *run, const char *vm)
{
    return find(index, run->next, vm);
}
