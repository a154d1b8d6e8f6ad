/* Single cells of a table by the column's name, for screens that show a few of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"
#include "tui/canvas.h"

/** hv_pick_f64, hv_pick_u64, hv_pick_text: FALSE or NULL where table, column, row (-1) or value is not there. Any thread, as below. */
gboolean hv_pick_f64(const HvTable *table, int row, const char *column, double *value);
gboolean hv_pick_u64(const HvTable *table, int row, const char *column, guint64 *value);
const char *hv_pick_text(const HvTable *table, int row, const char *column);
/** hv_pick_row: the row of @key in @table, or -1; a NULL table or key gives -1. */
int hv_pick_row(const HvTable *table, const char *key);
/** hv_pick_clock: "14:02:11" (local) from ns since 1970. (transfer full) */
char *hv_pick_clock(guint64 time_ns);

/* Pieces that are set side by side in one line as long as they fit. */
typedef struct {
    HvCanvas *canvas;
    int x, y, end;
} HvRun;
/** hv_run_add: appends @text, two blanks behind the last piece. FALSE, and nothing drawn, when it does not fit. */
gboolean hv_run_add(HvRun *run, HvRole role, const char *text);
gboolean hv_run_addf(HvRun *run, HvRole role, const char *format, ...) G_GNUC_PRINTF(3, 4);
