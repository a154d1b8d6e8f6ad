/* Carrying a vCPU over the Map: picked up where it ran last, put down where it shall run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/map-draw.h"

/** hv_map_pick_up: picks up a vCPU that ran last on @item's cpus: the selected VM's first, then the busiest; while one is
 * carried, the next of them. Says why where it cannot. UI thread, as below. */
void hv_map_pick_up(const HvMapPen *pen, const HvMapItem *item);
/** hv_map_put_down: asks for the plan that lets what is carried run on @item's cpus alone. */
void hv_map_put_down(const HvMapPen *pen, const HvMapItem *item);
/** hv_map_vcpus_on: rows of "vcpus" that ran last on @item's cpus, in the order in which they are picked up.
 * (transfer full): of guint. */
GArray *hv_map_vcpus_on(const HvMapPen *pen, const HvMapItem *item);
/** hv_map_cpu_of: the cpu that vCPU @vcpu of the VM named @vm ran on last, or -1. */
int hv_map_cpu_of(const HvMapMarks *marks, const char *vm, int vcpu);
