/* When threads are counted, when not and why, and who else uses the counters. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/sim.h"
#include "probes/counter-users.h"
#include "tests/probe-run.h"
#include "tests/support.h"

extern const HvProbe hv_probe_traffic_perf, hv_probe_traffic_policy;

#define S G_GINT64_CONSTANT(1000000000)

static HvHost *
open_demo(const char *variant, const HvPolicy *policy)
{
    const HvSimOptions demo = { .scenario = "redis", .variant = variant, .seed = 1 };
    const HvHostOptions options = { .demo = &demo, .policy = *policy };
    g_autoptr(GError) error = NULL;
    HvHost *host = hv_host_new(&options, &error);

    g_assert_no_error(error);
    return host;
}

static void
assert_refused(HvHost *host, const char *why)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_probe_traffic_perf.start(host, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_cmpstr(error->message, ==, why);
}

static void
test_counters_left_alone_say_so(void)
{
    g_autoptr(HvHost) host = open_demo(NULL, &(HvPolicy){ .may_count = FALSE });

    assert_refused(host, "--footprint leaves the counters alone");
}

static void
test_a_source_left_out_says_so(void)
{
    g_autoptr(HvHost) host =
        open_demo(NULL, &(HvPolicy){ .may_count = TRUE, .traffic = HV_TRAFFIC_MBM });

    assert_refused(host, "--source traffic= leaves it out");
}

static void
test_a_pmu_that_is_lent_to_guests_is_left_to_them(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    const HvHostOptions options = { .root = tree->path, .policy = { .may_count = TRUE } };
    g_autoptr(HvHost) host = hv_host_new(&options, NULL);

    assert_refused(host, "no counters behind a captured tree");
    hv_test_tree_write(tree, "sys/module/kvm_amd/parameters/enable_mediated_pmu", "N\n");
    assert_refused(host, "no counters behind a captured tree");
    hv_test_tree_write(tree, "sys/module/kvm_amd/parameters/enable_mediated_pmu", "Y\n");
    assert_refused(host,
                   "the PMU is lent to guests (enable_mediated_pmu): counting would keep VMs "
                   "from starting");
}

/* The kernel names no offcore register on AMD: fills are counted, lines each. */
static void
test_amd_counts_fills(void)
{
    g_autoptr(HvHost) host = open_demo(
        "amd",
        &(HvPolicy){ .may_count = TRUE, .traffic = HV_TRAFFIC_PERF, .traffic_is_asked = TRUE });
    g_autoptr(HvStore) store = hv_store_new(hv_probe_traffic_perf.schemas[0]);
    g_autoptr(GError) error = NULL;
    gpointer state = hv_probe_traffic_perf.start(host, &error);

    g_assert_no_error(error);
    for (guint i = 0; i < 2; i++) {
        const gint64 now_ns = hv_host_monotonic_ns(host);
        HvSink *sink = hv_sink_begin(&store, 1, now_ns);

        g_assert_true(hv_probe_traffic_perf.sample(state, sink, &error));
        hv_sink_end(sink, TRUE);
        hv_host_wait_until(host, now_ns + S, -1);
    }
    g_assert_cmpfloat(hv_test_number(hv_store_table(store), "redis-1/0", "counts_bytes"), ==,
                      1);
    g_assert_cmpfloat(hv_test_number(hv_store_table(store), "redis-1/0", "remote_lines_per_s"),
                      >, 1e5);
    g_assert_cmpstr(hv_test_text(hv_store_table(store), "redis-1/0", "event"), ==,
                    "ANY_DATA_CACHE_FILLS_FROM_SYSTEM");
    hv_probe_traffic_perf.stop(state);
}

static void
test_the_policy_names_what_may_be_used(void)
{
    g_autoptr(HvHost) host =
        open_demo(NULL, &(HvPolicy){ .traffic = HV_TRAFFIC_PERF | HV_TRAFFIC_ESTIMATE });
    g_autoptr(HvStore) store = hv_store_new(hv_probe_traffic_policy.schemas[0]);
    HvSink *sink = hv_sink_begin(&store, 1, S);

    g_assert_true(hv_probe_traffic_policy.sample(host, sink, NULL));
    hv_sink_end(sink, TRUE);
    g_assert_cmpfloat(hv_test_number(hv_store_table(store), "mbm", "allowed"), ==, 0);
    g_assert_cmpfloat(hv_test_number(hv_store_table(store), "perf", "allowed"), ==, 1);
    g_assert_cmpfloat(hv_test_number(hv_store_table(store), "estimate", "allowed"), ==, 1);
}

static void
test_programs_that_write_to_msr_are_named(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    const HvHostOptions options = { .root = tree->path };
    g_autoptr(HvHost) host = hv_host_new(&options, NULL);
    g_autofree char *none = NULL, *found = NULL;
    HvCounterUsers *users = hv_counter_users_new(host);

    hv_test_tree_write(tree, "proc/12/comm", "pqos\n");
    hv_test_tree_mkdir(tree, "proc/12/fd");
    hv_test_tree_symlink(tree, "proc/12/fd/3", "/dev/null");
    none = hv_counter_users_find(host);
    g_assert_cmpstr(none, ==, "");
    g_assert_null(hv_counter_users_look(users, 1));
    hv_test_tree_symlink(tree, "proc/12/fd/4", "/dev/cpu/17/msr");
    hv_test_tree_write(tree, "proc/900/comm", "cat\n");
    hv_test_tree_mkdir(tree, "proc/900/fd");
    hv_test_tree_symlink(tree, "proc/900/fd/4", "/dev/cpu/0/msr");
    found = hv_counter_users_find(host);
    g_assert_cmpstr(found, ==, "pqos (12)");
    g_assert_null(hv_counter_users_look(users, 30 * S));
    g_assert_cmpstr(hv_counter_users_look(users, 61 * S), ==,
                    "others use the counters too, past the kernel: pqos (12)");
    hv_counter_users_free(users);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/traffic-perf/counters left alone say so",
                    test_counters_left_alone_say_so);
    g_test_add_func("/traffic-perf/a source left out says so", test_a_source_left_out_says_so);
    g_test_add_func("/traffic-perf/a PMU that is lent to guests is left to them",
                    test_a_pmu_that_is_lent_to_guests_is_left_to_them);
    g_test_add_func("/traffic-perf/AMD counts fills", test_amd_counts_fills);
    g_test_add_func("/traffic-perf/the policy names what may be used",
                    test_the_policy_names_what_may_be_used);
    g_test_add_func("/traffic-perf/programs that write to msr are named",
                    test_programs_that_write_to_msr_are_named);
    return g_test_run();
}
