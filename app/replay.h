/* The console on a recording. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/commands.h"

/** hv_app_replay: plays the log of @options->from until the person quits or a signal ends it.
 * The exit status, or -1 with
 * @error. Main thread, before any other was started. */
int hv_app_replay(const HvOptions *options, HvOutput *output, GError **error);
