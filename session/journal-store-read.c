/* What is read of the journal's two files: of each entry its newest revision. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "session/journal-store-private.h"
#include "session/journal-writer.h"

/* How many entries are looked at before all are, for the newest one to undo. */
#define RECENT 64

/* Errors that the other directory can make good: it is full, missing, not writable. Never a
 * journal that is there and wrong, nor one that another process is writing. */
gboolean
hv_journal_store_is_unwritable(const GError *error)
{
    return g_error_matches(error, HV_ERROR, HV_ERROR_FAILED) ||
           g_error_matches(error, HV_ERROR, HV_ERROR_DENIED) ||
           g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT);
}

static int
by_id_descending(gconstpointer a, gconstpointer b)
{
    const HvJournalRow *left = *(const HvJournalRow *const *)a;
    const HvJournalRow *right = *(const HvJournalRow *const *)b;

    if (left->plan->id != right->plan->id)
        return left->plan->id < right->plan->id ? 1 : -1;
    return left->revision < right->revision ? 1 : left->revision > right->revision ? -1 : 0;
}

/* Sorts, and keeps of each id the highest revision. Ids grow with time, also where the clock
 * was set back. */
static void
merge_rows(GPtrArray *rows)
{
    g_ptr_array_sort(rows, by_id_descending);
    for (guint i = 1; i < rows->len;) {
        const HvJournalRow *former = rows->pdata[i - 1];
        const HvJournalRow *row = rows->pdata[i];

        if (former->plan->id == row->plan->id)
            g_ptr_array_remove_index(rows, i);
        else
            i++;
    }
}

static void
replace_error(GError **kept, GError *take_error)
{
    g_clear_error(kept);
    *kept = take_error;
}

/* Rows of both files. Fails when nothing could be read of what is there, or one of them is
 * locked or broken: what it holds may matter. */
GPtrArray *
hv_journal_store_rows(HvJournalStore *journal, HvJournalRows which, guint64 number,
                      GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(hv_journal_row_free);
    g_autoptr(GError) first = NULL;
    gboolean any = FALSE;

    for (guint i = 0; i < journal->n_files; i++) {
        g_autoptr(GError) why = NULL;

        if (hv_journal_file_open(journal->files[i], HV_JOURNAL_READ, &why) &&
            hv_journal_rows_read(journal->files[i], which, number, rows, &why))
            any = TRUE;
        else if (!hv_journal_store_is_unwritable(why) ||
                 (!first && !g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)))
            replace_error(&first, g_steal_pointer(&why));
    }
    if (first && (!any || !hv_journal_store_is_unwritable(first))) {
        g_propagate_error(error, g_steal_pointer(&first));
        return NULL;
    }
    merge_rows(rows);
    return g_steal_pointer(&rows);
}

static void
free_plan(gpointer plan)
{
    hv_plan_free(plan);
}

GPtrArray *
hv_journal_store_read(HvJournalStore *journal, guint limit, GError **error)
{
    g_autoptr(GPtrArray) rows =
        hv_journal_store_rows(journal, HV_JOURNAL_ROWS_ALL, limit, error);
    GPtrArray *plans;

    if (!rows)
        return NULL;
    plans = g_ptr_array_new_with_free_func(free_plan);
    for (guint i = 0; i < rows->len && (limit == 0 || i < limit); i++) {
        HvJournalRow *row = rows->pdata[i];

        g_ptr_array_add(plans, g_steal_pointer(&row->plan));
    }
    return plans;
}

HvPlan *
hv_journal_store_get(HvJournalStore *journal, guint64 id, GError **error)
{
    g_autoptr(GPtrArray) rows = hv_journal_store_rows(journal, HV_JOURNAL_ROWS_ID, id, error);
    HvJournalRow *row;

    if (!rows)
        return NULL;
    if (rows->len == 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("the journal has no entry %" G_GUINT64_FORMAT), id);
        return NULL;
    }
    row = rows->pdata[0];
    return g_steal_pointer(&row->plan);
}

GPtrArray *
hv_journal_store_unsettled(HvJournalStore *journal, GError **error)
{
    g_autoptr(GPtrArray) rows = hv_journal_store_rows(journal, HV_JOURNAL_ROWS_OPEN, 0, error);
    GPtrArray *plans;

    if (!rows)
        return NULL;
    plans = g_ptr_array_new_with_free_func(free_plan);
    for (guint i = 0; i < rows->len; i++) {
        HvJournalRow *row = rows->pdata[i];

        /* one that ended unknown is no longer its writer's */
        if (row->plan->state == HV_PLAN_UNKNOWN ||
            !hv_journal_writer_is_alive(&row->writer, &journal->self))
            g_ptr_array_add(plans, g_steal_pointer(&row->plan));
    }
    return plans;
}

GPtrArray *
hv_journal_store_armed(HvJournalStore *journal, GError **error)
{
    g_autoptr(GPtrArray) rows = hv_journal_store_rows(journal, HV_JOURNAL_ROWS_ARMED, 0, error);
    GPtrArray *plans;

    if (!rows)
        return NULL;
    plans = g_ptr_array_new_with_free_func(free_plan);
    for (guint i = 0; i < rows->len; i++) {
        const HvJournalRow *row = rows->pdata[i];
        /* the other file may know better */
        g_autoptr(HvPlan) plan = hv_journal_store_get(journal, row->plan->id, NULL);

        if (plan && plan->confirm == HV_CONFIRM_ARMED)
            g_ptr_array_add(plans, g_steal_pointer(&plan));
    }
    return plans;
}

/* Whether something of @plan still stands on this boot. */
static gboolean
can_be_undone(const HvPlan *plan, const char *machine_id, const char *boot_id)
{
    const gboolean same_boot = g_strcmp0(plan->boot_id, boot_id) == 0;

    if (plan->kind == HV_PLAN_UNDO || plan->undone_by != 0 ||
        (plan->state != HV_PLAN_APPLIED && plan->state != HV_PLAN_PARTLY) ||
        g_strcmp0(plan->machine_id, machine_id) != 0)
        return FALSE;
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);

        if (step->state == HV_OUTCOME_DONE && (same_boot || step->persist))
            return TRUE;
    }
    return FALSE;
}

guint64
hv_journal_store_newest_applied(HvJournalStore *journal, const char *machine_id,
                                const char *boot_id)
{
    for (guint limit = RECENT;; limit = 0) {
        g_autoptr(GPtrArray) plans = hv_journal_store_read(journal, limit, NULL);

        for (guint i = 0; plans && i < plans->len; i++) {
            const HvPlan *plan = plans->pdata[i];

            if (can_be_undone(plan, machine_id, boot_id))
                return plan->id;
        }
        if (limit == 0)
            return 0;
    }
}
