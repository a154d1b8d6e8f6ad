/* Who wrote a plan: this process, and whether another still lives. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/journal-rows.h"

/** hv_journal_writer_self: this process; the caller frees @writer->boot_id. Any thread, as all
 * below. */
void hv_journal_writer_self(HvJournalWriter *writer);
/** hv_journal_writer_is_alive: whether the process of @writer still runs on this boot. */
gboolean hv_journal_writer_is_alive(const HvJournalWriter *writer, const HvJournalWriter *self);
/** hv_journal_writer_is_self: whether @writer is this process. */
gboolean hv_journal_writer_is_self(const HvJournalWriter *writer, const HvJournalWriter *self);
