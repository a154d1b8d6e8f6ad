/* The foot of the Desk: who does not answer, what has just happened, and why there is no VM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/text.h"
#include "tui/desk.h"
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
    const char *why = hv_pick_text(sources, row, "why"), *cure = hv_pick_text(sources, row, "cure");
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
add_events(GArray *notices, const HvSnapshot *now, guint max)
{
    const HvTable *events = hv_snapshot_table(now, "events");

    for (int i = events ? (int)hv_table_n_rows(events) - 1 : -1; i >= 0 && notices->len < max; i--) {
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

int
hv_desk_foot(const HvView *view, HvCanvas *canvas, int bottom, int max_rows)
{
    g_autoptr(GArray) notices = g_array_new(FALSE, FALSE, sizeof(Notice));
    int y;

    g_array_set_clear_func(notices, clear_notice);
    add_sources(notices, view->now);
    add_events(notices, view->now, (guint)MAX(max_rows, 0));
    y = bottom - MIN((int)notices->len, max_rows);
    for (int i = 0; y + i < bottom; i++) {
        const Notice *notice = &g_array_index(notices, Notice, i);

        hv_canvas_print_in(canvas, 1, y + i, canvas->columns - 1, -1, notice->role, notice->text);
    }
    return y;
}

static int
say(HvCanvas *canvas, int y, HvRole role, char *take_text)
{
    g_autofree char *text = take_text;

    hv_canvas_print_in(canvas, 1, y, canvas->columns - 1, -1, role, text);
    return y + 1;
}

static gboolean
finds_vms(const char *source)
{
    return source && (g_str_has_prefix(source, "libvirt") || g_str_has_prefix(source, "guests") ||
                      g_str_has_prefix(source, "vms"));
}

void
hv_desk_nobody(const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const HvTable *sources = hv_snapshot_table(view->now, "sources");
    int y = top;

    if (!view->now->tick) {
        say(canvas, y, HV_ROLE_DIM, g_strdup(_("looking…")));
        return;
    }
    y = say(canvas, y, HV_ROLE_TITLE, g_strdup(_("No VM here: neither libvirt nor procfs shows one.")));
    if (vms && hv_table_why(vms))
        y = say(canvas, y, HV_ROLE_TEXT, g_strdup(hv_table_why(vms)));
    for (int i = 0; sources && i < (int)hv_table_n_rows(sources) && y < bottom; i++) {
        const char *name = hv_pick_text(sources, i, "source");
        const char *state = hv_pick_text(sources, i, "state");
        const char *why = hv_pick_text(sources, i, "why"), *cure = hv_pick_text(sources, i, "cure");

        if (!finds_vms(name) || g_strcmp0(state, "ok") == 0)
            continue;
        y = say(canvas, y, HV_ROLE_TEXT,
                g_strdup_printf("%s %s%s%s", name, state ? _(state) : "–", why ? ": " : "", why ? why : ""));
        if (cure && y < bottom)
            y = say(canvas, y, HV_ROLE_DIM, g_strdup_printf("    %s", cure));
    }
}
