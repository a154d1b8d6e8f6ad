/* What the Map tells of its cpus: their load, who ran there last, where the selected VM may
 * run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-marks.h"

#include <math.h>
#include <string.h>

#include "tui/map-devices.h"

static const HvMapCpu unknown = { .use = NAN };

HvMapMarks *
hv_map_marks_new(void)
{
    HvMapMarks *marks = g_new0(HvMapMarks, 1);

    marks->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)g_ptr_array_unref);
    return marks;
}

void
hv_map_marks_free(HvMapMarks *marks)
{
    if (!marks)
        return;
    g_hash_table_unref(marks->names);
    g_free(marks->cpus);
    g_free(marks->run);
    g_free(marks->vm);
    g_free(marks);
}

gsize
hv_map_vm_length(const char *row_key)
{
    const char *slash = strrchr(row_key, '/');

    return slash ? (gsize)(slash - row_key) : strlen(row_key);
}

const HvMapCpu *
hv_map_marks_cpu(const HvMapMarks *marks, guint cpu)
{
    return cpu < marks->n_cpus ? &marks->cpus[cpu] : &unknown;
}

static void
reset(HvMapMarks *marks, const HvTopology *topology)
{
    const guint n_cpus = topology->n_cpus ? topology->cpus[topology->n_cpus - 1].cpu + 1 : 0;

    if (n_cpus != marks->n_cpus) {
        g_free(marks->cpus);
        marks->cpus = g_new(HvMapCpu, n_cpus);
        marks->n_cpus = n_cpus;
    }
    for (guint i = 0; i < n_cpus; i++)
        marks->cpus[i] = unknown;
    g_hash_table_remove_all(marks->names);
}

static void
add_loads(HvMapMarks *marks, const HvTable *cpus)
{
    const int cpu_column = hv_table_column(cpus, "cpu"),
              use_column = hv_table_column(cpus, "use_ratio");

    for (guint row = 0; cpus && row < hv_table_n_rows(cpus); row++) {
        guint64 cpu;
        double use;

        if (hv_table_u64(cpus, row, cpu_column, &cpu) && cpu < marks->n_cpus &&
            hv_table_f64(cpus, row, use_column, &use))
            marks->cpus[cpu].use = (float)use;
    }
}

/* Joins the vCPUs to the cpus they ran on last. */
static void
add_vcpus(HvMapMarks *marks, const HvTable *vcpus)
{
    const int cpu_column = hv_table_column(vcpus, "cpu"),
              run_column = hv_table_column(vcpus, "run_ratio");
    const guint n_rows = vcpus ? hv_table_n_rows(vcpus) : 0;

    marks->vcpus = vcpus;
    marks->vm_column = hv_table_column(vcpus, "vm");
    marks->vcpu_column = hv_table_column(vcpus, "vcpu");
    marks->run = g_renew(float, marks->run, n_rows);
    for (guint row = 0; row < n_rows; row++) {
        double run = -1;
        guint64 number;

        hv_table_f64(vcpus, row, run_column, &run);
        marks->run[row] = (float)run;
        if (!hv_table_u64(vcpus, row, cpu_column, &number) || number >= marks->n_cpus)
            continue;
        HvMapCpu *cpu = &marks->cpus[number];

        if (!cpu->row || marks->run[row] > marks->run[cpu->row - 1])
            cpu->row = row + 1;
        cpu->n_vcpus++;
    }
}

static void
mark_allowed(HvMapMarks *marks, const HvTopology *topology, const HvSet *allowed)
{
    if (hv_set_is_subset(topology->online, allowed))
        return; /* everywhere: nothing to mark */
    HV_SET_FOREACH(cpu, allowed)
    if ((guint)cpu < marks->n_cpus)
        marks->cpus[cpu].allowed = TRUE;
}

static void
add_selected(HvMapMarks *marks, const HvTable *vcpus, const HvTopology *topology)
{
    const int cpu_column = hv_table_column(vcpus, "cpu"),
              allowed_column = hv_table_column(vcpus, "cpus_allowed");
    const gsize length = marks->vm ? strlen(marks->vm) : 0;
    g_autoptr(HvSet) allowed = hv_set_new();

    for (guint row = 0; length && vcpus && row < hv_table_n_rows(vcpus); row++) {
        const char *key = hv_table_row_key(vcpus, row);
        const char *list = hv_table_text(vcpus, row, allowed_column);
        g_autoptr(HvSet) cpus = NULL;
        guint64 cpu;

        if (!g_str_has_prefix(key, marks->vm) || hv_map_vm_length(key) != length)
            continue;
        if (list && (cpus = hv_set_parse(list, NULL))) /* ours: always well-formed */
            hv_set_union(allowed, cpus);
        if (hv_table_u64(vcpus, row, cpu_column, &cpu) && cpu < marks->n_cpus)
            marks->cpus[cpu].running = TRUE;
    }
    mark_allowed(marks, topology, allowed);
}

void
hv_map_marks_update(HvMapMarks *marks, const HvView *view)
{
    const HvTable *vcpus = hv_snapshot_table(view->now, "vcpus");

    if (marks->snapshot == view->now && marks->tick == view->now->tick &&
        !g_strcmp0(marks->vm, view->vm))
        return;
    marks->snapshot = view->now;
    marks->tick = view->now->tick;
    g_free(marks->vm);
    marks->vm = g_strdup(view->vm);
    reset(marks, view->now->topology);
    add_loads(marks, hv_snapshot_table(view->now, "cpus"));
    add_vcpus(marks, vcpus);
    add_selected(marks, vcpus, view->now->topology);
}

const GPtrArray *
hv_map_marks_devices(HvMapMarks *marks, const char *nodes)
{
    GPtrArray *names = g_hash_table_lookup(marks->names, nodes);

    if (names)
        return names;
    names = hv_map_devices_of(marks->snapshot->topology, nodes,
                              hv_snapshot_table(marks->snapshot, "devices"));
    g_hash_table_insert(marks->names, g_strdup(nodes), names);
    return names;
}
