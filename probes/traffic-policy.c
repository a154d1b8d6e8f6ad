/* Which sources of memory traffic may be used: --source traffic=…, for the derived tables. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/probe.h"

enum { SOURCE, ALLOWED };
static const HvColumn columns[] = {
    [SOURCE] = { .name = "source",
                 .kind = HV_KIND_KEY,
                 .unit = HV_UNIT_NONE,
                 .help = N_("mbm (resctrl), perf, or estimate (by place)") },
    [ALLOWED] = { .name = "allowed",
                  .kind = HV_KIND_BOOL,
                  .unit = HV_UNIT_NONE,
                  .help = N_("whether memory traffic may be taken from it") },
    { 0 },
};
static const HvSchema schema = { .name = "traffic_policy", .columns = columns, .raw = TRUE };

static const struct {
    const char *name;
    HvTrafficSource source;
} sources[] = {
    { "mbm", HV_TRAFFIC_MBM },
    { "perf", HV_TRAFFIC_PERF },
    { "estimate", HV_TRAFFIC_ESTIMATE },
};

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    return host;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    const guint traffic = hv_host_policy(state)->traffic;

    for (guint i = 0; i < G_N_ELEMENTS(sources); i++) {
        hv_row(out, sources[i].name);
        hv_bool(out, ALLOWED, traffic == 0 || (traffic & sources[i].source) != 0);
    }
    return TRUE;
}

static void
stop(gpointer state G_GNUC_UNUSED)
{
}

const HvProbe hv_probe_traffic_policy = {
    .name = "traffic-policy",
    .source = "the command line: --source traffic=",
    .help = N_("where numbers of memory traffic may come from"),
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
