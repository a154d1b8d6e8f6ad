/* Completion of a command line: sub-commands, their options, tables, screens, VMs and knobs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/commands.h"

/** hv_complete: the words that the last word of @line can become: char *, owned; ends of a
 * path's segment end with "/", knobs of `set` with "=". Never waits and never touches the host.
 */
GPtrArray *hv_complete(HvApp *app, const char *line);
