/* Rows on their way into a log: kept until they are committed, whatever the disk does. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sqlite3.h>

#include "model/snapshot.h"

typedef enum {
    HV_LOG_ROW_META,
    HV_LOG_ROW_FRAME,
    HV_LOG_ROW_TOPOLOGY, /* has no values but the number, and the topology */
    HV_LOG_ROW_SUM,
    HV_LOG_ROW_CHANGE,
    HV_LOG_ROW_EFFECT,
    HV_LOG_ROW_FINDING,
    HV_LOG_ROW_FINDING_END,
    HV_LOG_ROW_NOTE,
    HV_LOG_ROW_GAP,
    HV_LOG_ROW_VIEW,
    HV_LOG_ROW_KNOB,
    HV_LOG_N_ROW_KINDS
} HvLogRowKind;

#define HV_LOG_MAX_VALUES 24 /* of a row */

/* One cell: SQLITE_NULL, _INTEGER, _FLOAT, _TEXT or _BLOB. */
typedef struct {
    int type;
    gint64 number;
    double real;
    char *text;   /* owned */
    GBytes *blob; /* owned */
} HvLogValue;

typedef struct {
    HvLogRowKind kind;
    guint n_values;
    HvLogValue values[HV_LOG_MAX_VALUES];
    gint64 time_ns; /* of FRAME and TOPOLOGY */
    HvTopology *topology;
} HvLogRow;

/** hv_log_row_new: without values; the adders append them in the order of the table's columns.
 * A text is made valid UTF-8 and cut at HV_LOG_MAX_TEXT_BYTES; NULL is no value. */
HvLogRow *hv_log_row_new(HvLogRowKind kind);
void hv_log_row_free(HvLogRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvLogRow, hv_log_row_free)
void hv_log_row_add_number(HvLogRow *row, gint64 number);
void hv_log_row_add_real(HvLogRow *row, double real);
void hv_log_row_add_text(HvLogRow *row, const char *text);
void hv_log_row_add_blob(HvLogRow *row, const void *bytes, gsize n_bytes);
/** hv_log_row_add_cell: the cell as it is; no value where it has none. */
void hv_log_row_add_cell(HvLogRow *row, const HvTable *table, guint at, int column);
/** hv_log_row_n_bytes: what it needs in memory, about. */
gsize hv_log_row_n_bytes(const HvLogRow *row);
/** hv_log_row_hash: of its values, to tell whether they are those of before. */
guint64 hv_log_row_hash(const HvLogRow *row);

/** hv_log_row_sql: the statement that a row of @kind is put with; NULL of TOPOLOGY. */
const char *hv_log_row_sql(HvLogRowKind kind);
/** hv_log_row_put: runs @statement, of that kind, with the values; a SQLite result code. */
int hv_log_row_put(const HvLogRow *row, sqlite3_stmt *statement);
