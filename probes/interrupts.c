/* One row per interrupt and node: how often, of which device, and where it may and does go. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "probes/irq-holds.h"
#include "probes/keep.h"
#include "probes/probe.h"

#define OLDEST_NS                                                                              \
    (G_GINT64_CONSTANT(19) * 500000000) /* 9.5 s: affinities are read in turns                 \
                                         */
#define N_TURNS 10
#define NO_NODE (-1)
#define MAX_TEXT 4096 /* of an affinity list */
#define MAX_KEPT_FILES 2048u

enum {
    IRQ,
    NODE,
    PER_S,
    NAME,
    DEVICE,
    DEVICE_NODE,
    CPUS_WANTED,
    CPUS_EFFECTIVE,
    MANAGED,
    MOVABLE,
    WHY_NOT,
    BANNED,
    COUNT,
};

static const HvColumn columns[] = {
    [IRQ] = { .name = "irq",
              .kind = HV_KIND_KEY,
              .unit = HV_UNIT_NONE,
              .help = N_("number of the interrupt, or the kernel's name for its kind") },
    [NODE] = { .name = "node",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("node of the cpus that took it; empty: not known") },
    [PER_S] = { .name = "per_s",
                .kind = HV_KIND_RATE,
                .unit = HV_UNIT_PER_S,
                .help = N_("interrupts per second"),
                .of = COUNT },
    [NAME] = { .name = "name",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("what its driver calls it") },
    [DEVICE] = { .name = "device",
                 .kind = HV_KIND_TEXT,
                 .unit = HV_UNIT_NONE,
                 .help = N_("device that raises it") },
    [DEVICE_NODE] = { .name = "device_node",
                      .kind = HV_KIND_U64,
                      .unit = HV_UNIT_NONE,
                      .help = N_("node that this device is near to") },
    [CPUS_WANTED] = { .name = "cpus_wanted",
                      .kind = HV_KIND_SET,
                      .unit = HV_UNIT_NONE,
                      .help = N_("cpus that it may go to") },
    [CPUS_EFFECTIVE] = { .name = "cpus_effective",
                         .kind = HV_KIND_SET,
                         .unit = HV_UNIT_NONE,
                         .help = N_("cpus that it does go to") },
    [MANAGED] = { .name = "managed",
                  .kind = HV_KIND_BOOL,
                  .unit = HV_UNIT_NONE,
                  .help = N_("the kernel keeps its affinity to itself") },
    [MOVABLE] = { .name = "movable",
                  .kind = HV_KIND_BOOL,
                  .unit = HV_UNIT_NONE,
                  .help =
                      N_("whether it goes where one writes, as far as can be told before") },
    [WHY_NOT] = { .name = "why_not",
                  .kind = HV_KIND_TEXT,
                  .unit = HV_UNIT_NONE,
                  .help = N_("why it will not move, or not stay") },
    [BANNED] = { .name = "banned",
                 .kind = HV_KIND_BOOL,
                 .unit = HV_UNIT_NONE,
                 .help = N_("irqbalance was told to leave it alone") },
    [COUNT] = { .name = "count",
                .kind = HV_KIND_COUNTER,
                .unit = HV_UNIT_COUNT,
                .help = N_("taken since boot; 32 bits per cpu") },
    { 0 },
};
static const HvSchema schema = { .name = "interrupts", .columns = columns };

/* One line of the file. */
typedef struct {
    char *label;
    char *rest; /* what the line said behind its counts; another device when it changes */
    char *name;
    char *device; /* or NULL */
    gboolean has_device_node;
    guint64 device_node;
    HvManaged managed;
    HvIrqHold hold;
    HvKept wanted_file, effective_file;
    char *wanted, *effective; /* or NULL */
    gint64 due_ns;
    guint turn;
    guint32 *rows; /* by slot */
    gboolean has_rows;
    guint64 seen; /* the sample that had it */
} Irq;

typedef struct {
    HvHost *host;
    HvFiles *file;
    HvKeep keep;
    HvIrqHolds holds;
    HvTopology *topology;
    guint64 generation; /* of the topology that the slots were made of */
    char *header;
    GArray *cpus;  /* guint, by column */
    GArray *slots; /* guint, by column: index into the two below */
    GArray *nodes; /* int, by slot: node or NO_NODE */
    guint64 *sums; /* by slot */
    gboolean
        has_moved; /* columns changed: these counts have no former ones to be compared with */
    GPtrArray *lines; /* of Irq, in the order of the file, borrowed */
    GHashTable *irqs; /* label to Irq, owned */
    guint64 n_samples;
    guint n_born;
    char buffer[MAX_TEXT];
} Probe;

static void
irq_free(Probe *probe, Irq *irq)
{
    hv_kept_clear(&probe->keep, &irq->wanted_file);
    hv_kept_clear(&probe->keep, &irq->effective_file);
    g_free(irq->label);
    g_free(irq->rest);
    g_free(irq->name);
    g_free(irq->device);
    g_free(irq->wanted);
    g_free(irq->effective);
    g_free(irq->rows);
    g_free(irq);
}

static gboolean
has_affinity(const Irq *irq)
{
    return g_ascii_isdigit(*irq->label);
}

/* @os_names: blanks between. */
static gboolean
is_of_one(const char *name, const char *os_names)
{
    char os_name[64];

    for (const char *at = os_names; at && *at; at += strspn(at, " ")) {
        const gsize length = strcspn(at, " ");

        g_strlcpy(os_name, at, MIN(length + 1, sizeof os_name));
        if (hv_interrupts_is_of_device(name, os_name))
            return TRUE;
        at += length;
    }
    return FALSE;
}

/* By PCI address where the line has one, as kernels of late write it; else by the names of OS
 * devices. */
static const HvTopoDevice *
find_device(const HvTopology *topology, const char *pci, const char *name)
{
    for (guint i = 0; topology && i < topology->n_devices; i++) {
        const HvTopoDevice *device = &topology->devices[i];

        if (pci ? g_strcmp0(device->pci, pci) == 0
                : is_of_one(name, device->os_names) ||
                      (!device->pci && is_of_one(name, device->name)))
            return device;
    }
    return NULL;
}

/* The kernel says -1 where it does not know. */
static gboolean
read_numa_node(HvHost *host, const char *pci, guint64 *node)
{
    g_autofree char *path = g_strdup_printf("sys/bus/pci/devices/%s/numa_node", pci);

    return hv_host_read_u64_file(host, path, node, NULL);
}

static void
find_its_device(const Probe *probe, Irq *irq)
{
    g_autofree char *pci = hv_interrupts_pci(irq->rest);
    const HvTopoDevice *device = find_device(probe->topology, pci, irq->name);

    g_free(irq->device);
    irq->device = g_strdup(device ? device->name : pci);
    irq->has_device_node = device && device->node >= 0;
    if (irq->has_device_node)
        irq->device_node = (guint64)device->node;
    else if (pci)
        irq->has_device_node = read_numa_node(probe->host, pci, &irq->device_node);
}

/* A new line, or another device under the same number. */
static void
describe(Probe *probe, Irq *irq, const char *rest)
{
    g_free(irq->rest);
    irq->rest = g_strdup(rest);
    g_free(irq->name);
    irq->name = g_strdup(hv_interrupts_name(irq->label, rest));
    irq->managed = hv_interrupts_managed(irq->name);
    irq->due_ns = 0;
    if (!has_affinity(irq))
        return;
    find_its_device(probe, irq);
    hv_kept_again(&irq->wanted_file);
    hv_kept_again(&irq->effective_file);
}

static Irq *
irq_new(Probe *probe, const char *label)
{
    Irq *irq = g_new0(Irq, 1);

    irq->label = g_strdup(label);
    irq->rows = g_new0(guint32, probe->nodes->len);
    irq->turn = probe->n_born++ % N_TURNS;
    if (has_affinity(irq)) {
        hv_kept_set(&probe->keep, &irq->wanted_file,
                    g_strdup_printf("proc/irq/%s/smp_affinity_list", label));
        hv_kept_set(&probe->keep, &irq->effective_file,
                    g_strdup_printf("proc/irq/%s/effective_affinity_list", label));
    }
    g_hash_table_insert(probe->irqs, irq->label, irq);
    return irq;
}

/* The lines come in the same order each time: the search is for those that are new. */
static Irq *
find_irq(Probe *probe, guint index, const HvInterruptLine *line)
{
    Irq *irq = index < probe->lines->len ? probe->lines->pdata[index] : NULL;

    if (!irq || strcmp(irq->label, line->label) != 0) {
        irq = g_hash_table_lookup(probe->irqs, line->label);
        if (!irq)
            irq = irq_new(probe, line->label);
        if (index >= probe->lines->len)
            g_ptr_array_set_size(probe->lines, (gint)index + 1);
        probe->lines->pdata[index] = irq;
    }
    if (!irq->rest || strcmp(irq->rest, line->rest) != 0)
        describe(probe, irq, line->rest);
    irq->seen = probe->n_samples;
    return irq;
}

static gboolean
is_gone(gpointer label G_GNUC_UNUSED, gpointer value, gpointer data)
{
    Probe *probe = data;
    Irq *irq = value;

    if (irq->seen == probe->n_samples)
        return FALSE;
    irq_free(probe, irq);
    return TRUE;
}

static void
forget_gone(Probe *probe, guint n_lines)
{
    g_ptr_array_set_size(probe->lines, (gint)n_lines);
    if (g_hash_table_size(probe->irqs) > n_lines)
        g_hash_table_foreach_steal(probe->irqs, is_gone, probe);
}

static int
node_of(const Probe *probe, guint cpu)
{
    const HvTopoCpu *found = probe->topology ? hv_topology_cpu(probe->topology, cpu) : NULL;

    return found ? found->node : NO_NODE;
}

static guint
slot_of(GArray *nodes, int node)
{
    guint slot = 0;

    while (slot < nodes->len && g_array_index(nodes, int, slot) != node)
        slot++;
    if (slot == nodes->len)
        g_array_append_val(nodes, node);
    return slot;
}

static gboolean
is_same_array(const GArray *a, const GArray *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len * sizeof(guint)) == 0;
}

/* Takes both. Rows are numbered by slot, so they begin anew. */
static void
use_slots(Probe *probe, GArray *take_slots, GArray *take_nodes)
{
    GHashTableIter iter;
    gpointer irq;

    g_array_unref(probe->slots);
    g_array_unref(probe->nodes);
    probe->slots = take_slots;
    probe->nodes = take_nodes;
    probe->sums = g_renew(guint64, probe->sums, probe->nodes->len);
    g_hash_table_iter_init(&iter, probe->irqs);
    while (g_hash_table_iter_next(&iter, NULL, &irq)) {
        ((Irq *)irq)->rows = g_renew(guint32, ((Irq *)irq)->rows, probe->nodes->len);
        ((Irq *)irq)->has_rows = FALSE;
    }
}

/* Returns: whether some column goes to another node than before. */
static gboolean
make_slots(Probe *probe)
{
    g_autoptr(GArray) slots = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(int));

    for (guint i = 0; i < probe->cpus->len; i++) {
        const guint slot = slot_of(nodes, node_of(probe, g_array_index(probe->cpus, guint, i)));

        g_array_append_val(slots, slot);
    }
    if (is_same_array(slots, probe->slots) && is_same_array(nodes, probe->nodes))
        return FALSE;
    use_slots(probe, g_steal_pointer(&slots), g_steal_pointer(&nodes));
    return TRUE;
}

static void
find_devices_again(Probe *probe)
{
    GHashTableIter iter;
    gpointer irq;

    g_hash_table_iter_init(&iter, probe->irqs);
    while (g_hash_table_iter_next(&iter, NULL, &irq))
        if (has_affinity(irq))
            find_its_device(probe, irq);
}

/* A cpu that went takes its counts out of the file, and brings them back when it returns:
 * neither is a rate. */
static gboolean
follow_header(Probe *probe, const char *header, GError **error)
{
    const guint64 generation = probe->topology ? probe->topology->generation : 0;
    const gboolean is_same = probe->header && strcmp(header, probe->header) == 0;

    probe->has_moved = FALSE;
    if (is_same && generation == probe->generation)
        return TRUE;
    if (!hv_interrupts_header(header, probe->cpus, error)) {
        g_clear_pointer(&probe->header, g_free); /* its columns are forgotten */
        return FALSE;
    }
    if (!is_same) {
        g_free(probe->header);
        probe->header = g_strdup(header);
    }
    probe->has_moved = make_slots(probe) || !is_same;
    if (generation != probe->generation)
        find_devices_again(probe);
    probe->generation = generation;
    return TRUE;
}

static void
read_list(Probe *probe, HvKept *file, char **list)
{
    const char *text = NULL;

    if (hv_kept_read(&probe->keep, file, probe->buffer, sizeof probe->buffer))
        text = hv_chomp(probe->buffer);
    if (g_strcmp0(*list, text) == 0)
        return;
    g_free(*list);
    *list = g_strdup(text);
}

static void
read_affinity(Probe *probe, Irq *irq, gint64 now_ns)
{
    if (!has_affinity(irq) || now_ns < irq->due_ns)
        return;
    read_list(probe, &irq->wanted_file, &irq->wanted);
    read_list(probe, &irq->effective_file, &irq->effective);
    irq->hold = hv_irq_holds_of(&probe->holds, irq->name, now_ns);
    irq->due_ns = now_ns + (irq->due_ns ? OLDEST_NS : OLDEST_NS * (irq->turn + 1) / N_TURNS);
}

static void
emit_list(HvSink *out, guint column, const Irq *irq, const char *list, const HvKept *file)
{
    if (!has_affinity(irq))
        hv_none(out, column, HV_MARK_ABSENT, N_("no interrupt of a device"));
    else if (!list)
        hv_none_error(out, column, file->error);
    else if (*list)
        hv_text(out, column, list);
    else
        hv_none(out, column, HV_MARK_ABSENT, N_("it has no cpu now"));
}

static void
emit_managed(HvSink *out, const Irq *irq)
{
    if (irq->managed == HV_MANAGED_UNKNOWN) {
        hv_none(out, MANAGED, HV_MARK_ABSENT,
                has_affinity(irq) ? N_("its name does not tell; only a refused write would")
                                  : N_("no interrupt of a device"));
        return;
    }
    hv_bool(out, MANAGED, irq->managed == HV_MANAGED_LIKELY);
    hv_mark(out, MANAGED, HV_MARK_ESTIMATED);
}

static void
emit_irq(const Probe *probe, HvSink *out, const Irq *irq)
{
    if (*irq->name)
        hv_text(out, NAME, irq->name);
    else
        hv_none(out, NAME, HV_MARK_ABSENT, N_("no driver uses it"));
    if (irq->device)
        hv_text(out, DEVICE, irq->device);
    else
        hv_none(out, DEVICE, HV_MARK_ABSENT, N_("its line names no device"));
    if (irq->has_device_node)
        hv_u64(out, DEVICE_NODE, irq->device_node);
    else
        hv_none(out, DEVICE_NODE, HV_MARK_ABSENT,
                N_("the node of its device is not known, or there are several"));
    emit_list(out, CPUS_WANTED, irq, irq->wanted, &irq->wanted_file);
    emit_list(out, CPUS_EFFECTIVE, irq, irq->effective, &irq->effective_file);
    emit_managed(out, irq);
    hv_irq_holds_emit(&probe->holds, out, MOVABLE, irq->label, irq->hold);
}

static guint32
begin_new_row(HvSink *out, const Irq *irq, int node)
{
    return node >= 0 ? hv_row_text_u64(out, irq->label, (guint64)node)
                     : hv_row(out, irq->label, "");
}

static void
emit_row(const Probe *probe, HvSink *out, const Irq *irq, guint64 count)
{
    hv_u64(out, COUNT, count);
    if (probe->has_moved && probe->n_samples > 1)
        hv_none(out, PER_S, HV_MARK_ABSENT, N_("cpus came or went: no rate"));
    emit_irq(probe, out, irq);
}

static void
emit_line(const Probe *probe, HvSink *out, Irq *irq, const HvInterruptLine *line)
{
    if (line->is_whole) {
        begin_new_row(out, irq, NO_NODE);
        emit_row(probe, out, irq, line->whole);
        return;
    }
    for (guint slot = 0; slot < probe->nodes->len; slot++) {
        if (!irq->has_rows || !hv_row_again(out, irq->rows[slot]))
            irq->rows[slot] = begin_new_row(out, irq, g_array_index(probe->nodes, int, slot));
        emit_row(probe, out, irq, probe->sums[slot]);
    }
    irq->has_rows = TRUE;
}

static void
sample_lines(Probe *probe, HvSink *out, char *text)
{
    const gint64 now_ns = hv_sink_now_ns(out);
    const guint *slots = (const guint *)(gconstpointer)probe->slots->data;
    HvInterruptLine line;
    guint n_lines = 0;

    for (char *next; (next = hv_next_line(&text));) {
        Irq *irq;

        memset(probe->sums, 0, probe->nodes->len * sizeof *probe->sums);
        if (!hv_interrupts_line(next, slots, probe->cpus->len, probe->sums, &line))
            continue; /* an empty line, or a kind of line that later kernels may have */
        irq = find_irq(probe, n_lines++, &line);
        read_affinity(probe, irq, now_ns);
        emit_line(probe, out, irq, &line);
    }
    forget_gone(probe, n_lines);
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    probe->n_samples++;
    g_hash_table_foreach_steal(probe->irqs, is_gone, probe);
    g_hash_table_unref(probe->irqs);
    g_ptr_array_unref(probe->lines);
    g_array_unref(probe->cpus);
    hv_topology_unref(probe->topology);
    hv_files_close(probe->file);
    hv_irq_holds_clear(&probe->holds);
    g_array_unref(probe->slots);
    g_array_unref(probe->nodes);
    g_free(probe->sums);
    g_free(probe->header);
    g_free(probe);
}

static gpointer
start(HvHost *host, GError **error)
{
    static const char *const names[] = { "interrupts" };
    HvFiles *file = hv_files_open(host, "proc/%s", names, G_N_ELEMENTS(names), error);
    Probe *probe;

    if (!file)
        return NULL;
    probe = g_new0(Probe, 1);
    probe->host = host;
    probe->file = file;
    probe->keep = (HvKeep){ .host = host, .limit = MIN(hv_keep_limit(15), MAX_KEPT_FILES) };
    probe->holds.host = host;
    probe->cpus = g_array_new(FALSE, FALSE, sizeof(guint));
    probe->slots = g_array_new(FALSE, FALSE, sizeof(guint));
    probe->nodes = g_array_new(FALSE, FALSE, sizeof(int));
    probe->lines = g_ptr_array_new();
    probe->irqs = g_hash_table_new(g_str_hash, g_str_equal);
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error)
{
    Probe *probe = state;
    char *text = hv_files_read(probe->file, 0, error), *header;

    if (!text)
        return FALSE;
    g_clear_pointer(&probe->topology, hv_topology_unref);
    probe->topology = hv_host_topology(probe->host, NULL);
    header = hv_next_line(&text);
    probe->n_samples++;
    if (!follow_header(probe, header ? header : "", error))
        return FALSE;
    hv_irq_holds_refresh(&probe->holds, hv_sink_now_ns(out));
    sample_lines(probe, out, text);
    return TRUE;
}

const HvProbe hv_probe_interrupts = {
    .name = "interrupts",
    .source = "kernel Documentation/filesystems/proc.rst, "
              "Documentation/core-api/irq/irq-affinity.rst",
    .help = N_("interrupts of each node, their devices and their affinity"),
    .period_ms = 1000,
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
