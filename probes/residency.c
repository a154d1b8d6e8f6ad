/* Where each VM's memory is, and whether it can be moved. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/probe.h"
#include "probes/residency-private.h"

/* How old what is known of free 1 GiB pages may be. */
#define FREE_GIGANTIC_NS G_GINT64_CONSTANT(10000000000)
#define GIGANTIC_BYTES (1u << 30)
#define FREE_GIGANTIC_PATH                                                                     \
    "sys/devices/system/node/node%d/hugepages/hugepages-1048576kB/free_hugepages"

enum {
    VM,
    CELL,
    NODE,
    PAGE_BYTES,
    RESIDENT_BYTES,
    SOURCE,
    READ_NS,
    AGE_S,
    MOVABLE,
    WHY_NOT,
    DIFFERENCE_BYTES
};
static const HvColumn columns[] = {
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .unit = HV_UNIT_NONE,
             .help = N_("name of the VM") },
    [CELL] = { .name = "cell",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("NUMA cell of the guest, where they are told apart") },
    [NODE] = { .name = "node",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("node that it is on") },
    [PAGE_BYTES] = { .name = "page_bytes",
                     .kind = HV_KIND_ID,
                     .unit = HV_UNIT_BYTES,
                     .help =
                         N_("size of its pages, where they are told apart; numa_maps counts "
                            "transparent huge ones as small") },
    [RESIDENT_BYTES] = { .name = "resident_bytes",
                         .kind = HV_KIND_U64,
                         .unit = HV_UNIT_BYTES,
                         .help = N_("memory that is there") },
    [SOURCE] = { .name = "source",
                 .kind = HV_KIND_TEXT,
                 .unit = HV_UNIT_NONE,
                 .help = N_("where that is known from") },
    [READ_NS] = { .name = "read_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NS,
                  .help = N_("when it was read"),
                  .hidden = TRUE },
    [AGE_S] = { .name = "age_s",
                .kind = HV_KIND_F64,
                .unit = HV_UNIT_S,
                .help = N_("time since it was read") },
    [MOVABLE] = { .name = "movable",
                  .kind = HV_KIND_BOOL,
                  .unit = HV_UNIT_NONE,
                  .help = N_("it can be moved to another node") },
    [WHY_NOT] = { .name = "why_not",
                  .kind = HV_KIND_TEXT,
                  .unit = HV_UNIT_NONE,
                  .help = N_("why it cannot be moved") },
    [DIFFERENCE_BYTES] = { .name = "difference_bytes",
                           .kind = HV_KIND_F64,
                           .unit = HV_UNIT_BYTES,
                           .help = N_("what the VM's control group has more than its process"),
                           .hidden = TRUE },
    { 0 },
};
static const HvSchema schema = { .name = "residency", .columns = columns };

static const char by_group[] = "memory.numa_stat", by_hugetlb[] = "hugetlb",
                  by_numa_maps[] = "numa_maps", by_sample[] = "move_pages sample";

/* ---- rows ---- */

static gboolean
is_same_place(const HvNumaPart *a, const HvNumaPart *b)
{
    return a->cell == b->cell && a->node == b->node && a->page_bytes == b->page_bytes;
}

/* Rows keep their numbers as long as memory is on the nodes that it was on. */
static void
set_rows(HvVmMemory *vm, const GArray *parts)
{
    gboolean is_same = parts->len == vm->rows->len;

    for (guint i = 0; i < parts->len && is_same; i++)
        is_same = is_same_place(&g_array_index(vm->rows, HvMemoryRow, i).part,
                                &g_array_index(parts, HvNumaPart, i));
    if (!is_same)
        g_array_set_size(vm->rows, parts->len);
    for (guint i = 0; i < parts->len; i++) {
        HvMemoryRow *row = &g_array_index(vm->rows, HvMemoryRow, i);

        row->part = g_array_index(parts, HvNumaPart, i);
        row->has_row = row->has_row && is_same;
    }
}

/* A row may hold both transparent and hugetlb pages: it has the name of what is more. */
static const char *
source_of_group(const HvMemoryGroup *group, const HvNumaPart *part)
{
    for (guint i = 0; i < group->hugetlb_parts->len; i++) {
        const HvNumaPart *huge = &g_array_index(group->hugetlb_parts, HvNumaPart, i);

        if (is_same_place(huge, part) && huge->bytes >= part->bytes / 2)
            return by_hugetlb;
    }
    return by_group;
}

static void
use_group(HvVmMemory *vm)
{
    set_rows(vm, vm->group.parts);
    for (guint i = 0; i < vm->rows->len; i++) {
        HvMemoryRow *row = &g_array_index(vm->rows, HvMemoryRow, i);

        row->source = source_of_group(&vm->group, &row->part);
    }
    vm->is_estimate = FALSE;
    vm->read_ns = vm->group.read_ns;
}

static void
use_survey(HvVmMemory *vm)
{
    const gboolean is_sample = vm->survey->kind == HV_SURVEY_SAMPLE;

    set_rows(vm, vm->survey->parts);
    for (guint i = 0; i < vm->rows->len; i++)
        g_array_index(vm->rows, HvMemoryRow, i).source = is_sample ? by_sample : by_numa_maps;
    vm->is_estimate = is_sample;
    vm->read_ns = vm->survey->read_ns;
}

/* Cells are told apart only by looking into the process. */
static gboolean
choose_source(HvVmMemory *vm)
{
    const HvSurveyKind kind = vm->survey ? vm->survey->kind : HV_SURVEY_GLANCE;
    const gboolean has_survey = kind == HV_SURVEY_NUMA_MAPS || kind == HV_SURVEY_SAMPLE;

    if (has_survey && (vm->is_blind || vm->survey->n_cells > 1))
        use_survey(vm);
    else if (!vm->is_blind)
        use_group(vm);
    else
        return FALSE;
    return vm->rows->len > 0;
}

/* ---- whether it can be moved ---- */

static void
read_free_gigantic(HvResidency *probe, gint64 now_ns)
{
    g_autoptr(HvTopology) topology = NULL;

    if (probe->free_gigantic_ns && now_ns - probe->free_gigantic_ns < FREE_GIGANTIC_NS)
        return;
    probe->free_gigantic_ns = now_ns;
    g_clear_pointer(&probe->free_gigantic, hv_set_free);
    topology = hv_host_topology(probe->host, NULL);
    for (guint i = 0; topology && i < topology->n_nodes; i++) {
        g_autofree char *path = g_strdup_printf(FREE_GIGANTIC_PATH, topology->nodes[i].node);
        guint64 n_free;

        if (!hv_host_read_u64_file(probe->host, path, &n_free, NULL))
            continue;
        if (!probe->free_gigantic)
            probe->free_gigantic = hv_set_new();
        if (n_free > 0)
            hv_set_add(probe->free_gigantic, (guint)topology->nodes[i].node);
    }
}

static gboolean
is_free_elsewhere(const HvSet *nodes, guint node)
{
    return hv_set_count(nodes) > (hv_set_has(nodes, node) ? 1u : 0u);
}

/* NULL: nothing is in the way. */
static const char *
why_pinned(const HvVmMemory *vm)
{
    const char *security = vm->guest->launch_security;

    if (vm->guest->passthrough && vm->guest->passthrough[0])
        return N_("a device is passed through: VFIO holds all of it in place");
    if (security && g_str_has_prefix(security, "sev"))
        return N_("it is encrypted (SEV): its pages are held in place");
    if (security && *security)
        return N_("it is private to the guest (guest_memfd): the kernel cannot move it");
    if (vm->group.pinned_bytes > 0)
        return N_("something holds pages of it in place (VmPin)");
    return NULL;
}

static void
emit_movable(HvResidency *probe, HvSink *out, const HvVmMemory *vm, const HvNumaPart *part)
{
    const char *why = why_pinned(vm);

    if (!why && part->page_bytes == GIGANTIC_BYTES) {
        read_free_gigantic(probe, hv_sink_now_ns(out));
        if (!probe->free_gigantic) {
            hv_none(out, MOVABLE, HV_MARK_ABSENT,
                    N_("whether other nodes have free 1 GiB pages is not known"));
            return;
        }
        if (!is_free_elsewhere(probe->free_gigantic, part->node))
            why = N_("no other node has a free 1 GiB page");
    }
    hv_bool(out, MOVABLE, !why);
    if (why)
        hv_text(out, WHY_NOT, why);
    else
        hv_none(out, WHY_NOT, HV_MARK_ABSENT, N_("it can be moved"));
}

/* ---- the table ---- */

static void
begin_row(HvSink *out, const HvVmMemory *vm, HvMemoryRow *row)
{
    char cell[16] = "", node[16], page[24] = "";

    if (row->has_row && hv_row_again(out, row->row))
        return;
    if (row->part.cell >= 0)
        g_snprintf(cell, sizeof cell, "%d", row->part.cell);
    g_snprintf(node, sizeof node, "%u", row->part.node);
    if (row->part.page_bytes)
        g_snprintf(page, sizeof page, "%" G_GUINT64_FORMAT, row->part.page_bytes);
    row->row = hv_row(out, vm->guest->name, cell, node, page);
    row->has_row = TRUE;
}

static void
emit_row(HvResidency *probe, HvSink *out, const HvVmMemory *vm, HvMemoryRow *row)
{
    const gint64 age_ns = MAX(hv_sink_now_ns(out) - vm->read_ns, 0);

    begin_row(out, vm, row);
    hv_u64(out, RESIDENT_BYTES, row->part.bytes);
    if (vm->is_estimate)
        hv_mark(out, RESIDENT_BYTES, HV_MARK_ESTIMATED);
    hv_text(out, SOURCE, row->source);
    hv_u64(out, READ_NS, (guint64)vm->read_ns);
    hv_f64(out, AGE_S, (double)age_ns / 1e9);
    if (vm->group.has_parts && vm->group.has_process)
        hv_f64(out, DIFFERENCE_BYTES, (double)hv_memory_group_difference(&vm->group));
    else
        hv_none(out, DIFFERENCE_BYTES, HV_MARK_ABSENT, N_("one of the two is not known"));
    emit_movable(probe, out, vm, &row->part);
}

/* A VM of which nothing is known has one row that says why. */
static void
emit_none(const HvResidency *probe, HvSink *out, const HvVmMemory *vm)
{
    static const guint others[] = {
        SOURCE, READ_NS, AGE_S, MOVABLE, WHY_NOT, DIFFERENCE_BYTES
    };
    const char *why = probe->list->remote ? N_("runs on another machine (REMOTE)")
                      : !vm->pid          ? N_("no local process is known")
                      : !vm->is_blind     ? N_("it has no memory yet")
                      : vm->group.memory.path
                          ? N_("its control group does not tell, its process "
                               "is being looked into")
                          : N_("its control group is not known, its process "
                               "is being looked into");

    hv_row(out, vm->guest->name, "", "", "");
    if (vm->pid && vm->is_blind && vm->survey_error)
        hv_none_error(out, RESIDENT_BYTES, vm->survey_error);
    else
        hv_none(out, RESIDENT_BYTES, HV_MARK_ABSENT, why);
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        hv_none(out, others[i], HV_MARK_ABSENT, N_("where its memory is, is not known"));
}

static void
emit_vm(HvResidency *probe, HvSink *out, HvVmMemory *vm)
{
    if (!vm->pid || !choose_source(vm)) {
        emit_none(probe, out, vm);
        return;
    }
    for (guint i = 0; i < vm->rows->len; i++)
        emit_row(probe, out, vm, &g_array_index(vm->rows, HvMemoryRow, i));
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    HvResidency *probe = g_new0(HvResidency, 1);

    probe->host = host;
    probe->keep = (HvKeep){ .host = host, .limit = hv_keep_limit(15) };
    probe->vms = g_ptr_array_new();
    probe->lane = hv_lane_new(host, &hv_survey_lane);
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    HvResidency *probe = state;

    hv_residency_read(probe, out);
    for (guint i = 0; i < probe->vms->len; i++)
        emit_vm(probe, out, probe->vms->pdata[i]);
    if (hv_keep_note(&probe->keep))
        hv_sink_why(out, hv_keep_note(&probe->keep));
    else if (probe->vms->len == 0)
        hv_sink_why(out, N_("no VM runs here"));
    return TRUE;
}

static void
stop(gpointer state)
{
    HvResidency *probe = state;

    hv_lane_free(probe->lane);
    for (guint i = 0; i < probe->vms->len; i++)
        hv_residency_vm_free(probe, probe->vms->pdata[i]);
    g_ptr_array_unref(probe->vms);
    hv_set_free(probe->free_gigantic);
    hv_guest_list_unref(probe->list);
    g_free(probe);
}

const HvProbe hv_probe_residency = {
    .name = "residency",
    .source = "kernel Documentation/admin-guide/cgroup-v2.rst (memory.numa_stat), "
              "mm/hugetlb_cgroup.c; numa(7): /proc/PID/numa_maps; move_pages(2)",
    .help = N_("where each VM's memory is, by node"),
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
