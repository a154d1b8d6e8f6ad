/* The simulated machine's sysfs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"

void
hv_sim_files_sys(HvSimFs *fs, HvSimWorld *world)
{
    hv_sim_files_cpus(fs, world);
    hv_sim_files_nodes(fs, world);
    hv_sim_files_devices(fs, world);
    hv_sim_files_kvm(fs, world);
}
