/* A VM's memory and traffic as the two lines of its page. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/pick.h"
#include "tui/screen.h"

/** hv_vm_draw_residency: where the memory of the selected VM, named @vm, is, by which source; or why that is not known. UI
 * thread, as below. */
void hv_vm_draw_residency(const HvView *view, const char *vm, HvRun *run);
/** hv_vm_draw_traffic: its remote share and past, of how much, by which source; lines held and group. */
void hv_vm_draw_traffic(const HvView *view, const char *vm, HvRun *run);
