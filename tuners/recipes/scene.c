/* What a recipe looks at: one VM, or one cell of it, as it is now. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/recipes/scene.h"

#include <string.h>

#include "host/parse.h"
#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"

#define MAX_NAMED 8
#define THERE_RATIO 0.95
#define HUGE_2M (G_GUINT64_CONSTANT(2) << 20)
#define HUGE_1G (G_GUINT64_CONSTANT(1) << 30)

gboolean
hv_recipe_refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    g_autofree char *why = NULL;

    va_start(arguments, format);
    why = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED, why);
    return FALSE;
}

static gboolean
no_such_vm(const HvRecipeCall *call, const char *name, GError **error)
{
    g_autoptr(GString) others = g_string_new(NULL);
    g_autofree char *shown = hv_text_printable(name, HV_SCENE_NAME_CHARS);
    HvVmWalk walk;
    guint n = 0;

    hv_vm_walk_begin(&walk, call->snapshot);
    while (hv_vm_walk_next(&walk)) {
        g_autofree char *other = hv_text_printable(walk.name, HV_SCENE_NAME_CHARS);

        if (n++ < MAX_NAMED)
            g_string_append_printf(others, "%s%s", n > 1 ? ", " : "", other);
    }
    if (n > MAX_NAMED)
        g_string_append(others, ", …");
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                n ? _("%s: no such VM (there are: %s)")
                  : _("%s: no such VM (no VM is running%s)"),
                shown, others->str);
    return FALSE;
}

static gboolean
find_vm(HvScene *scene, GError **error)
{
    hv_vm_walk_begin(&scene->walk, scene->call->snapshot);
    while (hv_vm_walk_next(&scene->walk)) {
        if (g_str_equal(scene->walk.name, scene->name))
            break;
    }
    scene->guest = hv_guest_list_find(scene->list, scene->name);
    if (!scene->walk.name || !g_str_equal(scene->walk.name, scene->name) || !scene->guest)
        return no_such_vm(scene->call, scene->name, error);
    if (!scene->topology)
        return hv_recipe_refuse(error, _("%s: this host's nodes are not known yet: try again"),
                                scene->name);
    if (scene->list->remote || scene->guest->pid == 0 || scene->walk.n_vcpus == 0)
        return hv_recipe_refuse(
            error,
            _("%s: its process is not on this machine, or not known: where its threads "
              "run cannot be read"),
            scene->name);
    return TRUE;
}

/* ---- cells ---- */

gboolean
hv_scene_has_vcpu(const HvScene *scene, guint i)
{
    const int column = hv_table_column(scene->walk.vcpus, "cell");
    guint64 cell;

    return scene->cell < 0 ||
           (hv_table_u64(scene->walk.vcpus, scene->walk.first + i, column, &cell) &&
            cell == (guint64)scene->cell);
}

guint
hv_scene_n_vcpus(const HvScene *scene)
{
    guint n = 0;

    for (guint i = 0; i < scene->walk.n_vcpus; i++)
        n += hv_scene_has_vcpu(scene, i) ? 1 : 0;
    return n;
}

guint
hv_scene_n_cells(const HvScene *scene)
{
    guint n = 0;

    for (char **cell = scene->guest->cell_cpus; cell && *cell; cell++)
        n += **cell != '\0';
    return n;
}

/* Findings name a VM as knob paths do: "a%20b". */
static void
unescape_name(HvScene *scene)
{
    g_autofree char *plain = hv_knob_unescape(scene->name, NULL); /* else it is no such path */

    if (!plain || hv_guest_list_find(scene->list, scene->name) ||
        !hv_guest_list_find(scene->list, plain))
        return;
    g_free(scene->name);
    scene->name = g_steal_pointer(&plain);
}

static gboolean
parse_target(HvScene *scene, const char *target, gboolean may_be_cell, GError **error)
{
    const char *at = may_be_cell ? strstr(target, "/cell/") : NULL;
    guint64 cell;

    scene->cell = -1;
    if (g_str_has_prefix(target, "vm/"))
        target += strlen("vm/");
    scene->name = at ? g_strndup(target, (gsize)(at - target)) : g_strdup(target);
    unescape_name(scene);
    if (!at)
        return TRUE;
    if (!hv_parse_u64(at + strlen("/cell/"), HV_SCENE_NODES - 1, &cell, error)) {
        g_prefix_error(error, _("%s: the number of a cell: "), scene->name);
        return FALSE;
    }
    scene->cell = (int)cell;
    return TRUE;
}

/* ---- memory ---- */

/* Transparent huge pages are counted as 2 MiB ones too, by the memory cgroup alone. */
static HvPages
pages_of(guint64 page_bytes, const char *source)
{
    if (g_strcmp0(source, "memory.numa_stat") == 0 ||
        g_strcmp0(source, "move_pages sample") == 0)
        return HV_PAGES_SMALL;
    if (page_bytes >= HUGE_1G)
        return HV_PAGES_HUGE_1G;
    return page_bytes >= HUGE_2M ? HV_PAGES_HUGE_2M : HV_PAGES_SMALL;
}

static void
add_memory(HvScene *scene, const HvTable *table, guint row)
{
    HvSceneMemory *memory = &scene->memory;
    guint64 node, bytes, page_bytes = 0, movable = TRUE;
    HvPages pages;

    if (!hv_table_u64(table, row, hv_table_column(table, "node"), &node) ||
        node >= HV_SCENE_NODES ||
        !hv_table_u64(table, row, hv_table_column(table, "resident_bytes"), &bytes))
        return;
    hv_table_u64(table, row, hv_table_column(table, "page_bytes"), &page_bytes);
    hv_table_u64(table, row, hv_table_column(table, "movable"), &movable);
    pages = pages_of(page_bytes, hv_table_text(table, row, hv_table_column(table, "source")));
    memory->is_known = TRUE;
    memory->bytes[pages][node] += bytes;
    memory->on[node] += bytes;
    memory->total_bytes += bytes;
    if (movable)
        return;
    memory->is_movable = FALSE;
    memory->why_not = hv_table_text(table, row, hv_table_column(table, "why_not"));
}

/* A cell without a number: the source cannot tell them apart. */
static gboolean
is_of_cell(const HvScene *scene, const HvTable *table, guint row)
{
    guint64 cell;

    return scene->cell < 0 ||
           (hv_table_u64(table, row, hv_table_column(table, "cell"), &cell) &&
            cell == (guint64)scene->cell);
}

static void
read_memory(HvScene *scene)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "residency");
    const guint n_rows = table ? hv_table_n_rows(table) : 0;
    const int vm = hv_table_column(table, "vm");

    scene->memory.is_movable = TRUE;
    for (guint row = 0; row < n_rows; row++) {
        if (g_strcmp0(hv_table_text(table, row, vm), scene->name) == 0 &&
            is_of_cell(scene, table, row))
            add_memory(scene, table, row);
    }
}

int
hv_scene_memory_node(const HvScene *scene)
{
    int most = -1;

    for (int node = 0; node < HV_SCENE_NODES; node++) {
        if (scene->memory.on[node] > (most < 0 ? 0 : scene->memory.on[most]))
            most = node;
    }
    return most;
}

gboolean
hv_scene_is_there(const HvScene *scene, int node)
{
    const HvSceneMemory *memory = &scene->memory;

    return memory->is_known && node >= 0 && node < HV_SCENE_NODES && memory->total_bytes > 0 &&
           (double)memory->on[node] >= THERE_RATIO * (double)memory->total_bytes;
}

/* ---- opening ---- */

gboolean
hv_scene_open(HvScene *scene, const HvRecipeCall *call, const char *target,
              gboolean may_be_cell, GError **error)
{
    *scene = (HvScene){ .call = call,
                        .topology = call->snapshot->topology,
                        .list = hv_host_guests_peek(call->host) };
    if (!parse_target(scene, target, may_be_cell, error) || !find_vm(scene, error))
        return FALSE;
    if (hv_scene_n_vcpus(scene) == 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: has no cell %d with vCPUs"),
                    scene->name, scene->cell);
        return FALSE;
    }
    read_memory(scene);
    return TRUE;
}

void
hv_scene_clear(HvScene *scene)
{
    g_clear_pointer(&scene->list, hv_guest_list_unref);
    g_clear_pointer(&scene->name, g_free);
    *scene = (HvScene){ 0 };
}

/* ---- threads, cpus and nodes ---- */

void
hv_scene_vcpu_cpus(const HvScene *scene, HvMask *cpus)
{
    HvMask allowed;

    hv_mask_clear(cpus);
    for (guint i = 0; i < scene->walk.n_vcpus; i++) {
        if (hv_scene_has_vcpu(scene, i) && hv_vcpu_allowed(&scene->walk, i, &allowed))
            hv_mask_union(cpus, &allowed);
    }
}

int
hv_scene_vcpu_node(const HvScene *scene)
{
    HvMask cpus, nodes;
    int node = -1;

    hv_scene_vcpu_cpus(scene, &cpus);
    hv_scene_nodes_of(scene, &cpus, &nodes);
    if (hv_mask_count(&nodes) == 1)
        return hv_mask_next(&nodes, -1);
    for (guint i = 0; i < scene->walk.n_vcpus; i++) {
        const int ran = hv_vcpu_node(&scene->walk, i);

        if (!hv_scene_has_vcpu(scene, i))
            continue;
        if (ran < 0 || (node >= 0 && node != ran))
            return -1;
        node = ran;
    }
    return node;
}

gboolean
hv_scene_thread_cpus(const HvScene *scene, const HvThread *thread, HvMask *cpus)
{
    g_autoptr(HvSet) set = hv_set_new();

    hv_mask_clear(cpus);
    if (!hv_host_get_affinity(scene->call->host, thread->tid, set, NULL))
        return FALSE; /* it has gone since the list was made: there is nothing to move */
    hv_mask_of_set(cpus, set);
    return TRUE;
}

gboolean
hv_scene_read(const HvScene *scene, const char *path, HvValue *value, GError **error)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(hv_tuners, path, error);

    return knob && knob->tuner->read(scene->call->host, knob, value, error);
}

gboolean
hv_scene_check(const HvScene *scene, char *take_path, const char *value, GError **error)
{
    g_autofree char *path = take_path;
    g_autoptr(HvKnob) knob = hv_knob_parse(hv_tuners, path, error);
    g_auto(HvValue) after = { 0 };

    return knob &&
           hv_value_parse(&after, knob->family->type, knob->family->words, value, error) &&
           knob->tuner->check(scene->call->host, knob, &after, NULL, error);
}

void
hv_scene_node_cpus(const HvScene *scene, int node, HvMask *cpus)
{
    hv_mask_clear(cpus);
    for (guint i = 0; i < scene->topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &scene->topology->cpus[i];

        if (cpu->node == node && cpu->online && cpu->cpu < HV_MASK_CPUS)
            hv_mask_add(cpus, cpu->cpu);
    }
}

void
hv_scene_core_cpus(const HvScene *scene, guint core, HvMask *cpus)
{
    hv_mask_clear(cpus);
    for (guint i = 0; i < scene->topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &scene->topology->cpus[i];

        if (cpu->core == (int)core && cpu->online && cpu->cpu < HV_MASK_CPUS)
            hv_mask_add(cpus, cpu->cpu);
    }
}

void
hv_scene_nodes_of(const HvScene *scene, const HvMask *cpus, HvMask *nodes)
{
    hv_mask_clear(nodes);
    HV_MASK_FOREACH(cpu, cpus)
    {
        const int node = hv_place_node_of(scene->topology, cpu);

        if (node >= 0)
            hv_mask_add(nodes, (guint)node);
    }
}

gboolean
hv_scene_node_argument(const HvScene *scene, const char *text, int *node, GError **error)
{
    g_autoptr(GString) nodes = g_string_new(NULL);
    g_autofree char *shown = hv_text_printable(text, HV_SCENE_NAME_CHARS);
    guint64 number;

    for (guint i = 0; i < scene->topology->n_nodes; i++)
        g_string_append_printf(nodes, "%s%d", i ? ", " : "", scene->topology->nodes[i].node);
    if (!hv_parse_u64(text, HV_SCENE_NODES - 1, &number, NULL) ||
        !hv_topology_node(scene->topology, (int)number)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: no node of this host: it has nodes %s"), shown, nodes->str);
        return FALSE;
    }
    *node = (int)number;
    return TRUE;
}

char *
hv_scene_text(const HvMask *cpus)
{
    g_autoptr(HvSet) set = hv_set_new();

    HV_MASK_FOREACH(cpu, cpus)
    hv_set_add(set, (guint)cpu);
    return hv_set_to_text(set);
}
