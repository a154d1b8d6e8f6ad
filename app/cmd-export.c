/* export: a recording in the formats of others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/from.h"
#include "app/json.h"
#include "app/metrics.h"
#include "log/copy.h"
#include "log/scrub.h"
#include "model/i18n.h"
#include "model/text.h"

/* One export: written as it goes, so that a day does not fill the memory. */
typedef struct {
    const HvOptions *options;
    HvPlayer *player;
    HvScrub *scrub;    /* NULL: names stay */
    const char *table; /* of a csv */
    FILE *file;        /* NULL: into @out */
    GString *out;
    gboolean has_head;
} Export;

/* ---- where it goes ---- */

static gboolean
open_file(Export *export, GError **error)
{
    const char *path = export->options->output;
    int fd;

    if (!path)
        return TRUE;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    export->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (export->file)
        return TRUE;
    hv_error_set_errno(error, errno, path);
    if (fd >= 0)
        close(fd);
    return FALSE;
}

/* FALSE with @error when the file takes no more. */
static gboolean
pour(Export *export, GError **error)
{
    if (!export->file)
        return TRUE;
    if (fwrite(export->out->str, 1, export->out->len, export->file) != export->out->len)
        return hv_error_set_errno(error, errno, export->options->output);
    g_string_truncate(export->out, 0);
    return TRUE;
}

static gboolean
close_file(Export *export, GError **error)
{
    FILE *file = g_steal_pointer(&export->file);

    if (!file || fclose(file) == 0)
        return TRUE;
    return hv_error_set_errno(error, errno, export->options->output);
}

/* ---- one sample ---- */

/* Its tables, raw ones too, without names where that is wanted. */
static GPtrArray *
tables_of(Export *export, const HvSnapshot *snapshot)
{
    GPtrArray *tables = g_ptr_array_new_with_free_func((GDestroyNotify)hv_table_unref);

    if (export->scrub)
        hv_scrub_learn(export->scrub, snapshot);
    for (guint i = 0; i < snapshot->n_tables; i++)
        g_ptr_array_add(tables, export->scrub
                                    ? hv_scrub_table(export->scrub, snapshot->tables[i])
                                    : hv_table_ref(snapshot->tables[i]));
    return tables;
}

static void
put_jsonl(Export *export, const HvSnapshot *snapshot, const GPtrArray *tables)
{
    const gsize from = export->out->len;

    hv_json_tables(export->out, PACKAGE_VERSION, snapshot->time_ns,
                   (HvTable *const *)tables->pdata, tables->len, NULL);
    for (gsize i = from; i < export->out->len; i++) /* within strings they are escaped */
        if (export->out->str[i] == '\n')
            export->out->str[i] = ' ';
    g_string_append_c(export->out, '\n');
}

/* Quoted where it must be; a text that a spreadsheet would take for a formula gets a quote in
 * front. */
static void
put_csv_text(GString *out, const char *text)
{
    g_autofree char *printable = hv_text_printable(text, 10000);

    g_string_append_c(out, '"');
    if (*printable && strchr("=+-@", *printable))
        g_string_append_c(out, '\'');
    for (const char *p = printable; *p; p++) {
        if (*p == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
}

static void
put_csv_cell(GString *out, const HvTable *table, guint row, guint column)
{
    const HvKind kind = hv_table_schema(table)->columns[column].kind;
    guint64 integer;
    double number;

    if (!hv_mark_has_value(hv_table_mark(table, row, (int)column)))
        return;
    if (hv_kind_is_text(kind))
        put_csv_text(out, hv_table_text(table, row, (int)column));
    else if ((kind == HV_KIND_F64 || kind == HV_KIND_RATE) &&
             hv_table_f64(table, row, (int)column, &number))
        hv_json_append_double(out, number);
    else if (hv_table_u64(table, row, (int)column, &integer))
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, integer);
}

static void
put_csv(Export *export, const HvSnapshot *snapshot, const HvTable *table)
{
    const HvSchema *schema = hv_table_schema(table);
    const guint n_columns = hv_schema_n_columns(schema);

    if (!export->has_head) {
        g_string_append(export->out, "time_ns");
        for (guint i = 0; i < n_columns; i++)
            g_string_append_printf(export->out, ",%s", schema->columns[i].name);
        g_string_append_c(export->out, '\n');
    }
    export->has_head = TRUE;
    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        g_string_append_printf(export->out, "%" G_GINT64_FORMAT, snapshot->time_ns);
        for (guint i = 0; i < n_columns; i++) {
            g_string_append_c(export->out, ',');
            put_csv_cell(export->out, table, row, i);
        }
        g_string_append_c(export->out, '\n');
    }
}

static void
put_sample(Export *export, const HvSnapshot *snapshot)
{
    g_autoptr(GPtrArray) tables = tables_of(export, snapshot);

    if (export->options->format == HV_FORMAT_JSONL) {
        put_jsonl(export, snapshot, tables);
        return;
    }
    for (guint i = 0; i < tables->len; i++) {
        const HvTable *table = tables->pdata[i];

        if (export->options->format == HV_FORMAT_OPENMETRICS)
            hv_metrics_append(export->out, table);
        else if (g_str_equal(hv_table_schema(table)->name, export->table))
            put_csv(export, snapshot, table);
    }
}

/* ---- all of them ---- */

static gboolean
put_all(Export *export, GError **error)
{
    gint64 time_ns, last_ns;
    gboolean is_last = !hv_player_range(export->player, &time_ns, &last_ns);

    while (!is_last) {
        g_autoptr(HvSnapshot) snapshot = hv_player_at(export->player, time_ns, error);
        gint64 next_ns;

        if (!snapshot)
            return FALSE;
        put_sample(export, snapshot);
        if (!pour(export, error))
            return FALSE;
        next_ns = hv_player_beside(export->player, time_ns, 1);
        is_last = next_ns <= time_ns || time_ns >= last_ns;
        time_ns = next_ns;
    }
    return TRUE;
}

static gboolean
put_one(Export *export, HvApp *app, GError **error)
{
    g_autoptr(HvSnapshot) shown = hv_app_shown(app);

    put_sample(export, shown);
    hv_metrics_end(export->out);
    return pour(export, error);
}

static int
export_all(Export *export, HvApp *app, GError **error)
{
    gboolean good = open_file(export, error);

    if (good && export->options->format == HV_FORMAT_OPENMETRICS)
        good = put_one(export, app, error);
    else if (good)
        good = put_all(export, error);
    good = close_file(export, good ? error : NULL) && good;
    return good ? 0 : 3;
}

/* ---- what is asked for ---- */

static gboolean
is_table(const char *name)
{
    g_autofree const HvSchema **schemas = hv_app_schemas();

    for (guint i = 0; schemas[i]; i++)
        if (g_str_equal(schemas[i]->name, name))
            return TRUE;
    return FALSE;
}

static gboolean
check(HvApp *app, const HvOptions *options, GError **error)
{
    const char *table = options->arguments->len ? options->arguments->pdata[0] : NULL;
    const gboolean is_csv = options->format == HV_FORMAT_CSV;
    const char *why = NULL;

    if (!hv_app_from(app))
        why = _("export: needs one FILE, on hvtune's own command line");
    else if (options->copy && (options->format || hv_options_has(options, HV_OPTION_SCRUB)))
        why = _("export: --copy is all of the log as it is: without --format and --scrub");
    else if (!options->copy && !is_csv && options->format != HV_FORMAT_JSONL &&
             options->format != HV_FORMAT_OPENMETRICS)
        why = _("export: --format csv TABLE, jsonl or openmetrics, or --copy OUT");
    else if (is_csv ? !table || !is_table(table) || options->arguments->len > 1 : table != NULL)
        why = is_csv ? _("export: csv is of one table: hvtune export FILE TABLE --format csv")
                     : _("export: takes a TABLE with --format csv only");
    if (why)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, why);
    return !why;
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(HvScrub) scrub = NULL;
    Export export = { .options = options, .out = output->out };
    g_autoptr(GString) buffer = g_string_new(NULL);

    if (!check(app, options, error))
        return -1;
    export.player = hv_app_player(app, error);
    if (!export.player)
        return -1;
    if (options->copy)
        return hv_log_copy(export.player, options->copy, error) ? 0 : 3;
    if (hv_options_has(options, HV_OPTION_SCRUB))
        scrub = hv_scrub_new(hv_player_meta(export.player, "hostname"));
    export.scrub = scrub;
    if (options->output)
        export.out = buffer;
    if (options->format == HV_FORMAT_CSV)
        export.table = options->arguments->pdata[0];
    return export_all(&export, app, error);
}

extern const HvCommand hv_command_export;
const HvCommand hv_command_export = {
    .name = "export",
    .usage = "FILE --format csv TABLE|jsonl|openmetrics",
    .help = N_("a recording in the formats of others"),
    .details = N_(
        "csv: one table, a line for each row of each sample; jsonl: an object for each sample, "
        "as snapshot --json; openmetrics: the sample of --at.\n--scrub replaces names of the "
        "host, VMs and "
        "people. --copy OUT writes a consistent log while it is being recorded.\nWithout -o on "
        "stdout."),
    .options = HV_OPTION_OUTPUT | HV_OPTION_FORMAT | HV_OPTION_SCRUB | HV_OPTION_COPY,
    .names_recording = TRUE,
    .reads = TRUE,
    .run = run,
};
