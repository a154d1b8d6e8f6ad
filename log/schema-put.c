/* The schemas of what is recorded, put into a new log, or compared with those of one that is
 * gone on with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file.h"
#include "log/schema-text.h"
#include "model/error.h"
#include "model/i18n.h"

static gboolean
is_equal(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len)
        return FALSE;
    for (guint i = 0; i < a->len; i++) {
        const HvFrameSchema *one = a->pdata[i];
        const HvFrameSchema *other = b->pdata[i];
        g_autofree char *one_text = hv_log_schema_text(one);
        g_autofree char *other_text = hv_log_schema_text(other);

        if (!g_str_equal(one->name, other->name) || !g_str_equal(one_text, other_text))
            return FALSE;
    }
    return TRUE;
}

static gboolean
insert(sqlite3 *db, const char *path, const GPtrArray *schemas, GError **error)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(db, "INSERT INTO schemas VALUES(?, ?, ?)", -1, &statement, NULL);

    for (guint i = 0; i < schemas->len && code == SQLITE_OK; i++) {
        const HvFrameSchema *schema = schemas->pdata[i];

        sqlite3_bind_int64(statement, 1, i);
        sqlite3_bind_text(statement, 2, schema->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 3, hv_log_schema_text(schema), -1, g_free);
        code = sqlite3_step(statement) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
        sqlite3_clear_bindings(statement);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    if (code == SQLITE_OK)
        return TRUE;
    hv_log_error(error, db, path, _("cannot be written"));
    return FALSE;
}

gboolean
hv_log_schemas_put(sqlite3 *db, const char *path, const HvSchema *const *schemas,
                   GError **error)
{
    g_autoptr(GPtrArray) wished = hv_frame_schemas_of(schemas);
    g_autoptr(GPtrArray) there = hv_log_schemas_read(db, path, error);

    if (!there)
        return FALSE;
    if (there->len == 0)
        return insert(db, path, wished, error);
    if (is_equal(there, wished))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: was recorded with other tables: choose another name"), path);
    return FALSE;
}
