/* A recording in the place of a host: --from FILE [--at TIME]. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/wiring.h"
#include "log/player.h"

/** hv_app_player_parts: what a player needs of this program; static. Main thread, as below. */
const HvPlayerParts *hv_app_player_parts(void);
/** hv_app_player: of the log that --from names, opened at the first call; borrowed. NULL with
 * @error. */
HvPlayer *hv_app_player(HvApp *app, GError **error);
/** hv_app_seek: from now on looks show what was at @at (TIME; NULL: the end of the log). Its
 * exit status: 0, 1 outside the log, 2 for what is no time or no log, 3 where it cannot be
 * read. */
int hv_app_seek(HvApp *app, const char *at, GError **error);
