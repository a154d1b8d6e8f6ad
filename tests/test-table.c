/* Tests of tables: their cells, and who owns what for how long. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/snapshot.h"
#include "tests/tables.h"

static void
test_schemas_know_their_columns(void)
{
    g_assert_cmpuint(hv_schema_n_columns(&schema), ==, STAT_RATIO + 1);
    g_assert_cmpuint(hv_schema_n_keys(&schema), ==, 2);
    g_assert_cmpint(hv_schema_find(&schema, "state"), ==, STATE);
    g_assert_cmpint(hv_schema_find(&schema, "nothing"), ==, -1);
    g_assert_cmpint(hv_table_column(NULL, "state"), ==, -1);
}

static void
test_cells_hold_what_was_set(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSink *sink = begin(store, S);
    guint64 integer = 1;
    double number = 0;

    hv_row_text_u64(sink, "web/1", 3);
    hv_text(sink, STATE, "running");
    hv_text(sink, CPUS, "0-3");
    hv_bool(sink, ONLINE, 2);
    hv_u64(sink, SIZE, G_MAXUINT64);
    hv_f64(sink, SCORE, 1.5);
    g_assert_true(hv_sink_get_f64(sink, SCORE, &number));
    g_assert_cmpfloat(number, ==, 1.5);
    g_assert_false(hv_sink_get_f64(sink, STAT_NS, &number));
    hv_sink_end(sink, TRUE);

    HvTable *table = hv_store_table(store);

    g_assert_cmpuint(hv_table_n_rows(table), ==, 1);
    g_assert_cmpint(hv_table_sampled_ns(table), ==, S);
    g_assert_cmpstr(hv_table_text(table, 0, VM), ==, "web/1");
    g_assert_true(hv_table_u64(table, 0, VCPU, &integer));
    g_assert_cmpuint(integer, ==, 3);
    g_assert_cmpstr(hv_table_row_key(table, 0), ==, "web%2F1/3");
    g_assert_cmpstr(hv_table_text(table, 0, STATE), ==, "running");
    g_assert_cmpstr(hv_table_text(table, 0, CPUS), ==, "0-3");
    g_assert_true(hv_table_u64(table, 0, ONLINE, &integer));
    g_assert_cmpuint(integer, ==, 1);
    g_assert_true(hv_table_u64(table, 0, SIZE, &integer));
    g_assert_cmpuint(integer, ==, G_MAXUINT64);
    assert_f64(table, 0, SCORE, 1.5);
    assert_f64(table, 0, VCPU, 3);
    g_assert_false(hv_table_u64(table, 0, SCORE, &integer));
    g_assert_null(hv_table_text(table, 0, SIZE));
}

static void
test_a_cell_without_value_says_why(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    g_autoptr(GError) denied = g_error_new(HV_ERROR, HV_ERROR_DENIED, "proc/1/io: not yours");
    g_autoptr(GError) other = g_error_new(HV_ERROR, HV_ERROR_TIMEOUT, "no answer");
    HvSink *sink = begin(store, S);

    hv_row(sink, "a", "0");
    hv_text(sink, STATE, NULL);
    hv_none_error(sink, STATE, denied);
    hv_none_error(sink, CPUS, other);
    hv_none(sink, SIZE, HV_MARK_UNAVAILABLE, NULL);
    hv_f64(sink, SCORE, (double)NAN);
    hv_sink_end(sink, TRUE);

    HvTable *table = hv_store_table(store);

    assert_none(table, 0, STATE, HV_MARK_DENIED, "proc/1/io: not yours");
    assert_none(table, 0, CPUS, HV_MARK_FAILED, "no answer");
    assert_none(table, 0, SIZE, HV_MARK_UNAVAILABLE, "the kernel answered \"Unavailable\"");
    assert_none(table, 0, SCORE, HV_MARK_ABSENT, "not a number");
    assert_none(table, 0, ONLINE, HV_MARK_ABSENT, "nothing is known");
    assert_none(table, 0, -1, HV_MARK_ABSENT, "nothing is known");
}

static void
test_a_cell_forgets_its_reason_and_its_value(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);

    for (gint64 i = 1; i <= 8; i++) {
        HvSink *sink = begin(store, i * S);

        hv_row(sink, "a", "0");
        if (i % 2) {
            hv_none(sink, SIZE, HV_MARK_DENIED, "needs root");
            hv_text(sink, STATE, "paused");
        } else if (i % 4) {
            hv_u64(sink, SIZE, 7);
            hv_none(sink, STATE, HV_MARK_FAILED, "gone");
        }
        hv_sink_end(sink, TRUE);

        HvTable *table = hv_store_table(store);

        if (i % 2) {
            assert_none(table, 0, SIZE, HV_MARK_DENIED, "needs root");
            g_assert_cmpstr(hv_table_text(table, 0, STATE), ==, "paused");
        } else if (i % 4) {
            assert_f64(table, 0, SIZE, 7);
            assert_none(table, 0, STATE, HV_MARK_FAILED, "gone");
        } else { /* nothing said is nothing known, whatever the memory held */
            assert_none(table, 0, SIZE, HV_MARK_ABSENT, "nothing is known");
            assert_none(table, 0, STATE, HV_MARK_ABSENT, "nothing is known");
        }
    }
}

static void
test_a_table_without_rows_says_why(void)
{
    g_autoptr(HvStore) vcpus = hv_store_new(&schema);
    g_autoptr(HvStore) nodes = hv_store_new(&node_schema);
    HvStore *stores[] = { vcpus, nodes };
    HvSink *sink = hv_sink_begin(stores, 2, S);

    hv_row(sink, "a", "0");
    hv_sink_table(sink, 1);
    hv_sink_why(sink, "sys/devices/system/node: not there");
    hv_sink_end(sink, TRUE);
    g_assert_cmpuint(hv_table_n_rows(hv_store_table(vcpus)), ==, 1);
    g_assert_null(hv_table_why(hv_store_table(vcpus)));
    g_assert_cmpuint(hv_table_n_rows(hv_store_table(nodes)), ==, 0);
    g_assert_cmpstr(hv_table_why(hv_store_table(nodes)), ==,
                    "sys/devices/system/node: not there");
    g_assert_cmpint(hv_table_sampled_ns(hv_store_table(nodes)), ==, S);
    sink = hv_sink_begin(stores, 2, 2 * S);
    g_assert_cmpint(hv_sink_now_ns(sink), ==, 2 * S);
    hv_sink_table(sink, 1);
    hv_row_u64(sink, 8);
    hv_u64(sink, 1, 4096);
    hv_sink_table(sink, 0);
    hv_row(sink, "a", "0");
    hv_sink_end(sink, TRUE);
    g_assert_null(hv_table_why(hv_store_table(nodes)));
    g_assert_cmpint(hv_table_find(hv_store_table(nodes), "8"), ==, 0);
}

static void
test_a_copy_takes_value_mark_and_reason(void)
{
    g_autoptr(HvStore) from = hv_store_new(&schema);
    g_autoptr(HvStore) to = hv_store_new(&schema);
    HvSink *sink = begin(from, S);

    hv_row(sink, "vm", "4");
    hv_u64(sink, SIZE, 7);
    hv_mark(sink, SIZE, HV_MARK_ESTIMATED);
    hv_text(sink, STATE, "running");
    hv_none(sink, CPUS, HV_MARK_DENIED, "needs root");
    hv_sink_end(sink, TRUE);

    HvTable *source = hv_store_table(from);

    sink = begin(to, S);
    hv_row(sink, "x", "0");
    hv_copy(sink, SCORE, source, 0, SIZE);
    hv_copy(sink, STATE, source, 0, VM);
    hv_copy(sink, CPUS, source, 0, CPUS);
    hv_copy(sink, SIZE, source, 0, VCPU);
    hv_copy(sink, STAT_NS, source, 0, -1);
    hv_copy(sink, ONLINE, source, 0, STATE); /* a text is no number */
    hv_sink_end(sink, TRUE);

    HvTable *table = hv_store_table(to);

    assert_f64(table, 0, SCORE, 7);
    g_assert_cmpint(hv_table_mark(table, 0, SCORE), ==, HV_MARK_ESTIMATED);
    g_assert_cmpstr(hv_table_text(table, 0, STATE), ==, "vm");
    assert_none(table, 0, CPUS, HV_MARK_DENIED, "needs root");
    assert_f64(table, 0, SIZE, 4);
    assert_none(table, 0, STAT_NS, HV_MARK_ABSENT, "nothing is known");
    assert_none(table, 0, ONLINE, HV_MARK_ABSENT, "nothing is known");
}

/* Texts are shared between tables: neither the next sample of the one nor its end may change
 * the other. */
static void
test_a_copied_text_stays(void)
{
    HvStore *from = hv_store_new(&schema);
    g_autoptr(HvStore) to = hv_store_new(&schema);
    HvTable *table;

    for (gint64 n = 1; n <= 3; n++) {
        g_autofree char *state = g_strdup_printf("state %d", (int)n);
        g_autofree char *why = g_strdup_printf("reason %d", (int)n);
        HvSink *sink = begin(from, n * S);

        hv_row(sink, "vm", "4");
        hv_text(sink, STATE, state);
        hv_none(sink, CPUS, HV_MARK_DENIED, why);
        hv_sink_end(sink, TRUE);
        if (n == 3)
            break;
        sink = begin(to, n * S);
        hv_row(sink, "x", "0");
        hv_copy(sink, STATE, hv_store_table(from), 0, STATE);
        hv_mark(sink, STATE, HV_MARK_ESTIMATED);
        hv_copy(sink, CPUS, hv_store_table(from), 0, CPUS);
        hv_sink_end(sink, TRUE);
    }
    hv_store_free(from);
    table = hv_store_table(to);
    g_assert_cmpstr(hv_table_text(table, 0, STATE), ==, "state 2");
    g_assert_cmpint(hv_table_mark(table, 0, STATE), ==, HV_MARK_ESTIMATED);
    assert_none(table, 0, CPUS, HV_MARK_DENIED, "reason 2");
}

static void
test_a_sink_wants_what_is_looked_at(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    g_autoptr(GHashTable) interest = g_hash_table_new(g_str_hash, g_str_equal);
    HvSink *sink = begin(store, S);
    char name[] = "web";

    g_assert_true(hv_sink_wants(sink, "web"));
    hv_sink_set_interest(sink, interest);
    g_assert_false(hv_sink_wants(sink, "web"));
    g_hash_table_add(interest, name);
    g_assert_true(hv_sink_wants(sink, "web"));
    hv_sink_end(sink, TRUE);
    sink = begin(store, 2 * S);
    g_assert_true(hv_sink_wants(sink, "db"));
    hv_sink_end(sink, TRUE);
}

/* Holds every table of many samples: none of them may change under later ones. */
static void
test_published_tables_never_change(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    g_autoptr(GPtrArray) held = g_ptr_array_new_with_free_func((GDestroyNotify)hv_table_unref);

    for (guint i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("vm-%u", i);
        g_autofree char *state = g_strdup_printf("state-%u", i);
        HvSink *sink = begin(store, (i + 1) * S);

        hv_row(sink, name, "0");
        hv_text(sink, STATE, state);
        hv_row(sink, "stays", "0");
        hv_text(sink, STATE, state);
        hv_none(sink, SIZE, HV_MARK_FAILED, state);
        hv_sink_end(sink, TRUE);
        g_ptr_array_add(held, hv_table_ref(hv_store_table(store)));
    }
    g_clear_pointer(&store, hv_store_free);
    for (guint i = 0; i < 20; i++) {
        HvTable *table = held->pdata[i];
        g_autofree char *key = g_strdup_printf("vm-%u/0", i);
        g_autofree char *state = g_strdup_printf("state-%u", i);

        g_assert_cmpint(hv_table_find(table, key), ==, 0);
        g_assert_cmpint(hv_table_find(table, "stays/0"), ==, 1);
        g_assert_cmpstr(hv_table_text(table, 0, STATE), ==, state);
        assert_none(table, 1, SIZE, HV_MARK_FAILED, state);
    }
}

static gpointer
read_and_drop(gpointer data)
{
    GAsyncQueue *queue = data;

    for (;;) {
        HvSnapshot *snapshot = g_async_queue_pop(queue);
        HvTable *table = hv_snapshot_table(snapshot, "vcpus");

        if (!table) {
            hv_snapshot_unref(snapshot);
            return NULL;
        }
        for (guint row = 0; row < hv_table_n_rows(table); row++) {
            g_assert_cmpint(hv_table_find(table, hv_table_row_key(table, row)), ==, (int)row);
            g_assert_cmpstr(hv_table_text(table, row, STATE), ==, "running");
        }
        hv_snapshot_unref(snapshot);
    }
}

static void
test_another_thread_may_drop_the_last_reference(void)
{
    HvStore *store = hv_store_new(&schema);
    g_autoptr(GAsyncQueue) queue = g_async_queue_new();
    GThread *reader = g_thread_new("reader", read_and_drop, queue);

    for (guint i = 0; i < 300; i++) {
        HvSink *sink = begin(store, (i + 1) * S);
        HvSnapshot *snapshot = hv_snapshot_new();

        for (guint vcpu = 0; vcpu < 10 + i % 3; vcpu++) {
            hv_row_text_u64(sink, "vm", vcpu + i / 10);
            hv_text(sink, STATE, "running");
        }
        hv_sink_end(sink, TRUE);
        hv_snapshot_add(snapshot, hv_store_table(store));
        g_async_queue_push(queue, snapshot);
    }
    hv_store_free(store);
    g_async_queue_push(queue, hv_snapshot_new());
    g_thread_join(reader);
}

static guint n_released;

static void
count_release(gpointer data)
{
    HvSnapshot *snapshot = data;

    n_released++;
    hv_snapshot_reset(snapshot);
    g_free(snapshot);
}

static void
test_a_snapshot_goes_back_where_it_came_from(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSnapshot *snapshot = hv_snapshot_new();

    snapshot->release = count_release;
    snapshot->topology = hv_topology_new();
    hv_snapshot_add(snapshot, hv_store_table(store));
    g_assert_true(hv_snapshot_table(snapshot, "vcpus") == hv_store_table(store));
    g_assert_null(hv_snapshot_table(snapshot, "nodes"));
    hv_snapshot_unref(hv_snapshot_ref(snapshot));
    g_assert_cmpuint(n_released, ==, 0);
    hv_snapshot_unref(snapshot);
    g_assert_cmpuint(n_released, ==, 1);
}

static const struct {
    const char *claim;
    GTestFunc run;
} tests[] = {
    { "/table/schemas know their columns", test_schemas_know_their_columns },
    { "/table/cells hold what was set", test_cells_hold_what_was_set },
    { "/table/a cell without value says why", test_a_cell_without_value_says_why },
    { "/table/a cell forgets its reason and its value",
      test_a_cell_forgets_its_reason_and_its_value },
    { "/table/a table without rows says why", test_a_table_without_rows_says_why },
    { "/table/a copy takes value, mark and reason", test_a_copy_takes_value_mark_and_reason },
    { "/table/a copied text stays", test_a_copied_text_stays },
    { "/table/a sink wants what is looked at", test_a_sink_wants_what_is_looked_at },
    { "/table/published tables never change", test_published_tables_never_change },
    { "/table/another thread may drop the last reference",
      test_another_thread_may_drop_the_last_reference },
    { "/table/a snapshot goes back where it came from",
      test_a_snapshot_goes_back_where_it_came_from },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].claim, tests[i].run);
    return g_test_run();
}
