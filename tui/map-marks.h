/* What the Map tells of its cpus: their load, who ran there last, where the selected VM may run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

/* One cpu. */
typedef struct {
    float use;        /* ratio; NaN: not known, which is not idle */
    guint row;        /* 1 + row of "vcpus": the busiest of those that ran here last; 0: none */
    guint n_vcpus;    /* so many did */
    gboolean running; /* one of the selected VM's did */
    gboolean allowed; /* the selected VM may run here, and not everywhere */
} HvMapCpu;

/* All cpus, and what names the vCPUs; looked up once per snapshot. Borrowed from the snapshot that it was made for. */
typedef struct {
    HvMapCpu *cpus; /* by number */
    guint n_cpus;
    const HvTable *vcpus; /* NULL: no such table */
    int vm_column, vcpu_column;
    float *run;        /* by row of "vcpus": run ratio; negative: not known */
    GHashTable *names; /* nodes, as a list → GPtrArray of names of the devices near to them */
    const HvSnapshot *snapshot;
    guint64 tick;
    char *vm;
} HvMapMarks;

/** hv_map_marks_new, hv_map_marks_free: empty at first. UI thread, as below. */
HvMapMarks *hv_map_marks_new(void);
void hv_map_marks_free(HvMapMarks *marks);
/** hv_map_marks_update: looks anew when the snapshot or the selected VM is another. The view's topology is there. */
void hv_map_marks_update(HvMapMarks *marks, const HvView *view);
/** hv_map_marks_cpu: borrowed; one of which nothing is known where there is no such cpu. */
const HvMapCpu *hv_map_marks_cpu(const HvMapMarks *marks, guint cpu);
/** hv_map_marks_devices: of const char *, borrowed until the next update. */
const GPtrArray *hv_map_marks_devices(HvMapMarks *marks, const char *nodes);
/** hv_map_vm_length: bytes of a row key of "vcpus" that are the key of its VM. */
gsize hv_map_vm_length(const char *row_key);
