/* A log's file for its owner: made anew, or gone on with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file-private.h"
#include "log/file-schema.h"
#include "model/error.h"
#include "model/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SQL_BYTES 4096
#define BUSY_MS 1000
#define WRITER_SQL "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"

static HvError
code_of(int code)
{
    switch (code) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_TOOBIG:
    case SQLITE_INTERRUPT:
        return HV_ERROR_MALFORMED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return HV_ERROR_CONFLICT;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return HV_ERROR_DENIED;
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
        return HV_ERROR_REFUSED;
    default:
        return HV_ERROR_FAILED;
    }
}

static const char *
words_of(sqlite3 *db, int code)
{
    switch (code) {
    case SQLITE_FULL:
        return _("the disk is full");
    case SQLITE_READONLY:
        return _("the disk or directory is read-only");
    case SQLITE_NOTADB:
        return _("is no log of hvtune");
    case SQLITE_CORRUPT:
        return _("is damaged");
    case SQLITE_INTERRUPT:
        return _("takes longer to read than a sound log would");
    default:
        return db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    }
}

void
hv_log_error(GError **error, sqlite3 *db, const char *path, const char *doing)
{
    const int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
    const int number = db ? sqlite3_system_errno(db) : 0;

    if (code == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT || number == EFBIG))
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: %s: %s", path, doing,
                    number == EFBIG ? _("the file may not grow further")
                                    : _("the disk is full"));
    else if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && number > 0)
        g_set_error(error, HV_ERROR, (int)code_of(code), "%s: %s: %s", path, doing,
                    g_strerror(number));
    else
        g_set_error(error, HV_ERROR, (int)code_of(code), "%s: %s: %s", path, doing,
                    words_of(db, code));
}

void
hv_log_db_defend(sqlite3 *db)
{
    static const struct {
        int what, on;
    } switches[] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },       { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
        { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },  { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
        { SQLITE_DBCONFIG_ENABLE_FKEY, 0 },     { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
        { SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 }, { SQLITE_DBCONFIG_DQS_DDL, 0 },
        { SQLITE_DBCONFIG_DQS_DML, 0 },
    };
    static const struct {
        int what, most;
    } limits[] = {
        { SQLITE_LIMIT_LENGTH, HV_LOG_MAX_CELL_BYTES },
        { SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES },
        { SQLITE_LIMIT_COLUMN, 64 },
        { SQLITE_LIMIT_EXPR_DEPTH, 20 },
        { SQLITE_LIMIT_COMPOUND_SELECT, 4 },
        { SQLITE_LIMIT_FUNCTION_ARG, 8 },
        { SQLITE_LIMIT_ATTACHED, 0 },
        { SQLITE_LIMIT_VARIABLE_NUMBER, 64 },
        { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
        { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(switches); i++)
        sqlite3_db_config(db, switches[i].what, switches[i].on, (int *)NULL);
    for (guint i = 0; i < G_N_ELEMENTS(limits); i++)
        sqlite3_limit(db, limits[i].what, limits[i].most);
    sqlite3_exec(
        db,
        "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA cache_size = -4096; "
        "PRAGMA temp_store = MEMORY",
        NULL, NULL, NULL); /* of this connection alone; cannot fail for the file's sake */
}

sqlite3 *
hv_log_db_open(const char *name, const char *path, int flags, HvLogOnRow *on_row, gpointer data,
               GError **error)
{
    sqlite3 *db = NULL;

    if (sqlite3_open_v2(name, &db, flags | SQLITE_OPEN_FULLMUTEX, NULL) == SQLITE_OK) {
        sqlite3_extended_result_codes(db, 1);
        sqlite3_busy_timeout(db, BUSY_MS);
        if (on_row)
            sqlite3_trace_v2(db, SQLITE_TRACE_ROW, on_row, data);
        hv_log_db_defend(db);
        return db;
    }
    hv_log_error(error, db, path, _("cannot open it"));
    sqlite3_close(db);
    return NULL;
}

gboolean
hv_log_exec(sqlite3 *db, const char *sql, const char *path, const char *doing, GError **error)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return TRUE;
    hv_log_error(error, db, path, doing);
    return FALSE;
}

/* SQLite refuses links anywhere in a path; those of the directories above are the owner's. */
static char *
resolve_directory(const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    char resolved[PATH_MAX];

    if (realpath(directory, resolved))
        return g_build_filename(resolved, name, NULL);
    hv_error_set_errno(error, errno, directory);
    return NULL;
}

/* What SQLite would take for a part of the new file. */
static gboolean
check_no_remains(const char *path, GError **error)
{
    static const char *const suffixes[] = { "-wal", "-shm", "-journal" };

    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *remains = g_strconcat(path, suffixes[i], NULL);
        GStatBuf status;

        if (g_lstat(remains, &status) == 0) {
            g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                        _("%s: is left of another file: move it away or choose another name"),
                        remains);
            return FALSE;
        }
    }
    return TRUE;
}

/* @path: where it is; @name: what the owner called it. */
static gboolean
make_file(const char *path, const char *name, GError **error)
{
    int fd;

    if (!check_no_remains(path, error))
        return FALSE;
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        return close(fd) == 0 || hv_error_set_errno(error, errno, name);
    if (errno != EEXIST)
        return hv_error_set_errno(error, errno, name);
    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                _("%s: exists: --append goes on with it, or choose another name"), name);
    return FALSE;
}

static sqlite3 *
close_failed(sqlite3 *db)
{
    sqlite3_close(db);
    return NULL;
}

sqlite3 *
hv_log_file_create(const char *path, GError **error)
{
    g_autofree char *resolved = path ? resolve_directory(path, error) : g_strdup(":memory:");
    sqlite3 *db;

    if (!resolved || (path && !make_file(resolved, path, error)))
        return NULL;
    db = hv_log_db_open(resolved, path ? path : "the ring",
                        SQLITE_OPEN_READWRITE | (path ? SQLITE_OPEN_NOFOLLOW : 0), NULL, NULL,
                        error);
    if (db && hv_log_schema_make(db, path ? path : "the ring", error) &&
        (!path || hv_log_exec(db, WRITER_SQL, path, _("cannot make a log"), error)))
        return db;
    if (path)
        g_unlink(resolved); /* ours, made just now, and of no use */
    return close_failed(db);
}

/* ---- going on ---- */

static gboolean
check_own(const char *path, GError **error)
{
    GStatBuf status;

    if (g_lstat(path, &status) != 0)
        return hv_error_set_errno(error, errno, path);
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 022)) {
        g_set_error(error, HV_ERROR, HV_ERROR_DENIED,
                    _("%s: not a file of this user alone: choose another name"), path);
        return FALSE;
    }
    return TRUE;
}

/* What was open when the recording before ended, for whatever reason, ends with its last
 * sample; what lies between is a gap, which the next sample closes. */
static const char resume_sql[] =
    "BEGIN IMMEDIATE;"
    "UPDATE findings SET ended_ns = (SELECT max(time_ns) FROM frames) WHERE ended_ns IS NULL;"
    "INSERT OR IGNORE INTO gaps(from_ns, kind, to_ns, why) SELECT time_ns, "
    "iif(EXISTS(SELECT 1 FROM meta WHERE key = 'ended_ns'), 'stopped', 'killed'), time_ns, "
    "iif(EXISTS(SELECT 1 FROM meta WHERE key = 'ended_ns'), 'recording was ended', 'recording "
    "ended without notice') FROM frames ORDER BY time_ns DESC LIMIT 1;"
    "DELETE FROM meta WHERE key = 'ended_ns';"
    "COMMIT";

sqlite3 *
hv_log_file_append(const char *path, GError **error)
{
    g_autofree char *resolved = resolve_directory(path, error);
    sqlite3 *db;

    if (!resolved || !check_own(resolved, error))
        return NULL;
    db = hv_log_db_open(resolved, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL,
                        NULL, error);
    if (db && hv_log_schema_check(db, path, error) &&
        hv_log_exec(db, WRITER_SQL, path, _("cannot go on with it"), error) &&
        hv_log_exec(db, resume_sql, path, _("cannot go on with it"), error))
        return db;
    return close_failed(db);
}
