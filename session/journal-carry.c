/* The fallback's entries, carried over to the first file once that can be written again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/journal-carry.h"

static const char newer_rows[] =
    "(SELECT o.id FROM other.plans AS o LEFT JOIN main.plans AS m ON m.id = o.id"
    " WHERE m.id IS NULL OR m.revision < o.revision)";

/* An id that both gave to different entries, while the first could not be read: the second's
 * gets a new one. */
static gboolean
renumber(const HvJournalFile *file, GError **error)
{
    static const char twice[] =
        "SELECT min(o.id) FROM other.plans AS o JOIN main.plans AS m ON m.id = o.id"
        " WHERE m.time_ns <> o.time_ns";
    static const char next[] = "SELECT 1 + max((SELECT max(id) FROM main.plans),"
                               " (SELECT max(id) FROM other.plans))";
    gint64 old_id = 0;
    gint64 new_id = 0;

    while (hv_journal_file_number(file, twice, 0, &old_id, error) && old_id != 0) {
        g_autofree char *sql = NULL;

        if (!hv_journal_file_number(file, next, 0, &new_id, error))
            return FALSE;
        sql = g_strdup_printf("UPDATE other.plans SET id = %2$" G_GINT64_FORMAT
                              " WHERE id = %1$" G_GINT64_FORMAT ";"
                              "UPDATE other.steps SET plan = %2$" G_GINT64_FORMAT
                              " WHERE plan = %1$" G_GINT64_FORMAT ";"
                              "UPDATE other.plans SET of = %2$" G_GINT64_FORMAT
                              " WHERE of = %1$" G_GINT64_FORMAT ";"
                              "UPDATE other.plans SET undone_by = %2$" G_GINT64_FORMAT
                              " WHERE undone_by = %1$" G_GINT64_FORMAT,
                              old_id, new_id);
        if (!hv_journal_file_exec(file, sql, error))
            return FALSE;
        old_id = 0;
    }
    return old_id == 0;
}

static gboolean
copy_over(const HvJournalFile *file, GError **error)
{
    g_autofree char *sql = g_strdup_printf(
        "DELETE FROM main.steps WHERE plan IN %1$s;"
        "INSERT INTO main.steps SELECT * FROM other.steps WHERE plan IN %1$s;"
        "INSERT OR REPLACE INTO main.plans SELECT * FROM other.plans WHERE id IN %1$s;"
        "DELETE FROM other.steps; DELETE FROM other.plans; COMMIT",
        newer_rows);

    return hv_journal_file_exec(file, "BEGIN IMMEDIATE", error) && renumber(file, error) &&
           hv_journal_file_exec(file, sql, error);
}

/* A directory that hangs is found out here, before the fallback is locked, too. */
static gboolean
can_write(const HvJournalFile *file)
{
    if (hv_journal_file_exec(file, "BEGIN IMMEDIATE", NULL) &&
        hv_journal_file_exec(file, "UPDATE plans SET id = id WHERE id = 0; COMMIT", NULL))
        return TRUE;
    hv_journal_file_rollback(file);
    return FALSE;
}

void
hv_journal_carry_over(const HvJournalFile *file, HvJournalFile *other)
{
    g_autoptr(HvStatement) attach = NULL;
    g_autoptr(GError) error = NULL;
    gint64 n_plans = 0;

    if (!hv_journal_file_open(other, HV_JOURNAL_READ, NULL) ||
        !hv_journal_file_number(other, "SELECT count(*) FROM plans", 0, &n_plans, NULL) ||
        n_plans == 0)
        return;
    if (!can_write(file) || !hv_journal_file_open(other, HV_JOURNAL_WRITE, NULL))
        return; /* opened so, both have the same columns */
    attach = hv_journal_file_prepare(file, "ATTACH ?1 AS other", NULL);
    if (!attach)
        return;
    sqlite3_bind_text(attach, 1, sqlite3_db_filename(other->db, "main"), -1, SQLITE_TRANSIENT);
    if (sqlite3_step(attach) != SQLITE_DONE)
        return;
    if (!copy_over(file, &error))
        g_debug("carrying the journal over: %s", error->message);
    hv_journal_file_rollback(file);
    sqlite3_reset(attach);
    hv_journal_file_exec(file, "DETACH other", NULL);
}
