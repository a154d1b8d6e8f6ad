/* The table "memory_traffic": what the memory controllers of each node move. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "model/derive/uncore-sum.h"
#include "model/i18n.h"

enum { NODE, BYTES_PER_S };

static const HvColumn columns[] = {
    [NODE] = { .name = "node",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("number of the memory node") },
    [BYTES_PER_S] = { .name = "bytes_per_s",
                      .kind = HV_KIND_F64,
                      .unit = HV_UNIT_BYTES_PER_S,
                      .help =
                          N_("reads and writes of its memory controllers, devices' included") },
    { 0 },
};
static const HvSchema schema = { .name = "memory_traffic", .columns = columns };

static void
emit_node(HvSink *out, const HvTable *uncore, const HvTopoNode *node)
{
    const HvUncoreMatch match = { .kind = "memory",
                                  .column = "node",
                                  .number = (guint64)node->node };
    HvUncoreSum sum;

    hv_uncore_sum(uncore, &match, &sum);
    if (sum.n_units == 0 && node->has_memory_bytes && node->memory_bytes == 0)
        return;
    hv_row_u64(out, (guint64)node->node);
    hv_uncore_emit(out, BYTES_PER_S, &sum,
                   N_("the controllers of its socket serve several nodes"));
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *uncore = hv_snapshot_table(snapshot, "uncore");
    const HvTopology *topology = snapshot->topology;

    if (!hv_uncore_has(uncore, "memory")) {
        hv_sink_why(out,
                    hv_uncore_why(uncore, N_("no memory controllers can be counted here")));
        return;
    }
    for (guint i = 0; topology && i < topology->n_nodes; i++)
        if (topology->nodes[i].node >= 0)
            emit_node(out, uncore, &topology->nodes[i]);
}

const HvDerive hv_derive_memory_traffic = {
    .name = "memory_traffic",
    .schema = &schema,
    .inputs = (const char *const[]){ "uncore", NULL },
    .run = run,
};
