/* Reads all of a log, as players, reports and exports would: for files that nobody trusts. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/log-walk.h"

#include "log/schema-text.h"
#include "log/view-rows.h"

#include <string.h>

#define MAX_ROWS 100000

static const char *const tables[] = {
    "meta",           "schemas",   "frames",     "topologies", "topo_packages",
    "topo_nodes",     "topo_llcs", "topo_cores", "topo_cpus",  "topo_devices",
    "topo_distances", "vm_sums",   "changes",    "effects",    "findings",
    "notes",          "gaps",      "views",      "knobs",
};

static void
touch_row(sqlite3_stmt *statement)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const void *bytes = sqlite3_column_blob(statement, i);
        const int n = sqlite3_column_bytes(statement, i);

        g_assert_true(n == 0 || memchr(bytes, ((const char *)bytes)[n - 1], (gsize)n));
    }
}

static guint
unpack(sqlite3_stmt *statement, GByteArray *out)
{
    const int last = sqlite3_column_count(statement) - 1;
    const guint8 *bytes = sqlite3_column_blob(statement, last);
    const gsize n = (gsize)sqlite3_column_bytes(statement, last);

    return hv_log_unpack(bytes ? bytes : (const guint8 *)"", n, 1u << 20, out, NULL) ? 1 : 0;
}

static guint
walk_table(sqlite3 *db, const char *table, GString *why)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree char *sql = g_strdup_printf("SELECT * FROM %s LIMIT %d", table, MAX_ROWS);
    sqlite3_stmt *statement = NULL;
    guint n = 0;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK) {
        while (sqlite3_step(statement) == SQLITE_ROW) {
            touch_row(statement);
            if (g_str_equal(table, "frames"))
                n += unpack(statement, out);
            if (g_str_equal(table, "views"))
                g_free(hv_log_view_lines(statement, 2));
        }
    }
    if (sqlite3_finalize(statement) != SQLITE_OK && why->len == 0)
        g_string_assign(why, sqlite3_errmsg(db));
    return n;
}

guint
hv_log_walk(HvLogFile *file, char **why)
{
    sqlite3 *db = hv_log_file_db(file);
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(GPtrArray) schemas = hv_log_schemas_read(db, "log", NULL); /* may be no schemas */
    guint n = 0;

    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        n += walk_table(db, tables[i], said);
    *why = said->len > 0 ? g_strdup(said->str) : NULL;
    return n;
}

int
hv_log_walk_path(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvLogFile) file = hv_log_file_read(path, &error);
    g_autofree char *why = NULL;

    g_assert_true(!file == !!error);
    if (file)
        return (int)hv_log_walk(file, &why);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_null(strchr(error->message, '\n'));
    return -1;
}
