/* Counts allocations: a tick in which nothing appeared makes none, with thousands of rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "model/sink.h"
#include "model/snapshot.h"

#define S G_GINT64_CONSTANT(1000000000)
#define N_ROWS 4000
#define N_WARM 16
#define N_TICKS 300

/* The sanitizers put their own allocator in; there is nothing to count then. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_COUNTED FALSE
static guint n_allocations;
#else
#define IS_COUNTED TRUE
static guint n_allocations;

/* glibc's own, behind the names that the program takes over. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *
malloc(size_t size)
{
    g_atomic_int_inc(&n_allocations);
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    g_atomic_int_inc(&n_allocations);
    return __libc_calloc(n, size);
}

void *
realloc(void *memory, size_t size)
{
    g_atomic_int_inc(&n_allocations);
    return __libc_realloc(memory, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
    g_atomic_int_inc(&n_allocations);
    return __libc_memalign(alignment, size);
}

int
posix_memalign(void **memory, size_t alignment, size_t size)
{
    g_atomic_int_inc(&n_allocations);
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
#endif

enum {
    VM,
    VCPU,
    STATE,
    CPUS,
    RUN_NS,
    SIZE,
    STAT_NS,
    RUN_RATIO,
    STAT_RATIO,
    WAIT_NS,
    WAIT_RATIO
};
static const HvColumn vcpu_columns[] = {
    [VM] = { .name = "vm", .kind = HV_KIND_KEY },
    [VCPU] = { .name = "vcpu", .kind = HV_KIND_ID },
    [STATE] = { .name = "state", .kind = HV_KIND_TEXT },
    [CPUS] = { .name = "cpus", .kind = HV_KIND_SET },
    [RUN_NS] = { .name = "run_ns", .kind = HV_KIND_COUNTER, .unit = HV_UNIT_NS },
    [SIZE] = { .name = "size_bytes", .kind = HV_KIND_U64 },
    [STAT_NS] = { .name = "stat_ns", .kind = HV_KIND_U64 },
    [RUN_RATIO] = { .name = "run_ratio",
                    .kind = HV_KIND_RATE,
                    .unit = HV_UNIT_RATIO,
                    .of = RUN_NS },
    [STAT_RATIO] = { .name = "stat_ratio",
                     .kind = HV_KIND_RATE,
                     .unit = HV_UNIT_RATIO,
                     .of = RUN_NS,
                     .at = STAT_NS },
    [WAIT_NS] = { .name = "wait_ns", .kind = HV_KIND_COUNTER, .unit = HV_UNIT_NS },
    [WAIT_RATIO] = { .name = "wait_ratio",
                     .kind = HV_KIND_RATE,
                     .unit = HV_UNIT_RATIO,
                     .of = WAIT_NS },
    { 0 },
};
static const HvSchema vcpu_schema = { .name = "vcpus", .columns = vcpu_columns };
static const HvColumn node_columns[] = {
    { .name = "node", .kind = HV_KIND_ID },
    { .name = "use_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { .name = "cpus", .kind = HV_KIND_SET },
    { 0 },
};
static const HvSchema node_schema = { .name = "nodes", .columns = node_columns };
static const HvColumn empty_columns[] = {
    { .name = "group", .kind = HV_KIND_KEY },
    { 0 },
};
static const HvSchema empty_schema = { .name = "groups", .columns = empty_columns };
static const HvHistoryColumn kept[] = { { "vcpus", "run_ratio" },
                                        { "nodes", "use_ratio" },
                                        { 0 } };

/* A probe of the test, and what a sampler keeps. */
typedef struct {
    HvStore *stores[3];
    HvStore *derived;
    HvHistory *history;
    HvSnapshot *snapshot; /* recycled, as a sampler does */
    guint32 *ids;
    gboolean reorders; /* another order of the same rows each tick */
} Source;

static void
recycle(gpointer data)
{
    HvSnapshot *snapshot = data;

    hv_snapshot_reset(snapshot);
    g_atomic_ref_count_init(&snapshot->refs);
}

static void
source_init(Source *source)
{
    source->stores[0] = hv_store_new(&vcpu_schema);
    source->stores[1] = hv_store_new(&node_schema);
    source->stores[2] = hv_store_new(&empty_schema);
    source->derived = hv_store_new(&vcpu_schema);
    source->history = hv_history_new(kept);
    source->snapshot = hv_snapshot_new();
    source->snapshot->release = recycle;
    source->ids = g_new(guint32, N_ROWS);
    for (guint i = 0; i < N_ROWS; i++)
        source->ids[i] = G_MAXUINT32; /* no row yet */
}

static void
source_clear(Source *source)
{
    source->snapshot->release = NULL;
    hv_snapshot_unref(source->snapshot);
    hv_history_free(source->history);
    for (guint i = 0; i < 3; i++)
        hv_store_free(source->stores[i]);
    hv_store_free(source->derived);
    g_free(source->ids);
}

static void
emit_vcpu(Source *source, HvSink *sink, guint64 tick, guint i)
{
    char vm[32];

    if (!(i % 2 == 0 && hv_row_again(sink, source->ids[i]))) {
        g_snprintf(vm, sizeof vm, "vm %u", i / 16);
        source->ids[i] = hv_row_text_u64(sink, vm, i % 16);
    }
    hv_text(sink, STATE, i % 3 ? "running" : "halted");
    hv_text(sink, CPUS, i % 5 ? "0-3,8" : "0-127");
    hv_u64(sink, RUN_NS, tick * 1000 + i);
    if (i % 7)
        hv_u64(sink, SIZE, tick);
    else
        hv_none(sink, SIZE, HV_MARK_DENIED, "proc/1/io: needs root");
    hv_u64(sink, STAT_NS, (tick - (tick + i) % 3) * (guint64)S);
    hv_none(sink, WAIT_NS, HV_MARK_ABSENT, "no schedstat");
}

static void
emit_derived(Source *source, gint64 now_ns)
{
    HvTable *from = hv_store_table(source->stores[0]);
    HvSink *sink = hv_sink_begin(&source->derived, 1, now_ns);

    for (guint i = 0; i < N_ROWS; i += 16) {
        guint row = (guint)hv_table_row_of_id(from, source->ids[i]);

        hv_row(sink, hv_table_text(from, row, VM), "0");
        for (guint column = STATE; column <= WAIT_NS; column++)
            hv_copy(sink, column, from, row, (int)column);
    }
    hv_sink_end(sink, TRUE);
}

static void
sample(Source *source, guint64 tick)
{
    HvSink *sink = hv_sink_begin(source->stores, 3, (gint64)tick * S);

    for (guint i = 0; i < N_ROWS; i++)
        emit_vcpu(source, sink, tick, source->reorders ? (i + (guint)tick * 17) % N_ROWS : i);
    hv_sink_table(sink, 1);
    for (guint node = 0; node < 8; node++) {
        hv_row_u64(sink, node);
        hv_f64(sink, 1, 0.5);
        hv_text(sink, 2, "0-15");
    }
    hv_sink_table(sink, 2);
    hv_sink_why(sink, "sys/fs/resctrl: not mounted");
    hv_sink_end(sink, TRUE);
}

static void
run_tick(Source *source, guint64 tick)
{
    sample(source, tick);
    emit_derived(source, (gint64)tick * S);
    for (guint i = 0; i < 3; i++)
        hv_snapshot_add(source->snapshot, hv_store_table(source->stores[i]));
    hv_snapshot_add(source->snapshot, hv_store_table(source->derived));
    hv_history_append(source->history, tick, source->snapshot->tables,
                      source->snapshot->n_tables);
    hv_snapshot_unref(hv_snapshot_ref(source->snapshot));
    hv_snapshot_unref(source->snapshot);
}

static void
check_ticks(gboolean reorders)
{
    Source source = { .reorders = reorders };
    guint before;

    if (!IS_COUNTED) {
        g_test_skip("the allocator is a sanitizer's");
        return;
    }
    source_init(&source);
    for (guint64 tick = 1; tick <= N_WARM; tick++)
        run_tick(&source, tick);
    before = n_allocations;
    for (guint64 tick = N_WARM + 1; tick <= N_WARM + N_TICKS; tick++)
        run_tick(&source, tick);
    g_assert_cmpuint(n_allocations - before, ==, 0);
    g_assert_cmpuint(hv_table_n_rows(hv_store_table(source.stores[0])), ==, N_ROWS);
    source_clear(&source);
}

static void
test_a_tick_in_which_nothing_appeared_allocates_nothing(void)
{
    check_ticks(FALSE);
}

static void
test_another_order_of_the_same_rows_allocates_nothing(void)
{
    check_ticks(TRUE);
}

static void
test_the_count_sees_allocations(void)
{
    guint before = n_allocations;

    if (!IS_COUNTED) {
        g_test_skip("the allocator is a sanitizer's");
        return;
    }

    g_autofree char *text = g_strdup("counted");

    g_assert_cmpuint(n_allocations, >, before);
    g_assert_cmpstr(text, ==, "counted");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/steady/the count sees allocations", test_the_count_sees_allocations);
    g_test_add_func("/steady/a tick in which nothing appeared allocates nothing",
                    test_a_tick_in_which_nothing_appeared_allocates_nothing);
    g_test_add_func("/steady/another order of the same rows allocates nothing",
                    test_another_order_of_the_same_rows_allocates_nothing);
    return g_test_run();
}
