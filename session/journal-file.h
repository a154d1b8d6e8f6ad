/* One SQLite file of the journal: where it lies, how it is opened, its errors. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

#define HV_JOURNAL_MAX_FILES 2
#define HV_JOURNAL_VERSION 2 /* of the tables; 1 lacks some columns */

/* Which files hang: a thread waits in one, so that no other may touch it. Outlives the journal
 * by its count. */
typedef struct {
    gatomicrefcount refs;
    gint files[HV_JOURNAL_MAX_FILES];
} HvJournalHung;

/* What the thread that works on the files tells whoever waits for it, and the reverse. */
typedef struct {
    gint beat;     /* changes as long as it gets on */
    gint at;       /* the file that it is in */
    gint given_up; /* nobody waits any more: nothing may be written */
    HvJournalHung *hung;
} HvJournalPulse;

/* Opened when first needed, and again when it was replaced. One thread. */
typedef struct {
    guint index;
    HvJournalPulse *pulse;
    char *directory;       /* NULL: in memory */
    char *path;            /* for messages */
    sqlite3 *db;           /* NULL: not open */
    sqlite3_stmt *version; /* PRAGMA data_version, kept: it is asked every tick */
    gboolean ready;        /* has our tables */
    gint64 version_found;  /* of those tables; an older file is read as it is, and gets the
                              rest before it is written */
    gboolean private;      /* its mode and journal mode were set */
    guint64 device, inode;
    gint64 data_version; /* as last seen */
} HvJournalFile;

typedef enum { HV_JOURNAL_READ, HV_JOURNAL_WRITE } HvJournalAccess;

/** hv_journal_file_new: @directory NULL: in memory. Touches nothing. @pulse is borrowed. The
 * journal's thread, as all below. */
HvJournalFile *hv_journal_file_new(const char *directory, guint index, HvJournalPulse *pulse);
void hv_journal_file_free(HvJournalFile *file);
/**
 * hv_journal_file_open:
 * @access: WRITE makes directory (0700), file (0600) and tables where they are missing
 *
 * Returns: FALSE with ABSENT when there is nothing to read; REFUSED when directory or file are
 * not ours, writable by others or links; MALFORMED when it is no journal, or one of a newer
 * version; DENIED; FAILED, also while it hangs; TIMEOUT: locked.
 */
gboolean hv_journal_file_open(HvJournalFile *file, HvJournalAccess access, GError **error);
/** hv_journal_directory_is_safe: whether it is ours and closed to others, or not there yet. */
gboolean hv_journal_directory_is_safe(const char *directory, GError **error);
/** hv_journal_file_fail: the last error of @file's connection in our words; always FALSE. */
gboolean hv_journal_file_fail(const HvJournalFile *file, GError **error);
/** hv_journal_file_exec: one or more statements without results. */
gboolean hv_journal_file_exec(const HvJournalFile *file, const char *sql, GError **error);
/** hv_journal_file_prepare: NULL with @error. */
sqlite3_stmt *hv_journal_file_prepare(const HvJournalFile *file, const char *sql,
                                      GError **error);
/** hv_journal_file_number: the one number that @sql selects, 0 for NULL or no row. */
gboolean hv_journal_file_number(const HvJournalFile *file, const char *sql, guint64 id,
                                gint64 *number, GError **error);
/** hv_journal_file_rollback: ends a transaction, if one is open. */
void hv_journal_file_rollback(const HvJournalFile *file);
/** hv_journal_file_release: the same, for a thread that hangs in the other file; by the one
 * that gave it up. */
void hv_journal_file_release(const HvJournalFile *file);
/** hv_journal_file_changed: TRUE when somebody else wrote since the last call; never waits. */
gboolean hv_journal_file_changed(HvJournalFile *file);

typedef sqlite3_stmt HvStatement;
static inline void
hv_statement_free(HvStatement *statement)
{
    sqlite3_finalize(statement);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvStatement, hv_statement_free)
