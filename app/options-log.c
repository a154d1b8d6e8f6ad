/* Options of recordings, and of what is made of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/options-log.h"

#include "model/i18n.h"
#include "model/value.h"

static gboolean
take_text(char **text, const char *value, GError **error)
{
    if (!*value) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, _("needs a value"));
        return FALSE;
    }
    g_free(*text);
    *text = g_strdup(value);
    return TRUE;
}

static gboolean
take_format(HvOptions *options, const char *value, GError **error)
{
    static const struct {
        const char *name;
        HvFormat format;
    } formats[] = {
        { "text", HV_FORMAT_TEXT },   { "ansi", HV_FORMAT_ANSI },
        { "svg", HV_FORMAT_SVG },     { "csv", HV_FORMAT_CSV },
        { "jsonl", HV_FORMAT_JSONL }, { "openmetrics", HV_FORMAT_OPENMETRICS },
        { "md", HV_FORMAT_MARKDOWN }, { "html", HV_FORMAT_HTML },
    };

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (g_str_equal(value, formats[i].name)) {
            options->format = formats[i].format;
            return TRUE;
        }
    }
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                _("%s: no such format: text, ansi, svg, csv, jsonl, openmetrics, md or html"),
                value);
    return FALSE;
}

static gboolean
take_tables(HvOptions *options, const char *value, GError **error)
{
    g_auto(GStrv) tables = g_strsplit(value, ",", -1);

    for (char **table = tables; *table; table++)
        if (!**table) {
            g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: an empty name of a table"),
                        value);
            return FALSE;
        }
    g_strfreev(options->tables);
    options->tables = g_steal_pointer(&tables);
    return TRUE;
}

static gboolean
take_span(gint64 *span_ns, const char *value, GError **error)
{
    if (!hv_duration_parse(value, span_ns, error))
        return FALSE;
    if (*span_ns > 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: more than nothing"), value);
    return FALSE;
}

static gboolean
take_size(guint64 *bytes, const char *value, GError **error)
{
    g_auto(HvValue) size = { 0 };

    if (!hv_value_parse(&size, HV_TYPE_SIZE, NULL, value, error))
        return FALSE;
    *bytes = size.number;
    if (*bytes > 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: more than nothing"), value);
    return FALSE;
}

/* "1h" and "500MiB" have no unit in common but for "m", which is minutes. */
static gboolean
take_rotate(HvOptions *options, const char *value, GError **error)
{
    if (hv_duration_parse(value, &options->rotate_ns, NULL) && options->rotate_ns > 0)
        return TRUE;
    if (take_size(&options->rotate_bytes, value, NULL))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                _("%s: neither a size as 500MiB nor a duration as 1h"), value);
    return FALSE;
}

gboolean
hv_options_take_log(HvOptions *options, HvOption option, const char *value, gboolean *is_known,
                    GError **error)
{
    *is_known = TRUE;
    if (option == HV_OPTION_FROM)
        return take_text(&options->from, value, error);
    if (option == HV_OPTION_AT)
        return take_text(&options->at, value, error);
    if (option == HV_OPTION_LOG)
        return take_text(&options->log, value, error);
    if (option == HV_OPTION_OUTPUT)
        return take_text(&options->output, value, error);
    if (option == HV_OPTION_COPY)
        return take_text(&options->copy, value, error);
    if (option == HV_OPTION_FORMAT)
        return take_format(options, value, error);
    if (option == HV_OPTION_TABLES)
        return take_tables(options, value, error);
    if (option == HV_OPTION_DURATION)
        return take_span(&options->duration_ns, value, error);
    if (option == HV_OPTION_MAX_AGE)
        return take_span(&options->max_age_ns, value, error);
    if (option == HV_OPTION_MAX_SIZE)
        return take_size(&options->max_bytes, value, error);
    if (option == HV_OPTION_ROTATE)
        return take_rotate(options, value, error);
    *is_known = option == HV_OPTION_BURST;
    if (*is_known) {
        g_free(options->burst);
        options->burst = g_strdup(value);
    }
    return TRUE;
}
