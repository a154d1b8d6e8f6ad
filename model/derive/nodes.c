/* The table "nodes": memory of each node, its cpus, and how busy they are. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "model/derive/list.h"
#include "model/i18n.h"
#include "model/node-columns.h"

enum {
    NODE,
    PACKAGE,
    CPUS,
    USE_RATIO,
    TOTAL_BYTES,
    FREE_BYTES,
    HUGE_2M_TOTAL,
    HUGE_2M_FREE,
    HUGE_1G_TOTAL,
    HUGE_1G_FREE,
    LOCAL_PER_S,
    REMOTE_PER_S,
};

static const HvColumn columns[] = {
    HV_NODE_COLUMNS,
    [PACKAGE] = { .name = "package",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NONE,
                  .help = N_("socket that it belongs to") },
    [CPUS] = { .name = "cpus",
               .kind = HV_KIND_SET,
               .unit = HV_UNIT_NONE,
               .help = N_("its cpus") },
    [USE_RATIO] = { .name = "use_ratio",
                    .kind = HV_KIND_F64,
                    .unit = HV_UNIT_RATIO,
                    .help = N_("mean use of its cpus that are online") },
    [LOCAL_PER_S] = { HV_NODE_LOCAL_PER_S, .kind = HV_KIND_F64 },
    [REMOTE_PER_S] = { HV_NODE_REMOTE_PER_S, .kind = HV_KIND_F64 },
    { 0 },
};
static const HvSchema schema = { .name = "nodes", .columns = columns };

/* One node's part of the table "cpus". */
typedef struct {
    guint n_online;
    guint n_known; /* whose use is known */
    double use;    /* sum */
    HvCell why;    /* of the first cpu without it */
    HvMark why_mark;
} Use;

static Use
add_up(const HvTable *cpus, guint64 node)
{
    const int node_column = hv_table_column(cpus, "node"),
              use_column = hv_table_column(cpus, "use_ratio");
    const int online_column = hv_table_column(cpus, "online");
    Use sum = { 0 };

    for (guint row = 0; row < hv_table_n_rows(cpus); row++) {
        guint64 its_node, online;
        double use;

        if (!hv_table_u64(cpus, row, node_column, &its_node) || its_node != node)
            continue;
        if (hv_table_u64(cpus, row, online_column, &online) && !online)
            continue;
        sum.n_online++;
        if (hv_table_f64(cpus, row, use_column, &use)) {
            sum.n_known++;
            sum.use += use;
        } else if (sum.n_online - sum.n_known == 1) {
            sum.why_mark = hv_table_cell(cpus, row, use_column, &sum.why);
        }
    }
    return sum;
}

/* A mean over some of the cpus would pass for that of all. */
static void
emit_use(HvSink *out, const HvTable *cpus, guint64 node)
{
    const Use sum = add_up(cpus, node);

    if (sum.n_online == 0)
        hv_none(out, USE_RATIO, HV_MARK_ABSENT,
                N_("none of its cpus is online, or it has none"));
    else if (sum.n_known < sum.n_online)
        hv_none(out, USE_RATIO, sum.why_mark, sum.why.text);
    else
        hv_f64(out, USE_RATIO, sum.use / sum.n_known);
}

static void
emit_place(HvSink *out, const HvTopology *topology, guint64 node)
{
    const HvTopoNode *place =
        topology && node <= HV_SET_MAX ? hv_topology_node(topology, (int)node) : NULL;
    g_auto(HvList) cpus;

    hv_list_init(&cpus);
    if (place && place->package >= 0)
        hv_u64(out, PACKAGE, (guint64)place->package);
    else
        hv_none(out, PACKAGE, HV_MARK_ABSENT, N_("the topology does not say"));
    if (!place) {
        hv_none(out, CPUS, HV_MARK_ABSENT, N_("the topology does not say"));
        return;
    }
    hv_list_add_set(&cpus, place->cpus);
    hv_text(out, CPUS, hv_list_text(&cpus));
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *memory = hv_snapshot_table(snapshot, "node_memory");
    const HvTable *cpus = hv_snapshot_table(snapshot, "cpus");

    for (guint row = 0; row < hv_table_n_rows(memory); row++) {
        guint64 node;

        if (!hv_table_u64(memory, row, hv_table_column(memory, "node"), &node))
            continue;
        hv_row_u64(out, node);
        emit_place(out, snapshot->topology, node);
        emit_use(out, cpus, node);
        for (guint column = TOTAL_BYTES; column <= REMOTE_PER_S; column++)
            hv_copy(out, column, memory, row, hv_table_column(memory, columns[column].name));
    }
    if (memory && hv_table_n_rows(memory) == 0)
        hv_sink_why(out, hv_table_why(memory));
}

const HvDerive hv_derive_nodes = {
    .name = "nodes",
    .schema = &schema,
    .inputs = (const char *const[]){ "node_memory", "cpus", NULL },
    .run = run,
};
