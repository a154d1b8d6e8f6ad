/* The rule "cache-thrash": what it says, and where it is silent; what goes together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/together.h"

#include <math.h>

#include "tests/rule-run.h"

extern const HvRule hv_rule_cache_thrash;

#define VMS "vm:key cpu_ratio:f64"
#define TRAFFIC "vm:key total_bytes_per_s:f64 source:text quality:text"
#define LLC                                                                                    \
    "llc:id group:key vm:key occupancy_bytes:u64 size_bytes:u64 ways_mask:text "               \
    "total_bytes_per_s:f64 warming:bool"
#define N_TICKS 60

/* A server that fetches 1.25 GB/s for each of its 4 cpus, and one that streams 3 GB/s on 4. */
static const char vms[] = "ps 4\nworker 4";
static const char llc[] = "0 default '' 47 48 fff 17e9 0\n0 default ps 18 48 fff 5e9 0\n"
                          "0 default worker 29 48 fff 12e9 0";

/* What the two did in each of the last samples. */
typedef struct {
    const char *source;
    double ps_slope; /* of its misses with the worker's */
    double swing;    /* of the worker, of its mean */
} Past;

static const HvHistoryColumn kept[] = { { "traffic", "total_bytes_per_s" },
                                        { "vms", "cpu_ratio" },
                                        { 0 } };

static const HvColumn traffic_columns[] = {
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "total_bytes_per_s", .kind = HV_KIND_F64 },
    { 0 },
};
static const HvColumn vm_columns[] = {
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "cpu_ratio", .kind = HV_KIND_F64 },
    { 0 },
};
static const HvSchema traffic_schema = { .name = "traffic", .columns = traffic_columns };
static const HvSchema vm_schema = { .name = "vms", .columns = vm_columns };

static HvTable *
put(HvStore *store, double ps, double worker)
{
    HvSink *sink = hv_sink_begin(&store, 1, HV_TEST_NOW_NS);

    hv_row(sink, "ps");
    hv_f64(sink, 1, ps);
    hv_row(sink, "worker");
    hv_f64(sink, 1, worker);
    hv_sink_end(sink, TRUE);
    return hv_store_table(store);
}

static HvHistory *
make_history(const Past *past)
{
    HvHistory *history = hv_history_new(kept);
    g_autoptr(HvStore) traffic = hv_store_new(&traffic_schema);
    g_autoptr(HvStore) vm_store = hv_store_new(&vm_schema);

    for (guint i = 0; i < N_TICKS; i++) {
        const double swing = past->swing * sin(i * 0.7);
        HvTable *const tables[] = { put(traffic, 4 * (1.25e9 + past->ps_slope * swing * 1e9),
                                        12e9 * (1 + swing)),
                                    put(vm_store, 4, 4) };

        hv_history_append(history, i + 1, tables, G_N_ELEMENTS(tables));
    }
    return history;
}

static guint
run(HvTestRule *run, const char *vm_rows, const char *llc_rows, const Past *past)
{
    g_autoptr(HvHistory) history = past ? make_history(past) : NULL;
    g_autofree char *traffic = g_strdup_printf("ps 5e9 %s scaled", past ? past->source : "mbm");
    guint n;

    hv_test_rule_again(run);
    hv_test_tables_add(&run->tables, "vms", VMS, vm_rows);
    hv_test_tables_add(&run->tables, "traffic", TRAFFIC, traffic);
    hv_test_tables_add(&run->tables, "llc", LLC, llc_rows);
    run->tables.snapshot->history = history;
    run->tables.snapshot->tick = N_TICKS + 1;
    n = hv_test_rule_run(run, &hv_rule_cache_thrash);
    run->tables.snapshot->history = NULL;
    return n;
}

static void
test_bytes_alone_suggest_a_victim_and_its_hog(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, vms, llc, NULL), ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "cache-thrash/ps/L3%200"), ==,
                    "refills its part of L3 0 with 5.0 GB/s, worker streams 12.0 GB/s "
                    "through it");
    g_assert_cmpstr(hv_test_rule_quality(&rule, NULL), ==, "estimated");
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, NULL) - 0.5 / 3), <, 1e-9);
}

static void
test_a_streamer_is_a_hog_and_no_victim(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, "ps 2\nworker 4", llc, NULL), ==, 0);
}

static void
test_neither_bandwidth_nor_occupancy_alone_is_enough(void)
{
    g_auto(HvTestRule) rule = { 0 };

    /* the cache is not full */
    g_assert_cmpuint(
        run(&rule, vms, "0 default ps 1 48 fff 5e9 0\n0 default worker 29 48 fff 12e9 0", NULL),
        ==, 0);
    /* the victim hardly fetches anything */
    g_assert_cmpuint(run(&rule, vms,
                         "0 default ps 18 48 fff 1e8 0\n0 default worker 29 48 fff 12e9 0",
                         NULL),
                     ==, 0);
    /* nobody streams */
    g_assert_cmpuint(run(&rule, "ps 4\nworker 12", llc, NULL), ==, 0);
    /* what streams is the smaller part */
    g_assert_cmpuint(run(&rule, "ps 4\nworker 1",
                         "0 default ps 18 48 fff 5e9 0\n0 default worker 29 48 fff 3e9 0",
                         NULL),
                     ==, 0);
}

static void
test_other_ways_other_caches_and_warming_do_not_count(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(
        run(&rule, vms, "0 a ps 18 48 ff0 5e9 0\n0 b worker 29 48 00f 12e9 0", NULL), ==, 0);
    g_assert_cmpuint(run(&rule, vms,
                         "0 default ps 40 48 fff 5e9 0\n1 default worker 29 48 fff 12e9 0",
                         NULL),
                     ==, 0);
    g_assert_cmpuint(run(&rule, vms,
                         "0 default ps 18 48 fff 5e9 1\n0 default worker 29 48 fff 12e9 0",
                         NULL),
                     ==, 0);
    g_assert_cmpuint(run(&rule, "ps -\nworker 4", llc, NULL), ==, 0);
}

/* 0.5 GB/s of its 1.25 go with the worker: 40 % of its misses, for half of the time. */
static void
test_misses_that_follow_the_hog_are_sure_where_perf_counts_them(void)
{
    g_auto(HvTestRule) rule = { 0 };
    const Past past = { .source = "perf", .ps_slope = 0.5, .swing = 0.3 };

    g_assert_cmpuint(run(&rule, vms, llc, &past), ==, 1);
    g_assert_cmpstr(hv_test_rule_quality(&rule, NULL), ==, "scaled");
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, NULL) - 0.5 * 0.4), <, 5e-3);
}

static void
test_bytes_that_follow_the_hog_stay_an_estimate(void)
{
    g_auto(HvTestRule) rule = { 0 };
    const Past past = { .source = "mbm", .ps_slope = 0.5, .swing = 0.3 };

    g_assert_cmpuint(run(&rule, vms, llc, &past), ==, 1);
    g_assert_cmpstr(hv_test_rule_quality(&rule, NULL), ==, "estimated");
}

static void
test_misses_that_do_not_follow_a_hog_that_varies_clear_it(void)
{
    g_auto(HvTestRule) rule = { 0 };
    const Past past = { .source = "perf", .ps_slope = 0, .swing = 0.3 };
    const Past against = { .source = "perf", .ps_slope = -0.5, .swing = 0.3 };

    g_assert_cmpuint(run(&rule, vms, llc, &past), ==, 0);
    g_assert_cmpuint(run(&rule, vms, llc, &against), ==, 0);
}

static void
test_a_steady_hog_leaves_it_a_guess(void)
{
    g_auto(HvTestRule) rule = { 0 };
    const Past past = { .source = "perf", .ps_slope = 0.5, .swing = 0.01 };

    g_assert_cmpuint(run(&rule, vms, llc, &past), ==, 1);
    g_assert_cmpstr(hv_test_rule_quality(&rule, NULL), ==, "estimated");
}

static void
test_together_needs_30_samples_of_both(void)
{
    float x[40], y[40];
    HvTogether together;

    for (guint i = 0; i < 40; i++) {
        x[i] = (float)(10 + i % 5);
        y[i] = (float)(20 + 2 * (i % 5));
    }
    g_assert_true(hv_together(x, y, 40, &together));
    g_assert_cmpfloat(fabs(together.correlation - 1), <, 1e-6);
    g_assert_cmpfloat(fabs(together.explained - 24), <, 1e-6);
    for (guint i = 0; i < 11; i++)
        y[i] = NAN;
    g_assert_false(hv_together(x, y, 40, &together));
    y[0] = 20;
    g_assert_true(hv_together(x, y, 40, &together));
    g_assert_cmpfloat(fabs(together.correlation - 1), <, 1e-6);
}

#define ADD(name, test) g_test_add_func("/cache-thrash/" name, test)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("bytes alone suggest a victim and its hog",
        test_bytes_alone_suggest_a_victim_and_its_hog);
    ADD("a streamer is a hog and no victim", test_a_streamer_is_a_hog_and_no_victim);
    ADD("neither bandwidth nor occupancy alone is enough",
        test_neither_bandwidth_nor_occupancy_alone_is_enough);
    ADD("other ways, other caches and warming do not count",
        test_other_ways_other_caches_and_warming_do_not_count);
    ADD("misses that follow the hog are sure where perf counts them",
        test_misses_that_follow_the_hog_are_sure_where_perf_counts_them);
    ADD("bytes that follow the hog stay an estimate",
        test_bytes_that_follow_the_hog_stay_an_estimate);
    ADD("misses that do not follow a hog that varies clear it",
        test_misses_that_do_not_follow_a_hog_that_varies_clear_it);
    ADD("a steady hog leaves it a guess", test_a_steady_hog_leaves_it_a_guess);
    ADD("together needs 30 samples of both", test_together_needs_30_samples_of_both);
    return g_test_run();
}
