/* triage: the first minute on a host in trouble, as text for a ticket. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/change.h"
#include "app/finding-text.h"
#include "app/print.h"
#include "model/i18n.h"
#include "model/text.h"

#define LONGEST_INTERVAL_NS G_GINT64_CONSTANT(1000000000) /* the whole is there within 3 s */
#define MOST_VMS 40                                       /* a ticket, not a census */
#define MOST_FINDINGS 5
#define CELL_BYTES 128

static const char *const tables[] = { "host",     "nodes",   "vms", "events",
                                      "findings", "sources", NULL };

/* "name value" pairs of the host's row on lines of their own; those without a value are left
 * out of a ticket. */
static void
print_host(GString *out, const HvTable *host, gboolean ascii)
{
    static const char *const line[] = {
        "uptime_s",
        "n_packages",
        "n_nodes",
        "n_cpus_online",
        "n_cpus",
        "mem_total_bytes",
        "mem_available_bytes",
        "swap_used_bytes",
        "psi_cpu_some_ratio",
        "psi_cpu_full_ratio",
        "psi_memory_some_ratio",
        "psi_memory_full_ratio",
        "psi_io_some_ratio",
        "psi_io_full_ratio",
        "core_min_hz",
        "core_base_hz",
        "thermal_throttles",
        "thermal_throttles_per_s",
        "mce_errors",
        "edac_ce_errors",
        "edac_ue_errors",
        "oom_kills",
        "hung_tasks",
        "steal_ratio",
        "disk_latency_max_ms",
        "disk_latency_device",
        "nic_drops",
        "nic_drops_per_s",
        "irqs_per_s",
        NULL,
    };
    char text[CELL_BYTES];

    for (const char *const *name = line; *name && hv_table_n_rows(host); name++) {
        const int column = hv_table_column(host, *name);

        if (!hv_mark_has_value(hv_table_mark(host, 0, column)))
            continue;
        hv_text_cell(text, sizeof text, host, 0, column, ascii);
        g_string_append_printf(out, "  %-24s %s\n", *name, text);
    }
}

static void
print_heading(GString *out, const HvSnapshot *snapshot, const HvTable *host)
{
    g_autoptr(GDateTime) time =
        g_date_time_new_from_unix_local(snapshot->time_ns / G_GINT64_CONSTANT(1000000000));
    g_autofree char *when = g_date_time_format(time, "%F %T %z");
    static const char *const names[] = { "hostname", "kernel", "cpu_model" };

    g_string_append_printf(out, "hvtune %s  %s", PACKAGE_VERSION, when);
    for (guint i = 0; i < G_N_ELEMENTS(names) && hv_table_n_rows(host); i++) {
        const char *text = hv_table_text(host, 0, hv_table_column(host, names[i]));
        g_autofree char *safe = hv_text_printable(text ? text : "", CELL_BYTES);

        g_string_append_printf(out, "%s%s", *safe ? "  " : "", safe);
    }
    g_string_append_c(out, '\n');
}

static int
compare_worst(gconstpointer a, gconstpointer b, gpointer data)
{
    const HvTable *vms = data;
    const guint *row_a = a, *row_b = b;
    const int worst = hv_table_column(vms, "worst");
    double worst_a = -1, worst_b = -1; /* unknown comes last */

    hv_table_f64(vms, *row_a, worst, &worst_a);
    hv_table_f64(vms, *row_b, worst, &worst_b);
    return (worst_a < worst_b) - (worst_a > worst_b);
}

static GArray *
worst_first(HvTable *vms)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint row = 0; row < hv_table_n_rows(vms); row++)
        g_array_append_val(rows, row);
    g_array_sort_with_data(rows, compare_worst, vms);
    return rows;
}

static void
print_not_answering(GString *out, const HvTable *vms)
{
    const int column = hv_table_column(vms, "not_answering_s");
    double silent_s;

    for (guint row = 0; row < hv_table_n_rows(vms); row++) {
        g_autofree char *name = hv_text_printable(hv_table_row_key(vms, row), CELL_BYTES);

        if (hv_table_f64(vms, row, column, &silent_s))
            g_string_append_printf(out, _("  %s: not answering for %.0f s\n"), name, silent_s);
    }
}

static void
print_vms(GString *out, HvTable *vms, gboolean ascii)
{
    static const char *const columns[] = { "vm",
                                           "state",
                                           "state_reason",
                                           "n_vcpus",
                                           "cpu_ratio",
                                           "wait_max_ratio",
                                           "throttled_ratio",
                                           "psi_cpu_some_ratio",
                                           "psi_memory_some_ratio",
                                           "psi_io_some_ratio",
                                           "swap_bytes",
                                           "job",
                                           "age_s",
                                           NULL };
    g_autoptr(GArray) rows = worst_first(vms);

    g_string_append_printf(out, "\n%s (%u)\n", _("VMs, worst first"), hv_table_n_rows(vms));
    if (hv_table_why(vms))
        g_string_append_printf(out, "  (%s)\n", hv_table_why(vms));
    hv_print_columns(out, vms, columns, (const guint *)(gpointer)rows->data,
                     MIN(rows->len, MOST_VMS), ascii);
    print_not_answering(out, vms);
}

static void
print_events(GString *out, const HvTable *events)
{
    g_string_append_printf(out, "\n%s\n", _("the last hour"));
    for (guint row = 0; row < hv_table_n_rows(events); row++) {
        guint64 time_ns = 0;
        const char *vm = hv_table_text(events, row, hv_table_column(events, "vm"));
        const char *kind = hv_table_text(events, row, hv_table_column(events, "kind"));
        const char *text = hv_table_text(events, row, hv_table_column(events, "text"));
        g_autoptr(GDateTime) time = NULL;
        g_autofree char *when = NULL, *line = NULL, *safe = NULL;

        hv_table_u64(events, row, hv_table_column(events, "time_ns"), &time_ns);
        time = g_date_time_new_from_unix_local((gint64)(time_ns / 1000000000));
        when = g_date_time_format(time, "%T");
        line = g_strjoin("  ", when, vm && *vm ? vm : "-", kind ? kind : "", text ? text : "",
                         NULL);
        safe = hv_text_printable(line, 4 * CELL_BYTES);
        g_string_append_printf(out, "  %s\n", safe);
    }
    if (!hv_table_n_rows(events))
        g_string_append_printf(out, "  %s\n", _("nothing"));
}

static void
print_sources(GString *out, const HvTable *sources)
{
    for (guint row = 0; row < hv_table_n_rows(sources); row++) {
        const char *state = hv_table_text(sources, row, hv_table_column(sources, "state"));
        const char *why = hv_table_text(sources, row, hv_table_column(sources, "why"));
        g_autofree char *safe = hv_text_printable(why ? why : "", 4 * CELL_BYTES);

        if (g_strcmp0(state, "ok") != 0)
            g_string_append_printf(out, _("not read: %s (%s) %s\n"),
                                   hv_table_row_key(sources, row), state ? state : "", safe);
    }
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error G_GNUC_UNUSED)
{
    g_autoptr(HvSnapshot) snapshot =
        hv_app_look(app, tables, MIN(options->interval_ns, LONGEST_INTERVAL_NS));
    HvTable *host = hv_snapshot_table(snapshot, "host"),
            *nodes = hv_snapshot_table(snapshot, "nodes");
    HvTable *vms = hv_snapshot_table(snapshot, "vms"),
            *events = hv_snapshot_table(snapshot, "events");
    HvTable *findings = hv_snapshot_table(snapshot, "findings");
    HvTable *sources = hv_snapshot_table(snapshot, "sources");
    static const char *const node_columns[] = { "node",
                                                "cpus",
                                                "use_ratio",
                                                "memory_free_bytes",
                                                "memory_total_bytes",
                                                "remote_allocations_per_s",
                                                NULL };

    hv_change_say_orphans(app, options, output);
    if (host) {
        print_heading(output->out, snapshot, host);
        print_host(output->out, host, options->ascii);
    }
    g_string_append_printf(output->out, "\n%s\n", _("nodes"));
    if (nodes)
        hv_print_columns(output->out, nodes, node_columns, NULL, hv_table_n_rows(nodes),
                         options->ascii);
    if (vms)
        print_vms(output->out, vms, options->ascii);
    if (findings) {
        g_string_append_printf(output->out, "\n%s\n", _("findings, the costliest first"));
        hv_print_findings(output->out, findings, MOST_FINDINGS, FALSE, options->ascii);
    }
    if (events)
        print_events(output->out, events);
    g_string_append_c(output->out, '\n');
    if (sources)
        print_sources(output->out, sources);
    return 0;
}

extern const HvCommand hv_command_triage;
const HvCommand hv_command_triage = {
    .name = "triage",
    .usage = "",
    .help = N_("the first minute, as text for a ticket"),
    .reads = TRUE,
    .run = run,
};
