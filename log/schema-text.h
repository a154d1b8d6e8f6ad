/* The recorded tables' schemas as a log itself describes them: rows of `schemas`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sqlite3.h>

#include "log/frame.h"

/** hv_log_schemas_put: writes @schemas (NULL-terminated) into a new log; of one that is gone on
 * with they must be those it has, else REFUSED: its frames call tables by their number. */
gboolean hv_log_schemas_put(sqlite3 *db, const char *path, const HvSchema *const *schemas,
                            GError **error);
/** hv_log_schemas_read: what a log from anybody says: of HvFrameSchema by number, at most
 * HV_SNAPSHOT_MAX_TABLES with 512 columns each. MALFORMED. (transfer full) */
GPtrArray *hv_log_schemas_read(sqlite3 *db, const char *path, GError **error);
/** hv_log_schema_text: its columns as JSON: [{"name":"vm","kind":"key","unit":"none"},…], of
 * rates also "of" and "at". (transfer full) */
char *hv_log_schema_text(const HvFrameSchema *schema);
/** hv_log_schema_parse: the reverse, of the very form that hv_log_schema_text() writes. NULL
 * with MALFORMED. Free with hv_log_schema_free(). */
HvFrameSchema *hv_log_schema_parse(const char *name, const char *text, GError **error);
void hv_log_schema_free(HvFrameSchema *schema);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFrameSchema, hv_log_schema_free)
