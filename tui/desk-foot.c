/* The foot of the Desk: who does not answer, what has just happened, and why there is no VM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/text.h"
#include "tui/desk.h"
#include "tui/dialog.h"
#include "tui/findings.h"
#include "tui/pick.h"

typedef struct {
    HvRole role;
    char *text;
} Notice;

static void
clear_notice(gpointer data)
{
    g_free(((Notice *)data)->text);
}

static void
add_notice(GArray *notices, HvRole role, char *take_text)
{
    const Notice notice = { role, take_text };

    g_array_append_val(notices, notice);
}

/* "libvirt slow 12 s: reason: cure" */
static void
add_source(GArray *notices, const HvTable *sources, int row, const char *state)
{
    const char *why = hv_pick_text(sources, row, "why"),
               *cure = hv_pick_text(sources, row, "cure");
    GString *text = g_string_new(hv_pick_text(sources, row, "source"));
    double age_ms;

    g_string_append_printf(text, " %s", _(state));
    if (hv_pick_f64(sources, row, "age_ms", &age_ms) && age_ms >= 2000) {
        char age[16];

        hv_text_duration(age, sizeof age, (gint64)(age_ms * 1e6));
        g_string_append_printf(text, " %s", age);
    }
    if (why)
        g_string_append_printf(text, ": %s", why);
    if (cure)
        g_string_append_printf(text, ": %s", cure);
    add_notice(notices, HV_ROLE_HOT, g_string_free(text, FALSE));
}

static void
add_sources(GArray *notices, const HvSnapshot *now)
{
    const HvTable *sources = hv_snapshot_table(now, "sources");

    for (int i = 0; sources && i < (int)hv_table_n_rows(sources); i++) {
        const char *state = hv_pick_text(sources, i, "state");

        if (g_strcmp0(state, "slow") == 0 || g_strcmp0(state, "failed") == 0)
            add_source(notices, sources, i, state);
    }
}

static void
add_watches(GArray *notices, const HvSnapshot *now)
{
    const HvTable *watches = hv_snapshot_table(now, "watches");
    const int value = hv_table_column(watches, "value");

    for (guint i = 0; watches && i < hv_table_n_rows(watches); i++)
        if (!hv_mark_has_value(hv_table_mark(watches, i, value)))
            add_notice(notices, HV_ROLE_WARM,
                       g_strdup_printf(_("watch %s: %s"),
                                       hv_pick_text(watches, (int)i, "watch"),
                                       _(hv_table_reason(watches, i, value))));
}

static void
add_events(GArray *notices, const HvSnapshot *now, guint max)
{
    const HvTable *events = hv_snapshot_table(now, "events");

    for (int i = events ? (int)hv_table_n_rows(events) - 1 : -1; i >= 0 && notices->len < max;
         i--) {
        const char *vm = hv_pick_text(events, i, "vm"), *text = hv_pick_text(events, i, "text");
        guint64 time_ns = 0;
        g_autofree char *clock = NULL;

        hv_pick_u64(events, i, "time_ns", &time_ns);
        clock = hv_pick_clock(time_ns);
        add_notice(notices, HV_ROLE_DIM,
                   g_strdup_printf("%s %s%s%s", clock, vm ? vm : "", vm && *vm ? ": " : "",
                                   text ? text : "–"));
    }
}

/* What was changed last stands on top. The costliest finding and its cure come next, but the
 * first late source has its line, and the newest event where there is room. */
int
hv_desk_foot(const HvView *view, HvCanvas *canvas, int bottom, int max_rows, const char *marked)
{
    g_autoptr(GArray) notices = g_array_new(FALSE, FALSE, sizeof(Notice));
    const HvTable *events = hv_snapshot_table(view->now, "events");
    const int n_events = max_rows > 6 && events && hv_table_n_rows(events) ? 1 : 0;
    const int wanted = hv_findings_rows(view->now, canvas->columns);
    const int n_changes = MIN(hv_desk_change_rows(view), max_rows);
    int n_findings = 0, top, y;

    max_rows -= n_changes;
    g_array_set_clear_func(notices, clear_notice);
    add_sources(notices, view->now);
    add_watches(notices, view->now);
    if (wanted)
        n_findings =
            MIN(wanted, MAX(max_rows - MIN((int)notices->len, 1) - n_events, MIN(max_rows, 2)));
    add_events(notices, view->now, (guint)MAX(max_rows - n_findings, 0));
    y = bottom - n_findings - MIN((int)notices->len, max_rows - n_findings) - n_changes;
    top = y;
    y = hv_desk_change_draw(view, canvas, y, n_changes);
    y = hv_findings_draw(view, canvas, y, n_findings, marked);
    for (guint i = 0; i < notices->len && y < bottom; i++, y++) {
        const Notice *notice = &g_array_index(notices, Notice, i);

        hv_canvas_print_in(canvas, 1, y, canvas->columns - 1, -1, notice->role, notice->text);
    }
    return top;
}

static int
say(HvCanvas *canvas, int y, int bottom, HvRole role, const char *text)
{
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(text, canvas->columns - 2);

    for (guint i = 0; i < lines->len && y < bottom; i++)
        hv_canvas_print(canvas, 1, y++, role, g_ptr_array_index(lines, i));
    return y;
}

static gboolean
finds_vms(const char *source)
{
    return source && (g_str_has_prefix(source, "libvirt") ||
                      g_str_has_prefix(source, "guests") || g_str_has_prefix(source, "vms"));
}

/* A source that could show VMs and does not, with its cure. */
static int
say_source(HvCanvas *canvas, int y, int bottom, const HvTable *sources, int row)
{
    const char *state = hv_pick_text(sources, row, "state"),
               *why = hv_pick_text(sources, row, "why");
    const char *cure = hv_pick_text(sources, row, "cure");
    g_autofree char *text =
        g_strdup_printf("%s %s%s%s", hv_pick_text(sources, row, "source"),
                        state ? _(state) : "–", why ? ": " : "", why ? why : "");
    g_autofree char *cure_text = cure ? g_strdup_printf(_("cure: %s"), cure) : NULL;

    y = say(canvas, y, bottom, HV_ROLE_TEXT, text);
    return cure_text ? say(canvas, y, bottom, HV_ROLE_DIM, cure_text) : y;
}

void
hv_desk_nobody(const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const HvTable *sources = hv_snapshot_table(view->now, "sources");
    const char *why = vms ? hv_table_why(vms) : NULL;
    int y;

    if (!view->now->tick) {
        say(canvas, top, bottom, HV_ROLE_DIM, _("looking…"));
        return;
    }
    y = say(canvas, top, bottom, HV_ROLE_TITLE,
            why ? why : _("no VM here: neither libvirt nor procfs shows one"));
    for (int i = 0; sources && i < (int)hv_table_n_rows(sources); i++)
        if (finds_vms(hv_pick_text(sources, i, "source")) &&
            g_strcmp0(hv_pick_text(sources, i, "state"), "ok") != 0)
            y = say_source(canvas, y, bottom, sources, i);
}
