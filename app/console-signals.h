/* What a console needs of its process before anything else: a terminal, and its signals. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/** hv_console_check_start: FALSE with MALFORMED where input or output is no terminal. Main
 * thread, as below. */
gboolean hv_console_check_start(GError **error);
/** hv_console_open_signals: a signalfd of those that hv_console_run() takes; blocked from here
 * on, so before any thread is started. -1 with @error. */
int hv_console_open_signals(GError **error);
