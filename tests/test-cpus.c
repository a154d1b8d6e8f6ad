/* The probes "cpus" and "nodes" and the derived table of nodes: shares of time, offline cpus,
 * what is missing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "host/node-files.h"
#include "probes/proc-stat.h"
#include "tests/probe-run.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)
#define TICK_NS 10000000u

extern const HvProbe hv_probe_cpus, hv_probe_nodes;
extern const HvDerive hv_derive_nodes;

typedef struct {
    HvTestTree *tree;
    HvTestRun run;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    fixture->tree = hv_test_tree_new();
}

static void
open_door(Fixture *fixture)
{
    hv_test_run_open(&fixture->run, &hv_probe_cpus, fixture->tree->path);
}

static void
tear_down(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    hv_test_run_close(&fixture->run);
    hv_test_tree_free(fixture->tree);
}

static HvTable *
sample(Fixture *fixture)
{
    return hv_test_run_sample(&fixture->run, S);
}

static void
test_shares_add_up(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    HvTable *table;

    hv_test_host_add(fixture->tree, 2, 4);
    hv_test_rewrite(fixture->tree, "proc/stat",
                    "cpu  0 0 0 0\ncpu1 100 0 100 1000 10 5 5 5 50 0\n");
    open_door(fixture);
    g_assert_cmpstr(hv_test_reason(sample(fixture), "1", "use_ratio"), ==,
                    "one sample: no rate");
    hv_test_rewrite(fixture->tree, "proc/stat",
                    "cpu  0 0 0 0\ncpu1 150 5 110 1010 14 7 8 15 80 0\n");
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "1", "user_ratio"),
                        0.25); /* 50 + 5 - 30 ticks of guest */
    hv_test_assert_near(hv_test_number(table, "1", "guest_ratio"), 0.30);
    hv_test_assert_near(hv_test_number(table, "1", "system_ratio"), 0.10);
    hv_test_assert_near(hv_test_number(table, "1", "irq_ratio"), 0.02);
    hv_test_assert_near(hv_test_number(table, "1", "softirq_ratio"), 0.03);
    hv_test_assert_near(hv_test_number(table, "1", "iowait_ratio"), 0.04);
    hv_test_assert_near(hv_test_number(table, "1", "steal_ratio"), 0.10);
    hv_test_assert_near(hv_test_number(table, "1", "use_ratio"), 0.70);
    hv_test_assert_near(hv_test_number(table, "1", "node"), 0);
    hv_test_assert_near(hv_test_number(table, "3", "node"), 1);
    g_assert_cmpstr(hv_test_reason(table, "3", "use_ratio"), ==,
                    "/proc/stat does not have this cpu");
}

/* User and guest time are each cut to whole ticks: their difference may step back by one. */
static void
test_a_tick_back_in_user_time_is_no_time(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    HvTable *table;

    hv_test_host_add(fixture->tree, 1, 2);
    hv_test_rewrite(fixture->tree, "proc/stat", "cpu1 100 0 100 1000 0 0 0 0 50 0\n");
    open_door(fixture);
    sample(fixture);
    hv_test_rewrite(fixture->tree, "proc/stat", "cpu1 110 0 100 1000 0 0 0 0 61 0\n");
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "1", "user_ratio"), 0);
    hv_test_assert_near(hv_test_number(table, "1", "guest_ratio"), 0.11);
    hv_test_rewrite(fixture->tree, "proc/stat", "cpu1 130 0 100 1000 0 0 0 0 61 0\n");
    hv_test_assert_near(hv_test_number(sample(fixture), "1", "user_ratio"), 0.19);
    hv_test_rewrite(fixture->tree, "proc/stat", "cpu1 131 0 100 1000 0 0 0 0 90 0\n");
    g_assert_cmpstr(hv_test_reason(sample(fixture), "1", "user_ratio"), ==,
                    "the counter went back");
}

static void
test_an_offline_cpu_has_a_row_and_no_numbers(Fixture *fixture,
                                             gconstpointer unused G_GNUC_UNUSED)
{
    HvTable *table;

    hv_test_host_add(fixture->tree, 1, 4);
    hv_test_rewrite(fixture->tree, "sys/devices/system/cpu/online", "0-1,3\n");
    hv_test_rewrite(fixture->tree, "sys/devices/system/cpu/offline", "2\n");
    open_door(fixture);
    table = sample(fixture);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 4);
    hv_test_assert_near(hv_test_number(table, "2", "online"), 0);
    hv_test_assert_near(hv_test_number(table, "3", "online"), 1);
}

static void
test_without_proc_stat_the_reason_is_told(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    HvTable *table;

    hv_test_host_add(fixture->tree, 1, 2);
    hv_test_tree_remove(fixture->tree, "proc/stat");
    open_door(fixture);
    table = sample(fixture);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 2);
    g_assert_true(g_str_has_prefix(hv_test_reason(table, "0", "use_ratio"), "proc/stat"));
}

static void
test_without_a_topology_cpus_come_from_proc_stat(Fixture *fixture,
                                                 gconstpointer unused G_GNUC_UNUSED)
{
    HvTable *table;

    hv_test_rewrite(fixture->tree, "proc/stat", "cpu 1 1 1 1\ncpu0 1 1 1 1\ncpu7 1 1 1 1\n");
    open_door(fixture);
    table = sample(fixture);
    g_assert_cmpint(hv_table_find(table, "7"), >=, 0);
}

/* ---- nodes ---- */

static HvTable *
sample_nodes(HvHost *host, HvStore *store, gpointer *state)
{
    HvSink *sink = hv_sink_begin(&store, 1, S);

    *state = hv_probe_nodes.start(host, NULL);
    g_assert_true(hv_probe_nodes.sample(*state, sink, NULL));
    hv_sink_end(sink, TRUE);
    return hv_store_table(store);
}

static void
test_a_node_sums_up_its_memory_and_cpus(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(HvStore) memory = hv_store_new(hv_probe_nodes.schemas[0]),
                       nodes = hv_store_new(hv_derive_nodes.schema);
    g_autoptr(HvSnapshot) snapshot = hv_snapshot_new();
    gpointer state;
    HvTable *table;
    HvSink *sink;

    hv_test_host_add(fixture->tree, 2, 4);
    hv_test_rewrite(fixture->tree,
                    "sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages",
                    "8\n");
    hv_test_rewrite(fixture->tree,
                    "sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages",
                    "3\n");
    open_door(fixture);
    sample(fixture);
    snapshot->topology = hv_host_topology(fixture->run.host, NULL);
    hv_snapshot_add(snapshot, sample(fixture)); /* nothing changed in a second: all idle */
    hv_snapshot_add(snapshot, sample_nodes(fixture->run.host, memory, &state));
    sink = hv_sink_begin(&nodes, 1, S);
    hv_derive_nodes.run(snapshot, sink);
    hv_sink_end(sink, TRUE);
    table = hv_store_table(nodes);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 2);
    hv_test_assert_near(hv_test_number(table, "1", "memory_total_bytes"), 4194304.0 * 1024);
    hv_test_assert_near(hv_test_number(table, "1", "memory_free_bytes"), 1048576.0 * 1024);
    hv_test_assert_near(hv_test_number(table, "1", "hugepages_2m_free"), 3);
    hv_test_assert_near(hv_test_number(table, "0", "use_ratio"), 0);
    g_assert_cmpstr(hv_table_text(table, 1, hv_table_column(table, "cpus")), ==, "2-3");
    g_assert_nonnull(hv_test_reason(table, "0", "hugepages_2m_free"));
    hv_probe_nodes.stop(state);
}

static void
test_a_line_with_few_numbers_is_read(void)
{
    char old[] = "cpu3 1 2 3 4", bad[] = "cpu3 1 2 3", sum[] = "cpu  1 2 3 4 5 6 7 8 9 10",
         other[] = "ctxt 5";
    HvCpuTimes times;
    int cpu;

    g_assert_true(hv_cpu_times_parse(old, &cpu, &times));
    g_assert_cmpint(cpu, ==, 3);
    g_assert_cmpuint(times.user_ns, ==, 3 * TICK_NS);
    g_assert_cmpuint(times.steal_ns, ==, 0);
    g_assert_false(hv_cpu_times_parse(bad, &cpu, &times));
    g_assert_true(hv_cpu_times_parse(sum, &cpu, &times));
    g_assert_cmpint(cpu, ==, HV_ALL_CPUS);
    g_assert_cmpuint(times.user_ns, ==, 0); /* more guest time than user time: never below 0 */
    g_assert_false(hv_cpu_times_parse(other, &cpu, &times));
}

static void
test_numastat_wants_both_numbers(void)
{
    HvNumastat numastat;

    hv_numastat_parse("numa_hit 5\nlocal_node 3\nother_node 2\n", &numastat);
    g_assert_true(numastat.has_both);
    g_assert_cmpuint(numastat.n_local, ==, 3);
    g_assert_cmpuint(numastat.n_remote, ==, 2);
    hv_numastat_parse("local_node 3\n", &numastat);
    g_assert_false(numastat.has_both);
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/cpus/shares-add-up", test_shares_add_up);
    ADD("/cpus/a-tick-back-in-user-time-is-no-time", test_a_tick_back_in_user_time_is_no_time);
    ADD("/cpus/an-offline-cpu-has-a-row-and-no-numbers",
        test_an_offline_cpu_has_a_row_and_no_numbers);
    ADD("/cpus/without-proc-stat-the-reason-is-told",
        test_without_proc_stat_the_reason_is_told);
    ADD("/cpus/without-a-topology-cpus-come-from-proc-stat",
        test_without_a_topology_cpus_come_from_proc_stat);
    ADD("/nodes/a-node-sums-up-its-memory-and-cpus", test_a_node_sums_up_its_memory_and_cpus);
    g_test_add_func("/cpus/a-line-with-few-numbers-is-read",
                    test_a_line_with_few_numbers_is_read);
    g_test_add_func("/nodes/numastat-wants-both-numbers", test_numastat_wants_both_numbers);
    return g_test_run();
}
