/* One SQLite file of the journal: where it lies, how it is opened, its errors. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/journal-file.h"

#include "model/error.h"
#include "model/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "journal.db"
#define VERSION HV_JOURNAL_VERSION
#define VERSION_TEXT "2"
/* "hvtu": what file(1) and we know the file by. */
#define APPLICATION_ID 1752593525
#define APPLICATION_ID_TEXT "1752593525"
#define BUSY_MS 2000
#define BUSY_STEP_MS 10
#define PROGRESS_OPS 100000

/* A row per change and per step. Enumerations are stored as their stable words, values as "TYPE
 * TEXT". The texts of a persistent definition may hold secrets: they leave this file only to be
 * put back. */
static const char first_schema_sql[] =
    "CREATE TABLE plans (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, kind TEXT NOT NULL,"
    " of INTEGER NOT NULL, title TEXT NOT NULL, persist INTEGER NOT NULL, force INTEGER NOT "
    "NULL,"
    " state TEXT NOT NULL, time_ns INTEGER NOT NULL, undone_by INTEGER NOT NULL, machine_id "
    "TEXT,"
    " boot_id TEXT, who TEXT, summary TEXT, notes TEXT, writer_pid INTEGER NOT NULL,"
    " writer_start_ticks INTEGER NOT NULL, writer_boot_id TEXT);"
    "CREATE TABLE steps (plan INTEGER NOT NULL, step INTEGER NOT NULL, knob TEXT NOT NULL,"
    " before TEXT, after TEXT, found TEXT, undo TEXT NOT NULL, class TEXT NOT NULL,"
    " shell_line TEXT, risk TEXT, remark TEXT, guest_name TEXT, guest_uuid TEXT,"
    " guest_pid INTEGER NOT NULL, guest_start_ticks INTEGER NOT NULL, persist INTEGER NOT NULL,"
    " persist_before TEXT, persist_after TEXT, state TEXT NOT NULL, error TEXT,"
    " PRIMARY KEY (plan, step));"
    "CREATE INDEX plans_state ON plans (state);"
    "PRAGMA application_id = " APPLICATION_ID_TEXT ";";

/* What version 2 has beside that. New files get it by the same statements, so that the order of
 * columns is the same in all. */
static const char second_schema_sql[] =
    "ALTER TABLE plans ADD COLUMN recipe TEXT;"
    "ALTER TABLE plans ADD COLUMN vm TEXT;"
    "ALTER TABLE plans ADD COLUMN confirm TEXT NOT NULL DEFAULT 'none';"
    "ALTER TABLE plans ADD COLUMN confirm_s INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE plans ADD COLUMN deadline_ns INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE plans ADD COLUMN effect TEXT;"
    "ALTER TABLE plans ADD COLUMN guard_pid INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE plans ADD COLUMN guard_start_ticks INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE plans ADD COLUMN guard_boot_id TEXT;"
    "ALTER TABLE steps ADD COLUMN is_expected INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version = " VERSION_TEXT ";";

HvJournalFile *
hv_journal_file_new(const char *directory, guint index, HvJournalPulse *pulse)
{
    HvJournalFile *file = g_new0(HvJournalFile, 1);

    file->index = index;
    file->pulse = pulse;
    file->directory = g_strdup(directory);
    file->path = directory ? g_build_filename(directory, FILE_NAME, NULL) : g_strdup("journal");
    return file;
}

/* Says where this thread is, before it looks whether anybody still waits: whoever gives it up
 * does the reverse, so that one of the two sees the other. */
static gboolean
enter(const HvJournalFile *file)
{
    g_atomic_int_set(&file->pulse->at, (gint)file->index);
    g_atomic_int_inc(&file->pulse->beat);
    return !g_atomic_int_get(&file->pulse->given_up);
}

static gboolean
set_hung(const HvJournalFile *file, GError **error)
{
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, _("%s: does not answer"), file->path);
    return FALSE;
}

/* Another process has the lock: that is waiting, not hanging. */
static int
on_busy(void *data, int n_former)
{
    const HvJournalFile *file = data;

    if (n_former >= BUSY_MS / BUSY_STEP_MS || !enter(file))
        return 0;
    sqlite3_sleep(BUSY_STEP_MS);
    return 1;
}

/* A long statement is no hang either. */
static int
on_progress(void *data)
{
    return !enter(data);
}

static void
close_db(HvJournalFile *file)
{
    sqlite3_finalize(file->version);
    file->version = NULL;
    sqlite3_close_v2(file->db);
    file->db = NULL;
    file->ready = file->private = FALSE;
}

void
hv_journal_file_free(HvJournalFile *file)
{
    if (!file)
        return;
    close_db(file);
    g_free(file->directory);
    g_free(file->path);
    g_free(file);
}

gboolean
hv_journal_file_fail(const HvJournalFile *file, GError **error)
{
    const int code = file->db ? sqlite3_errcode(file->db) & 0xff : SQLITE_NOMEM;
    const char *message = file->db ? sqlite3_errmsg(file->db) : sqlite3_errstr(code);

    switch (code) {
    case SQLITE_FULL:
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, _("%s: the disk is full"), file->path);
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT,
                    _("%s: locked by another process for more than %d s"), file->path,
                    BUSY_MS / 1000);
        break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        g_set_error(error, HV_ERROR, HV_ERROR_DENIED, "%s: %s", file->path, message);
        break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: no readable journal (%s): move it away"), file->path, message);
        break;
    default:
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s: %s", file->path, message);
    }
    return FALSE;
}

gboolean
hv_journal_file_exec(const HvJournalFile *file, const char *sql, GError **error)
{
    if (!enter(file))
        return set_hung(file, error);
    return sqlite3_exec(file->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           hv_journal_file_fail(file, error);
}

sqlite3_stmt *
hv_journal_file_prepare(const HvJournalFile *file, const char *sql, GError **error)
{
    sqlite3_stmt *statement = NULL;

    if (!enter(file))
        set_hung(file, error);
    else if (sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL) != SQLITE_OK)
        hv_journal_file_fail(file, error);
    return statement;
}

gboolean
hv_journal_file_number(const HvJournalFile *file, const char *sql, guint64 id, gint64 *number,
                       GError **error)
{
    g_autoptr(HvStatement) statement = hv_journal_file_prepare(file, sql, error);
    int result;

    if (!statement)
        return FALSE;
    if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int64(statement, 1, (gint64)id);
    result = sqlite3_step(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return hv_journal_file_fail(file, error);
    *number = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return TRUE;
}

void
hv_journal_file_release(const HvJournalFile *file)
{
    if (file->db && !sqlite3_get_autocommit(file->db))
        sqlite3_exec(file->db, "ROLLBACK", NULL, NULL,
                     NULL); /* nothing to be done when even that fails */
}

void
hv_journal_file_rollback(const HvJournalFile *file)
{
    if (enter(file))
        hv_journal_file_release(file);
}

/* What a directory that fails us says, the other one may make good: full, broken, unmounted. */
static gboolean
set_unusable(GError **error, int errnum, const char *path)
{
    if (errnum == ENOENT || errnum == EACCES || errnum == EPERM)
        return hv_error_set_errno(error, errnum, path);
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s: %s", path, g_strerror(errnum));
    return FALSE;
}

static gboolean
refuse(GError **error, const char *path, const char *why)
{
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: %s", path, why);
    return FALSE;
}

/* Ours, of the right kind, and closed to others; TRUE with @status->st_nlink 0 where nothing is
 * there. */
static gboolean
is_safe(const char *path, mode_t kind, struct stat *status, GError **error)
{
    if (lstat(path, status) != 0) {
        status->st_nlink = 0;
        return errno == ENOENT || set_unusable(error, errno, path);
    }
    if (S_ISLNK(status->st_mode))
        return refuse(error, path, _("is a symbolic link"));
    if ((status->st_mode & S_IFMT) != kind)
        return refuse(error, path,
                      kind == S_IFDIR ? _("is no directory") : _("is no regular file"));
    if (status->st_uid != geteuid())
        return refuse(error, path, _("belongs to another user"));
    if (status->st_mode & (S_IWGRP | S_IWOTH))
        return refuse(error, path, _("is writable by others"));
    return TRUE;
}

gboolean
hv_journal_directory_is_safe(const char *directory, GError **error)
{
    struct stat status;

    return is_safe(directory, S_IFDIR, &status, error);
}

/* Makes what is missing: the directory, and the file, so that it has its mode from the first
 * moment. */
static gboolean
make_file(const HvJournalFile *file, GError **error)
{
    struct stat status;
    int descriptor;

    if (g_mkdir_with_parents(file->directory, 0700) != 0)
        return set_unusable(error, errno, file->directory);
    if (!is_safe(file->directory, S_IFDIR, &status, error) ||
        !is_safe(file->path, S_IFREG, &status, error))
        return FALSE;
    descriptor = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return errno == EEXIST || set_unusable(error, errno, file->path);
    close(descriptor);
    return TRUE;
}

static gboolean
is_newer(const HvJournalFile *file, gint64 version, GError **error)
{
    if (version <= VERSION)
        return FALSE;
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                _("%s: written by a newer hvtune (version %d, this one knows %d)"), file->path,
                (int)version, VERSION);
    return TRUE;
}

/* Whether our tables are there; somebody else's database is no place for them. */
static gboolean
check_schema(HvJournalFile *file, GError **error)
{
    gint64 version = 0;
    gint64 application = 0;
    gint64 n_tables = 0;

    if (!hv_journal_file_number(file, "PRAGMA user_version", 0, &version, error) ||
        !hv_journal_file_number(file, "PRAGMA application_id", 0, &application, error) ||
        !hv_journal_file_number(file, "SELECT count(*) FROM sqlite_master", 0, &n_tables,
                                error) ||
        is_newer(file, version, error))
        return FALSE;
    if (n_tables > 0 && (application != APPLICATION_ID || version < 1)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: no journal of hvtune: move it away"), file->path);
        return FALSE;
    }
    file->ready = n_tables > 0;
    file->version_found = version;
    return TRUE;
}

/* Makes what is missing: all of it, or what the file of an older hvtune lacks. */
static gboolean
add_tables(const HvJournalFile *file, GError **error)
{
    return (file->ready || hv_journal_file_exec(file, first_schema_sql, error)) &&
           (file->version_found >= VERSION ||
            hv_journal_file_exec(file, second_schema_sql, error));
}

static gboolean
make_schema(HvJournalFile *file, GError **error)
{
    if (!hv_journal_file_exec(file, "BEGIN IMMEDIATE", error))
        return FALSE;
    if (check_schema(file, error) && /* another process may have been quicker */
        add_tables(file, error) && hv_journal_file_exec(file, "COMMIT", error)) {
        file->ready = TRUE;
        file->version_found = VERSION;
        return TRUE;
    }
    hv_journal_file_rollback(file);
    return FALSE;
}

/* SQLite refuses links anywhere in a path; those of the directories above are not our business.
 */
static char *
resolved_path(const HvJournalFile *file, GError **error)
{
    char resolved[PATH_MAX];

    if (!realpath(file->directory, resolved)) {
        set_unusable(error, errno, file->directory);
        return NULL;
    }
    return g_build_filename(resolved, FILE_NAME, NULL);
}

static gboolean
open_db(HvJournalFile *file, GError **error)
{
    g_autofree char *path = file->directory ? resolved_path(file, error) : g_strdup(":memory:");

    if (!path)
        return FALSE;
    if (sqlite3_open_v2(path, &file->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_handler(file->db, on_busy, file) != SQLITE_OK) {
        hv_journal_file_fail(file, error);
        close_db(file);
        return FALSE;
    }
    sqlite3_extended_result_codes(file->db, 1);
    sqlite3_progress_handler(file->db, PROGRESS_OPS, on_progress, file);
    if (!hv_journal_file_exec(file, "PRAGMA synchronous = EXTRA; PRAGMA trusted_schema = OFF",
                              error) ||
        !check_schema(file, error)) {
        close_db(file);
        return FALSE;
    }
    return TRUE;
}

/* Somebody may have moved the file away since: what we would write into it is lost. */
static gboolean
reopen_if_replaced(HvJournalFile *file, GError **error)
{
    struct stat status;

    if (!file->directory)
        return file->db || open_db(file, error);
    if (!is_safe(file->directory, S_IFDIR, &status, error))
        return FALSE;
    if (status.st_nlink > 0 && !is_safe(file->path, S_IFREG, &status, error))
        return FALSE;
    if (file->db &&
        (status.st_nlink == 0 || status.st_ino != file->inode || status.st_dev != file->device))
        close_db(file);
    if (status.st_nlink == 0)
        return hv_error_set_errno(error, ENOENT, file->path);
    file->inode = status.st_ino;
    file->device = status.st_dev;
    return file->db || open_db(file, error);
}

static gboolean
is_current(const HvJournalFile *file)
{
    return file->ready && file->version_found == VERSION;
}

static gboolean
prepare_writing(HvJournalFile *file, GError **error)
{
    if (!file->private) {
        if (file->directory && g_chmod(file->path, 0600) != 0) /* it may hold secrets */
            return set_unusable(error, errno, file->path);
        if (!hv_journal_file_exec(file, "PRAGMA journal_mode = DELETE", error))
            return FALSE;
        file->private = TRUE;
    }
    return is_current(file) || make_schema(file, error);
}

gboolean
hv_journal_file_open(HvJournalFile *file, HvJournalAccess access, GError **error)
{
    if (g_atomic_int_get(&file->pulse->hung->files[file->index]) || !enter(file))
        return set_hung(file, error);
    if (access == HV_JOURNAL_WRITE && file->directory && !make_file(file, error))
        return FALSE;
    if (!reopen_if_replaced(file, error))
        return FALSE;
    if (access == HV_JOURNAL_WRITE)
        return prepare_writing(file, error);
    if (!is_current(file) && !check_schema(file, error)) /* others may have made it so */
        return FALSE;
    return file->ready || hv_error_set_errno(error, ENOENT, file->path);
}

/* The version that SQLite keeps of what others wrote, or the one known where it cannot be told
 * now. */
static gint64
read_data_version(HvJournalFile *file)
{
    gint64 version = file->data_version;

    if (!file->version)
        file->version = hv_journal_file_prepare(file, "PRAGMA data_version", NULL);
    if (file->version && sqlite3_step(file->version) == SQLITE_ROW)
        version = sqlite3_column_int64(file->version, 0);
    sqlite3_reset(file->version);
    return version;
}

gboolean
hv_journal_file_changed(HvJournalFile *file)
{
    const gboolean was_open = file->db != NULL;
    const gint64 known = file->data_version;

    if (!hv_journal_file_open(file, HV_JOURNAL_READ, NULL)) /* reading it says why */
        return was_open && !file->db;
    sqlite3_busy_timeout(file->db, 0);
    file->data_version = read_data_version(file);
    sqlite3_busy_handler(file->db, on_busy, file);
    return !was_open || file->data_version != known;
}
