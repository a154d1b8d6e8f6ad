/* A VM that must fetch again what a neighbour that streams pushes out of their cache. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "advice/together.h"
#include "model/i18n.h"
#include "model/rule.h"
#include "model/vm-walk.h"

#define MAX_ENTRIES 2048
#define N_SAMPLES 60
#define STREAMS_BYTES_PER_S                                                                    \
    2e9 /* by each busy vCPU: so much passes through, it is not reused */
#define LEAST_BYTES_PER_S 300e6 /* by each busy vCPU of a victim */
#define LEAST_PART 0.1          /* of what fills the cache, by a victim */
#define LEAST_HOGS 0.5          /* of what fills the cache, by those that stream */
#define LEAST_FULL 0.8
#define TOGETHER 0.6

/*
 * cost = memory stall share × part of its misses that are the neighbours' doing
 *
 * That part is what rises and falls with their fill, where their fill varied. Else a third is
 * assumed, and it stays a maybe, as it does where misses are only seen as bytes (MBM). A line
 * takes 90 ns, one is waited for at a time, for at most half of the time. Misses count for each
 * second on a cpu: nothing here counts instructions.
 */
#define LINE_BYTES 64
#define LINE_S 90e-9
#define MOST_STALL 0.5
#define ASSUMED_PART (1.0 / 3)

/* One VM in one cache. */
typedef struct {
    guint64 llc, ways;
    const char *vm, *key;   /* its name; the same escaped */
    double fill, per_busy;  /* bytes/s: into this cache; by each busy vCPU */
    double occupancy, size; /* bytes */
} Entry;

typedef struct {
    Entry entries[MAX_ENTRIES];
    guint n;
} Entries;

/* Where the columns are. */
typedef struct {
    const HvTable *llc, *vms; /* may be NULL */
    int llc_id, vm, ways, warming, fill, occupancy, size, busy;
} Columns;

static Columns
find_columns(const HvSnapshot *snapshot)
{
    const HvTable *llc = hv_snapshot_table(snapshot, "llc");
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");

    return (Columns){
        .llc = llc,
        .vms = vms,
        .llc_id = hv_table_column(llc, "llc"),
        .vm = hv_table_column(llc, "vm"),
        .ways = hv_table_column(llc, "ways_mask"),
        .warming = hv_table_column(llc, "warming"),
        .fill = hv_table_column(llc, "total_bytes_per_s"),
        .occupancy = hv_table_column(llc, "occupancy_bytes"),
        .size = hv_table_column(llc, "size_bytes"),
        .busy = hv_table_column(vms, "cpu_ratio"),
    };
}

static gboolean
read_entry(const Columns *columns, guint row, Entry *entry)
{
    const char *vm = hv_table_text(columns->llc, row, columns->vm);
    const char *ways = hv_table_text(columns->llc, row, columns->ways);
    const double fill = hv_number(columns->llc, row, columns->fill);
    int vm_row;

    if (!vm || !*vm || !(fill > 0) || hv_number(columns->llc, row, columns->warming) > 0)
        return FALSE;
    *entry = (Entry){
        .vm = vm,
        .key = strrchr(hv_table_row_key(columns->llc, row), '/') + 1,
        .ways = ways ? g_ascii_strtoull(ways, NULL, 16) : G_MAXUINT64,
        .fill = fill,
        .occupancy = hv_number(columns->llc, row, columns->occupancy),
        .size = hv_number(columns->llc, row, columns->size),
    };
    vm_row = columns->vms ? hv_table_find(columns->vms, entry->key) : -1;
    entry->per_busy =
        vm_row < 0 ? (double)NAN : fill / hv_number(columns->vms, (guint)vm_row, columns->busy);
    return hv_table_u64(columns->llc, row, columns->llc_id, &entry->llc);
}

static void
read_entries(const HvSnapshot *snapshot, Entries *entries)
{
    const Columns columns = find_columns(snapshot);
    const guint n_rows = columns.llc ? hv_table_n_rows(columns.llc) : 0;

    entries->n = 0;
    for (guint row = 0; row < n_rows && entries->n < MAX_ENTRIES; row++) {
        if (read_entry(&columns, row, &entries->entries[entries->n]))
            entries->n++;
    }
}

/* What happens in the ways that a VM may fill. */
typedef struct {
    double fill, hogs_fill, occupancy;
    const Entry *hog; /* the greatest */
    guint n_hogs;
} Around;

static gboolean
streams(const Entry *entry)
{
    return entry->per_busy >= STREAMS_BYTES_PER_S;
}

static void
look_around(const Entries *entries, const Entry *entry, Around *around)
{
    *around = (Around){ 0 };
    for (guint i = 0; i < entries->n; i++) {
        const Entry *other = &entries->entries[i];

        if (other->llc != entry->llc || !(other->ways & entry->ways))
            continue;
        around->fill += other->fill;
        around->occupancy += MAX(other->occupancy, 0);
        if (!streams(other))
            continue;
        around->hogs_fill += other->fill;
        around->n_hogs++;
        if (!around->hog || other->fill > around->hog->fill)
            around->hog = other;
    }
}

/* A full cache, most of whose lines come from those that stream, and a VM that does not but
 * fetches much itself. Written so that what is unknown is not enough. */
static gboolean
may_thrash(const Entry *entry, const Around *around)
{
    return around->hog && entry->fill >= LEAST_PART * around->fill &&
           around->hogs_fill >= LEAST_HOGS * around->fill &&
           around->occupancy >= LEAST_FULL * entry->size;
}

/* FALSE: nothing is known of their past, or the hog did not vary. */
static gboolean
went_together(const HvSnapshot *snapshot, const Entry *entry, const Entry *hog,
              HvTogether *together)
{
    const guint64 tick = snapshot->tick - 1; /* the newest in the history */
    float fill[N_SAMPLES], misses[N_SAMPLES], busy[N_SAMPLES];

    if (!snapshot->history || !snapshot->tick ||
        !hv_history_read(snapshot->history, "traffic", "total_bytes_per_s", hog->key, tick,
                         fill, N_SAMPLES) ||
        !hv_history_read(snapshot->history, "traffic", "total_bytes_per_s", entry->key, tick,
                         misses, N_SAMPLES) ||
        !hv_history_read(snapshot->history, "vms", "cpu_ratio", entry->key, tick, busy,
                         N_SAMPLES))
        return FALSE;
    for (guint i = 0; i < N_SAMPLES; i++)
        misses[i] = busy[i] > 0 ? misses[i] / busy[i] : NAN;
    return hv_together(fill, misses, N_SAMPLES, together);
}

/* Counters of misses tell what bytes can only suggest. */
static HvMark
quality_of(const HvSnapshot *snapshot, const Entry *entry)
{
    const HvTable *traffic = hv_snapshot_table(snapshot, "traffic");
    const int row = traffic ? hv_table_find(traffic, entry->key) : -1;
    const char *source, *quality;

    if (row < 0)
        return HV_MARK_ESTIMATED;
    source = hv_table_text(traffic, (guint)row, hv_table_column(traffic, "source"));
    quality = hv_table_text(traffic, (guint)row, hv_table_column(traffic, "quality"));
    if (g_strcmp0(source, "perf") != 0)
        return HV_MARK_ESTIMATED;
    return g_strcmp0(quality, "measured") == 0 ? HV_MARK_MEASURED : HV_MARK_SCALED;
}

static void
describe(const Entry *entry, const Around *around, char *out, gsize size)
{
    if (around->n_hogs > 1)
        g_snprintf(out, size,
                   _("refills its part of L3 %" G_GUINT64_FORMAT
                     " with %.1f GB/s, %s and %u more stream %.1f GB/s through it"),
                   entry->llc, entry->fill / 1e9, around->hog->vm, around->n_hogs - 1,
                   around->hogs_fill / 1e9);
    else
        g_snprintf(out, size,
                   _("refills its part of L3 %" G_GUINT64_FORMAT
                     " with %.1f GB/s, %s streams %.1f GB/s through it"),
                   entry->llc, entry->fill / 1e9, around->hog->vm, around->hogs_fill / 1e9);
}

static void
look(const HvSnapshot *snapshot, const Entries *entries, const Entry *entry, HvRuleOut *out)
{
    const double stall = MIN(MOST_STALL, entry->per_busy / LINE_BYTES * LINE_S);
    HvTogether together = { 0 };
    HvMark quality = HV_MARK_ESTIMATED;
    double part = ASSUMED_PART;
    char evidence[384], remedy[384], what[32];
    Around around;

    if (streams(entry) || !(entry->per_busy >= LEAST_BYTES_PER_S))
        return;
    look_around(entries, entry, &around);
    if (!may_thrash(entry, &around))
        return;
    if (went_together(snapshot, entry, around.hog, &together)) {
        if (together.correlation < TOGETHER)
            return;
        part = MIN(together.explained / entry->per_busy, 1);
        quality = quality_of(snapshot, entry);
    }
    describe(entry, &around, evidence, sizeof evidence);
    g_snprintf(remedy, sizeof remedy,
               _("ways of its own would end it, with fewer for the others: hvtune recipe share "
                 "%s 75%%"),
               entry->key);
    g_snprintf(what, sizeof what, "L3 %" G_GUINT64_FORMAT, entry->llc);
    hv_rule_say(out, &(HvRuleFinding){ .vm = entry->vm,
                                       .what = what,
                                       .cost_ratio = stall * part,
                                       .quality = quality,
                                       .evidence = evidence,
                                       .remedy = remedy });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    Entries entries;

    read_entries(snapshot, &entries);
    for (guint i = 0; i < entries.n; i++)
        look(snapshot, &entries, &entries.entries[i], out);
}

const HvRule hv_rule_cache_thrash = {
    .name = "cache-thrash",
    .help = N_("a VM fetches again what neighbours that stream push out of the cache"),
    .inputs = (const char *const[]){ "vms", "llc", "traffic", NULL },
    .run = run,
};
