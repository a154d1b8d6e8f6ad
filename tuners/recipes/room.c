/* Where on a node a VM could run: whole cores that are nobody's, and who is on the others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/recipes/room.h"

#include "model/error.h"
#include "model/i18n.h"

/* More cpus than so many for each thread: it floats, nobody counts on them. */
#define CHOSEN_PER_THREAD 4

gboolean
hv_room_is_chosen(const HvMask *cpus, guint n_threads)
{
    return hv_mask_count(cpus) <= CHOSEN_PER_THREAD * n_threads;
}

/* The cpus that the VM's vCPUs are pinned to; none where they float. */
static void
read_vcpus(const HvVmWalk *walk, HvMask *cpus)
{
    HvMask allowed;

    hv_mask_clear(cpus);
    for (guint i = 0; i < walk->n_vcpus; i++) {
        if (hv_vcpu_allowed(walk, i, &allowed) && hv_vcpu_is_pinned(walk, &allowed))
            hv_mask_union(cpus, &allowed);
    }
    if (!hv_room_is_chosen(cpus, walk->n_vcpus))
        hv_mask_clear(cpus);
}

static void
read_barred(HvRoom *room, const HvScene *scene)
{
    HvMask own;

    hv_mask_of_set(&room->barred, scene->topology->isolated);
    HV_SET_FOREACH(cpu, scene->topology->nohz_full)
    {
        if (cpu < HV_MASK_CPUS)
            hv_mask_add(&room->barred, (guint)cpu);
    }
    hv_scene_vcpu_cpus(scene, &own);
    if (hv_room_is_chosen(&own, hv_scene_n_vcpus(scene)) &&
        hv_mask_intersects(&own, &room->barred))
        hv_mask_clear(&room->barred); /* such cpus are what it was given */
}

void
hv_room_read(HvRoom *room, const HvScene *scene, const char *except)
{
    HvVmWalk walk;
    HvMask cpus;

    hv_mask_clear(&room->vcpus);
    hv_mask_clear(&room->helpers);
    hv_mask_clear(&room->barred);
    read_barred(room, scene);
    hv_vm_walk_begin(&walk, scene->call->snapshot);
    while (hv_vm_walk_next(&walk)) {
        if (g_str_equal(walk.name, scene->name) || g_strcmp0(walk.name, except) == 0)
            continue;
        read_vcpus(&walk, &cpus);
        hv_mask_union(&room->vcpus, &cpus);
        if (hv_mask_parse(&cpus, hv_table_text(walk.vms, walk.row,
                                               hv_table_column(walk.vms, "emulator_cpus"))) &&
            hv_room_is_chosen(&cpus, walk.n_vcpus))
            hv_mask_union(&room->helpers, &cpus);
    }
}

void
hv_room_free_cores(const HvRoom *room, const HvScene *scene, int node, HvMask *cores)
{
    HvMask taken;

    hv_mask_clear(&taken);
    hv_mask_clear(cores);
    for (guint i = 0; i < scene->topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &scene->topology->cpus[i];

        if (cpu->node != node || cpu->core < 0 || cpu->cpu >= HV_MASK_CPUS)
            continue;
        if (hv_mask_has(&room->vcpus, cpu->cpu) || hv_mask_has(&room->helpers, cpu->cpu) ||
            hv_mask_has(&room->barred, cpu->cpu))
            hv_mask_add(&taken, (guint)cpu->core);
        else if (cpu->online)
            hv_mask_add(cores, (guint)cpu->core);
    }
    hv_mask_subtract(cores, &taken);
}

char *
hv_room_who(const HvScene *scene, const HvMask *cpus)
{
    g_autoptr(GString) names = g_string_new(NULL);
    HvVmWalk walk;
    HvMask taken;

    hv_vm_walk_begin(&walk, scene->call->snapshot);
    while (hv_vm_walk_next(&walk)) {
        read_vcpus(&walk, &taken);
        if (!g_str_equal(walk.name, scene->name) && hv_mask_intersects(&taken, cpus))
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", walk.name);
    }
    if (!names->len)
        g_string_append(names, _("nobody"));
    return g_string_free(g_steal_pointer(&names), FALSE);
}

/* ---- how it is pinned now ---- */

HvPins
hv_room_pins(const HvScene *scene)
{
    gboolean is_one = TRUE;
    HvMask allowed, all;

    hv_mask_clear(&all);
    for (guint i = 0; i < scene->walk.n_vcpus; i++) {
        if (!hv_scene_has_vcpu(scene, i) || !hv_vcpu_allowed(&scene->walk, i, &allowed))
            continue;
        is_one &= hv_mask_count(&allowed) == 1;
        hv_mask_union(&all, &allowed);
    }
    if (is_one)
        return HV_PINS_ONE;
    return hv_room_is_chosen(&all, hv_scene_n_vcpus(scene)) ? HV_PINS_SET : HV_PINS_FLOATING;
}

/* ---- seats ---- */

void
hv_seats_clear(HvSeats *seats)
{
    g_clear_pointer(&seats->vcpu_cpu, g_free);
}

char *
hv_seats_vcpu(const HvSeats *seats, guint i)
{
    return seats->pins == HV_PINS_ONE ? g_strdup_printf("%u", seats->vcpu_cpu[i])
                                      : hv_scene_text(&seats->vcpus);
}

/* The @rank-th cpu of a core; its last where it has fewer. */
static guint
cpu_of_core(const HvScene *scene, guint core, guint rank)
{
    HvMask cpus;
    int cpu;

    hv_scene_core_cpus(scene, core, &cpus);
    cpu = hv_mask_next(&cpus, -1);
    for (; rank > 0 && hv_mask_next(&cpus, cpu) >= 0; rank--)
        cpu = hv_mask_next(&cpus, cpu);
    return (guint)cpu;
}

static guint
threads_per_core(const HvScene *scene, const HvMask *cores)
{
    HvMask cpus;

    if (hv_mask_count(cores) == 0)
        return 1;
    hv_scene_core_cpus(scene, (guint)hv_mask_next(cores, -1), &cpus);
    return MAX(1, hv_mask_count(&cpus));
}

/* The first @n of @cores; they are taken out. */
static void
take_cores(HvMask *cores, guint n, HvMask *taken)
{
    hv_mask_clear(taken);
    HV_MASK_FOREACH(core, cores)
    {
        if (n-- == 0)
            break;
        hv_mask_add(taken, (guint)core);
    }
    hv_mask_subtract(cores, taken);
}

/* Those of @cores whose last-level cache is @llc. */
static void
cores_of_llc(const HvScene *scene, const HvMask *cores, int llc, HvMask *found)
{
    HvMask cpus;

    hv_mask_clear(found);
    HV_MASK_FOREACH(core, cores)
    {
        const HvTopoCpu *cpu;

        hv_scene_core_cpus(scene, (guint)core, &cpus);
        cpu = hv_topology_cpu(scene->topology, (guint)hv_mask_next(&cpus, -1));
        if (cpu && cpu->llc == llc)
            hv_mask_add(found, (guint)core);
    }
}

/* Of the cache with the fewest cores that are enough for @n, else of the one with the most. */
static void
choose_llc(const HvScene *scene, const HvMask *cores, guint n, HvMask *best)
{
    HvMask found;

    *best = *cores; /* where caches are not known */
    for (guint i = 0; i < scene->topology->n_llcs; i++) {
        const guint n_best = i == 0 ? 0 : hv_mask_count(best);
        guint n_found;

        cores_of_llc(scene, cores, scene->topology->llcs[i].llc, &found);
        n_found = hv_mask_count(&found);
        if (i == 0 || (n_best < n ? n_found > n_best : n_found >= n && n_found < n_best))
            *best = found;
    }
    if (hv_mask_count(best) == 0)
        *best = *cores;
}

/* @n of @cores in as few caches as can be; they are taken out. */
static void
take_near(const HvScene *scene, HvMask *cores, guint n, HvMask *taken)
{
    HvMask near, some;

    hv_mask_clear(taken);
    while (n > 0 && hv_mask_count(cores) > 0) {
        choose_llc(scene, cores, n, &near);
        take_cores(&near, n, &some);
        n -= hv_mask_count(&some);
        hv_mask_union(taken, &some);
        hv_mask_subtract(cores, &some);
    }
}

/* The last @n of @cores, so that those in front stay together; they are taken out. */
static void
take_last(HvMask *cores, guint n, HvMask *taken)
{
    HvMask front;
    const guint n_cores = hv_mask_count(cores);

    take_cores(cores, n_cores - MIN(n, n_cores), &front);
    *taken = *cores;
    *cores = front;
}

static void
cpus_of_cores(const HvScene *scene, const HvMask *cores, HvMask *cpus)
{
    HvMask one;

    hv_mask_clear(cpus);
    HV_MASK_FOREACH(core, cores)
    {
        hv_scene_core_cpus(scene, (guint)core, &one);
        hv_mask_union(cpus, &one);
    }
}

/* Where each vCPU sits now: the core that it is on (@slot, counted from 0 in the order of
 * vCPUs) and how many are on it before. Returns: how many cores. */
static guint
read_slots(const HvScene *scene, guint *slot, guint *rank)
{
    g_autofree int *core_of_slot = g_new0(int, scene->walk.n_vcpus + 1);
    g_autofree guint *n_on = g_new0(guint, scene->walk.n_vcpus + 1);
    guint n_slots = 0;
    HvMask allowed;

    for (guint i = 0; i < scene->walk.n_vcpus; i++) {
        const HvTopoCpu *cpu = NULL;
        guint at = 0;

        if (!hv_scene_has_vcpu(scene, i) || !hv_vcpu_allowed(&scene->walk, i, &allowed))
            continue;
        cpu = hv_topology_cpu(scene->topology, (guint)hv_mask_next(&allowed, -1));
        while (at < n_slots && (!cpu || core_of_slot[at] != cpu->core))
            at++;
        if (at == n_slots)
            core_of_slot[n_slots++] = cpu ? cpu->core : -1;
        slot[i] = at;
        rank[i] = n_on[at]++;
    }
    return n_slots;
}

/* Two vCPUs to a core, where whole cores for each are too few. */
static guint
pack_slots(const HvScene *scene, guint per_core, guint *slot, guint *rank)
{
    guint n = 0;

    for (guint i = 0; i < scene->walk.n_vcpus; i++) {
        if (!hv_scene_has_vcpu(scene, i))
            continue;
        slot[i] = n / per_core;
        rank[i] = n % per_core;
        n++;
    }
    return (n + per_core - 1) / per_core;
}

static gboolean
too_full(const HvScene *scene, int node, guint wanted, guint n_free, GError **error)
{
    HvMask cpus;
    g_autofree char *who = NULL;

    hv_scene_node_cpus(scene, node, &cpus);
    who = hv_room_who(scene, &cpus);
    return hv_recipe_refuse(error,
                            _("%s: needs %u whole cores on node %d, %u are free (pinned there: "
                              "%s): swap it with one of them, or move one away first"),
                            scene->name, wanted, node, n_free, who);
}

static gboolean
seat_one_by_one(const HvScene *scene, int node, HvMask *cores, HvSeats *seats, GError **error)
{
    g_autofree guint *slot = g_new0(guint, scene->walk.n_vcpus + 1);
    g_autofree guint *rank = g_new0(guint, scene->walk.n_vcpus + 1);
    g_autofree guint *core_of_slot = g_new0(guint, scene->walk.n_vcpus + 1);
    const guint n_free = hv_mask_count(cores);
    guint n_slots = hv_room_pins(scene) == HV_PINS_ONE ? read_slots(scene, slot, rank)
                                                       : pack_slots(scene, 1, slot, rank);
    guint n = 0;
    HvMask taken;

    if (n_slots > n_free) {
        n_slots = pack_slots(scene, threads_per_core(scene, cores), slot, rank);
        seats->is_packed = TRUE;
    }
    if (n_slots > n_free)
        return too_full(scene, node, n_slots, n_free, error);
    take_near(scene, cores, n_slots, &taken);
    HV_MASK_FOREACH(core, &taken)
    core_of_slot[n++] = (guint)core;
    seats->vcpu_cpu = g_new0(guint, scene->walk.n_vcpus + 1);
    for (guint i = 0; i < scene->walk.n_vcpus; i++) {
        if (!hv_scene_has_vcpu(scene, i))
            continue;
        seats->vcpu_cpu[i] = cpu_of_core(scene, core_of_slot[slot[i]], rank[i]);
        hv_mask_add(&seats->vcpus, seats->vcpu_cpu[i]);
    }
    return TRUE;
}

/* As many cpus as it has now, in whole cores; at least one for each vCPU. */
static gboolean
seat_as_set(const HvScene *scene, int node, HvMask *cores, HvSeats *seats, GError **error)
{
    const guint per_core = threads_per_core(scene, cores), n_free = hv_mask_count(cores);
    const guint least = (seats->n_vcpus + per_core - 1) / per_core;
    HvMask now, taken;

    hv_scene_vcpu_cpus(scene, &now);
    if (least > n_free)
        return too_full(scene, node, least, n_free, error);
    take_near(scene, cores,
              CLAMP((hv_mask_count(&now) + per_core - 1) / per_core, least, n_free), &taken);
    cpus_of_cores(scene, &taken, &seats->vcpus);
    return TRUE;
}

/* All of the node where no other VM's vCPU is pinned. */
static gboolean
seat_floating(const HvRoom *room, const HvScene *scene, int node, HvSeats *seats,
              GError **error)
{
    hv_scene_node_cpus(scene, node, &seats->vcpus);
    hv_mask_subtract(&seats->vcpus, &room->vcpus);
    hv_mask_subtract(&seats->vcpus, &room->barred);
    if (hv_mask_count(&seats->vcpus) < seats->n_vcpus)
        return too_full(scene, node, seats->n_vcpus, hv_mask_count(&seats->vcpus), error);
    return TRUE;
}

void
hv_room_house(const HvRoom *room, const HvScene *scene, int node, HvMask *cores, guint n_cpus,
              HvMask *house)
{
    const guint per_core = threads_per_core(scene, cores);
    HvMask taken;

    hv_scene_node_cpus(scene, node, house);
    hv_mask_intersect(house, &room->helpers);
    hv_mask_subtract(house, &room->vcpus);
    if (hv_mask_count(house) > 0)
        return;
    take_last(cores, (n_cpus + per_core - 1) / per_core, &taken);
    cpus_of_cores(scene, &taken, house);
    if (hv_mask_count(house) > 0)
        return;
    hv_scene_node_cpus(scene, node, house);
    hv_mask_subtract(house, &room->vcpus);
}

/* Rather beside its own vCPUs than nowhere. */
static void
seat_helpers(const HvRoom *room, const HvScene *scene, int node, HvMask *cores, guint n_cpus,
             HvSeats *seats)
{
    hv_room_house(room, scene, node, cores, n_cpus, &seats->helpers);
    if (hv_mask_is_subset(&seats->helpers, &seats->vcpus))
        return;
    hv_mask_subtract(&seats->helpers, &seats->vcpus);
}

/* How many cpus its emulator has now, at most 4: more than that is a habit, not a need. */
static guint
count_helper_cpus(const HvScene *scene)
{
    HvMask cpus;
    const HvThread *emulator = hv_guest_thread(scene->guest, HV_THREAD_EMULATOR, 0);

    return emulator && hv_scene_thread_cpus(scene, emulator, &cpus)
               ? CLAMP(hv_mask_count(&cpus), 1, 4)
               : 1;
}

gboolean
hv_room_seat(const HvRoom *room, const HvScene *scene, int node, HvPins pins, HvSeats *seats,
             GError **error)
{
    HvMask cores, all;
    gboolean is_seated;

    *seats = (HvSeats){ .pins = pins, .n_vcpus = hv_scene_n_vcpus(scene) };
    hv_scene_node_cpus(scene, node, &all);
    if (seats->n_vcpus > hv_mask_count(&all))
        return hv_recipe_refuse(error, _("%s: has %u vCPUs, node %d has %u cpus"), scene->name,
                                seats->n_vcpus, node, hv_mask_count(&all));
    hv_room_free_cores(room, scene, node, &cores);
    if (seats->pins == HV_PINS_ONE)
        is_seated = seat_one_by_one(scene, node, &cores, seats, error);
    else if (seats->pins == HV_PINS_SET)
        is_seated = seat_as_set(scene, node, &cores, seats, error);
    else
        is_seated = seat_floating(room, scene, node, seats, error);
    if (is_seated)
        seat_helpers(room, scene, node, &cores, count_helper_cpus(scene), seats);
    return is_seated;
}
