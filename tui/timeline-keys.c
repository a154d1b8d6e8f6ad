/* The timeline under a console that looks at its past: its keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "model/i18n.h"
#include "tui/timeline.h"

#define FAR_STEP 60

static void
submit_step(HvConsole *console, int n)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_STEP);

    intent->n = n;
    hv_console_submit(console, intent);
}

static void
submit_seek(HvConsole *console, gint64 time_ns)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_SEEK);

    intent->time_ns = time_ns;
    hv_console_submit(console, intent);
}

static void
submit_play(HvConsole *console, double speed)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_PLAY);

    intent->speed = speed;
    hv_console_submit(console, intent);
}

static void
go_to_mark(HvConsole *console, const HvTimeline *timeline, gboolean is_forth)
{
    const gint64 at_ns = timeline->is_open ? timeline->at_ns : timeline->last_ns;
    const HvTimeMark *best = NULL;

    for (guint i = 0; timeline->marks && i < timeline->marks->len; i++) {
        const HvTimeMark *mark = timeline->marks->pdata[i];

        if (mark->time_ns < timeline->first_ns || mark->time_ns > timeline->last_ns)
            continue;
        if (!is_forth && mark->time_ns < at_ns)
            best = mark;
        if (is_forth && mark->time_ns > at_ns && !best)
            best = mark;
    }
    if (best)
        submit_seek(console, best->time_ns);
    else
        hv_console_say(console, HV_ROLE_TEXT, "%s",
                       is_forth ? _("no change, note or finding after this")
                                : _("no change, note or finding before this"));
}

/* 0.1, 0.2, 0.5, 1, 2, 5 … 100 */
static double
next_speed(double speed, gboolean is_faster)
{
    static const double speeds[] = { 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100 };
    const guint n = G_N_ELEMENTS(speeds);

    for (guint i = 0; is_faster && i < n; i++)
        if (speeds[i] > speed * 1.01)
            return speeds[i];
    for (guint i = n; !is_faster && i-- > 0;)
        if (speeds[i] < speed * 0.99)
            return speeds[i];
    return is_faster ? speeds[n - 1] : speeds[0];
}

static void
typed_time(gpointer data, HvConsole *console, const char *text)
{
    HvIntent *intent =
        hv_intent_new(*text ? (HvIntentVerb)GPOINTER_TO_INT(data) : HV_INTENT_NOW);

    intent->line = *text ? g_strdup(text) : NULL;
    hv_console_submit(console, intent);
}

static void
ask_time(HvConsole *console, HvIntentVerb verb, const char *title, const char *help)
{
    hv_dialog_ask(console, title, help, "", typed_time, GINT_TO_POINTER((int)verb));
    console->asks_above = console->dialogs->len;
}

static void
ask_where_to(HvConsole *console)
{
    ask_time(console, HV_INTENT_SEEK, _("Go to a time"),
             _("14:02, 14:02:11, -5m, +4s; empty: now, or the end"));
}

static void
ask_compare(HvConsole *console)
{
    ask_time(console, HV_INTENT_COMPARE, _("Compare with a time"),
             _("what differs between the time in view and 14:02, -5m, +4s"));
}

/* Keys of a past that is in view, before those of the screen. */
static gboolean
past_key(HvConsole *console, const HvTimeline *timeline, guint key)
{
    switch (key) {
    case ',':
    case 'T':
        submit_step(console, -1);
        return TRUE;
    case '.':
    case 't':
        submit_step(console, 1);
        return TRUE;
    case '{':
        submit_step(console, -FAR_STEP);
        return TRUE;
    case '}':
        submit_step(console, FAR_STEP);
        return TRUE;
    case ' ':
        submit_play(console, timeline->is_playing ? 0 : timeline->speed);
        return TRUE;
    case '+':
        submit_play(console, next_speed(timeline->speed, TRUE));
        return TRUE;
    case '-':
        submit_play(console, next_speed(timeline->speed, FALSE));
        return TRUE;
    case '=':
        ask_compare(console);
        return TRUE;
    case 'Z':
        console->hides_timeline = !console->hides_timeline;
        console->repaint = TRUE;
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean
follow_key(HvConsole *console, const HvTimeline *timeline, guint key)
{
    if (key != 'F' || !timeline->is_replay)
        return FALSE;
    console->is_own_view = FALSE;
    console->view_serial = 0;
    return TRUE;
}

gboolean
hv_timeline_key(HvConsole *console, guint key)
{
    HvTimeline timeline;

    if (!hv_timeline_get(console, &timeline))
        return FALSE;
    if (console->asks_above) {
        if (console->dialogs->len >= console->asks_above)
            return FALSE; /* it is being typed */
        console->asks_above = 0;
    }
    if (console->prompt && (!timeline.is_replay || console->is_own_view))
        return FALSE;
    if (console->dialogs->len && (!timeline.is_replay || console->is_own_view))
        return FALSE;
    if (key == 'b') {
        ask_where_to(console);
        return TRUE;
    }
    if (key == '[' || key == ']') {
        go_to_mark(console, &timeline, key == ']');
        return TRUE;
    }
    if (timeline.is_open &&
        (past_key(console, &timeline, key) || follow_key(console, &timeline, key)))
        return TRUE;
    if (!timeline.is_open && (key == 't' || key == 'T')) {
        submit_step(console, key == 't' ? 1 : -1);
        return TRUE;
    }
    if (timeline.is_replay)
        console->is_own_view = TRUE;
    return FALSE;
}

void
hv_timeline_click(HvConsole *console, int x)
{
    HvTimeline timeline;
    const int width = console->timeline_right - console->timeline_left;
    double ratio;

    if (!hv_timeline_get(console, &timeline) || width <= 0)
        return;
    ratio = CLAMP((double)(x - console->timeline_left) / width, 0, 1);
    submit_seek(console, timeline.first_ns +
                             (gint64)(ratio * (double)(timeline.last_ns - timeline.first_ns)));
}
