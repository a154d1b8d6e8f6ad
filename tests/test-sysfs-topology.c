/* Tests of the topology of invented trees: odd machines, and XML that is none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"
#include "tests/support.h"

#define CPU "sys/devices/system/cpu"
#define NODE "sys/devices/system/node"

static HvHost *
open_root(const char *root)
{
    g_autoptr(GError) error = NULL;
    HvHost *host = hv_host_new(&(HvHostOptions){ .root = root }, &error);

    g_assert_no_error(error);
    return host;
}

static HvTopology *
read_topology(const char *root)
{
    g_autoptr(HvHost) host = open_root(root);
    g_autoptr(GError) error = NULL;
    HvTopology *topology = hv_host_wait_topology(host, 10000, &error);

    g_assert_no_error(error);
    return topology;
}

/* Each link leads to something, and each online cpu has one place of each kind that there is.
 */
static void
check_links(const HvTopology *topology)
{
    for (guint i = 0; i < topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &topology->cpus[i];

        g_assert_true(i == 0 || topology->cpus[i - 1].cpu < cpu->cpu);
        g_assert_cmpint(cpu->online, ==, hv_set_has(topology->online, cpu->cpu));
        g_assert_true(cpu->package == -1 || hv_topology_package(topology, cpu->package));
        g_assert_true(cpu->node == -1 || hv_topology_node(topology, cpu->node));
        g_assert_true(cpu->llc == -1 || hv_topology_llc(topology, cpu->llc));
        if (cpu->online) {
            g_assert_true(topology->n_packages == 0 || cpu->package >= 0);
            g_assert_true(topology->n_nodes == 0 || cpu->node >= 0);
            g_assert_true(topology->n_cores == 0 || cpu->core >= 0);
        }
    }
}

static void
assert_set(const HvSet *set, const char *expected)
{
    g_autofree char *text = hv_set_to_text(set);

    g_assert_cmpstr(text, ==, expected);
}

typedef struct {
    HvTestTree *tree;
    guint n_packages, n_cores, n_threads; /* cores per package, threads per core */
} Invented;

static void
write_cpu(const Invented *machine, guint package, guint core, guint thread)
{
    const HvTestTree *tree = machine->tree;
    guint n_all_cores = machine->n_packages * machine->n_cores,
          first = package * machine->n_cores + core;
    guint cpu = thread * n_all_cores + first;
    g_autoptr(GString) siblings = g_string_new(NULL), shared = g_string_new(NULL);
    g_autofree char *directory = g_strdup_printf(CPU "/cpu%u/", cpu);

    for (guint i = 0; i < machine->n_threads; i++) {
        guint base = i * n_all_cores + package * machine->n_cores;

        g_string_append_printf(siblings, "%s%u", i ? "," : "", i * n_all_cores + first);
        g_string_append_printf(shared, "%s%u-%u", i ? "," : "", base,
                               base + machine->n_cores - 1);
    }
#define WRITE(name, ...)                                                                       \
    do {                                                                                       \
        g_autofree char *path = g_strconcat(directory, name, NULL);                            \
        hv_test_tree_printf(tree, path, __VA_ARGS__);                                          \
    } while (0)
    WRITE("topology/thread_siblings_list", "%s\n", siblings->str);
    WRITE("topology/core_id", "%u\n", core);
    WRITE("topology/physical_package_id", "%u\n", package);
    WRITE("topology/package_cpus_list", "%s\n", shared->str);
    WRITE("cache/index0/level", "1\n");
    WRITE("cache/index0/type", "Data\n");
    WRITE("cache/index3/level", "3\n");
    WRITE("cache/index3/type", "Unified\n");
    WRITE("cache/index3/id", "%u\n", package * 8);
    WRITE("cache/index3/size", "32768K\n");
    WRITE("cache/index3/shared_cpu_list", "%s\n", shared->str);
#undef WRITE
}

static void
write_machine(const Invented *machine)
{
    guint n = machine->n_packages * machine->n_cores * machine->n_threads;

    hv_test_tree_printf(machine->tree, CPU "/online", "0-%u\n", n - 1);
    hv_test_tree_printf(machine->tree, CPU "/present", "0-%u\n", n - 1);
    for (guint package = 0; package < machine->n_packages; package++) {
        for (guint core = 0; core < machine->n_cores; core++) {
            for (guint thread = 0; thread < machine->n_threads; thread++)
                write_cpu(machine, package, core, thread);
        }
    }
}

static void
write_node(const HvTestTree *tree, guint node, const char *cpus, const char *distances,
           guint64 memory_kb)
{
    g_autofree char *list = g_strdup_printf(NODE "/node%u/cpulist", node);
    g_autofree char *distance = g_strdup_printf(NODE "/node%u/distance", node);
    g_autofree char *meminfo = g_strdup_printf(NODE "/node%u/meminfo", node);

    hv_test_tree_printf(tree, list, "%s\n", cpus);
    hv_test_tree_printf(tree, distance, "%s\n", distances);
    hv_test_tree_printf(tree, meminfo,
                        "Node %u MemTotal:       %" G_GUINT64_FORMAT
                        " kB\nNode %u MemFree: 1 kB\n",
                        node, memory_kb, node);
}

static void
test_offline_cpus_are_known_but_not_online(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvTopology) topology = NULL;

    write_machine(&(Invented){ tree, 1, 4, 1 });
    hv_test_tree_write(tree, CPU "/present", "0-5\n");
    hv_test_tree_write(tree, CPU "/possible", "0-63\n");
    hv_test_tree_write(tree, CPU "/isolated", "2-3\n");
    hv_test_tree_write(tree, CPU "/nohz_full", "  (null)\n");
    topology = read_topology(tree->path);
    g_assert_cmpuint(topology->n_cpus, ==, 6);
    assert_set(topology->online, "0-3");
    assert_set(topology->isolated, "2-3");
    assert_set(topology->nohz_full, "");
    g_assert_false(hv_topology_cpu(topology, 5)->online);
    g_assert_cmpint(hv_topology_cpu(topology, 5)->package, ==, -1);
}

static void
test_node_numbers_have_holes_and_one_has_only_memory(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvTopology) topology = NULL;

    write_machine(&(Invented){ tree, 2, 2, 1 });
    hv_test_tree_write(tree, NODE "/online", "0,3,8\n");
    write_node(tree, 0, "0-1", "10 21 17", 1024);
    write_node(tree, 3, "2-3", "21 10 28", 2048);
    write_node(tree, 8, "", "17 28 10", 4096);
    topology = read_topology(tree->path);
    g_assert_cmpuint(topology->n_nodes, ==, 3);
    g_assert_cmpint(hv_topology_cpu(topology, 2)->node, ==, 3);
    g_assert_true(hv_set_is_empty(hv_topology_node(topology, 8)->cpus));
    g_assert_cmpuint(hv_topology_node(topology, 8)->memory_bytes, ==, 4096 * 1024);
    g_assert_cmpint(hv_topology_node(topology, 8)->package, ==, 0); /* the nearest node's */
    assert_set(hv_topology_package(topology, 0)->nodes, "0,8");
    g_assert_cmpuint(topology->distances[0 * 3 + 2], ==, 17);
    g_assert_null(hv_topology_node(topology, 1));
}

static void
test_machine_without_nodes_has_none(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvTopology) topology = NULL;

    write_machine(&(Invented){ tree, 1, 2, 1 });
    topology = read_topology(tree->path);
    g_assert_cmpuint(topology->n_nodes, ==, 0);
    g_assert_cmpint(topology->cpus[0].node, ==, -1);
}

static void
test_512_cpus_are_read_in_milliseconds(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = NULL;
    g_autoptr(HvTopology) topology = NULL;
    gint64 began_us;

    write_machine(&(Invented){ tree, 4, 64, 2 });
    host = open_root(tree->path);
    began_us = g_get_monotonic_time();
    topology = hv_host_topology(host, NULL);
    g_test_message("512 cpus in %" G_GINT64_FORMAT " us", g_get_monotonic_time() - began_us);
    g_assert_cmpuint(topology->n_cpus, ==, 512);
    g_assert_cmpuint(topology->n_cores, ==, 256);
    g_assert_cmpuint(topology->n_llcs, ==, 4);
    g_assert_cmpuint(topology->n_packages, ==, 4);
    g_assert_cmpint(hv_topology_cpu(topology, 511)->package, ==, 3);
    g_assert_cmpint(hv_topology_cpu(topology, 511)->llc, ==, 24);
    g_assert_cmpuint(hv_topology_cpu(topology, 511)->sibling_rank, ==, 1);
    g_assert_cmpuint(hv_topology_llc(topology, 24)->size_bytes, ==, 32u << 20);
    check_links(topology);
}

static void
test_cpus_without_details_are_still_cpus(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvTopology) topology = NULL;

    hv_test_tree_write(tree, CPU "/online", "0-3\n");
    topology = read_topology(tree->path);
    g_assert_cmpuint(topology->n_cpus, ==, 4);
    g_assert_cmpuint(
        topology->n_packages + topology->n_cores + topology->n_llcs + topology->n_nodes, ==, 0);
}

static void
test_second_level_is_the_last_where_there_is_no_third(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvTopology) topology = NULL;

    hv_test_tree_write(tree, CPU "/online", "0-1\n");
    for (guint cpu = 0; cpu < 2; cpu++) {
        g_autofree char *level = g_strdup_printf(CPU "/cpu%u/cache/index1/level", cpu);
        g_autofree char *map = g_strdup_printf(CPU "/cpu%u/cache/index1/shared_cpu_map", cpu);

        hv_test_tree_write(tree, level, "2\n");
        hv_test_tree_write(tree, map, cpu ? "00000002\n" : "00000001\n");
    }
    topology = read_topology(tree->path);
    g_assert_cmpuint(topology->n_llcs, ==, 2);
    g_assert_cmpuint(topology->llcs[1].level, ==, 2);
    g_assert_cmpint(hv_topology_cpu(topology, 1)->llc, ==, 1);
    g_assert_cmpuint(topology->llcs[0].size_bytes, ==, 0);
}

static void
test_pci_devices_are_read_where_there_is_no_xml(void)
{
    static const char device[] = "sys/bus/pci/devices/0000:81:00.0";
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvTopology) topology = NULL;
    g_autofree char *class = g_build_filename(device, "class", NULL),
                    *node = g_build_filename(device, "numa_node", NULL);
    g_autofree char *name = g_build_filename(device, "net", "eth0", NULL);

    write_machine(&(Invented){ tree, 2, 1, 1 });
    write_node(tree, 0, "0", "10 20", 1);
    write_node(tree, 1, "1", "20 10", 1);
    hv_test_tree_write(tree, class, "0x020000\n");
    hv_test_tree_write(tree, node, "1\n");
    hv_test_tree_mkdir(tree, name);
    hv_test_tree_write(tree, "sys/bus/pci/devices/0000:00:00.0/class", "0x060000\n");
    topology = read_topology(tree->path);
    g_assert_cmpuint(topology->n_devices, ==, 1);
    g_assert_cmpstr(topology->devices[0].class_name, ==, "ethernet");
    g_assert_cmpstr(topology->devices[0].os_names, ==, "eth0");
    g_assert_cmpint(topology->devices[0].node, ==, 1);
}

static void
test_xml_of_a_tree_wins_over_its_lists(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvTopology) topology = NULL;
    static const char xml[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM "
        "\"hwloc2.dtd\">\n"
        "<topology version=\"2.0\">\n<object type=\"Machine\" os_index=\"0\" cpuset=\"0x3\" "
        "complete_cpuset=\"0x7\" allowed_cpuset=\"0x3\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\" allowed_nodeset=\"0x1\" gp_index=\"1\">\n"
        "<object type=\"NUMANode\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x7\" "
        "nodeset=\"0x1\""
        " complete_nodeset=\"0x1\" gp_index=\"2\" local_memory=\"1024\"/>\n"
        "<object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\" "
        "nodeset=\"0x1\""
        " complete_nodeset=\"0x1\" gp_index=\"3\"/>\n"
        "<object type=\"PU\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\" "
        "nodeset=\"0x1\""
        " complete_nodeset=\"0x1\" gp_index=\"4\"/>\n</object>\n</topology>\n";

    write_machine(&(Invented){ tree, 4, 2, 1 });
    hv_test_tree_write(tree, CPU "/present", "0-4\n");
    hv_test_tree_write(tree, CPU "/online", "0-1\n");
    hv_test_tree_write(tree, "topology.xml", xml);
    topology = read_topology(tree->path);
    assert_set(topology->online, "0-1");
    g_assert_cmpuint(topology->n_cpus, ==, 5); /* 2 by its own complete set, 3-4 by sys */
    g_assert_cmpuint(topology->n_packages, ==, 0);
    g_assert_cmpuint(topology->n_nodes, ==, 1);
}

#define XML_BEGIN                                                                              \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM "                   \
    "\"hwloc2.dtd\">\n<topology version=\"2.0\">\n"

/* The last two make hwloc 2.9 fill the memory or crash. */
static void
test_bad_xml_is_an_error_and_never_this_machine(void)
{
    static const char *const bad[] = {
        "",
        "not xml",
        "<topology>",
        "<?xml version=\"1.0\"?><topology version=\"9.0\"/>",
        XML_BEGIN
        "<object type=\"Machine\" os_index=\"0\" cpuset=\"0xf...f\" complete_cpuset=\"0xf\""
        " allowed_cpuset=\"0xf...f\" nodeset=\"0x1\" complete_nodeset=\"0x1\" "
        "allowed_nodeset=\"0x1\""
        " gp_index=\"1\">\n<object type=\"PU\" os_index=\"4294967294\" cpuset=\"0xf...f\""
        " complete_cpuset=\"0xf...f\" nodeset=\"0x1\" complete_nodeset=\"0x1\" "
        "gp_index=\"3\"/>\n"
        "</object>\n</topology>\n",
        XML_BEGIN
        "<object type=\"Machine\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\" "
        "gp_index=\"1\">\n"
        "<object type=\"NUMANode\" os_index=\"0\" gp_index=\"2\" local_memory=\"1\"/>\n"
        "<object type=\"PU\" os_index=\"0\" gp_index=\"3\"/>\n</object>\n</topology>\n",
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(HvTestTree) tree = hv_test_tree_new();
        g_autofree char *path = g_build_filename(tree->path, "topology.xml", NULL);
        g_autoptr(GError) error = NULL, alone = NULL;
        g_autoptr(HvHost) host = NULL;

        hv_test_tree_write(tree, "topology.xml", bad[i]);
        host = open_root(tree->path);
        g_assert_null(hv_host_topology(host, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
        g_assert_null(hv_host_new(&(HvHostOptions){ .root = path }, &alone));
        g_assert_error(alone, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sysfs-topology/offline-cpus-are-known-but-not-online",
                    test_offline_cpus_are_known_but_not_online);
    g_test_add_func("/sysfs-topology/node-numbers-have-holes-and-one-has-only-memory",
                    test_node_numbers_have_holes_and_one_has_only_memory);
    g_test_add_func("/sysfs-topology/machine-without-nodes-has-none",
                    test_machine_without_nodes_has_none);
    g_test_add_func("/sysfs-topology/512-cpus-are-read-in-milliseconds",
                    test_512_cpus_are_read_in_milliseconds);
    g_test_add_func("/sysfs-topology/cpus-without-details-are-still-cpus",
                    test_cpus_without_details_are_still_cpus);
    g_test_add_func("/sysfs-topology/second-level-is-the-last-where-there-is-no-third",
                    test_second_level_is_the_last_where_there_is_no_third);
    g_test_add_func("/sysfs-topology/pci-devices-are-read-where-there-is-no-xml",
                    test_pci_devices_are_read_where_there_is_no_xml);
    g_test_add_func("/sysfs-topology/xml-of-a-tree-wins-over-its-lists",
                    test_xml_of_a_tree_wins_over_its_lists);
    g_test_add_func("/sysfs-topology/bad-xml-is-an-error-and-never-this-machine",
                    test_bad_xml_is_an_error_and_never_this_machine);
    return g_test_run();
}
