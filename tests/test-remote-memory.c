/* The rule "remote-memory": what it says, and where it is silent. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "tests/rule-run.h"

extern const HvRule hv_rule_remote_memory;

#define VMS "vm:key state:text pid:u64 cpu_ratio:f64 home_node:u64 resident_bytes:u64"
#define VCPUS "vm:key vcpu:id node:u64 cpus_allowed:set cell:u64"
#define NODES "node:id cpus:set use_ratio:f64 memory_free_bytes:u64"
#define TRAFFIC "vm:key remote_ratio:f64 total_bytes_per_s:f64 quality:text"
#define SOURCES "vm:key source:key remote_ratio:f64"
#define MATRIX "vm:key from_node:id to_node:id share_ratio:f64"

/* Two sockets of 8 cpus; a VM of two vCPUs on S0, its memory on S1. */
typedef struct {
    const char *vms, *vcpus, *nodes, *traffic, *sources, *matrix;
    guint nodes_per_package;
} Host;

static const Host redis = {
    .vms = "redis running 4711 1.6 1 1000",
    .vcpus = "redis 0 0 0-7 0\nredis 1 0 0-7 0",
    .nodes = "0 0-7 0.5 100\n1 8-15 0.5 100",
    .traffic = "redis 0.83 1200000000 measured",
    .sources = "redis estimate 0.97\nredis mbm 0.83",
    .matrix = "redis 0 0 0.17\nredis 0 1 0.83",
    .nodes_per_package = 1,
};

static guint
run(HvTestRule *run, const Host *host)
{
    HvTopology *topology =
        hv_test_topology(2 / host->nodes_per_package, host->nodes_per_package, 8);

    hv_test_rule_again(run);
    hv_test_cores(topology, 2);
    hv_test_tables_add_topology(&run->tables, topology);
    hv_test_tables_add(&run->tables, "vms", VMS, host->vms);
    hv_test_tables_add(&run->tables, "vcpus", VCPUS, host->vcpus);
    hv_test_tables_add(&run->tables, "nodes", NODES, host->nodes);
    hv_test_tables_add(&run->tables, "traffic", TRAFFIC, host->traffic);
    hv_test_tables_add(&run->tables, "traffic_sources", SOURCES, host->sources);
    hv_test_tables_add(&run->tables, "matrix", MATRIX, host->matrix);
    return hv_test_rule_run(run, &hv_rule_remote_memory);
}

/* 750 MB/s for each busy cpu are 11.7 million lines of 90 ns: more than half of the time. */
static void
test_it_says_where_from_how_much_and_what_it_costs(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &redis), ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "remote-memory/redis/"), ==,
                    "83 % of its 1.2 GB/s come from S1, its 2 vCPUs run on S0");
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "v moves its vCPUs to S1: hvtune recipe move redis 1");
    g_assert_cmpstr(hv_test_rule_quality(&rule, NULL), ==, "measured");
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, NULL) - 0.415), <, 1e-6);
}

static void
test_it_is_silent_below_100_mb_per_busy_vcpu(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.traffic = "redis 0.83 159000000 measured";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
    host.traffic = "redis 0.83 161000000 measured";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
}

static void
test_it_is_silent_for_a_small_share_or_an_idle_vm(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.traffic = "redis 0.1 1200000000 measured";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
    host = redis;
    host.vms = "redis running 4711 0.01 1 1000";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
    host.vms = "redis running 4711 - 1 1000";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
    host.vms = "redis paused 4711 1.6 1 1000";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
}

static void
test_without_room_on_a_node_it_is_silent(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.nodes = "0 0-7 0.5 100\n1 8-15 0.9 100";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
    host.nodes = "0 0-7 0.5 100\n1 8-15 - 100";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
}

static void
test_with_room_for_its_memory_only_the_memory_is_to_move(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.nodes = "0 0-7 0.5 2000\n1 8-15 0.9 100";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "v brings its memory to S0: hvtune recipe move redis 0");
}

static void
test_by_place_it_is_an_estimate_without_bytes(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.traffic = "redis 0.97 - estimated";
    host.matrix = "redis 0 0 0.03\nredis 0 1 0.97";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_quality(&rule, NULL), ==, "estimated");
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "97 % of its memory is on S1, its 2 vCPUs run on S0");
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, NULL) - 0.97 * 0.25), <, 1e-6);
}

static void
test_a_ratio_without_bytes_is_an_estimate(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.traffic = "redis 0.97 - scaled";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_quality(&rule, NULL), ==, "estimated");
    host.traffic = "redis 0.97 1200000000 scaled";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_quality(&rule, NULL), ==, "scaled");
}

/* The memory of both cells is near; what crosses is lines that both sockets write to. */
static void
test_lines_shared_between_sockets_are_told_apart(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.vcpus = "redis 0 0 0-7 0\nredis 1 1 8-15 1";
    host.vms = "redis running 4711 1.6 - 1000";
    host.sources = "redis estimate 0.02\nredis mbm 0.4";
    host.traffic = "redis 0.4 1200000000 measured";
    host.matrix = "redis 0 0 0.3\nredis 0 1 0.25\nredis 1 1 0.3\nredis 1 0 0.15";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "40 % of its 1.2 GB/s cross nodes, but only 2 % of its memory is far: its "
                    "vCPUs share lines");
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "a gathers its vCPUs on S1: hvtune set 'vm/redis/vcpu/*/cpus=8-11'");
    host.nodes = "0 0-7 0.5 100\n1 8-15 0.9 100";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
}

static void
test_vcpus_on_several_nodes_are_to_follow_the_memory(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.vcpus = "redis 0 0 0-15 0\nredis 1 1 0-15 0";
    host.sources = "redis estimate 0.5";
    host.traffic = "redis 0.48 1200000000 measured";
    host.matrix = "redis 0 0 0.02\nredis 0 1 0.48\nredis 1 1 0.5";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "48 % of its 1.2 GB/s cross nodes, its 2 vCPUs run on several");
    g_assert_true(
        g_str_has_prefix(hv_test_rule_remedy(&rule, NULL), "v moves its vCPUs to S1"));
}

static void
test_memory_on_several_nodes_is_to_follow_the_vcpus(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.vcpus = "redis 0 0 0-15 0\nredis 1 1 0-15 0";
    host.vms = "redis running 4711 1.6 - 150";
    host.sources = "redis estimate 0.5";
    host.traffic = "redis 0.5 1200000000 measured";
    host.matrix = "redis 0 0 0.25\nredis 0 1 0.25\nredis 1 1 0.25\nredis 1 0 0.25";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "v brings vCPUs and memory together on S0: hvtune recipe move redis 0");
    host.nodes = "0 0-7 0.5 10\n1 8-15 0.5 100";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "v brings vCPUs and memory together on S1: hvtune recipe move redis 1");
    host.nodes = "0 0-7 0.5 10\n1 8-15 0.5 10";
    g_assert_cmpuint(run(&rule, &host), ==, 0);
}

static void
test_a_vm_of_two_cells_is_not_moved_whole(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.vcpus = "redis 0 0 0-15 1\nredis 1 1 0-15 0";
    host.sources = "redis estimate 0.9";
    host.matrix = "redis 0 0 0.05\nredis 0 1 0.45\nredis 1 1 0.05\nredis 1 0 0.45";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "each cell's vCPUs belong where its memory is: hvtune recipe move "
                    "redis/cell/N NODE");
}

static void
test_another_node_of_the_same_socket_costs_less(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.nodes_per_package = 2;
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "83 % of its 1.2 GB/s come from node 1, its 2 vCPUs run on node 0");
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, NULL) - 0.83 * 0.3 * 0.5), <, 1e-6);
}

static void
test_cores_of_pinned_others_are_left_alone(void)
{
    g_auto(HvTestRule) rule = { 0 };
    Host host = redis;

    host.vms = "db running 1 0.5 1 10\nredis running 4711 1.6 - 1000";
    host.vcpus = "db 0 1 8 0\ndb 1 1 8-15 0\nredis 0 0 0-7 0\nredis 1 1 8-15 1";
    host.sources = "redis estimate 0.02\nredis mbm 0.4";
    host.traffic = "redis 0.4 1200000000 measured";
    host.matrix = "redis 0 0 0.3\nredis 0 1 0.25\nredis 1 1 0.3\nredis 1 0 0.15";
    g_assert_cmpuint(run(&rule, &host), ==, 1);
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "a gathers its vCPUs on S1: hvtune set 'vm/redis/vcpu/*/cpus=10-13'");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/remote-memory/it says where from, how much and what it costs",
                    test_it_says_where_from_how_much_and_what_it_costs);
    g_test_add_func("/remote-memory/it is silent below 100 MB/s per busy vCPU",
                    test_it_is_silent_below_100_mb_per_busy_vcpu);
    g_test_add_func("/remote-memory/it is silent for a small share or an idle VM",
                    test_it_is_silent_for_a_small_share_or_an_idle_vm);
    g_test_add_func("/remote-memory/without room on a node it is silent",
                    test_without_room_on_a_node_it_is_silent);
    g_test_add_func("/remote-memory/with room for its memory only the memory is to move",
                    test_with_room_for_its_memory_only_the_memory_is_to_move);
    g_test_add_func("/remote-memory/by place it is an estimate, without bytes",
                    test_by_place_it_is_an_estimate_without_bytes);
    g_test_add_func("/remote-memory/a ratio without bytes is an estimate",
                    test_a_ratio_without_bytes_is_an_estimate);
    g_test_add_func("/remote-memory/lines shared between sockets are told apart",
                    test_lines_shared_between_sockets_are_told_apart);
    g_test_add_func("/remote-memory/vCPUs on several nodes are to follow the memory",
                    test_vcpus_on_several_nodes_are_to_follow_the_memory);
    g_test_add_func("/remote-memory/memory on several nodes is to follow the vCPUs",
                    test_memory_on_several_nodes_is_to_follow_the_vcpus);
    g_test_add_func("/remote-memory/a VM of two cells is not moved whole",
                    test_a_vm_of_two_cells_is_not_moved_whole);
    g_test_add_func("/remote-memory/another node of the same socket costs less",
                    test_another_node_of_the_same_socket_costs_less);
    g_test_add_func("/remote-memory/cores of pinned others are left alone",
                    test_cores_of_pinned_others_are_left_alone);
    return g_test_run();
}
