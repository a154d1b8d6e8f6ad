/* The JSON writer: numbers read back, strings are safe, what is unknown is null with its
 * reason. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/json.h"

#include <math.h>
#include <string.h>

#include "model/sink.h"

static void
assert_string(const char *bytes, const char *json)
{
    g_autoptr(GString) out = g_string_new(NULL);

    hv_json_append_string(out, bytes);
    g_assert_cmpstr(out->str, ==, json);
    g_assert_true(g_utf8_validate(out->str, -1, NULL));
}

static void
test_strings(void)
{
    assert_string("redis-1", "\"redis-1\"");
    assert_string("a\"b\\c", "\"a\\\"b\\\\c\"");
    assert_string("\x1b[2J\n\x7f", "\"\\u001b[2J\\u000a\\u007f\"");
    assert_string("\xff\xc3", "\"\\\\xff\\\\xc3\"");
    assert_string("\xc2\x9b", "\"\\u009b\"");                /* CSI of an 8-bit terminal */
    assert_string("\xe2\x80\xae", "\"\\u202e\"");            /* right-to-left override */
    assert_string("\xf3\xa0\x80\x81", "\"\\udb40\\udc01\""); /* a tag character, above 0xFFFF */
    assert_string("zürich 虚拟机", "\"zürich 虚拟机\"");
}

static void
test_doubles(void)
{
    static const struct {
        double value;
        const char *json;
    } rows[] = { { 0.1, "0.1" },
                 { 4, "4" },
                 { 1.0 / 3, "0.3333333333333333" },
                 { 0.1 + 0.2, "0.30000000000000004" },
                 { -2.5e-7, "-2.5e-07" },
                 { NAN, "null" },
                 { INFINITY, "null" } };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) out = g_string_new(NULL);

        hv_json_append_double(out, rows[i].value);
        g_assert_cmpstr(out->str, ==, rows[i].json);
    }
}

static void
test_doubles_read_back(void)
{
    for (guint i = 0; i < 2000; i++) {
        const double value =
            g_test_rand_double_range(-1e12, 1e12) * pow(10, g_test_rand_int_range(-20, 20));
        g_autoptr(GString) out = g_string_new(NULL);

        hv_json_append_double(out, value);
        g_assert_cmpfloat(g_ascii_strtod(out->str, NULL), ==, value);
    }
}

enum { VM, VCPU, CPUS, RUN, RATIO, ANSWERS };
static const HvColumn columns[] = {
    [VM] = { "vm", HV_KIND_KEY, HV_UNIT_NONE, "", 0, 0, FALSE },
    [VCPU] = { "vcpu", HV_KIND_ID, HV_UNIT_NONE, "", 0, 0, FALSE },
    [CPUS] = { "cpus", HV_KIND_SET, HV_UNIT_NONE, "", 0, 0, FALSE },
    [RUN] = { "run_ns", HV_KIND_COUNTER, HV_UNIT_NS, "", 0, 0, TRUE },
    [RATIO] = { "run_ratio", HV_KIND_RATE, HV_UNIT_RATIO, "", RUN, 0, FALSE },
    [ANSWERS] = { "answers", HV_KIND_BOOL, HV_UNIT_NONE, "", 0, 0, FALSE },
    { 0 },
};
static const HvSchema schema = { "vcpus", columns, FALSE };

static void
test_table(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    g_autoptr(GString) out = g_string_new(NULL);
    HvSink *sink = hv_sink_begin(&store, 1, 1000);
    HvTable *tables[2] = { NULL, NULL };

    hv_row_text_u64(sink, "a/b", 7);
    hv_text(sink, CPUS, "0-3");
    hv_u64(sink, RUN, G_MAXUINT64);
    hv_none(sink, ANSWERS, HV_MARK_DENIED, "needs \"root\"");
    hv_sink_end(sink, TRUE);
    tables[1] = hv_store_table(store);
    hv_json_tables(out, "1.2", 17, tables, 2, NULL);
    g_assert_nonnull(strstr(out->str, "{\"hvtune\":\"1.2\",\"time_ns\":17,\"tables\":{"));
    g_assert_nonnull(strstr(
        out->str, "{\"vm\":\"a/b\",\"vcpu\":7,\"cpus\":\"0-3\","
                  "\"run_ns\":18446744073709551615,\"run_ratio\":null,\"answers\":null}"));
    g_assert_nonnull(strstr(out->str,
                            "{\"table\":\"vcpus\",\"key\":\"a%2Fb/7\",\"column\":\"answers\","
                            "\"why\":\"needs \\\"root\\\"\"}"));
    g_assert_nonnull(strstr(out->str, "\"column\":\"run_ratio\",\"why\":\""));
}

static void
test_empty_table(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    g_autoptr(GString) out = g_string_new(NULL);
    HvSink *sink = hv_sink_begin(&store, 1, 1000);
    HvTable *table;

    hv_sink_why(sink, "no VM is running");
    hv_sink_end(sink, TRUE);
    table = hv_store_table(store);
    hv_json_tables(out, "1", 1, &table, 1, NULL);
    g_assert_nonnull(strstr(out->str, "\"vcpus\":[]"));
    g_assert_nonnull(strstr(
        out->str,
        "{\"table\":\"vcpus\",\"key\":null,\"column\":null,\"why\":\"no VM is running\"}"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/strings-are-safe-on-a-terminal", test_strings);
    g_test_add_func("/json/doubles-are-short", test_doubles);
    g_test_add_func("/json/doubles-read-back", test_doubles_read_back);
    g_test_add_func("/json/unknown-is-null-with-a-reason", test_table);
    g_test_add_func("/json/an-empty-table-says-why", test_empty_table);
    return g_test_run();
}
