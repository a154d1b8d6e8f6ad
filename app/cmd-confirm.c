/* confirm: what would revert by itself stays. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/change.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "session/guard.h"

static gboolean
parse_id(const HvOptions *options, guint64 *id, GError **error)
{
    if (options->arguments->len == 0)
        return TRUE;
    if (options->arguments->len == 1 &&
        hv_parse_u64(options->arguments->pdata[0], G_MAXINT64, id, NULL) && *id)
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("confirm: one ID at most, a number as in hvtune journal"));
    return FALSE;
}

/* That nothing waits, or no such plan, is an answer, no bad input. */
static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    HvActOptions act;
    guint64 id = 0;
    GError *why = NULL;

    if (!parse_id(options, &id, error) || !hv_change_check(app, options, error))
        return -1;
    hv_app_act_options(app, options, &act);
    if (hv_guard_confirm(hv_app_parts(app), &act, &id, &why)) {
        g_string_append_printf(output->out,
                               _("plan %1$" G_GUINT64_FORMAT
                                 " stays; hvtune undo %1$" G_GUINT64_FORMAT " takes it back\n"),
                               id);
        return 0;
    }
    g_propagate_error(error, why);
    return g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT) ? 1 : -1;
}

extern const HvCommand hv_command_confirm;
const HvCommand hv_command_confirm = {
    .name = "confirm",
    .usage = "[ID]",
    .help = N_("keep what would revert; without ID the newest plan that waits"),
    .details = N_("A plan applied with --confirm SECONDS is taken back by its guard at its "
                  "deadline, also when hvtune\n"
                  "was killed or the line dropped, unless it is confirmed before."),
    .run = run,
};
