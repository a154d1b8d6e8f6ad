/* What a ring remembers, into a file, on a thread of its own: the ring goes on meanwhile. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file-private.h"
#include "log/log-private.h"
#include "model/error.h"
#include "model/i18n.h"

/* In this order: what frames speak of stands beside them in the same commit. */
static const char *const tables[] = {
    "meta",       "schemas",   "topologies",   "topo_packages",  "topo_nodes", "topo_llcs",
    "topo_cores", "topo_cpus", "topo_devices", "topo_distances", "vm_sums",    "changes",
    "effects",    "findings",  "notes",        "gaps",           "views",      "knobs",
};

typedef struct {
    HvLog *ring;
    char *path;
    void (*done)(const GError *error, gpointer data);
    gpointer data;
} Save;

/* A row of @from as it is into @to; the columns are the same. */
static int
copy_row(sqlite3_stmt *from, sqlite3_stmt *to)
{
    int code;

    for (int i = 0; i < sqlite3_column_count(from); i++)
        sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
    code = sqlite3_step(to);
    sqlite3_reset(to);
    return code;
}

static char *
insert_of(sqlite3_stmt *from, const char *table)
{
    GString *sql = g_string_new(NULL);

    g_string_append_printf(sql, "INSERT OR REPLACE INTO %s VALUES(?", table);
    for (int i = 1; i < sqlite3_column_count(from); i++)
        g_string_append(sql, ", ?");
    g_string_append_c(sql, ')');
    return g_string_free(sql, FALSE);
}

static gboolean
copy_rows(sqlite3 *ring, sqlite3 *db, const char *table, const char *select, GError **error)
{
    g_autofree char *insert = NULL;
    sqlite3_stmt *from = NULL;
    sqlite3_stmt *to = NULL;
    int code = SQLITE_DONE;
    gboolean good = FALSE;

    if (sqlite3_prepare_v2(ring, select, -1, &from, NULL) == SQLITE_OK) {
        insert = insert_of(from, table);
        good = sqlite3_prepare_v2(db, insert, -1, &to, NULL) == SQLITE_OK;
    }
    while (good && code == SQLITE_DONE && sqlite3_step(from) == SQLITE_ROW)
        code = copy_row(from, to);
    good = good && code == SQLITE_DONE;
    if (!good)
        hv_log_error(error, db, sqlite3_db_filename(db, "main"), _("cannot be written"));
    sqlite3_finalize(from);
    sqlite3_finalize(to);
    return good;
}

static gboolean
copy_all(sqlite3 *ring, sqlite3 *db, const char *path, GError **error)
{
    if (!hv_log_exec(db, "BEGIN IMMEDIATE", path, _("cannot be written"), error) ||
        !copy_rows(ring, db, "frames",
                   "SELECT * FROM frames WHERE seq >= (SELECT min(seq) FROM frames WHERE "
                   "is_full) ORDER BY seq",
                   error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *select = g_strdup_printf("SELECT * FROM %s", tables[i]);

        if (!copy_rows(ring, db, tables[i], select, error))
            return FALSE;
    }
    return hv_log_exec(
               db,
               "INSERT OR REPLACE INTO meta SELECT 'ended_ns', max(time_ns) FROM frames "
               "WHERE EXISTS(SELECT 1 FROM frames); COMMIT",
               path, _("cannot be written"), error) &&
           hv_log_exec(db, "PRAGMA journal_mode = DELETE", path, _("cannot be written"), error);
}

static gboolean
save(const Save *job, GError **error)
{
    sqlite3 *db = hv_log_file_create(job->path, error);
    gboolean good;

    if (!db)
        return FALSE;
    good = copy_all(hv_log_db(job->ring), db, job->path, error);
    sqlite3_close_v2(db);
    return good;
}

static gpointer
work(gpointer data)
{
    Save *job = data;
    g_autoptr(GError) error = NULL;

    save(job, &error);
    job->done(error, job->data);
    hv_log_unref(job->ring);
    g_free(job->path);
    g_free(job);
    return NULL;
}

void
hv_log_save(HvLog *ring, const char *path, void (*done)(const GError *error, gpointer data),
            gpointer data)
{
    g_autoptr(GError) error = NULL;
    Save *job = g_new0(Save, 1);
    GThread *thread;

    job->ring = hv_log_ref(ring);
    job->path = g_strdup(path);
    job->done = done;
    job->data = data;
    thread = g_thread_try_new("hv-log-save", work, job, &error);
    if (thread) {
        g_thread_unref(thread);
        return;
    }
    done(error, data);
    hv_log_unref(ring);
    g_free(job->path);
    g_free(job);
}
