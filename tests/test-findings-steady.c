/* Counts allocations: rules that say the same of a fleet again and again make none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "tests/rule-run.h"

#define S G_GINT64_CONSTANT(1000000000)
#define N_VMS 500
#define N_WARM 40
#define N_RUNS 60

/* The sanitizers put their own allocator in; there is nothing to count then. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
static guint n_allocations;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_COUNTED FALSE
#else
#define IS_COUNTED TRUE

/* glibc's own, behind the names that the program takes over. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *
malloc(size_t size)
{
    g_atomic_int_inc(&n_allocations);
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    g_atomic_int_inc(&n_allocations);
    return __libc_calloc(n, size);
}

void *
realloc(void *memory, size_t size)
{
    g_atomic_int_inc(&n_allocations);
    return __libc_realloc(memory, size);
}
#endif

/* Every second VM is pinned beside its neighbour, has its memory on the other node, waits, is
 * throttled, and was defined otherwise. */
static void
add_fleet(HvTestTables *tables)
{
    g_autoptr(GString) vms = g_string_new(NULL), vcpus = g_string_new(NULL);
    g_autoptr(GString) traffic = g_string_new(NULL), matrix = g_string_new(NULL);
    g_autoptr(GString) llc = g_string_new(NULL);

    for (guint i = 0; i < N_VMS; i++) {
        const guint cpu = i / 2 % 64;

        g_string_append_printf(vms, "vm-%u running 0.5 1 %u 0.1 0.2\n", i, cpu);
        g_string_append_printf(vcpus, "vm-%u 0 0 %u %u 0.5 0.2 0.1 10 5\n", i, cpu,
                               i % 3 ? cpu : 200);
        g_string_append_printf(traffic, "vm-%u 0.8 1e9 measured\n", i);
        g_string_append_printf(matrix, "vm-%u 0 0 0.2\nvm-%u 0 1 0.8\n", i, i);
        g_string_append_printf(llc, "0 default vm-%u 1000 100000 fff %s 0\n", i,
                               i % 2 ? "2e9" : "5e8");
    }
    hv_test_tables_add(tables, "vms",
                       "vm:key state:text cpu_ratio:f64 home_node:u64 emulator_cpus:set "
                       "emulator_ratio:f64 throttled_ratio:f64",
                       vms->str);
    hv_test_tables_add(tables, "vcpus",
                       "vm:key vcpu:id node:u64 cpus_allowed:set cpus_defined:set "
                       "run_ratio:f64 wait_ratio:f64 throttled_ratio:f64 periods_per_s:f64 "
                       "throttled_periods_per_s:f64",
                       vcpus->str);
    hv_test_tables_add(tables, "traffic",
                       "vm:key remote_ratio:f64 total_bytes_per_s:f64 quality:text",
                       traffic->str);
    hv_test_tables_add(tables, "matrix", "vm:key from_node:id to_node:id share_ratio:f64",
                       matrix->str);
    hv_test_tables_add(tables, "llc",
                       "llc:id group:key vm:key occupancy_bytes:u64 size_bytes:u64 "
                       "ways_mask:text total_bytes_per_s:f64 warming:bool",
                       llc->str);
    hv_test_tables_add(tables, "nodes", "node:id cpus:set use_ratio:f64",
                       "0 0-63 0.9\n1 64-127 0.1");
}

static void
test_a_steady_run_allocates_nothing(void)
{
    g_auto(HvTestTables) tables = { 0 };
    g_autoptr(HvFindings) findings = hv_findings_new(hv_rules);
    g_autoptr(HvStore) store = hv_store_new(&hv_findings_schema);
    HvTopology *topology = hv_test_topology(2, 1, 64);
    g_autoptr(GTimer) timer = NULL;
    guint n_before = 0;

    hv_test_cores(topology, 2);
    hv_test_tables_add_topology(&tables, topology);
    add_fleet(&tables);
    for (guint i = 0; i < N_WARM + N_RUNS; i++) {
        HvSink *sink;

        if (i == N_WARM) {
            timer = g_timer_new();
            n_before = n_allocations;
        }
        tables.snapshot->monotonic_ns = HV_TEST_NOW_NS + i * S;
        tables.snapshot->time_ns = tables.snapshot->monotonic_ns;
        sink = hv_sink_begin(&store, 1, tables.snapshot->monotonic_ns);
        g_assert_true(hv_findings_run(findings, tables.snapshot, sink));
        hv_sink_end(sink, TRUE);
    }
    n_before = n_allocations - n_before;
    g_test_message("%u findings of %u VMs, %.0f us each time",
                   hv_table_n_rows(hv_store_table(store)), N_VMS,
                   g_timer_elapsed(timer, NULL) * 1e6 / N_RUNS);
    g_assert_cmpuint(hv_table_n_rows(hv_store_table(store)), >, N_VMS);
    if (IS_COUNTED)
        g_assert_cmpuint(n_before, ==, 0);
    else
        g_test_skip("a sanitizer allocates in its own way");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/a steady run allocates nothing",
                    test_a_steady_run_allocates_nothing);
    return g_test_run();
}
