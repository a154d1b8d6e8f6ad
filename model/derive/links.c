/* The table "links": what crosses between sockets, by the counters of the links themselves. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "model/derive/uncore-sum.h"
#include "model/i18n.h"

#define MAX_DIGITS 12

enum { FROM_PACKAGE, TO_PACKAGE, BYTES_PER_S, USE_RATIO };

static const HvColumn columns[] = {
    [FROM_PACKAGE] = { .name = "from_package",
                       .kind = HV_KIND_ID,
                       .unit = HV_UNIT_NONE,
                       .help = N_("socket that sends") },
    [TO_PACKAGE] = { .name = "to_package",
                     .kind = HV_KIND_ID,
                     .unit = HV_UNIT_NONE,
                     .help =
                         N_("socket that receives; empty: the counters do not tell which") },
    [BYTES_PER_S] = { .name = "bytes_per_s",
                      .kind = HV_KIND_F64,
                      .unit = HV_UNIT_BYTES_PER_S,
                      .help =
                          N_("data sent; snoops, directory and I/O are in it: VMs make at most "
                             "that much") },
    [USE_RATIO] = { .name = "use_ratio",
                    .kind = HV_KIND_F64,
                    .unit = HV_UNIT_RATIO,
                    .help = N_("share of what the links of this processor can move at most") },
    { 0 },
};
static const HvSchema schema = { .name = "links", .columns = columns };

/* With two sockets there is but one other end. */
static const HvTopoPackage *
other_end(const HvTopology *topology, int package)
{
    if (topology->n_packages != 2)
        return NULL;
    return &topology->packages[topology->packages[0].package == package ? 1 : 0];
}

static void
emit_use(HvSink *out, const HvUncoreSum *sum)
{
    if (sum->nominal <= 0 || sum->n_units == 0 || sum->n_known < sum->n_units) {
        hv_none(out, USE_RATIO, HV_MARK_ABSENT, N_("how fast these links are is not known"));
        return;
    }
    hv_f64(out, USE_RATIO, sum->bytes_per_s / sum->nominal);
    hv_mark(out, USE_RATIO,
            HV_MARK_ESTIMATED); /* boards run links slower than the processor can */
}

static void
emit_package(HvSink *out, const HvTopology *topology, const HvTable *uncore, int package)
{
    const HvUncoreMatch match = { .kind = "link",
                                  .column = "package",
                                  .number = (guint64)package };
    const HvTopoPackage *other = other_end(topology, package);
    char from[MAX_DIGITS], to[MAX_DIGITS] = "";
    HvUncoreSum sum;

    hv_uncore_sum(uncore, &match, &sum);
    g_snprintf(from, sizeof from, "%d", package);
    if (other)
        g_snprintf(to, sizeof to, "%d", other->package);
    hv_row(out, from, to);
    hv_uncore_emit(out, BYTES_PER_S, &sum, N_("no link of this socket can be counted"));
    emit_use(out, &sum);
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *uncore = hv_snapshot_table(snapshot, "uncore");
    const HvTopology *topology = snapshot->topology;

    if (topology && topology->n_packages == 1) {
        hv_sink_why(out, N_("there is one socket: nothing crosses"));
        return;
    }
    if (!topology || !hv_uncore_has(uncore, "link")) {
        hv_sink_why(out,
                    hv_uncore_why(uncore, N_("no links between sockets can be counted here")));
        return;
    }
    for (guint i = 0; i < topology->n_packages; i++)
        emit_package(out, topology, uncore, topology->packages[i].package);
}

const HvDerive hv_derive_links = {
    .name = "links",
    .schema = &schema,
    .inputs = (const char *const[]){ "uncore", NULL },
    .run = run,
};
