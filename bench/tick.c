/* What one tick costs: CPU and allocations of sampling everything, per tick, VM and vCPU. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/options.h"
#include "app/wiring.h"
#include "host/host-private.h"

/* Every allocation of the process is counted by standing in front of the C library's. */
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
cpu_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The door's own share, which on a simulated machine is the simulation's: its reading functions are stood in front of. */
static const HvMachine *inner;
static HvMachine outer;
static HvFileOps timed_files;
static HvGuestOps timed_guests;
static gint64 door_ns;
static gulong n_reads;

static gint64
door_begin(void)
{
    return cpu_ns(CLOCK_MONOTONIC);
}

static void
door_end(gint64 begun_ns)
{
    door_ns += cpu_ns(CLOCK_MONOTONIC) - begun_ns;
}

static gssize
timed_pread(gpointer data, int handle, char *buffer, gsize size, gsize offset)
{
    const gint64 begun_ns = door_begin();
    const gssize n = inner->files->pread(data, handle, buffer, size, offset);

    door_end(begun_ns);
    n_reads++;
    return n;
}

static HvGuestList *
timed_list(gpointer data)
{
    const gint64 begun_ns = door_begin();
    HvGuestList *list = inner->guests->list(data);

    door_end(begun_ns);
    return list;
}

static void
time_door(HvHost *host)
{
    inner = host->machine;
    outer = *inner;
    timed_files = *inner->files;
    timed_files.pread = timed_pread;
    outer.files = &timed_files;
    if (inner->guests) {
        timed_guests = *inner->guests;
        timed_guests.list = timed_list;
        outer.guests = &timed_guests;
    }
    host->machine = &outer;
}

static gulong
private_kib(void)
{
    g_autofree char *status = NULL;
    const char *line;

    if (!g_file_get_contents("/proc/self/status", &status, NULL, NULL) || !(line = strstr(status, "RssAnon:")))
        return 0;
    return (gulong)g_ascii_strtoull(line + strlen("RssAnon:"), NULL, 10);
}

typedef struct {
    gint64 process_ns, sampler_ns;
    gulong n_allocations;
    guint n_vms, n_vcpus, n_interrupts;
} Cost;

static guint
rows(const HvSnapshot *snapshot, const char *table)
{
    const HvTable *found = hv_snapshot_table(snapshot, table);

    return found ? hv_table_n_rows(found) : 0;
}

static void
run_ticks(HvApp *app, HvSampler *sampler, guint n_ticks, gint64 interval_ns, Cost *cost)
{
    const HvSessionParts *parts = hv_app_parts(app);

    for (guint i = 0; i < n_ticks; i++) {
        const gint64 next_ns = parts->clock.monotonic_ns(parts->clock.data) + interval_ns;
        const gint64 before_ns = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
        g_autoptr(HvSnapshot) snapshot = hv_sampler_tick(sampler);

        cost->sampler_ns += cpu_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
        cost->n_vms = rows(snapshot, "vms");
        cost->n_vcpus = rows(snapshot, "vcpus");
        cost->n_interrupts = rows(snapshot, "interrupts");
        if (interval_ns)
            parts->clock.wait_until(parts->clock.data, next_ns, -1);
    }
}

/* usage: tick TICKS INTERVAL_MS [hvtune options]; prints one line of name=value pairs. */
int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint64 n_ticks, interval_ms;

    if (argc < 3 || !g_ascii_string_to_unsigned(argv[1], 10, 1, 100000, &n_ticks, NULL) ||
        !g_ascii_string_to_unsigned(argv[2], 10, 0, 60000, &interval_ms, NULL)) {
        fprintf(stderr, "usage: tick TICKS INTERVAL_MS [hvtune options]\n");
        return 2;
    }
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(HvApp) app = NULL;

    options->command = g_strdup("tick"); /* no console: a simulated clock need not keep the wall's pace */
    if (hv_options_parse(options, argv + 3, &error))
        app = hv_app_new(options, &error);

    if (!app) {
        fprintf(stderr, "tick: %s\n", error->message);
        return 1;
    }
    hv_app_connect(app);
    const gulong base_kib = private_kib(); /* a simulated machine is in here */

    g_autoptr(HvSampler) sampler = hv_sampler_new(hv_app_parts(app));
    Cost warm_up = { 0 }, cost = { 0 };

    time_door(hv_app_parts(app)->host);
    run_ticks(app, sampler, 15, (gint64)interval_ms * 1000000, &warm_up);
    door_ns = 0;
    n_reads = 0;
    const gint64 before_ns = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
    const gulong before = atomic_load(&n_allocations);

    run_ticks(app, sampler, (guint)n_ticks, (gint64)interval_ms * 1000000, &cost);
    cost.n_allocations = atomic_load(&n_allocations) - before;
    cost.process_ns = cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns;
    printf("ticks=%u vms=%u vcpus=%u irq_rows=%u process_us_per_tick=%.1f sampler_us_per_tick=%.1f "
           "allocations_per_tick=%.2f door_us_per_tick=%.1f reads_per_tick=%.0f private_kib=%lu base_kib=%lu\n",
           (guint)n_ticks, cost.n_vms, cost.n_vcpus, cost.n_interrupts,
           (double)cost.process_ns / 1000 / (double)n_ticks, (double)cost.sampler_ns / 1000 / (double)n_ticks,
           (double)cost.n_allocations / (double)n_ticks, (double)door_ns / 1000 / (double)n_ticks,
           (double)n_reads / (double)n_ticks, private_kib(), base_kib);
    return 0;
}
