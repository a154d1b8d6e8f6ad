/* The table "vcpu_traffic": the same for each vCPU of the VMs that somebody looks at. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "model/derive/traffic-read.h"

enum { VM, VCPU, REMOTE_RATIO, LOCAL, REMOTE, TOTAL, SOURCE, QUALITY, AGE_S, DOUBT };

static const HvColumn columns[] = {
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .unit = HV_UNIT_NONE,
             .help = N_("name of the VM") },
    [VCPU] = { .name = "vcpu",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("number of the vCPU within its VM") },
    [SOURCE] = { HV_TRAFFIC_SOURCE, .kind = HV_KIND_TEXT },
    HV_TRAFFIC_COLUMNS,
    { 0 },
};
static const HvSchema schema = { .name = "vcpu_traffic", .columns = columns };
static const HvTrafficOut out_columns = { REMOTE_RATIO, LOCAL,   REMOTE, TOTAL,
                                          SOURCE,       QUALITY, AGE_S,  DOUBT };

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *vcpus = hv_snapshot_table(snapshot, "vcpus");
    const int vm_column = hv_table_column(vcpus, "vm"),
              vcpu_column = hv_table_column(vcpus, "vcpu");
    HvTrafficInput input;

    hv_traffic_open(&input, snapshot);
    for (guint row = 0; row < hv_table_n_rows(vcpus); row++) {
        const char *vm = hv_table_text(vcpus, row, vm_column);
        HvTraffic traffic;
        HvTrafficBy by;
        guint64 vcpu;

        if (!vm || !hv_sink_wants(out, vm) || !hv_table_u64(vcpus, row, vcpu_column, &vcpu))
            continue;
        by = hv_traffic_read_vcpu(&input, vm, row, &traffic);
        hv_row_text_u64(out, vm, vcpu);
        hv_traffic_emit(out, &out_columns, by, &traffic);
    }
}

const HvDerive hv_derive_vcpu_traffic = {
    .name = "vcpu_traffic",
    .schema = &schema,
    .inputs = hv_traffic_tables,
    .run = run,
};
