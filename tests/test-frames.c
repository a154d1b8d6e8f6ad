/* Frames: what is decoded is what was sampled, to the last bit, from any full frame on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame.h"
#include "model/derive.h"
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

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frames/every-cell-of-a-demo-is-played-back-from-any-full-frame",
                    test_every_cell_of_a_demo_is_played_back_from_any_full_frame);
    return g_test_run();
}
