/* A consistent copy of a log, also of one that is being written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/player.h"

/** hv_log_copy: @player's log into @path (0600, overwritten), one file in rollback mode. FALSE
 * with @error. */
gboolean hv_log_copy(HvPlayer *player, const char *path, GError **error);
