/* The simulated resctrl: what it is made of, and what it does by itself as time passes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

#include "host/sim/files-private.h"

#include <stdio.h>
#include <string.h>

#define INTEL_SCALE_BYTES 65536u
#define AMD_SCALE_BYTES 64u
/* AMD's kernel measures the limit of limbo by the L2, which it takes for the cache's size. */
#define AMD_L2_BYTES 524288u
/* Granite Rapids D, the first model whose masks may have holes. */
#define INTEL_FIRST_SPARSE 173u
#define AMD_NO_LIMIT 2048u /* eighths of GB/s; kernels up to 6.5 */

/* ---- the last command's status ---- */

void
hv_resctrl_clear_status(HvSimResctrl *resctrl)
{
    resctrl->status_length = 0;
    resctrl->status[0] = '\0';
    resctrl->status_is_full = FALSE;
}

/* Commands that do not clear it (mkdir, cpus) add to what is there, up to its size. */
void
hv_resctrl_say(HvSimResctrl *resctrl, const char *format, ...)
{
    gsize room = HV_RESCTRL_STATUS_BYTES - resctrl->status_length;
    va_list values;
    int length;

    if (resctrl->status_is_full)
        return;
    va_start(values, format);
    length = vsnprintf(resctrl->status + resctrl->status_length, room, format, values);
    va_end(values);
    if (length >= 0 && (gsize)length < room)
        resctrl->status_length += (gsize)length;
    else
        resctrl->status_is_full = TRUE;
}

/* ---- classes ---- */

guint32
hv_resctrl_get(const HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint closid,
               guint l3)
{
    const HvSimClass *class = &resctrl->world->classes[closid];

    if (schema->control == HV_RESCTRL_MB)
        return class->mb[l3];
    return schema->control == HV_RESCTRL_CODE ? class->code_mask[l3] : class->data_mask[l3];
}

void
hv_resctrl_set(HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint closid, guint l3,
               guint32 value)
{
    HvSimClass *class = &resctrl->world->classes[closid];

    switch (schema->control) {
    case HV_RESCTRL_MB:
        class->mb[l3] = value;
        break;
    case HV_RESCTRL_CACHE:
        class->code_mask[l3] = class->data_mask[l3] = value;
        break;
    case HV_RESCTRL_CODE:
        class->code_mask[l3] = value;
        break;
    case HV_RESCTRL_DATA:
        class->data_mask[l3] = value;
        break;
    }
}

static void
reset_domain(HvSimResctrl *resctrl, guint l3)
{
    for (guint closid = 0; closid < HV_SIM_MAX_CLOSIDS; closid++) {
        HvSimClass *class = &resctrl->world->classes[closid];

        class->code_mask[l3] = class->data_mask[l3] = resctrl->full_mask;
        class->mb[l3] = resctrl->default_mb;
    }
}

/* ---- threads ---- */

/* The lists are: the host's own threads, then each VM's. */
HvSimThread *
hv_resctrl_next_thread(HvResctrlWalk *walk)
{
    const GPtrArray *vms = walk->world->vms;

    while (walk->list <= vms->len) {
        const HvSimVm *vm = walk->list == 0 ? NULL : vms->pdata[walk->list - 1];
        const GPtrArray *threads = vm ? vm->threads : walk->world->host_threads;

        if (!(vm && vm->is_gone) && walk->index < threads->len)
            return threads->pdata[walk->index++];
        walk->list++;
        walk->index = 0;
    }
    return NULL;
}

/* A thread is made by its process's first one, and is in that one's group then. */
static void
inherit(const HvSimResctrl *resctrl, HvSimThread *thread)
{
    const HvSimThread *maker = NULL;

    if (thread->vm && thread->vm->pid != thread->tid &&
        g_hash_table_contains(resctrl->known, GINT_TO_POINTER(thread->vm->pid)))
        maker = hv_world_thread(resctrl->world, thread->vm->pid);
    if (maker) {
        thread->closid = maker->closid;
        thread->rmid = maker->rmid;
    }
}

static void
look_at_threads(HvSimResctrl *resctrl)
{
    g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL);
    HvResctrlWalk walk = { .world = resctrl->world };

    for (HvSimThread *thread; (thread = hv_resctrl_next_thread(&walk));) {
        if (!g_hash_table_contains(resctrl->known, GINT_TO_POINTER(thread->tid)))
            inherit(resctrl, thread);
        (void)g_hash_table_add(known, GINT_TO_POINTER(thread->tid));
    }
    g_hash_table_unref(resctrl->known);
    resctrl->known = g_steal_pointer(&known);
    resctrl->layout = resctrl->world->layout;
}

/* ---- cpus and domains that come and go ---- */

static gboolean
is_l3_online(const HvSimWorld *world, guint l3)
{
    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        if (world->cpus[cpu].online && world->cpus[cpu].l3 == l3)
            return TRUE;
    return FALSE;
}

static void
look_at_domain(HvSimResctrl *resctrl, guint l3)
{
    gboolean online = is_l3_online(resctrl->world, l3);

    if (online == resctrl->l3_online[l3])
        return;
    resctrl->l3_online[l3] = online;
    if (online)
        reset_domain(resctrl, l3);
    else
        hv_resctrl_empty_limbo(resctrl, l3);
    for (guint i = 0; i < resctrl->groups->len; i++) {
        HvResctrlGroup *group = resctrl->groups->pdata[i];

        if (online)
            hv_resctrl_add_mon_files(resctrl, group, l3);
        else
            hv_resctrl_remove_mon_files(resctrl, group, l3);
    }
}

/* A cpu that comes belongs to the default group, one that goes to none. */
static void
look_at_cpu(HvSimResctrl *resctrl, HvSimCpu *cpu)
{
    const HvResctrlGroup *first = resctrl->groups->pdata[0];

    if (cpu->online == hv_set_has(resctrl->online, cpu->cpu))
        return;
    cpu->closid = cpu->rmid = 0;
    if (cpu->online) {
        hv_set_add(resctrl->online, cpu->cpu);
        hv_set_add(first->cpus, cpu->cpu);
    } else {
        hv_set_remove(resctrl->online, cpu->cpu);
        for (guint i = 0; i < resctrl->groups->len; i++)
            hv_set_remove(((const HvResctrlGroup *)resctrl->groups->pdata[i])->cpus, cpu->cpu);
    }
    look_at_domain(resctrl, cpu->l3);
}

void
hv_resctrl_look(HvSimResctrl *resctrl)
{
    HvSimWorld *world = resctrl->world;

    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        look_at_cpu(resctrl, &world->cpus[cpu]);
    if (world->layout != resctrl->layout)
        look_at_threads(resctrl);
}

void
hv_sim_resctrl_step(HvSimResctrl *resctrl)
{
    hv_resctrl_look(resctrl);
    hv_resctrl_check_limbo(resctrl);
    hv_resctrl_share_counters(resctrl);
}

/* ---- making ---- */

static void
add_schema(HvSimResctrl *resctrl, const char *name, HvResctrlControl control, guint n_closids)
{
    resctrl->schemas[resctrl->n_schemas++] =
        (HvResctrlSchema){ .name = name, .control = control, .n_closids = n_closids };
    resctrl->n_closids = MIN(resctrl->n_closids, n_closids);
}

/* In the order of the file schemata: what the kernel finds last stands first. */
static void
add_schemas(HvSimResctrl *resctrl, const HvSimGeometry *geometry)
{
    resctrl->n_closids = HV_SIM_MAX_CLOSIDS;
    if (geometry->n_mb_closids > 0)
        add_schema(resctrl, "MB", HV_RESCTRL_MB, geometry->n_mb_closids);
    if (geometry->cdp) {
        add_schema(resctrl, "L3DATA", HV_RESCTRL_DATA, geometry->n_l3_closids / 2);
        add_schema(resctrl, "L3CODE", HV_RESCTRL_CODE, geometry->n_l3_closids / 2);
    } else if (geometry->n_l3_closids > 0) {
        add_schema(resctrl, "L3", HV_RESCTRL_CACHE, geometry->n_l3_closids);
    }
}

static void
set_limits(HvSimResctrl *resctrl, const HvSimGeometry *geometry)
{
    gboolean amd = geometry->vendor == HV_SIM_AMD;

    resctrl->full_mask = (guint32)((G_GUINT64_CONSTANT(1) << geometry->n_ways) - 1);
    resctrl->is_newer = hv_sim_kernel_is(resctrl->world, 6, 7);
    resctrl->default_mb = amd ? AMD_NO_LIMIT : 100;
    resctrl->min_mb = amd ? 0 : 10;
    resctrl->mb_step = amd ? 1 : 10;
    resctrl->min_bits = amd ? 0 : 1;
    resctrl->sparse = amd || (resctrl->is_newer && geometry->model >= INTEL_FIRST_SPARSE);
    resctrl->n_rmids = MIN(geometry->n_rmids, HV_SIM_MAX_RMIDS);
    resctrl->scale_bytes = amd ? AMD_SCALE_BYTES : INTEL_SCALE_BYTES;
    resctrl->max_threshold_bytes = amd ? AMD_L2_BYTES : geometry->l3_bytes;
    if (resctrl->n_rmids > 0)
        resctrl->threshold_bytes = resctrl->max_threshold_bytes / resctrl->n_rmids;
    resctrl->threshold_bytes -= resctrl->threshold_bytes % resctrl->scale_bytes;
}

HvSimResctrl *
hv_sim_resctrl_new(HvSimWorld *world, HvSimFs *fs)
{
    HvSimResctrl *resctrl = g_new0(HvSimResctrl, 1);

    resctrl->world = world;
    resctrl->fs = fs;
    resctrl->groups = g_ptr_array_new_with_free_func(hv_resctrl_free_group);
    resctrl->known = g_hash_table_new(NULL, NULL);
    resctrl->online = hv_set_new();
    set_limits(resctrl, &world->geometry);
    add_schemas(resctrl, &world->geometry);
    hv_resctrl_start_rmids(resctrl);
    for (guint l3 = 0; l3 < world->n_l3; l3++)
        reset_domain(resctrl, l3);
    hv_resctrl_add_info(resctrl);
    hv_resctrl_add_default(resctrl);
    look_at_threads(resctrl);
    hv_sim_resctrl_step(resctrl);
    world->resctrl_is_mounted = TRUE;
    return resctrl;
}

void
hv_sim_resctrl_free(HvSimResctrl *resctrl)
{
    if (!resctrl)
        return;
    g_ptr_array_unref(resctrl->groups);
    g_hash_table_unref(resctrl->known);
    g_queue_clear(&resctrl->free_rmids);
    hv_set_free(resctrl->online);
    g_free(resctrl);
}

void
hv_sim_resctrl_unmount(HvSimResctrl *resctrl)
{
    HvSimWorld *world = resctrl->world;
    HvResctrlWalk walk = { .world = world };

    for (HvSimThread *thread; (thread = hv_resctrl_next_thread(&walk));)
        thread->closid = thread->rmid = 0;
    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        world->cpus[cpu].closid = world->cpus[cpu].rmid = 0;
    for (guint l3 = 0; l3 < world->n_l3; l3++)
        reset_domain(resctrl, l3);
    for (guint closid = 1; closid < HV_SIM_MAX_CLOSIDS; closid++)
        world->classes[closid].used = FALSE;
    world->resctrl_is_mounted = FALSE;
    hv_sim_fs_remove(resctrl->fs, HV_RESCTRL_PATH);
    hv_sim_fs_dir(resctrl->fs, HV_RESCTRL_PATH, NULL, NULL, NULL);
    hv_sim_resctrl_free(resctrl);
}
