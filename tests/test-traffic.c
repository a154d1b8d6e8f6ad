/* The tables of memory traffic, checked with numbers worked out by hand. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/probe-run.h"
#include "tests/text-table.h"

extern const HvDerive hv_derive_traffic, hv_derive_vcpu_traffic, hv_derive_traffic_sources,
    hv_derive_matrix, hv_derive_links, hv_derive_memory_traffic;

#define VMS "vm:key"
#define VCPUS "vm:key vcpu:id node:u64 run_ratio:f64 cell:u64"
#define RESIDENCY "vm:key cell:id node:id page_bytes:id resident_bytes:u64 read_ns:u64"
#define MON                                                                                    \
    "group:key mon:key llc:id vm:text whole:bool total_bytes_per_s:f64 local_bytes_per_s:f64 " \
    "read_ns:u64"
#define GROUPS "vm:key vcpu:id group:text mon:text"
#define PERF                                                                                   \
    "vm:key vcpu:id local_lines_per_s:f64 remote_lines_per_s:f64 counts_bytes:bool "           \
    "scaled:bool read_ns:u64 doubt:text"
#define POLICY "source:key allowed:bool"
#define UNCORE "unit:key package:id kind:text bytes_per_s:f64 node:u64 nominal_bytes_per_s:f64"

#define assert_near(a, b) g_assert_cmpfloat(fabs((a) - (b)), <, 1e-9)

/* Two vCPUs on node 0, three quarters of the memory on node 1. */
static void
add_web(HvTestTables *tables)
{
    hv_test_tables_add_topology(tables, hv_test_topology(2, 1, 4));
    hv_test_tables_add(tables, "vm_counters", VMS, "web");
    hv_test_tables_add(tables, "vcpus", VCPUS, "web 0 0 0.9 -\nweb 1 0 0.1 -");
    hv_test_tables_add(tables, "residency", RESIDENCY,
                       "web '' 0 4096 1000 99000000000\nweb '' 1 4096 3000 98000000000");
}

static void
test_by_place_there_is_a_share_and_no_bytes(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "remote_ratio"), 0.75);
    g_assert_cmpint(hv_test_mark(table, "web", "remote_ratio"), ==, HV_MARK_ESTIMATED);
    g_assert_cmpstr(hv_test_text(table, "web", "source"), ==, "estimate");
    g_assert_cmpstr(hv_test_text(table, "web", "quality"), ==, "estimated");
    g_assert_cmpint(hv_test_mark(table, "web", "remote_bytes_per_s"), ==, HV_MARK_ABSENT);
    g_assert_cmpstr(hv_test_reason(table, "web", "total_bytes_per_s"), ==,
                    "by place: no MBM and no PMU here");
    assert_near(hv_test_number(table, "web", "age_s"), 2);
}

/* vCPU 0 works at home; vCPU 1, in its own cell on node 1, runs a ninth of that on node 0. */
static void
test_by_place_each_vcpu_is_held_against_its_own_cell(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add_topology(&tables, hv_test_topology(2, 1, 4));
    hv_test_tables_add(&tables, "vm_counters", VMS, "web");
    hv_test_tables_add(&tables, "vcpus", VCPUS, "web 0 0 0.9 0\nweb 1 0 0.1 1");
    hv_test_tables_add(&tables, "residency", RESIDENCY,
                       "web 0 0 4096 1000 1\nweb 1 1 4096 1000 1");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "remote_ratio"), 0.1);
    table = hv_test_tables_derive(&tables, &hv_derive_vcpu_traffic);
    assert_near(hv_test_number(table, "web/0", "remote_ratio"), 0);
    assert_near(hv_test_number(table, "web/1", "remote_ratio"), 1);
}

/* Half on each node, but which half is whose? */
static void
test_by_place_cells_that_are_not_told_apart_tell_nothing(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add_topology(&tables, hv_test_topology(2, 1, 4));
    hv_test_tables_add(&tables, "vm_counters", VMS, "web");
    hv_test_tables_add(&tables, "vcpus", VCPUS, "web 0 0 0.9 0\nweb 1 1 0.1 1");
    hv_test_tables_add(&tables, "residency", RESIDENCY,
                       "web '' 0 4096 1000 1\nweb '' 1 4096 1000 1");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    g_assert_cmpint(hv_test_mark(table, "web", "remote_ratio"), ==, HV_MARK_ABSENT);
    g_assert_nonnull(
        strstr(hv_test_reason(table, "web", "remote_ratio"), "several NUMA cells"));
    table = hv_test_tables_derive(&tables, &hv_derive_vcpu_traffic);
    g_assert_cmpint(hv_test_mark(table, "web/0", "remote_ratio"), ==, HV_MARK_ABSENT);
    table = hv_test_tables_derive(&tables, &hv_derive_matrix);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 0);
}

static void
test_an_idle_vm_is_judged_with_vcpus_alike(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add_topology(&tables, hv_test_topology(2, 1, 4));
    hv_test_tables_add(&tables, "vm_counters", VMS, "web");
    hv_test_tables_add(&tables, "vcpus", VCPUS, "web 0 0 - -\nweb 1 1 - -");
    hv_test_tables_add(&tables, "residency", RESIDENCY, "web '' 0 4096 1000 1");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "remote_ratio"), 0.5);
}

static void
test_without_any_source_a_vm_has_reasons(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add(&tables, "vm_counters", VMS, "web");
    hv_test_tables_add(&tables, "vcpus", VCPUS, "web 0 0 0.5 -");
    hv_test_tables_add_empty(&tables, "residency", "denied here");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 1);
    for (guint column = 1; column < 8; column++)
        g_assert_cmpint(hv_table_mark(table, 0, (int)column), ==, HV_MARK_ABSENT);
    g_assert_cmpstr(hv_test_reason(table, "web", "remote_ratio"), ==, "denied here");
    g_assert_cmpstr(hv_test_reason(table, "web", "source"), ==, "denied here");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic_sources);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 0);
}

/* 400 of 500 in one L3, 100 of 100 in the other, read 3 and 1 s ago. */
static void
test_mbm_remote_is_total_without_local(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON,
                       "default '' 0 '' 0 9000 9000 97000000000\n"
                       "default hvtune-web 0 web 1 500 400 97000000000\n"
                       "default hvtune-web 1 web 1 100 101 99000000000");
    hv_test_tables_add(&tables, "vm_groups", GROUPS,
                       "web 0 default hvtune-web\nweb 1 default hvtune-web");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "local_bytes_per_s"), 500);
    assert_near(hv_test_number(table, "web", "remote_bytes_per_s"), 100);
    assert_near(hv_test_number(table, "web", "total_bytes_per_s"), 600);
    assert_near(hv_test_number(table, "web", "remote_ratio"), 100.0 / 600);
    assert_near(hv_test_number(table, "web", "age_s"), 3);
    g_assert_cmpstr(hv_test_text(table, "web", "source"), ==, "mbm");
    g_assert_cmpstr(hv_test_text(table, "web", "quality"), ==, "measured");
    g_assert_cmpstr(hv_test_text(table, "web", "doubt"), ==, "");
}

static void
test_a_group_that_contains_its_children_is_not_added_to_them(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON,
                       "gold '' 0 web 1 700 500 1\ngold vcpus_0 0 web 0 300 200 1");
    hv_test_tables_add(&tables, "vm_groups", GROUPS, "web 0 gold vcpus_0\nweb 1 gold ''");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "total_bytes_per_s"), 700);
    assert_near(hv_test_number(table, "web", "remote_bytes_per_s"), 200);
    g_assert_cmpstr(hv_test_text(table, "web", "quality"), ==, "measured");
}

static void
test_part_of_the_vcpus_is_at_least(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON, "gold theirs 0 web 0 300 200 1");
    hv_test_tables_add(&tables, "vm_groups", GROUPS, "web 0 gold theirs\nweb 1 gold ''");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "total_bytes_per_s"), 300);
    g_assert_cmpint(hv_test_mark(table, "web", "total_bytes_per_s"), ==, HV_MARK_ESTIMATED);
    g_assert_cmpstr(hv_test_text(table, "web", "quality"), ==, "estimated");
    g_assert_cmpstr(hv_test_text(table, "web", "doubt"), !=, "");
}

static void
test_an_l3_that_is_unavailable_makes_it_at_least(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON,
                       "default a 0 web 1 300 200 1\ndefault a 1 web 1 ? ? 1");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "remote_bytes_per_s"), 100);
    g_assert_cmpint(hv_test_mark(table, "web", "remote_bytes_per_s"), ==, HV_MARK_ESTIMATED);
}

static void
test_mbm_without_rates_gives_way_to_the_next(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON, "default a 0 web 1 ? ? 1");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    g_assert_cmpstr(hv_test_text(table, "web", "source"), ==, "estimate");
    g_assert_cmpstr(hv_test_reason(table, "web", "local_bytes_per_s"), ==,
                    "by place: no counter is on this VM at present");
}

static void
add_perf(HvTestTables *tables, const char *rows)
{
    add_web(tables);
    hv_test_tables_add(tables, "traffic_perf", PERF, rows);
}

static void
test_lines_of_perf_are_64_bytes(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_perf(&tables, "web 0 30 10 1 0 99000000000 -\nweb 1 0 0 1 0 99000000000 -");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "local_bytes_per_s"), 1920);
    assert_near(hv_test_number(table, "web", "remote_bytes_per_s"), 640);
    assert_near(hv_test_number(table, "web", "remote_ratio"), 0.25);
    g_assert_cmpstr(hv_test_text(table, "web", "source"), ==, "perf");
    table = hv_test_tables_derive(&tables, &hv_derive_vcpu_traffic);
    assert_near(hv_test_number(table, "web/0", "remote_ratio"), 0.25);
    g_assert_cmpint(hv_test_mark(table, "web/1", "remote_ratio"), ==, HV_MARK_ABSENT);
    assert_near(hv_test_number(table, "web/1", "total_bytes_per_s"), 0);
}

static void
test_loads_of_perf_are_a_share_only_and_scaling_is_told(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_perf(&tables, "web 0 ~30 ~10 0 1 1 loads_only\nweb 1 0 0 0 0 1 loads_only");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    assert_near(hv_test_number(table, "web", "remote_ratio"), 0.25);
    g_assert_cmpint(hv_test_mark(table, "web", "remote_ratio"), ==, HV_MARK_SCALED);
    g_assert_cmpint(hv_test_mark(table, "web", "local_bytes_per_s"), ==, HV_MARK_ABSENT);
    g_assert_cmpstr(hv_test_text(table, "web", "quality"), ==, "scaled");
    g_assert_cmpstr(hv_test_text(table, "web", "doubt"), ==, "loads only");
}

static void
test_every_source_stands_in_the_comparison(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_perf(&tables, "web 0 30 10 1 0 1 -\nweb 1 0 0 1 0 1 -");
    hv_test_tables_add(&tables, "resctrl_mon", MON, "default a 0 web 1 500 400 1");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic_sources);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 3);
    assert_near(hv_test_number(table, "web/mbm", "remote_ratio"), 0.2);
    assert_near(hv_test_number(table, "web/perf", "remote_ratio"), 0.25);
    assert_near(hv_test_number(table, "web/estimate", "remote_ratio"), 0.75);
}

static void
test_a_source_left_out_is_not_used(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_perf(&tables, "web 0 30 10 1 0 1 -\nweb 1 0 0 1 0 1 -");
    hv_test_tables_add(&tables, "resctrl_mon", MON, "default a 0 web 1 500 400 1");
    hv_test_tables_add(&tables, "traffic_policy", POLICY, "mbm 0\nperf 1\nestimate 0");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic);
    g_assert_cmpstr(hv_test_text(table, "web", "source"), ==, "perf");
    table = hv_test_tables_derive(&tables, &hv_derive_traffic_sources);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 1);
}

/* ---- matrix ---- */

static void
test_with_two_nodes_remote_has_one_place_to_go(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON,
                       "default '' 0 '' 0 900 600 1\ndefault '' 1 '' 0 100 100 1\n"
                       "gold '' 0 '' 0 50 40 1\ndefault a 0 web 1 500 400 1\n"
                       "default a 1 web 1 0 0 1");
    table = hv_test_tables_derive(&tables, &hv_derive_matrix);
    assert_near(hv_test_number(table, "web/0/0", "bytes_per_s"), 400);
    assert_near(hv_test_number(table, "web/0/1", "bytes_per_s"), 100);
    assert_near(hv_test_number(table, "web/0/1", "share_ratio"), 0.2);
    g_assert_cmpint(hv_test_mark(table, "web/0/1", "bytes_per_s"), ==, HV_MARK_MEASURED);
    g_assert_cmpstr(hv_test_text(table, "web/0/1", "class"), ==, "other socket");
    g_assert_cmpstr(hv_test_text(table, "web/0/0", "class"), ==, "local");
    assert_near(hv_test_number(table, "/0/0", "bytes_per_s"), 640);
    assert_near(hv_test_number(table, "/0/1", "bytes_per_s"), 310);
    assert_near(hv_test_number(table, "/1/1", "bytes_per_s"), 100);
    assert_near(hv_test_number(table, "/1/0", "bytes_per_s"), 0);
}

/* Memory on nodes 1 and 2, one to three, seen from node 0. */
static void
test_with_four_nodes_remote_goes_by_where_the_memory_is(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add_topology(&tables, hv_test_topology(2, 2, 4));
    hv_test_tables_add(&tables, "vm_counters", VMS, "web");
    hv_test_tables_add(&tables, "vcpus", VCPUS, "web 0 0 0.9 -");
    hv_test_tables_add(&tables, "residency", RESIDENCY,
                       "web '' 0 4096 7 1\nweb '' 1 4096 100 1\nweb '' 2 4096 300 1");
    hv_test_tables_add(&tables, "resctrl_mon", MON, "default a 0 web 1 500 100 1");
    table = hv_test_tables_derive(&tables, &hv_derive_matrix);
    assert_near(hv_test_number(table, "web/0/1", "bytes_per_s"), 100);
    assert_near(hv_test_number(table, "web/0/2", "bytes_per_s"), 300);
    g_assert_cmpint(hv_test_mark(table, "web/0/2", "bytes_per_s"), ==, HV_MARK_ESTIMATED);
    g_assert_cmpint(hv_test_mark(table, "web/0/0", "bytes_per_s"), ==, HV_MARK_MEASURED);
    g_assert_cmpstr(hv_test_text(table, "web/0/1", "class"), ==, "same socket");
    g_assert_cmpstr(hv_test_text(table, "web/0/2", "class"), ==, "other socket");
}

static void
test_remote_bytes_of_no_known_node_are_unknown_not_spread(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add_topology(&tables, hv_test_topology(2, 2, 4));
    hv_test_tables_add(&tables, "vm_counters", VMS, "web");
    hv_test_tables_add(&tables, "resctrl_mon", MON, "default a 0 web 1 500 100 1");
    table = hv_test_tables_derive(&tables, &hv_derive_matrix);
    assert_near(hv_test_number(table, "web/0/0", "bytes_per_s"), 100);
    g_assert_cmpint(hv_test_mark(table, "web/0/3", "bytes_per_s"), ==, HV_MARK_UNAVAILABLE);
}

static void
test_by_place_the_matrix_has_shares_only(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    table = hv_test_tables_derive(&tables, &hv_derive_matrix);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 2);
    assert_near(hv_test_number(table, "web/0/1", "share_ratio"), 0.75);
    g_assert_cmpint(hv_test_mark(table, "web/0/1", "bytes_per_s"), ==, HV_MARK_ABSENT);
    g_assert_cmpstr(hv_test_reason(table, "web/0/1", "bytes_per_s"), ==,
                    "by place: no MBM and no PMU here");
    g_assert_cmpstr(hv_table_why(table), ==, "only resctrl counts the whole host");
}

static void
test_unattributed_is_what_controllers_saw_beyond_the_groups(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    add_web(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON,
                       "default '' 0 '' 0 900 600 1\ndefault '' 1 '' 0 100 100 1");
    hv_test_tables_add(&tables, "uncore", UNCORE,
                       "uncore_imc_0 0 memory 400 0 -\nuncore_imc_1 0 memory 300 0 -\n"
                       "uncore_imc_0 1 memory 390 1 -");
    table = hv_test_tables_derive(&tables, &hv_derive_memory_traffic);
    assert_near(hv_test_number(table, "0", "bytes_per_s"), 700);
    assert_near(hv_test_number(table, "1", "bytes_per_s"), 390);
    table = hv_test_tables_derive(&tables, &hv_derive_matrix);
    assert_near(hv_test_number(table, "//0", "bytes_per_s"), 100);
    g_assert_cmpstr(hv_test_text(table, "//0", "doubt"), ==, "");
    assert_near(hv_test_number(table, "//1", "bytes_per_s"), -10);
    g_assert_cmpstr(hv_test_text(table, "//1", "doubt"), !=, "");
}

static void
test_links_of_two_sockets_know_both_ends(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add_topology(&tables, hv_test_topology(2, 1, 4));
    hv_test_tables_add(&tables, "uncore", UNCORE,
                       "uncore_upi_0 0 link 30 - 100\nuncore_upi_1 0 link 20 - 100\n"
                       "uncore_upi_0 1 link - - 100");
    table = hv_test_tables_derive(&tables, &hv_derive_links);
    assert_near(hv_test_number(table, "0/1", "bytes_per_s"), 50);
    assert_near(hv_test_number(table, "0/1", "use_ratio"), 0.25);
    g_assert_cmpint(hv_test_mark(table, "0/1", "use_ratio"), ==, HV_MARK_ESTIMATED);
    g_assert_cmpstr(hv_test_reason(table, "1/0", "bytes_per_s"), ==, "not known");
}

static void
test_links_of_four_sockets_do_not_guess_the_other_end(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add_topology(&tables, hv_test_topology(4, 1, 4));
    hv_test_tables_add(&tables, "uncore", UNCORE, "uncore_upi_0 0 link 30 - -");
    table = hv_test_tables_derive(&tables, &hv_derive_links);
    assert_near(hv_test_number(table, "0/", "bytes_per_s"), 30);
    g_assert_cmpint(hv_test_mark(table, "0/", "use_ratio"), ==, HV_MARK_ABSENT);
    g_assert_cmpint(hv_test_mark(table, "3/", "bytes_per_s"), ==, HV_MARK_ABSENT);
}

static void
test_one_socket_has_no_links_and_says_so(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table;

    hv_test_tables_add_topology(&tables, hv_test_topology(1, 1, 4));
    table = hv_test_tables_derive(&tables, &hv_derive_links);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 0);
    g_assert_cmpstr(hv_table_why(table), ==, "there is one socket: nothing crosses");
    table = hv_test_tables_derive(&tables, &hv_derive_memory_traffic);
    g_assert_cmpstr(hv_table_why(table), ==, "no memory controllers can be counted here");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/traffic/" name, function)
    ADD("by place there is a share and no bytes", test_by_place_there_is_a_share_and_no_bytes);
    ADD("by place each vCPU is held against its own cell",
        test_by_place_each_vcpu_is_held_against_its_own_cell);
    ADD("by place cells that are not told apart tell nothing",
        test_by_place_cells_that_are_not_told_apart_tell_nothing);
    ADD("an idle VM is judged with vCPUs alike", test_an_idle_vm_is_judged_with_vcpus_alike);
    ADD("without any source a VM has reasons", test_without_any_source_a_vm_has_reasons);
    ADD("MBM: remote is total without local", test_mbm_remote_is_total_without_local);
    ADD("MBM: a group that contains its children is not added to them",
        test_a_group_that_contains_its_children_is_not_added_to_them);
    ADD("MBM: part of the vCPUs is at least", test_part_of_the_vcpus_is_at_least);
    ADD("MBM: an L3 that is unavailable makes it at least",
        test_an_l3_that_is_unavailable_makes_it_at_least);
    ADD("MBM: without rates it gives way to the next",
        test_mbm_without_rates_gives_way_to_the_next);
    ADD("perf: lines are 64 bytes", test_lines_of_perf_are_64_bytes);
    ADD("perf: loads are a share only, and scaling is told",
        test_loads_of_perf_are_a_share_only_and_scaling_is_told);
    ADD("every source stands in the comparison", test_every_source_stands_in_the_comparison);
    ADD("a source left out is not used", test_a_source_left_out_is_not_used);
    ADD("matrix: with two nodes remote has one place to go",
        test_with_two_nodes_remote_has_one_place_to_go);
    ADD("matrix: with four nodes remote goes by where the memory is",
        test_with_four_nodes_remote_goes_by_where_the_memory_is);
    ADD("matrix: remote bytes of no known node are unknown, not spread",
        test_remote_bytes_of_no_known_node_are_unknown_not_spread);
    ADD("matrix: by place it has shares only", test_by_place_the_matrix_has_shares_only);
    ADD("matrix: unattributed is what controllers saw beyond the groups",
        test_unattributed_is_what_controllers_saw_beyond_the_groups);
    ADD("links: of two sockets they know both ends", test_links_of_two_sockets_know_both_ends);
    ADD("links: of four sockets they do not guess the other end",
        test_links_of_four_sockets_do_not_guess_the_other_end);
    ADD("links: one socket has none and says so", test_one_socket_has_no_links_and_says_so);
    return g_test_run();
}
