/* recipe: one wish of a person becomes a plan of several steps. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <unistd.h>

#include "app/change.h"
#include "model/i18n.h"
#include "model/recipe.h"
#include "model/text.h"

#define LONGEST_NAME 256 /* bytes of a host's name as typed */
#define SHOWN_CHARS 60

static const HvRecipe *
find_recipe(const HvOptions *options)
{
    return options->arguments->len ? hv_recipe_find(hv_recipes, options->arguments->pdata[0])
                                   : NULL;
}

static gboolean
check_name(const HvOptions *options, const HvRecipe *recipe, GError **error)
{
    g_autofree char *shown = options->arguments->len
                                 ? hv_text_printable(options->arguments->pdata[0], SHOWN_CHARS)
                                 : NULL;

    if (recipe)
        return TRUE;
    if (shown)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("recipe: no recipe %s: see hvtune recipe --help"), shown);
    else
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("recipe: no NAME given: see hvtune recipe --help"));
    return FALSE;
}

/* ---- the host's name, for what stops its guests ---- */

/* One line that a person types. Nothing is buffered: what stands behind it is not ours. */
static char *
read_name(void)
{
    g_autoptr(GString) line = g_string_new(NULL);

    for (char byte; line->len < LONGEST_NAME && read(STDIN_FILENO, &byte, 1) == 1;) {
        if (byte == '\n')
            break;
        g_string_append_c(line, byte);
    }
    return g_strdup(g_strstrip(line->str));
}

static char *
ask_name(const HvRecipe *recipe, HvOutput *output)
{
    g_autofree char *question =
        g_strdup_printf(_("recipe %s stops guests of this host for a while: type the host's "
                          "name to go on"),
                        recipe->name);

    hv_output_note(output, question);
    return hv_output_flush(output, NULL) ? read_name() : g_strdup("");
}

/* A person at a terminal types it; a script, a line of `do` or `:` gives it. */
static gboolean
check_outage(HvApp *app, const HvOptions *options, const HvRecipe *recipe, HvOutput *output,
             GError **error)
{
    const gboolean can_ask =
        output->is_direct && !options->is_line && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    g_autofree char *name = NULL;
    g_autofree char *given = g_strdup(options->outage);

    if (!recipe->has_outage || hv_options_has(options, HV_OPTION_DRY_RUN))
        return TRUE;
    name = hv_host_read_text(hv_app_parts(app)->host, "proc/sys/kernel/hostname", 0, error);
    if (!name)
        return FALSE;
    g_strstrip(name);
    if (given && !*given && can_ask) {
        g_free(given);
        given = ask_name(recipe, output);
    }
    if (given && g_str_equal(given, name))
        return TRUE;
    if (given && *given)
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("recipe %s: this host is called %s, not %s: nothing is changed"),
                    recipe->name, name, given);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("recipe %s: stops guests for a while: --outage=%s says that it may, "
                      "--dry-run shows for how long"),
                    recipe->name, name);
    return FALSE;
}

/* ---- the command ---- */

static HvPlan *
make_plan(HvApp *app, const HvOptions *options, const HvRecipe *recipe, GError **error)
{
    g_autoptr(HvSnapshot) snapshot = hv_app_look(app, recipe->tables, options->interval_ns);
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    HvActOptions act;

    for (guint i = 1; i < options->arguments->len; i++)
        g_ptr_array_add(arguments, options->arguments->pdata[i]);
    g_ptr_array_add(arguments, NULL);
    hv_app_act_options(app, options, &act);
    return hv_plan_make_recipe(hv_app_parts(app), recipe->name,
                               (const char *const *)arguments->pdata, snapshot, &act, error);
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    const HvRecipe *recipe = find_recipe(options);
    g_autoptr(HvPlan) plan = NULL;

    if (!check_name(options, recipe, error) || !hv_change_check(app, options, error))
        return -1;
    hv_change_begin(app, options, output);
    plan = make_plan(app, options, recipe, error);
    if (plan && !check_outage(app, options, recipe, output, error)) /* wrong words come first */
        return -1;
    return hv_change_apply(app, options, plan, output, error);
}

/* Every recipe, or all that is known of the one that stands on the line. */
static void
append_help(const HvOptions *options, GString *help)
{
    const HvRecipe *one = options ? find_recipe(options) : NULL;

    g_string_append_printf(help, "\n%s\n", one ? _("recipe") : _("recipes"));
    for (const HvRecipe *const *recipe = hv_recipes; *recipe; recipe++) {
        if (one && *recipe != one)
            continue;
        g_string_append_printf(help, "  %s%s%s\n      %s\n", (*recipe)->name,
                               (*recipe)->usage ? " " : "",
                               (*recipe)->usage ? (*recipe)->usage : "", _((*recipe)->help));
    }
    if (one && one->details)
        g_string_append_printf(help, "\n%s\n", _(one->details));
}

extern const HvCommand hv_command_recipe;
const HvCommand hv_command_recipe = {
    .name = "recipe",
    .usage = "NAME ARGUMENT… [--dry-run]",
    .help = N_("one wish as a plan of several steps: move, share, …"),
    .details = N_("Looks at the host for --interval, makes the plan, checks every step of it "
                  "and carries it out as one,\n"
                  "which hvtune undo takes back whole. What would not be safe is refused with "
                  "the reason and the way out."),
    .options = HV_OPTION_DRY_RUN | HV_OPTION_FORCE | HV_OPTION_RATE | HV_OPTION_OUTAGE |
               HV_OPTION_CONFIRM | HV_OPTION_EFFECT,
    .append_help = append_help,
    .run = run,
};
