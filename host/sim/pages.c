/* Pages of the simulated VMs: where they are, and what moving one is answered and costs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"

#include <errno.h>

/* Model. */
#define WATERMARK_RATIO 0.004 /* of a node that stays free */
#define SPLIT_OF_100 20       /* transparent huge pages that come back as small ones */
/* bytes/s of 4 KiB pages, since the kernel flushes TLBs in batches (6.3) */
#define SMALL_BATCHED 0.8e9
#define SMALL_EACH 0.25e9
#define TRANSPARENT 2e9
#define HUGE_PAGES 4e9

gboolean
hv_world_page(const HvSimVm *vm, guint64 address, HvSimRegion **region, guint *page)
{
    for (guint i = 0; i < vm->regions->len; i++) {
        HvSimRegion *candidate = &g_array_index(vm->regions, HvSimRegion, i);

        if (address < candidate->address ||
            address - candidate->address >= candidate->n_pages * candidate->page_bytes)
            continue;
        *region = candidate;
        *page = (guint)((address - candidate->address) / candidate->page_bytes);
        return TRUE;
    }
    return FALSE;
}

/* Pages of hugetlb's pools were taken from their node when the pool was made. */
static gboolean
is_pooled(const HvSimRegion *region)
{
    return region->kind == HV_SIM_PAGES_HUGE_2M || region->kind == HV_SIM_PAGES_HUGE_1G;
}

static guint64 *
pool_free(HvSimNode *node, const HvSimRegion *region)
{
    return region->kind == HV_SIM_PAGES_HUGE_2M ? &node->huge_2m_free : &node->huge_1g_free;
}

static void
count_page(HvSimRegion *region, guint page, guint node, int n)
{
    guint64 step = (guint64)(gint64)n; /* -1 wraps as it should */

    region->on_node[node] += step;
    if (region->flags[page] & HV_SIM_PAGE_HOT)
        region->hot_on_node[node] += step;
    if (region->flags[page] & HV_SIM_PAGE_SPLIT)
        region->split_on_node[node] += step;
}

void
hv_sim_page_put(HvSimWorld *world, HvSimRegion *region, guint page, guint node)
{
    guint before = region->node_of[page];

    if (before == node)
        return;
    if (before != HV_SIM_NO_NODE) {
        count_page(region, page, before, -1);
        if (is_pooled(region))
            ++*pool_free(&world->nodes[before], region);
        else
            world->nodes[before].vm_bytes -= region->page_bytes;
    }
    region->node_of[page] = (guint8)node;
    if (node == HV_SIM_NO_NODE)
        return;
    count_page(region, page, node, 1);
    if (is_pooled(region))
        --*pool_free(&world->nodes[node], region);
    else
        world->nodes[node].vm_bytes += region->page_bytes;
}

guint64
hv_world_free_bytes(const HvSimWorld *world, guint node)
{
    const HvSimNode *here = &world->nodes[node];
    guint64 used = here->used_bytes + here->vm_bytes + here->huge_2m_total * (2 << 20) +
                   here->huge_1g_total * (G_GUINT64_CONSTANT(1) << 30);

    return here->total_bytes > used ? here->total_bytes - used : 0;
}

static gboolean
has_room(const HvSimWorld *world, const HvSimRegion *region, guint node)
{
    const HvSimNode *target = &world->nodes[node];

    if (region->kind == HV_SIM_PAGES_HUGE_2M)
        return target->huge_2m_free > 0;
    if (region->kind == HV_SIM_PAGES_HUGE_1G)
        return target->huge_1g_free > 0;
    return hv_world_free_bytes(world, node) >=
           (guint64)((double)target->total_bytes * WATERMARK_RATIO) + region->page_bytes;
}

double
hv_sim_move_rate(const HvSimWorld *world, const HvSimRegion *region, guint page)
{
    if (is_pooled(region))
        return HUGE_PAGES;
    if (region->kind == HV_SIM_PAGES_THP && !(region->flags[page] & HV_SIM_PAGE_SPLIT))
        return TRANSPARENT;
    return g_str_has_prefix(world->geometry.kernel, "6.1.") ? SMALL_EACH : SMALL_BATCHED;
}

/* A huge page that finds no huge room arrives in pieces; each fifth does. */
static void
maybe_split(HvSimRegion *region, guint page, guint node)
{
    guint scattered = page * 2246822519u >> 7;

    if (region->kind != HV_SIM_PAGES_THP || region->flags[page] & HV_SIM_PAGE_SPLIT ||
        scattered % 100 >= SPLIT_OF_100)
        return;
    region->flags[page] |= HV_SIM_PAGE_SPLIT;
    region->split_on_node[node]++;
}

void
hv_sim_page_send(HvSimWorld *world, HvSimVm *vm, HvSimRegion *region, guint page, guint node)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimMoving *way = &physics->moving[region->node_of[page]][node];
    HvSimVmState *state = &physics->vms[vm->number];
    double per_s = hv_sim_move_rate(world, region, page);
    double n_pages =
        region->flags[page] & HV_SIM_PAGE_SPLIT ? (double)region->page_bytes / 4096 : 1;

    way->bytes += (double)region->page_bytes;
    way->bytes_per_s = per_s;
    state->pages_under_way += n_pages;
    state->pages_per_s = per_s / ((double)region->page_bytes / n_pages);
    hv_sim_page_put(world, region, page, node);
    maybe_split(region, page, node);
}

int
hv_world_move_page(HvSimWorld *world, HvSimVm *vm, HvSimRegion *region, guint page, guint node)
{
    guint here = region->node_of[page];

    if (node >= world->n_nodes)
        return -ENODEV;
    if (!hv_set_is_empty(vm->mems) && !hv_set_has(vm->mems, node))
        return -EACCES;
    if (here == HV_SIM_NO_NODE)
        return -ENOENT;
    if (here == node)
        return (int)node;
    if (vm->pinned_pages || *vm->launch_security)
        return -EBUSY;
    if (region->flags[page] & HV_SIM_PAGE_BUSY) {
        region->flags[page] &= (guint8)~HV_SIM_PAGE_BUSY;
        return -EBUSY;
    }
    if (!has_room(world, region, node))
        return -ENOMEM;
    hv_sim_physics(world)->move_ns +=
        (double)region->page_bytes / hv_sim_move_rate(world, region, page) * 1e9;
    hv_sim_page_send(world, vm, region, page, node);
    return (int)node;
}

gint64
hv_world_take_move_ns(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    gint64 ns = (gint64)physics->move_ns;

    physics->move_ns -= (double)ns;
    return ns;
}

guint64
hv_world_resident_bytes(const HvSimVm *vm, int cell, HvSimPageKind kind, guint node)
{
    guint64 bytes = 0;

    for (guint i = 0; i < vm->regions->len; i++) {
        const HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, i);
        guint64 whole = region->on_node[node] - region->split_on_node[node];

        if (cell >= 0 && region->cell != (guint)cell)
            continue;
        if (region->kind == kind)
            bytes += whole * region->page_bytes;
        if (kind == HV_SIM_PAGES_4K)
            bytes += region->split_on_node[node] * region->page_bytes;
    }
    return bytes;
}

void
hv_world_set_mems(HvSimWorld *world, HvSimVm *vm, const HvSet *nodes)
{
    HvSimVmState *state = &hv_sim_physics(world)->vms[vm->number];

    hv_set_assign(vm->mems, nodes);
    state->must_move = !hv_set_is_empty(nodes);
    state->region = state->page = 0;
    world->change++;
}

gboolean
hv_world_follows_mems(const HvSimWorld *world, const HvSimVm *vm)
{
    return ((const HvSimPhysics *)world->physics)->vms[vm->number].must_move;
}
