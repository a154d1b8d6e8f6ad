/* The timeline under a console that looks at its past: how it looks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/timeline.h"

#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define DAY_NS (86400 * NS_PER_S)
#define NEAR_NS (600 * NS_PER_S) /* a mark farther away is not spoken of */

gboolean
hv_timeline_get(const HvConsole *console, HvTimeline *timeline)
{
    const HvBackend *backend = console->backend;

    *timeline = (HvTimeline){ 0 };
    return backend->timeline && backend->timeline(backend->data, timeline);
}

gboolean
hv_timeline_is_shown(const HvConsole *console, const HvTimeline *timeline, int rows)
{
    return timeline->is_open && timeline->marks && !console->hides_timeline &&
           rows >= HV_CONSOLE_MIN_ROWS + HV_TIMELINE_ROWS;
}

/* With the day where the recording is longer than one. */
static char *
clock_text(const HvTimeline *timeline, gint64 time_ns)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_ns / NS_PER_S);
    g_autoptr(GDateTime) local = utc ? g_date_time_to_timezone(utc, timeline->zone) : NULL;

    if (!local)
        return g_strdup("–");
    return g_date_time_format(
        local, timeline->last_ns - timeline->first_ns > DAY_NS ? "%a %H:%M:%S" : "%H:%M:%S");
}

static int
column_of(const HvTimeline *timeline, int left, int right, gint64 time_ns)
{
    const double length = (double)MAX(timeline->last_ns - timeline->first_ns, 1);
    const double ratio = (double)(time_ns - timeline->first_ns) / length;

    return left + (int)lround(CLAMP(ratio, 0, 1) * (right - left));
}

static const char *
sign_of(HvTimeMarkKind kind, gboolean ascii)
{
    switch (kind) {
    case HV_TIME_MARK_CHANGE:
        return ascii ? "*" : "◆";
    case HV_TIME_MARK_NOTE:
        return ascii ? "o" : "●";
    case HV_TIME_MARK_FINDING:
        return "!";
    case HV_TIME_MARK_GAP:
    default:
        return ascii ? "x" : "╳";
    }
}

static HvRole
role_of(HvTimeMarkKind kind)
{
    switch (kind) {
    case HV_TIME_MARK_CHANGE:
        return HV_ROLE_HOT;
    case HV_TIME_MARK_NOTE:
        return HV_ROLE_GOOD;
    case HV_TIME_MARK_FINDING:
    case HV_TIME_MARK_GAP:
    default:
        return HV_ROLE_WARM;
    }
}

/* Changes and notes lie over findings, and those over gaps. */
static void
draw_marks(const HvTimeline *timeline, HvCanvas *canvas, int y, int left, int right)
{
    static const HvTimeMarkKind order[] = { HV_TIME_MARK_GAP, HV_TIME_MARK_FINDING,
                                            HV_TIME_MARK_NOTE, HV_TIME_MARK_CHANGE };

    for (guint kind = 0; kind < G_N_ELEMENTS(order); kind++)
        for (guint i = 0; i < timeline->marks->len; i++) {
            const HvTimeMark *mark = timeline->marks->pdata[i];

            if (mark->kind == order[kind])
                hv_canvas_print(canvas, column_of(timeline, left, right, mark->time_ns), y,
                                role_of(mark->kind), sign_of(mark->kind, canvas->ascii));
        }
}

static char *
state_text(const HvTimeline *timeline, gboolean ascii)
{
    char speed[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(speed, sizeof speed, "%g", timeline->speed);
    if (!timeline->is_replay)
        return g_strdup(_("past"));
    if (timeline->is_playing)
        return g_strdup_printf("%s %sx", ascii ? ">" : "▶", speed);
    return g_strdup_printf("%s %sx", ascii ? "=" : "‖", speed);
}

static void
draw_line(HvConsole *console, HvCanvas *canvas, const HvTimeline *timeline, int y)
{
    g_autofree char *state = state_text(timeline, canvas->ascii);
    g_autofree char *first = clock_text(timeline, timeline->first_ns);
    g_autofree char *last = clock_text(timeline, timeline->last_ns);
    g_autofree char *at = clock_text(timeline, timeline->at_ns);
    g_autofree char *here =
        g_strdup_printf(_("%s%s  at %s "), last, timeline->is_growing ? "+" : "", at);
    int x = hv_canvas_print(canvas, 1, y, HV_ROLE_TITLE, state) + 2;
    const int end = canvas->columns - hv_text_width(here) - 1;

    x = hv_canvas_print(canvas, x, y, HV_ROLE_DIM, first) + 1;
    hv_canvas_print(canvas, end, y, HV_ROLE_DIM, here);
    console->timeline_left = x + 1;
    console->timeline_right = end - 3;
    if (console->timeline_right <= console->timeline_left)
        return;
    hv_canvas_print(canvas, x, y, HV_ROLE_BOX, canvas->ascii ? "|" : "├");
    for (int i = console->timeline_left; i <= console->timeline_right; i++)
        hv_canvas_print(canvas, i, y, HV_ROLE_BOX, canvas->ascii ? "-" : "─");
    hv_canvas_print(canvas, console->timeline_right + 1, y, HV_ROLE_BOX,
                    canvas->ascii ? "|" : "┤");
    draw_marks(timeline, canvas, y, console->timeline_left, console->timeline_right);
    hv_canvas_print(
        canvas,
        column_of(timeline, console->timeline_left, console->timeline_right, timeline->at_ns),
        y, HV_ROLE_TITLE, canvas->ascii ? "^" : "┃");
}

/* Changes and notes are what one looks for; a finding is spoken of where there are none near.
 */
static const HvTimeMark *
nearest(const HvTimeline *timeline)
{
    const HvTimeMark *best = NULL;
    gint64 best_ns = NEAR_NS;

    for (guint i = 0; i < timeline->marks->len; i++) {
        const HvTimeMark *mark = timeline->marks->pdata[i];
        gint64 away_ns = ABS(mark->time_ns - timeline->at_ns);

        if (mark->kind == HV_TIME_MARK_FINDING || mark->kind == HV_TIME_MARK_GAP)
            away_ns += NEAR_NS / 2;
        if (away_ns < best_ns) {
            best_ns = away_ns;
            best = mark;
        }
    }
    return best;
}

static void
draw_nearest(HvConsole *console, HvCanvas *canvas, const HvTimeline *timeline, int y)
{
    const HvTimeMark *mark = nearest(timeline);
    const char *hint = !timeline->is_replay   ? _("b: back to now")
                       : console->is_own_view ? _("your view: F follows the operator's")
                       : timeline->view       ? _("the operator's view")
                                              : "";
    const int end = canvas->columns - hv_text_width(hint) - 1;
    g_autofree char *clock = mark ? clock_text(timeline, mark->time_ns) : NULL;
    int x = 1;

    hv_canvas_print(canvas, end, y, HV_ROLE_DIM, hint);
    if (!mark)
        return;
    x = hv_canvas_print(canvas, x, y, role_of(mark->kind), sign_of(mark->kind, canvas->ascii)) +
        1;
    x = hv_canvas_print(canvas, x, y, HV_ROLE_DIM, clock) + 1;
    hv_canvas_print_in(canvas, x, y, MAX(end - x - 1, 0), -1, HV_ROLE_TEXT, mark->text);
}

void
hv_timeline_draw(HvConsole *console, HvCanvas *canvas, const HvTimeline *timeline)
{
    const int top = canvas->rows - HV_TIMELINE_ROWS;

    hv_canvas_fill(canvas, 0, top, canvas->columns, HV_TIMELINE_ROWS, HV_ROLE_TEXT, " ");
    draw_line(console, canvas, timeline, top);
    draw_nearest(console, canvas, timeline, top + 1);
}

void
hv_timeline_follow(HvConsole *console, const HvTimeline *timeline)
{
    console->follows = timeline->is_replay && !console->is_own_view;
    if (!timeline->is_replay || console->is_own_view || !timeline->view ||
        console->asks_above || timeline->view_serial == console->view_serial)
        return;
    hv_console_restore_view(console, timeline->view);
    console->view_serial = timeline->view_serial;
}
