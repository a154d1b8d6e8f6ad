/* The simulated resctrl's file tasks: which threads a group has. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

#include "host/sim/kernel-text.h"

#include <errno.h>
#include <string.h>

/* The thread that writes, where the world has one: the simulated machine's own hvtune. */
#define WRITER "hvtune"

static gboolean
is_member(const HvSimThread *thread, const HvResctrlGroup *group)
{
    return group->parent ? thread->rmid == group->rmid : thread->closid == group->closid;
}

static int
read_tasks(gpointer owner, gpointer data, HvSimText *out)
{
    HvSimResctrl *resctrl = owner;
    HvResctrlWalk walk = { .world = resctrl->world };

    hv_resctrl_look(resctrl);
    for (const HvSimThread *thread; (thread = hv_resctrl_next_thread(&walk));) {
        if (!is_member(thread, data))
            continue;
        hv_sim_u64(out, (guint64)thread->tid);
        hv_sim_text(out, "\n");
    }
    return 0;
}

/* ---- writing ---- */

/* Into a monitoring group only from its own control group. */
static int
move_thread(HvSimResctrl *resctrl, HvSimThread *thread, const HvResctrlGroup *group)
{
    if (group->parent && thread->closid != group->closid) {
        hv_resctrl_say(resctrl, "Can't move task to different control group\n");
        return -EINVAL;
    }
    thread->closid = group->closid;
    thread->rmid = group->rmid;
    return 0;
}

static HvSimThread *
find_writer(const HvSimWorld *world)
{
    for (guint i = 0; i < world->host_threads->len; i++) {
        HvSimThread *thread = world->host_threads->pdata[i];

        if (strcmp(thread->comm, WRITER) == 0)
            return thread;
    }
    return NULL;
}

static int
move_task(HvSimResctrl *resctrl, int tid, const HvResctrlGroup *group)
{
    HvSimThread *thread = tid > 0 ? hv_world_thread(resctrl->world, tid) : NULL;

    if (tid == 0) {
        thread = find_writer(resctrl->world);
        return thread ? move_thread(resctrl, thread, group) : 0;
    }
    if (!thread) {
        hv_resctrl_say(resctrl, "No task %d\n", tid);
        return -ESRCH;
    }
    return move_thread(resctrl, thread, group);
}

/* Kernels up to 6.6: what is no number leaves the status as it was. */
static int
write_one(HvSimResctrl *resctrl, const HvResctrlGroup *group, char *text)
{
    int tid;

    if (hv_kernel_int(g_strstrip(text), 0, &tid) < 0 || tid < 0)
        return -EINVAL;
    hv_resctrl_clear_status(resctrl);
    return move_task(resctrl, tid, group);
}

static int
write_of_list(HvSimResctrl *resctrl, const HvResctrlGroup *group, char *text)
{
    int tid, result;

    g_strstrip(text);
    if (hv_kernel_int(text, 0, &tid) < 0) {
        hv_resctrl_say(resctrl, "Task list parsing error pid %s\n", text);
        return -EINVAL;
    }
    if (tid < 0) {
        hv_resctrl_say(resctrl, "Invalid pid %d\n", tid);
        return -EINVAL;
    }
    result = move_task(resctrl, tid, group);
    if (result < 0)
        hv_resctrl_say(resctrl, "Error while processing task %d\n", tid);
    return result;
}

/* Stops at the first that fails; those before it have moved. */
static int
write_list(HvSimResctrl *resctrl, const HvResctrlGroup *group, char *text)
{
    int result = 0;

    hv_resctrl_clear_status(resctrl);
    while (result == 0 && text && *text && *text != '\n') {
        char *comma = strchr(text, ',');

        if (comma)
            *comma = '\0';
        result = write_of_list(resctrl, group, text);
        text = comma ? comma + 1 : NULL;
    }
    return result;
}

static int
write_tasks(gpointer owner, gpointer data, const char *text, gsize length)
{
    HvSimResctrl *resctrl = owner;
    g_autofree char *copy = g_strdup(text);

    if (length > HV_RESCTRL_MAX_WRITE)
        return -E2BIG;
    hv_resctrl_look(resctrl);
    return resctrl->is_newer ? write_list(resctrl, data, copy) : write_one(resctrl, data, copy);
}

const HvSimFileClass hv_resctrl_tasks_file = { .read = read_tasks, .write = write_tasks };
