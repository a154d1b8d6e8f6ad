/* The table "changes": the journal as rows, one for each step. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"
#include "session/contested.h"

/* What was read of the journal last: read by the thread that owns it, shown by the sampler.
 * Opaque. */
typedef struct HvChanges HvChanges;

/** hv_changes_new, hv_changes_free: @journal is borrowed, NULL: none. */
HvChanges *hv_changes_new(HvJournal *journal);
void hv_changes_free(HvChanges *changes);
/** hv_changes_watch: what stands of the plans is looked at too, by hv_changes_refresh().
 * @contested is borrowed. Before that. */
void hv_changes_watch(HvChanges *changes, HvContested *contested);
/** hv_changes_expect_guards: each plan that waits to be confirmed has a guard, another process;
 * one whose guard is gone is "orphaned". Before hv_changes_refresh(). */
void hv_changes_expect_guards(HvChanges *changes);
HvContested *hv_changes_contested(HvChanges *changes);
/** hv_changes_refresh: reads the newest plans when somebody wrote since. The journal's thread.
 * Returns: whether there is something new.
 * hv_changes_read: only that, while a plan is under way: no knob is looked at. */
gboolean hv_changes_refresh(HvChanges *changes);
void hv_changes_read(HvChanges *changes);
/** hv_changes_version: grows with each new content; hv_changes_fill: rows of the table, newest
 * change first. Any thread; the sampler's. */
guint64 hv_changes_version(HvChanges *changes);
void hv_changes_fill(HvChanges *changes, HvSink *out);
/** hv_changes_each: calls @each for every plan, newest first. Any thread. */
void hv_changes_each(HvChanges *changes, void (*each)(const HvPlan *plan, gpointer data),
                     gpointer data);
