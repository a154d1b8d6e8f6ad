/* The table "traffic": how much of each VM's memory traffic crosses to other nodes, by the best
 * source there is. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "model/derive/traffic-read.h"

enum { VM, REMOTE_RATIO, LOCAL, REMOTE, TOTAL, SOURCE, QUALITY, AGE_S, DOUBT };

static const HvColumn columns[] = {
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .unit = HV_UNIT_NONE,
             .help = N_("name of the VM") },
    [SOURCE] = { HV_TRAFFIC_SOURCE, .kind = HV_KIND_TEXT },
    HV_TRAFFIC_COLUMNS,
    { 0 },
};
static const HvSchema schema = { .name = "traffic", .columns = columns };
static const HvTrafficOut out_columns = { REMOTE_RATIO, LOCAL,   REMOTE, TOTAL,
                                          SOURCE,       QUALITY, AGE_S,  DOUBT };

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vm_counters");
    const int vm_column = hv_table_column(vms, "vm");
    HvTrafficInput input;

    hv_traffic_open(&input, snapshot);
    for (guint row = 0; row < hv_table_n_rows(vms); row++) {
        const char *vm = hv_table_text(vms, row, vm_column);
        HvTraffic traffic;
        HvTrafficBy by;

        if (!vm)
            continue;
        by = hv_traffic_read_best(&input, vm, &traffic);
        hv_row(out, vm);
        hv_traffic_emit(out, &out_columns, by, &traffic);
    }
    if (vms && hv_table_n_rows(vms) == 0)
        hv_sink_why(out, hv_table_why(vms));
}

const HvDerive hv_derive_traffic = {
    .name = "traffic",
    .schema = &schema,
    .inputs = hv_traffic_tables,
    .run = run,
};
