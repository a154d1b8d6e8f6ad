/* doctor: what works on this host, what does not, why, and what would cure it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/change.h"
#include "app/checks.h"
#include "app/json.h"
#include "model/i18n.h"
#include "model/text.h"

#define LONGEST_TEXT 500 /* characters */

static void
print_line(GString *out, const HvTable *table, guint row, const char *name_column)
{
    const char *name = hv_table_text(table, row, hv_table_column(table, name_column));
    const char *state = hv_table_text(table, row, hv_table_column(table, "state"));
    const char *why = hv_table_text(table, row, hv_table_column(table, "why"));
    const char *cure = hv_table_text(table, row, hv_table_column(table, "cure"));
    g_autofree char *safe_why = hv_text_printable(why ? why : "", LONGEST_TEXT);
    g_autofree char *safe_cure = hv_text_printable(cure ? cure : "", LONGEST_TEXT);

    g_string_append_printf(out, "  %-15s %-7s", name ? name : "", state ? state : "");
    g_string_append_printf(out, "%s%s\n", *safe_why ? " " : "", safe_why);
    if (*safe_cure)
        g_string_append_printf(out, "  %-15s %-7s %s%s\n", "", "", _("cure: "), safe_cure);
}

static void
print_text(GString *out, HvTable *const tables[2])
{
    if (hv_table_n_rows(tables[0]))
        g_string_append_printf(out, "%s\n", _("this host"));
    for (guint row = 0; row < hv_table_n_rows(tables[0]); row++)
        print_line(out, tables[0], row, "check");
    if (!tables[1])
        return;
    g_string_append_printf(out, "%s\n", _("sources"));
    for (guint row = 0; row < hv_table_n_rows(tables[1]); row++)
        print_line(out, tables[1], row, "source");
}

static gboolean
is_any_ok(const HvTable *sources)
{
    const int state = hv_table_column(sources, "state");

    for (guint row = 0; sources && row < hv_table_n_rows(sources); row++) {
        if (g_strcmp0(hv_table_text(sources, row, state), "ok") == 0)
            return TRUE;
    }
    return FALSE;
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    /* one look of everything: only a source that was read can say whether it works */
    g_autoptr(HvSnapshot) snapshot = hv_app_look(app, NULL, 0);
    g_autoptr(HvStore) store = hv_store_new(&hv_checks_schema);
    HvSink *sink = hv_sink_begin(&store, 1, snapshot->monotonic_ns);
    HvTable *tables[2] = { NULL, hv_snapshot_table(snapshot, "sources") };

    hv_change_say_orphans(app, options, output);
    if (!hv_app_from(app)) /* of a recorded host, sources are all that is known */
        hv_checks_run(app, sink);
    hv_sink_end(sink, TRUE);
    tables[0] = hv_store_table(store);
    if (hv_options_has(options, HV_OPTION_JSON))
        hv_json_tables(output->out, PACKAGE_VERSION, snapshot->time_ns, tables,
                       G_N_ELEMENTS(tables), NULL);
    else
        print_text(output->out, tables);
    if (is_any_ok(tables[1]))
        return 0;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_FAILED,
                        _("no source works here: the reasons are in the list"));
    return 3;
}

extern const HvCommand hv_command_doctor;
const HvCommand hv_command_doctor = {
    .name = "doctor",
    .usage = "[--json]",
    .help = N_("what works here, what does not, why, and the cure"),
    .options = HV_OPTION_JSON,
    .reads = TRUE,
    .run = run,
};
