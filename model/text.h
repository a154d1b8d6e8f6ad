/* Text that came from outside made safe to show, and numbers made short for people. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

/** hv_text_printable: a copy in valid UTF-8 without control, bidi-override or unassigned characters: each such byte or
 * character becomes "\\xNN" or "\\u{…}"; at most @max_chars characters, cut with "…". Caller owns it. Any thread, as below. */
char *hv_text_printable(const char *bytes, gsize max_chars);
/** hv_text_is_printable: TRUE when hv_text_printable() would change nothing. */
gboolean hv_text_is_printable(const char *bytes);
/** hv_text_bytes: "3.2M", "412G" (binary, at most 5 columns) into @out. */
void hv_text_bytes(char *out, gsize size, double bytes);
/** hv_text_number: "212k", "1.2M" (decimal, at most 5 columns). */
void hv_text_number(char *out, gsize size, double number);
/** hv_text_duration: "12 s", "3 min", "2 h 10", "4 d" from ns. */
void hv_text_duration(char *out, gsize size, gint64 ns);
/** hv_text_cell: one table cell for people, as long as @size allows: number by its unit, "–" for absent ("-" in ASCII),
 * "denied" or "den", "failed", "?"; in front ≈ for estimated, ~ for scaled (both "~" in ASCII). Into @out. */
void hv_text_cell(char *out, gsize size, const HvTable *table, guint row, int column, gboolean ascii);
