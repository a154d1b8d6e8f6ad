/* Memory traffic of the simulated machine: three sources look at one truth and agree within
 * their bounds. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "host/sim/sim.h"
#include "model/derive.h"
#include "session/session.h"
#include "tests/probe-run.h"

#define S G_GINT64_CONSTANT(1000000000)
#define N_TICKS 20

static gint64
monotonic_ns(gpointer host)
{
    return hv_host_monotonic_ns(host);
}

static gint64
realtime_ns(gpointer host)
{
    return hv_host_realtime_ns(host);
}

static gboolean
wait_until(gpointer host, gint64 until_ns, int wake_fd)
{
    return hv_host_wait_until(host, until_ns, wake_fd);
}

/* A demo that is looked at for a while. Zeroed: closed. */
typedef struct {
    HvHost *host;
    HvSessionParts parts;
    HvSampler *sampler;
    HvSnapshot *snapshot; /* the last one */
} Demo;

static void
demo_clear(Demo *demo)
{
    hv_snapshot_unref(demo->snapshot);
    hv_sampler_free(demo->sampler);
    hv_host_free(demo->host);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Demo, demo_clear)

static void
look(Demo *demo, guint n_ticks)
{
    for (guint i = 0; i < n_ticks; i++) {
        if (demo->snapshot)
            hv_snapshot_unref(demo->snapshot);
        demo->snapshot = hv_sampler_tick(demo->sampler);
        hv_host_wait_until(demo->host, hv_host_monotonic_ns(demo->host) + S, -1);
    }
}

static void
demo_open(Demo *demo, const char *variant, const HvPolicy *policy)
{
    const HvSimOptions sim = { .scenario = "redis", .variant = variant, .seed = 1 };
    const HvHostOptions options = { .demo = &sim, .policy = *policy };
    g_autoptr(GError) error = NULL;

    demo->host = hv_host_new(&options, &error);
    g_assert_no_error(error);
    demo->parts = (HvSessionParts){
        .host = demo->host,
        .probes = hv_probes,
        .derives = hv_derives,
        .clock = { demo->host, monotonic_ns, realtime_ns, wait_until },
        .interval_ns = S,
        .topology = hv_host_topology,
    };
    demo->sampler = hv_sampler_new(&demo->parts);
}

static const HvTable *
table_of(const Demo *demo, const char *name)
{
    const HvTable *table = hv_snapshot_table(demo->snapshot, name);

    g_assert_nonnull(table);
    return table;
}

/* Every source at once; perf on all VMs. */
static const HvPolicy all_sources = {
    .traffic = HV_TRAFFIC_ANY, .traffic_is_asked = TRUE, .may_monitor = TRUE, .may_count = TRUE
};

static void
test_perf_sees_the_remote_share_of_redis(void)
{
    static const HvPolicy policy = { .traffic = HV_TRAFFIC_PERF,
                                     .traffic_is_asked = TRUE,
                                     .may_count = TRUE };
    g_auto(Demo) demo = { 0 };
    const HvTable *table;

    demo_open(&demo, NULL, &policy);
    look(&demo, N_TICKS);
    table = table_of(&demo, "traffic");
    g_assert_cmpstr(hv_test_text(table, "redis-1", "source"), ==, "perf");
    g_assert_cmpfloat(fabs(hv_test_number(table, "redis-1", "remote_ratio") - 0.83), <, 0.04);
    g_assert_cmpfloat(hv_test_number(table, "redis-1", "remote_bytes_per_s"), >, 1e9);
    table = table_of(&demo, "vcpu_traffic");
    g_assert_cmpfloat(fabs(hv_test_number(table, "redis-1/3", "remote_ratio") - 0.83), <, 0.1);
    table = table_of(&demo, "matrix");
    g_assert_cmpstr(hv_test_text(table, "redis-1/0/1", "class"), ==, "other socket");
    g_assert_cmpfloat(hv_test_number(table, "redis-1/0/1", "bytes_per_s"), >, 1e9);
}

/* Nobody asked for it, and nobody looks at a VM: no counter is opened; then one VM is looked
 * at. */
static void
test_perf_counts_only_the_vm_in_view(void)
{
    static const HvPolicy policy = { .may_count = TRUE };
    g_auto(Demo) demo = { 0 };
    GHashTable *view = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    demo_open(&demo, NULL, &policy);
    look(&demo, 2);
    g_assert_cmpuint(hv_table_n_rows(table_of(&demo, "traffic_perf")), ==, 0);
    g_hash_table_add(view, g_strdup("redis-1"));
    hv_sampler_set_interest(demo.sampler, view);
    look(&demo, 3);
    g_assert_cmpuint(hv_table_n_rows(table_of(&demo, "traffic_perf")), ==, 8);
    g_assert_cmpfloat(
        hv_test_number(table_of(&demo, "traffic_perf"), "redis-1/0", "remote_lines_per_s"), >,
        0);
    hv_sampler_set_interest(demo.sampler, g_hash_table_new(g_str_hash, g_str_equal));
    look(&demo, 1);
    g_assert_cmpuint(hv_table_n_rows(table_of(&demo, "traffic_perf")), ==, 0);
}

/* sap-1 has two cells of eight vCPUs; pid-4711 is unknown to libvirt, and with it its
 * definition. */
static void
test_vcpus_know_their_cell(void)
{
    g_auto(Demo) demo = { 0 };

    demo_open(&demo, NULL, &(HvPolicy){ .may_count = FALSE });
    look(&demo, 1);
    g_assert_cmpfloat(hv_test_number(table_of(&demo, "vcpus"), "sap-1/0", "cell"), ==, 0);
    g_assert_cmpfloat(hv_test_number(table_of(&demo, "vcpus"), "sap-1/15", "cell"), ==, 1);
    g_assert_cmpfloat(hv_test_number(table_of(&demo, "vcpus"), "redis-1/7", "cell"), ==, 0);
    g_assert_cmpint(hv_test_mark(table_of(&demo, "vcpus"), "pid-4711/0", "cell"), ==,
                    HV_MARK_ABSENT);
}

static gboolean
has_source(const HvTable *sources, const char *vm, const char *source)
{
    g_autofree char *key = g_strdup_printf("%s/%s", vm, source);

    return hv_table_find(sources, key) >= 0;
}

static double
share(const HvTable *sources, const char *vm, const char *source)
{
    g_autofree char *key = g_strdup_printf("%s/%s", vm, source);

    return hv_test_number(sources, key, "remote_ratio");
}

/* MBM also counts lines that are written back, perf reads alone: the share is the same, the
 * bytes differ by that. What is by place misses which pages are hot. */
static void
test_the_sources_agree(const char *variant)
{
    static const char *const vms[] = { "redis-1", "trainer-a", "db-1", "batch-7" };
    g_auto(Demo) demo = { 0 };
    const HvTable *sources;

    demo_open(&demo, variant, &all_sources);
    look(&demo, N_TICKS);
    sources = table_of(&demo, "traffic_sources");
    for (guint i = 0; i < G_N_ELEMENTS(vms); i++) {
        g_assert_true(has_source(sources, vms[i], "perf"));
        g_assert_true(has_source(sources, vms[i], "mbm"));
        g_assert_cmpfloat(fabs(share(sources, vms[i], "mbm") - share(sources, vms[i], "perf")),
                          <, 0.03);
        g_assert_true(has_source(sources, vms[i], "estimate"));
        g_assert_cmpfloat(
            fabs(share(sources, vms[i], "estimate") - share(sources, vms[i], "perf")), <, 0.25);
    }
}

static void
test_the_sources_agree_on_intel(void)
{
    test_the_sources_agree(NULL);
}

static void
test_the_sources_agree_on_amd(void)
{
    test_the_sources_agree("amd");
}

static double
sum_of(const HvTable *table, const char *column)
{
    double sum = 0, value;

    for (guint row = 0; row < hv_table_n_rows(table); row++)
        if (hv_table_f64(table, row, hv_table_column(table, column), &value))
            sum += value;
    return sum;
}

/* The links what VMs read over them, the controllers at least what VMs read of
 * their nodes. */
static void
test_links_and_controllers_carry_more_than_vms_read(void)
{
    g_auto(Demo) demo = { 0 };
    double remote, total;

    demo_open(&demo, NULL, &all_sources);
    look(&demo, N_TICKS);
    remote = sum_of(table_of(&demo, "traffic"), "remote_bytes_per_s");
    total = sum_of(table_of(&demo, "traffic"), "total_bytes_per_s");
    g_assert_cmpfloat(sum_of(table_of(&demo, "links"), "bytes_per_s"), >, 0.8 * remote);
    g_assert_cmpfloat(sum_of(table_of(&demo, "memory_traffic"), "bytes_per_s"), >, 0.9 * total);
    g_assert_cmpfloat(sum_of(table_of(&demo, "memory_traffic"), "bytes_per_s"), <, 2 * total);
    g_assert_cmpfloat(hv_test_number(table_of(&demo, "links"), "0/1", "use_ratio"), >, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/traffic-sim/perf sees the remote share of redis",
                    test_perf_sees_the_remote_share_of_redis);
    g_test_add_func("/traffic-sim/perf counts only the VM in view",
                    test_perf_counts_only_the_vm_in_view);
    g_test_add_func("/traffic-sim/links and controllers carry more than VMs read",
                    test_links_and_controllers_carry_more_than_vms_read);
    g_test_add_func("/traffic-sim/vCPUs know their cell", test_vcpus_know_their_cell);
    g_test_add_func("/traffic-sim/the sources agree on Intel", test_the_sources_agree_on_intel);
    g_test_add_func("/traffic-sim/the sources agree on AMD", test_the_sources_agree_on_amd);
    return g_test_run();
}
