/* Tests of text made safe to show, and of numbers made short. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/text.h"

#include <locale.h>
#include <string.h>

#include "model/natural.h"
#include "model/sink.h"

static void
assert_printable(const char *bytes, const char *expected)
{
    g_autofree char *text = hv_text_printable(bytes, 1000);

    g_assert_cmpstr(text, ==, expected);
    g_assert_cmpint(hv_text_is_printable(bytes), ==, g_str_equal(bytes, expected));
}

static void
test_plain_text_stays(void)
{
    assert_printable("", "");
    assert_printable("web-3 $(reboot) <b>", "web-3 $(reboot) <b>");
    assert_printable("Größe 你好 \\x41", "Größe 你好 \\x41");
}

static void
test_controls_are_named(void)
{
    assert_printable("a\033[2Jb", "a\\x1b[2Jb");
    assert_printable("a\tb\nc\r\x7f", "a\\x09b\\x0ac\\x0d\\x7f");
    assert_printable("\xc2\x9b"
                     "31m",
                     "\\u{9b}31m");
    assert_printable("\xc2\x80\xc2\x9f", "\\u{80}\\u{9f}");
}

static void
test_invalid_bytes_are_named(void)
{
    assert_printable("\xff\xfe", "\\xff\\xfe");
    assert_printable("a\x80z", "a\\x80z");
    assert_printable("\xc3", "\\xc3");
    assert_printable("\xe2\x82", "\\xe2\\x82");
    assert_printable("\xc0\xaf", "\\xc0\\xaf");
    assert_printable("\xed\xa0\x80", "\\xed\\xa0\\x80");
    assert_printable("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
}

/* Each of these hides, moves or turns what stands beside it. */
static void
test_tricky_characters_are_named(void)
{
    static const gunichar cases[] = {
        0x00ad, 0x034f, 0x061c, 0x115f, 0x200b,  0x200c,  0x200d,  0x200e,
        0x200f, 0x2028, 0x2029, 0x202a, 0x202b,  0x202c,  0x202d,  0x202e,
        0x2060, 0x2066, 0x2067, 0x2068, 0x2069,  0xe000,  0xfe0f,  0xfeff,
        0xfff9, 0xfffe, 0xffff, 0x0378, 0xe0001, 0xe0041, 0xe0100, 0x10fffd,
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char bytes[16] = "x";
        g_autofree char *expected = g_strdup_printf("x\\u{%x}y", cases[i]);
        int length = g_unichar_to_utf8(cases[i], bytes + 1);

        g_strlcpy(bytes + 1 + length, "y", sizeof bytes - 1 - (gsize)length);
        assert_printable(bytes, expected);
    }
}

static void
test_a_mark_has_no_place_at_the_start(void)
{
    assert_printable("e\xcc\x81", "e\xcc\x81");
    assert_printable("\xcc\x81"
                     "e",
                     "\\u{301}e");
}

static void
assert_cut(const char *bytes, gsize max_chars, const char *expected)
{
    g_autofree char *text = hv_text_printable(bytes, max_chars);

    g_assert_cmpstr(text, ==, expected);
    g_assert_cmpint(g_utf8_strlen(text, -1), <=, (glong)max_chars);
}

static void
test_long_text_is_cut_between_characters(void)
{
    assert_cut("abcdef", 6, "abcdef");
    assert_cut("abcdef", 5, "abcd…");
    assert_cut("你好世界", 3, "你好…");
    assert_cut("ab\033cd", 6, "ab…");
    assert_cut("ab\033cd", 7, "ab\\x1b…");
    assert_cut("ab\033", 6, "ab\\x1b");
    assert_cut("abc", 1, "…");
    assert_cut("abc", 0, "");
    assert_cut("", 0, "");
}

static void
assert_bytes(double bytes, const char *expected)
{
    char text[16];

    hv_text_bytes(text, sizeof text, bytes);
    g_assert_cmpstr(text, ==, expected);
}

static void
test_bytes_are_binary(void)
{
    assert_bytes(0, "0B");
    assert_bytes(1023, "1023B");
    assert_bytes(1024, "1.0K");
    assert_bytes(3.2 * 1024 * 1024, "3.2M");
    assert_bytes(22.0 * 1024 * 1024, "22.0M");
    assert_bytes(412.0 * (1 << 30), "412G");
    assert_bytes(1023.0 * (1 << 30), "1023G");
    assert_bytes(1023.7 * 1024, "1.0M");
    assert_bytes(4.0 * 1024 * (1 << 30), "4.0T");
}

static void
assert_number(double number, const char *expected)
{
    char text[16];

    hv_text_number(text, sizeof text, number);
    g_assert_cmpstr(text, ==, expected);
}

static void
test_numbers_are_decimal(void)
{
    assert_number(0, "0");
    assert_number(8, "8");
    assert_number(0.04, "0.04");
    assert_number(11.93, "11.9");
    assert_number(412.4, "412");
    assert_number(9999, "9999");
    assert_number(10000, "10.0k");
    assert_number(212345, "212k");
    assert_number(999960, "1.0M");
    assert_number(1.2e6, "1.2M");
    assert_number(-3, "-3");
}

static void
test_short_numbers_have_at_most_five_columns(void)
{
    for (double number = 0.001; number < 1e18; number *= 1.07) {
        char bytes[32], text[32];

        hv_text_bytes(bytes, sizeof bytes, number);
        hv_text_number(text, sizeof text, number);
        g_assert_cmpuint(strlen(bytes), <=, 5);
        g_assert_cmpuint(strlen(text), <=, 5);
    }
}

static void
assert_duration(gint64 ns, const char *expected)
{
    char text[32];

    hv_text_duration(text, sizeof text, ns);
    g_assert_cmpstr(text, ==, expected);
}

static void
test_durations_have_one_or_two_units(void)
{
    const gint64 s = G_GINT64_CONSTANT(1000000000);

    assert_duration(0, "0 s");
    assert_duration(800, "800 ns");
    assert_duration(12300, "12 us");
    assert_duration(3400000, "3.4 ms");
    assert_duration(350000000, "350 ms");
    assert_duration(1500000000, "1.5 s");
    assert_duration(12 * s, "12 s");
    assert_duration(60 * s - 1, "59 s");
    assert_duration(3 * 60 * s, "3 min");
    assert_duration((2 * 60 + 10) * 60 * s, "2 h 10");
    assert_duration((2 * 60 + 5) * 60 * s, "2 h 05");
    assert_duration(4 * 24 * 3600 * s, "4 d");
    assert_duration(-1, "?");
    assert_duration(G_MAXINT64, "106751 d");
}

enum { NAME, RATIO, PCT, BYTES, BANDWIDTH, NS, HZ, YES, PID, COUNT, LIST };
static const HvColumn columns[] = {
    [NAME] = { .name = "name", .kind = HV_KIND_KEY },
    [RATIO] = { .name = "use_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    [PCT] = { .name = "use_pct", .kind = HV_KIND_F64, .unit = HV_UNIT_PCT },
    [BYTES] = { .name = "memory_bytes", .kind = HV_KIND_U64, .unit = HV_UNIT_BYTES },
    [BANDWIDTH] = { .name = "read_bytes_per_s",
                    .kind = HV_KIND_F64,
                    .unit = HV_UNIT_BYTES_PER_S },
    [NS] = { .name = "wait_ns", .kind = HV_KIND_U64, .unit = HV_UNIT_NS },
    [HZ] = { .name = "core_hz", .kind = HV_KIND_U64, .unit = HV_UNIT_HZ },
    [YES] = { .name = "online", .kind = HV_KIND_BOOL },
    [PID] = { .name = "pid", .kind = HV_KIND_U64 },
    [COUNT] = { .name = "n_irqs", .kind = HV_KIND_U64, .unit = HV_UNIT_COUNT },
    [LIST] = { .name = "cpus", .kind = HV_KIND_SET },
    { 0 },
};
static const HvSchema schema = { .name = "things", .columns = columns };

static void
assert_cell(HvStore *store, int column, const char *expected, const char *ascii)
{
    HvTable *table = hv_store_table(store);
    char text[64];

    hv_text_cell(text, sizeof text, table, 0, column, FALSE);
    g_assert_cmpstr(text, ==, expected);
    hv_text_cell(text, sizeof text, table, 0, column, TRUE);
    g_assert_cmpstr(text, ==, ascii);
}

static void
test_cells_are_shown_by_their_unit(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSink *sink = hv_sink_begin(&store, 1, 1);

    hv_row(sink, "a\033b");
    hv_f64(sink, RATIO, 0.83);
    hv_f64(sink, PCT, 9.4);
    hv_u64(sink, BYTES, 3 << 20);
    hv_f64(sink, BANDWIDTH, 0.5e9);
    hv_u64(sink, NS, 3400000);
    hv_u64(sink, HZ, G_GUINT64_CONSTANT(2400000000));
    hv_bool(sink, YES, TRUE);
    hv_u64(sink, PID, 1234567);
    hv_u64(sink, COUNT, 212000);
    hv_text(sink, LIST, "0-3,8");
    hv_sink_end(sink, TRUE);
    assert_cell(store, NAME, "a\\x1bb", "a\\x1bb");
    assert_cell(store, RATIO, "83%", "83%");
    assert_cell(store, PCT, "9.4%", "9.4%");
    assert_cell(store, BYTES, "3.0M", "3.0M");
    assert_cell(store, BANDWIDTH, "0.5 GB/s", "0.5 GB/s");
    assert_cell(store, NS, "3.4 ms", "3.4 ms");
    assert_cell(store, HZ, "2.4 GHz", "2.4 GHz");
    assert_cell(store, YES, "yes", "yes");
    assert_cell(store, PID, "1234567", "1234567");
    assert_cell(store, COUNT, "212k", "212k");
    assert_cell(store, LIST, "0-3,8", "0-3,8");
}

static void
test_cells_show_their_mark(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSink *sink = hv_sink_begin(&store, 1, 1);

    hv_row(sink, "a");
    hv_f64(sink, RATIO, 0.5);
    hv_mark(sink, RATIO, HV_MARK_ESTIMATED);
    hv_f64(sink, PCT, 50);
    hv_mark(sink, PCT, HV_MARK_SCALED);
    hv_none(sink, BYTES, HV_MARK_DENIED, "needs root");
    hv_none(sink, NS, HV_MARK_FAILED, "gone");
    hv_none(sink, HZ, HV_MARK_UNAVAILABLE, NULL);
    hv_sink_end(sink, TRUE);
    assert_cell(store, RATIO, "≈50%", "~50%");
    assert_cell(store, PCT, "~50%", "~50%");
    assert_cell(store, BYTES, "denied", "denied");
    assert_cell(store, NS, "failed", "failed");
    assert_cell(store, HZ, "?", "?");
    assert_cell(store, LIST, "–", "-");
    assert_cell(store, -1, "–", "-");
}

static void
test_a_small_place_gets_whole_characters(void)
{
    g_autoptr(HvStore) store = hv_store_new(&schema);
    HvSink *sink = hv_sink_begin(&store, 1, 1);
    char text[6];

    hv_row(sink, "你好");
    hv_none(sink, BYTES, HV_MARK_DENIED, NULL);
    hv_sink_end(sink, TRUE);
    hv_text_cell(text, sizeof text, hv_store_table(store), 0, NAME, FALSE);
    g_assert_cmpstr(text, ==, "你");
    hv_text_cell(text, sizeof text, hv_store_table(store), 0, BYTES, FALSE);
    g_assert_cmpstr(text, ==, "den");
    hv_text_cell(text, 1, hv_store_table(store), 0, NAME, FALSE);
    g_assert_cmpstr(text, ==, "");
}

static void
test_numbers_in_texts_are_in_order(void)
{
    static const char *const rising[] = {
        "",
        "vm/a/vcpu/2/cpus",
        "vm/a/vcpu/10/cpus",
        "vm/a9",
        "vm/a10/x",
        "vm/b/vcpu/0/cpus",
        "vm/b/vcpu/0/cpus/",
        "web-1",
        "web-02",
        "web-2",
        "web-10",
        "x18446744073709551617",
        "x18446744073709551618",
    };

    for (guint i = 0; i < G_N_ELEMENTS(rising); i++) {
        for (guint k = 0; k < G_N_ELEMENTS(rising); k++) {
            const int order = hv_natural_compare(rising[i], rising[k]);

            g_assert_cmpint((order > 0) - (order < 0), ==, (i > k) - (i < k));
        }
    }
}

int
main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/plain text stays", test_plain_text_stays);
    g_test_add_func("/text/controls are named", test_controls_are_named);
    g_test_add_func("/text/invalid bytes are named", test_invalid_bytes_are_named);
    g_test_add_func("/text/tricky characters are named", test_tricky_characters_are_named);
    g_test_add_func("/text/a mark has no place at the start",
                    test_a_mark_has_no_place_at_the_start);
    g_test_add_func("/text/long text is cut between characters",
                    test_long_text_is_cut_between_characters);
    g_test_add_func("/text/bytes are binary", test_bytes_are_binary);
    g_test_add_func("/text/numbers are decimal", test_numbers_are_decimal);
    g_test_add_func("/text/short numbers have at most five columns",
                    test_short_numbers_have_at_most_five_columns);
    g_test_add_func("/text/durations have one or two units",
                    test_durations_have_one_or_two_units);
    g_test_add_func("/text/cells are shown by their unit", test_cells_are_shown_by_their_unit);
    g_test_add_func("/text/cells show their mark", test_cells_show_their_mark);
    g_test_add_func("/text/a small place gets whole characters",
                    test_a_small_place_gets_whole_characters);
    g_test_add_func("/text/numbers in texts are in order", test_numbers_in_texts_are_in_order);
    return g_test_run();
}
