/* The container of a log: a SQLite file, opened by its owner for writing, by anybody for
 * reading with suspicion. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sqlite3.h>

#include "log/frame.h"

#define HV_LOG_APPLICATION_ID 0x68766c67 /* "hvlg" */
#define HV_LOG_VERSION 1                 /* PRAGMA user_version; newer ones are refused */

/** hv_log_file_create: makes @path (0600, O_EXCL; NULL: in memory) with the tables of
 * doc/hvlog.md, in WAL mode. CONFLICT where there is such a file. */
sqlite3 *hv_log_file_create(const char *path, GError **error);
/** hv_log_file_append: opens an own log to go on with it; its former recording, when it was
 * killed, is closed by a gap. */
sqlite3 *hv_log_file_append(const char *path, GError **error);
/**
 * hv_log_file_read:
 * @path: a log from anybody, perhaps being written at this moment
 *
 * Read only, defensive: no extensions, triggers, views or functions of the file, limits on
 * lengths and expressions, the schema is compared with the one expected, `immutable` without a
 * -wal beside it, a private copy (0600, removed when closed) where the -wal is not ours.
 * Returns: MALFORMED with one clause for what is no log, UNSUPPORTED/MALFORMED for one of a
 * newer version.
 */
typedef struct HvLogFile HvLogFile;
HvLogFile *hv_log_file_read(const char *path, GError **error);
void hv_log_file_close(HvLogFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvLogFile, hv_log_file_close)
/** hv_log_file_db: borrowed. */
sqlite3 *hv_log_file_db(HvLogFile *file);
/** hv_log_pack, hv_log_unpack: one frame under zstd; unpack refuses what would grow beyond
 * @max_bytes, before memory is asked for. @out is emptied first. */
gboolean hv_log_pack(const GByteArray *frame, GByteArray *out, GError **error);
gboolean hv_log_unpack(const guint8 *bytes, gsize n_bytes, gsize max_bytes, GByteArray *out,
                       GError **error);
/** hv_log_error: @error from what SQLite says of @db, naming @path and what was being done. */
void hv_log_error(GError **error, sqlite3 *db, const char *path, const char *doing);
