/* Pages that move by themselves: under way, after a change of cpuset.mems, by NUMA balancing;
 * memory that grows and is swapped. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"

/* Model. */
#define BALANCING_BYTES_PER_S 1e8   /* of each VM, between 50 and 200 MB/s */
#define BALANCING_STALL_RATIO 0.02  /* hint faults of a VM whose pages are looked at */
#define LOOKS_PER_STEP 4096         /* pages of a VM */
#define BALLOON_BYTES_PER_S 1e9     /* out of a guest whose balloon grows */
#define SWAP_BYTES_PER_S 3e7        /* out of a group that is at its limit */
#define LIMIT_ROOM_RATIO 0.99       /* of the hard limit, from which on it reclaims */
#define OVERHEAD_BYTES (300u << 20) /* of QEMU beside the guest's RAM */
#define GUEST_SWAP_STALL 2.2        /* stall per part of its need that the guest lacks */
#define HOST_SWAP_STALL 4.0         /* the same for what the host has swapped */
#define MAX_STALL 0.9

static void
drain(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    for (guint i = 0; i < world->n_nodes; i++)
        for (guint j = 0; j < world->n_nodes; j++) {
            HvSimMoving *way = &physics->moving[i][j];

            way->now = MIN(way->bytes / HV_SIM_STEP_S, way->bytes_per_s);
            way->bytes -= way->now * HV_SIM_STEP_S;
        }
    for (guint i = 0; i < world->vms->len; i++) {
        HvSimVmState *state = &physics->vms[i];

        state->pages_under_way -=
            MIN(state->pages_under_way, state->pages_per_s * HV_SIM_STEP_S);
    }
}

/* As the kernel does for a group with memory_migrate: in the order of addresses, no faster than
 * pages go. */
static void
follow_mems(HvSimWorld *world, HvSimVm *vm)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimVmState *state = &physics->vms[vm->number];
    double before = physics->move_ns;
    guint target = (guint)hv_set_next(vm->mems, -1);

    while (state->region < vm->regions->len &&
           physics->move_ns - before < (double)HV_SIM_STEP_NS) {
        HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, state->region);
        guint page = state->page;

        if (page >= region->n_pages) {
            state->region++;
            state->page = 0;
            continue;
        }
        state->page++;
        if (region->node_of[page] == HV_SIM_NO_NODE ||
            hv_set_has(vm->mems, region->node_of[page]))
            continue;
        HV_SET_FOREACH(node, vm->mems)
        if (hv_world_free_bytes(world, (guint)node) > hv_world_free_bytes(world, target))
            target = (guint)node;
        (void)hv_world_move_page(world, vm, region, page,
                                 target); /* what does not go stays, as in the kernel */
    }
    physics->move_ns = before; /* nobody waits for these */
    state->must_move = state->region < vm->regions->len;
}

/* The node of a vCPU of the page's cell, one of those that run. */
static guint
wanted_node(HvSimWorld *world, const HvSimVm *vm, guint cell)
{
    guint first = (guint)(hv_sim_random(hv_sim_physics(world)) * vm->n_vcpus);

    for (guint i = 0; i < vm->n_vcpus; i++) {
        const HvSimThread *thread = vm->threads->pdata[(first + i) % vm->n_vcpus];

        if (thread->cell == cell && thread->got > 0)
            return world->cpus[thread->cpu].node;
    }
    return HV_SIM_NO_NODE;
}

/* Hot pages go to who touches them, unless the memory is bound. Leaves how much it stalls the
 * VM. */
static double
balance_numa(HvSimWorld *world, HvSimVm *vm)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimVmState *state = &physics->vms[vm->number];
    double before = physics->move_ns;
    gboolean moved = FALSE;

    if (!hv_set_is_empty(vm->mems) || vm->pinned_pages)
        return 0;
    state->balance_credit =
        MIN(1e9, state->balance_credit + BALANCING_BYTES_PER_S * HV_SIM_STEP_S);
    for (guint i = 0; i < LOOKS_PER_STEP; i++) {
        HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, state->balance_region);
        guint page = state->balance_page++, node;

        if (page >= region->n_pages) {
            state->balance_region = (state->balance_region + 1) % vm->regions->len;
            state->balance_page = 0;
            continue;
        }
        if (!(region->flags[page] & HV_SIM_PAGE_HOT) || region->node_of[page] == HV_SIM_NO_NODE)
            continue;
        world->numa_hint_faults++;
        node = wanted_node(world, vm, region->cell);
        if (node == HV_SIM_NO_NODE || node == region->node_of[page])
            continue;
        if (state->balance_credit < (double)region->page_bytes)
            break;
        if (hv_world_move_page(world, vm, region, page, node) != (int)node)
            continue;
        state->balance_credit -= (double)region->page_bytes;
        world->numa_pages_migrated += (double)region->page_bytes / 4096;
        moved = TRUE;
    }
    physics->move_ns = before;
    return moved ? BALANCING_STALL_RATIO : 0;
}

static guint64
resident_bytes(const HvSimVm *vm)
{
    guint64 bytes = 0;

    for (guint i = 0; i < vm->regions->len; i++) {
        const HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, i);

        for (guint k = 0; k < HV_SIM_MAX_NODES; k++)
            bytes += region->on_node[k] * region->page_bytes;
    }
    return bytes;
}

/* The guest touches memory for the first time: on the node of a vCPU, while the balloon allows
 * it. */
static void
grow(HvSimWorld *world, HvSimVm *vm)
{
    HvSimVmState *state = &hv_sim_physics(world)->vms[vm->number];
    HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, 0);
    guint64 most =
        vm->load.need_bytes ? MIN(vm->load.need_bytes, vm->balloon_bytes) : vm->balloon_bytes;
    guint looks = 0;

    if (vm->state != HV_GUEST_RUNNING || vm->load.growth_bytes_per_s <= 0)
        return;
    if (resident_bytes(vm) + (guint64)vm->swap_bytes >= most)
        return;
    state->grown_bytes += vm->load.growth_bytes_per_s * HV_SIM_STEP_S;
    while (state->grown_bytes >= (double)region->page_bytes && looks++ < LOOKS_PER_STEP) {
        guint page = state->grow_page++ % region->n_pages;
        guint node = wanted_node(world, vm, region->cell);

        if (region->node_of[page] != HV_SIM_NO_NODE || node == HV_SIM_NO_NODE)
            continue;
        hv_sim_page_put(world, region, page, node);
        world->nodes[node].local_allocations += (double)region->page_bytes / 4096;
        state->grown_bytes -= (double)region->page_bytes;
    }
}

/* What the balloon took the guest gives back to the host: cold pages, as quickly as a guest
 * finds them. */
static void
deflate(HvSimWorld *world, HvSimVm *vm)
{
    HvSimVmState *state = &hv_sim_physics(world)->vms[vm->number];
    HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, 0);
    guint64 held = resident_bytes(vm) + vm->swap_bytes, step_bytes = 0;

    for (guint looks = 0;
         looks < LOOKS_PER_STEP && held > vm->balloon_bytes + region->page_bytes; looks++) {
        guint page = state->grow_page++ % region->n_pages;

        if ((double)step_bytes > BALLOON_BYTES_PER_S * HV_SIM_STEP_S)
            return;
        if (region->node_of[page] == HV_SIM_NO_NODE || region->flags[page] & HV_SIM_PAGE_HOT)
            continue;
        hv_sim_page_put(world, region, page, HV_SIM_NO_NODE);
        held -= region->page_bytes;
        step_bytes += region->page_bytes;
    }
}

/* Cold pages go to swap while the group is at its limit, and come back when it no longer is. */
static void
swap(HvSimWorld *world, HvSimVm *vm)
{
    HvSimVmState *state = &hv_sim_physics(world)->vms[vm->number];
    HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, 0);
    double limit = (double)vm->hard_limit_bytes * LIMIT_ROOM_RATIO;
    double used = (double)(resident_bytes(vm) + OVERHEAD_BYTES);
    double page_bytes = (double)region->page_bytes;
    gboolean out = used > limit, in = vm->swap_bytes && used + 2 * page_bytes < limit;

    if (vm->hard_limit_bytes == G_MAXUINT64 && !vm->swap_bytes)
        return;
    state->swap_credit = out || in ? state->swap_credit + SWAP_BYTES_PER_S * HV_SIM_STEP_S : 0;
    for (guint looks = 0; looks < LOOKS_PER_STEP && state->swap_credit >= page_bytes; looks++) {
        guint page = state->swap_page++ % region->n_pages;
        gboolean present = region->node_of[page] != HV_SIM_NO_NODE;
        guint node;

        if (out && present && !(region->flags[page] & HV_SIM_PAGE_HOT)) {
            if (vm->swap_bytes + region->page_bytes > vm->swap_limit_bytes) {
                vm->oom_kills += state->at_limit ? 0 : 1;
                state->at_limit = TRUE;
                return;
            }
            hv_sim_page_put(world, region, page, HV_SIM_NO_NODE);
            vm->swap_bytes += region->page_bytes;
            state->swap_credit -= page_bytes;
        } else if (in && !present && vm->swap_bytes >= region->page_bytes) {
            node = wanted_node(world, vm, region->cell);
            if (node == HV_SIM_NO_NODE)
                return;
            hv_sim_page_put(world, region, page, node);
            vm->swap_bytes -= region->page_bytes;
            state->swap_credit -= page_bytes;
        }
    }
    state->at_limit = FALSE;
}

/* How much of its time the VM waits for memory that is not there: swapped by its guest, or by
 * the host. */
static double
stall_of(HvSimVm *vm)
{
    double need = (double)(vm->load.need_bytes ? vm->load.need_bytes : vm->memory_bytes);
    double lacks =
        vm->load.need_bytes > vm->balloon_bytes ? need - (double)vm->balloon_bytes : 0;
    double guest = GUEST_SWAP_STALL * lacks / need,
           host = HOST_SWAP_STALL * (double)vm->swap_bytes / need;

    vm->major_faults += host * 4000 * HV_SIM_STEP_S;
    return MIN(MAX_STALL, guest + host);
}

void
hv_sim_pages_step(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    for (guint i = 0; i < world->vms->len; i++) {
        HvSimVm *vm = world->vms->pdata[i];
        HvSimVmState *state = &physics->vms[i];

        if (state->must_move)
            follow_mems(world, vm);
        grow(world, vm);
        if (vm->balloon_bytes < vm->memory_bytes && !vm->pinned_pages)
            deflate(world, vm);
        swap(world, vm);
        state->stall_ratio = stall_of(vm);
        if (world->numa_balancing)
            state->stall_ratio = MIN(MAX_STALL, state->stall_ratio + balance_numa(world, vm));
    }
    drain(world);
}
