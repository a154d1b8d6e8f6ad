/* Tests of rates: the change of a counter, and when there is none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tables.h"

static void
sample_counters(HvStore *store, gint64 now_ns, guint64 run_ns, guint64 switches)
{
    HvSink *sink = begin(store, now_ns);

    hv_row(sink, "a", "0");
    hv_u64(sink, RUN_NS, run_ns);
    hv_u64(sink, SWITCHES, switches);
    hv_sink_end(sink, TRUE);
}

static void
test_rates_are_changes_over_time(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    sample_counters(store, 10 * S, 5 * S, 100);
    assert_none(hv_store_table(store), 0, RUN_RATIO, HV_MARK_ABSENT, "one sample: no rate");
    sample_counters(store, 12 * S, 6 * S, 150);
    assert_f64(hv_store_table(store), 0, RUN_RATIO, 0.5);
    assert_f64(hv_store_table(store), 0, SWITCHES_PER_S, 25);
    sample_counters(store, 14 * S, 6 * S, 149);
    assert_f64(hv_store_table(store), 0, RUN_RATIO, 0);
    assert_none(hv_store_table(store), 0, SWITCHES_PER_S, HV_MARK_ABSENT,
                "the counter went back");
    sample_counters(store, 14 * S, 6 * S, 149);
    assert_none(hv_store_table(store), 0, RUN_RATIO, HV_MARK_ABSENT, "one sample: no rate");
}

static void
test_a_rate_needs_a_value_on_both_sides(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    HvSink *sink = begin(store, 1 * S);

    hv_row(sink, "a", "0");
    hv_sink_end(sink, TRUE);
    assert_none(hv_store_table(store), 0, RUN_RATIO, HV_MARK_ABSENT, "nothing is known");
    sample_counters(store, 2 * S, 1, 1);
    assert_none(hv_store_table(store), 0, RUN_RATIO, HV_MARK_ABSENT, "no former value");

    sink = begin(store, 3 * S);

    hv_row(sink, "a", "0");
    hv_none(sink, RUN_NS, HV_MARK_DENIED, "needs root");
    hv_row(sink, "new", "0");
    hv_u64(sink, RUN_NS, 1);
    hv_sink_end(sink, TRUE);
    assert_none(hv_store_table(store), 0, RUN_RATIO, HV_MARK_DENIED, "needs root");
    assert_none(hv_store_table(store), 1, RUN_RATIO, HV_MARK_ABSENT, "no former value");
}

static void
test_a_rate_is_no_better_than_its_counters(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    for (gint64 i = 1; i <= 3; i++) {
        HvSink *sink = begin(store, i * S);

        hv_row(sink, "a", "0");
        hv_u64(sink, RUN_NS, (guint64)i);
        hv_u64(sink, SWITCHES, (guint64)i);
        if (i == 2)
            hv_mark(sink, RUN_NS, HV_MARK_SCALED);
        hv_f64(sink, SWITCHES_PER_S, 42);
        hv_sink_end(sink, TRUE);
    }
    g_assert_cmpint(hv_table_mark(hv_store_table(store), 0, RUN_RATIO), ==, HV_MARK_SCALED);
    assert_f64(hv_store_table(store), 0, SWITCHES_PER_S, 42); /* set by the probe itself */
}

static void
sample_at(HvStore *store, gint64 now_ns, guint64 stat_ns, guint64 run_ns)
{
    HvSink *sink = begin(store, now_ns);

    hv_row(sink, "a", "0");
    hv_u64(sink, RUN_NS, run_ns);
    hv_u64(sink, STAT_NS, stat_ns);
    hv_sink_end(sink, TRUE);
}

static void
test_a_source_that_takes_turns_keeps_its_rate(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    sample_at(store, 1 * S, 1 * S, 0);
    sample_at(store, 2 * S, 1 * S, 0);
    assert_none(hv_store_table(store), 0, STAT_RATIO, HV_MARK_ABSENT, "one sample: no rate");
    sample_at(store, 3 * S, 3 * S, 1 * S);
    assert_f64(hv_store_table(store), 0, STAT_RATIO, 0.5); /* over two seconds, not one */
    sample_at(store, 4 * S, 3 * S, 1 * S);
    assert_f64(hv_store_table(store), 0, STAT_RATIO, 0.5);
    sample_at(store, 5 * S, 3 * S, 1 * S);
    assert_f64(hv_store_table(store), 0, STAT_RATIO, 0.5);
    sample_at(store, 6 * S, 6 * S, 1 * S);
    assert_f64(hv_store_table(store), 0, STAT_RATIO, 0);
}

static void
test_rates_match_rows_by_key(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    for (guint i = 0; i < 6; i++) {
        HvSink *sink = begin(store, (i + 1) * S);

        for (guint k = 0; k < 10; k++) {
            guint vcpu = i % 2 ? k : 9 - k;

            hv_row_text_u64(sink, "a", vcpu);
            hv_u64(sink, SWITCHES, i * vcpu);
        }
        hv_sink_end(sink, TRUE);
        for (guint row = 0; i > 0 && row < 10; row++)
            assert_f64(hv_store_table(store), row, SWITCHES_PER_S, i % 2 ? row : 9 - row);
    }
}

static const struct {
    const char *claim;
    GTestFunc run;
} tests[] = {
    { "/rates/rates are changes over time", test_rates_are_changes_over_time },
    { "/rates/a rate needs a value on both sides", test_a_rate_needs_a_value_on_both_sides },
    { "/rates/a rate is no better than its counters",
      test_a_rate_is_no_better_than_its_counters },
    { "/rates/a source that takes turns keeps its rate",
      test_a_source_that_takes_turns_keeps_its_rate },
    { "/rates/rates match rows by key", test_rates_match_rows_by_key },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].claim, tests[i].run);
    return g_test_run();
}
