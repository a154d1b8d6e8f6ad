/* guard: takes a plan back at its deadline unless it is confirmed; started by hvtune itself. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/change.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "session/guard.h"

/* What it needs to take the plan back stands ready before the deadline, so that it does not
 * have to be waited for then. */
static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autofree char *said = NULL;
    HvActOptions act;
    guint64 id = 0;

    if (options->arguments->len != 1 ||
        !hv_parse_u64(options->arguments->pdata[0], G_MAXINT64, &id, NULL) || id == 0) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("guard: needs one ID, as in hvtune journal"));
        return -1;
    }
    if (!hv_change_check(app, options, error) || !hv_app_journal(app, error) ||
        !hv_journal_take_guard(hv_app_journal(app, NULL), id, error))
        return -1;
    hv_app_connect(app);
    hv_app_act_options(app, options, &act);
    if (!hv_guard_run(hv_app_parts(app), &act, id, &said, error))
        return -1;
    if (said)
        g_string_append_printf(output->out, "%s\n", said);
    return 0;
}

extern const HvCommand hv_command_guard;
const HvCommand hv_command_guard = {
    .name = "guard",
    .usage = "ID",
    .help = N_("take a plan back at its deadline unless it is confirmed"),
    .is_hidden = TRUE,
    .run = run,
};
