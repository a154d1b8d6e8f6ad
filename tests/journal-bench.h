/* What tests of the journal share: two private directories, and plans to write into it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/journal-private.h"
#include "tests/support.h"

/* A disk that others keep busy is no directory that hangs: a test does not depend on how busy
 * it is. */
#define JOURNAL_PATIENCE_MS 600000

typedef struct {
    HvTestTree *tree;
    char *first, *second; /* directories, not made yet */
} JournalBench;

/** journal_setup, journal_teardown: for g_test_add(). */
void journal_setup(JournalBench *bench, gconstpointer data);
void journal_teardown(JournalBench *bench, gconstpointer data);
/** journal_plan: of one step on @knob, being applied. (transfer full) */
HvPlan *journal_plan(const char *knob);
/** journal_begin, journal_end: write it; must succeed. The entry's id. */
guint64 journal_begin(HvJournal *journal, HvPlan *plan);
void journal_end(HvJournal *journal, HvPlan *plan);
/** journal_add: one applied entry; its id. */
guint64 journal_add(HvJournal *journal, const char *knob);
/** journal_open: over both directories. (transfer full) */
HvJournal *journal_open(const JournalBench *bench);
/** journal_count: how many entries it has. */
guint journal_count(HvJournal *journal);
