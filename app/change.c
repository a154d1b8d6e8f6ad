/* What set, undo and redo have in common: settling, showing and applying plans. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/change.h"

#include <signal.h>

#include "app/effect-run.h"
#include "model/i18n.h"
#include "model/text.h"
#include "session/guard.h"

#define LONGEST_TEXT 1000 /* characters of a reason or shell line */

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

static void
on_signal(int number G_GNUC_UNUSED)
{
    hv_app_stop();
}

/* @former gets what was there, for release_signals(). What is ignored stays so: nohup means it.
 */
static void
catch_signals(struct sigaction former[G_N_ELEMENTS(stop_signals)])
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

    sigemptyset(&action.sa_mask);
    for (guint i = 0; i < G_N_ELEMENTS(stop_signals); i++)
        sigaction(stop_signals[i], &action, &former[i]);
    for (guint i = 0; i < G_N_ELEMENTS(stop_signals); i++) {
        if (former[i].sa_handler == SIG_IGN)
            sigaction(stop_signals[i], &former[i], NULL);
    }
}

static void
release_signals(const struct sigaction former[G_N_ELEMENTS(stop_signals)])
{
    for (guint i = 0; i < G_N_ELEMENTS(stop_signals); i++)
        sigaction(stop_signals[i], &former[i], NULL);
}

static void
print_remark(GString *out, const char *head, const char *text)
{
    g_autofree char *safe = text ? hv_text_printable(text, LONGEST_TEXT) : NULL;

    if (safe && *safe)
        g_string_append_printf(out, "    %s%s\n", head, safe);
}

static void
print_step(GString *out, const HvStep *step, gboolean ascii)
{
    g_autofree char *before = hv_value_to_text(&step->before);
    g_autofree char *after = hv_value_to_text(&step->after);
    g_autofree char *found = hv_value_to_text(&step->found);

    g_string_append_printf(out, "%s: %s %s %s", step->knob, before, ascii ? "->" : "→", after);
    if (step->persist)
        g_string_append(out, _("  (also persistent)"));
    if (step->state != HV_OUTCOME_PLANNED)
        g_string_append_printf(out, "  %s", hv_outcome_name(step->state));
    if (step->state == HV_OUTCOME_DIFFERS)
        g_string_append_printf(out, " %s", found);
    g_string_append_c(out, '\n');
    print_remark(out, "", step->shell_line);
    print_remark(out, "", step->error);
    if (step->state != HV_OUTCOME_PLANNED)
        return;
    print_remark(out, _("risk: "), step->risk ? _(step->risk) : NULL);
    print_remark(out, _("note: "), step->remark);
    print_remark(out, _("undo: "), hv_undo_name(step->undo));
}

void
hv_change_print(GString *out, const HvPlan *plan, gboolean ascii)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++)
        print_step(out, hv_plan_step(plan, i), ascii);
    for (guint i = 0; i < plan->notes->len; i++) {
        g_autofree char *note =
            hv_text_printable(g_ptr_array_index(plan->notes, i), LONGEST_TEXT);

        g_string_append_printf(out, _("note: %s\n"), note);
    }
}

static void
settle_one(HvJournal *journal, guint64 id, HvOutput *output)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = hv_journal_get(journal, id, &error);
    g_autofree char *line = NULL;

    if (plan)
        line = g_strdup_printf(_("plan %" G_GUINT64_FORMAT
                                 " (%s) was left unfinished: %s%s%s: see hvtune journal"),
                               id, plan->title, hv_plan_state_name(plan->state),
                               plan->summary ? ", " : "", plan->summary ? plan->summary : "");
    hv_output_note(output, plan ? line : error->message);
}

void
hv_change_say_orphans(HvApp *app, const HvOptions *options, HvOutput *output)
{
    g_autoptr(GPtrArray) lines = NULL;
    HvActOptions act;

    hv_app_act_options(app, options, &act);
    lines = hv_guard_orphans(hv_app_parts(app), &act);
    for (guint i = 0; i < lines->len; i++)
        hv_output_note(output, g_ptr_array_index(lines, i));
}

void
hv_change_guard(HvApp *app, const HvOptions *options, HvOutput *output)
{
    g_autofree char *said = NULL;
    HvActOptions act;

    hv_app_act_options(app, options, &act);
    said = hv_guard_check(hv_app_parts(app), &act);
    if (said)
        hv_output_note(output, said);
}

void
hv_change_settle(HvApp *app, const HvOptions *options, HvOutput *output)
{
    HvJournal *journal = hv_app_journal(app, NULL);
    g_autoptr(GPtrArray) unsettled = journal ? hv_journal_unsettled(journal, NULL) : NULL;
    g_autoptr(GError) error = NULL;
    HvActOptions act;

    hv_change_say_orphans(app, options, output);
    if (!unsettled || !unsettled->len)
        return;
    hv_app_connect(app);
    hv_app_act_options(app, options, &act);
    if (hv_plan_settle(hv_app_parts(app), &act, &error) < 0) {
        hv_output_note(output, error->message);
        return;
    }
    for (guint i = 0; i < unsettled->len; i++) {
        const HvPlan *plan = g_ptr_array_index(unsettled, i);

        settle_one(journal, plan->id, output);
    }
}

void
hv_change_begin(HvApp *app, const HvOptions *options, HvOutput *output)
{
    hv_change_settle(app, options, output);
    hv_app_connect(app);
    if (hv_host_is_simulated(hv_app_parts(app)->host))
        hv_effect_ahead(app, options); /* before the plan is made: it costs nobody any time */
}

gboolean
hv_change_check(HvApp *app, const HvOptions *options, GError **error)
{
    const HvSessionParts *parts = hv_app_parts(app);

    if (!parts->read_only_why ||
        (hv_options_has(options, HV_OPTION_DRY_RUN) && hv_host_is_live(parts->host)))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_DENIED, _("nothing can be changed here: %s"),
                parts->read_only_why);
    return FALSE;
}

/* The plan's own line says how to go on; nothing is wrong with the host. */
static int
say_stopped(const HvPlan *plan, GError **error)
{
    g_prefix_error(error, _("plan %" G_GUINT64_FORMAT ": "), plan->id);
    return 1;
}

static void
say_deadline(HvApp *app, const HvPlan *plan, HvOutput *output)
{
    g_autofree char *when = hv_guard_clock_text(hv_app_parts(app), plan->deadline_ns);

    g_string_append_printf(output->out,
                           _("plan %1$" G_GUINT64_FORMAT
                             " applied; it reverts at %2$s unless confirmed: hvtune confirm "
                             "%1$" G_GUINT64_FORMAT "\n"),
                           plan->id, when);
}

static void
say_applied(HvApp *app, const HvPlan *plan, HvOutput *output)
{
    const char *back = plan->kind == HV_PLAN_UNDO ? "redo" : "undo";

    if (!hv_plan_n_steps(plan)) {
        g_string_append_printf(output->out, "%s\n", plan->summary);
        return;
    }
    if (plan->confirm == HV_CONFIRM_ARMED) {
        say_deadline(app, plan, output);
        return;
    }
    g_string_append_printf(output->out,
                           _("plan %" G_GUINT64_FORMAT " applied; hvtune %s %" G_GUINT64_FORMAT
                             " takes it back\n"),
                           plan->id, back, plan->id);
}

/* In a console signals are the console's: it asks for the stop itself. */
static gboolean
apply(HvApp *app, const HvOptions *options, HvPlan *plan, GError **error)
{
    g_autoptr(HvSnapshot) console = hv_app_shown(app);
    struct sigaction former[G_N_ELEMENTS(stop_signals)];
    const gint64 begun_ns = hv_host_monotonic_ns(hv_app_parts(app)->host);
    HvActOptions act;
    gboolean is_applied;

    hv_app_act_options(app, options, &act);
    if (console)
        return hv_plan_apply(hv_app_parts(app), plan, &act, error);
    catch_signals(former);
    is_applied = hv_plan_apply(hv_app_parts(app), plan, &act, error);
    release_signals(former);
    hv_effect_tell(app, plan, begun_ns);
    return is_applied;
}

int
hv_change_apply(HvApp *app, const HvOptions *options, HvPlan *plan, HvOutput *output,
                GError **error)
{
    HvJournal *journal = hv_app_journal(app, NULL);
    GError *failed = NULL;
    HvActOptions act;

    if (!plan)
        return -1;
    if (!hv_plan_n_steps(plan) && plan->kind == HV_PLAN_SET) {
        hv_change_print(output->out, plan, options->ascii);
        g_string_append(output->out, plan->recipe && plan->notes->len
                                         ? _("nothing to change\n")
                                         : _("nothing to change: it is so already\n"));
        return 0;
    }
    hv_app_act_options(app, options, &act);
    if (!hv_guard_admit(plan, act.confirm_s, error))
        return -1;
    if (hv_options_has(options, HV_OPTION_DRY_RUN)) {
        hv_change_print(output->out, plan, options->ascii);
        return 0;
    }
    if (!hv_host_is_simulated(hv_app_parts(app)->host))
        hv_effect_ahead(app, options); /* not before: a refusal is not waited for */
    if (!apply(app, options, plan, &failed)) {
        if (plan->id)
            hv_change_print(output->out, plan, options->ascii);
        /* what was there while planning is no bad input: the host cannot */
        if (plan->id && g_error_matches(failed, HV_ERROR, HV_ERROR_ABSENT))
            failed->code = HV_ERROR_FAILED;
        g_propagate_error(error, failed);
        return hv_app_is_stopping() && plan->id ? say_stopped(plan, error) : -1;
    }
    hv_change_print(output->out, plan, options->ascii);
    say_applied(app, plan, output);
    if (journal && hv_journal_warning(journal))
        hv_output_note(output, hv_journal_warning(journal));
    hv_effect_print(app, options, plan, output);
    return 0;
}
