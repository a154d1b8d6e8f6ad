/* The simulated resctrl's files cpus and cpus_list. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

#include "host/sim/files-private.h"
#include "host/sim/kernel-text.h"

#include <errno.h>

void
hv_resctrl_assign_cpus(HvSimResctrl *resctrl, const HvSet *cpus, const HvResctrlGroup *group)
{
    HV_SET_FOREACH(cpu, cpus)
    {
        resctrl->world->cpus[cpu].closid = group->closid;
        resctrl->world->cpus[cpu].rmid = group->rmid;
    }
}

static int
read_cpus(gpointer owner, gpointer data, HvSimText *out)
{
    HvSimResctrl *resctrl = owner;
    const HvResctrlGroup *group = data;

    hv_resctrl_look(resctrl);
    hv_sim_mask(out, group->cpus, resctrl->world->n_cpus);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_cpus_list(gpointer owner, gpointer data, HvSimText *out)
{
    const HvResctrlGroup *group = data;

    hv_resctrl_look(owner);
    hv_sim_set(out, group->cpus);
    hv_sim_text(out, "\n");
    return 0;
}

/* ---- writing ---- */

/* What is in @cpus and not in @others. (transfer full) */
static HvSet *
difference(const HvSet *cpus, const HvSet *others)
{
    HvSet *result = hv_set_copy(cpus);

    hv_set_subtract(result, others);
    return result;
}

/* Cpus move between a monitoring group, its siblings and its parent, which keeps all of them.
 */
static int
write_monitor(HvSimResctrl *resctrl, HvResctrlGroup *group, const HvSet *cpus)
{
    const HvResctrlGroup *parent = group->parent;
    g_autoptr(HvSet) dropped = difference(group->cpus, cpus);
    g_autoptr(HvSet) added = difference(cpus, group->cpus);

    if (!hv_set_is_subset(cpus, parent->cpus)) {
        hv_resctrl_say(resctrl, "Can only add CPUs to mongroup that belong to parent\n");
        return -EINVAL;
    }
    hv_resctrl_assign_cpus(resctrl, dropped, parent);
    for (guint i = 0; i < parent->children->len; i++) {
        const HvResctrlGroup *sibling = parent->children->pdata[i];

        if (sibling != group)
            hv_set_subtract(sibling->cpus, added);
    }
    hv_resctrl_assign_cpus(resctrl, added, group);
    hv_set_assign(group->cpus, cpus);
    return 0;
}

/* Takes @cpus from all groups but @group, and from their monitoring groups. */
static void
take_from_others(HvSimResctrl *resctrl, const HvResctrlGroup *group, const HvSet *cpus)
{
    for (guint i = 0; i < resctrl->groups->len; i++) {
        const HvResctrlGroup *other = resctrl->groups->pdata[i];

        if (other != group && other->parent != group)
            hv_set_subtract(other->cpus, cpus);
    }
}

static int
write_control(HvSimResctrl *resctrl, HvResctrlGroup *group, const HvSet *cpus)
{
    HvResctrlGroup *first = resctrl->groups->pdata[0];
    g_autoptr(HvSet) dropped = difference(group->cpus, cpus);
    g_autoptr(HvSet) added = difference(cpus, group->cpus);

    if (group == first && !hv_set_is_empty(dropped)) {
        hv_resctrl_say(resctrl, "Can't drop CPUs from default group\n");
        return -EINVAL;
    }
    hv_set_union(first->cpus, dropped);
    hv_resctrl_assign_cpus(resctrl, dropped, first);
    take_from_others(resctrl, group, added);
    hv_resctrl_assign_cpus(resctrl, added, group);
    hv_set_assign(group->cpus, cpus);
    for (guint i = 0; i < group->children->len; i++) {
        const HvResctrlGroup *child = group->children->pdata[i];

        hv_set_intersect(child->cpus, cpus);
        hv_resctrl_assign_cpus(resctrl, child->cpus, group);
        hv_set_clear(child->cpus);
    }
    return 0;
}

static int
write_set(HvSimResctrl *resctrl, HvResctrlGroup *group, const HvSet *cpus, int parsed)
{
    hv_resctrl_look(resctrl);
    if (parsed < 0) {
        hv_resctrl_say(resctrl, "Bad CPU list/mask\n");
        return parsed;
    }
    if (!hv_set_is_subset(cpus, resctrl->online)) {
        hv_resctrl_say(resctrl, "Can only assign online CPUs\n");
        return -EINVAL;
    }
    return group->parent ? write_monitor(resctrl, group, cpus)
                         : write_control(resctrl, group, cpus);
}

static int
write_cpus(gpointer owner, gpointer data, const char *text, gsize length)
{
    HvSimResctrl *resctrl = owner;
    g_autoptr(HvSet) cpus = hv_set_new();

    if (length > HV_RESCTRL_MAX_WRITE)
        return -E2BIG;
    return write_set(resctrl, data, cpus,
                     hv_kernel_parse_mask(text, resctrl->world->n_cpus, cpus));
}

static int
write_cpus_list(gpointer owner, gpointer data, const char *text, gsize length)
{
    HvSimResctrl *resctrl = owner;
    g_autoptr(HvSet) cpus = hv_set_new();

    if (length > HV_RESCTRL_MAX_WRITE)
        return -E2BIG;
    return write_set(resctrl, data, cpus,
                     hv_kernel_parse_list(text, resctrl->world->n_cpus, cpus));
}

const HvSimFileClass hv_resctrl_cpus_file = { .read = read_cpus, .write = write_cpus };
const HvSimFileClass hv_resctrl_cpus_list_file = { .read = read_cpus_list,
                                                   .write = write_cpus_list };
