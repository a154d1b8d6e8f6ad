/* A log from anybody, read with suspicion. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file-private.h"
#include "log/file-schema.h"
#include "model/error.h"
#include "model/i18n.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A statement of ours looks at each page a few times at most; pages that point at each other
 * could keep one busy for ever. */
#define PROGRESS_OPS 100003
#define BASE_OPS 4000000ull
#define OPS_PER_BYTE 8
/* The schema is read whole before any of it can be looked at: a log's has some thirty rows,
 * which are read twice. */
#define SCHEMA_ROWS 200

struct HvLogFile {
    sqlite3 *db;
    char *copy_directory; /* or NULL */
    guint64 max_ops;      /* of a statement */
    guint64 n_bytes;      /* of the file when it was opened */
    guint64 n_ops;        /* of the statement begun last */
    guint n_rows;         /* while the schema is read */
};

static int
on_statement(unsigned kind G_GNUC_UNUSED, void *data, void *statement G_GNUC_UNUSED,
             void *text G_GNUC_UNUSED)
{
    HvLogFile *file = data;

    file->n_ops = 0;
    return 0;
}

static int
on_progress(void *data)
{
    HvLogFile *file = data;

    file->n_ops += PROGRESS_OPS;
    return file->n_ops > file->max_ops;
}

static char *
uri_of(const char *path, gboolean is_immutable)
{
    g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);

    return g_strdup_printf("file:%s?mode=ro%s", escaped, is_immutable ? "&immutable=1" : "");
}

static int
on_schema_row(unsigned kind G_GNUC_UNUSED, void *data, void *statement,
              void *more G_GNUC_UNUSED)
{
    HvLogFile *file = data;

    if (++file->n_rows > SCHEMA_ROWS)
        sqlite3_interrupt(sqlite3_db_handle(statement));
    return 0;
}

static gboolean
open_db(HvLogFile *file, const char *real, const char *path, gboolean is_immutable,
        GError **error)
{
    g_autofree char *uri = uri_of(real, is_immutable);

    file->n_rows = 0;
    file->db = hv_log_db_open(uri, path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, on_schema_row,
                              file, error);
    if (!file->db)
        return FALSE;
    if (!hv_log_schema_check(file->db, path, error))
        return FALSE;
    file->max_ops = BASE_OPS + OPS_PER_BYTE * file->n_bytes;
    sqlite3_trace_v2(file->db, SQLITE_TRACE_STMT, on_statement, file);
    sqlite3_progress_handler(file->db, PROGRESS_OPS, on_progress, file);
    return hv_log_exec(file->db, "PRAGMA query_only = ON", path, _("cannot be read as a log"),
                       error);
}

static gboolean
is_ours(const GStatBuf *status)
{
    return S_ISREG(status->st_mode) && status->st_uid == geteuid() && !(status->st_mode & 022);
}

static gboolean
open_copy(HvLogFile *file, const char *path, GError **error)
{
    g_autofree char *copy = NULL;

    if (file->db)
        sqlite3_close(g_steal_pointer(&file->db));
    file->copy_directory = hv_log_copy_new(path, &copy, error);
    return file->copy_directory && open_db(file, copy, path, FALSE, error);
}

/* Ours is followed where it lies, unless its directory does not let us. */
static gboolean
open_with_wal(HvLogFile *file, const char *path, gboolean ours, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!ours)
        return open_copy(file, path, error);
    if (open_db(file, path, path, FALSE, &why))
        return TRUE;
    if (!g_error_matches(why, HV_ERROR, HV_ERROR_MALFORMED))
        return open_copy(file, path, error);
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

HvLogFile *
hv_log_file_read(const char *path, GError **error)
{
    g_autoptr(HvLogFile) file = g_new0(HvLogFile, 1);
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    GStatBuf status;
    GStatBuf wal_status;
    gboolean good;

    if (g_stat(path, &status) != 0) {
        hv_error_set_errno(error, errno, path);
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size == 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: is no log of hvtune"), path);
        return NULL;
    }
    file->n_bytes = (guint64)status.st_size;
    if (g_stat(wal, &wal_status) != 0 || wal_status.st_size == 0)
        good = open_db(file, path, path, TRUE, error);
    else
        good = open_with_wal(file, path, is_ours(&status) && is_ours(&wal_status), error);
    return good ? g_steal_pointer(&file) : NULL;
}

void
hv_log_file_close(HvLogFile *file)
{
    if (!file)
        return;
    if (file->db) {
        sqlite3_progress_handler(file->db, 0, NULL, NULL);
        sqlite3_trace_v2(file->db, 0, NULL, NULL);
    }
    sqlite3_close_v2(file->db); /* one whose statements are still there ends with them */
    hv_log_copy_free(file->copy_directory);
    g_free(file);
}

sqlite3 *
hv_log_file_db(HvLogFile *file)
{
    return file->db;
}
