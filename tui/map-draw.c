/* What the Map's rectangles look like: loads, who runs there, memory and devices of nodes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-draw.h"

#include "model/i18n.h"
#include "model/text.h"

HvMapMarks *
hv_map_marks_new(void)
{
    HvMapMarks *marks = g_new0(HvMapMarks, 1);

    marks->runs_on = g_hash_table_new(NULL, NULL);
    marks->n_on = g_hash_table_new(NULL, NULL);
    marks->allowed = hv_set_new();
    marks->running = hv_set_new();
    return marks;
}

void
hv_map_marks_free(HvMapMarks *marks)
{
    if (!marks)
        return;
    g_hash_table_unref(marks->runs_on);
    g_hash_table_unref(marks->n_on);
    hv_set_free(marks->allowed);
    hv_set_free(marks->running);
    g_free(marks->vm);
    g_free(marks);
}

/* Joins the vCPUs to the cpus they ran on last; once per snapshot and selection. */
void
hv_map_marks_update(HvMapMarks *marks, const HvView *view)
{
    const HvTable *vcpus = hv_snapshot_table(view->now, "vcpus");
    const int cpu_column = hv_table_column(vcpus, "cpu"),
              run_column = hv_table_column(vcpus, "run_ratio");
    const int vm_column = hv_table_column(vcpus, "vm"),
              allowed_column = hv_table_column(vcpus, "cpus_allowed");

    if (marks->tick == view->now->tick && !g_strcmp0(marks->vm, view->vm))
        return;
    marks->tick = view->now->tick;
    g_free(marks->vm);
    marks->vm = g_strdup(view->vm);
    g_hash_table_remove_all(marks->runs_on);
    g_hash_table_remove_all(marks->n_on);
    hv_set_clear(marks->allowed);
    hv_set_clear(marks->running);
    for (guint row = 0; vcpus && row < hv_table_n_rows(vcpus); row++) {
        const char *vm = hv_table_text(vcpus, row, vm_column);
        const gboolean selected = view->vm && !g_strcmp0(vm, view->vm);
        g_autoptr(HvSet) allowed = NULL;
        double run = 0, other_run = 0;
        guint64 cpu;

        if (selected && hv_table_text(vcpus, row, allowed_column))
            allowed = hv_set_parse(hv_table_text(vcpus, row, allowed_column), NULL);
        if (allowed)
            hv_set_union(marks->allowed, allowed);
        if (!hv_table_u64(vcpus, row, cpu_column, &cpu))
            continue;
        if (selected)
            hv_set_add(marks->running, (guint)MIN(cpu, HV_SET_MAX));
        gpointer key = GUINT_TO_POINTER((guint)cpu + 1);
        const guint there = GPOINTER_TO_UINT(g_hash_table_lookup(marks->runs_on, key));

        hv_table_f64(vcpus, row, run_column, &run);
        if (there)
            hv_table_f64(vcpus, there - 1, run_column, &other_run);
        if (!there || run > other_run)
            g_hash_table_insert(marks->runs_on, key, GUINT_TO_POINTER(row + 1));
        g_hash_table_insert(
            marks->n_on, key,
            GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(marks->n_on, key)) + 1));
    }
    if (view->now->topology && hv_set_is_subset(view->now->topology->online, marks->allowed))
        hv_set_clear(marks->allowed); /* allowed everywhere: nothing to mark */
}

static gboolean
cpu_load(const HvView *view, guint cpu, double *ratio)
{
    const HvTable *cpus = hv_snapshot_table(view->now, "cpus");
    char key[16];

    g_snprintf(key, sizeof key, "%u", cpu);
    const int row = cpus ? hv_table_find(cpus, key) : -1;

    return row >= 0 &&
           hv_table_f64(cpus, (guint)row, hv_table_column(cpus, "use_ratio"), ratio);
}

static const char *
load_glyph(const HvCanvas *canvas, double ratio)
{
    static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const plain[] = { ".", ":", "-", "=", "+", "*", "%", "#" };
    const guint step = (guint)CLAMP(ratio * 8, 0, 7);

    return hv_canvas_glyph(canvas, blocks[step], plain[step]);
}

/* One character for a PU's load; absent: a dot in the middle, so that it is not taken for idle.
 */
static void
draw_load(const HvView *view, HvCanvas *canvas, int x, int y, guint cpu, gboolean marked)
{
    double ratio;

    if (cpu_load(view, cpu, &ratio))
        hv_canvas_print(canvas, x, y, marked ? HV_ROLE_MARK : hv_canvas_heat(ratio),
                        load_glyph(canvas, ratio));
    else
        hv_canvas_print(canvas, x, y, marked ? HV_ROLE_MARK : HV_ROLE_ABSENT,
                        hv_canvas_glyph(canvas, "·", "?"));
}

static void
draw_pu(const HvMapMarks *marks, const HvView *view, HvCanvas *canvas, const HvMapItem *item,
        int y, HvRole role)
{
    const guint cpu = (guint)item->id;
    const HvTable *vcpus = hv_snapshot_table(view->now, "vcpus");
    const guint row =
        GPOINTER_TO_UINT(g_hash_table_lookup(marks->runs_on, GUINT_TO_POINTER(cpu + 1)));
    const guint n =
        GPOINTER_TO_UINT(g_hash_table_lookup(marks->n_on, GUINT_TO_POINTER(cpu + 1)));
    const char *star = hv_set_has(marks->running, cpu) ? "*" : "";
    char number[16], label[128];

    g_snprintf(number, sizeof number, "%s%u", star, cpu);
    hv_canvas_print_in(canvas, item->x, y, item->width - 2, 1, role, number);
    draw_load(view, canvas, item->x + item->width - 2, y, cpu, hv_set_has(marks->allowed, cpu));
    if (!row || !vcpus || row > hv_table_n_rows(vcpus))
        return;
    const char *vm = hv_table_text(vcpus, row - 1, hv_table_column(vcpus, "vm"));
    guint64 vcpu = 0;

    hv_table_u64(vcpus, row - 1, hv_table_column(vcpus, "vcpu"), &vcpu);
    const int room = item->width - 1 - (n > 1 ? 2 : 0) - (vcpu > 9 ? 3 : 2);

    g_snprintf(label, sizeof label, "%.*s/%" G_GUINT64_FORMAT "%s", MAX(1, room), vm ? vm : "?",
               vcpu, n > 1 ? hv_canvas_glyph(canvas, "⁺", "+") : "");
    hv_canvas_print_in(canvas, item->x, y + 1, item->width - 1, -1,
                       role == HV_ROLE_CURSOR ? role : HV_ROLE_DIM,
                       g_utf8_validate(label, -1, NULL) ? label : vm);
}

static void
draw_core(const HvMapMarks *marks, const HvView *view, HvCanvas *canvas, const HvMapItem *item,
          int y, HvRole role)
{
    int x = item->x + 1;
    const char *comma = "";

    HV_SET_FOREACH(cpu, item->cpus)
    {
        x = hv_canvas_printf(canvas, x, y, role, "%s%s%d", comma,
                             hv_set_has(marks->running, (guint)cpu) ? "*" : "", cpu);
        comma = ",";
    }
    HV_SET_FOREACH(cpu, item->cpus)
    draw_load(view, canvas, x++, y, (guint)cpu, hv_set_has(marks->allowed, (guint)cpu));
}

static gboolean
mean_load(const HvView *view, const HvSet *cpus, double *mean)
{
    double sum = 0;
    guint n = 0;

    HV_SET_FOREACH(cpu, cpus)
    {
        double ratio;

        if (!cpu_load(view, (guint)cpu, &ratio))
            return FALSE;
        sum += ratio;
        n++;
    }
    if (!n)
        return FALSE;
    *mean = sum / n;
    return TRUE;
}

static void
draw_strip(const HvMapMarks *marks, const HvMapLayout *layout, const HvView *view,
           HvCanvas *canvas, const HvMapItem *item, int y, HvRole role)
{
    const HvTopology *topology = view->now->topology;
    const int room = MAX(8, item->width - layout->strip_x);
    char size[16] = "", load[16] = "-";
    double mean;
    int i = 0;

    if (layout->zoom == HV_MAP_LLC && hv_topology_llc(topology, item->id) &&
        hv_topology_llc(topology, item->id)->size_bytes)
        hv_text_bytes(size, sizeof size,
                      (double)hv_topology_llc(topology, item->id)->size_bytes);
    if (mean_load(view, item->cpus, &mean))
        g_snprintf(load, sizeof load, "%.0f%%", mean * 100);
    if (item->id < 0)
        hv_canvas_print(canvas, item->x, y, role,
                        layout->zoom == HV_MAP_LLC ? _("no L3") : _("no node"));
    else
        hv_canvas_printf(canvas, item->x, y, role, "%s %d",
                         layout->zoom == HV_MAP_LLC ? "L3" : _("Node"), item->id);
    hv_canvas_print_in(canvas, item->x + 8, y, 6, 1, role, size);
    hv_canvas_print_in(canvas, item->x + 15, y, 5, 1, role, load);
    HV_SET_FOREACH(cpu, item->cpus)
    {
        draw_load(view, canvas, item->x + layout->strip_x + i % room, y + i / room, (guint)cpu,
                  hv_set_has(marks->allowed, (guint)cpu));
        i++;
    }
}

static void
draw_box(const HvView *view, HvCanvas *canvas, const HvMapItem *item, int y)
{
    const HvTopoPackage *package = hv_topology_package(view->now->topology, item->id);
    char title[128];
    double mean;

    if (item->id < 0)
        g_snprintf(title, sizeof title, "%s", _("no package"));
    else if (package && mean_load(view, package->cpus, &mean))
        g_snprintf(title, sizeof title, _("Package %d  cpu %.0f%%"), item->id, mean * 100);
    else
        g_snprintf(title, sizeof title, _("Package %d"), item->id);
    hv_canvas_box(canvas, item->x, y, item->width, item->height, HV_ROLE_BOX, title);
}

static void
node_devices(const HvTopology *topology, int node, GString *out)
{
    for (guint i = 0; i < topology->n_devices; i++) {
        const HvTopoDevice *device = &topology->devices[i];

        if (device->node == node && node >= 0)
            g_string_append_printf(out, "%s%s", out->len ? " " : "",
                                   device->os_names && *device->os_names ? device->os_names
                                                                         : device->name);
    }
}

/* "Node 0  mem ▇▇▇▁ 412G of 512G  eth0 nvme0n1" */
static void
draw_node_head(const HvView *view, HvCanvas *canvas, const HvMapItem *item, int y)
{
    const HvTable *nodes = hv_snapshot_table(view->now, "nodes");
    const HvTopoNode *node = hv_topology_node(view->now->topology, item->id);
    g_autoptr(GString) devices = g_string_new(NULL);
    char key[16];
    double total, free_bytes;
    int x = item->x;

    if (item->id < 0) {
        hv_canvas_print(canvas, x, y, HV_ROLE_DIM, _("no NUMA node"));
        return;
    }
    x = hv_canvas_printf(canvas, x, y, HV_ROLE_TITLE, _("Node %d"), item->id);
    if (node && hv_set_is_empty(node->cpus))
        x = hv_canvas_print(canvas, x, y, HV_ROLE_TEXT, _("  memory only"));
    g_snprintf(key, sizeof key, "%d", item->id);
    const int row = nodes ? hv_table_find(nodes, key) : -1;

    if (row >= 0 &&
        hv_table_f64(nodes, (guint)row, hv_table_column(nodes, "memory_total_bytes"), &total) &&
        hv_table_f64(nodes, (guint)row, hv_table_column(nodes, "memory_free_bytes"),
                     &free_bytes) &&
        total > 0) {
        char used_text[16], total_text[16];

        hv_text_bytes(used_text, sizeof used_text, total - free_bytes);
        hv_text_bytes(total_text, sizeof total_text, total);
        x = hv_canvas_print(canvas, x, y, HV_ROLE_DIM, _("  mem "));
        hv_canvas_bar(canvas, x, y, 8, HV_ROLE_GRAPH, (total - free_bytes) / total);
        x = hv_canvas_printf(canvas, x + 8, y, HV_ROLE_TEXT, _(" %s of %s"), used_text,
                             total_text);
    } else if (node && node->has_memory_bytes) {
        char total_text[16];

        hv_text_bytes(total_text, sizeof total_text, (double)node->memory_bytes);
        x = hv_canvas_printf(canvas, x, y, HV_ROLE_DIM, _("  mem %s"), total_text);
    }
    node_devices(view->now->topology, item->id, devices);
    if (devices->len && x + 2 < item->x + item->width)
        hv_canvas_print_in(canvas, x + 2, y, item->x + item->width - x - 2, -1, HV_ROLE_DIM,
                           devices->str);
}

static void
draw_llc_head(const HvView *view, HvCanvas *canvas, const HvMapItem *item, int y)
{
    const HvTopoLlc *llc = hv_topology_llc(view->now->topology, item->id);
    char size[16] = "";

    if (llc && llc->size_bytes)
        hv_text_bytes(size, sizeof size, (double)llc->size_bytes);
    hv_canvas_printf(canvas, item->x, y, HV_ROLE_DIM, "L%u %d  %s", llc ? llc->level : 3,
                     item->id, size);
}

static void
draw_offline(const HvView *view, HvCanvas *canvas, const HvMapItem *item, int y)
{
    g_autoptr(HvSet) offline = hv_set_new();

    for (guint i = 0; i < view->now->topology->n_cpus; i++)
        if (!view->now->topology->cpus[i].online)
            hv_set_add(offline, view->now->topology->cpus[i].cpu);
    g_autofree char *list = hv_set_to_text(offline);
    g_autofree char *line = g_strdup_printf(_("offline cpus: %s"), list);

    hv_canvas_print_in(canvas, item->x, y, item->width, -1, HV_ROLE_DIM, line);
}

void
hv_map_draw_item(const HvMapMarks *marks, const HvMapLayout *layout, const HvView *view,
                 HvCanvas *canvas, const HvMapItem *item, int y, gboolean at_cursor)
{
    const HvRole role = at_cursor ? HV_ROLE_CURSOR
                        : item->cpus && hv_set_intersects(item->cpus, marks->allowed)
                            ? HV_ROLE_MARK
                            : HV_ROLE_TEXT;

    switch (item->kind) {
    case HV_MAP_BOX:
        draw_box(view, canvas, item, y);
        break;
    case HV_MAP_HEAD:
        draw_node_head(view, canvas, item, y);
        break;
    case HV_MAP_LLC_HEAD:
        draw_llc_head(view, canvas, item, y);
        break;
    case HV_MAP_OFFLINE:
        draw_offline(view, canvas, item, y);
        break;
    case HV_MAP_OBJECT:
        if (layout->zoom == HV_MAP_PU)
            draw_pu(marks, view, canvas, item, y, role);
        else if (layout->zoom == HV_MAP_CORE)
            draw_core(marks, view, canvas, item, y, role);
        else
            draw_strip(marks, layout, view, canvas, item, y, role);
        break;
    }
}
