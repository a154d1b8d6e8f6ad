/* A probe at work behind a door on a tree, with a clock of the test's own; cells of its table.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/probe-run.h"

#define START_NS G_GINT64_CONSTANT(1000000000000)

void
hv_test_run_open(HvTestRun *run, const HvProbe *probe, const char *root)
{
    const HvHostOptions options = { .root = root };
    g_autoptr(GError) error = NULL;

    *run = (HvTestRun){ .probe = probe, .now_ns = START_NS };
    run->host = hv_host_new(&options, &error);
    g_assert_no_error(error);
    hv_topology_unref(hv_host_wait_topology(run->host, 10000, NULL));
    run->state = probe->start(run->host, &error);
    if (!run->state)
        g_test_message("%s: %s", probe->name, error->message);
    run->store = hv_store_new(probe->schemas[0]);
}

void
hv_test_run_close(HvTestRun *run)
{
    if (run->state)
        run->probe->stop(run->state);
    hv_store_free(run->store);
    hv_host_free(run->host);
    g_clear_pointer(&run->interest, g_hash_table_unref);
    *run = (HvTestRun){ 0 };
}

HvTable *
hv_test_run_sample(HvTestRun *run, gint64 after_ns)
{
    g_autoptr(GError) error = NULL;
    HvSink *sink;

    g_assert_nonnull(run->state);
    run->now_ns += after_ns;
    sink = hv_sink_begin(&run->store, 1, run->now_ns);
    hv_sink_set_interest(sink, run->interest);
    g_assert_true(run->probe->sample(run->state, sink, &error));
    g_assert_no_error(error);
    hv_sink_end(sink, TRUE);
    return hv_store_table(run->store);
}

static guint
row_of(const HvTable *table, const char *key)
{
    const int row = key ? hv_table_find(table, key) : 0;

    g_assert_cmpint(row, >=, 0);
    g_assert_cmpint(row, <, (int)hv_table_n_rows(table));
    return (guint)row;
}

static int
column_of(const HvTable *table, const char *name)
{
    const int column = hv_table_column(table, name);

    g_assert_cmpint(column, >=, 0);
    return column;
}

double
hv_test_number(const HvTable *table, const char *key, const char *column)
{
    double value = -1;

    if (!hv_table_f64(table, row_of(table, key), column_of(table, column), &value))
        g_test_message("%s %s: %s", key ? key : "", column, hv_test_reason(table, key, column));
    return value;
}

const char *
hv_test_text(const HvTable *table, const char *key, const char *column)
{
    return hv_table_text(table, row_of(table, key), column_of(table, column));
}

const char *
hv_test_reason(const HvTable *table, const char *key, const char *column)
{
    return hv_table_reason(table, row_of(table, key), column_of(table, column));
}

HvMark
hv_test_mark(const HvTable *table, const char *key, const char *column)
{
    return hv_table_mark(table, row_of(table, key), column_of(table, column));
}
