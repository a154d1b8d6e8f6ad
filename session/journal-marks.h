/* What becomes of an entry after it was applied: its effect, its deadline, its guard. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/journal-rows.h"
#include "session/journal.h"

typedef enum {
    HV_JOURNAL_MARK_EFFECT,
    HV_JOURNAL_MARK_CONFIRM,
    HV_JOURNAL_MARK_GUARD,     /* this process guards it */
    HV_JOURNAL_MARK_ASK_GUARD, /* changes nothing: whether a living process does */
} HvJournalMarkKind;

/* What is to be noted of entry @id. */
typedef struct {
    HvJournalMarkKind kind;
    guint64 id;
    char *effect;
    HvConfirm confirm;
    gint64 deadline_ns;
} HvJournalMark;

/** hv_journal_mark_apply: notes it in @plan. Any thread. */
void hv_journal_mark_apply(const HvJournalMark *mark, HvPlan *plan);
/** hv_journal_rows_mark: notes of kind EFFECT or CONFIRM what @plan says. In the caller's
 * transaction, by the journal's thread, as the next. CONFLICT where it no longer waits to be
 * confirmed. */
gboolean hv_journal_rows_mark(const HvJournalFile *file, const HvPlan *plan,
                              HvJournalMarkKind kind, GError **error);
/** hv_journal_rows_guard: @self guards entry @id; CONFLICT where another living process does.
 */
gboolean hv_journal_rows_guard(const HvJournalFile *file, guint64 id,
                               const HvJournalWriter *self, GError **error);
gboolean hv_journal_rows_is_guarded(const HvJournalFile *file, guint64 id,
                                    const HvJournalWriter *self);
