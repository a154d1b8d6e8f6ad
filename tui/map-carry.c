/* Carrying a vCPU over the Map: picked up where it ran last, put down where it shall run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-carry.h"

#include <string.h>

#include "model/i18n.h"
#include "model/knob.h"
#include "tui/console.h"

static gboolean
is_selected(const HvMapMarks *marks, guint row)
{
    const char *key = hv_table_row_key(marks->vcpus, row);
    const gsize length = marks->vm ? strlen(marks->vm) : 0;

    return length && hv_map_vm_length(key) == length && g_str_has_prefix(key, marks->vm);
}

static int
compare(gconstpointer a, gconstpointer b, gpointer data)
{
    const HvMapMarks *marks = data;
    const guint first = *(const guint *)a, second = *(const guint *)b;
    const int selected = is_selected(marks, second) - is_selected(marks, first);
    const float run = marks->run[second] - marks->run[first];

    if (selected)
        return selected;
    return run > 0 ? 1 : run < 0 ? -1 : first < second ? -1 : first > second;
}

GArray *
hv_map_vcpus_on(const HvMapPen *pen, const HvMapItem *item)
{
    const HvTable *vcpus = pen->marks->vcpus;
    const int cpu_column = hv_table_column(vcpus, "cpu");
    g_autoptr(HvSet) cpus = hv_map_layout_cpus(pen->layout, item);
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint row = 0; vcpus && row < hv_table_n_rows(vcpus); row++) {
        guint64 cpu;

        if (hv_table_u64(vcpus, row, cpu_column, &cpu) && cpu <= HV_SET_MAX &&
            hv_set_has(cpus, (guint)cpu))
            g_array_append_val(rows, row);
    }
    g_array_sort_with_data(rows, compare, pen->marks);
    return rows;
}

static gboolean
read_vcpu(const HvMapMarks *marks, guint row, const char **vm, int *vcpu)
{
    guint64 number;

    *vm = hv_table_text(marks->vcpus, row, marks->vm_column);
    if (!*vm || !hv_table_u64(marks->vcpus, row, marks->vcpu_column, &number) ||
        number > HV_SET_MAX)
        return FALSE;
    *vcpu = (int)number;
    return TRUE;
}

/* The row to pick up: the first, or the one behind what is carried. */
static guint
choose(const HvMapPen *pen, const GArray *rows)
{
    const char *held = NULL, *vm;
    int held_vcpu = -1, vcpu;

    if (!hv_console_picked(pen->view->console, &held, &held_vcpu))
        return g_array_index(rows, guint, 0);
    for (guint i = 0; i < rows->len; i++)
        if (read_vcpu(pen->marks, g_array_index(rows, guint, i), &vm, &vcpu) &&
            vcpu == held_vcpu && !g_strcmp0(vm, held))
            return g_array_index(rows, guint, (i + 1) % rows->len);
    return g_array_index(rows, guint, 0);
}

void
hv_map_pick_up(const HvMapPen *pen, const HvMapItem *item)
{
    HvConsole *console = pen->view->console;
    const char *why = pen->view->backend ? pen->view->backend->read_only_why : NULL, *vm;
    g_autoptr(GArray) rows = hv_map_vcpus_on(pen, item);
    int vcpu;

    if (why)
        hv_console_say(console, HV_ROLE_HOT, _("nothing can be changed here: %s"), why);
    else if (!rows->len)
        hv_console_say(console, HV_ROLE_WARM, "%s",
                       _("no vCPU ran here last: nothing to pick up"));
    else if (read_vcpu(pen->marks, choose(pen, rows), &vm, &vcpu))
        hv_console_pick(console, vm, vcpu);
}

void
hv_map_put_down(const HvMapPen *pen, const HvMapItem *item)
{
    g_autofree char *number = NULL, *path = NULL, *list = NULL;
    g_autoptr(HvSet) cpus = NULL;
    GPtrArray *wishes;
    const char *vm;
    int vcpu;

    if (!hv_console_picked(pen->view->console, &vm, &vcpu))
        return;
    cpus = hv_map_layout_cpus(pen->layout, item);
    list = hv_set_to_text(cpus);
    number = g_strdup_printf("%d", vcpu);
    path = hv_knob_path("vm", vm, "vcpu", number, "cpus", NULL);
    wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);
    g_ptr_array_add(wishes, hv_wish_new(path, list));
    hv_console_drop(pen->view->console);
    hv_console_plan(pen->view->console, wishes, FALSE);
}

int
hv_map_cpu_of(const HvMapMarks *marks, const char *vm, int vcpu)
{
    const int cpu_column = hv_table_column(marks->vcpus, "cpu");

    for (guint row = 0; marks->vcpus && row < hv_table_n_rows(marks->vcpus); row++) {
        const char *name;
        guint64 cpu;
        int number;

        if (read_vcpu(marks, row, &name, &number) && number == vcpu && g_str_equal(name, vm) &&
            hv_table_u64(marks->vcpus, row, cpu_column, &cpu) && cpu <= HV_SET_MAX)
            return (int)cpu;
    }
    return -1;
}
