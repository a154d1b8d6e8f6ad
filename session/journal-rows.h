/* Plans and steps to and from the rows of one file of the journal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"
#include "session/journal-file.h"

/* The process that wrote a plan: alive while pid, start time and boot agree. */
typedef struct {
    int pid;
    guint64 start_ticks; /* field 22 of its stat */
    char *boot_id;
} HvJournalWriter;

/* A plan as it lies in one file. The higher revision is the truth where both files hold it. */
typedef struct {
    HvPlan *plan;
    guint64 revision;
    HvJournalWriter writer;
} HvJournalRow;

void hv_journal_row_free(gpointer row);

/* Which plans: all of them newest first (@number: at most so many, 0 all), the one of id
 * @number, those that are applying or unknown, those that wait to be confirmed. Only ALL leaves
 * out the texts of persistent definitions. */
typedef enum {
    HV_JOURNAL_ROWS_ALL,
    HV_JOURNAL_ROWS_ID,
    HV_JOURNAL_ROWS_OPEN,
    HV_JOURNAL_ROWS_ARMED,
} HvJournalRows;

/** hv_journal_rows_read: appends HvJournalRow to @rows; the file must be open. The journal's
 * thread, as all below. */
gboolean hv_journal_rows_read(const HvJournalFile *file, HvJournalRows which, guint64 number,
                              GPtrArray *rows, GError **error);
/** hv_journal_rows_put: the whole plan under its id, in place of one that is there. In the
 * caller's transaction, as the next. */
gboolean hv_journal_rows_put(const HvJournalFile *file, const HvPlan *plan, guint64 revision,
                             const HvJournalWriter *writer, GError **error);
/** hv_journal_rows_update_plan: state, summary, and while it is armed deadline and confirm;
 * _update_step: all that may change of step @index. */
gboolean hv_journal_rows_update_plan(const HvJournalFile *file, const HvPlan *plan,
                                     GError **error);
gboolean hv_journal_rows_update_step(const HvJournalFile *file, const HvPlan *plan, guint index,
                                     GError **error);
/** hv_journal_rows_mark_undone: entry @id, if it is in this file, was taken back by entry @by.
 */
gboolean hv_journal_rows_mark_undone(const HvJournalFile *file, guint64 id, guint64 by,
                                     GError **error);
