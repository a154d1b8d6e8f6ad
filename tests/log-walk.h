/* Reads all of a log, as players, reports and exports would: for files that nobody trusts. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/file.h"

/** hv_log_walk: every cell of every table, every frame unpacked. Returns: how many frames
 * unpack;
 * @why: what SQLite says where a table cannot be read to its end, or NULL. (transfer full) */
guint hv_log_walk(HvLogFile *file, char **why);
/** hv_log_walk_path: opens and walks; the frames, or -1 where it is refused; then it checks
 * that it is refused in one line that names @path. */
int hv_log_walk_path(const char *path);
