/* The plots of a report. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/page.h"
#include "log/player.h"

/** hv_report_plots: each watch, and what VMs of changes and findings suffered from, over the
 * whole log with the changes marked. FALSE with @error where a frame is broken. */
gboolean hv_report_plots(HvPlayer *player, HvPage *page, GError **error);
