/* snapshot: the tables as of now, as text or JSON. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/commands.h"
#include "app/json.h"
#include "app/print.h"
#include "model/i18n.h"

/* Tables of the design that a later version makes; asking for one is told apart from a slip of
 * the pen. */
static const char *const later[] = { "limits", NULL };

static gboolean
is_table(const HvSchema *const *schemas, const char *name)
{
    for (; *schemas; schemas++) {
        if (g_str_equal((*schemas)->name, name))
            return TRUE;
    }
    return FALSE;
}

static gboolean
check_names(const HvSchema *const *schemas, const char *const *names, GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);

    for (const HvSchema *const *schema = schemas; *schema; schema++)
        g_string_append_printf(known, " %s", (*schema)->name);
    for (; *names; names++) {
        if (is_table(schemas, *names))
            continue;
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    g_strv_contains(later, *names) ? _("%s: not in this version: tables are%s")
                                                   : _("%s: no such table: tables are%s"),
                    *names, known->str);
        return FALSE;
    }
    return TRUE;
}

/* The names asked for, or all but the raw ones. NULL-terminated; the names are borrowed. */
static const char **
names_of(const HvSchema *const *schemas, const HvOptions *options)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < options->arguments->len; i++)
        g_ptr_array_add(names, options->arguments->pdata[i]);
    for (; !options->arguments->len && *schemas; schemas++) {
        if (!(*schemas)->raw)
            g_ptr_array_add(names, (gpointer)(guintptr)(*schemas)->name);
    }
    g_ptr_array_add(names, NULL);
    return (const char **)(gpointer)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static void
append_help(const HvOptions *options G_GNUC_UNUSED, GString *help)
{
    g_autofree const HvSchema **schemas = hv_app_schemas();
    g_autoptr(GPtrArray) tables = g_ptr_array_new(), raw = g_ptr_array_new();

    for (const HvSchema **schema = schemas; *schema; schema++)
        g_ptr_array_add((*schema)->raw ? raw : tables, (gpointer)(gsize)(*schema)->name);
    g_ptr_array_add(tables, NULL);
    g_ptr_array_add(raw, NULL);
    hv_command_append_words(help, _("tables"), (const char *const *)tables->pdata);
    hv_command_append_words(help, _("raw tables"), (const char *const *)raw->pdata);
}

/* Where libvirt does not answer, everything that only it knows is null: this is why. */
static const char *
why_no_libvirt(HvHost *host, const HvGuestList *guests)
{
    if (!hv_host_is_live(host))
        return NULL;
    if (guests->libvirt_why)
        return guests->libvirt_why;
    return guests->libvirt_connected ? NULL : _("libvirt has not answered yet");
}

static void
print_json(HvApp *app, const HvSnapshot *snapshot, HvTable *const *tables, guint n_tables,
           HvOutput *output)
{
    HvHost *host = hv_app_parts(app)->host;
    g_autoptr(HvGuestList) guests = hv_host_guests_peek(host);
    const char *why = why_no_libvirt(host, guests);
    const HvJsonReason more[] = { { why ? "libvirt" : NULL, why }, { 0 } };

    hv_json_tables(output->out, PACKAGE_VERSION, snapshot->time_ns, tables, n_tables, more);
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autofree const HvSchema **schemas = hv_app_schemas();
    g_autofree const char **names = names_of(schemas, options);
    g_autoptr(HvSnapshot) snapshot = NULL;
    HvTable *tables[HV_SNAPSHOT_MAX_TABLES];
    guint n_tables = 0;

    if (!check_names(schemas, names, error))
        return -1;
    snapshot = hv_app_look(app, names, options->interval_ns);
    for (; names[n_tables] && n_tables < G_N_ELEMENTS(tables); n_tables++)
        tables[n_tables] = hv_snapshot_table(snapshot, names[n_tables]);
    if (hv_options_has(options, HV_OPTION_JSON)) {
        print_json(app, snapshot, tables, n_tables, output);
        return 0;
    }
    for (guint i = 0; i < n_tables; i++) {
        if (tables[i])
            hv_print_table(output->out, tables[i], options->ascii);
        if (tables[i] && i + 1 < n_tables)
            g_string_append_c(output->out, '\n');
    }
    return 0;
}

extern const HvCommand hv_command_snapshot;
const HvCommand hv_command_snapshot = {
    .name = "snapshot",
    .usage = "[--json] [TABLE…]",
    .help = N_("one look at the host, as text or JSON"),
    .details = N_("Takes two samples --interval apart, so that rates can be told; --interval 0 "
                  "takes one.\n"
                  "Without TABLE all tables are printed but the raw ones."),
    .options = HV_OPTION_JSON,
    .append_help = append_help,
    .reads = TRUE,
    .run = run,
};
