/* Reading numbers, words and lines out of the kernel's text, in place and with limits. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/set.h"

/** hv_next_line: the next line of *@text (NUL in place of its newline), moving *@text behind
 * it; NULL at the end. */
char *hv_next_line(char **text);
/** hv_next_word: the next word (blanks and tabs between), NUL-terminated in place; NULL at the
 * end. */
char *hv_next_word(char **text);
/** hv_skip_blanks: the first byte that is not a blank or tab. */
char *hv_skip_blanks(char *text);
/** hv_parse_u64: a whole decimal number at most @max, no sign, nothing trailing. MALFORMED
 * names it. */
gboolean hv_parse_u64(const char *text, guint64 max, guint64 *value, GError **error);
/** hv_parse_int: the same with sign. */
gboolean hv_parse_int(const char *text, gint64 min, gint64 max, gint64 *value, GError **error);
/** hv_parse_hex: hex without or with 0x. */
gboolean hv_parse_hex(const char *text, guint64 max, guint64 *value, GError **error);
/** hv_scan_u64: leading decimal digits at *@text, moved behind them; FALSE without any or on
 * overflow. Hot path. */
gboolean hv_scan_u64(char **text, guint64 *value);
/** hv_field_u64: the number behind "@name=" in @line; MALFORMED without it. @line is not
 * changed. */
gboolean hv_field_u64(const char *line, const char *name, guint64 max, guint64 *value,
                      GError **error);
/** hv_colon_u64: for texts of "name: number unit" lines (status, meminfo): the number, times
 * 1024 behind "kB". ABSENT without such a line. @text is not changed. */
gboolean hv_colon_u64(const char *text, const char *name, guint64 *value, GError **error);
/** hv_key_u64: for texts of "name number" lines (cpu.stat, memory.stat, vmstat). ABSENT without
 * it. */
gboolean hv_key_u64(const char *text, const char *name, guint64 *value, GError **error);
/** hv_chomp: removes trailing newline and blanks in place, returns @text. */
char *hv_chomp(char *text);
