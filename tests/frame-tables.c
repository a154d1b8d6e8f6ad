/* Tables of every kind of cell, in samples that change in every way, for the tests of frames.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/frame-tables.h"

#include "model/sink.h"

#define N_VMS 12

enum { VM, VCPU, NAME, CPUS, IS_ON, RUN_NS, READ_NS, SIZE, LOAD, RUN_RATIO, READ_RATIO };

static const HvColumn thread_columns[] = {
    [VM] = { .name = "vm", .kind = HV_KIND_KEY },
    [VCPU] = { .name = "vcpu", .kind = HV_KIND_ID },
    [NAME] = { .name = "name", .kind = HV_KIND_TEXT },
    [CPUS] = { .name = "cpus", .kind = HV_KIND_SET },
    [IS_ON] = { .name = "is_on", .kind = HV_KIND_BOOL },
    [RUN_NS] = { .name = "run_ns", .kind = HV_KIND_COUNTER, .unit = HV_UNIT_NS },
    [READ_NS] = { .name = "read_ns", .kind = HV_KIND_U64, .unit = HV_UNIT_NS },
    [SIZE] = { .name = "size_bytes", .kind = HV_KIND_U64, .unit = HV_UNIT_BYTES },
    [LOAD] = { .name = "load", .kind = HV_KIND_F64 },
    [RUN_RATIO] = { .name = "run_ratio",
                    .kind = HV_KIND_RATE,
                    .unit = HV_UNIT_RATIO,
                    .of = RUN_NS },
    [READ_RATIO] = { .name = "read_ratio",
                     .kind = HV_KIND_RATE,
                     .unit = HV_UNIT_RATIO,
                     .of = RUN_NS,
                     .at = READ_NS },
    { 0 },
};
static const HvColumn host_columns[] = {
    { .name = "one", .kind = HV_KIND_KEY },
    { .name = "irqs", .kind = HV_KIND_COUNTER },
    { .name = "irqs_per_s", .kind = HV_KIND_RATE, .unit = HV_UNIT_PER_S, .of = 1 },
    { 0 },
};
static const HvColumn narrow_columns[] = {
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "vcpu", .kind = HV_KIND_ID },
    { .name = "load", .kind = HV_KIND_F64 },
    { .name = "size_bytes", .kind = HV_KIND_TEXT },
    { .name = "news", .kind = HV_KIND_COUNTER },
    { .name = "run_ratio", .kind = HV_KIND_RATE, .unit = HV_UNIT_RATIO, .of = 4 },
    { 0 },
};
static const HvSchema threads = { .name = "threads", .columns = thread_columns };
static const HvSchema host = { .name = "host", .columns = host_columns };
static const HvSchema narrow = { .name = "threads", .columns = narrow_columns };
static const HvSchema *const both[] = { &threads, &host, NULL };
static const HvSchema *const only_narrow[] = { &narrow, NULL };

struct HvFrameMaker {
    HvStore *stores[2];
    GRand *rand;
    guint64 tick;
    guint64 run_ns[N_VMS], read_ns[N_VMS];
};

const HvSchema *const *
hv_frame_tables(void)
{
    return both;
}

const HvSchema *const *
hv_frame_tables_narrow(void)
{
    return only_narrow;
}

HvFrameMaker *
hv_frame_maker_new(guint32 seed)
{
    HvFrameMaker *maker = g_new0(HvFrameMaker, 1);

    maker->rand = g_rand_new_with_seed(seed);
    for (guint i = 0; both[i]; i++)
        maker->stores[i] = hv_store_new(both[i]);
    return maker;
}

void
hv_frame_maker_free(HvFrameMaker *maker)
{
    hv_store_free(maker->stores[0]);
    hv_store_free(maker->stores[1]);
    g_rand_free(maker->rand);
    g_free(maker);
}

/* TRUE once in @n times. */
static gboolean
now_and_then(HvFrameMaker *maker, gint32 n)
{
    return g_rand_int_range(maker->rand, 0, n) == 0;
}

static void
put_texts(HvFrameMaker *maker, HvSink *sink)
{
    static const char *const texts[] = { "", "a", "0-3,8", "été", "another one, longer" };

    hv_text(sink, NAME,
            texts[now_and_then(maker, 6) ? g_rand_int_range(maker->rand, 0, 5) : 1]);
    if (now_and_then(maker, 5))
        hv_none(sink, CPUS, HV_MARK_DENIED, now_and_then(maker, 2) ? "not for you" : NULL);
    else
        hv_text(sink, CPUS, "0-3");
    if (now_and_then(maker, 5))
        hv_mark(sink, NAME, HV_MARK_ESTIMATED);
}

static void
put_numbers(HvFrameMaker *maker, HvSink *sink, guint i)
{
    static const double loads[] = { 0, -0.0, 0.25, 1.0 / 3, 1e300, -7.000000001, 12345.678 };

    if (!now_and_then(maker, 3)) {
        maker->run_ns[i] += 1000000 + (guint64)g_rand_int_range(maker->rand, 0, 1000);
        maker->read_ns[i] = maker->tick * 1000000000 + i * 1000;
    }
    if (now_and_then(maker, 20))
        maker->run_ns[i] = G_MAXUINT64 - maker->run_ns[i];
    hv_bool(sink, IS_ON, now_and_then(maker, 2));
    if (now_and_then(maker, 6))
        hv_none(sink, RUN_NS, HV_MARK_FAILED, "it was gone");
    else
        hv_u64(sink, RUN_NS, maker->run_ns[i]);
    hv_u64(sink, READ_NS, maker->read_ns[i]);
    if (!now_and_then(maker, 4)) /* else never set */
        hv_u64(sink, SIZE, now_and_then(maker, 9) ? G_MAXUINT64 : i * 4096);
    hv_f64(sink, LOAD, loads[now_and_then(maker, 3) ? g_rand_int_range(maker->rand, 0, 7) : 2]);
    if (now_and_then(maker, 8))
        hv_mark(sink, RUN_NS, HV_MARK_SCALED);
}

static void
put_threads(HvFrameMaker *maker, HvSink *sink)
{
    const guint first = now_and_then(maker, 4) ? N_VMS / 2 : 0;

    for (guint i = 0; i < N_VMS; i++) {
        const guint vm = (first + i) % N_VMS;
        g_autofree char *name = g_strdup_printf("vm%u", vm / 2);

        if (now_and_then(maker, 12))
            continue;
        hv_row_text_u64(sink, now_and_then(maker, 30) ? "" : name, vm);
        put_texts(maker, sink);
        put_numbers(maker, sink, vm);
    }
}

HvSnapshot *
hv_frame_maker_next(HvFrameMaker *maker)
{
    HvSnapshot *snapshot = hv_snapshot_new();

    maker->tick++;
    snapshot->tick = maker->tick;
    snapshot->monotonic_ns = (gint64)maker->tick * 1000000000;
    for (guint i = 0; i < 2; i++) {
        if (!now_and_then(maker, 5)) {
            HvSink *sink = hv_sink_begin(&maker->stores[i], 1, snapshot->monotonic_ns);

            if (i == 0 && now_and_then(maker, 10))
                hv_sink_why(sink, "nobody is there");
            else if (i == 0)
                put_threads(maker, sink);
            else if (hv_row(sink, "") != G_MAXUINT32)
                hv_u64(sink, 1, maker->tick * 1000);
            hv_sink_end(sink, TRUE);
        }
        if (!now_and_then(maker, 15))
            hv_snapshot_add(snapshot, hv_store_table(maker->stores[i]));
    }
    return snapshot;
}
