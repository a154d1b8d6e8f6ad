/* The table "sources": every probe, whether it works, what it costs, and what would cure it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/sources.h"

#include "model/i18n.h"
#include "session/session.h"

#define NS_PER_US 1000.0
#define NS_PER_MS 1000000.0

enum { SOURCE, STATE, COST_US, AGE_MS, PERIOD_MS, WHY, CURE, HELP };

static const HvColumn columns[] = {
    [SOURCE] = { .name = "source",
                 .kind = HV_KIND_KEY,
                 .unit = HV_UNIT_NONE,
                 .help = N_("name of the source") },
    [STATE] = { .name = "state",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("ok, slow, absent, denied, failed or off") },
    [COST_US] = { .name = "cost_us",
                  .kind = HV_KIND_F64,
                  .unit = HV_UNIT_US,
                  .help = N_("how long its last sample took") },
    [AGE_MS] = { .name = "age_ms",
                 .kind = HV_KIND_F64,
                 .unit = HV_UNIT_MS,
                 .help = N_("how old its last sample is") },
    [PERIOD_MS] = { .name = "period_ms",
                    .kind = HV_KIND_F64,
                    .unit = HV_UNIT_MS,
                    .help = N_("distance of its samples now") },
    [WHY] = { .name = "why",
              .kind = HV_KIND_TEXT,
              .unit = HV_UNIT_NONE,
              .help = N_("why it does not work, or not well") },
    [CURE] = { .name = "cure",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("what would help") },
    [HELP] = { .name = "help",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("what it tells") },
    { 0 },
};
const HvSchema hv_sources_schema = { .name = "sources", .columns = columns };

const char *
hv_source_state_name(HvSourceState state)
{
    static const char *const names[] = {
        [HV_SOURCE_OFF] = "off",       [HV_SOURCE_OK] = "ok",
        [HV_SOURCE_SLOW] = "slow",     [HV_SOURCE_ABSENT] = "absent",
        [HV_SOURCE_DENIED] = "denied", [HV_SOURCE_FAILED] = "failed",
    };

    return names[state];
}

static void
emit_text(HvSink *out, guint column, const char *text, const char *why)
{
    if (text && *text)
        hv_text(out, column, text);
    else
        hv_none(out, column, HV_MARK_ABSENT, why);
}

void
hv_sources_emit(HvSink *out, const HvSource *source)
{
    const gint64 now_ns = hv_sink_now_ns(out);

    hv_row(out, source->name);
    hv_text(out, STATE, hv_source_state_name(source->state));
    if (source->cost_ns >= 0)
        hv_f64(out, COST_US, (double)source->cost_ns / NS_PER_US);
    else
        hv_none(out, COST_US, HV_MARK_ABSENT, N_("never sampled"));
    if (source->sampled_ns)
        hv_f64(out, AGE_MS, (double)(now_ns - source->sampled_ns) / NS_PER_MS);
    else
        hv_none(out, AGE_MS, HV_MARK_ABSENT, N_("never sampled"));
    if (source->period_ns)
        hv_f64(out, PERIOD_MS, (double)source->period_ns / NS_PER_MS);
    else
        hv_none(out, PERIOD_MS, HV_MARK_ABSENT, N_("a single look"));
    emit_text(out, WHY, source->why, N_("nothing is wrong"));
    emit_text(out, CURE, source->cure, N_("none is needed, or none is known"));
    emit_text(out, HELP, source->help, NULL);
}
