/* How much of a recording is kept: by age and by size. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

/** hv_log_used_bytes: what the pages in use take, free ones not counted. */
guint64 hv_log_used_bytes(sqlite3 *db);
/**
 * hv_log_keep: within a transaction of the caller's
 * @newest_ns: time of the newest sample
 * @keep_ns, @keep_bytes: 0: no bound
 *
 * Drops the oldest samples, from a full one to before the next, and the rows of their time;
 * what still holds (a finding, the view, a knob's value) stays. Returns a SQLite result code.
 */
int hv_log_keep(sqlite3 *db, gint64 newest_ns, gint64 keep_ns, guint64 keep_bytes);
