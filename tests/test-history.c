/* Tests of the recent past: what is kept, for how long, for which rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/history.h"

#include <math.h>

#include "model/sink.h"

#define S G_GINT64_CONSTANT(1000000000)

static const HvColumn columns[] = {
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "cpu_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { .name = "memory_bytes", .kind = HV_KIND_U64, .unit = HV_UNIT_BYTES },
    { 0 },
};
static const HvSchema schema = { .name = "vms", .columns = columns };
static const HvHistoryColumn kept[] = {
    { "vms", "cpu_ratio" },
    { "nodes", "use_ratio" },
    { "vms", "memory_bytes" },
    { "vms", "of_no_schema" },
    { 0 },
};

typedef struct {
    HvStore *store;
    HvHistory *history;
} Fixture;

static void
setup(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    fixture->store = hv_store_new(&schema);
    fixture->history = hv_history_new(kept);
}

static void
teardown(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    hv_history_free(fixture->history);
    hv_store_free(fixture->store);
}

/* A sample of tick @tick in which each of @vms has the ratio @ratio; NaN: without a value. */
static void
append(Fixture *fixture, guint64 tick, double ratio, const char *const *vms)
{
    HvSink *sink = hv_sink_begin(&fixture->store, 1, (gint64)tick * S);
    HvTable *table;

    for (; *vms; vms++) {
        hv_row(sink, *vms);
        hv_f64(sink, 1, ratio);
        hv_u64(sink, 2, tick);
    }
    hv_sink_end(sink, TRUE);
    table = hv_store_table(fixture->store);
    hv_history_append(fixture->history, tick, &table, 1);
}

#define APPEND(fixture, tick, ratio, ...)                                                      \
    append((fixture), (tick), (ratio), (const char *const[]){ __VA_ARGS__, NULL })

/* The sample of tick @tick, read as the last of three. */
static float
value_at(Fixture *fixture, const char *key, guint64 tick)
{
    float values[3];

    g_assert_true(hv_history_read(fixture->history, "vms", "cpu_ratio", key, tick, values, 3));
    return values[2];
}

static void
test_samples_are_read_oldest_first(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    float values[5];

    for (guint64 tick = 1; tick <= 3; tick++)
        APPEND(fixture, tick, (double)tick / 4, "a");
    g_assert_true(hv_history_read(fixture->history, "vms", "cpu_ratio", "a", 3, values, 5));
    g_assert_true(isnan(values[0]) && isnan(values[1]));
    g_assert_cmpfloat(values[2], ==, 0.25f);
    g_assert_cmpfloat(values[3], ==, 0.5f);
    g_assert_cmpfloat(values[4], ==, 0.75f);
    g_assert_true(hv_history_read(fixture->history, "vms", "memory_bytes", "a", 3, values, 1));
    g_assert_cmpfloat(values[0], ==, 3);
}

static void
test_what_is_not_kept_is_not_read(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    float value = 42;

    APPEND(fixture, 1, 1, "a");
    g_assert_false(hv_history_read(fixture->history, "vms", "cpu_ratio", "b", 1, &value, 1));
    g_assert_false(hv_history_read(fixture->history, "vms", "vm", "a", 1, &value, 1));
    g_assert_false(hv_history_read(fixture->history, "nodes", "use_ratio", "0", 1, &value, 1));
    g_assert_false(hv_history_read(fixture->history, "links", "x", "a", 1, &value, 1));
    g_assert_cmpfloat(value, ==, 42);
    g_assert_true(hv_history_read(fixture->history, "vms", "of_no_schema", "a", 1, &value, 1));
    g_assert_true(isnan(value));
}

static void
test_a_cell_without_value_is_nan(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    APPEND(fixture, 1, 1, "a");
    APPEND(fixture, 2, (double)NAN, "a");
    APPEND(fixture, 3, 0, "a");
    g_assert_cmpfloat(value_at(fixture, "a", 1), ==, 1);
    g_assert_true(isnan(value_at(fixture, "a", 2)));
    g_assert_cmpfloat(value_at(fixture, "a", 3), ==, 0);
}

static void
test_a_frozen_screen_reads_older_ticks(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    float values[2];

    for (guint64 tick = 1; tick <= 1000; tick++)
        APPEND(fixture, tick, (double)tick, "a");
    g_assert_true(hv_history_read(fixture->history, "vms", "cpu_ratio", "a", 900, values, 2));
    g_assert_cmpfloat(values[0], ==, 899);
    g_assert_cmpfloat(values[1], ==, 900);
    g_assert_cmpfloat(value_at(fixture, "a", 701), ==, 701);
    g_assert_true(isnan(value_at(fixture, "a", 700)));  /* 301 samples ago */
    g_assert_true(isnan(value_at(fixture, "a", 1001))); /* not yet */
}

static void
test_a_row_gone_is_nan_and_can_still_be_read(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    APPEND(fixture, 1, 1, "a", "b");
    APPEND(fixture, 2, 2, "a");
    APPEND(fixture, 3, 3, "a");
    g_assert_cmpfloat(value_at(fixture, "b", 1), ==, 1);
    g_assert_true(isnan(value_at(fixture, "b", 2)));
    g_assert_true(isnan(value_at(fixture, "b", 3)));
}

static void
test_a_row_that_was_away_starts_anew(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    float values[4];

    for (guint64 tick = 1; tick <= 12; tick++)
        APPEND(fixture, tick, 1, "a", "b");
    APPEND(fixture, 13, 2, "a");
    APPEND(fixture, 14, 3, "a", "b");
    g_assert_true(hv_history_read(fixture->history, "vms", "cpu_ratio", "b", 14, values, 4));
    g_assert_true(isnan(values[0]) && isnan(values[1]) && isnan(values[2]));
    g_assert_cmpfloat(values[3], ==, 3);
}

/* "b" and "c" get the same row number, one after the other. */
static void
test_a_reused_row_number_has_no_past(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    HvTable *table;
    guint32 number;

    APPEND(fixture, 1, 1, "a", "b");
    table = hv_store_table(fixture->store);
    number = hv_table_row_id(table, (guint)hv_table_find(table, "b"));
    APPEND(fixture, 2, 2, "a");
    APPEND(fixture, 3, 3, "a");
    APPEND(fixture, 4, 4, "a", "c");
    table = hv_store_table(fixture->store);
    g_assert_cmpuint(hv_table_row_id(table, (guint)hv_table_find(table, "c")), ==, number);
    g_assert_true(isnan(value_at(fixture, "c", 1)));
    g_assert_cmpfloat(value_at(fixture, "c", 4), ==, 4);
    g_assert_cmpfloat(value_at(fixture, "b", 1), ==, 1);
    g_assert_true(isnan(value_at(fixture, "b", 4)));
}

static void
test_ticks_left_out_are_nan(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    for (guint64 tick = 1; tick <= 400; tick++)
        APPEND(fixture, tick, 1, "a", "b");
    APPEND(fixture, 405, 5, "a", "b");
    g_assert_cmpfloat(value_at(fixture, "a", 400), ==, 1);
    for (guint64 tick = 401; tick <= 404; tick++)
        g_assert_true(isnan(value_at(fixture, "a", tick)));
    g_assert_cmpfloat(value_at(fixture, "a", 405), ==, 5);
    APPEND(fixture, 100000, 6, "a", "b");
    for (guint64 tick = 100000 - 299; tick < 100000; tick++)
        g_assert_true(isnan(value_at(fixture, "a", tick)));
    g_assert_cmpfloat(value_at(fixture, "b", 100000), ==, 6);
}

static void
test_a_tick_twice_counts_once(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    APPEND(fixture, 5, 1, "a");
    APPEND(fixture, 5, 2, "a");
    APPEND(fixture, 4, 3, "a");
    g_assert_cmpfloat(value_at(fixture, "a", 5), ==, 1);
    g_assert_true(isnan(value_at(fixture, "a", 4)));
}

/* Short-lived VMs must not make the past grow: those gone longest are forgotten first. */
static void
test_rows_that_come_and_go_are_bounded(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    float value;
    guint n_readable = 0;

    for (guint64 tick = 1; tick <= 2000; tick++) {
        g_autofree char *name = g_strdup_printf("job-%u", (guint)tick);

        APPEND(fixture, tick, 1, "stays", name);
    }
    for (guint i = 1; i <= 2000; i++) {
        g_autofree char *name = g_strdup_printf("job-%u", i);

        n_readable +=
            (guint)hv_history_read(fixture->history, "vms", "cpu_ratio", name, 2000, &value, 1);
    }
    g_assert_cmpuint(n_readable, >=, 60);
    g_assert_cmpuint(n_readable, <=, 80);
    g_assert_true(
        hv_history_read(fixture->history, "vms", "cpu_ratio", "job-2000", 2000, &value, 1));
    g_assert_cmpfloat(value_at(fixture, "stays", 1999), ==, 1);
}

static gpointer
read_much(gpointer data)
{
    Fixture *fixture = data;
    float values[HV_HISTORY_SAMPLES];

    for (guint64 tick = 1; tick <= 500; tick++) {
        if (!hv_history_read(fixture->history, "vms", "cpu_ratio", "a", tick, values,
                             HV_HISTORY_SAMPLES))
            continue;
        for (guint i = 0; i < HV_HISTORY_SAMPLES; i++)
            g_assert_true(isnan(values[i]) || values[i] > 0);
    }
    return NULL;
}

static void
test_another_thread_may_read_at_any_time(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GThread *reader = g_thread_new("reader", read_much, fixture);

    for (guint64 tick = 1; tick <= 500; tick++)
        APPEND(fixture, tick, (double)tick, "a", "b");
    g_thread_join(reader);
    g_assert_cmpfloat(value_at(fixture, "b", 500), ==, 500);
}

static const struct {
    const char *claim;
    void (*run)(Fixture *fixture, gconstpointer data);
} tests[] = {
    { "/history/samples are read oldest first", test_samples_are_read_oldest_first },
    { "/history/what is not kept is not read", test_what_is_not_kept_is_not_read },
    { "/history/a cell without value is NaN", test_a_cell_without_value_is_nan },
    { "/history/a frozen screen reads older ticks", test_a_frozen_screen_reads_older_ticks },
    { "/history/a row gone is NaN and can still be read",
      test_a_row_gone_is_nan_and_can_still_be_read },
    { "/history/a row that was away starts anew", test_a_row_that_was_away_starts_anew },
    { "/history/a reused row number has no past", test_a_reused_row_number_has_no_past },
    { "/history/ticks left out are NaN", test_ticks_left_out_are_nan },
    { "/history/a tick twice counts once", test_a_tick_twice_counts_once },
    { "/history/rows that come and go are bounded", test_rows_that_come_and_go_are_bounded },
    { "/history/another thread may read at any time",
      test_another_thread_may_read_at_any_time },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].claim, Fixture, NULL, setup, tests[i].run, teardown);
    return g_test_run();
}
