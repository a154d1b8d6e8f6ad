/* The journal over its two files, as the journal's own thread works on it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"
#include "session/journal-file.h"
#include "session/journal-marks.h"

typedef struct HvJournalStore HvJournalStore;

/** hv_journal_store_new: @first NULL: in memory; @second NULL: no fallback. Touches nothing.
 * One thread, as all below. The functions named as those of session/journal.h are what they
 * say. */
HvJournalStore *hv_journal_store_new(const char *first, const char *second,
                                     HvJournalHung *hung);
void hv_journal_store_free(HvJournalStore *journal);
/** hv_journal_store_check: FALSE when a directory or file is there that must not be used. */
gboolean hv_journal_store_check(HvJournalStore *journal, GError **error);
/** hv_journal_store_pulse: borrowed. Any thread. */
HvJournalPulse *hv_journal_store_pulse(HvJournalStore *journal);
/** hv_journal_store_give_up: its thread hangs: marks the file that it is in, and frees the
 * other one's lock. By whoever waited. */
void hv_journal_store_give_up(HvJournalStore *journal);

const char *hv_journal_store_warning(HvJournalStore *journal);
gboolean hv_journal_store_begin(HvJournalStore *journal, HvPlan *plan, gint64 now_ns,
                                GError **error);
gboolean hv_journal_store_step(HvJournalStore *journal, const HvPlan *plan, guint index,
                               GError **error);
gboolean hv_journal_store_end(HvJournalStore *journal, const HvPlan *plan, GError **error);
gboolean hv_journal_store_mark_undone(HvJournalStore *journal, guint64 id, guint64 by,
                                      GError **error);
GPtrArray *hv_journal_store_read(HvJournalStore *journal, guint limit, GError **error);
HvPlan *hv_journal_store_get(HvJournalStore *journal, guint64 id, GError **error);
guint64 hv_journal_store_newest_applied(HvJournalStore *journal, const char *machine_id,
                                        const char *boot_id);
GPtrArray *hv_journal_store_unsettled(HvJournalStore *journal, GError **error);
/** hv_journal_store_armed: plans that wait to be confirmed, newest first. (transfer full) */
GPtrArray *hv_journal_store_armed(HvJournalStore *journal, GError **error);
/** hv_journal_store_mark: makes @mark true. */
gboolean hv_journal_store_mark(HvJournalStore *journal, const HvJournalMark *mark,
                               GError **error);
guint64 hv_journal_store_version(HvJournalStore *journal);
