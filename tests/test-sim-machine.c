/* The simulated machine seen from the door: every probe reads it, its answers repeat, its
 * writes act. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/derive.h"
#include "probes/probe.h"
#include "session/session.h"
#include "tests/sim-host.h"

#define S G_GINT64_CONSTANT(1000000000)
#define MS G_GINT64_CONSTANT(1000000)

/* The sanitizers put their own allocator in; there is nothing to count then. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
static guint n_allocations;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_COUNTED FALSE
#else
#define IS_COUNTED TRUE

/* glibc's own, behind the names that the program takes over. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

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
#endif

/* ---- the sampler on it ---- */

static gint64
monotonic_ns(gpointer host)
{
    return hv_host_monotonic_ns(host);
}

static gint64
realtime_ns(gpointer host)
{
    return hv_host_realtime_ns(host);
}

static gboolean
wait_until(gpointer host, gint64 until_ns, int wake_fd)
{
    return hv_host_wait_until(host, until_ns, wake_fd);
}

/* @parts is borrowed by the sampler for its life. */
static HvSampler *
make_sampler(HvHost *host, HvSessionParts *parts)
{
    *parts = (HvSessionParts){
        .host = host,
        .probes = hv_probes,
        .derives = hv_derives,
        .clock = { host, monotonic_ns, realtime_ns, wait_until },
        .interval_ns = S,
        .topology = hv_host_topology,
    };

    return hv_sampler_new(parts);
}

static HvSnapshot *
sample(HvHost *host, HvSampler *sampler, guint n)
{
    HvSnapshot *snapshot = hv_sampler_tick(sampler);

    for (guint i = 1; i < n; i++) {
        hv_snapshot_unref(snapshot);
        (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + S, -1);
        snapshot = hv_sampler_tick(sampler);
    }
    return snapshot;
}

static const char *
text_at(const HvSnapshot *snapshot, const char *table, guint row, const char *column)
{
    const HvTable *found = hv_snapshot_table(snapshot, table);

    return hv_table_text(found, row, hv_table_column(found, column));
}

static void
test_probes(gconstpointer data)
{
    HvHost *host = hv_test_demo(data, 1, 0, FALSE, NULL);
    HvSessionParts parts;
    HvSampler *sampler = make_sampler(host, &parts);
    HvSnapshot *snapshot = sample(host, sampler, 3);
    const HvTable *sources = hv_snapshot_table(snapshot, "sources");

    g_assert_cmpuint(hv_table_n_rows(sources), >, 5);
    for (guint i = 0; i < hv_table_n_rows(sources); i++) {
        const char *state = text_at(snapshot, "sources", i, "state");

        if (g_strcmp0(state, "ok") != 0 && g_strcmp0(state, "off") != 0)
            g_test_message("%s: %s: %s", hv_table_row_key(sources, i), state,
                           text_at(snapshot, "sources", i, "why"));
        g_assert_cmpstr(state, !=, "failed");
        g_assert_cmpstr(state, !=, "denied");
    }
    g_assert_cmpuint(hv_table_n_rows(hv_snapshot_table(snapshot, "vms")), >=, 1);
    g_assert_cmpuint(hv_table_n_rows(hv_snapshot_table(snapshot, "cpus")), >=, 128);
    hv_snapshot_unref(snapshot);
    hv_sampler_free(sampler);
    hv_host_free(host);
}

/* Every cell of every table that two snapshots have. */
static void
assert_same(const HvSnapshot *a, const HvSnapshot *b, const char *name)
{
    const HvTable *left = hv_snapshot_table(a, name), *right = hv_snapshot_table(b, name);
    const guint n_columns = hv_schema_n_columns(hv_table_schema(left));

    g_assert_cmpuint(hv_table_n_rows(left), ==, hv_table_n_rows(right));
    for (guint row = 0; row < hv_table_n_rows(left); row++) {
        g_assert_cmpstr(hv_table_row_key(left, row), ==, hv_table_row_key(right, row));
        for (guint column = 0; column < n_columns; column++) {
            HvCell x, y;

            g_assert_cmpint(hv_table_cell(left, row, (int)column, &x), ==,
                            hv_table_cell(right, row, (int)column, &y));
            if (hv_table_text(left, row, (int)column))
                g_assert_cmpstr(x.text, ==, y.text);
            else if (hv_mark_has_value(hv_table_mark(left, row, (int)column)))
                g_assert_cmpuint(x.u64, ==, y.u64);
        }
    }
}

static void
test_same_seed(void)
{
    static const char *const tables[] = { "host", "cpus",  "node_memory", "vm_counters",
                                          "vms",  "vcpus", "interrupts",  "devices" };
    HvHost *hosts[2];
    HvSessionParts parts[2];
    HvSampler *samplers[2];
    HvSnapshot *snapshots[2];

    for (guint i = 0; i < 2; i++) {
        hosts[i] = hv_test_redis();
        samplers[i] = make_sampler(hosts[i], &parts[i]);
        snapshots[i] = sample(hosts[i], samplers[i], 12);
    }
    g_assert_cmpint(hv_host_realtime_ns(hosts[0]), ==, hv_host_realtime_ns(hosts[1]));
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        assert_same(snapshots[0], snapshots[1], tables[i]);
    for (guint i = 0; i < 2; i++) {
        hv_snapshot_unref(snapshots[i]);
        hv_sampler_free(samplers[i]);
        hv_host_free(hosts[i]);
    }
}

/* ---- the clock ---- */

static void
test_history(void)
{
    HvHost *host = hv_test_demo("redis", 1, 1, FALSE, NULL);
    const gint64 start_ns = hv_host_monotonic_ns(host), began_us = g_get_monotonic_time();
    g_autoptr(HvGuestList) list = hv_host_guests(host); /* who lists moves the clock */
    int pipes[2];

    g_assert_true(hv_host_is_simulated(host));
    g_assert_false(hv_host_is_live(host));
    g_assert_true(hv_host_skips_history(host));
    for (guint i = 1; i <= 59; i++)
        (void)hv_host_wait_until(host, start_ns + i * S, -1);
    g_assert_cmpint(hv_host_monotonic_ns(host), ==, start_ns + 59 * S);
    g_assert_true(hv_host_skips_history(host));
    (void)hv_host_wait_until(host, start_ns + 60 * S + 30 * MS, -1);
    g_assert_false(hv_host_skips_history(host));
    g_assert_cmpint(hv_host_monotonic_ns(host), >=, start_ns + 60 * S + 30 * MS);
    g_assert_cmpint(g_get_monotonic_time() - began_us, >=, 30000);
    g_assert_cmpint(pipe(pipes), ==, 0);
    g_assert_cmpint(write(pipes[1], "x", 1), ==, 1);
    g_assert_true(hv_host_wait_until(host, hv_host_monotonic_ns(host) + 3600 * S, pipes[0]));
    close(pipes[0]);
    close(pipes[1]);
    hv_host_free(host);
}

/* A console's other threads wait before its sampler has listed anything: the minute is the
 * sampler's. */
static void
test_no_mover_yet(void)
{
    HvHost *host = hv_test_demo("redis", 1, 1, FALSE, NULL);
    const gint64 start_ns = hv_host_monotonic_ns(host), began_us = g_get_monotonic_time();

    (void)hv_host_wait_until(host, start_ns + 50 * MS, -1);
    g_assert_cmpint(g_get_monotonic_time() - began_us, >=, 40000);
    g_assert_true(hv_host_skips_history(host));
    hv_host_free(host);
}

typedef struct {
    HvHost *host;
    gint64 until_ns;
} Waiter;

static gpointer
wait_beside(gpointer data)
{
    const Waiter *waiter = data;

    (void)hv_host_wait_until(waiter->host, waiter->until_ns, -1);
    return NULL;
}

/* The sampler's waiting moves the clock; somebody else's follows it. */
static void
test_one_mover(void)
{
    HvHost *host = hv_test_redis();
    const gint64 start_ns = hv_host_monotonic_ns(host);
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    Waiter waiter = { host, start_ns + 10 * S };
    GThread *other = g_thread_new("other", wait_beside, &waiter);

    for (guint i = 1; i <= 20; i++) {
        (void)hv_host_wait_until(host, start_ns + i * S, -1);
        g_assert_cmpint(hv_host_monotonic_ns(host), ==, start_ns + i * S);
    }
    g_thread_join(other);
    g_assert_cmpint(hv_host_monotonic_ns(host), ==, start_ns + 20 * S);
    hv_host_free(host);
}

static void
test_watches(void)
{
    HvHost *host = hv_test_redis();
    const char *const *watches = hv_host_watches(host);
    const char *const known[] = { "/bin/sh", "-c", "sim-watch redis_p99_ms", NULL };
    const char *const unknown[] = { "rm", "-rf", "/", NULL };
    g_autofree char *output = NULL;
    g_autoptr(GError) error = NULL;
    int status = -1;

    g_assert_cmpstr(watches[0], ==, "mine=true");
    g_assert_cmpstr(watches[1], ==, "redis_p99_ms=sim-watch redis_p99_ms");
    (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + 10 * S, -1);
    g_assert_true(hv_host_run(host, known, 1000, &output, &status, &error));
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpfloat(g_ascii_strtod(output, NULL), >, 6);
    g_assert_cmpfloat(g_ascii_strtod(output, NULL), <, 20);
    g_assert_false(hv_host_run(host, unknown, 1000, &output, &status, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    hv_host_free(host);
}

static void
test_locks(void)
{
    HvHost *host = hv_test_redis();
    g_autoptr(GError) error = NULL;
    const int held = hv_host_lock(host, "sys/fs/resctrl", TRUE, 100, &error);
    int shared;

    g_assert_no_error(error);
    g_assert_cmpint(held, >=, 0);
    g_assert_cmpint(hv_host_lock(host, "sys/fs/resctrl", TRUE, 100, &error), ==, -1);
    g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
    g_clear_error(&error);
    close(held);
    shared = hv_host_lock(host, "sys/fs/resctrl", FALSE, 100, &error);
    g_assert_cmpint(shared, >=, 0);
    close(shared);
    g_assert_cmpint(hv_host_lock(host, "sys/fs/nothing", FALSE, 100, &error), ==, -1);
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    hv_host_free(host);
}

/* ---- cost ---- */

static void
open_all(HvHost *host, const char *directory, GPtrArray *files)
{
    g_auto(GStrv) names = hv_host_list(host, directory, NULL);

    for (char **name = names; name && *name; name++) {
        g_autofree char *path =
            *directory ? g_strconcat(directory, "/", *name, NULL) : g_strdup(*name);
        g_autofree char *target = hv_host_readlink(host, path, NULL);
        HvFile *file = target ? NULL : hv_file_open(host, path, NULL);

        if (file)
            g_ptr_array_add(files, file);
        if (!target)
            open_all(host, path, files);
    }
}

static void
test_reading_allocates_nothing(void)
{
    HvHost *host = hv_test_redis();
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify)hv_file_close);
    g_autofree char *buffer = g_malloc(1 << 20);
    guint before = 0;

    open_all(host, "", files);
    g_assert_cmpuint(files->len, >, 3000);
    for (guint turn = 0; turn < 3; turn++) {
        if (turn == 1)
            before = n_allocations;
        for (guint i = 0; i < files->len; i++) {
            g_autoptr(GError) error = NULL;

            /* directories, and files that exist to be written or refuse by design */
            (void)hv_file_read(files->pdata[i], buffer, 1 << 20, turn ? NULL : &error);
        }
        (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + S, -1);
    }
    if (IS_COUNTED)
        g_assert_cmpuint(n_allocations, ==, before);
    g_clear_pointer(&files, g_ptr_array_unref);
    hv_host_free(host);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (const HvSimScenario *scenario = hv_sim_scenarios; scenario->name; scenario++) {
        g_autofree char *name =
            g_strdup_printf("/sim/machine/no-probe-fails-on-%s", scenario->name);

        g_test_add_data_func(name, scenario->name, test_probes);
    }
    g_test_add_func("/sim/machine/one-seed-gives-the-same-tables-twice", test_same_seed);
    g_test_add_func("/sim/machine/its-history-passes-without-waiting", test_history);
    g_test_add_func("/sim/machine/who-lists-no-vm-does-not-take-the-history",
                    test_no_mover_yet);
    g_test_add_func("/sim/machine/one-thread-moves-the-clock", test_one_mover);
    g_test_add_func("/sim/machine/watches-are-commands-of-its-own", test_watches);
    g_test_add_func("/sim/machine/locks-are-between-holders", test_locks);
    g_test_add_func("/sim/machine/reading-and-stepping-allocate-nothing",
                    test_reading_allocates_nothing);
    return g_test_run();
}
