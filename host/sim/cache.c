/* Lines in the L3s: each way is filled by those whose mask has it, and what is there gives way
 * in proportion. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"

#include <math.h>

/* Model. */
/* of the miss ratio, each step: lines turn over much faster than a step */
#define MISS_DAMPING 0.3
#define CODE_RATIO 0.08 /* of fills are code, where CDP tells them apart */
/* by the kernel and daemons, each L3, under the default RMID */
#define HOST_FILL_BYTES_PER_S 4e7
#define GONE_BYTES 4096.0

/* @bytes_per_s go evenly into the ways of @mask. */
static void
fill_ways(HvSimPhysics *physics, const HvSimWorld *world, guint32 mask, double bytes_per_s,
          guint l3, guint rmid, double *vm_fill)
{
    double *rmid_fill =
        &physics->rmid_fill[(l3 * world->geometry.n_rmids + rmid) * physics->n_ways];
    guint n = (guint)__builtin_popcount(mask);
    double each = n ? bytes_per_s / n : 0;

    physics->rmid_filled[l3 * world->geometry.n_rmids + rmid] = TRUE;
    for (guint way = 0; way < physics->n_ways; way++) {
        if (!(mask >> way & 1))
            continue;
        physics->fill[l3 * physics->n_ways + way] += each;
        rmid_fill[way] += each;
        if (vm_fill)
            vm_fill[way] += each;
    }
}

/* Threads of one VM in one L3, class and RMID. */
typedef struct {
    const HvSimVm *vm;
    guint l3, closid, rmid;
    double bytes_per_s;
} Filler;

static void
fill_by(HvSimWorld *world, const Filler *filler)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    const HvSimClass *allowed = &world->classes[filler->closid];
    guint l3 = filler->l3;
    guint32 code = allowed->code_mask[l3], data = allowed->data_mask[l3];
    double data_bytes = filler->bytes_per_s * (code == data ? 1 : 1 - CODE_RATIO);
    double *vm_fill;

    if (!filler->vm)
        return;
    vm_fill = &physics->vm_fill[(filler->vm->number * world->n_l3 + l3) * physics->n_ways];
    physics->vms[filler->vm->number].l3s |= G_GUINT64_CONSTANT(1) << l3;
    fill_ways(physics, world, data, data_bytes, l3, filler->rmid, vm_fill);
    if (code != data)
        fill_ways(physics, world, code, filler->bytes_per_s - data_bytes, l3, filler->rmid,
                  vm_fill);
}

static void
fill_by_vms(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    Filler filler = { 0 };

    for (guint i = 0; i < physics->n_vcpus; i++) {
        const HvSimThread *thread = physics->threads[physics->vcpus[i]];
        const HvSimCpu *cpu = &world->cpus[thread->cpu];
        Filler next = {
            .vm = thread->vm,
            .l3 = cpu->l3,
            .closid = thread->closid ? thread->closid : cpu->closid,
            .rmid = thread->rmid ? thread->rmid : cpu->rmid,
        };

        if (thread->lines_per_s <= 0)
            continue;
        if (next.vm != filler.vm || next.l3 != filler.l3 || next.closid != filler.closid ||
            next.rmid != filler.rmid) {
            fill_by(world, &filler);
            filler = next;
        }
        filler.bytes_per_s += thread->lines_per_s * HV_SIM_LINE_BYTES;
    }
    fill_by(world, &filler);
}

static void
fill_by_others(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    guint32 all = (guint32)((G_GUINT64_CONSTANT(1) << physics->n_ways) - 1);
    guint32 shareable = world->geometry.shareable_ways;
    guint per_package = world->geometry.l3_per_package;

    for (guint l3 = 0; l3 < world->n_l3; l3++) {
        double dma =
            world->nodes[l3 / per_package].dma_bytes_per_s / 2; /* what devices write */

        fill_ways(physics, world, all, HOST_FILL_BYTES_PER_S, l3, 0, NULL);
        for (guint way = 0; shareable && way < physics->n_ways; way++)
            if (shareable >> way & 1)
                physics->fill[l3 * physics->n_ways + way] +=
                    dma / __builtin_popcount(shareable);
    }
}

/* The solution of dO/dt = f - O/C·F over a step, with a beginning dO/dt = f while the way has
 * room. */
static void
solve_way(HvSimPhysics *physics, guint way, double capacity)
{
    double fill = physics->fill[way], room = MAX(0, capacity - physics->held[way]);
    double until_full, decay;

    if (fill * HV_SIM_STEP_S <= room) {
        physics->keep[way] = 1;
        physics->gain[way] = HV_SIM_STEP_S;
        return;
    }
    until_full = room / fill;
    decay = exp(-(HV_SIM_STEP_S - until_full) * fill / capacity);
    physics->keep[way] = decay;
    physics->gain[way] = until_full * decay + capacity / fill * (1 - decay);
}

/* Lines of one owner in one L3. Returns: what it holds then. */
static double
turn_over(const HvSimPhysics *physics, guint l3, double *bytes, double *fill)
{
    double held = 0;

    for (guint way = 0; way < physics->n_ways; way++) {
        guint number = l3 * physics->n_ways + way;

        bytes[way] = bytes[way] * physics->keep[number] + fill[way] * physics->gain[number];
        fill[way] = 0;
        held += bytes[way];
    }
    return held >= 1 ? held : 0;
}

static double
miss_ratio(const HvSimLoad *load, double held_bytes)
{
    double x = !load->streams && load->working_set_bytes > 0
                   ? held_bytes / load->working_set_bytes
                   : 0;

    return load->miss_floor + (load->miss_none - load->miss_floor) / (1 + x * x * x);
}

static void
turn_vm(HvSimWorld *world, const HvSimVm *vm)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    HvSimVmState *state = &physics->vms[vm->number];

    for (guint l3 = 0; l3 < world->n_l3; l3++) {
        guint number = vm->number * world->n_l3 + l3;
        double *miss = &physics->vm_miss[number];

        if (!(state->l3s >> l3 & 1))
            continue;
        physics->vm_held[number] =
            turn_over(physics, l3, &physics->vm_bytes[number * physics->n_ways],
                      &physics->vm_fill[number * physics->n_ways]);
        *miss += MISS_DAMPING * (miss_ratio(&vm->load, physics->vm_held[number]) - *miss);
        if (physics->vm_held[number] < GONE_BYTES)
            state->l3s &= ~(G_GUINT64_CONSTANT(1) << l3);
    }
}

static void
turn_rmids(HvSimWorld *world, guint l3)
{
    HvSimPhysics *physics = hv_sim_physics(world);

    for (guint rmid = 0; rmid < world->geometry.n_rmids; rmid++) {
        gboolean *filled = &physics->rmid_filled[l3 * world->geometry.n_rmids + rmid];
        guint number = (l3 * world->geometry.n_rmids + rmid) * physics->n_ways;

        if (!*filled && world->rmids[rmid].occupancy_bytes[l3] <= 0)
            continue;
        *filled = FALSE;
        world->rmids[rmid].occupancy_bytes[l3] =
            turn_over(physics, l3, &physics->rmid_bytes[number], &physics->rmid_fill[number]);
    }
}

void
hv_sim_cache_step(HvSimWorld *world)
{
    HvSimPhysics *physics = hv_sim_physics(world);
    double capacity = (double)world->geometry.l3_bytes / physics->n_ways;

    memset(physics->fill, 0, world->n_l3 * physics->n_ways * sizeof *physics->fill);
    fill_by_vms(world);
    fill_by_others(world);
    for (guint way = 0; way < world->n_l3 * physics->n_ways; way++) {
        solve_way(physics, way, capacity);
        physics->held[way] =
            physics->held[way] * physics->keep[way] + physics->fill[way] * physics->gain[way];
    }
    for (guint i = 0; i < world->vms->len; i++)
        turn_vm(world, world->vms->pdata[i]);
    for (guint l3 = 0; l3 < world->n_l3; l3++)
        turn_rmids(world, l3);
}
