/* The simulated machine's mount(8) and umount(8), which know resctrl alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/machine-private.h"

#include <string.h>

#define PLACE "/sys/fs/resctrl"
#define FAILED 32 /* as mount(8) says */

static const char *
mount_it(HvSimMachine *machine)
{
    if (machine->resctrl)
        return "mount: " PLACE ": resctrl already mounted or mount point busy.\n";
    machine->resctrl = hv_sim_resctrl_new(machine->world, machine->fs);
    return NULL;
}

static const char *
unmount_it(HvSimMachine *machine)
{
    if (!machine->resctrl)
        return "umount: " PLACE ": not mounted.\n";
    hv_sim_resctrl_unmount(machine->resctrl);
    machine->resctrl = NULL;
    return NULL;
}

gboolean
hv_sim_mount(HvSimMachine *machine, const char *const *argv, char **output, int *status)
{
    const gboolean mounts = g_strcmp0(argv[0], "mount") == 0;
    const char *last = argv[0];
    const char *why;

    for (guint i = 1; last && argv[i]; i++)
        last = argv[i];
    if ((!mounts && g_strcmp0(argv[0], "umount") != 0) || g_strcmp0(last, PLACE) != 0)
        return FALSE;
    g_mutex_lock(&machine->lock);
    hv_sim_machine_advance(machine);
    why = mounts ? mount_it(machine) : unmount_it(machine);
    g_mutex_unlock(&machine->lock);
    *output = g_strdup(why ? why : "");
    *status = why ? FAILED : 0;
    return TRUE;
}
