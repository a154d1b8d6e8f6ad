/* A change that reverts by itself unless somebody confirms it: the countdown on every screen,
 * and the key that keeps it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/console-private.h"
#include "tui/pick.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)

static gint64
boottime_ns(const HvConsole *console)
{
    const HvBackend *backend = console->backend;

    return backend->boottime_ns ? backend->boottime_ns(backend->data) : 0;
}

static gboolean
is_orphaned(const HvTable *changes, int row)
{
    return g_strcmp0(hv_pick_text(changes, row, "confirm"), "orphaned") == 0;
}

/* The one that reverts next, or was to: its row, or -1. One whose steps still run has no
 * deadline yet. */
static int
find_armed(const HvTable *changes)
{
    guint64 first_ns = G_MAXUINT64;
    int found = -1;

    for (int i = 0; changes && i < (int)hv_table_n_rows(changes); i++) {
        guint64 deadline_ns = G_MAXUINT64;

        if (g_strcmp0(hv_pick_text(changes, i, "confirm"), "armed") != 0 &&
            !is_orphaned(changes, i))
            continue;
        hv_pick_u64(changes, i, "deadline_ns", &deadline_ns);
        if (found < 0 || deadline_ns < first_ns) {
            found = i;
            first_ns = deadline_ns;
        }
    }
    return found;
}

void
hv_console_look_for_armed(HvConsole *console)
{
    const HvTable *changes = hv_snapshot_table(console->now, "changes");
    const int row = find_armed(changes);
    guint64 id = 0, deadline_ns = 0;

    if (hv_table_column(changes, "confirm") < 0)
        return;
    console->armed_id = 0;
    console->armed_until_ns = 0;
    if (row < 0 || !hv_pick_u64(changes, row, "change", &id))
        return;
    console->armed_id = id;
    console->is_orphaned = is_orphaned(changes, row);
    if (hv_pick_u64(changes, row, "deadline_ns", &deadline_ns))
        console->armed_until_ns = (gint64)deadline_ns;
}

char *
hv_console_armed_text(const HvConsole *console, gboolean with_key)
{
    const gint64 now_ns = boottime_ns(console);
    const gint64 left_ns = console->armed_until_ns - now_ns;
    const gboolean is_over = now_ns && console->armed_until_ns && left_ns <= 0;
    char left[32];

    if (!console->armed_id)
        return NULL;
    if (console->is_orphaned) {
        return g_strdup_printf(_("plan %1$" G_GUINT64_FORMAT ": its guard is gone, so it does "
                                 "not revert%2$s"),
                               console->armed_id, with_key ? _(": K keeps it") : "");
    }
    if (is_over)
        g_strlcpy(left, _("is being reverted"), sizeof left);
    else if (now_ns && console->armed_until_ns)
        g_snprintf(left, sizeof left, _("reverts in %d s"),
                   (int)((left_ns + NS_PER_S - 1) / NS_PER_S));
    else
        g_strlcpy(left, _("reverts unless confirmed"), sizeof left);
    return g_strdup_printf("%s %" G_GUINT64_FORMAT " %s%s", _("plan"), console->armed_id, left,
                           with_key && !is_over ? _(": K keeps it") : "");
}

void
hv_console_note_armed(HvConsole *console, const HvPlan *plan)
{
    if (plan->confirm != HV_CONFIRM_ARMED || plan->state != HV_PLAN_APPLIED)
        return;
    console->armed_id = plan->id;
    console->is_orphaned = FALSE;
    console->armed_until_ns = plan->deadline_ns;
}

void
hv_console_confirm(HvConsole *console, guint64 id)
{
    HvIntent *intent;

    if (hv_console_refuse_read_only(console))
        return;
    intent = hv_intent_new(HV_INTENT_CONFIRM);
    intent->id = id;
    hv_console_submit(console, intent);
}
