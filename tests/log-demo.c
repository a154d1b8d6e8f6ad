/* A simulated machine that is sampled, for the tests of what is recorded of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/log-demo.h"

#include <string.h>

const HvHistoryColumn hv_log_demo_history[] = {
    { "vms", "cpu_ratio" },
    { "vms", "wait_max_ratio" },
    { "traffic", "remote_ratio" },
    { "traffic", "total_bytes_per_s" },
    { "nodes", "use_ratio" },
    { "host", "irqs_per_s" },
    { 0 },
};

static gint64
monotonic_ns(gpointer host)
{
    return hv_host_monotonic_ns(host);
}

static gint64
realtime_ns(gpointer host)
{
    return hv_host_realtime_ns(host);
}

static gboolean
wait_until(gpointer host, gint64 until_ns, int wake_fd)
{
    return hv_host_wait_until(host, until_ns, wake_fd);
}

static gboolean
is_derived(const HvSchema *schema)
{
    for (const HvDerive *const *derive = hv_derives; *derive; derive++)
        if ((*derive)->schema == schema)
            return TRUE;
    return FALSE;
}

void
hv_log_demo_open(HvLogDemo *demo, const char *scenario)
{
    static const char *const watches[] = { "mine=true", NULL };
    g_auto(GStrv) parts = g_strsplit(scenario, ",", 2);
    const HvSimOptions sim = { .scenario = parts[0], .variant = parts[1], .seed = 1 };
    const HvHostOptions options = { .demo = &sim,
                                    .policy = { .traffic = HV_TRAFFIC_ANY,
                                                .traffic_is_asked = TRUE,
                                                .may_monitor = TRUE,
                                                .may_count = TRUE },
                                    .watches = watches };
    g_autoptr(GError) error = NULL;

    demo->host = hv_host_new(&options, &error);
    g_assert_no_error(error);
    demo->parts = (HvSessionParts){
        .host = demo->host,
        .probes = hv_probes,
        .derives = hv_derives,
        .clock = { demo->host, monotonic_ns, realtime_ns, wait_until },
        .history = hv_log_demo_history,
        .interval_ns = HV_DEMO_S,
        .topology = hv_host_topology,
    };
    demo->sampler = hv_sampler_new(&demo->parts);
    g_autoptr(HvSnapshot) first = hv_log_demo_next(demo);

    demo->recorded = g_ptr_array_new();
    for (guint i = 0; i < first->n_tables; i++) {
        const HvSchema *schema = hv_table_schema(first->tables[i]);

        if (!is_derived(schema))
            g_ptr_array_add(demo->recorded, (gpointer)(guintptr)schema);
    }
    g_ptr_array_add(demo->recorded, NULL);
}

void
hv_log_demo_clear(HvLogDemo *demo)
{
    hv_sampler_free(demo->sampler);
    hv_host_free(demo->host);
    g_clear_pointer(&demo->recorded, g_ptr_array_unref);
}

HvSnapshot *
hv_log_demo_next(HvLogDemo *demo)
{
    HvSnapshot *snapshot = hv_sampler_tick(demo->sampler);

    hv_host_wait_until(demo->host, hv_host_monotonic_ns(demo->host) + HV_DEMO_S, -1);
    return snapshot;
}

const HvSchema *const *
hv_log_demo_schemas(const HvLogDemo *demo)
{
    return (const HvSchema *const *)(gpointer)demo->recorded->pdata;
}

const HvSchema **
hv_log_demo_known(const HvLogDemo *demo)
{
    GPtrArray *known = g_ptr_array_new();

    for (const HvSchema *const *schema = hv_log_demo_schemas(demo); *schema; schema++)
        g_ptr_array_add(known, (gpointer)(guintptr)*schema);
    for (const HvDerive *const *derive = hv_derives; *derive; derive++)
        g_ptr_array_add(known, (gpointer)(guintptr)(*derive)->schema);
    g_ptr_array_add(known, NULL);
    return (const HvSchema **)(gpointer)g_ptr_array_free(known, FALSE);
}

/* ---- what is the same ---- */

static void
say_cell(const HvTable *table, guint row, guint column)
{
    const HvSchema *schema = hv_table_schema(table);
    double number = 0;

    hv_table_f64(table, row, (int)column, &number);
    g_test_message(
        "%s.%s of %s: mark %d, %.17g, %s, %s", schema->name, schema->columns[column].name,
        hv_table_row_key(table, row), hv_table_mark(table, row, (int)column), number,
        hv_table_text(table, row, (int)column), hv_table_reason(table, row, (int)column));
}

static gboolean
is_same_cell(const HvTable *a, const HvTable *b, guint row, guint column)
{
    HvCell left, right;
    const HvMark mark = hv_table_cell(a, row, (int)column, &left);

    if (mark != hv_table_cell(b, row, (int)column, &right))
        return FALSE;
    if (!hv_mark_has_value(mark) || hv_kind_is_text(hv_table_schema(a)->columns[column].kind))
        return g_strcmp0(left.text, right.text) == 0;
    return left.u64 == right.u64;
}

void
hv_log_same_table(const HvTable *a, const HvTable *b)
{
    const HvSchema *schema = hv_table_schema(a);

    g_assert_nonnull(b);
    g_assert_cmpstr(hv_table_why(a), ==, hv_table_why(b));
    g_assert_cmpint(hv_table_sampled_ns(a), ==, hv_table_sampled_ns(b));
    g_assert_cmpuint(hv_table_n_rows(a), ==, hv_table_n_rows(b));
    for (guint row = 0; row < hv_table_n_rows(a); row++) {
        g_assert_cmpstr(hv_table_row_key(a, row), ==, hv_table_row_key(b, row));
        for (guint column = 0; schema->columns[column].name; column++) {
            if (is_same_cell(a, b, row, column))
                continue;
            say_cell(a, row, column);
            say_cell(b, row, column);
            g_test_fail();
            return;
        }
    }
}

void
hv_log_same_snapshot(const HvSnapshot *live, const HvSnapshot *decoded)
{
    for (guint i = 0; i < live->n_tables && !g_test_failed(); i++)
        hv_log_same_table(live->tables[i],
                          hv_snapshot_table(decoded, hv_table_schema(live->tables[i])->name));
    if (g_test_failed())
        g_test_message("in tick %" G_GUINT64_FORMAT, live->tick);
}
