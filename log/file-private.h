/* How a log's database is opened, for those who write it and those who read it with suspicion.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/file.h"

/** hv_log_db_defend: what neither the file nor its bytes may do from now on: schema's
 * functions, triggers, views, extensions; bounds of lengths; no mapping. Before the first
 * statement. */
void hv_log_db_defend(sqlite3 *db);
/* Called for each row of any statement, SQLite's own too, as sqlite3_trace_v2() does. */
typedef int HvLogOnRow(unsigned kind, void *data, void *statement, void *more);
/** hv_log_db_open: @name as for sqlite3_open_v2(), defended; closed again on failure. @on_row,
 * with
 * @data, or NULL. */
sqlite3 *hv_log_db_open(const char *name, const char *path, int flags, HvLogOnRow *on_row,
                        gpointer data, GError **error);
/** hv_log_exec: one or more statements without rows. @doing: for the message. */
gboolean hv_log_exec(sqlite3 *db, const char *sql, const char *path, const char *doing,
                     GError **error);

/** hv_log_copy_new: a private copy (0700, below the temporary directory) of @path and its -wal,
 * taken while the -wal went on growing or not; @copy: its path. Returns the directory, for
 * hv_log_copy_free(), which removes it with the files SQLite may have left there. */
char *hv_log_copy_new(const char *path, char **copy, GError **error);
void hv_log_copy_free(char *take_directory);
