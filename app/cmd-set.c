/* set: one or more knobs get a value; one plan, one journal entry. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/change.h"
#include "model/i18n.h"

static GPtrArray *
parse_wishes(const HvOptions *options, GError **error)
{
    g_autoptr(GPtrArray) wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);

    if (!options->arguments->len) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("set: no KNOB=VALUE given: see hvtune set --help"));
        return NULL;
    }
    for (guint i = 0; i < options->arguments->len; i++) {
        HvWish *wish = hv_wish_parse(g_ptr_array_index(options->arguments, i), error);

        if (!wish)
            return NULL;
        g_ptr_array_add(wishes, wish);
    }
    return g_steal_pointer(&wishes);
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(GPtrArray) wishes = parse_wishes(options, error);
    g_autoptr(HvPlan) plan = NULL;
    HvActOptions act;

    if (!wishes || !hv_change_check(app, options, error))
        return -1;
    hv_change_begin(app, options, output);
    hv_app_act_options(app, options, &act);
    plan = hv_plan_make(hv_app_parts(app), wishes, &act, error);
    return hv_change_apply(app, options, plan, output, error);
}

extern const HvCommand hv_command_set;
const HvCommand hv_command_set = {
    .name = "set",
    .usage = "[--dry-run] KNOB=VALUE…",
    .help = N_("change knobs, as one plan that is undone as a whole"),
    .details =
        N_("KNOB is a path as printed by hvtune get, or a glob. Every wish is checked before "
           "anything is written;\n"
           "one that is refused refuses all. The journal has the plan before the first write."),
    .options = HV_OPTION_DRY_RUN | HV_OPTION_PERSIST | HV_OPTION_FORCE | HV_OPTION_RATE |
               HV_OPTION_CONFIRM | HV_OPTION_EFFECT,
    .run = run,
};
