/* journal: every change, the newest first. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/change.h"
#include "app/json.h"
#include "model/i18n.h"
#include "model/text.h"
#include "session/contested.h"
#include "session/guard.h"

#define LONGEST_TITLE 200 /* characters */

static void
print_confirm(GString *out, HvApp *app, const HvPlan *plan)
{
    g_autofree char *when = NULL;

    if (plan->confirm == HV_CONFIRM_NONE)
        return;
    if (plan->confirm != HV_CONFIRM_ARMED || plan->deadline_ns <= HV_DEADLINE_REVERTING) {
        g_string_append_printf(out, "  %s", hv_confirm_name(plan->confirm));
        return;
    }
    when = hv_guard_clock_text(hv_app_parts(app), plan->deadline_ns);
    g_string_append_printf(out, _("  reverts at %s unless confirmed"), when);
}

static void
print_heading(GString *out, HvApp *app, const HvPlan *plan)
{
    g_autoptr(GDateTime) time =
        g_date_time_new_from_unix_local(plan->time_ns / G_GINT64_CONSTANT(1000000000));
    g_autofree char *when = time ? g_date_time_format(time, "%F %T") : g_strdup("–");
    g_autofree char *title = hv_text_printable(plan->title ? plan->title : "", LONGEST_TITLE);
    g_autofree char *who = hv_text_printable(plan->who ? plan->who : "", LONGEST_TITLE);

    g_string_append_printf(out, "%" G_GUINT64_FORMAT "  %s  %s  %s", plan->id, when, title,
                           hv_plan_state_name(plan->state));
    if (*who)
        g_string_append_printf(out, _("  by %s"), who);
    if (plan->undone_by)
        g_string_append_printf(out, _("  undone by %" G_GUINT64_FORMAT), plan->undone_by);
    print_confirm(out, app, plan);
    g_string_append_c(out, '\n');
    if (plan->confirm == HV_CONFIRM_KEPT && plan->summary) {
        g_autofree char *why = hv_text_printable(plan->summary, LONGEST_TITLE * 2);

        g_string_append_printf(out, "    %s\n", why);
    }
}

static void
print_contested(GString *out, HvContested *contested, const HvPlan *plan)
{
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const char *knob = hv_plan_step(plan, i)->knob;
        g_autofree char *text = hv_contested_describe(contested, plan->id, knob);

        if (text)
            g_string_append_printf(out, _("contested: %s: %s\n"), knob, text);
    }
}

static int
print_text(HvApp *app, HvJournal *journal, const HvOptions *options, HvOutput *output,
           GError **error)
{
    g_autoptr(GPtrArray) plans = hv_journal_read(journal, 0, error);
    g_autoptr(HvContested) contested = hv_contested_new(hv_app_parts(app));

    if (!plans)
        return -1;
    if (hv_contested_watch(contested, plans) > 0) {
        hv_app_connect(app);
        hv_contested_look(contested);
    }
    for (guint i = 0; i < plans->len; i++) {
        const HvPlan *plan = g_ptr_array_index(plans, i);

        print_heading(output->out, app, plan);
        hv_change_print(output->out, plan, options->ascii);
        print_contested(output->out, contested, plan);
        g_string_append(output->out, i + 1 < plans->len ? "\n" : "");
    }
    return 0;
}

/* What a recording has of it: a line for each step, as the table tells it. */
static void
print_recorded(GString *out, const HvTable *changes)
{
    static const char *const columns[] = { "change", "title",   "knob",  "before",
                                           "after",  "outcome", "effect" };

    for (guint row = hv_table_n_rows(changes); row-- > 0;) {
        for (guint i = 0; i < G_N_ELEMENTS(columns); i++) {
            char text[LONGEST_TITLE * 2];

            hv_text_cell(text, sizeof text, changes, row, hv_table_column(changes, columns[i]),
                         FALSE);
            g_string_append_printf(out, "%s%s", i ? "  " : "", text);
        }
        g_string_append_c(out, '\n');
    }
}

static int
run_recorded(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(HvSnapshot) shown = hv_app_shown(app);
    HvTable *changes = hv_snapshot_table(shown, "changes");

    if (!changes) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("%s: the table of changes was not recorded"), hv_app_from(app));
        return -1;
    }
    if (hv_options_has(options, HV_OPTION_JSON))
        hv_json_tables(output->out, PACKAGE_VERSION, shown->time_ns, &changes, 1, NULL);
    else
        print_recorded(output->out, changes);
    return 0;
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    static const char *const tables[] = { "changes", NULL };
    HvJournal *journal;
    g_autoptr(HvSnapshot) snapshot = NULL;
    HvTable *changes;

    if (hv_app_from(app))
        return run_recorded(app, options, output, error);
    journal = hv_app_journal(app, error);
    if (!journal)
        return -1;
    hv_change_settle(app, options, output);
    if (!hv_options_has(options, HV_OPTION_JSON))
        return print_text(app, journal, options, output, error);
    snapshot = hv_app_look(app, tables, 0);
    changes = hv_snapshot_table(snapshot, tables[0]);
    hv_json_tables(output->out, PACKAGE_VERSION, snapshot->time_ns, &changes, 1, NULL);
    return 0;
}

extern const HvCommand hv_command_journal;
const HvCommand hv_command_journal = {
    .name = "journal",
    .usage = "[--json]",
    .help = N_("every change, the newest first"),
    .options = HV_OPTION_JSON,
    .reads = TRUE,
    .run = run,
};
