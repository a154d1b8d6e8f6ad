/* The black box: a recording that went on while nobody was logged in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/blackbox.h"

#include "app/from.h"
#include "host/host.h"

#define FILE_NAME "blackbox.hvlog"
#define N_SAMPLES 60 /* as many as a sparkline shows */
#define FRESH_NS G_GINT64_CONSTANT(15000000000)

struct HvBlackboxPast {
    HvPlayer *player;
    gint64 at_ns, last_ns;
    gboolean is_over;
};

HvPlayer *
hv_blackbox_open(HvApp *app)
{
    const HvHost *host = hv_app_parts(app)->host;
    g_autofree char *path = g_build_filename(hv_app_state_dir(app), FILE_NAME, NULL);
    g_autoptr(GError) error = NULL;
    HvPlayer *player;

    if (!hv_host_is_live(host) || hv_host_is_simulated(host) ||
        !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return NULL;
    player = hv_player_open(path, hv_app_player_parts(), &error);
    if (!player)
        g_debug("%s", error->message); /* the console is there without its past */
    return player;
}

HvBlackboxPast *
hv_blackbox_past_new(HvApp *app)
{
    g_autoptr(HvPlayer) player = hv_blackbox_open(app);
    const gint64 now_ns = hv_host_realtime_ns(hv_app_parts(app)->host);
    gint64 first_ns, last_ns;
    HvBlackboxPast *past;

    if (!player || !hv_player_range(player, &first_ns, &last_ns) || last_ns > now_ns ||
        now_ns - last_ns > FRESH_NS)
        return NULL;
    past = g_new0(HvBlackboxPast, 1);
    past->at_ns = hv_player_beside(player, last_ns, 1 - N_SAMPLES);
    past->last_ns = last_ns;
    past->player = g_steal_pointer(&player);
    return past;
}

HvSnapshot *
hv_blackbox_past_next(gpointer data)
{
    HvBlackboxPast *past = data;
    HvSnapshot *snapshot = past->is_over ? NULL : hv_player_at(past->player, past->at_ns, NULL);
    gint64 next_ns;

    if (!snapshot)
        return NULL;
    next_ns = hv_player_beside(past->player, past->at_ns, 1);
    past->is_over = next_ns <= past->at_ns || next_ns > past->last_ns;
    past->at_ns = next_ns;
    return snapshot;
}

void
hv_blackbox_past_free(HvBlackboxPast *past)
{
    if (!past)
        return;
    hv_player_free(past->player);
    g_free(past);
}
