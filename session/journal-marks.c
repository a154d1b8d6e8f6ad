/* What becomes of an entry after it was applied: its effect, its deadline, its guard. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/journal-marks.h"

#include "model/error.h"
#include "model/i18n.h"
#include "session/journal-private.h"
#include "session/journal-writer.h"

/* ---- in one file ---- */

void
hv_journal_mark_apply(const HvJournalMark *mark, HvPlan *plan)
{
    if (mark->kind == HV_JOURNAL_MARK_EFFECT) {
        g_free(plan->effect);
        plan->effect = g_strdup(mark->effect);
    } else if (mark->kind == HV_JOURNAL_MARK_CONFIRM) {
        plan->confirm = mark->confirm;
        plan->deadline_ns = mark->deadline_ns;
    }
}

static gboolean
run(const HvJournalFile *file, sqlite3_stmt *statement, GError **error)
{
    return sqlite3_step(statement) == SQLITE_DONE || hv_journal_file_fail(file, error);
}

static gboolean
set_effect(const HvJournalFile *file, const HvPlan *plan, GError **error)
{
    g_autoptr(HvStatement) statement =
        hv_journal_file_prepare(file, "UPDATE plans SET effect = ?2 WHERE id = ?1", error);

    if (!statement)
        return FALSE;
    sqlite3_bind_int64(statement, 1, (gint64)plan->id);
    sqlite3_bind_text(statement, 2, plan->effect, -1, SQLITE_TRANSIENT);
    return run(file, statement, error);
}

/* Only one that waits can be confirmed, reverted or kept, and only once. */
static gboolean
set_confirm(const HvJournalFile *file, const HvPlan *plan, GError **error)
{
    g_autoptr(HvStatement) statement = hv_journal_file_prepare(
        file,
        "UPDATE plans SET confirm = ?2, deadline_ns = ?3 WHERE id = ?1 AND"
        " (confirm = 'armed' OR (confirm = 'none' AND ?2 = 'armed')) AND"
        " NOT (?2 = 'confirmed' AND deadline_ns = ?4)",
        error);

    if (!statement)
        return FALSE;
    sqlite3_bind_int64(statement, 1, (gint64)plan->id);
    sqlite3_bind_text(statement, 2, hv_confirm_name(plan->confirm), -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, plan->deadline_ns);
    sqlite3_bind_int64(statement, 4, HV_DEADLINE_REVERTING);
    if (!run(file, statement, error))
        return FALSE;
    if (sqlite3_changes(file->db) > 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                _("entry %" G_GUINT64_FORMAT " does not wait to be confirmed (any more)"),
                plan->id);
    return FALSE;
}

gboolean
hv_journal_rows_mark(const HvJournalFile *file, const HvPlan *plan, HvJournalMarkKind kind,
                     GError **error)
{
    return kind == HV_JOURNAL_MARK_EFFECT ? set_effect(file, plan, error)
                                          : set_confirm(file, plan, error);
}

/* ---- who guards it ---- */

static gboolean
read_guard(const HvJournalFile *file, guint64 id, HvJournalWriter *guard, GError **error)
{
    g_autoptr(HvStatement) statement = hv_journal_file_prepare(
        file, "SELECT guard_pid, guard_start_ticks, guard_boot_id FROM plans WHERE id = ?1",
        error);

    *guard = (HvJournalWriter){ 0 };
    if (!statement)
        return FALSE;
    sqlite3_bind_int64(statement, 1, (gint64)id);
    if (sqlite3_step(statement) != SQLITE_ROW) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("the journal has no entry %" G_GUINT64_FORMAT), id);
        return FALSE;
    }
    guard->pid = sqlite3_column_int(statement, 0);
    guard->start_ticks = (guint64)sqlite3_column_int64(statement, 1);
    guard->boot_id = g_strdup((const char *)sqlite3_column_text(statement, 2));
    return TRUE;
}

gboolean
hv_journal_rows_is_guarded(const HvJournalFile *file, guint64 id, const HvJournalWriter *self)
{
    HvJournalWriter guard;
    gboolean alive;

    if (file->version_found < HV_JOURNAL_VERSION || !read_guard(file, id, &guard, NULL))
        return FALSE;
    alive = hv_journal_writer_is_alive(&guard, self);
    g_free(guard.boot_id);
    return alive;
}

gboolean
hv_journal_rows_guard(const HvJournalFile *file, guint64 id, const HvJournalWriter *self,
                      GError **error)
{
    HvJournalWriter guard;
    gboolean taken;
    g_autoptr(HvStatement) statement = NULL;

    if (!read_guard(file, id, &guard, error))
        return FALSE;
    taken =
        !hv_journal_writer_is_self(&guard, self) && hv_journal_writer_is_alive(&guard, self);
    g_free(guard.boot_id);
    if (taken) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                    _("entry %" G_GUINT64_FORMAT " has a guard already, pid %d"), id,
                    guard.pid);
        return FALSE;
    }
    statement = hv_journal_file_prepare(
        file,
        "UPDATE plans SET guard_pid = ?2, guard_start_ticks = ?3, guard_boot_id = ?4"
        " WHERE id = ?1",
        error);
    if (!statement)
        return FALSE;
    sqlite3_bind_int64(statement, 1, (gint64)id);
    sqlite3_bind_int64(statement, 2, self->pid);
    sqlite3_bind_int64(statement, 3, (gint64)self->start_ticks);
    sqlite3_bind_text(statement, 4, self->boot_id, -1, SQLITE_TRANSIENT);
    return run(file, statement, error);
}

/* ---- asked of the journal ---- */

gboolean
hv_journal_set_effect(HvJournal *journal, guint64 id, const char *effect, GError **error)
{
    g_autofree char *copy = g_strdup(effect);
    const HvJournalMark mark = { HV_JOURNAL_MARK_EFFECT, .id = id, .effect = copy };

    return hv_journal_ask_mark(journal, &mark, error);
}

gboolean
hv_journal_set_confirm(HvJournal *journal, guint64 id, HvConfirm confirm, gint64 deadline_ns,
                       GError **error)
{
    const HvJournalMark mark = { HV_JOURNAL_MARK_CONFIRM, .id = id, .confirm = confirm,
                                 .deadline_ns = deadline_ns };

    return hv_journal_ask_mark(journal, &mark, error);
}

gboolean
hv_journal_take_guard(HvJournal *journal, guint64 id, GError **error)
{
    const HvJournalMark mark = { HV_JOURNAL_MARK_GUARD, .id = id };

    return hv_journal_ask_mark(journal, &mark, error);
}

gboolean
hv_journal_is_guarded(HvJournal *journal, guint64 id)
{
    const HvJournalMark mark = { HV_JOURNAL_MARK_ASK_GUARD, .id = id };

    return hv_journal_ask_mark(journal, &mark, NULL);
}
