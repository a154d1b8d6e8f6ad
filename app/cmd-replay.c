/* replay: the console on a recording. Here are its words; app/main.c opens the screen. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/commands.h"
#include "model/i18n.h"

/* In a line of `do` or behind `:`. */
static int
run(HvApp *app G_GNUC_UNUSED, const HvOptions *options G_GNUC_UNUSED,
    HvOutput *output G_GNUC_UNUSED, GError **error)
{
    g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("replay: opens a console of its own: hvtune replay FILE"));
    return -1;
}

extern const HvCommand hv_command_replay;
const HvCommand hv_command_replay = {
    .name = "replay",
    .usage = "FILE [--at TIME] [--speed NUMBER]",
    .help = N_("the console on a recording"),
    .details =
        N_("Space plays and pauses, + and - change the speed, comma and full stop go by "
           "samples, [ and ]\nby changes, notes and findings, b goes to a time, = compares. "
           "A recording that is still being\nwritten is followed."),
    .names_recording = TRUE,
    .reads = TRUE,
    .run = run,
};
