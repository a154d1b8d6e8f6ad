/* The journal over its two files: the first that can be written takes all, both are read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/journal-store-private.h"

#include "model/error.h"
#include "model/i18n.h"
#include "session/journal-carry.h"
#include "session/journal-writer.h"

#include <string.h>

/* Where the first file is there but cannot be read, ids of the second begin here, so that they
 * stay unique. */
#define FIRST_ID_APART 1000000
/* Where the file that holds a plan cannot be read, its newer revision elsewhere is above any it
 * can have there. */
#define REVISION_APART 1000000
HvJournalStore *
hv_journal_store_new(const char *first, const char *second, HvJournalHung *hung)
{
    const char *const directories[] = { first, second };
    HvJournalStore *journal = g_new0(HvJournalStore, 1);

    hv_journal_writer_self(&journal->self);
    journal->pulse.hung = hung;
    for (guint i = 0; i < HV_JOURNAL_MAX_FILES && (i == 0 || directories[i]); i++)
        journal->files[journal->n_files++] =
            hv_journal_file_new(directories[i], i, &journal->pulse);
    return journal;
}

gboolean
hv_journal_store_check(HvJournalStore *journal, GError **error)
{
    for (guint i = 0; i < journal->n_files; i++) {
        g_autoptr(GError) why = NULL;

        if (!hv_journal_file_open(journal->files[i], HV_JOURNAL_READ, &why) &&
            !hv_journal_store_is_unwritable(why) &&
            !g_error_matches(why, HV_ERROR, HV_ERROR_TIMEOUT)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return FALSE;
        }
    }
    return TRUE;
}

HvJournalPulse *
hv_journal_store_pulse(HvJournalStore *journal)
{
    return &journal->pulse;
}

void
hv_journal_store_give_up(HvJournalStore *journal)
{
    guint at;

    g_atomic_int_set(&journal->pulse.given_up, TRUE);
    at = (guint)g_atomic_int_get(&journal->pulse.at); /* in this order: see enter() */
    g_atomic_int_set(&journal->pulse.hung->files[at], TRUE);
    for (guint i = 0; i < journal->n_files; i++)
        if (i != at)
            hv_journal_file_release(journal->files[i]);
}

void
hv_journal_store_free(HvJournalStore *journal)
{
    if (!journal)
        return;
    for (guint i = 0; i < journal->n_files; i++)
        hv_journal_file_free(journal->files[i]);
    g_free(journal->self.boot_id);
    g_free(journal->warning);
    g_free(journal);
}

const char *
hv_journal_store_warning(HvJournalStore *journal)
{
    return journal->warning;
}

guint64
hv_journal_store_version(HvJournalStore *journal)
{
    for (guint i = 0; i < journal->n_files; i++)
        journal->version += hv_journal_file_changed(journal->files[i]) ? 1 : 0;
    return journal->version;
}

/* ---- writing ---- */

static void
wrote(HvJournalStore *journal, const HvJournalFile *file, const GError *why)
{
    journal->version++;
    g_clear_pointer(&journal->warning, g_free);
    if (file != journal->files[0] && why)
        journal->warning =
            g_strdup_printf(_("the journal goes to %s: %s"), file->directory, why->message);
}

static gboolean
shares_knob(const HvPlan *a, const HvPlan *b)
{
    g_autoptr(GHashTable) knobs = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < hv_plan_n_steps(a); i++)
        g_hash_table_add(knobs, hv_plan_step(a, i)->knob);
    for (guint i = 0; i < hv_plan_n_steps(b); i++) {
        if (g_hash_table_contains(knobs, hv_plan_step(b, i)->knob))
            return TRUE;
    }
    return FALSE;
}

static gboolean
check_others(HvJournalStore *journal, const HvPlan *plan, GError **error)
{
    g_autoptr(GPtrArray) rows = hv_journal_store_rows(journal, HV_JOURNAL_ROWS_OPEN, 0, error);

    for (guint i = 0; rows && i < rows->len; i++) {
        const HvJournalRow *row = rows->pdata[i];

        if (row->plan->state != HV_PLAN_APPLYING || !shares_knob(row->plan, plan) ||
            hv_journal_writer_is_self(&row->writer, &journal->self) ||
            !hv_journal_writer_is_alive(&row->writer, &journal->self))
            continue;
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                    _("entry %" G_GUINT64_FORMAT
                      " (%s) of %s, pid %d, is being applied to the same knobs"),
                    row->plan->id, row->plan->title, row->plan->who ? row->plan->who : "?",
                    row->writer.pid);
        return FALSE;
    }
    return rows != NULL;
}

/* The next free id over both files. */
static gboolean
next_id(HvJournalStore *journal, guint64 *id, GError **error)
{
    gint64 highest = 0;

    for (guint i = 0; i < journal->n_files; i++) {
        g_autoptr(GError) why = NULL;
        gint64 last = 0;

        if (hv_journal_file_open(journal->files[i], HV_JOURNAL_READ, &why)) {
            if (!hv_journal_file_number(journal->files[i], "SELECT max(id) FROM plans", 0,
                                        &last, error))
                return FALSE;
        } else if (!g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)) {
            last = FIRST_ID_APART;
        }
        highest = MAX(highest, last);
    }
    *id = (guint64)highest + 1;
    return TRUE;
}

static gboolean
commit(const HvJournalFile *file, gboolean good, GError **error)
{
    if (good && hv_journal_file_exec(file, "COMMIT", error))
        return TRUE;
    hv_journal_file_rollback(file);
    return FALSE;
}

/* Holds the other file's lock too where it can, so that two processes that write to different
 * files give no id twice. */
static void
lock_other(HvJournalStore *journal, guint index, gboolean lock)
{
    HvJournalFile *other = journal->n_files > 1 ? journal->files[1 - index] : NULL;

    if (!other)
        return;
    if (!lock)
        hv_journal_file_rollback(other);
    else if (hv_journal_file_open(other, HV_JOURNAL_READ, NULL))
        hv_journal_file_exec(other, "BEGIN IMMEDIATE", NULL);
}

static gboolean
begin_in(HvJournalStore *journal, guint index, HvPlan *plan, GError **error)
{
    HvJournalFile *file = journal->files[index];
    gboolean good;

    if (!hv_journal_file_open(file, HV_JOURNAL_WRITE, error))
        return FALSE;
    if (index == 0 && journal->n_files > 1)
        hv_journal_carry_over(file, journal->files[1]);
    else if (index > 0)
        lock_other(journal, index,
                   TRUE); /* always the first file first: no two can wait for each other */
    good = hv_journal_file_exec(file, "BEGIN IMMEDIATE", error);
    if (good && index == 0)
        lock_other(journal, index, TRUE);
    good = good && check_others(journal, plan, error) && next_id(journal, &plan->id, error) &&
           hv_journal_rows_put(file, plan, 1, &journal->self, error);
    good = commit(file, good, error);
    lock_other(journal, index, FALSE);
    return good;
}

/* One line out of what each directory said. */
static gboolean
fail_all(GPtrArray *messages, GError **error)
{
    g_ptr_array_add(messages, NULL);
    g_autofree char *all = g_strjoinv("; ", (char **)messages->pdata);

    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, _("no journal can be written (%s)"), all);
    return FALSE;
}

gboolean
hv_journal_store_begin(HvJournalStore *journal, HvPlan *plan, gint64 now_ns, GError **error)
{
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) first = NULL;

    plan->time_ns = now_ns;
    for (guint i = 0; i < journal->n_files; i++) {
        g_autoptr(GError) why = NULL;

        if (begin_in(journal, i, plan, &why)) {
            wrote(journal, journal->files[i], first);
            return TRUE;
        }
        plan->id = 0;
        if (!hv_journal_store_is_unwritable(why)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return FALSE;
        }
        g_ptr_array_add(messages, g_strdup(why->message));
        if (!first)
            first = g_steal_pointer(&why);
    }
    fail_all(messages, error);
    g_prefix_error(error, "%s: ", _("nothing was changed"));
    return FALSE;
}

/* A change of a plan that is in a file already; @index is a step's. */
typedef gboolean (*Change)(const HvJournalFile *file, const HvPlan *plan, guint index,
                           GError **error);

/* The file that holds the newest revision of @id, or -1. */
static int
home_of(HvJournalStore *journal, guint64 id, guint64 *revision)
{
    int home = -1;

    *revision = 0;
    for (guint i = 0; i < journal->n_files; i++) {
        gint64 found = 0;

        if (hv_journal_file_open(journal->files[i], HV_JOURNAL_READ, NULL) &&
            hv_journal_file_number(journal->files[i],
                                   "SELECT revision FROM plans WHERE id = ?1", id, &found,
                                   NULL) &&
            (guint64)found > *revision) {
            *revision = (guint64)found;
            home = (int)i;
        }
    }
    return home;
}

static gboolean
change_in(HvJournalStore *journal, guint index, const HvPlan *plan, guint step, Change how,
          GError **error)
{
    HvJournalFile *file = journal->files[index];

    return hv_journal_file_open(file, HV_JOURNAL_WRITE, error) &&
           hv_journal_file_exec(file, "BEGIN IMMEDIATE", error) &&
           commit(file, how(file, plan, step, error), error);
}

static gboolean
put_in(HvJournalStore *journal, guint index, const HvPlan *plan, guint64 revision,
       GError **error)
{
    HvJournalFile *file = journal->files[index];

    return hv_journal_file_open(file, HV_JOURNAL_WRITE, error) &&
           hv_journal_file_exec(file, "BEGIN IMMEDIATE", error) &&
           commit(file, hv_journal_rows_put(file, plan, revision, &journal->self, error),
                  error);
}

/* In place where the plan lies; where that cannot be written any more, the whole plan goes to
 * the other file under a higher revision. */
static gboolean
change_plan(HvJournalStore *journal, const HvPlan *plan, guint step, Change how, GError **error)
{
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) first = NULL;
    guint64 revision;
    const int home = home_of(journal, plan->id, &revision);

    if (home >= 0 && change_in(journal, (guint)home, plan, step, how, &first)) {
        journal->version++;
        return TRUE;
    }
    if (first && !hv_journal_store_is_unwritable(first)) {
        g_propagate_error(error, g_steal_pointer(&first));
        return FALSE;
    }
    if (first)
        g_ptr_array_add(messages, g_strdup(first->message));
    for (guint i = 0; i < journal->n_files; i++) {
        g_autoptr(GError) why = NULL;

        if ((int)i == home)
            continue;
        if (put_in(journal, i, plan, (home < 0 ? REVISION_APART : revision) + 1, &why)) {
            wrote(journal, journal->files[i], first);
            return TRUE;
        }
        g_ptr_array_add(messages, g_strdup(why->message));
        if (!first)
            first = g_steal_pointer(&why);
    }
    return fail_all(messages, error);
}

gboolean
hv_journal_store_step(HvJournalStore *journal, const HvPlan *plan, guint index, GError **error)
{
    return change_plan(journal, plan, index, hv_journal_rows_update_step, error);
}

/* An undo that is applied marks what it took back in the same transaction, where that lies in
 * the same file. */
static gboolean
change_end(const HvJournalFile *file, const HvPlan *plan, guint index G_GNUC_UNUSED,
           GError **error)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        if (!hv_journal_rows_update_step(file, plan, i, error))
            return FALSE;
    }
    if (plan->kind != HV_PLAN_SET && plan->state == HV_PLAN_APPLIED &&
        !hv_journal_rows_mark_undone(file, plan->of, plan->id, error))
        return FALSE;
    return hv_journal_rows_update_plan(file, plan, error);
}

gboolean
hv_journal_store_end(HvJournalStore *journal, const HvPlan *plan, GError **error)
{
    return change_plan(journal, plan, 0, change_end, error);
}

static gboolean
change_undone(const HvJournalFile *file, const HvPlan *plan, guint index G_GNUC_UNUSED,
              GError **error)
{
    return hv_journal_rows_mark_undone(file, plan->id, plan->undone_by, error);
}

gboolean
hv_journal_store_mark_undone(HvJournalStore *journal, guint64 id, guint64 by, GError **error)
{
    g_autoptr(HvPlan) plan = hv_journal_store_get(journal, id, error);

    if (!plan || plan->undone_by == by)
        return plan != NULL;
    plan->undone_by = by;
    if (plan->confirm == HV_CONFIRM_ARMED && by != 0)
        plan->confirm = HV_CONFIRM_REVERTED;
    return change_plan(journal, plan, 0, change_undone, error);
}

static gboolean
change_mark(const HvJournalFile *file, const HvPlan *plan, guint kind, GError **error)
{
    return hv_journal_rows_mark(file, plan, (HvJournalMarkKind)kind, error);
}

static gboolean
guard_plan(HvJournalStore *journal, guint64 id, GError **error)
{
    guint64 revision;
    const int home = home_of(journal, id, &revision);
    HvJournalFile *file = journal->files[MAX(home, 0)];

    return hv_journal_file_open(file, HV_JOURNAL_WRITE, error) &&
           hv_journal_file_exec(file, "BEGIN IMMEDIATE", error) &&
           commit(file, hv_journal_rows_guard(file, id, &journal->self, error), error);
}

static gboolean
is_guarded(HvJournalStore *journal, guint64 id)
{
    guint64 revision;
    const int home = home_of(journal, id, &revision);

    return home >= 0 && hv_journal_rows_is_guarded(journal->files[home], id, &journal->self);
}

gboolean
hv_journal_store_mark(HvJournalStore *journal, const HvJournalMark *mark, GError **error)
{
    g_autoptr(HvPlan) plan = NULL;

    if (mark->kind == HV_JOURNAL_MARK_GUARD) {
        const gboolean good = guard_plan(journal, mark->id, error);

        journal->version += good ? 1 : 0;
        return good;
    }
    if (mark->kind == HV_JOURNAL_MARK_ASK_GUARD)
        return is_guarded(journal, mark->id);
    plan = hv_journal_store_get(journal, mark->id, error);
    if (!plan)
        return FALSE;
    hv_journal_mark_apply(mark, plan);
    return change_plan(journal, plan, mark->kind, change_mark, error);
}
