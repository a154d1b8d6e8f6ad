/* Tests of stores: which row has which number, and for how long. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tables.h"

static void
test_a_store_begins_with_an_empty_table(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvTable *table = hv_store_table(store);

    g_assert_nonnull(table);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 0);
    g_assert_cmpint(hv_table_sampled_ns(table), ==, 0);
    g_assert_cmpint(hv_table_find(table, "a/0"), ==, -1);
    g_assert_cmpint(hv_table_row_of_id(table, 0), ==, -1);
    g_assert_null(hv_table_why(table));
    g_assert_true(hv_table_schema(table) == &schema);
}

static void
test_a_key_twice_continues_its_row(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSink *sink = begin(store, S);
    guint32 first = hv_row(sink, "a", "0");

    hv_u64(sink, SIZE, 1);
    hv_row(sink, "b", "0");
    hv_u64(sink, SIZE, 2);
    g_assert_cmpuint(hv_row(sink, "a", "0"), ==, first);
    hv_f64(sink, SCORE, 3);
    hv_sink_end(sink, TRUE);

    HvTable *table = hv_store_table(store);

    g_assert_cmpuint(hv_table_n_rows(table), ==, 2);
    assert_f64(table, 0, SIZE, 1);
    assert_f64(table, 0, SCORE, 3);
    assert_f64(table, 1, SIZE, 2);
}

static void
test_keys_are_escaped_as_in_knob_paths(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSink *sink = begin(store, S);

    hv_row(sink, "aZ09._+@:-", "1");
    hv_row(sink, "a b%/\xff", "1");
    hv_row(sink, "", "1");
    hv_sink_end(sink, TRUE);

    HvTable *table = hv_store_table(store);

    g_assert_cmpstr(hv_table_row_key(table, 0), ==, "aZ09._+@:-/1");
    g_assert_cmpstr(hv_table_row_key(table, 1), ==, "a%20b%25%2F%FF/1");
    g_assert_cmpstr(hv_table_text(table, 1, VM), ==, "a b%/\xff");
    g_assert_cmpstr(hv_table_row_key(table, 2), ==, "/1");
}

static void
test_an_empty_id_is_absent_and_a_key_of_its_own(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSink *sink = begin(store, S);
    guint64 id;

    hv_row(sink, "24", "0");
    hv_row(sink, "24", "");
    hv_row(sink, "24", "007");
    hv_row_text_u64(sink, "24", 7);
    hv_sink_end(sink, TRUE);

    HvTable *table = hv_store_table(store);

    g_assert_cmpuint(hv_table_n_rows(table), ==, 3);
    g_assert_cmpstr(hv_table_row_key(table, 1), ==, "24/");
    g_assert_cmpint(hv_table_find(table, "24/"), ==, 1);
    g_assert_false(hv_table_u64(table, 1, VCPU, &id));
    g_assert_cmpint(hv_table_mark(table, 1, VCPU), ==, HV_MARK_ABSENT);
    g_assert_true(hv_table_u64(table, 0, VCPU, &id));
    g_assert_cmpstr(hv_table_row_key(table, 2), ==, "24/7");
}

static void
sample_keys(HvStore *store, gint64 now_ns, const char *const *keys)
{
    HvSink *sink = begin(store, now_ns);

    for (; *keys; keys++)
        hv_row(sink, *keys, "0");
    hv_sink_end(sink, TRUE);
}

static guint32
id_of(HvStore *store, const char *key)
{
    HvTable *table = hv_store_table(store);
    int row = hv_table_find(table, key);

    g_assert_cmpint(row, >=, 0);
    g_assert_cmpstr(hv_table_row_key(table, (guint)row), ==, key);

    guint32 id = hv_table_row_id(table, (guint)row);

    g_assert_cmpint(hv_table_row_of_id(table, id), ==, row);
    return id;
}

#define SAMPLE(store, now, ...)                                                                \
    sample_keys((store), (now), (const char *const[]){ __VA_ARGS__, NULL })

static void
test_row_numbers_follow_the_key_not_the_place(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    SAMPLE(store, 1 * S, "a", "b", "c");

    guint32 a = id_of(store, "a/0"), b = id_of(store, "b/0"), c = id_of(store, "c/0");

    SAMPLE(store, 2 * S, "c", "a");
    g_assert_cmpuint(id_of(store, "a/0"), ==, a);
    g_assert_cmpuint(id_of(store, "c/0"), ==, c);
    g_assert_cmpint(hv_table_find(hv_store_table(store), "b/0"), ==, -1);
    g_assert_cmpint(hv_table_row_of_id(hv_store_table(store), b), ==, -1);
    g_assert_cmpstr(hv_table_row_key(hv_store_table(store), 0), ==, "c/0");
}

static void
test_a_number_rests_before_another_key_gets_it(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    SAMPLE(store, 1 * S, "a", "b");

    guint32 b = id_of(store, "b/0");

    SAMPLE(store, 2 * S, "a");
    SAMPLE(store, 3 * S, "a", "c");
    g_assert_cmpuint(id_of(store, "c/0"), !=, b);
    SAMPLE(store, 4 * S, "a", "c", "d");
    g_assert_cmpuint(id_of(store, "d/0"), ==, b);
}

static void
test_numbers_stay_few_while_keys_come_and_go(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    for (guint i = 0; i < 500; i++) {
        g_autofree char *name = g_strdup_printf("vm-%u", i);
        g_autofree char *next = g_strdup_printf("vm-%u", i + 1);
        g_autofree char *key = g_strdup_printf("%s/0", name);

        SAMPLE(store, (i + 1) * S, "stays", name, next);
        g_assert_cmpuint(id_of(store, key), <, 8);
        g_assert_cmpuint(id_of(store, "stays/0"), ==, 0);
    }
}

static void
test_a_number_is_good_for_the_next_sample_only(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSink *sink = begin(store, 1 * S);
    guint32 a = hv_row(sink, "a", "0");
    guint32 b = hv_row(sink, "b", "0");

    hv_sink_end(sink, TRUE);
    sink = begin(store, 2 * S);
    g_assert_true(hv_row_again(sink, b));
    hv_u64(sink, SIZE, 5);
    g_assert_false(hv_row_again(sink, 1000));
    hv_sink_end(sink, TRUE);
    g_assert_cmpstr(hv_table_row_key(hv_store_table(store), 0), ==, "b/0");
    assert_f64(hv_store_table(store), 0, SIZE, 5);
    sink = begin(store, 3 * S);
    g_assert_false(hv_row_again(sink, a));
    g_assert_true(hv_row_again(sink, b));
    hv_sink_end(sink, TRUE);
}

static void
test_a_dropped_sample_leaves_the_last_one(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    SAMPLE(store, 1 * S, "a");

    g_autoptr(HvTable) before = hv_table_ref(hv_store_table(store));
    HvSink *sink = begin(store, 2 * S);
    guint32 b = hv_row(sink, "b", "0");

    hv_u64(sink, SIZE, 1);
    hv_sink_end(sink, FALSE);
    g_assert_true(hv_store_table(store) == before);
    sink = begin(store, 3 * S);
    g_assert_false(hv_row_again(sink, b));
    hv_row(sink, "a", "0");
    hv_sink_end(sink, TRUE);
    g_assert_cmpuint(hv_table_n_rows(hv_store_table(store)), ==, 1);
    g_assert_cmpuint(id_of(store, "a/0"), ==, hv_table_row_id(before, 0));
}

static void
test_thousands_of_rows_are_all_found(void)
{
    g_autoptr(HvStore) store = hv_store_new(&node_schema);

    for (guint first = 0; first < 3; first++) {
        HvSink *sink = begin(store, (first + 1) * S);

        for (guint i = first * 1000; i < 5000; i++) {
            hv_row_u64(sink, i);
            hv_u64(sink, 1, i);
        }
        hv_sink_end(sink, TRUE);
        for (guint i = 0; i < 5000; i++) {
            g_autofree char *key = g_strdup_printf("%u", i);
            int row = hv_table_find(hv_store_table(store), key);

            g_assert_cmpint(row >= 0, ==, i >= first * 1000);
            if (row >= 0)
                assert_f64(hv_store_table(store), (guint)row, 1, i);
        }
    }
}

static const struct {
    const char *claim;
    GTestFunc run;
} tests[] = {
    { "/store/a store begins with an empty table", test_a_store_begins_with_an_empty_table },
    { "/store/an empty id is absent and a key of its own",
      test_an_empty_id_is_absent_and_a_key_of_its_own },
    { "/store/keys are escaped as in knob paths", test_keys_are_escaped_as_in_knob_paths },
    { "/store/a key twice continues its row", test_a_key_twice_continues_its_row },
    { "/store/row numbers follow the key, not the place",
      test_row_numbers_follow_the_key_not_the_place },
    { "/store/a number rests before another key gets it",
      test_a_number_rests_before_another_key_gets_it },
    { "/store/numbers stay few while keys come and go",
      test_numbers_stay_few_while_keys_come_and_go },
    { "/store/a number is good for the next sample only",
      test_a_number_is_good_for_the_next_sample_only },
    { "/store/a dropped sample leaves the last one",
      test_a_dropped_sample_leaves_the_last_one },
    { "/store/thousands of rows are all found", test_thousands_of_rows_are_all_found },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].claim, tests[i].run);
    return g_test_run();
}
