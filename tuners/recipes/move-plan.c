/* One way to bring a VM to a node: which of it goes, where it sits, what that takes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/recipes/move-plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"
#include "tuners/recipes/helpers.h"
#include "tuners/recipes/irq-home.h"

#define SPARE_RATIO 0.02 /* beyond what is moved must stay free */
#define SIZE_TEXT 32
/* Pages a second: kernels from 6.3 on flush other cpus' translations in batches. */
#define RATE_BATCHED (1 << 30)
#define RATE_PLAIN (1 << 28)

static const guint64 pool_page_bytes[HV_N_PAGES] = {
    [HV_PAGES_HUGE_2M] = G_GUINT64_CONSTANT(2) << 20,
    [HV_PAGES_HUGE_1G] = G_GUINT64_CONSTANT(1) << 30,
};
static const char *const free_columns[HV_N_PAGES] = {
    [HV_PAGES_SMALL] = "memory_free_bytes",
    [HV_PAGES_HUGE_2M] = "hugepages_2m_free",
    [HV_PAGES_HUGE_1G] = "hugepages_1g_free",
};

void
hv_move_clear(HvMove *move)
{
    hv_seats_clear(&move->seats);
}

/* ---- memory ---- */

gboolean
hv_move_free_bytes(const HvScene *scene, int node, HvPages pages, guint64 *bytes)
{
    const HvTable *nodes = hv_snapshot_table(scene->call->snapshot, "nodes");
    char key[16];
    int row;
    guint64 n;

    g_snprintf(key, sizeof key, "%d", node);
    row = nodes ? hv_table_find(nodes, key) : -1;
    if (row < 0 ||
        !hv_table_u64(nodes, (guint)row, hv_table_column(nodes, free_columns[pages]), &n))
        return FALSE;
    *bytes = pages == HV_PAGES_SMALL ? n : n * pool_page_bytes[pages];
    return TRUE;
}

/* Of pages of that size: what lies elsewhere. */
static guint64
elsewhere(const HvScene *scene, HvPages pages, int node)
{
    guint64 bytes = 0;

    for (int i = 0; i < HV_SCENE_NODES; i++)
        bytes += i == node ? 0 : scene->memory.bytes[pages][i];
    return bytes;
}

/* What the guest may still touch for the first time. */
static guint64
not_yet_touched(const HvScene *scene)
{
    const guint64 has = scene->guest->memory_bytes;

    return scene->cell < 0 && has > scene->memory.total_bytes ? has - scene->memory.total_bytes
                                                              : 0;
}

static gboolean
check_pages(const HvMove *move, HvPages pages, GError **error)
{
    const guint64 moved = elsewhere(move->scene, pages, move->node);
    const guint64 more = pages == HV_PAGES_SMALL ? not_yet_touched(move->scene) : 0;
    const double needed = ((double)moved + (double)more) * (1 + SPARE_RATIO);
    char needed_text[SIZE_TEXT], free_text[SIZE_TEXT], page_text[SIZE_TEXT];
    guint64 n_free;

    if (moved == 0)
        return TRUE;
    if (!hv_move_free_bytes(move->scene, move->node, pages, &n_free))
        return hv_recipe_refuse(error, _("%s: how much memory node %d has free is not known"),
                                move->scene->name, move->node);
    if (needed <= (double)n_free)
        return TRUE;
    hv_text_bytes(needed_text, sizeof needed_text, needed);
    hv_text_bytes(free_text, sizeof free_text, (double)n_free);
    if (pages == HV_PAGES_SMALL)
        return hv_recipe_refuse(
            error,
            _("%s: needs %s of memory on node %d, %s is free: move another VM away first"),
            move->scene->name, needed_text, move->node, free_text);
    hv_text_bytes(page_text, sizeof page_text, (double)pool_page_bytes[pages]);
    return hv_recipe_refuse(
        error,
        _("%s: needs %s of huge pages of %s on node %d, %s is free: give the "
          "node more in its nr_hugepages"),
        move->scene->name, needed_text, page_text, move->node, free_text);
}

/* A bound VM must be let onto the node before its pages can go there. */
static void
read_nodes(HvMove *move)
{
    g_autofree char *path = hv_knob_path("vm", move->scene->name, "memory", "nodes", NULL);
    g_auto(HvValue) nodes = { 0 };

    if (!hv_scene_read(move->scene, path, &nodes, NULL) || !nodes.set)
        return; /* the step that moves the pages says what is wrong */
    hv_mask_of_set(&move->nodes, nodes.set);
    move->needs_nodes = !hv_mask_has(&move->nodes, (guint)move->node);
    hv_mask_add(&move->nodes, (guint)move->node);
}

/* What the tuners' own rules say: room beside reservations and watermarks, jobs, modes. */
static gboolean
check_steps(const HvMove *move, GError **error)
{
    g_autofree char *node = g_strdup_printf("%d", move->node);
    g_autofree char *nodes = hv_scene_text(&move->nodes);

    return move->needs_nodes
               ? hv_scene_check(move->scene,
                                hv_knob_path("vm", move->scene->name, "memory", "nodes", NULL),
                                nodes, error)
               : hv_scene_check(move->scene,
                                hv_knob_path("vm", move->scene->name, "memory", "pages", NULL),
                                node, error);
}

static double
pages_per_second(const HvScene *scene)
{
    const HvTable *host = hv_snapshot_table(scene->call->snapshot, "host");
    const char *kernel = host && hv_table_n_rows(host)
                             ? hv_table_text(host, 0, hv_table_column(host, "kernel"))
                             : NULL;
    g_auto(GStrv) parts = g_strsplit(kernel ? kernel : "", ".", 3);
    guint64 major = 0, minor = 0;

    if (g_strv_length(parts) >= 2 &&
        g_ascii_string_to_unsigned(parts[0], 10, 0, 999, &major, NULL))
        minor = g_ascii_strtoull(parts[1], NULL, 10);
    return major > 6 || (major == 6 && minor >= 3) ? RATE_BATCHED : RATE_PLAIN;
}

static gboolean
plan_memory(HvMove *move, GError **error)
{
    const HvScene *scene = move->scene;
    const int home = hv_scene_memory_node(scene);

    if (!scene->memory.is_known)
        return hv_recipe_refuse(error,
                                _("%s: where its memory is, is not known: see hvtune "
                                  "doctor, or pin its vCPUs alone with a"),
                                scene->name);
    if (!scene->memory.is_movable)
        return hv_recipe_refuse(error,
                                _("%s: its memory cannot move: %s: hvtune recipe move %s %d "
                                  "brings its vCPUs to it"),
                                scene->name, scene->memory.why_not ? scene->memory.why_not : "",
                                scene->name, home);
    for (HvPages pages = 0; pages < HV_N_PAGES; pages++) {
        if (!check_pages(move, pages, error))
            return FALSE;
        move->moved_bytes += elsewhere(scene, pages, move->node);
    }
    if (scene->cell >= 0)
        return hv_recipe_refuse(
            error,
            _("%s: memory of cell %d is on node %d, and pages of one cell cannot be moved "
              "alone: hvtune recipe move %s/cell/%d %d brings its vCPUs to it"),
            scene->name, scene->cell, home, scene->name, scene->cell, home);
    move->seconds = (double)move->moved_bytes / pages_per_second(scene);
    read_nodes(move);
    return check_steps(move, error);
}

/* ---- what goes ---- */

static gboolean
check_whole(const HvScene *scene, GError **error)
{
    if (scene->cell >= 0 || hv_scene_n_cells(scene) < 2)
        return TRUE;
    return hv_recipe_refuse(
        error,
        _("%s: has %u NUMA cells, and its guest counts on their being apart: "
          "move one: hvtune recipe move %s/cell/0 NODE"),
        scene->name, hv_scene_n_cells(scene), scene->name);
}

static gboolean
is_memory_only(const HvScene *scene, int node)
{
    HvMask cpus;

    hv_scene_node_cpus(scene, node, &cpus);
    return hv_mask_count(&cpus) == 0;
}

/* All its vCPUs may run there and nowhere else. */
static gboolean
are_vcpus_there(const HvScene *scene, int node)
{
    HvMask cpus, nodes;

    hv_scene_vcpu_cpus(scene, &cpus);
    hv_scene_nodes_of(scene, &cpus, &nodes);
    return hv_mask_count(&nodes) == 1 && hv_mask_has(&nodes, (guint)node);
}

gboolean
hv_move_plan(HvMove *move, const HvScene *scene, const HvRoom *room, int node, GError **error)
{
    const gboolean go = !are_vcpus_there(scene, node);
    const gboolean carry = !hv_scene_is_there(scene, node);

    *move = (HvMove){ .scene = scene, .room = room, .node = node };
    if (!check_whole(scene, error))
        return FALSE;
    if (is_memory_only(scene, node))
        return hv_recipe_refuse(error, _("%s: node %d has no cpus that are online"),
                                scene->name, node);
    move->way = go && carry ? HV_WAY_BOTH
                : go        ? HV_WAY_VCPUS
                : carry     ? HV_WAY_MEMORY
                            : HV_WAY_NOTHING;
    if (carry && !plan_memory(move, error))
        return FALSE;
    return !go || hv_room_seat(room, scene, node, hv_room_pins(scene), &move->seats, error);
}

/* ---- steps ---- */

/* NULL when it is on the node already. */
static char *
helper_text(const HvMask *now, gpointer data)
{
    const HvMove *move = data;
    HvMask nodes, vcpus, there;

    hv_scene_nodes_of(move->scene, now, &nodes);
    if (hv_mask_count(&nodes) == 1 && hv_mask_has(&nodes, (guint)move->node))
        return NULL;
    hv_scene_vcpu_cpus(move->scene, &vcpus);
    if (hv_mask_is_subset(now, &vcpus) && move->seats.pins != HV_PINS_ONE)
        return hv_scene_text(&move->seats.vcpus);
    if (hv_room_is_chosen(now, 2))
        return hv_scene_text(&move->seats.helpers);
    hv_scene_node_cpus(move->scene, move->node, &there);
    hv_mask_subtract(&there, &move->room->vcpus);
    if (move->seats.pins == HV_PINS_ONE)
        hv_mask_subtract(&there, &move->seats.vcpus);
    return hv_mask_count(&there) ? hv_scene_text(&there) : hv_scene_text(&move->seats.helpers);
}

static void
wish_vcpus(const HvMove *move, HvRecipeDraft *draft)
{
    const HvVmWalk *walk = &move->scene->walk;

    for (guint i = 0; i < walk->n_vcpus; i++) {
        g_autofree char *number =
            g_strdup_printf("%" G_GUINT64_FORMAT, hv_vcpu_number(walk, i));

        if (hv_scene_has_vcpu(move->scene, i))
            hv_recipe_wish(draft,
                           hv_knob_path("vm", move->scene->name, "vcpu", number, "cpus", NULL),
                           hv_seats_vcpu(&move->seats, i));
    }
}

/* Those of devices that were passed through to it go where its helpers go. */
static void
wish_interrupts(const HvMove *move, HvRecipeDraft *draft)
{
    g_auto(HvIrqHome) home = { 0 };

    hv_irq_home_init(&home, move->scene, move->node, &move->seats.helpers, draft);
    hv_irq_home_visit(&home, FALSE);
    if (home.held->len)
        hv_recipe_note(draft, _("interrupts of its devices are left where they are: %s"),
                       home.held->str);
}

void
hv_move_wish(HvMove *move, HvRecipeDraft *draft)
{
    const char *name = move->scene->name;

    if (move->way == HV_WAY_VCPUS || move->way == HV_WAY_BOTH) {
        wish_vcpus(move, draft);
        if (move->scene->cell < 0) {
            hv_helpers_wish(move->scene->call->host, move->scene->guest, helper_text, move,
                            draft);
            wish_interrupts(move, draft);
        }
    }
    if (move->way != HV_WAY_MEMORY && move->way != HV_WAY_BOTH)
        return;
    if (move->needs_nodes)
        hv_recipe_wish(draft, hv_knob_path("vm", name, "memory", "nodes", NULL),
                       hv_scene_text(&move->nodes));
    hv_recipe_wish(draft, hv_knob_path("vm", name, "memory", "pages", NULL),
                   g_strdup_printf("%d", move->node));
}

/* ---- what a person must know ---- */

static void
note_vcpus(const HvMove *move, HvRecipeDraft *draft)
{
    HvMask cpus;
    g_autofree char *now = NULL;

    hv_scene_vcpu_cpus(move->scene, &cpus);
    now = hv_scene_text(&cpus);
    if (move->seats.pins == HV_PINS_FLOATING)
        hv_recipe_note(draft,
                       _("it floated over cpus %s: now over those of node %d where no other "
                         "VM's vCPU is pinned; undo lets it float again"),
                       now, move->node);
    if (move->seats.is_packed)
        hv_recipe_note(draft,
                       _("too few whole cores are free on node %d: two of its vCPUs "
                         "share each core, where each had one"),
                       move->node);
}

static void
note_memory(const HvMove *move, HvRecipeDraft *draft)
{
    char size[SIZE_TEXT];

    hv_text_bytes(size, sizeof size, (double)move->moved_bytes);
    hv_recipe_note(draft,
                   _("%s of memory is moved to node %d, ≈%.0f s: until then its traffic and "
                     "latency get worse; a timer can stop that, not take it back"),
                   size, move->node, move->seconds);
    if (move->needs_nodes)
        hv_recipe_note(draft,
                       _("it may have memory on the nodes before and after: once all is there, "
                         "hvtune set vm/%s/memory/nodes=%d binds it"),
                       move->scene->name, move->node);
}

void
hv_move_note(const HvMove *move, HvRecipeDraft *draft)
{
    const HvSceneMemory *memory = &move->scene->memory;

    if (move->way == HV_WAY_VCPUS || move->way == HV_WAY_BOTH)
        note_vcpus(move, draft);
    if (move->way == HV_WAY_MEMORY || move->way == HV_WAY_BOTH)
        note_memory(move, draft);
    else if (memory->total_bytes > 0)
        hv_recipe_note(
            draft,
            _("%.0f %% of its memory is on node %d already: only threads move, which "
              "takes milliseconds"),
            100.0 * (double)memory->on[move->node] / (double)memory->total_bytes, move->node);
}

double
hv_move_remote_ratio(const HvMove *move)
{
    const HvSceneMemory *memory = &move->scene->memory;

    if (move->way == HV_WAY_MEMORY || move->way == HV_WAY_BOTH)
        return 0;
    return memory->total_bytes
               ? 1 - (double)memory->on[move->node] / (double)memory->total_bytes
               : (double)NAN;
}
