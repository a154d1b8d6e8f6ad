/* Samples to record for the tests of logs: a few VMs, in the tables that a log knows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/log-bench.h"

#include "model/sink.h"

enum { COUNTERS, VMS, FINDINGS, CHANGES, N_TABLES };

struct HvLogBench {
    HvStore *stores[N_TABLES];
    guint n_vms;
    guint64 tick;
    char *finding, *severity, *outcome;
};

static const HvColumn counter_columns[] = {
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "run_ns", .kind = HV_KIND_COUNTER, .unit = HV_UNIT_NS },
    { .name = "run_ratio", .kind = HV_KIND_RATE, .unit = HV_UNIT_RATIO, .of = 1 },
    { 0 },
};
static const HvColumn vm_columns[] = {
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "cpu_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { .name = "wait_max_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { .name = "remote_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { 0 },
};
static const HvColumn finding_columns[] = {
    { .name = "finding", .kind = HV_KIND_KEY },
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "what", .kind = HV_KIND_KEY },
    { .name = "severity", .kind = HV_KIND_TEXT },
    { .name = "cost_ratio", .kind = HV_KIND_F64 },
    { .name = "evidence", .kind = HV_KIND_TEXT },
    { 0 },
};
static const HvColumn change_columns[] = {
    { .name = "change", .kind = HV_KIND_ID },    { .name = "step", .kind = HV_KIND_ID },
    { .name = "time_ns", .kind = HV_KIND_U64 },  { .name = "knob", .kind = HV_KIND_TEXT },
    { .name = "outcome", .kind = HV_KIND_TEXT }, { 0 },
};
static const HvSchema schemas[N_TABLES] = {
    [COUNTERS] = { .name = "vm_counters", .columns = counter_columns, .raw = TRUE },
    [VMS] = { .name = "vms", .columns = vm_columns },
    [FINDINGS] = { .name = "findings", .columns = finding_columns },
    [CHANGES] = { .name = "changes", .columns = change_columns },
};
static const HvSchema *const recorded[] = { &schemas[COUNTERS], &schemas[FINDINGS],
                                            &schemas[CHANGES], NULL };
static const HvSchema *const summed[] = { &schemas[VMS], NULL };

HvLogBench *
hv_log_bench_new(guint n_vms)
{
    HvLogBench *bench = g_new0(HvLogBench, 1);

    bench->n_vms = n_vms;
    for (guint i = 0; i < N_TABLES; i++)
        bench->stores[i] = hv_store_new(&schemas[i]);
    return bench;
}

void
hv_log_bench_free(HvLogBench *bench)
{
    for (guint i = 0; i < N_TABLES; i++)
        hv_store_free(bench->stores[i]);
    g_free(bench->finding);
    g_free(bench->severity);
    g_free(bench->outcome);
    g_free(bench);
}

const HvSchema *const *
hv_log_bench_schemas(void)
{
    return recorded;
}

const HvSchema *const *
hv_log_bench_sums(void)
{
    return summed;
}

HvLogOptions
hv_log_bench_options(const char *path)
{
    return (HvLogOptions){ .path = path,
                           .schemas = recorded,
                           .sums = summed,
                           .hostname = "bench",
                           .timezone = "UTC",
                           .version = "0",
                           .interval_ns = HV_BENCH_S };
}

void
hv_log_bench_find(HvLogBench *bench, const char *kind, const char *severity)
{
    g_free(bench->finding);
    g_free(bench->severity);
    bench->finding = g_strdup(kind);
    bench->severity = g_strdup(severity);
}

void
hv_log_bench_change(HvLogBench *bench, const char *outcome)
{
    g_free(bench->outcome);
    bench->outcome = g_strdup(outcome);
}

static void
put_vms(HvLogBench *bench, HvSink *sink)
{
    for (guint i = 0; i < bench->n_vms; i++) {
        g_autofree char *vm = g_strdup_printf("vm%u", i);

        hv_sink_table(sink, COUNTERS);
        hv_row(sink, vm);
        hv_u64(sink, 1, bench->tick * 500000000 + (bench->tick * 7919 * (i + 1)) % 100003);
        hv_sink_table(sink, VMS);
        hv_row(sink, vm);
        hv_f64(sink, 1, 0.5);
        hv_f64(sink, 2, (double)(bench->tick % 10) / 10);
    }
}

static void
put_rest(HvLogBench *bench, HvSink *sink)
{
    if (bench->finding) {
        hv_sink_table(sink, FINDINGS);
        hv_row(sink, bench->finding, "vm0", "");
        hv_text(sink, 3, bench->severity);
        hv_f64(sink, 4, 0.1);
        hv_text(sink, 5, "it was seen");
    }
    if (bench->outcome) {
        hv_sink_table(sink, CHANGES);
        hv_row_keys(sink, (const char *const[]){ "7", "0" });
        hv_u64(sink, 2, HV_BENCH_BEGIN_NS);
        hv_text(sink, 3, "vm/vm0/vcpu/0/cpus");
        hv_text(sink, 4, bench->outcome);
    }
}

HvSnapshot *
hv_log_bench_next(HvLogBench *bench)
{
    HvSnapshot *snapshot = hv_snapshot_new();
    HvSink *sink;

    bench->tick++;
    snapshot->tick = bench->tick;
    snapshot->time_ns = HV_BENCH_BEGIN_NS + (gint64)bench->tick * HV_BENCH_S;
    snapshot->monotonic_ns = (gint64)bench->tick * HV_BENCH_S;
    snapshot->interval_ns = HV_BENCH_S;
    sink = hv_sink_begin(bench->stores, N_TABLES, snapshot->monotonic_ns);
    put_vms(bench, sink);
    put_rest(bench, sink);
    hv_sink_end(sink, TRUE);
    for (guint i = 0; i < N_TABLES; i++)
        hv_snapshot_add(snapshot, hv_store_table(bench->stores[i]));
    return snapshot;
}

static sqlite3_stmt *
first_row(sqlite3 *db, const char *sql, gboolean *has_row)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        g_error("%s: %s", sql, sqlite3_errmsg(db));
    *has_row = sqlite3_step(statement) == SQLITE_ROW;
    return statement;
}

gint64
hv_log_bench_number(sqlite3 *db, const char *sql)
{
    gboolean has_row;
    sqlite3_stmt *statement = first_row(db, sql, &has_row);
    const gint64 number = has_row ? sqlite3_column_int64(statement, 0) : G_MININT64;

    sqlite3_finalize(statement);
    return number;
}

char *
hv_log_bench_text(sqlite3 *db, const char *sql)
{
    gboolean has_row;
    sqlite3_stmt *statement = first_row(db, sql, &has_row);
    char *text = has_row ? g_strdup((const char *)sqlite3_column_text(statement, 0)) : NULL;

    sqlite3_finalize(statement);
    return text;
}
