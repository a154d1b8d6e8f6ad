/* What happened, for somebody who was not there: a page made from a log. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/player.h"

/** hv_log_report: all of @player's log, as Markdown or as an HTML page that needs nothing else.
 * Its cost is bounded: plots take at most some hundred samples. (transfer full); NULL with
 * @error for an empty or broken log. */
char *hv_log_report(HvPlayer *player, gboolean is_html, GError **error);
