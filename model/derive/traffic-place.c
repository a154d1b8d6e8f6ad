/* A VM's remote share by place: where its memory is, against where its vCPUs run. No traffic is
 * seen. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/derive/traffic-read.h"

#define NOTHING_HERE N_("by place: no MBM and no PMU here")
#define LEFT_OUT N_("by place: --source traffic= leaves the counters out")
#define NOT_THIS_ONE N_("by place: no counter is on this VM at present")
#define BY_PLACE N_("by place: where its memory is, not what it touches")
#define LEAST_RUN 0.001 /* cpus; below that all vCPUs weigh the same */

typedef struct {
    guint64 cell;
    HvPlaces places;
} Cell;

/* A VM's memory: together, and by guest cell where the source can tell. */
typedef struct {
    guint n_cells;
    Cell cells[HV_TRAFFIC_MAX_CELLS];
    HvPlaces all;
    gint64 read_ns;
} Memory;

static void
clear(const HvTrafficInput *input, HvPlaces *places)
{
    memset(places->bytes, 0, input->n_nodes * sizeof *places->bytes);
    places->sum = 0;
}

static void
add(HvPlaces *places, guint64 node, double bytes)
{
    places->bytes[node] += bytes;
    places->sum += bytes;
}

static HvPlaces *
find_cell(Memory *memory, guint64 cell)
{
    for (guint i = 0; i < memory->n_cells; i++)
        if (memory->cells[i].cell == cell)
            return &memory->cells[i].places;
    return NULL;
}

static HvPlaces *
make_cell(const HvTrafficInput *input, Memory *memory, guint64 number)
{
    HvPlaces *found = find_cell(memory, number);
    Cell *cell;

    if (found || memory->n_cells == HV_TRAFFIC_MAX_CELLS)
        return found;
    cell = &memory->cells[memory->n_cells++];
    cell->cell = number;
    clear(input, &cell->places);
    return &cell->places;
}

static void
add_row(const HvTrafficInput *input, Memory *memory, guint row)
{
    const HvTable *table = input->residency.table;
    guint64 node, bytes, cell, read_ns;
    HvPlaces *places;

    if (!hv_table_u64(table, row, input->at.residency_node, &node) || node >= input->n_nodes ||
        !hv_table_u64(table, row, input->at.resident_bytes, &bytes))
        return;
    add(&memory->all, node, (double)bytes);
    if (hv_table_u64(table, row, input->at.residency_ns, &read_ns) && read_ns > 0 &&
        (memory->read_ns == 0 || (gint64)read_ns < memory->read_ns))
        memory->read_ns = (gint64)read_ns;
    if (!hv_table_u64(table, row, input->at.cell, &cell))
        return;
    places = make_cell(input, memory, cell);
    if (places)
        add(places, node, (double)bytes);
}

static const char *
read_memory(const HvTrafficInput *input, const char *vm, Memory *memory)
{
    const HvTable *table = input->residency.table;
    const HvVmRun *run = hv_vm_index_first(&input->residency, vm);
    const guint first = run ? run->first : 0;

    memory->n_cells = 0;
    memory->read_ns = 0;
    clear(input, &memory->all);
    for (; run; run = hv_vm_index_next(&input->residency, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++)
            add_row(input, memory, row);
    if (memory->all.sum > 0)
        return NULL;
    if (hv_vm_index_first(&input->residency, vm) &&
        !hv_mark_has_value(hv_table_mark(table, first, input->at.resident_bytes)))
        return hv_table_reason(table, first, input->at.resident_bytes);
    return table && hv_table_why(table) ? hv_table_why(table)
                                        : N_("where its memory is, is not known");
}

gboolean
hv_traffic_places(const HvTrafficInput *input, const char *vm, HvPlaces *places,
                  const char **why)
{
    Memory memory;

    *why = read_memory(input, vm, &memory);
    *places = memory.all;
    return *why == NULL;
}

/* Whether the guest's vCPUs belong to more than one cell. */
static gboolean
has_cells(const HvTrafficInput *input, const char *vm)
{
    guint64 first = G_MAXUINT64, cell;

    for (const HvVmRun *run = hv_vm_index_first(&input->vcpus, vm); run;
         run = hv_vm_index_next(&input->vcpus, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++) {
            if (!hv_table_u64(input->vcpus.table, row, input->at.vcpu_cell, &cell))
                continue;
            if (first != G_MAXUINT64 && cell != first)
                return TRUE;
            first = cell;
        }
    return FALSE;
}

/* A vCPU is remote from its own cell's memory: of a guest with several, all of it together says
 * nothing. */
static const char *
read_cells(const HvTrafficInput *input, const char *vm, Memory *memory)
{
    const char *why = read_memory(input, vm, memory);

    if (why || memory->n_cells > 0 || !has_cells(input, vm))
        return why;
    return N_("its guest has several NUMA cells, and nothing tells their memory apart");
}

/* The memory of the vCPU's own cell; where cells are not told apart, all of the VM's. */
static const HvPlaces *
memory_of_vcpu(const HvTrafficInput *input, Memory *memory, guint row)
{
    const HvPlaces *places = NULL;
    guint64 cell;

    if (hv_table_u64(input->vcpus.table, row, input->at.vcpu_cell, &cell))
        places = find_cell(memory, cell);
    return places && places->sum > 0 ? places : &memory->all;
}

/* Sums over vCPUs, weighted with their run time and, beside that, evenly. */
typedef struct {
    double weight, remote;
    double n, remote_evenly;
    const char *why; /* of the first vCPU that does not tell */
} Sum;

static void
add_vcpu(const HvTrafficInput *input, Memory *memory, Sum *sum, guint row)
{
    const HvTable *vcpus = input->vcpus.table;
    const HvPlaces *places = memory_of_vcpu(input, memory, row);
    guint64 node;
    double run = 0, remote;

    if (!hv_table_u64(vcpus, row, input->at.vcpu_node, &node) || node >= input->n_nodes) {
        if (!sum->why)
            sum->why = hv_table_reason(vcpus, row, input->at.vcpu_node);
        return;
    }
    remote = 1 - places->bytes[node] / places->sum;
    hv_table_f64(vcpus, row, input->at.vcpu_run, &run);
    sum->weight += run;
    sum->remote += run * remote;
    sum->n++;
    sum->remote_evenly += remote;
}

static const char *
why_no_bytes(const HvTrafficInput *input)
{
    if (input->has_counters)
        return NOT_THIS_ONE;
    return input->is_allowed[HV_TRAFFIC_BY_MBM] || input->is_allowed[HV_TRAFFIC_BY_PERF]
               ? NOTHING_HERE
               : LEFT_OUT;
}

static void
finish(const HvTrafficInput *input, HvTraffic *traffic, const Sum *sum, const Memory *memory)
{
    const HvQuantity none = { .mark = HV_MARK_ABSENT, .why = why_no_bytes(input) };

    if (sum->n == 0) {
        hv_traffic_clear(input, traffic, HV_MARK_ABSENT,
                         sum->why ? sum->why : N_("its vCPUs are not known"));
        return;
    }
    traffic->quality = HV_MARK_ESTIMATED;
    traffic->local = traffic->remote = traffic->total = none;
    traffic->ratio =
        (HvQuantity){ .mark = HV_MARK_ESTIMATED,
                      .value = sum->weight >= LEAST_RUN ? sum->remote / sum->weight
                                                        : sum->remote_evenly / sum->n };
    traffic->ratio.value = CLAMP(traffic->ratio.value, 0, 1);
    traffic->read_ns = memory->read_ns;
    traffic->doubt = BY_PLACE;
}

void
hv_traffic_by_place(const HvTrafficInput *input, const char *vm, HvTraffic *traffic)
{
    Memory memory;
    const char *why = read_cells(input, vm, &memory);
    Sum sum = { 0 };

    hv_traffic_clear(input, traffic, HV_MARK_ABSENT, why);
    if (why)
        return;
    for (const HvVmRun *run = hv_vm_index_first(&input->vcpus, vm); run;
         run = hv_vm_index_next(&input->vcpus, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++)
            add_vcpu(input, &memory, &sum, row);
    finish(input, traffic, &sum, &memory);
}

void
hv_traffic_vcpu_by_place(const HvTrafficInput *input, const char *vm, guint row,
                         HvTraffic *traffic)
{
    Memory memory;
    const char *why = read_cells(input, vm, &memory);
    Sum sum = { 0 };

    hv_traffic_clear(input, traffic, HV_MARK_ABSENT, why);
    if (why)
        return;
    add_vcpu(input, &memory, &sum, row);
    finish(input, traffic, &sum, &memory);
}

static double
weight_of(const HvTrafficInput *input, const Sum *sum, guint row)
{
    double run = 0;

    if (sum->weight < LEAST_RUN)
        return 1 / sum->n;
    hv_table_f64(input->vcpus.table, row, input->at.vcpu_run, &run);
    return run / sum->weight;
}

static void
add_shares(const HvTrafficInput *input, Memory *memory, const Sum *sum, guint row,
           double shares[HV_TRAFFIC_MAX_NODES][HV_TRAFFIC_MAX_NODES])
{
    const HvPlaces *places = memory_of_vcpu(input, memory, row);
    guint64 from;

    if (!hv_table_u64(input->vcpus.table, row, input->at.vcpu_node, &from) ||
        from >= input->n_nodes)
        return;
    for (guint to = 0; to < input->n_nodes; to++)
        shares[from][to] += weight_of(input, sum, row) * places->bytes[to] / places->sum;
}

gboolean
hv_traffic_place_shares(const HvTrafficInput *input, const char *vm,
                        double shares[HV_TRAFFIC_MAX_NODES][HV_TRAFFIC_MAX_NODES],
                        const char **why)
{
    const HvVmRun *first = hv_vm_index_first(&input->vcpus, vm);
    Memory memory;
    Sum sum = { 0 };

    *why = read_cells(input, vm, &memory);
    if (*why)
        return FALSE;
    for (const HvVmRun *run = first; run; run = hv_vm_index_next(&input->vcpus, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++)
            add_vcpu(input, &memory, &sum, row);
    if (sum.n == 0) {
        *why = sum.why ? sum.why : N_("its vCPUs are not known");
        return FALSE;
    }
    for (guint from = 0; from < input->n_nodes; from++)
        memset(shares[from], 0, input->n_nodes * sizeof *shares[from]);
    for (const HvVmRun *run = first; run; run = hv_vm_index_next(&input->vcpus, run, vm))
        for (guint row = run->first; row < run->first + run->n; row++)
            add_shares(input, &memory, &sum, row, shares);
    return TRUE;
}
