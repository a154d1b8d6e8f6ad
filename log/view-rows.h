/* The operator's view as a row of `views`, and back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/rows.h"

/** hv_log_view_row: of the lines NAME=VALUE in @view; a line that is no such, or has control
 * characters or bytes that are no UTF-8, is left out. */
HvLogRow *hv_log_view_row(gint64 time_ns, const char *view);
/** hv_log_view_lines: the lines again, of a row from anybody: @statement's columns from @first
 * on are those of `views` after time_ns. Lines are checked as above. (transfer full) */
char *hv_log_view_lines(sqlite3_stmt *statement, int first);
