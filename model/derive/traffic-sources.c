/* The table "traffic_sources": what every source that has something says of a VM, for comparing
 * them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "model/derive/traffic-read.h"

enum { VM, SOURCE, REMOTE_RATIO, LOCAL, REMOTE, TOTAL, QUALITY, AGE_S, DOUBT };

static const HvColumn columns[] = {
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .unit = HV_UNIT_NONE,
             .help = N_("name of the VM") },
    [SOURCE] = { HV_TRAFFIC_SOURCE, .kind = HV_KIND_KEY },
    HV_TRAFFIC_COLUMNS,
    { 0 },
};
static const HvSchema schema = { .name = "traffic_sources", .columns = columns };
static const HvTrafficOut out_columns = { REMOTE_RATIO, LOCAL, REMOTE, TOTAL, 0,
                                          QUALITY,      AGE_S, DOUBT };

static void
run_vm(const HvTrafficInput *input, HvSink *out, const char *vm)
{
    for (guint by = 0; by < HV_TRAFFIC_N; by++) {
        HvTraffic traffic;

        hv_traffic_read(input, by, vm, &traffic);
        if (!hv_mark_has_value(traffic.quality))
            continue;
        hv_row(out, vm, hv_traffic_by_names[by]);
        hv_traffic_emit(out, &out_columns, by, &traffic);
    }
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vm_counters");
    const int vm_column = hv_table_column(vms, "vm");
    HvTrafficInput input;

    hv_traffic_open(&input, snapshot);
    for (guint row = 0; row < hv_table_n_rows(vms); row++) {
        const char *vm = hv_table_text(vms, row, vm_column);

        if (vm)
            run_vm(&input, out, vm);
    }
}

const HvDerive hv_derive_traffic_sources = {
    .name = "traffic_sources",
    .schema = &schema,
    .inputs = hv_traffic_tables,
    .run = run,
};
