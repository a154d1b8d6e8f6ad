/* One row per VM, node and size of page: how much of its memory is there. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/keep.h"
#include "probes/numa-stat.h"
#include "probes/probe.h"

#define STAT_BYTES 65536 /* of memory.numa_stat with 64 nodes */
#define BASE_PAGE_BYTES 4096u
#define MIB (1024u * 1024u)

enum { VM, CELL, NODE, PAGE_BYTES, RESIDENT_BYTES, SOURCE, READ_NS, MOVABLE, WHY_NOT };
static const HvColumn columns[] = {
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .unit = HV_UNIT_NONE,
             .help = N_("name of the VM") },
    [CELL] = { .name = "cell",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("the guest's NUMA cell, where the source can tell it") },
    [NODE] = { .name = "node",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("node that it is on") },
    [PAGE_BYTES] = { .name = "page_bytes",
                     .kind = HV_KIND_ID,
                     .unit = HV_UNIT_BYTES,
                     .help = N_("size of its pages") },
    [RESIDENT_BYTES] = { .name = "resident_bytes",
                         .kind = HV_KIND_U64,
                         .unit = HV_UNIT_BYTES,
                         .help = N_("memory of the VM there") },
    [SOURCE] = { .name = "source",
                 .kind = HV_KIND_TEXT,
                 .unit = HV_UNIT_NONE,
                 .help = N_("where the number comes from") },
    [READ_NS] = { .name = "read_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NS,
                  .help = N_("monotonic instant at which it was read"),
                  .hidden = TRUE },
    [MOVABLE] = { .name = "movable",
                  .kind = HV_KIND_BOOL,
                  .unit = HV_UNIT_NONE,
                  .help = N_("whether its pages can be moved to another node") },
    [WHY_NOT] = { .name = "why_not",
                  .kind = HV_KIND_TEXT,
                  .unit = HV_UNIT_NONE,
                  .help = N_("what holds its pages where they are") },
    { 0 },
};
static const HvSchema schema = { .name = "residency", .columns = columns };

/* Sizes of huge pages that x86 has. */
static const struct {
    const char *name; /* in the file's */
    guint64 bytes;
} huge_sizes[] = { { "2MB", 2 * MIB }, { "1GB", (guint64)1024 * MIB } };

/* What is read of one VM. */
typedef struct {
    const HvGuest *guest; /* of the probe's list */
    HvKept stat;
    HvKept huge[G_N_ELEMENTS(huge_sizes)];
} Files;

typedef struct {
    HvHost *host;
    HvKeep keep;
    HvGuestList *list;
    GHashTable *files; /* name → Files */
    char buffer[STAT_BYTES];
} Probe;

static void
files_free(Probe *probe, Files *files)
{
    hv_kept_clear(&probe->keep, &files->stat);
    for (guint i = 0; i < G_N_ELEMENTS(huge_sizes); i++)
        hv_kept_clear(&probe->keep, &files->huge[i]);
    g_free(files);
}

static void
set_path(Probe *probe, HvKept *kept, char *take_path)
{
    if (g_strcmp0(kept->path, take_path) == 0) {
        hv_kept_again(kept);
        g_free(take_path);
    } else {
        hv_kept_set(&probe->keep, kept, take_path);
    }
}

static void
aim(Probe *probe, Files *files, const HvGuest *guest)
{
    const char *group = guest->cgroup_memory;

    files->guest = guest;
    set_path(probe, &files->stat,
             *group ? g_strconcat(group, "/memory.numa_stat", NULL) : NULL);
    for (guint i = 0; i < G_N_ELEMENTS(huge_sizes); i++)
        set_path(probe, &files->huge[i],
                 *group && guest->cgroup_v2
                     ? g_strdup_printf("%s/hugetlb.%s.numa_stat", group, huge_sizes[i].name)
                     : NULL);
}

static void
drop_gone(Probe *probe)
{
    GHashTableIter iter;
    gpointer name, files;

    g_hash_table_iter_init(&iter, probe->files);
    while (g_hash_table_iter_next(&iter, &name, &files)) {
        if (hv_guest_list_find(probe->list, name))
            continue;
        g_hash_table_iter_remove(&iter);
        files_free(probe, files);
    }
}

static void
refresh(Probe *probe)
{
    HvGuestList *list = hv_host_guests(probe->host);
    const gboolean is_other = !probe->list || probe->list->layout != list->layout;
    const gboolean is_newer = list != probe->list;

    hv_guest_list_unref(probe->list);
    probe->list = list;
    for (guint i = 0; is_newer && i < list->n_guests; i++) {
        const HvGuest *guest = list->guests[i];
        Files *files = g_hash_table_lookup(probe->files, guest->name);

        if (!files) {
            files = g_new0(Files, 1);
            g_hash_table_insert(probe->files, g_strdup(guest->name), files);
            aim(probe, files, guest);
        } else if (is_other) {
            aim(probe, files, guest);
        }
        files->guest = guest;
    }
    if (is_other)
        drop_gone(probe);
}

/* A device that reads and writes guest memory by itself holds every page of it. */
static const char *
why_not_movable(const HvGuest *guest)
{
    if (guest->passthrough && *guest->passthrough)
        return N_("a device passed through (VFIO) holds its pages");
    if (*guest->launch_security)
        return N_("its memory is encrypted and pinned");
    return NULL;
}

static void
emit(HvSink *out, const HvGuest *guest, guint node, guint64 page_bytes, guint64 bytes,
     const char *source)
{
    const char *held = why_not_movable(guest);
    char node_text[16], page_text[24];

    if (!bytes)
        return;
    g_snprintf(node_text, sizeof node_text, "%u", node);
    g_snprintf(page_text, sizeof page_text, "%" G_GUINT64_FORMAT, page_bytes);
    hv_row(out, guest->name, "", node_text, page_text);
    hv_u64(out, RESIDENT_BYTES, bytes);
    hv_text(out, SOURCE, source);
    hv_u64(out, READ_NS, (guint64)hv_sink_now_ns(out));
    hv_bool(out, MOVABLE, held == NULL);
    if (held)
        hv_text(out, WHY_NOT, held);
    else
        hv_none(out, WHY_NOT, HV_MARK_ABSENT, N_("nothing holds them"));
}

/* Bytes by size of page and node; sizes as in page_sizes. */
typedef struct {
    guint n_nodes;
    guint64 bytes[1 + G_N_ELEMENTS(huge_sizes)][HV_NUMA_STAT_MAX_NODES];
} Resident;

static gboolean
read_stat(Probe *probe, Files *files, Resident *resident)
{
    HvNumaStat stat;

    if (!files->stat.path ||
        !hv_kept_read(&probe->keep, &files->stat, probe->buffer, sizeof probe->buffer) ||
        !hv_numa_stat_parse(probe->buffer, files->guest->cgroup_v2 ? 2 : 1, &stat,
                            &files->stat.error))
        return FALSE;
    resident->n_nodes = MAX(resident->n_nodes, stat.n_nodes);
    for (guint node = 0; node < stat.n_nodes; node++) {
        resident->bytes[0][node] += stat.small_bytes[node];
        resident->bytes[1][node] += stat.thp_bytes[node];
    }
    return TRUE;
}

/* Whether there is any memory in huge pages that were set aside. */
static gboolean
read_huge(Probe *probe, Files *files, Resident *resident)
{
    gboolean has_any = FALSE;

    for (guint i = 0; i < G_N_ELEMENTS(huge_sizes); i++) {
        guint64 bytes[HV_NUMA_STAT_MAX_NODES];
        HvKept *kept = &files->huge[i];
        guint n_nodes;

        if (!kept->path ||
            !hv_kept_read(&probe->keep, kept, probe->buffer, sizeof probe->buffer) ||
            !hv_hugetlb_stat_parse(probe->buffer, bytes, &n_nodes, &kept->error))
            continue;
        resident->n_nodes = MAX(resident->n_nodes, n_nodes);
        for (guint node = 0; node < n_nodes; node++) {
            resident->bytes[1 + i][node] += bytes[node];
            has_any = has_any || bytes[node] > 0;
        }
    }
    return has_any;
}

static void
sample_vm(Probe *probe, HvSink *out, Files *files)
{
    Resident resident = { 0 };
    const gboolean has_stat = read_stat(probe, files, &resident);
    const gboolean has_huge = read_huge(probe, files, &resident);
    const char *source = !has_huge  ? "memory.numa_stat"
                         : has_stat ? "memory.numa_stat, hugetlb"
                                    : "hugetlb";

    for (guint node = 0; node < resident.n_nodes; node++) {
        emit(out, files->guest, node, BASE_PAGE_BYTES, resident.bytes[0][node], source);
        for (guint i = 0; i < G_N_ELEMENTS(huge_sizes); i++)
            emit(out, files->guest, node, huge_sizes[i].bytes, resident.bytes[1 + i][node],
                 source);
    }
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->keep = (HvKeep){ .host = host, .limit = hv_keep_limit(10) };
    probe->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;

    refresh(probe);
    for (guint i = 0; i < probe->list->n_guests; i++)
        sample_vm(probe, out, g_hash_table_lookup(probe->files, probe->list->guests[i]->name));
    if (hv_keep_note(&probe->keep))
        hv_sink_why(out, hv_keep_note(&probe->keep));
    else if (!probe->list->n_guests)
        hv_sink_why(out, N_("no VM runs here"));
    return TRUE;
}

static void
stop(gpointer state)
{
    Probe *probe = state;
    GHashTableIter iter;
    gpointer files;

    g_hash_table_iter_init(&iter, probe->files);
    while (g_hash_table_iter_next(&iter, NULL, &files))
        files_free(probe, files);
    g_hash_table_unref(probe->files);
    hv_guest_list_unref(probe->list);
    g_free(probe);
}

const HvProbe hv_probe_residency = {
    .name = "residency",
    .source = "kernel Documentation/admin-guide/cgroup-v2.rst, memory.numa_stat",
    .help = N_("on which nodes the memory of each VM lies"),
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
