/* Parsers of memory by node: numa_stat, numa_maps, maps, and QEMU's own account of the guest's
 * memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/guest-memory.h"
#include "host/node-files.h"
#include "model/error.h"
#include "tests/support.h"

#define MIB G_GUINT64_CONSTANT(1048576)
#define GIB (1024 * MIB)

static GArray *
parts_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(HvNumaPart));
}

static guint64
bytes_of(const GArray *parts, int cell, guint node, guint64 page_bytes)
{
    for (guint i = 0; i < parts->len; i++) {
        const HvNumaPart *part = &g_array_index(parts, HvNumaPart, i);

        if (part->cell == cell && part->node == node && part->page_bytes == page_bytes)
            return part->bytes;
    }
    return 0;
}

/* ---- what is free ---- */

static void
test_the_low_watermark_is_that_of_all_zones_of_the_node(void)
{
    static const char text[] =
        "Node 0, zone      DMA\n  per-node stats\n      nr_mapped    7\n"
        "  pages free     3840\n        min      25\n        low      31\n"
        "        high     37\nNode 0, zone   Normal\n        low      6410\n"
        "Node 1, zone   Normal\n        low      50\n";
    guint64 bytes = 0;

    g_assert_true(hv_zoneinfo_low(text, 0, &bytes));
    g_assert_cmpuint(bytes, ==, (31 + 6410) * 4096);
    g_assert_true(hv_zoneinfo_low(text, 1, &bytes));
    g_assert_cmpuint(bytes, ==, 50 * 4096);
    g_assert_false(hv_zoneinfo_low(text, 2, &bytes));
    g_assert_false(hv_zoneinfo_low("low 5\n", 0, &bytes));
}

static void
test_page_cache_that_nobody_used_lately_is_told(void)
{
    char text[] = "Node 0 MemTotal:       4096 kB\nNode 0 MemFree:        1024 kB\n"
                  "Node 0 Inactive(file):    64 kB\n";
    HvNodeMemory memory;

    hv_node_meminfo_parse(text, &memory);
    g_assert_cmpuint(memory.inactive_file_bytes, ==, 64 * 1024);
    g_assert_cmpuint(memory.free_bytes, ==, MIB);
}

/* ---- numa_stat ---- */

static void
test_huge_pages_are_not_counted_twice(void)
{
    char text[] = "anon N0=10485760 N1=4096\nfile N0=999 N1=8388608\nkernel_stack N0=5\n"
                  "shmem N0=0 N1=4194304\nfile_mapped N0=77\nanon_thp N0=8388608 N1=0\n"
                  "file_thp N0=9\nshmem_thp N0=0 N1=2097152\n";
    g_autoptr(GArray) parts = parts_new();
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_numa_stat_parse(text, TRUE, parts, &error));
    g_assert_cmpuint(bytes_of(parts, -1, 0, 4096), ==, 2 * MIB);
    g_assert_cmpuint(bytes_of(parts, -1, 0, 2 * MIB), ==, 8 * MIB);
    g_assert_cmpuint(bytes_of(parts, -1, 1, 4096), ==, 2 * MIB + 4096);
    g_assert_cmpuint(bytes_of(parts, -1, 1, 2 * MIB), ==, 2 * MIB);
    g_assert_cmpuint(hv_numa_sum(parts), ==, 14 * MIB + 4096);
}

static void
test_huge_pages_that_outrun_their_sum_take_nothing_away(void)
{
    char text[] = "anon N0=2097152\nanon_thp N0=4194304\n";
    g_autoptr(GArray) parts = parts_new();

    g_assert_true(hv_numa_stat_parse(text, TRUE, parts, NULL));
    g_assert_cmpuint(hv_numa_sum(parts), ==, 2 * MIB);
}

static void
test_version_1_counts_pages_of_the_subtree_without_files(void)
{
    char text[] = "total=10 N0=10 N1=0\nfile=1 N0=1\nanon=9 N0=9\nunevictable=0 N0=0\n"
                  "hierarchical_total=300 N0=100 N1=200\nhierarchical_file=50 N0=50 N1=0\n"
                  "hierarchical_anon=250 N0=50 N1=200\nhierarchical_unevictable=0 N0=0 N1=0\n";
    char flat[] = "total=10 N0=10 N1=0\nfile=1 N0=1\nanon=9 N0=9\n";
    g_autoptr(GArray) parts = parts_new(), flat_parts = parts_new();

    g_assert_true(hv_numa_stat_parse(text, FALSE, parts, NULL));
    g_assert_cmpuint(bytes_of(parts, -1, 0, 0), ==, 50 * 4096);
    g_assert_cmpuint(bytes_of(parts, -1, 1, 0), ==, 200 * 4096);
    g_assert_true(hv_numa_stat_parse(flat, FALSE, flat_parts, NULL));
    g_assert_cmpuint(hv_numa_sum(flat_parts), ==, 9 * 4096);
}

static void
test_what_is_no_numa_stat_is_refused(void)
{
    static const char *const texts[] = {
        "",          "file N0=3\n",    "anon N0=x\n",
        "anon 12\n", "anon N1024=1\n", "anon N0=18446744073709551615\n"
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *text = g_strdup(texts[i]);
        g_autoptr(GArray) parts = parts_new();
        g_autoptr(GError) error = NULL;

        g_assert_false(hv_numa_stat_parse(text, TRUE, parts, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
        g_assert_cmpuint(parts->len, ==, 0);
    }
}

static void
test_hugetlb_is_in_bytes_in_both_versions(void)
{
    char v2[] = "total=6442450944 N0=2147483648 N1=4294967296\n";
    char v1[] = "total=0 N0=0 N1=0\nhierarchical_total=4194304 N0=4194304 N1=0\n";
    g_autoptr(GArray) parts = parts_new();

    g_assert_true(hv_hugetlb_stat_parse(v2, GIB, parts, NULL));
    g_assert_true(hv_hugetlb_stat_parse(v1, 2 * MIB, parts, NULL));
    g_assert_cmpuint(bytes_of(parts, -1, 0, GIB), ==, 2 * GIB);
    g_assert_cmpuint(bytes_of(parts, -1, 1, GIB), ==, 4 * GIB);
    g_assert_cmpuint(bytes_of(parts, -1, 0, 2 * MIB), ==, 4 * MIB);
    g_assert_cmpuint(hv_hugetlb_page_bytes("hugetlb.2MB.numa_stat"), ==, 2 * MIB);
    g_assert_cmpuint(hv_hugetlb_page_bytes("hugetlb.1GB.numa_stat"), ==, GIB);
    g_assert_cmpuint(hv_hugetlb_page_bytes("hugetlb.64KB.numa_stat"), ==, 65536);
    g_assert_cmpuint(hv_hugetlb_page_bytes("hugetlb.2MB.rsvd.current"), ==, 0);
    g_assert_cmpuint(hv_hugetlb_page_bytes("memory.numa_stat"), ==, 0);
}

/* ---- numa_maps, maps ---- */

static guint64
bytes_on(const HvNumaMapping *mapping, guint node)
{
    guint64 sum = 0;

    for (guint i = 0; i < mapping->n_nodes; i++)
        sum += mapping->nodes[i].node == node ? mapping->nodes[i].bytes : 0;
    return sum;
}

static void
test_numa_maps_counts_in_the_mappings_own_pages(void)
{
    char text[] =
        "7e0000000000 bind:0-1 file=/dev/hugepages/a\\040b\\040(deleted) huge anon=3 dirty=3 "
        "N0=1 N1=2 kernelpagesize_kB=1048576\n"
        "7f0000000000 prefer (many):0-1 anon=512 dirty=512 active=0 N1=512 "
        "kernelpagesize_kB=4\n"
        "7f1000000000 default file=/usr/lib/libc.so.6\n"
        "7f2000000000 weighted interleave:0-1 heap novelty=3 anon=1 N0=1 kernelpagesize_kB=4\n";
    g_autofree HvNumaMapping *mapping = g_new(HvNumaMapping, 1);
    g_autoptr(GError) error = NULL;
    char *at = text;

    g_assert_true(hv_numa_maps_next(&at, mapping, &error));
    g_assert_cmpstr(mapping->policy, ==, "bind:0-1");
    g_assert_cmpstr(mapping->file, ==, "/dev/hugepages/a b (deleted)");
    g_assert_true(mapping->is_hugetlb);
    g_assert_cmpuint(mapping->page_bytes, ==, GIB);
    g_assert_cmpuint(bytes_on(mapping, 1), ==, 2 * GIB);
    g_assert_true(hv_numa_maps_next(&at, mapping, &error));
    g_assert_cmpstr(mapping->policy, ==, "prefer (many):0-1");
    g_assert_cmpuint(mapping->address, ==, G_GUINT64_CONSTANT(0x7f0000000000));
    g_assert_cmpuint(bytes_on(mapping, 1), ==, 2 * MIB);
    g_assert_null(mapping->file);
    g_assert_true(hv_numa_maps_next(&at, mapping, &error));
    g_assert_cmpuint(mapping->n_nodes, ==, 0);
    g_assert_true(hv_numa_maps_next(&at, mapping, &error));
    g_assert_cmpstr(mapping->policy, ==, "weighted interleave:0-1");
    g_assert_cmpuint(bytes_on(mapping, 0), ==, 4096);
    g_assert_false(hv_numa_maps_next(&at, mapping, &error));
    g_assert_no_error(error);
}

static void
test_what_is_no_numa_maps_is_refused(void)
{
    static const char *const texts[] = {
        "xyz default\n",
        "7f00\n",
        "7f00 default N0=1\n",
        "7f00 default N0=x kernelpagesize_kB=4\n",
        "7f00 default N0=9223372036854775807 kernelpagesize_kB=4\n",
        "7f00 default kernelpagesize_kB=many\n",
    };
    g_autofree HvNumaMapping *mapping = g_new(HvNumaMapping, 1);

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *text = g_strdup(texts[i]);
        g_autoptr(GError) error = NULL;
        char *at = text;

        g_assert_false(hv_numa_maps_next(&at, mapping, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

static void
test_maps_has_ranges_and_paths(void)
{
    char text[] = "7f00-8f00 rw-p 00000000 00:00 0 \n"
                  "8f00-9f00 r-xp 00001000 fe:01 12      /usr/bin/my qemu\n";
    HvMapping mapping;
    char *at = text, wrong[] = "8f00-7f00 rw-p 0 0 0\n", *at_wrong = wrong;
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_maps_next(&at, &mapping, NULL));
    g_assert_cmpuint(mapping.end - mapping.start, ==, 0x1000);
    g_assert_true(mapping.can_write);
    g_assert_cmpstr(mapping.path, ==, "");
    g_assert_true(hv_maps_next(&at, &mapping, NULL));
    g_assert_false(mapping.can_write);
    g_assert_cmpstr(mapping.path, ==, "/usr/bin/my qemu");
    g_assert_false(hv_maps_next(&at_wrong, &mapping, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
}

/* ---- what QEMU was told ---- */

static GArray *
parse_backends(const char *arguments)
{
    g_autofree char *bytes = g_strdup(arguments);
    const gsize size = strlen(bytes);
    GArray *backends = hv_guest_backends_new();

    g_strdelimit(bytes, "|", '\0');
    hv_guest_backends_parse(bytes, size, backends);
    return backends;
}

static const HvGuestBackend *
backend(const GArray *backends, guint index)
{
    g_assert_cmpuint(index, <, backends->len);
    return &g_array_index(backends, HvGuestBackend, index);
}

static void
test_both_spellings_of_backends_are_read(void)
{
    g_autoptr(GArray) backends = parse_backends(
        "qemu|-numa|node,nodeid=0,cpus=0-1,memdev=ram-node0|-object|"
        "{\"qom-type\":\"memory-backend-ram\",\"id\":\"ram-node0\",\"size\":1073741824}|-"
        "object|"
        "memory-backend-file,id=ram-node1,mem-path=/dev/hugepages,size=512M|-object|"
        "{\"qom-type\":\"secret\",\"id\":\"masterKey0\"}|-numa|node,nodeid=1,memdev=ram-node1|"
        "-object|memory-backend-ram,id=dimm,size=2G|-device|"
        "{\"driver\":\"pc-dimm\",\"node\":1,\"memdev\":\"dimm\",\"id\":\"dimm0\"}|");

    g_assert_cmpuint(backends->len, ==, 3);
    g_assert_cmpstr(backend(backends, 0)->id, ==, "ram-node0");
    g_assert_cmpuint(backend(backends, 0)->bytes, ==, GIB);
    g_assert_cmpint(backend(backends, 0)->cell, ==, 0);
    g_assert_cmpuint(backend(backends, 1)->bytes, ==, 512 * MIB);
    g_assert_cmpint(backend(backends, 1)->cell, ==, 1);
    g_assert_cmpint(backend(backends, 2)->cell, ==, 1);
    g_assert_cmpuint(backend(backends, 2)->bytes, ==, 2 * GIB);
    g_assert_cmpuint(hv_guest_backends_cells(backends), ==, 2);
}

#define TWO_CELLS                                                                              \
    "qemu|-object|memory-backend-ram,id=ram-node0,size=256M|-object|"                          \
    "memory-backend-ram,id=ram-node1,size=256M|-numa|node,nodeid=0,memdev=ram-node0|"          \
    "-numa|node,nodeid=1,memdev=ram-node1|"

static GArray *
find_ranges(const char *arguments, const char *maps)
{
    g_autoptr(GArray) backends = parse_backends(arguments);
    g_autofree char *text = g_strdup(maps);
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(HvGuestRange));
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_guest_ranges_find(text, backends, ranges, &error));
    g_assert_no_error(error);
    return ranges;
}

static int
cell_at(const GArray *ranges, guint64 address)
{
    for (guint i = 0; i < ranges->len; i++) {
        const HvGuestRange *range = &g_array_index(ranges, HvGuestRange, i);

        if (range->start == address)
            return range->cell;
    }
    return -2; /* not there */
}

static void
test_cells_are_told_by_the_names_of_their_files(void)
{
    g_autoptr(GArray) ranges = find_ranges(
        TWO_CELLS,
        "7f0000000000-7f0010000000 rw-s 0 00:10 5 "
        "/dev/hugepages/libvirt/qemu/3-sap/qemu_back_mem._objects_ram-node1.X8sd2k (deleted)\n"
        "7f0020000000-7f0030000000 rw-s 0 00:10 6 /var/lib/libvirt/qemu/ram/sap/ram-node0\n"
        "7f0040000000-7f0050000000 rw-p 0 00:00 0 \n");

    g_assert_cmpuint(ranges->len, ==, 2);
    g_assert_cmpint(cell_at(ranges, G_GUINT64_CONSTANT(0x7f0000000000)), ==, 1);
    g_assert_cmpint(cell_at(ranges, G_GUINT64_CONSTANT(0x7f0020000000)), ==, 0);
}

static void
test_nameless_cells_are_told_by_the_order_of_addresses(void)
{
    static const char top_down[] = "7f0000000000-7f0010000000 rw-p 0 00:00 0 \n"
                                   "7f0020000000-7f0030000000 rw-p 0 00:00 0 \n";
    g_autoptr(GArray) ranges = find_ranges(TWO_CELLS, top_down);

    g_assert_cmpint(cell_at(ranges, G_GUINT64_CONSTANT(0x7f0020000000)), ==, 0);
    g_assert_cmpint(cell_at(ranges, G_GUINT64_CONSTANT(0x7f0000000000)), ==, 1);
}

static void
test_cells_that_nothing_tells_apart_stay_unknown(void)
{
    static const char bottom_up[] = "2aaaa0000000-2aaab0000000 rw-p 0 00:00 0 \n"
                                    "2aaac0000000-2aaad0000000 rw-p 0 00:00 0 \n";
    static const char three[] = "7f0000000000-7f0010000000 rw-p 0 00:00 0 \n"
                                "7f0020000000-7f0030000000 rw-p 0 00:00 0 \n"
                                "7f0040000000-7f0050000000 rw-p 0 00:00 0 \n";
    g_autoptr(GArray) ranges = find_ranges(TWO_CELLS, bottom_up);
    g_autoptr(GArray) more = find_ranges(TWO_CELLS, three);

    g_assert_cmpint(cell_at(ranges, G_GUINT64_CONSTANT(0x2aaaa0000000)), ==, -1);
    g_assert_cmpint(cell_at(ranges, G_GUINT64_CONSTANT(0x2aaac0000000)), ==, -1);
    g_assert_cmpint(cell_at(more, G_GUINT64_CONSTANT(0x7f0040000000)), ==, -1);
}

static void
test_without_backends_large_memory_is_the_guests(void)
{
    g_autoptr(GArray) ranges =
        find_ranges("qemu|-m|64|", "7f0000000000-7f0010000000 rw-p 0 00:00 0 \n"
                                   "7f0020000000-7f0030000000 rw-s 0 fe:01 9 /images/disk.raw\n"
                                   "7f0040000000-7f0040001000 rw-p 0 00:00 0 \n"
                                   "7f0050000000-7f0060000000 r--p 0 00:00 0 \n"
                                   "7f0070000000-7f0080000000 rw-s 0 00:05 9 "
                                   "/memfd:memory-backend-memfd (deleted)\n");

    g_assert_cmpuint(ranges->len, ==, 2);
    g_assert_cmpint(cell_at(ranges, G_GUINT64_CONSTANT(0x7f0000000000)), ==, -1);
    g_assert_cmpint(cell_at(ranges, G_GUINT64_CONSTANT(0x7f0070000000)), ==, -1);
}

/* ---- captures ---- */

/* NULL, and the test is skipped, where it is not. */
static char *
read_shared(const char *name)
{
    g_autofree char *path = hv_test_shared_path(name);
    char *text = NULL;

    if (path)
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    else
        g_test_skip(HV_TEST_NO_SHARED);
    return text;
}

static void
test_captured_numa_stats_are_read(void)
{
    g_autofree char *v2 = read_shared("hosts/cgroup/v2-4n.memory.numa_stat");
    g_autofree char *v1 = read_shared("hosts/cgroup/v1__system.slice__memory.numa_stat");
    g_autoptr(GArray) parts = parts_new(), pages = parts_new();

    if (!v2 || !v1)
        return;
    g_assert_true(hv_numa_stat_parse(v2, TRUE, parts, NULL));
    g_assert_cmpuint(bytes_of(parts, -1, 3, 4096) + bytes_of(parts, -1, 3, 2 * MIB), ==,
                     G_GUINT64_CONSTANT(67508137984) + G_GUINT64_CONSTANT(13595549696));
    g_assert_true(hv_numa_stat_parse(v1, FALSE, pages, NULL));
    g_assert_cmpuint(hv_numa_sum(pages), ==, 167 * 4096);
}

static void
test_captured_huge_pages_are_found_where_they_moved(void)
{
    static const char *const names[] = { "hosts/numa_maps/qemu-2x1G-bind-before.txt",
                                         "hosts/numa_maps/qemu-2x1G-bind-moved-to-node0.txt" };
    g_autofree HvNumaMapping *mapping = g_new(HvNumaMapping, 1);

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = read_shared(names[i]);
        guint64 on_0 = 0, on_1 = 0;
        GError *error = NULL;
        char *at = text;

        if (!text)
            return;
        while (hv_numa_maps_next(&at, mapping, &error)) {
            on_0 += bytes_on(mapping, 0);
            on_1 += bytes_on(mapping, 1);
        }
        g_assert_no_error(error);
        g_assert_cmpuint(on_0, ==, (i + 1) * GIB);
        g_assert_cmpuint(on_1, ==, (1 - i) * GIB);
    }
}

static void
test_a_captured_process_is_read_to_its_end(void)
{
    g_autofree char *text = read_shared("hosts/numa_maps/small-process-1n.txt");
    g_autofree HvNumaMapping *mapping = g_new(HvNumaMapping, 1);
    guint n_lines = 0, n_found = 0;
    GError *error = NULL;
    char *at = text;

    if (!text)
        return;
    for (const char *c = text; *c; c++)
        n_lines += *c == '\n' ? 1 : 0;
    while (hv_numa_maps_next(&at, mapping, &error))
        n_found++;
    g_assert_no_error(error);
    g_assert_cmpuint(n_found, ==, n_lines);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/numa-files/the-low-watermark-is-that-of-all-zones-of-the-node",
                    test_the_low_watermark_is_that_of_all_zones_of_the_node);
    g_test_add_func("/numa-files/page-cache-that-nobody-used-lately-is-told",
                    test_page_cache_that_nobody_used_lately_is_told);
    g_test_add_func("/numa-stat/huge-pages-are-not-counted-twice",
                    test_huge_pages_are_not_counted_twice);
    g_test_add_func("/numa-stat/huge-pages-that-outrun-their-sum-take-nothing-away",
                    test_huge_pages_that_outrun_their_sum_take_nothing_away);
    g_test_add_func("/numa-stat/version-1-counts-pages-of-the-subtree-without-files",
                    test_version_1_counts_pages_of_the_subtree_without_files);
    g_test_add_func("/numa-stat/what-is-none-is-refused", test_what_is_no_numa_stat_is_refused);
    g_test_add_func("/numa-stat/hugetlb-is-in-bytes-in-both-versions",
                    test_hugetlb_is_in_bytes_in_both_versions);
    g_test_add_func("/numa-maps/counts-in-the-mapping-s-own-pages",
                    test_numa_maps_counts_in_the_mappings_own_pages);
    g_test_add_func("/numa-maps/what-is-none-is-refused", test_what_is_no_numa_maps_is_refused);
    g_test_add_func("/maps/has-ranges-and-paths", test_maps_has_ranges_and_paths);
    g_test_add_func("/guest-memory/both-spellings-are-read",
                    test_both_spellings_of_backends_are_read);
    g_test_add_func("/guest-memory/cells-are-told-by-the-names-of-their-files",
                    test_cells_are_told_by_the_names_of_their_files);
    g_test_add_func("/guest-memory/nameless-cells-are-told-by-the-order-of-addresses",
                    test_nameless_cells_are_told_by_the_order_of_addresses);
    g_test_add_func("/guest-memory/cells-that-nothing-tells-apart-stay-unknown",
                    test_cells_that_nothing_tells_apart_stay_unknown);
    g_test_add_func("/guest-memory/without-backends-large-memory-is-the-guest-s",
                    test_without_backends_large_memory_is_the_guests);
    g_test_add_func("/captures/numa-stats-are-read", test_captured_numa_stats_are_read);
    g_test_add_func("/captures/huge-pages-are-found-where-they-moved",
                    test_captured_huge_pages_are_found_where_they_moved);
    g_test_add_func("/captures/a-process-is-read-to-its-end",
                    test_a_captured_process_is_read_to_its_end);
    return g_test_run();
}
