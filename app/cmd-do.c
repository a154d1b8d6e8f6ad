/* do: sub-commands from a file, one a line, in one process. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/change.h"
#include "model/i18n.h"

#define LONGEST_LINE 65536 /* bytes */

/* A pipe or file is read as it comes, so that what stands first is done before the rest is
 * written. */
static FILE *
open_lines(const char *path, GError **error)
{
    const int fd = g_str_equal(path, "-") ? dup(STDIN_FILENO)
                                          : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    FILE *lines = fd < 0 ? NULL : fdopen(fd, "r");

    if (!lines) {
        hv_error_set_errno(error, errno, path);
        if (fd >= 0)
            close(fd);
    }
    return lines;
}

/* FALSE at the end. */
static gboolean
next_line(FILE *lines, GString *line, GError **error)
{
    g_string_truncate(line, 0);
    for (int byte; (byte = getc(lines)) != EOF && byte != '\n';) {
        if (!byte || line->len >= LONGEST_LINE) {
            g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, _("not a line of text"));
            return FALSE;
        }
        g_string_append_c(line, (char)byte);
    }
    return line->len || !feof(lines);
}

/* The words of a line, or NULL for one that says nothing. @ignore: it began with "-". */
static const char *
words_of(const char *line, gboolean *ignore)
{
    line += strspn(line, " \t\r");
    *ignore = *line == '-';
    line += *ignore ? 1 : 0;
    line += strspn(line, " \t\r");
    return !*line || *line == '#' ? NULL : line;
}

static int
run_line(HvApp *app, const HvOptions *options, const char *line, HvOutput *output,
         GError **error)
{
    gboolean ignore;
    const char *words = words_of(line, &ignore);
    int status = 0;

    if (words) { /* time may have passed before it, and pass in it */
        hv_change_guard(app, options, output);
        status = hv_command_run_line(app, options, words, output);
        hv_change_guard(app, options, output);
    }
    if (!hv_output_flush(output, error))
        return -1;
    return ignore ? 0 : status;
}

static int
run_lines(HvApp *app, const HvOptions *options, FILE *lines, HvOutput *output, GError **error)
{
    g_autoptr(GString) line = g_string_new(NULL);
    GError *failed = NULL;
    int status = 0;

    for (guint number = 1; status == 0 && !failed && next_line(lines, line, &failed);
         number++) {
        status = run_line(app, options, line->str, output, &failed);
        if (status > 0)
            g_set_error(error, HV_ERROR, HV_ERROR_FAILED, _("%s: line %u: stopped: status %d"),
                        (const char *)options->arguments->pdata[0], number, status);
    }
    if (failed)
        g_propagate_error(error, failed);
    return failed ? -1 : status;
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    static gboolean is_running; /* a file that names itself would never end */
    FILE *lines;
    int status;

    if (options->arguments->len != 1 || is_running) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            is_running ? _("do: not inside of do")
                                       : _("do: needs one FILE, or - for standard input"));
        return -1;
    }
    lines = open_lines(options->arguments->pdata[0], error);
    if (!lines)
        return -1;
    is_running = TRUE;
    status = run_lines(app, options, lines, output, error);
    is_running = FALSE;
    fclose(lines);
    return status;
}

extern const HvCommand hv_command_do;
const HvCommand hv_command_do = {
    .name = "do",
    .usage = "FILE|-",
    .help = N_("sub-commands, one a line, in one process"),
    .details = N_("Words are split as a shell would; # begins a comment. Stops at the first "
                  "line whose status is not 0,\n"
                  "names its number and returns that status; a leading - ignores it."),
    .reads = TRUE,
    .run = run,
};
