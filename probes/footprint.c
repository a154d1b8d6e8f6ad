/* What this hvtune has on the host for as long as it looks: groups, descriptors. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/footprint.h"

#include "model/i18n.h"
#include "probes/probe.h"

enum { KIND, NAME, N };
static const HvColumn columns[] = {
    [KIND] = { .name = "kind",
               .kind = HV_KIND_KEY,
               .help = N_("monitoring group, perf descriptors …") },
    [NAME] = { .name = "name", .kind = HV_KIND_KEY, .help = N_("where it is, or for what") },
    [N] = { .name = "n",
            .kind = HV_KIND_U64,
            .unit = HV_UNIT_COUNT,
            .help = N_("how many of them") },
    { 0 },
};
static const HvSchema schema = { .name = "footprint", .columns = columns, .raw = TRUE };

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    return host;
}

typedef struct {
    HvSink *out;
    guint n_rows;
} Rows;

static void
emit(const char *kind, const char *name, guint64 n, gpointer data)
{
    Rows *rows = data;

    hv_row(rows->out, kind, name);
    hv_u64(rows->out, N, n);
    rows->n_rows++;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Rows rows = { out, 0 };

    hv_footprint_each(state, emit, &rows);
    if (rows.n_rows == 0)
        hv_sink_why(out, N_("nothing of this hvtune is on the host"));
    return TRUE;
}

static void
stop(gpointer state G_GNUC_UNUSED)
{
}

const HvProbe hv_probe_footprint = {
    .name = "footprint",
    .source = "hvtune itself",
    .help = N_("what this hvtune has on the host for as long as it looks"),
    .period_ms = 1000,
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
