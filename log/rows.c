/* Rows on their way into a log: kept until they are committed, whatever the disk does. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/rows.h"

#include "log/file-schema.h"

#include <string.h>

static const char *const statements[HV_LOG_N_ROW_KINDS] = {
    [HV_LOG_ROW_META] = "INSERT OR REPLACE INTO meta VALUES(?, ?)",
    [HV_LOG_ROW_FRAME] = "INSERT INTO frames VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
    [HV_LOG_ROW_SUM] =
        "INSERT OR REPLACE INTO vm_sums VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [HV_LOG_ROW_CHANGE] = "INSERT OR REPLACE INTO changes VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                          "?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [HV_LOG_ROW_EFFECT] = "INSERT OR REPLACE INTO effects VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                          "?, ?, ?, ?, ?)",
    [HV_LOG_ROW_FINDING] =
        "INSERT OR REPLACE INTO findings VALUES(?, ?, NULL, ?, ?, ?, ?, ?, ?, ?)",
    [HV_LOG_ROW_FINDING_END] = "UPDATE findings SET ended_ns = ?2 WHERE id = ?1",
    [HV_LOG_ROW_NOTE] = "INSERT INTO notes(time_ns, vm, text) VALUES(?, ?, ?)",
    [HV_LOG_ROW_GAP] = "INSERT OR REPLACE INTO gaps VALUES(?, ?, ?, ?)",
    [HV_LOG_ROW_VIEW] = "INSERT INTO views VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                        "?)",
    [HV_LOG_ROW_KNOB] = "INSERT OR REPLACE INTO knobs VALUES(?, ?, ?, ?)",
};

HvLogRow *
hv_log_row_new(HvLogRowKind kind)
{
    HvLogRow *row = g_new0(HvLogRow, 1);

    row->kind = kind;
    return row;
}

void
hv_log_row_free(HvLogRow *row)
{
    if (!row)
        return;
    for (guint i = 0; i < row->n_values; i++) {
        g_free(row->values[i].text);
        g_bytes_unref(row->values[i].blob);
    }
    hv_topology_unref(row->topology);
    g_free(row);
}

static HvLogValue *
add(HvLogRow *row, int type)
{
    HvLogValue *value = &row->values[row->n_values];

    g_assert(row->n_values < HV_LOG_MAX_VALUES);
    row->n_values++;
    value->type = type;
    return value;
}

void
hv_log_row_add_number(HvLogRow *row, gint64 number)
{
    add(row, SQLITE_INTEGER)->number = number;
}

void
hv_log_row_add_real(HvLogRow *row, double real)
{
    add(row, SQLITE_FLOAT)->real = real;
}

/* At most @most bytes of @text, whole characters. */
static char *
bounded(const char *text, gsize most)
{
    const gsize n = strlen(text);

    if (n <= most && g_utf8_validate(text, (gssize)n, NULL))
        return g_strdup(text);
    while (n > most && most > 0 && ((guchar)text[most] & 0xc0) == 0x80)
        most--;
    return g_utf8_make_valid(text, (gssize)MIN(n, most));
}

void
hv_log_row_add_text(HvLogRow *row, const char *text)
{
    HvLogValue *value = add(row, text ? SQLITE_TEXT : SQLITE_NULL);

    value->text = text ? bounded(text, HV_LOG_MAX_TEXT_BYTES) : NULL;
}

void
hv_log_row_add_blob(HvLogRow *row, const void *bytes, gsize n_bytes)
{
    add(row, SQLITE_BLOB)->blob = g_bytes_new(bytes, n_bytes);
}

void
hv_log_row_add_cell(HvLogRow *row, const HvTable *table, guint at, int column)
{
    const char *text = column < 0 ? NULL : hv_table_text(table, at, column);
    guint64 number;
    double real;

    if (text)
        hv_log_row_add_text(row, text);
    else if (column >= 0 && hv_table_u64(table, at, column, &number))
        hv_log_row_add_number(row, (gint64)MIN(number, (guint64)G_MAXINT64));
    else if (column >= 0 && hv_table_f64(table, at, column, &real))
        hv_log_row_add_real(row, real);
    else
        add(row, SQLITE_NULL);
}

gsize
hv_log_row_n_bytes(const HvLogRow *row)
{
    gsize n = sizeof *row;

    for (guint i = 0; i < row->n_values; i++) {
        if (row->values[i].text)
            n += strlen(row->values[i].text);
        if (row->values[i].blob)
            n += g_bytes_get_size(row->values[i].blob);
    }
    return n;
}

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static guint64
mix(guint64 hash, const void *bytes, gsize n_bytes)
{
    const guint8 *byte = bytes;

    for (gsize i = 0; i < n_bytes; i++)
        hash = (hash ^ byte[i]) * G_GUINT64_CONSTANT(0x100000001b3);
    return hash;
}

guint64
hv_log_row_hash(const HvLogRow *row)
{
    guint64 hash = G_GUINT64_CONSTANT(0xcbf29ce484222325);

    for (guint i = 0; i < row->n_values; i++) {
        const HvLogValue *value = &row->values[i];

        hash = mix(hash, &value->type, sizeof value->type);
        if (value->type == SQLITE_INTEGER)
            hash = mix(hash, &value->number, sizeof value->number);
        else if (value->type == SQLITE_FLOAT)
            hash = mix(hash, &value->real, sizeof value->real);
        else if (value->type == SQLITE_TEXT)
            hash = mix(hash, value->text, strlen(value->text) + 1);
    }
    return hash;
}

const char *
hv_log_row_sql(HvLogRowKind kind)
{
    return statements[kind];
}

static int
bind(sqlite3_stmt *statement, int at, const HvLogValue *value)
{
    switch (value->type) {
    case SQLITE_INTEGER:
        return sqlite3_bind_int64(statement, at, value->number);
    case SQLITE_FLOAT:
        return sqlite3_bind_double(statement, at, value->real);
    case SQLITE_TEXT:
        return sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
    case SQLITE_BLOB: {
        gsize size;
        const void *bytes = g_bytes_get_data(value->blob, &size);

        return sqlite3_bind_blob64(statement, at, bytes ? bytes : "", size, SQLITE_STATIC);
    }
    default:
        return sqlite3_bind_null(statement, at);
    }
}

int
hv_log_row_put(const HvLogRow *row, sqlite3_stmt *statement)
{
    int code = SQLITE_OK;

    for (guint i = 0; i < row->n_values && code == SQLITE_OK; i++)
        code = bind(statement, (int)i + 1, &row->values[i]);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}
