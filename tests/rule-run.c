/* One rule run over tables written down as text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rule-run.h"

#include "tests/probe-run.h"

void
hv_test_rule_again(HvTestRule *run)
{
    hv_test_tables_clear(&run->tables);
    g_clear_pointer(&run->findings, hv_findings_free);
    g_clear_pointer(&run->store, hv_store_free);
    run->table = NULL;
}

guint
hv_test_rule_run(HvTestRule *run, const HvRule *rule)
{
    HvSink *sink;

    g_clear_pointer(&run->findings, hv_findings_free);
    g_clear_pointer(&run->store, hv_store_free);
    run->rules[0] = rule;
    run->findings = hv_findings_new(run->rules);
    run->store = hv_store_new(&hv_findings_schema);
    sink = hv_sink_begin(&run->store, 1, HV_TEST_NOW_NS);
    g_assert_true(hv_findings_run(run->findings, run->tables.snapshot, sink));
    hv_sink_end(sink, TRUE);
    run->table = hv_store_table(run->store);
    for (guint row = 0; row < hv_table_n_rows(run->table); row++)
        g_test_message(
            "%s ≈%.1f %%: %s | %s", hv_table_row_key(run->table, row),
            100 * hv_test_number(run->table, hv_table_row_key(run->table, row), "cost_ratio"),
            hv_test_text(run->table, hv_table_row_key(run->table, row), "evidence"),
            hv_test_text(run->table, hv_table_row_key(run->table, row), "remedy"));
    return hv_table_n_rows(run->table);
}

double
hv_test_rule_cost(const HvTestRule *run, const char *key)
{
    return hv_test_number(run->table, key, "cost_ratio");
}

const char *
hv_test_rule_evidence(const HvTestRule *run, const char *key)
{
    return hv_test_text(run->table, key, "evidence");
}

const char *
hv_test_rule_remedy(const HvTestRule *run, const char *key)
{
    return hv_test_text(run->table, key, "remedy");
}

const char *
hv_test_rule_quality(const HvTestRule *run, const char *key)
{
    return hv_test_text(run->table, key, "quality");
}

void
hv_test_cores(HvTopology *topology, guint n_threads)
{
    const guint n_cores = topology->n_cpus / n_threads;

    topology->cores = g_new0(HvTopoCore, n_cores);
    topology->n_cores = n_cores;
    for (guint i = 0; i < n_cores; i++) {
        const HvTopoCpu *first = &topology->cpus[i * n_threads];
        HvSet *cpus = hv_set_new();

        hv_set_add_range(cpus, i * n_threads, (i + 1) * n_threads - 1);
        topology->cores[i] = (HvTopoCore){ .core = i,
                                           .os_core = (int)i,
                                           .package = first->package,
                                           .llc = first->llc,
                                           .node = first->node,
                                           .cpus = cpus };
    }
    for (guint i = 0; i < topology->n_cpus; i++) {
        topology->cpus[i].core = (int)(i / n_threads);
        topology->cpus[i].sibling_rank = i % n_threads;
        hv_set_add(topology->online, i);
    }
}
