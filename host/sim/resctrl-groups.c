/* The simulated resctrl's groups: directories that are made and removed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

#include <errno.h>
#include <string.h>

static const char *const event_names[HV_RESCTRL_N_EVENTS] = { "llc_occupancy",
                                                              "mbm_total_bytes",
                                                              "mbm_local_bytes" };

/* ---- looking up ---- */

HvResctrlGroup *
hv_resctrl_group_of(const HvSimResctrl *resctrl, guint closid)
{
    for (guint i = 0; i < resctrl->groups->len; i++) {
        HvResctrlGroup *group = resctrl->groups->pdata[i];

        if (!group->parent && group->closid == closid)
            return group;
    }
    return NULL;
}

/* The group in @above's directory of that kind: a control group (@parent NULL) or a monitoring
 * group. */
static HvResctrlGroup *
find_group(const HvSimResctrl *resctrl, const HvResctrlGroup *parent, const char *name)
{
    for (guint i = 1; i < resctrl->groups->len; i++) {
        HvResctrlGroup *group = resctrl->groups->pdata[i];

        if (group->parent == parent && strcmp(group->name, name) == 0)
            return group;
    }
    return NULL;
}

/* ---- directories and files ---- */

void
hv_resctrl_add_mon_files(HvSimResctrl *resctrl, HvResctrlGroup *group, guint l3)
{
    if (resctrl->n_rmids == 0)
        return;
    for (guint event = 0; event < HV_RESCTRL_N_EVENTS; event++) {
        HvResctrlMonFile *file = &group->mon_files[l3][event];

        *file = (HvResctrlMonFile){ .group = group, .l3 = l3, .event = event };
        hv_sim_fs_filef(resctrl->fs, &hv_resctrl_mon_file, resctrl, file,
                        "%s/mon_data/mon_L3_%02u/%s", group->path, l3, event_names[event]);
    }
}

void
hv_resctrl_remove_mon_files(HvSimResctrl *resctrl, const HvResctrlGroup *group, guint l3)
{
    g_autofree char *path = g_strdup_printf("%s/mon_data/mon_L3_%02u", group->path, l3);

    hv_sim_fs_remove(resctrl->fs, path);
}

static void
add_file(HvSimResctrl *resctrl, HvResctrlGroup *group, const char *name,
         const HvSimFileClass *file_class)
{
    hv_sim_fs_filef(resctrl->fs, file_class, resctrl, group, "%s/%s", group->path, name);
}

static void
add_files(HvSimResctrl *resctrl, HvResctrlGroup *group)
{
    add_file(resctrl, group, "cpus", &hv_resctrl_cpus_file);
    add_file(resctrl, group, "cpus_list", &hv_resctrl_cpus_list_file);
    add_file(resctrl, group, "tasks", &hv_resctrl_tasks_file);
    for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++)
        if (resctrl->l3_online[l3])
            hv_resctrl_add_mon_files(resctrl, group, l3);
    if (group->parent)
        return;
    add_file(resctrl, group, "schemata", &hv_resctrl_schemata_file);
    add_file(resctrl, group, "size", &hv_resctrl_size_file);
    add_file(resctrl, group, "mode", &hv_resctrl_mode_file);
}

/* ---- making ---- */

/* @name is copied; @above is the path of the directory that it is in. */
static HvResctrlGroup *
new_group(HvSimResctrl *resctrl, HvResctrlGroup *parent, const char *above, const char *name)
{
    HvResctrlGroup *group = g_new0(HvResctrlGroup, 1);

    group->path = name ? g_strconcat(above, "/", name, NULL) : g_strdup(above);
    group->name = strrchr(group->path, '/') + 1;
    group->parent = parent;
    group->cpus = hv_set_new();
    if (parent) {
        group->closid = parent->closid;
        g_ptr_array_add(parent->children, group);
    } else {
        group->children = g_ptr_array_new();
    }
    g_ptr_array_add(resctrl->groups, group);
    return group;
}

void
hv_resctrl_free_group(gpointer data)
{
    HvResctrlGroup *group = data;

    if (group->children)
        g_ptr_array_unref(group->children);
    hv_set_free(group->cpus);
    g_free(group->path);
    g_free(group);
}

/* Returns: a class, as ever the lowest free one, or -ENOSPC. */
static int
take_closid(HvSimResctrl *resctrl)
{
    for (guint closid = 0; closid < resctrl->n_closids; closid++) {
        if (resctrl->closid_used[closid])
            continue;
        resctrl->closid_used[closid] = resctrl->world->classes[closid].used = TRUE;
        return (int)closid;
    }
    return -ENOSPC;
}

static void
release_closid(HvSimResctrl *resctrl, guint closid)
{
    resctrl->closid_used[closid] = resctrl->world->classes[closid].used = FALSE;
}

static int
take_rmid(HvSimResctrl *resctrl)
{
    int rmid = hv_resctrl_take_rmid(resctrl);

    if (rmid < 0)
        hv_resctrl_say(resctrl, "Out of RMIDs\n");
    return rmid;
}

/* Returns: a class with its first allocation, or -errno. */
static int
take_class(HvSimResctrl *resctrl)
{
    int closid = take_closid(resctrl), result;

    if (closid < 0) {
        hv_resctrl_say(resctrl, "Out of CLOSIDs\n");
        return closid;
    }
    result = hv_resctrl_init_class(resctrl, (guint)closid);
    if (result == 0)
        return closid;
    release_closid(resctrl, (guint)closid);
    return result;
}

/* ---- monitoring groups ---- */

static int
make_monitor(gpointer owner, gpointer data, const char *name)
{
    HvSimResctrl *resctrl = owner;
    HvResctrlGroup *parent = data, *group;
    g_autofree char *above = g_strconcat(parent->path, "/mon_groups", NULL);
    int rmid;

    hv_resctrl_look(resctrl);
    if (strchr(name, '\n'))
        return -EINVAL;
    if (strcmp(name, "mon_groups") == 0)
        return -EPERM;
    rmid = take_rmid(resctrl);
    if (rmid < 0)
        return rmid;
    group = new_group(resctrl, parent, above, name);
    group->rmid = (guint)rmid;
    add_files(resctrl, group);
    return 0;
}

static void
forget_group(HvSimResctrl *resctrl, HvResctrlGroup *group)
{
    hv_sim_fs_remove(resctrl->fs, group->path);
    hv_resctrl_release_rmid(resctrl, group->rmid);
    (void)g_ptr_array_remove(resctrl->groups, group);
}

/* Its tasks and cpus are the parent's again. */
static int
remove_monitor(gpointer owner, gpointer data, const char *name)
{
    HvSimResctrl *resctrl = owner;
    const HvResctrlGroup *parent = data;
    HvResctrlGroup *group = find_group(resctrl, parent, name);
    HvResctrlWalk walk = { .world = resctrl->world };

    hv_resctrl_look(resctrl);
    if (!group)
        return -EPERM;
    for (HvSimThread *thread; (thread = hv_resctrl_next_thread(&walk));)
        if (thread->rmid == group->rmid)
            thread->rmid = parent->rmid;
    hv_resctrl_assign_cpus(resctrl, group->cpus, parent);
    (void)g_ptr_array_remove(parent->children, group);
    forget_group(resctrl, group);
    return 0;
}

/* Its RMID, and what was counted, go with it; its tasks get the class of the group they come
 * to. Kernels before 6.5 cannot. */
static int
move_monitor(gpointer owner, gpointer data, const char *name, gpointer to_data,
             const char *to_name)
{
    HvSimResctrl *resctrl = owner;
    HvResctrlGroup *parent = data, *to = to_data;
    HvResctrlGroup *group = find_group(resctrl, parent, name);
    HvResctrlWalk walk = { .world = resctrl->world };

    hv_resctrl_look(resctrl);
    if (!group || !resctrl->is_newer)
        return -EPERM;
    if (!hv_set_is_empty(group->cpus)) {
        hv_resctrl_say(resctrl, "Cannot move a MON group that monitors CPUs\n");
        return -EPERM;
    }
    for (HvSimThread *thread; (thread = hv_resctrl_next_thread(&walk));)
        if (thread->rmid == group->rmid)
            thread->closid = to->closid;
    hv_sim_fs_remove(resctrl->fs, group->path);
    g_free(group->path);
    group->path = g_strconcat(to->path, "/mon_groups/", to_name, NULL);
    group->name = strrchr(group->path, '/') + 1;
    (void)g_ptr_array_remove(parent->children, group);
    g_ptr_array_add(to->children, group);
    group->parent = to;
    group->closid = to->closid;
    add_files(resctrl, group);
    return 0;
}

static const HvSimDirClass monitors_dir = { .mkdir = make_monitor,
                                            .rmdir = remove_monitor,
                                            .rename = move_monitor };

static void
add_monitors_dir(HvSimResctrl *resctrl, HvResctrlGroup *group)
{
    g_autofree char *path = g_strconcat(group->path, "/mon_groups", NULL);

    if (resctrl->n_rmids > 0)
        hv_sim_fs_dir(resctrl->fs, path, &monitors_dir, resctrl, group);
}

/* ---- control groups ---- */

/* The RMID is taken first, and goes through limbo when there is no class. */
static int
make_control(gpointer owner, gpointer data G_GNUC_UNUSED, const char *name)
{
    HvSimResctrl *resctrl = owner;
    HvResctrlGroup *group;
    int closid, rmid;

    hv_resctrl_look(resctrl);
    if (strchr(name, '\n'))
        return -EINVAL;
    if (resctrl->n_schemas == 0)
        return -EPERM;
    rmid = resctrl->n_rmids > 0 ? take_rmid(resctrl) : 0;
    if (rmid < 0)
        return rmid;
    closid = take_class(resctrl);
    if (closid < 0) {
        if (rmid > 0)
            hv_resctrl_release_rmid(resctrl, (guint)rmid);
        return closid;
    }
    group = new_group(resctrl, NULL, HV_RESCTRL_PATH, name);
    group->closid = (guint)closid;
    group->rmid = (guint)rmid;
    add_files(resctrl, group);
    add_monitors_dir(resctrl, group);
    return 0;
}

/* Tasks and cpus, also those of its monitoring groups, are the default group's again. */
static int
remove_control(gpointer owner, gpointer data G_GNUC_UNUSED, const char *name)
{
    HvSimResctrl *resctrl = owner;
    const HvResctrlGroup *first = resctrl->groups->pdata[0];
    HvResctrlGroup *group = find_group(resctrl, NULL, name);
    HvResctrlWalk walk = { .world = resctrl->world };

    hv_resctrl_look(resctrl);
    if (!group)
        return -EPERM;
    for (HvSimThread *thread; (thread = hv_resctrl_next_thread(&walk));)
        if (thread->closid == group->closid)
            thread->closid = thread->rmid = 0;
    hv_set_union(first->cpus, group->cpus);
    hv_resctrl_assign_cpus(resctrl, group->cpus, first);
    release_closid(resctrl, group->closid);
    hv_sim_fs_remove(resctrl->fs, group->path);
    if (group->rmid > 0)
        hv_resctrl_release_rmid(resctrl, group->rmid);
    for (guint i = 0; i < group->children->len; i++) {
        HvResctrlGroup *child = group->children->pdata[i];

        hv_resctrl_release_rmid(resctrl, child->rmid);
        (void)g_ptr_array_remove(resctrl->groups, child);
    }
    (void)g_ptr_array_remove(resctrl->groups, group);
    return 0;
}

static const HvSimDirClass root_dir = { .mkdir = make_control, .rmdir = remove_control };

void
hv_resctrl_add_default(HvSimResctrl *resctrl)
{
    HvResctrlGroup *group;

    hv_sim_fs_dir(resctrl->fs, HV_RESCTRL_PATH, &root_dir, resctrl, NULL);
    (void)take_closid(resctrl);
    group = new_group(resctrl, NULL, HV_RESCTRL_PATH, NULL);
    add_files(resctrl, group);
    add_monitors_dir(resctrl, group);
}
