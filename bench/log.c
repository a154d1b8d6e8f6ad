/* What recording and playing cost: bytes and CPU of a frame, opening and seeking in logs of any
 * length. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log/file.h"
#include "log/schema-text.h"
#include "log/topology.h"
#include "tests/log-demo.h"

static atomic_ulong n_allocations;
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *memory, size_t size);

void *
malloc(size_t size)
{
    atomic_fetch_add_explicit(&n_allocations, 1, memory_order_relaxed);
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    atomic_fetch_add_explicit(&n_allocations, 1, memory_order_relaxed);
    return __libc_calloc(n, size);
}

void *
realloc(void *memory, size_t size)
{
    atomic_fetch_add_explicit(&n_allocations, 1, memory_order_relaxed);
    return __libc_realloc(memory, size);
}

static gint64
cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What was packed, and what it cost. */
typedef struct {
    HvLogDemo demo;
    GPtrArray *packed; /* of GByteArray, a frame each; each HV_FRAMES_PER_FULL-th is full */
    gint64 first_ns, encode_ns, pack_ns;
    gulong n_encode_allocations;
    guint64 n_bytes, n_full_bytes;
    guint n_vcpus, n_vms, n_counted;
} Bench;

static guint
rows(const HvSnapshot *snapshot, const char *name)
{
    const HvTable *table = hv_snapshot_table(snapshot, name);

    return table ? hv_table_n_rows(table) : 0;
}

/* The first frames warm up: they count in bytes only. */
static void
take_sample(Bench *bench, HvFrameEncoder *encoder, GByteArray *frame, guint i)
{
    g_autoptr(HvSnapshot) snapshot = hv_log_demo_next(&bench->demo);
    GByteArray *packed = g_byte_array_new();
    const gboolean is_full = i % HV_FRAMES_PER_FULL == 0, counts = i >= HV_FRAMES_PER_FULL;
    const gulong before = atomic_load(&n_allocations);
    const gint64 begun_ns = cpu_ns();

    hv_frame_encode(encoder, snapshot, is_full, frame);
    const gint64 encoded_ns = cpu_ns();

    if (counts) {
        bench->n_encode_allocations += atomic_load(&n_allocations) - before;
        bench->encode_ns += encoded_ns - begun_ns;
        bench->n_counted++;
    }
    if (!hv_log_pack(frame, packed, NULL))
        abort();
    if (counts)
        bench->pack_ns += cpu_ns() - encoded_ns;
    bench->n_bytes += packed->len;
    bench->n_full_bytes += is_full ? packed->len : 0;
    bench->n_vms = rows(snapshot, "vms");
    bench->n_vcpus = rows(snapshot, "vcpus");
    if (i == 0)
        bench->first_ns = snapshot->time_ns;
    g_ptr_array_add(bench->packed, packed);
}

static void
free_bytes(gpointer bytes)
{
    g_byte_array_unref(bytes);
}

static void
record(Bench *bench, const char *scenario, guint n)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(HvFrameEncoder) encoder = NULL;

    hv_log_demo_open(&bench->demo, scenario);
    encoder = hv_frame_encoder_new(hv_log_demo_schemas(&bench->demo));
    bench->packed = g_ptr_array_new_with_free_func(free_bytes);
    for (guint i = 0; i < n; i++)
        take_sample(bench, encoder, frame, i);
    printf("%s: %u VMs, %u vCPUs, %u samples: %.1f bytes per vCPU and sample (full frames %.1f "
           "of them; promise 20)\n",
           scenario, bench->n_vms, bench->n_vcpus, n,
           (double)bench->n_bytes / n / bench->n_vcpus,
           (double)bench->n_full_bytes / n / bench->n_vcpus);
    printf("encoding %.0f us per sample, %.0f per 800 vCPUs (promise 500), packing %.0f, %.2f "
           "allocations\n",
           (double)bench->encode_ns / 1000 / bench->n_counted,
           (double)bench->encode_ns / 1000 / bench->n_counted * 800 / bench->n_vcpus,
           (double)bench->pack_ns / 1000 / bench->n_counted,
           (double)bench->n_encode_allocations / bench->n_counted);
}

/* ---- a log of any length: the frames again and again, from a full one on ---- */

static void
must(gboolean good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "log: %s failed\n", what);
    exit(1);
}

static void
put_frame(sqlite3_stmt *put, const Bench *bench, gint64 i)
{
    const GByteArray *packed = bench->packed->pdata[i % (gint64)bench->packed->len];

    sqlite3_bind_int64(put, 1, i + 1);
    sqlite3_bind_int64(put, 2, bench->first_ns + i * HV_DEMO_S);
    sqlite3_bind_int64(put, 3, (i + 1) * HV_DEMO_S);
    sqlite3_bind_int64(put, 4, i + 1);
    sqlite3_bind_int64(put, 5, HV_DEMO_S);
    sqlite3_bind_int64(put, 6, i % (gint64)bench->packed->len % HV_FRAMES_PER_FULL == 0);
    sqlite3_bind_blob64(put, 7, packed->data, packed->len, SQLITE_STATIC);
    must(sqlite3_step(put) == SQLITE_DONE, "a row");
    sqlite3_reset(put);
}

static void
write_log(const Bench *bench, const char *path, gint64 n)
{
    sqlite3 *db = hv_log_file_create(path, NULL);
    g_autoptr(HvSnapshot) last = hv_sampler_tick(bench->demo.sampler);
    sqlite3_stmt *put = NULL;

    must(db && hv_log_schemas_put(db, path, hv_log_demo_schemas(&bench->demo), NULL),
         "the log");
    must(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK, "BEGIN");
    must(hv_topology_rows_put(db, 1, bench->first_ns, last->topology, NULL), "the topology");
    sqlite3_prepare_v2(db, "INSERT INTO frames VALUES(?, ?, ?, ?, ?, ?, 1, ?)", -1, &put, NULL);
    for (gint64 i = 0; i < n; i++)
        put_frame(put, bench, i);
    sqlite3_finalize(put);
    must(sqlite3_exec(db,
                      "COMMIT; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE",
                      NULL, NULL, NULL) == SQLITE_OK,
         "COMMIT");
    sqlite3_close(db);
}

/* Time by the clock: a seek works on several threads. */
static gint64
wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Time of @player to sample @to. */
static double
seek_ms(HvPlayer *player, const Bench *bench, gint64 to)
{
    const gint64 begun_ns = wall_ns();
    g_autoptr(GError) error = NULL;
    g_autoptr(HvSnapshot) snapshot =
        hv_player_at(player, bench->first_ns + to * HV_DEMO_S, &error);

    must(snapshot != NULL, error ? error->message : "a seek");
    return (double)(wall_ns() - begun_ns) / 1e6;
}

/* @keep: file to write the last log to, or NULL */
static void
play(const Bench *bench, const char *directory, gint64 n, const char *keep)
{
    g_autofree const HvSchema **known = hv_log_demo_known(&bench->demo);
    g_autofree char *path =
        keep ? g_strdup(keep) : g_build_filename(directory, "bench.hvlog", NULL);
    const HvPlayerParts parts = { known, hv_derives, hv_log_demo_history };
    double most = 0, sum = 0, forth;

    write_log(bench, path, n);
    const gint64 begun_ns = cpu_ns();
    HvPlayer *player = hv_player_open(path, &parts, NULL);
    const double open_ms = (double)(cpu_ns() - begun_ns) / 1e6;

    must(player != NULL, "opening");
    for (gint64 i = 1; i <= 10; i++) {
        const double ms = seek_ms(player, bench, (i * 7919 + 59) * n / 10 % n);

        most = MAX(most, ms);
        sum += ms;
    }
    seek_ms(player, bench, n / 2);
    forth = seek_ms(player, bench, n / 2 + 1);
    printf(
        "%" G_GINT64_FORMAT
        " samples: opened in %.1f ms (promise 10), a seek %.1f ms, at most %.1f (promise 40), "
        "one sample on %.1f ms\n",
        n, open_ms, sum / 10, most, forth);
    hv_player_free(player);
    if (!keep)
        g_unlink(path);
}

/* usage: log SCENARIO SAMPLES LENGTH...; lengths of logs to seek in, in samples.
 * $BENCH_LOG_KEEP: a file that the last of them is left in. */
int
main(int argc, char **argv)
{
    Bench bench = { 0 };
    g_autofree char *directory = g_dir_make_tmp("hvtune-bench-XXXXXX", NULL);

    if (argc < 3 || !directory) {
        fprintf(stderr, "usage: log SCENARIO SAMPLES LENGTH...\n");
        return 2;
    }
    record(&bench, argv[1], (guint)MAX(atoi(argv[2]), HV_FRAMES_PER_FULL + 1));
    for (int i = 3; i < argc; i++)
        play(&bench, directory, MAX(atoll(argv[i]), 1),
             i + 1 == argc ? g_getenv("BENCH_LOG_KEEP") : NULL);
    g_rmdir(directory);
    g_ptr_array_unref(bench.packed);
    hv_log_demo_clear(&bench.demo);
    return 0;
}
