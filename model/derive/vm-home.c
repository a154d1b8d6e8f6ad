/* Where a VM's memory lies: bytes by node, the node it is at home on, the nodes that hold
 * nearly all. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/vm-home.h"

#include <string.h>

#define HOME_RATIO 0.75
#define NEARLY_ALL_RATIO 0.95

void
hv_vm_homes_fill(HvVmHomes *homes, const HvTable *residency)
{
    hv_vm_index_fill(&homes->residency, residency);
    homes->node = hv_table_column(residency, "node");
    homes->resident_bytes = hv_table_column(residency, "resident_bytes");
}

static void
add_run(const HvVmHomes *homes, const HvVmRun *run, HvVmHome *home)
{
    const HvTable *table = homes->residency.table;

    for (guint row = run->first; row < run->first + run->n; row++) {
        guint64 node, bytes;

        if (!hv_table_u64(table, row, homes->resident_bytes, &bytes)) {
            home->why = hv_table_reason(table, row, homes->resident_bytes);
            continue;
        }
        if (!hv_table_u64(table, row, homes->node, &node) || node >= HV_VM_HOME_MAX_NODES)
            continue;
        home->is_estimate |=
            hv_table_mark(table, row, homes->resident_bytes) == HV_MARK_ESTIMATED;
        home->bytes[node] += bytes;
        home->sum += bytes;
    }
}

/* The node with most bytes that is not in @home->nodes yet; -1 when the others hold none. */
static int
next_largest(const HvVmHome *home)
{
    guint64 most = 0;
    int largest = -1;

    for (guint node = 0; node < HV_VM_HOME_MAX_NODES; node++) {
        gboolean is_taken = FALSE;

        for (guint i = 0; i < home->n_nodes; i++)
            is_taken = is_taken || home->nodes[i] == node;
        if (is_taken || home->bytes[node] <= most)
            continue;
        most = home->bytes[node];
        largest = (int)node;
    }
    return largest;
}

void
hv_vm_home_find(const HvVmHomes *homes, const char *vm, HvVmHome *home)
{
    guint64 held = 0;

    memset(home, 0, sizeof *home);
    home->home = -1;
    for (const HvVmRun *run = hv_vm_index_first(&homes->residency, vm); run;
         run = hv_vm_index_next(&homes->residency, run, vm))
        add_run(homes, run, home);
    while (home->sum > 0 && (double)held <= NEARLY_ALL_RATIO * (double)home->sum) {
        const int node = next_largest(home);

        if (node < 0)
            break;
        if (!home->n_nodes && (double)home->bytes[node] >= HOME_RATIO * (double)home->sum)
            home->home = node;
        home->nodes[home->n_nodes++] = (guint)node;
        held += home->bytes[node];
    }
}
