/* Two schemas with a column of every kind, for the tests of tables, stores and rates. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <math.h>

#include "model/sink.h"

#define S G_GINT64_CONSTANT(1000000000)

enum {
    VM,
    VCPU,
    STATE,
    CPUS,
    ONLINE,
    RUN_NS,
    SWITCHES,
    SIZE,
    SCORE,
    RUN_RATIO,
    SWITCHES_PER_S,
    STAT_NS,
    STAT_RATIO
};
static const HvColumn columns[] = {
    [VM] = { .name = "vm", .kind = HV_KIND_KEY },
    [VCPU] = { .name = "vcpu", .kind = HV_KIND_ID },
    [STATE] = { .name = "state", .kind = HV_KIND_TEXT },
    [CPUS] = { .name = "cpus", .kind = HV_KIND_SET },
    [ONLINE] = { .name = "online", .kind = HV_KIND_BOOL },
    [RUN_NS] = { .name = "run_ns", .kind = HV_KIND_COUNTER, .unit = HV_UNIT_NS },
    [SWITCHES] = { .name = "switches", .kind = HV_KIND_COUNTER, .unit = HV_UNIT_COUNT },
    [SIZE] = { .name = "size_bytes", .kind = HV_KIND_U64, .unit = HV_UNIT_BYTES },
    [SCORE] = { .name = "score", .kind = HV_KIND_F64 },
    [RUN_RATIO] = { .name = "run_ratio",
                    .kind = HV_KIND_RATE,
                    .unit = HV_UNIT_RATIO,
                    .of = RUN_NS },
    [SWITCHES_PER_S] = { .name = "switches_per_s",
                         .kind = HV_KIND_RATE,
                         .unit = HV_UNIT_PER_S,
                         .of = SWITCHES },
    [STAT_NS] = { .name = "stat_ns", .kind = HV_KIND_U64, .unit = HV_UNIT_NS },
    [STAT_RATIO] = { .name = "stat_ratio",
                     .kind = HV_KIND_RATE,
                     .unit = HV_UNIT_RATIO,
                     .of = RUN_NS,
                     .at = STAT_NS },
    { 0 },
};
static const HvSchema schema = { .name = "vcpus", .columns = columns };

static const HvColumn node_columns[] = {
    { .name = "node", .kind = HV_KIND_ID },
    { .name = "free_bytes", .kind = HV_KIND_U64, .unit = HV_UNIT_BYTES },
    { 0 },
};
static const HvSchema node_schema = { .name = "nodes", .columns = node_columns };

static inline HvSink *
begin(HvStore *store, gint64 now_ns)
{
    return hv_sink_begin(&store, 1, now_ns);
}

static inline void
assert_f64(const HvTable *table, guint row, int column, double expected)
{
    double value = (double)NAN;

    g_assert_true(hv_table_f64(table, row, column, &value));
    g_assert_cmpfloat(fabs(value - expected), <, 1e-9);
}

static inline void
assert_none(const HvTable *table, guint row, int column, HvMark mark, const char *why)
{
    double value;

    g_assert_cmpint(hv_table_mark(table, row, column), ==, mark);
    g_assert_cmpstr(hv_table_reason(table, row, column), ==, why);
    g_assert_false(hv_table_f64(table, row, column, &value));
    g_assert_null(hv_table_text(table, row, column));
}
