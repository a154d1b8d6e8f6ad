/* Tables as one JSON object, in the shape that others rely on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

/** hv_json_append_string: @bytes as a JSON string that is safe on a terminal: what cannot be
 * shown comes as \uXXXX, bytes that are not UTF-8 as the text "\xNN". */
void hv_json_append_string(GString *out, const char *bytes);
/** hv_json_append_double: the shortest digits that read back as @value; "null" for what is no
 * number. */
void hv_json_append_double(GString *out, double value);
/* A reason beside those of the tables. A list ends with a NULL table. */
typedef struct {
    const char *table;
    const char *why;
} HvJsonReason;

/** hv_json_tables: {"hvtune": …, "time_ns": …, "tables": {…}, "reasons": […]} and a newline.
 * @tables: NULL entries are skipped.
 * @more: reasons of tables that are not among them, or NULL. */
void hv_json_tables(GString *out, const char *version, gint64 time_ns, HvTable *const *tables,
                    guint n_tables, const HvJsonReason *more);
