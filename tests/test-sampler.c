/* The sampler: what is wanted is read, what is dear is read less often, and a steady tick
 * allocates nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "host/host.h"
#include "session/session.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)
#define N_VMS 200
#define N_VCPUS 8
#define N_WARM 30 /* turns of 10 s, pools of tables, the rotation of affinities */
#define N_TICKS 20

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

/* ---- a clock and probes of the test's own ---- */

static gint64 clock_ns = 1000 * S;

static gint64
fake_monotonic_ns(gpointer data G_GNUC_UNUSED)
{
    return clock_ns;
}

static gboolean
fake_wait_until(gpointer data G_GNUC_UNUSED, gint64 until_ns, int wake_fd G_GNUC_UNUSED)
{
    clock_ns = MAX(clock_ns, until_ns);
    return FALSE;
}

enum { NAME, VALUE, VALUE_PER_S };
static const HvColumn fake_columns[] = {
    [NAME] = { .name = "name", .kind = HV_KIND_KEY },
    [VALUE] = { .name = "value", .kind = HV_KIND_COUNTER },
    [VALUE_PER_S] = { .name = "value_per_s",
                      .kind = HV_KIND_RATE,
                      .unit = HV_UNIT_PER_S,
                      .of = VALUE },
    { 0 },
};
static const HvSchema alpha_schema = { .name = "alpha", .columns = fake_columns };
static const HvSchema beta_schema = { .name = "beta", .columns = fake_columns };
static const HvSchema sum_schema = { .name = "sum", .columns = fake_columns };

/* How the probe "alpha" behaves. */
static struct {
    guint n_starts, n_samples;
    HvError fails_with; /* at its start */
    gboolean fails;
    gint64 cost_ns;
    gboolean saw_web;
} alpha;
static guint n_beta_samples;

static gpointer
start_alpha(HvHost *host G_GNUC_UNUSED, GError **error)
{
    alpha.n_starts++;
    if (alpha.fails) {
        g_set_error_literal(error, HV_ERROR, (gint)alpha.fails_with, "alpha: not here");
        return NULL;
    }
    return &alpha;
}

static gboolean
sample_alpha(gpointer state G_GNUC_UNUSED, HvSink *out, GError **error G_GNUC_UNUSED)
{
    alpha.n_samples++;
    alpha.saw_web = hv_sink_wants(out, "web");
    clock_ns += alpha.cost_ns;
    hv_row(out, "a");
    hv_u64(out, VALUE, alpha.n_samples * 10);
    return TRUE;
}

static gboolean
sample_beta(gpointer state G_GNUC_UNUSED, HvSink *out, GError **error)
{
    n_beta_samples++;
    hv_row(out, "b");
    hv_u64(out, VALUE, 1);
    if (n_beta_samples % 2)
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_FAILED, "beta: lost half of it");
    return FALSE;
}

static void
stop_nothing(gpointer state G_GNUC_UNUSED)
{
}

static const char *
cure_alpha(HvHost *host G_GNUC_UNUSED, const GError *why G_GNUC_UNUSED)
{
    return "plug alpha in";
}

static const HvProbe probe_alpha = {
    .name = "alpha",
    .schemas = (const HvSchema *const[]){ &alpha_schema, NULL },
    .start = start_alpha,
    .sample = sample_alpha,
    .stop = stop_nothing,
    .cure = cure_alpha,
};
static const HvProbe probe_beta = {
    .name = "beta",
    .schemas = (const HvSchema *const[]){ &beta_schema, NULL },
    .start = start_alpha,
    .sample = sample_beta,
    .stop = stop_nothing,
};

static void
run_sum(const HvSnapshot *snapshot, HvSink *out)
{
    HvTable *table = hv_snapshot_table(snapshot, "alpha");

    if (hv_table_n_rows(table) == 0)
        return;
    hv_row(out, "s");
    hv_copy(out, VALUE, table, 0, hv_table_column(table, "value"));
}

static const HvDerive derive_sum = {
    .name = "sum",
    .schema = &sum_schema,
    .inputs = (const char *const[]){ "alpha", NULL },
    .run = run_sum,
};

static const HvProbe *const fake_probes[] = { &probe_alpha, &probe_beta, NULL };
static const HvDerive *const fake_derives[] = { &derive_sum, NULL };

static HvSessionParts
fake_parts(void)
{
    alpha.n_starts = alpha.n_samples = n_beta_samples = 0;
    alpha.fails = FALSE;
    alpha.cost_ns = 0;
    return (HvSessionParts){
        .probes = fake_probes,
        .derives = fake_derives,
        .clock = { NULL, fake_monotonic_ns, fake_monotonic_ns, fake_wait_until },
        .interval_ns = S,
    };
}

static HvSnapshot *
tick(HvSampler *sampler)
{
    clock_ns += S;
    return hv_sampler_tick(sampler);
}

static const char *
source_text(const HvSnapshot *snapshot, const char *source, const char *column)
{
    HvTable *table = hv_snapshot_table(snapshot, "sources");
    const int row = hv_table_find(table, source);

    g_assert_cmpint(row, >=, 0);
    return hv_table_text(table, (guint)row, hv_table_column(table, column));
}

/* ---- what is wanted ---- */

static void
test_only_what_a_wanted_table_needs_is_read(void)
{
    const HvSessionParts parts = fake_parts();
    g_autoptr(HvSampler) sampler = hv_sampler_new(&parts);
    g_autoptr(HvSnapshot) snapshot = NULL;

    hv_sampler_want(sampler, (const char *const[]){ "sum", NULL });
    snapshot = tick(sampler);
    g_assert_cmpuint(alpha.n_samples, ==, 1);
    g_assert_cmpuint(n_beta_samples, ==, 0);
    g_assert_nonnull(hv_snapshot_table(snapshot, "sum"));
    g_assert_null(hv_snapshot_table(snapshot, "beta"));
    g_assert_null(hv_snapshot_table(snapshot, "sources"));
}

static void
test_derived_tables_see_this_tick(void)
{
    const HvSessionParts parts = fake_parts();
    g_autoptr(HvSampler) sampler = hv_sampler_new(&parts);
    g_autoptr(HvSnapshot) snapshot = tick(sampler);
    guint64 value;

    g_assert_true(hv_table_u64(hv_snapshot_table(snapshot, "sum"), 0, VALUE, &value));
    g_assert_cmpuint(value, ==, 10);
    g_assert_cmpuint(snapshot->tick, ==, 1);
    g_assert_cmpint(snapshot->interval_ns, ==, S);
}

static void
test_a_snapshot_outlives_later_ticks_and_its_sampler(void)
{
    const HvSessionParts parts = fake_parts();
    HvSampler *sampler = hv_sampler_new(&parts);
    g_autoptr(HvSnapshot) first = tick(sampler);
    guint64 value;

    for (guint i = 0; i < 10; i++)
        hv_snapshot_unref(tick(sampler));
    hv_sampler_free(sampler);
    g_assert_true(hv_table_u64(hv_snapshot_table(first, "alpha"), 0, VALUE, &value));
    g_assert_cmpuint(value, ==, 10);
}

static void
test_interest_reaches_the_probes(void)
{
    const HvSessionParts parts = fake_parts();
    g_autoptr(HvSampler) sampler = hv_sampler_new(&parts);

    hv_snapshot_unref(tick(sampler));
    g_assert_true(alpha.saw_web);
    hv_sampler_set_interest(sampler, g_hash_table_new(g_str_hash, g_str_equal));
    hv_snapshot_unref(tick(sampler));
    g_assert_false(alpha.saw_web);
    hv_sampler_set_interest(sampler, NULL);
    hv_snapshot_unref(tick(sampler));
    g_assert_true(alpha.saw_web);
}

/* ---- sources ---- */

static void
test_a_start_that_fails_is_tried_again_after_5_s(void)
{
    const HvSessionParts parts = fake_parts();
    g_autoptr(HvSampler) sampler = hv_sampler_new(&parts);
    g_autoptr(HvSnapshot) snapshot = NULL;

    hv_sampler_want(sampler, (const char *const[]){ "alpha", NULL });
    alpha.fails = TRUE;
    alpha.fails_with = HV_ERROR_DENIED;
    snapshot = tick(sampler);
    g_assert_cmpstr(hv_table_why(hv_snapshot_table(snapshot, "alpha")), ==, "alpha: not here");
    for (guint i = 0; i < 4; i++)
        hv_snapshot_unref(tick(sampler));
    g_assert_cmpuint(alpha.n_starts, ==, 1);
    alpha.fails = FALSE;
    hv_snapshot_unref(tick(sampler));
    g_assert_cmpuint(alpha.n_starts, ==, 2);
    g_assert_cmpuint(alpha.n_samples, ==, 1);
}

static void
test_sources_say_why_and_what_would_help(void)
{
    const HvSessionParts parts = fake_parts();
    g_autoptr(HvSampler) sampler = hv_sampler_new(&parts);
    g_autoptr(HvSnapshot) snapshot = NULL;

    alpha.fails = TRUE;
    alpha.fails_with = HV_ERROR_ABSENT;
    snapshot = tick(sampler);
    g_assert_cmpstr(source_text(snapshot, "alpha", "state"), ==, "absent");
    g_assert_cmpstr(source_text(snapshot, "alpha", "why"), ==, "alpha: not here");
    g_assert_cmpstr(source_text(snapshot, "alpha", "cure"), ==, "plug alpha in");
}

static void
test_a_sample_that_fails_keeps_what_it_read(void)
{
    const HvSessionParts parts = fake_parts();
    g_autoptr(HvSampler) sampler = hv_sampler_new(&parts);
    g_autoptr(HvSnapshot) good = tick(sampler), bad = tick(sampler);

    g_assert_cmpstr(source_text(good, "beta", "state"), ==, "ok");
    g_assert_cmpstr(source_text(bad, "beta", "state"), ==, "failed");
    g_assert_cmpuint(hv_table_n_rows(hv_snapshot_table(bad, "beta")), ==, 1);
}

static guint
samples_in(HvSampler *sampler, guint n_ticks)
{
    const guint before = alpha.n_samples;

    for (guint i = 0; i < n_ticks; i++)
        hv_snapshot_unref(tick(sampler));
    return alpha.n_samples - before;
}

static void
test_a_dear_probe_is_read_less_often_until_it_is_cheap_again(void)
{
    const HvSessionParts parts = fake_parts();
    g_autoptr(HvSampler) sampler = hv_sampler_new(&parts);
    g_autoptr(HvSnapshot) snapshot = NULL;

    alpha.cost_ns = S / 10; /* 10 % of its period, 2 % at 5 s */
    samples_in(sampler, 40);
    g_assert_cmpuint(samples_in(sampler, 40), <=, 10);
    snapshot = tick(sampler);
    g_assert_cmpstr(source_text(snapshot, "alpha", "state"), ==, "slow");
    alpha.cost_ns = 1000;
    samples_in(sampler, 100);
    g_assert_cmpuint(samples_in(sampler, 20), ==, 20);
}

/* ---- allocations ---- */

static HvTestTree *
large_tree(void)
{
    HvTestTree *tree = hv_test_tree_new();

    hv_test_host_add(tree, 2, 16);
    for (guint i = 0; i < N_VMS; i++) {
        g_autofree char *name = g_strdup_printf("vm-%u", i);

        hv_test_vm_add(tree, 10000 + (int)i * 100, name, N_VCPUS);
    }
    hv_test_rewrite(tree, "proc/interrupts",
                    "      CPU0 CPU1\n 24: 1 2 PCI-MSIX-0000:00:01.0 0-edge eth0\nNMI: 3 4 "
                    "Non-maskable interrupts\n"
                    "ERR: 0\n");
    return tree;
}

/* A probe that finds nothing here is tried again every few seconds, and tells why anew. */
static const HvProbe **
probes_that_start(HvHost *host)
{
    g_autoptr(GArray) probes = g_array_new(TRUE, FALSE, sizeof(const HvProbe *));

    for (const HvProbe *const *probe = hv_probes; *probe; probe++) {
        gpointer state = (*probe)->start(host, NULL);

        if (!state)
            continue;
        (*probe)->stop(state);
        g_array_append_val(probes, *probe);
    }
    return (const HvProbe **)g_array_steal(probes, NULL);
}

static void
test_a_steady_tick_allocates_nothing(void)
{
    g_autoptr(HvTestTree) tree = large_tree();
    const HvHostOptions options = { .root = tree->path };
    g_autoptr(HvHost) host = hv_host_new(&options, NULL);
    g_autofree const HvProbe **probes = probes_that_start(host);
    const HvSessionParts parts = {
        .host = host,
        .probes = probes,
        .derives = hv_derives,
        .history = (const HvHistoryColumn[]){ { "vms", "wait_max_ratio" }, { 0 } },
        .clock = { NULL, fake_monotonic_ns, fake_monotonic_ns, fake_wait_until },
        .interval_ns = S,
        .topology = hv_host_topology,
    };
    g_autoptr(HvSampler) sampler = hv_sampler_new(&parts);
    g_autoptr(HvSnapshot) snapshot = NULL;
    g_autoptr(GTimer) timer = NULL;
    guint n_before, n_made;

    hv_topology_unref(hv_host_wait_topology(host, 5000, NULL));
    snapshot = tick(sampler);
    g_assert_cmpuint(hv_table_n_rows(hv_snapshot_table(snapshot, "vms")), ==, N_VMS);
    g_assert_cmpuint(hv_table_n_rows(hv_snapshot_table(snapshot, "vcpus")), ==,
                     N_VMS * N_VCPUS);
    hv_sampler_set_interest(sampler, g_hash_table_new(g_str_hash, g_str_equal));
    for (guint i = 0; i < N_WARM; i++)
        hv_snapshot_unref(tick(sampler));
    timer = g_timer_new();
    n_before = n_allocations;
    for (guint i = 0; i < N_TICKS; i++)
        hv_snapshot_unref(tick(sampler));
    n_made = n_allocations - n_before;
    g_test_message("%.1f us for each of %u vCPUs and ticks",
                   g_timer_elapsed(timer, NULL) * 1e6 / N_TICKS / N_VMS / N_VCPUS,
                   N_VMS * N_VCPUS);
    if (IS_COUNTED)
        g_assert_cmpuint(n_made, ==, 0);
    else
        g_test_skip("a sanitizer allocates in its own way");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sampler/only-what-a-wanted-table-needs-is-read",
                    test_only_what_a_wanted_table_needs_is_read);
    g_test_add_func("/sampler/derived-tables-see-this-tick", test_derived_tables_see_this_tick);
    g_test_add_func("/sampler/a-snapshot-outlives-later-ticks-and-its-sampler",
                    test_a_snapshot_outlives_later_ticks_and_its_sampler);
    g_test_add_func("/sampler/interest-reaches-the-probes", test_interest_reaches_the_probes);
    g_test_add_func("/sampler/a-start-that-fails-is-tried-again-after-5-s",
                    test_a_start_that_fails_is_tried_again_after_5_s);
    g_test_add_func("/sampler/sources-say-why-and-what-would-help",
                    test_sources_say_why_and_what_would_help);
    g_test_add_func("/sampler/a-sample-that-fails-keeps-what-it-read",
                    test_a_sample_that_fails_keeps_what_it_read);
    g_test_add_func("/sampler/a-dear-probe-is-read-less-often-until-it-is-cheap-again",
                    test_a_dear_probe_is_read_less_often_until_it_is_cheap_again);
    g_test_add_func("/sampler/a-steady-tick-allocates-nothing",
                    test_a_steady_tick_allocates_nothing);
    return g_test_run();
}
