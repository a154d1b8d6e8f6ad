/* The recorded tables' schemas as a log itself describes them: rows of `schemas`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/schema-text.h"

#include "log/file.h"
#include "model/error.h"
#include "model/i18n.h"

#include <string.h>

#define MAX_COLUMNS 512
#define MAX_NAME 64

static const char *const kinds[] = {
    [HV_KIND_KEY] = "key", [HV_KIND_ID] = "id",     [HV_KIND_TEXT] = "text",
    [HV_KIND_SET] = "set", [HV_KIND_BOOL] = "bool", [HV_KIND_COUNTER] = "counter",
    [HV_KIND_U64] = "u64", [HV_KIND_F64] = "f64",   [HV_KIND_RATE] = "rate",
};
static const char *const units[] = {
    [HV_UNIT_NONE] = "none", [HV_UNIT_BYTES] = "bytes", [HV_UNIT_BYTES_PER_S] = "bytes_per_s",
    [HV_UNIT_NS] = "ns",     [HV_UNIT_US] = "us",       [HV_UNIT_MS] = "ms",
    [HV_UNIT_S] = "s",       [HV_UNIT_RATIO] = "ratio", [HV_UNIT_PCT] = "pct",
    [HV_UNIT_HZ] = "hz",     [HV_UNIT_COUNT] = "count", [HV_UNIT_PER_S] = "per_s",
};

void
hv_log_schema_free(HvFrameSchema *schema)
{
    if (!schema)
        return;
    for (guint i = 0; i < schema->n_columns; i++)
        g_free(schema->columns[i].name);
    g_free(schema->columns);
    g_free(schema->name);
    g_free(schema);
}

char *
hv_log_schema_text(const HvFrameSchema *schema)
{
    GString *text = g_string_new("[");

    for (guint i = 0; i < schema->n_columns; i++) {
        g_string_append_printf(text, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"unit\":\"%s\"",
                               i ? "," : "", schema->columns[i].name,
                               kinds[schema->columns[i].kind], units[schema->columns[i].unit]);
        if (schema->columns[i].kind == HV_KIND_RATE)
            g_string_append_printf(text, ",\"of\":%u,\"at\":%u", schema->columns[i].of,
                                   schema->columns[i].at);
        g_string_append_c(text, '}');
    }
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

/* ---- parsing ---- */

/* Goes past @expected. */
static gboolean
pass(const char **at, const char *expected)
{
    const gsize n = strlen(expected);

    if (strncmp(*at, expected, n) != 0)
        return FALSE;
    *at += n;
    return TRUE;
}

/* A name of ours: small letters, digits, underlines. */
static gboolean
pass_name(const char **at, char name[MAX_NAME + 1])
{
    gsize n = 0;

    while (g_ascii_islower(**at) || g_ascii_isdigit(**at) || **at == '_') {
        if (n == MAX_NAME)
            return FALSE;
        name[n++] = *(*at)++;
    }
    name[n] = '\0';
    return n > 0;
}

static gboolean
pass_number(const char **at, guint *number)
{
    const char *begin = *at;

    for (*number = 0; g_ascii_isdigit(**at) && *number < MAX_COLUMNS; (*at)++)
        *number = *number * 10 + (guint)(**at - '0');
    return *at > begin && *number < MAX_COLUMNS;
}

static gboolean
find_word(const char *const *words, guint n, const char *word, guint *index)
{
    for (*index = 0; *index < n; (*index)++) {
        if (g_str_equal(words[*index], word))
            return TRUE;
    }
    return FALSE;
}

static gboolean
parse_column(const char **at, HvFrameSchema *schema)
{
    char name[MAX_NAME + 1];
    char kind[MAX_NAME + 1];
    char unit[MAX_NAME + 1];
    guint kind_index;
    guint unit_index;
    guint of = 0;
    guint instant = 0;

    if (!pass(at, "{\"name\":\"") || !pass_name(at, name) || !pass(at, "\",\"kind\":\"") ||
        !pass_name(at, kind) || !pass(at, "\",\"unit\":\"") || !pass_name(at, unit) ||
        !pass(at, "\"") || !find_word(kinds, G_N_ELEMENTS(kinds), kind, &kind_index) ||
        !find_word(units, G_N_ELEMENTS(units), unit, &unit_index))
        return FALSE;
    if (kind_index == HV_KIND_RATE && (!pass(at, ",\"of\":") || !pass_number(at, &of) ||
                                       !pass(at, ",\"at\":") || !pass_number(at, &instant)))
        return FALSE;
    if (!pass(at, "}"))
        return FALSE;
    schema->columns[schema->n_columns].name = g_strdup(name);
    schema->columns[schema->n_columns].kind = (HvKind)kind_index;
    schema->columns[schema->n_columns].unit = (HvUnit)unit_index;
    schema->columns[schema->n_columns].of = of;
    schema->columns[schema->n_columns].at = instant;
    schema->n_columns++;
    return TRUE;
}

static gboolean
parse_columns(const char *at, HvFrameSchema *schema)
{
    if (!pass(&at, "["))
        return FALSE;
    do {
        if (schema->n_columns == MAX_COLUMNS || !parse_column(&at, schema))
            return FALSE;
    } while (pass(&at, ","));
    return pass(&at, "]") && !*at;
}

/* What rates are of must be there; keys come first. */
static gboolean
is_sound(const HvFrameSchema *schema)
{
    gboolean is_key = TRUE;

    for (guint i = 0; i < schema->n_columns; i++) {
        if (hv_kind_is_key(schema->columns[i].kind) && !is_key)
            return FALSE;
        is_key = hv_kind_is_key(schema->columns[i].kind);
        if (schema->columns[i].kind == HV_KIND_RATE &&
            (schema->columns[i].of >= schema->n_columns ||
             schema->columns[schema->columns[i].of].kind != HV_KIND_COUNTER ||
             schema->columns[i].at >= schema->n_columns))
            return FALSE;
    }
    return TRUE;
}

HvFrameSchema *
hv_log_schema_parse(const char *name, const char *text, GError **error)
{
    g_autoptr(HvFrameSchema) schema = g_new0(HvFrameSchema, 1);
    char own[MAX_NAME + 1];
    const char *at = name;

    schema->columns = g_malloc0(MAX_COLUMNS * sizeof schema->columns[0]);
    if (!pass_name(&at, own) || *at || !parse_columns(text, schema) || !is_sound(schema)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("the log describes a table that cannot be understood"));
        return NULL;
    }
    schema->name = g_strdup(own);
    schema->columns =
        g_realloc_n(schema->columns, schema->n_columns, sizeof schema->columns[0]);
    return g_steal_pointer(&schema);
}

/* ---- rows ---- */

static gboolean
fail(GError **error, sqlite3 *db, const char *path, const char *doing)
{
    hv_log_error(error, db, path, doing);
    return FALSE;
}

static gboolean
read_rows(sqlite3_stmt *statement, GPtrArray *schemas, GError **error)
{
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 1);
        const char *columns = (const char *)sqlite3_column_text(statement, 2);
        HvFrameSchema *schema;

        if (sqlite3_column_int64(statement, 0) != (gint64)schemas->len ||
            schemas->len == HV_SNAPSHOT_MAX_TABLES) {
            g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("the log's tables are not numbered from 0"));
            return FALSE;
        }
        schema = hv_log_schema_parse(name ? name : "", columns ? columns : "", error);
        if (!schema)
            return FALSE;
        g_ptr_array_add(schemas, schema);
    }
    return TRUE;
}

GPtrArray *
hv_log_schemas_read(sqlite3 *db, const char *path, GError **error)
{
    g_autoptr(GPtrArray) schemas =
        g_ptr_array_new_with_free_func((GDestroyNotify)hv_log_schema_free);
    sqlite3_stmt *statement = NULL;
    gboolean good;

    if (sqlite3_prepare_v2(db, "SELECT number, name, columns FROM schemas ORDER BY number", -1,
                           &statement, NULL) != SQLITE_OK) {
        fail(error, db, path, _("cannot be read as a log"));
        return NULL;
    }
    good = read_rows(statement, schemas, error);
    if (!good)
        g_prefix_error(error, "%s: ", path);
    if (sqlite3_finalize(statement) != SQLITE_OK && good)
        good = fail(error, db, path, _("cannot be read as a log"));
    return good ? g_steal_pointer(&schemas) : NULL;
}
