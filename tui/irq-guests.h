/* VMs by the interrupts that are injected into them: exits by kind, posting, APICv and why. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"

/** hv_irq_guests_lines: lines that it would fill, its head included, at most @most; 0: there is
 * nothing to show. UI thread, as below. */
int hv_irq_guests_lines(const HvView *view, int most);
/** hv_irq_guests_draw: the head at @y, rows to @bottom (exclusive), most injections first. */
void hv_irq_guests_draw(const HvView *view, HvCanvas *canvas, int y, int bottom);
