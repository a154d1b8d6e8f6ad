/* A control group of a simulated VM. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/files-private.h"

typedef struct HvSimGroup HvSimGroup;
struct HvSimGroup {
    HvSimWorld *world;
    HvSimVm *vm;
    HvSimGroup *parent; /* NULL: the VM's own */
    GPtrArray *children;
    char *name;  /* below the VM's: "libvirt/vcpu3", "" */
    char *path;  /* "sys/fs/cgroup/…" */
    GPtrArray *threads; /* in it itself; of the VM */
    gboolean is_vcpu;
    HvSet *cpus; /* as written */
    HvSet *effective;
};

/** hv_sim_files_cgroup_memory: memory, huge pages, pressure and I/O of the VM's own group. */
void hv_sim_files_cgroup_memory(HvSimFs *fs, HvSimGroup *group);
