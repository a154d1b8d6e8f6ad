/* A change that reverts by itself unless somebody confirms it: the countdown on every screen,
 * and the key that keeps it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/console-private.h"
#include "tui/pick.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)

/* The one that reverts next. */
static void
look_up(HvConsole *console)
{
    const HvTable *changes = hv_snapshot_table(console->now, "changes");
    gint64 first_ns = G_MAXINT64;
    guint64 id, deadline_ns;

    for (int i = 0; changes && i < (int)hv_table_n_rows(changes); i++)
        if (g_strcmp0(hv_pick_text(changes, i, "confirm"), "armed") == 0 &&
            hv_pick_u64(changes, i, "change", &id) &&
            hv_pick_u64(changes, i, "deadline_ns", &deadline_ns) &&
            (gint64)deadline_ns < first_ns) {
            first_ns = (gint64)deadline_ns;
            console->armed_id = id;
        }
    console->armed_until_ns = first_ns;
}

void
hv_console_look_for_armed(HvConsole *console)
{
    const HvTable *changes = hv_snapshot_table(console->now, "changes");

    if (hv_table_column(changes, "confirm") < 0)
        return;
    console->armed_id = 0;
    look_up(console);
}

char *
hv_console_armed_text(const HvConsole *console, gboolean with_key)
{
    const HvBackend *backend = console->backend;
    const gint64 left_ns = console->armed_until_ns - backend->realtime_ns(backend->data);
    char left[32];

    if (!console->armed_id)
        return NULL;
    g_snprintf(left, sizeof left, _("reverts in %d s"),
               (int)((MAX(left_ns, 0) + NS_PER_S - 1) / NS_PER_S));
    return g_strdup_printf("%s %" G_GUINT64_FORMAT " %s%s", _("plan"), console->armed_id,
                           left_ns > 0 ? left : _("is being reverted"),
                           with_key && left_ns > 0 ? _(": K keeps it") : "");
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
