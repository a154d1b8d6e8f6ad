/* Confirming what would be taken back, and plans whose guard is gone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "session/guard.h"
#include "session/knobs.h"

/* ---- confirming ---- */

static guint64
newest_armed(const HvSessionParts *parts, const HvActOptions *options, GError **error)
{
    g_autoptr(GPtrArray) armed =
        hv_journal_armed(parts->journal, options->machine_id, options->boot_id, error);

    if (!armed)
        return 0;
    if (armed->len > 0)
        return ((const HvPlan *)armed->pdata[0])->id;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                        _("nothing to confirm: no plan waits for it"));
    return 0;
}

static gboolean
refuse(const HvPlan *plan, GError **error)
{
    static const char *const whys[] = {
        [HV_CONFIRM_NONE] = N_("it does not revert by itself"),
        [HV_CONFIRM_ARMED] = N_("its deadline has passed, and it is being taken back"),
        [HV_CONFIRM_CONFIRMED] = N_("it was confirmed already"),
        [HV_CONFIRM_REVERTED] = N_("it was taken back"),
        [HV_CONFIRM_KEPT] = N_("its deadline has passed, and it stays"),
    };

    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("plan %" G_GUINT64_FORMAT " cannot be confirmed: %s"), plan->id,
                _(whys[plan->confirm]));
    return FALSE;
}

static gboolean
has_passed(const HvSessionParts *parts, const HvActOptions *options, const HvPlan *plan)
{
    return plan->deadline_ns > 0 && g_strcmp0(plan->boot_id, options->boot_id) == 0 &&
           (plan->deadline_ns == HV_DEADLINE_REVERTING ||
            hv_session_boottime_ns(parts) >= plan->deadline_ns);
}

gboolean
hv_guard_confirm(const HvSessionParts *parts, const HvActOptions *options, guint64 *id,
                 GError **error)
{
    g_autoptr(HvPlan) plan = NULL;

    if (!parts->journal || parts->read_only_why) {
        g_set_error(error, HV_ERROR, HV_ERROR_DENIED, _("nothing can be confirmed here: %s"),
                    parts->read_only_why ? parts->read_only_why : _("there is no journal"));
        return FALSE;
    }
    if (*id == 0)
        *id = newest_armed(parts, options, error);
    plan = *id ? hv_journal_get(parts->journal, *id, error) : NULL;
    if (!plan)
        return FALSE;
    if (plan->confirm != HV_CONFIRM_ARMED)
        return refuse(plan, error);
    if (has_passed(parts, options, plan) &&
        (!parts->guardian || hv_journal_is_guarded(parts->journal, plan->id)))
        return refuse(plan, error);
    if (plan->deadline_ns == HV_DEADLINE_REVERTING && /* its guard died over it */
        !hv_journal_set_confirm(parts->journal, plan->id, HV_CONFIRM_ARMED, 0, error))
        return FALSE;
    return hv_journal_set_confirm(parts->journal, plan->id, HV_CONFIRM_CONFIRMED, 0, error);
}

/* ---- orphans ---- */

static gboolean
has_persistent_part(const HvPlan *plan)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);

        if (step->persist && step->state != HV_OUTCOME_PLANNED &&
            step->state != HV_OUTCOME_SKIPPED && step->state != HV_OUTCOME_TAKEN_BACK)
            return TRUE;
    }
    return FALSE;
}

/* The host was started anew since: what is not persistent went with that. */
static char *
line_after_restart(const HvSessionParts *parts, const HvPlan *plan)
{
    if (has_persistent_part(plan))
        return g_strdup_printf(
            _("plan %1$" G_GUINT64_FORMAT " (%2$s) was not confirmed before the host was "
              "started anew: its persistent parts stand: hvtune undo %1$" G_GUINT64_FORMAT
              " | hvtune confirm %1$" G_GUINT64_FORMAT),
            plan->id, plan->title);
    if (!parts->read_only_why)
        hv_journal_set_confirm(parts->journal, plan->id, HV_CONFIRM_REVERTED, 0,
                               NULL); /* said again where that fails */
    return g_strdup_printf(
        _("plan %" G_GUINT64_FORMAT
          " (%s) was not confirmed before the host was started anew: nothing "
          "of it stands"),
        plan->id, plan->title);
}

static char *
line_of(const HvSessionParts *parts, const HvPlan *plan)
{
    g_autofree char *when = hv_guard_clock_text(parts, plan->deadline_ns);

    if (plan->deadline_ns == 0 || plan->deadline_ns == HV_DEADLINE_REVERTING)
        return g_strdup_printf(
            _("plan %1$" G_GUINT64_FORMAT " was to be reverted and its guard is gone: hvtune "
              "undo %1$" G_GUINT64_FORMAT " | hvtune confirm %1$" G_GUINT64_FORMAT),
            plan->id);
    return g_strdup_printf(
        hv_session_boottime_ns(parts) < plan->deadline_ns
            ? _("plan %1$" G_GUINT64_FORMAT " is to be reverted at %2$s and its guard is gone: "
                "hvtune undo %1$" G_GUINT64_FORMAT " | hvtune confirm %1$" G_GUINT64_FORMAT)
            : _("plan %1$" G_GUINT64_FORMAT
                " was to be reverted at %2$s and its guard is gone: "
                "hvtune undo %1$" G_GUINT64_FORMAT " | hvtune confirm %1$" G_GUINT64_FORMAT),
        plan->id, when);
}

/* Its guard may just be arming itself. */
static gboolean
is_being_applied(const HvSessionParts *parts, const HvPlan *plan)
{
    g_autoptr(GPtrArray) unsettled = NULL;

    if (plan->state != HV_PLAN_APPLYING)
        return FALSE;
    unsettled = hv_journal_unsettled(parts->journal, NULL);
    for (guint i = 0; unsettled && i < unsettled->len; i++) {
        if (((const HvPlan *)unsettled->pdata[i])->id == plan->id)
            return FALSE;
    }
    return TRUE;
}

GPtrArray *
hv_guard_orphans(const HvSessionParts *parts, const HvActOptions *options)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) armed = NULL;

    if (!parts->guardian || !parts->journal)
        return lines;
    armed = hv_journal_armed(parts->journal, options->machine_id, NULL, NULL);
    for (guint i = 0; armed && i < armed->len; i++) {
        const HvPlan *plan = armed->pdata[i];

        if (g_strcmp0(plan->boot_id, options->boot_id) != 0)
            g_ptr_array_add(lines, line_after_restart(parts, plan));
        else if (!hv_journal_is_guarded(parts->journal, plan->id) &&
                 !is_being_applied(parts, plan))
            g_ptr_array_add(lines, line_of(parts, plan));
    }
    return lines;
}
