/* The probe "residency" on private trees, captures and the simulated machine; the VM's home
 * made of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/derive.h"
#include "tests/probe-run.h"
#include "tests/sim-host.h"
#include "tests/text-table.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)
#define MIB 1048576.0
#define GROUP "sys/fs/cgroup/machine.slice/machine-web.scope"
#define STATUS                                                                                 \
    "Name:\tqemu\nTgid:\t1000\nPid:\t1000\nPPid:\t1\nVmPin:\t%u kB\nRssAnon:\t%u kB\n"         \
    "RssFile:\t 30000 kB\nRssShmem:\t%u kB\nHugetlbPages:\t%u kB\nCpus_allowed_list:\t0-3\n"

extern const HvProbe hv_probe_residency;
extern const HvDerive hv_derive_vms;

typedef struct {
    HvTestTree *tree;
    HvTestRun run;
} Fixture;

static void
set_status(Fixture *fixture, guint anon_mib, guint shared_mib, guint huge_mib, guint pinned_mib)
{
    hv_test_rewrite_printf(fixture->tree, "proc/1000/status", STATUS, pinned_mib * 1024,
                           anon_mib * 1024, shared_mib * 1024, huge_mib * 1024);
}

static void
set_numa_stat(Fixture *fixture, guint mib_0, guint mib_1)
{
    hv_test_rewrite_printf(fixture->tree, GROUP "/memory.numa_stat",
                           "anon N0=%u N1=%u\nfile N0=5000000 N1=0\nshmem N0=0 N1=0\n"
                           "anon_thp N0=0 N1=0\nshmem_thp N0=0 N1=0\n",
                           mib_0 << 20, mib_1 << 20);
}

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    fixture->tree = hv_test_tree_new();
    hv_test_host_add(fixture->tree, 2, 4);
    hv_test_vm_add(fixture->tree, 1000, "web", 2);
    hv_test_rewrite(fixture->tree, "proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
    set_numa_stat(fixture, 300, 100);
    set_status(fixture, 400, 0, 0, 0);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    hv_test_run_close(&fixture->run);
    hv_test_tree_free(fixture->tree);
}

static HvTable *
sample(Fixture *fixture)
{
    if (!fixture->run.state)
        hv_test_run_open(&fixture->run, &hv_probe_residency, fixture->tree->path);
    return hv_test_run_sample(&fixture->run, S);
}

#define ADD(path, test) g_test_add("/residency/" path, Fixture, NULL, set_up, test, tear_down)

/* ---- by control group ---- */

static void
test_a_group_tells_by_node_and_page(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table;

    hv_test_rewrite(fixture->tree, GROUP "/memory.numa_stat",
                    "anon N0=314572800 N1=104857600\nanon_thp N0=209715200 N1=0\n"
                    "shmem N0=0 N1=0\n");
    table = sample(fixture);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 3);
    hv_test_assert_near(hv_test_number(table, "web//0/4096", "resident_bytes"), 100 * MIB);
    hv_test_assert_near(hv_test_number(table, "web//0/2097152", "resident_bytes"), 200 * MIB);
    hv_test_assert_near(hv_test_number(table, "web//1/4096", "resident_bytes"), 100 * MIB);
    g_assert_cmpstr(hv_test_text(table, "web//1/4096", "source"), ==, "memory.numa_stat");
    hv_test_assert_near(hv_test_number(table, "web//1/4096", "movable"), 1);
    hv_test_assert_near(hv_test_number(table, "web//1/4096", "difference_bytes"), 0);
    g_assert_null(hv_test_text(table, "web//1/4096", "why_not"));
}

static void
test_what_moves_is_followed(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table = sample(fixture);
    const guint32 row = hv_table_row_id(table, 0);

    set_numa_stat(fixture, 250, 150);
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web//1/4096", "resident_bytes"), 150 * MIB);
    g_assert_cmpuint(hv_table_row_id(table, 0), ==, row);
    set_numa_stat(fixture, 0, 400);
    table = sample(fixture);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 1);
    hv_test_assert_near(hv_test_number(table, "web//1/4096", "resident_bytes"), 400 * MIB);
}

static void
test_huge_pages_have_their_own_file(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table;

    hv_test_rewrite(fixture->tree, GROUP "/hugetlb.2MB.numa_stat",
                    "total=1073741824 N0=0 N1=1073741824\n");
    set_status(fixture, 400, 0, 1024, 0);
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web//1/2097152", "resident_bytes"), 1024 * MIB);
    g_assert_cmpstr(hv_test_text(table, "web//1/2097152", "source"), ==, "hugetlb");
    g_assert_cmpstr(hv_test_text(table, "web//0/4096", "source"), ==, "memory.numa_stat");
}

static void
test_what_nobody_looks_at_is_read_within_10_s(Fixture *fixture,
                                              gconstpointer data G_GNUC_UNUSED)
{
    guint n_ticks = 0;
    HvTable *table = sample(fixture);

    fixture->run.interest = g_hash_table_new(g_str_hash, g_str_equal);
    set_numa_stat(fixture, 100, 300);
    do {
        table = sample(fixture);
        n_ticks++;
    } while (hv_test_number(table, "web//0/4096", "resident_bytes") > 200 * MIB &&
             n_ticks < 20);
    g_assert_cmpuint(n_ticks, <=, 10);
}

/* ---- by process ---- */

static void
write_cells(Fixture *fixture)
{
    char line[] = "qemu-system-x86_64|-name|guest=web|-accel|kvm|-object|"
                  "memory-backend-ram,id=ram-node0,size=256M|-object|"
                  "memory-backend-ram,id=ram-node1,size=256M|-numa|"
                  "node,nodeid=0,memdev=ram-node0|-numa|node,nodeid=1,memdev=ram-node1|";
    g_autofree char *path = g_build_filename(fixture->tree->path, "proc/1000/cmdline", NULL);
    const gsize size = strlen(line);

    g_strdelimit(line, "|", '\0');
    g_assert_true(g_file_set_contents(path, line, (gssize)size, NULL));
    hv_test_rewrite(fixture->tree, "proc/1000/maps",
                    "7f0000000000-7f0010000000 rw-p 00000000 00:00 0 \n"
                    "7f0020000000-7f0030000000 rw-p 00000000 00:00 0 \n"
                    "7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]\n");
    hv_test_rewrite(fixture->tree, "proc/1000/numa_maps",
                    "7f0000000000 default anon=51200 dirty=51200 N0=12800 N1=38400 "
                    "kernelpagesize_kB=4\n"
                    "7f0020000000 default anon=51200 dirty=51200 N0=51200 "
                    "kernelpagesize_kB=4\n"
                    "7ffd00000000 default stack anon=5 N0=5 kernelpagesize_kB=4\n");
}

static void
test_cells_are_told_apart_in_the_process(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table;

    write_cells(fixture);
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web/0/0/4096", "resident_bytes"), 200 * MIB);
    hv_test_assert_near(hv_test_number(table, "web/1/0/4096", "resident_bytes"), 50 * MIB);
    hv_test_assert_near(hv_test_number(table, "web/1/1/4096", "resident_bytes"), 150 * MIB);
    hv_test_assert_near(hv_test_number(table, "web//0/4096", "resident_bytes"), 5 * 4096);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 4);
    g_assert_cmpstr(hv_test_text(table, "web/1/1/4096", "source"), ==, "numa_maps");
}

static void
test_memory_charged_elsewhere_is_found_in_the_process(Fixture *fixture,
                                                      gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table;

    set_numa_stat(fixture, 20, 0);
    set_status(fixture, 20, 400, 0, 0);
    hv_test_rewrite(fixture->tree, "proc/1000/maps",
                    "7f0000000000-7f0019000000 rw-s 00000000 00:05 7 "
                    "/memfd:memory-backend-memfd (deleted)\n");
    hv_test_rewrite(fixture->tree, "proc/1000/numa_maps",
                    "7f0000000000 default file=/memfd:memory-backend-memfd\\040(deleted) "
                    "dirty=102400 N0=2400 N1=100000 kernelpagesize_kB=4\n");
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web//1/4096", "resident_bytes"),
                        100000 * 4096.0);
    g_assert_cmpstr(hv_test_text(table, "web//1/4096", "source"), ==, "numa_maps");
    hv_test_assert_near(hv_test_number(table, "web//1/4096", "difference_bytes"), -400 * MIB);
    set_numa_stat(fixture, 20, 400); /* it is charged here after all */
    table = sample(fixture);
    g_assert_cmpstr(hv_test_text(table, "web//1/4096", "source"), ==, "memory.numa_stat");
}

static void
test_without_any_source_there_is_a_reason(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table;

    hv_test_tree_remove(fixture->tree, GROUP "/memory.numa_stat");
    table = sample(fixture);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 1);
    g_assert_cmpint(hv_test_mark(table, NULL, "resident_bytes"), ==, HV_MARK_ABSENT);
    g_assert_nonnull(strstr(hv_test_reason(table, NULL, "resident_bytes"), "proc/1000/maps"));
    g_assert_cmpint(hv_test_mark(table, NULL, "node"), ==, HV_MARK_ABSENT);
    g_assert_cmpint(hv_test_mark(table, NULL, "movable"), ==, HV_MARK_ABSENT);
}

static void
test_a_process_is_looked_into_again_only_after_a_while(Fixture *fixture,
                                                       gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table;

    write_cells(fixture);
    table = sample(fixture);
    hv_test_rewrite(fixture->tree, "proc/1000/numa_maps",
                    "7f0000000000 default anon=51200 N0=51200 kernelpagesize_kB=4\n");
    table = hv_test_run_sample(&fixture->run, S);
    hv_test_assert_near(hv_test_number(table, "web/1/1/4096", "resident_bytes"), 150 * MIB);
    table = hv_test_run_sample(&fixture->run, 5 * S);
    hv_test_assert_near(hv_test_number(table, "web/1/0/4096", "resident_bytes"), 200 * MIB);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 1);
}

static void
test_pinned_memory_cannot_be_moved(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table;

    set_status(fixture, 400, 0, 0, 16);
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web//0/4096", "movable"), 0);
    g_assert_nonnull(strstr(hv_test_text(table, "web//0/4096", "why_not"), "VmPin"));
}

static void
test_a_gigantic_page_needs_a_free_one_elsewhere(Fixture *fixture,
                                                gconstpointer data G_GNUC_UNUSED)
{
    static const char path[] =
        "sys/devices/system/node/node%u/hugepages/hugepages-1048576kB/free_hugepages";
    g_autofree char *first = g_strdup_printf(path, 0u), *second = g_strdup_printf(path, 1u);
    HvTable *table;

    hv_test_rewrite(fixture->tree, GROUP "/hugetlb.1GB.numa_stat",
                    "total=1073741824 N0=0 N1=1073741824\n");
    set_status(fixture, 400, 0, 1024, 0);
    table = sample(fixture);
    g_assert_cmpint(hv_test_mark(table, "web//1/1073741824", "movable"), ==, HV_MARK_ABSENT);
    hv_test_rewrite(fixture->tree, first, "0\n");
    hv_test_rewrite(fixture->tree, second, "3\n");
    table = hv_test_run_sample(&fixture->run, 11 * S);
    hv_test_assert_near(hv_test_number(table, "web//1/1073741824", "movable"), 0);
    hv_test_assert_near(hv_test_number(table, "web//0/4096", "movable"), 1);
    hv_test_rewrite(fixture->tree, first, "1\n");
    table = hv_test_run_sample(&fixture->run, 11 * S);
    hv_test_assert_near(hv_test_number(table, "web//1/1073741824", "movable"), 1);
}

/* ---- the simulated machine ---- */

typedef struct {
    HvHost *host;
    HvStore *store;
    gpointer state;
} Demo;

static void
demo_open(Demo *demo)
{
    g_autoptr(GError) error = NULL;

    demo->host = hv_test_redis();
    demo->state = hv_probe_residency.start(demo->host, &error);
    g_assert_no_error(error);
    demo->store = hv_store_new(hv_probe_residency.schemas[0]);
}

static void
demo_close(Demo *demo)
{
    hv_probe_residency.stop(demo->state);
    hv_store_free(demo->store);
    hv_host_free(demo->host);
}

static HvTable *
demo_sample(Demo *demo, gint64 after_ns)
{
    HvSink *sink;

    hv_host_wait_until(demo->host, hv_host_monotonic_ns(demo->host) + after_ns, -1);
    sink = hv_sink_begin(&demo->store, 1, hv_host_monotonic_ns(demo->host));
    g_assert_true(hv_probe_residency.sample(demo->state, sink, NULL));
    hv_sink_end(sink, TRUE);
    return hv_store_table(demo->store);
}

/* Of one VM; @cell and @node -1: of all. */
static double
sum_of(const HvTable *table, const char *vm, gint64 cell, gint64 node)
{
    const int of_vm = hv_table_column(table, "vm"), of_cell = hv_table_column(table, "cell"),
              of_node = hv_table_column(table, "node"),
              of_bytes = hv_table_column(table, "resident_bytes");
    double sum = 0;

    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        guint64 its_cell = G_MAXUINT64, its_node = G_MAXUINT64, bytes = 0;

        if (g_strcmp0(hv_table_text(table, row, of_vm), vm) != 0)
            continue;
        hv_table_u64(table, row, of_cell, &its_cell);
        hv_table_u64(table, row, of_node, &its_node);
        hv_table_u64(table, row, of_bytes, &bytes);
        if ((cell < 0 || its_cell == (guint64)cell) && (node < 0 || its_node == (guint64)node))
            sum += (double)bytes;
    }
    return sum;
}

static const char *
text_of(const HvTable *table, const char *vm, const char *column)
{
    const int of_vm = hv_table_column(table, "vm");

    for (guint row = 0; row < hv_table_n_rows(table); row++)
        if (g_strcmp0(hv_table_text(table, row, of_vm), vm) == 0)
            return hv_table_text(table, row, hv_table_column(table, column));
    return NULL;
}

static void
test_a_large_vm_of_two_cells_is_sampled(void)
{
    Demo demo;
    HvTable *table;
    double all, at_home;

    demo_open(&demo);
    table = demo_sample(&demo, S);
    g_assert_cmpstr(text_of(table, "sap-1", "source"), ==, "move_pages sample");
    g_assert_cmpint(hv_table_mark(table, 0, hv_table_column(table, "resident_bytes")), ==,
                    HV_MARK_MEASURED);
    all = sum_of(table, "sap-1", -1, -1);
    at_home = sum_of(table, "sap-1", 0, 0) + sum_of(table, "sap-1", 1, 1);
    g_assert_cmpfloat(all, >, 100 * 1024 * MIB);
    g_assert_cmpfloat(at_home, >, 0.95 * all);
    demo_close(&demo);
}

static void
test_a_device_passed_through_holds_all_memory(void)
{
    Demo demo;
    HvTable *table;

    demo_open(&demo);
    table = demo_sample(&demo, S);
    g_assert_nonnull(strstr(text_of(table, "fw-1", "why_not"), "VFIO"));
    g_assert_null(text_of(table, "redis-1", "why_not"));
    demo_close(&demo);
}

/* The first pages of one mapping of @vm's RAM to @node. */
static void
move_pages(HvHost *host, const char *vm, guint n, int node)
{
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    const HvGuest *guest = hv_guest_list_find(list, vm);
    g_autofree char *path = g_strdup_printf("proc/%d/numa_maps", guest->pid);
    g_autofree char *text = hv_test_read(host, path);
    g_autofree void **pages = g_new0(void *, n);
    g_autofree int *nodes = g_new0(int, n), *status = g_new0(int, n);
    const char *line = strstr(text, "\n7e");
    const gsize page_bytes = 2u << 20;
    gsize address;

    g_assert_nonnull(line);
    address = (gsize)g_ascii_strtoull(line + 1, NULL, 16);
    for (guint i = 0; i < n; i++) {
        pages[i] = GSIZE_TO_POINTER(address + i * page_bytes);
        nodes[i] = node;
    }
    g_assert_true(hv_host_move_pages(host, guest->pid, n, pages, nodes, status, NULL));
}

static void
test_moved_pages_are_seen_at_their_new_node(void)
{
    Demo demo;
    double before, after;
    HvTable *table;

    demo_open(&demo);
    before = sum_of(demo_sample(&demo, S), "redis-1", -1, 0);
    move_pages(demo.host, "redis-1", 4096, 0);
    table = demo_sample(&demo, S);
    after = sum_of(table, "redis-1", -1, 0);
    g_assert_cmpfloat(after - before, >, 6 * 1024 * MIB);
    g_assert_cmpfloat(sum_of(table, "redis-1", -1, -1), <, 66 * 1024 * MIB);
    demo_close(&demo);
}

/* ---- captures ---- */

/* Anonymous memory by node, by awk's means: the numbers behind N0= and N1= of lines without a
 * file. */
static double
anonymous_bytes(const char *numa_maps, guint node)
{
    g_auto(GStrv) lines = g_strsplit(numa_maps, "\n", -1);
    g_autofree char *name = g_strdup_printf(" N%u=", node);
    double sum = 0;

    for (char **line = lines; *line; line++) {
        const char *at = strstr(*line, name);

        if (at && !strstr(*line, "file="))
            sum += (double)g_ascii_strtoull(at + strlen(name), NULL, 10) * 4096;
    }
    return sum;
}

static void
test_captured_groups_agree_with_numa_maps(void)
{
    static const struct {
        const char *root, *vm, *numa_maps;
    } captures[] = { { "lab/capture/intel-2s", "web", "proc/263/numa_maps" },
                     { "lab/capture/intel-2s", "batch", "proc/282/numa_maps" },
                     { "lab/capture/amd-2s", "web", "proc/266/numa_maps" },
                     { "lab/capture/amd-2s", "batch", "proc/286/numa_maps" } };

    for (guint i = 0; i < G_N_ELEMENTS(captures); i++) {
        g_autofree char *root = hv_test_shared_path(captures[i].root);
        g_autofree char *path =
            root ? g_build_filename(root, captures[i].numa_maps, NULL) : NULL;
        g_autofree char *text = NULL;
        HvTestRun run;
        HvTable *table;

        if (!root || !g_file_get_contents(path, &text, NULL, NULL)) {
            g_test_skip(HV_TEST_NO_SHARED);
            return;
        }
        hv_test_run_open(&run, &hv_probe_residency, root);
        table = hv_test_run_sample(&run, S);
        for (guint node = 0; node < 2; node++)
            g_assert_cmpfloat(
                ABS(sum_of(table, captures[i].vm, -1, node) - anonymous_bytes(text, node)), <,
                32 * MIB);
        g_assert_cmpfloat(sum_of(table, captures[i].vm, -1, -1), >, 4 * MIB);
        g_assert_cmpstr(text_of(table, captures[i].vm, "source"), ==, "memory.numa_stat");
        hv_test_run_close(&run);
    }
}

/* ---- homes ---- */

static HvTable *
derive_homes(HvTestTables *tables, const char *rows)
{
    hv_test_tables_add(tables, "vm_counters", "vm:key pid:u64", "web 1000");
    hv_test_tables_add(tables, "vcpus", "vm:key vcpu:id node:u64 cpus_allowed:text",
                       "web 0 0 0-3");
    hv_test_tables_add(tables, "residency",
                       "vm:key cell:id node:id page_bytes:id resident_bytes:u64", rows);
    return hv_test_tables_derive(tables, &hv_derive_vms);
}

static void
test_home_is_where_three_quarters_are(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table =
        derive_homes(&tables, "web '' 0 4096 50\nweb '' 0 2097152 700\nweb '' 1 4096 250");

    hv_test_assert_near(hv_test_number(table, "web", "home_node"), 0);
    g_assert_cmpstr(hv_test_text(table, "web", "home_nodes"), ==, "0-1");
    g_assert_cmpstr(hv_test_text(table, "web", "memory_nodes"), ==, "0-1");
}

static void
test_nearly_all_leaves_a_rest_out(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table =
        derive_homes(&tables, "web '' 0 4096 10\nweb '' 3 4096 970\nweb '' 1 4096 20");

    hv_test_assert_near(hv_test_number(table, "web", "home_node"), 3);
    g_assert_cmpstr(hv_test_text(table, "web", "home_nodes"), ==, "3");
    g_assert_cmpstr(hv_test_text(table, "web", "memory_nodes"), ==, "0-1,3");
}

static void
test_a_vm_spread_out_has_no_home(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table = derive_homes(&tables, "web '' 0 4096 500\nweb '' 1 4096 500");

    g_assert_cmpint(hv_test_mark(table, "web", "home_node"), ==, HV_MARK_ABSENT);
    g_assert_nonnull(strstr(hv_test_reason(table, "web", "home_node"), "75 %"));
    g_assert_cmpstr(hv_test_text(table, "web", "home_nodes"), ==, "0-1");
}

static void
test_a_home_that_is_unknown_says_why(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *table = derive_homes(&tables, "web '' '' '' -");

    g_assert_cmpint(hv_test_mark(table, "web", "home_node"), ==, HV_MARK_ABSENT);
    g_assert_cmpstr(hv_test_reason(table, "web", "home_node"), ==, "not known");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a-group-tells-by-node-and-page", test_a_group_tells_by_node_and_page);
    ADD("what-moves-is-followed", test_what_moves_is_followed);
    ADD("huge-pages-have-their-own-file", test_huge_pages_have_their_own_file);
    ADD("what-nobody-looks-at-is-read-within-10-s",
        test_what_nobody_looks_at_is_read_within_10_s);
    ADD("cells-are-told-apart-in-the-process", test_cells_are_told_apart_in_the_process);
    ADD("memory-charged-elsewhere-is-found-in-the-process",
        test_memory_charged_elsewhere_is_found_in_the_process);
    ADD("without-any-source-there-is-a-reason", test_without_any_source_there_is_a_reason);
    ADD("a-process-is-looked-into-again-only-after-a-while",
        test_a_process_is_looked_into_again_only_after_a_while);
    ADD("pinned-memory-cannot-be-moved", test_pinned_memory_cannot_be_moved);
    ADD("a-gigantic-page-needs-a-free-one-elsewhere",
        test_a_gigantic_page_needs_a_free_one_elsewhere);
    g_test_add_func("/residency/a-large-vm-of-two-cells-is-sampled",
                    test_a_large_vm_of_two_cells_is_sampled);
    g_test_add_func("/residency/a-device-passed-through-holds-all-memory",
                    test_a_device_passed_through_holds_all_memory);
    g_test_add_func("/residency/moved-pages-are-seen-at-their-new-node",
                    test_moved_pages_are_seen_at_their_new_node);
    g_test_add_func("/residency/captured-groups-agree-with-numa-maps",
                    test_captured_groups_agree_with_numa_maps);
    g_test_add_func("/home/is-where-three-quarters-are", test_home_is_where_three_quarters_are);
    g_test_add_func("/home/nearly-all-leaves-a-rest-out", test_nearly_all_leaves_a_rest_out);
    g_test_add_func("/home/a-vm-spread-out-has-none", test_a_vm_spread_out_has_no_home);
    g_test_add_func("/home/that-is-unknown-says-why", test_a_home_that_is_unknown_says_why);
    return g_test_run();
}
