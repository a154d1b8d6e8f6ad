/* The tables of a log's file, as doc/hvlog.md describes them; and whether a file has just them.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

#define HV_LOG_MAX_CELL_BYTES (16u << 20) /* of one packed frame or text, in any log */
#define HV_LOG_MAX_TEXT_BYTES (64u << 10) /* longer texts are cut off when written */

/** hv_log_schema_make: all tables and the version, in one transaction. @path: for the message.
 */
gboolean hv_log_schema_make(sqlite3 *db, const char *path, GError **error);
/** hv_log_schema_check: MALFORMED, in one clause, unless @db is a log of a version that is
 * known and has exactly its tables; no statement of the file's own is run. */
gboolean hv_log_schema_check(sqlite3 *db, const char *path, GError **error);

/** hv_log_view_names: the columns of `views` after time_ns that have a line of their own,
 * NULL-terminated; the lines of other names are in its last column, `rest`. */
extern const char *const hv_log_view_names[];
