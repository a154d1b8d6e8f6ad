/* Recording, from the screen: on, off, marks, and what the picture depends on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/timeline.h"

enum { OFF, ON }; /* HvIntent.n of RECORD */

void
hv_console_look_at_recording(HvConsole *console, const HvTimeline *timeline)
{
    if (timeline->is_replay)
        return; /* what the operator saw is in the view */
    console->is_recording = timeline->is_recording;
    console->has_bad_disk = timeline->why != NULL;
    console->is_read_only = console->backend->read_only_why != NULL;
    console->is_past = timeline->is_open;
}

void
hv_console_record(HvConsole *console)
{
    HvTimeline timeline;
    HvIntent *intent;

    if (!hv_timeline_get(console, &timeline)) {
        hv_console_say(console, HV_ROLE_HOT, "%s", _("nothing can be recorded here"));
        return;
    }
    if (timeline.is_replay) {
        hv_console_say(console, HV_ROLE_TEXT, "%s", _("this is a recording already"));
        return;
    }
    intent = hv_intent_new(HV_INTENT_RECORD);
    intent->n = timeline.is_recording ? OFF : ON;
    hv_console_submit(console, intent);
}

/* The mark is of the moment when its key was pressed. */
typedef struct {
    gint64 time_ns;
} Mark;

static void
note(gpointer data, HvConsole *console, const char *text)
{
    const Mark *mark = data;
    HvIntent *intent;

    if (!*text)
        return;
    intent = hv_intent_new(HV_INTENT_NOTE);
    intent->time_ns = mark->time_ns;
    intent->line = g_strdup(text);
    intent->vm = g_strdup(console->vm);
    hv_console_submit(console, intent);
}

void
hv_console_note(HvConsole *console)
{
    static Mark mark; /* one at a time: the dialog is on top until it is answered */
    HvTimeline timeline;

    if (!hv_timeline_get(console, &timeline) || timeline.is_replay) {
        hv_console_say(console, HV_ROLE_TEXT, "%s",
                       _("notes are made while the session is on, not in a recording"));
        return;
    }
    mark.time_ns = console->backend->realtime_ns(console->backend->data);
    hv_dialog_ask(console, _("Note"), _("a mark at this moment, kept with the recording"), "",
                  note, &mark);
}

void
hv_console_tell_view(HvConsole *console)
{
    HvTimeline timeline;
    g_autofree char *view = NULL;
    HvIntent *intent;

    if (!hv_timeline_get(console, &timeline) || timeline.is_replay || timeline.is_open)
        return;
    view = hv_console_save_view(console);
    if (g_strcmp0(view, console->told_view) == 0)
        return;
    intent = hv_intent_new(HV_INTENT_VIEW);
    intent->time_ns = console->drawn_ns;
    intent->line = g_strdup(view);
    hv_console_submit(console, intent);
    g_free(console->told_view);
    console->told_view = g_steal_pointer(&view);
}
