/* undo and redo: plans that take back an entry of the journal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/change.h"
#include "host/parse.h"
#include "model/i18n.h"

/* FALSE with MALFORMED; @id stays 0 where none is given. */
static gboolean
parse_id(const HvOptions *options, guint64 *id, GError **error)
{
    const char *text = options->arguments->len ? options->arguments->pdata[0] : NULL;

    if (options->arguments->len > 1 || (text && hv_options_has(options, HV_OPTION_ALL))) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: one ID at most: see hvtune %s --help"), options->command,
                    options->command);
        return FALSE;
    }
    if (text && (!hv_parse_u64(text, G_MAXINT64, id, NULL) || !*id)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: not an ID: a number as in hvtune journal"), text);
        return FALSE;
    }
    return TRUE;
}

static guint64
newest(HvApp *app, const HvActOptions *act)
{
    HvJournal *journal = hv_app_journal(app, NULL);

    return journal ? hv_journal_newest_applied(journal, act->machine_id, act->boot_id) : 0;
}

/* For what stops guests: the name must be this host's. */
static gboolean
check_outage(HvApp *app, const HvOptions *options, GError **error)
{
    g_autofree char *name = NULL;

    if (!options->outage)
        return TRUE;
    name = hv_host_read_text(hv_app_parts(app)->host, "proc/sys/kernel/hostname", 0, error);
    if (!name)
        return FALSE;
    if (g_str_equal(g_strstrip(name), options->outage))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: this host is called %s: --outage=%s: nothing is changed"),
                options->command, name, name);
    return FALSE;
}

static int
undo_one(HvApp *app, const HvOptions *options, guint64 id, HvOutput *output, GError **error)
{
    g_autoptr(HvPlan) plan = NULL;
    HvActOptions act;

    hv_app_act_options(app, options, &act);
    plan = hv_plan_make_undo(hv_app_parts(app), id, &act, error);
    return hv_change_apply(app, options, plan, output, error);
}

/* The newest first; each is an entry of its own. Ends when one is not taken back, so that none
 * is tried twice. */
static int
undo_all(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    HvActOptions act;
    guint64 former = 0;
    int status = 0;

    hv_app_act_options(app, options, &act);
    for (guint64 id; status == 0 && (id = newest(app, &act)) && id != former; former = id) {
        status = undo_one(app, options, id, output, error);
        if (hv_options_has(options, HV_OPTION_DRY_RUN))
            return status;
    }
    return status;
}

static int
run_undo(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    HvActOptions act;
    guint64 id = 0;

    if (!parse_id(options, &id, error) || !hv_change_check(app, options, error) ||
        !check_outage(app, options, error) || !hv_app_journal(app, error))
        return -1;
    hv_change_begin(app, options, output);
    hv_app_act_options(app, options, &act);
    if (!id && !newest(app, &act)) {
        g_set_error_literal(
            error, HV_ERROR, HV_ERROR_ABSENT,
            _("nothing to undo: no applied change of this host since its last start"));
        return 1;
    }
    if (hv_options_has(options, HV_OPTION_ALL))
        return undo_all(app, options, output, error);
    return undo_one(app, options, id, output, error);
}

static int
run_redo(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(HvPlan) plan = NULL;
    HvActOptions act;
    guint64 id = 0;

    if (!parse_id(options, &id, error))
        return -1;
    if (!id) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("redo: needs an ID: that of an undo, as in hvtune journal"));
        return -1;
    }
    if (!hv_change_check(app, options, error) || !check_outage(app, options, error) ||
        !hv_app_journal(app, error))
        return -1;
    hv_change_begin(app, options, output);
    hv_app_act_options(app, options, &act);
    plan = hv_plan_make_redo(hv_app_parts(app), id, &act, error);
    return hv_change_apply(app, options, plan, output, error);
}

extern const HvCommand hv_command_undo, hv_command_redo;
const HvCommand hv_command_undo = {
    .name = "undo",
    .usage = "[ID | --all] [--force]",
    .help = N_("take back a change; without ID the newest"),
    .details = N_("Refused where the value is no longer the one that the change left, or where "
                  "the entry is of another\n"
                  "boot, machine or guest; --force does it all the same. An undo is an entry "
                  "of its own: redo reverses it."),
    .options = HV_OPTION_ALL | HV_OPTION_FORCE | HV_OPTION_DRY_RUN | HV_OPTION_CONFIRM |
               HV_OPTION_OUTAGE | HV_OPTION_EFFECT,
    .run = run_undo,
};
const HvCommand hv_command_redo = {
    .name = "redo",
    .usage = "ID [--force]",
    .help = N_("reverse an undo"),
    .options = HV_OPTION_FORCE | HV_OPTION_DRY_RUN | HV_OPTION_CONFIRM | HV_OPTION_OUTAGE |
               HV_OPTION_EFFECT,
    .run = run_redo,
};
