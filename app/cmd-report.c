/* report: what was done and what it did, from a recording. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "app/commands.h"
#include "app/from.h"
#include "app/write-file.h"
#include "log/report.h"
#include "model/i18n.h"

/* By --format, else by the name of the file. */
static gboolean
find_form(const HvOptions *options, gboolean *is_html, GError **error)
{
    *is_html =
        options->format == HV_FORMAT_HTML ||
        (!options->format && options->output && g_str_has_suffix(options->output, ".html"));
    if (!options->format || options->format == HV_FORMAT_HTML ||
        options->format == HV_FORMAT_MARKDOWN)
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("--format: of a report it is md or html"));
    return FALSE;
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    HvPlayer *player;
    gboolean is_html;
    g_autofree char *page = NULL;

    if (!hv_app_from(app) || options->arguments->len) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("report: needs one FILE, on hvtune's own command line"));
        return -1;
    }
    if (!find_form(options, &is_html, error))
        return -1;
    player = hv_app_player(app, error);
    page = player ? hv_log_report(player, is_html, error) : NULL;
    if (!page)
        return -1;
    if (!options->output)
        g_string_append(output->out, page);
    else if (!hv_write_file(options->output, page, strlen(page), error))
        return 3;
    return 0;
}

extern const HvCommand hv_command_report;
const HvCommand hv_command_report = {
    .name = "report",
    .usage = "FILE [-o OUT.md|OUT.html]",
    .help = N_("what was done and what it did, from a recording"),
    .details =
        N_("Markdown, or an HTML page with plots that needs nothing else. What stands in OUT "
           "is overwritten."),
    .options = HV_OPTION_OUTPUT | HV_OPTION_FORMAT,
    .names_recording = TRUE,
    .reads = TRUE,
    .run = run,
};
