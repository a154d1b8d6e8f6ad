/* The console on this host: the session on its threads, the screen on this one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/commands.h"

/** hv_app_console: runs until the person quits or a signal ends it. Returns the exit status, or
 * -1 with @error. Main thread, before any other was started. */
int hv_app_console(const HvOptions *options, HvOutput *output, GError **error);
