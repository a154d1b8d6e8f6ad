/* hvtune: a console for Linux/KVM hosts in trouble. Here it starts and ends. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/console.h"
#include "app/privilege.h"
#include "app/replay.h"
#include "app/settings.h"
#include "host/own-threads.h"
#include "model/i18n.h"

#define LEAVE_WAIT_MS 300 /* as long as a person does not mind after q */

static void
begin_locale(void)
{
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* numbers are read by scripts too */
    bindtextdomain(PACKAGE_NAME, LOCALEDIR);
    bind_textdomain_codeset(PACKAGE_NAME, "UTF-8");
    textdomain(PACKAGE_NAME);
}

/* Neither help nor version nor a misspelt line needs a host. */
static gboolean
needs_host(const HvOptions *options)
{
    return !hv_options_has(options, HV_OPTION_HELP) &&
           !hv_options_has(options, HV_OPTION_VERSION) && hv_command_accepts(options, NULL);
}

/* `replay FILE` is the console on that recording. */
static gboolean
is_console(const HvOptions *options)
{
    return !options->command || g_str_equal(options->command, "replay");
}

/* `replay FILE` is the same as --from FILE, and so with all that are about a recording. */
static gboolean
name_recording(HvOptions *options, GError **error)
{
    const HvCommand *command = options->command ? hv_command_find(options->command) : NULL;

    if (!command || !command->names_recording || hv_options_has(options, HV_OPTION_HELP) ||
        options->from)
        return TRUE;
    if (!options->arguments->len) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: needs one FILE: hvtune %s %s"),
                    command->name, command->name, command->usage);
        return FALSE;
    }
    options->from = g_strdup(options->arguments->pdata[0]);
    g_ptr_array_remove_index(options->arguments, 0);
    return TRUE;
}

static int
run(const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(HvApp) app = NULL;

    if (is_console(options) && needs_host(options))
        return options->from ? hv_app_replay(options, output, error)
                             : hv_app_console(options, output, error);
    if (needs_host(options) && !(app = hv_app_new(options, error)))
        return -1;
    return hv_command_run(app, options, output);
}

/* A thread that hangs in a library is left behind: exit(3) would take the library down around
 * it. */
static int
leave(int status)
{
    if (hv_threads_end(LEAVE_WAIT_MS))
        return status;
    (void)fflush(stdout);
    (void)fflush(stderr);
    _exit(status);
}

static int
begin(char **words, HvOutput *output, GError **error)
{
    g_autoptr(HvOptions) options = hv_options_new();
    g_autofree char *ignored = NULL;

    if (!hv_privilege_check(error))
        return 2;
    ignored = hv_privilege_clean();
    if (ignored)
        hv_output_note(output, ignored);
    hv_privilege_limits();
    if (!hv_options_parse(options, words, error))
        return -1;
    hv_settings_apply(options, output->notes);
    if (!name_recording(options, error))
        return -1;
    return run(options, output, error);
}

int
main(int argc, char **argv)
{
    g_autoptr(HvOutput) output = hv_output_new(TRUE);
    g_autoptr(GError) error = NULL;
    int status;

    begin_locale();
    signal(SIGPIPE, SIG_IGN);
    status = begin(argv + MIN(argc, 1), output, &error);
    if (status < 0)
        status = hv_app_status_of(error);
    if (error) {
        hv_output_note(output, error->message);
        g_clear_error(&error);
    }
    if (!hv_output_flush(output, &error)) {
        hv_output_note(output, error->message);
        hv_output_flush(output, NULL);
        status = 3;
    }
    return leave(status);
}
