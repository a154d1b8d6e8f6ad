/* What the files of the journal's store share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/journal-rows.h"
#include "session/journal-store.h"

struct HvJournalStore {
    HvJournalFile *files[HV_JOURNAL_MAX_FILES];
    guint n_files;
    HvJournalPulse pulse;
    HvJournalWriter self;
    char *warning;
    guint64 version;
};

/** hv_journal_store_rows: HvJournalRow of both files, newest first. NULL with @error when
 * nothing could be read of what is there, or one of the files is locked or broken: what it
 * holds may matter. (transfer full). The journal's thread. */
GPtrArray *hv_journal_store_rows(HvJournalStore *journal, HvJournalRows which, guint64 number,
                                 GError **error);
/** hv_journal_store_is_unwritable: the other directory can make it good. */
gboolean hv_journal_store_is_unwritable(const GError *error);
