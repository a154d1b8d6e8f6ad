/* The tables of a log's file, as doc/hvlog.md describes them; and whether a file has just them.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file-schema.h"

#include "log/file.h"
#include "model/error.h"
#include "model/i18n.h"

#include <string.h>

/* SQLite keeps these texts as they are: no blank may differ, and each name stands once. A new
 * version of the format gets a list of its own below. */
static const char *const first_version[] = {
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE schemas(number INTEGER PRIMARY KEY, name TEXT NOT NULL, columns TEXT NOT "
    "NULL)",
    "CREATE TABLE frames(seq INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, monotonic_ns "
    "INTEGER NOT NULL, tick INTEGER NOT NULL, interval_ns INTEGER NOT NULL, is_full INTEGER "
    "NOT NULL, topology INTEGER, data BLOB NOT NULL)",
    "CREATE INDEX frames_by_time ON frames(time_ns)",
    "CREATE TABLE topologies(topology INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, source "
    "TEXT, cpu_model TEXT, this_system INTEGER NOT NULL, isolated TEXT, nohz_full TEXT)",
    "CREATE TABLE topo_packages(topology INTEGER NOT NULL, package INTEGER NOT NULL, cpus "
    "TEXT, "
    "nodes TEXT, PRIMARY KEY(topology, package)) WITHOUT ROWID",
    "CREATE TABLE topo_nodes(topology INTEGER NOT NULL, node INTEGER NOT NULL, package "
    "INTEGER, "
    "cpus TEXT, memory_bytes INTEGER, PRIMARY KEY(topology, node)) WITHOUT ROWID",
    "CREATE TABLE topo_llcs(topology INTEGER NOT NULL, llc INTEGER NOT NULL, package INTEGER, "
    "level INTEGER, size_bytes INTEGER, cpus TEXT, PRIMARY KEY(topology, llc)) WITHOUT ROWID",
    "CREATE TABLE topo_cores(topology INTEGER NOT NULL, core INTEGER NOT NULL, os_core "
    "INTEGER, "
    "package INTEGER, llc INTEGER, node INTEGER, cpus TEXT, PRIMARY KEY(topology, core)) "
    "WITHOUT ROWID",
    "CREATE TABLE topo_cpus(topology INTEGER NOT NULL, cpu INTEGER NOT NULL, online INTEGER "
    "NOT "
    "NULL, node INTEGER, package INTEGER, llc INTEGER, core INTEGER, sibling_rank INTEGER, "
    "PRIMARY KEY(topology, cpu)) WITHOUT ROWID",
    "CREATE TABLE topo_devices(topology INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT, "
    "pci TEXT, class TEXT, os_names TEXT, node INTEGER, nodes TEXT, PRIMARY KEY(topology, "
    "number)) WITHOUT ROWID",
    "CREATE TABLE topo_distances(topology INTEGER NOT NULL, from_node INTEGER NOT NULL, "
    "to_node "
    "INTEGER NOT NULL, distance INTEGER NOT NULL, PRIMARY KEY(topology, from_node, to_node)) "
    "WITHOUT ROWID",
    "CREATE TABLE vm_sums(time_ns INTEGER NOT NULL, vm TEXT NOT NULL, n_samples INTEGER NOT "
    "NULL, cpu_ratio REAL, guest_cpu_ratio REAL, wait_mean_ratio REAL, wait_max_ratio REAL, "
    "throttled_ratio REAL, overhead_ratio REAL, halt_poll_ratio REAL, remote_ratio REAL, "
    "local_bytes_per_s REAL, remote_bytes_per_s REAL, PRIMARY KEY(time_ns, vm)) WITHOUT ROWID",
    "CREATE TABLE changes(change INTEGER NOT NULL, step INTEGER NOT NULL, time_ns INTEGER NOT "
    "NULL, title TEXT, knob TEXT, before TEXT, after TEXT, found TEXT, outcome TEXT, state "
    "TEXT, undo TEXT, effect TEXT, who TEXT, kind TEXT, undone_by INTEGER, persist INTEGER, "
    "error TEXT, confirm TEXT, recipe TEXT, contested TEXT, PRIMARY KEY(change, step)) WITHOUT "
    "ROWID",
    "CREATE TABLE effects(change INTEGER NOT NULL, vm TEXT NOT NULL, metric TEXT NOT NULL, "
    "time_ns INTEGER NOT NULL, before REAL, after REAL, change_ratio REAL, low REAL, high "
    "REAL, "
    "verdict TEXT, text TEXT, is_main INTEGER, sure INTEGER, settled INTEGER, window_s REAL, "
    "PRIMARY KEY(change, vm, metric)) WITHOUT ROWID",
    "CREATE TABLE findings(id INTEGER PRIMARY KEY, begun_ns INTEGER NOT NULL, ended_ns "
    "INTEGER, "
    "kind TEXT NOT NULL, vm TEXT, what TEXT, severity TEXT, cost_ratio REAL, evidence TEXT, "
    "remedy TEXT)",
    "CREATE TABLE notes(id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, vm TEXT, text TEXT "
    "NOT "
    "NULL)",
    "CREATE TABLE gaps(from_ns INTEGER NOT NULL, kind TEXT NOT NULL, to_ns INTEGER NOT NULL, "
    "why "
    "TEXT, PRIMARY KEY(from_ns, kind)) WITHOUT ROWID",
    "CREATE TABLE views(id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, screen TEXT, columns "
    "TEXT, rows TEXT, theme TEXT, glyphs TEXT, colours TEXT, locale TEXT, sort TEXT, filter "
    "TEXT, scroll TEXT, cursor TEXT, dialog TEXT, rest TEXT NOT NULL)",
    "CREATE INDEX views_by_time ON views(time_ns)",
    "CREATE TABLE knobs(time_ns INTEGER NOT NULL, knob TEXT NOT NULL, value TEXT, why TEXT, "
    "PRIMARY KEY(knob, time_ns)) WITHOUT ROWID",
    NULL
};

static const char *const *const versions[] = { [1] = first_version };

const char *const hv_log_view_names[] = { "screen",  "columns", "rows", "theme",  "glyphs",
                                          "colours", "locale",  "sort", "filter", "scroll",
                                          "cursor",  "dialog",  NULL };

static gboolean
run(sqlite3 *db, const char *sql, const char *path, GError **error)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return TRUE;
    hv_log_error(error, db, path, _("cannot make a log"));
    return FALSE;
}

gboolean
hv_log_schema_make(sqlite3 *db, const char *path, GError **error)
{
    g_autofree char *marks =
        g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d",
                        HV_LOG_APPLICATION_ID, HV_LOG_VERSION);

    if (!run(db, "BEGIN IMMEDIATE", path, error) || !run(db, marks, path, error))
        return FALSE;
    for (const char *const *sql = versions[HV_LOG_VERSION]; *sql; sql++) {
        if (!run(db, *sql, path, error))
            return FALSE;
    }
    return run(db, "COMMIT", path, error);
}

/* ---- of a file from anybody ---- */

static gboolean
refuse(GError **error, const char *path, const char *why)
{
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: %s", path, why);
    return FALSE;
}

static gboolean
read_number(sqlite3 *db, const char *sql, const char *path, gint64 *number, GError **error)
{
    sqlite3_stmt *statement = NULL;
    const gboolean good = sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
                          sqlite3_step(statement) == SQLITE_ROW;

    if (good)
        *number = sqlite3_column_int64(statement, 0);
    else
        hv_log_error(error, db, path, _("cannot be read as a log"));
    sqlite3_finalize(statement);
    return good;
}

static gboolean
check_version(sqlite3 *db, const char *path, gint64 *version, GError **error)
{
    gint64 application;

    if (!read_number(db, "PRAGMA application_id", path, &application, error) ||
        !read_number(db, "PRAGMA user_version", path, version, error))
        return FALSE;
    if (application != HV_LOG_APPLICATION_ID || *version < 1)
        return refuse(error, path, _("is no log of hvtune"));
    if (*version <= HV_LOG_VERSION)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                _("%s: written by a newer hvtune (log version %d, this one reads up to %d): "
                  "update hvtune"),
                path, (int)MIN(*version, G_MAXINT), HV_LOG_VERSION);
    return FALSE;
}

/* Whether @sql, as the file has it, is one of @expected, each counted once in @seen. */
static gboolean
is_expected(const char *sql, const char *const *expected, guint64 *seen)
{
    for (guint i = 0; sql && expected[i]; i++) {
        if (strcmp(sql, expected[i]) == 0 && !(*seen & (G_GUINT64_CONSTANT(1) << i))) {
            *seen |= G_GUINT64_CONSTANT(1) << i;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
compare(sqlite3 *db, sqlite3_stmt *statement, const char *const *expected, const char *path,
        GError **error)
{
    guint64 seen = 0;
    guint n = 0;
    int code;

    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!is_expected((const char *)sqlite3_column_text(statement, 0), expected, &seen))
            return refuse(error, path, _("has tables that are not a log's: not opened"));
    }
    if (code != SQLITE_DONE) {
        hv_log_error(error, db, path, _("cannot be read as a log"));
        return FALSE;
    }
    while (expected[n])
        n++;
    if (seen != (G_GUINT64_CONSTANT(1) << n) - 1)
        return refuse(error, path, _("lacks tables of a log: it was never complete"));
    return TRUE;
}

gboolean
hv_log_schema_check(sqlite3 *db, const char *path, GError **error)
{
    sqlite3_stmt *statement = NULL;
    gint64 version;
    gboolean good = FALSE;

    if (!check_version(db, path, &version, error))
        return FALSE;
    if (sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_master LIMIT 64", -1, &statement,
                           NULL) != SQLITE_OK)
        hv_log_error(error, db, path, _("cannot be read as a log"));
    else
        good = compare(db, statement, versions[version], path, error);
    sqlite3_finalize(statement);
    return good;
}
