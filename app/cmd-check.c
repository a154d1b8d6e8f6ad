/* check: what is wrong here, what it costs, and what would mend it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/commands.h"
#include "app/finding-text.h"
#include "app/json.h"
#include "model/i18n.h"
#include "model/text.h"

static const char *const tables[] = { "findings", NULL };

/* What the answer rests on. */
static void
print_basis(GString *out, const HvSnapshot *snapshot)
{
    char apart[32];

    hv_text_duration(apart, sizeof apart, snapshot->interval_ns);
    if (snapshot->interval_ns)
        g_string_append_printf(out, _("findings, the costliest first; samples %s apart\n"),
                               apart);
    else
        g_string_append(out, _("findings of one sample: what rates would tell is missing\n"));
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(HvSnapshot) snapshot = NULL;
    HvTable *findings;

    if (options->arguments->len) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: comparing with a plan is not in this version"),
                    (const char *)options->arguments->pdata[0]);
        return -1;
    }
    snapshot = hv_app_look(app, tables, options->interval_ns);
    findings = hv_snapshot_table(snapshot, "findings");
    if (!findings) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_FAILED,
                            _("findings were not looked for"));
        return -1;
    }
    if (hv_options_has(options, HV_OPTION_JSON)) {
        hv_json_tables(output->out, PACKAGE_VERSION, snapshot->time_ns, &findings, 1, NULL);
    } else {
        print_basis(output->out, snapshot);
        hv_print_findings(output->out, findings, G_MAXUINT,
                          hv_options_has(options, HV_OPTION_VERBOSE), options->ascii);
    }
    return hv_findings_are_bad(findings) ? 1 : 0;
}

extern const HvCommand hv_command_check;
const HvCommand hv_command_check = {
    .name = "check",
    .usage = "[--json] [--verbose]",
    .help = N_("what is wrong here, what it costs, what would mend it"),
    .details =
        N_("Costs are shares of the VM's time, estimated. A finding is a maybe until it has "
           "been seen\nfor 30 s: --interval 30s takes that long. Exits 1 when there is a "
           "warning or worse."),
    .options = HV_OPTION_JSON | HV_OPTION_VERBOSE,
    .reads = TRUE,
    .run = run,
};
