/* Frames: what is decoded is what was sampled, to the last bit, from any full frame on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame.h"
#include "model/derive.h"
#include "tests/frame-tables.h"
#include "tests/log-demo.h"

#define N_SAMPLES 100

/* ---- minutes of a demo ---- */

static gpointer
keep_bytes(GByteArray *frame)
{
    return g_bytes_new(frame->data, frame->len);
}

static void
free_bytes(gpointer bytes)
{
    g_bytes_unref(bytes);
}

static void
free_snapshot(gpointer snapshot)
{
    hv_snapshot_unref(snapshot);
}

/* Samples and their frames. Zeroed: none. */
typedef struct {
    HvLogDemo demo;
    GPtrArray *live;   /* of HvSnapshot */
    GPtrArray *frames; /* of GBytes */
} Tape;

static void
tape_clear(Tape *tape)
{
    g_clear_pointer(&tape->live, g_ptr_array_unref);
    g_clear_pointer(&tape->frames, g_ptr_array_unref);
    hv_log_demo_clear(&tape->demo);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tape, tape_clear)

static void
tape_make(Tape *tape, const char *scenario, guint n)
{
    g_autoptr(HvFrameEncoder) encoder = NULL;
    g_autoptr(GByteArray) frame = g_byte_array_new();

    hv_log_demo_open(&tape->demo, scenario);
    encoder = hv_frame_encoder_new(hv_log_demo_schemas(&tape->demo));
    tape->live = g_ptr_array_new_with_free_func(free_snapshot);
    tape->frames = g_ptr_array_new_with_free_func(free_bytes);
    for (guint i = 0; i < n; i++) {
        HvSnapshot *snapshot = hv_log_demo_next(&tape->demo);

        hv_frame_encode(encoder, snapshot, i % HV_FRAMES_PER_FULL == 0, frame);
        g_ptr_array_add(tape->live, snapshot);
        g_ptr_array_add(tape->frames, keep_bytes(frame));
    }
}

static void
free_store(gpointer store)
{
    hv_store_free(store);
}

static GPtrArray *
derived_stores(void)
{
    GPtrArray *stores = g_ptr_array_new_with_free_func(free_store);

    for (const HvDerive *const *derive = hv_derives; *derive; derive++)
        g_ptr_array_add(stores, hv_store_new((*derive)->schema));
    return stores;
}

static void
derive(GPtrArray *stores, HvSnapshot *snapshot)
{
    for (guint i = 0; i < stores->len; i++) {
        HvStore *store = stores->pdata[i];
        HvSink *sink = hv_sink_begin(&store, 1, snapshot->monotonic_ns);

        hv_derives[i]->run(snapshot, sink);
        hv_sink_end(sink, TRUE);
        hv_snapshot_add(snapshot, hv_store_table(store));
    }
}

/* Plays @tape from its @first-th sample on. */
static void
play(const Tape *tape, guint first)
{
    g_autofree const HvSchema **known = hv_log_demo_known(&tape->demo);
    g_autoptr(GPtrArray) stored = hv_frame_schemas_of(hv_log_demo_schemas(&tape->demo));
    g_autoptr(HvFrameDecoder) decoder = hv_frame_decoder_new(stored, known);
    g_autoptr(GPtrArray) stores = derived_stores();

    for (guint i = first; i < tape->frames->len && !g_test_failed(); i++) {
        const HvSnapshot *live = tape->live->pdata[i];
        g_autoptr(HvSnapshot) decoded = hv_snapshot_new();
        g_autoptr(GError) error = NULL;
        gsize n;
        const guint8 *bytes = g_bytes_get_data(tape->frames->pdata[i], &n);

        decoded->monotonic_ns = live->monotonic_ns;
        decoded->time_ns = live->time_ns;
        decoded->tick = live->tick;
        decoded->interval_ns = live->interval_ns;
        decoded->topology = live->topology ? hv_topology_ref(live->topology) : NULL;
        hv_frame_decode(decoder, bytes, n, decoded, &error);
        g_assert_no_error(error);
        derive(stores, decoded);
        hv_log_same_snapshot(live, decoded);
    }
}

static void
test_every_cell_of_a_demo_is_played_back_from_any_full_frame(void)
{
    g_auto(Tape) tape = { 0 };

    tape_make(&tape, "redis", N_SAMPLES);
    for (guint first = 0; first < N_SAMPLES; first += HV_FRAMES_PER_FULL)
        play(&tape, first);
}

/* ---- tables that change in every way ---- */

/* Plays what @maker makes, full every @n_full samples, to @known. */
static void
play_made(guint32 seed, guint n_full, const HvSchema *const *known,
          void (*check)(const HvSnapshot *live, const HvSnapshot *decoded))
{
    g_autoptr(HvFrameMaker) maker = hv_frame_maker_new(seed);
    g_autoptr(GPtrArray) stored = hv_frame_schemas_of(hv_frame_tables());
    g_autoptr(HvFrameEncoder) encoder = hv_frame_encoder_new(hv_frame_tables());
    g_autoptr(HvFrameDecoder) decoder = hv_frame_decoder_new(stored, known);
    g_autoptr(GByteArray) frame = g_byte_array_new();

    for (guint i = 0; i < 50 && !g_test_failed(); i++) {
        g_autoptr(HvSnapshot) live = hv_frame_maker_next(maker);
        g_autoptr(HvSnapshot) decoded = hv_snapshot_new();
        g_autoptr(GError) error = NULL;

        hv_frame_encode(encoder, live, i % n_full == 0, frame);
        hv_frame_decode(decoder, frame->data, frame->len, decoded, &error);
        g_assert_no_error(error);
        check(live, decoded);
    }
    if (g_test_failed())
        g_test_message("with seed %u", seed);
}

static void
test_rows_that_come_and_go_and_values_that_leap_are_played_back(void)
{
    for (guint32 seed = 1; seed <= 40 && !g_test_failed(); seed++)
        play_made(seed, seed % 3 ? 50 : 7, hv_frame_tables(), hv_log_same_snapshot);
}

static void
check_narrow(const HvSnapshot *live, const HvSnapshot *decoded)
{
    const HvTable *from = hv_snapshot_table(live, "threads");
    const HvTable *table = hv_snapshot_table(decoded, "threads");
    const int load = hv_table_column(from, "load");

    g_assert_null(hv_snapshot_table(decoded, "host"));
    g_assert_true((from == NULL) == (table == NULL));
    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        double there = 0, here = 0;

        g_assert_cmpstr(hv_table_row_key(table, row), ==, hv_table_row_key(from, row));
        g_assert_true(hv_table_f64(from, row, load, &there));
        g_assert_true(hv_table_f64(table, row, hv_table_column(table, "load"), &here));
        g_assert_true(there == here);
        g_assert_cmpstr(hv_table_reason(table, row, hv_table_column(table, "size_bytes")), ==,
                        "not in the recording");
        g_assert_cmpstr(hv_table_reason(table, row, hv_table_column(table, "news")), ==,
                        "not in the recording");
        g_assert_cmpint(hv_table_mark(table, row, hv_table_column(table, "run_ratio")), ==,
                        hv_table_mark(from, row, hv_table_column(from, "run_ratio")));
    }
}

static void
test_a_program_with_other_columns_reads_those_it_knows(void)
{
    play_made(5, 10, hv_frame_tables_narrow(), check_narrow);
}

static void
test_a_frame_without_the_one_before_it_is_refused_until_a_full_one_comes(void)
{
    g_autoptr(HvFrameMaker) maker = hv_frame_maker_new(1);
    g_autoptr(GPtrArray) stored = hv_frame_schemas_of(hv_frame_tables());
    g_autoptr(HvFrameEncoder) encoder = hv_frame_encoder_new(hv_frame_tables());
    g_autoptr(HvFrameDecoder) decoder = hv_frame_decoder_new(stored, hv_frame_tables());
    g_autoptr(GByteArray) frame = g_byte_array_new();

    for (guint i = 0; i < 6; i++) {
        g_autoptr(HvSnapshot) live = hv_frame_maker_next(maker);
        g_autoptr(HvSnapshot) decoded = hv_snapshot_new();
        g_autoptr(GError) error = NULL;
        const gboolean is_full = i == 0 || i == 4;

        hv_frame_encode(encoder, live, is_full, frame);
        if (i == 2) /* cut */
            frame->len--;
        if (i == 0)
            continue; /* never seen */
        g_assert_true(hv_frame_decode(decoder, frame->data, frame->len, decoded, &error) ==
                      (i >= 4));
        g_assert_true((error == NULL) == (i >= 4));
    }
}

static void
test_a_whole_table_that_tells_no_rows_has_none(void)
{
    static const guint8 bytes[] = {
        1, 1 << 2 | 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x30, 0x30, 0x30, 0
    };
    g_autoptr(HvFrameMaker) maker = hv_frame_maker_new(2);
    g_autoptr(GPtrArray) stored = hv_frame_schemas_of(hv_frame_tables());
    g_autoptr(HvFrameEncoder) encoder = hv_frame_encoder_new(hv_frame_tables());
    g_autoptr(HvFrameDecoder) decoder = hv_frame_decoder_new(stored, hv_frame_tables());
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(HvSnapshot) live = hv_frame_maker_next(maker);
    g_autoptr(HvSnapshot) first = hv_snapshot_new(), second = hv_snapshot_new();
    g_autoptr(GError) error = NULL;

    hv_frame_encode(encoder, live, TRUE, frame);
    g_assert_true(hv_frame_decode(decoder, frame->data, frame->len, first, NULL));
    g_assert_cmpuint(hv_table_n_rows(hv_snapshot_table(first, "threads")), >, 0);
    hv_frame_decode(decoder, bytes, sizeof bytes, second, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(hv_table_n_rows(hv_snapshot_table(second, "threads")), ==, 0);
}

static void
test_steady_frames_are_small(void)
{
    g_auto(Tape) tape = { 0 };
    gsize full = 0, delta = 0;

    tape_make(&tape, "redis", 40);
    for (guint i = 0; i < tape.frames->len; i++)
        *(i % HV_FRAMES_PER_FULL ? &delta : &full) += g_bytes_get_size(tape.frames->pdata[i]);
    /* 88 vCPUs, 128 cpus, 13 VMs: not packed yet */
    g_assert_cmpuint(delta / 38, <, 30 * 88);
    g_assert_cmpuint(delta / 38 * 8, <, full / 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frames/every-cell-of-a-demo-is-played-back-from-any-full-frame",
                    test_every_cell_of_a_demo_is_played_back_from_any_full_frame);
    g_test_add_func("/frames/rows-that-come-and-go-and-values-that-leap-are-played-back",
                    test_rows_that_come_and_go_and_values_that_leap_are_played_back);
    g_test_add_func("/frames/a-program-with-other-columns-reads-those-it-knows",
                    test_a_program_with_other_columns_reads_those_it_knows);
    g_test_add_func(
        "/frames/a-frame-without-the-one-before-it-is-refused-until-a-full-one-comes",
        test_a_frame_without_the_one_before_it_is_refused_until_a_full_one_comes);
    g_test_add_func("/frames/a-whole-table-that-tells-no-rows-has-none",
                    test_a_whole_table_that_tells_no_rows_has_none);
    g_test_add_func("/frames/steady-frames-are-small", test_steady_frames_are_small);
    return g_test_run();
}
