/* What speaks for and against a node that a VM could go to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/recipes/move-facts.h"

#include <math.h>

#include "model/i18n.h"
#include "model/text.h"

#define TEXT_BYTES 64

/* ---- time, remote share, undo ---- */

static gboolean
moves_memory(const HvMove *move)
{
    return move->way == HV_WAY_MEMORY || move->way == HV_WAY_BOTH;
}

static char *
time_text(const HvMove *move)
{
    char size[TEXT_BYTES];

    if (!moves_memory(move))
        return g_strdup(_("milliseconds"));
    hv_text_bytes(size, sizeof size, (double)move->moved_bytes);
    return g_strdup_printf(_("≈%.0f s for %s"), move->seconds, size);
}

static const char *
undo_text(const HvMove *move)
{
    if (!moves_memory(move))
        return _("exact");
    return hv_scene_is_there(move->scene, hv_scene_memory_node(move->scene))
               ? _("near: pages are moved back, huge ones may be split")
               : _("none for pages: they are spread now");
}

char *
hv_move_cost(const HvMove *move)
{
    g_autofree char *time = time_text(move);
    const double remote = hv_move_remote_ratio(move);

    if (isnan(remote))
        return g_strdup_printf(_("%s, undo %s"), time, undo_text(move));
    return g_strdup_printf(_("%s, ≈%.0f %% remote then, undo %s"), time, 100 * remote,
                           undo_text(move));
}

static void
add_cost(const HvMove *move, HvRecipeChoice *choice)
{
    g_autofree char *time = time_text(move);
    const double remote = hv_move_remote_ratio(move);

    if (!isnan(remote))
        hv_recipe_fact(choice, _("remote then: ≈%.0f %%"), 100 * remote);
    hv_recipe_fact(choice, _("time: %s"), time);
    hv_recipe_fact(choice, _("undo: %s"), undo_text(move));
}

/* ---- room ---- */

static void
add_cores(const HvMove *move, HvRecipeChoice *choice)
{
    HvMask cores;
    const double idle = hv_place_idle_cpus(move->scene->call->snapshot, move->node);

    hv_room_free_cores(move->room, move->scene, move->node, &cores);
    hv_recipe_fact(choice, _("free cores: %u"), hv_mask_count(&cores));
    if (!isnan(idle))
        hv_recipe_fact(choice, _("idle cpus: %.0f"), idle);
}

static void
add_memory(const HvMove *move, HvRecipeChoice *choice)
{
    static const char *const names[HV_N_PAGES] = {
        [HV_PAGES_SMALL] = N_("free memory: %s"),
        [HV_PAGES_HUGE_2M] = N_("free huge pages of 2M: %s"),
        [HV_PAGES_HUGE_1G] = N_("free huge pages of 1G: %s"),
    };

    for (HvPages pages = 0; pages < HV_N_PAGES; pages++) {
        char size[TEXT_BYTES];
        guint64 bytes;
        g_auto(GStrv) parts = g_strsplit(_(names[pages]), "%s", 2);
        g_autofree char *fact = NULL;

        if (!hv_move_free_bytes(move->scene, move->node, pages, &bytes))
            continue;
        hv_text_bytes(size, sizeof size, (double)bytes);
        fact = g_strjoinv(size, parts);
        hv_recipe_fact(choice, "%s", fact);
    }
}

/* ---- traffic and cache ---- */

static double
memory_rate(const HvScene *scene, int node)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "memory_traffic");
    char key[16];
    int row;

    g_snprintf(key, sizeof key, "%d", node);
    row = table ? hv_table_find(table, key) : -1;
    return row < 0 ? (double)NAN : hv_named_number(table, (guint)row, "bytes_per_s");
}

/* The most used link of the node's socket. */
static double
link_use(const HvScene *scene, int node)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "links");
    const HvTopoNode *found = hv_topology_node(scene->topology, node);
    double most = (double)NAN;

    for (guint row = 0; table && found && row < hv_table_n_rows(table); row++) {
        const double from = hv_named_number(table, row, "from_package");
        const double to = hv_named_number(table, row, "to_package");
        const double use = hv_named_number(table, row, "use_ratio");

        if ((from == found->package || to == found->package) && !isnan(use))
            most = isnan(most) ? use : MAX(most, use);
    }
    return most;
}

/* Of the caches of the node: how much of them is filled, and how fast. */
static double
cache_fill(const HvScene *scene, int node)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "llc");
    double fill = (double)NAN;

    for (guint row = 0; table && row < hv_table_n_rows(table); row++) {
        const char *vm = hv_table_text(table, row, hv_table_column(table, "vm"));
        const HvTopoLlc *llc;
        const double rate = hv_named_number(table, row, "total_bytes_per_s");
        guint64 id;

        if ((vm && *vm) || isnan(rate) ||
            !hv_table_u64(table, row, hv_table_column(table, "llc"), &id))
            continue;
        llc = hv_topology_llc(scene->topology, (int)id);
        if (llc && hv_place_node_of(scene->topology, hv_set_next(llc->cpus, -1)) == node)
            fill = (isnan(fill) ? 0 : fill) + rate;
    }
    return fill;
}

static void
add_traffic(const HvMove *move, HvRecipeChoice *choice)
{
    const double rate = memory_rate(move->scene, move->node);
    const double use = link_use(move->scene, move->node);
    const double fill = cache_fill(move->scene, move->node);

    if (!isnan(rate))
        hv_recipe_fact(choice, _("memory traffic: %.1f GB/s"), rate / 1e9);
    if (!isnan(use))
        hv_recipe_fact(choice, _("link headroom: ≈%.0f %%"), 100 * (1 - MIN(1, use)));
    if (!isnan(fill))
        hv_recipe_fact(choice, _("L3 is filled with: %.1f GB/s"), fill / 1e9);
}

/* ---- devices and neighbours ---- */

/* Calls @each for the node of each device of the VM. */
static void
each_device(const HvScene *scene, void (*each)(const char *device, int node, gpointer data),
            gpointer data)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "devices");

    for (guint row = 0; table && row < hv_table_n_rows(table); row++) {
        const char *vm = hv_table_text(table, row, hv_table_column(table, "vm"));
        const char *device = hv_table_text(table, row, hv_table_column(table, "device"));
        guint64 node;

        if (g_strcmp0(vm, scene->name) == 0 && device &&
            hv_table_u64(table, row, hv_table_column(table, "node"), &node) &&
            node < HV_SCENE_NODES)
            each(device, (int)node, data);
    }
}

typedef struct {
    const HvMove *move;
    HvRecipeChoice *choice;
} Facts;

static void
add_device(const char *device, int node, gpointer data)
{
    const Facts *facts = data;

    if (node == facts->move->node)
        hv_recipe_fact(facts->choice, _("its device %s: on this node"), device);
    else
        hv_recipe_fact(facts->choice, _("its device %s: on node %d"), device, node);
}

typedef struct {
    int node;
    gboolean is_near;
} Near;

static void
look_near(const char *device G_GNUC_UNUSED, int node, gpointer data)
{
    Near *near = data;

    near->is_near |= node == near->node;
}

gboolean
hv_move_is_near_devices(const HvScene *scene, int node)
{
    Near near = { .node = node };

    each_device(scene, look_near, &near);
    return near.is_near;
}

/* Who would be on the other thread of its cores. */
static void
add_sibling(const HvMove *move, HvRecipeChoice *choice)
{
    HvMask cores, cpus, one;
    g_autofree char *who = NULL;

    hv_mask_clear(&cores);
    hv_mask_clear(&cpus);
    HV_MASK_FOREACH(cpu, &move->seats.vcpus)
    {
        const HvTopoCpu *found = hv_topology_cpu(move->scene->topology, (guint)cpu);

        if (found && found->core >= 0)
            hv_mask_add(&cores, (guint)found->core);
    }
    HV_MASK_FOREACH(core, &cores)
    {
        hv_scene_core_cpus(move->scene, (guint)core, &one);
        hv_mask_union(&cpus, &one);
    }
    if (hv_mask_count(&cpus) == 0)
        return;
    who = hv_room_who(move->scene, &cpus);
    hv_recipe_fact(choice, _("on sibling threads: %s"), who);
}

void
hv_move_facts(const HvMove *move, HvRecipeChoice *choice)
{
    Facts facts = { move, choice };

    add_cores(move, choice);
    add_memory(move, choice);
    add_traffic(move, choice);
    each_device(move->scene, add_device, &facts);
    add_sibling(move, choice);
    add_cost(move, choice);
}
