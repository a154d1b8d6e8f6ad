/* The sub-commands: one table that dispatch, help and completion are made from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/commands.h"

#include "app/from.h"

#include "config.h"
#include "model/i18n.h"
#include "tui/dialog.h"

#define WORDS_WIDTH 76

extern const HvCommand hv_command_snapshot, hv_command_get, hv_command_set, hv_command_undo,
    hv_command_redo, hv_command_journal, hv_command_doctor, hv_command_triage, hv_command_check,
    hv_command_shot, hv_command_do, hv_command_recipe, hv_command_confirm, hv_command_guard,
    hv_command_try, hv_command_replay, hv_command_record, hv_command_report, hv_command_export,
    hv_command_replay;

const HvCommand *const hv_commands[] = {
    &hv_command_snapshot, &hv_command_get,    &hv_command_set,    &hv_command_recipe,
    &hv_command_confirm,  &hv_command_undo,   &hv_command_redo,   &hv_command_journal,
    &hv_command_doctor,   &hv_command_triage, &hv_command_check,  &hv_command_shot,
    &hv_command_try,      &hv_command_record, &hv_command_replay, &hv_command_report,
    &hv_command_export,   &hv_command_do,     &hv_command_guard,  NULL,
};

const char *const hv_command_names[] = {
    "snapshot", "get",    "set",    "recipe", "confirm", "undo", "redo",
    "journal",  "doctor", "triage", "check",  "shot",    "try",  "record",
    "replay",   "report", "export", "do",     NULL,
};

const HvCommand *
hv_command_find(const char *name)
{
    for (const HvCommand *const *command = hv_commands; *command; command++) {
        if (g_str_equal((*command)->name, name))
            return *command;
    }
    return NULL;
}

static void
append_options(GString *help, HvOption which)
{
    for (const HvOptionSpec *spec = hv_option_specs; spec->name; spec++) {
        g_autofree char *head = g_strdup_printf("%s%s%s", spec->name,
                                                spec->value && spec->value[0] != '[' ? " " : "",
                                                spec->value ? spec->value : "");

        if (spec->help && (which & spec->option))
            g_string_append_printf(help, "  %-22s %s\n", head, _(spec->help));
    }
}

/* Padding counts columns, which bytes do not tell for "…". */
static void
append_command(GString *help, const HvCommand *command)
{
    const int used = (int)g_utf8_strlen(command->name, -1) + 1 + hv_text_width(command->usage);

    g_string_append_printf(help, "  %s %s%*s %s\n", command->name, command->usage,
                           MAX(36 - used, 0), "", _(command->help));
}

void
hv_command_append_words(GString *help, const char *heading, const char *const *words)
{
    g_autofree char *line = g_strjoinv(" ", (char **)(gpointer)(gsize)words);
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(line, WORDS_WIDTH);

    g_string_append_printf(help, "\n%s\n", heading);
    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(help, "  %s\n", (const char *)lines->pdata[i]);
}

char *
hv_command_help(const HvCommand *command, const HvOptions *options)
{
    g_autoptr(GString) help = g_string_new(NULL);

    if (command) {
        g_string_append_printf(help, _("usage: hvtune %s %s\n\n%s\n"), command->name,
                               command->usage, _(command->help));
        if (command->details)
            g_string_append_printf(help, "\n%s\n", _(command->details));
        if (command->append_help)
            command->append_help(options, help);
        g_string_append_printf(help, "\n%s\n", _("options"));
        append_options(help, command->options);
        append_options(help, HV_OPTIONS_COMMON);
        return g_string_free(g_steal_pointer(&help), FALSE);
    }
    g_string_append(help, _("usage: hvtune [OPTION…] [SUB-COMMAND [ARGUMENT…]]\n\n"
                            "Without a sub-command: the console on this host.\n\n"));
    for (const HvCommand *const *each = hv_commands; *each; each++) {
        if (!(*each)->is_hidden)
            append_command(help, *each);
    }
    g_string_append_printf(help, "\n%s\n", _("options, before or behind the sub-command"));
    append_options(help, HV_OPTIONS_COMMON);
    g_string_append(help,
                    _("\nExit status: 0 done, 1 the answer is no, 2 wrong usage or bad input, "
                      "3 the host cannot. See hvtune(1).\n"));
    return g_string_free(g_steal_pointer(&help), FALSE);
}

static const char *
name_of(HvOption option)
{
    for (const HvOptionSpec *spec = hv_option_specs; spec->name; spec++) {
        if (spec->option & option)
            return spec->name;
    }
    return "";
}

gboolean
hv_command_accepts(const HvOptions *options, GError **error)
{
    const HvCommand *command = options->command ? hv_command_find(options->command) : NULL;
    const HvOption strange =
        options->given & ~((command ? command->options : 0) | HV_OPTIONS_COMMON);

    if (options->command && !command) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: no such sub-command: see hvtune --help"), options->command);
        return FALSE;
    }
    if (command && !command->reads && (options->from || options->at)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: needs a host: a recording given by --from can only be read"),
                    command->name);
        return FALSE;
    }
    if (options->at && !options->from) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("--at: needs the recording: --from FILE"));
        return FALSE;
    }
    if (options->log && command) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("--log: records the console, not %s: see hvtune record"), command->name);
        return FALSE;
    }
    if (options->from && (options->root || options->demo || options->log)) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("--from: a recording is looked at, not --root, --demo or --log"));
        return FALSE;
    }
    if (strange) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: not an option of %s: see hvtune %s--help"), name_of(strange),
                    command ? command->name : _("the console"), command ? command->name : "");
        return FALSE;
    }
    return TRUE;
}

int
hv_command_run(HvApp *app, const HvOptions *options, HvOutput *output)
{
    const HvCommand *command = options->command ? hv_command_find(options->command) : NULL;
    g_autoptr(GError) error = NULL;
    int status = -1;

    if (!hv_command_accepts(options, &error)) {
        status = -1;
    } else if (hv_options_has(options, HV_OPTION_VERSION)) {
        g_string_append_printf(output->out, "hvtune %s\n", PACKAGE_VERSION);
        return 0;
    } else if (hv_options_has(options, HV_OPTION_HELP)) {
        g_autofree char *help = hv_command_help(command, options);

        g_string_append(output->out, help);
        return 0;
    } else if (!command) {
        g_set_error(&error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("no sub-command: see hvtune --help"));
    } else if (!options->from || (status = hv_app_seek(app, options->at, &error)) == 0) {
        status = command->run(app, options, output, &error);
    }
    if (error)
        hv_output_note(output, error->message);
    return status < 0 ? hv_app_status_of(error) : status;
}

int
hv_command_run_line(HvApp *app, const HvOptions *base, const char *line, HvOutput *output)
{
    g_autoptr(HvOptions) options = hv_options_copy(base);
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) error = NULL;

    if (!g_shell_parse_argv(line, NULL, &words, &error)) {
        hv_output_note(output, error->message);
        return 2;
    }
    options->is_line = TRUE;
    if (hv_options_parse(options, words, &error) && (options->given & HV_OPTIONS_DOOR)) {
        g_set_error(&error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: belongs on hvtune's own command line"),
                    name_of(options->given & HV_OPTIONS_DOOR));
    }
    if (error) {
        hv_output_note(output, error->message);
        return 2;
    }
    return hv_command_run(app, options, output);
}
