/* Tests of the topology: captures against their README and lstopo; this machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"
#include "host/topology-private.h"
#include "tests/support.h"

#include <sys/stat.h>

/* ---- captures ---- */

/* Counts from the README of the captures. */
static const struct {
    const char *path;
    guint n_packages, n_nodes, n_online;
} captures[] = {
    { "hosts/host/ocp-2s-80-isolated", 2, 2, 80 },
    { "hosts/host/rdt-spr-2s-48-mbamb", 2, 2, 48 },
    { "hosts/host/rdt-2s-12-l3mb", 2, 2, 12 },
    { "hosts/host/snc-2s-4n-80", 2, 4, 80 },
    { "hosts/host/xeon-4s-144", 4, 4, 144 },
    { "hosts/host/snc2-memcache-2s-4n-80", 2, 4, 80 },
    { "hosts/host/opteron-4s-8n-64", 4, 8, 64 },
    { "hosts/host/xeon-4s-40-pci", 4, 4, 40 },
    { "hosts/host/numastat-4n-8", 4, 4, 8 },
    { "hosts/topology/16intel64-manyVFs.xml", 2, 2, 16 },
    { "hosts/topology/16em64t-4s2c2t-offlines.xml", 4, 1, 7 },
    { "hosts/topology/16amd64-4distances.xml", 8, 8, 16 },
    { "hosts/topology/28intel64-2p2g7c-CoDgroups.v1.xml", 2, 4, 28 },
    { "hosts/topology/epyc-corona.xml", 2, 8, 96 },
    { "hosts/topology/g4dnmetal.xml", 2, 2, 96 },
    { "hosts/topology/knl-quad-flat-hwloc1.xml", 1, 2, 272 },
    { "hosts/topology/arm64-ulna-hwloc1.xml", 2, 2, 256 },
    { "hosts/topology/epyc-7763-2s-cpuid.xml", 2, 1, 128 },
};

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
test_capture_has_the_counts_of_its_readme(gconstpointer data)
{
    guint i = GPOINTER_TO_UINT(data);
    g_autofree char *root = hv_test_shared_path(captures[i].path);
    g_autoptr(HvTopology) topology = NULL;

    if (!root) {
        g_test_skip(HV_TEST_NO_SHARED);
        return;
    }
    topology = read_topology(root);
    g_assert_cmpuint(topology->n_packages, ==, captures[i].n_packages);
    g_assert_cmpuint(topology->n_nodes, ==, captures[i].n_nodes);
    g_assert_cmpuint(hv_set_count(topology->online), ==, captures[i].n_online);
    g_assert_cmpuint(topology->n_cpus, >=, captures[i].n_online);
    g_assert_false(topology->this_system);
    check_links(topology);
}

/* The number of objects that lstopo shows. */
static guint
count_with_lstopo(const char *lstopo, const char *xml, const char *type)
{
    const char *argv[] = { lstopo,    "--disallowed", "-i", xml, "--of",
                           "console", "--only",       type, NULL };
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autofree char *output = NULL;
    g_autoptr(GError) error = NULL;
    guint n_lines = 0;
    int status;

    g_assert_true(hv_host_run(host, argv, 20000, &output, &status, &error));
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    for (const char *c = output; *c; c++)
        n_lines += *c == '\n';
    return n_lines;
}

static void
test_capture_agrees_with_lstopo(gconstpointer data)
{
    guint i = GPOINTER_TO_UINT(data);
    g_autofree char *lstopo = g_find_program_in_path("lstopo-no-graphics");
    g_autofree char *path = hv_test_shared_path(captures[i].path);
    g_autofree char *xml = NULL;
    g_autoptr(HvTopology) topology = NULL;

    xml = path && g_str_has_suffix(path, ".xml")
              ? g_strdup(path)
              : g_build_filename(path ? path : "", "topology.xml", NULL);
    if (!lstopo || !path || !g_file_test(xml, G_FILE_TEST_EXISTS)) {
        g_test_skip(!path     ? HV_TEST_NO_SHARED
                    : !lstopo ? "lstopo-no-graphics is not installed"
                              : "it has no XML");
        return;
    }
    topology = read_topology(path);
    g_assert_cmpuint(topology->n_packages, ==, count_with_lstopo(lstopo, xml, "package"));
    g_assert_cmpuint(topology->n_nodes, ==, count_with_lstopo(lstopo, xml, "numanode"));
    g_assert_cmpuint(hv_set_count(topology->online), ==, count_with_lstopo(lstopo, xml, "pu"));
    g_assert_cmpuint(topology->n_cores, ==, count_with_lstopo(lstopo, xml, "core"));
}

static HvTopology *
read_capture(const char *path)
{
    g_autofree char *root = hv_test_shared_path(path);

    if (root)
        return read_topology(root);
    g_test_skip(HV_TEST_NO_SHARED);
    return NULL;
}

static void
assert_set(const HvSet *set, const char *expected)
{
    g_autofree char *text = hv_set_to_text(set);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_housekeeping_cpus_come_from_the_boot_options(void)
{
    g_autoptr(HvTopology) topology = read_capture("hosts/host/ocp-2s-80-isolated");

    if (!topology)
        return;
    assert_set(topology->nohz_full, "0-4,11-79");
    assert_set(topology->isolated,
               ""); /* isolcpus=managed_irq isolates nothing from the scheduler */
    g_assert_cmpstr(topology->cpu_model, ==, "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz");
    g_assert_cmpint(hv_topology_cpu(topology, 1)->node, ==, 1);
}

static void
test_memory_only_node_has_no_cpus(void)
{
    g_autoptr(HvTopology) topology = read_capture("hosts/topology/knl-quad-flat-hwloc1.xml");

    if (!topology)
        return;
    g_assert_cmpuint(hv_set_count(hv_topology_node(topology, 0)->cpus), ==, 272);
    g_assert_true(hv_set_is_empty(hv_topology_node(topology, 1)->cpus));
    g_assert_cmpint(hv_topology_node(topology, 1)->package, ==, 0);
    g_assert_true(hv_topology_node(topology, 1)->has_memory_bytes);
}

static void
test_machine_without_memory_has_no_size(void)
{
    g_autoptr(HvTopology) topology = read_capture("hosts/topology/epyc-7763-2s-cpuid.xml");

    if (!topology)
        return;
    g_assert_false(topology->nodes[0].has_memory_bytes);
    g_assert_cmpuint(topology->n_llcs, ==, 16);
}

static void
test_cpus_that_can_only_be_plugged_in_are_not_counted(void)
{
    g_autoptr(HvTopology) topology = read_capture("hosts/host/xeon-4s-40-pci");

    if (topology)
        g_assert_cmpuint(topology->n_cpus, ==, 40);
}

static void
test_device_between_two_sockets_has_no_node(void)
{
    g_autoptr(HvTopology) topology = read_capture("hosts/host/xeon-4s-40-pci");
    guint n_wide = 0;

    if (!topology)
        return;
    for (guint i = 0; i < topology->n_devices; i++)
        n_wide +=
            topology->devices[i].node == -1 && hv_set_count(topology->devices[i].nodes) > 1;
    g_assert_cmpuint(topology->n_devices, >, 0);
    g_assert_cmpuint(n_wide, ==, topology->n_devices);
}

static void
test_llc_ids_are_those_of_resctrl(void)
{
    g_autoptr(HvTopology) topology = read_capture("hosts/host/rdt-spr-2s-48-mbamb");

    if (!topology)
        return;
    g_assert_cmpuint(topology->n_llcs, ==, 2);
    g_assert_nonnull(hv_topology_llc(topology, 0));
    g_assert_nonnull(hv_topology_llc(topology, 1));
}

static void
test_capture_without_cpus_has_no_topology(void)
{
    g_autofree char *root = hv_test_shared_path("hosts/host/rdt-4s-nol3");
    g_autoptr(HvHost) host = root ? open_root(root) : NULL;
    g_autoptr(GError) error = NULL;

    if (!host) {
        g_test_skip(HV_TEST_NO_SHARED);
        return;
    }
    g_assert_null(hv_host_topology(host, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_cmpstr(error->message, ==, "no topology.xml and no sys/devices/system/cpu");
}

/* ---- this machine ---- */

static void
test_this_machine_is_quick_first_and_whole_later(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *run = g_build_filename(tree->path, "run", NULL);
    /* before any thread: as root the topology is kept there */
    const gboolean is_set = g_setenv("RUNTIME_DIRECTORY", run, TRUE);
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(HvTopology) quick = hv_host_topology(host, &error);
    g_autoptr(HvTopology) whole = NULL;

    if (!quick) {
        g_test_skip("sysfs tells no cpus here");
        return;
    }
    g_assert_true(is_set && quick->this_system);
    whole = hv_host_wait_topology(host, 30000, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(whole->generation, >, quick->generation);
    g_assert_true(hv_set_equal(whole->online, quick->online));
    g_assert_cmpuint(whole->n_nodes, ==, quick->n_nodes);
    g_assert_cmpuint(whole->n_cpus, ==, quick->n_cpus);
    check_links(whole);
}

static void
test_stored_topology_is_used_only_under_its_key(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *directory = g_build_filename(tree->path, "run", NULL);
    g_autofree char *file = g_build_filename(directory, "topology.xml", NULL);
    hwloc_topology_t made = hv_topology_prepare(), found;
    struct stat status;

    g_assert_cmpint(hwloc_topology_set_synthetic(made, "pack:2 core:2 pu:2"), ==, 0);
    g_assert_cmpint(hwloc_topology_load(made), ==, 0);
    hv_topology_store(directory, "boot 0-7", made);
    hwloc_topology_destroy(made);
    g_assert_cmpint(stat(file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_null(hv_topology_stored(directory, "boot 0-6"));
    found = hv_topology_stored(directory, "boot 0-7");
    g_assert_nonnull(found);
    g_assert_cmpint(hwloc_get_nbobjs_by_type(found, HWLOC_OBJ_PU), ==, 8);
    hwloc_topology_destroy(found);
    g_assert_cmpint(chmod(file, 0622), ==, 0); /* others might have written it */
    g_assert_null(hv_topology_stored(directory, "boot 0-7"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(captures); i++) {
        g_autofree char *counts =
            g_strdup_printf("/topology/has-the-counts-of-its-readme/%s", captures[i].path);
        g_autofree char *agrees =
            g_strdup_printf("/topology/agrees-with-lstopo/%s", captures[i].path);

        g_test_add_data_func(counts, GUINT_TO_POINTER(i),
                             test_capture_has_the_counts_of_its_readme);
        g_test_add_data_func(agrees, GUINT_TO_POINTER(i), test_capture_agrees_with_lstopo);
    }
    g_test_add_func("/topology/housekeeping-cpus-come-from-the-boot-options",
                    test_housekeeping_cpus_come_from_the_boot_options);
    g_test_add_func("/topology/memory-only-node-has-no-cpus",
                    test_memory_only_node_has_no_cpus);
    g_test_add_func("/topology/machine-without-memory-has-no-size",
                    test_machine_without_memory_has_no_size);
    g_test_add_func("/topology/cpus-that-can-only-be-plugged-in-are-not-counted",
                    test_cpus_that_can_only_be_plugged_in_are_not_counted);
    g_test_add_func("/topology/device-between-two-sockets-has-no-node",
                    test_device_between_two_sockets_has_no_node);
    g_test_add_func("/topology/llc-ids-are-those-of-resctrl",
                    test_llc_ids_are_those_of_resctrl);
    g_test_add_func("/topology/capture-without-cpus-has-no-topology",
                    test_capture_without_cpus_has_no_topology);
    g_test_add_func("/topology/this-machine-is-quick-first-and-whole-later",
                    test_this_machine_is_quick_first_and_whole_later);
    g_test_add_func("/topology/stored-topology-is-used-only-under-its-key",
                    test_stored_topology_is_used_only_under_its_key);
    return g_test_run();
}
