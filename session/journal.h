/* The journal: every change, on disk and synced before it is made; one for all of a host. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"

/* SQLite behind it (rollback journal, synchronous=EXTRA). One thread per handle; several
 * processes at once. No call waits for more than some seconds for a directory that hangs; it
 * counts as one that cannot be written until it answers again. Not across fork(). Opaque. */
typedef struct HvJournal HvJournal;

/** hv_journal_state_dir: $STATE_DIRECTORY, else /var/lib/hvtune as root, else
 * $XDG_STATE_HOME/hvtune. (transfer full) */
char *hv_journal_state_dir(void);
/**
 * hv_journal_open:
 * @state_dir: NULL: hv_journal_state_dir(); made 0700; refused when not ours or writable by
 * others
 * @fallback_dir: "/run/hvtune", or NULL for none (also none where $STATE_DIRECTORY is set)
 *
 * Opens for reading what is there; the first write makes what is missing. Writing goes to the
 * first directory that takes it. Never fails for want of a directory: hv_journal_begin() does.
 * (transfer full)
 */
HvJournal *hv_journal_open(const char *state_dir, const char *fallback_dir, GError **error);
/** hv_journal_new_memory: lives and dies with the process; for tests and demos. */
HvJournal *hv_journal_new_memory(void);
void hv_journal_free(HvJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvJournal, hv_journal_free)
/** hv_journal_warning: a line when the fallback is in use, or NULL; borrowed. */
const char *hv_journal_warning(HvJournal *journal);

/** hv_journal_begin: writes the whole plan, synced; gives it its id and time. Refuses with
 * CONFLICT, naming it, when another live process is applying a plan that touches one of its
 * knobs. */
gboolean hv_journal_begin(HvJournal *journal, HvPlan *plan, gint64 now_ns, GError **error);
/** hv_journal_step: writes the state, found value and error of step @index, synced. */
gboolean hv_journal_step(HvJournal *journal, const HvPlan *plan, guint index, GError **error);
/** hv_journal_end: writes the plan's state and summary, synced. */
gboolean hv_journal_end(HvJournal *journal, const HvPlan *plan, GError **error);
/** hv_journal_mark_undone: notes that @by took back @id (@by 0: no longer undone). */
gboolean hv_journal_mark_undone(HvJournal *journal, guint64 id, guint64 by, GError **error);
/** hv_journal_read: plans, newest first, at most @limit (0: all); includes steps. (transfer
 * full) of HvPlan. */
GPtrArray *hv_journal_read(HvJournal *journal, guint limit, GError **error);
/** hv_journal_get: one plan; ABSENT when there is none of that id. */
HvPlan *hv_journal_get(HvJournal *journal, guint64 id, GError **error);
/** hv_journal_newest_applied: id of the newest applied, not undone SET or REDO plan of
 * @machine_id and @boot_id; 0 none. Knobs with a persistent part count on any boot. */
guint64 hv_journal_newest_applied(HvJournal *journal, const char *machine_id,
                                  const char *boot_id);
/** hv_journal_unsettled: plans that ended unknown, and those that a process that is gone left
 * unfinished. (transfer full) */
GPtrArray *hv_journal_unsettled(HvJournal *journal, GError **error);
/** hv_journal_set_effect: what plan @id did, a line for each metric; NULL: not known. */
gboolean hv_journal_set_effect(HvJournal *journal, guint64 id, const char *effect,
                               GError **error);
/* The deadline of a plan that is being taken back by its guard: it cannot be confirmed any more.
 */
#define HV_DEADLINE_REVERTING 1
/**
 * hv_journal_set_confirm:
 * @confirm: ARMED begins or goes on waiting until @deadline_ns (CLOCK_BOOTTIME; 0: its last
 * step has not ended); anything else ends that
 *
 * Returns: FALSE with CONFLICT where the plan does not wait (any more) to be confirmed, so that
 * of a confirmation and a revert only one is made. An undo makes it REVERTED by itself.
 */
gboolean hv_journal_set_confirm(HvJournal *journal, guint64 id, HvConfirm confirm,
                                gint64 deadline_ns, GError **error);
/** hv_journal_armed: the plans that wait to be confirmed, newest first; of @machine_id and
 * @boot_id, NULL: of any. (transfer full) */
GPtrArray *hv_journal_armed(HvJournal *journal, const char *machine_id, const char *boot_id,
                            GError **error);
/** hv_journal_take_guard: from now on this process is the one that reverts plan @id; CONFLICT
 * where another that lives is. hv_journal_is_guarded: whether one that lives is. */
gboolean hv_journal_take_guard(HvJournal *journal, guint64 id, GError **error);
gboolean hv_journal_is_guarded(HvJournal *journal, guint64 id);
/** hv_journal_version: grows when anybody wrote; cheap (data_version). */
guint64 hv_journal_version(HvJournal *journal);
