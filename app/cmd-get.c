/* get: knobs and their values, as a plan file or as JSON. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/commands.h"
#include "app/from.h"
#include "app/json.h"
#include "model/i18n.h"
#include "model/sink.h"
#include "session/knob-list.h"

#include <string.h>

enum { KNOB, VALUE, TYPE, WRITABLE };
static const HvColumn columns[] = {
    [KNOB] = { "knob", HV_KIND_KEY, HV_UNIT_NONE, N_("path of the knob"), 0, 0, FALSE },
    [VALUE] = { "value", HV_KIND_TEXT, HV_UNIT_NONE, N_("its value, in its text form"), 0, 0,
                FALSE },
    [TYPE] = { "type", HV_KIND_TEXT, HV_UNIT_NONE, N_("what kind of value it takes"), 0, 0,
               FALSE },
    [WRITABLE] = { "writable", HV_KIND_BOOL, HV_UNIT_NONE, N_("it could be set here and now"),
                   0, 0, FALSE },
    { 0 },
};
static const HvSchema schema = { "knobs", columns, FALSE };

/* Stable words for JSON, as HvType. */
static const char *const type_names[] = {
    [HV_TYPE_NOTHING] = "nothing", [HV_TYPE_CPUS] = "cpus",     [HV_TYPE_NODES] = "nodes",
    [HV_TYPE_U64] = "number",      [HV_TYPE_SIZE] = "size",     [HV_TYPE_PERCENT] = "percent",
    [HV_TYPE_LIMIT] = "limit",     [HV_TYPE_SWITCH] = "switch", [HV_TYPE_WORD] = "word",
    [HV_TYPE_MASK] = "mask",
};

/* One run of get. */
typedef struct {
    const HvSessionParts *parts;
    const HvOptions *options;
    HvOutput *output;
    HvSink *sink; /* NULL: text */
    guint n_found;
    int status;
} Get;

/* Would it be taken? Asked with the value it has, which is as good as any. */
static gboolean
is_writable(const Get *get, const HvKnob *knob, const HvValue *value)
{
    const HvTuner *tuner = knob->tuner;

    return !get->parts->read_only_why && (tuner->write || tuner->write_slowly) &&
           !knob->family->only_by &&
           (!tuner->check || tuner->check(get->parts->host, knob, value, NULL, NULL));
}

static void
put_row(Get *get, const HvKnob *knob, const HvValue *value, const GError *error)
{
    g_autofree char *text = value ? hv_value_to_text(value) : NULL;

    if (!get->sink) {
        if (value)
            g_string_append_printf(get->output->out, "%s = %s\n", knob->path, text);
        return;
    }
    hv_row(get->sink, knob->path);
    if (value)
        hv_text(get->sink, VALUE, text);
    else
        hv_none_error(get->sink, VALUE, error);
    hv_text(get->sink, TYPE, type_names[knob->family->type]);
    hv_bool(get->sink, WRITABLE, value && is_writable(get, knob, value));
}

/* @is_named: without a glob; then failing counts. */
static void
get_knob(Get *get, const char *path, gboolean is_named)
{
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;
    g_autoptr(HvKnob) knob = hv_knob_parse(get->parts->tuners, path, &error);

    if (!knob) {
        hv_output_note(get->output, error->message);
        get->status = MAX(get->status, 2);
        return;
    }
    if (knob->tuner->read(get->parts->host, knob, &value, &error)) {
        get->n_found++;
        put_row(get, knob, &value, NULL);
        return;
    }
    put_row(get, knob, NULL, error);
    if (is_named || hv_options_has(get->options, HV_OPTION_VERBOSE))
        hv_output_note(get->output, error->message);
    if (is_named)
        get->status = 3;
}

static void
note_errors(Get *get, const GPtrArray *errors)
{
    for (guint i = 0; i < errors->len && hv_options_has(get->options, HV_OPTION_VERBOSE); i++) {
        const GError *error = g_ptr_array_index(errors, i);

        hv_output_note(get->output, error->message);
    }
}

static void
get_glob(Get *get, const char *glob)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
    g_autoptr(GPtrArray) paths =
        hv_knobs_matching(get->parts->host, get->parts->tuners, glob, errors);

    for (guint i = 0; i < paths->len; i++)
        get_knob(get, g_ptr_array_index(paths, i), FALSE);
    note_errors(get, errors);
}

static void
get_all(Get *get)
{
    const GPtrArray *arguments = get->options->arguments;

    for (guint i = 0; i < arguments->len; i++) {
        const char *argument = g_ptr_array_index(arguments, i);

        if (hv_knob_is_glob(argument))
            get_glob(get, argument);
        else
            get_knob(get, argument, TRUE);
    }
    if (!arguments->len)
        get_glob(get, "**");
}

/* ---- of a recording ---- */

static gboolean
is_asked_for(const GPtrArray *globs, const char *path)
{
    for (guint i = 0; i < globs->len; i++)
        if (hv_knob_glob_match(globs->pdata[i], path))
            return TRUE;
    return !globs->len;
}

/* @line: "KNOB = VALUE" */
static void
put_line(Get *get, const char *line)
{
    const char *equals = strstr(line, " = ");
    g_autofree char *path = equals ? g_strndup(line, (gsize)(equals - line)) : NULL;

    if (!path || !is_asked_for(get->options->arguments, path))
        return;
    get->n_found++;
    if (!get->sink) {
        g_string_append_printf(get->output->out, "%s\n", line);
        return;
    }
    hv_row(get->sink, path);
    hv_text(get->sink, VALUE, equals + strlen(" = "));
    hv_bool(get->sink, WRITABLE, FALSE);
}

static void
get_recorded(Get *get, HvApp *app)
{
    g_autoptr(HvSnapshot) shown = hv_app_shown(app);
    g_autoptr(GPtrArray) lines =
        hv_player_knob_lines(hv_app_player(app, NULL), shown->time_ns, NULL);

    for (guint i = 0; i < lines->len; i++)
        put_line(get, lines->pdata[i]);
}

static void
get_what_is_asked(Get *get, HvApp *app)
{
    if (hv_app_from(app))
        get_recorded(get, app);
    else
        get_all(get);
}

static gint64
realtime_ns(HvApp *app)
{
    g_autoptr(HvSnapshot) shown = hv_app_from(app) ? hv_app_shown(app) : NULL;

    return shown ? shown->time_ns : hv_host_realtime_ns(hv_app_parts(app)->host);
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    Get get = { .parts = hv_app_parts(app), .options = options, .output = output };
    HvHost *host = get.parts->host;
    g_autoptr(HvStore) store = hv_store_new(&schema);

    hv_app_connect(app);
    if (hv_options_has(options, HV_OPTION_JSON)) {
        HvTable *table;

        get.sink = hv_sink_begin(&store, 1, hv_host_monotonic_ns(host));
        get_what_is_asked(&get, app);
        hv_sink_end(get.sink, TRUE);
        table = hv_store_table(store);
        hv_json_tables(output->out, PACKAGE_VERSION, realtime_ns(app), &table, 1, NULL);
    } else {
        get_what_is_asked(&get, app);
    }
    if (get.status || get.n_found)
        return get.status;
    if (!options->arguments->len)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            _("no knob can be read here: see hvtune doctor"));
    else
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no knob that can be read matches"),
                    (const char *)options->arguments->pdata[0]);
    return 1;
}

extern const HvCommand hv_command_get;
const HvCommand hv_command_get = {
    .name = "get",
    .usage = "[--json] [GLOB…]",
    .help = N_("knobs and their values"),
    .details =
        N_("Prints a line \"KNOB = VALUE\" for each knob that can be read. In a GLOB * stops "
           "at /, ** does not.\n"
           "Quote globs, so that the shell leaves them alone: hvtune get 'vm/*/vcpu/*/cpus'"),
    .options = HV_OPTION_JSON | HV_OPTION_VERBOSE,
    .reads = TRUE,
    .run = run,
};
