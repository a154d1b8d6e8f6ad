/* How much of a recording is kept: by age and by size. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/keep.h"

#define MAX_GROUPS 32 /* dropped at a time: of half a minute each */

/* A number, or @none without a row. */
static gint64
number(sqlite3 *db, const char *sql, gint64 argument, gint64 none)
{
    sqlite3_stmt *statement = NULL;
    gint64 result = none;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, argument); /* fails where there is no parameter */
        if (sqlite3_step(statement) == SQLITE_ROW &&
            sqlite3_column_type(statement, 0) == SQLITE_INTEGER)
            result = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return result;
}

static int
run(sqlite3 *db, const char *sql, gint64 argument)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 1, argument);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

guint64
hv_log_used_bytes(sqlite3 *db)
{
    const gint64 n_pages = number(db, "PRAGMA page_count", 0, 0);
    const gint64 n_free = number(db, "PRAGMA freelist_count", 0, 0);

    return (guint64)(n_pages - n_free) * (guint64)number(db, "PRAGMA page_size", 0, 4096);
}

/* Samples before @seq, and the rows that are older than what stays. */
static int
drop_before(sqlite3 *db, gint64 seq)
{
    static const char *const rows[] = {
        "DELETE FROM vm_sums WHERE time_ns + 10000000000 < ?1",
        "DELETE FROM changes WHERE time_ns < ?1",
        "DELETE FROM effects WHERE time_ns < ?1",
        "DELETE FROM findings WHERE ended_ns < ?1",
        "DELETE FROM notes WHERE time_ns < ?1",
        "DELETE FROM gaps WHERE to_ns < ?1",
        "DELETE FROM views WHERE time_ns < (SELECT max(time_ns) FROM views WHERE time_ns <= "
        "?1)",
        "DELETE FROM knobs WHERE time_ns < (SELECT max(time_ns) FROM knobs AS newer WHERE "
        "newer.knob = knobs.knob AND newer.time_ns <= ?1)",
    };
    int code = run(db, "DELETE FROM frames WHERE seq < ?1", seq);
    const gint64 first_ns =
        number(db, "SELECT time_ns FROM frames ORDER BY seq LIMIT 1", 0, G_MININT64);

    for (guint i = 0; i < G_N_ELEMENTS(rows) && code == SQLITE_OK; i++)
        code = run(db, rows[i], first_ns);
    return code;
}

int
hv_log_keep(sqlite3 *db, gint64 newest_ns, gint64 keep_ns, guint64 keep_bytes)
{
    gint64 seq = -1;
    int code = SQLITE_OK;

    if (keep_ns > 0)
        seq = number(db,
                     "SELECT seq FROM frames WHERE is_full AND time_ns <= ?1 AND seq > (SELECT "
                     "min(seq) FROM frames) ORDER BY time_ns DESC LIMIT 1",
                     newest_ns - keep_ns, -1);
    if (seq >= 0)
        code = drop_before(db, seq);
    for (guint i = 0; i < MAX_GROUPS && code == SQLITE_OK && keep_bytes > 0 &&
                      hv_log_used_bytes(db) > keep_bytes;
         i++) {
        seq = number(db,
                     "SELECT seq FROM frames WHERE is_full AND seq > (SELECT min(seq) FROM "
                     "frames) ORDER BY seq LIMIT 1",
                     0, -1);
        if (seq < 0)
            return code;
        code = drop_before(db, seq);
    }
    return code;
}
