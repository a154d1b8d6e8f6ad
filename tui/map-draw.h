/* What the Map's rectangles look like: loads, who runs there, memory and devices of nodes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/map-layout.h"
#include "tui/screen.h"

/* The vCPUs joined to the cpus they ran on last; made once per snapshot and selected VM. */
typedef struct {
    GHashTable *runs_on; /* cpu + 1 → row + 1 of "vcpus": the busiest that ran there last */
    GHashTable *n_on;    /* cpu + 1 → how many did */
    HvSet *allowed;      /* cpus the selected VM may run on; empty when that is all of them */
    HvSet *running;      /* cpus its vCPUs ran on last */
    guint64 tick;
    char *vm;
} HvMapMarks;

/** hv_map_marks_new, hv_map_marks_free: empty at first. UI thread, as below. */
HvMapMarks *hv_map_marks_new(void);
void hv_map_marks_free(HvMapMarks *marks);
/** hv_map_marks_update: joins anew when the snapshot or the selected VM is another. */
void hv_map_marks_update(HvMapMarks *marks, const HvView *view);
/** hv_map_draw_item: one rectangle, its top row at @y. The view's topology is there. */
void hv_map_draw_item(const HvMapMarks *marks, const HvMapLayout *layout, const HvView *view,
                      HvCanvas *canvas, const HvMapItem *item, int y, gboolean at_cursor);
