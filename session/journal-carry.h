/* The fallback's entries, carried over to the first file once that can be written again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/journal-file.h"

/** hv_journal_carry_over: moves all plans of @other to @file, which is open for writing, in one
 * transaction over both. When that fails they stay where they are, and are read from there. The
 * journal's thread. */
void hv_journal_carry_over(const HvJournalFile *file, HvJournalFile *other);
