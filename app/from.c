/* A recording in the place of a host: --from FILE [--at TIME]. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/from.h"

#include "model/derive.h"
#include "model/i18n.h"

const HvPlayerParts *
hv_app_player_parts(void)
{
    static HvPlayerParts parts;

    if (!parts.known) {
        parts.known = hv_app_schemas(); /* for the life of the program */
        parts.derives = hv_derives;
        parts.history = hv_app_history();
    }
    return &parts;
}

static void
free_player(gpointer player)
{
    hv_player_free(player);
}

HvPlayer *
hv_app_player(HvApp *app, GError **error)
{
    HvPlayer *player = hv_app_held_player(app);

    if (!player && (player = hv_player_open(hv_app_from(app), hv_app_player_parts(), error)))
        hv_app_hold_player(app, player, free_player);
    return player;
}

static gboolean
find_time(HvPlayer *player, const char *at, gint64 *time_ns, GError **error)
{
    gint64 first_ns;

    if (!hv_player_range(player, &first_ns, time_ns)) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED, _("nothing is recorded in it"));
        return FALSE;
    }
    return !at || hv_player_time(player, at, 0, time_ns, error);
}

int
hv_app_seek(HvApp *app, const char *at, GError **error)
{
    HvPlayer *player = hv_app_player(app, error);
    g_autoptr(HvSnapshot) snapshot = NULL;
    g_autoptr(GError) why = NULL;
    gint64 time_ns = 0;

    if (!player)
        return -1;
    if (find_time(player, at, &time_ns, &why))
        snapshot = hv_player_at(player, time_ns, &why);
    if (snapshot) {
        hv_app_show(app, snapshot);
        hv_app_set_sought_ns(app, time_ns);
        return 0;
    }
    g_propagate_prefixed_error(error, g_steal_pointer(&why), "%s: ", at ? at : _("the end"));
    return g_error_matches(*error, HV_ERROR, HV_ERROR_ABSENT) ? 1 : hv_app_status_of(*error);
}
