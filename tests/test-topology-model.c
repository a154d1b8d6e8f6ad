/* Tests of the topology's links, on invented machines that break every rule of thumb. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/topology.h"

#include <string.h>

/* One invented machine: an array per kind, ended by a part without cpus (NULL). */
typedef struct {
    int identity;
    int package; /* given: -1 but for nodes without cpus */
    const char *cpus;
} Part;

typedef struct {
    const Part *packages, *nodes, *llcs, *cores;
    const char *online, *offline;
} Machine;

static HvSet *
parsed(const char *text)
{
    g_autoptr(GError) error = NULL;
    HvSet *set = hv_set_parse(text, &error);

    g_assert_no_error(error);
    return set;
}

static guint
count(const Part *parts)
{
    guint n = 0;

    while (parts && parts[n].cpus)
        n++;
    return n;
}

/* Cpus come in falling order and with wrong links, so that only linking can make them right. */
static void
add_cpus(HvTopology *topology, const Machine *machine)
{
    g_autoptr(HvSet) online = parsed(machine->online);
    g_autoptr(HvSet) all = parsed(machine->offline ? machine->offline : "");
    guint n = 0;

    hv_set_union(all, online);
    topology->n_cpus = hv_set_count(all);
    topology->cpus = g_new0(HvTopoCpu, topology->n_cpus);
    HV_SET_FOREACH(number, all)
    {
        HvTopoCpu *cpu = &topology->cpus[topology->n_cpus - ++n];

        cpu->cpu = (guint)number;
        cpu->online = hv_set_has(online, (guint)number);
        cpu->package = cpu->node = cpu->llc = cpu->core = 77;
    }
}

static HvTopology *
build(const Machine *machine)
{
    HvTopology *topology = hv_topology_new();
    guint n;

    n = topology->n_packages = count(machine->packages);
    topology->packages = g_new0(HvTopoPackage, n);
    for (guint i = 0; i < n; i++)
        topology->packages[i] = (HvTopoPackage){ machine->packages[i].identity,
                                                 parsed(machine->packages[i].cpus), NULL };
    n = topology->n_nodes = count(machine->nodes);
    topology->nodes = g_new0(HvTopoNode, n);
    for (guint i = 0; i < n; i++)
        topology->nodes[i] = (HvTopoNode){ .node = machine->nodes[i].identity,
                                           .package = machine->nodes[i].package,
                                           .cpus = parsed(machine->nodes[i].cpus) };
    n = topology->n_llcs = count(machine->llcs);
    topology->llcs = g_new0(HvTopoLlc, n);
    for (guint i = 0; i < n; i++)
        topology->llcs[i] = (HvTopoLlc){ .llc = machine->llcs[i].identity,
                                         .package = 77,
                                         .cpus = parsed(machine->llcs[i].cpus) };
    n = topology->n_cores = count(machine->cores);
    topology->cores = g_new0(HvTopoCore, n);
    for (guint i = 0; i < n; i++)
        topology->cores[i] = (HvTopoCore){ .core = (guint)machine->cores[i].identity,
                                           .cpus = parsed(machine->cores[i].cpus) };
    add_cpus(topology, machine);
    hv_topology_link(topology);
    return topology;
}

static void
assert_cpu(const HvTopology *topology, guint number, int package, int node, int llc, int core,
           guint rank)
{
    const HvTopoCpu *cpu = hv_topology_cpu(topology, number);

    g_assert_nonnull(cpu);
    g_assert_cmpuint(cpu->cpu, ==, number);
    g_assert_cmpint(cpu->package, ==, package);
    g_assert_cmpint(cpu->node, ==, node);
    g_assert_cmpint(cpu->llc, ==, llc);
    g_assert_cmpint(cpu->core, ==, core);
    g_assert_cmpuint(cpu->sibling_rank, ==, rank);
}

static void
assert_set(const HvSet *set, const char *expected)
{
    g_autofree char *text = hv_set_to_text(set);

    g_assert_cmpstr(text, ==, expected);
}

/* Siblings are n and n + 8, packages and nodes have holes in their numbers, all parts come
 * unsorted. */
static const Machine two_sockets = {
    .packages = (const Part[]){ { 3, -1, "4-7,12-15" }, { 1, -1, "0-3,8-11" }, { 0 } },
    .nodes = (const Part[]){ { 8, -1, "4-7,12-15" }, { 2, -1, "0-3,8-11" }, { 0 } },
    .llcs = (const Part[]){ { 9, -1, "4-7,12-15" }, { 4, -1, "0-3,8-11" }, { 0 } },
    .cores = (const Part[]){ { 7, -1, "7,15" },
                             { 0, -1, "0,8" },
                             { 1, -1, "1,9" },
                             { 2, -1, "2,10" },
                             { 3, -1, "3,11" },
                             { 4, -1, "4,12" },
                             { 5, -1, "5,13" },
                             { 6, -1, "6,14" },
                             { 0 } },
    .online = "0-15",
};

static void
test_numbers_are_identities(void)
{
    g_autoptr(HvTopology) topology = build(&two_sockets);

    assert_cpu(topology, 0, 1, 2, 4, 0, 0);
    assert_cpu(topology, 8, 1, 2, 4, 0, 1);
    assert_cpu(topology, 15, 3, 8, 9, 7, 1);
    g_assert_cmpint(hv_topology_node(topology, 8)->package, ==, 3);
    g_assert_cmpint(hv_topology_llc(topology, 4)->package, ==, 1);
    assert_set(hv_topology_package(topology, 3)->nodes, "8");
    g_assert_null(hv_topology_node(topology, 0));
    g_assert_null(hv_topology_node(topology, -1));
    g_assert_null(hv_topology_package(topology, 0));
    g_assert_null(hv_topology_llc(topology, 5));
    g_assert_null(hv_topology_cpu(topology, 16));
    g_assert_null(hv_topology_cpu(topology, G_MAXUINT));
}

static void
test_parts_are_sorted_by_identity(void)
{
    g_autoptr(HvTopology) topology = build(&two_sockets);

    for (guint i = 0; i < topology->n_cpus; i++)
        g_assert_cmpuint(topology->cpus[i].cpu, ==, i);
    for (guint i = 0; i < topology->n_cores; i++)
        g_assert_cmpuint(topology->cores[i].core, ==, i);
    g_assert_cmpint(topology->packages[0].package, ==, 1);
    g_assert_cmpint(topology->nodes[0].node, ==, 2);
    g_assert_cmpint(topology->llcs[0].llc, ==, 4);
    g_assert_cmpint(topology->cores[7].package, ==, 3);
    g_assert_cmpint(topology->cores[7].node, ==, 8);
    g_assert_cmpint(topology->cores[7].llc, ==, 9);
}

/* Sub-NUMA clustering: two nodes below one last-level cache. */
static const Machine snc = {
    .packages = (const Part[]){ { 0, -1, "0-7" }, { 1, -1, "8-15" }, { 0 } },
    .nodes = (const Part[]){ { 0, -1, "0-1,4-5" },
                             { 1, -1, "2-3,6-7" },
                             { 2, -1, "8-11" },
                             { 3, -1, "12-15" },
                             { 0 } },
    .llcs = (const Part[]){ { 0, -1, "0-7" }, { 1, -1, "8-15" }, { 0 } },
    .cores = (const Part[]){ { 0, -1, "0" }, { 1, -1, "2" }, { 0 } },
    .online = "0-15",
};

static void
test_several_nodes_share_one_llc(void)
{
    g_autoptr(HvTopology) topology = build(&snc);

    assert_cpu(topology, 5, 0, 0, 0, -1, 0);
    assert_cpu(topology, 6, 0, 1, 0, -1, 0);
    assert_cpu(topology, 2, 0, 1, 0, 1, 0);
    assert_cpu(topology, 12, 1, 3, 1, -1, 0);
    assert_set(hv_topology_package(topology, 0)->nodes, "0-1");
    assert_set(hv_topology_package(topology, 1)->nodes, "2-3");
}

/* A chip of many small caches in one node; resctrl numbers of the caches have holes. */
static const Machine ccx = {
    .packages = (const Part[]){ { 0, -1, "0-15" }, { 0 } },
    .nodes = (const Part[]){ { 0, -1, "0-15" }, { 0 } },
    .llcs = (const Part[]){ { 0, -1, "0-1,8-9" },
                            { 1, -1, "2-3,10-11" },
                            { 4, -1, "4-5,12-13" },
                            { 5, -1, "6-7,14-15" },
                            { 0 } },
    .cores = (const Part[]){ { 0, -1, "0,8" }, { 5, -1, "5,13" }, { 0 } },
    .online = "0-15",
};

static void
test_several_llcs_lie_in_one_node(void)
{
    g_autoptr(HvTopology) topology = build(&ccx);

    assert_cpu(topology, 13, 0, 0, 4, 5, 1);
    assert_cpu(topology, 14, 0, 0, 5, -1, 0);
    g_assert_cmpint(topology->cores[1].llc, ==, 4);
    g_assert_cmpint(topology->llcs[3].package, ==, 0);
}

/* Cpu 3 is offline: the kernel lists it in nothing but its core. Cpu 6 is in no set at all. */
static const Machine holes = {
    .packages = (const Part[]){ { 0, -1, "0-2" }, { 1, -1, "4-5" }, { 0 } },
    .nodes = (const Part[]){ { 0, -1, "0-2" }, { 1, -1, "4-5" }, { 0 } },
    .llcs = (const Part[]){ { 0, -1, "0-2" }, { 1, -1, "4-5" }, { 0 } },
    .cores = (const Part[]){ { 0, -1, "0-1" }, { 1, -1, "2-3" }, { 2, -1, "4-5" }, { 0 } },
    .online = "0-2,4-5",
    .offline = "3,6",
};

static void
test_an_offline_cpu_is_where_its_core_is_or_unknown(void)
{
    g_autoptr(HvTopology) topology = build(&holes);

    assert_cpu(topology, 3, 0, 0, 0, 1, 1);
    assert_cpu(topology, 6, -1, -1, -1, -1, 0);
    assert_set(topology->online, "0-2,4-5");
    g_assert_false(hv_topology_cpu(topology, 3)->online);
}

/* Node 2 has memory only, node 3 cpus of both packages (most of them of 1), node 4 has nothing
 * known. */
static const Machine odd_nodes = {
    .packages = (const Part[]){ { 0, -1, "0-3" }, { 1, -1, "4-9" }, { 0 } },
    .nodes = (const Part[]){ { 0, -1, "0-2" },
                             { 2, 1, "" },
                             { 3, -1, "3-5" },
                             { 4, -1, "" },
                             { 5, -1, "6-9" },
                             { 0 } },
    .llcs = (const Part[]){ { 0, -1, "0-5" }, { 0 } },
    .cores = (const Part[]){ { 0, -1, "0" }, { 0 } },
    .online = "0-9",
};

static void
test_a_node_belongs_to_most_of_its_cpus_or_stays(void)
{
    g_autoptr(HvTopology) topology = build(&odd_nodes);

    g_assert_cmpint(hv_topology_node(topology, 0)->package, ==, 0);
    g_assert_cmpint(hv_topology_node(topology, 2)->package, ==, 1);
    g_assert_cmpint(hv_topology_node(topology, 3)->package, ==, 1);
    g_assert_cmpint(hv_topology_node(topology, 4)->package, ==, -1);
    assert_set(hv_topology_package(topology, 1)->nodes, "2-3,5");
    g_assert_cmpint(hv_topology_llc(topology, 0)->package, ==, -1); /* over two packages */
}

static void
test_nodes_of_cpus_are_found(void)
{
    g_autoptr(HvTopology) topology = build(&odd_nodes);
    g_autoptr(HvSet) cpus = parsed("2-3,7,500");
    g_autoptr(HvSet) nodes = parsed("9");

    hv_topology_nodes_of(topology, cpus, nodes);
    assert_set(nodes, "0,3,5,9");
    hv_topology_nodes_of(topology, NULL, nodes);
    assert_set(nodes, "0,3,5,9");
}

static void
test_distances_move_with_their_nodes(void)
{
    static const guint distances[] = { 10, 21, 12, 10 };
    HvTopology *topology = hv_topology_new();

    topology->n_nodes = 2;
    topology->nodes = g_new0(HvTopoNode, 2);
    topology->nodes[0].node = 1;
    topology->nodes[1].node = 0;
    topology->distances = g_memdup2(distances, sizeof distances);
    hv_topology_link(topology);
    g_assert_cmpint(topology->nodes[0].node, ==, 0);
    g_assert_cmpuint(topology->distances[0 * 2 + 1], ==, 12); /* from 0 to 1 */
    g_assert_cmpuint(topology->distances[1 * 2 + 0], ==, 21);
    hv_topology_unref(topology);
}

static void
test_a_device_near_to_several_nodes_has_none(void)
{
    g_autoptr(HvTopology) topology = hv_topology_new();

    topology->n_devices = 3;
    topology->devices = g_new0(HvTopoDevice, 3);
    topology->devices[0] =
        (HvTopoDevice){ .name = g_strdup("c"), .node = 4, .nodes = parsed("0-1") };
    topology->devices[1] =
        (HvTopoDevice){ .name = g_strdup("b"), .node = -1, .nodes = parsed("1") };
    topology->devices[2] = (HvTopoDevice){ .name = g_strdup("a"), .node = -1 };
    hv_topology_link(topology);
    g_assert_cmpstr(topology->devices[0].name, ==, "a");
    g_assert_cmpint(topology->devices[0].node, ==, -1);
    g_assert_cmpint(topology->devices[1].node, ==, 1);
    g_assert_cmpint(topology->devices[2].node, ==, -1);
}

static void
test_an_empty_topology_links(void)
{
    g_autoptr(HvTopology) topology = hv_topology_new();
    g_autoptr(HvTopology) again = hv_topology_ref(topology);

    hv_topology_link(topology);
    g_assert_true(hv_set_is_empty(topology->online));
    g_assert_null(hv_topology_cpu(again, 0));
}

static HvSet *
range(guint first, guint last)
{
    HvSet *set = hv_set_new();

    hv_set_add_range(set, first, last);
    return set;
}

/* 8192 cpus in 64 packages, two to a core. */
static void
test_a_very_large_machine_links(void)
{
    g_autoptr(HvTopology) topology = hv_topology_new();

    topology->n_cpus = 8192;
    topology->cpus = g_new0(HvTopoCpu, 8192);
    for (guint i = 0; i < 8192; i++)
        topology->cpus[i] = (HvTopoCpu){ .cpu = 8191 - i, .online = TRUE };
    topology->n_cores = 4096;
    topology->cores = g_new0(HvTopoCore, 4096);
    for (guint i = 0; i < 4096; i++)
        topology->cores[i] = (HvTopoCore){ .core = i, .cpus = range(2 * i, 2 * i + 1) };
    topology->n_packages = topology->n_nodes = 64;
    topology->packages = g_new0(HvTopoPackage, 64);
    topology->nodes = g_new0(HvTopoNode, 64);
    for (guint i = 0; i < 64; i++) {
        topology->packages[i] = (HvTopoPackage){ (int)i, range(128 * i, 128 * i + 127), NULL };
        topology->nodes[i] =
            (HvTopoNode){ .node = (int)i, .cpus = range(128 * i, 128 * i + 127) };
    }
    hv_topology_link(topology);
    assert_cpu(topology, 5001, 39, 39, -1, 2500, 1);
    g_assert_cmpuint(hv_set_count(topology->online), ==, 8192);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/topology/numbers are identities", test_numbers_are_identities);
    g_test_add_func("/topology/parts are sorted by identity",
                    test_parts_are_sorted_by_identity);
    g_test_add_func("/topology/several nodes share one llc", test_several_nodes_share_one_llc);
    g_test_add_func("/topology/several llcs lie in one node",
                    test_several_llcs_lie_in_one_node);
    g_test_add_func("/topology/an offline cpu is where its core is, or unknown",
                    test_an_offline_cpu_is_where_its_core_is_or_unknown);
    g_test_add_func("/topology/a node belongs to most of its cpus, or stays",
                    test_a_node_belongs_to_most_of_its_cpus_or_stays);
    g_test_add_func("/topology/nodes of cpus are found", test_nodes_of_cpus_are_found);
    g_test_add_func("/topology/distances move with their nodes",
                    test_distances_move_with_their_nodes);
    g_test_add_func("/topology/a device near to several nodes has none",
                    test_a_device_near_to_several_nodes_has_none);
    g_test_add_func("/topology/an empty topology links", test_an_empty_topology_links);
    g_test_add_func("/topology/a very large machine links", test_a_very_large_machine_links);
    return g_test_run();
}
