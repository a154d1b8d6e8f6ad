/* Intents and their answers: plans, undo, redo, commands. Nothing here waits. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "model/i18n.h"
#include "tui/console-private.h"
#include "tui/pick.h"

gboolean
hv_console_refuse_read_only(HvConsole *console)
{
    const char *why = console->backend->read_only_why;

    if (why)
        hv_console_say(console, HV_ROLE_HOT, _("nothing can be changed here: %s"), why);
    return why != NULL;
}

GPtrArray *
hv_console_target_names(HvConsole *console)
{
    const HvTable *vms = hv_snapshot_table(console->now, "vms");
    g_autofree const char **targets = hv_console_targets(console);
    GPtrArray *names;

    if (hv_console_refuse_read_only(console))
        return NULL;
    if (!targets[0]) {
        if (console->vm)
            hv_console_say(console, HV_ROLE_WARM, _("%s: no such VM any more"), console->vm);
        else
            hv_console_say(console, HV_ROLE_WARM, "%s", _("no VM is selected"));
        return NULL;
    }
    names = g_ptr_array_new_with_free_func(g_free);
    for (const char **vm = targets; *vm; vm++)
        g_ptr_array_add(names, g_strdup(hv_pick_text(vms, hv_pick_row(vms, *vm), "vm")));
    return names;
}

void
hv_console_plan(HvConsole *console, GPtrArray *take_wishes, gboolean persist)
{
    HvIntent *intent;

    console->asked_serial = 0;
    if (hv_console_refuse_read_only(console)) {
        g_ptr_array_unref(take_wishes);
        return;
    }
    intent = hv_intent_new(HV_INTENT_PLAN);
    g_ptr_array_unref(intent->wishes);
    intent->wishes = take_wishes;
    intent->persist = persist;
    console->asked_serial = hv_console_submit(console, intent);
    console->asked_verb = HV_INTENT_PLAN;
}

static void
ask(HvConsole *console, guint64 id, HvIntentVerb verb, gboolean force)
{
    HvIntent *intent;

    console->asked_serial = 0;
    if (hv_console_refuse_read_only(console))
        return;
    intent = hv_intent_new(verb);
    intent->id = id;
    intent->force = force;
    console->asked_serial = hv_console_submit(console, intent);
    console->asked_id = id;
    console->asked_verb = verb;
}

void
hv_console_undo(HvConsole *console, guint64 id)
{
    ask(console, id, HV_INTENT_UNDO, FALSE);
}

void
hv_console_redo(HvConsole *console, guint64 id)
{
    ask(console, id, HV_INTENT_REDO, FALSE);
}

void
hv_console_ask_again(HvConsole *console, guint64 id, gboolean redo)
{
    ask(console, id, redo ? HV_INTENT_REDO : HV_INTENT_UNDO, TRUE);
}

/* What a command printed. A terminal's tabs are not a canvas's. */
static GPtrArray *
lines_of(const char *text)
{
    g_auto(GStrv) pieces = g_strsplit(text, "\n", -1);
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    for (char **piece = pieces; *piece; piece++) {
        g_auto(GStrv) cells = g_strsplit(*piece, "\t", -1);

        g_ptr_array_add(lines, g_strjoinv("  ", cells));
    }
    while (lines->len && !*(const char *)g_ptr_array_index(lines, lines->len - 1))
        g_ptr_array_set_size(lines, (int)lines->len - 1);
    return lines;
}

static void
show_text(HvConsole *console, const HvAnswer *answer)
{
    const guint n_typed = console->typed->len;
    GPtrArray *lines = lines_of(answer->text ? answer->text : "");

    if (lines->len > 1) {
        hv_dialog_text(console, n_typed ? g_ptr_array_index(console->typed, n_typed - 1) : "",
                       lines);
        return;
    }
    hv_console_say(console, answer->status ? HV_ROLE_HOT : HV_ROLE_TEXT, "%s",
                   lines->len ? (const char *)g_ptr_array_index(lines, 0) : _("done"));
    g_ptr_array_unref(lines);
}

static void
show_refusal(HvConsole *console, const HvAnswer *answer)
{
    const gboolean can_force = answer->serial && answer->serial == console->asked_serial &&
                               console->asked_verb != HV_INTENT_PLAN;

    if (can_force && g_error_matches(answer->error, HV_ERROR, HV_ERROR_CONFLICT))
        hv_dialog_conflict(console, console->asked_id, console->asked_verb == HV_INTENT_REDO,
                           answer->error);
    else
        hv_console_say_error(console, answer->error);
}

/* What became of it, whether or not its dialog is still open. */
static void
say_outcome(HvConsole *console, const HvPlan *plan)
{
    const HvRole role = plan->state == HV_PLAN_APPLIED ? HV_ROLE_GOOD : HV_ROLE_HOT;

    if (plan->summary)
        hv_console_say(console, role, "%s", plan->summary);
    else
        hv_console_say(console, role, "%s: %s", plan->title, hv_plan_state_name(plan->state));
}

static void
take_unclaimed(HvConsole *console, HvAnswer *answer)
{
    switch (answer->kind) {
    case HV_ANSWER_PLAN:
        if (answer->serial == console->asked_serial)
            hv_dialog_plan(console, g_steal_pointer(&answer->plan));
        break;
    case HV_ANSWER_REFUSED:
        show_refusal(console, answer);
        break;
    case HV_ANSWER_TEXT:
        show_text(console, answer);
        break;
    case HV_ANSWER_OUTCOME:
    case HV_ANSWER_PROGRESS:
    case HV_ANSWER_CHOICES:
    default:
        break;
    }
}

void
hv_console_answer(HvConsole *console, HvAnswer *take_answer)
{
    g_autoptr(HvAnswer) answer = take_answer;

    if (answer->kind == HV_ANSWER_OUTCOME) {
        say_outcome(console, answer->plan);
        hv_console_note_armed(console, answer->plan);
    }
    if (!hv_dialog_answer(console, answer))
        take_unclaimed(console, answer);
}
