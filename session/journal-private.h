/* How long the journal waits for a directory. Only for the journal's own files and their tests.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/journal-marks.h"

/** hv_journal_open_patient: as hv_journal_open(), with @patience_ms for a directory that hangs.
 */
HvJournal *hv_journal_open_patient(const char *state_dir, const char *fallback_dir,
                                   guint patience_ms, GError **error);
/** hv_journal_ask_mark: makes @mark true, or says whether it is. */
gboolean hv_journal_ask_mark(HvJournal *journal, const HvJournalMark *mark, GError **error);
